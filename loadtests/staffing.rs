//! How long required agents take by Erlang C: prints, for each number of calls given, the agents and the nanoseconds of an
//! answer. `loadtests/staffing.py` runs it beside the Python package pyworkforce.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "measures time, and stops where it cannot go on"
)]

use std::{hint::black_box, time::Instant};

use homeshore::planning::erlang::{
    Demand,
    staffing::{Target, required_with_endless_patience},
};

const ANSWERS: u32 = 20_000;

fn main() {
    let target = Target {
        answer_s: 20.0,
        service_level: 0.8,
        max_occupancy: 1.0,
        max_abandonment: None,
    };
    for calls in std::env::args().filter_map(|argument| argument.parse().ok()) {
        let demand = Demand {
            calls,
            interval_s: 1800.0,
            aht_s: 240.0,
        };
        let begun = Instant::now();
        let mut agents = 0;
        for _ in 0..ANSWERS {
            let found =
                required_with_endless_patience(black_box(demand), black_box(&target), 1_000_000);
            agents = found.unwrap().agents;
        }
        let each = begun.elapsed() / ANSWERS;
        println!("{agents} {}", each.as_nanos());
    }
}
