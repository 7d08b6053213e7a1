//! Holds what is explained against the witness, which knows events alone: who is counted, who would be next, and that
//! an agent's reasons are those that the call tells of the agent.

use std::{collections::BTreeSet, sync::Arc};

use homeshore::engine::{
    Engine,
    agent::{Intent, Line, Work},
    call::Phase,
    explain::{self, Demand, Scene, WaitingExplanation},
    ids::{AgentId, PoolTime},
    profile::SiteKind,
    view::{AgentView, CallView, LiveCall, QueueView, Touched},
};

use super::{reference::able, witness::Witness, world::profile};

/// What readers see of a pool.
struct Seen {
    calls: Vec<LiveCall>,
    agents: Vec<AgentView>,
    queues: Vec<QueueView>,
}

impl Seen {
    fn of(engine: &Engine) -> Self {
        let (mut calls, mut agents, mut queues) = (Vec::new(), Vec::new(), Vec::new());
        for view in engine.views() {
            match view {
                Touched::Call(_, Some(view)) => calls.extend(view.into_live()),
                Touched::Agent(_, Some(agent)) => agents.push(*agent),
                Touched::Queue(_, queue) => queues.extend(queue),
                _ => {}
            }
        }
        Self {
            calls,
            agents,
            queues,
        }
    }

    fn waiting(&self) -> impl Iterator<Item = &LiveCall> {
        let waits = |call: &&LiveCall| {
            matches!(
                call.phase,
                Phase::Queued { .. } | Phase::CallbackWaiting { due: None, .. }
            )
        };
        self.calls.iter().filter(waits)
    }
}

/// What keeps calls from an agent, as a supervisor is told.
pub(crate) fn sentence(engine: &Engine, agent: &str, now: u64) -> String {
    let spec = engine.spec().expect("a pool has its configuration");
    let seen = Seen::of(engine);
    let balances = explain::balances(spec, seen.queues.iter(), PoolTime(now));
    let scene = Scene {
        spec,
        now: PoolTime(now),
        balances: &balances,
    };
    let mut agents = seen.agents.iter();
    let view = agents.find(|view| view.profile.id.as_str() == agent);
    let view = view.expect("an agent who exists");
    let told = explain::agent(scene, view, seen.calls.iter());
    explain::of_agent(view, &told, scene.now)
}

/// Explains every waiting call and every agent of a pool between commands.
/// Answers what was told.
pub(crate) fn check(engine: &Engine, witness: &Witness, now: u64) -> BTreeSet<String> {
    let mut met = BTreeSet::new();
    let Some(spec) = engine.spec() else {
        return BTreeSet::new();
    };
    let seen = Seen::of(engine);
    let balances = explain::balances(spec, seen.queues.iter(), PoolTime(now));
    let scene = Scene {
        spec,
        now: PoolTime(now),
        balances: &balances,
    };
    for call in seen.waiting() {
        let told = explain::waiting(scene, call, seen.calls.iter(), seen.agents.iter());
        let told = told.expect("a waiting call is explained");
        check_counts(&seen, &told);
        check_witness(witness, call, &told, now);
        check_newcomer(scene, &seen, call);
        met.extend(told.excluded.iter().map(|(why, _)| why.label()));
        met.extend(told.withheld.iter().map(|why| why.label()));
        met.extend(told.next.as_ref().map(|_| "next"));
        let told = explain::of_call(&CallView::Live(call.clone()), Some(&told), scene.now);
        assert!(told.ends_with('.') && told.len() < 400, "{told}");
    }
    for agent in &seen.agents {
        met.extend(check_agent(scene, &seen, agent));
    }
    met.into_iter().map(|why| format!("told:{why}")).collect()
}

