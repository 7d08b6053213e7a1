//! How values are written in files, arguments and output: durations, skills, and the words of the API's enums.

use std::time::Duration;

use crate::proto::v1::{
    AbsenceKind, BaselineSource, CallOrder, CallState, Complexity, ConnectionType, Day,
    DivertReason, FailureDomain, HaltKind, Intent, LineState, OfferMode, OfferStep, OnSiteCause,
    Outcome, PeakCause, ReadinessBand, Selection, ServeMode, SiteKind, SkillLevel, TalkState,
    VolumeKind, WaitingCalls, WhenClosing, WhenUnstaffed, Work,
};

/// Units of a duration, largest first, in ms.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads `20s`, `1m30s`, `500ms`: whole numbers with units, the largest first.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    milliseconds(text)
        .map(Duration::from_millis)
        .ok_or_else(|| {
            format!("`{text}` is not a duration; write it like `20s`, `1m30s` or `500ms`")
        })
}

fn milliseconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        let (_, unit_ms) = units.find(|(name, _)| *name == &rest[..letters])?;
        rest = &rest[letters..];
        total = total.checked_add(number.checked_mul(*unit_ms)?)?;
    }
    (!text.is_empty()).then_some(total)
}

/// Writes a duration as [`parse_duration`] reads it.
pub(super) fn duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (name, unit_ms) in UNITS {
        let number = rest / unit_ms;
        rest %= unit_ms;
        if number > 0 {
            text.push_str(&number.to_string());
            text.push_str(name);
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

/// A duration of the API in ms; absent or negative is zero.
pub(super) fn api_ms(duration: Option<&prost_types::Duration>) -> u64 {
    let Some(duration) = duration else { return 0 };
    let seconds = u64::try_from(duration.seconds).unwrap_or(0);
    let nanos = u64::try_from(duration.nanos).unwrap_or(0);
    seconds
        .saturating_mul(1_000)
        .saturating_add(nanos / 1_000_000)
}

/// A duration for the API.
pub(super) fn to_api(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or(0),
    }
}

/// A time for the API, from ms since 1970.
pub(super) fn to_timestamp(ms: u64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: i64::try_from(ms / 1_000).unwrap_or(i64::MAX),
        nanos: i32::try_from(ms % 1_000 * 1_000_000).unwrap_or(0),
    }
}

/// Writes a duration of the API; absent is `-`.
pub(super) fn api_duration(value: Option<&prost_types::Duration>) -> String {
    match value {
        Some(_) => duration(Duration::from_millis(api_ms(value))),
        None => "-".to_owned(),
    }
}

/// Reads `fr:3`, a skill and a level of 1 to 5.
pub(super) fn parse_skill(text: &str) -> Result<SkillLevel, String> {
    let wrong = || {
        format!(
            "`{text}` is not a skill with a level; write it like `fr:3`, with a level of 1 to 5"
        )
    };
    let (skill, level) = text.rsplit_once(':').ok_or_else(wrong)?;
    let level: i32 = level.parse().map_err(|_| wrong())?;
    if skill.is_empty() || !(1..=5).contains(&level) {
        return Err(wrong());
    }
    Ok(SkillLevel {
        skill: skill.to_owned(),
        level,
    })
}

/// Writes skills as `billing:2 fr:3`.
pub(super) fn skills(skills: &[SkillLevel]) -> String {
    let words: Vec<String> = skills
        .iter()
        .map(|skill| format!("{}:{}", skill.skill, skill.level))
        .collect();
    words.join(" ")
}

/// Reads `key=value`.
pub(super) fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!(
            "`{text}` is not a fact; write it like `language=fr`"
        )),
    }
}

/// A value of the API's enum with the word that files and output use for it.
pub(super) trait Word: Sized + Copy + PartialEq + 'static {
    /// Every value but the unspecified, with its word.
    const WORDS: &'static [(Self, &'static str)];

    /// The word; `-` for the unspecified and the unknown.
    fn word(self) -> &'static str {
        let known = Self::WORDS.iter().find(|(value, _)| *value == self);
        known.map_or("-", |(_, word)| word)
    }

    /// The value of a word.
    fn parse(word: &str) -> Result<Self, String> {
        let known = Self::WORDS.iter().find(|(_, known)| *known == word);
        known.map(|(value, _)| *value).ok_or_else(|| {
            let words: Vec<&str> = Self::WORDS.iter().map(|(_, word)| *word).collect();
            format!("`{word}` is not one of {}", words.join(", "))
        })
    }
}

