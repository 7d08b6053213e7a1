//! The windows of a queue as they are configured and stored.

use std::fmt;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Minutes of a day on the clock.
pub const DAY_MIN: u16 = 24 * 60;

/// When a queue is served.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowsSpec {
    /// The zone of all its times, by IANA name.
    pub zone: String,
    /// Calendars of holidays: regions, or the pool's own, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<String>,
    /// The weekly windows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
    /// Days with hours of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
}

/// Hours of certain days of each week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// On which days it begins.
    pub days: Vec<DayKind>,
    #[serde(flatten)]
    pub hours: Hours,
}

/// Days with hours of their own, whatever their weekday, holidays or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    #[serde(serialize_with = "date_text", deserialize_with = "text_date")]
    pub from: Date,
    /// The last day.
    #[serde(serialize_with = "date_text", deserialize_with = "text_date")]
    pub until: Date,
    /// When the queue is served; empty is not at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Hours>,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// From one time on the clock to another, in minutes since midnight; 1440 is the midnight at the end of the day. An end that
/// is not after the beginning lies on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hours {
    pub from_min: u16,
    pub to_min: u16,
}

impl Hours {
    /// The whole day.
    pub const DAY: Self = Self {
        from_min: 0,
        to_min: DAY_MIN,
    };

    /// Reads `17:00-22:00`, `22:00-02:00`, `00:00-24:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from_min, to_min) = (minutes(from)?, minutes(to)?);
        (from_min < DAY_MIN).then_some(Self { from_min, to_min })
    }

    /// Whether it ends on the day after it began.
    pub fn is_over_midnight(self) -> bool {
        self.to_min < self.from_min
    }

    /// Its minutes on the clock.
    pub fn length_min(self) -> u16 {
        let over = if self.is_over_midnight() { DAY_MIN } else { 0 };
        self.to_min + over - self.from_min
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from_min, self.to_min);
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}

/// `17:30`, or `24:00`.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let of = |digits: &str| {
        let is_plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (of(hour)?, of(minute)?);
    let min = hour * 60 + minute;
    (minute < 60 && min <= DAY_MIN).then_some(min)
}

/// What a day is to a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayKind {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
    /// A holiday of the queue's calendars, on whatever weekday.
    Holiday,
}

impl DayKind {
    /// All, with their names.
    pub const NAMES: [(Self, &'static str); 8] = [
        (Self::Monday, "monday"),
        (Self::Tuesday, "tuesday"),
        (Self::Wednesday, "wednesday"),
        (Self::Thursday, "thursday"),
        (Self::Friday, "friday"),
        (Self::Saturday, "saturday"),
        (Self::Sunday, "sunday"),
        (Self::Holiday, "holiday"),
    ];

    /// That of a weekday.
    pub fn of(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }

    /// By its name, in any case of letters.
    pub fn named(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.iter();
        let found = names.find(|(_, known)| known.eq_ignore_ascii_case(name.trim()));
        found.map(|(kind, _)| *kind)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let mut names = Self::NAMES.iter();
        let found = names.find(|(kind, _)| *kind == self);
        found.map_or("", |(_, name)| name)
    }

    /// Its place in the week from Monday; none of a holiday.
    pub(super) fn of_week(self) -> Option<u32> {
        let names = Self::NAMES.iter();
        let place = names.take_while(|(kind, _)| *kind != self).count();
        u32::try_from(place).ok().filter(|place| *place < 7)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn date_text<S: Serializer>(date: &Date, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(date)
}

fn text_date<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(de::Error::custom)
}
