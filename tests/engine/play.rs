//! Random orders that mostly make sense, played on a pool under the eyes of the witness.

use std::collections::BTreeSet;

use homeshore::engine::{
    Limits,
    agent::{Intent, Work},
    call::Phase,
    command::{CallReport, Command, LineSign, SessionRef},
    event::Event,
    ids::{AgentId, CallId, OfferId, PlatformKey},
    profile::SiteKind,
    spec::{OfferMode, PoolSpec, QueueSpec, RingSpec, WhenUnstaffed},
    view::{AgentView, CallView, LiveCall, Touched},
};
use proptest::prelude::*;

use super::{
    reference::follow,
    speech::say,
    witness::Witness,
    world::{World, apply_agent, call, levels, platform, profile, queue, spec, text},
};

const AGENTS: u8 = 6;
const CALLS: u8 = 12;

/// An order with small numbers for names, so that histories meet often.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Route {
        call: u8,
        queue: u8,
        priority: u8,
        skill: u8,
        waited: u16,
    },
    Report {
        call: u8,
        stale: bool,
        report: CallReport,
    },
    Cancel {
        call: u8,
    },
    Open {
        agent: u8,
    },
    Line {
        agent: u8,
        heard: bool,
    },
    Intent {
        agent: u8,
        intent: Option<Intent>,
    },
    Accept {
        agent: u8,
    },
    Decline {
        agent: u8,
    },
    Finish {
        agent: u8,
        next: Option<Intent>,
    },
    External {
        agent: u8,
        on: bool,
    },
    End {
        agent: u8,
    },
    Platform {
        key: u8,
        on: bool,
    },
    Declare {
        key: u8,
        upto: u8,
    },
    Agent {
        agent: u8,
        skills: u8,
    },
    Delete {
        agent: u8,
    },
    Pool {
        variant: u8,
    },
    Restart,
}

fn reports() -> impl Strategy<Value = CallReport> {
    prop::sample::select(vec![
        CallReport::Answered,
        CallReport::Answered,
        CallReport::Answered,
        CallReport::NoAnswer,
        CallReport::Busy,
        CallReport::Rejected,
        CallReport::Failed,
        CallReport::CallerGone,
        CallReport::Ended,
        CallReport::Ended,
        CallReport::Rescinded,
    ])
}

fn intents() -> impl Strategy<Value = Intent> {
    prop::sample::select(vec![
        Intent::Ready,
        Intent::Ready,
        Intent::NotReady("break".into()),
        Intent::Offline,
    ])
}

fn orders() -> impl Strategy<Value = Order> {
    let agent = || 0..AGENTS;
    let call = || 0..CALLS;
    prop_oneof![
        12 => (call(), 0u8..3, 0u8..3, 0u8..4, 0u16..200).prop_map(
            |(call, queue, priority, skill, waited)| Order::Route { call, queue, priority, skill, waited }),
        16 => (call(), prop::bool::weighted(0.1), reports())
            .prop_map(|(call, stale, report)| Order::Report { call, stale, report }),
        1 => call().prop_map(|call| Order::Cancel { call }),
        4 => agent().prop_map(|agent| Order::Open { agent }),
        3 => (agent(), any::<bool>()).prop_map(|(agent, heard)| Order::Line { agent, heard }),
        8 => (agent(), prop::option::weighted(0.9, intents()))
            .prop_map(|(agent, intent)| Order::Intent { agent, intent }),
        12 => agent().prop_map(|agent| Order::Accept { agent }),
        3 => agent().prop_map(|agent| Order::Decline { agent }),
        5 => (agent(), prop::option::weighted(0.3, intents()))
            .prop_map(|(agent, next)| Order::Finish { agent, next }),
        1 => (agent(), any::<bool>()).prop_map(|(agent, on)| Order::External { agent, on }),
        1 => agent().prop_map(|agent| Order::End { agent }),
        2 => (0u8..2, any::<bool>()).prop_map(|(key, on)| Order::Platform { key, on }),
        2 => (0u8..2, call()).prop_map(|(key, upto)| Order::Declare { key, upto }),
        1 => (agent(), 0u8..4).prop_map(|(agent, skills)| Order::Agent { agent, skills }),
        1 => agent().prop_map(|agent| Order::Delete { agent }),
        1 => (0u8..3).prop_map(|variant| Order::Pool { variant }),
        1 => Just(Order::Restart),
    ]
}

