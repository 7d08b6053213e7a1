//! The pictures over the day: waits, service levels and occupancy by interval.

use super::{
    Side,
    numbers::Clock,
    page::Section,
    pictures::{Curve, Picture, Plan, draw},
    tables::Rows,
    words::spoken,
};
use crate::simulation::model::{Row, Unit};

/// More queues than this have no pictures of their own, but those with most calls.
const QUEUES_MAX: usize = 12;
/// More intervals than this cannot be told apart in a picture, nor read in a table.
const INTERVALS_MAX: usize = 800;

/// The sections with pictures; none of batches, which are no times of day.
pub(super) fn sections(sides: &[Side], queues: Rows<'_>, kinds: Rows<'_>) -> Vec<Section> {
    let scenario = &sides[0].scenario;
    let Some(first) = queues.first.whole.first() else {
        return Vec::new();
    };
    let count = of(queues.first.intervals, &first.name).count();
    if count == 0 {
        return Vec::new();
    }
    if count > INTERVALS_MAX {
        let words = format!(
            "{count} intervals are too many for pictures; at most {INTERVALS_MAX} are drawn. Make `interval` longer, or take the figures from the file of --out."
        );
        return vec![Section::of_words("day", "Over the day", vec![words])];
    }
    let day = Day {
        sides,
        queues,
        kinds,
        clock: Clock::of(scenario.starts_ms, scenario.duration_ms),
    };
    day.sections()
}

struct Day<'a> {
    sides: &'a [Side],
    queues: Rows<'a>,
    kinds: Rows<'a>,
    clock: Clock,
}

