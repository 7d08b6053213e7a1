//! Peaks between wire and engine.

use super::{Faults, duration, duration_ms, time, timestamp, wall_timestamp};
use crate::{
    api::status::Problem,
    engine::{
        command::Command,
        ids::{QueueId, WallTime},
        peaks::{BaselineSource, Judgement, Peak, PeakCause, PeaksSpec, SiteLoad},
    },
    proto::v1,
};

/// Peaks rest for so long after a supervisor has ended one, unless said otherwise, ms.
const REST_MS: u64 = 3_600_000;

/// What a queue says of peaks.
pub(super) fn spec(
    faults: &mut Faults,
    at: &impl Fn(&str) -> String,
    given: Option<&v1::PeakPolicy>,
) -> PeaksSpec {
    let usual = PeaksSpec::default();
    let Some(policy) = given else {
        return usual;
    };
    let mut count = |field: &str, given: i32| {
        u32::try_from(given).unwrap_or_else(|_| {
            faults.add(
                at(&format!("peaks.{field}")),
                format!("is {given}; give 0 or more"),
            );
            0
        })
    };
    let least_baseline = policy.least_baseline;
    let least_baseline =
        least_baseline.map_or(usual.least_baseline, |least| count("least_baseline", least));
    let site_waiting_on = count("site_waiting_on", policy.site_waiting_on);
    let site_waiting_off = count("site_waiting_off", policy.site_waiting_off);
    let mut ms = |field: &str, given, usual| {
        duration_ms(faults, &at(&format!("peaks.{field}")), given, usual)
    };
    PeaksSpec {
        are_arrivals_reported: policy.arrivals_reported,
        least_on_ms: ms("least_on", policy.least_on, usual.least_on_ms),
        least_off_ms: ms("least_off", policy.least_off, usual.least_off_ms),
        least_baseline,
        site_waiting_on,
        site_waiting_off,
    }
}

/// The same on the wire; nothing where all is as usual.
pub(super) fn policy(spec: &PeaksSpec) -> Option<v1::PeakPolicy> {
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    (*spec != PeaksSpec::default()).then(|| v1::PeakPolicy {
        arrivals_reported: spec.are_arrivals_reported,
        least_on: Some(duration(spec.least_on_ms)),
        least_off: Some(duration(spec.least_off_ms)),
        least_baseline: Some(count(spec.least_baseline)),
        site_waiting_on: count(spec.site_waiting_on),
        site_waiting_off: count(spec.site_waiting_off),
    })
}

/// What a platform says of its site.
pub(in crate::api) fn site_load(request: &v1::ReportSiteLoadRequest) -> Result<Command, Problem> {
    let mut faults = Faults::default();
    faults.id("queue", &request.queue);
    let minute = request.minute.unwrap_or_default();
    let minute = time(&mut faults, "minute", minute).unwrap_or(0);
    let mut count = |field: &str, given: Option<i32>| {
        let given = given?;
        let count = u32::try_from(given).ok();
        if count.is_none() {
            let right = "give 0 or more, or leave it out if it is not known";
            faults.add(field, format!("is {given}; {right}"));
        }
        count
    };
    let arrivals = count("arrivals", request.arrivals);
    let waiting = count("waiting", request.waiting);
    let agents = count("agents", request.agents);
    let handle_ms = request.handle_time;
    let handle_ms = handle_ms.map(|_| duration_ms(&mut faults, "handle_time", handle_ms, 0));
    let load = SiteLoad {
        minute: WallTime(minute),
        arrivals,
        waiting,
        agents,
        handle_ms,
    };
    let queue = QueueId::new(&request.queue);
    faults.finish(Command::ReportSiteLoad { queue, load })
}

/// A supervisor's word that a peak is on.
pub(in crate::api) fn declare(request: &v1::DeclarePeakRequest) -> Result<Command, Problem> {
    let mut faults = Faults::default();
    faults.id("queue", &request.queue);
    let until = super::orders::pool_time(&mut faults, "until", request.until);
    faults.finish(Command::DeclarePeak {
        queue: QueueId::new(&request.queue),
        until,
        supervisor: request.supervisor.as_str().into(),
        reason: request.reason.as_str().into(),
    })
}

/// A supervisor's order to end a peak.
pub(in crate::api) fn end(request: &v1::EndPeakRequest) -> Result<Command, Problem> {
    let mut faults = Faults::default();
    faults.id("queue", &request.queue);
    let rest_ms = duration_ms(&mut faults, "rest", request.rest, REST_MS);
    faults.finish(Command::EndPeak {
        queue: QueueId::new(&request.queue),
        rest_ms,
        supervisor: request.supervisor.as_str().into(),
    })
}

/// A peak that is on.
pub(super) fn peak(peak: &Peak) -> v1::QueuePeak {
    let cause = match peak.cause {
        PeakCause::Arrivals => v1::PeakCause::Arrivals,
        PeakCause::SiteLoad => v1::PeakCause::SiteLoad,
        PeakCause::Declared => v1::PeakCause::Declared,
    };
    let declared = peak.declared.as_ref();
    v1::QueuePeak {
        cause: cause.into(),
        since: Some(timestamp(peak.since)),
        end_time: Some(timestamp(peak.ends_at)),
        agents_short: peak.short.map(super::supervision::count),
        supervisor: declared.map_or_else(String::new, |declared| declared.supervisor.to_string()),
        reason: declared.map_or_else(String::new, |declared| declared.reason.to_string()),
    }
}

/// The newest interval that was held against the baseline.
pub(super) fn judged(judgement: &Judgement) -> v1::JudgedInterval {
    let source = match judgement.source {
        BaselineSource::Forecast => v1::BaselineSource::Forecast,
        BaselineSource::Learned => v1::BaselineSource::Learned,
    };
    let count = super::supervision::count;
    v1::JudgedInterval {
        start_time: Some(wall_timestamp(judgement.interval)),
        length: Some(duration(u64::from(judgement.minutes) * 60_000)),
        arrivals: count(judgement.count),
        baseline: thousandth(i64::try_from(judgement.baseline_milli).unwrap_or(i64::MAX)),
        baseline_source: source.into(),
        baseline_time: Some(wall_timestamp(judgement.known_until)),
        score: thousandth(judgement.score_milli),
        high: judgement.is_high,
        agents_required: judgement.required.map(count),
        agents_staffed: judgement.staffed.map(count),
    }
}

fn thousandth(milli: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "for people and their tools")]
    let milli = milli as f64;
    milli / 1_000.0
}
