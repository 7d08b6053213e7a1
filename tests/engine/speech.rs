//! Says what happened in a few words, for scripts.

mod answers;
mod demand;
mod persons;
mod plans;
mod talks;

use homeshore::engine::{
    agent::{Intent, Line, Mover},
    call::{OverflowTarget, Transfer},
    event::Event,
    ids::{PoolTime, WallTime},
    queue::{HaltKind, WaitingCalls},
    serve::OnSite,
};

/// An event in a few words. No `_` arm: a new event must say how it reads.
#[expect(clippy::too_many_lines, reason = "a line for each event")]
pub(crate) fn say(event: &Event) -> String {
    match event {
        Event::PoolApplied { spec } => format!("pool applied, {} queues", spec.queues.len()),
        Event::PoolRestored { .. } => "pool restored".to_owned(),
        Event::AgentApplied { .. } | Event::AgentDeleted { .. } => say_record(event),
        Event::PlatformAttached { key, .. } => format!("platform {} attached", key.platform),
        Event::PlatformDetached { key, .. } => format!("platform {} detached", key.platform),
        Event::AnswerKept { .. } | Event::AnswerForgotten { .. } => answers::say(event),
        Event::PlatformForgotten { key } => format!("platform {} forgotten", key.platform),
        Event::CallMissed { .. }
        | Event::CallFound { .. }
        | Event::CallQueued { .. }
        | Event::CallDiverted { .. }
        | Event::CallMoved { .. }
        | Event::PreferenceStarted { .. }
        | Event::PreferenceEnded { .. }
        | Event::RingEntered { .. }
        | Event::RefusalsForgotten { .. }
        | Event::CallEnded { .. }
        | Event::TombstoneDropped { .. } => say_call(event),
        Event::QueueHalted { .. }
        | Event::QueueResumed { .. }
        | Event::QueueOpened { .. }
        | Event::QueueShut { .. }
        | Event::QueueTurnMoved { .. } => say_queue(event),
        Event::CalendarSet { .. }
        | Event::ArrivalsMissed { .. }
        | Event::VolumesImported { .. }
        | Event::SiteLoadReported { .. }
        | Event::IntervalJudged { .. }
        | Event::PeakStarted { .. }
        | Event::PeakChanged { .. }
        | Event::PeakEnded { .. } => demand::say(event),
        Event::CallbackRequested { .. }
        | Event::CallbackDue { .. }
        | Event::CallbackDeferred { .. }
        | Event::CallbackPostponed { .. } => say_callback(event),
        Event::OfferMade { .. }
        | Event::OfferAccepted { .. }
        | Event::OfferEnded { .. }
        | Event::OfferExtended { .. }
        | Event::RescindReleased { .. }
        | Event::CallConnected { .. } => say_offer(event),
        Event::TalkNoted { .. } | Event::TalkQuestioned { .. } => talks::say(event),
        Event::WrapUpStarted { .. }
        | Event::WrapUpExtended { .. }
        | Event::WrapUpEnded { .. }
        | Event::ExternalStarted { .. }
        | Event::ExternalEnded { .. }
        | Event::SessionOpened { .. }
        | Event::SessionSequenced { .. }
        | Event::LineChanged { .. }
        | Event::IntentChanged { .. }
        | Event::OccupancyFixed { .. }
        | Event::NextIntentChanged { .. } => say_agent(event),
        Event::LineQualityChanged { .. }
        | Event::AbsenceChanged { .. }
        | Event::AgentDraining { .. }
        | Event::RegistrationChanged { .. }
        | Event::MessageSent { .. }
        | Event::MessageEnded { .. } => persons::say(event),
        Event::AgentHeld { .. }
        | Event::AgentReleased { .. }
        | Event::SiteDrained { .. }
        | Event::SiteUndrained { .. } => say_order(event),
        Event::OutageStarted { .. }
        | Event::OutageEased { .. }
        | Event::OutageEnded { .. }
        | Event::MissesForgiven { .. } => say_outage(event),
        Event::ReadinessReported { .. }
        | Event::GuardChanged { .. }
        | Event::WorkBegan { .. }
        | Event::WorkEnded { .. }
        | Event::DraftOpened { .. }
        | Event::ShiftsStaged { .. }
        | Event::SchedulePublished { .. }
        | Event::ScheduleRestored { .. }
        | Event::DraftDropped { .. } => plans::say(event),
    }
}

