//! The measures that are told: quotients of two sums, which over samples is their ratio and not the mean of ratios; and
//! quantiles, which are those of all samples' calls together.

use std::ops::AddAssign;

use super::{Floor, Line, Work};
use crate::engine::event::{DivertReason, OfferEnd, Outcome};

/// What the numbers of a measure are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 0 to 1.
    Share,
    /// Seconds.
    Seconds,
    /// So many on average at any moment.
    Level,
    /// So many in the interval, or in the whole measured time of a replication or batch.
    Count,
}

/// A measure.
#[derive(Debug)]
pub struct Measure<S: 'static> {
    /// Its name in files.
    pub name: &'static str,
    /// What its numbers are.
    pub unit: Unit,
    /// What it is, for people.
    pub about: &'static str,
    pub(in crate::simulation::model) of: Of<S>,
}

/// How a measure is made.
#[derive(Debug)]
pub(in crate::simulation::model) enum Of<S: 'static> {
    /// The two sums of which it is the quotient.
    Ratio(fn(&S) -> (f64, f64)),
    /// What it is of all samples put together.
    Pooled(fn(&S) -> Option<f64>),
}

/// A queue's calls of a span, or of all.
#[derive(Clone, Debug)]
pub struct QueueFigures {
    pub(in crate::simulation::model) line: Line,
    pub(in crate::simulation::model) length_ms: u64,
}

/// A staff group's time in a span, or in all.
#[derive(Clone, Copy, Debug)]
pub struct StaffFigures {
    pub(in crate::simulation::model) floor: Floor,
    pub(in crate::simulation::model) length_ms: u64,
}

impl AddAssign<&Self> for QueueFigures {
    fn add_assign(&mut self, other: &Self) {
        self.line += &other.line;
        self.length_ms += other.length_ms;
    }
}

impl AddAssign<&Self> for StaffFigures {
    fn add_assign(&mut self, other: &Self) {
        self.floor += &other.floor;
        self.length_ms += other.length_ms;
    }
}

#[expect(clippy::cast_precision_loss, reason = "sums of ms are far below 2^53")]
fn number(sum: u64) -> f64 {
    sum as f64
}

/// A quotient of two counts.
fn share(part: u64, whole: u64) -> (f64, f64) {
    (number(part), number(whole))
}

/// ms per call, in s.
fn seconds(ms: u64, calls: u64) -> (f64, f64) {
    (number(ms) / 1_000.0, number(calls))
}

fn count(count: u64) -> (f64, f64) {
    (number(count), 1.0)
}

fn quantile(figures: &QueueFigures, quantile: f64) -> Option<f64> {
    figures
        .line
        .wait_quantile_ms(quantile)
        .map(|ms| ms / 1_000.0)
}

fn ended(figures: &QueueFigures, outcome: Outcome) -> (f64, f64) {
    let place = Outcome::ALL.iter().position(|known| *known == outcome);
    count(place.map_or(0, |at| figures.line.ended[at]))
}

fn offers_ended(figures: &QueueFigures, cause: OfferEnd) -> u64 {
    let place = OfferEnd::ALL.iter().position(|known| *known == cause);
    place.map_or(0, |at| figures.line.offers.ended[at])
}

fn diverted(figures: &QueueFigures, reason: DivertReason) -> (f64, f64) {
    let place = DivertReason::ALL.iter().position(|known| *known == reason);
    count(place.map_or(0, |at| figures.line.diverted[at]))
}

macro_rules! measures {
    ($($unit:ident $how:ident $name:ident $about:literal $of:expr;)*) => {
        &[$(Measure { name: stringify!($name), unit: Unit::$unit, about: $about, of: Of::$how($of) }),*]
    };
}

