//! Reads a call log, its agents and what was expected of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::cli::{error::CliError, pool::read_file};

/// An agent of the log. Times are ms of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AgentEntry {
    pub(super) id: String,
    pub(super) skills: Vec<String>,
    pub(super) login_ms: u64,
    pub(super) logout_ms: u64,
    pub(super) wrap_ms: u64,
}

/// A call of the log. Times are ms of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallEntry {
    pub(super) id: String,
    pub(super) arrival_ms: u64,
    pub(super) skill: String,
    pub(super) priority: u32,
    pub(super) handle_ms: u64,
    pub(super) patience_ms: u64,
}

/// How a call was expected to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) answered: bool,
    pub(super) wait_ms: u64,
}

const AGENT_COLUMNS: [&str; 5] = ["agent", "skills", "login_ms", "logout_ms", "wrap_ms"];
const CALL_COLUMNS: [&str; 6] = [
    "call",
    "arrival_ms",
    "skill",
    "priority",
    "handle_ms",
    "patience_ms",
];
const EXPECTED_COLUMNS: [&str; 3] = ["call", "outcome", "wait_ms"];
/// More problems than this are only counted.
const PROBLEMS_SHOWN: usize = 20;

/// Reads the agents, sorted by their log-in.
pub(super) fn read_agents(path: &Path) -> anyhow::Result<Vec<AgentEntry>> {
    let mut agents = parse(
        &read_file(path)?,
        &path.display().to_string(),
        &AGENT_COLUMNS,
        agent,
    )?;
    agents.sort_by(|a, b| (a.login_ms, &a.id).cmp(&(b.login_ms, &b.id)));
    Ok(agents)
}

/// Reads the calls, sorted by their arrival.
pub(super) fn read_calls(path: &Path) -> anyhow::Result<Vec<CallEntry>> {
    let mut calls = parse(
        &read_file(path)?,
        &path.display().to_string(),
        &CALL_COLUMNS,
        call,
    )?;
    calls.sort_by(|a, b| (a.arrival_ms, &a.id).cmp(&(b.arrival_ms, &b.id)));
    Ok(calls)
}

/// Reads what was expected, by call.
pub(super) fn read_expected(path: &Path) -> anyhow::Result<BTreeMap<String, Expected>> {
    let rows = parse(
        &read_file(path)?,
        &path.display().to_string(),
        &EXPECTED_COLUMNS,
        expected,
    )?;
    Ok(rows.into_iter().collect())
}

fn agent(row: &mut Row<'_>) -> AgentEntry {
    let entry = AgentEntry {
        id: row.id("agent"),
        skills: row.text("skills").split('|').map(str::to_owned).collect(),
        login_ms: row.number("login_ms"),
        logout_ms: row.number("logout_ms"),
        wrap_ms: row.number("wrap_ms"),
    };
    if entry.skills.iter().any(String::is_empty) {
        row.note(
            "skills",
            "has an empty skill; write skills like `fr|billing`",
        );
    }
    if entry.logout_ms < entry.login_ms {
        row.note("logout_ms", "is before `login_ms`");
    }
    entry
}

fn call(row: &mut Row<'_>) -> CallEntry {
    CallEntry {
        id: row.id("call"),
        arrival_ms: row.number("arrival_ms"),
        skill: row.name("skill"),
        priority: u32::try_from(row.number("priority")).unwrap_or(u32::MAX),
        handle_ms: row.number("handle_ms"),
        patience_ms: row.number("patience_ms"),
    }
}

fn expected(row: &mut Row<'_>) -> (String, Expected) {
    let answered = row.text("outcome") == "ANSWERED";
    let wait_ms = row.number("wait_ms");
    (row.id("call"), Expected { answered, wait_ms })
}