pub(crate) fn histories(length: usize) -> impl Strategy<Value = Vec<(u64, Order)>> {
    let waits = prop_oneof![6 => 0u64..50, 6 => 0u64..4_000, 2 => 0u64..40_000, 1 => 0u64..400_000];
    prop::collection::vec((waits, orders()), 1..length)
}

fn pool_spec(variant: u8) -> PoolSpec {
    let ring = |after_ms, skills: &str, site_kinds| RingSpec {
        after_ms,
        skills: levels(skills),
        site_kinds,
    };
    let widening = QueueSpec {
        rings: vec![
            ring(0, "fr:3", vec![SiteKind::Home]),
            ring(5_000, "fr:2", vec![SiteKind::Home, SiteKind::Telecentre]),
            ring(20_000 + u64::from(variant) * 1_000, "", vec![]),
        ],
        ..queue("q0", "")
    };
    let ringing = QueueSpec {
        offer_mode: OfferMode::Ring,
        target_ms: 10_000,
        time_out_ms: 60_000,
        wrap_up_limit_ms: 20_000,
        ..queue("q1", "fr:1")
    };
    let small = QueueSpec {
        max_waiting: 2,
        when_unstaffed: WhenUnstaffed::Divert,
        target_ms: 40_000,
        ..queue("q2", "billing:2")
    };
    let mut queues = vec![widening, ringing, small];
    queues.truncate(3 - usize::from(variant == 2));
    spec(queues)
}

/// A world, its witness, and what was said and reached.
pub(crate) struct Play {
    pub(crate) world: World,
    witness: Witness,
    pub(crate) log: Vec<String>,
    pub(crate) kinds: BTreeSet<String>,
}

impl Play {
    pub(crate) fn new() -> Self {
        let world = World::new(Limits {
            tombstones: 8,
            ..Limits::default()
        });
        let mut play = Self {
            world,
            witness: Witness::default(),
            log: Vec::new(),
            kinds: BTreeSet::new(),
        };
        play.carry_out(&Command::ApplyPool(Box::new(pool_spec(0))));
        for agent in 0..AGENTS {
            play.carry_out(&agent_command(agent, agent));
        }
        play
    }

    pub(crate) fn step(&mut self, wait: u64, order: &Order) {
        for (at, events) in self.world.advance(self.world.now + wait) {
            for event in &events {
                self.log.push(format!("{at} {}", say(event)));
                self.kinds.extend(kinds(event));
            }
            follow(&mut self.witness, at, None, &events);
            self.witness.check_settled(at);
        }
        if matches!(order, Order::Restart) {
            self.world.engine = self.world.reloaded();
        }
        if let Some(command) = self.command(order) {
            self.carry_out(&command);
        }
    }

    fn carry_out(&mut self, command: &Command) {
        let now = self.world.now;
        self.log.push(format!("{now} > {}", command.name()));
        let before = self.world.engine.dump();
        let Ok(events) = self.world.apply(command) else {
            assert_eq!(
                self.world.engine.dump(),
                before,
                "a refused command changes nothing"
            );
            return;
        };
        for event in &events {
            self.log.push(format!("{now} {}", say(event)));
            self.kinds.extend(kinds(event));
        }
        follow(&mut self.witness, now, Some(command), &events);
        self.witness.check_settled(now);
        self.witness.check_none_lost();
        self.world.engine.check_all();
    }

    pub(crate) fn check_store(&self) {
        let reloaded = self.world.reloaded();
        assert_eq!(
            text(&reloaded.dump()),
            text(&self.world.engine.dump()),
            "the store holds the pool"
        );
        assert_eq!(reloaded.next_deadline(), self.world.engine.next_deadline());
        assert_eq!(
            text(&self.world.records()),
            text(&self.world.engine.dump()),
            "deltas are the dump"
        );
    }