fn say_record(event: &Event) -> String {
    match event {
        Event::AgentApplied { profile, created } => {
            let what = if *created { "created" } else { "changed" };
            format!("agent {} {what}", profile.id)
        }
        Event::AgentDeleted { agent } => format!("agent {agent} deleted"),
        other => panic!("{other:?} is no event of a record"),
    }
}

fn say_call(event: &Event) -> String {
    match event {
        Event::CallMissed { call, lost_at } => {
            format!("{call} missed, lost at {}", clock(*lost_at))
        }
        Event::CallFound { call } => format!("{call} found"),
        Event::CallQueued { .. } => say_queued(event),
        Event::CallDiverted {
            call,
            reason,
            on_site,
            first,
            ..
        } => {
            format!(
                "{call} diverted {}{}{}",
                reason.label(),
                on_site.map(say_on_site).unwrap_or_default(),
                if *first { "" } else { " again" }
            )
        }
        Event::CallMoved {
            call,
            from,
            to,
            cause,
            waited_ms,
            in_queue_ms,
            transfer,
            ..
        } => {
            let talked = |transfer: &Transfer| {
                let talked = seconds(transfer.talked_ms);
                format!(" and talking {talked} to {}", transfer.agent)
            };
            format!(
                "{call} moved from {from} to {to} ({}) after {}, {} there{}",
                cause.label(),
                seconds(*waited_ms),
                seconds(*in_queue_ms),
                transfer.as_ref().map(talked).unwrap_or_default()
            )
        }
        Event::PreferenceStarted {
            call, agent, until, ..
        } => format!("{call} kept for {agent} until {}", clock(*until)),
        Event::PreferenceEnded { call, held_ms } => {
            format!("{call} no longer kept, after {}", seconds(*held_ms))
        }
        Event::RingEntered { call, ring } => format!("{call} in ring {ring}"),
        Event::RefusalsForgotten { call } => format!("{call} refusals forgotten"),
        Event::CallEnded {
            call,
            outcome,
            overflow,
            waited_ms,
            ..
        } => {
            let to = |to: &OverflowTarget| format!(" to {}/{}", to.pool, to.queue);
            format!(
                "{call} ended {}{} after waiting {}",
                outcome.label(),
                overflow.as_ref().map(to).unwrap_or_default(),
                seconds(*waited_ms)
            )
        }
        Event::TombstoneDropped { call } => format!("{call} forgotten"),
        other => panic!("{other:?} is no event of a call"),
    }
}

fn say_queued(event: &Event) -> String {
    let Event::CallQueued {
        call,
        number,
        ahead,
        estimate_ms,
    } = event
    else {
        unreachable!("called for a call queued");
    };
    let wait = estimate_ms.filter(|ms| *ms > 0);
    let wait = wait.map_or_else(String::new, |ms| {
        format!(", {ahead} ahead, likely to wait {}", seconds(ms))
    });
    format!("{} queued as {number}{wait}", call.id)
}

fn say_queue(event: &Event) -> String {
    match event {
        Event::QueueHalted { queue, halt } => {
            let kind = match halt.kind {
                HaltKind::Paused => "paused",
                HaltKind::Closed => "closed",
            };
            let until = halt
                .until
                .map_or_else(String::new, |until| format!(" until {}", clock(until)));
            let waiting = match halt.waiting {
                WaitingCalls::Serve => "",
                WaitingCalls::End => ", waiting calls end",
            };
            format!(
                "queue {queue} {kind} by {}{until}{waiting}",
                halt.supervisor
            )
        }
        Event::QueueResumed {
            queue, supervisor, ..
        } => {
            let by = supervisor.as_deref().unwrap_or("the time it had");
            format!("queue {queue} resumed by {by}")
        }
        Event::QueueOpened { queue, opening, .. } => {
            format!("queue {queue} open until {}", say_wall(opening.turns_at))
        }
        Event::QueueShut { queue, opening, .. } => {
            format!("queue {queue} shut until {}", say_wall(opening.turns_at))
        }
        Event::QueueTurnMoved { queue, opening } => {
            let is = if opening.is_open { "open" } else { "shut" };
            format!(
                "queue {queue} stays {is} until {}",
                say_wall(opening.turns_at)
            )
        }
        other => unreachable!("{other:?} is no event of a queue"),
    }
}

