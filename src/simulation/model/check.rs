//! What can be wrong with a scenario.

use std::collections::BTreeSet;

use super::{CallKind, Demand, Distribution, Scenario, Shift, Spans, StaffGroup};
use crate::engine::{
    Limits, SKILLS_OF_CALL_MAX,
    ids::{NAME_BYTES_MAX, SHORT_NAME_BYTES_MAX, SkillName, name_problem},
    profile::SkillLevel,
    spec::RingSpec,
};

/// Shares that sum to 1 within this do so.
const SHARE_ERROR: f64 = 1e-6;
/// A scenario lasts at most this long: a thousand years.
const DURATION_MS_MAX: u64 = 31_557_600_000_000;
/// A scenario is played at most so often.
pub const REPLICATIONS_MAX: u32 = 100_000;
const SPANS_MAX: u64 = 10_000;
/// What results call all queues together.
pub(super) const ALL_QUEUES: &str = "all";

impl Scenario {
    /// What is wrong with it: the path of each field, and what would be right. Nothing if it can be played.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Problems::default();
        problems.times(self);
        problems.cv("day_factor_cv", self.day_factor_cv);
        problems.sizes(self);
        for (index, demand) in self.demand.iter().enumerate() {
            problems.demand(&format!("demand[{index}]"), demand, self);
        }
        for (index, group) in self.staff.iter().enumerate() {
            problems.staff(&format!("staff[{index}]"), group, self);
        }
        for (index, provider) in self.providers.iter().enumerate() {
            let path = format!("providers[{index}]");
            problems.name(&format!("{path}.name"), &provider.name);
            problems.rate(&format!("{path}.losses_per_hour"), provider.losses_per_hour);
            problems.time(&format!("{path}.outage"), &provider.outage);
        }
        problems.twice("demand", "queue", self.demand.iter().map(|it| &*it.queue));
        problems.twice("staff", "name", self.staff.iter().map(|it| &*it.name));
        let providers = self.providers.iter().map(|it| &*it.name);
        problems.twice("providers", "name", providers);
        problems.0
    }
}

#[derive(Debug, Default)]
struct Problems(Vec<(String, String)>);

impl Problems {
    fn note(&mut self, path: &str, what: impl Into<String>) {
        self.0.push((path.to_owned(), what.into()));
    }

    fn times(&mut self, scenario: &Scenario) {
        let duration_ms = scenario.duration_ms;
        if duration_ms == 0 || duration_ms > DURATION_MS_MAX {
            self.note("duration", "must be longer than 0s and at most 1000 years");
            return;
        }
        if scenario.warm_up_ms >= duration_ms {
            self.note("warm_up", "must be shorter than `duration`");
            return;
        }
        let measured_ms = duration_ms - scenario.warm_up_ms;
        match scenario.spans {
            Spans::Intervals(0) => self.note("interval", "must be longer than 0s"),
            Spans::Intervals(ms) if measured_ms.div_ceil(ms) > SPANS_MAX => {
                let what = format!("makes more than {SPANS_MAX} intervals; make it longer");
                self.note("interval", what);
            }
            Spans::Batches(count)
                if count == 0 || u64::from(count) > SPANS_MAX.min(measured_ms) =>
            {
                self.note("batches", format!("must be 1 to {SPANS_MAX}"));
            }
            Spans::Intervals(_) | Spans::Batches(_) => {}
        }
    }

    fn sizes(&mut self, scenario: &Scenario) {
        if !(1..=REPLICATIONS_MAX).contains(&scenario.replications) {
            self.note("replications", format!("must be 1 to {REPLICATIONS_MAX}"));
        }
        if scenario.demand.is_empty() {
            self.note(
                "demand",
                "is missing; a scenario has at least one `[[demand]]`",
            );
        }
        if scenario.staff.is_empty() {
            self.note(
                "staff",
                "is missing; a scenario has at least one `[[staff]]`",
            );
        }
        let queues = &scenario.pool.queues;
        if queues.len() > 1 && queues.iter().any(|queue| queue.id.as_str() == ALL_QUEUES) {
            let what = format!(
                "has a queue `{ALL_QUEUES}`, as results call all queues together; give it another name"
            );
            self.note("pool", what);
        }
        let agents: u64 = scenario
            .staff
            .iter()
            .map(|group| u64::from(group.agents))
            .sum();
        let most = Limits::default().agents;
        if agents > most as u64 {
            self.note("staff", format!("are {agents} agents; at most {most}"));
        }
    }

