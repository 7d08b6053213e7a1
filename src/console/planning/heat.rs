//! Agents on the phone by day and half hour, as a table whose cells are the darker the more there are.

use std::collections::BTreeMap;

use jiff::civil;

use crate::{calendar::zone::Zone, console::words::Words, proto::v1};

/// Half hours of a day.
const STEPS: usize = 48;
/// Shades of a cell with somebody.
const SHADES: f64 = 5.0;

/// The table of some days.
pub(super) struct Heat {
    pub(super) title: String,
    pub(super) hours: Vec<String>,
    pub(super) days: Vec<Day>,
}

/// A day of it.
pub(super) struct Day {
    pub(super) date: String,
    pub(super) cells: Vec<Cell>,
}

/// A half hour of a day.
pub(super) struct Cell {
    pub(super) text: String,
    /// From 0, nobody, to 5, as many as ever in these days.
    pub(super) shade: u8,
}

type Agents = BTreeMap<civil::Date, [f64; STEPS]>;

impl Heat {
    /// What is published, and what would be; the same hours and shades in both. Nothing of an empty coverage.
    pub(super) fn both(coverage: &[v1::CoverageInterval], zone: &Zone, w: &Words) -> Vec<Self> {
        let before = agents(coverage, zone, |interval| interval.before);
        let after = agents(coverage, zone, |interval| interval.after);
        let every = || before.values().chain(after.values());
        let busy = |step: usize| every().any(|day| day[step] > 0.0);
        let (Some(first), Some(last)) = (
            (0..STEPS).find(|step| busy(*step)),
            (0..STEPS).rfind(|step| busy(*step)),
        ) else {
            return Vec::new();
        };
        let most = every().flatten().copied().fold(0.0, f64::max);
        let of = |title: &str, agents: &Agents| Self {
            title: w.say(title).into_owned(),
            hours: (first..=last).map(hour).collect(),
            days: agents
                .iter()
                .map(|(date, day)| Day {
                    date: date.strftime("%Y-%m-%d").to_string(),
                    cells: day[first..=last]
                        .iter()
                        .map(|agents| cell(*agents, most))
                        .collect(),
                })
                .collect(),
        };
        vec![of("coverage-before", &before), of("coverage-after", &after)]
    }
}

/// Agents by local day and half hour. Of a half hour that the clock shows twice the larger number counts.
fn agents(
    coverage: &[v1::CoverageInterval],
    zone: &Zone,
    number: impl Fn(&v1::CoverageInterval) -> f64,
) -> Agents {
    let mut days = Agents::new();
    for interval in coverage {
        let seconds = interval.start_time.map_or(0, |at| at.seconds);
        let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
        let local = zone.local(at);
        let half = usize::from(local.minute() >= 30);
        let hour = usize::try_from(local.hour()).unwrap_or(0);
        let day = days.entry(local.date()).or_insert([0.0; STEPS]);
        let step = (2 * hour + half).min(STEPS - 1);
        day[step] = day[step].max(number(interval));
    }
    days
}

fn hour(step: usize) -> String {
    format!("{:02}:{:02}", step / 2, step % 2 * 30)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 5"
)]
fn cell(agents: f64, most: f64) -> Cell {
    let shade = (agents / most * SHADES).ceil().clamp(0.0, SHADES);
    let text = if agents == 0.0 {
        String::new()
    } else if agents.fract() == 0.0 {
        format!("{agents:.0}")
    } else {
        format!("{agents:.1}")
    };
    Cell {
        text,
        shade: shade as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::words::Language;

    #[test]
    fn days_have_the_hours_in_which_somebody_is_there() {
        let zone = Zone::named("Europe/Paris").expect("a zone");
        // From 17:00 to 18:30 of 30 November 2026 in Paris, and one of the next day.
        let interval = |seconds: i64, before: f64, after: f64| v1::CoverageInterval {
            start_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
            before,
            after,
        };
        let coverage = [
            interval(1_796_054_400, 0.0, 2.0),
            interval(1_796_056_200, 1.0, 10.0),
            interval(1_796_058_000, 0.0, 2.5),
            interval(1_796_140_800, 0.0, 0.0),
        ];
        let heats = Heat::both(&coverage, &zone, Language::English.words());
        assert_eq!(heats.len(), 2);
        assert_eq!(heats[0].hours, ["17:00", "17:30", "18:00"]);
        let seen = |heat: &Heat, day: usize| -> Vec<(String, u8)> {
            let cells = heat.days[day].cells.iter();
            cells.map(|cell| (cell.text.clone(), cell.shade)).collect()
        };
        let cells = |cells: [(&str, u8); 3]| cells.map(|(text, shade)| (text.to_owned(), shade));
        assert_eq!(seen(&heats[0], 0), cells([("", 0), ("1", 1), ("", 0)]));
        assert_eq!(seen(&heats[1], 0), cells([("2", 1), ("10", 5), ("2.5", 2)]));
        assert_eq!(heats[1].days[1].date, "2026-12-01");
        assert!(Heat::both(&coverage[3..], &zone, Language::English.words()).is_empty());
    }
}
