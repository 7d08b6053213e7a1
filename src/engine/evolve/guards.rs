//! Events of the schedule, of work records, of checks, and of what they say of an agent.

use std::sync::Arc;

use super::super::{event::Event, law::Worked, state::State};

impl State {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    pub(super) fn evolve_guard(&mut self, event: &Event) {
        match event {
            Event::GuardChanged { agent, guard, .. } => {
                self.put_guard(self.named(agent), guard.clone());
            }
            Event::ReadinessReported {
                agent, readiness, ..
            } => self.put_readiness(self.named(agent), Arc::clone(readiness)),
            Event::WorkBegan {
                agent,
                since,
                limits,
                ..
            } => {
                let ix = self.named(agent);
                let worked = self.guards.worked(ix).cloned().unwrap_or_default();
                let worked = Worked {
                    since: Some(*since),
                    limits: limits.to_vec(),
                    ..worked
                };
                self.put_worked(ix, worked);
            }
            Event::WorkEnded { agent, worked, .. } => {
                self.put_worked(self.named(agent), Worked::clone(worked));
            }
            Event::DraftOpened { version, draft } => self.with_schedule(|schedule| {
                schedule.last = *version;
                schedule.drafts.insert(*version, draft.clone());
            }),
            Event::ShiftsStaged {
                version,
                plans,
                until,
            } => {
                self.stage_shifts(*version, plans);
                self.with_schedule(|schedule| {
                    if let Some(draft) = schedule.drafts.get_mut(version) {
                        draft.until = *until;
                        draft.agents += u32::try_from(plans.len()).unwrap_or(u32::MAX);
                    }
                });
            }
            Event::SchedulePublished { version, .. } => {
                self.with_schedule(|schedule| schedule.publish(version.clone()));
            }
            Event::ScheduleRestored { version, .. } => {
                self.with_schedule(|schedule| schedule.current = *version);
            }
            Event::DraftDropped {
                version,
                agents,
                until,
            } => {
                self.unstage_shifts(*version, agents);
                self.with_schedule(|schedule| match until {
                    Some(until) => {
                        if let Some(draft) = schedule.drafts.get_mut(version) {
                            draft.until = *until;
                        }
                    }
                    None => drop(schedule.drafts.remove(version)),
                });
            }
            other => unreachable!("{other:?} is no event of the schedule"),
        }
    }
}