macro_rules! words {
    ($($enum:ident { $($value:ident = $word:literal),* $(,)? })*) => {$(
        impl Word for $enum {
            const WORDS: &'static [(Self, &'static str)] = &[$(($enum::$value, $word)),*];
        }
    )*};
}

words! {
    SiteKind { Home = "home", Telecentre = "telecentre", OnSite = "on_site" }
    Intent { Offline = "offline", NotReady = "not_ready", Ready = "ready" }
    Work { Idle = "idle", Offered = "offered", Connected = "connected", WrapUp = "wrap_up", External = "external" }
    AbsenceKind { Late = "late", Unwell = "unwell" }
    LineState { Up = "up", Silent = "silent", Lost = "lost" }
    CallState { Queued = "queued", Offered = "offered", Connecting = "connecting", Connected = "connected", Ended = "ended", CallbackWaiting = "callback_waiting" }
    TalkState { Talking = "talking", OnHold = "on_hold", Consulting = "consulting", Conference = "conference" }
    Outcome { Handled = "handled", Abandoned = "abandoned", Overflowed = "overflowed", TimedOut = "timed_out", Lost = "lost", Unreached = "unreached", Cancelled = "cancelled" }
    OfferMode { AcceptFirst = "accept_first", Ring = "ring" }
    OfferStep { Proposed = "proposed", Ring = "ring", Connect = "connect", Rescind = "rescind" }
    DivertReason { OnSite = "on_site", Closed = "closed", Full = "full", Unstaffed = "unstaffed", NoAgentEver = "no_agent_ever" }
    OnSiteCause { OutsideWindows = "outside_windows", Share = "share", Shadow = "shadow" }
    ServeMode { Always = "always", Windows = "windows", WindowsAndPeaks = "windows_and_peaks" }
    PeakCause { Arrivals = "arrivals", SiteLoad = "site_load", Declared = "declared" }
    BaselineSource { Forecast = "forecast", Learned = "learned" }
    VolumeKind { History = "history", Forecast = "forecast" }
    ReadinessBand { Pass = "pass", Watch = "watch", Suspend = "suspend" }
    ConnectionType { Wired = "wired", Wifi = "wifi", Mobile = "mobile" }
    WhenClosing { Serve = "serve", Overflow = "overflow", Callback = "callback" }
    Day { Monday = "monday", Tuesday = "tuesday", Wednesday = "wednesday", Thursday = "thursday", Friday = "friday", Saturday = "saturday", Sunday = "sunday", Holiday = "holiday" }
    HaltKind { Paused = "paused", Closed = "closed" }
    FailureDomain { Site = "site", Region = "region", Provider = "provider", Service = "service" }
    WaitingCalls { Serve = "serve", End = "end" }
    CallOrder { Urgency = "urgency", Balanced = "balanced" }
    WhenUnstaffed { Queue = "queue", Divert = "divert", Callback = "callback" }
    Complexity { Simple = "simple", Complex = "complex" }
    Selection {
        LongestIdle = "longest_idle",
        LeastOccupied = "least_occupied",
        MostSkilled = "most_skilled",
        LeastSkilled = "least_skilled"
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Word, duration, parse_duration, parse_pair, parse_skill};
    use crate::proto::v1::SiteKind;

    #[test]
    fn durations_are_read_and_written_alike() {
        for (text, ms) in [
            ("20s", 20_000),
            ("1m30s", 90_000),
            ("500ms", 500),
            ("2h5ms", 7_200_005),
            ("0s", 0),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(ms)),
                "{text}"
            );
            assert_eq!(duration(Duration::from_millis(ms)), text);
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for bad in [
            "",
            "20",
            "s",
            "-5s",
            "1.5s",
            "30s1m",
            "1s1s",
            "20 s",
            "1d",
            "99999999999999999999s",
            "9999999999999999h",
            "5µs",
        ] {
            let problem = parse_duration(bad).expect_err(bad);
            assert!(problem.contains("1m30s"), "{bad}: {problem}");
        }
    }

    #[test]
    fn skills_have_a_level_of_one_to_five() {
        assert_eq!(parse_skill("fr:3").map(|skill| skill.level), Ok(3));
        for bad in ["", "fr", "fr:", ":3", "fr:0", "fr:6", "fr:x", "fr:-1"] {
            assert!(parse_skill(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn facts_have_a_key() {
        assert!(parse_pair("a=b=c").is_ok_and(|pair| pair.1 == "b=c"));
        assert!(parse_pair("=b").is_err() && parse_pair("ab").is_err());
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        assert_eq!(
            SiteKind::parse("attic"),
            Err("`attic` is not one of home, telecentre, on_site".to_owned())
        );
    }
}
