//! Peaks begin, are held by what causes them, and end.

use std::sync::Arc;

use super::{
    super::{
        arrivals::INTERVALS_A_DAY,
        command::Command,
        event::{Event, VolumeKind},
        ids::{PoolTime, QueueId},
        peaks::{Declared, Judgement, Peak, PeakCause, PeaksSpec, SiteLoad},
        rejection::{Rejection, Violation},
        spec::PoolSpec,
        volumes::Volumes,
    },
    Outcome, Step,
    route::known_queue,
    supervision::wrong_names,
};

/// A site's load holds a peak so long unless the platform says more.
const SITE_HOLDS_MS: u64 = 5 * 60_000;
/// Who waits on site is known for so long after the beginning of the minute of a report.
const SITE_OF_NOW_MS: i64 = 5 * 60_000;
/// A report is of a minute at most so long ago.
const REPORT_LATE_MAX_MS: i64 = 60 * 60_000;
/// A report is of a minute that is over, but for clocks that differ.
const REPORT_EARLY_MAX_MS: i64 = 60_000;
/// A peak is declared, and peaks rest, for at most this long.
const DECLARED_MAX_MS: u64 = 24 * 3_600_000;
const DAY_MS: i64 = 24 * 3_600_000;
/// Days of one import, and how far ahead a forecast may go.
const DAYS_MAX: usize = 4_000;
const AHEAD_MAX_DAYS: i64 = 400;
const INTERVAL_MINUTES: [u16; 6] = [1, 3, 5, 15, 30, 60];

/// Carries a command about demand out.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "dispatch lists every command"
)]
pub(super) fn carry_out(step: &mut Step<'_>, command: &Command) -> Outcome {
    match command {
        Command::ImportVolumes { queue, kind, days } => import(step, queue, *kind, days),
        Command::ReportSiteLoad { queue, load } => report(step, queue, load),
        Command::JudgeInterval { queue, judgement } => judge(step, queue, judgement),
        Command::DeclarePeak {
            queue,
            until,
            supervisor,
            reason,
        } => declare(step, queue, *until, supervisor, reason),
        Command::EndPeak {
            queue,
            rest_ms,
            supervisor,
        } => end_early(step, queue, *rest_ms, supervisor),
        other => unreachable!("{} is no command about demand", other.name()),
    }
}

fn import(
    step: &mut Step<'_>,
    queue: &QueueId,
    kind: VolumeKind,
    days: &[(i64, Arc<Volumes>)],
) -> Outcome {
    known_queue(step.state, queue)?;
    let today = step.at.wall.0.div_euclid(DAY_MS);
    // Older days would be forgotten at once.
    let oldest = today - i64::from(step.state.limits.arrival_days);
    if days.len() > DAYS_MAX {
        let problem = format!("are {}; give at most {DAYS_MAX} at once", days.len());
        return Err(Rejection::Invalid(vec![Violation::new("days", problem)]));
    }
    for (place, (day, volumes)) in days.iter().enumerate() {
        let problem = if *day > today + AHEAD_MAX_DAYS {
            "is over 400 days ahead"
        } else if i64::try_from(volumes.milli.len()) != Ok(INTERVALS_A_DAY) {
            "does not have 96 intervals"
        } else if !INTERVAL_MINUTES.contains(&volumes.minutes) {
            "has intervals of a length that is not 1, 3, 5, 15, 30 or 60 minutes"
        } else {
            continue;
        };
        let field = format!("days[{place}]");
        return Err(Rejection::Invalid(vec![Violation::new(field, problem)]));
    }
    let kept = days.iter().filter(|(day, _)| *day >= oldest);
    let merged = kept.map(|(day, volumes)| {
        let before = step.state.kept.volumes(kind, *day, queue);
        (
            *day,
            before.map_or_else(
                || Arc::clone(volumes),
                |before| Arc::new(volumes.over(before)),
            ),
        )
    });
    let days: Vec<(i64, Arc<Volumes>)> = merged.collect();
    if !days.is_empty() {
        let queue = queue.clone();
        step.emit(Event::VolumesImported { queue, kind, days });
    }
    Ok(())
}

