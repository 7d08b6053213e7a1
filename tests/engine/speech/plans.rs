//! The schedule and checks of set-ups, and what they and the law say of agents.

use homeshore::engine::{
    eligibility::Block,
    event::Event,
    ids::{PoolTime, WallTime},
    law::LawLimit,
};

use super::clock;
use crate::engine::world::wall;

/// An event in a few words.
pub(super) fn say(event: &Event) -> String {
    match event {
        Event::GuardChanged { agent, guard, .. } => {
            let blocks = guard.iter().flat_map(|guard| &guard.blocks);
            let blocks: Vec<String> = blocks.map(block).collect();
            let next = guard.as_ref().and_then(|guard| guard.due);
            let next = next.map_or_else(String::new, |at| format!(", next {}", clock(at)));
            match (guard, blocks.len()) {
                (None, _) => format!("{agent} not looked at"),
                (Some(_), 0) => format!("{agent} open{next}"),
                (Some(_), _) => format!("{agent} blocked: {}{next}", blocks.join(", ")),
            }
        }
        Event::ReadinessReported {
            agent, readiness, ..
        } => {
            let last = readiness.checks.last().expect("a check is kept");
            let until = readiness.certified_until;
            let until = until.map_or_else(|| "never".to_owned(), clock);
            format!(
                "{agent} checked: {}, stands at {}, up to {until}",
                last.band.label(),
                readiness.standing.label()
            )
        }
        Event::WorkBegan { agent, limits, .. } => {
            let limits: Vec<String> = limits.iter().map(limit).collect();
            format!("{agent} at work, up to {}", limits.join(", "))
        }
        Event::WorkEnded {
            agent, from, to, ..
        } => {
            format!("{agent} worked from {} to {}", at(*from), at(*to))
        }
        Event::DraftOpened { version, draft } => {
            format!("version {version} begun upon {}", draft.base)
        }
        Event::ShiftsStaged { version, plans, .. } => {
            let shifts: usize = plans.iter().map(|(_, shifts)| shifts.len()).sum();
            format!(
                "version {version} has {shifts} shifts of {} agents more",
                plans.len()
            )
        }
        Event::SchedulePublished { version, .. } => {
            format!(
                "version {} holds, of {} agents",
                version.number, version.agents
            )
        }
        Event::ScheduleRestored { version, from, .. } => {
            format!("version {version} holds again instead of {from}")
        }
        Event::DraftDropped {
            version, agents, ..
        } => format!("version {version} dropped, of {} agents", agents.len()),
        other => panic!("{other:?} is no event of the schedule"),
    }
}

fn block(block: &Block) -> String {
    let until = block.until.map(|until| format!(" until {}", clock(until)));
    let longer = block
        .longer_than_ms()
        .map(|ms| format!(" for calls over {} s", ms / 1_000));
    let label = block.reason.label();
    format!(
        "{label}{}{}",
        longer.unwrap_or_default(),
        until.unwrap_or_default()
    )
}

fn limit(limit: &LawLimit) -> String {
    format!(
        "{} ({}) {}",
        limit.reason.label(),
        limit.article,
        at(limit.until)
    )
}

/// A calendar time as the pool's time that it is in scripts.
fn at(at: WallTime) -> String {
    let since = at.0 - wall(0).0;
    clock(PoolTime(u64::try_from(since).unwrap_or(0)))
}
