//! A pool as boards draw it: a copy of the view, kept by what changed since the last look, so that no board makes a commit wait.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use rustc_hash::FxHashMap;

use crate::{
    engine::{
        ids::{AgentId, PoolTime, QueueId},
        numbers::{AgentState, PoolNumbers},
        outage::Outage,
        profile::SiteKind,
        sites::DrainedSite,
        spec::PoolSpec,
        view::AgentView,
    },
    pool::{
        Condition, Pool,
        rows::{QueueRow, Row},
        view::{PoolView, Removed},
    },
};

/// Agents that are copied at once.
const PART: usize = 1_000;
/// A pool that does not answer by then shows no estimates.
const ESTIMATES_WITHIN: Duration = Duration::from_millis(200);

/// A person's place in lists: by name, then by id.
pub(in crate::console) type ByName = (Arc<str>, AgentId);

/// A place of work, or all homes of a region together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Workplace {
    /// What kind of place it is.
    pub(super) kind: SiteKind,
    /// Its region label; may be empty.
    pub(super) region: Arc<str>,
    /// Its id; empty for homes, of which each is a site of its own.
    pub(super) site: Arc<str>,
}

/// How many agents of a workplace are in each state, in the order of [`AgentState::ALL`].
pub(super) type StateCounts = [u32; AgentState::ALL.len()];

/// A pool at one moment.
#[derive(Debug, Default)]
pub(in crate::console) struct Picture {
    /// Whether anything was copied yet.
    is_whole: bool,
    /// The revision that was copied.
    revision: u64,
    /// The pool's time of the copy.
    pub(in crate::console) now: PoolTime,
    /// Whether the pool works.
    pub(super) condition: Option<Condition>,
    /// Its configuration.
    pub(super) spec: Option<Arc<PoolSpec>>,
    /// Its queues, by id.
    pub(super) queues: Vec<QueueRow>,
    /// How long a call that came now is likely to wait in each queue, ms, where that is known.
    pub(super) estimates: BTreeMap<QueueId, u64>,
    /// The pool's numbers.
    pub(super) numbers: PoolNumbers,
    /// Its agents by name.
    pub(in crate::console) agents: BTreeMap<ByName, Arc<AgentView>>,
    names: FxHashMap<AgentId, Arc<str>>,
    /// How many agents of each workplace are in which state.
    pub(super) workplaces: BTreeMap<Workplace, StateCounts>,
    /// The teams, with how many agents each has.
    pub(super) teams: BTreeMap<Arc<str>, u32>,
    /// The sites that get no new offers.
    pub(in crate::console) drained: Vec<DrainedSite>,
    /// The outages that are not over.
    pub(super) outages: Vec<Outage>,
}

/// What is read of the view under its lock.
struct Look {
    revision: u64,
    agents: Vec<Row<AgentView>>,
    removed: Vec<AgentId>,
    is_new: bool,
}

impl Picture {
    /// Takes over what changed since the last time.
    pub(super) async fn refresh(&mut self, pool: &Pool) {
        let look = self.look(&pool.view().read());
        if look.is_new {
            self.agents.clear();
            self.names.clear();
            self.copy_all(pool);
        }
        let moved = look.is_new || !look.agents.is_empty() || !look.removed.is_empty();
        for row in look.agents {
            self.put(row.value);
        }
        for id in &look.removed {
            self.remove(id);
        }
        self.revision = look.revision;
        self.is_whole = true;
        self.condition = Some(pool.condition());
        if moved {
            self.count();
        }
        self.estimate(pool).await;
    }

    fn look(&mut self, view: &PoolView) -> Look {
        self.now = view.now();
        self.spec = view.spec().cloned();
        self.queues = view.queues().cloned().collect();
        self.numbers = view.numbers(self.now);
        self.outages = view.outages().cloned().collect();
        self.drained.clear();
        if self.numbers.sites_drained > 0 {
            let drained = view
                .sites_after(None)
                .filter_map(|(_, row)| row.drained.clone());
            self.drained.extend(drained);
        }
        let is_new = !self.is_whole || !view.knows_since(self.revision);
        let since = self.revision;
        let removed = view
            .removed_after(since)
            .filter_map(|removed| match removed {
                Removed::Agent(id) => Some(id.clone()),
                Removed::Queue(_) => None,
            });
        Look {
            revision: view.revision(),
            agents: if is_new {
                Vec::new()
            } else {
                let changed = view.agents_changed_after(since);
                changed.map(|(_, row)| row.clone()).collect()
            },
            removed: if is_new {
                Vec::new()
            } else {
                removed.collect()
            },
            is_new,
        }
    }

    /// Copies every agent, a part at a time. What changes meanwhile comes with the next look.
    fn copy_all(&mut self, pool: &Pool) {
        let mut after: Option<AgentId> = None;
        loop {
            let view = pool.view().read();
            let part = view.agents_after(after.as_ref()).take(PART);
            let part: Vec<Row<AgentView>> = part.map(|(_, row)| row.clone()).collect();
            drop(view);
            let Some(last) = part.last() else { return };
            after = Some(last.value.profile.id.clone());
            for row in part {
                self.put(row.value);
            }
        }
    }

    fn put(&mut self, agent: Arc<AgentView>) {
        let id = agent.profile.id.clone();
        let name = Arc::clone(&agent.profile.display_name);
        let former = self.names.insert(id.clone(), Arc::clone(&name));
        if let Some(former) = former.filter(|former| *former != name) {
            self.agents.remove(&(former, id.clone()));
        }
        self.agents.insert((name, id), agent);
    }

    fn remove(&mut self, id: &AgentId) {
        if let Some(name) = self.names.remove(id) {
            self.agents.remove(&(name, id.clone()));
        }
    }

    fn count(&mut self) {
        self.workplaces.clear();
        self.teams.clear();
        for agent in self.agents.values() {
            let profile = &agent.profile;
            let is_home = profile.site.kind == SiteKind::Home;
            let workplace = Workplace {
                kind: profile.site.kind,
                region: Arc::clone(&profile.site.region),
                site: if is_home {
                    Arc::from("")
                } else {
                    Arc::clone(&profile.site.id)
                },
            };
            let states = self.workplaces.entry(workplace).or_default();
            states[AgentState::of(agent) as usize] += 1;
            match self.teams.get_mut(&profile.team) {
                Some(count) => *count += 1,
                None => drop(self.teams.insert(Arc::clone(&profile.team), 1)),
            }
        }
    }

    async fn estimate(&mut self, pool: &Pool) {
        let queues: Vec<QueueId> = self.queues.iter().map(|row| row.queue.id.clone()).collect();
        let now = self.now;
        let asked = pool.read(move |engine| {
            let likely = |queue: QueueId| {
                let estimate = engine.estimate_wait(now, &queue, "", &[]).ok()?;
                Some((queue, estimate.wait_ms?))
            };
            queues.into_iter().filter_map(likely).collect()
        });
        let told = tokio::time::timeout(ESTIMATES_WITHIN, asked).await;
        self.estimates = told.ok().and_then(Result::ok).unwrap_or_default();
    }
}
