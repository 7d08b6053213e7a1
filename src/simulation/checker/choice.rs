//! Which call goes first and who is chosen, decided again over all that wait and all who are free.

use std::{cmp::Reverse, collections::HashMap};

use super::{
    Checker,
    config::{Config, Queue, Ring, has},
    line::Line,
    rules::Rule,
    state::{Agent, Call},
};

/// Calls are not offered when their platform has been away for so long.
const DETACHED_NO_OFFERS_MS: u64 = 5_000;
/// A record counts candidates up to this, and says one more for all that is above.
const CANDIDATES_COUNTED: usize = 100;

/// Who has what a kind of call asks for: by queue, ring, and the call's own skills.
pub(super) type Memo<'a> = HashMap<(String, usize, String), Vec<&'a String>>;

/// A place in the order: the greater goes first.
pub(super) type Place = (Reverse<i64>, i128, Reverse<u64>);

impl Checker {
    /// Whether a call may be offered now.
    pub(super) fn is_offerable(&self, id: &str) -> bool {
        let call = self.calls.get(id).filter(|call| call.is_open());
        call.is_some_and(|call| self.is_heard(call))
    }

    /// Whether the platform of a call was heard lately.
    pub(super) fn is_heard(&self, call: &Call) -> bool {
        let platform = self.platforms.get(&call.key);
        let away = platform.and_then(|platform| platform.detached_at);
        away.is_none_or(|since| self.now - since < DETACHED_NO_OFFERS_MS)
    }

    /// Whether somebody may be offered a call now.
    pub(super) fn is_free(&self, id: &str) -> bool {
        let agent = self.agents.get(id).filter(|agent| agent.is_ready());
        agent.is_some_and(|agent| agent.leg.is_none() && !self.drained.contains(&agent.site))
    }

    /// What a call asks for: by its ring, or by the last one for whom it is kept.
    pub(super) fn ring(config: &Config, call: &Call) -> Option<(usize, Ring)> {
        let queue = config.queue(&call.queue)?;
        let last = queue.rings.len().saturating_sub(1);
        let place = if call.kept.is_some() {
            last
        } else {
            call.ring.min(last)
        };
        Some((place, queue.ring(place).clone()))
    }

    /// Whether an agent has what a call asks for.
    pub(super) fn fits(config: &Config, agent: &Agent, call: &Call) -> bool {
        Self::ring(config, call).is_none_or(|(_, ring)| {
            ring.takes(&agent.skills, &agent.site_kind) && has(&agent.skills, &call.skills)
        })
    }

    /// Whether nothing of this very call keeps it off an agent.
    pub(super) fn suits(id: &str, call: &Call) -> bool {
        let kept = call.kept.as_ref().is_none_or(|kept| kept.agent == id);
        kept && !call.refused.contains(id) && call.excluded.as_deref() != Some(id)
    }

