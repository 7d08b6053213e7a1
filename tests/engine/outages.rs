//! What the witness knows of lines and failure domains: every outage has its losses, and ends when few are left.

use std::collections::BTreeMap;

use homeshore::engine::{
    agent::{Intent, Line},
    event::Event,
    ids::AgentId,
    outage::{Domain, Outage},
    profile::{Site, SiteKind},
};

/// What is seen of an agent's line.
#[derive(Clone, Debug)]
struct SeenLine {
    site: Site,
    signed_in: bool,
    /// Lost now.
    lost: bool,
    /// When the line fell silent that was lost last, while signed in.
    last_loss: Option<u64>,
}

/// Lines and outages as they were seen.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenOutages {
    lines: BTreeMap<AgentId, SeenLine>,
    open: BTreeMap<Domain, Outage>,
    /// Nobody's loss counts up to then.
    quiet_until: u64,
}

fn is_in(site: &Site, domain: &Domain) -> bool {
    match domain {
        Domain::Site(id) => site.kind != SiteKind::Home && site.id == *id,
        Domain::Region(region) => site.region == *region,
        Domain::Provider(provider) => site.provider == *provider,
        Domain::Service => true,
    }
}

impl SeenOutages {
    /// Takes note of an event at `now`.
    pub(super) fn see(&mut self, now: u64, event: &Event) {
        match event {
            Event::AgentApplied { profile, .. } => {
                let new = SeenLine {
                    site: profile.site.clone(),
                    signed_in: false,
                    lost: true,
                    last_loss: None,
                };
                let seen = self.lines.entry(profile.id.clone()).or_insert(new);
                seen.site = profile.site.clone();
            }
            Event::AgentDeleted { agent } => drop(self.lines.remove(agent)),
            Event::SessionOpened { agent, .. } => self.line(agent).lost = false,
            Event::IntentChanged { agent, intent, .. } => {
                self.line(agent).signed_in = *intent != Intent::Offline;
            }
            Event::LineChanged { agent, line, .. } => self.see_line(now, agent, *line),
            Event::OutageStarted { outage } => self.see_start(outage),
            Event::OutageEased { domain, ends_at } => {
                let outage = self.open.get_mut(domain).expect("it is open");
                assert_ne!(outage.ends_at.is_some(), ends_at.is_some());
                outage.ends_at = *ends_at;
            }
            Event::OutageEnded { domain, .. } => {
                let outage = self.open.remove(domain).expect("it was open");
                let over = outage.ends_at.is_some_and(|at| at.0 <= now);
                assert!(over, "2 min with few");
            }
            _ => {}
        }
    }

    /// An outage is about to end exactly while under 10 % of its agents have lost their lines.
    pub(super) fn check_settled(&self) {
        for outage in self.open.values() {
            let few = self.lost_in(&outage.domain) * 10 < u64::from(outage.signed_in);
            assert_eq!(few, outage.ends_at.is_some(), "{outage:?}");
        }
    }

    fn line(&mut self, agent: &AgentId) -> &mut SeenLine {
        self.lines.get_mut(agent).expect("an agent that exists")
    }

    fn see_line(&mut self, now: u64, agent: &AgentId, line: Line) {
        if let Line::Silent { since, lost_at } = line
            && lost_at.0 - since.0 >= 15_000
        {
            self.quiet_until = self.quiet_until.max(lost_at.0);
        }
        let quiet = now <= self.quiet_until;
        let seen = self.line(agent);
        seen.lost = matches!(line, Line::Lost { .. });
        if let Line::Lost { since } = line
            && seen.signed_in
            && !quiet
        {
            seen.last_loss = Some(since.0);
        }
    }

    fn see_start(&mut self, outage: &Outage) {
        let members = || {
            let lines = self.lines.values();
            lines.filter(|line| is_in(&line.site, &outage.domain))
        };
        let losses = members().filter_map(|line| line.last_loss);
        let since = outage.since.0;
        let losses = losses.filter(|loss| (since..=since + 60_000).contains(loss));
        let losses = losses.count() as u64;
        assert!(
            u64::from(outage.lost) <= losses,
            "{outage:?}: {losses} lost"
        );
        assert!(outage.lost >= 5 && u64::from(outage.lost) * 10 >= u64::from(outage.signed_in) * 3);
        assert!(outage.signed_in as usize <= members().count().max(self.lines.len()));
        let before = self.open.insert(outage.domain.clone(), outage.clone());
        assert!(before.is_none(), "one outage of a domain");
    }

    fn lost_in(&self, domain: &Domain) -> u64 {
        let lines = self.lines.values();
        let lost = lines.filter(|line| line.lost && line.signed_in && is_in(&line.site, domain));
        lost.count() as u64
    }
}
