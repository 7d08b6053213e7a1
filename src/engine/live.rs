//! A live call, with what is derived of its record and state.

use std::sync::Arc;

use super::{
    call::{CallRecord, CallState},
    estimate::Standing,
    ids::{PoolTime, QueueId},
    matching::{NeedsIx, Seat},
    queues::QueueIx,
    state::{AgentIx, SkillNeed},
    urgency::Rank,
};

/// A live call with interned skills.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) record: Arc<CallRecord>,
    pub(crate) skills: Vec<SkillNeed>,
    pub(crate) state: CallState,
    /// Place of the queue where it is.
    pub(super) at: QueueIx,
    pub(super) timer: Option<PoolTime>,
    pub(super) place: Option<Place>,
    /// What it asks for, as of which ring.
    pub(super) needs: Option<(u8, NeedsIx)>,
    /// Place among the waiting calls that agents find.
    pub(super) seat: Option<Seat>,
    /// The agent whom it is kept for.
    pub(super) preferring: Option<AgentIx>,
}

impl Call {
    /// The queue where it is.
    pub(crate) fn queue(&self) -> &QueueId {
        let stay = self.state.stay.as_ref();
        stay.map_or(&self.record.queue, |stay| &stay.queue)
    }

    /// The queue it was accepted for, if it is in another.
    pub(crate) fn first_queue(&self) -> Option<QueueId> {
        let first = &self.record.queue;
        (first != self.queue()).then(|| first.clone())
    }

    /// When its wait began; after pauses, when it would have begun without them.
    pub(crate) fn wait_from(&self) -> PoolTime {
        let stay = self.state.stay.as_ref();
        stay.map_or(self.record.wait_from, |stay| stay.wait_from)
    }

    /// Where it stands, or would, in the order of a queue of this weight.
    pub(super) fn standing(&self, weight: u32) -> Standing {
        let (head_start_ms, number) = (self.record.head_start_ms, self.state.number);
        let rank = Rank::of(head_start_ms, weight, self.wait_from(), number);
        Standing::new(rank, self.state.ring_from)
    }

    /// When the service-level clock of its queue began: with its wait, or when it was moved there.
    pub(crate) fn in_queue_from(&self) -> PoolTime {
        let moved = self.state.stay.is_some();
        if moved {
            self.state.ring_from
        } else {
            self.record.wait_from
        }
    }
}

/// Where a call is counted in its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Waiting(Standing),
    Callback,
    Offered,
    Connected,
}
