//! The engine alone, one thread, no input or output: how long a match takes in each regime and size, a whole command,
//! memory for each agent, and loading. Prints every percentile and the targets, met or not, draws `growth.svg`, and gives
//! the means and medians to criterion; `cargo bench --bench engine`, with sizes as arguments.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops where it cannot go on"
)]

mod bench;
mod figures;
mod growth;
mod regimes;

use std::{hint::black_box, path::Path, time::Duration};

use bench::{Bench, Spread};
use criterion::{BatchSize, Criterion};
use figures::{Matches, Whole, micros};
use growth::{Panel, Point};
use homeshore::{
    clock::instant,
    engine::{
        Engine, Limits,
        ids::{PoolId, PoolTime},
    },
};
use regimes::Regime;

const SIZES: [usize; 3] = [1_500, 15_000, 150_000];
const WAITING: usize = 50_000;
const SAMPLES: usize = 20_000;
const COMMANDS: usize = 5_000;

/// Resident memory of this process, bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0usize) * 4_096
}

/// A whole command, memory and loading, at one size.
fn whole(criterion: &mut Criterion, agents: usize) -> Whole {
    let before = resident();
    let mut bench = Bench::new(Regime::Profiles, agents);
    bench.ready(1);
    bench.engine.take_changes();
    let bytes_of_agent = resident().saturating_sub(before) / agents;
    bench.time_commands(COMMANDS);
    let (spent, commands) = bench.time_commands(COMMANDS);
    let id = format!("whole command/{agents}");
    criterion.bench_function(&id, |timer| {
        timer.iter_custom(|times| {
            let times = u32::try_from(times).unwrap();
            let (spent, commands) = bench.time_commands(times.div_ceil(4) as usize);
            spent * times / commands
        });
    });
    let records = bench.engine.dump();
    let begun = instant();
    let pool = PoolId::new("default");
    let loaded = Engine::load(pool, Limits::default(), &records, PoolTime(bench.now)).unwrap();
    let load = begun.elapsed();
    drop(loaded);
    let whole = Whole {
        agents,
        command: spent / commands,
        bytes_of_agent,
        load,
    };
    let command = micros(u32::try_from(whole.command.as_nanos()).unwrap());
    let load = load.as_millis();
    println!(
        "{agents:>8} agents: a whole command {command} µs in the mean; {bytes_of_agent} bytes an idle agent; loaded in {load} ms"
    );
    whole
}

/// The matches of one regime at one size.
fn matches(criterion: &mut Criterion, regime: Regime, agents: usize) -> Matches {
    let mut idle = Bench::new(regime, agents);
    idle.ready(2);
    let [first, known] = idle.time_calls(SAMPLES).map(bench::Times::spread);
    let id = format!("call, {}/{agents}", regime.name());
    criterion.bench_function(&id, |timer| {
        let asked = (0..SAMPLES).map(|_| idle.asked()).collect::<Vec<_>>();
        let mut asked = asked.iter().cycle();
        timer.iter_batched(
            || asked.next().unwrap(),
            |(queue, own)| black_box(idle.engine.next_agent(queue, own)),
            BatchSize::SmallInput,
        );
    });
    drop(idle);
    let mut busy = Bench::new(regime, agents);
    busy.wait(WAITING);
    let freed = busy.time_agents(SAMPLES).spread();
    let id = format!("freed agent, {}/{agents}", regime.name());
    criterion.bench_function(&id, |timer| {
        let freed = (0..SAMPLES).map(|_| busy.somebody()).collect::<Vec<_>>();
        let mut freed = freed.iter().cycle();
        timer.iter_batched(
            || freed.next().unwrap(),
            |agent| black_box(busy.engine.next_call(agent).is_some()),
            BatchSize::SmallInput,
        );
    });
    let [_, nobody] = busy.time_calls(SAMPLES).map(bench::Times::spread);
    Matches {
        regime,
        agents,
        first,
        known,
        nobody,
        freed,
    }
}

/// The picture of how matches grow.
fn picture(all: &[Matches]) -> String {
    let panel = |title, look: fn(&Matches) -> Spread| {
        let line = |regime: &Regime| {
            let rows = all.iter().filter(|row| row.regime == *regime);
            let points = rows.map(|row| Point {
                agents: row.agents,
                median: look(row).median,
                p99: look(row).p99,
            });
            (regime.name(), points.collect())
        };
        Panel {
            title,
            lines: Regime::ALL.iter().map(line).collect(),
        }
    };
    growth::picture(&[
        panel("an arriving call of a known requirement", |row| row.known),
        panel("a freed agent beside 50,000 calls offered", |row| row.freed),
    ])
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
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .without_plots();
    // The largest first: memory that was given back is used again, and would not be counted.
    let wholes: Vec<Whole> = sizes
        .iter()
        .rev()
        .chain(&[100])
        .map(|agents| whole(&mut criterion, *agents))
        .collect();
    let mut all = Vec::new();
    for regime in Regime::ALL {
        for agents in &sizes {
            all.push(matches(&mut criterion, regime, *agents));
        }
    }
    println!(
        "\nµs: p50 / p99 / max, and the share of looks that found a match; {WAITING} calls offered to an overloaded pool\n\n{}\n\n{}",
        figures::percentiles(&all),
        figures::targets(&all, &wholes)
    );
    if sizes == SIZES {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("loadtests/growth.svg");
        std::fs::write(file, picture(&all)).unwrap();
    }
}
