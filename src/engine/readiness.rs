//! What checks of an agent's home set-up said, and for how long the last good one lets the agent take calls.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{absent::is_default, ids::PoolTime, profile::SiteKind, rejection::Violation};
use crate::readiness::standing::{CHECKS_KEPT, band, standing};

pub use crate::readiness::standing::{Band, Bounds, Measured};

/// A check lets its agent take calls for so long, unless a pool says otherwise.
pub const VALID_FOR_MS: u64 = 12 * 3_600_000;
/// And for no longer than this.
const VALID_FOR_MS_MAX: u64 = 7 * 24 * 3_600_000;

/// What a pool asks of its agents' set-ups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadinessSpec {
    /// The kinds of sites whose agents need a check.
    pub site_kinds: Vec<SiteKind>,
    /// How long a check lets its agent take calls.
    pub valid_for_ms: u64,
    /// What passes.
    pub pass: Bounds,
    /// Beyond what a line is too bad.
    pub suspend: Bounds,
}

impl Default for ReadinessSpec {
    fn default() -> Self {
        Self {
            site_kinds: vec![SiteKind::Home],
            valid_for_ms: VALID_FOR_MS,
            pass: Bounds::PASS,
            suspend: Bounds::SUSPEND,
        }
    }
}

/// How a set-up is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Not said.
    #[default]
    Unknown,
    /// By a cable.
    Wired,
    /// By Wi-Fi.
    Wifi,
    /// By a mobile network.
    Mobile,
}

impl Connection {
    /// The connection as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Wired => "wired",
            Self::Wifi => "wifi",
            Self::Mobile => "mobile",
        }
    }
}

/// What an agent works with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// How it is connected.
    #[serde(default, skip_serializing_if = "is_default")]
    pub connection: Connection,
    /// The client and its version; may be empty.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub client: Arc<str>,
    /// The headset; may be empty.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub headset: Arc<str>,
    /// Whether voice goes through a private network.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_vpn: bool,
    /// The Internet provider; may be empty.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub provider: Arc<str>,
}

/// A check of a set-up, as it was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The client's id of it.
    pub id: Arc<str>,
    /// What was measured.
    pub measured: Measured,
    /// The rating factor R, thousandths.
    pub rating_milli: i32,
    /// The codec that the score is for.
    pub codec: Arc<str>,
    /// What the agent works with.
    pub set_up: SetUp,
}

/// One of the last checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastCheck {
    /// The client's id of it.
    pub id: Arc<str>,
    /// When it was reported.
    pub at: PoolTime,
    /// What it said.
    pub band: Band,
}

/// What the last checks of an agent's set-up said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// How good the line is by them.
    pub standing: Band,
    /// Until when the agent may take calls by them; `None` if they never said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certified_until: Option<PoolTime>,
    /// The last five at most, the newest last. Those that are older than a check is valid do not count any more.
    pub checks: Vec<PastCheck>,
    /// The last one.
    pub last: Check,
}

impl Readiness {
    /// What they say once there is another.
    pub(super) fn after(
        before: Option<&Self>,
        spec: &ReadinessSpec,
        check: Check,
        now: PoolTime,
    ) -> Self {
        let of_check = band(check.measured, spec.pass, spec.suspend);
        let known = before.into_iter().flat_map(|before| &before.checks);
        let counts = |past: &&PastCheck| now.since(past.at) < spec.valid_for_ms;
        let mut checks: Vec<PastCheck> = known.filter(counts).cloned().collect();
        let standing_before = before.filter(|_| !checks.is_empty());
        let standing_before = standing_before.map(|before| before.standing);
        checks.push(PastCheck {
            id: Arc::clone(&check.id),
            at: now,
            band: of_check,
        });
        let surplus = checks.len().saturating_sub(CHECKS_KEPT);
        checks.drain(..surplus);
        let bands: Vec<Band> = checks.iter().map(|check| check.band).collect();
        let standing = standing(standing_before, &bands).unwrap_or(of_check);
        let certified_until = if [standing, of_check].contains(&Band::Suspend) {
            before.and_then(|before| before.certified_until)
        } else {
            Some(now.plus(spec.valid_for_ms))
        };
        Self {
            standing,
            certified_until,
            checks,
            last: check,
        }
    }

    /// Whether this check is known already.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.checks.iter().any(|check| *check.id == *id)
    }

    /// When the last check was reported.
    pub fn checked_at(&self) -> Option<PoolTime> {
        self.checks.last().map(|check| check.at)
    }
}

/// What is wrong with what a pool asks.
pub(super) fn check_readiness(wrong: &mut Vec<Violation>, spec: Option<&ReadinessSpec>) {
    let Some(spec) = spec else { return };
    if !(1_000..=VALID_FOR_MS_MAX).contains(&spec.valid_for_ms) {
        let problem = format!("is {} ms; give 1 s to 7 days", spec.valid_for_ms);
        wrong.push(Violation::new("readiness.valid_for", problem));
    }
    let (pass, suspend) = (spec.pass, spec.suspend);
    let upper = [
        ("round_trip", pass.round_trip_ms, suspend.round_trip_ms),
        ("jitter", pass.jitter_ms, suspend.jitter_ms),
        ("loss_percent", pass.loss_ppm, suspend.loss_ppm),
    ];
    for (name, pass, suspend) in upper {
        if pass > suspend {
            let problem = "is above that of `suspend`; give less, or raise the other";
            wrong.push(Violation::new(format!("readiness.pass.{name}"), problem));
        }
    }
    if pass.mos_milli < suspend.mos_milli {
        let problem = "is below that of `suspend`; give more, or lower the other";
        wrong.push(Violation::new("readiness.pass.mos", problem));
    }
    if pass.loss_ppm > 1_000_000 || suspend.loss_ppm > 1_000_000 {
        let problem = "is above 100; give per cent of packets";
        wrong.push(Violation::new("readiness.suspend.loss_percent", problem));
    }
}
