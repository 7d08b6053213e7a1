//! Calls from their acceptance to a conversation.

use std::collections::BTreeSet;

use super::{
    Checker,
    line::{Line, Seen},
    rules::Rule,
    state::{Agent, Call, Phase},
};

/// A call that its platform does not name is lost after this.
const UNNAMED_LOST_MS: u64 = 30_000;

impl Checker {
    pub(super) fn see_call(&mut self, line: &Line) -> Seen {
        match line.event.as_str() {
            "call_queued" => return self.see_queued(line),
            "call_diverted" => return self.see_diverted(line),
            _ => {}
        }
        let Some(id) = self.live(line)? else {
            return Ok(());
        };
        match line.event.as_str() {
            "call_moved" => self.see_moved(line, &id),
            "preference_started" | "preference_ended" => self.see_preference(line, &id),
            "callback_requested" | "callback_due" | "callback_deferred" | "callback_postponed" => {
                self.see_callback(line, &id)
            }
            "ring_entered" | "refusals_forgotten" => self.see_ring(line, &id),
            "call_missed" | "call_found" => self.see_missed(line, &id),
            "call_connected" => self.see_connected(line, &id),
            _ => self.see_talk(line, &id),
        }
    }

    fn see_queued(&mut self, line: &Line) -> Seen {
        let now = self.now;
        let id = line.text("call_id")?.to_owned();
        let queue = line.text("queue")?.to_owned();
        let new = !self.calls.contains_key(&id) && !self.tombstones.contains_key(&id);
        self.faults
            .hold(new, Rule::AcceptedOnce, || format!("`{id}` once more"));
        let halted = self.halted.contains_key(&queue);
        self.faults
            .hold(!halted, Rule::Closed, || format!("`{queue}` takes `{id}`"));
        let is_shut = self.is_served(&queue) == Some(false);
        self.faults.hold(!is_shut, Rule::Windows, || {
            format!("`{queue}` takes `{id}` while its windows are closed, and in no peak")
        });
        let config = self.config.as_ref();
        let priority = line.text_if("priority").unwrap_or_default();
        let head_start = config.and_then(|config| config.priorities.get(priority));
        self.accepted += 1;
        let call = Call {
            number: self.accepted,
            first_queue: queue.clone(),
            queue,
            key: line.key()?,
            head_start_ms: i128::from(head_start.copied().unwrap_or(0)),
            skills: line.skills()?,
            accepted_at: now,
            wait_from: line.time("wait_from")?,
            in_queue_from: line.time("wait_from")?,
            came_at: now,
            kept_ms: 0,
            kept: None,
            ring: 0,
            refused: BTreeSet::new(),
            excluded: None,
            phase: Phase::Waiting { since: now },
            leg: None,
            lost_at: None,
            callback: None,
            ahead: line.count("ahead")?,
            estimate_ms: line.count_if("estimate_ms"),
            offers: 0,
            transfers: 0,
            withdrawn_at: None,
            due: None,
        };
        let wait_from = call.wait_from;
        self.faults.hold(wait_from <= now, Rule::Wait, || {
            format!("`{id}` begins to wait at {wait_from} ms, after {now} ms")
        });
        if self.is_whole {
            self.check_taken(&id, &call);
        }
        self.levels.offer(now, &call.queue, &id);
        if let Some(platform) = self.platforms.get_mut(&call.key) {
            platform.calls += 1;
        }
        self.calls.insert(id.clone(), call);
        self.touch_call(&id);
        self.check_estimate(&id, true);
        Ok(())
    }

    /// Somebody could take the call, and there was room for it.
    fn check_taken(&mut self, id: &str, call: &Call) {
        let Some(queue) = self
            .config
            .as_ref()
            .and_then(|config| config.queue(&call.queue))
        else {
            let seen = format!("`{id}` waits in `{}`, which is unknown", call.queue);
            return self.faults.add(Rule::Diverted, seen);
        };
        let ring = queue.last_ring();
        let may = |agent: &&Agent| {
            ring.takes(&agent.skills, &agent.site_kind)
                && super::config::has(&agent.skills, &call.skills)
        };
        let mut able = self.agents.values().filter(may);
        let somebody = if queue.when_unstaffed == "divert" {
            able.any(Agent::stays)
        } else {
            able.next().is_some()
        };
        let full = queue.max_waiting > 0 && self.waiting(&call.queue) >= queue.max_waiting;
        let long = queue.max_estimated_wait_ms;
        let long = long > 0 && call.estimate_ms.is_some_and(|wait_ms| wait_ms > long);
        self.faults.hold(somebody, Rule::Diverted, || {
            format!("`{id}` is taken, and nobody could take it")
        });
        self.faults.hold(!full && !long, Rule::Diverted, || {
            format!("`{id}` is taken, and its queue is full")
        });
    }

    /// Calls that wait in a queue with the caller on the line.
    fn waiting(&self, queue: &str) -> u64 {
        let calls = self.calls.values();
        let waiting = calls.filter(|call| call.queue == queue && call.is_queued());
        waiting.count() as u64
    }

    fn see_diverted(&mut self, line: &Line) -> Seen {
        let (id, queue) = (line.text("call_id")?, line.text("queue")?);
        let reason = line.text("reason")?;
        let new = !self.calls.contains_key(id) && !self.tombstones.contains_key(id);
        self.faults
            .hold(new, Rule::AcceptedOnce, || format!("`{id}` once more"));
        let halted = self.halted.contains_key(queue);
        if self.is_whole {
            self.faults
                .hold(halted == (reason == "closed"), Rule::Diverted, || {
                    format!("`{id}` is diverted as `{reason}`")
                });
        }
        self.check_on_site(line, id, queue)?;
        let config = self.config.as_ref().and_then(|config| config.queue(queue));
        let staffed =
            reason == "unstaffed" && config.is_some_and(|queue| queue.when_unstaffed != "divert");
        self.faults.hold(!staffed, Rule::Diverted, || {
            format!("`{id}` is diverted as `{reason}`, which its queue does not do")
        });
        Ok(())
    }

