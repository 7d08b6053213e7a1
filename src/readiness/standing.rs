//! How good an agent's line is by its last checks: a band for each check, by limits that a pool sets, and a standing that
//! changes only when most of the last checks say so. Whole numbers only: the routing engine decides by them.

use serde::{Deserialize, Serialize};

/// So many of the last checks count.
pub const CHECKS_KEPT: usize = 5;
/// So many of them must speak for another standing.
const CHECKS_TO_MOVE: usize = 3;

/// What a check measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Round trip, ms.
    pub round_trip_ms: u32,
    /// Jitter, ms.
    pub jitter_ms: u32,
    /// Lost packets, parts per million.
    pub loss_ppm: u32,
    /// Mean opinion score, thousandths: 1,000 to 4,500.
    pub mos_milli: u32,
}

/// How good a line is, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Good enough in every measure.
    Pass,
    /// Calls are still offered.
    Watch,
    /// Too bad for calls.
    Suspend,
}

impl Band {
    /// Every band, the best first.
    pub const ALL: [Self; 3] = [Self::Pass, Self::Watch, Self::Suspend];

    /// The band as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Watch => "watch",
            Self::Suspend => "suspend",
        }
    }
}

/// What a check must keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Round trip, at most, ms.
    pub round_trip_ms: u32,
    /// Jitter, at most, ms.
    pub jitter_ms: u32,
    /// Lost packets, at most, parts per million.
    pub loss_ppm: u32,
    /// Mean opinion score, at least, thousandths.
    pub mos_milli: u32,
}

impl Bounds {
    /// What passes unless a pool says otherwise: 150 ms, 20 ms, 1 %, 4.0.
    pub const PASS: Self = Self {
        round_trip_ms: 150,
        jitter_ms: 20,
        loss_ppm: 10_000,
        mos_milli: 4_000,
    };
    /// Beyond what a line is too bad unless a pool says otherwise: 400 ms, 30 ms with 3 %, 3.5.
    pub const SUSPEND: Self = Self {
        round_trip_ms: 400,
        jitter_ms: 30,
        loss_ppm: 30_000,
        mos_milli: 3_500,
    };
}

/// The band of a check: `Pass` within all of `pass`; `Suspend` with a longer round trip or a lower score than `suspend`, or
/// with both more jitter and more loss; else `Watch`.
pub fn band(measured: Measured, pass: Bounds, suspend: Bounds) -> Band {
    let is_bad = measured.round_trip_ms > suspend.round_trip_ms
        || measured.mos_milli < suspend.mos_milli
        || (measured.jitter_ms > suspend.jitter_ms && measured.loss_ppm > suspend.loss_ppm);
    let is_good = measured.round_trip_ms <= pass.round_trip_ms
        && measured.jitter_ms <= pass.jitter_ms
        && measured.loss_ppm <= pass.loss_ppm
        && measured.mos_milli >= pass.mos_milli;
    match (is_bad, is_good) {
        (true, _) => Band::Suspend,
        (false, true) => Band::Pass,
        (false, false) => Band::Watch,
    }
}

/// The standing after a check. `bands` are those of the last checks, this one among them, at most [`CHECKS_KEPT`]. The first
/// check says it alone; then it gets better, or worse, as far as three of them go.
pub fn standing(before: Option<Band>, bands: &[Band]) -> Option<Band> {
    let Some(before) = before else {
        return bands.last().copied();
    };
    let mut sorted = bands.to_vec();
    sorted.sort_unstable();
    let better = sorted.get(CHECKS_TO_MOVE - 1).copied();
    let worse = sorted.iter().rev().nth(CHECKS_TO_MOVE - 1).copied();
    let better = better.filter(|better| *better < before);
    let worse = worse.filter(|worse| *worse > before);
    Some(better.or(worse).unwrap_or(before))
}

#[cfg(test)]
mod tests {
    use super::{Band, Bounds, Measured, band, standing};

    #[test]
    fn a_check_is_judged_at_its_limits() {
        let rows = [
            (
                "all at the limits of what passes",
                (150, 20, 10_000, 4_000),
                Band::Pass,
            ),
            ("a slower round trip", (151, 20, 10_000, 4_000), Band::Watch),
            ("more jitter", (150, 21, 10_000, 4_000), Band::Watch),
            ("more loss", (150, 20, 10_001, 4_000), Band::Watch),
            ("a lower score", (150, 20, 10_000, 3_999), Band::Watch),
            (
                "all at the limits of what is watched",
                (400, 30, 30_000, 3_500),
                Band::Watch,
            ),
            ("too slow", (401, 0, 0, 4_400), Band::Suspend),
            ("too low a score", (0, 0, 0, 3_499), Band::Suspend),
            (
                "much jitter without loss",
                (0, 500, 30_000, 4_400),
                Band::Watch,
            ),
            (
                "much loss without jitter",
                (0, 30, 500_000, 4_400),
                Band::Watch,
            ),
            ("jitter with loss", (0, 31, 30_001, 4_400), Band::Suspend),
        ];
        for (what, (round_trip_ms, jitter_ms, loss_ppm, mos_milli), expected) in rows {
            let measured = Measured {
                round_trip_ms,
                jitter_ms,
                loss_ppm,
                mos_milli,
            };
            assert_eq!(
                band(measured, Bounds::PASS, Bounds::SUSPEND),
                expected,
                "{what}"
            );
        }
    }

    #[test]
    fn three_of_five_checks_move_a_standing() {
        let named = |letter| match letter {
            'p' => Band::Pass,
            'w' => Band::Watch,
            _ => Band::Suspend,
        };
        // A letter a check, and below it where the agent stands after it.
        let rows = [
            ("p", "p"),
            ("s", "s"),
            ("pssps", "pppps"),
            ("pspsps", "ppppps"),
            ("pspspw", "pppppw"),
            ("pwsws", "pppww"),
            ("spppp", "ssspp"),
            ("sswsww", "sssssw"),
            ("swppp", "ssswp"),
        ];
        for (checks, expected) in rows {
            let bands: Vec<Band> = checks.chars().map(named).collect();
            let mut stands = None;
            for (at, expected) in expected.chars().enumerate() {
                let first = (at + 1).saturating_sub(5);
                stands = standing(stands, &bands[first..=at]);
                assert_eq!(stands, Some(named(expected)), "{checks}, check {at}");
            }
        }
    }
}
