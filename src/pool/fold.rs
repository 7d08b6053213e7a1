//! Follows calls through the events of one batch, so that each event shows the call as it was right after it.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    hub::{CallShot, ShotKind},
    view::PoolView,
};
use crate::engine::{
    call::{LiveOffer, Phase, Preference},
    event::{Event, OfferEnd},
    ids::{AgentId, CallId, PoolTime, QueueId},
    spec::OfferMode,
    talk::Talk,
    view::{AgentView, CallView, EndedCall, LiveCall},
};

/// The calls of a batch on their way from the view before it to the view after it.
pub(super) struct Fold<'a> {
    before: &'a PoolView,
    calls: BTreeMap<CallId, LiveCall>,
    addresses: BTreeMap<AgentId, Arc<str>>,
}

impl<'a> Fold<'a> {
    pub(super) fn new(before: &'a PoolView) -> Self {
        Self {
            before,
            calls: BTreeMap::new(),
            addresses: BTreeMap::new(),
        }
    }

    /// The queue that the event is about, if it is about one.
    pub(super) fn queue_of(&self, event: &Event) -> Option<QueueId> {
        if let Some(queue) = event.queue() {
            return Some(queue.clone());
        }
        let live = self.live(event.call()?)?;
        Some(live.queue.clone())
    }

    /// Goes one event further; answers what the call's platform is told, if anything.
    #[expect(clippy::too_many_lines, reason = "a line for each event")]
    pub(super) fn follow(&mut self, event: &Event) -> Option<CallShot> {
        match event {
            Event::CallQueued { .. } => self.call_queued(event),
            Event::CallMoved { .. } => self.call_moved(event),
            Event::CallbackRequested { .. } | Event::CallbackPostponed { .. } => {
                self.callback_waits(event)
            }
            Event::RingEntered { .. }
            | Event::CallbackDue { .. }
            | Event::CallbackDeferred { .. }
            | Event::PreferenceStarted { .. }
            | Event::PreferenceEnded { .. }
            | Event::OfferExtended { .. }
            | Event::RescindReleased { .. }
            | Event::AgentApplied { .. } => {
                self.note(event);
                None
            }
            Event::OfferMade { .. } => self.offer_made(event),
            Event::OfferAccepted { .. } => self.offer_accepted(event),
            Event::OfferEnded { .. } => self.offer_ended(event),
            Event::CallConnected { .. } => self.call_connected(event),
            Event::TalkNoted { .. } | Event::TalkQuestioned { .. } => self.talked(event),
            Event::CallEnded { .. } => self.call_ended(event),
            Event::PoolApplied { .. }
            | Event::PoolRestored { .. }
            | Event::QueueHalted { .. }
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
            | Event::PeakEnded { .. }
            | Event::AgentDeleted { .. }
            | Event::PlatformAttached { .. }
            | Event::PlatformDetached { .. }
            | Event::PlatformForgotten { .. }
            | Event::AnswerKept { .. }
            | Event::AnswerForgotten { .. }
            | Event::CallMissed { .. }
            | Event::CallFound { .. }
            | Event::CallDiverted { .. }
            | Event::RefusalsForgotten { .. }
            | Event::TombstoneDropped { .. }
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
            | Event::OccupancyFixed { .. }
            | Event::AgentHeld { .. }
            | Event::AgentReleased { .. }
            | Event::LineQualityChanged { .. }
            | Event::AbsenceChanged { .. }
            | Event::AgentDraining { .. }
            | Event::RegistrationChanged { .. }
            | Event::MessageSent { .. }
            | Event::MessageEnded { .. }
            | Event::SiteDrained { .. }
            | Event::SiteUndrained { .. }
            | Event::OutageStarted { .. }
            | Event::OutageEased { .. }
            | Event::OutageEnded { .. }
            | Event::MissesForgiven { .. }
            | Event::ReadinessReported { .. }
            | Event::GuardChanged { .. }
            | Event::WorkBegan { .. }
            | Event::WorkEnded { .. }
            | Event::DraftOpened { .. }
            | Event::ShiftsStaged { .. }
            | Event::SchedulePublished { .. }
            | Event::ScheduleRestored { .. }
            | Event::DraftDropped { .. } => None,
        }
    }

    /// Notes what platforms are not told of at once.
    fn note(&mut self, event: &Event) {
        if let Event::AgentApplied { profile, .. } = event {
            let address = Arc::clone(&profile.address);
            self.addresses.insert(profile.id.clone(), address);
        } else if let Some(call) = event.call() {
            self.change(call, |live| note_on(live, event));
        }
    }

