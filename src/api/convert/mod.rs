//! Wire types to engine types and back. What cannot be represented is refused here, every fault at once.

use crate::{
    engine::{
        ids::{
            AgentId, CallId, NAME_BYTES_MAX, OfferId, PlatformKey, PoolTime, WallTime,
            name_problem, text_problem,
        },
        profile::{SiteKind, SkillLevel},
        rejection::Violation,
    },
    proto::v1,
};

use super::status::{Problem, shown};

pub(super) mod agents;
pub(super) mod calls;
pub(super) mod estimates;
pub(super) mod events;
pub(super) mod explain;
pub(super) mod orders;
pub(super) mod peaks;
pub(super) mod planning;
pub(super) mod platforms;
pub(super) mod pools;
pub(super) mod readiness;
pub(super) mod records;
pub(super) mod schedule;
mod serving;
pub(super) mod supervision;
mod terms;

/// A year: no setting of a pool is longer.
const DURATION_MS_MAX: u64 = 366 * 86_400_000;
/// First and last second that a timestamp may name.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// Levels of a skill.
const LEVELS: std::ops::RangeInclusive<i32> = 1..=5;

/// The faults of a request, gathered before it is refused.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Violation>);

impl Faults {
    /// Notes a fault.
    pub(super) fn add(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Violation::new(field, problem));
    }

    /// Notes what is wrong with an id.
    pub(super) fn id(&mut self, field: &str, text: &str) {
        if let Some(problem) = name_problem(text, NAME_BYTES_MAX) {
            self.add(field, problem);
        }
    }

    /// Notes a list that is too long; true if it is.
    pub(super) fn too_many(&mut self, field: &str, count: usize, max: usize, what: &str) -> bool {
        if count > max {
            self.add(field, format!("has {count} {what}; give at most {max}"));
        }
        count > max
    }

    /// Notes the faults of a part that was refused.
    pub(super) fn take(&mut self, problem: Problem) {
        if let Problem::Invalid(violations) = problem {
            self.0.extend(violations);
        }
    }

    /// The value, unless there are faults.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Problem> {
        if self.0.is_empty() {
            return Ok(value);
        }
        Err(Problem::Invalid(self.0))
    }
}

/// A refusal for one field.
pub(super) fn fault(field: impl Into<String>, problem: impl Into<String>) -> Problem {
    Problem::Invalid(vec![Violation::new(field, problem)])
}

/// A call's id.
pub(super) fn call_id(text: &str) -> Result<CallId, Problem> {
    let mut faults = Faults::default();
    faults.id("call_id", text);
    faults.finish(CallId::new(text))
}

/// An agent's id.
pub(super) fn agent_id(text: &str) -> Result<AgentId, Problem> {
    let mut faults = Faults::default();
    faults.id("agent_id", text);
    faults.finish(AgentId::new(text))
}

/// A platform and its instance.
pub(super) fn platform_key(platform: &str, instance: &str) -> Result<PlatformKey, Problem> {
    let mut faults = Faults::default();
    faults.id("platform", platform);
    faults.id("instance", instance);
    faults.finish(PlatformKey {
        platform: platform.into(),
        instance: instance.into(),
    })
}

/// An offer's id.
pub(super) fn offer_id(text: &str) -> Result<OfferId, Problem> {
    text.parse().map_err(|()| {
        fault(
            "offer_id",
            format!(
                "is `{}`; give the id of an offer, such as `o17`",
                shown(text)
            ),
        )
    })
}

/// Milliseconds since 1970 UTC of a timestamp; `None`, and a fault, if it is none.
fn time(faults: &mut Faults, field: &str, at: prost_types::Timestamp) -> Option<i64> {
    if !SECONDS.contains(&at.seconds) || !(0..1_000_000_000).contains(&at.nanos) {
        let right = "is not a time; give one of the years 1 to 9999";
        faults.add(field, right);
        return None;
    }
    Some(at.seconds * 1_000 + i64::from(at.nanos / 1_000_000))
}

/// Milliseconds of a duration; `default` if it is absent.
fn duration_ms(
    faults: &mut Faults,
    field: &str,
    duration: Option<prost_types::Duration>,
    default: u64,
) -> u64 {
    let Some(duration) = duration else {
        return default;
    };
    match to_ms(duration) {
        Some(ms) if ms <= DURATION_MS_MAX => ms,
        Some(_) => {
            faults.add(field, "is over a year; give a shorter duration");
            default
        }
        None => {
            faults.add(field, "is negative or not a duration; give zero or more");
            default
        }
    }
}

