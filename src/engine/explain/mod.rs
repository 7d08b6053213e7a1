//! Why a call waits and why an agent gets none, told from readers' views alone: off the routing path, nothing changes.
//!
//! Whether an agent fits and what blocks one is asked of `eligibility`, as the engine does; nothing is decided here.

mod agent;
mod call;
mod choice;
mod reason;
mod words;

pub use agent::{AgentExplanation, FittingCall, Keeping, agent};
pub use call::{WaitingExplanation, waiting};
pub use reason::{Demand, Reason};
pub use words::{of_agent, of_call};

use super::{
    ids::PoolTime,
    spec::{PoolSpec, QueueSpec},
    urgency::{Urgency, weight},
    view::LiveCall,
};

/// A reason with how many agents, or calls, it counts for.
pub type Count = (Reason, u32);

/// The configuration and the time that an explanation speaks of.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The configuration.
    pub spec: &'a PoolSpec,
    /// The pool's time.
    pub now: PoolTime,
}

impl<'a> Scene<'a> {
    fn queue(&self, call: &LiveCall) -> Option<&'a QueueSpec> {
        let mut queues = self.spec.queues.iter();
        queues.find(|queue| queue.id == call.queue)
    }

    /// A waiting call's place in the order of service: the greater is served first.
    fn urgency(&self, call: &LiveCall) -> Option<Urgency> {
        let weight = weight(self.queue(call)?.target_ms);
        let (head_start_ms, from) = (call.record.head_start_ms, call.wait_from);
        Some(Urgency::at(
            self.now,
            head_start_ms,
            weight,
            from,
            call.number,
        ))
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
