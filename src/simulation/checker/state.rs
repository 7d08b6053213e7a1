//! What a history has told of calls and agents so far.

use std::collections::BTreeSet;

use super::{
    busy::BusyTimes,
    config::{Callback, Skills},
    line::Key,
    readiness::Checks,
};

/// A live call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Which of all calls it was; settles ties.
    pub(super) number: u64,
    pub(super) queue: String,
    pub(super) first_queue: String,
    pub(super) key: Key,
    pub(super) head_start_ms: i128,
    pub(super) skills: Skills,
    pub(super) accepted_at: u64,
    /// When its wait would have begun if it had run without a pause.
    pub(super) wait_from: u64,
    /// When the service-level clock of its queue began.
    pub(super) in_queue_from: u64,
    /// When its queue got it.
    pub(super) came_at: u64,
    /// How long it was kept, or is to be, before its first ring.
    pub(super) kept_ms: u64,
    pub(super) kept: Option<Kept>,
    pub(super) ring: usize,
    pub(super) refused: BTreeSet<String>,
    /// Who passed it on.
    pub(super) excluded: Option<String>,
    pub(super) phase: Phase,
    /// The dead offer whose leg is not confirmed gone.
    pub(super) leg: Option<u64>,
    /// When it is lost, as its platform does not name it.
    pub(super) lost_at: Option<u64>,
    pub(super) callback: Option<Called>,
    pub(super) ahead: u64,
    pub(super) estimate_ms: Option<u64>,
    pub(super) offers: u64,
    pub(super) transfers: u64,
    /// When an offer of it was withdrawn from outside.
    pub(super) withdrawn_at: Option<u64>,
    /// The earliest of its deadlines that is noted.
    pub(super) due: Option<u64>,
}

/// For whom a call is kept, and until when.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) agent: String,
    pub(super) until: u64,
}

/// What is known of a callback.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called {
    pub(super) how: Callback,
    /// Not before; none once it may be offered.
    pub(super) due: Option<u64>,
    pub(super) attempts_left: u64,
    pub(super) until: u64,
}

/// Where a call stands.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// Unbroken since then.
    Waiting { since: u64 },
    /// Offered, or being connected.
    Offered(Offer),
    /// In conversation.
    Connected {
        agent: String,
        since: u64,
        /// When the platform last said that it goes on.
        confirmed_at: u64,
        asked_until: Option<u64>,
    },
}

/// An open offer.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) id: u64,
    pub(super) agent: String,
    pub(super) rings: bool,
    pub(super) accepted: bool,
    pub(super) until: u64,
}

impl Call {
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::Waiting { .. })
    }

    /// Whether it waits for an agent with the caller on the line.
    pub(super) fn is_queued(&self) -> bool {
        self.is_waiting() && self.callback.is_none()
    }

    pub(super) fn offer(&self) -> Option<&Offer> {
        match &self.phase {
            Phase::Offered(offer) => Some(offer),
            Phase::Waiting { .. } | Phase::Connected { .. } => None,
        }
    }

    /// Until when its wait has run.
    pub(super) fn waited_until(&self, now: u64) -> u64 {
        match self.phase {
            Phase::Connected { since, .. } => since,
            Phase::Waiting { .. } | Phase::Offered(_) => now,
        }
    }

    /// Whether it may be offered, but for its platform.
    pub(super) fn is_open(&self) -> bool {
        let due = self.callback.is_none_or(|callback| callback.due.is_none());
        self.is_waiting() && due && self.leg.is_none() && self.lost_at.is_none()
    }
}

/// An agent.
#[derive(Clone, Debug)]
pub(super) struct Agent {
    pub(super) skills: Skills,
    pub(super) site: String,
    pub(super) site_kind: String,
    pub(super) intent: Intent,
    pub(super) next: bool,
    pub(super) work: Work,
    pub(super) reach: Reach,
    pub(super) by_registration: bool,
    pub(super) registered_until: Option<u64>,
    pub(super) session: u64,
    pub(super) idle_since: u64,
    pub(super) misses: u64,
    pub(super) failures: u64,
    pub(super) hold_until: Option<u64>,
    pub(super) bad_line_until: Option<u64>,
    /// Schedules and law keep calls away that are expected to last longer than this, ms.
    pub(super) guarded_above_ms: Option<u64>,
    pub(super) checks: Checks,
    pub(super) absent_until: Option<u64>,
    pub(super) draining: bool,
    pub(super) leg: Option<Leg>,
    pub(super) busy: BusyTimes,
    /// The earliest of its deadlines that is noted.
    pub(super) due: Option<u64>,
}

/// What an agent asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Offline,
    NotReady(String),
    Ready,
}

/// What an agent has in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Idle,
    Offered(String),
    Connected(String),
    WrapUp {
        call: String,
        queue: String,
        since: u64,
        until: Option<u64>,
        extended: bool,
    },
    External {
        until: u64,
    },
}

/// How an agent's line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Up,
    Silent,
    Lost,
}

/// The leg of a dead offer.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) offer: u64,
    pub(super) key: Key,
    pub(super) since: u64,
}

impl Agent {
    /// What is known of somebody whose record was just made.
    pub(super) fn new(now: u64) -> Self {
        Self {
            skills: Skills::new(),
            site: String::new(),
            site_kind: String::new(),
            intent: Intent::Offline,
            next: false,
            work: Work::Idle,
            reach: Reach::Lost,
            by_registration: false,
            registered_until: None,
            session: 0,
            idle_since: now,
            misses: 0,
            failures: 0,
            hold_until: None,
            bad_line_until: None,
            guarded_above_ms: None,
            checks: Checks::default(),
            absent_until: None,
            draining: false,
            leg: None,
            busy: BusyTimes::default(),
            due: None,
        }
    }

    /// Whether calls may be offered, but for the site and a leg.
    pub(super) fn is_ready(&self) -> bool {
        self.intent == Intent::Ready
            && self.work == Work::Idle
            && self.reach == Reach::Up
            && self.hold_until.is_none()
            && self.bad_line_until.is_none()
            && !self.draining
    }

    /// Signed in, and not about to be deleted.
    pub(super) fn stays(&self) -> bool {
        self.intent != Intent::Offline && !self.draining
    }
}
