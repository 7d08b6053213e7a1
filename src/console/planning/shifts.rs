//! The published shifts of one agent, and a change of one of them.

use askama::Template;
use axum::{
    Form,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use jiff::civil;
use prost_types::Timestamp;
use serde::Deserialize;
use tonic::Status;

use super::{answer, moment, unavailable, zone_of};
use crate::{
    calendar::zone::{Existence, Zone},
    console::{
        Console,
        frame::{Frame, path},
        services::{refusal, to},
        visitor::Visitor,
    },
    engine::ids::AgentId,
    pool::Pool,
    proto::v1,
};

/// How forms write a local time.
const FIELD: &str = "%Y-%m-%dT%H:%M";

struct Line {
    /// Its beginning, which names it: seconds since 1970.
    start: i64,
    from: String,
    to: String,
    /// The same as fields of a form take them.
    from_field: String,
    to_field: String,
    parts: String,
}

#[derive(Template)]
#[template(path = "console/pages/shifts.html")]
struct ShiftsPage<'a> {
    frame: Frame<'a>,
    pool: &'a str,
    agent: &'a str,
    problems: Vec<String>,
    done: Option<String>,
    zone: String,
    version: i64,
    lines: Vec<Line>,
}

/// The agent whose shifts are asked for.
#[derive(Deserialize)]
pub(super) struct Wanted {
    agent: String,
}

/// Leads to the shifts of an agent.
pub(super) async fn find(Path(pool): Path<String>, Query(wanted): Query<Wanted>) -> Redirect {
    let agent = path(wanted.agent.trim());
    Redirect::to(&format!("/pools/{}/schedule/agents/{agent}", path(&pool)))
}

/// Whether a change was just made.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: Option<String>,
}

/// The shifts of an agent.
pub(super) async fn show(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, agent)): Path<(String, String)>,
    Query(done): Query<Done>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    if known.view().read().agent(&AgentId::new(&agent)).is_none() {
        return console.missing(&visitor, "missing-agent");
    }
    listed(
        &console,
        &visitor,
        &known,
        &agent,
        (done.done.is_some(), Vec::new()),
    )
    .await
}

async fn listed(
    console: &Console,
    visitor: &Visitor,
    known: &Pool,
    agent: &str,
    (done, problems): (bool, Vec<String>),
) -> Response {
    let pool = known.id().to_string();
    let request = v1::ListShiftsRequest {
        agent_id: agent.to_owned(),
    };
    let mut service = console.services.schedules();
    let shifts = match service.list_shifts(to(&pool, request)).await {
        Ok(shifts) => shifts.into_inner(),
        Err(status) => return unavailable(&status),
    };
    let zone = zone_of(known);
    let w = visitor.words();
    let back = format!("/pools/{pool}/schedule/agents/{}", path(agent));
    let mut frame = Frame::new(visitor, w.name("shifts-title", agent), Some(&pool), &back);
    frame.here = "schedule";
    let refused = !problems.is_empty();
    let rendered = ShiftsPage {
        frame,
        pool: &pool,
        agent,
        problems,
        done: done.then(|| w.name("shifts-done", &shifts.version.to_string())),
        zone: zone.name().to_owned(),
        version: shifts.version,
        lines: shifts
            .shifts
            .iter()
            .map(|shift| line(shift, &zone))
            .collect(),
    };
    answer(rendered.render(), refused)
}

fn line(shift: &v1::Shift, zone: &Zone) -> Line {
    let start = shift.start_time.unwrap_or_default();
    let end = shift.end_time.unwrap_or_default();
    let parts = shift.segments.iter().map(|part| {
        let at = part.start_time.unwrap_or_default();
        let clock = moment(zone, at);
        let clock = clock.split(' ').next_back().unwrap_or_default();
        format!("{} {clock}", part.kind.replace('_', " "))
    });
    let parts: Vec<String> = parts.collect();
    Line {
        start: start.seconds,
        from: moment(zone, start),
        to: moment(zone, end),
        from_field: field(zone, start),
        to_field: field(zone, end),
        parts: parts.join(", "),
    }
}

fn field(zone: &Zone, at: Timestamp) -> String {
    moment(zone, at).replace(' ', "T")
}

/// A change as a form gives it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The beginning of the shift, seconds since 1970.
    start: i64,
    from: String,
    to: String,
    version: i64,
}

