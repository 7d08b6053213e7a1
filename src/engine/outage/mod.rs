//! Outages: many agents of one failure domain lose their lines at once.
//!
//! Kept by counts of each domain (`counts`), so that a line that changes costs a few look-ups and nobody is scanned.

mod counts;

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

pub(crate) use self::counts::Mark;
use self::counts::{Count, Loss};
use super::{
    agent::Line,
    ids::PoolTime,
    profile::{Site, SiteKind},
    state::{AgentIx, EntityKey, State, Timer},
};

/// Losses belong together within this time.
pub(crate) const OUTAGE_WINDOW_MS: u64 = 60_000;
/// So few lines may be lost without an outage.
pub(crate) const OUTAGE_LOSSES_MIN: usize = 5;

/// What may fail as a whole; the smaller kind first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// A site that is no home.
    Site(Arc<str>),
    /// All sites with this region label.
    Region(Arc<str>),
    /// All sites with this provider label.
    Provider(Arc<str>),
    /// Everybody.
    Service,
}

impl Domain {
    /// Every kind's label, for tables of metrics.
    pub const KINDS: [&'static str; 4] = ["site", "region", "provider", "service"];

    /// The kind as a label.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Site(_) => "site",
            Self::Region(_) => "region",
            Self::Provider(_) => "provider",
            Self::Service => "service",
        }
    }

    /// The label that names it; empty for the service.
    pub fn label(&self) -> &str {
        match self {
            Self::Site(label) | Self::Region(label) | Self::Provider(label) => label,
            Self::Service => "",
        }
    }

    /// The domains of a site: a home is none, and neither is an empty label.
    fn of(site: &Site) -> impl Iterator<Item = Self> {
        let named = |label: &Arc<str>| (!label.is_empty()).then(|| Arc::clone(label));
        let own = (site.kind != SiteKind::Home).then(|| Self::Site(Arc::clone(&site.id)));
        let region = named(&site.region).map(Self::Region);
        let provider = named(&site.provider).map(Self::Provider);
        [own, region, provider, Some(Self::Service)]
            .into_iter()
            .flatten()
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service => f.write_str("service"),
            Self::Site(_) | Self::Region(_) | Self::Provider(_) => {
                write!(f, "{} {}", self.kind(), self.label())
            }
        }
    }
}

/// An outage that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// What failed.
    pub domain: Domain,
    /// When the first line fell silent.
    pub since: PoolTime,
    /// When it was noticed.
    pub started_at: PoolTime,
    /// How many had lost their line when it was noticed.
    pub lost: u32,
    /// How many were signed in at the first loss.
    pub signed_in: u32,
    /// When it is over, unless more lines are lost: set while under 10 % of those signed in are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<PoolTime>,
}

/// What is known of lines by domain, and the outages that are not over.
#[derive(Debug, Default)]
pub(crate) struct Outages {
    pub(crate) open: BTreeMap<Domain, Outage>,
    counts: BTreeMap<Domain, Count>,
    /// Whose line was lost since the last look.
    fresh: Vec<AgentIx>,
    /// No loss counts up to then: everybody was silent after a restart.
    quiet_until: PoolTime,
}

impl Outages {
    /// An agent is deleted: the loss of that line is looked at no more.
    pub(super) fn forget(&mut self, ix: AgentIx) {
        self.fresh.retain(|fresh| *fresh != ix);
    }
}

impl State {
    /// Whose line was lost since this was last asked.
    pub(super) fn take_fresh_losses(&mut self) -> Vec<AgentIx> {
        std::mem::take(&mut self.outages.fresh)
    }

    /// Whether an outage that is not over concerns an agent.
    pub(crate) fn is_in_outage(&self, ix: AgentIx) -> bool {
        let mut domains = Domain::of(&self.agents[ix].profile.site);
        !self.outages.open.is_empty() && domains.any(|d| self.outages.open.contains_key(&d))
    }

