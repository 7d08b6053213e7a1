//! The usual day: what past days of the same weekday say, robust against holidays and odd days.

use std::ops::RangeInclusive;

use super::{Settings, history::History};

/// Tuesday to Friday.
const ALIKE: RangeInclusive<i8> = 1..=4;
/// Shares of neighbouring intervals in what makes a weekday different.
const WIDE: [f64; 5] = [1.0, 2.0, 3.0, 2.0, 1.0];

/// So many past days at least, to say what is usual.
const LEAST: usize = 4;
/// With so many values the lowest and the highest are left out of a mean.
const TRIMMED: usize = 5;

/// Expected counts by interval; nothing where the past has too few.
pub(super) type Profile = Vec<Option<f64>>;

/// The days of these weekdays in the last weeks before `day` without odd ones, if enough are left; the newest first.
fn days_of(
    history: &History,
    odd: &[bool],
    day: usize,
    weekdays: RangeInclusive<i8>,
    weeks: usize,
) -> Vec<usize> {
    let earliest = day.saturating_sub(7 * weeks);
    let of_these = |past: &usize| weekdays.contains(&history.weekday(*past));
    let same: Vec<usize> = (earliest..day).rev().filter(of_these).collect();
    let plain: Vec<usize> = same.iter().copied().filter(|past| !odd[*past]).collect();
    if plain.len() >= LEAST { plain } else { same }
}

/// The usual `weekday` as known before `day`, from the last weeks without their odd days. From Tuesday to Friday days are much
/// alike: what they have in common is learned from all of them, and the rest as it changes over some intervals.
pub(super) fn usual(
    history: &History,
    odd: &[bool],
    day: usize,
    weekday: i8,
    settings: &Settings,
) -> Option<Profile> {
    let of = |weekdays: RangeInclusive<i8>| {
        let days = days_of(history, odd, day, weekdays, settings.weeks);
        let days: Vec<&[Option<f64>]> = days.iter().map(|past| history.day(*past)).collect();
        of_days(&days, settings.newer)
    };
    let own = of(weekday..=weekday)?;
    if !ALIKE.contains(&weekday) {
        return Some(own);
    }
    let common = of(ALIKE)?;
    let differences: Vec<(f64, f64)> = own
        .iter()
        .zip(&common)
        .map(|(own, common)| match (own, common) {
            (Some(own), Some(common)) if *own > 0.0 && *common > 0.0 => ((own / common).ln(), *own),
            _ => (0.0, 0.0),
        })
        .collect();
    let smooth = smoothed(&differences, &WIDE, 0.0);
    let both = own.iter().zip(common).zip(smooth);
    Some(
        both.map(|((own, common), smooth)| Some(common? * smooth.exp()).filter(|_| own.is_some()))
            .collect(),
    )
}

/// Means of values with weights over neighbouring intervals, drawn towards 0 as by values of 0 with the weight `towards`.
pub(super) fn smoothed(values: &[(f64, f64)], neighbours: &[f64], towards: f64) -> Vec<f64> {
    let reach = neighbours.len() / 2;
    let one = |at: usize| {
        let (mut sum, mut weights) = (0.0, towards);
        for (place, share) in neighbours.iter().enumerate() {
            let near = (at + place).checked_sub(reach);
            if let Some((value, weight)) = near.and_then(|near| values.get(near)) {
                sum += share * weight * value;
                weights += share * weight;
            }
        }
        if weights > 0.0 { sum / weights } else { 0.0 }
    };
    (0..values.len()).map(one).collect()
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
