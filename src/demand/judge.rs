//! An interval's arrivals against the baseline of their weekday and time.

use jiff::civil::Date;

use super::grid::{Grid, first, volume};
use crate::{
    calendar::zone::Zone,
    engine::{
        arrivals::{INTERVAL_MS, INTERVALS_A_DAY, MINUTES, Tally, interval_of},
        ids::WallTime,
        past::Past,
        peaks::{BaselineSource, Judgement, SiteLoad},
        spec::QueueSpec,
    },
    planning::{
        erlang::{
            Demand,
            staffing::{Level, Target, required_with_patience},
        },
        peaks::{History, Learned, Settings},
    },
};

/// What a site says of its agents holds for so long.
const SITE_KNOWN_MS: i64 = 20 * 60_000;
/// Handle time and patience are those of the last week.
const RECENT_MS: i64 = 7 * INTERVALS_A_DAY * INTERVAL_MS;
/// Of fewer conversations a handle time says nothing.
const HANDLED_LEAST: u32 = 20;
/// Of fewer callers who hung up a patience says nothing.
const ABANDONED_LEAST: u32 = 20;
/// Callers' mean patience where nothing is known of it, seconds.
const PATIENCE_S: f64 = 180.0;
/// The most agents that are looked for.
const AGENTS_MAX: u32 = 20_000;

/// Judges the newest interval that is over at `now`; `None` if its arrivals are not known, or there is no baseline for it.
pub fn judge(
    past: &Past,
    queue: &QueueSpec,
    site: Option<&SiteLoad>,
    now: WallTime,
) -> Option<Judgement> {
    let zone = Zone::named(&queue.serve.windows.zone).ok()?;
    let last_quarter = WallTime(interval_of(now).0 - INTERVAL_MS);
    let today = Grid {
        zone: &zone,
        minutes: MINUTES,
    }
    .place(last_quarter)
    .0;
    let grid = Grid::new(&zone, past, today);
    let (today, place) = grid.place(last_quarter);
    if grid.place(interval_of(now)) == (today, place) {
        // A longer interval goes on.
        return None;
    }
    let judged = Judged {
        past,
        queue,
        grid: &grid,
        now,
        today,
        place,
    };
    judged.judge(site)
}

/// An interval that is judged.
struct Judged<'a> {
    past: &'a Past,
    queue: &'a QueueSpec,
    grid: &'a Grid<'a>,
    now: WallTime,
    today: Date,
    place: usize,
}