    /// The live calls, as a platform sees them.
    fn calls(&self) -> Vec<LiveCall> {
        let live = self
            .world
            .engine
            .views()
            .into_iter()
            .filter_map(|view| match view {
                Touched::Call(_, Some(CallView::Live(call))) => Some(call),
                _ => None,
            });
        live.collect()
    }

    /// The agents whose work is of this kind, as they see themselves.
    fn agents(&self, is: impl Fn(&AgentView) -> bool) -> Vec<AgentView> {
        let all = self
            .world
            .engine
            .views()
            .into_iter()
            .filter_map(|view| match view {
                Touched::Agent(_, Some(agent)) => Some(*agent),
                _ => None,
            });
        all.filter(|agent| is(agent)).collect()
    }

    /// A report that mostly makes sense: about a call that it fits, if there is one.
    fn report(&self, pick: u8, stale: bool, report: CallReport) -> Option<Command> {
        let fits = |call: &LiveCall| match report {
            CallReport::Ended => matches!(call.phase, Phase::Connected { .. }),
            CallReport::CallerGone => true,
            CallReport::Rescinded => call.rescind.is_some(),
            _ => call.offer().is_some(),
        };
        let all = self.calls();
        let some: Vec<&LiveCall> = all.iter().filter(|call| fits(call) != stale).collect();
        let call = picked(&some, pick)?;
        let open = call.offer().map(|offer| offer.id);
        let offer = open
            .or_else(|| call.rescind.as_ref().map(|(offer, _)| *offer))
            .unwrap_or(OfferId(1));
        Some(Command::ReportCall {
            call: call.record.id.clone(),
            offer: Some(offer),
            report,
        })
    }

    /// The agent of an open offer, by session, and the offer.
    fn decision(&self, pick: u8) -> Option<(SessionRef, OfferId)> {
        let offered = self.agents(|agent| agent.offer.is_some());
        let agent = picked(&offered, pick)?;
        Some((by(agent), agent.offer.as_ref()?.id))
    }

    fn command(&self, order: &Order) -> Option<Command> {
        Some(match order {
            Order::Route {
                call,
                queue,
                priority,
                skill,
                waited,
            } => route(*call, *queue, *priority, *skill, *waited),
            Order::Report {
                call,
                stale,
                report,
            } => self.report(*call, *stale, *report)?,
            Order::Cancel { call } => {
                let call = picked(&self.calls(), *call)?.record.id.clone();
                Command::CancelCall { call }
            }
            Order::Platform { key, on: true } => Command::AttachPlatform { key: key_of(*key) },
            Order::Platform { key, on: false } => Command::DetachPlatform { key: key_of(*key) },
            Order::Declare { key, upto } => {
                let calls = (0..*upto).map(call_id).collect();
                Command::DeclareCalls {
                    key: key_of(*key),
                    calls,
                }
            }
            Order::Agent { agent, skills } => agent_command(*agent, *skills),
            Order::Delete { agent } => Command::DeleteAgent {
                agent: agent_id(*agent),
            },
            Order::Pool { variant } => Command::ApplyPool(Box::new(pool_spec(*variant))),
            Order::Restart => Command::Recover,
            Order::Open { .. }
            | Order::Line { .. }
            | Order::Intent { .. }
            | Order::Accept { .. }
            | Order::Decline { .. }
            | Order::Finish { .. }
            | Order::External { .. }
            | Order::End { .. } => self.agent_command(order)?,
        })
    }