    /// One of these agents who may take a call.
    pub(super) fn taker<'a>(
        &self,
        memo: &mut Memo<'a>,
        agents: &[&'a String],
        call: &Call,
    ) -> Option<&'a String> {
        let mut may = self.takers(memo, agents, call);
        (!may.is_empty()).then(|| may.swap_remove(0))
    }

    /// Those of these agents who may take a call.
    fn takers<'a>(
        &self,
        memo: &mut Memo<'a>,
        agents: &[&'a String],
        call: &Call,
    ) -> Vec<&'a String> {
        let Some(config) = &self.config else {
            return Vec::new();
        };
        let Some((place, _)) = Self::ring(config, call) else {
            return Vec::new();
        };
        let own = if call.skills.is_empty() {
            String::new()
        } else {
            format!("{:?}", call.skills)
        };
        let kind = (call.queue.clone(), place, own);
        let able = memo.entry(kind).or_insert_with(|| {
            let fits = |id: &&&'a String| {
                let agent = self.agents.get(id.as_str());
                agent.is_some_and(|agent| Self::fits(config, agent, call))
            };
            agents.iter().filter(fits).copied().collect()
        });
        let suits = able
            .iter()
            .filter(|id| Self::suits(id, call) && self.is_open(config, id, &call.queue));
        suits.copied().collect()
    }

    /// Whether schedules and law leave calls of a queue's length to somebody.
    pub(super) fn is_open(&self, config: &Config, id: &str, queue: &str) -> bool {
        let expected_ms = config
            .queue(queue)
            .map_or(0, |queue| queue.expected_handle_ms);
        let agent = self.agents.get(id);
        let most = agent.and_then(|agent| agent.guarded_above_ms);
        most.is_none_or(|most| expected_ms <= most)
    }

    /// A waiting call's place: first the queue furthest from its goal where queues are balanced, then urgency, then the
    /// earlier.
    pub(super) fn place(&self, config: &Config, call: &Call) -> Place {
        let weight = config.queue(&call.queue).map_or(1, Queue::weight);
        let waited = i128::from(self.now.saturating_sub(call.wait_from));
        (
            Reverse(self.levels.balance(config, &call.queue, self.now)),
            call.head_start_ms * 1_000 + weight * waited,
            Reverse(call.number),
        )
    }

    /// Those in the order in which they are chosen for a call.
    fn ranked<'a>(
        &self,
        config: &Config,
        call: &Call,
        mut may: Vec<&'a String>,
    ) -> Vec<&'a String> {
        let Some(queue) = config.queue(&call.queue) else {
            return may;
        };
        may.sort_by_cached_key(|id| self.rank(config, queue, call, id));
        may
    }

    fn rank(
        &self,
        config: &Config,
        queue: &Queue,
        call: &Call,
        id: &str,
    ) -> (usize, i64, u64, String) {
        let Some(agent) = self.agents.get(id) else {
            return (usize::MAX, 0, 0, id.to_owned());
        };
        let group = config.group(&agent.skills, &agent.site_kind);
        let mut groups = queue.groups.iter();
        let group = group.and_then(|group| groups.position(|name| *name == group.name));
        let level = |(skill, _): (&String, &u8)| i64::from(*agent.skills.get(skill).unwrap_or(&0));
        let by_policy = match queue.selection.as_str() {
            "least_occupied" => i64::try_from(agent.busy.fixed).unwrap_or(i64::MAX),
            "most_skilled" => -queue.ring(call.ring).skills.iter().map(level).sum::<i64>(),
            "least_skilled" => i64::try_from(agent.skills.len()).unwrap_or(i64::MAX),
            _ => 0,
        };
        (
            group.unwrap_or(usize::MAX),
            by_policy,
            agent.idle_since,
            id.to_owned(),
        )
    }

    /// Holds an offer that may be made against all that could have been made instead.
    pub(super) fn check_choice(&mut self, line: &Line, call_id: &str, agent_id: &str) {
        let Some(config) = self.config.as_ref().filter(|_| self.is_whole) else {
            return;
        };
        let Some(call) = self.calls.get(call_id) else {
            return;
        };
        let agents: Vec<&String> = self.free.iter().filter(|id| self.is_free(id)).collect();
        let mut memo = Memo::default();
        let mut found = Vec::new();
        match self.next_offer(config, &mut memo, &agents) {
            Some((first, chosen)) if first != call_id => found.push((
                Rule::Order,
                format!("`{first}` comes before `{call_id}`, for `{chosen}`"),
            )),
            Some((_, chosen)) if chosen != agent_id => found.push((
                Rule::Selection,
                format!("`{chosen}` comes before `{agent_id}` for `{call_id}`"),
            )),
            Some(_) | None => {}
        }
        let may = self.ranked(config, call, self.takers(&mut memo, &agents, call));
        let (told, count) = (line.count_if("candidates"), may.len());
        let count = count.min(CANDIDATES_COUNTED + 1) as u64;
        if told != Some(count) {
            let seen = format!("{told:?} candidates, and {count} are seen");
            found.push((Rule::Record, seen));
        }
        let told = line.text_if("runner_up_id");
        let next = may.iter().find(|id| id.as_str() != agent_id);
        let next = next.map(|id| id.as_str());
        if next != told {
            let seen = format!("the runner-up is {told:?}, and {next:?} is seen");
            found.push((Rule::Record, seen));
        }
        for (rule, seen) in found {
            self.faults.add(rule, seen);
        }
    }

    /// The offer that is due: the first call that somebody may take chooses an agent; if the agent's group puts another
    /// call first that the agent may take, that one is offered.
    fn next_offer<'a>(
        &'a self,
        config: &Config,
        memo: &mut Memo<'a>,
        agents: &[&'a String],
    ) -> Option<(&'a str, &'a str)> {
        let offerable = self.open.iter().filter(|id| self.is_offerable(id));
        let calls: Vec<(&String, &Call)> = offerable
            .filter_map(|id| Some((id, self.calls.get(id)?)))
            .collect();
        let mut first: Option<(Place, &String, &Call)> = None;
        for (id, call) in &calls {
            let place = self.place(config, call);
            if first.as_ref().is_none_or(|(best, ..)| place > *best)
                && self.taker(memo, agents, call).is_some()
            {
                first = Some((place, id, call));
            }
        }
        let (_, id, call) = first?;
        let may = self.takers(memo, agents, call);
        let chosen = *self.ranked(config, call, may).first()?;
        let agent = self.agents.get(chosen)?;
        let group = config.group(&agent.skills, &agent.site_kind);
        let Some(group) = group.filter(|group| !group.queues.is_empty()) else {
            return Some((id, chosen));
        };
        let rank = |call: &Call| {
            let mut queues = group.queues.iter();
            queues
                .position(|queue| *queue == call.queue)
                .unwrap_or(usize::MAX)
        };
        let fitting = calls.iter().filter(|(_, call)| {
            Self::fits(config, agent, call)
                && Self::suits(chosen, call)
                && self.is_open(config, chosen, &call.queue)
        });
        let first = fitting.min_by_key(|(_, call)| (rank(call), Reverse(self.place(config, call))));
        Some((first.map_or(id, |(id, _)| id), chosen))
    }
}
