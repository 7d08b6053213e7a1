//! The rules said again, minute by minute, without a thought for speed. Shares no code with `labour`: figures are written here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// A shift in whole minutes since 1970: start, end, breaks.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) breaks: Vec<(i64, i64)>,
}

/// Whose plan it is.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) regime: &'static str,
    pub(crate) age: u8,
    pub(crate) is_part_time: bool,
    pub(crate) contract_hours: i64,
}

/// Work or rest in a row: which, its minutes, and each of them.
type Run = (bool, i64, Vec<Minute>);

/// A minute as a clock shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Minute {
    date: Date,
    /// The Monday of its week.
    week: Date,
    /// Of the day.
    clock: i64,
    /// The shift that is worked, if any, and the date on which its working day began.
    work: Option<(usize, Date)>,
}

const HOUR: i64 = 60;

fn monday(date: Date) -> Date {
    let mut days = std::iter::successors(Some(date), |day| day.yesterday().ok());
    days.find(|day| day.weekday() == Weekday::Monday).unwrap()
}

/// Every minute from ten days before the first shift to ten days after the last.
fn minutes(plans: &[Plan]) -> Vec<Minute> {
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let local = |minute: i64| zone.to_datetime(Timestamp::from_second(minute * 60).unwrap());
    let (first, last) = (plans[0].start, plans[plans.len() - 1].end);
    let mut owners: Vec<Option<Date>> = Vec::new();
    let mut of: Vec<usize> = Vec::new();
    for (number, plan) in plans.iter().enumerate() {
        let is_break = |m: &i64| plan.breaks.iter().any(|(from, to)| from <= m && m < to);
        let begins = (plan.start..plan.end)
            .find(|m| !is_break(m))
            .map(|m| local(m).date());
        let touches = number > 0 && plans[number - 1].end == plan.start;
        let before = if touches { owners[number - 1] } else { None };
        owners.push(before.or(begins));
        of.push(if touches { of[number - 1] } else { number });
    }
    let mut all: Vec<Minute> = Vec::new();
    let mut hour = local(first - 10 * 24 * HOUR);
    for m in first - 10 * 24 * HOUR..last + 10 * 24 * HOUR {
        // Clocks change at full hours, by full hours.
        if m % HOUR == 0 {
            hour = local(m);
        }
        let plan = plans.iter().position(|plan| {
            plan.start <= m && m < plan.end && !plan.breaks.iter().any(|(a, b)| *a <= m && m < *b)
        });
        let date = hour.date();
        let before = all.last().filter(|before| before.date == date);
        all.push(Minute {
            date,
            week: before.map_or_else(|| monday(date), |before| before.week),
            clock: i64::from(hour.hour()) * HOUR + m % HOUR,
            work: plan.map(|plan| (of[plan], owners[plan].unwrap())),
        });
    }
    all
}

/// The articles that are broken, without warnings.
pub(crate) fn broken(who: &Who, plans: &[Plan]) -> BTreeSet<&'static str> {
    let all = minutes(plans);
    let mut out = BTreeSet::new();
    if all.iter().all(|minute| minute.work.is_none()) {
        return out;
    }
    by_day(who, &all, &mut out);
    by_week(who, &all, &mut out);
    rests(who, &all, &mut out);
    let days: BTreeSet<Date> = all
        .iter()
        .filter_map(|m| m.work)
        .map(|(_, day)| day)
        .collect();
    for day in days {
        let is_of_day = |minute: &Minute| minute.work.is_some_and(|(_, owner)| owner == day);
        let first = all.iter().position(is_of_day).unwrap();
        let last = all.iter().rposition(is_of_day).unwrap();
        let tail = trailing(plans, last);
        working_day(who, &all[first..=last], tail, &mut out);
        spans(who, &all, plans, (first, last), &mut out);
    }
    out
}

/// Minutes of break with which the shift of a minute ends.
fn trailing(plans: &[Plan], last: usize) -> i64 {
    let base = plans[0].start - 10 * 24 * HOUR;
    let at = base + i64::try_from(last).unwrap() + 1;
    plans
        .iter()
        .find(|plan| plan.start < at && at <= plan.end)
        .map_or(0, |plan| plan.end - at)
}

