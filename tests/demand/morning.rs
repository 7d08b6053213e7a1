//! A queue that is served in peaks, with nine weeks of a made-up past, and callers by the minute.

use std::{collections::BTreeMap, sync::Arc};

use homeshore::{
    calendar::{windows::WindowsSpec, zone::Zone},
    demand::judge,
    engine::{
        Engine, Limits,
        agent::Intent,
        command::{CallReport, Command, SessionRef},
        event::Event,
        ids::{AgentId, CallId, Moment, OfferId, PoolId, PoolTime, QueueId, SkillName, WallTime},
        peaks::{Judgement, PeaksSpec},
        profile::{SiteKind, SkillLevel},
        rejection::Rejection,
        serve::{ServeMode, ServeSpec},
        spec::{PoolSpec, QueueSpec, RingSpec},
        volumes::{VolumeKind, Volumes},
    },
};
use rand_distr::{Distribution as _, Poisson};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng as _};

use crate::engine::world::{apply_agent, call, profile};

pub(super) const QUARTER_MS: i64 = 900_000;
pub(super) const DAY_MS: i64 = 86_400_000;
pub(super) const ZONE: &str = "Europe/Paris";

/// The instant of a local time.
pub(super) fn local(text: &str) -> i64 {
    let zone = Zone::named(ZONE).unwrap();
    zone.instant(text.parse().unwrap()).as_millisecond()
}

pub(super) fn queue_id() -> QueueId {
    QueueId::new("billing")
}

/// A pool of one queue that is served in peaks alone, with this policy.
pub(super) fn pool(peaks: PeaksSpec) -> PoolSpec {
    let ring = RingSpec {
        after_ms: 0,
        skills: vec![french()],
        site_kinds: Vec::new(),
    };
    let serve = ServeSpec {
        mode: ServeMode::WindowsAndPeaks,
        windows: WindowsSpec {
            zone: ZONE.to_owned(),
            ..WindowsSpec::default()
        },
        peaks,
        ..ServeSpec::default()
    };
    let queue = QueueSpec {
        serve: Arc::new(serve),
        ..QueueSpec::new(queue_id(), 20_000, vec![ring])
    };
    PoolSpec::new(PoolId::new("default"), vec![queue])
}

fn french() -> SkillLevel {
    SkillLevel {
        skill: SkillName::new("french"),
        level: 1,
    }
}

/// Calls that usually arrive in the quarter of an hour that begins at `at`: from 8 to 18, less on Saturdays, none on Sundays.
pub(super) fn usual(at: i64) -> f64 {
    let zone = Zone::named(ZONE).unwrap();
    let local = zone.local(jiff::Timestamp::from_millisecond(at).unwrap());
    if !(8..18).contains(&local.hour()) {
        return 0.0;
    }
    let hour = f64::from(local.hour()) + f64::from(local.minute()) / 60.0;
    let busy = 60.0 + 25.0 * (-((hour - 10.0) / 2.0).powi(2)).exp();
    match local.date().weekday().to_monday_zero_offset() {
        5 => busy / 2.0,
        6 => 0.0,
        0 => busy * 1.15,
        _ => busy,
    }
}

/// Chance that is the same each time.
pub(super) struct Chance(Xoshiro256PlusPlus);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A Poisson count.
    pub(super) fn count(&mut self, mean: f64) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small counts"
        )]
        let mut draw = |mean| Poisson::new(mean).unwrap().sample(&mut self.0) as u32;
        if mean > 0.0 { draw(mean) } else { 0 }
    }
}

/// Days of UTC up to `until`, of a past like [`usual`].
pub(super) fn past_days(until: i64, weeks: i64, chance: &mut Chance) -> Vec<(i64, Arc<Volumes>)> {
    let first = until.div_euclid(DAY_MS) - 7 * weeks;
    let days = first..=until.div_euclid(DAY_MS);
    let day = |day: i64| {
        let quarter = |place: i64| {
            let at = day * DAY_MS + place * QUARTER_MS;
            (at < until).then(|| 1_000 * chance.count(usual(at)))
        };
        let milli = (0..96).map(quarter).collect();
        (day, Arc::new(Volumes { minutes: 15, milli }))
    };
    days.map(day).collect()
}

/// A pool in virtual time, whose calendar is its clock, and everything that happened in it.
pub(super) struct Floor {
    pub(super) engine: Engine,
    pub(super) now: i64,
    pub(super) seen: Vec<(i64, Event)>,
    /// Conversations under way, by their ends.
    talks: BTreeMap<(i64, CallId), (OfferId, AgentId)>,
    calls: u32,
}

impl Floor {
    pub(super) fn new(now: i64, spec: PoolSpec, agents: u32) -> Self {
        let mut floor = Self {
            engine: Engine::new(PoolId::new("default"), Limits::default()),
            now,
            seen: Vec::new(),
            talks: BTreeMap::new(),
            calls: 0,
        };
        floor.order(&Command::ApplyPool(Box::new(spec)));
        for number in 0..agents {
            floor.sign_in(&format!("home-{number:02}"));
        }
        floor
    }

