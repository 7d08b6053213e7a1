//! Reads a call log, its agents and what was expected of it: as `simulate` does, but there may be more columns.

use std::{collections::BTreeMap, path::Path};

use crate::{
    cli::{error::CliError, pool::read_bytes},
    engine::ids::NAME_BYTES_MAX,
    simulation::trace::{
        Agent, Call, Others, Problems, Source, read_agents, read_calls, read_rows,
    },
};

/// How a call was expected to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) answered: bool,
    pub(super) wait_ms: u64,
}

const EXPECTED_COLUMNS: [&str; 3] = ["call", "outcome", "wait_ms"];

/// Reads the agents, sorted by their log-in, and the calls, sorted by their arrival.
pub(super) fn read(agents: &Path, calls: &Path) -> Result<(Vec<Agent>, Vec<Call>), CliError> {
    let mut problems = Problems::default();
    let mut crew = with_source(agents, |source| {
        read_agents(source, Others::Ignored, &[], &mut problems)
    })?;
    let mut log = with_source(calls, |source| {
        read_calls(source, Others::Ignored, &mut problems)
    })?;
    if !problems.is_empty() {
        return Err(problems.into());
    }
    crew.sort_by(|a, b| (a.login_ms, &a.id).cmp(&(b.login_ms, &b.id)));
    log.sort_by(|a, b| (a.arrival_ms, &a.id).cmp(&(b.arrival_ms, &b.id)));
    Ok((crew, log))
}

/// Reads what was expected, by call.
pub(super) fn read_expected(path: &Path) -> Result<BTreeMap<String, Expected>, CliError> {
    let mut problems = Problems::default();
    let rows = with_source(path, |source| {
        let columns = &EXPECTED_COLUMNS;
        read_rows(source, columns, Others::Ignored, &mut problems, |row| {
            let answered = row.text("outcome") == "ANSWERED";
            let wait_ms = row.number("wait_ms");
            let call = row.name("call", NAME_BYTES_MAX).to_owned();
            (call, Expected { answered, wait_ms })
        })
    })?;
    if !problems.is_empty() {
        return Err(problems.into());
    }
    Ok(rows.into_iter().collect())
}

fn with_source<T>(path: &Path, read: impl FnOnce(Source<'_>) -> T) -> Result<T, CliError> {
    let bytes = read_bytes(path)?;
    let name = path.display().to_string();
    Ok(read(Source {
        name: &name,
        bytes: &bytes,
    }))
}

#[cfg(test)]
mod tests {
    use super::{read, read_expected};

    #[test]
    fn a_log_may_have_more_columns_and_is_put_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let agents =
            "wrap_ms,agent,skills,login_ms,logout_ms,note\n0,b,fr:3|de,9,9,x\n0,a,fr,1,2,\n";
        let agents = file("a.csv", agents);
        let calls = "call,arrival_ms,skill,priority,handle_ms,patience_ms\n";
        let late = file(
            "c.csv",
            &format!("{calls}k2,6,fr,1,100,9\nk1,5,fr,1,100,9\n"),
        );
        let (crew, log) = read(&agents, &late).unwrap();
        assert_eq!((crew[0].id.as_str(), crew[1].skills.len()), ("a", 2));
        assert_eq!((log[0].id.as_str(), log[0].patience_ms), ("k1", 9));
        let wrong = file("w.csv", &format!("{calls}k,-5,fr,1,2,3\nk,1,,1,2,3\n"));
        let told = read(&agents, &wrong).unwrap_err().to_string();
        for words in [
            "w.csv:2: `arrival_ms` is `-5`; give a whole number",
            "w.csv:3: `call` is `k`, as in a row before",
            "w.csv:3: `skill` is empty",
        ] {
            assert!(told.contains(words), "no {words} in {told}");
        }
        let expected = "call,outcome,agent,wait_ms\nk1,ANSWERED,a,7\nk2,ABANDONED,,9\n";
        let expected = read_expected(&file("e.csv", expected)).unwrap();
        assert!(expected["k1"].answered && !expected["k2"].answered);
        assert_eq!(expected["k1"].wait_ms, 7);
    }
}
