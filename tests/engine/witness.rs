//! Follows events alone, without the engine's code, and says when they break a rule of the domain.

use std::collections::{BTreeMap, BTreeSet};

use homeshore::engine::{
    event::{Event, Outcome},
    ids::{AgentId, CallId, OfferId, PlatformKey},
    profile::AgentProfile,
    spec::{OfferMode, PoolSpec, QueueSpec, RingSpec},
};

use super::{
    choice::{BusyTimes, queues_first},
    levels::Levels,
    outages::SeenOutages,
    waits::Waits,
};

mod agents;
mod calls;
mod persons;
mod queues;

/// What the witness knows of an agent.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what was seen is kept apart, as it was seen"
)]
pub(crate) struct SeenAgent {
    pub(crate) profile: AgentProfile,
    pub(crate) signed_in: bool,
    ready: bool,
    up: bool,
    pub(crate) idle_since: u64,
    /// The call or other work in hand, or a dead offer that is not confirmed.
    pub(crate) busy: bool,
    held: Option<OfferId>,
    pub(crate) times: BusyTimes,
    /// A supervisor keeps offers away until then.
    hold_until: Option<u64>,
    /// Schedules and law keep calls away that are expected to last longer than this, ms.
    guarded_above_ms: Option<u64>,
    said: persons::Said,
}

impl SeenAgent {
    /// Signed in, and not about to be deleted.
    pub(crate) fn stays(&self) -> bool {
        self.signed_in && !self.said.is_draining()
    }
}

/// What the witness knows of a live call.
#[derive(Clone, Debug)]
pub(crate) struct SeenCall {
    queue: String,
    key: PlatformKey,
    skills: Vec<(String, u8)>,
    number: u64,
    head_start_ms: i128,
    wait_from: u64,
    /// When the service-level clock of its queue began.
    in_queue_from: u64,
    ring: usize,
    refused: BTreeSet<AgentId>,
    /// For whom it is kept, and until when.
    kept: Option<(AgentId, u64)>,
    offer: Option<(OfferId, AgentId)>,
    /// Since when they talk.
    connected: Option<u64>,
    /// When the platform last said that the conversation goes on.
    confirmed: u64,
    /// When it is given up unless the platform says so.
    asked_until: Option<u64>,
    /// Who passed it on to this queue.
    excluded: Option<AgentId>,
    held: Option<OfferId>,
    missed: bool,
    callback: Option<SeenCallback>,
}

/// What the witness knows of a callback.
#[derive(Clone, Debug)]
struct SeenCallback {
    /// Whether it may be offered.
    due: bool,
    not_before: u64,
    attempts_left: u32,
    until: u64,
}

impl SeenCall {
    /// Whether its caller waits on a line.
    pub(crate) fn is_on_a_line(&self) -> bool {
        self.callback.is_none()
    }

    /// Whether it waits, offered to nobody.
    pub(crate) fn waits(&self) -> bool {
        let due = self.callback.as_ref().is_none_or(|callback| callback.due);
        self.connected.is_none() && self.offer.is_none() && due
    }
}

/// All that has been seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness {
    pub(crate) spec: Option<PoolSpec>,
    pub(crate) agents: BTreeMap<AgentId, SeenAgent>,
    pub(crate) calls: BTreeMap<CallId, SeenCall>,
    detached: BTreeMap<PlatformKey, u64>,
    attached: BTreeSet<PlatformKey>,
    drained: BTreeSet<String>,
    outages: SeenOutages,
    offers: BTreeSet<OfferId>,
    /// Places in line and estimates.
    pub(crate) waits: Waits,
    /// Queues that take no calls, and until when.
    pub(crate) halted: BTreeMap<String, Option<u64>>,
    /// Queues with windows, and whether they are open.
    pub(crate) open: BTreeMap<String, bool>,
    /// Queues in a peak, and until when.
    pub(crate) peaks: BTreeMap<String, u64>,
    levels: Levels,
    pub(crate) accepted: u64,
    pub(crate) ended: BTreeMap<Outcome2, u64>,
}

/// An outcome's label, for counting.
pub(crate) type Outcome2 = &'static str;

