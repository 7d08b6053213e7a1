//! What happens to a call while it waits: whom it is kept for, when it is called back, and whom it may go to.

use super::{
    Checker,
    line::{Line, Seen},
    rules::Rule,
    state::{Called, Kept, Phase},
};

/// Refusals are forgotten after so much unbroken waiting.
pub(super) const REFUSALS_FORGOTTEN_MS: u64 = 30_000;

impl Checker {
    pub(super) fn see_preference(&mut self, line: &Line, id: &str) -> Seen {
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        if line.event == "preference_ended" {
            let held_ms = line.count("held_ms")?;
            let seen = now - call.came_at;
            let kept = call.kept.take();
            faults.hold(kept.is_some() && held_ms == seen, Rule::Preferred, || {
                format!("`{id}` was kept for {held_ms} ms, and {seen} are seen")
            });
            call.kept_ms = held_ms;
            return Ok(());
        }
        let (agent, until) = (line.text("agent_id")?.to_owned(), line.time("until")?);
        let queue = self
            .config
            .as_ref()
            .and_then(|config| config.queue(&call.queue));
        let hold_ms = queue.map_or_else(
            || until.saturating_sub(now),
            |queue| queue.preferred_hold_ms,
        );
        let due = hold_ms > 0 && until == now + hold_ms;
        faults.hold(due, Rule::Preferred, || {
            format!("`{id}` is kept until {until} ms, at {now} ms")
        });
        faults.hold(call.is_waiting(), Rule::Phase, || {
            format!("`{id}` is kept while {:?}", call.phase)
        });
        call.kept_ms = hold_ms;
        call.kept = Some(Kept { agent, until });
        Ok(())
    }

    pub(super) fn see_callback(&mut self, line: &Line, id: &str) -> Seen {
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        faults.hold(call.is_waiting(), Rule::Phase, || {
            format!("{} of `{id}` while {:?}", line.event, call.phase)
        });
        match (line.event.as_str(), &mut call.callback) {
            ("callback_requested", None) => {
                let queue = self
                    .config
                    .as_ref()
                    .and_then(|config| config.queue(&call.queue));
                let how = queue.and_then(|queue| queue.callback);
                let (due, until) = (line.time_if("due")?, line.time("until")?);
                let attempts_left = line.count("attempts_left")?;
                let fits = how.is_some_and(|how| {
                    attempts_left == how.attempts
                        && until == due.unwrap_or(now) + how.until_after_ms
                });
                faults.hold(fits || queue.is_none(), Rule::Callback, || {
                    format!("`{id}` has {attempts_left} attempts until {until} ms")
                });
                call.callback = Some(Called {
                    how: how.unwrap_or_default(),
                    due,
                    attempts_left,
                    until,
                });
                call.phase = Phase::Waiting { since: now };
                self.levels.take_out(&call.queue, id);
            }
            ("callback_due", Some(callback)) => {
                let due = callback.due.take();
                faults.hold(due.is_some_and(|due| due <= now), Rule::Callback, || {
                    format!("`{id}` is due at {now} ms instead of {due:?}")
                });
            }
            ("callback_deferred", Some(callback)) => {
                let due = line.time("due")?;
                let is_shut = self.opened.get(&call.queue) != Some(&true)
                    && !self.peaks.contains_key(&call.queue);
                let fits = is_shut && now < due && due <= callback.until;
                faults.hold(fits, Rule::Windows, || {
                    format!("`{id}` waits for its queue's opening at {due} ms")
                });
                callback.due = Some(due);
            }
            ("callback_postponed", Some(callback)) => {
                let (due, left) = (line.time("due")?, line.count("attempts_left")?);
                let fits = left > 0
                    && left + 1 == callback.attempts_left
                    && (self.config.is_none() || due == now + callback.how.retry_after_ms);
                faults.hold(fits, Rule::Callback, || {
                    format!("`{id}` is tried again at {due} ms, {left} times")
                });
                (callback.due, callback.attempts_left) = (Some(due), left);
                call.phase = Phase::Waiting { since: now };
            }
            _ => faults.add(Rule::Callback, format!("{} of `{id}`", line.event)),
        }
        Ok(())
    }

    pub(super) fn see_ring(&mut self, line: &Line, id: &str) -> Seen {
        let now = self.now;
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        let Phase::Waiting { since } = call.phase else {
            faults.add(
                Rule::Phase,
                format!("{} of `{id}` while {:?}", line.event, call.phase),
            );
            return Ok(());
        };
        if line.event == "refusals_forgotten" {
            let due = now - since >= REFUSALS_FORGOTTEN_MS && !call.refused.is_empty();
            faults.hold(due, Rule::Forgotten, || {
                format!("`{id}` has waited {} ms since", now - since)
            });
        } else {
            let ring = usize::try_from(line.count("ring")?).unwrap_or(usize::MAX);
            let queue = self
                .config
                .as_ref()
                .and_then(|config| config.queue(&call.queue));
            let after = queue.map(|queue| queue.rings.get(ring).map(|ring| ring.after_ms));
            let waited = (now - call.came_at).checked_sub(call.kept_ms);
            let due = after.is_none_or(|after| after.is_some_and(|after| waited >= Some(after)));
            faults.hold(due && ring > call.ring, Rule::Rings, || {
                format!(
                    "`{id}` enters ring {ring} after {waited:?} ms in ring {}",
                    call.ring
                )
            });
            call.ring = ring;
        }
        call.refused.clear();
        Ok(())
    }
}
