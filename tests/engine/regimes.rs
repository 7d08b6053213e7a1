//! The regimes of the bench at small sizes: each decision equals that of the reference.

use std::collections::BTreeSet;

use fastrand::Rng;
use homeshore::engine::{
    Limits,
    command::{CallReport, Command, Intent, SessionRef},
    event::Event,
    ids::{CallId, OfferId},
    profile::ProfileFields,
};

use super::{
    reference::follow,
    witness::Witness,
    world::{World, call},
};

#[path = "../../loadtests/regimes.rs"]
mod made_up;

use made_up::{Regime, agent_id, pool, profile, queue_id};

struct Small {
    regime: Regime,
    agents: usize,
    world: World,
    witness: Witness,
    rng: Rng,
    open: BTreeSet<(CallId, OfferId)>,
    talking: BTreeSet<CallId>,
    made: usize,
}

impl Small {
    fn new(regime: Regime, agents: usize, seed: u64) -> Self {
        let mut small = Self {
            regime,
            agents,
            world: World::new(Limits::default()),
            witness: Witness::default(),
            rng: Rng::with_seed(seed),
            open: BTreeSet::new(),
            talking: BTreeSet::new(),
            made: 0,
        };
        small.carry_out(&Command::ApplyPool(Box::new(pool())));
        for number in 0..agents {
            let profile = profile(regime, number, &mut small.rng);
            small.carry_out(&Command::ApplyAgents {
                agents: vec![profile],
                fields: ProfileFields::ALL,
            });
            let agent = agent_id(number);
            small.carry_out(&Command::OpenSession {
                agent,
                stream: true,
            });
        }
        small
    }

    fn carry_out(&mut self, command: &Command) {
        if let Ok(events) = self.world.apply(command) {
            self.follow(self.world.now, Some(command), &events);
            self.world.engine.check_all();
        }
    }

    fn wait(&mut self, ms: u64) {
        for (at, events) in self.world.advance(self.world.now + ms) {
            self.follow(at, None, &events);
        }
    }

    fn follow(&mut self, now: u64, command: Option<&Command>, events: &[Event]) {
        follow(&mut self.witness, now, command, events);
        for event in events {
            match event {
                Event::OfferMade { offer, call, .. } => {
                    self.made += 1;
                    self.open.insert((call.clone(), *offer));
                }
                Event::CallConnected { call, offer, .. } => {
                    self.open.remove(&(call.clone(), *offer));
                    self.talking.insert(call.clone());
                }
                Event::CallEnded { call, .. } => drop(self.talking.remove(call)),
                Event::RescindReleased { call, offer, .. } => {
                    self.open.remove(&(call.clone(), *offer));
                }
                _ => {}
            }
        }
    }

    fn intent(&mut self, number: usize, intent: Intent) {
        self.carry_out(&Command::SetIntent {
            by: SessionRef {
                agent: agent_id(number),
                session: 1,
                sequence: 0,
            },
            intent: Some(intent),
        });
    }

    /// Calls arrive a little faster or a little slower than they are ended.
    fn step(&mut self, number: usize, arrivals: u8) {
        let late = [0, 0, 1, 400, 3_000][self.rng.usize(0..5)];
        self.wait(late);
        match self.rng.u8(0..20) {
            kind if kind < arrivals => self.arrive(number),
            0..14 => {
                let report = [
                    CallReport::Answered,
                    CallReport::Answered,
                    CallReport::NoAnswer,
                    CallReport::Rejected,
                ];
                let report = report[self.rng.usize(0..4)];
                if let Some((call, offer)) = self.rng.choice(self.open.iter()).cloned() {
                    self.open.remove(&(call.clone(), offer));
                    self.carry_out(&Command::ReportCall {
                        call,
                        offer: Some(offer),
                        report,
                    });
                }
            }
            14..17 => {
                if let Some(call) = self.rng.choice(self.talking.iter()).cloned() {
                    self.carry_out(&Command::ReportCall {
                        call,
                        offer: None,
                        report: CallReport::Ended,
                    });
                }
            }
            17 => {
                let number = self.rng.usize(0..self.agents);
                self.intent(number, Intent::NotReady("break".into()));
            }
            _ => {
                let number = self.rng.usize(0..self.agents);
                self.intent(number, Intent::Ready);
            }
        }
    }

    fn arrive(&mut self, number: usize) {
        let mut new = call(
            &format!("c{number}"),
            queue_id(self.rng.usize(0..4)).as_str(),
        );
        new.skills = self.regime.needs(self.agents, &mut self.rng);
        new.waited_ms = self.rng.u64(0..5_000);
        new.priority = ["", "", "high"][self.rng.usize(0..3)].into();
        self.carry_out(&Command::RouteCall(Box::new(new)));
    }
}

fn play(agents: usize, arrivals: u8, steps: usize) {
    for regime in Regime::ALL {
        let mut made = 0;
        for seed in 0..4 {
            let mut small = Small::new(regime, agents, seed);
            for number in 0..agents {
                small.intent(number, Intent::Ready);
            }
            (0..steps).for_each(|number| small.step(number, arrivals));
            made += small.made;
        }
        assert!(made > 0, "{}: nothing was offered", regime.name());
    }
}

#[test]
fn few_calls_find_many_agents_as_the_reference_does() {
    play(150, 7, 120);
}

#[test]
fn few_agents_find_many_calls_as_the_reference_does() {
    play(24, 15, 400);
}

#[test]
fn those_idle_since_the_same_millisecond_are_taken_in_order_of_their_ids() {
    for regime in Regime::ALL {
        let mut small = Small::new(regime, 60, 1);
        for round in 0..3 {
            for number in 0..60 {
                small.intent(number, Intent::Ready);
            }
            (0..20).for_each(|number| small.arrive(round * 20 + number));
            small.wait([0, 1, 5][round]);
            for number in 20..60 {
                small.intent(number, Intent::NotReady("break".into()));
            }
        }
        assert!(small.made > 0, "{}: nothing was offered", regime.name());
    }
}