    fn call_moved(&mut self, event: &Event) -> Option<CallShot> {
        let Event::CallMoved {
            call,
            to,
            cause,
            at,
            wait_from,
            transfer,
            ..
        } = event
        else {
            return None;
        };
        let live = self.change(call, |live| {
            (live.queue, live.wait_from) = (to.clone(), *wait_from);
            (live.ring, live.ring_from) = (0, *at);
            (live.estimate_ms, live.preference) = (None, None);
            live.refused.clear();
            if let Some(transfer) = transfer {
                live.refused.push(transfer.agent.clone());
                (live.callback, live.assignment) = (None, None);
                live.talk = Talk::default();
                live.phase = waiting(live, *at, None);
            }
        })?;
        Some(shot(ShotKind::Moved, *at, live, cause.label()))
    }

    fn call_queued(&mut self, event: &Event) -> Option<CallShot> {
        let Event::CallQueued {
            call,
            number,
            estimate_ms,
            ..
        } = event
        else {
            return None;
        };
        let live = LiveCall {
            phase: Phase::Queued {
                since: call.accepted_at,
            },
            queue: call.queue.clone(),
            wait_from: call.wait_from,
            record: Arc::clone(call),
            ring: 0,
            estimate_ms: *estimate_ms,
            preference: None,
            address: Arc::from(""),
            rescind: None,
            callback: None,
            last_offer: None,
            assignment: None,
            talk: Talk::default(),
            number: *number,
            standing: None,
            ring_from: call.accepted_at,
            refused: Vec::new(),
            lost_at: None,
            detached_at: None,
        };
        self.calls.insert(call.id.clone(), live.clone());
        Some(shot(ShotKind::Queued, call.accepted_at, live, ""))
    }

    fn callback_waits(&mut self, event: &Event) -> Option<CallShot> {
        if let Event::CallbackRequested {
            call,
            at,
            due,
            callback,
        } = event
        {
            let live = self.change(call, |live| {
                live.callback = Some(Box::new(*callback));
                live.phase = waiting(live, *at, *due);
            })?;
            return Some(shot(ShotKind::Callback, *at, live, ""));
        }
        let Event::CallbackPostponed {
            call,
            at,
            due,
            attempts_left,
        } = event
        else {
            return None;
        };
        let live = self.change(call, |live| {
            if let Some(callback) = &mut live.callback {
                callback.attempts_left = *attempts_left;
            }
            live.phase = waiting(live, *at, Some(*due));
        })?;
        let cause = OfferEnd::CustomerUnreached.label();
        Some(shot(ShotKind::Callback, *at, live, cause))
    }

    fn offer_made(&mut self, event: &Event) -> Option<CallShot> {
        let Event::OfferMade {
            offer,
            call,
            agent,
            mode,
            at,
            ring_for_ms,
            lease_until,
            ring,
            ..
        } = event
        else {
            return None;
        };
        let address = self.address(agent);
        let live = self.change(call, |live| {
            live.phase = Phase::Offered(LiveOffer {
                id: *offer,
                agent: agent.clone(),
                mode: *mode,
                made_at: *at,
                ring_for_ms: *ring_for_ms,
                lease_until: *lease_until,
            });
            live.ring = *ring;
            live.address = address;
            live.last_offer = Some(*offer);
            live.assignment = event.assignment().map(Arc::new);
        })?;
        Some(shot(ShotKind::Offered, *at, live, ""))
    }

    fn offer_accepted(&mut self, event: &Event) -> Option<CallShot> {
        let Event::OfferAccepted {
            call,
            at,
            connect_by,
            ..
        } = event
        else {
            return None;
        };
        let live = self.change(call, |live| connect(live, *connect_by))?;
        // The answer to a ring is the acceptance: such a platform has nothing to connect.
        let rings = live.offer().is_some_and(|o| o.mode == OfferMode::Ring);
        (!rings).then(|| shot(ShotKind::Connect, *at, live, ""))
    }

    fn call_connected(&mut self, event: &Event) -> Option<CallShot> {
        let Event::CallConnected {
            call,
            agent,
            at,
            waited_ms,
            ..
        } = event
        else {
            return None;
        };
        let live = self.change(call, |live| {
            live.preference = None;
            live.phase = Phase::Connected {
                agent: agent.clone(),
                since: *at,
                waited_ms: *waited_ms,
            };
        })?;
        Some(shot(ShotKind::Connected, *at, live, ""))
    }

    fn talked(&mut self, event: &Event) -> Option<CallShot> {
        if let Event::TalkNoted { call, talk, at, .. } = event {
            self.change(call, |live| {
                live.talk = Talk {
                    kind: *talk,
                    confirmed_at: Some(*at),
                    asked_until: None,
                };
            });
            return None;
        }
        let Event::TalkQuestioned {
            call, at, until, ..
        } = event
        else {
            return None;
        };
        let live = self.change(call, |live| live.talk.asked_until = Some(*until))?;
        Some(shot(ShotKind::Questioned, *at, live, ""))
    }

