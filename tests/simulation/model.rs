//! Scenarios: random ones keep every rule and lose no call; what is the same for two of them is the same.

use std::ops::ControlFlow;

use homeshore::{
    engine::{
        ids::{PoolId, QueueId, SkillName},
        profile::{SiteKind, SkillLevel},
        spec::{
            CallOrder, CallbackSpec, GroupSpec, OfferMode, OverflowSpec, PoolSpec, PrioritySpec,
            QueueSpec, RingSpec, STRICT_HEAD_START_MS, Selection, WhenUnstaffed,
        },
    },
    simulation::{
        checker::Checker,
        model::{
            CallKind, Confidence, Demand, Distribution, Provider, QUEUE_MEASURES, RateStep,
            Results, Row, Scenario, Shift, Spans, StaffGroup,
        },
    },
};

const SEEDS: u64 = 200;
const MINUTE_MS: u64 = 60_000;
const STARTS_MS: u64 = 17 * 60 * MINUTE_MS;

/// Draws scenarios.
struct Dice(fastrand::Rng);

impl Dice {
    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.0.usize(..of.len())].clone()
    }

    fn skill(&mut self, number: usize) -> SkillLevel {
        SkillLevel {
            skill: SkillName::new(format!("skill-{number}")),
            level: self.0.u8(1..=5),
        }
    }

    fn time(&mut self, mean_ms: f64) -> Distribution {
        match self.0.u8(..4) {
            0 => Distribution::Constant(mean_ms),
            1 => Distribution::Exponential(mean_ms),
            2 => Distribution::Lognormal {
                mean: mean_ms,
                cv: self.0.f64() * 2.0,
            },
            _ => Distribution::Empirical(vec![0.0, mean_ms, 3.0 * mean_ms].into()),
        }
    }

    fn queue(&mut self, number: usize, queues: usize) -> QueueSpec {
        let skills = vec![self.skill(number)];
        let mut rings = vec![RingSpec {
            after_ms: 0,
            skills: skills.clone(),
            site_kinds: self.one(&[vec![], vec![SiteKind::Home, SiteKind::Telecentre]]),
        }];
        if self.0.bool() {
            rings.push(RingSpec {
                after_ms: 20_000,
                skills: vec![SkillLevel {
                    level: 1,
                    ..skills[0].clone()
                }],
                site_kinds: Vec::new(),
            });
        }
        let next = (number + 1) % queues;
        let overflow = OverflowSpec {
            after_ms: 60_000,
            to_pool: None,
            to_queue: QueueId::new(format!("queue-{next}")),
        };
        let target_ms = self.one(&[10_000, 20_000, 60_000]);
        let when_unstaffed = self.one(&[
            WhenUnstaffed::Queue,
            WhenUnstaffed::Divert,
            WhenUnstaffed::Callback,
        ]);
        QueueSpec {
            offer_mode: self.one(&[OfferMode::AcceptFirst, OfferMode::Ring]),
            wrap_up_limit_ms: self.one(&[0, 20_000]),
            time_out_ms: self.one(&[0, 0, 240_000]),
            max_waiting: self.one(&[0, 0, 12]),
            when_unstaffed,
            selection: self.one(&[
                Selection::LongestIdle,
                Selection::LeastOccupied,
                Selection::MostSkilled,
                Selection::LeastSkilled,
            ]),
            groups: self.one(&[vec![], vec!["group".into()]]),
            overflow: (next > number && self.0.bool()).then_some(overflow),
            callback: (when_unstaffed == WhenUnstaffed::Callback).then_some(CallbackSpec {
                ring_ms: 30_000,
                retry_after_ms: 60_000,
                attempts: 2,
                until_after_ms: 3_600_000,
            }),
            ..QueueSpec::new(QueueId::new(format!("queue-{number}")), target_ms, rings)
        }
    }

    fn pool(&mut self, queues: usize) -> PoolSpec {
        let specs = (0..queues)
            .map(|number| self.queue(number, queues))
            .collect();
        let mut pool = PoolSpec::new(PoolId::new("default"), specs);
        pool.order = self.one(&[CallOrder::Urgency, CallOrder::Balanced]);
        pool.priorities = [("gold", 30_000), ("strict", STRICT_HEAD_START_MS)]
            .map(|(name, head_start_ms)| PrioritySpec {
                name: name.into(),
                head_start_ms,
            })
            .into();
        pool.groups = vec![GroupSpec {
            name: "group".into(),
            skills: vec![self.skill(0)],
            site_kinds: Vec::new(),
            queues: vec![QueueId::new("queue-0")],
        }];
        pool
    }

    fn demand(&mut self, number: usize, duration_ms: u64) -> Demand {
        let kind = |dice: &mut Self, share, priority: &str| CallKind {
            share,
            priority: priority.into(),
            skills: Vec::new(),
            talk: dice.time(90_000.0),
            patience: dice.0.bool().then(|| dice.time(120_000.0)),
        };
        let per_hour = 20.0 + self.0.f64() * 200.0;
        Demand {
            queue: format!("queue-{number}").into(),
            rates: vec![
                RateStep {
                    from_ms: STARTS_MS + self.one(&[0, 5 * MINUTE_MS]),
                    per_hour,
                },
                RateStep {
                    from_ms: STARTS_MS + duration_ms / 2,
                    per_hour: per_hour * self.0.f64() * 2.0,
                },
            ],
            day_factor_cv: self.one(&[0.0, 0.3]),
            kinds: vec![
                kind(self, 0.75, ""),
                kind(self, 0.125, "gold"),
                kind(self, 0.125, "strict"),
            ],
        }
    }

    fn staff(&mut self, number: usize, queues: usize, duration_ms: u64) -> StaffGroup {
        let mut skills: Vec<SkillLevel> = Vec::new();
        for skill in 0..queues {
            if skill == number % queues || self.0.bool() {
                skills.push(self.skill(skill));
            }
        }
        skills.sort();
        let end_ms = STARTS_MS + duration_ms;
        let shift = |from_ms, to_ms| Shift { from_ms, to_ms };
        let middle_ms = STARTS_MS + duration_ms / 3;
        StaffGroup {
            name: format!("staff-{number}").into(),
            agents: self.0.u32(1..8),
            skills,
            site: self.one(&["", "site"]).into(),
            site_kind: self.one(&SiteKind::ALL),
            region: self.one(&["north", "south"]).into(),
            provider: self.one(&["steady", "shaky"]).into(),
            team: "".into(),
            employer: "".into(),
            shifts: self.one(&[
                vec![],
                vec![shift(STARTS_MS, end_ms)],
                vec![
                    shift(STARTS_MS - MINUTE_MS, middle_ms),
                    shift(middle_ms + MINUTE_MS, end_ms + MINUTE_MS),
                ],
            ]),
            answer: self.time(4_000.0),
            decline: self.one(&[0.0, 0.2]),
            no_answer: self.one(&[0.0, 0.2]),
            returns_after: self.time(60_000.0),
            wrap_up: self.time(15_000.0),
        }
    }

    fn scenario(&mut self, seed: u64) -> Scenario {
        let queues = self.0.usize(1..4);
        let duration_ms = self.0.u64(20..60) * MINUTE_MS;
        let groups = self.0.usize(1..5);
        Scenario {
            name: "random".to_owned(),
            pool: self.pool(queues),
            demand: (0..queues)
                .map(|number| self.demand(number, duration_ms))
                .collect(),
            staff: (0..groups)
                .map(|number| self.staff(number, queues, duration_ms))
                .collect(),
            providers: vec![Provider {
                name: "shaky".into(),
                losses_per_hour: 3.0,
                outage: self.time(90_000.0),
            }],
            starts_ms: STARTS_MS,
            duration_ms,
            warm_up_ms: 0,
            spans: Spans::Intervals(10 * MINUTE_MS),
            replications: 2,
            day_factor_cv: self.one(&[0.0, 0.2]),
            seed,
        }
    }
}

