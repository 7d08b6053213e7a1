//! Outages as they begin, ease and end, and the misses that they excuse.

use super::{
    super::{
        agent::{Intent, Mover, REASON_RONA},
        event::Event,
        ids::PoolTime,
        outage::{Domain, OUTAGE_WINDOW_MS, Outage},
        state::AgentIx,
    },
    Step,
    ends::change_intent,
};

/// An outage is over once few lines have been lost for this long.
const EASED_MS: u64 = 120_000;

/// Looks at the lines that were lost, and at how the open outages go on.
pub(super) fn watch(step: &mut Step<'_>) {
    for ix in step.state.take_fresh_losses() {
        if let Some(outage) = step.state.outage_of(ix) {
            start(step, outage);
        }
    }
    if step.state.outages.open.is_empty() {
        return;
    }
    let open = step.state.outages.open.values();
    let turned: Vec<Outage> = open
        .filter(|outage| is_eased(step, outage) != outage.ends_at.is_some())
        .cloned()
        .collect();
    for outage in turned {
        let eased = outage.ends_at.is_none();
        step.emit(Event::OutageEased {
            domain: outage.domain,
            ends_at: eased.then(|| step.at.now.plus(EASED_MS)),
        });
    }
}

/// Whether under 10 % of those signed in at the first loss have no line.
fn is_eased(step: &Step<'_>, outage: &Outage) -> bool {
    let lost = u64::from(step.state.lost_in(&outage.domain));
    lost * 10 < u64::from(outage.signed_in)
}

/// Few lines have been lost for long enough.
pub(super) fn end(step: &mut Step<'_>, domain: &Domain) {
    let outage = &step.state.outages.open[domain];
    let (domain, lasted_ms) = (domain.clone(), step.at.now.since(outage.since));
    step.emit(Event::OutageEnded { domain, lasted_ms });
}

fn start(step: &mut Step<'_>, outage: Outage) {
    let (domain, from) = (outage.domain.clone(), outage.since.minus(OUTAGE_WINDOW_MS));
    step.emit(Event::OutageStarted { outage });
    for ix in step.state.agents_in(&domain) {
        forgive(step, ix, from);
    }
}

/// Takes back the misses of an agent since then, and not being ready because of them: the agent had asked to be ready,
/// and for nothing else since.
fn forgive(step: &mut Step<'_>, ix: AgentIx, from: PoolTime) {
    let agent = &step.state.agents[ix];
    let forgiven = agent.no_answers.iter().filter(|at| **at >= from).count();
    if forgiven == 0 {
        return;
    }
    let id = agent.profile.id.clone();
    let forgiven = u8::try_from(forgiven).unwrap_or(u8::MAX);
    let misses = agent.state.misses.saturating_sub(forgiven);
    let is_rona = agent.state.intent == Intent::NotReady(REASON_RONA.into());
    if is_rona && agent.state.next_intent.is_none() {
        change_intent(step, ix, Intent::Ready, Mover::Policy);
    }
    step.emit(Event::MissesForgiven { agent: id, misses });
}
