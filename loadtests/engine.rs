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
        profile::ProfileFields,
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
            if self.now.is_multiple_of(1_000) {
                self.engine.take_changes();
            }
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
            preferred: None,
            attributes: std::sync::Arc::default(),
            origin: None,
            digest: "".into(),
        }
    }

    /// Times the match of arriving calls: the first that asks for something, and the next.
    fn time_calls(&mut self, samples: usize) -> [Times; 2] {
        let mut times = [Times::default(), Times::default()];
        for _ in 0..samples {
            let own = self.regime.needs(self.agents, &mut self.rng);
            let queue = queue_id(self.rng.usize(0..4));
            for times in &mut times {
                let begun = instant();
                let choice = black_box(self.engine.next_agent(&queue, &own));
                times.all.push(begun.elapsed());
                times.found += usize::from(choice.is_some());
            }
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
            if number.is_multiple_of(50) {
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
        format!("{} / {} / {}, {found} %", at(500), at(990), at(1000))
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

/// A whole command, memory and loading, at one size.
fn whole(agents: usize) {
    let before = resident();
    let mut bench = Bench::new(Regime::Profiles, agents);
    bench.ready(1);
    bench.engine.take_changes();
    let memory = resident().saturating_sub(before) / agents;
    bench.time_commands(5_000);
    let mean = bench.time_commands(5_000);
    let records = bench.engine.dump();
    let begun = instant();
    let pool = PoolId::new("default");
    let loaded = Engine::load(pool, Limits::default(), &records, PoolTime(bench.now)).unwrap();
    let load = begun.elapsed().as_millis();
    drop(loaded);
    println!(
        "{agents:>8} agents: a whole command {} µs in the mean; {memory} bytes an idle agent; loaded in {load} ms",
        micros(mean)
    );
}

/// The matches of one regime at one size.
fn matches(regime: Regime, agents: usize) {
    let mut idle = Bench::new(regime, agents);
    idle.ready(2);
    let [first, next] = idle.time_calls(SAMPLES).map(Times::show);
    drop(idle);
    let mut busy = Bench::new(regime, agents);
    busy.wait(WAITING);
    let agent_busy = busy.time_agents(SAMPLES).show();
    let [_, nobody] = busy.time_calls(SAMPLES).map(Times::show);
    println!(
        "| {} | {agents} | {first} | {next} | {nobody} | {agent_busy} |",
        regime.name()
    );
}

fn main() {
    let given: Vec<usize> = std::env::args()
        .filter_map(|size| size.parse().ok())
        .collect();
    let sizes = if given.is_empty() {
        SIZES.to_vec()
    } else {
        given
    };
    // The largest first: memory that was given back is used again, and would not be counted.
    for agents in sizes.iter().rev().chain(&[100]) {
        whole(*agents);
    }
    println!(
        "\nµs: p50 / p99 / max, and the share of looks that found a match; {WAITING} calls offered to an overloaded pool\n"
    );
    println!(
        "| regime | agents | call, mostly a new requirement | call, known requirement | call, nobody is idle | freed agent |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for regime in Regime::ALL {
        for agents in &sizes {
            matches(regime, *agents);
        }
    }
}
