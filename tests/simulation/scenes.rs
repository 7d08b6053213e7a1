//! Scenarios of which theory knows: classes of calls, pools of equal agents, everything exponential, one long run.

use std::{ops::ControlFlow, sync::Arc};

use homeshore::{
    engine::{
        ids::{PoolId, QueueId, SkillName},
        profile::{SiteKind, SkillLevel},
        spec::{GroupSpec, OfferMode, PoolSpec, QueueSpec, RingSpec},
    },
    simulation::model::{
        CallKind, Demand, Distribution, RateStep, Results, Scenario, Spans, StaffGroup,
    },
};

/// A class of calls.
pub(super) struct Class {
    pub(super) per_hour: f64,
    pub(super) talk_s: f64,
    pub(super) patience_s: Option<f64>,
    /// Which pools serve it, the preferred first.
    pub(super) pools: Vec<usize>,
    pub(super) target_s: f64,
}

/// Classes, and pools with their sizes and the order in which they serve classes.
pub(super) struct Scene {
    pub(super) classes: Vec<Class>,
    pub(super) pools: Vec<(u32, Vec<usize>)>,
}

/// Batches of each of the two replications; ten per cent of the time is warm-up.
const BATCHES: u32 = 20;
const REPLICATIONS: u32 = 2;

pub(super) fn class_name(class: usize) -> String {
    format!("class-{class}")
}

pub(super) fn pool_name(pool: usize) -> String {
    format!("pool-{pool}")
}

fn skill(name: &str) -> SkillLevel {
    SkillLevel {
        skill: SkillName::new(name),
        level: 1,
    }
}

fn ms(seconds: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "seconds of a table"
    )]
    let ms = (seconds * 1_000.0).round() as u64;
    ms
}

/// A count of a table.
pub(super) fn count(number: f64) -> u32 {
    u32::try_from(ms(number) / 1_000).unwrap()
}

impl Scene {
    /// Played with about so many calls.
    pub(super) fn scenario(&self, calls: u64) -> Scenario {
        let per_hour: f64 = self.classes.iter().map(|class| class.per_hour).sum();
        #[expect(clippy::cast_precision_loss, reason = "a count of calls")]
        let hours = calls as f64 / f64::from(REPLICATIONS) / per_hour;
        let duration_ms = ms(hours * 3_600.0);
        Scenario {
            name: "theory".to_owned(),
            pool: self.pool(),
            demand: self.classes.iter().enumerate().map(demand).collect(),
            staff: self.pools.iter().enumerate().map(staff).collect(),
            providers: Vec::new(),
            starts_ms: 0,
            duration_ms,
            warm_up_ms: duration_ms / 10,
            spans: Spans::Batches(BATCHES),
            replications: REPLICATIONS,
            day_factor_cv: 0.0,
            seed: 1,
        }
    }

    fn pool(&self) -> PoolSpec {
        let queues = self.classes.iter().enumerate().map(|(place, class)| {
            let ring = RingSpec {
                after_ms: 0,
                skills: vec![skill(&class_name(place))],
                site_kinds: Vec::new(),
            };
            let groups = class.pools.iter().map(|pool| pool_name(*pool).into());
            QueueSpec {
                offer_mode: OfferMode::Ring,
                longest_call_ms: 0,
                groups: groups.collect(),
                ..QueueSpec::new(
                    QueueId::new(class_name(place)),
                    ms(class.target_s),
                    vec![ring],
                )
            }
        });
        let mut pool = PoolSpec::new(PoolId::new("default"), queues.collect());
        let groups = self
            .pools
            .iter()
            .enumerate()
            .map(|(place, (_, order))| GroupSpec {
                name: pool_name(place).into(),
                skills: vec![skill(&pool_name(place))],
                site_kinds: Vec::new(),
                queues: order
                    .iter()
                    .map(|class| QueueId::new(class_name(*class)))
                    .collect(),
            });
        if self.pools.len() > 1 || self.classes.len() > 1 {
            pool.groups = groups.collect();
        } else {
            pool.queues[0].groups.clear();
        }
        pool
    }
}

fn demand((place, class): (usize, &Class)) -> Demand {
    Demand {
        queue: class_name(place).into(),
        rates: vec![RateStep {
            from_ms: 0,
            per_hour: class.per_hour,
        }],
        day_factor_cv: 0.0,
        kinds: vec![CallKind {
            share: 1.0,
            priority: "".into(),
            skills: Vec::new(),
            talk: Distribution::Exponential(class.talk_s * 1_000.0),
            patience: class
                .patience_s
                .map(|patience| Distribution::Exponential(patience * 1_000.0)),
        }],
    }
}

fn staff((place, (size, order)): (usize, &(u32, Vec<usize>))) -> StaffGroup {
    let empty: Arc<str> = "".into();
    let mut skills: Vec<SkillLevel> = order
        .iter()
        .map(|class| skill(&class_name(*class)))
        .collect();
    skills.push(skill(&pool_name(place)));
    skills.sort();
    StaffGroup {
        name: pool_name(place).into(),
        agents: *size,
        skills,
        site: Arc::clone(&empty),
        site_kind: SiteKind::Home,
        region: Arc::clone(&empty),
        provider: Arc::clone(&empty),
        team: Arc::clone(&empty),
        employer: empty,
        shifts: Vec::new(),
        answer: Distribution::Constant(0.0),
        decline: 0.0,
        no_answer: 0.0,
        returns_after: Distribution::Constant(0.0),
        wrap_up: Distribution::Constant(0.0),
    }
}

/// Plays a scenario to its end on two threads.
pub(super) fn play(scenario: &Scenario) -> Results {
    scenario
        .run(2, &|_played| ControlFlow::Continue(()))
        .unwrap()
}
