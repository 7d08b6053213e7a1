//! Places in line and estimated waits, slow and obvious: counted over all calls by the order that the witness knows.

use std::collections::BTreeMap;

use homeshore::engine::{event::Event, ids::CallId};

use super::witness::Witness;

/// A call that entered service longer ago says nothing of now.
const RECENTLY_MS: u64 = 30 * 60_000;

/// What is remembered of calls and of the last that each queue served.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waits {
    /// When its queue got a call, how many were ahead, when it was accepted, and what was estimated then.
    calls: BTreeMap<CallId, (u64, u32, u64, Option<u64>)>,
    /// When, after how long in the queue, and with how many ahead at first.
    served: BTreeMap<String, (u64, u64, u32)>,
}

/// Holds an event that the witness has seen against what was said of waits.
pub(crate) fn check_wait(witness: &mut Witness, now: u64, event: &Event) {
    match event {
        Event::CallQueued {
            call,
            ahead,
            estimate_ms,
            ..
        } => {
            let expected = estimate(witness, &call.id, now);
            assert_eq!((*ahead, *estimate_ms), expected, "{} waits", call.id);
            let waits = (now, *ahead, now, *estimate_ms);
            witness.waits.calls.insert(call.id.clone(), waits);
        }
        Event::CallMoved { call, ahead, .. } => {
            assert_eq!(*ahead, estimate(witness, call, now).0, "{call} was moved");
            let known = witness.waits.calls.get_mut(call).expect("it was queued");
            (known.0, known.1, known.3) = (now, *ahead, None);
        }
        Event::CallConnected {
            call,
            estimate_error_ms,
            ..
        } => {
            let (came, ahead, accepted, estimated) = witness.waits.calls[call];
            let error = estimated.map(|ms| ms.cast_signed() - (now - accepted).cast_signed());
            assert_eq!(*estimate_error_ms, error, "{call} waited");
            let queue = queue_of(witness, call);
            witness.waits.served.insert(queue, (now, now - came, ahead));
        }
        Event::CallEnded { call, .. } => drop(witness.waits.calls.remove(call)),
        Event::PoolApplied { spec } => {
            let stays = |id: &str| spec.queues.iter().any(|queue| queue.id.as_str() == id);
            witness.waits.served.retain(|id, _| stays(id));
        }
        _ => {}
    }
}

fn queue_of(witness: &Witness, call: &CallId) -> String {
    let (queue, _) = witness.queue_and_ring(&witness.calls[call]);
    queue.id.to_string()
}

/// How many are ahead of a call that has just come to its queue, and how long it is likely to wait.
fn estimate(witness: &Witness, id: &CallId, now: u64) -> (u32, Option<u64>) {
    let call = &witness.calls[id];
    let queue = queue_of(witness, id);
    let mut others: Vec<(i128, i128, u64)> = witness
        .calls
        .iter()
        .filter(|(other, seen)| *other != id && seen.waits() && queue_of(witness, other) == queue)
        .map(|(other, seen)| {
            let (score, number) = witness.order(seen, now);
            (score, number, witness.waits.calls[other].0)
        })
        .collect();
    others.sort_unstable();
    let own = witness.order(call, now);
    let before = |(score, number, _): &&(i128, i128, u64)| (*score, *number) > own;
    let ahead = others.iter().filter(before).count();
    let ahead = u32::try_from(ahead).expect("few calls");
    let mut agents = witness.agents.values();
    if agents.any(|agent| witness.may_take(agent, call)) {
        return (ahead, Some(0));
    }
    let served = witness.waits.served.get(&queue);
    let wait = served
        .filter(|(at, ..)| now - at <= RECENTLY_MS)
        .map(|(_, delay_ms, then)| {
            let scaled = delay_ms * (u64::from(ahead) + 1) / (u64::from(*then) + 1);
            scaled.max(others.last().map_or(0, |(_, _, came)| now - came))
        });
    (ahead, wait)
}