impl Judged<'_> {
    fn judge(&self, site: Option<&SiteLoad>) -> Option<Judgement> {
        let until = interval_of(self.now);
        let begin = until.0 - self.grid.minutes * 60_000;
        let step = usize::try_from(INTERVAL_MS).ok()?;
        let mut quarters = (begin..until.0).step_by(step);
        if quarters.any(|at| self.calls(WallTime(at)).is_none()) {
            return None;
        }
        let from = first(self.past)?;
        let history = self.grid.history(from, until, |at| self.calls(at))?;
        let today = history.place(self.today)?;
        let counts = history.day(today);
        let count = counts[self.place]?;
        let forecast = self.forecast();
        let forecast = forecast.as_ref();
        let learned = Learned::new(&history, forecast, &settings(self.grid.minutes));
        let baseline = learned.baseline(today, self.place)?;
        let least = f64::from(self.queue.serve.peaks.least_baseline);
        let walked = learned.walk(today, counts);
        let interval = walked.last().filter(|last| last.at == self.place);
        let score = interval.and_then(|interval| Some(interval.worst()?.score));
        let peaks = learned.peaks(today, counts, least);
        let is_high = peaks.last().is_some_and(|peak| peak.end.is_none());
        let is_forecast = forecast.is_some_and(|days| days.place(self.today).is_some());
        let (source, known_until) = if is_forecast {
            (BaselineSource::Forecast, self.start_of(self.today))
        } else {
            (BaselineSource::Learned, self.known_until(&history, today))
        };
        let count = whole(count);
        let staffed = site.filter(|site| self.now.0 - site.minute.0 <= SITE_KNOWN_MS);
        let required = staffed.and_then(|site| self.required(count, site));
        let minutes = u32::try_from(self.grid.minutes).unwrap_or(u32::MAX);
        Some(Judgement {
            interval: WallTime(until.0 - i64::from(minutes) * 60_000),
            minutes,
            count,
            baseline_milli: u64::from(whole(baseline * 1_000.0)),
            source,
            known_until,
            score_milli: score.map_or(0, milli),
            is_high,
            required,
            staffed: staffed.and_then(|site| site.agents),
        })
    }

    /// What arrived in a quarter of an hour: as counted here, or as imported.
    fn calls(&self, at: WallTime) -> Option<f64> {
        let counted = self.past.interval(at, self.now);
        let counted = counted.and_then(|tally| self.arrivals(&tally));
        let counted = counted.map(f64::from);
        counted.or_else(|| volume(&self.past.history, at))
    }

    fn arrivals(&self, tally: &Tally) -> Option<u32> {
        if self.queue.serve.peaks.are_arrivals_reported {
            let is_whole = i64::from(tally.reports) == MINUTES;
            is_whole.then_some(tally.reported)
        } else {
            Some(tally.arrived)
        }
    }

    /// The forecast of today, if there is a whole one.
    fn forecast(&self) -> Option<History> {
        let next = self.today.tomorrow().ok()?;
        let (from, until) = (self.start_of(self.today), self.start_of(next));
        let today = self
            .grid
            .history(from, until, |at| volume(&self.past.forecast, at))?;
        let is_known = today.day(today.place(self.today)?)[self.place].is_some();
        is_known.then_some(today)
    }

    fn start_of(&self, date: Date) -> WallTime {
        WallTime(self.grid.zone.day_start(date).as_millisecond())
    }

    /// The end of the newest day before today of which something is known.
    fn known_until(&self, history: &History, today: usize) -> WallTime {
        let known = |day: &usize| history.day(*day).iter().any(Option::is_some);
        let newest = (0..today).rev().find(known).unwrap_or(0);
        let next = history.date(newest).tomorrow().unwrap_or(self.today);
        self.start_of(next)
    }

    /// Agents that such a rate asks for, by Erlang A; `None` if handle time or staffing are not known.
    fn required(&self, count: u32, site: &SiteLoad) -> Option<u32> {
        let _staffing_is_known = site.agents?;
        let recent = self.past.sum(WallTime(self.now.0 - RECENT_MS), self.now);
        let demand = Demand {
            calls: f64::from(count),
            #[expect(clippy::cast_precision_loss, reason = "minutes of an interval")]
            interval_s: self.grid.minutes as f64 * 60.0,
            aht_s: handle_s(site, &recent)?,
        };
        let target = Target {
            answer_s: seconds(self.queue.target_ms),
            service_level: (f64::from(self.queue.goal_permille) / 1_000.0).min(0.999),
            max_occupancy: 1.0,
            max_abandonment: None,
        };
        let patience_s = if recent.abandoned >= ABANDONED_LEAST {
            seconds(recent.waited_ms) / f64::from(recent.abandoned)
        } else {
            PATIENCE_S
        };
        let staffing =
            required_with_patience(demand, patience_s, &target, Level::Offered, AGENTS_MAX);
        staffing.map(|staffing| staffing.agents)
    }
}

/// The method's limits were chosen for intervals of half an hour. Shorter ones are tested more often: each halving raises the limits
/// by so much, which halves what chance alone exceeds there (the normal distribution has 0.40 % above 2.65, and 0.20 % above 2.88).
const RAISED: f64 = 0.23;
/// The interval for which the limits were chosen, minutes.
const CHOSEN_FOR: f64 = 30.0;

fn settings(minutes: i64) -> Settings {
    #[expect(clippy::cast_precision_loss, reason = "minutes of an interval")]
    let halvings = (CHOSEN_FOR / minutes as f64).log2().max(0.0);
    let usual = Settings::default();
    Settings {
        scores: usual.scores.map(|score| score + RAISED * halvings),
        ..usual
    }
}

/// As the site says, else as agents of the service take.
fn handle_s(site: &SiteLoad, recent: &Tally) -> Option<f64> {
    if let Some(ms) = site.handle_ms.filter(|ms| *ms > 0) {
        return Some(seconds(ms));
    }
    let handled: u32 = recent.handled.iter().sum();
    let ms: u64 = recent.handle_ms.iter().sum();
    (handled >= HANDLED_LEAST && ms > 0).then(|| seconds(ms) / f64::from(handled))
}

#[expect(clippy::cast_precision_loss, reason = "lengths of time")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is held in bounds first"
)]
fn whole(calls: f64) -> u32 {
    calls.round().clamp(0.0, f64::from(u32::MAX)) as u32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it is held in bounds first"
)]
fn milli(score: f64) -> i64 {
    (score * 1_000.0).round().clamp(-1e9, 1e9) as i64
}