    fn agent_command(&self, order: &Order) -> Option<Command> {
        Some(match order {
            Order::Open { agent } => Command::OpenSession {
                agent: agent_id(*agent),
            },
            Order::Line { agent, heard } => {
                let silent = LineSign::Silent { for_ms: 6_000 };
                let by = self.by(*agent)?;
                let sign = if *heard { LineSign::Heard } else { silent };
                Command::ReportLine {
                    agent: by.agent,
                    session: by.session,
                    sign,
                }
            }
            Order::Intent { agent, intent } => Command::SetIntent {
                by: self.by(*agent)?,
                intent: intent.clone(),
            },
            Order::Accept { agent } => {
                let (by, offer) = self.decision(*agent)?;
                Command::AcceptOffer { by, offer }
            }
            Order::Decline { agent } => {
                let (by, offer) = self.decision(*agent)?;
                Command::DeclineOffer { by, offer }
            }
            Order::Finish { agent, next } => {
                let (by, call) = self.in_work(*agent, false)?;
                Command::FinishWrapUp {
                    by,
                    call,
                    next: next.clone(),
                }
            }
            Order::External { agent, on } => Command::SetExternal {
                by: self.by(*agent)?,
                external: *on,
            },
            Order::End { agent } => {
                let (by, call) = self.in_work(*agent, true)?;
                Command::EndCall { by, call }
            }
            other => panic!("{other:?} is no order of an agent"),
        })
    }

    /// The newest session of an agent.
    fn by(&self, agent: u8) -> Option<SessionRef> {
        self.agents(|view| view.profile.id == agent_id(agent))
            .first()
            .map(by)
    }

    fn in_work(&self, pick: u8, connected: bool) -> Option<(SessionRef, CallId)> {
        let some = self.agents(|agent| match agent.work {
            Work::Connected { .. } => connected,
            Work::WrapUp { .. } => !connected,
            _ => false,
        });
        let agent = picked(&some, pick)?;
        match &agent.work {
            Work::Connected { call } | Work::WrapUp { call, .. } => Some((by(agent), call.clone())),
            _ => None,
        }
    }
}

fn by(agent: &AgentView) -> SessionRef {
    SessionRef {
        agent: agent.profile.id.clone(),
        session: agent.session,
        sequence: 0,
    }
}

fn picked<T>(some: &[T], pick: u8) -> Option<&T> {
    some.get(usize::from(pick) % some.len().max(1))
}

fn agent_id(agent: u8) -> AgentId {
    AgentId::new(format!("a{agent}"))
}

fn call_id(call: u8) -> CallId {
    CallId::new(format!("c{call}"))
}

fn key_of(key: u8) -> PlatformKey {
    platform(if key == 0 { "pbx" } else { "other" })
}

fn agent_command(agent: u8, skills: u8) -> Command {
    let skills =
        ["fr:3", "fr:2|billing:2", "billing:5", "fr:5|billing:3|es:1"][usize::from(skills % 4)];
    let kinds = [SiteKind::Home, SiteKind::Telecentre, SiteKind::OnSite];
    apply_agent(profile(
        &format!("a{agent}"),
        skills,
        kinds[usize::from(agent % 3)],
    ))
}

fn route(id: u8, queue: u8, priority: u8, skill: u8, waited: u16) -> Command {
    let mut new = call(&format!("c{id}"), &format!("q{queue}"));
    new.priority = ["", "high", "strict"][usize::from(priority)].into();
    new.skills = levels(["", "", "", "billing:3"][usize::from(skill)]);
    new.waited_ms = u64::from(waited);
    new.key = key_of(id % 2);
    Command::RouteCall(Box::new(new))
}

/// The kinds that an event counts for, with its cause where it has one.
fn kinds(event: &Event) -> Vec<String> {
    let json = serde_json::to_value(event).expect("an event is JSON");
    let name = json["event"]
        .as_str()
        .expect("an event has a name")
        .to_owned();
    let cause = ["reason", "cause", "outcome", "by"]
        .iter()
        .find_map(|key| json[key].as_str());
    let line = match json["line"].as_object() {
        Some(line) => line.keys().next().cloned(),
        None => json["line"].as_str().map(str::to_owned),
    };
    let cause = cause.map(str::to_owned).or(line);
    let rescind = json["rescind"].as_bool() == Some(true);
    let mut kinds = vec![cause.map_or_else(|| name.clone(), |cause| format!("{name}:{cause}"))];
    kinds.extend(rescind.then(|| format!("{name}:rescind")));
    kinds
}
