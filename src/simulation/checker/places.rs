//! The pool and its queues, platforms, and sites.

use std::collections::BTreeSet;

use super::{
    Checker,
    config::Config,
    line::{Fault, Line, Seen},
    rules::Rule,
    state::{Agent, Leg, Work},
};

/// The leg of a dead offer counts as gone so long after its platform was lost or replaced.
pub(super) const LEG_GONE_MS: u64 = 5_000;
/// A platform that is heard and says nothing of a leg is believed so long.
const LEG_PATIENCE_MS: u64 = 60_000;

/// What is known of a platform's instance.
#[derive(Clone, Debug)]
pub(super) struct Platform {
    pub(super) hello_at: u64,
    pub(super) detached_at: Option<u64>,
    /// Its live calls.
    pub(super) calls: u64,
}

impl Checker {
    pub(super) fn see_place(&mut self, line: &Line) -> Seen {
        match line.event.as_str() {
            "pool_applied" => return self.see_pool(line),
            "pool_restored" => return self.see_restored(line),
            "queue_halted" => {
                let until = line.time_if("until")?;
                let queue = line.text("queue")?.to_owned();
                self.note_queue(&queue, until);
                self.halted.insert(queue.clone(), until);
                self.touch_overflowing(&queue);
            }
            "queue_resumed" => self.see_resumed(line)?,
            "queue_opened" | "queue_shut" => self.see_turn(line)?,
            "platform_attached" | "platform_detached" | "platform_forgotten" => {
                self.see_platform(line)?;
            }
            "site_drained" | "site_undrained" => self.see_site(line)?,
            "outage_started" => self.outages += 1,
            _ => self.outages = self.outages.saturating_sub(1),
        }
        Ok(())
    }

    fn see_pool(&mut self, line: &Line) -> Seen {
        let config = line.value::<Config>("configuration")?.indexed();
        for (id, call) in &mut self.calls {
            let Some(queue) = config.queue(&call.queue) else {
                let seen = format!("`{id}` lives in `{}`, which is gone", call.queue);
                self.faults.add(Rule::Lives, seen);
                continue;
            };
            call.ring = call.ring.min(queue.rings.len().saturating_sub(1));
        }
        self.halted.retain(|id, _| config.queue(id).is_some());
        self.opened.retain(|id, _| {
            let queue = config.queue(id);
            queue.is_some_and(|queue| queue.serve != "always")
        });
        self.peaks.retain(|id, _| config.queue(id).is_some());
        self.served.retain(|id, _| config.queue(id).is_some());
        self.levels.keep(&config);
        self.config = Some(config);
        self.touch_all();
        Ok(())
    }

    /// What was told after the backup did not happen: unless nothing was, the pool is another one from here on.
    fn see_restored(&mut self, line: &Line) -> Seen {
        let undone_after = line.count("undone_after")?;
        let undone = self.told_before > undone_after;
        if undone {
            self.forget();
        }
        Ok(())
    }

    /// A queue with windows opens and closes in turn.
    fn see_turn(&mut self, line: &Line) -> Seen {
        let queue = line.text("queue")?;
        let is_open = line.event == "queue_opened";
        let before = self.opened.insert(queue.to_owned(), is_open);
        self.faults
            .hold(before != Some(is_open), Rule::Windows, || {
                format!("{} of `{queue}` twice", line.event)
            });
        let config = self.config.as_ref().and_then(|config| config.queue(queue));
        let has_windows = config.is_none_or(|queue| queue.serve != "always");
        self.faults.hold(has_windows, Rule::Windows, || {
            format!("{} of `{queue}`, which has no windows", line.event)
        });
        Ok(())
    }

    fn see_resumed(&mut self, line: &Line) -> Seen {
        let (now, queue) = (self.now, line.text("queue")?);
        let by_word = line.flag("by_supervisor")?;
        match self.halted.remove(queue) {
            Some(until) => {
                let due = by_word || until.is_some_and(|until| until <= now);
                self.faults.hold(due, Rule::Closed, || {
                    format!("`{queue}` opens at {now} ms, halted until {until:?}")
                });
            }
            None if self.is_whole => {
                let seen = format!("`{queue}` opens, and was open");
                self.faults.add(Rule::Closed, seen);
            }
            None => {}
        }
        self.touch_overflowing(queue);
        Ok(())
    }

