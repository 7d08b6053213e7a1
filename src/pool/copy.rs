//! Copies much of a view without holding up the pool: rows by the thousand, each under a lock of its own.

use std::{collections::BTreeSet, sync::Arc};

use super::view::{PoolView, Removed, SharedView};
use crate::engine::{
    ids::AgentId,
    view::{AgentView, CallView},
};

/// Rows that are copied under one lock.
const PART: usize = 1_000;

/// Every agent, as of one revision, with what `look` finds at the same moment.
pub async fn agents<T>(
    view: &SharedView,
    look: impl Fn(&PoolView) -> T,
) -> (Vec<Arc<AgentView>>, T) {
    loop {
        let since = view.read().revision();
        let mut agents = Vec::new();
        while !copy_part(view, &mut agents) {
            tokio::task::yield_now().await;
        }
        if let Some((changes, looked)) = changes(view, since, &look) {
            changes.put(&mut agents);
            return (agents, looked);
        }
    }
}

/// Copies the next agents by id; true if they were the last.
fn copy_part(view: &SharedView, agents: &mut Vec<Arc<AgentView>>) -> bool {
    let after = agents.last().map(|agent| agent.profile.id.clone());
    let before = agents.len();
    let state = view.read();
    let rows = state.agents_after(after.as_ref()).take(PART);
    agents.extend(rows.map(|(_, row)| Arc::clone(&row.value)));
    agents.len() < before + PART
}

/// What changed while the agents were copied.
struct Changes {
    changed: Vec<Arc<AgentView>>,
    removed: Vec<AgentId>,
}

/// `None` if it is no longer known what changed.
fn changes<T>(
    view: &SharedView,
    since: u64,
    look: impl Fn(&PoolView) -> T,
) -> Option<(Changes, T)> {
    let state = view.read();
    if !state.knows_since(since) {
        return None;
    }
    let changed = state.agents_changed_after(since);
    let removed = state
        .removed_after(since)
        .filter_map(|removed| match removed {
            Removed::Agent(id) => Some(id.clone()),
            Removed::Queue(_) => None,
        });
    let found = Changes {
        changed: changed.map(|(_, row)| Arc::clone(&row.value)).collect(),
        removed: removed.collect(),
    };
    Some((found, look(&state)))
}

impl Changes {
    fn put(self, agents: &mut Vec<Arc<AgentView>>) {
        let changed = self.changed.iter().map(|agent| &agent.profile.id);
        let stale: BTreeSet<AgentId> = changed.chain(&self.removed).cloned().collect();
        if !stale.is_empty() {
            agents.retain(|agent| !stale.contains(&agent.profile.id));
            agents.extend(self.changed);
        }
    }
}

/// The live calls, oldest first, each as of the moment at which it was copied.
pub async fn live_calls(view: &SharedView) -> Vec<Arc<CallView>> {
    let mut calls: Vec<Arc<CallView>> = Vec::new();
    let mut last = None;
    loop {
        let before = calls.len();
        {
            let state = view.read();
            let rows = state.live_calls(None, last.take()).take(PART);
            calls.extend(rows.map(|row| Arc::clone(&row.value)));
        }
        last = calls.last().and_then(|call| match &**call {
            CallView::Live(call) => Some((call.record.accepted_at, call.record.id.clone())),
            CallView::Over(_) => None,
        });
        if calls.len() < before + PART {
            return calls;
        }
        tokio::task::yield_now().await;
    }
}