fn check_counts(seen: &Seen, told: &WaitingExplanation) {
    let excluded: u32 = told.excluded.iter().map(|(_, count)| count).sum();
    let all = u32::try_from(seen.agents.len()).unwrap();
    assert_eq!((told.agents, excluded + told.able), (all, all), "{told:?}");
    assert_eq!(told.next.is_some(), told.able > 0, "{told:?}");
    let may_be_offered = told.withheld.is_empty() && told.able > 0;
    assert!(!may_be_offered, "a call waits beside its agent: {told:?}");
}

fn check_witness(witness: &Witness, call: &LiveCall, told: &WaitingExplanation, now: u64) {
    let id = &call.record.id;
    let offerable = witness.offerable_calls(now);
    let offerable = offerable.iter().any(|(offerable, _)| offerable == id);
    assert_eq!(told.withheld.is_empty(), offerable, "{id} {told:?}");
    let seen = &witness.calls[id];
    let able = able(witness, seen);
    assert_eq!(told.able as usize, able.len(), "{id} {told:?}");
    assert_eq!(told.next.as_ref(), able.first(), "{id} {told:?}");
    let others = witness.calls.values().filter(|other| other.waits());
    let before = others.filter(|other| witness.order(other, now) > witness.order(seen, now));
    assert_eq!(told.ahead_in_pool as usize, before.count(), "{id}");
}

/// Someone made up who is free and has everything, and is the one whom it is kept for, would be offered the call.
fn check_newcomer(scene: Scene<'_>, seen: &Seen, call: &LiveCall) {
    let Some(somebody) = seen.agents.first() else {
        return;
    };
    let kept = call.preference.as_ref();
    let id = kept.map_or("newcomer", |kept| kept.agent.as_str());
    let mut newcomer = AgentView {
        profile: Arc::new(profile(id, "billing:5|es:5|fr:5", SiteKind::Home)),
        intent: Intent::Ready,
        work: Work::Idle,
        line: Line::Up,
        idle_since: PoolTime(0),
        blocked: Vec::new(),
        ..somebody.clone()
    };
    let with = |agent: &AgentView| {
        let others = seen.agents.iter();
        let others =
            others.filter(|other| Demand::of(scene, call).unwrap().reason(other).is_some());
        let agents = others.chain([agent]);
        let told = explain::waiting(scene, call, seen.calls.iter(), agents);
        told.expect("it waits").next
    };
    assert_eq!(with(&newcomer), Some(AgentId::new(id)));
    newcomer.intent = Intent::NotReady("break".into());
    assert_ne!(with(&newcomer), Some(AgentId::new(id)));
}

/// Answers what keeps calls away from the agent.
fn check_agent(scene: Scene<'_>, seen: &Seen, agent: &AgentView) -> BTreeSet<&'static str> {
    let told = explain::agent(scene, agent, seen.calls.iter());
    let unfit: u32 = told.unfit.iter().map(|(_, count)| count).sum();
    assert_eq!(unfit + told.fitting, told.waiting);
    assert_eq!(told.waiting as usize, seen.waiting().count());
    for call in seen.waiting() {
        let demand = Demand::of(scene, call).expect("a live call has its queue");
        let named = told.first.iter().any(|first| first.call == call);
        // Only the first ten are named.
        let told_of = named || told.fitting > 10;
        assert!(told_of || demand.unfit(agent).is_some());
        match demand.reason(agent) {
            None => {
                let mut keeping = told.keeping.iter();
                let some = keeping.all(|keeping| keeping.longer_than_ms.is_some());
                assert!(told_of && some, "{told:?}");
            }
            Some(reason) => {
                let kept = told.keeping.iter().any(|keeping| keeping.reason == reason);
                let unfit = told.unfit.iter().any(|(unfit, _)| *unfit == reason);
                assert!(kept || unfit, "{reason:?} is not among {told:?}");
            }
        }
    }
    let words = explain::of_agent(agent, &told, scene.now);
    assert!(words.ends_with('.') && words.len() < 500, "{words}");
    let keeping = told.keeping.iter();
    keeping.map(|keeping| keeping.reason.label()).collect()
}
