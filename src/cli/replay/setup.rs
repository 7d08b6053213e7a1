//! Applies what a log needs to the server: a queue a skill, strict priorities, the agents.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    cli::{agent::apply_all, client::Clients, error::CliError, text},
    proto::v1::{
        Agent, ApplyPoolRequest, OfferMode, Pool, Priority, Queue, Ring, Site, SiteKind,
        SkillLevel, WhenUnstaffed,
    },
    simulation::trace,
};

/// A head start that no wait makes up for.
const STRICT_HEAD_START_MS: i64 = 1_000_000_000_000;

/// Applies pool and agents.
pub(super) async fn apply(
    clients: &Clients,
    agents: &[trace::Agent],
    calls: &[trace::Call],
    target: Duration,
) -> Result<(), CliError> {
    let request = ApplyPoolRequest {
        request_id: String::new(),
        pool: Some(pool(clients.pool(), agents, calls, target)),
        validate_only: false,
    };
    clients.pools().apply_pool(request).await?;
    let agents = agents.iter().map(profile).collect();
    apply_all(clients, agents, false)
        .await
        .map_err(|(_, status)| status)?;
    Ok(())
}

fn pool(id: &str, agents: &[trace::Agent], calls: &[trace::Call], target: Duration) -> Pool {
    let asked = calls.iter().map(|call| &*call.skill);
    let held = agents.iter().flat_map(|agent| &agent.skills);
    let held = held.map(|held| held.skill.as_str());
    let skills: BTreeSet<&str> = asked.chain(held).collect();
    Pool {
        id: id.to_owned(),
        queues: skills.iter().map(|skill| queue(skill, target)).collect(),
        skills: skills.into_iter().map(str::to_owned).collect(),
        priorities: priorities(calls),
        not_ready_reasons: Vec::new(),
        dispositions: Vec::new(),
        ..Pool::default()
    }
}

fn queue(skill: &str, target: Duration) -> Queue {
    let ring = Ring {
        after: Some(text::to_api(Duration::ZERO)),
        skills: vec![level(skill, 1)],
        site_kinds: Vec::new(),
    };
    Queue {
        id: skill.to_owned(),
        target: Some(text::to_api(target)),
        rings: vec![ring],
        offer_mode: OfferMode::AcceptFirst.into(),
        when_unstaffed: WhenUnstaffed::Queue.into(),
        ..Queue::default()
    }
}

/// The lowest number is served first, strictly.
fn priorities(calls: &[trace::Call]) -> Vec<Priority> {
    let numbers: BTreeSet<u64> = calls.iter().map(|call| call.priority).collect();
    let strict = (0..).map(|steps: i64| steps * STRICT_HEAD_START_MS);
    let lowest_first = numbers.into_iter().rev().zip(strict);
    lowest_first
        .map(|(number, head_start_ms)| Priority {
            name: number.to_string(),
            head_start_ms,
        })
        .collect()
}

fn profile(agent: &trace::Agent) -> Agent {
    let skills = agent.skills.iter();
    let skills = skills.map(|held| level(held.skill.as_str(), held.level));
    Agent {
        id: agent.id.to_string(),
        display_name: format!("Agent {}", agent.id),
        skills: skills.collect(),
        site: Some(Site {
            id: format!("home-{}", agent.id),
            kind: SiteKind::Home.into(),
            region: String::new(),
            provider: String::new(),
        }),
        address: format!("sip:{}@replay.example", agent.id),
        team: "replay".to_owned(),
        employer: "replay".to_owned(),
        status: None,
        terms: None,
        readiness: None,
    }
}

fn level(skill: &str, level: u8) -> SkillLevel {
    SkillLevel {
        skill: skill.to_owned(),
        level: level.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pool;
    use crate::{engine::ids::CallId, simulation::trace::Call};

    #[test]
    fn lower_priority_numbers_go_first() {
        let call = |id: &str, priority| Call {
            id: CallId::new(id),
            arrival_ms: 0,
            skill: "fr".into(),
            priority,
            handle_ms: 1,
            patience_ms: 1,
            line: 2,
        };
        let pool = pool(
            "p",
            &[],
            &[call("a", 0), call("b", 7), call("c", 2)],
            Duration::from_secs(20),
        );
        let starts: Vec<(&str, i64)> = pool
            .priorities
            .iter()
            .map(|priority| {
                (
                    priority.name.as_str(),
                    priority.head_start_ms / 1_000_000_000_000,
                )
            })
            .collect();
        assert_eq!(starts, [("7", 0), ("2", 1), ("0", 2)]);
        assert_eq!(pool.queues.len(), 1);
    }
}