impl Witness {
    /// Takes note of an event at `now`.
    #[expect(clippy::too_many_lines, reason = "a line for each event")]
    pub(crate) fn see(&mut self, now: u64, event: &Event) {
        self.outages.see(now, event);
        let call = event.call().and_then(|id| self.calls.get(id));
        self.levels.see(now, call.map(|call| &*call.queue), event);
        match event {
            Event::PoolApplied { spec } => self.see_spec(spec),
            Event::PlatformAttached { .. }
            | Event::PlatformDetached { .. }
            | Event::PlatformForgotten { .. } => self.see_platform(event),
            Event::OfferMade { .. } => self.see_offer(now, event),
            Event::OfferAccepted { .. } | Event::OfferExtended { .. } => self.check_offer(event),
            Event::OfferEnded { .. } => self.see_offer_end(event),
            Event::RescindReleased { .. } => self.see_release(event),
            Event::QueueHalted { .. }
            | Event::QueueResumed { .. }
            | Event::QueueOpened { .. }
            | Event::QueueShut { .. }
            | Event::QueueTurnMoved { .. }
            | Event::CalendarSet { .. }
            | Event::ArrivalsMissed { .. }
            | Event::VolumesImported { .. }
            | Event::SiteLoadReported { .. }
            | Event::IntervalJudged { .. }
            | Event::PeakStarted { .. }
            | Event::PeakChanged { .. }
            | Event::PeakEnded { .. } => self.see_queue(now, event),
            Event::CallQueued { .. }
            | Event::CallMissed { .. }
            | Event::CallFound { .. }
            | Event::CallDiverted { .. }
            | Event::CallMoved { .. }
            | Event::CallbackRequested { .. }
            | Event::CallbackDue { .. }
            | Event::CallbackDeferred { .. }
            | Event::CallbackPostponed { .. }
            | Event::RingEntered { .. }
            | Event::PreferenceStarted { .. }
            | Event::PreferenceEnded { .. }
            | Event::RefusalsForgotten { .. }
            | Event::CallConnected { .. }
            | Event::TalkNoted { .. }
            | Event::TalkQuestioned { .. }
            | Event::CallEnded { .. }
            | Event::TombstoneDropped { .. } => self.see_call(now, event),
            Event::AgentApplied { .. }
            | Event::AgentDeleted { .. }
            | Event::WrapUpStarted { .. }
            | Event::WrapUpExtended { .. }
            | Event::WrapUpEnded { .. }
            | Event::ExternalStarted { .. }
            | Event::ExternalEnded { .. }
            | Event::SessionOpened { .. }
            | Event::SessionSequenced { .. }
            | Event::LineChanged { .. }
            | Event::IntentChanged { .. }
            | Event::NextIntentChanged { .. }
            | Event::AgentHeld { .. }
            | Event::OccupancyFixed { .. }
            | Event::LineQualityChanged { .. }
            | Event::AbsenceChanged { .. }
            | Event::AgentDraining { .. }
            | Event::RegistrationChanged { .. }
            | Event::GuardChanged { .. }
            | Event::AgentReleased { .. } => self.see_agent(now, event),
            Event::MessageSent { .. } | Event::MessageEnded { .. } => self.see_message(now, event),
            Event::SiteDrained { site } => drop(self.drained.insert(site.id.to_string())),
            Event::SiteUndrained { site, .. } => assert!(self.drained.remove(&**site), "{site}"),
            Event::PoolRestored { .. }
            | Event::OutageStarted { .. }
            | Event::OutageEased { .. }
            | Event::OutageEnded { .. }
            | Event::MissesForgiven { .. }
            | Event::ReadinessReported { .. }
            | Event::WorkBegan { .. }
            | Event::WorkEnded { .. }
            | Event::DraftOpened { .. }
            | Event::ShiftsStaged { .. }
            | Event::SchedulePublished { .. }
            | Event::ScheduleRestored { .. }
            | Event::DraftDropped { .. }
            | Event::AnswerKept { .. }
            | Event::AnswerForgotten { .. } => {}
        }
    }

    /// What goes on is the call's one live offer.
    fn check_offer(&self, event: &Event) {
        if let Event::OfferAccepted {
            offer, call, agent, ..
        }
        | Event::OfferExtended {
            offer, call, agent, ..
        } = event
        {
            assert_eq!(self.calls[call].offer, Some((*offer, agent.clone())));
        }
    }

