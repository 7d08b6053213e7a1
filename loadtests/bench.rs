//! A pool at work for the bench: filled by a regime, then asked and timed look by look.

use std::{hint::black_box, time::Duration};

use fastrand::Rng;
use homeshore::{
    clock::instant,
    engine::{
        Engine, Limits,
        command::{CallReport, Command, Intent, NewCall, SessionRef},
        event::Event,
        ids::{CallId, Moment, OfferId, PlatformKey, PoolId, PoolTime, QueueId, WallTime},
        profile::{ProfileFields, SkillLevel},
    },
};

use crate::regimes::{Regime, agent_id, pool, profile, queue_id};

/// A pool at work.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) now: u64,
    rng: Rng,
    regime: Regime,
    agents: usize,
    calls: usize,
}

impl Bench {
    pub(crate) fn new(regime: Regime, agents: usize) -> Self {
        let engine = Engine::new(PoolId::new("default"), Limits::default());
        let mut bench = Self {
            engine,
            now: 1_700_000_000_000,
            rng: Rng::with_seed(7),
            regime,
            agents,
            calls: 0,
        };
        bench.apply(&Command::ApplyPool(Box::new(pool())));
        for number in 0..agents {
            let profile = profile(regime, number, &mut bench.rng);
            bench.apply(&Command::ApplyAgents {
                agents: vec![profile],
                fields: ProfileFields::ALL,
            });
            bench.apply(&Command::OpenSession {
                agent: agent_id(number),
                stream: true,
            });
            if number.is_multiple_of(1_000) {
                bench.engine.take_changes();
            }
        }
        bench
    }

    fn apply(&mut self, command: &Command) -> Vec<Event> {
        let at = Moment {
            now: PoolTime(self.now),
            wall: WallTime(0),
        };
        let mut events = Vec::new();
        self.engine.apply(at, command, &mut events).unwrap();
        events
    }

    /// Makes agents ready, in an order of their own, one each few milliseconds.
    pub(crate) fn ready(&mut self, share: usize) {
        let mut numbers: Vec<usize> = (0..self.agents).step_by(share).collect();
        self.rng.shuffle(&mut numbers);
        for number in numbers {
            self.now += 1;
            let by = SessionRef {
                agent: agent_id(number),
                session: 1,
                sequence: 0,
            };
            let intent = Some(Intent::Ready);
            self.apply(&Command::SetIntent { by, intent });
            if self.now.is_multiple_of(1_000) {
                self.engine.take_changes();
            }
        }
    }

    pub(crate) fn wait(&mut self, calls: usize) {
        for _ in 0..calls {
            self.now += 1;
            let call = self.call();
            self.apply(&Command::RouteCall(Box::new(call)));
        }
    }

    fn call(&mut self) -> NewCall {
        self.calls += 1;
        let (queue, skills) = self.asked();
        NewCall {
            id: CallId::new(format!("c{}", self.calls)),
            queue,
            key: PlatformKey {
                platform: "pbx".into(),
                instance: "1".into(),
            },
            priority: "".into(),
            skills,
            waited_ms: 0,
            is_wait_shown: false,
            preferred: None,
            attributes: std::sync::Arc::default(),
            origin: None,
            digest: "".into(),
        }
    }

    /// A queue, and the skills that a call of it asks for itself.
    pub(crate) fn asked(&mut self) -> (QueueId, Vec<SkillLevel>) {
        let needs = self.regime.needs(self.agents, &mut self.rng);
        (queue_id(self.rng.usize(0..4)), needs)
    }

    /// Some agent of the pool.
    pub(crate) fn somebody(&mut self) -> homeshore::engine::ids::AgentId {
        agent_id(self.rng.usize(0..self.agents))
    }

    /// Times the match of arriving calls: the first that asks for something, and the next.
    pub(crate) fn time_calls(&mut self, samples: usize) -> [Times; 2] {
        let mut times = [Times::default(), Times::default()];
        for _ in 0..samples {
            let (queue, own) = self.asked();
            for times in &mut times {
                let begun = instant();
                let choice = black_box(self.engine.next_agent(&queue, &own));
                times.add(begun.elapsed(), choice.is_some());
            }
        }
        times
    }

    /// Times the match of agents who become free.
    pub(crate) fn time_agents(&mut self, samples: usize) -> Times {
        let mut times = Times::default();
        for _ in 0..samples {
            let agent = self.somebody();
            let begun = instant();
            let found = black_box(self.engine.next_call(&agent)).is_some();
            times.add(begun.elapsed(), found);
        }
        times
    }

    /// Time and number of whole commands: calls that arrive, are answered, end, and are wrapped up.
    pub(crate) fn time_commands(&mut self, calls: usize) -> (Duration, u32) {
        let mut spent = Duration::ZERO;
        let mut commands = 0;
        for number in 0..calls {
            self.now += 3_000;
            let call = self.call();
            let id = call.id.clone();
            let begun = instant();
            let events = self.apply(&Command::RouteCall(Box::new(call)));
            commands += 1;
            if let Some(offer) = events.iter().find_map(offer_of) {
                for report in [CallReport::Answered, CallReport::Ended] {
                    self.apply(&Command::ReportCall {
                        call: id.clone(),
                        offer: Some(offer),
                        report,
                    });
                }
                self.now += 2_000;
                self.apply(&Command::Tick);
                commands += 3;
            }
            spent += begun.elapsed();
            if number.is_multiple_of(50) {
                self.engine.take_changes();
            }
        }
        (spent, commands)
    }
}

fn offer_of(event: &Event) -> Option<OfferId> {
    if let Event::OfferMade { offer, .. } = event {
        return Some(*offer);
    }
    None
}

/// Looks, and how many found a match.
#[derive(Default)]
pub(crate) struct Times {
    all: Vec<u32>,
    found: usize,
}

impl Times {
    fn add(&mut self, time: Duration, found: bool) {
        self.all
            .push(u32::try_from(time.as_nanos()).unwrap_or(u32::MAX));
        self.found += usize::from(found);
    }

    /// What matters of them.
    pub(crate) fn spread(mut self) -> Spread {
        self.all.sort_unstable();
        let at = |share: usize| self.all[(self.all.len() - 1) * share / 1000];
        Spread {
            median: at(500),
            p99: at(990),
            max: at(1000),
            found_percent: 100 * self.found / self.all.len(),
        }
    }
}

/// Percentiles of looks, ns, and the share of looks that found a match.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: u32,
    pub(crate) p99: u32,
    pub(crate) max: u32,
    pub(crate) found_percent: usize,
}
