//! Conversations: what the platform says of them, and whether one that lasts long still is one.

use super::{
    super::{
        agent::{Intent, Mover, REASON_CHECK},
        call::Phase,
        event::{Event, OfferEnd, Outcome as CallOutcome},
        ids::{AgentId, CallId, OfferId, PoolTime},
        rejection::{Rejection, Violation},
        state::{CallIx, State},
        talk::TalkKind,
    },
    Outcome, Step,
    ends::{change_intent, end_call},
    report::{found, known_offer, live_call, wrong_phase},
};

/// A platform that is asked whether a conversation goes on has this long to answer.
pub(crate) const ANSWER_WITHIN_MS: u64 = 60_000;

/// A conversation that lives.
pub(super) struct Conversation {
    pub(super) ix: CallIx,
    pub(super) agent: AgentId,
    pub(super) since: PoolTime,
}

/// The conversation that an offer led to.
pub(super) fn conversation(
    state: &State,
    id: &CallId,
    offer: OfferId,
) -> Result<Conversation, Rejection> {
    let needed = "in conversation";
    let ix = live_call(state, id, needed)?;
    let call = &state.calls[ix].state;
    let Phase::Connected { agent, since, .. } = &call.phase else {
        return Err(wrong_phase(id, &call.phase, needed));
    };
    if call.last_offer != Some(offer) {
        let problem = "is not the offer that led to this conversation";
        return Err(Rejection::Invalid(vec![Violation::new(
            "offer_id", problem,
        )]));
    }
    let (agent, since) = (agent.clone(), *since);
    Ok(Conversation { ix, agent, since })
}

/// The platform says how a conversation goes on. What was known already changes nothing, unless it was asked for.
pub(super) fn note(
    step: &mut Step<'_>,
    id: &CallId,
    offer: Option<OfferId>,
    talk: TalkKind,
) -> Outcome {
    let offer = known_offer(step.state, id, offer)?;
    let Conversation { ix, agent, .. } = conversation(step.state, id, offer)?;
    found(step, ix);
    let known = step.state.calls[ix].state.talk;
    if known.kind != talk || known.asked_until.is_some() {
        noted(step, id, agent, talk);
    }
    Ok(())
}

/// A platform that still names a call goes on with the conversation that it was asked about.
pub(super) fn confirm(step: &mut Step<'_>, ix: CallIx) {
    let call = &step.state.calls[ix];
    let talk = call.state.talk;
    if let (Phase::Connected { agent, .. }, Some(_)) = (&call.state.phase, talk.asked_until) {
        let (id, agent) = (call.record.id.clone(), agent.clone());
        noted(step, &id, agent, talk.kind);
    }
}

fn noted(step: &mut Step<'_>, call: &CallId, agent: AgentId, talk: TalkKind) {
    let (call, at) = (call.clone(), step.at.now);
    step.emit(Event::TalkNoted {
        call,
        agent,
        talk,
        at,
    });
}

/// The platform says that a conversation no longer is one. One that is over stays so.
pub(super) fn deny(step: &mut Step<'_>, id: &CallId, offer: Option<OfferId>) -> Outcome {
    let offer = known_offer(step.state, id, offer)?;
    if step.state.call(id).is_some() {
        let Conversation { ix, .. } = conversation(step.state, id, offer)?;
        give_up(step, ix);
    }
    Ok(())
}

/// A conversation has lasted long: its platform is asked, and one that does not answer has no such conversation.
pub(super) fn expire(step: &mut Step<'_>, ix: CallIx) {
    let asked = step.state.calls[ix].state.talk.asked_until;
    if asked.is_some_and(|until| until <= step.at.now) {
        give_up(step, ix);
    } else {
        ask(step, ix);
    }
}

/// Asks the platform whether a conversation goes on.
pub(super) fn ask(step: &mut Step<'_>, ix: CallIx) {
    let call = &step.state.calls[ix];
    let Phase::Connected { agent, .. } = &call.state.phase else {
        unreachable!("only a conversation is asked about");
    };
    let (call, agent) = (call.record.id.clone(), agent.clone());
    let at = step.at.now;
    step.emit(Event::TalkQuestioned {
        call,
        agent,
        at,
        until: at.plus(ANSWER_WITHIN_MS),
    });
}

/// Nobody knows since when the conversation is over, nor whether its agent is there: a person must check.
fn give_up(step: &mut Step<'_>, ix: CallIx) {
    let Phase::Connected { agent, .. } = &step.state.calls[ix].state.phase else {
        unreachable!("only a conversation is given up");
    };
    let agent = step.state.agent(agent).expect("a talking agent exists");
    // Whatever was asked for next is forgotten: the check comes before it.
    let check = Intent::NotReady(REASON_CHECK.into());
    change_intent(step, agent, check, Mover::Policy);
    end_call(step, ix, CallOutcome::Lost, OfferEnd::Withdrawn);
}
