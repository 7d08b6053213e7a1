//! Who works at which site, and the sites that get no new offers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{
    ids::PoolTime,
    state::{AgentIx, EntityKey, State},
    thin::ThinList,
};

/// A site that gets no new offers, until a supervisor says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrainedSite {
    /// The site.
    pub id: Arc<str>,
    /// Why, in the supervisor's words.
    pub reason: Arc<str>,
    /// Who said so.
    pub supervisor: Arc<str>,
    /// Since when.
    pub since: PoolTime,
}

/// The sites that an agent's record names, and those that are drained.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    members: FxHashMap<Arc<str>, Members>,
    drained: BTreeMap<Arc<str>, DrainedSite>,
}

/// The agents of a site, sorted by place. Most sites are homes of one agent, who needs no list.
#[derive(Debug)]
enum Members {
    One(AgentIx),
    Many(ThinList<AgentIx>),
}

impl Default for Members {
    fn default() -> Self {
        Self::Many(ThinList::default())
    }
}

impl Members {
    fn all(&self) -> &[AgentIx] {
        match self {
            Self::One(ix) => std::slice::from_ref(ix),
            Self::Many(all) => all,
        }
    }

    fn join(&mut self, ix: AgentIx) {
        if self.all().is_empty() {
            *self = Self::One(ix);
        } else if let Err(place) = self.all().binary_search(&ix) {
            let mut all = match std::mem::take(self) {
                Self::One(one) => [one].into_iter().collect(),
                Self::Many(all) => all,
            };
            all.insert(place, ix);
            *self = Self::Many(all);
        }
    }

    fn leave(&mut self, ix: AgentIx) {
        if self.all().binary_search(&ix).is_ok() {
            match self {
                Self::One(_) => *self = Self::default(),
                Self::Many(all) => all.retain(|member| *member != ix),
            }
        }
    }
}

impl Sites {
    /// Whether an agent's record names the site, or it is drained.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.members.contains_key(id) || self.drained.contains_key(id)
    }

    /// How and since when a site is drained, if it is.
    pub(crate) fn drained(&self, id: &str) -> Option<&DrainedSite> {
        self.drained.get(id)
    }

    /// Every drained site.
    pub(crate) fn all_drained(&self) -> impl Iterator<Item = &DrainedSite> {
        self.drained.values()
    }

    /// The agents of a site, in order of place.
    pub(crate) fn agents(&self, id: &str) -> Vec<AgentIx> {
        let members = self.members.get(id).map(Members::all);
        members.unwrap_or_default().to_vec()
    }

    /// Notes that an agent works at a site, and answers whether it is drained.
    pub(super) fn join(&mut self, id: &Arc<str>, ix: AgentIx) -> bool {
        self.members.entry(Arc::clone(id)).or_default().join(ix);
        self.drained.contains_key(id)
    }

    /// Notes that an agent no longer works at a site.
    pub(super) fn leave(&mut self, id: &Arc<str>, ix: AgentIx) {
        if let Some(members) = self.members.get_mut(id) {
            members.leave(ix);
            if members.all().is_empty() {
                self.members.remove(id);
            }
        }
    }

    fn put(&mut self, id: &Arc<str>, drained: Option<DrainedSite>) {
        match drained {
            Some(site) => drop(self.drained.insert(Arc::clone(id), site)),
            None => drop(self.drained.remove(id)),
        }
    }
}

impl State {
    /// Drains a site or ends that, and brings its agents' look-ups up to date.
    pub(super) fn put_site(&mut self, id: &Arc<str>, drained: Option<DrainedSite>) {
        let is_drained = drained.is_some();
        let agents = self.sites.agents(id);
        self.sites.put(id, drained);
        self.touched.insert(EntityKey::Site(Arc::clone(id)));
        for ix in agents {
            self.agents[ix].site_drained = is_drained;
            self.agent_changed(ix);
        }
    }

    /// Checks that each agent is counted at its site; for tests.
    pub(super) fn check_sites(&self) {
        let mut known = BTreeSet::new();
        let mut counted = 0;
        for (ix, agent) in self.agents.iter() {
            let id = &agent.profile.site.id;
            let members = self.sites.members[id].all();
            assert!(members.binary_search(&ix).is_ok(), "{id} has its agents");
            let drained = self.sites.drained(id).is_some();
            assert_eq!(agent.site_drained, drained, "{:?}", agent.profile.id);
            counted += if known.insert(id) { members.len() } else { 0 };
        }
        assert_eq!(counted, self.agents.len(), "sites count the agents");
        assert_eq!(known.len(), self.sites.members.len(), "and no others");
    }
}
