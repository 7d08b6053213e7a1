//! One export of detail records: page by page off the routing path, as fast as the client reads.

use tokio_util::sync::CancellationToken;

use super::{
    convert::records::Filter,
    status::Problem,
    streams::{End, Out},
};
use crate::{
    pool::{Outage, PoolError, details::Details},
    proto::v1,
};

/// Sends what is asked for until all is sent, the client is gone, or the server's end has begun.
pub(super) async fn export(
    details: Details,
    filter: Filter,
    out: Out<v1::ExportCallRecordsResponse>,
    stopping: CancellationToken,
) {
    let end = tokio::select! {
        end = send(&details, &filter, &out) => end,
        () = out.gone() => End::Lost,
        () = stopping.cancelled() => {
            // Not finished: a client must not take a part for the whole.
            let problem = Problem::Pool(PoolError::Unavailable(Outage::Stopping));
            End::Failed(problem)
        }
    };
    out.end(end);
}

async fn send(details: &Details, filter: &Filter, out: &Out<v1::ExportCallRecordsResponse>) -> End {
    let mut next = Some(Details::at(filter.from));
    while let Some(from) = next {
        let page = match details.page(from, filter.to).await {
            Ok(page) => page,
            Err(problem) => return End::Failed(problem.into()),
        };
        next = page.next;
        let records: Vec<_> = page
            .records
            .iter()
            .filter_map(|record| filter.pass(record))
            .collect();
        if records.is_empty() {
            continue;
        }
        if let Err(why) = out
            .send_at_leisure(v1::ExportCallRecordsResponse { records })
            .await
        {
            return why.into();
        }
    }
    End::Finished
}
