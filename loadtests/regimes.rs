//! Pools of any size for the bench and its small form among the tests: what agents have and what calls need, in ways
//! that make matching easy or hard.

use fastrand::Rng;
use homeshore::engine::{
    ids::{AgentId, PoolId, QueueId, SkillName},
    profile::{AgentProfile, Site, SiteKind, SkillLevel},
    spec::{OfferMode, PoolSpec, PrioritySpec, QueueSpec, RingSpec},
};

/// How skills are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regime {
    /// 600 profiles; calls need one to three skills that some profile has.
    Profiles,
    /// Every agent has one to eight of 200 skills, unlike any other.
    Unique,
    /// As unique, but every call also needs one of 20 skills that one agent in a thousand has.
    Rare,
    /// Agents have one of two halves of the skills, hardly any both; calls need some of each half.
    Disjoint,
    /// Built against the index. Agents have 64 skills at level 4 and a few one more at level 5; waiting calls need two
    /// of the common ones and one at level 5, the last edge of their path.
    Hostile,
}

impl Regime {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Profiles,
        Self::Unique,
        Self::Rare,
        Self::Disjoint,
        Self::Hostile,
    ];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Profiles => "600 profiles",
            Self::Unique => "unique profiles",
            Self::Rare => "rare skills",
            Self::Disjoint => "disjoint skills",
            Self::Hostile => "built against it",
        }
    }

    /// The skills of the agent of a number.
    pub(crate) fn held(self, number: usize, rng: &mut Rng) -> Vec<SkillLevel> {
        match self {
            Self::Profiles => some(&mut Rng::with_seed(number as u64 % 600), 0..200, 1..=8),
            Self::Unique => some(rng, 0..200, 1..=8),
            Self::Rare => {
                let mut held = some(rng, 0..180, 1..=7);
                held.extend((number % 1_000 < 20).then(|| skill(180 + number % 1_000, 5)));
                held
            }
            Self::Disjoint => {
                let half = if number.is_multiple_of(2) {
                    0..10
                } else {
                    10..20
                };
                let mut held = some(rng, half, 5..=5);
                if number.is_multiple_of(500) {
                    held = some(rng, 0..20, 12..=12);
                }
                held
            }
            Self::Hostile => {
                let mut held: Vec<_> = (0..64).map(|number| skill(number, 4)).collect();
                let best = rng.usize(0..64);
                held[best].level = if number.is_multiple_of(50) { 5 } else { 4 };
                held
            }
        }
    }

    /// What a call needs; mostly something that somebody has.
    pub(crate) fn needs(self, agents: usize, rng: &mut Rng) -> Vec<SkillLevel> {
        let number = rng.usize(0..agents);
        match self {
            Self::Profiles => part(&self.held(number, rng), rng),
            Self::Unique => some(rng, 0..200, 1..=3),
            Self::Rare => {
                let mut needs = some(rng, 0..180, 0..=1);
                needs.push(skill(180 + rng.usize(0..20), 1));
                needs
            }
            Self::Disjoint => {
                vec![skill(rng.usize(0..10), 1), skill(rng.usize(10..20), 1)]
            }
            Self::Hostile => {
                let first = rng.usize(0..20);
                let second = rng.usize(20..40);
                vec![
                    skill(first, 1),
                    skill(second, 2),
                    skill(rng.usize(40..64), 5),
                ]
            }
        }
    }
}

fn skill(number: usize, level: u8) -> SkillLevel {
    SkillLevel {
        skill: SkillName::new(format!("s{number:03}")),
        level,
    }
}

fn some(
    rng: &mut Rng,
    from: std::ops::Range<usize>,
    count: std::ops::RangeInclusive<usize>,
) -> Vec<SkillLevel> {
    let mut numbers = rng.choose_multiple(from, rng.clone().usize(count));
    numbers.sort_unstable();
    numbers
        .into_iter()
        .map(|number| skill(number, rng.u8(1..=5)))
        .collect()
}

/// One to three of these, at any lower level.
fn part(held: &[SkillLevel], rng: &mut Rng) -> Vec<SkillLevel> {
    let mut needs = rng.choose_multiple(held.iter(), rng.clone().usize(1..=3));
    needs.sort();
    let lower = |need: &SkillLevel, rng: &mut Rng| SkillLevel {
        skill: need.skill.clone(),
        level: rng.u8(1..=need.level),
    };
    needs.into_iter().map(|need| lower(need, rng)).collect()
}

/// A pool of four queues with different weights; what calls need, they say themselves.
pub(crate) fn pool() -> PoolSpec {
    let queue = |(number, target_ms): (usize, u64)| {
        let at_home = if number == 3 {
            vec![SiteKind::Home]
        } else {
            Vec::new()
        };
        let ring = RingSpec {
            after_ms: 0,
            skills: Vec::new(),
            site_kinds: at_home,
        };
        QueueSpec {
            offer_mode: OfferMode::Ring,
            wrap_up_limit_ms: 2_000,
            ..QueueSpec::new(queue_id(number), target_ms, vec![ring])
        }
    };
    let queues = [20_000, 10_000, 60_000, 30_000].into_iter().enumerate();
    PoolSpec {
        priorities: vec![PrioritySpec {
            name: "high".into(),
            head_start_ms: 20_000,
        }],
        ..PoolSpec::new(PoolId::new("default"), queues.map(queue).collect())
    }
}

/// The queue of a number from 0 to 3.
pub(crate) fn queue_id(number: usize) -> QueueId {
    QueueId::new(format!("q{number}"))
}

/// The agent of a number.
pub(crate) fn agent_id(number: usize) -> AgentId {
    // Spread, so that the order of ids is not that of numbers.
    AgentId::new(format!(
        "{:08x}-{number}",
        number.wrapping_mul(2_654_435_761) % (1 << 32)
    ))
}

/// The record of the agent of a number.
pub(crate) fn profile(regime: Regime, number: usize, rng: &mut Rng) -> AgentProfile {
    let id = agent_id(number);
    AgentProfile {
        display_name: id.as_str().into(),
        skills: regime.held(number, rng),
        site: Site {
            id: id.as_str().into(),
            kind: [SiteKind::Home, SiteKind::Home, SiteKind::Telecentre][number % 3],
            region: "bretagne".into(),
            provider: "fibre".into(),
        },
        address: format!("sip:{number}@example.org").into(),
        team: "blue".into(),
        employer: "own".into(),
        terms: None,
        id,
    }
}
