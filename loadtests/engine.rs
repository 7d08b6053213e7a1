//! The engine alone, one thread, no input or output: how long a match takes in each regime and size, a whole command,
//! memory for each agent, and loading. Prints a table; `cargo bench --bench engine`, with sizes as arguments.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops where it cannot go on"
)]

mod regimes;

use std::{hint::black_box, time::Duration};

use fastrand::Rng;
use homeshore::{
    clock::instant,
    engine::{
        Engine, Limits,
        command::{CallReport, Command, Intent, NewCall, SessionRef},
        event::Event,
        ids::{CallId, Moment, OfferId, PlatformKey, PoolId, PoolTime, WallTime},
        profile::{ProfileFields, SkillLevel},
    },
};
use regimes::{Regime, agent_id, pool, profile, queue_id};

const SIZES: [usize; 3] = [1_500, 15_000, 150_000];
const WAITING: usize = 50_000;
const SAMPLES: usize = 20_000;

/// A pool at work.
struct Bench {
    engine: Engine,
    now: u64,
    rng: Rng,
    regime: Regime,
    agents: usize,
    calls: usize,
}

impl Bench {
    fn new(regime: Regime, agents: usize) -> Self {
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
            });
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
    fn ready(&mut self, share: usize) {
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
        }
    }

    fn wait(&mut self, calls: usize) {
        for _ in 0..calls {
            self.now += 1;
            let call = self.call();
            self.apply(&Command::RouteCall(Box::new(call)));
        }
    }

    fn call(&mut self) -> NewCall {
        self.calls += 1;
        let needs = self.regime.needs(self.agents, &mut self.rng);
        NewCall {
            id: CallId::new(format!("c{}", self.calls)),
            queue: queue_id(self.rng.usize(0..4)),
            key: PlatformKey {
                platform: "pbx".into(),
                instance: "1".into(),
            },
            priority: "".into(),
            skills: needs,
            waited_ms: 0,
            attributes: std::sync::Arc::default(),
            digest: "".into(),
        }
    }

    /// Times the match of arriving calls.
    fn time_calls(&mut self, samples: usize) -> Times {
        let needs: Vec<(usize, Vec<SkillLevel>)> = (0..samples)
            .map(|_| (self.rng.usize(0..4), self.regime.needs(self.agents, &mut self.rng)))
            .collect();
        let mut times = Times::default();
        for (queue, own) in &needs {
            let queue = queue_id(*queue);
            // Once untimed: a requirement that is asked for the first time looks at every agent.
            black_box(self.engine.next_agent(&queue, own));
            let begun = instant();
            times.found += usize::from(black_box(self.engine.next_agent(&queue, own)).is_some());
            times.all.push(begun.elapsed());
        }
        times
    }

    /// Times the match of agents who become free.
    fn time_agents(&mut self, samples: usize) -> Times {
        let mut times = Times::default();
        for _ in 0..samples {
            let agent = agent_id(self.rng.usize(0..self.agents));
            let begun = instant();
            times.found += usize::from(black_box(self.engine.next_call(&agent)).is_some());
            times.all.push(begun.elapsed());
        }
        times
    }

    /// Mean of a whole command: calls that arrive, are answered, end, and are wrapped up.
    fn time_commands(&mut self, calls: usize) -> Duration {
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
            if number % 50 == 0 {
                self.engine.take_changes();
            }
        }
        spent / commands
    }
}

fn offer_of(event: &Event) -> Option<OfferId> {
    if let Event::OfferMade { offer, .. } = event {
        return Some(*offer);
    }
    None
}

#[derive(Default)]
struct Times {
    all: Vec<Duration>,
    found: usize,
}

impl Times {
    fn show(mut self) -> String {
        self.all.sort_unstable();
        let at = |share: usize| micros(self.all[(self.all.len() - 1) * share / 1000]);
        let found = 100 * self.found / self.all.len();
        format!("{:>7} {:>7} {:>8} {found:>4} %", at(500), at(990), at(1000))
    }
}

fn micros(time: Duration) -> String {
    let nanos = time.as_nanos();
    format!("{}.{:02}", nanos / 1_000, nanos % 1_000 / 10)
}

/// Resident memory of this process, bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0usize) * 4_096
}

fn main() {
    let given: Vec<usize> = std::env::args().filter_map(|size| size.parse().ok()).collect();
    let sizes = if given.is_empty() { SIZES.to_vec() } else { given };
    println!("times in µs; `found` is the share of looks that found a match");
    println!("{:<18} {:>8}  {:^30}  {:^30}  {:^30}", "", "", "call, half idle", "call, overload", "freed agent, overload");
    println!("{:<18} {:>8}  {}", "regime", "agents", "     p50     p99      max  found  ".repeat(3));
    for regime in Regime::ALL {
        for agents in &sizes {
            let mut idle = Bench::new(regime, *agents);
            idle.ready(2);
            let call_idle = idle.time_calls(SAMPLES).show();
            drop(idle);
            let mut busy = Bench::new(regime, *agents);
            busy.wait(WAITING);
            let agent_busy = busy.time_agents(SAMPLES).show();
            let call_busy = busy.time_calls(SAMPLES).show();
            println!("{:<18} {agents:>8}  {call_idle}  {call_busy}  {agent_busy}", regime.name());
        }
    }
    for agents in [100].iter().chain(&sizes) {
        let before = resident();
        let mut bench = Bench::new(Regime::Unique, *agents);
        bench.ready(1);
        bench.engine.take_changes();
        let memory = resident().saturating_sub(before) / agents;
        let mean = bench.time_commands(5_000);
        println!("whole command, {agents} agents: mean {} µs; {memory} bytes an agent", micros(mean));
        let records = bench.engine.dump();
        let begun = instant();
        let pool = PoolId::new("default");
        let loaded = Engine::load(pool, Limits::default(), &records, PoolTime(bench.now)).unwrap();
        println!("load, {agents} agents: {:?}", begun.elapsed());
        drop(loaded);
    }
}
