//! Weeks of agents who work as long as the engine lets them, under the agreement of call centres, judged by rules said again minute
//! by minute: no offer breaks one, and nothing is kept away that they allow.
//!
//! `HOMESHORE_LAWFUL=2000x52` plays so many agents and weeks.

mod worker;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use fastrand::Rng;
use homeshore::engine::{
    Limits,
    agent::Intent,
    command::{CallReport, Command, SessionRef},
    eligibility::BlockedReason,
    event::Event,
    ids::{AgentId, CallId, OfferId},
    profile::SiteKind,
    spec::{OfferMode, PoolSpec, QueueSpec},
    terms::LabourSpec,
};

use self::worker::{Doing, Worker};
use super::world::{World, apply_agent, call, profile, queue, spec, wall};

const AGENTS: usize = 200;
const WEEKS: i64 = 26;
/// So many agents serve the same queue.
const FLOOR: usize = 25;
/// Of so many offers one is judged when it is made, and all when the week is over.
const OFFERS_JUDGED: u64 = 200;
/// Of so many times that an agent is kept from calls, or may take them again, one is judged.
const CHANGES_JUDGED: u64 = 5;
const SIZE_VARIABLE: &str = "HOMESHORE_LAWFUL";
const MINUTE_MS: i64 = 60_000;
const DAY: i64 = 24 * 60;
const WEEK: i64 = 7 * DAY;
/// A call is expected to last so long, and does not last longer.
const CALL: i64 = 5;
/// Longer than the gap between two calls, and shorter than a phone rings.
const GAP_MS: i64 = 10_000;

fn size() -> (usize, i64) {
    let Some(given) = std::env::var_os(SIZE_VARIABLE) else {
        return (AGENTS, WEEKS);
    };
    let given = given.into_string().expect("agents x weeks");
    let (agents, weeks) = given.split_once('x').expect("agents x weeks");
    (
        agents.parse().expect("a count"),
        weeks.parse().expect("a count"),
    )
}

/// How often what was looked at.
#[derive(Debug, Default)]
struct Counts {
    offers: u64,
    offers_judged: u64,
    changes: u64,
    kept_away: BTreeMap<&'static str, u64>,
    freed: u64,
}

impl Counts {
    fn add(&mut self, more: &Self) {
        self.offers += more.offers;
        self.offers_judged += more.offers_judged;
        self.changes += more.changes;
        self.freed += more.freed;
        for (reason, count) in &more.kept_away {
            *self.kept_away.entry(reason).or_default() += count;
        }
    }
}

fn is_of_law(reason: BlockedReason) -> bool {
    use BlockedReason::{BreakDue, DailyLimit, DailyRest, RestDay, WeeklyLimit, WeeklyRest};
    [
        BreakDue,
        DailyLimit,
        WeeklyLimit,
        DailyRest,
        WeeklyRest,
        RestDay,
    ]
    .contains(&reason)
}

struct Floor {
    world: World,
    workers: Vec<Worker>,
    rng: Rng,
    counts: Counts,
    calls: u64,
    waiting: VecDeque<CallId>,
    /// Minutes since 1970 at the beginning.
    start: i64,
}

impl Floor {
    fn new(agents: usize, seed: u64) -> Self {
        let mut world = World::new(Limits::default());
        let queue = QueueSpec {
            offer_mode: OfferMode::Ring,
            expected_handle_ms: 300_000,
            ..queue("q", "fr:1")
        };
        let labour = LabourSpec {
            pack: "fr-2098".into(),
            zone: "Europe/Paris".into(),
            break_reasons: vec!["break".into()],
        };
        let pool = PoolSpec {
            labour: Some(labour),
            ..spec(vec![queue])
        };
        world.apply(&Command::ApplyPool(Box::new(pool))).unwrap();
        let start = wall(0).0 / MINUTE_MS;
        let mut rng = Rng::with_seed(seed);
        let mut workers = Vec::new();
        for number in 0..agents {
            let id = format!("a{number}");
            world
                .apply(&apply_agent(profile(&id, "fr:3", SiteKind::Home)))
                .unwrap();
            workers.push(Worker {
                id: AgentId::new(id),
                doing: Doing::Away {
                    until: start + rng.i64(5 * 60..11 * 60),
                },
                leaves: 0,
                offer: None,
                blocked: BTreeSet::new(),
                plans: Vec::new(),
                since: None,
                by_week: BTreeMap::new(),
                session: 0,
            });
        }
        Self {
            world,
            workers,
            rng,
            counts: Counts::default(),
            calls: 0,
            waiting: VecDeque::new(),
            start,
        }
    }

    fn order(&mut self, command: &Command) {
        let now_ms = i64::try_from(self.world.now).unwrap();
        let events = self.world.apply(command).expect("it is taken");
        self.see(now_ms, &events, false);
    }

