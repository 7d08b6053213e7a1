//! Agents: their records, sessions and lines, what they ask for, and what keeps offers away.

use super::{
    Checker,
    line::{Fault, Line, Seen},
    rules::Rule,
    state::{Agent, Intent, Reach, Work},
};

/// A bad line counts as good again after this.
const BAD_LINE_MS: u64 = 600_000;

impl Checker {
    pub(super) fn see_agent(&mut self, line: &Line) -> Seen {
        if line.event == "agent_applied" {
            return self.see_record(line);
        }
        let Some(id) = self.known(line)? else {
            return Ok(());
        };
        match line.event.as_str() {
            "agent_deleted" => self.see_deleted(&id),
            "session_opened" | "registration_changed" | "line_changed" => self.see_reach(line, &id),
            "intent_changed" => self.see_intent(line, &id),
            "readiness_reported" => self.see_check(line, &id),
            _ => self.see_word(line, &id),
        }
    }

    fn see_record(&mut self, line: &Line) -> Seen {
        let id = line.text("agent_id")?;
        let created = line.flag("created")?;
        let known = self.agents.contains_key(id);
        self.faults
            .hold(created != known || !self.is_whole, Rule::Deleted, || {
                format!("the record of `{id}` is new: {created}")
            });
        if !known && !created {
            // Somebody from before the beginning.
            return Ok(());
        }
        let now = self.now;
        let agent = self
            .agents
            .entry(id.to_owned())
            .or_insert_with(|| Agent::new(now));
        agent.skills = line.skills()?;
        line.text("site")?.clone_into(&mut agent.site);
        line.text("site_kind")?.clone_into(&mut agent.site_kind);
        Ok(())
    }

    fn see_deleted(&mut self, id: &str) -> Seen {
        if let Some(agent) = self.agents.remove(id) {
            let nothing = agent.work == Work::Idle && agent.leg.is_none();
            let fits = nothing && agent.intent == Intent::Offline;
            self.faults.hold(fits, Rule::Deleted, || {
                format!("`{id}` is deleted: {:?}, {:?}", agent.intent, agent.work)
            });
        }
        Ok(())
    }

    fn see_reach(&mut self, line: &Line, id: &str) -> Seen {
        let Some(agent) = self.agents.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        match line.event.as_str() {
            "session_opened" => {
                let session = line.count("session")?;
                faults.hold(session > agent.session, Rule::Session, || {
                    format!("session {session} of `{id}` comes after {}", agent.session)
                });
                (agent.session, agent.reach) = (session, Reach::Up);
                agent.by_registration = false;
            }
            "registration_changed" => {
                let until = line.time_if("until")?;
                let told = line.flag("registered")?;
                let fits = told == until.is_some() && (told || agent.registered_until.is_some());
                faults.hold(fits, Rule::Line, || {
                    format!("`{id}` is registered: {told}, until {until:?} ms")
                });
                agent.registered_until = until;
            }
            _ => {
                let reach = match line.text("line")? {
                    "up" => Reach::Up,
                    "silent" => Reach::Silent,
                    "lost" => Reach::Lost,
                    other => return Err(Fault(Rule::Form, format!("`{other}` is no line"))),
                };
                let by_registration = line.flag("by_registration")?;
                let told = reach != Reach::Lost || agent.reach == Reach::Silent;
                let carried = reach == Reach::Up && agent.registered_until.is_some();
                faults.hold(told && (carried || !by_registration), Rule::Line, || {
                    format!("the line of `{id}` is {reach:?} after {:?}", agent.reach)
                });
                (agent.reach, agent.by_registration) = (reach, by_registration);
            }
        }
        Ok(())
    }

    fn see_intent(&mut self, line: &Line, id: &str) -> Seen {
        let (now, is_kept) = (self.now, self.is_occupancy_kept());
        let (intent, by) = (intent(line)?, line.text("by")?);
        let Some(agent) = self.agents.get_mut(id) else {
            return Ok(());
        };
        let by_rule = match (&intent, by) {
            // An outage excuses who was ready before.
            (Intent::Ready, "policy") => {
                let rona = Intent::NotReady("rona".to_owned());
                agent.intent == rona && self.outages > 0
            }
            (Intent::NotReady(reason), "policy") => match reason.as_str() {
                "rona" => agent.misses > 1,
                "line_lost" => agent.reach == Reach::Lost,
                other => other == "check",
            },
            (Intent::NotReady(reason), _) => {
                !matches!(reason.as_str(), "rona" | "line_lost" | "check")
            }
            (Intent::Ready | Intent::Offline, _) => true,
        };
        let in_time = by == "policy" || agent.work == Work::Idle;
        let changes = agent.intent != intent;
        let faults = &mut self.faults;
        faults.hold(by_rule && in_time && changes, Rule::Intent, || {
            let (before, work) = (&agent.intent, &agent.work);
            format!("`{id}` goes from {before:?} to {intent:?} by `{by}`, while {work:?}")
        });
        agent.next = false;
        if intent == Intent::Ready {
            (agent.misses, agent.failures) = (0, 0);
            agent.absent_until = None;
            agent.idle_since = now;
            agent.busy.fix(is_kept, now);
        }
        agent.intent = intent;
        Ok(())
    }

    fn see_word(&mut self, line: &Line, id: &str) -> Seen {
        let now = self.now;
        let Some(agent) = self.agents.get_mut(id) else {
            return Ok(());
        };
        let faults = &mut self.faults;
        match line.event.as_str() {
            "next_intent_changed" => {
                let next = line.text_if("intent").is_some();
                faults.hold(next || agent.next, Rule::NextIntent, || {
                    format!("`{id}` asks for nothing more, and did not before")
                });
                agent.next = next;
            }
            "guard_changed" => agent.guarded_above_ms = line.guarded_above_ms()?,
            "agent_held" => agent.hold_until = Some(line.time("until")?),
            "agent_released" => {
                let until = agent.hold_until.take();
                let by_word = line.flag("by_supervisor")?;
                let due = until.is_some_and(|until| until <= now || by_word);
                faults.hold(due, Rule::Hold, || {
                    format!("`{id}` is released at {now} ms, held until {until:?}")
                });
            }
            "line_quality_changed" => {
                let until = line.time_if("bad_until")?;
                let was_bad = agent.bad_line_until.is_some();
                let fits = until.map_or(was_bad, |until| until == now + BAD_LINE_MS);
                faults.hold(fits, Rule::Hold, || {
                    format!("the line of `{id}` is bad until {until:?} ms, at {now} ms")
                });
                agent.bad_line_until = until;
            }
            "absence_changed" => {
                let until = line.time_if("until")?;
                let fits = until.is_some() || agent.absent_until.is_some();
                faults.hold(fits, Rule::Hold, || format!("`{id}` was not absent"));
                agent.absent_until = until;
            }
            "misses_forgiven" => {
                let misses = line.count("misses")?;
                // Whoever was made ready by it has what is left.
                let fewer = misses < agent.misses || misses < 2;
                faults.hold(fewer, Rule::Rona, || {
                    format!("{misses} misses of `{id}` are left of {}", agent.misses)
                });
                agent.misses = misses;
            }
            _ => {
                faults.hold(!agent.draining, Rule::Deleted, || {
                    format!("`{id}` is to be deleted twice")
                });
                agent.draining = true;
            }
        }
        Ok(())
    }
}

fn intent(line: &Line) -> Seen<Intent> {
    Ok(match line.text("intent")? {
        "ready" => Intent::Ready,
        "offline" => Intent::Offline,
        _ => Intent::NotReady(line.text("reason")?.to_owned()),
    })
}
