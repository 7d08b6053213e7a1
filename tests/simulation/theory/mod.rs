//! The simulator against exact theory: every `queueing/{erlang_c,erlang_a,skill_designs}*.csv` of the folder
//! `HOMESHORE_REFERENCE`.
//!
//! `HOMESHORE_CALLS` is how many calls each row is played with, at first; `HOMESHORE_CALLS_MAX` how many at most, if its
//! intervals are still too wide, or what they are of has hardly happened; `HOMESHORE_ROWS=all` plays every row, not six of the project's own.

mod compare;
mod erlang;
mod skills;
mod tables;

use compare::{Comparison, Verdict};
use tables::{Row, rows};

/// Rows of the usual run: 3 to 30 agents at 33 to 98 % occupancy, with and without patience, one and several skills; of
/// those for which so many calls are enough.
const USUAL: [&str; 6] = ["C016", "C022", "A004", "A019", "N1", "P1"];
const CALLS: u64 = 1_000_000;

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var_os(variable).map_or(usual, |text| {
        let number = text.to_str().and_then(|text| text.parse().ok());
        number.unwrap_or_else(|| panic!("{variable} is a whole number"))
    })
}

#[test]
fn exact_values_lie_in_the_intervals() {
    let is_all = std::env::var_os("HOMESHORE_ROWS").is_some_and(|rows| rows == "all");
    let mut open: Vec<Row> = rows()
        .into_iter()
        .filter(|row| is_all || USUAL.contains(&row.name()))
        .collect();
    assert!(open.len() >= USUAL.len(), "rows are missing");
    let most = number("HOMESHORE_CALLS_MAX", 0);
    let mut calls = number("HOMESHORE_CALLS", CALLS);
    let mut verdict = Verdict::default();
    // The cheap rows come first: one whose intervals are too wide waits until all were played with so many calls.
    while !open.is_empty() {
        let (is_last, count) = (calls >= most, open.len());
        let mut wide = Vec::new();
        for (row, place) in open.into_iter().zip(1..) {
            let comparisons = row.play(calls);
            if is_last || comparisons.iter().all(Comparison::is_settled) {
                for comparison in comparisons {
                    println!("{comparison}");
                    verdict.count(&comparison);
                }
                println!(
                    "{} is done with {calls} calls ({place} of {count}); so far {verdict}",
                    row.name()
                );
            } else {
                println!(
                    "{} is too wide with {calls} calls ({place} of {count})",
                    row.name()
                );
                wide.push(row);
            }
        }
        open = wide;
        calls = (calls * 4).min(most);
    }
    println!("{verdict}");
    assert!(verdict.is_good(), "{verdict}");
}