    fn play(&mut self, minute: i64) {
        self.advance(minute * MINUTE_MS);
        if self.waiting.len() < 3 && self.rng.u8(0..3) > 0 {
            self.calls += 1;
            let id = format!("c{}", self.calls);
            self.waiting.push_back(CallId::new(&id));
            self.order(&Command::RouteCall(Box::new(call(&id, "q"))));
        }
        let now = self.start + minute;
        self.hang_up(now);
        for number in 0..self.workers.len() {
            self.act(number, now);
        }
        self.answer_all(now);
        // Who has just ended a call is offered the next one a few seconds later.
        self.advance(minute * MINUTE_MS + GAP_MS);
        self.answer_all(now);
    }

    fn advance(&mut self, to_ms: i64) {
        for (at, events) in self.world.advance(u64::try_from(to_ms).unwrap()) {
            self.see(i64::try_from(at).unwrap(), &events, true);
        }
    }

    fn answer_all(&mut self, now: i64) {
        for number in 0..self.workers.len() {
            self.answer(number, now);
        }
    }

    fn intend(&mut self, number: usize, intent: Intent) {
        let worker = &self.workers[number];
        let by = SessionRef {
            agent: worker.id.clone(),
            session: worker.session,
            sequence: 0,
        };
        self.order(&Command::SetIntent {
            by,
            intent: Some(intent),
        });
    }

    fn act(&mut self, number: usize, now: i64) {
        match self.workers[number].doing {
            Doing::Away { until } if until <= now => self.come(number, now),
            Doing::Pausing { until } if until <= now => self.resume(number, now),
            Doing::Ready if self.workers[number].offer.is_none() => self.idle(number, now),
            Doing::Ready | Doing::Away { .. } | Doing::Pausing { .. } | Doing::Talking { .. } => {}
        }
    }

    /// Takes the call that rings.
    fn answer(&mut self, number: usize, now: i64) {
        let worker = &mut self.workers[number];
        let rings = worker.doing == Doing::Ready;
        let Some((call, offer)) = worker.offer.clone().filter(|_| rings) else {
            return;
        };
        let until = now + self.rng.i64(1..=CALL);
        worker.doing = Doing::Talking { until };
        self.waiting.retain(|waiting| *waiting != call);
        self.report(call, Some(offer), CallReport::Answered);
    }

    fn report(&mut self, call: CallId, offer: Option<OfferId>, report: CallReport) {
        self.order(&Command::ReportCall {
            call,
            offer,
            report,
        });
    }

    /// Signs in on a break, and goes to work unless something is in the way.
    fn come(&mut self, number: usize, now: i64) {
        let worker = &mut self.workers[number];
        worker.session += 1;
        worker.leaves = now + self.rng.i64(5 * 60..12 * 60);
        worker.doing = Doing::Pausing { until: now };
        let agent = worker.id.clone();
        self.order(&Command::OpenSession {
            agent,
            stream: false,
        });
        self.intend(number, Intent::NotReady("break".into()));
        self.resume(number, now);
    }

    /// Goes back to work as soon as nothing is in the way; home, if that is not soon.
    fn resume(&mut self, number: usize, now: i64) {
        let worker = &self.workers[number];
        let is_long = worker
            .blocked
            .iter()
            .any(|reason| *reason != BlockedReason::BreakDue);
        if is_long || worker.leaves <= now {
            return self.leave(number, now);
        }
        if worker.blocked.is_empty() {
            self.workers[number].begin(now);
            self.intend(number, Intent::Ready);
        }
    }

    fn idle(&mut self, number: usize, now: i64) {
        let worker = &self.workers[number];
        let is_tired = self.rng.u32(0..150) == 0;
        if worker.leaves <= now {
            self.workers[number].end(now);
            return self.leave(number, now);
        }
        if !worker.blocked.is_empty() || is_tired {
            let lengths = [5, 10, 15, 20, 45, 60];
            let length = lengths[self.rng.usize(0..lengths.len())];
            let worker = &mut self.workers[number];
            worker.end(now);
            worker.doing = Doing::Pausing {
                until: now + length,
            };
            self.intend(number, Intent::NotReady("break".into()));
        }
    }

    /// Goes home, and comes back next morning, or a day later; after a long day perhaps too soon.
    fn leave(&mut self, number: usize, now: i64) {
        let days = if self.rng.u8(0..20) == 0 { 2 } else { 1 };
        let morning = (now - self.start).div_euclid(DAY) * DAY + days * DAY;
        let until = self.start + morning + self.rng.i64(4 * 60..12 * 60);
        self.workers[number].doing = Doing::Away { until };
        self.intend(number, Intent::Offline);
    }

    fn see(&mut self, at_ms: i64, events: &[Event], by_itself: bool) {
        for event in events {
            match event {
                Event::OfferMade {
                    agent, call, offer, ..
                } => self.offered(at_ms, agent, call, *offer),
                Event::GuardChanged { agent, guard, .. } => {
                    let blocks = guard.iter().flat_map(|guard| &guard.blocks);
                    let reasons = blocks.map(|block| block.reason);
                    let reasons = reasons.filter(|reason| is_of_law(*reason)).collect();
                    let is_there = guard.is_some();
                    self.guarded(at_ms, agent, reasons, by_itself && is_there);
                }
                _ => {}
            }
        }
    }