fn scenario(seed: u64) -> Scenario {
    Dice(fastrand::Rng::with_seed(seed)).scenario(seed)
}

fn run(scenario: &Scenario, threads: usize) -> Results {
    scenario
        .run(threads, &|_played| ControlFlow::Continue(()))
        .unwrap()
}

/// The sum of a measure over the samples of a row.
fn total(row: &Row, measure: &str, samples: usize) -> u64 {
    let place = QUEUE_MEASURES.iter().position(|it| it.name == measure);
    let estimate = row.estimate(place.unwrap(), Confidence::USUAL).unwrap();
    let samples = f64::from(u32::try_from(samples).unwrap());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of calls"
    )]
    let total = (estimate.value * samples).round() as u64;
    total
}

#[test]
fn random_scenarios_keep_every_rule() {
    let mut accepted = 0;
    for seed in 0..SEEDS {
        let scenario = scenario(seed);
        assert_eq!(scenario.problems(), [], "seed {seed}");
        let mut checker = Checker::new();
        scenario
            .show_events(0, &mut |_now_ms| ControlFlow::Continue(()), &mut |line| {
                checker.line(line);
            })
            .unwrap();
        let kept = checker.end(false);
        assert_eq!(kept.violations, [], "seed {seed}");
        assert!(kept.is_whole, "seed {seed}");
        accepted += kept.accepted;
    }
    assert!(accepted > SEEDS * 50, "{accepted} calls are few");
}

