//! Erlang A: callers hang up when their patience, an exponential time, is over before an agent is free.
//!
//! With θ = 1 / patience, the wait V that an endlessly patient caller would have has the density
//! `λ π(n−1) exp(λ (1 − exp(−θt)) / θ − nμt)` for t > 0 (Mandelbaum and Zeltyn, *The M/M/n+G queue: summary of performance
//! measures*, 2004), and all measures are integrals of it. Times are counted in patiences here: `x = nμ/θ`, `y = λ/θ`.

use super::{
    Demand,
    integral::{LogDensity, integrate},
    loss,
};

/// Below this the difference of nearly equal numbers is a series instead.
const SMALL: f64 = 0.1;

/// Measures of a queue with impatient callers. Times are seconds, the others shares, but for the queue's length. A measure
/// of nobody is absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// A call that does not reach an agent at once.
    pub p_wait: f64,
    /// A caller who hangs up.
    pub p_abandon: f64,
    /// The wait of all, answered or not.
    pub mean_wait_all_s: f64,
    /// The wait of those who are answered; absent without agents.
    pub mean_wait_answered_s: Option<f64>,
    /// The wait of those who hang up.
    pub mean_wait_abandoned_s: f64,
    /// Calls that wait, on average.
    pub mean_queue: f64,
    /// The share of time in which an agent is busy; absent without agents.
    pub occupancy: Option<f64>,
    /// Answered within the target, of all offered.
    pub sl_offered: f64,
    /// Answered within the target, of all answered; absent without agents.
    pub sl_answered: Option<f64>,
    /// Answered within the target, of all but those who hung up within it.
    pub sl_excl_short: f64,
    /// Hung up within the target.
    pub p_abandon_by_target: f64,
    /// An endlessly patient caller would wait longer than the target.
    pub p_virtual_wait_beyond_target: f64,
}

/// The measures with `agents` agents, an average patience above 0 and a target of at least 0 seconds.
pub fn measures(demand: Demand, patience_s: f64, agents: u32, target_s: f64) -> Measures {
    let arrivals = demand.calls / demand.interval_s;
    let target = target_s / patience_s;
    if agents == 0 {
        return nobody_answers(arrivals, patience_s, target);
    }
    let wait = Wait::new(demand, patience_s, agents);
    let mut early = Sums::default();
    integrate(&wait, (0.0, target), &mut early, Sums::add);
    let mut late = Sums::default();
    integrate(&wait, (target, f64::INFINITY), &mut late, Sums::add);
    let idle_less_one = loss::inverse_less_one(demand.offered(), agents - 1);
    let state = State {
        less_one: scaled(idle_less_one, wait.at(0.0)),
        least: wait.at(0.0).exp(),
        at_target: wait.at(target).exp(),
        wait,
        early,
        late,
        target,
    };
    state.measures(demand.offered() / f64::from(agents), arrivals, patience_s)
}

/// `number × exp(logarithm)`.
fn scaled(number: f64, logarithm: f64) -> f64 {
    if number == 0.0 {
        0.0
    } else {
        number * logarithm.exp()
    }
}

fn nobody_answers(arrivals: f64, patience_s: f64, target: f64) -> Measures {
    let gone = -(-target).exp_m1();
    Measures {
        p_wait: 1.0,
        p_abandon: 1.0,
        mean_wait_all_s: patience_s,
        mean_wait_answered_s: None,
        mean_wait_abandoned_s: patience_s,
        mean_queue: arrivals * patience_s,
        occupancy: None,
        sl_offered: 0.0,
        sl_answered: None,
        sl_excl_short: 0.0,
        p_abandon_by_target: gone,
        p_virtual_wait_beyond_target: 1.0,
    }
}

/// The virtual wait's density, but for a factor: 1 at its highest point.
struct Wait {
    x: f64,
    y: f64,
    /// `x − y`, rounded once.
    spare: f64,
    /// Where the density is highest.
    mode: f64,
}

