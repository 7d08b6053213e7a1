//! Erlang C: callers wait for as long as it takes, first come first served.

use super::{Demand, loss};

/// A queue without impatience.
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    demand: Demand,
    agents: u32,
    wait: Wait,
}

/// Who waits: the probability, and its complement, which keeps its digits when nearly everybody does.
#[derive(Clone, Copy, Debug)]
struct Wait {
    some: f64,
    none: f64,
}

impl Wait {
    /// From `1 / B − 1`, as `1 / C = 1 + (1 − ρ)(1 / B − 1)`.
    fn new(less_one: f64, spare: f64, agents: u32) -> Self {
        let odds = spare / f64::from(agents) * less_one;
        Self {
            some: 1.0 / (1.0 + odds),
            none: if odds.is_finite() {
                odds / (1.0 + odds)
            } else {
                1.0
            },
        }
    }

    fn within(self, patience: f64) -> f64 {
        self.none - self.some * (-patience).exp_m1()
    }
}

impl Queue {
    /// The queue, if it is stable: with at most as many agents as erlang it grows without end, and has no averages.
    pub fn new(demand: Demand, agents: u32) -> Option<Self> {
        let spare = demand.spare(agents);
        if spare <= 0.0 {
            return None;
        }
        let less_one = loss::inverse_less_one(demand.offered(), agents);
        let wait = Wait::new(less_one, spare, agents);
        Some(Self {
            demand,
            agents,
            wait,
        })
    }

    /// The probability that a call waits.
    pub fn p_wait(&self) -> f64 {
        self.wait.some
    }

    /// The share of calls answered within `target_s` seconds. All are offered and all are answered, so there is one level.
    pub fn service_level(&self, target_s: f64) -> f64 {
        self.wait.within(target_s / self.mean_wait_of_waiting_s())
    }

    /// The average speed of answer, over all calls, seconds.
    pub fn asa_s(&self) -> f64 {
        self.wait.some * self.mean_wait_of_waiting_s()
    }

    /// The average wait of those who wait at all, seconds.
    pub fn mean_wait_of_waiting_s(&self) -> f64 {
        self.demand.aht_s / self.demand.spare(self.agents)
    }

    /// The share of time in which an agent is busy.
    pub fn occupancy(&self) -> f64 {
        self.demand.offered() / f64::from(self.agents)
    }

    /// Calls that wait, on average (Little).
    pub fn mean_queue(&self) -> f64 {
        self.wait.some * self.demand.offered() / self.demand.spare(self.agents)
    }

    /// The wait that only the share `beyond` of the calls exceeds, seconds: 0.1 asks for the quantile of 90 %.
    pub fn wait_exceeded_by_s(&self, beyond: f64) -> f64 {
        if self.wait.some <= beyond {
            return 0.0;
        }
        (self.wait.some / beyond).ln() * self.mean_wait_of_waiting_s()
    }
}

/// Service level of queues with ever more agents, a step each.
pub(super) struct Climb {
    demand: Demand,
    less_one: f64,
    /// Agents of the step.
    pub(super) agents: u32,
}

impl Climb {
    pub(super) fn new(demand: Demand, agents: u32) -> Self {
        let less_one = loss::inverse_less_one(demand.offered(), agents);
        Self {
            demand,
            less_one,
            agents,
        }
    }

    /// Of a stable queue: the share answered within `target_s`.
    pub(super) fn service_level(&self, target_s: f64) -> f64 {
        let spare = self.demand.spare(self.agents);
        let wait = Wait::new(self.less_one, spare, self.agents);
        wait.within(target_s * spare / self.demand.aht_s)
    }

    pub(super) fn step(&mut self) {
        let offered = self.demand.offered();
        self.less_one = loss::with_one_more(self.less_one, offered, self.agents);
        self.agents += 1;
    }
}