#[test]
fn no_call_is_lost_from_the_books() {
    for seed in 0..SEEDS {
        let scenario = scenario(seed);
        let results = run(&scenario, 2);
        let parts = [
            "offered",
            "callbacks",
            "diverted_closed",
            "diverted_full",
            "diverted_unstaffed",
            "diverted_no_agent_ever",
        ];
        let row = results.queues.last().unwrap();
        let sum: u64 = parts.iter().map(|it| total(row, it, results.samples)).sum();
        assert_eq!(sum, results.calls, "seed {seed}");
        let by_interval: u64 = results
            .queue_intervals
            .iter()
            .filter(|it| it.name == row.name)
            .map(|it| total(it, "offered", results.samples))
            .sum();
        assert_eq!(
            by_interval,
            total(row, "offered", results.samples),
            "seed {seed}"
        );
    }
}

#[test]
fn figures_depend_on_the_seed_and_on_no_thread() {
    let scenario = scenario(7);
    let figures = |scenario: &Scenario, threads| format!("{:?}", run(scenario, threads));
    let one = figures(&scenario, 1);
    assert_eq!(one, figures(&scenario, 2));
    let other = Scenario {
        seed: 8,
        ..scenario
    };
    assert_ne!(one, figures(&other, 1));
}

#[test]
fn who_is_compared_meets_the_same_callers() {
    let mut first = scenario(3);
    first.replications = 20;
    // Callers who hang up never, and nobody is turned away: then all who call are offered.
    for queue in &mut first.pool.queues {
        queue.max_waiting = 0;
        queue.when_unstaffed = WhenUnstaffed::Queue;
    }
    let mut second = first.clone();
    second.staff[0].agents += 5;
    let (one, two) = (run(&first, 2), run(&second, 2));
    let place = |name| {
        QUEUE_MEASURES
            .iter()
            .position(|it| it.name == name)
            .unwrap()
    };
    let (row, other) = (one.queues.last().unwrap(), two.queues.last().unwrap());
    let offered = row
        .difference(other, place("offered"), Confidence::USUAL)
        .unwrap();
    assert_eq!((offered.value, offered.interval), (0.0, Some((0.0, 0.0))));
    let wait = place("mean_wait_all");
    let apart = [row, other].map(|row| row.estimate(wait, Confidence::USUAL).unwrap());
    let together = row.difference(other, wait, Confidence::USUAL).unwrap();
    let width = |interval: Option<(f64, f64)>| interval.map(|(low, high)| high - low).unwrap();
    assert!(together.value < 0.0, "more agents, shorter waits");
    assert!(width(together.interval) < width(apart[0].interval) + width(apart[1].interval));
}