/// The measures of a queue, by [`domain`](crate) names. T is the queue's target answer time.
pub static QUEUE_MEASURES: &[Measure<QueueFigures>] = measures! {
    Count Ratio offered "calls accepted, without those called back" |of| count(of.line.offered);
    Count Ratio answered "calls that an agent answered" |of| count(of.line.answered);
    Count Ratio abandoned "callers who hung up before that" |of| count(of.line.abandoned);
    Share Ratio sl_offered "answered within T / offered" |of| share(of.line.answered_in_target, of.line.offered);
    Share Ratio sl_answered "answered within T / answered" |of| share(of.line.answered_in_target, of.line.answered);
    Share Ratio sl_excl_short "answered within T / (offered - abandoned within T)"
        |of| share(of.line.answered_in_target, of.line.offered - of.line.abandoned_in_target);
    Share Ratio p_wait "calls that waited at all / offered" |of| share(of.line.waited, of.line.offered);
    Share Ratio p_abandon "abandoned / offered" |of| share(of.line.abandoned, of.line.offered);
    Share Ratio p_abandon_by_T "abandoned within T / offered" |of| share(of.line.abandoned_in_target, of.line.offered);
    Seconds Ratio mean_wait_all "mean wait of the offered" |of| seconds(of.line.wait_ms, of.line.offered);
    Seconds Ratio mean_wait_answered "mean wait of the answered" |of| seconds(of.line.wait_answered_ms, of.line.answered);
    Seconds Ratio mean_wait_abandoned "mean wait of the abandoned" |of| seconds(of.line.wait_abandoned_ms, of.line.abandoned);
    Seconds Ratio mean_wait_of_waiting "mean wait of those who waited at all" |of| seconds(of.line.wait_ms, of.line.waited);
    Seconds Pooled wait_p50 "half of the offered waited no longer" |of| quantile(of, 0.5);
    Seconds Pooled wait_p90 "90 % of the offered waited no longer" |of| quantile(of, 0.9);
    Seconds Pooled wait_p95 "95 % of the offered waited no longer" |of| quantile(of, 0.95);
    Seconds Pooled wait_p99 "99 % of the offered waited no longer" |of| quantile(of, 0.99);
    Level Ratio mean_queue "callers on the line who wait" |of| share(of.line.queue_ms, of.length_ms);
    Seconds Ratio mean_talk "mean conversation" |of| seconds(of.line.talk_ms, of.line.answered);
    Count Ratio offers "offers to agents" |of| count(of.line.offers.made);
    Count Ratio offers_connected "offers that became a conversation" |of| count(of.line.offers.connected);
    Count Ratio offers_declined "offers declined" |of| count(offers_ended(of, OfferEnd::Declined));
    Count Ratio offers_no_answer "offers not answered" |of| count(offers_ended(of, OfferEnd::NoAnswer));
    Count Ratio offers_line_lost "offers ended by a lost line" |of| count(offers_ended(of, OfferEnd::LineLost));
    Count Ratio offers_caller_gone "offers whose caller hung up" |of| count(offers_ended(of, OfferEnd::CallerGone));
    Count Ratio overflowed "calls that went on in another pool" |of| ended(of, Outcome::Overflowed);
    Count Ratio timed_out "calls ended by the queue's time-out" |of| ended(of, Outcome::TimedOut);
    Count Ratio lost "calls ended lost" |of| ended(of, Outcome::Lost);
    Count Ratio diverted_closed "calls not taken: queue closed" |of| diverted(of, DivertReason::Closed);
    Count Ratio diverted_full "calls not taken: queue full" |of| diverted(of, DivertReason::Full);
    Count Ratio diverted_unstaffed "calls not taken: nobody signed in" |of| diverted(of, DivertReason::Unstaffed);
    Count Ratio diverted_no_agent_ever "calls not taken: no agent can" |of| diverted(of, DivertReason::NoAgentEver);
    Count Ratio callbacks "callers who gave up the line to be called back" |of| count(of.line.callbacks);
    Count Ratio unreached "callbacks whose caller was not reached" |of| ended(of, Outcome::Unreached);
    Count Ratio unfinished "calls that were not over a day after the last arrival" |of| count(of.line.unfinished);
};

fn busy(floor: &Floor) -> u64 {
    floor.of(Work::Connected) + floor.of(Work::WrapUp)
}

/// A kind of work's share of the time signed in.
fn of_signed_in(figures: &StaffFigures, work: Work) -> (f64, f64) {
    share(figures.floor.of(work), figures.floor.ms.iter().sum())
}

/// The measures of a staff group, or of a kind of site.
pub static STAFF_MEASURES: &[Measure<StaffFigures>] = measures! {
    Level Ratio signed_in "agents signed in" |of| share(of.floor.ms.iter().sum(), of.length_ms);
    Share Ratio occupancy "(connected + wrap-up) / (connected + wrap-up + idle + offered)" |of| {
        let busy = busy(&of.floor);
        share(busy, busy + of.floor.of(Work::Idle) + of.floor.of(Work::Offered))
    };
    Share Ratio idle "time idle / time signed in" |of| of_signed_in(of, Work::Idle);
    Share Ratio offered "time with an offer / time signed in" |of| of_signed_in(of, Work::Offered);
    Share Ratio connected "time in conversation / time signed in" |of| of_signed_in(of, Work::Connected);
    Share Ratio wrap_up "time in wrap-up / time signed in" |of| of_signed_in(of, Work::WrapUp);
    Share Ratio not_ready "time not ready / time signed in" |of| of_signed_in(of, Work::NotReady);
    Share Ratio line_lost "time without a line / time signed in" |of| of_signed_in(of, Work::LineLost);
};