impl Day<'_> {
    fn sections(&self) -> Vec<Section> {
        let (names, words) = self.pictured();
        let waits = names
            .iter()
            .enumerate()
            .filter_map(|(at, name)| self.waits(at, name));
        let levels = names
            .iter()
            .enumerate()
            .filter_map(|(at, name)| self.level(at, name));
        let band = if self.sides.iter().any(|side| side.results.samples > 1) {
            "The band around a line, and the small numbers, are the 95 % interval of the mean over the samples: days themselves differ by more."
        } else {
            "Of one sample there are no intervals."
        };
        let all = [
            (
                "waits",
                "Waits over the day",
                waits.collect::<Vec<_>>(),
                "By the time at which calls arrived.",
            ),
            (
                "levels",
                "Service level by interval",
                levels.collect(),
                "Answered within T, of the offered calls, by the time at which they arrived. T is the target answer time of the queue.",
            ),
            (
                "occupancy",
                "Occupancy by site kind",
                self.occupancy(),
                "Time in conversation and wrap-up, of the time in which agents could take calls or had one.",
            ),
        ];
        let sections = all
            .into_iter()
            .filter(|(_, _, pictures, _)| !pictures.is_empty());
        sections
            .map(|(id, title, pictures, what)| {
                let mut texts = vec![format!("{what} {band}")];
                if id != "occupancy" {
                    texts.extend(words.clone());
                }
                let mut section = Section::of_words(id, title, texts);
                section.pictures = pictures;
                section
            })
            .collect()
    }

    /// The queues that have pictures, and what is to be said of the others.
    fn pictured(&self) -> (Vec<String>, Option<String>) {
        let (place, _) = self.queues.measure("offered");
        let offered = |row: &Row| row.estimate(place, super::SURE).map_or(0.0, |it| it.value);
        let mut all: Vec<(String, f64)> = Vec::new();
        for (first, second) in self.queues.pairs() {
            let calls = [first, second].into_iter().flatten().map(offered);
            let name = first.or(second).map(|row| row.name.to_string());
            all.extend(name.zip(calls.reduce(f64::max)));
        }
        let (mut most, silent): (Vec<_>, Vec<_>) = all.iter().partition(|(_, calls)| *calls > 0.0);
        most.sort_by(|a, b| b.1.total_cmp(&a.1));
        let left_out = most.len().saturating_sub(QUEUES_MAX);
        most.truncate(QUEUES_MAX);
        let names = all.iter().filter(|one| most.contains(one));
        let mut words = Vec::new();
        match silent[..] {
            [] => {}
            [(name, _)] => words.push(format!("Nobody called {name}: it has no picture.")),
            [..] => words.push(format!(
                "{} queues, which nobody called, have no picture.",
                silent.len()
            )),
        }
        if left_out > 0 {
            words.push(format!(
                "Drawn are those with most calls; {left_out} others are in the file of --out."
            ));
        }
        let words = (!words.is_empty()).then(|| words.join(" "));
        (names.map(|(name, _)| name.clone()).collect(), words)
    }

    fn waits(&self, at: usize, queue: &str) -> Option<Picture> {
        let mean = ("mean_wait_all", "Mean wait");
        let curves = match self.queues.second {
            Some(_) => both(self.queues, queue, mean.0),
            None => [mean, ("wait_p95", "95 % waited at most")]
                .map(|(measure, name)| one(self.queues, queue, (measure, name)))
                .into(),
        };
        let title = match self.queues.second {
            Some(_) => format!("Mean wait: {}", whose(queue)),
            None => format!("Waits: {}", whose(queue)),
        };
        self.draw(format!("wait-{}", at + 1), title, Unit::Seconds, &curves)
    }

    fn level(&self, at: usize, queue: &str) -> Option<Picture> {
        let measure = "sl_offered";
        let curves = match self.queues.second {
            Some(_) => both(self.queues, queue, measure),
            None => vec![one(self.queues, queue, (measure, "Answered within T"))],
        };
        draw(&Plan {
            id: format!("level-{}", at + 1),
            title: format!("Service level: {}", whose(queue)),
            unit: Unit::Share,
            curves: &curves,
            goal: self.goal(queue),
            clock: self.clock,
        })
    }

    /// The goal of a queue, if the sides agree.
    fn goal(&self, queue: &str) -> Option<f64> {
        let goal = |side: &Side| {
            let mut queues = side.scenario.pool.queues.iter();
            let found = queues.find(|spec| spec.id.as_str() == queue);
            found.map(|spec| spec.goal_permille)
        };
        let goals: Vec<u16> = self.sides.iter().filter_map(goal).collect();
        let first = goals.first()?;
        let is_one = goals.iter().all(|goal| goal == first);
        is_one.then(|| f64::from(*first) / 1_000.0)
    }

    fn occupancy(&self) -> Vec<Picture> {
        let measure = "occupancy";
        let kinds = self.kinds.pairs();
        let kinds = kinds.iter().filter_map(|(a, b)| a.or(*b));
        if self.kinds.second.is_none() {
            let curves: Vec<Curve> = kinds
                .map(|row| one(self.kinds, &row.name, (measure, &spoken(&row.name))))
                .collect();
            let title = "Occupancy by site kind".to_owned();
            let picture = self.draw("occupancy-1".to_owned(), title, Unit::Share, &curves);
            return picture.into_iter().collect();
        }
        let pictures = kinds.enumerate().filter_map(|(at, row)| {
            let curves = both(self.kinds, &row.name, measure);
            let title = format!("Occupancy: {}", spoken(&row.name));
            self.draw(format!("occupancy-{}", at + 1), title, Unit::Share, &curves)
        });
        pictures.collect()
    }

    fn draw(&self, id: String, title: String, unit: Unit, curves: &[Curve]) -> Option<Picture> {
        draw(&Plan {
            id,
            title,
            unit,
            curves,
            goal: None,
            clock: self.clock,
        })
    }
}

/// The intervals of one row.
fn of<'a>(rows: &'a [Row], name: &str) -> impl Iterator<Item = &'a Row> {
    rows.iter().filter(move |row| &*row.name == name)
}

/// A measure of the first side.
fn one(rows: Rows<'_>, of_row: &str, (measure, name): (&str, &str)) -> Curve {
    Curve::of(
        name,
        of(rows.first.intervals, of_row),
        rows.measure(measure).0,
    )
}

/// A measure of both sides.
fn both(rows: Rows<'_>, of_row: &str, measure: &str) -> Vec<Curve> {
    let place = rows.measure(measure).0;
    let scopes = [("First", Some(rows.first)), ("Second", rows.second)];
    let scopes = scopes
        .into_iter()
        .filter_map(|(name, scope)| Some((name, scope?)));
    scopes
        .map(|(name, scope)| Curve::of(name, of(scope.intervals, of_row), place))
        .collect()
}

fn whose(queue: &str) -> String {
    match queue {
        "all" => "all queues".to_owned(),
        queue => queue.to_owned(),
    }
}
