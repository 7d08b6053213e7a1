//! The tables of a board as CSV files, with plain numbers: times in milliseconds, shares from 0 to 1.

use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    filter::{Asked, Filter},
    lines::{QueueLine, SiteLine, states},
    parts::{STATES, in_order},
    picture::{Picture, StateCounts},
};
use crate::{
    console::{Console, calls, visitor::Visitor},
    engine::{
        agent::Intent, alarm::Thresholds, ids::QueueId, numbers::AgentState, service::Permille,
    },
};

/// Signs with which a spreadsheet takes a cell for a formula.
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table as a file.
pub(in crate::console) struct Csv {
    lines: Vec<Vec<String>>,
}

impl Csv {
    /// With these names of columns.
    pub(in crate::console) fn new(columns: &[&str]) -> Self {
        Self {
            lines: vec![columns.iter().map(ToString::to_string).collect()],
        }
    }

    /// Adds a line. A cell that a spreadsheet would take for a formula begins with an apostrophe.
    pub(in crate::console) fn add(&mut self, cells: impl IntoIterator<Item = String>) {
        let defused = |cell: String| {
            if cell.starts_with(FORMULAS) {
                format!("'{cell}")
            } else {
                cell
            }
        };
        self.lines.push(cells.into_iter().map(defused).collect());
    }

    /// The file.
    pub(in crate::console) fn answer(&self, name: &str) -> Response {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = self
            .lines
            .iter()
            .try_for_each(|line| writer.write_record(line));
        let file = written.ok().and_then(|()| writer.into_inner().ok());
        let Some(file) = file else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            ),
        ];
        (headers, file).into_response()
    }
}

/// A table of a pool.
pub(in crate::console) async fn table(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, name)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    if name == "calls.csv" {
        return calls::csv(&known).answer(&format!("{pool}-{name}"));
    }
    let filter = Filter::new(&asked, &visitor.teams);
    let thresholds = *console.boards.thresholds();
    let boards = console.boards.of(&known);
    let file = boards.look(|picture, curve| match name.as_str() {
        "queues.csv" => Some(queues(picture, &thresholds)),
        "states.csv" => Some(by_state(picture)),
        "sites.csv" => Some(sites(picture)),
        "agents.csv" => Some(agents(picture, &filter)),
        "curve.csv" => {
            let mut file = Csv::new(&["interval_utc", "arrived", "answered"]);
            curve.lines(picture.now).for_each(|line| file.add(line));
            Some(file)
        }
        _ => None,
    });
    match file.await {
        Some(file) => file.answer(&format!("{pool}-{name}")),
        None => console.missing(&visitor, "missing-page"),
    }
}

fn queues(picture: &Picture, thresholds: &Thresholds) -> Csv {
    let mut file = Csv::new(&[
        "queue",
        "waiting",
        "longest_wait_ms",
        "estimated_wait_ms",
        "sl_offered",
        "sl_offered_30min",
        "answered",
        "abandoned",
        "diverted",
        "ringing",
        "connected",
        "callbacks_waiting",
        "target_ms",
        "goal",
        "halted",
        "alarm",
    ]);
    let level =
        |share: Option<Permille>| share.map_or_else(String::new, |share| share.ratio().to_string());
    for line in QueueLine::all(picture, thresholds) {
        let (calls, today) = (line.calls, line.today);
        file.add([
            line.id.to_string(),
            calls.waiting.to_string(),
            line.longest_ms.to_string(),
            line.estimate_ms
                .map_or_else(String::new, |ms| ms.to_string()),
            level(line.level_today),
            level(line.level_recent),
            today.answered.to_string(),
            today.abandoned.to_string(),
            today.diverted.to_string(),
            calls.offered.to_string(),
            calls.connected.to_string(),
            calls.callbacks.to_string(),
            line.target_ms.to_string(),
            level(Some(Permille(line.goal_permille))),
            line.halt.map_or("", |halt| halt.kind.label()).to_owned(),
            line.alarm.label().to_owned(),
        ]);
    }
    file
}

fn with_states(first: &[&str]) -> Csv {
    let states = STATES.map(AgentState::label);
    Csv::new(&[first, &states].concat())
}

fn counted(first: Vec<String>, counts: &StateCounts) -> Vec<String> {
    let counts = in_order(counts).map(|count| count.to_string());
    [first, counts.to_vec()].concat()
}

fn by_state(picture: &Picture) -> Csv {
    let mut file = with_states(&["site_kind"]);
    for (kind, counts) in states(picture) {
        file.add(counted(vec![kind.label().to_owned()], &counts));
    }
    file
}

fn sites(picture: &Picture) -> Csv {
    let mut file = with_states(&["site", "site_kind", "region", "drained"]);
    for line in SiteLine::all(picture) {
        let place = &line.workplace;
        let first = vec![
            place.site.to_string(),
            place.kind.label().to_owned(),
            place.region.to_string(),
            line.is_drained.to_string(),
        ];
        file.add(counted(first, &line.counts));
    }
    file
}

fn agents(picture: &Picture, filter: &Filter) -> Csv {
    let mut file = Csv::new(&[
        "agent",
        "name",
        "state",
        "reason",
        "line",
        "blocked",
        "queue",
        "team",
        "site",
        "site_kind",
    ]);
    for (place, agent) in filter.agents(picture) {
        let profile = &agent.profile;
        let blocked: Vec<&str> = agent
            .blocked
            .iter()
            .map(|block| block.reason.label())
            .collect();
        file.add([
            place.1.to_string(),
            place.0.to_string(),
            AgentState::of(agent).label().to_owned(),
            match &agent.intent {
                Intent::NotReady(reason) => reason.to_string(),
                Intent::Offline | Intent::Ready => String::new(),
            },
            agent.line.label().to_owned(),
            blocked.join(" "),
            agent
                .queue
                .as_ref()
                .map_or_else(String::new, QueueId::to_string),
            profile.team.to_string(),
            profile.site.id.to_string(),
            profile.site.kind.label().to_owned(),
        ]);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::Csv;

    #[test]
    fn cells_that_look_like_formulas_are_defused() {
        let mut file = Csv::new(&["name"]);
        for cell in [
            "=1+1", "+1", "-1", "@sum", "\tx", "\rx", "a=1", "", "'a", "\"=1\"",
        ] {
            file.add([cell.to_owned()]);
        }
        let cells: Vec<&str> = file.lines[1..]
            .iter()
            .map(|line| line[0].as_str())
            .collect();
        let expected = [
            "'=1+1", "'+1", "'-1", "'@sum", "'\tx", "'\rx", "a=1", "", "'a", "\"=1\"",
        ];
        assert_eq!(cells, expected);
    }
}
