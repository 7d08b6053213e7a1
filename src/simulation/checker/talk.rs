//! Conversations: how they begin, and whether long ones go on.

use super::{
    Checker,
    config::Queue,
    line::{Line, Seen},
    rules::Rule,
    state::Phase,
    waits::Served,
};

/// A platform that is asked about a conversation has so long.
const TALK_ANSWER_MS: u64 = 60_000;

impl Checker {
    pub(super) fn see_connected(&mut self, line: &Line, id: &str) -> Seen {
        let (now, offer) = (self.now, self.offer_of(line, id)?);
        let agent = line.text("agent_id")?.to_owned();
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        faults.hold(offer.accepted || offer.rings, Rule::Phase, || {
            format!("`{agent}` talks to `{id}` without having accepted")
        });
        let told = (line.count("wait_ms")?, line.count("in_queue_ms")?);
        let seen = (now - call.wait_from, now - call.in_queue_from);
        faults.hold(told == seen, Rule::Wait, || {
            format!("`{id}` waited {told:?} ms, and {seen:?} are seen")
        });
        let target_ms = self
            .config
            .as_ref()
            .and_then(|config| config.queue(&call.queue));
        let target_ms = target_ms.map_or(seen.1, |queue: &Queue| queue.target_ms);
        let in_target = line.flag("in_target")?;
        let known = self.config.is_some();
        faults.hold(
            !known || in_target == (seen.1 <= target_ms),
            Rule::Target,
            || {
                format!(
                    "`{id}` waited {} ms of {target_ms}, in target: {in_target}",
                    seen.1
                )
            },
        );
        let is_callback = call.callback.is_some();
        let told = line.flag("callback")?;
        faults.hold(told == is_callback, Rule::Callback, || {
            format!("`{id}` is called back: {told}, and {is_callback} is seen")
        });
        let error = call
            .estimate_ms
            .map(|ms| ms.cast_signed() - (now - call.accepted_at).cast_signed());
        let told = line.signed_if("estimate_error_ms");
        faults.hold(told == error, Rule::Estimate, || {
            format!("`{id}` was estimated wrong by {told:?} ms, and {error:?} is seen")
        });
        if !is_callback {
            let served = Served {
                at: now,
                delay_ms: now - call.came_at,
                ahead: call.ahead,
            };
            self.served.insert(call.queue.clone(), served);
            if in_target {
                self.levels.answer(&call.queue, id);
            }
        }
        call.kept = None;
        call.phase = Phase::Connected {
            agent: agent.clone(),
            since: now,
            confirmed_at: now,
            asked_until: None,
        };
        self.begin_talk(&agent, id);
        Ok(())
    }

    pub(super) fn see_talk(&mut self, line: &Line, id: &str) -> Seen {
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        let queue = self
            .config
            .as_ref()
            .and_then(|config| config.queue(&call.queue));
        let limit = queue.map(|queue| queue.longest_call_ms);
        let Phase::Connected {
            agent,
            confirmed_at,
            asked_until,
            ..
        } = &mut call.phase
        else {
            let seen = format!("{} of `{id}`, which is in no conversation", line.event);
            self.faults.add(Rule::Phase, seen);
            return Ok(());
        };
        let told = line.text("agent_id")?;
        self.faults.hold(told == agent, Rule::Phase, || {
            format!("`{told}` does not talk to `{id}`")
        });
        if line.event == "talk_noted" {
            (*confirmed_at, *asked_until) = (now, None);
            return Ok(());
        }
        let until = line.time("until")?;
        let again = asked_until.is_some();
        let due = limit.is_none_or(|limit| limit > 0 && now - *confirmed_at >= limit);
        self.faults.hold(
            (due || again) && until == now + TALK_ANSWER_MS,
            Rule::Talk,
            || format!("`{id}` is asked about until {until} ms, at {now} ms"),
        );
        *asked_until = Some(until);
        Ok(())
    }
}
