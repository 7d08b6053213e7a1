//! `ScheduleService`: what planners call.

mod covered;
mod import;
mod upload;

use std::sync::Arc;

use tonic::{Request, Response, Status, Streaming};

use self::import::Wanted;
pub use self::upload::upload;
use super::{
    convert,
    desk::{Desk, within},
    status::Problem,
};
use crate::{
    calendar::zone::Zone,
    clock,
    engine::{
        command::Command,
        ids::{AgentId, WallTime},
        plan::{PlannedShift, Shifts},
        rejection::Rejection,
    },
    pool::{Pool, PoolError},
    proto::v1::{self, schedule_service_server::ScheduleService},
    schedule::{Limits, Scan},
};

/// The service.
pub struct Schedules {
    desk: Desk,
}

impl Schedules {
    /// At this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl ScheduleService for Schedules {
    async fn import_schedule(
        &self,
        request: Request<Streaming<v1::ImportScheduleRequest>>,
    ) -> Result<Response<v1::ImportScheduleResponse>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        let mut parts = request.into_inner();
        let first = parts.message().await?.and_then(|first| first.part);
        let wanted = wanted(first)?;
        let mut scan = Scan::new(Limits::default());
        let mut bytes = Vec::new();
        while let Some(message) = parts.message().await? {
            let Some(v1::import_schedule_request::Part::Chunk(chunk)) = message.part else {
                return Err(convert::fault("part", "is no chunk; options come once").into());
            };
            if let Err(refused) = scan.push(&chunk) {
                return Err(too_large(&refused).into());
            }
            bytes.extend_from_slice(&chunk);
        }
        if let Err(refused) = scan.end() {
            return Err(too_large(&refused).into());
        }
        let response = import::take(&pool, wanted, bytes, clock::wall()).await?;
        Ok(Response::new(response))
    }

    async fn list_shifts(
        &self,
        request: Request<v1::ListShiftsRequest>,
    ) -> Result<Response<v1::ListShiftsResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let agent = convert::agent_id(&request.get_ref().agent_id)?;
            let (version, shifts) = of_agent(&pool, agent).await?;
            Ok(v1::ListShiftsResponse {
                shifts: convert::schedule::shifts(&shifts),
                version: convert::schedule::wire_version(version),
            })
        })
        .await
    }

    async fn update_shift(
        &self,
        request: Request<v1::UpdateShiftRequest>,
    ) -> Result<Response<v1::UpdateShiftResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let request = request.into_inner();
            let start = time("start_time", request.start_time)?;
            let new_start = time("new_start_time", request.new_start_time)?;
            let new_end = time("new_end_time", request.new_end_time)?;
            let by = Planner::of(&request.agent_id, request.version, &request.planner)?;
            let version = by.revise(&pool, "shift changed", move |shifts| {
                let place = place_of(shifts, start)?;
                shifts[place].start = new_start;
                shifts[place].end = new_end;
                shifts[place]
                    .segments
                    .retain(|part| new_start <= part.start && part.end <= new_end);
                shifts.sort_unstable();
                Ok(())
            });
            let version = version.await?;
            Ok(v1::UpdateShiftResponse { version })
        })
        .await
    }

    async fn cancel_shift(
        &self,
        request: Request<v1::CancelShiftRequest>,
    ) -> Result<Response<v1::CancelShiftResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let request = request.into_inner();
            let start = time("start_time", request.start_time)?;
            let by = Planner::of(&request.agent_id, request.version, &request.planner)?;
            let version = by.revise(&pool, "shift cancelled", move |shifts| {
                let place = place_of(shifts, start)?;
                shifts.remove(place);
                Ok(())
            });
            let version = version.await?;
            Ok(v1::CancelShiftResponse { version })
        })
        .await
    }

    async fn record_absence(
        &self,
        request: Request<v1::RecordAbsenceRequest>,
    ) -> Result<Response<v1::RecordAbsenceResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let request = request.into_inner();
            let start = time("start_time", request.start_time)?;
            let end = time("end_time", request.end_time)?;
            if end <= start {
                return Err(convert::fault("end_time", "is not after `start_time`"));
            }
            let by = Planner::of(&request.agent_id, request.version, &request.planner)?;
            let version = by.revise(&pool, "absence", move |shifts| {
                *shifts = shifts
                    .iter()
                    .flat_map(|shift| without(shift, start, end))
                    .collect();
                Ok(())
            });
            let version = version.await?;
            Ok(v1::RecordAbsenceResponse { version })
        })
        .await
    }

    async fn revert_schedule(
        &self,
        request: Request<v1::RevertScheduleRequest>,
    ) -> Result<Response<v1::RevertScheduleResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let request = request.into_inner();
            let to = number("to_version", request.to_version)?;
            let command = Command::RestoreSchedule {
                version: to,
                base: number("version", request.version)?,
                planner: request.planner.into(),
            };
            pool.submit(command).await?;
            let version = convert::schedule::wire_version(to);
            Ok(v1::RevertScheduleResponse { version })
        })
        .await
    }

    async fn explain_labour(
        &self,
        request: Request<v1::ExplainLabourRequest>,
    ) -> Result<Response<v1::ExplainLabourResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let request = request.into_inner();
            let agent = convert::agent_id(&request.agent_id)?;
            let now = clock::wall();
            let at = match request.at {
                Some(_) => time("at", request.at)?,
                None => now,
            };
            let told = pool.read(move |engine| engine.labour_outlook(&agent, at, now));
            let told = told.await?.map_err(PoolError::Rejected)?;
            Ok(convert::schedule::labour(at, &told))
        })
        .await
    }

    async fn list_versions(
        &self,
        request: Request<v1::ListVersionsRequest>,
    ) -> Result<Response<v1::ListVersionsResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let schedule = pool.read(|engine| engine.schedule().clone()).await?;
            let versions = schedule.kept.iter().rev();
            Ok(v1::ListVersionsResponse {
                version: convert::schedule::wire_version(schedule.current),
                versions: versions.map(convert::schedule::version).collect(),
            })
        })
        .await
    }
}