impl Wait {
    fn new(demand: Demand, patience_s: f64, agents: u32) -> Self {
        let x = f64::from(agents) * patience_s / demand.aht_s;
        let spare = demand.spare(agents) * patience_s / demand.aht_s;
        Self {
            x,
            y: demand.calls / demand.interval_s * patience_s,
            spare,
            mode: (-spare / x).max(0.0).ln_1p(),
        }
    }
}

impl LogDensity for Wait {
    fn at(&self, s: f64) -> f64 {
        if self.spare >= 0.0 {
            return -self.spare.mul_add(s, self.y * beyond_line(s));
        }
        -self.x * beyond_line(s - self.mode)
    }

    fn slopes(&self, s: f64) -> (f64, f64) {
        let falling = self.y * (-s).exp_m1();
        (falling - self.spare, -self.y * (-s).exp())
    }

    fn mode(&self) -> f64 {
        self.mode
    }
}

/// `s − 1 + exp(−s)`: how far the exponential is above its tangent.
fn beyond_line(s: f64) -> f64 {
    if s.abs() >= SMALL {
        return s + (-s).exp_m1();
    }
    let mut term = s * s / 2.0;
    let mut sum = term;
    for power in 3..12 {
        term *= -s / f64::from(power);
        sum += term;
    }
    sum
}

/// Integrals of the density times a weight.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    all: f64,
    /// Times the chance still to be there.
    there: f64,
    /// Times the chance to have hung up.
    gone: f64,
    /// Times the wait of those who are still there.
    wait_there: f64,
    /// Times the wait of those who hung up.
    wait_gone: f64,
}

impl Sums {
    fn add(&mut self, s: f64, mass: f64) {
        let there = (-s).exp();
        self.all += mass;
        self.there += mass * there;
        self.gone -= mass * (-s).exp_m1();
        self.wait_there += mass * s * there;
        self.wait_gone += mass * there * beyond_line(-s);
    }

    fn and(self, other: Self) -> Self {
        Self {
            all: self.all + other.all,
            there: self.there + other.there,
            gone: self.gone + other.gone,
            wait_there: self.wait_there + other.wait_there,
            wait_gone: self.wait_gone + other.wait_gone,
        }
    }
}

/// Weights of what may be found, all on the density's scale: an idle agent, or a wait.
struct State {
    wait: Wait,
    target: f64,
    early: Sums,
    late: Sums,
    /// Of an idle agent, less `least`.
    less_one: f64,
    /// The density at 0.
    least: f64,
    at_target: f64,
}

impl State {
    fn measures(&self, load: f64, arrivals: f64, patience_s: f64) -> Measures {
        let sums = self.early.and(self.late);
        let y = self.wait.y;
        let idle = self.less_one + self.least;
        let total = idle + y * sums.all;
        let share = |weight: f64| weight / total;
        let p_abandon = share(y * sums.gone);
        let served = if idle.is_finite() {
            share(idle + y * sums.there)
        } else {
            1.0
        };
        let in_target = if idle.is_finite() {
            share(self.less_one + self.at_target + self.wait.x * self.early.all)
        } else {
            1.0
        };
        let left = -(-self.target).exp_m1();
        let p_abandon_by_target = share(y * (self.early.gone + self.late.all * left));
        Measures {
            p_wait: share(y * sums.all),
            p_abandon,
            mean_wait_all_s: p_abandon * patience_s,
            mean_wait_answered_s: Some(share(y * sums.wait_there) * patience_s / served),
            mean_wait_abandoned_s: patience_s * sums.wait_gone / sums.gone,
            mean_queue: arrivals * p_abandon * patience_s,
            occupancy: Some(load * served),
            sl_offered: in_target,
            sl_answered: Some(in_target / served),
            sl_excl_short: in_target / self.not_left_early(total, in_target),
            p_abandon_by_target,
            p_virtual_wait_beyond_target: share(y * self.late.all),
        }
    }

    /// Those who did not hang up within the target: answered within it, or still there.
    fn not_left_early(&self, total: f64, in_target: f64) -> f64 {
        let waiting = self.wait.y * self.late.all / total;
        in_target + waiting * (-self.target).exp()
    }
}
