//! What was simulated.

use std::time::Duration;

use super::{
    Side,
    numbers::{Cell, Clock},
    tables::{Line, Table, words},
};
use crate::{
    cli::text,
    engine::profile::SiteKind,
    simulation::model::{Scenario, Spans},
};

/// The facts of each side.
pub(super) fn table(sides: &[Side]) -> Table {
    let facts: Vec<_> = sides.iter().map(facts).collect();
    let mut heads = vec![words("Fact")];
    match sides {
        [_] => heads.push(words("Value")),
        _ => heads.extend([words("First"), words("Second")]),
    }
    let lines = facts[0].iter().enumerate().map(|(at, (name, _))| Line {
        names: vec![(*name).to_owned()],
        cells: facts.iter().map(|side| Cell::text(&side[at].1)).collect(),
    });
    Table {
        id: "facts".to_owned(),
        caption: "Scenario and runs".to_owned(),
        heads,
        lines: lines.collect(),
        note: String::new(),
    }
}

fn facts(side: &Side) -> Vec<(&'static str, String)> {
    let (scenario, results) = (&side.scenario, &side.results);
    let clock = Clock::of(scenario.starts_ms, scenario.duration_ms);
    let measured = clock.span((scenario.warm_up_ms, scenario.duration_ms));
    let warm_up = match scenario.warm_up_ms {
        0 => "from the beginning on".to_owned(),
        ms => format!("after a warm-up of {}", duration(ms)),
    };
    let divided = match scenario.spans {
        Spans::Intervals(ms) => format!("intervals of {}", duration(ms)),
        Spans::Batches(count) => format!("{count} batches, each of which is a sample"),
    };
    let differ = if scenario.day_factor_cv > 0.0 {
        let cv = scenario.day_factor_cv;
        format!("yes: a factor of all rates with coefficient of variation {cv}")
    } else {
        "no".to_owned()
    };
    vec![
        ("Scenario", scenario.name.clone()),
        ("Calls arrive", clock.span((0, scenario.duration_ms))),
        ("Measured", format!("{measured}, {warm_up}")),
        ("Divided into", divided),
        ("Replications", scenario.replications.to_string()),
        ("Samples in the figures", results.samples.to_string()),
        ("Calls in all, warm-up included", results.calls.to_string()),
        ("Seed", scenario.seed.to_string()),
        ("Days differ by more than chance", differ),
        ("Agents", agents(scenario)),
    ]
}

fn agents(scenario: &Scenario) -> String {
    let count = |kind: Option<SiteKind>| -> u64 {
        let groups = scenario.staff.iter();
        let groups = groups.filter(|group| kind.is_none_or(|kind| group.site_kind == kind));
        groups.map(|group| u64::from(group.agents)).sum()
    };
    let kinds = [
        (SiteKind::Home, "at home"),
        (SiteKind::Telecentre, "in telecentres"),
        (SiteKind::OnSite, "on site"),
    ];
    let parts = kinds.map(|(kind, place)| (count(Some(kind)), place));
    let parts = parts.into_iter().filter(|(agents, _)| *agents > 0);
    let parts: Vec<String> = parts
        .map(|(agents, place)| format!("{agents} {place}"))
        .collect();
    format!("{}: {}", count(None), parts.join(", "))
}

fn duration(ms: u64) -> String {
    text::duration(Duration::from_millis(ms))
}