fn by_day(who: &Who, all: &[Minute], out: &mut BTreeSet<&'static str>) {
    let mut work: BTreeMap<Date, i64> = BTreeMap::new();
    for minute in all.iter().filter(|minute| minute.work.is_some()) {
        *work.entry(minute.date).or_default() += 1;
        let night_from = if who.age < 16 { 20 } else { 22 };
        let is_night = minute.clock < 6 * HOUR || minute.clock >= night_from * HOUR;
        if who.regime != "eu" && who.age < 18 && is_night {
            out.insert("L3163-2");
        }
    }
    if who.regime == "eu" {
        return;
    }
    let mut long_of_month: BTreeMap<(i16, i8), i64> = BTreeMap::new();
    for (date, minutes) in &work {
        let mut most = 10 * HOUR;
        if *minutes > most {
            let used = long_of_month
                .entry((date.year(), date.month()))
                .or_default();
            if who.regime == "fr-2148" && *used < 5 {
                most = 12 * HOUR;
            }
            *used += 1;
        }
        if *minutes > most {
            out.insert("L3121-18");
        }
        if who.age < 18 && *minutes > 8 * HOUR {
            out.insert("L3162-1");
        }
        if date.weekday() == Weekday::Sunday && who.regime != "fr-2098" {
            out.insert("L3132-3");
        }
        if (date.month(), date.day()) == (5, 1) {
            out.insert("L3133-4");
        }
    }
}

fn by_week(who: &Who, all: &[Minute], out: &mut BTreeSet<&'static str>) {
    if who.regime == "eu" {
        return;
    }
    let mut weeks: BTreeMap<Date, (i64, BTreeSet<Date>)> = BTreeMap::new();
    for minute in all.iter().filter(|minute| minute.work.is_some()) {
        let week = weeks.entry(minute.week).or_default();
        week.0 += 1;
        week.1.insert(minute.date);
    }
    for (week, (minutes, days)) in &weeks {
        if days.len() > 6 {
            out.insert("L3132-1");
        }
        if *minutes > 48 * HOUR {
            out.insert("L3121-20");
        }
        if who.age < 18 && *minutes > 35 * HOUR {
            out.insert("L3162-1");
        }
        if who.is_part_time && *minutes >= 35 * HOUR {
            out.insert("L3123-9");
        }
        if who.is_part_time && *minutes * 10 > who.contract_hours * HOUR * 11 {
            out.insert("L3123-28");
        }
        night_worker(who, all, *week, out);
    }
}

fn is_night(who: &Who, minute: &Minute) -> bool {
    match who.regime {
        "fr-2098" => minute.clock >= 22 * HOUR || minute.clock < 7 * HOUR,
        _ => minute.clock >= 21 * HOUR || minute.clock < 6 * HOUR,
    }
}

fn night_worker(who: &Who, all: &[Minute], week: Date, out: &mut BTreeSet<&'static str>) {
    let mut nights: BTreeMap<Date, i64> = BTreeMap::new();
    let mut shifts: BTreeMap<Date, i64> = BTreeMap::new();
    let mut days: BTreeMap<Date, i64> = BTreeMap::new();
    for minute in all {
        let Some((_, owner)) = minute.work else {
            continue;
        };
        *shifts.entry(owner).or_default() += 1;
        *nights.entry(owner).or_default() += i64::from(is_night(who, minute));
        if minute.week == week {
            *days.entry(minute.date).or_default() += 1;
        }
    }
    shifts.retain(|owner, _| monday(*owner) == week);
    nights.retain(|owner, _| monday(*owner) == week);
    if nights
        .values()
        .filter(|minutes| **minutes >= 3 * HOUR)
        .count()
        < 2
    {
        return;
    }
    if shifts
        .values()
        .chain(days.values())
        .any(|minutes| *minutes > 8 * HOUR)
    {
        out.insert("L3122-6");
    }
}

