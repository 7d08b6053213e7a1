//! An explanation in one plain sentence for a supervisor.

use super::{
    super::{
        call::{Assignment, Phase},
        eligibility::Withheld,
        ids::PoolTime,
        matching::CANDIDATES_COUNTED,
        view::{AgentView, CallView, LiveCall},
    },
    AgentExplanation, Keeping, Reason, WaitingExplanation,
};

/// So many reasons are named; the rest are summed up.
const NAMED: usize = 4;

/// A call in one sentence; `waiting` is its explanation if it waits.
pub fn of_call(call: &CallView, waiting: Option<&WaitingExplanation>, now: PoolTime) -> String {
    let live = match call {
        CallView::Live(live) => live,
        CallView::Over(over) => {
            let (id, outcome) = (&over.id, over.outcome.label().replace('_', " "));
            let waited = duration(over.waited_ms);
            let agent = over.agent.as_ref();
            let talked = agent.map_or_else(
                || "nobody had talked to the caller".to_owned(),
                |agent| format!("`{agent}` had talked to the caller"),
            );
            return format!("Call `{id}` ended {outcome} after a wait of {waited}; {talked}.");
        }
    };
    let id = &live.record.id;
    let place = match (&live.phase, waiting) {
        (Phase::Queued { .. } | Phase::CallbackWaiting { .. }, Some(told)) => {
            return of_waiting(live, told, now);
        }
        (Phase::Queued { .. }, None) => format!("waits in `{}`", live.queue),
        (Phase::CallbackWaiting { .. }, None) => {
            format!(
                "waits in `{}` to be called back, and is not due",
                live.queue
            )
        }
        (Phase::Offered(offer), _) => format!("is offered to `{}`", offer.agent),
        (Phase::Connecting(offer), _) => format!("is being connected to `{}`", offer.agent),
        (Phase::Connected { agent, .. }, _) => format!("is in conversation with `{agent}`"),
    };
    let made = live.assignment.as_deref().map(of_assignment);
    format!("Call `{id}` {place}{}.", made.unwrap_or_default())
}

fn of_assignment(made: &Assignment) -> String {
    let (waited, policy) = (
        duration(made.waited_ms),
        made.policy.label().replace('_', " "),
    );
    let from = if made.candidates > CANDIDATES_COUNTED {
        format!("over {CANDIDATES_COUNTED} candidates")
    } else {
        number(made.candidates, "candidate")
    };
    let next = match &made.runner_up {
        Some(agent) => format!("`{agent}` would have been next"),
        None => "nobody else could take it".to_owned(),
    };
    format!(", chosen from {from} by {policy} after a wait of {waited}; {next}")
}

fn of_waiting(call: &LiveCall, told: &WaitingExplanation, now: PoolTime) -> String {
    let (id, queue) = (&call.record.id, &call.queue);
    let waited = duration(call.waited_ms(now));
    let ahead = match (told.ahead_in_queue, told.ahead_in_pool) {
        (_, 0) => "first of all".to_owned(),
        (0, pool) => format!(
            "first of its queue and behind {} in all",
            number(pool, "call")
        ),
        (queue, pool) => format!(
            "behind {} of its queue and {pool} in all",
            number(queue, "call")
        ),
    };
    let why = if told.withheld.is_empty() {
        of_agents(told)
    } else {
        withheld_words(call, &told.withheld)
    };
    let kept = call.preference.as_ref().map(|kept| {
        let left = duration(kept.until.since(now));
        format!("; it is kept for `{}` for another {left}", kept.agent)
    });
    let kept = kept.unwrap_or_default();
    let ring = told.next_ring_at.map(|at| {
        let (next, ms) = (u32::from(told.ring) + 1, at.since(now));
        format!("; ring {next} begins in {}", duration(ms))
    });
    let ring = ring.unwrap_or_default();
    format!("Call `{id}` has waited {waited} in `{queue}`, {ahead}: {why}{kept}{ring}.")
}

fn of_agents(told: &WaitingExplanation) -> String {
    if let Some(next) = &told.next {
        return format!("`{next}` is free and would be offered it now");
    }
    let all = number(told.agents, "agent");
    let fit: u32 = told.fitting.iter().map(|(_, count)| count).sum();
    let doing = told.fitting.iter();
    let doing = doing.filter_map(|(reason, count)| Some((reason.as_ref()?, *count)));
    if fit > 0 {
        let doing = listed(doing, doing_words);
        return format!("of {all} {fit} can take it and are signed in, but {doing}");
    }
    let excluded = told.excluded.iter().map(|(reason, count)| (reason, *count));
    match told.agents {
        0 => "the pool has no agents".to_owned(),
        _ => format!(
            "of {all} none who can take it is signed in, for {}",
            listed(excluded, doing_words)
        ),
    }
}

