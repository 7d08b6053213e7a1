//! How agents come, and what they do.

use homeshore::engine::{
    agent::{Intent, Line},
    event::Event,
};

use super::{BusyTimes, SeenAgent, Witness, persons};

impl Witness {
    pub(super) fn see_agent(&mut self, now: u64, event: &Event) {
        if let Event::AgentApplied { profile, .. } = event {
            let new = SeenAgent {
                profile: (**profile).clone(),
                signed_in: false,
                ready: false,
                up: false,
                idle_since: now,
                busy: false,
                held: None,
                times: BusyTimes::default(),
                hold_until: None,
                guarded_above_ms: None,
                said: persons::Said::default(),
            };
            let seen = self.agents.entry(profile.id.clone()).or_insert(new);
            seen.profile = (**profile).clone();
            return;
        }
        if let Event::AgentDeleted { agent } = event {
            self.agents.remove(agent);
            return;
        }
        let seen = self.agents.get_mut(event.agent().unwrap()).unwrap();
        seen.said.see(now, event);
        match event {
            Event::WrapUpStarted { .. } => seen.busy = true,
            Event::ExternalStarted { at, .. } => {
                seen.busy = true;
                seen.times.begin(self.spec.as_ref(), at.0);
            }
            Event::WrapUpEnded { at, .. } | Event::ExternalEnded { at, .. } => {
                (seen.busy, seen.idle_since) = (false, at.0);
                seen.times.fix(self.spec.as_ref(), at.0);
            }
            Event::GuardChanged { guard, .. } => {
                let blocks = guard.iter().flat_map(|guard| &guard.blocks);
                let most = blocks.map(|block| block.longer_than_ms().unwrap_or(0));
                seen.guarded_above_ms = most.min();
            }
            Event::AgentHeld { hold, .. } => seen.hold_until = Some(hold.until.0),
            Event::AgentReleased { supervisor, .. } => {
                let until = seen
                    .hold_until
                    .take()
                    .expect("only who is held is released");
                assert!(supervisor.is_some() || now >= until, "held to the end");
            }
            Event::SessionOpened { .. } => seen.up = true,
            Event::LineChanged { line, .. } => seen.up = *line == Line::Up,
            Event::IntentChanged { intent, at, .. } => {
                seen.signed_in = *intent != Intent::Offline;
                seen.ready = *intent == Intent::Ready;
                if seen.ready {
                    seen.said.is_there();
                    seen.idle_since = at.0;
                    seen.times.fix(self.spec.as_ref(), at.0);
                }
            }
            Event::OccupancyFixed { busy_ms, at, .. } => {
                assert_eq!(at.0, now, "fixed on becoming idle");
                assert_eq!(seen.times.fixed, u64::from(*busy_ms), "{event:?}");
            }
            _ => {}
        }
    }
}
