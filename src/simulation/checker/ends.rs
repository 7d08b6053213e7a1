//! How calls end, and how long they are remembered.

use super::{
    Checker,
    config::Queue,
    line::{Line, Seen},
    rules::Rule,
    state::{Agent, Call, Intent, Phase},
};

/// A call that is over is remembered this long.
const REMEMBERED_MS: u64 = 15 * 60_000;

impl Checker {
    pub(super) fn see_end(&mut self, line: &Line) -> Seen {
        if line.event == "tombstone_dropped" {
            return self.see_forgotten(line);
        }
        let Some(id) = self.live(line)? else {
            return Ok(());
        };
        let Some(call) = self.calls.remove(&id) else {
            return Ok(());
        };
        self.levels.forget(&id);
        if let Some(platform) = self.platforms.get_mut(&call.key) {
            platform.calls = platform.calls.saturating_sub(1);
        }
        let forget_at = self.now + REMEMBERED_MS;
        self.tombstones.insert(id.clone(), forget_at);
        self.note_tombstone(&id, forget_at);
        if call.lost_at.is_none() {
            self.note_platform(&call.key);
        }
        self.check_numbers(line, &id, &call)?;
        self.check_record(line, &id, &call)?;
        self.check_outcome(line, &id, &call)?;
        if let Phase::Connected { agent, .. } = &call.phase {
            self.end_talk(agent);
            let agent = agent.clone();
            self.touch_agent(&agent);
        }
        Ok(())
    }

    fn see_forgotten(&mut self, line: &Line) -> Seen {
        let id = line.text("call_id")?;
        let known = self.tombstones.remove(id).is_some();
        self.faults
            .hold(known || !self.is_whole, Rule::Tombstone, || {
                format!("`{id}` is forgotten, and was not remembered")
            });
        Ok(())
    }

    fn check_numbers(&mut self, line: &Line, id: &str, call: &Call) -> Seen {
        let until = call.waited_until(self.now);
        let told = (
            line.count("wait_ms")?,
            line.count("in_queue_ms")?,
            line.count("talk_ms")?,
        );
        let in_queue_ms = until - call.in_queue_from;
        let seen = (until - call.wait_from, in_queue_ms, self.now - until);
        self.faults.hold(told == seen, Rule::Wait, || {
            format!("`{id}` waited, and talked, {told:?} ms, and {seen:?} are seen")
        });
        let queue = self
            .config
            .as_ref()
            .and_then(|config| config.queue(&call.queue));
        if let Some(target_ms) = queue.map(|queue| queue.target_ms) {
            let in_target = line.flag("in_target")?;
            let seen = in_queue_ms <= target_ms;
            self.faults.hold(in_target == seen, Rule::Target, || {
                format!("`{id}` waited {in_queue_ms} ms of {target_ms}, in target: {in_target}")
            });
        }
        Ok(())
    }

    fn check_record(&mut self, line: &Line, id: &str, call: &Call) -> Seen {
        let told = (line.count("offers")?, line.count("transfers")?);
        let seen = (call.offers, call.transfers);
        let faults = &mut self.faults;
        faults.hold(told == seen, Rule::Record, || {
            format!("`{id}` had {told:?} offers and transfers, and {seen:?} are seen")
        });
        let (queue, first) = (line.text("queue")?, line.text("first_queue")?);
        let fits = queue == call.queue && (first == call.first_queue || first == queue);
        faults.hold(fits, Rule::Phase, || {
            format!("`{id}` ends in `{queue}`, and is in `{}`", call.queue)
        });
        let told = line.flag("callback")?;
        let seen = call.callback.is_some();
        faults.hold(told == seen, Rule::Callback, || {
            format!("`{id}` was to be called back: {told}, and {seen} is seen")
        });
        let agent = line.text_if("agent_id");
        let talking = match &call.phase {
            Phase::Connected { agent, .. } => Some(agent.as_str()),
            Phase::Waiting { .. } => None,
            Phase::Offered(offer) => {
                let seen = format!("`{id}` ends while it is offered to `{}`", offer.agent);
                faults.add(Rule::Phase, seen);
                None
            }
        };
        faults.hold(agent == talking, Rule::Outcome, || {
            format!("`{id}` ends with {agent:?}, and {talking:?} talks to it")
        });
        Ok(())
    }

    fn check_outcome(&mut self, line: &Line, id: &str, call: &Call) -> Seen {
        let outcome = line.text("outcome")?;
        let talks = matches!(call.phase, Phase::Connected { .. });
        let waits = call.is_queued();
        let fits = match outcome {
            "handled" => talks,
            "abandoned" | "overflowed" | "timed_out" => waits,
            "cancelled" => !talks,
            "unreached" => call.callback.is_some_and(|callback| {
                !talks && (callback.attempts_left == 1 || callback.until <= self.now)
            }),
            "lost" => true,
            _ => false,
        };
        self.faults.hold(fits, Rule::Outcome, || {
            format!("`{id}` ends `{outcome}` while {:?}", call.phase)
        });
        if matches!(outcome, "overflowed" | "timed_out") {
            self.check_left(line, id, call, outcome);
        }
        self.check_checked(id, call, outcome);
        Ok(())
    }

    /// A call leaves by itself only from its queue, and not before its time.
    fn check_left(&mut self, line: &Line, id: &str, call: &Call, outcome: &str) {
        let queue = self
            .config
            .as_ref()
            .and_then(|config| config.queue(&call.queue));
        let waited = self.now - call.came_at;
        let closing = self.leaves_on_closing(&call.queue);
        let due = queue.is_none_or(|queue| Self::leaves(queue, line, outcome, waited, closing));
        let was_offered = call.withdrawn_at == Some(self.now);
        self.faults.hold(due && !was_offered, Rule::Overflow, || {
            format!(
                "`{id}` ends `{outcome}` after {waited} ms in `{}`",
                call.queue
            )
        });
    }

    /// Whether calls that wait in a queue overflow as its windows are closed.
    pub(super) fn leaves_on_closing(&self, queue: &str) -> bool {
        let config = self.config.as_ref().and_then(|config| config.queue(queue));
        let overflows = config.is_some_and(|queue| queue.when_closing == "overflow");
        overflows && self.is_served(queue) == Some(false)
    }

    fn leaves(queue: &Queue, line: &Line, outcome: &str, waited: u64, closing: bool) -> bool {
        if outcome == "timed_out" {
            return queue.time_out_ms > 0 && waited >= queue.time_out_ms;
        }
        queue.overflow.as_ref().is_some_and(|overflow| {
            (closing || waited >= overflow.after_ms)
                && overflow.to_pool.as_deref() == line.text_if("overflow_pool")
                && Some(overflow.to_queue.as_str()) == line.text_if("overflow_queue")
        })
    }

    /// A conversation that nobody confirmed leaves nobody ready who did not ask for it.
    fn check_checked(&mut self, id: &str, call: &Call, outcome: &str) {
        let Phase::Connected {
            agent, asked_until, ..
        } = &call.phase
        else {
            return;
        };
        let given_up = asked_until.is_some_and(|until| until <= self.now);
        if !given_up || call.lost_at.is_some() || outcome != "lost" {
            return;
        }
        let ready = |agent: &Agent| agent.intent == Intent::Ready;
        let checked = !self.agents.get(agent).is_some_and(ready);
        self.faults.hold(checked, Rule::Talk, || {
            format!("`{agent}` stays ready after `{id}`")
        });
    }
}