    fn demand(&mut self, path: &str, demand: &Demand, scenario: &Scenario) {
        let queues = &scenario.pool.queues;
        if !queues
            .iter()
            .any(|queue| queue.id.as_str() == &*demand.queue)
        {
            let known: Vec<&str> = queues.iter().map(|queue| queue.id.as_str()).collect();
            let (name, known) = (&demand.queue, known.join(", "));
            let what = format!("is `{name}`, which is no queue of the pool; it has {known}");
            self.note(&format!("{path}.queue"), what);
        }
        for (index, kind) in demand.kinds.iter().enumerate() {
            let inner = format!("{path}.kinds[{index}].skills");
            self.skill_count(&inner, kind, (&demand.queue, scenario));
        }
        self.cv(&format!("{path}.day_factor_cv"), demand.day_factor_cv);
        if demand.rates.is_empty() {
            let what = "must have at least one step";
            self.note(&format!("{path}.rates"), what);
        }
        for (index, step) in demand.rates.iter().enumerate() {
            let inner = format!("{path}.rates[{index}]");
            self.rate(&format!("{inner}.per_hour"), step.per_hour);
            let before = index.checked_sub(1).map(|before| demand.rates[before]);
            if before.is_some_and(|before| before.from_ms >= step.from_ms) {
                let what = "must be after that of the step before";
                self.note(&format!("{inner}.from"), what);
            }
        }
        let sum: f64 = demand.kinds.iter().map(|kind| kind.share).sum();
        if (sum - 1.0).abs() > SHARE_ERROR {
            let what = format!("have shares that sum to {sum}; they must sum to 1");
            self.note(&format!("{path}.kinds"), what);
        }
        for (index, kind) in demand.kinds.iter().enumerate() {
            let inner = format!("{path}.kinds[{index}]");
            self.kind(&inner, kind, scenario);
        }
    }

    fn kind(&mut self, path: &str, kind: &CallKind, scenario: &Scenario) {
        self.share(&format!("{path}.share"), kind.share);
        let priorities = &scenario.pool.priorities;
        let is_known = priorities.iter().any(|known| known.name == kind.priority);
        if !kind.priority.is_empty() && !is_known {
            let what = format!("is `{}`, which is no priority of the pool", kind.priority);
            self.note(&format!("{path}.priority"), what);
        }
        self.skills(&format!("{path}.skills"), &kind.skills, scenario);
        self.time(&format!("{path}.talk"), &kind.talk);
        if let Some(patience) = &kind.patience {
            self.time(&format!("{path}.patience"), patience);
        }
    }

    /// With the skills of any ring of its queue, and of those it may overflow to, a call has not too many.
    fn skill_count(&mut self, path: &str, kind: &CallKind, (queue, scenario): (&str, &Scenario)) {
        let own = |skill: &SkillName| kind.skills.iter().any(|own| own.skill == *skill);
        let queues = &scenario.pool.queues;
        let find = |id: &str| queues.iter().find(|queue| queue.id.as_str() == id);
        let mut next = find(queue);
        while let Some(queue) = next {
            let of_ring = |ring: &RingSpec| {
                let more = ring.skills.iter().filter(|needed| !own(&needed.skill));
                kind.skills.len() + more.count()
            };
            let most = queue.rings.iter().map(of_ring).max().unwrap_or(0);
            if most > SKILLS_OF_CALL_MAX {
                let what = format!(
                    "makes {most} skills with those of a ring of queue `{}`; a call has at most {SKILLS_OF_CALL_MAX} in all",
                    queue.id
                );
                return self.note(path, what);
            }
            // A pool has no circle of overflows.
            next = queue.overflow_inside().and_then(|id| find(id.as_str()));
        }
    }

