//! The only place where state changes: one arm for each event. Nothing is decided here.

use std::sync::Arc;

mod arrivals;
mod calls;
mod guards;
mod offers;
mod persons;
mod queues;

use super::{
    agent::{AgentState, Intent, Work},
    call::CallState,
    event::Event,
    guard::Guard,
    ids::{AgentId, CallId, PlatformKey, PoolTime},
    outage::Mark,
    profile::AgentProfile,
    queues::Queues,
    serve,
    shown::shown,
    spec::PoolSpec,
    state::{Agent, AgentIx, CallIx, EntityKey, Platform, State, Timer},
    thin::ThinList,
};

/// How many diverted ids are remembered, so that one that asks again counts once.
const DIVERTED_REMEMBERED: usize = 4_096;

impl State {
    /// Carries an event out.
    #[expect(clippy::too_many_lines, reason = "a line for each event")]
    pub(in crate::engine) fn evolve(&mut self, event: &Event) {
        self.count_service(event);
        self.count_arrivals(event);
        match event {
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
            | Event::PeakEnded { .. } => self.evolve_queue(event),
            Event::PoolApplied { spec } => self.apply_spec(spec),
            Event::AgentApplied { profile, .. } => self.put_agent(Arc::clone(profile)),
            Event::PoolRestored { .. } => self.skip_numbers(event),
            Event::AgentDeleted { agent } => self.remove_agent(agent),
            Event::PlatformAttached { key, at } => self.put_platform(key, *at),
            Event::PlatformDetached { key, at } => self.detach_platform(key, *at),
            Event::PlatformForgotten { key } => self.remove_platform(key),
            Event::CallDiverted { call, first, .. } => self.remember_diverted(call, *first),
            Event::TombstoneDropped { call } => self.remove_tombstone(call),
            Event::AnswerKept { answer } => self.put_answer(answer),
            Event::AnswerForgotten { request } => self.remove_answer(request),
            Event::CallQueued { .. }
            | Event::CallMissed { .. }
            | Event::CallFound { .. }
            | Event::CallMoved { .. }
            | Event::PreferenceStarted { .. }
            | Event::PreferenceEnded { .. }
            | Event::CallbackRequested { .. }
            | Event::CallbackDue { .. }
            | Event::CallbackDeferred { .. }
            | Event::CallbackPostponed { .. }
            | Event::RingEntered { .. }
            | Event::RefusalsForgotten { .. }
            | Event::CallConnected { .. }
            | Event::TalkNoted { .. }
            | Event::TalkQuestioned { .. }
            | Event::CallEnded { .. } => self.evolve_call(event),
            Event::OfferMade { .. }
            | Event::OfferAccepted { .. }
            | Event::OfferEnded { .. }
            | Event::OfferExtended { .. }
            | Event::RescindReleased { .. } => self.evolve_offer(event),
            Event::WrapUpStarted { .. }
            | Event::WrapUpExtended { .. }
            | Event::WrapUpEnded { .. }
            | Event::ExternalStarted { .. }
            | Event::ExternalEnded { .. }
            | Event::SessionSequenced { .. }
            | Event::IntentChanged { .. }
            | Event::NextIntentChanged { .. }
            | Event::OccupancyFixed { .. }
            | Event::AgentHeld { .. }
            | Event::AgentReleased { .. }
            | Event::MissesForgiven { .. } => self.evolve_agent(event),
            Event::SessionOpened { .. }
            | Event::LineChanged { .. }
            | Event::LineQualityChanged { .. }
            | Event::AbsenceChanged { .. }
            | Event::AgentDraining { .. }
            | Event::MessageSent { .. }
            | Event::MessageEnded { .. }
            | Event::RegistrationChanged { .. } => self.evolve_person(event),
            Event::SiteDrained { site } => self.put_site(&site.id, Some(site.clone())),
            Event::SiteUndrained { site, .. } => self.put_site(site, None),
            Event::OutageStarted { outage } => self.put_outage(outage.clone()),
            Event::OutageEased { domain, ends_at } => self.ease_outage(domain, *ends_at),
            Event::OutageEnded { domain, .. } => self.remove_outage(domain),
            Event::ReadinessReported { .. }
            | Event::GuardChanged { .. }
            | Event::WorkBegan { .. }
            | Event::WorkEnded { .. }
            | Event::DraftOpened { .. }
            | Event::ShiftsStaged { .. }
            | Event::SchedulePublished { .. }
            | Event::ScheduleRestored { .. }
            | Event::DraftDropped { .. } => self.evolve_guard(event),
        }
    }