fn rests(who: &Who, all: &[Minute], out: &mut BTreeSet<&'static str>) {
    let is_eu = who.regime == "eu";
    let worked: Vec<(usize, Date)> = all
        .iter()
        .enumerate()
        .filter_map(|(at, m)| Some((at, m.work?.1)))
        .collect();
    for pair in worked.windows(2) {
        let gap = i64::try_from(pair[1].0 - pair[0].0).unwrap() - 1;
        if pair[0].1 == pair[1].1 {
            continue;
        }
        if gap < 11 * HOUR {
            out.insert(if is_eu { "2003/88-3" } else { "L3131-1" });
        }
        let least = if who.age < 16 { 14 } else { 12 };
        if !is_eu && who.age < 18 && gap < least * HOUR {
            out.insert("L3164-1");
        }
    }
    let weeks: BTreeSet<Date> = all
        .iter()
        .filter(|m| m.work.is_some())
        .map(|m| m.week)
        .collect();
    let all_weeks: BTreeSet<Date> = weeks
        .iter()
        .flat_map(|first| weeks.iter().map(move |last| (*first, *last)))
        .flat_map(|(first, last)| between(first, last))
        .collect();
    for week in all_weeks {
        if !has_weekly_rest(all, week) {
            out.insert(if is_eu { "2003/88-5" } else { "L3132-2" });
        }
    }
}

fn between(first: Date, last: Date) -> Vec<Date> {
    let mut weeks = Vec::new();
    let mut week = first;
    while week <= last {
        weeks.push(week);
        week = week.saturating_add(jiff::Span::new().days(7));
    }
    weeks
}

/// Whether 35 hours in a row are off, a whole day of which lies in the week.
fn has_weekly_rest(all: &[Minute], week: Date) -> bool {
    let mut lengths: BTreeMap<Date, i64> = BTreeMap::new();
    for minute in all.iter().filter(|m| m.week == week) {
        *lengths.entry(minute.date).or_default() += 1;
    }
    let day = (*lengths.values().min().unwrap()).min(24 * HOUR);
    let (mut run, mut inside) = (0, 0);
    let mut found = false;
    for minute in all {
        if minute.work.is_some() {
            (run, inside) = (0, 0);
        } else {
            run += 1;
            inside += i64::from(minute.week == week);
            found |= run >= 35 * HOUR && inside >= day;
        }
    }
    found
}

/// A working day from its first minute of work to its last: runs of work and of rest, one after the other.
fn runs(day: &[Minute]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for minute in day {
        let is_work = minute.work.is_some();
        match runs.last_mut() {
            Some((kind, length, all)) if *kind == is_work => {
                *length += 1;
                all.push(*minute);
            }
            _ => runs.push((is_work, 1, vec![*minute])),
        }
    }
    runs
}

fn working_day(who: &Who, day: &[Minute], tail: i64, out: &mut BTreeSet<&'static str>) {
    let runs = runs(day);
    legal_break(who, &runs, tail, out);
    if who.regime != "eu" && who.age < 18 {
        let mut since = 0;
        for (is_work, length, _) in &runs {
            if *is_work {
                since += length;
            } else if *length >= 30 {
                since = 0;
            }
            if since > 4 * HOUR + 30 {
                out.insert("L3162-3");
            }
        }
    }
    if who.regime == "fr-2098" {
        let mut since = 0;
        for (is_work, length, _) in &runs {
            if *is_work {
                since += length;
            } else if *length >= 10 {
                if since > 2 * HOUR && *length < 15 {
                    out.insert("CCN2098-6");
                }
                since = 0;
            }
            if since > 3 * HOUR {
                out.insert("CCN2098-6");
            }
        }
        lunch(day, &runs, out);
    }
    if who.is_part_time && who.regime != "eu" {
        part_time(who, &runs, out);
    }
}