    fn sign_in(&mut self, id: &str) {
        self.order(&apply_agent(profile(id, "french:1", SiteKind::Home)));
        let agent = AgentId::new(id);
        self.order(&Command::OpenSession {
            agent: agent.clone(),
            stream: true,
        });
        self.order(&Command::SetIntent {
            by: by(&agent),
            intent: Some(Intent::Ready),
        });
    }

    /// Carries a command out now, which is not refused.
    pub(super) fn order(&mut self, command: &Command) -> Vec<Event> {
        self.try_order(command).expect("it is not refused")
    }

    pub(super) fn try_order(&mut self, command: &Command) -> Result<Vec<Event>, Rejection> {
        let at = Moment {
            now: PoolTime(self.now.unsigned_abs()),
            wall: WallTime(self.now),
        };
        let mut events = Vec::new();
        self.engine.apply(at, command, &mut events)?;
        let now = self.now;
        self.seen
            .extend(events.iter().map(|event| (now, event.clone())));
        Ok(events)
    }

    /// Moves time on: what is due is worked off, and conversations end.
    pub(super) fn advance(&mut self, to: i64) {
        let to = to.max(self.now);
        loop {
            let due = self
                .engine
                .next_deadline()
                .map(|due| i64::try_from(due.0).unwrap());
            let talk = self.talks.keys().next().cloned();
            let next = [due, talk.as_ref().map(|(at, _)| *at)]
                .into_iter()
                .flatten()
                .min();
            let Some(next) = next.filter(|next| *next <= to) else {
                break;
            };
            self.now = self.now.max(next);
            match talk.filter(|(at, _)| *at == next) {
                Some(key) => self.hang_up(&key),
                None => drop(self.order(&Command::Tick)),
            }
        }
        self.now = to;
    }

    fn hang_up(&mut self, key: &(i64, CallId)) {
        let (offer, agent) = self.talks.remove(key).expect("it goes on");
        self.order(&report(&key.1, offer, CallReport::Ended));
        let mut events = self.order(&Command::FinishWrapUp {
            by: by(&agent),
            call: key.1.clone(),
            next: None,
            disposition: None,
        });
        self.answer(&mut events);
    }

    /// A call arrives now; whoever is offered it takes it, and talks for three minutes.
    pub(super) fn arrive(&mut self) {
        self.calls += 1;
        let call = call(&format!("c-{}", self.calls), "billing");
        let mut events = self.order(&Command::RouteCall(Box::new(call)));
        self.answer(&mut events);
    }

    /// Agents accept what they are offered at once.
    fn answer(&mut self, events: &mut Vec<Event>) {
        while let Some(event) = events.pop() {
            let Event::OfferMade {
                offer, call, agent, ..
            } = event
            else {
                continue;
            };
            let by = by(&agent);
            events.extend(self.order(&Command::AcceptOffer { by, offer }));
            events.extend(self.order(&report(&call, offer, CallReport::Answered)));
            self.talks
                .insert((self.now + 180_000, call), (offer, agent));
        }
    }

    /// What the statistics say of the interval that is over.
    pub(super) fn judge(&mut self) -> Option<Judgement> {
        let past = self.engine.arrivals(&queue_id()).expect("a queue");
        let spec = self.engine.spec().expect("a pool").queues[0].clone();
        let view = self.engine.queue_view(&queue_id()).expect("a queue");
        let site = view.state.demand.as_ref().and_then(|demand| demand.site);
        let judged = judge(&past, &spec, site.as_ref(), WallTime(self.now))?;
        self.order(&Command::JudgeInterval {
            queue: queue_id(),
            judgement: Arc::new(judged.clone()),
        });
        Some(judged)
    }

    /// Past volumes, or a forecast.
    pub(super) fn import(&mut self, kind: VolumeKind, days: Vec<(i64, Arc<Volumes>)>) {
        let queue = queue_id();
        self.order(&Command::ImportVolumes { queue, kind, days });
    }

    /// Calls arrive over a quarter of an hour from now on, so many times what is usual, and then it is judged.
    pub(super) fn quarter(&mut self, rise: f64, chance: &mut Chance) -> Option<Judgement> {
        let begin = self.now - self.now.rem_euclid(QUARTER_MS);
        let calls = chance.count(usual(begin) * rise);
        for number in 0..i64::from(calls) {
            self.advance(begin + number * QUARTER_MS / i64::from(calls));
            self.arrive();
        }
        self.advance(begin + QUARTER_MS + 1_000);
        let judged = self.judge();
        self.advance(begin + QUARTER_MS + 1_001);
        judged
    }
}

/// A pool at eight on a Monday that has counted for a minute.
pub(super) fn begun(spec: PoolSpec, agents: u32) -> Floor {
    let mut floor = Floor::new(local("2026-11-30T07:59:00"), spec, agents);
    floor.arrive();
    floor.advance(local("2026-11-30T08:00:00"));
    floor
}

fn by(agent: &AgentId) -> SessionRef {
    SessionRef {
        agent: agent.clone(),
        session: 1,
        sequence: 0,
    }
}

fn report(call: &CallId, offer: OfferId, report: CallReport) -> Command {
    Command::ReportCall {
        call: call.clone(),
        offer: Some(offer),
        report,
    }
}
