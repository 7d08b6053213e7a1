//! Reads a log: its agents and its calls, each checked against the other and against the pool.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Agent, Call, Trace, pool,
    table::{self, Others, Problems, Row, Source},
};
use crate::engine::{
    ids::{AgentId, CallId, NAME_BYTES_MAX, SHORT_NAME_BYTES_MAX, SkillName},
    profile::SkillLevel,
    spec::PoolSpec,
};

const AGENT_COLUMNS: [&str; 5] = ["agent", "skills", "login_ms", "logout_ms", "wrap_ms"];
const CALL_COLUMNS: [&str; 6] = [
    "call",
    "arrival_ms",
    "skill",
    "priority",
    "handle_ms",
    "patience_ms",
];
const SKILLS_OF_AGENT_MAX: usize = 256;

impl Trace {
    /// Reads the two files of a log, for a pool of its own: a queue for each skill, the lowest priority number served
    /// first. With a pool, `skill` names a queue of it.
    ///
    /// # Errors
    /// If anything is wrong: everything that is, by file, line and column.
    pub fn read(
        agents: Source<'_>,
        calls: Source<'_>,
        pool: Option<PoolSpec>,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let allowed = pool.as_ref().map_or(&[][..], |pool| &pool.skills[..]);
        let mut crowd = read_agents(agents, Others::Refused, allowed, &mut problems);
        let are_agents_right = problems.is_empty();
        let log = read_calls(calls, Others::Refused, &mut problems);
        if pool.is_none() && are_agents_right {
            check_skills(&crowd, &log, calls.name, &mut problems);
        }
        let pool = match pool {
            Some(pool) => pool::fitted(pool, &log, calls.name, &mut problems),
            None => pool::of_log(&log, calls.name, &mut problems),
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        crowd.sort_by(|a, b| a.id.cmp(&b.id));
        let first_end = calls.bytes.iter().position(|byte| *byte == b'\n');
        Ok(Self {
            pool,
            agents: crowd,
            calls: log,
            has_crlf: first_end.is_some_and(|at| at > 0 && calls.bytes[at - 1] == b'\r'),
        })
    }
}

/// Reads the agents of a log, as the file has them; they have skills of those allowed, or any.
pub(crate) fn read_agents(
    source: Source<'_>,
    others: Others,
    allowed: &[SkillName],
    problems: &mut Problems,
) -> Vec<Agent> {
    table::read(source, &AGENT_COLUMNS, others, problems, |row| {
        agent(row, allowed)
    })
}

/// Reads the calls of a log, as the file has them.
pub(crate) fn read_calls(source: Source<'_>, others: Others, problems: &mut Problems) -> Vec<Call> {
    table::read(source, &CALL_COLUMNS, others, problems, call)
}

fn agent(row: &mut Row<'_>, allowed: &[SkillName]) -> Agent {
    let agent = Agent {
        id: AgentId::new(row.name("agent", NAME_BYTES_MAX)),
        skills: skills(row, allowed),
        login_ms: row.number("login_ms"),
        logout_ms: row.number("logout_ms"),
        wrap_ms: row.number("wrap_ms"),
        line: row.line,
    };
    if agent.logout_ms < agent.login_ms {
        let login = agent.login_ms;
        row.note("logout_ms", &format!("is before `login_ms`, {login}"));
    }
    agent
}

/// Skills written `fr|billing:3`; without a level they are held at level 1.
fn skills(row: &mut Row<'_>, allowed: &[SkillName]) -> Vec<SkillLevel> {
    let mut skills = Vec::new();
    for part in row.text("skills").split('|') {
        match skill(part, allowed) {
            Ok(skill) => skills.push(skill),
            Err(problem) => row.note("skills", &problem),
        }
    }
    skills.sort();
    if skills.len() > SKILLS_OF_AGENT_MAX {
        let count = skills.len();
        row.note(
            "skills",
            &format!("are {count}; give at most {SKILLS_OF_AGENT_MAX}"),
        );
    }
    let twice = skills.windows(2).find(|two| two[0].skill == two[1].skill);
    if let Some(two) = twice {
        row.note("skills", &format!("has `{}` twice", two[0].skill));
    }
    skills
}

fn skill(part: &str, allowed: &[SkillName]) -> Result<SkillLevel, String> {
    let (name, level) = part.split_once(':').unwrap_or((part, "1"));
    if let Some(problem) = table::word_problem(name, SHORT_NAME_BYTES_MAX) {
        return Err(format!("has a skill that {problem}"));
    }
    let level = match level.as_bytes() {
        [digit @ b'1'..=b'5'] => digit - b'0',
        _ => return Err(format!("has `{part}`; give a level of 1 to 5")),
    };
    let skill = SkillName::new(name);
    if !allowed.is_empty() && !allowed.contains(&skill) {
        return Err(format!("has `{name}`, which is no skill of the pool"));
    }
    Ok(SkillLevel { skill, level })
}

fn call(row: &mut Row<'_>) -> Call {
    Call {
        id: CallId::new(row.name("call", NAME_BYTES_MAX)),
        arrival_ms: row.number("arrival_ms"),
        skill: Arc::from(row.name("skill", SHORT_NAME_BYTES_MAX)),
        priority: row.number("priority"),
        handle_ms: row.number("handle_ms"),
        patience_ms: row.number("patience_ms"),
        line: row.line,
    }
}

/// Without a pool a call can only be for a skill that somebody has.
fn check_skills(agents: &[Agent], calls: &[Call], file: &str, problems: &mut Problems) {
    let held: BTreeSet<&str> = agents
        .iter()
        .flat_map(|agent| &agent.skills)
        .map(|held| held.skill.as_str())
        .collect();
    let strange = |call: &&Call| !call.skill.is_empty() && !held.contains(&*call.skill);
    for call in calls.iter().filter(strange) {
        let skill = &call.skill;
        problems.note(
            file,
            call.line,
            &format!("`skill` is `{skill}`, which no agent has"),
        );
    }
}
