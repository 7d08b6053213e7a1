//! Who works at which site, and the sites that get no new offers.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    ids::PoolTime,
    state::{AgentIx, EntityKey, State},
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
pub(crate) struct Sites(BTreeMap<Arc<str>, Site>);

#[derive(Debug, Default)]
struct Site {
    /// Sorted by place. Most sites are homes of one agent, for whom a list takes least.
    agents: Vec<AgentIx>,
    drained: Option<Box<DrainedSite>>,
}

impl Sites {
    /// Whether an agent's record names the site, or it is drained.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// How and since when a site is drained, if it is.
    pub(crate) fn drained(&self, id: &str) -> Option<&DrainedSite> {
        self.0.get(id).and_then(|site| site.drained.as_deref())
    }

    /// Every drained site.
    pub(crate) fn all_drained(&self) -> impl Iterator<Item = &DrainedSite> {
        self.0.values().filter_map(|site| site.drained.as_deref())
    }

    /// The agents of a site, in order of place.
    pub(crate) fn agents(&self, id: &str) -> Vec<AgentIx> {
        let site = self.0.get(id).into_iter();
        site.flat_map(|site| site.agents.iter().copied()).collect()
    }

    /// Notes that an agent works at a site, and answers whether it is drained.
    pub(super) fn join(&mut self, id: &Arc<str>, ix: AgentIx) -> bool {
        let site = self.0.entry(Arc::clone(id)).or_default();
        if let Err(place) = site.agents.binary_search(&ix) {
            site.agents.insert(place, ix);
        }
        site.drained.is_some()
    }

    /// Notes that an agent no longer works at a site.
    pub(super) fn leave(&mut self, id: &Arc<str>, ix: AgentIx) {
        if let Some(site) = self.0.get_mut(id) {
            if let Ok(place) = site.agents.binary_search(&ix) {
                site.agents.remove(place);
            }
            self.forget_empty(id);
        }
    }

    fn put(&mut self, id: &Arc<str>, drained: Option<DrainedSite>) {
        self.0.entry(Arc::clone(id)).or_default().drained = drained.map(Box::new);
        self.forget_empty(id);
    }

    fn forget_empty(&mut self, id: &Arc<str>) {
        let unused = |site: &Site| site.agents.is_empty() && site.drained.is_none();
        if self.0.get(id).is_some_and(unused) {
            self.0.remove(id);
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
        let counted: usize = self.sites.0.values().map(|site| site.agents.len()).sum();
        assert_eq!(counted, self.agents.len(), "sites count the agents");
        for (ix, agent) in self.agents.iter() {
            let id = &agent.profile.site.id;
            assert!(
                self.sites.0[id].agents.binary_search(&ix).is_ok(),
                "{id} has its agents"
            );
            let drained = self.sites.drained(id).is_some();
            assert_eq!(agent.site_drained, drained, "{:?}", agent.profile.id);
        }
    }
}
