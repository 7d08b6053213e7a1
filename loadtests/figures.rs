//! What the bench measured, as tables: all percentiles, and the targets with what was measured, met or not.

use std::time::Duration;

use crate::{bench::Spread, regimes::Regime};

/// The matches of one regime at one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matches {
    pub(crate) regime: Regime,
    pub(crate) agents: usize,
    /// An arriving call, mostly of a requirement that is new to the index, and the same once it is known.
    pub(crate) first: Spread,
    pub(crate) known: Spread,
    /// An arriving call while nobody is idle.
    pub(crate) nobody: Spread,
    /// An agent who becomes free beside many waiting calls.
    pub(crate) freed: Spread,
}

/// A pool as a whole at one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole {
    pub(crate) agents: usize,
    /// Mean of a whole command.
    pub(crate) command: Duration,
    pub(crate) bytes_of_agent: usize,
    pub(crate) load: Duration,
}

/// Nanoseconds as µs with two digits.
pub(crate) fn micros(nanos: u32) -> String {
    format!("{}.{:02}", nanos / 1_000, nanos % 1_000 / 10)
}

/// Every percentile, a row for each regime and size.
pub(crate) fn percentiles(all: &[Matches]) -> String {
    let mut lines = vec![
        "| regime | agents | call, mostly a new requirement | call, known requirement | call, nobody is idle | freed agent |"
            .to_owned(),
        "|---|---:|---:|---:|---:|---:|".to_owned(),
    ];
    lines.extend(all.iter().map(|row| {
        let cells = [row.first, row.known, row.nobody, row.freed].map(cell);
        let (regime, agents) = (row.regime.name(), row.agents);
        format!("| {regime} | {agents} | {} |", cells.join(" | "))
    }));
    lines.join("\n")
}

fn cell(spread: Spread) -> String {
    let [median, p99, max] = [spread.median, spread.p99, spread.max].map(micros);
    format!("{median} / {p99} / {max}, {} %", spread.found_percent)
}

/// A figure with its target.
struct Figure {
    name: String,
    target: &'static str,
    measured: String,
    met: bool,
}

/// The targets, each with what was measured, as far as the sizes were.
pub(crate) fn targets(matches: &[Matches], whole: &[Whole]) -> String {
    let looks: [Look<'_>; 3] = [
        ("arriving call of a known requirement", |row| row.known),
        (
            "arriving call whose own skills are mostly new to the index",
            |row| row.first,
        ),
        ("freed agent", |row| row.freed),
    ];
    let mut figures = Vec::new();
    for (agents, limit, target) in [(150_000, 10_000, "< 10 µs"), (15_000, 2_500, "< 2.5 µs")] {
        for (name, look) in looks {
            figures.extend(p99(matches, agents, (name, look), (limit, target)));
        }
    }
    for (name, look) in looks {
        figures.extend(growth(matches, (name, look)));
    }
    figures.extend(whole.iter().flat_map(of_whole));
    let mut lines = vec![
        "| figure | target | measured | |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    lines.extend(figures.iter().map(|figure| {
        let met = if figure.met { "met" } else { "**not met**" };
        let (name, target, measured) = (&figure.name, figure.target, &figure.measured);
        format!("| {name} | {target} | {measured} | {met} |")
    }));
    lines.join("\n")
}

type Look<'a> = (&'a str, fn(&Matches) -> Spread);

fn p99(
    matches: &[Matches],
    agents: usize,
    (name, look): Look<'_>,
    (limit, target): (u32, &'static str),
) -> Option<Figure> {
    let rows = matches.iter().filter(|row| row.agents == agents);
    let all: Vec<u32> = rows.map(|row| look(row).p99).collect();
    let (least, most) = (all.iter().min()?, all.iter().max()?);
    let missed = all.iter().filter(|p99| **p99 >= limit).count();
    let over = match missed {
        0 => String::new(),
        _ => format!(", over it in {missed} of {} regimes", all.len()),
    };
    Some(Figure {
        name: format!("p99, {name}, {agents} agents"),
        target,
        measured: format!("{} to {} µs{over}", micros(*least), micros(*most)),
        met: missed == 0,
    })
}

/// How the median grows from the smallest size to the largest, in tenths.
fn growth(matches: &[Matches], (name, look): Look<'_>) -> Option<Figure> {
    let sizes = || matches.iter().map(|row| row.agents);
    let (small, large) = (sizes().min()?, sizes().max()?);
    let median = |regime, agents| {
        let row = matches
            .iter()
            .find(|row| row.regime == regime && row.agents == agents);
        row.map(|row| look(row).median.max(1))
    };
    let grown = Regime::ALL.iter().filter_map(|regime| {
        let (before, after) = (median(*regime, small)?, median(*regime, large)?);
        Some(u64::from(after) * 10 / u64::from(before))
    });
    let all: Vec<u64> = grown.collect();
    let (least, most) = (all.iter().min()?, all.iter().max()?);
    let times = |tenths: &u64| format!("{}.{}", tenths / 10, tenths % 10);
    (small < large).then(|| Figure {
        name: format!("growth of the median, {name}, {small} to {large} agents"),
        target: "≤ 10 ×",
        measured: format!("{} to {} ×", times(least), times(most)),
        met: *most <= 100,
    })
}

fn of_whole(whole: &Whole) -> Vec<Figure> {
    let agents = whole.agents;
    let command = |limit: u64, target| Figure {
        name: format!("a whole command, {agents} agents, deltas not encoded, mean"),
        target,
        measured: format!(
            "{} µs",
            micros(u32::try_from(whole.command.as_nanos()).unwrap_or(u32::MAX))
        ),
        met: whole.command < Duration::from_micros(limit),
    };
    match agents {
        100 => vec![command(2, "< 2 µs")],
        15_000 => vec![command(5, "< 5 µs")],
        150_000 => vec![
            Figure {
                name: format!("memory for each idle agent, {agents} agents, all of the engine"),
                target: "< 1 KiB",
                measured: format!("{} bytes", whole.bytes_of_agent),
                met: whole.bytes_of_agent < 1_024,
            },
            Figure {
                name: format!("load of {agents} agents from stored bytes"),
                target: "< 1 s",
                measured: format!("{} ms", whole.load.as_millis()),
                met: whole.load < Duration::from_secs(1),
            },
        ],
        _ => Vec::new(),
    }
}
