//! What agents do beside offers: wrap-up, calls of other systems, and how busy they were.

use super::{
    Checker,
    line::{Line, Seen},
    rules::Rule,
    state::{Agent, Work},
};

/// A call of another system that lasts this long is over.
const EXTERNAL_MS: u64 = 4 * 3_600_000;
/// The platform of somebody without a desktop says that the phone is busy: a moment is enough.
const EXTERNAL_BUSY_MS: u64 = 60_000;

impl Checker {
    pub(super) fn see_work(&mut self, line: &Line) -> Seen {
        let Some(id) = self.known(line)? else {
            return Ok(());
        };
        match line.event.as_str() {
            "wrap_up_started" => self.see_wrap_up(line, &id),
            "wrap_up_extended" => self.see_extension(line, &id),
            "wrap_up_ended" => self.see_wrapped(line, &id),
            "external_started" | "external_ended" => self.see_external(line, &id),
            _ => self.see_occupancy(line, &id),
        }
    }

    /// A conversation of an agent is over: wrap-up must follow.
    pub(super) fn end_talk(&mut self, id: &str) {
        // The work stays a conversation until wrap-up begins, which the end of the commit asks for.
        self.touch_agent(id);
    }

    fn see_wrap_up(&mut self, line: &Line, id: &str) -> Seen {
        let now = self.now;
        let (call, queue) = (line.text("call_id")?, line.text("queue")?);
        let until = line.time_if("until")?;
        let spec = self.config.as_ref().and_then(|config| config.queue(queue));
        let limit = spec.map(|queue| queue.wrap_up_limit_ms);
        let Some(agent) = self.agents.get_mut(id) else {
            return Ok(());
        };
        let talked = matches!(&agent.work, Work::Connected(talked) if talked == call);
        self.faults.hold(talked, Rule::WrapUp, || {
            format!("`{id}` wraps up `{call}` while {:?}", agent.work)
        });
        let endless = limit == Some(0) && !agent.by_registration;
        let due = limit.filter(|_| !endless).map(|limit| now + limit);
        self.faults
            .hold(limit.is_none() || until == due, Rule::WrapUp, || {
                format!("`{id}` wraps up `{call}` until {until:?} ms instead of {due:?}")
            });
        agent.work = Work::WrapUp {
            call: call.to_owned(),
            queue: queue.to_owned(),
            since: now,
            until,
            extended: false,
        };
        Ok(())
    }

    fn see_extension(&mut self, line: &Line, id: &str) -> Seen {
        let told = line.time("until")?;
        let Some(Agent {
            work:
                Work::WrapUp {
                    queue,
                    until,
                    extended,
                    ..
                },
            ..
        }) = self.agents.get_mut(id)
        else {
            self.faults
                .add(Rule::WrapUp, format!("`{id}` extends no wrap-up"));
            return Ok(());
        };
        let spec = self.config.as_ref().and_then(|config| config.queue(queue));
        let by = spec.map(|queue| queue.wrap_up_extension_ms);
        // The queue may have been changed since wrap-up began.
        let fits = !*extended && until.is_some_and(|until| told > until) && by != Some(0);
        self.faults.hold(fits, Rule::WrapUp, || {
            format!("`{id}` extends wrap-up from {until:?} to {told} ms")
        });
        (*until, *extended) = (Some(told), true);
        Ok(())
    }

    fn see_wrapped(&mut self, line: &Line, id: &str) -> Seen {
        let (now, is_kept) = (self.now, self.is_occupancy_kept());
        let by_limit = line.flag("by_limit")?;
        let Some(agent) = self.agents.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        if let Work::WrapUp { since, until, .. } = &agent.work {
            let lasted_ms = line.count_if("lasted_ms");
            let seen = now - since;
            let due = until.is_some_and(|until| until <= now);
            // Whoever is signed out wraps up no longer.
            let out = agent.intent == super::state::Intent::Offline;
            let fits = lasted_ms == Some(seen) && (!by_limit || due || out);
            faults.hold(fits, Rule::WrapUp, || {
                format!("`{id}` wrapped up for {lasted_ms:?} ms, by limit: {by_limit}")
            });
        } else {
            let seen = format!("`{id}` ends wrap-up while {:?}", agent.work);
            faults.add(Rule::WrapUp, seen);
        }
        (agent.work, agent.idle_since) = (Work::Idle, now);
        agent.busy.fix(is_kept, now);
        Ok(())
    }

    fn see_external(&mut self, line: &Line, id: &str) -> Seen {
        let (now, is_kept) = (self.now, self.is_occupancy_kept());
        let Some(agent) = self.agents.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        if line.event == "external_started" {
            let until = line.time("until")?;
            let fits = agent.work == Work::Idle
                && (until == now + EXTERNAL_MS || until == now + EXTERNAL_BUSY_MS);
            faults.hold(fits, Rule::External, || {
                format!(
                    "`{id}` is elsewhere until {until} ms while {:?}",
                    agent.work
                )
            });
            agent.work = Work::External { until };
            agent.busy.begin(is_kept, now);
            return Ok(());
        }
        let fits = matches!(agent.work, Work::External { .. });
        faults.hold(fits, Rule::External, || {
            format!("`{id}` comes back while {:?}", agent.work)
        });
        (agent.work, agent.idle_since) = (Work::Idle, now);
        agent.busy.fix(is_kept, now);
        Ok(())
    }

    fn see_occupancy(&mut self, line: &Line, id: &str) -> Seen {
        let told = line.count("busy_ms")?;
        if let Some(agent) = self.agents.get_mut(id) {
            let seen = agent.busy.fixed;
            self.faults.hold(told == seen, Rule::Occupancy, || {
                format!("`{id}` was busy for {told} ms, and {seen} are seen")
            });
            agent.busy.fixed = told;
        }
        Ok(())
    }
}