    fn offer_ended(&mut self, event: &Event) -> Option<CallShot> {
        let Event::OfferEnded {
            offer,
            call,
            agent,
            at,
            cause,
            rescind,
            ..
        } = event
        else {
            return None;
        };
        let address = self.address(agent);
        let live = self.change(call, |live| {
            live.phase = waiting(live, *at, None);
            live.assignment = None;
            live.rescind = rescind.then(|| (*offer, agent.clone()));
            live.address = if *rescind { address } else { Arc::from("") };
        })?;
        match cause {
            _ if *rescind => Some(shot(ShotKind::Rescind, *at, live, cause.label())),
            // The end of the call follows and says it all.
            OfferEnd::CallerGone | OfferEnd::Withdrawn | OfferEnd::CustomerUnreached => None,
            OfferEnd::Declined
            | OfferEnd::NoAnswer
            | OfferEnd::Busy
            | OfferEnd::Failed
            | OfferEnd::LineLost
            | OfferEnd::PlatformGone
            | OfferEnd::LineQuality
            | OfferEnd::AgentDraining
            | OfferEnd::SiteDrained => Some(shot(ShotKind::Queued, *at, live, cause.label())),
        }
    }

    fn call_ended(&mut self, event: &Event) -> Option<CallShot> {
        let Event::CallEnded {
            call,
            queue,
            first_queue,
            overflow,
            key,
            outcome,
            at,
            waited_ms,
            agent,
            ..
        } = event
        else {
            return None;
        };
        self.calls.remove(call);
        Some(CallShot {
            kind: ShotKind::Ended,
            at: *at,
            cause: "",
            call: CallView::Over(EndedCall {
                id: call.clone(),
                key: key.clone(),
                queue: queue.clone(),
                first_queue: first_queue.clone(),
                overflow: overflow.clone(),
                outcome: *outcome,
                ended_at: *at,
                waited_ms: *waited_ms,
                agent: agent.clone(),
            }),
        })
    }

    /// The agent as of the commit before.
    pub(super) fn agent(&self, agent: &AgentId) -> Option<&AgentView> {
        self.before.agents.get(agent).map(|row| &*row.value)
    }

    /// The call as it is now, if it lives.
    pub(super) fn live(&self, call: &CallId) -> Option<&LiveCall> {
        self.calls.get(call).or_else(|| {
            let row = self.before.calls.get(call)?;
            match &*row.value {
                CallView::Live(live) => Some(live),
                CallView::Over(_) => None,
            }
        })
    }

    fn change(&mut self, call: &CallId, change: impl FnOnce(&mut LiveCall)) -> Option<LiveCall> {
        let mut live = self.live(call)?.clone();
        change(&mut live);
        self.calls.insert(call.clone(), live.clone());
        Some(live)
    }

    fn address(&self, agent: &AgentId) -> Arc<str> {
        self.addresses.get(agent).cloned().unwrap_or_else(|| {
            let row = self.before.agents.get(agent);
            row.map_or_else(|| Arc::from(""), |row| row.value.profile.address.clone())
        })
    }
}

/// A call changed and stays where it is.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "follow lists every event and who looks at it"
)]
fn note_on(live: &mut LiveCall, event: &Event) {
    match event {
        Event::RingEntered { ring, .. } => live.ring = *ring,
        Event::PreferenceStarted { agent, until, .. } => {
            let (agent, until) = (agent.clone(), *until);
            live.preference = Some(Preference { agent, until });
        }
        Event::PreferenceEnded { .. } => live.preference = None,
        Event::CallbackDue { .. } => {
            if let Phase::CallbackWaiting { due, .. } = &mut live.phase {
                *due = None;
            }
        }
        Event::CallbackDeferred { due: opens, .. } => {
            if let Phase::CallbackWaiting { due, .. } = &mut live.phase {
                *due = Some(*opens);
            }
        }
        Event::OfferExtended { lease_until, .. } => extend(live, *lease_until),
        Event::RescindReleased { .. } => live.rescind = None,
        _ => {}
    }
}

/// The phase of a call that waits again since `at`, not before `due`.
fn waiting(live: &LiveCall, at: PoolTime, due: Option<PoolTime>) -> Phase {
    match live.callback {
        Some(_) => Phase::CallbackWaiting { since: at, due },
        None => Phase::Queued { since: at },
    }
}

fn connect(live: &mut LiveCall, connect_by: PoolTime) {
    if let Phase::Offered(offer) = &live.phase {
        live.phase = Phase::Connecting(LiveOffer {
            lease_until: connect_by,
            ..offer.clone()
        });
    }
}

fn extend(live: &mut LiveCall, until: PoolTime) {
    if let Phase::Offered(offer) | Phase::Connecting(offer) = &mut live.phase {
        offer.lease_until = until;
    }
}

fn shot(kind: ShotKind, at: PoolTime, call: LiveCall, cause: &'static str) -> CallShot {
    CallShot {
        kind,
        at,
        call: CallView::Live(call),
        cause,
    }
}