    /// The outage that a loss of this agent's line makes, if it makes one.
    ///
    /// The smallest domain in which enough lines are lost; a larger one if enough lines beside the smaller are lost or
    /// silent too. Those that are silent count here, because lines that fail together are lost one after the other.
    pub(super) fn outage_of(&self, ix: AgentIx) -> Option<Outage> {
        if self.is_in_outage(ix) {
            return None;
        }
        let domains = Domain::of(&self.agents[ix].profile.site);
        let mut counts: Vec<(u32, Domain, &Count)> = domains
            .filter_map(|domain| {
                let count = self.outages.counts.get(&domain)?;
                Some((count.signed_in_at_first()?, domain, count))
            })
            .collect();
        counts.sort_by(|(a, a_domain, _), (b, b_domain, _)| (a, a_domain).cmp(&(b, b_domain)));
        let first = counts
            .iter()
            .position(|(signed_in, _, count)| is_outage(count.losses(), *signed_in))?;
        let mut chosen = &counts[first];
        for larger in &counts[first + 1..] {
            let more = larger.2.dark().saturating_sub(chosen.2.dark());
            if is_outage(more, larger.0.saturating_sub(chosen.0)) {
                chosen = larger;
            }
        }
        let (signed_in, domain, count) = chosen;
        Some(Outage {
            domain: domain.clone(),
            since: count.first_since()?,
            started_at: self.now,
            lost: u32::try_from(count.losses()).unwrap_or(u32::MAX),
            signed_in: *signed_in,
            ends_at: None,
        })
    }

    /// How many lines of those signed in are lost in a domain now.
    pub(super) fn lost_in(&self, domain: &Domain) -> u32 {
        self.outages
            .counts
            .get(domain)
            .map_or(0, |count| count.lost)
    }

    /// The agents of a domain; looks at everybody, once an outage.
    pub(super) fn agents_in(&self, domain: &Domain) -> Vec<AgentIx> {
        let is_in = |site: &Site| Domain::of(site).any(|of| of == *domain);
        let agents = self.agents.iter();
        agents
            .filter(|(_, agent)| is_in(&agent.profile.site))
            .map(|(ix, _)| ix)
            .collect()
    }

    /// Notes an outage, or how it goes on. Its losses make no other.
    pub(super) fn put_outage(&mut self, outage: Outage) {
        let (domain, due) = (outage.domain.clone(), outage.ends_at);
        for ix in self.outages.losses_in(&domain) {
            self.forget_loss(ix);
        }
        let before = self.outages.open.insert(domain.clone(), outage);
        let before = before.and_then(|outage| outage.ends_at);
        self.touched.insert(EntityKey::Outage(domain.clone()));
        self.retime(before, due, Timer::Outage(domain));
    }

    /// Notes when an outage ends, or that it does not yet.
    pub(super) fn ease_outage(&mut self, domain: &Domain, ends_at: Option<PoolTime>) {
        let mut outage = self.outages.open[domain].clone();
        outage.ends_at = ends_at;
        self.put_outage(outage);
    }

    /// Forgets an outage that is over.
    pub(super) fn remove_outage(&mut self, domain: &Domain) {
        let gone = self.outages.open.remove(domain);
        let gone = gone.expect("an outage that ends was open");
        self.retime(gone.ends_at, None, Timer::Outage(domain.clone()));
        self.touched.insert(EntityKey::Outage(domain.clone()));
    }

    /// Notes that a line changed: a loss of somebody signed in may make an outage.
    pub(super) fn note_line(&mut self, ix: AgentIx, line: Line) {
        match line {
            Line::Silent { since, lost_at } if lost_at.since(since) >= counts::GRACE_MS => {
                self.outages.quiet_until = self.outages.quiet_until.max(lost_at);
            }
            Line::Lost { since } => self.note_loss(ix, since),
            Line::Up | Line::Silent { .. } => {}
        }
    }

    fn note_loss(&mut self, ix: AgentIx, since: PoolTime) {
        let quiet = self.now <= self.outages.quiet_until;
        if quiet || !self.agents[ix].mark.signed_in || self.is_in_outage(ix) {
            return;
        }
        self.forget_loss(ix);
        self.remember_loss(Loss { since, ix });
        self.outages.fresh.push(ix);
    }
}

/// Whether so many lines are an outage of so many agents: at least 5, and 30 %.
fn is_outage(lost: usize, signed_in: u32) -> bool {
    lost >= OUTAGE_LOSSES_MIN && lost as u64 * 10 >= u64::from(signed_in) * 3
}
