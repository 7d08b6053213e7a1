//! The matcher, slow and obvious: every waiting call, the most urgent first, looks at every agent. The index of the
//! engine must make the same offers, in the same order, with the same record of the decision.

use homeshore::engine::{
    command::{Command, NewCall},
    event::{DivertReason, Event},
    ids::{AgentId, CallId},
    profile::SkillLevel,
    spec::WhenUnstaffed,
};

use super::{
    choice::{in_order, queues_first},
    waits::check_wait,
    witness::{SeenAgent, SeenCall, Witness},
};

/// An offer as the reference makes it, and its record: candidates to 100 exactly, 101 for more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    call: CallId,
    agent: AgentId,
    candidates: u32,
    runner_up: Option<AgentId>,
}

/// Shows the events of one command to the witness, and holds its decisions against the reference.
pub(crate) fn follow(witness: &mut Witness, now: u64, command: Option<&Command>, events: &[Event]) {
    let is_offer = |event: &Event| matches!(event, Event::OfferMade { .. });
    let offers = events.len()
        - events
            .iter()
            .rev()
            .take_while(|event| is_offer(event))
            .count();
    for event in &events[..offers] {
        check_taken(witness, command, event);
        witness.see(now, event);
        check_wait(witness, now, event);
    }
    let made: Vec<Decision> = events[offers..].iter().filter_map(decision).collect();
    assert_eq!(made, decisions(witness.clone(), now), "offers at {now}");
    events[offers..]
        .iter()
        .for_each(|event| witness.see(now, event));
}

fn decision(event: &Event) -> Option<Decision> {
    let Event::OfferMade {
        call,
        agent,
        candidates,
        runner_up,
        ..
    } = event
    else {
        return None;
    };
    Some(Decision {
        call: call.clone(),
        agent: agent.clone(),
        candidates: *candidates,
        runner_up: runner_up.clone(),
    })
}

/// All offers that are due now, in order: the most urgent call that somebody may take chooses an agent; if the agent's
/// group puts another waiting call first, that one is offered to the agent.
fn decisions(mut witness: Witness, now: u64) -> Vec<Decision> {
    let mut calls: Vec<(CallId, SeenCall)> = witness.offerable_calls(now);
    calls.sort_by_key(|(_, call)| std::cmp::Reverse(witness.order(call, now)));
    let mut made = Vec::new();
    while let Some((agent, call)) = next_offer(&witness, &calls) {
        let (id, seen) = calls.remove(call);
        let may = able(&witness, &seen);
        let mut others = may.iter().filter(|other| **other != agent);
        made.push(Decision {
            call: id,
            candidates: u32::try_from(may.len().min(101)).unwrap(),
            runner_up: others.next().cloned(),
            agent: agent.clone(),
        });
        witness.agents.get_mut(&agent).unwrap().busy = true;
    }
    made
}

/// The next agent, and the place of the call in the list.
fn next_offer(witness: &Witness, calls: &[(CallId, SeenCall)]) -> Option<(AgentId, usize)> {
    let mut chosen = calls.iter().enumerate();
    let (place, agent) = chosen.find_map(|(place, (_, call))| {
        let first = able(witness, call).into_iter().next()?;
        Some((place, first))
    })?;
    let seen = &witness.agents[&agent];
    let ordered = queues_first(witness.spec.as_ref().unwrap(), &seen.profile);
    let rank = |call: &SeenCall| {
        let queue = witness.queue_and_ring(call).0.id.as_str();
        let place = ordered.iter().position(|first| *first == queue);
        place.unwrap_or(usize::MAX)
    };
    let fitting = calls.iter().enumerate();
    let fitting = fitting.filter(|(_, (_, call))| witness.may_take(seen, call));
    let first = fitting.min_by_key(|(place, (_, call))| (rank(call), *place));
    let by_group = first.map_or(place, |(place, _)| place);
    Some((agent, if ordered.is_empty() { place } else { by_group }))
}

/// Those who may take a call, the chosen one first.
pub(crate) fn able(witness: &Witness, call: &SeenCall) -> Vec<AgentId> {
    let (queue, ring) = witness.queue_and_ring(call);
    let agents = witness.agents.iter();
    let may = agents.filter(|(_, agent)| witness.may_take(agent, call));
    in_order(witness.spec.as_ref().unwrap(), queue, ring, may)
}

/// A call is taken exactly if somebody has what its last ring needs, and is signed in where the queue asks for it.
fn check_taken(witness: &Witness, command: Option<&Command>, event: &Event) {
    let diverted = match event {
        Event::CallQueued { .. } => None,
        Event::CallDiverted { reason, .. } => Some(*reason),
        _ => return,
    };
    let Some(Command::RouteCall(call)) = command else {
        panic!("only a routed call is taken or diverted");
    };
    let expected = nobody(witness, call);
    assert_eq!(
        diverted.filter(|why| *why != DivertReason::Full),
        expected,
        "{}",
        call.id
    );
}

/// The hash that parts calls, written out once more.
fn fnv_mixed(text: &str) -> u64 {
    let mut hash = 14_695_981_039_346_656_037_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(13_787_848_793_156_543_929);
    hash = (hash ^ (hash >> 27)).wrapping_mul(10_723_151_780_598_845_931);
    hash ^ (hash >> 31)
}

fn nobody(witness: &Witness, call: &NewCall) -> Option<DivertReason> {
    let spec = witness.spec.as_ref().unwrap();
    let mut queues = spec.queues.iter();
    let queue = queues.find(|queue| queue.id == call.queue).unwrap();
    let ring = queue.rings.last().unwrap();
    let fits = |agent: &&SeenAgent| {
        let skills = &agent.profile.skills;
        let has = |need: &SkillLevel| {
            let mut held = skills.iter();
            held.any(|held| held.skill == need.skill && held.level >= need.level)
        };
        let kind = agent.profile.site.kind;
        let site = ring.site_kinds.is_empty() || ring.site_kinds.contains(&kind);
        site && ring.skills.iter().chain(&call.skills).all(has)
    };
    if witness.halted.contains_key(call.queue.as_str()) {
        return Some(DivertReason::Closed);
    }
    let serve = &queue.serve;
    let is_taken = fnv_mixed(call.id.as_str()) % 100 < u64::from(serve.share_percent);
    if witness.is_shut(call.queue.as_str()) || !is_taken || serve.shadow {
        return Some(DivertReason::OnSite);
    }
    let able: Vec<&SeenAgent> = witness.agents.values().filter(fits).collect();
    let asked = queue.when_unstaffed == WhenUnstaffed::Divert;
    if able.is_empty() {
        Some(DivertReason::NoAgentEver)
    } else if asked && !able.iter().any(|agent| agent.stays()) {
        Some(DivertReason::Unstaffed)
    } else {
        None
    }
}
