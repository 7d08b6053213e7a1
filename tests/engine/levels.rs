//! How queues were served in the last 30 minutes, from the events alone.

use std::collections::{BTreeMap, BTreeSet};

use homeshore::engine::{
    event::Event,
    ids::CallId,
    spec::{CallOrder, PoolSpec},
};

const MINUTE_MS: u64 = 60_000;

/// For each queue the calls that were offered to it, the minute, and whether they were answered within the target; and
/// the calls that are to be called back, which do not count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Levels(BTreeMap<String, Vec<(CallId, u64, bool)>>, BTreeSet<CallId>);

impl Levels {
    /// Takes note of an event about a call that is in `queue`.
    pub(crate) fn see(&mut self, now: u64, queue: Option<&str>, event: &Event) {
        match event {
            Event::CallQueued { call, .. } => self.offer(now, call.queue.as_str(), &call.id),
            Event::CallMoved {
                call, to, transfer, ..
            } => {
                if transfer.is_some() {
                    self.1.remove(call);
                }
                if !self.1.contains(call) {
                    self.offer(now, to.as_str(), call);
                }
            }
            Event::CallbackRequested { call, .. } => {
                self.1.insert(call.clone());
                let offered = self.0.get_mut(queue.unwrap()).unwrap();
                let place = offered.iter().rposition(|(id, ..)| id == call);
                offered.remove(place.unwrap());
            }
            Event::CallEnded { call, .. } => drop(self.1.remove(call)),
            Event::CallConnected {
                call,
                in_target: true,
                callback: false,
                ..
            } => {
                let offered = self.0.get_mut(queue.unwrap()).unwrap();
                let mut latest_first = offered.iter_mut().rev();
                latest_first.find(|(id, ..)| id == call).unwrap().2 = true;
            }
            Event::PoolApplied { spec } => {
                let stays = |id: &str| spec.queues.iter().any(|queue| queue.id.as_str() == id);
                self.0.retain(|id, _| stays(id));
            }
            _ => {}
        }
    }

    fn offer(&mut self, now: u64, queue: &str, call: &CallId) {
        let offered = self.0.entry(queue.to_owned()).or_default();
        offered.push((call.clone(), now / MINUTE_MS, false));
    }

    /// How far a queue is above its goal, in thousandths, if the pool serves the lowest first.
    pub(crate) fn balance(&self, spec: &PoolSpec, queue: &str, now: u64) -> i64 {
        if spec.order == CallOrder::Urgency {
            return 0;
        }
        let recent = |(_, minute, _): &&(CallId, u64, bool)| minute + 30 > now / MINUTE_MS;
        let offered = self.0.get(queue).into_iter().flatten().filter(recent);
        let (all, good) = offered.fold((0, 0), |(all, good), (.., in_target)| {
            (all + 1, good + i64::from(*in_target))
        });
        let mut queues = spec.queues.iter();
        let goal = queues.find(|one| one.id.as_str() == queue).unwrap();
        (good * 1000).checked_div(all).unwrap_or(0) - i64::from(goal.goal_permille)
    }
}
