//! The usual day: what past days of the same weekday say, robust against holidays and odd days.

use super::{Settings, history::History};

/// So many past days at least, to say what is usual.
const LEAST: usize = 4;
/// With so many values the lowest and the highest are left out of a mean.
const TRIMMED: usize = 5;

/// Expected counts by interval; nothing where the past has too few.
pub(super) type Profile = Vec<Option<f64>>;

/// The usual `weekday` as known before `day`, from the last weeks without their odd days, if enough are left.
pub(super) fn usual(
    history: &History,
    odd: &[bool],
    day: usize,
    weekday: i8,
    settings: &Settings,
) -> Option<Profile> {
    let earliest = day.saturating_sub(7 * settings.weeks);
    let same = (earliest..day)
        .rev()
        .filter(|past| history.weekday(*past) == weekday);
    let same: Vec<usize> = same.collect();
    let plain: Vec<usize> = same.iter().copied().filter(|past| !odd[*past]).collect();
    let chosen = if plain.len() >= LEAST { plain } else { same };
    let days: Vec<&[Option<f64>]> = chosen.iter().map(|past| history.day(*past)).collect();
    of_days(&days, settings.newer)
}

/// The usual day of some days, the newest first: its shape is the trimmed mean of their shapes, its level the geometric mean
/// of their levels, where each older day counts `newer` times less.
fn of_days(days: &[&[Option<f64>]], newer: f64) -> Option<Profile> {
    let middle = column_by_column(days, median);
    let leveled: Vec<(&[Option<f64>], f64)> = days
        .iter()
        .filter_map(|day| level(day, &middle).map(|level| (*day, level)))
        .collect();
    // A day far from the others is not usual, even if nobody said so.
    let mut alike = leveled
        .iter()
        .filter(|(_, level)| (0.65..1.5).contains(level));
    let (mut weight, mut weights, mut logs) = (1.0, 0.0, 0.0);
    let mut shapes = Vec::new();
    for (day, level) in &mut alike {
        weights += weight;
        logs += weight * level.ln();
        weight *= newer;
        shapes.push(day.iter().map(|count| Some((*count)? / level)).collect());
    }
    if shapes.len() < LEAST - 1 {
        return None;
    }
    let shapes: Vec<&[Option<f64>]> = shapes
        .iter()
        .map(|shape: &Vec<Option<f64>>| &shape[..])
        .collect();
    let level = f64::exp(logs / weights);
    let shape = column_by_column(&shapes, trimmed_mean);
    Some(
        shape
            .into_iter()
            .map(|count| Some(count? * level))
            .collect(),
    )
}

/// How a day compares with a profile, over the intervals that both have.
pub(super) fn level(day: &[Option<f64>], profile: &[Option<f64>]) -> Option<f64> {
    let mut sums = (0.0, 0.0);
    for (count, usual) in day.iter().zip(profile) {
        if let (Some(count), Some(usual)) = (count, usual) {
            sums.0 += count;
            sums.1 += usual;
        }
    }
    (sums.0 > 0.0 && sums.1 > 0.0).then(|| sums.0 / sums.1)
}

fn column_by_column(days: &[&[Option<f64>]], of: fn(&mut Vec<f64>) -> Option<f64>) -> Profile {
    let intervals = days.first().map_or(0, |day| day.len());
    let column = |at: usize| {
        let mut column: Vec<f64> = days.iter().filter_map(|day| day[at]).collect();
        column.sort_by(f64::total_cmp);
        of(&mut column)
    };
    (0..intervals).map(column).collect()
}

/// The median of sorted values, of at least two.
#[expect(clippy::ptr_arg, reason = "the signature of `column_by_column`")]
pub(super) fn median(sorted: &mut Vec<f64>) -> Option<f64> {
    if sorted.len() < 2 {
        return None;
    }
    let half = sorted.len() / 2;
    Some(if sorted.len() % 2 == 1 {
        sorted[half]
    } else {
        f64::midpoint(sorted[half - 1], sorted[half])
    })
}

fn trimmed_mean(sorted: &mut Vec<f64>) -> Option<f64> {
    if sorted.len() < TRIMMED {
        return median(sorted);
    }
    let inner = &sorted[1..sorted.len() - 1];
    #[expect(clippy::cast_precision_loss, reason = "a number of weeks")]
    let mean = inner.iter().sum::<f64>() / inner.len() as f64;
    Some(mean)
}
