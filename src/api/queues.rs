//! What supervisors see of queues: after an order, and in lists.

use super::{convert, paging, status::Problem};
use crate::{
    engine::ids::QueueId,
    pool::{Pool, change::After, rows::QueueRow},
    proto::v1,
};

/// The queue as it is right after a supervisor's order.
pub(super) fn status(after: &After<'_>, queue: &str) -> Option<v1::QueueStatus> {
    let row = after.queue(&QueueId::new(queue));
    row.map(|row| convert::supervision::queue_status(&row, after.now()))
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