fn wanted(first: Option<v1::import_schedule_request::Part>) -> Result<Wanted, Problem> {
    let Some(v1::import_schedule_request::Part::Options(options)) = first else {
        return Err(convert::fault(
            "options",
            "are missing; the first message has them",
        ));
    };
    let mut faults = convert::Faults::default();
    faults.id("options.file", &options.file);
    faults.id("options.planner", &options.planner);
    let zone = Zone::named(&options.zone).unwrap_or_else(|unknown| {
        faults.add("options.zone", unknown.to_string());
        Zone::utc()
    });
    let mode = v1::ImportMode::try_from(options.mode);
    if mode.is_err() {
        let problem = format!("is {}; give a value of `ImportMode`", options.mode);
        faults.add("options.mode", problem);
    }
    let version = options
        .version
        .map(|version| u64::try_from(version).unwrap_or(u64::MAX));
    faults.finish(Wanted {
        file: options.file,
        zone,
        replaces: mode == Ok(v1::ImportMode::Replace),
        validate_only: options.validate_only,
        version,
        planner: options.planner.into(),
        override_reason: options.override_reason,
        agent: (!options.agent_id.is_empty()).then_some(options.agent_id),
    })
}

fn too_large(refused: &crate::schedule::Refused) -> Problem {
    convert::fault("chunk", refused.to_string())
}

fn number(field: &str, version: i64) -> Result<u64, Problem> {
    let problem = || convert::fault(field, format!("is {version}; give 0 or more"));
    u64::try_from(version).map_err(|_negative| problem())
}

fn time(field: &str, time: Option<prost_types::Timestamp>) -> Result<WallTime, Problem> {
    let time = time.ok_or_else(|| convert::fault(field, "is missing; give a time"))?;
    let ms = time.seconds.checked_mul(1_000);
    let ms = ms.map(|ms| ms + i64::from(time.nanos / 1_000_000));
    ms.map(WallTime)
        .ok_or_else(|| convert::fault(field, "is no time of this age"))
}

async fn of_agent(pool: &Pool, agent: AgentId) -> Result<(u64, Shifts), Problem> {
    let read = pool.read(move |engine| {
        let shifts = engine.shifts(&agent)?;
        Ok::<_, Rejection>((
            engine.schedule().current,
            shifts.cloned().unwrap_or_default(),
        ))
    });
    Ok(read.await?.map_err(PoolError::Rejected)?)
}

/// Who changes the shifts of whom, and upon which version.
struct Planner {
    agent: AgentId,
    base: u64,
    name: Arc<str>,
}

impl Planner {
    fn of(agent: &str, version: i64, planner: &str) -> Result<Self, Problem> {
        Ok(Self {
            agent: convert::agent_id(agent)?,
            base: number("version", version)?,
            name: planner.into(),
        })
    }

    /// Changes the agent's shifts, and answers the version that holds then.
    async fn revise(
        self,
        pool: &Pool,
        title: &str,
        change: impl FnOnce(&mut Vec<PlannedShift>) -> Result<(), Problem>,
    ) -> Result<i64, Problem> {
        let (_, shifts) = of_agent(pool, self.agent.clone()).await?;
        let mut shifts = shifts.to_vec();
        change(&mut shifts)?;
        let command = Command::ReviseShifts {
            base: self.base,
            agent: self.agent,
            shifts: shifts.into(),
            planner: self.name,
            title: title.into(),
        };
        pool.submit(command).await?;
        let version = pool.read(|engine| engine.schedule().current).await?;
        Ok(convert::schedule::wire_version(version))
    }
}

fn place_of(shifts: &[PlannedShift], start: WallTime) -> Result<usize, Problem> {
    let place = shifts.iter().position(|shift| shift.start == start);
    place.ok_or_else(|| {
        let begins = shifts.iter().map(|shift| clock_words(shift.start));
        let begins: Vec<String> = begins.take(10).collect();
        let right = format!(
            "is the beginning of no shift; they begin at {}",
            begins.join(", ")
        );
        convert::fault("start_time", right)
    })
}

fn clock_words(at: WallTime) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0);
    at.map_or_else(|_| String::new(), |at| at.to_string())
}

/// What is left of a shift without the time between two moments.
fn without(shift: &PlannedShift, start: WallTime, end: WallTime) -> Vec<PlannedShift> {
    let cut = |from: WallTime, to: WallTime| {
        let mut part = shift.clone();
        (part.start, part.end) = (from, to);
        part.segments
            .retain(|segment| segment.start < to && from < segment.end);
        for segment in &mut part.segments {
            segment.start = segment.start.max(from);
            segment.end = segment.end.min(to);
        }
        (from < to).then_some(part)
    };
    if shift.end <= start || end <= shift.start {
        return vec![shift.clone()];
    }
    let before = cut(shift.start, start.max(shift.start));
    let after = cut(end.min(shift.end), shift.end);
    before.into_iter().chain(after).collect()
}
