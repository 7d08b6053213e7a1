//! Numbers and times of a board in words.

use std::time::Duration;

use prost_types::Timestamp;

use super::ms;
use crate::{
    cli::text::Word,
    proto::v1::{Agent, FailureDomain, Outage},
};

/// A length of time in at most two units, such as `45s`, `4m05s`, `2h10m` or `3d04h`.
pub(in crate::cli) fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m{:02}s", seconds % 60),
        (0, _, _) => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{days}d{:02}h", hours % 24),
    }
}

/// The time of day in UTC.
pub(in crate::cli) fn clock_face(ms: u64) -> String {
    let seconds = ms / 1_000 % 86_400;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

/// When something ends or began: the time of day, with its date if that is another day.
pub(in crate::cli) fn moment(time: &Timestamp, now_ms: u64) -> String {
    let day = |ms: u64| ms / 86_400_000;
    let at = ms(time);
    if day(at) == day(now_ms) {
        return format!("{} UTC", clock_face(at));
    }
    let text = time.to_string();
    let date = text.split('T').next().unwrap_or_default();
    format!("{date} {} UTC", clock_face(at))
}

/// A share in percent.
pub(in crate::cli) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", share * 100.0))
}

/// A number, or a sign that there is nothing of it.
pub(in crate::cli) fn count(number: impl Into<i128>) -> String {
    match number.into() {
        0 => "-".to_owned(),
        number => number.to_string(),
    }
}

/// In which state boards count an agent.
pub(in crate::cli) fn state(agent: &Agent) -> &str {
    agent.status.as_ref().map_or("", |status| &status.state)
}

/// The state with the reason that goes with it.
pub(in crate::cli) fn state_with_reason(agent: &Agent) -> String {
    let reason = agent.status.as_ref().map_or("", |status| &status.reason);
    match (state(agent), reason) {
        ("not_ready", reason) if !reason.is_empty() => format!("not_ready {reason}"),
        (state, _) => state.to_owned(),
    }
}

/// An outage in a few words.
pub(in crate::cli) fn outage(outage: &Outage) -> String {
    let domain = match outage.domain() {
        FailureDomain::Site => "site",
        FailureDomain::Region => "region",
        FailureDomain::Provider => "provider",
        FailureDomain::Service => "the whole service",
        FailureDomain::Unspecified => "something",
    };
    let (lost, of) = (outage.lost, outage.signed_in);
    let over = outage
        .end_time
        .as_ref()
        .map_or("", |_| ", about to be over");
    format!("{domain} {}: {lost} of {of} lines lost{over}", outage.label).replace(" : ", ": ")
}

/// The word of a kind of site.
pub(in crate::cli) fn site_kind(agent: &Agent) -> &'static str {
    agent.site.as_ref().map_or("-", |site| site.kind().word())
}

/// A duration as a board shows it.
pub(in crate::cli) fn duration(duration: Duration) -> String {
    span(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{clock_face, moment, span};
    use crate::cli::board::tests::at;

    #[test]
    fn lengths_of_time_are_short() {
        let cases = [
            (999, "0s"),
            (59_999, "59s"),
            (60_000, "1m00s"),
            (3_599_000, "59m59s"),
            (7_860_000, "2h11m"),
            (90_000_000, "1d01h"),
        ];
        for (ms, text) in cases {
            assert_eq!(span(ms), text);
        }
    }

    #[test]
    fn another_day_is_told() {
        assert_eq!(clock_face(86_399_000), "23:59:59");
        assert_eq!(moment(&at(3_600), 0), "01:00:00 UTC");
        assert_eq!(moment(&at(90_000), 0), "1970-01-02 01:00:00 UTC");
    }
}