    /// A call stays on site where its queue's windows, share or shadow keep it there, and nowhere else.
    fn check_on_site(&mut self, line: &Line, id: &str, queue: &str) -> Seen {
        let cause = line.text_if("on_site");
        let is_on_site = line.text("reason")? == "on_site";
        let config = self.config.as_ref().and_then(|config| config.queue(queue));
        let is_open = self.is_served(queue);
        let fits = match (cause, config) {
            (None, _) => !is_on_site && is_open != Some(false),
            (Some("outside_windows"), _) => is_open != Some(true),
            (Some(_), _) if is_open == Some(false) => false,
            (Some("share"), Some(queue)) => queue.share_percent < 100,
            (Some("shadow"), Some(queue)) => queue.shadow,
            (Some(_), Some(_)) => false,
            (Some(_), None) => true,
        };
        let is_halted = self.halted.contains_key(queue);
        let fits = (fits && is_on_site == cause.is_some()) || (is_halted && cause.is_none());
        self.faults.hold(fits || !self.is_whole, Rule::Windows, || {
            format!("`{id}` is diverted by {cause:?} from `{queue}`, which is open: {is_open:?}")
        });
        Ok(())
    }

    fn see_moved(&mut self, line: &Line, id: &str) -> Seen {
        let (now, cause) = (self.now, line.text("cause")?);
        let to = line.text("queue")?;
        self.check_way(line, id, to)?;
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        let until = call.waited_until(now);
        let waited = until - call.wait_from;
        let told = (line.count("wait_ms")?, line.count("in_queue_ms")?);
        let seen = (waited, until - call.in_queue_from);
        faults.hold(told == seen, Rule::Wait, || {
            format!("`{id}` waited {told:?} ms, and {seen:?} are seen")
        });
        if let Phase::Connected { agent, .. } = &call.phase {
            call.excluded = Some(agent.clone());
            call.callback = None;
            call.transfers += 1;
            call.phase = Phase::Waiting { since: now };
            let told = line.text_if("agent_id").unwrap_or_default();
            faults.hold(call.excluded.as_deref() == Some(told), Rule::Phase, || {
                format!("`{told}` passes `{id}` on, who does not talk to it")
            });
        }
        call.wait_from = now - waited;
        (call.in_queue_from, call.came_at, call.kept_ms) = (now, now, 0);
        (call.ring, call.kept, call.estimate_ms) = (0, None, None);
        call.refused.clear();
        to.clone_into(&mut call.queue);
        call.ahead = line.count("ahead")?;
        if call.callback.is_none() {
            self.levels.offer(now, to, id);
        }
        let agent = line.text_if("agent_id").filter(|_| cause == "transfer");
        if let Some(agent) = agent {
            self.end_talk(agent);
        }
        self.touch_call(id);
        self.check_estimate(id, false);
        Ok(())
    }

    /// A call may go where it goes, from where it is.
    fn check_way(&mut self, line: &Line, id: &str, to: &str) -> Seen {
        let Some(call) = self.calls.get(id) else {
            return Ok(());
        };
        let cause = line.text("cause")?;
        let talks = matches!(call.phase, Phase::Connected { .. });
        let fits = if cause == "transfer" {
            talks
        } else {
            call.is_waiting()
        };
        let from = line.text("from_queue")?;
        let leaves = self.leaves_on_closing(from);
        let faults = &mut self.faults;
        faults.hold(fits, Rule::Phase, || {
            format!("`{id}` moves by `{cause}` from {:?}", call.phase)
        });
        faults.hold(call.queue == from, Rule::Phase, || {
            format!("`{id}` leaves `{from}`, and is in `{}`", call.queue)
        });
        faults.hold(!self.halted.contains_key(to), Rule::Closed, || {
            format!("`{to}` takes `{id}`")
        });
        let queue = self.config.as_ref().and_then(|config| config.queue(from));
        if cause == "overflow"
            && let Some(queue) = queue
        {
            let waited = self.now - call.came_at;
            let due = queue.overflow.as_ref().is_some_and(|overflow| {
                overflow.to_pool.is_none()
                    && overflow.to_queue == to
                    && (leaves || waited >= overflow.after_ms)
            });
            faults.hold(due && call.is_queued(), Rule::Overflow, || {
                format!("`{id}` goes to `{to}` after {waited} ms")
            });
        }
        Ok(())
    }

    fn see_missed(&mut self, line: &Line, id: &str) -> Seen {
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        if line.event == "call_found" {
            let lost_at = call.lost_at.take();
            faults.hold(lost_at.is_some(), Rule::Platform, || {
                format!("`{id}` is found, and was not missed")
            });
            return Ok(());
        }
        let lost_at = line.time("lost_at")?;
        let named = self.platforms.get(&call.key);
        let before = named.is_none_or(|platform| call.accepted_at < platform.hello_at);
        let again = call.lost_at.is_some();
        let due = lost_at == now + UNNAMED_LOST_MS && (before || again);
        faults.hold(due, Rule::Platform, || {
            format!("`{id}` is lost at {lost_at} ms, at {now} ms")
        });
        call.lost_at = Some(lost_at);
        Ok(())
    }
}