    fn staff(&mut self, path: &str, group: &StaffGroup, scenario: &Scenario) {
        self.name(&format!("{path}.name"), &group.name);
        if group.agents == 0 {
            self.note(&format!("{path}.agents"), "must be at least 1");
        }
        if group.skills.is_empty() {
            let what = "is missing; an agent has at least one skill, like { fr = 3 }";
            self.note(&format!("{path}.skills"), what);
        }
        self.skills(&format!("{path}.skills"), &group.skills, scenario);
        let labels = [
            ("site", &group.site),
            ("region", &group.region),
            ("provider", &group.provider),
            ("team", &group.team),
            ("employer", &group.employer),
        ];
        for (key, label) in labels.into_iter().filter(|(_, label)| !label.is_empty()) {
            if let Some(what) = name_problem(label, NAME_BYTES_MAX) {
                self.note(&format!("{path}.{key}"), what);
            }
        }
        for (index, shift) in group.shifts.iter().enumerate() {
            self.shift(&format!("{path}.shifts[{index}]"), *shift, scenario);
        }
        let overlap = group
            .shifts
            .windows(2)
            .find(|two| two[1].from_ms <= two[0].to_ms);
        if overlap.is_some() {
            let what = "must be in order, each after the end of the one before";
            self.note(&format!("{path}.shifts"), what);
        }
        for (key, share) in [("decline", group.decline), ("no_answer", group.no_answer)] {
            self.share(&format!("{path}.{key}"), share);
        }
        if group.decline + group.no_answer >= 1.0 {
            let what = "and `no_answer` sum to 1 or more: nobody would ever take a call";
            self.note(&format!("{path}.decline"), what);
        }
        let times = [
            ("answer", &group.answer),
            ("returns_after", &group.returns_after),
            ("wrap_up", &group.wrap_up),
        ];
        for (key, time) in times {
            self.time(&format!("{path}.{key}"), time);
        }
    }

    fn shift(&mut self, path: &str, shift: Shift, scenario: &Scenario) {
        if shift.to_ms <= shift.from_ms {
            self.note(&format!("{path}.to"), "must be after `from`");
        } else if shift.to_ms <= scenario.starts_ms {
            self.note(&format!("{path}.to"), "is before the scenario `starts`");
        } else if shift.from_ms >= scenario.starts_ms.saturating_add(scenario.duration_ms) {
            self.note(&format!("{path}.from"), "is after the scenario's end");
        }
    }

    fn skills(&mut self, path: &str, skills: &[SkillLevel], scenario: &Scenario) {
        let known = &scenario.pool.skills;
        for skill in skills {
            if !known.is_empty() && !known.contains(&skill.skill) {
                let what = format!("has `{}`, which is no skill of the pool", skill.skill);
                self.note(path, what);
            } else if let Some(what) = name_problem(skill.skill.as_str(), SHORT_NAME_BYTES_MAX) {
                self.note(path, what);
            }
        }
    }

    fn name(&mut self, path: &str, name: &str) {
        // Room for an agent's number.
        if let Some(what) = name_problem(name, NAME_BYTES_MAX - 8) {
            self.note(path, what);
        }
    }

    fn twice<'a>(&mut self, list: &str, key: &str, names: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (index, name) in names.enumerate() {
            if !name.is_empty() && !seen.insert(name) {
                let what = format!("is `{name}`, as before; each is there once");
                self.note(&format!("{list}[{index}].{key}"), what);
            }
        }
    }

    fn rate(&mut self, path: &str, rate: f64) {
        if !(0.0..=1e9).contains(&rate) {
            self.note(path, format!("is {rate}; a rate is 0 to 1,000,000,000"));
        }
    }

    fn cv(&mut self, path: &str, cv: f64) {
        if !(0.0..=10.0).contains(&cv) {
            let what = format!("is {cv}; a coefficient of variation is 0 to 10 here");
            self.note(path, what);
        }
    }

    fn share(&mut self, path: &str, share: f64) {
        if !(0.0..=1.0).contains(&share) {
            self.note(path, format!("is {share}; a share is 0 to 1"));
        }
    }

    fn time(&mut self, path: &str, time: &Distribution) {
        let is_time = |ms: f64| (0.0..=1e12).contains(&ms);
        match time {
            Distribution::Constant(ms) | Distribution::Exponential(ms) => {
                if !is_time(*ms) {
                    self.note(path, "must be 0s to 30 years");
                }
            }
            Distribution::Lognormal { mean, cv } => {
                if !is_time(*mean) {
                    self.note(path, "must have a mean of 0s to 30 years");
                }
                self.cv(&format!("{path}.cv"), *cv);
            }
            Distribution::Empirical(values) => {
                if values.is_empty() || !values.iter().all(|ms| is_time(*ms)) {
                    self.note(path, "must have at least one time, each of 0s to 30 years");
                }
            }
        }
    }
}