/// A platform's word of its site: counted, and held against the queue's levels.
fn report(step: &mut Step<'_>, queue: &QueueId, load: &SiteLoad) -> Outcome {
    let found = known_queue(step.state, queue)?;
    let (mode, peaks) = (found.spec.serve.mode, found.spec.serve.peaks.clone());
    let since = step.at.wall.0.saturating_sub(load.minute.0);
    let problem = if load.minute.0.rem_euclid(60_000) != 0 {
        "is not the beginning of a minute"
    } else if since > REPORT_LATE_MAX_MS {
        "is over an hour ago; report a minute when it is over"
    } else if since < -REPORT_EARLY_MAX_MS {
        "is to come; report a minute when it is over"
    } else {
        ""
    };
    if !problem.is_empty() {
        return Err(Rejection::Invalid(vec![Violation::new("minute", problem)]));
    }
    let before = found.state.demand.as_ref();
    let before = before.and_then(|demand| demand.site.as_ref());
    // What comes late is counted, and says nothing of now.
    let is_of_now = load.is_newest(before) && since <= SITE_OF_NOW_MS;
    step.emit(Event::SiteLoadReported {
        queue: queue.clone(),
        load: *load,
        at: step.at.now,
    });
    if let Some(waiting) = load.waiting.filter(|_| mode.has_peaks() && is_of_now) {
        hold_by_site(step, queue, &peaks, waiting);
    }
    Ok(())
}

fn hold_by_site(step: &mut Step<'_>, queue: &QueueId, peaks: &PeaksSpec, waiting: u32) {
    let on = peaks.site_waiting_on;
    let cause = PeakCause::SiteLoad;
    let now = step.at.now;
    let peak = step.state.queues[queue].state.peak();
    let until = peak.and_then(|peak| peak.held_by(cause));
    // Between its two levels a load goes on holding what it holds.
    let goes_on = waiting > peaks.site_waiting_off && until.is_some_and(|until| until > now);
    if on > 0 && (waiting >= on || goes_on) {
        let until = step.at.now.plus(SITE_HOLDS_MS);
        hold(step, queue, cause, Some(until), None);
    } else if waiting <= peaks.site_waiting_off {
        hold(step, queue, cause, None, None);
    }
}

/// An interval that was judged before changes nothing.
fn judge(step: &mut Step<'_>, queue: &QueueId, judgement: &Arc<Judgement>) -> Outcome {
    check_peaks(step, queue)?;
    let demand = step.state.queues[queue].state.demand.as_ref();
    let before = demand.and_then(|demand| demand.judged.as_ref());
    if before.is_some_and(|before| before.interval >= judgement.interval) {
        return Ok(());
    }
    step.emit(Event::IntervalJudged {
        queue: queue.clone(),
        judgement: Arc::clone(judgement),
        at: step.at.now,
    });
    let until = judgement
        .is_peak()
        .then(|| step.at.now.plus(judgement.holds_ms()));
    hold(step, queue, PeakCause::Arrivals, until, judgement.short());
    Ok(())
}

fn declare(
    step: &mut Step<'_>,
    queue: &QueueId,
    until: PoolTime,
    supervisor: &Arc<str>,
    reason: &Arc<str>,
) -> Outcome {
    let mut wrong = wrong_names(&[("reason", reason), ("supervisor", supervisor)]);
    let now = step.at.now;
    if until <= now || until.since(now) > DECLARED_MAX_MS {
        let problem = "is not within the next 24 hours; give such a time";
        wrong.push(Violation::new("until", problem));
    }
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    check_peaks(step, queue)?;
    let declared = Declared {
        supervisor: Arc::clone(supervisor),
        reason: Arc::clone(reason),
    };
    hold_declared(step, queue, until, declared);
    Ok(())
}

fn end_early(step: &mut Step<'_>, queue: &QueueId, rest_ms: u64, supervisor: &Arc<str>) -> Outcome {
    let mut wrong = wrong_names(&[("supervisor", supervisor)]);
    if rest_ms > DECLARED_MAX_MS {
        let problem = "is over 24 hours; give less";
        wrong.push(Violation::new("rest", problem));
    }
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    check_peaks(step, queue)?;
    if step.state.queues[queue].state.peak().is_some() {
        end(step, queue, Some((supervisor, rest_ms)));
    }
    Ok(())
}

/// Peaks are looked for in the queue.
fn check_peaks(step: &Step<'_>, queue: &QueueId) -> Outcome {
    let serve = &known_queue(step.state, queue)?.spec.serve;
    if serve.mode.has_peaks() {
        return Ok(());
    }
    let problem = format!(
        "is `{queue}`, which is served `{}`; peaks are of queues with `serve = \"windows_and_peaks\"`",
        serve.mode.label()
    );
    Err(Rejection::Invalid(vec![Violation::new("queue", problem)]))
}

