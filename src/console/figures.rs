//! Numbers and times in words, as the language writes them. Each number itself comes from the engine.

use std::fmt::Write as _;

use super::words::{Language, Words};
use crate::engine::{ids::PoolTime, peaks::Peak, serve::Opening, service::Permille};

/// Where a length of time that goes on is filled in: by the server in a page, by the browser in what follows.
pub(super) const TICK: char = '\u{e000}';
/// What stands before it; no text of a user can, as its quotes are escaped.
const SINCE: &str = "data-since=\"";

/// A length of time in at most two units, such as `45s`, `4m05s`, `2h10m` or `3d04h`.
pub(super) fn span(ms: u64, language: Language) -> String {
    let seconds = ms / 1_000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    let day = match language {
        Language::French => 'j',
        Language::English => 'd',
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m{:02}s", seconds % 60),
        (0, _, _) => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{days}{day}{:02}h", hours % 24),
    }
}

/// The time of day in UTC.
pub(super) fn clock(time: PoolTime) -> String {
    let seconds = time.0 / 1_000 % 86_400;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02} UTC", seconds % 60)
}

/// A moment: the time of day, with the date if that is another day than `now`'s.
pub(super) fn moment(time: PoolTime, now: PoolTime) -> String {
    let day = |time: PoolTime| time.0 / 86_400_000;
    if day(time) == day(now) {
        return clock(time);
    }
    let whole = prost_types::Timestamp {
        seconds: i64::try_from(time.0 / 1_000).unwrap_or(i64::MAX),
        nanos: 0,
    };
    let whole = whole.to_string();
    let date = whole.split('T').next().unwrap_or_default();
    format!("{date} {}", clock(time))
}

/// Whether a queue is served, and until when: in a peak, else by its windows; nothing where it always is.
pub(super) fn served(
    (windows, peak_until): (Option<Opening>, Option<PoolTime>),
    now: PoolTime,
    w: &Words,
) -> Option<String> {
    if let Some(until) = peak_until {
        return Some(w.name("opening-peak", &moment(until, now)));
    }
    windows.map(|windows| opening(windows, now, w))
}

/// Whether a queue's windows are open, and until when.
pub(super) fn opening(opening: Opening, now: PoolTime, w: &Words) -> String {
    let turns_at = opening.turns_at.and_then(|at| u64::try_from(at.0).ok());
    let until = turns_at.map_or_else(|| "–".to_owned(), |at| moment(PoolTime(at), now));
    let key = if opening.is_open {
        "opening-open"
    } else {
        "opening-shut"
    };
    w.name(key, &until)
}

/// Why a queue is in a peak, and until when.
pub(super) fn peak(peak: &Peak, now: PoolTime, w: &Words) -> String {
    let cause = w.of("peak-cause", peak.cause.label());
    format!(
        "{cause}, {}",
        w.name("opening-peak", &moment(peak.ends_at, now))
    )
}

/// A share in percent with one place; a dash of nothing.
pub(super) fn percent(share: Option<Permille>, language: Language) -> String {
    let Some(Permille(share)) = share else {
        return "–".to_owned();
    };
    let (whole, tenth) = (share / 10, share % 10);
    match language {
        Language::French => format!("{whole},{tenth}\u{a0}%"),
        Language::English => format!("{whole}.{tenth}%"),
    }
}

/// A length of time that goes on since then.
pub(super) fn since(time: PoolTime) -> String {
    format!("<span class=\"tick\" {SINCE}{}\">{TICK}</span>", time.0)
}

/// Fills in the lengths of time that go on, as of `now`.
pub(super) fn filled(html: &str, now: PoolTime, language: Language) -> String {
    fill(html, |since| span(now.since(since), language))
}

/// Leaves them to the browser.
pub(super) fn unfilled(html: &str) -> String {
    fill(html, |_since| String::new())
}

fn fill(html: &str, text: impl Fn(PoolTime) -> String) -> String {
    let mut parts = html.split(SINCE);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (time, rest) = part.split_once('"').unwrap_or((part, ""));
        let rest = rest
            .strip_prefix('>')
            .and_then(|rest| rest.strip_prefix(TICK));
        let time = time.parse().map(PoolTime);
        filled.push_str(SINCE);
        match (time, rest) {
            (Ok(time), Some(rest)) => {
                let _written = write!(filled, "{}\">{}", time.0, text(time));
                filled.push_str(rest);
            }
            (Ok(_) | Err(_), _) => filled.push_str(part),
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_short() {
        for (ms, english, french) in [
            (999, "0s", "0s"),
            (59_999, "59s", "59s"),
            (60_000, "1m00s", "1m00s"),
            (7_860_000, "2h11m", "2h11m"),
            (90_000_000, "1d01h", "1j01h"),
        ] {
            assert_eq!(span(ms, Language::English), english);
            assert_eq!(span(ms, Language::French), french);
        }
    }

    #[test]
    fn shares_have_one_place() {
        for (share, english, french) in [
            (None, "–", "–"),
            (Some(Permille(833)), "83.3%", "83,3\u{a0}%"),
            (Some(Permille(1_000)), "100.0%", "100,0\u{a0}%"),
            (Some(Permille(5)), "0.5%", "0,5\u{a0}%"),
        ] {
            assert_eq!(percent(share, Language::English), english);
            assert_eq!(percent(share, Language::French), french);
        }
    }

    #[test]
    fn another_day_is_told() {
        assert_eq!(moment(PoolTime(3_600_000), PoolTime(5)), "01:00:00 UTC");
        assert_eq!(
            moment(PoolTime(90_000_000), PoolTime(5)),
            "1970-01-02 01:00:00 UTC"
        );
    }

    #[test]
    fn only_lengths_of_time_are_filled() {
        let text = "data-since=&quot;5&quot;>\u{e000}";
        let html = format!(
            "<b>{text}</b>{}|{}",
            since(PoolTime(1_000)),
            since(PoolTime(2_000))
        );
        let filled = filled(&html, PoolTime(63_000), Language::English);
        assert_eq!(
            filled,
            format!(
                "<b>{text}</b><span class=\"tick\" data-since=\"1000\">1m02s</span>|<span class=\"tick\" data-since=\"2000\">1m01s</span>"
            )
        );
        assert!(!unfilled(&since(PoolTime(7))).contains(TICK));
    }
}
