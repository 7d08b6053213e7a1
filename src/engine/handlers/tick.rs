//! What happens by itself when a deadline is due.

use super::{
    super::{
        agent::{Intent, Line, Mover, REASON_CHECK, REASON_LINE_LOST, Rescind, Work},
        call::Phase,
        event::{Event, MoveCause, OfferEnd, Outcome as CallOutcome},
        ids::PoolTime,
        reindex::{
            DETACHED_LOST_MS, LINE_LOST_NOT_READY_MS, LINE_LOST_OFFLINE_MS, REFUSALS_FORGOTTEN_MS,
            RESCIND_PATIENCE_MS,
        },
        serve::WhenClosing,
        state::{AgentIx, CallIx, Timer},
    },
    Step,
    callbacks::{begin, expire_callback, unreached},
    ends::{back_to_idle, change_intent, end_call, end_offer, expiry_cause, release},
    moves::change_queue,
    outage::end as end_outage,
    preferred, registration,
    supervision::end_hold,
    talk, windows,
    wrap_up::end as end_wrap_up,
};

/// Works off every deadline that is due, the earliest first.
pub(super) fn tick(step: &mut Step<'_>) {
    windows::turn(step);
    while let Some((due, timer)) = step.state.next_due(step.at.now) {
        let before = step.out.len();
        expire(step, &timer);
        assert!(
            step.out.len() > before,
            "nothing was due at {due:?} for {timer:?}"
        );
    }
}

fn expire(step: &mut Step<'_>, timer: &Timer) {
    match timer {
        Timer::Agent(ix) => expire_agent(step, *ix),
        Timer::Call(ix) => expire_call(step, *ix),
        Timer::Platform(key) => step.emit(Event::PlatformForgotten { key: key.clone() }),
        Timer::Outage(domain) => end_outage(step, domain),
        Timer::Message(message) => super::messages::expire(step, *message),
        Timer::Queue(queue) => super::halt::expire(step, queue),
        Timer::Guard(ix) => super::guard::review(step, *ix),
        Timer::Draft(version) => super::schedule::expire(step, *version),
        Timer::Peak(queue) => super::peaks::end(step, queue, None),
        Timer::Answer(request) => step.emit(Event::AnswerForgotten {
            request: request.clone(),
        }),
        Timer::Tombstone(call) => step.emit(Event::TombstoneDropped { call: call.clone() }),
    }
}

fn expire_agent(step: &mut Step<'_>, ix: AgentIx) {
    let now = step.at.now;
    let state = &step.state.agents[ix].state;
    match &state.work {
        Work::WrapUp {
            until: Some(until), ..
        } if *until <= now => {
            return end_wrap_up(step, ix, true, None);
        }
        Work::External { until } if *until <= now => return end_external(step, ix),
        Work::Idle
        | Work::Offered { .. }
        | Work::Connected { .. }
        | Work::WrapUp { .. }
        | Work::External { .. } => {}
    }
    if let Some(rescind) = state.rescind.clone()
        && step.state.rescind_deadline(&rescind) <= now
    {
        return give_up_rescind(step, ix, *rescind);
    }
    if state.hold.as_ref().is_some_and(|hold| hold.until <= now) {
        return end_hold(step, ix, None);
    }
    if !super::trouble::expire(step, ix) && !registration::expire(step, ix) {
        expire_line(step, ix);
    }
}

/// A dead offer's leg counts as gone. If its platform is there and just says nothing, nobody knows whether the agent's
/// phone still rings: a person must check.
fn give_up_rescind(step: &mut Step<'_>, ix: AgentIx, rescind: Rescind) {
    let silent = step.at.now.since(rescind.since) >= RESCIND_PATIENCE_MS
        && step.state.detached_at(&rescind.key).is_none();
    let agent = step.state.agents[ix].profile.id.clone();
    release(step, rescind.offer, rescind.call, agent);
    if silent && step.state.agents[ix].state.intent == Intent::Ready {
        change_intent(
            step,
            ix,
            Intent::NotReady(REASON_CHECK.into()),
            Mover::Policy,
        );
    }
}

/// A call of another system that nobody ended: a person must check. Of an agent without a desktop the next ring tells.
fn end_external(step: &mut Step<'_>, ix: AgentIx) {
    let agent = step.state.agents[ix].profile.id.clone();
    step.emit(Event::ExternalEnded {
        agent,
        at: step.at.now,
    });
    back_to_idle(step, ix);
    let state = &step.state.agents[ix].state;
    if state.intent == Intent::Ready && !state.by_registration {
        change_intent(
            step,
            ix,
            Intent::NotReady(REASON_CHECK.into()),
            Mover::Policy,
        );
    }
}