    /// Calls that overflow to a queue wait while it is halted.
    fn touch_overflowing(&mut self, queue: &str) {
        let Some(config) = &self.config else { return };
        let goes = |id: &str| {
            let spec = config.queue(id);
            let overflow = spec.and_then(|spec| spec.overflow.as_ref());
            overflow.is_some_and(|to| to.to_pool.is_none() && to.to_queue == queue)
        };
        let calls = self.calls.iter().filter(|(_, call)| goes(&call.queue));
        for id in calls.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.touch_call(&id);
        }
    }

    fn see_platform(&mut self, line: &Line) -> Seen {
        let (now, key) = (self.now, line.key()?);
        match line.event.as_str() {
            "platform_attached" => {
                let calls = self.calls.values().filter(|call| call.key == key);
                let platform = Platform {
                    hello_at: now,
                    detached_at: None,
                    calls: calls.count() as u64,
                };
                self.platforms.insert(key.clone(), platform);
            }
            "platform_detached" => match self.platforms.get_mut(&key) {
                Some(platform) => platform.detached_at = Some(now),
                None if self.is_whole => {
                    let seen = format!("{key:?} goes, and never came");
                    return Err(Fault(Rule::Platform, seen));
                }
                None => {}
            },
            _ => {
                let known = self.platforms.remove(&key);
                let fits = known
                    .is_none_or(|platform| platform.calls == 0 && platform.detached_at.is_some());
                self.faults.hold(fits, Rule::Platform, || {
                    format!("{key:?} is forgotten with calls")
                });
            }
        }
        self.note_platform(&key);
        self.touch_platform(&key);
        Ok(())
    }

    /// Brings up to date all that wait for a platform.
    fn touch_platform(&mut self, key: &super::line::Key) {
        let calls = self.calls.iter().filter(|(_, call)| call.key == *key);
        for id in calls.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.touch_call(&id);
        }
        let waits = |agent: &Agent| agent.leg.as_ref().is_some_and(|leg| leg.key == *key);
        let agents = self.agents.iter().filter(|(_, agent)| waits(agent));
        for id in agents.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.touch_agent(&id);
        }
    }

    fn see_site(&mut self, line: &Line) -> Seen {
        let site = line.text("site")?;
        if line.event == "site_undrained" {
            let known = self.drained.remove(site);
            self.faults.hold(known || !self.is_whole, Rule::Site, || {
                format!("`{site}` is opened, and was not drained")
            });
        } else {
            self.drained.insert(site.to_owned());
        }
        let at = self.agents.iter().filter(|(_, agent)| agent.site == site);
        let at: BTreeSet<String> = at.map(|(id, _)| id.clone()).collect();
        for id in &at {
            self.touch_agent(id);
        }
        if line.event == "site_drained" {
            self.leaving.extend(at);
        }
        Ok(())
    }

    /// Nobody at a site that was just drained is offered a call any more.
    pub(super) fn settle_sites(&mut self) {
        for id in std::mem::take(&mut self.leaving) {
            let agent = self.agents.get(&id);
            let offered = agent.is_some_and(|agent| matches!(agent.work, Work::Offered(_)));
            self.faults.hold(!offered, Rule::Withdrawn, || {
                format!("`{id}` is still offered a call at a drained site")
            });
        }
    }

    /// When the leg of a dead offer counts as gone.
    pub(super) fn leg_gone_at(&self, leg: &Leg) -> u64 {
        match self.platforms.get(&leg.key) {
            None => leg.since,
            Some(Platform {
                detached_at: Some(at),
                ..
            }) => at + LEG_GONE_MS,
            Some(platform) if leg.since < platform.hello_at => platform.hello_at + LEG_GONE_MS,
            Some(_) => leg.since + LEG_PATIENCE_MS,
        }
    }
}