    /// Numbers that were given out after the backup are not given again.
    fn skip_numbers(&mut self, event: &Event) {
        let Event::PoolRestored {
            next_offer,
            next_message,
            sessions_above,
            ..
        } = event
        else {
            return;
        };
        self.counters.next_offer = *next_offer;
        self.counters.next_message = *next_message;
        self.counters.sessions_above = *sessions_above;
        self.touched.note_counters();
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    fn evolve_agent(&mut self, event: &Event) {
        match event {
            Event::WrapUpStarted {
                agent,
                call,
                until,
                extension_ms,
                at,
                queue,
            } => self.with_agent(agent, |agent| {
                agent.work = Work::WrapUp {
                    call: call.clone(),
                    until: *until,
                    extension_ms: *extension_ms,
                    since: Some(*at),
                    queue: Some(queue.clone()),
                };
            }),
            Event::WrapUpExtended { agent, until, .. } => self.with_agent(agent, |agent| {
                if let Work::WrapUp {
                    until: limit,
                    extension_ms,
                    ..
                } = &mut agent.work
                {
                    (*limit, *extension_ms) = (Some(*until), 0);
                }
            }),
            Event::WrapUpEnded { agent, at, .. } | Event::ExternalEnded { agent, at } => {
                self.with_agent(agent, |agent| {
                    agent.work = Work::Idle;
                    agent.idle_since = *at;
                });
            }
            Event::ExternalStarted { agent, until, at } => self.go_external(agent, *until, *at),
            Event::SessionSequenced { agent, sequence } => {
                self.with_agent(agent, |agent| agent.sequence = *sequence);
            }
            Event::IntentChanged {
                agent, intent, at, ..
            } => self.change_intent(agent, intent, *at),
            Event::NextIntentChanged {
                agent,
                next,
                supervisor,
            } => self.with_agent(agent, |agent| {
                agent.next_intent.clone_from(next);
                agent.next_by.clone_from(supervisor);
            }),
            Event::AgentHeld { agent, hold, .. } => {
                self.with_agent(agent, |agent| agent.hold = Some(Box::new(hold.clone())));
            }
            Event::OccupancyFixed { agent, busy_ms, at } => {
                self.fix_occupancy(agent, *busy_ms, *at);
            }
            Event::AgentReleased { agent, .. } => self.with_agent(agent, |agent| agent.hold = None),
            Event::MissesForgiven { agent, misses } => {
                self.with_agent(agent, |agent| agent.misses = *misses);
                let ix = self.named(agent);
                self.agents[ix].no_answers.clear();
            }
            other => unreachable!("{other:?} is no event of an agent"),
        }
    }

    fn go_external(&mut self, id: &AgentId, until: PoolTime, at: PoolTime) {
        let kept = self.is_occupancy_kept;
        self.with_agent(id, |agent| {
            agent.work = Work::External { until };
            if kept {
                agent.begin_busy(at);
            }
        });
    }

    fn change_intent(&mut self, id: &AgentId, intent: &Intent, at: PoolTime) {
        self.with_agent(id, |agent| {
            if *intent == Intent::Ready {
                (agent.misses, agent.failures) = (0, 0);
                agent.idle_since = at;
                agent.absence = None;
            }
            agent.intent = intent.clone();
            (agent.next_intent, agent.next_by) = (None, None);
        });
        if *intent == Intent::Ready {
            let ix = self.named(id);
            self.agents[ix].no_answers.clear();
        }
    }

    fn with_agent(&mut self, id: &AgentId, change: impl FnOnce(&mut AgentState)) {
        let ix = self.named(id);
        change(&mut self.agents[ix].state);
        self.agent_changed(ix);
    }

    fn named(&self, id: &AgentId) -> AgentIx {
        self.agent(id).expect("an event names an agent that exists")
    }

    fn with_call(&mut self, id: &CallId, change: impl FnOnce(&mut CallState)) {
        let ix = self.call(id).expect("an event names a call that lives");
        change(&mut self.calls[ix].state);
        self.call_changed(ix);
    }

    pub(in crate::engine) fn apply_spec(&mut self, spec: &Arc<PoolSpec>) {
        self.forget_needs();
        self.build_groups(spec);
        let (mut queues, mut changed) = (Vec::new(), Vec::new());
        for (queue, lane) in spec.queues.iter().zip(0..) {
            let mut built = self.build_queue(queue, lane);
            built.windows = serve::windows(&queue.serve, spec).ok().flatten();
            if let Some(before) = self.queues.get(&queue.id) {
                built.state = before.state.clone();
                built.current.clone_from(&before.current);
            }
            if built.windows.is_none()
                && let Some(gone) = built.state.opening.take()
            {
                self.retime_turn(&queue.id, Some(gone), None);
                changed.push(queue.id.clone());
            }
            if !queue.serve.mode.has_peaks() && built.state.demand.take().is_some() {
                changed.push(queue.id.clone());
            }
            queues.push(built);
        }
        self.touched.leave_queues(&self.queues);
        let before = std::mem::replace(&mut self.queues, Queues::new(queues));
        for gone in before.iter() {
            if self.queues.place(&gone.spec.id).is_none() {
                self.forget_queue(gone);
            }
        }
        self.find_queues();
        for queue in &changed {
            self.touched.note_queue(self.queue_place(queue));
        }
        self.keep_occupancy();
        self.take_rules(spec);
        self.spec = Some(Arc::clone(spec));
        self.touched.insert(EntityKey::Pool);
        for ix in self.calls.iter().map(|(ix, _)| ix).collect::<Vec<_>>() {
            self.recount_call(ix);
        }
    }

    /// Says where the queues are now: to every live call, and to readers.
    fn find_queues(&mut self) {
        for ix in self.calls.iter().map(|(ix, _)| ix).collect::<Vec<_>>() {
            let at = self.queue_place(self.calls[ix].queue());
            self.calls[ix].at = at;
        }
        for queue in self.queues.ids() {
            let at = self.queue_place(queue);
            self.touched.show_queue(at);
        }
    }

    /// Counts a call in its queue as it is now, with a ring that exists.
    fn recount_call(&mut self, ix: CallIx) {
        let rings = self.queue_of(&self.calls[ix]).rings.len();
        let last = u8::try_from(rings - 1).expect("a queue has few rings");
        let call = &mut self.calls[ix];
        if let Some(preferred) = call.preferring {
            self.doubtful_agents.insert(preferred);
        }
        call.place = None;
        call.state.ring = call.state.ring.min(last);
        self.call_changed(ix);
    }

    pub(in crate::engine) fn put_agent(&mut self, profile: Arc<AgentProfile>) {
        let skills = self.intern_all(&profile.skills);
        let skills = self.texts.share_skills(skills);
        let profile = self.shared(profile);
        let id = profile.id.clone();
        self.touched.insert(EntityKey::Agent(id.clone()));
        let ix = if let Some(ix) = self.agent(&id) {
            self.reindex_profile(ix, true);
            self.uncount_agent(ix);
            let site = Arc::clone(&self.agents[ix].profile.site.id);
            self.sites.leave(&site, ix);
            let agent = &mut self.agents[ix];
            (agent.profile, agent.skills) = (profile, skills);
            ix
        } else {
            let state = AgentState::new(self.now);
            let ix = self.agents.insert(Agent {
                profile,
                skills,
                shown: shown(&state),
                state,
                timer: None,
                slot: None,
                group: None,
                site_drained: false,
                mark: Mark::default(),
                loss: None,
                no_answers: ThinList::default(),
                inbox: ThinList::default(),
                open: Guard::open_of(None),
            });
            self.index_agent(ix);
            ix
        };
        self.agents[ix].group = self.group_of(&self.agents[ix]);
        let site = Arc::clone(&self.agents[ix].profile.site.id);
        self.agents[ix].site_drained = self.sites.join(&site, ix);
        self.reindex_profile(ix, false);
        if self.guards.get(ix).is_some() {
            self.guards.backlog.insert(ix);
        }
        self.agent_changed(ix);
    }

    fn remove_agent(&mut self, id: &AgentId) {
        let agents = &self.agents;
        let name = |ix: AgentIx| agents[ix].profile.id.as_str();
        let ix = self.agent_index.remove(id.as_str(), name);
        let ix = ix.expect("a deleted agent exists");
        self.forget_guard(ix);
        self.forget_agent(ix);
        self.empty_inbox(ix);
        self.outages.forget(ix);
        self.uncount_agent(ix);
        let site = Arc::clone(&self.agents[ix].profile.site.id);
        self.sites.leave(&site, ix);
        self.agents.remove(ix);
        let keys = [EntityKey::Agent, EntityKey::AgentState].map(|of| of(id.clone()));
        self.touched.note_agent_gone(ix, keys);
    }

    fn put_platform(&mut self, key: &PlatformKey, hello_at: PoolTime) {
        let timer = self.platforms.get(key).and_then(|platform| platform.timer);
        let platform = Platform {
            key: key.clone(),
            hello_at,
            detached_at: None,
            timer,
        };
        self.platforms.insert(key.clone(), platform);
        self.platform_changed(key);
    }

    fn detach_platform(&mut self, key: &PlatformKey, at: PoolTime) {
        self.platforms
            .get_mut(key)
            .expect("a detached platform exists")
            .detached_at = Some(at);
        self.platform_changed(key);
    }

    fn remove_platform(&mut self, key: &PlatformKey) {
        let gone = self
            .platforms
            .remove(key)
            .expect("a forgotten platform exists");
        self.retime(gone.timer, None, Timer::Platform(key.clone()));
        self.reindex_platform(key);
        self.platform_calls.remove(key);
        self.touched.insert(EntityKey::Platform(key.clone()));
    }

    fn remember_diverted(&mut self, call: &CallId, first: bool) {
        if !first {
            return;
        }
        if self.diverted.len() == DIVERTED_REMEMBERED {
            self.diverted.pop_front();
        }
        self.diverted.push_back(call.clone());
    }
}
