//! The sites of the view: how many agents each has, and whether it is drained.

use std::{collections::BTreeMap, sync::Arc};

use crate::engine::{agent::Intent, sites::DrainedSite, view::AgentView};

/// A site that an agent's record names, or that is drained.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteRow {
    /// Agents whose record names it.
    pub agents: u32,
    /// Of those, signed in.
    pub signed_in: u32,
    /// How it is drained, if it is.
    pub drained: Option<DrainedSite>,
}

/// The sites, by id.
#[derive(Debug, Default)]
pub(super) struct Sites {
    rows: BTreeMap<Arc<str>, SiteRow>,
    drained: u32,
}

impl Sites {
    /// Counts an agent as it is now instead of as it was.
    pub(super) fn recount(&mut self, before: Option<&AgentView>, after: Option<&AgentView>) {
        if let (Some(before), Some(after)) = (before, after)
            && is_counted_alike(before, after)
        {
            return;
        }
        if let Some(agent) = after {
            let row = self.row(&agent.profile.site.id);
            row.agents += 1;
            row.signed_in += u32::from(is_signed_in(agent));
        }
        if let Some(agent) = before {
            let id = &agent.profile.site.id;
            let row = self.row(id);
            row.agents -= 1;
            row.signed_in -= u32::from(is_signed_in(agent));
            self.forget_empty(id);
        }
    }

    /// Notes how a site is drained, or that it no longer is.
    pub(super) fn drain(&mut self, id: &Arc<str>, drained: Option<DrainedSite>) {
        self.drained += u32::from(drained.is_some());
        let before = std::mem::replace(&mut self.row(id).drained, drained);
        self.drained -= u32::from(before.is_some());
        self.forget_empty(id);
    }

    /// How many are drained.
    pub(super) fn drained(&self) -> u32 {
        self.drained
    }

    /// The sites after the id `after`, by id.
    pub(super) fn after(&self, after: Option<&str>) -> impl Iterator<Item = (&Arc<str>, &SiteRow)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = after.map_or(Unbounded, |id| Excluded(Arc::from(id)));
        self.rows.range::<Arc<str>, _>((from, Unbounded))
    }

    fn row(&mut self, id: &Arc<str>) -> &mut SiteRow {
        self.rows.entry(Arc::clone(id)).or_default()
    }

    fn forget_empty(&mut self, id: &Arc<str>) {
        let unused = |row: &SiteRow| row.agents == 0 && row.drained.is_none();
        if self.rows.get(id).is_some_and(unused) {
            self.rows.remove(id);
        }
    }
}

fn is_counted_alike(before: &AgentView, after: &AgentView) -> bool {
    let same_site = Arc::ptr_eq(&before.profile, &after.profile)
        || before.profile.site.id == after.profile.site.id;
    same_site && is_signed_in(before) == is_signed_in(after)
}

fn is_signed_in(agent: &AgentView) -> bool {
    agent.intent != Intent::Offline
}