    /// No call waits beside an agent who may take it, or for one who is gone.
    pub(crate) fn check_settled(&self, now: u64) {
        self.outages.check_settled();
        for (id, call) in &self.calls {
            if let Some((agent, until)) = &call.kept {
                let waits = call.offer.is_none() && call.connected.is_none();
                assert!(self.agents[agent].signed_in, "{id} is kept for {agent}");
                assert!(!call.refused.contains(agent), "{agent} refused {id}");
                assert!(!waits || now < *until, "{id} is kept for too long");
            }
        }
        let overdue = |agent: &&SeenAgent| agent.hold_until.is_some_and(|until| until <= now);
        let overdue = self.agents.values().find(overdue);
        assert!(overdue.is_none(), "a hold outlasts its end: {overdue:?}");
        let mut halts = self.halted.iter();
        let overdue = halts.find(|(_, until)| until.is_some_and(|until| until <= now));
        assert!(overdue.is_none(), "a halt outlasts its end: {overdue:?}");
        let waits = |call: &SeenCallback| !call.due && call.not_before <= now;
        let mut calls = self.calls.iter();
        let overdue = calls.find(|(_, call)| call.callback.as_ref().is_some_and(waits));
        assert!(overdue.is_none(), "a callback is due: {overdue:?}");
        let mut agents = self.agents.values();
        assert!(
            !agents.any(|agent| agent.said.is_overdue(now)),
            "a word outlasts its end"
        );
        self.check_persons();
        for (id, call) in self
            .calls
            .iter()
            .filter(|(_, call)| self.offerable(call, now))
        {
            let agent = self
                .agents
                .iter()
                .find(|(_, agent)| self.may_take(agent, call));
            assert!(agent.is_none(), "{id} waits beside {agent:?}");
        }
    }

    /// Every accepted call is live or has ended once.
    pub(crate) fn check_none_lost(&self) {
        let ended: u64 = self.ended.values().sum();
        assert_eq!(self.accepted, ended + self.calls.len() as u64);
    }

    fn see_offer(&mut self, now: u64, event: &Event) {
        let Event::OfferMade {
            offer,
            call: call_id,
            agent: agent_id,
            mode,
            ..
        } = event
        else {
            return;
        };
        let said = &self.agents[agent_id].said;
        assert!(!said.is_draining(), "{agent_id} gets no more offers");
        let rung = said.is_rung();
        assert!(
            !rung || *mode == OfferMode::Ring,
            "{agent_id} has no desktop"
        );
        assert!(self.offers.insert(*offer), "offer {offer} is new");
        let (call, agent) = (&self.calls[call_id], &self.agents[agent_id]);
        assert!(
            self.offerable(call, now),
            "{call_id} may be offered: {call:?}"
        );
        assert!(
            self.may_take(agent, call),
            "{agent_id} may take {call_id}: {agent:?}"
        );
        let spec = self.spec.as_ref().unwrap();
        let by_urgency = queues_first(spec, &agent.profile).is_empty();
        let waiting = self.calls.iter();
        for (id, other) in waiting.filter(|(_, other)| self.offerable(other, now)) {
            let before = by_urgency && self.order(other, now) > self.order(call, now);
            assert!(
                !before || !self.may_take(agent, other),
                "{id} comes before {call_id}"
            );
        }
        self.calls.get_mut(call_id).unwrap().offer = Some((*offer, agent_id.clone()));
        self.agents.get_mut(agent_id).unwrap().busy = true;
    }

    fn see_platform(&mut self, event: &Event) {
        match event {
            Event::PlatformAttached { key, .. } => {
                self.detached.remove(key);
                self.attached.insert(key.clone());
            }
            Event::PlatformDetached { key, at } => {
                self.attached.remove(key);
                self.detached.insert(key.clone(), at.0);
            }
            Event::PlatformForgotten { key } => {
                let has_calls = self.calls.values().any(|call| call.key == *key);
                assert!(!has_calls, "forgotten with calls");
                self.detached.remove(key);
            }
            other => panic!("{other:?} is nothing of a platform"),
        }
    }