/// Milliseconds, if the duration is well formed and not negative. Parts of a millisecond are dropped.
pub(super) fn to_ms(duration: prost_types::Duration) -> Option<u64> {
    let seconds = u64::try_from(duration.seconds).ok()?;
    let nanos = u64::try_from(duration.nanos).ok()?;
    if nanos >= 1_000_000_000 {
        return None;
    }
    seconds.checked_mul(1_000)?.checked_add(nanos / 1_000_000)
}

/// A duration of the wire.
pub(super) fn duration(ms: u64) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(ms / 1_000).unwrap_or(i64::MAX),
        nanos: millis_as_nanos(ms % 1_000),
    }
}

/// A pool's time on the wire; it runs near the calendar's.
pub(super) fn timestamp(at: PoolTime) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: i64::try_from(at.0 / 1_000).unwrap_or(i64::MAX),
        nanos: millis_as_nanos(at.0 % 1_000),
    }
}

/// Milliseconds of a [`duration`].
pub(super) fn ms_of(duration: &prost_types::Duration) -> u64 {
    let seconds = u64::try_from(duration.seconds).unwrap_or(0);
    seconds * 1_000 + u64::try_from(duration.nanos / 1_000_000).unwrap_or(0)
}

/// The pool's time of a [`timestamp`].
pub(super) fn pool_time_of(time: &prost_types::Timestamp) -> PoolTime {
    let seconds = u64::try_from(time.seconds).unwrap_or(0);
    let ms = u64::try_from(time.nanos / 1_000_000).unwrap_or(0);
    PoolTime(seconds * 1_000 + ms)
}

/// The calendar's time on the wire.
pub(super) fn wall_timestamp(at: WallTime) -> prost_types::Timestamp {
    timestamp(PoolTime(u64::try_from(at.0).unwrap_or(0)))
}

fn millis_as_nanos(ms: u64) -> i32 {
    i32::try_from(ms * 1_000_000).expect("under a second has under 10^9 nanoseconds")
}

/// A list of skills, sorted by name. Levels and repeats are checked here, where the request's order is known.
fn skills(
    faults: &mut Faults,
    field: &str,
    skills: &[v1::SkillLevel],
    max: usize,
) -> Vec<SkillLevel> {
    if faults.too_many(field, skills.len(), max, "skills") {
        return Vec::new();
    }
    let mut sorted: Vec<SkillLevel> = Vec::with_capacity(skills.len());
    for (index, skill) in skills.iter().enumerate() {
        if !LEVELS.contains(&skill.level) {
            faults.add(
                format!("{field}[{index}].level"),
                format!("is {}; give 1 to 5", skill.level),
            );
            continue;
        }
        let name = crate::engine::ids::SkillName::new(&skill.skill);
        match sorted.binary_search_by(|known| known.skill.cmp(&name)) {
            Ok(_) => faults.add(
                format!("{field}[{index}].skill"),
                format!("repeats `{}`; name each skill once", shown(&skill.skill)),
            ),
            Err(place) => sorted.insert(
                place,
                SkillLevel {
                    skill: name,
                    level: u8::try_from(skill.level).unwrap_or(u8::MAX),
                },
            ),
        }
    }
    sorted
}

fn wire_skills(skills: &[SkillLevel]) -> Vec<v1::SkillLevel> {
    skills
        .iter()
        .map(|skill| v1::SkillLevel {
            skill: skill.skill.to_string(),
            level: i32::from(skill.level),
        })
        .collect()
}

fn site_kind(faults: &mut Faults, field: &str, kind: i32) -> SiteKind {
    match v1::SiteKind::try_from(kind) {
        Ok(v1::SiteKind::Home) => SiteKind::Home,
        Ok(v1::SiteKind::Telecentre) => SiteKind::Telecentre,
        Ok(v1::SiteKind::OnSite) => SiteKind::OnSite,
        Ok(v1::SiteKind::Unspecified) | Err(_) => {
            faults.add(
                field,
                format!(
                    "is {kind}; give SITE_KIND_HOME, SITE_KIND_TELECENTRE or SITE_KIND_ON_SITE"
                ),
            );
            SiteKind::Home
        }
    }
}

fn wire_site_kind(kind: SiteKind) -> v1::SiteKind {
    match kind {
        SiteKind::Home => v1::SiteKind::Home,
        SiteKind::Telecentre => v1::SiteKind::Telecentre,
        SiteKind::OnSite => v1::SiteKind::OnSite,
    }
}

/// Whether a character may be shown as it is.
pub(super) fn is_safe(c: char) -> bool {
    text_problem(c.encode_utf8(&mut [0; 4])).is_none()
}