/// Changes the times of a shift, takes one away, or records an absence.
pub(super) async fn change(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, agent, change)): Path<(String, String, String)>,
    Form(asked): Form<Asked>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let order = Order {
        console: &console,
        pool: &pool,
        agent_id: agent.clone(),
        planner: visitor.name.clone(),
        asked: &asked,
    };
    let carried = match change.as_str() {
        "cancel" => order.cancel().await,
        "times" | "absence" => match span(&asked, &zone_of(&known)) {
            Ok(span) if change == "times" => order.set_times(span).await,
            Ok(span) => order.absence(span).await,
            Err(problems) => Err(problems),
        },
        _ => return console.missing(&visitor, "missing-page"),
    };
    match carried {
        Ok(()) => {
            let back = format!("/pools/{pool}/schedule/agents/{}?done=yes", path(&agent));
            Redirect::to(&back).into_response()
        }
        Err(problems) => listed(&console, &visitor, &known, &agent, (false, problems)).await,
    }
}

/// The times that a form names, or what is wrong with each.
fn span(asked: &Asked, zone: &Zone) -> Result<(Timestamp, Timestamp), Vec<String>> {
    let from = instant("from", &asked.from, zone);
    let to = instant("to", &asked.to, zone);
    match (from, to) {
        (Ok(from), Ok(to)) => Ok((from, to)),
        (from, to) => Err([from.err(), to.err()].into_iter().flatten().collect()),
    }
}

fn instant(name: &str, text: &str, zone: &Zone) -> Result<Timestamp, String> {
    let shown: String = text.chars().take(32).collect();
    let local = civil::DateTime::strptime(FIELD, text.trim());
    let right = "give a time such as 2026-11-30T17:00";
    let local = local.map_err(|_| format!("{name}: is `{shown}`; {right}"))?;
    match zone.resolve(local) {
        Some((_, Existence::Missing)) => Err(format!(
            "{name}: {shown} does not exist in {}: clocks are put forward over it; give an earlier or a later time",
            zone.name()
        )),
        Some((at, _)) => Ok(Timestamp {
            seconds: at.as_second(),
            nanos: 0,
        }),
        None => Err(format!("{name}: is `{shown}`; {right}")),
    }
}

/// A change of an agent's shifts.
struct Order<'a> {
    console: &'a Console,
    pool: &'a str,
    agent_id: String,
    planner: String,
    asked: &'a Asked,
}

impl Order<'_> {
    fn start(&self) -> Option<Timestamp> {
        Some(Timestamp {
            seconds: self.asked.start,
            nanos: 0,
        })
    }

    async fn cancel(self) -> Result<(), Vec<String>> {
        let start_time = self.start();
        let request = v1::CancelShiftRequest {
            agent_id: self.agent_id,
            start_time,
            version: self.asked.version,
            planner: self.planner,
        };
        let mut service = self.console.services.schedules();
        let done = service.cancel_shift(to(self.pool, request)).await;
        told(done.map(drop))
    }

    async fn set_times(self, (from, until): (Timestamp, Timestamp)) -> Result<(), Vec<String>> {
        let start_time = self.start();
        let request = v1::UpdateShiftRequest {
            agent_id: self.agent_id,
            start_time,
            new_start_time: Some(from),
            new_end_time: Some(until),
            version: self.asked.version,
            planner: self.planner,
        };
        let mut service = self.console.services.schedules();
        let done = service.update_shift(to(self.pool, request)).await;
        told(done.map(drop))
    }

    async fn absence(self, (from, until): (Timestamp, Timestamp)) -> Result<(), Vec<String>> {
        let request = v1::RecordAbsenceRequest {
            agent_id: self.agent_id,
            start_time: Some(from),
            end_time: Some(until),
            version: self.asked.version,
            planner: self.planner,
        };
        let mut service = self.console.services.schedules();
        let done = service.record_absence(to(self.pool, request)).await;
        told(done.map(drop))
    }
}

fn told(done: Result<(), Status>) -> Result<(), Vec<String>> {
    done.map_err(|status| refusal(&status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_forms_are_those_of_the_zone_and_exist() {
        let zone = Zone::named("Europe/Paris").expect("a zone");
        let at = |text: &str| instant("from", text, &zone).map(|at| at.seconds);
        assert_eq!(at(" 2026-11-30T17:00 "), Ok(1_796_054_400));
        for (text, right) in [
            ("2026-03-29T02:30", "does not exist in Europe/Paris"),
            ("17:00", "give a time such as"),
            ("2026-13-01T00:00", "give a time such as"),
            ("", "give a time such as"),
        ] {
            let problem = at(text).expect_err(text);
            assert!(
                problem.starts_with("from: ") && problem.contains(right),
                "{problem}"
            );
        }
        let both = Asked::default();
        assert_eq!(span(&both, &zone).expect_err("two problems").len(), 2);
    }
}
