//! The floor on site, which serves the calls that stay there, and the reports of its platform.

use jiff::Timestamp;

use crate::{cli::client::Clients, clock, proto::v1::ReportSiteLoadRequest};

/// Agents on site, and how long a call takes each, on average.
pub(super) const AGENTS: u32 = 8;
pub(super) const MEAN_HANDLE_S: f64 = 18.0;
/// Time between two reports.
pub(super) const REPORT_EVERY_S: f64 = 2.0;

/// Who is on the phone on site, and who waits there.
#[derive(Debug)]
pub(super) struct Floor {
    busy: u32,
    waiting: u32,
    /// How far the server's calendar is ahead of this machine's.
    ahead_ms: i64,
}

impl Floor {
    /// An empty floor, at this time of the server's calendar.
    pub(super) fn opened(opens: Timestamp) -> Self {
        Self {
            busy: 0,
            waiting: 0,
            ahead_ms: opens.as_millisecond() - clock::wall().0,
        }
    }

    /// A call that is not taken by remote agents; answers whether somebody on site takes it at once.
    pub(super) fn take(&mut self) -> bool {
        let is_free = self.busy < AGENTS;
        if is_free {
            self.busy += 1;
        } else {
            self.waiting += 1;
        }
        is_free
    }

    /// A conversation on site is over; answers whether the next caller is taken.
    pub(super) fn end(&mut self) -> bool {
        let goes_on = self.waiting > 0;
        if goes_on {
            self.waiting -= 1;
        } else {
            self.busy -= 1;
        }
        goes_on
    }

    /// Tells the service how many wait.
    pub(super) fn report(&self, clients: &Clients, queue: &str) {
        let second = (clock::wall().0 + self.ahead_ms).div_euclid(1_000);
        let request = ReportSiteLoadRequest {
            queue: queue.to_owned(),
            minute: Some(prost_types::Timestamp {
                seconds: second - second.rem_euclid(60),
                nanos: 0,
            }),
            waiting: i32::try_from(self.waiting).ok(),
            ..ReportSiteLoadRequest::default()
        };
        let clients = clients.clone();
        tokio::spawn(async move {
            // A report that is lost is made up for by the next.
            let _lost = clients.routing().report_site_load(request).await;
        });
    }
}
