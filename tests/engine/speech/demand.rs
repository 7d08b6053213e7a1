//! What arrives, what is expected, and peaks, in words.

use homeshore::engine::{
    event::Event,
    ids::WallTime,
    peaks::{Judgement, Peak, SiteLoad},
};

use super::{clock, say_wall, seconds};

pub(super) fn say(event: &Event) -> String {
    let wall = |at: &WallTime| say_wall(Some(*at));
    match event {
        Event::CalendarSet { ahead_ms, .. } => format!("the calendar is {ahead_ms} ms ahead"),
        Event::ArrivalsMissed { from, until } => {
            format!("arrivals missed from {} to {}", wall(from), wall(until))
        }
        Event::VolumesImported { queue, kind, days } => {
            format!("queue {queue}: {} of {} days", kind.label(), days.len())
        }
        Event::SiteLoadReported { queue, load, .. } => format!("queue {queue}: {}", site(load)),
        Event::IntervalJudged {
            queue, judgement, ..
        } => format!("queue {queue}: {}", judged(judgement)),
        Event::PeakStarted { queue, peak } => {
            format!("queue {queue} in a peak: {}", held(peak))
        }
        Event::PeakChanged { queue, peak, .. } => {
            format!("queue {queue} still in a peak: {}", held(peak))
        }
        Event::PeakEnded {
            queue,
            cause,
            lasted_ms,
            short,
            supervisor,
            rests_until,
            ..
        } => {
            let by = supervisor.as_deref().unwrap_or("itself");
            let (cause, lasted) = (cause.label(), seconds(*lasted_ms));
            let (short, rest) = (short_of(*short), clock(*rests_until));
            format!(
                "queue {queue}: peak by {cause} over after {lasted}{short} by {by}, rests until {rest}"
            )
        }
        other => unreachable!("{other:?} is no event of demand"),
    }
}

fn site(load: &SiteLoad) -> String {
    let told = |what: &str, count: Option<u32>| {
        count.map_or_else(String::new, |count| format!(" {what} {count}"))
    };
    format!(
        "on site{}{}{}",
        told("arrived", load.arrivals),
        told("wait", load.waiting),
        told("agents", load.agents)
    )
}

fn judged(judgement: &Judgement) -> String {
    let is = if judgement.is_high {
        "high"
    } else {
        "as usual"
    };
    let short = short_of(judgement.short());
    format!(
        "{} calls where {} are usual is {is}{short}",
        judgement.count,
        judgement.baseline_milli / 1_000
    )
}

fn held(peak: &Peak) -> String {
    let (cause, until) = (peak.cause.label(), clock(peak.ends_at));
    format!("{cause}{}, until {until}", short_of(peak.short))
}

fn short_of(short: Option<u32>) -> String {
    short.map_or_else(String::new, |short| format!(", {short} agents short"))
}