fn say_on_site(on_site: OnSite) -> String {
    match on_site {
        OnSite::OutsideWindows { opens_at } => format!(", opens {}", say_wall(opens_at)),
        OnSite::Share => ", not in the share".to_owned(),
        OnSite::Shadow { would } => {
            let would = would.map_or("taken", |reason| reason.label());
            format!(", in shadow: {would}")
        }
    }
}

pub(super) fn say_wall(wall: Option<WallTime>) -> String {
    let at = wall.map(|wall| jiff::Timestamp::from_millisecond(wall.0).unwrap());
    at.map_or_else(|| "never".to_owned(), |at| at.to_string())
}

fn say_callback(event: &Event) -> String {
    match event {
        Event::CallbackRequested {
            call,
            due,
            callback,
            ..
        } => {
            let due = due.map_or_else(|| "now".to_owned(), clock);
            let until = clock(callback.until);
            format!("{call} waits for a callback, due {due}, until {until}")
        }
        Event::CallbackDeferred { call, due, .. } => {
            format!("{call} callback waits for the opening at {}", clock(*due))
        }
        Event::CallbackDue { call } => format!("{call} callback due"),
        Event::CallbackPostponed {
            call,
            due,
            attempts_left,
            ..
        } => {
            let due = clock(*due);
            format!("{call} callback postponed to {due}, {attempts_left} tries left")
        }
        other => panic!("{other:?} is no event of a callback"),
    }
}

fn say_offer(event: &Event) -> String {
    match event {
        Event::OfferMade {
            offer,
            call,
            agent,
            ring,
            candidates,
            runner_up,
            ..
        } => {
            let runner_up = runner_up
                .as_ref()
                .map_or_else(|| "nobody".to_owned(), ToString::to_string);
            format!(
                "{offer} of {call} to {agent} (ring {ring}, {candidates} candidates, then {runner_up})"
            )
        }
        Event::OfferAccepted {
            offer,
            agent,
            connect_by,
            ..
        } => {
            format!(
                "{offer} accepted by {agent}, connect by {}",
                clock(*connect_by)
            )
        }
        Event::OfferEnded {
            offer,
            call,
            cause,
            rescind,
            ..
        } => {
            let rescind = if *rescind { ", rescind" } else { "" };
            format!("{offer} of {call} over: {}{rescind}", cause.label())
        }
        Event::OfferExtended {
            offer, lease_until, ..
        } => {
            format!("{offer} extended to {}", clock(*lease_until))
        }
        Event::RescindReleased { offer, .. } => format!("{offer} released"),
        Event::CallConnected {
            call,
            agent,
            waited_ms,
            in_target,
            ..
        } => {
            let late = if *in_target { "" } else { ", late" };
            format!(
                "{call} connected to {agent} after {}{late}",
                seconds(*waited_ms)
            )
        }
        other => panic!("{other:?} is no event of an offer"),
    }
}

