//! Damages clean histories, each in one way, and holds that the checker sees it by the right rule.

mod agents;
mod calls;
mod edit;
mod offers;

use std::collections::BTreeMap;

use homeshore::simulation::checker::{Checker, Report, Rule};
use proptest::{prelude::Strategy, strategy::ValueTree, test_runner::TestRunner};

use self::edit::History;
use super::{read, reference_log};
use crate::engine::play::{Play, histories};

/// A way to damage a history: its name, the rule that sees it, and what it makes of a history at a place, if it fits there.
type Damage = (&'static str, Rule, fn(&History, usize) -> Option<History>);

/// Each damage is done at so many places, if there are.
const PLACES: usize = 3;
/// So many histories are damaged, and more where something found no place in them.
const HISTORIES: usize = 50;
/// Random histories at most.
const HISTORIES_MAX: usize = 1_000;

fn checked(history: &History) -> Report {
    let mut checker = Checker::new();
    for line in &history.lines {
        checker.line(&serde_json::to_string(line).unwrap());
    }
    checker.end(history.is_over)
}

/// A simulation, then random histories.
fn clean() -> impl Iterator<Item = History> {
    let (agents, calls) = reference_log();
    let trace = read(&agents, &calls, None).unwrap();
    let mut lines = Vec::new();
    let mut show = |line: &str| lines.push(line.to_owned());
    let go_on = &mut |_over| std::ops::ControlFlow::Continue(());
    trace.run_shown(go_on, Some(&mut show)).unwrap();
    let mut runner = TestRunner::deterministic();
    let random = std::iter::repeat_with(move || {
        let history = histories(100..400).new_tree(&mut runner).unwrap().current();
        History::read(&Play::told(&history), false)
    });
    std::iter::once(History::read(&lines, true)).chain(random.take(HISTORIES_MAX))
}

#[test]
fn every_damage_is_seen_by_its_rule() {
    let ways: Vec<Damage> = [calls::DAMAGES, offers::DAMAGES, agents::DAMAGES].concat();
    assert!(ways.len() >= 30, "{} ways", ways.len());
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unseen = Vec::new();
    for (number, history) in clean().enumerate() {
        assert_eq!(checked(&history).violations, [], "an undamaged history");
        for (name, rule, damage) in &ways {
            let places = found.entry(name).or_default();
            for at in 0..history.lines.len() {
                if *places == PLACES {
                    break;
                }
                let Some(damaged) = damage(&history, at) else {
                    continue;
                };
                *places += 1;
                unseen.extend(unseen_by(*rule, name, &history, at, &damaged));
            }
        }
        if number >= HISTORIES && found.values().all(|places| *places > 0) {
            break;
        }
    }
    assert!(unseen.is_empty(), "not seen:\n{}", unseen.join("\n"));
    found.retain(|_, places| *places == 0);
    assert!(found.is_empty(), "no place was found for {found:?}");
}

/// What is told of a damage that its rule does not see.
fn unseen_by(
    rule: Rule,
    name: &str,
    history: &History,
    at: usize,
    damaged: &History,
) -> Option<String> {
    let seen = checked(damaged).violations;
    if seen.iter().any(|violation| violation.rule == rule) {
        return None;
    }
    let next = &history.lines[at..history.lines.len().min(at + 8)];
    let next: Vec<String> = next
        .iter()
        .map(|line| serde_json::to_string(line).unwrap())
        .collect();
    Some(format!(
        "{name} is seen as {seen:?} in\n{}",
        next.join("\n")
    ))
}