fn expire_line(step: &mut Step<'_>, ix: AgentIx) {
    match step.state.agents[ix].state.line {
        Line::Silent { since, .. } => lose_line(step, ix, since),
        Line::Lost { since } => {
            let lost_for = step.at.now.since(since);
            assert!(
                lost_for >= LINE_LOST_NOT_READY_MS,
                "a lost line was due too early"
            );
            let intent = if lost_for >= LINE_LOST_OFFLINE_MS {
                Intent::Offline
            } else {
                Intent::NotReady(REASON_LINE_LOST.into())
            };
            let is_over = intent == Intent::Offline;
            change_intent(step, ix, intent, Mover::Policy);
            // Nobody is there to end it.
            if is_over && matches!(step.state.agents[ix].state.work, Work::WrapUp { .. }) {
                end_wrap_up(step, ix, true, None);
            }
        }
        Line::Up => unreachable!("a line that is up has no deadline"),
    }
}

/// The line is lost: an offer that only the agent's desktop knows goes back at once, and so does one that rings;
/// a call being connected, or in conversation, waits for the platform's word.
fn lose_line(step: &mut Step<'_>, ix: AgentIx, since: PoolTime) {
    let agent = &step.state.agents[ix];
    let work = agent.state.work.clone();
    let agent = agent.profile.id.clone();
    step.emit(Event::LineChanged {
        agent,
        line: Line::Lost { since },
        by_registration: false,
    });
    registration::lift(step, ix);
    if let Work::Offered { call, .. } = work {
        let call = step.state.call(&call).expect("an offered call lives");
        if matches!(step.state.calls[call].state.phase, Phase::Offered(_)) {
            end_offer(step, call, OfferEnd::LineLost, false);
        }
    }
}

fn expire_call(step: &mut Step<'_>, ix: CallIx) {
    let now = step.at.now;
    let call = &step.state.calls[ix];
    if call.state.lost_at.is_some_and(|at| at <= now) {
        return end_call(step, ix, CallOutcome::Lost, OfferEnd::Withdrawn);
    }
    match &call.state.phase {
        Phase::Queued { since } => expire_queued(step, ix, *since),
        Phase::CallbackWaiting { since, due } => expire_callback(step, ix, *since, *due),
        Phase::Connecting(_) if call.state.callback.is_some() => unreached(step, ix, false),
        Phase::Offered(_) | Phase::Connecting(_) => {
            let cause = expiry_cause(step, ix);
            end_offer(step, ix, cause, false);
        }
        Phase::Connected { .. } => talk::expire(step, ix),
    }
}

/// A call that waits for long goes to another queue, or ends here to go on in another pool.
fn overflow_call(step: &mut Step<'_>, ix: CallIx) {
    let queue = &step.state.queue_of(&step.state.calls[ix]).spec;
    match queue.overflow_inside().cloned() {
        Some(to) => change_queue(step, ix, &to, MoveCause::Overflow),
        None => end_call(step, ix, CallOutcome::Overflowed, OfferEnd::Withdrawn),
    }
}

fn expire_queued(step: &mut Step<'_>, ix: CallIx, since: PoolTime) {
    let now = step.at.now;
    let call = &step.state.calls[ix];
    let queue = step.state.queue_of(call);
    let in_queue = now.since(call.state.ring_from);
    if step
        .state
        .is_detached_for(&call.record.key, DETACHED_LOST_MS)
    {
        return end_call(step, ix, CallOutcome::Lost, OfferEnd::Withdrawn);
    }
    if queue.ends_waiting() {
        return end_call(step, ix, CallOutcome::Cancelled, OfferEnd::Withdrawn);
    }
    match step.state.leaves(queue) {
        Some(WhenClosing::Overflow) => return overflow_call(step, ix),
        Some(WhenClosing::Callback) => return begin(step, ix, 0),
        Some(WhenClosing::Serve) | None => {}
    }
    let overflow = step.state.overflows_after_ms(queue);
    if overflow.is_some_and(|after_ms| in_queue >= after_ms) {
        return overflow_call(step, ix);
    }
    if queue.spec.time_out_ms > 0 && in_queue >= queue.spec.time_out_ms {
        return end_call(step, ix, CallOutcome::TimedOut, OfferEnd::Withdrawn);
    }
    expire_waiting(step, ix, since);
}

/// The call is no longer kept for its preferred agent, in its next ring, or its refusals are forgotten.
pub(super) fn expire_waiting(step: &mut Step<'_>, ix: CallIx, since: PoolTime) {
    let now = step.at.now;
    let call = &step.state.calls[ix];
    let kept = call.state.preference.as_ref();
    if kept.is_some_and(|hold| hold.until <= now) {
        return preferred::end(step, ix);
    }
    let queue = step.state.queue_of(call);
    let in_rings = now.since(call.state.ring_clock());
    let id = call.record.id.clone();
    let reached = queue
        .rings
        .iter()
        .rposition(|ring| ring.after_ms <= in_rings)
        .unwrap_or(0);
    if reached > usize::from(call.state.ring) {
        let ring = u8::try_from(reached).expect("a queue has few rings");
        return step.emit(Event::RingEntered { call: id, ring });
    }
    let forgotten = now.since(since) >= REFUSALS_FORGOTTEN_MS;
    assert!(
        forgotten && !call.state.refused.is_empty(),
        "call {id} was due for nothing"
    );
    step.emit(Event::RefusalsForgotten { call: id });
}
