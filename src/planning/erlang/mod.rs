//! Queues with Poisson arrivals and exponential handle times: Erlang B (no waiting), C (everybody waits) and A (callers
//! lose patience, after exponential times), and the agents that a target takes.
//!
//! Sources: A. K. Erlang, *Solution of some problems in the theory of probabilities of significance in automatic telephone
//! exchanges* (1917), for B and C; C. Palm, *Research on telephone traffic carried by full availability groups* (1957), and
//! A. Mandelbaum and S. Zeltyn, *Service engineering in action: the Palm/Erlang-A queue* (2007), for A. Each is computed
//! from sums and integrals of positive terms only, so that small values keep their digits.

mod integral;
pub mod loss;
pub mod patience;
pub mod staffing;
pub mod waiting;

/// What callers bring: `calls` in each `interval_s` seconds, `aht_s` seconds of handle time each. Numbers are finite,
/// `calls` not negative, the others above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Calls in an interval.
    pub calls: f64,
    /// Length of the interval, seconds.
    pub interval_s: f64,
    /// Average handle time, seconds.
    pub aht_s: f64,
}

impl Demand {
    /// The offered load in erlang: agents that would be busy if nobody had to wait.
    pub fn offered(&self) -> f64 {
        self.calls * self.aht_s / self.interval_s
    }

    /// Agents beyond the offered load; negative in overload. Rounded once, as near the load the difference is what counts.
    pub(super) fn spare(&self, agents: u32) -> f64 {
        let capacity = f64::from(agents) * self.interval_s;
        let lost = f64::from(agents).mul_add(self.interval_s, -capacity);
        let work = self.calls.mul_add(self.aht_s, -capacity);
        (lost - work) / self.interval_s
    }
}