/// Reads rows with at least the given columns; all problems at once.
fn parse<T>(
    source: &str,
    name: &str,
    columns: &[&'static str],
    read: fn(&mut Row<'_>) -> T,
) -> Result<Vec<T>, CliError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(source.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let places: BTreeMap<&str, usize> = columns
        .iter()
        .filter_map(|column| {
            Some((
                *column,
                headers.iter().position(|header| header == *column)?,
            ))
        })
        .collect();
    let missing: Vec<&str> = columns
        .iter()
        .copied()
        .filter(|column| !places.contains_key(column))
        .collect();
    if !missing.is_empty() {
        return Err(CliError::Input(format!(
            "{name}:1: the columns {} are missing; the first line names the columns",
            missing.join(", ")
        )));
    }
    let (mut rows, mut problems, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    for record in reader.records() {
        match record {
            Ok(record) => rows.push(read(&mut Row {
                places: &places,
                record: &record,
                problems: &mut problems,
                ids: &mut ids,
            })),
            Err(problem) => problems.push(problem.to_string()),
        }
    }
    if rows.is_empty() && problems.is_empty() {
        problems.push("1: there is no row below the headers".to_owned());
    }
    if problems.is_empty() {
        return Ok(rows);
    }
    let mut lines = vec![format!("{name} is not right:")];
    let shown = problems.iter().take(PROBLEMS_SHOWN);
    lines.extend(shown.map(|problem| format!("  {name}:{problem}")));
    if problems.len() > PROBLEMS_SHOWN {
        lines.push(format!("  and {} more", problems.len() - PROBLEMS_SHOWN));
    }
    Err(CliError::Input(lines.join("\n")))
}

struct Row<'a> {
    places: &'a BTreeMap<&'a str, usize>,
    record: &'a csv::StringRecord,
    problems: &'a mut Vec<String>,
    ids: &'a mut BTreeSet<String>,
}

impl Row<'_> {
    fn text(&self, column: &str) -> String {
        let place = self.places.get(column);
        place
            .and_then(|at| self.record.get(*at))
            .unwrap_or_default()
            .to_owned()
    }

    fn name(&mut self, column: &str) -> String {
        let text = self.text(column);
        if text.is_empty() {
            self.note(column, "is empty");
        }
        text
    }

    fn id(&mut self, column: &str) -> String {
        let id = self.name(column);
        if !self.ids.insert(id.clone()) {
            self.note(column, &format!("`{id}` is there twice"));
        }
        id
    }

    fn number(&mut self, column: &str) -> u64 {
        let text = self.text(column);
        // A year in ms leaves room for every sum.
        let number = text.parse().ok().filter(|number| *number < 1 << 48);
        if number.is_none() {
            self.note(
                column,
                &format!("is `{text}`; give a whole number of ms, zero or more"),
            );
        }
        number.unwrap_or(0)
    }

    fn note(&mut self, column: &str, what: &str) {
        let line = self.record.position().map_or(0, csv::Position::line);
        self.problems.push(format!("{line}: `{column}` {what}"));
    }
}

#[cfg(test)]
mod tests {
    use super::{AGENT_COLUMNS, CALL_COLUMNS, agent, call, parse};

    #[test]
    fn a_good_log_is_read() {
        let source = "call,arrival_ms,skill,priority,handle_ms,patience_ms\nk1,5,fr,1,100,9\n";
        let calls = parse(source, "c.csv", &CALL_COLUMNS, call).unwrap();
        assert_eq!(
            (calls[0].arrival_ms, calls[0].priority, calls[0].patience_ms),
            (5, 1, 9)
        );
        let source = "wrap_ms,agent,skills,login_ms,logout_ms,note\n0,a,fr|de,1,2,x\n";
        let agents = parse(source, "a.csv", &AGENT_COLUMNS, agent).unwrap();
        assert_eq!((agents[0].skills.len(), agents[0].login_ms), (2, 1));
    }

    #[test]
    fn bad_logs_are_answered_with_line_and_field() {
        let calls = "call,arrival_ms,skill,priority,handle_ms,patience_ms\n";
        let cases = [
            (String::new(), "c.csv:1: the columns call, arrival_ms"),
            (
                "call,arrival_ms\n".to_owned(),
                "the columns skill, priority, handle_ms, patience_ms are missing",
            ),
            (calls.to_owned(), "c.csv:1: there is no row"),
            (
                format!("{calls}k,-5,fr,1,2,3\n"),
                "c.csv:2: `arrival_ms` is `-5`",
            ),
            (
                format!("{calls}k,99999999999999999999,fr,1,2,3\n"),
                "`arrival_ms` is `9999",
            ),
            (
                format!("{calls}k,1,fr,1,2,3\nk,1,fr,1,2,3\n"),
                "c.csv:3: `call` `k` is there twice",
            ),
            (format!("{calls}k,1,,1,2,3\n"), "c.csv:2: `skill` is empty"),
            (format!("{calls}k,1\n"), "line: 2"),
        ];
        for (source, expected) in cases {
            let text = parse(&source, "c.csv", &CALL_COLUMNS, call)
                .unwrap_err()
                .to_string();
            assert!(text.contains(expected), "{source:?} gave {text}");
        }
        let agents = "agent,skills,login_ms,logout_ms,wrap_ms\na,fr||de,9,1,0\n";
        let text = parse(agents, "a.csv", &AGENT_COLUMNS, agent)
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("a.csv:2: `skills` has an empty")
                && text.contains("`logout_ms` is before"),
            "{text}"
        );
    }
}