/// A supervisor's word begins a peak at once, whatever rests.
fn hold_declared(step: &mut Step<'_>, queue: &QueueId, until: PoolTime, declared: Declared) {
    let before = step.state.queues[queue].state.peak().cloned();
    let is_new = before.is_none();
    let mut peak = before.unwrap_or_else(|| begun(step, queue, PeakCause::Declared));
    peak.declared = Some(declared);
    put(
        step,
        queue,
        peak,
        is_new,
        (PeakCause::Declared, Some(until)),
    );
}

/// What a cause says now: until when it holds the peak, or that it does not.
fn hold(
    step: &mut Step<'_>,
    queue: &QueueId,
    cause: PeakCause,
    until: Option<PoolTime>,
    short: Option<u32>,
) {
    let state = &step.state.queues[queue].state;
    let before = state.peak().cloned();
    let is_new = before.is_none();
    let rests_until = state.demand.as_ref().and_then(|demand| demand.rests_until);
    let may_begin = until.is_some() && rests_until.is_none_or(|rest| rest <= step.at.now);
    if is_new && !may_begin {
        return;
    }
    let mut peak = before.unwrap_or_else(|| begun(step, queue, cause));
    peak.short = peak.short.max(short);
    put(step, queue, peak, is_new, (cause, until));
}

fn begun(step: &Step<'_>, queue: &QueueId, cause: PeakCause) -> Peak {
    let least_ms = step.state.queues[queue].spec.serve.peaks.least_on_ms;
    Peak {
        cause,
        since: step.at.now,
        ends_at: step.at.now.plus(least_ms),
        holds: [None; 3],
        short: None,
        declared: None,
    }
}

fn put(
    step: &mut Step<'_>,
    queue: &QueueId,
    mut peak: Peak,
    is_new: bool,
    (cause, until): (PeakCause, Option<PoolTime>),
) {
    let now = step.at.now;
    let least_ms = step.state.queues[queue].spec.serve.peaks.least_on_ms;
    for (of, hold) in PeakCause::ALL.into_iter().zip(&mut peak.holds) {
        if of == cause {
            *hold = until;
        }
    }
    let held = peak.holds.into_iter().flatten().max();
    let least = peak.since.plus(least_ms);
    peak.ends_at = held.map_or(least, |held| held.max(least)).max(now);
    let queue = queue.clone();
    if is_new {
        let peak = Arc::new(peak);
        step.emit(Event::PeakStarted { queue, peak });
    } else if step.state.queues[&queue].state.peak() != Some(&peak) {
        let peak = Arc::new(peak);
        let at = now;
        step.emit(Event::PeakChanged { queue, peak, at });
    }
}

/// A peak is over: by its time, or by the word of somebody, who may want peaks to rest for so long.
pub(super) fn end(step: &mut Step<'_>, queue: &QueueId, word: Option<(&Arc<str>, u64)>) {
    let now = step.at.now;
    let found = &step.state.queues[queue];
    let least_off_ms = found.spec.serve.peaks.least_off_ms;
    let rest_ms = word.map_or(least_off_ms, |(_, rest_ms)| rest_ms.max(least_off_ms));
    let peak = found.state.peak().expect("a peak that ends is on");
    let event = Event::PeakEnded {
        queue: queue.clone(),
        cause: peak.cause,
        since: peak.since,
        lasted_ms: now.since(peak.since),
        short: peak.short,
        supervisor: word.map(|(supervisor, _)| Arc::clone(supervisor)),
        at: now,
        rests_until: now.plus(rest_ms),
    };
    step.emit(event);
}

/// Ends the peaks of queues in which a new configuration looks for none.
pub(super) fn end_where_gone(step: &mut Step<'_>, spec: &PoolSpec) {
    let looks = |id: &QueueId| {
        let mut queues = spec.queues.iter();
        queues.any(|queue| queue.id == *id && queue.serve.mode.has_peaks())
    };
    let queues = step.state.queues.iter();
    let gone = queues.filter(|queue| queue.state.peak().is_some() && !looks(&queue.spec.id));
    let gone: Vec<QueueId> = gone.map(|queue| queue.spec.id.clone()).collect();
    for queue in &gone {
        end(step, queue, None);
    }
}
