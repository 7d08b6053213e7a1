//! `PlanningService`: what arrives, and what is expected to.

use tonic::{Request, Response, Status};

use super::{
    changes, convert,
    desk::{Desk, within},
    paging,
    status::Problem,
};
use crate::{
    clock,
    engine::{
        arrivals::INTERVAL_MS,
        event::Event,
        ids::{QueueId, WallTime},
        past::Past,
        rejection::Rejection,
    },
    pool::{Pool, change::After},
    proto::v1::{self, planning_service_server::PlanningService},
};

/// The service.
pub struct Planning {
    desk: Desk,
}

impl Planning {
    /// At this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl PlanningService for Planning {
    async fn import_volumes(
        &self,
        request: Request<v1::ImportVolumesRequest>,
    ) -> Result<Response<v1::ImportVolumesResponse>, Status> {
        within(self.desk.times.admin, async {
            let (metadata, _, mut request) = request.into_parts();
            let pool = self.desk.pool(&metadata)?;
            let once = changes::once(&metadata, &mut request)?;
            let (command, days) = convert::planning::import(&request)?;
            let answer = move |after: &After<'_>| imported(after.events(), days);
            changes::carry_out(&pool, once, command, answer).await
        })
        .await
    }

    async fn list_arrivals(
        &self,
        request: Request<v1::ListArrivalsRequest>,
    ) -> Result<Response<v1::ListArrivalsResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            list(&pool, request.get_ref()).await
        })
        .await
    }
}

/// What came of an import of so many days.
fn imported(events: &[Event], given: i32) -> v1::ImportVolumesResponse {
    let days = events.iter().find_map(|event| {
        let Event::VolumesImported { days, .. } = event else {
            return None;
        };
        i32::try_from(days.len()).ok()
    });
    let days = days.unwrap_or(0);
    v1::ImportVolumesResponse {
        days,
        days_too_old: given - days,
    }
}

/// What is known of a queue's arrivals.
async fn past(pool: &Pool, queue: &QueueId) -> Result<Past, Problem> {
    let id = queue.clone();
    let past = pool.read(move |engine| {
        let queues = engine.spec().into_iter().flat_map(|spec| &spec.queues);
        let known: Vec<String> = queues.map(|queue| format!("`{}`", queue.id)).collect();
        let past = engine.arrivals(&id);
        past.ok_or_else(|| (id, known.join(", ")))
    });
    let past = past.await?;
    past.map_err(|(queue, known)| Problem::from(Rejection::UnknownQueue { queue, known }))
}

async fn list(
    pool: &Pool,
    request: &v1::ListArrivalsRequest,
) -> Result<v1::ListArrivalsResponse, Problem> {
    let now = clock::wall();
    let asked = convert::planning::asked(request, now)?;
    let size = paging::size(request.page_size)?;
    let filter = format!("{}/{}", asked.queue, asked.step_ms);
    let after: Option<i64> = paging::place(&filter, &request.page_token)?;
    let from = after.map_or(asked.from.0, |after| after.saturating_add(asked.step_ms));
    let past = past(pool, &asked.queue).await?;
    let step = usize::try_from(asked.step_ms).unwrap_or(usize::MAX);
    let starts = (from..asked.until.0).step_by(step).take(size + 1);
    let row = |at: i64| {
        let at = WallTime(at);
        let counts = if asked.step_ms == INTERVAL_MS {
            past.interval(at, now)
        } else {
            past.minute(at, now)
        };
        convert::planning::interval(&past, at, counts, asked.step_ms)
    };
    let mut rows: Vec<(i64, v1::ArrivalInterval)> = starts.map(|at| (at, row(at))).collect();
    let next = paging::cut(&mut rows, size, |(at, _)| *at);
    Ok(v1::ListArrivalsResponse {
        intervals: rows.into_iter().map(|(_, row)| row).collect(),
        next_page_token: next.map_or_else(String::new, |place| paging::token(&filter, &place)),
    })
}