fn withheld_words(call: &LiveCall, withheld: &[Withheld]) -> String {
    let key = &call.record.key;
    let words: Vec<String> = withheld
        .iter()
        .map(|why| match why {
            Withheld::RescindOpen => {
                "its last offer's leg has not been confirmed gone by the platform".to_owned()
            }
            Withheld::Missed => "its platform no longer names it".to_owned(),
            Withheld::PlatformDetached => {
                format!(
                    "its platform `{}` (`{}`) is not heard",
                    key.platform, key.instance
                )
            }
        })
        .collect();
    format!("it is offered to nobody, because {}", words.join(" and "))
}

/// An agent in one sentence.
pub fn of_agent(agent: &AgentView, told: &AgentExplanation<'_>, now: PoolTime) -> String {
    let id = &agent.profile.id;
    let fit = match (told.waiting, told.fitting) {
        (0, _) => "no call waits".to_owned(),
        (1, 0) => "the one call that waits does not fit".to_owned(),
        (waiting, 0) => format!("none of {waiting} waiting calls fits"),
        (waiting, fit) => format!(
            "{fit} of {} could be taken",
            number(waiting, "waiting call")
        ),
    };
    if !told.keeping.is_empty() {
        let words: Vec<String> = told.keeping.iter().map(|k| keeping_words(k, now)).collect();
        let all = told
            .keeping
            .iter()
            .any(|keeping| keeping.longer_than_ms.is_none());
        let gets = if all {
            "gets no calls"
        } else {
            "does not get all calls"
        };
        return format!("Agent `{id}` {gets}: {}; {fit}.", words.join(", "));
    }
    let Some(first) = told.first.first() else {
        let unfit = told.unfit.iter().map(|(reason, count)| (reason, *count));
        let why = match told.unfit.len() {
            0 => String::new(),
            _ => format!(": {}", listed(unfit, unfit_words)),
        };
        return format!("Agent `{id}` is free, and {fit}{why}.");
    };
    let call = &first.call.record.id;
    let why = match first.withheld.len() {
        0 => "it is about to be offered".to_owned(),
        _ => withheld_words(first.call, &first.withheld),
    };
    format!("Agent `{id}` is free, and {fit}, the first is `{call}`: {why}.")
}

fn keeping_words(keeping: &Keeping, now: PoolTime) -> String {
    let words = doing_words(&keeping.reason);
    let words = match keeping.longer_than_ms {
        Some(ms) => format!("{words} for calls of over {}", duration(ms)),
        None => words,
    };
    match keeping.until {
        Some(until) => format!("{words} for {} more at most", duration(until.since(now))),
        None => words,
    }
}

/// What an agent does, as a supervisor would say it.
fn doing_words(reason: &Reason) -> String {
    match reason {
        Reason::NotReady(reason) => format!("not ready (`{reason}`)"),
        Reason::Connected => "in conversation".to_owned(),
        Reason::WrapUp => "in wrap-up".to_owned(),
        Reason::External => "on another system's call".to_owned(),
        Reason::Offered => "with an open offer".to_owned(),
        Reason::LineSilent => "with a silent line".to_owned(),
        Reason::LineLost => "with a lost line".to_owned(),
        Reason::Blocked(reason) => format!("blocked (`{}`)", reason.label()),
        Reason::Offline => "signed out".to_owned(),
        Reason::LacksSkill(need) => format!("without `{}` at level {}", need.skill, need.level),
        Reason::SiteKind(_) => "at a kind of site that does not serve".to_owned(),
        Reason::KeptForAnother => "for whom it is not kept".to_owned(),
        Reason::Refused => "having refused it".to_owned(),
    }
}

/// Why a waiting call is not for the agent.
fn unfit_words(reason: &Reason) -> String {
    match reason {
        Reason::LacksSkill(need) => format!("asking for `{}` at level {}", need.skill, need.level),
        Reason::SiteKind(_) => "for other kinds of site".to_owned(),
        Reason::KeptForAnother => "kept for another agent".to_owned(),
        Reason::Refused => "refused by this agent".to_owned(),
        Reason::Offline
        | Reason::NotReady(_)
        | Reason::Offered
        | Reason::Connected
        | Reason::WrapUp
        | Reason::External
        | Reason::LineSilent
        | Reason::LineLost
        | Reason::Blocked(_) => doing_words(reason),
    }
}

/// The most frequent reasons with their numbers, such as `3 in conversation, 1 in wrap-up`.
fn listed<'a>(
    counts: impl Iterator<Item = (&'a Reason, u32)>,
    words: fn(&Reason) -> String,
) -> String {
    let mut counts: Vec<(&Reason, u32)> = counts.collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest: u32 = counts.iter().skip(NAMED).map(|(_, count)| count).sum();
    let named = counts.iter().take(NAMED);
    let mut parts: Vec<String> = named
        .map(|(reason, count)| format!("{count} {}", words(reason)))
        .collect();
    parts.extend((rest > 0).then(|| format!("{rest} for other reasons")));
    parts.join(", ")
}

fn number(count: u32, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// A time in its two largest units, such as `1 h 5 min`.
fn duration(ms: u64) -> String {
    let seconds = ms.div_ceil(1_000);
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}