    fn number(&self, agent: &AgentId) -> usize {
        let mut workers = self.workers.iter();
        workers
            .position(|worker| worker.id == *agent)
            .expect("an agent of the floor")
    }

    fn offered(&mut self, at_ms: i64, agent: &AgentId, call: &CallId, offer: OfferId) {
        self.counts.offers += 1;
        let is_judged = self.counts.offers.is_multiple_of(OFFERS_JUDGED);
        let number = self.number(agent);
        let worker = &mut self.workers[number];
        assert!(
            worker.blocked.is_empty(),
            "{call} to {agent}: {:?}",
            worker.blocked
        );
        worker.offer = Some((call.clone(), offer));
        if is_judged {
            let now = self.start + at_ms / MINUTE_MS;
            let found = self.workers[number].breaks(now, now + CALL);
            assert_eq!(
                found,
                BTreeSet::new(),
                "{call} is offered to {agent} at minute {now} (since {:?}), after {:?}",
                self.workers[number].since,
                self.workers[number].plans.last()
            );
            self.counts.offers_judged += 1;
        }
    }

    fn guarded(
        &mut self,
        at_ms: i64,
        agent: &AgentId,
        reasons: BTreeSet<BlockedReason>,
        by_itself: bool,
    ) {
        let number = self.number(agent);
        let before = std::mem::replace(&mut self.workers[number].blocked, reasons);
        self.counts.changes += 1;
        let is_judged = by_itself && self.counts.changes.is_multiple_of(CHANGES_JUDGED);
        let worker = &self.workers[number];
        if is_judged && before.is_empty() && !worker.blocked.is_empty() {
            let now = self.start + (at_ms + MINUTE_MS - 1) / MINUTE_MS;
            let found = worker.breaks(now, now + CALL);
            assert!(
                !found.is_empty(),
                "{agent} is kept from calls at {now}: {:?}",
                worker.blocked
            );
            for reason in &worker.blocked {
                *self.counts.kept_away.entry(reason.label()).or_default() += 1;
            }
        }
        if is_judged && !before.is_empty() && worker.blocked.is_empty() {
            let before_it = self.start + at_ms / MINUTE_MS - 1;
            let found = worker.breaks(before_it, before_it + CALL);
            assert!(
                !found.is_empty(),
                "{agent} is free at {before_it} already: {before:?}"
            );
            self.counts.freed += 1;
        }
    }

    /// Ends the conversations that are over.
    fn hang_up(&mut self, now: i64) {
        for number in 0..self.workers.len() {
            let worker = &mut self.workers[number];
            let Doing::Talking { until } = worker.doing else {
                continue;
            };
            if until > now {
                continue;
            }
            let (call, _) = worker.offer.take().expect("a call is in hand");
            worker.doing = Doing::Ready;
            let by = SessionRef {
                agent: worker.id.clone(),
                session: worker.session,
                sequence: 0,
            };
            self.report(call.clone(), None, CallReport::Ended);
            self.order(&Command::FinishWrapUp {
                by,
                call,
                next: None,
                disposition: None,
            });
        }
    }
}

/// So many agents for so many weeks, every week of whose work is judged.
fn play(agents: usize, weeks: i64, seed: u64) -> Counts {
    let mut floor = Floor::new(agents, seed);
    for minute in 0..weeks * WEEK {
        floor.play(minute);
        if minute % WEEK == WEEK - 1 {
            for worker in &floor.workers {
                let found = worker.broke(floor.start + minute);
                assert_eq!(found, BTreeSet::new(), "{}, seed {seed}", worker.id);
            }
        }
    }
    floor.counts
}

#[test]
fn agents_work_up_to_the_law_and_no_further() {
    let (agents, weeks) = size();
    let floors: Vec<u64> = (0..agents.div_ceil(FLOOR) as u64).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut counts = Counts::default();
    std::thread::scope(|scope| {
        let parts = floors.chunks(floors.len().div_ceil(threads));
        let played = parts.map(|seeds| {
            let play = move |seed: &u64| play(FLOOR.min(agents), weeks, *seed);
            scope.spawn(move || seeds.iter().map(play).collect::<Vec<_>>())
        });
        for played in played.collect::<Vec<_>>() {
            let played = played.join().expect("every rule holds");
            for more in &played {
                counts.add(more);
            }
        }
    });
    println!("{agents} agents, {weeks} weeks: {counts:?}");
    assert!(counts.offers_judged > 20 && counts.freed > 20, "{counts:?}");
    for reason in ["break_due", "daily_limit", "weekly_limit"] {
        let seen = counts.kept_away.contains_key(reason);
        assert!(seen, "{reason}: {counts:?}");
    }
}
