//! What supervisors ask of queues: orders and lists.

use super::{convert, paging, status::Problem};
use crate::{
    engine::{command::Command, ids::QueueId},
    pool::{Outage, Pool, PoolError, rows::QueueRow},
    proto::v1,
};

/// Carries a supervisor's order out; answers the queue as it is then.
pub(super) async fn change(
    pool: &Pool,
    command: Command,
    queue: &QueueId,
) -> Result<v1::QueueStatus, Problem> {
    pool.submit(command).await?;
    let state = pool.view().read();
    let row = state.queue(queue);
    let status = row.map(|row| convert::supervision::queue_status(row, state.now()));
    // Somebody may have removed the queue in the meantime.
    status.ok_or(Problem::Pool(PoolError::Unavailable(Outage::Opening)))
}

pub(super) fn list(
    pool: &Pool,
    request: &v1::ListQueuesRequest,
) -> Result<v1::ListQueuesResponse, Problem> {
    let size = paging::size(request.page_size)?;
    let after: Option<String> = paging::place("", &request.page_token)?;
    let after = after.map(QueueId::new);
    let state = pool.view().read();
    let rows = state
        .queues()
        .filter(|row| after.as_ref().is_none_or(|id| row.queue.id > *id));
    let mut rows: Vec<&QueueRow> = rows.take(size + 1).collect();
    let next = paging::cut(&mut rows, size, |row| row.queue.id.to_string());
    let status = |row: &&QueueRow| convert::supervision::queue_status(row, state.now());
    Ok(v1::ListQueuesResponse {
        queues: rows.iter().map(status).collect(),
        next_page_token: next.map_or_else(String::new, |place| paging::token("", &place)),
    })
}