fn say_agent(event: &Event) -> String {
    match event {
        Event::WrapUpStarted { agent, until, .. } => match until {
            Some(until) => format!("{agent} wraps up until {}", clock(*until)),
            None => format!("{agent} wraps up"),
        },
        Event::WrapUpExtended { agent, until, .. } => {
            format!("{agent} wraps up longer, until {}", clock(*until))
        }
        Event::WrapUpEnded {
            agent,
            disposition: Some(code),
            ..
        } => format!("{agent} wrapped up: {code}"),
        Event::WrapUpEnded {
            agent, by_limit, ..
        } => {
            format!(
                "{agent} wrapped up{}",
                if *by_limit { " by limit" } else { "" }
            )
        }
        Event::ExternalStarted { agent, until, .. } => {
            format!("{agent} external until {}", clock(*until))
        }
        Event::ExternalEnded { agent, .. } => format!("{agent} no longer external"),
        Event::SessionOpened { agent, session, .. } => format!("{agent} session {session}"),
        Event::SessionSequenced { agent, sequence } => format!("{agent} sequence {sequence}"),
        Event::LineChanged {
            agent,
            line,
            by_registration,
        } => {
            let by = if *by_registration {
                " by registration"
            } else {
                ""
            };
            format!("{agent} line {}{by}", say_line(*line))
        }
        Event::IntentChanged {
            agent,
            intent,
            by,
            supervisor,
            ..
        } => {
            let by = match by {
                Mover::Policy => " by policy".to_owned(),
                Mover::Agent | Mover::Supervisor => say_by(supervisor.as_deref()),
            };
            format!("{agent} {}{by}", say_intent(intent))
        }
        Event::NextIntentChanged {
            agent,
            next,
            supervisor,
        } => {
            let what = next
                .as_ref()
                .map_or_else(|| "nothing".to_owned(), say_intent);
            format!("{agent} next {what}{}", say_by(supervisor.as_deref()))
        }
        Event::OccupancyFixed { agent, busy_ms, .. } => {
            format!(
                "{agent} busy {} of the last hour",
                seconds(u64::from(*busy_ms))
            )
        }
        other => panic!("{other:?} is no event of an agent"),
    }
}

fn say_order(event: &Event) -> String {
    match event {
        Event::AgentHeld { agent, hold, .. } => format!(
            "{agent} held until {}{}: {}",
            clock(hold.until),
            say_by(Some(&hold.supervisor)),
            hold.reason
        ),
        Event::AgentReleased {
            agent, supervisor, ..
        } => format!("{agent} released{}", say_by(supervisor.as_deref())),
        Event::SiteDrained { site } => {
            format!(
                "site {} drained by {}: {}",
                site.id, site.supervisor, site.reason
            )
        }
        Event::SiteUndrained {
            site, supervisor, ..
        } => format!("site {site} undrained by {supervisor}"),
        other => panic!("{other:?} is no order of a supervisor"),
    }
}

fn say_outage(event: &Event) -> String {
    match event {
        Event::OutageStarted { outage } => format!(
            "outage of {} since {}, {} of {} lost",
            outage.domain,
            clock(outage.since),
            outage.lost,
            outage.signed_in
        ),
        Event::OutageEased { domain, ends_at } => match ends_at {
            Some(at) => format!("outage of {domain} ends at {}", clock(*at)),
            None => format!("outage of {domain} goes on"),
        },
        Event::OutageEnded { domain, lasted_ms } => {
            format!("outage of {domain} over after {}", seconds(*lasted_ms))
        }
        Event::MissesForgiven { agent, misses } => format!("{agent} forgiven, {misses} misses"),
        other => panic!("{other:?} is no event of an outage"),
    }
}

fn say_by(supervisor: Option<&str>) -> String {
    supervisor.map_or_else(String::new, |name| format!(" by {name}"))
}

fn say_line(line: Line) -> String {
    match line {
        Line::Up => "up".to_owned(),
        Line::Silent { lost_at, .. } => format!("silent, lost at {}", clock(lost_at)),
        Line::Lost { .. } => "lost".to_owned(),
    }
}

fn say_intent(intent: &Intent) -> String {
    match intent {
        Intent::Offline => "offline".to_owned(),
        Intent::NotReady(reason) => format!("not ready ({reason})"),
        Intent::Ready => "ready".to_owned(),
    }
}

/// A pool time in seconds, as scripts write it.
pub(crate) fn clock(at: PoolTime) -> String {
    seconds(at.0)
}

fn seconds(ms: u64) -> String {
    if ms.is_multiple_of(1000) {
        format!("{}s", ms / 1000)
    } else {
        format!("{}.{:03}s", ms / 1000, ms % 1000)
    }
}
