//! How busy agents were in the last hour, while a queue asks for it.

const HOUR_MS: u64 = 3_600_000;
/// More spans than this in an hour count as this many, the oldest as one.
const SPANS_MAX: usize = 128;

/// When an agent was busy.
#[derive(Clone, Debug, Default)]
pub(super) struct BusyTimes {
    open: Option<u64>,
    spans: Vec<(u64, u64)>,
    /// Busy ms of the hour before the agent became idle.
    pub(super) fixed: u64,
}

impl BusyTimes {
    /// The agent became busy; `is_kept` says whether a queue asks for it.
    pub(super) fn begin(&mut self, is_kept: bool, now: u64) {
        if is_kept {
            self.open = Some(now);
        }
    }

    /// The agent's idle clock started.
    pub(super) fn fix(&mut self, is_kept: bool, now: u64) {
        if !is_kept && self.open.is_none() {
            return;
        }
        self.spans
            .extend(self.open.take().map(|start| (start, now)));
        let from = now.saturating_sub(HOUR_MS);
        self.spans.retain(|(_, end)| *end > from);
        let inside = |(start, end): &(u64, u64)| end.saturating_sub(*start.max(&from));
        self.fixed = self.spans.iter().map(inside).sum();
        if self.spans.len() > SPANS_MAX {
            let (start, end) = self.spans.remove(0);
            self.spans[0].0 = self.spans[0].0.saturating_sub(end - start);
        }
    }
}