    fn see_call(&mut self, now: u64, event: &Event) {
        match event {
            Event::CallQueued { call, number, .. } => self.see_queued(call, *number),
            Event::CallMissed { call, .. } => self.calls.get_mut(call).unwrap().missed = true,
            Event::CallFound { call } => self.calls.get_mut(call).unwrap().missed = false,
            Event::CallMoved { .. } => self.see_move(now, event),
            Event::PreferenceStarted { .. } | Event::PreferenceEnded { .. } => {
                self.see_preference(event);
            }
            Event::CallbackRequested { .. }
            | Event::CallbackDue { .. }
            | Event::CallbackDeferred { .. }
            | Event::CallbackPostponed { .. } => self.see_callback(now, event),
            Event::RingEntered { call, ring } => {
                let call = self.calls.get_mut(call).unwrap();
                assert!(usize::from(*ring) > call.ring, "rings only widen");
                (call.ring, call.refused) = (usize::from(*ring), BTreeSet::new());
            }
            Event::RefusalsForgotten { call } => self.calls.get_mut(call).unwrap().refused.clear(),
            Event::CallConnected {
                offer,
                call,
                agent,
                waited_ms,
                in_queue_ms,
                ..
            } => {
                let call = self.calls.get_mut(call).unwrap();
                assert_eq!(call.offer.take(), Some((*offer, agent.clone())));
                assert_eq!(*waited_ms, now - call.wait_from, "the wait was never reset");
                assert_eq!(*in_queue_ms, now - call.in_queue_from);
                (call.connected, call.kept) = (Some(now), None);
                (call.confirmed, call.asked_until) = (0, None);
                let agent = self.agents.get_mut(agent).unwrap();
                agent.times.begin(self.spec.as_ref(), now);
            }
            Event::TalkNoted { .. } | Event::TalkQuestioned { .. } => self.see_talk(now, event),
            Event::CallEnded {
                call,
                queue,
                outcome,
                agent,
                ..
            } => {
                let seen = self.calls.remove(call).expect("a call ends once");
                assert!(seen.offer.is_none(), "an open offer ends before its call");
                assert_eq!(seen.connected.is_some(), agent.is_some());
                assert_eq!(seen.queue, queue.as_str(), "it ends where it is");
                Self::see_end_of_callback(&seen, now, *outcome);
                self.see_end_of_talk(&seen, now, *outcome, agent.as_ref());
                let talked = matches!(outcome, Outcome::Handled | Outcome::Lost);
                assert!(
                    seen.connected.is_none() || talked,
                    "a conversation is handled or lost"
                );
                *self.ended.entry(outcome.label()).or_default() += 1;
            }
            _ => {}
        }
    }

    /// The calls that may be offered now.
    pub(crate) fn offerable_calls(&self, now: u64) -> Vec<(CallId, SeenCall)> {
        let all = self.calls.iter();
        let offerable = all.filter(|(_, call)| self.offerable(call, now));
        offerable
            .map(|(id, call)| (id.clone(), call.clone()))
            .collect()
    }

    fn offerable(&self, call: &SeenCall, now: u64) -> bool {
        let heard = self
            .detached
            .get(&call.key)
            .is_none_or(|since| now - since < 5_000);
        call.waits() && call.held.is_none() && !call.missed && heard
    }

    /// A call's queue and the place of its ring.
    pub(crate) fn queue_and_ring(&self, call: &SeenCall) -> (&QueueSpec, usize) {
        let mut queues = self.spec.as_ref().unwrap().queues.iter();
        let queue = queues.find(|queue| queue.id.as_str() == call.queue);
        (queue.unwrap(), call.ring)
    }

    /// What is asked of an agent: by the present ring, or by the last of a preferred agent.
    fn ring(&self, call: &SeenCall) -> &RingSpec {
        let (queue, ring) = self.queue_and_ring(call);
        let last = queue.rings.len() - 1;
        &queue.rings[if call.kept.is_some() { last } else { ring }]
    }

    pub(crate) fn may_take(&self, agent: &SeenAgent, call: &SeenCall) -> bool {
        let ring = self.ring(call);
        let has = |skill: &str, level: u8| {
            agent
                .profile
                .skills
                .iter()
                .any(|s| s.skill.as_str() == skill && s.level >= level)
        };
        agent.ready
            && agent.up
            && !agent.busy
            && agent.held.is_none()
            && agent.hold_until.is_none()
            && agent.guarded_above_ms.is_none_or(|most| {
                let (queue, _) = self.queue_and_ring(call);
                queue.expected_handle_ms <= most
            })
            && !agent.said.blocks()
            && !self.drained.contains(&*agent.profile.site.id)
            && (ring.site_kinds.is_empty() || ring.site_kinds.contains(&agent.profile.site.kind))
            && ring
                .skills
                .iter()
                .all(|need| has(need.skill.as_str(), need.level))
            && call.skills.iter().all(|(skill, level)| has(skill, *level))
            && !call.refused.contains(&agent.profile.id)
            && call
                .kept
                .as_ref()
                .is_none_or(|(kept, _)| *kept == agent.profile.id)
            && call.excluded.as_ref() != Some(&agent.profile.id)
    }

    /// The queue that is furthest from its goal, urgency by the formula of the domain, then the earlier number.
    pub(crate) fn order(&self, call: &SeenCall, now: u64) -> (i64, i128, i128) {
        let spec = self.spec.as_ref().unwrap();
        let queue = spec
            .queues
            .iter()
            .find(|queue| queue.id.as_str() == call.queue)
            .unwrap();
        let weight = (20_000_000 / i128::from(queue.target_ms)).clamp(1, 1_000_000);
        let waited = i128::from(now - call.wait_from);
        (
            -self.levels.balance(spec, &call.queue, now),
            call.head_start_ms * 1000 + weight * waited,
            -i128::from(call.number),
        )
    }
}
