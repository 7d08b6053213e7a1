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

use std::collections::BTreeMap;

use super::{
    ids::{PoolTime, QueueId},
    service::Balance,
    spec::{CallOrder, PoolSpec, QueueSpec},
    urgency::{Precedence, Urgency, weight},
    view::{LiveCall, QueueView},
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
    /// How far each queue is from its goal, where the pool balances its queues; empty elsewhere.
    pub balances: &'a Balances,
}

/// How far queues are from their goals.
pub type Balances = BTreeMap<QueueId, Balance>;

/// How far the queues of a pool that balances them are from their goals; none of another pool.
pub fn balances<'a>(
    spec: &PoolSpec,
    queues: impl Iterator<Item = &'a QueueView>,
    now: PoolTime,
) -> Balances {
    if spec.order == CallOrder::Urgency {
        return Balances::new();
    }
    let goal = |id| spec.queues.iter().find(|queue| queue.id == id);
    let balance = |queue: &QueueView| {
        let goal_permille = goal(queue.id.clone())?.goal_permille;
        let balance = queue.state.service.balance(goal_permille, now);
        Some((queue.id.clone(), balance))
    };
    queues.filter_map(balance).collect()
}

impl<'a> Scene<'a> {
    fn queue(&self, call: &LiveCall) -> Option<&'a QueueSpec> {
        let mut queues = self.spec.queues.iter();
        queues.find(|queue| queue.id == call.queue)
    }

    /// A waiting call's place in the order of service: the greater is served first.
    fn precedence(&self, call: &LiveCall) -> Option<Precedence> {
        let weight = weight(self.queue(call)?.target_ms);
        let (head_start_ms, from) = (call.record.head_start_ms, call.wait_from);
        let urgency = Urgency::at(self.now, head_start_ms, weight, from, call.number);
        let balance = self.balances.get(&call.queue).copied();
        Some(Precedence::new(balance.unwrap_or_default(), urgency))
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