fn legal_break(who: &Who, runs: &[Run], tail: i64, out: &mut BTreeSet<&'static str>) {
    let is_eu = who.regime == "eu";
    let least = if is_eu { 1 } else { 20 };
    let mut since = 0;
    let mut had = false;
    for (is_work, length, _) in runs {
        if *is_work {
            since += length;
        } else if *length >= least && since <= 6 * HOUR {
            had = true;
        }
    }
    had |= tail >= least && since <= 6 * HOUR;
    let due = if is_eu {
        since > 6 * HOUR
    } else {
        since >= 6 * HOUR
    };
    if due && !had {
        out.insert(if is_eu { "2003/88-4" } else { "L3121-16" });
    }
}

fn lunch(day: &[Minute], runs: &[Run], out: &mut BTreeSet<&'static str>) {
    let date = day[0].date;
    let in_hours = |m: &Minute| m.date == date && (11 * HOUR..15 * HOUR).contains(&m.clock);
    let before = |m: &Minute| m.date == date && m.clock < 11 * HOUR;
    let after = |m: &Minute| m.date > date || (m.date == date && m.clock >= 15 * HOUR);
    let works = |what: &dyn Fn(&Minute) -> bool| day.iter().any(|m| m.work.is_some() && what(m));
    let fifth_hour = day
        .iter()
        .filter(|m| m.work.is_some())
        .nth(usize::try_from(4 * HOUR).unwrap());
    // The fourth hour ends when work goes on after it; a break may lie between, so that its end decides.
    let is_due = fifth_hour.is_some_and(in_hours);
    if !(works(&before) && works(&after) || is_due) {
        return;
    }
    let (mut since, mut longest) = (0, 0);
    for (is_work, length, minutes) in runs {
        if *is_work {
            since += length;
        } else if since <= 4 * HOUR {
            let inside = minutes.iter().filter(|m| in_hours(m)).count();
            longest = longest.max(inside);
        }
    }
    if longest < 45 {
        out.insert("CCN2098-5");
    }
}

fn part_time(who: &Who, runs: &[Run], out: &mut BTreeSet<&'static str>) {
    let mut sequences = vec![0];
    let mut count = 0;
    for (at, (is_work, length, _)) in runs.iter().enumerate() {
        let last = sequences.len() - 1;
        if *is_work {
            sequences[last] += length;
            continue;
        }
        let shift = |run: &Run| run.2[0].work.unwrap().0;
        let is_between = shift(&runs[at - 1]) != shift(&runs[at + 1]);
        if is_between || *length >= 45 {
            count += 1;
            if *length > 2 * HOUR {
                out.insert("L3123-30");
            }
            sequences.push(0);
        } else {
            sequences[last] += length;
        }
    }
    let most = if who.regime == "fr-2098" { 2 } else { 1 };
    if count > most {
        out.insert("L3123-30");
    }
    let least = match (who.regime, sequences.len()) {
        ("fr-2098", 1) | ("fr-2148", _) => 3 * HOUR,
        ("fr-2098", _) => HOUR,
        _ => 0,
    };
    if sequences.iter().any(|length| *length < least) {
        out.insert(if who.regime == "fr-2098" {
            "CCN2098"
        } else {
            "CCN2148"
        });
    }
}

/// From the start of a working day's first shift to the end of its last, breaks at either end too.
fn spans(
    who: &Who,
    all: &[Minute],
    plans: &[Plan],
    (first, last): (usize, usize),
    out: &mut BTreeSet<&'static str>,
) {
    let base = plans[0].start - 10 * 24 * HOUR;
    let at = |place: usize| base + i64::try_from(place).unwrap();
    let of = |place: usize| {
        plans
            .iter()
            .find(|plan| plan.start <= at(place) && at(place) < plan.end)
    };
    let span = of(last).unwrap().end - of(first).unwrap().start;
    let work = all[first..=last]
        .iter()
        .filter(|m| m.work.is_some())
        .count();
    let work = i64::try_from(work).unwrap();
    match who.regime {
        "fr-2148" if span > 12 * HOUR => out.insert("CCN2148"),
        "fr-2098" if span > 13 * HOUR => out.insert("CCN2098"),
        "fr-2098" if who.is_part_time && span > 2 * work => out.insert("CCN2098"),
        _ => false,
    };
}
