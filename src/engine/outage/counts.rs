//! How many agents of each failure domain are signed in, silent and lost, and whose line was lost a short while ago.

use std::collections::BTreeMap;

use super::{
    super::{
        agent::{AgentState, Intent, Line},
        handlers::recover,
        ids::PoolTime,
        state::{AgentIx, State},
    },
    Domain, OUTAGE_WINDOW_MS, Outages,
};

/// A line that was given this long is silent because the service was away.
pub(super) const GRACE_MS: u64 = recover::GRACE_MS;

/// As what an agent is counted in the domains of the present record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(super) signed_in: bool,
    silent: bool,
    lost: bool,
}

impl Mark {
    fn of(state: &AgentState) -> Self {
        let signed_in = state.intent != Intent::Offline;
        Self {
            signed_in,
            silent: signed_in && matches!(state.line, Line::Silent { .. }),
            lost: signed_in && matches!(state.line, Line::Lost { .. }),
        }
    }
}

/// A line that was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Loss {
    pub(super) since: PoolTime,
    pub(super) ix: AgentIx,
}

/// The counts of a domain.
#[derive(Debug, Default)]
pub(super) struct Count {
    signed_in: u32,
    silent: u32,
    /// Lines of those signed in that are lost now.
    pub(super) lost: u32,
    /// The losses that belong together with the newest, oldest first, with how many were signed in then.
    losses: BTreeMap<Loss, u32>,
}

impl Count {
    /// How many lines were lost within the window.
    pub(super) fn losses(&self) -> usize {
        self.losses.len()
    }

    /// How many lines were lost within the window, or may be lost in a moment.
    pub(super) fn dark(&self) -> usize {
        self.losses.len() + self.silent as usize
    }

    /// How many were signed in at the first loss of the window, if there is one.
    pub(super) fn signed_in_at_first(&self) -> Option<u32> {
        self.losses.values().next().copied()
    }

    /// Since when the first line of the window is silent.
    pub(super) fn first_since(&self) -> Option<PoolTime> {
        self.losses.keys().next().map(|loss| loss.since)
    }

    fn add(&mut self, loss: Loss) {
        self.losses.insert(loss, self.signed_in);
        let newest = self.losses.keys().next_back().expect("one was added").since;
        let from = newest.minus(OUTAGE_WINDOW_MS);
        while self.first_since().is_some_and(|since| since < from) {
            self.losses.pop_first();
        }
    }

    fn recount(&mut self, before: Mark, after: Mark) {
        let change = |count: &mut u32, before: bool, after: bool| {
            *count = *count + u32::from(after) - u32::from(before);
        };
        change(&mut self.signed_in, before.signed_in, after.signed_in);
        change(&mut self.silent, before.silent, after.silent);
        change(&mut self.lost, before.lost, after.lost);
    }

    fn is_empty(&self) -> bool {
        self.signed_in == 0 && self.losses.is_empty()
    }
}

impl Outages {
    /// The agents whose line was lost in a domain within its window.
    pub(super) fn losses_in(&self, domain: &Domain) -> Vec<AgentIx> {
        let count = self.counts.get(domain).into_iter();
        count
            .flat_map(|count| count.losses.keys().map(|loss| loss.ix))
            .collect()
    }

    fn change(&mut self, domain: &Domain, change: impl FnOnce(&mut Count)) {
        let count = self.counts.entry(domain.clone()).or_default();
        change(count);
        // Labels come from outside and must not pile up.
        if count.is_empty() {
            self.counts.remove(domain);
        }
    }
}

impl State {
    /// Counts an agent as what the present state says.
    pub(in crate::engine) fn recount_agent(&mut self, ix: AgentIx) {
        let after = Mark::of(&self.agents[ix].state);
        self.count_as(ix, after);
    }

    /// Takes an agent out of all counts, before the record changes or goes.
    pub(in crate::engine) fn uncount_agent(&mut self, ix: AgentIx) {
        self.forget_loss(ix);
        self.count_as(ix, Mark::default());
    }

    fn count_as(&mut self, ix: AgentIx, after: Mark) {
        let agent = &mut self.agents[ix];
        let before = std::mem::replace(&mut agent.mark, after);
        if before == after {
            return;
        }
        for domain in Domain::of(&agent.profile.site) {
            self.outages
                .change(&domain, |count| count.recount(before, after));
        }
    }

    /// Remembers a loss in each domain of the agent.
    pub(super) fn remember_loss(&mut self, loss: Loss) {
        let agent = &mut self.agents[loss.ix];
        agent.loss = Some(loss.since);
        for domain in Domain::of(&agent.profile.site) {
            self.outages.change(&domain, |count| count.add(loss));
        }
    }

    /// Forgets the last loss of an agent's line.
    pub(super) fn forget_loss(&mut self, ix: AgentIx) {
        let agent = &mut self.agents[ix];
        let Some(since) = agent.loss.take() else {
            return;
        };
        let loss = Loss { since, ix };
        for domain in Domain::of(&agent.profile.site) {
            self.outages.change(&domain, |count| {
                count.losses.remove(&loss);
            });
        }
    }

    /// Checks that the counts are those of the agents; for tests.
    pub(in crate::engine) fn check_outages(&self) {
        let mut counts: BTreeMap<Domain, Count> = BTreeMap::new();
        for (_, agent) in self.agents.iter() {
            for domain in Domain::of(&agent.profile.site) {
                let count = counts.entry(domain).or_default();
                count.recount(Mark::default(), Mark::of(&agent.state));
            }
        }
        for (domain, count) in &self.outages.counts {
            let expected = counts.remove(domain).unwrap_or_default();
            let kept = (count.signed_in, count.silent, count.lost);
            let expected = (expected.signed_in, expected.silent, expected.lost);
            assert_eq!(kept, expected, "{domain} counts its agents");
        }
        let left = counts.values().find(|count| count.signed_in > 0);
        assert!(left.is_none(), "a domain with agents is not counted");
    }
}
