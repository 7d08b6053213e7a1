//! How many agents a target takes.

use super::{
    Demand,
    patience::{self, Measures},
    waiting::{Climb, Queue},
};

/// Parts of a person below this are an error of rounding, not a person.
const NO_PERSON: f64 = 1e-9;

/// What is asked of a queue. Shares from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Within how many seconds calls should be answered.
    pub answer_s: f64,
    /// The share of calls for which that should hold; below 1.
    pub service_level: f64,
    /// The share of time in which agents may be busy; above 0.
    pub max_occupancy: f64,
    /// With impatient callers: the share that may hang up; above 0.
    pub max_abandonment: Option<f64>,
}

/// Of which calls the share is counted that were answered in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Of all offered.
    #[default]
    Offered,
    /// Of all answered.
    Answered,
    /// Of all but those who hung up within the target.
    ExclShort,
}

/// The least agents, and what they achieve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Staffing {
    /// Agents who take calls.
    pub agents: u32,
    /// The share of calls answered in time; 1 if there are none.
    pub service_level: f64,
    /// The share of time in which they are busy; 0 if there are none.
    pub occupancy: f64,
    /// The share of calls that hang up; absent with endless patience.
    pub abandonment: Option<f64>,
}

/// The least agents if everybody waits (Erlang C). None if more than `most` were needed.
pub fn required_with_endless_patience(
    demand: Demand,
    target: &Target,
    most: u32,
) -> Option<Staffing> {
    if demand.calls <= 0.0 {
        return Some(no_calls(None));
    }
    let mut climb = Climb::new(demand, least_for(demand, target.max_occupancy, most)?);
    while climb.service_level(target.answer_s) < target.service_level {
        if climb.agents >= most {
            return None;
        }
        climb.step();
    }
    let queue = Queue::new(demand, climb.agents)?;
    Some(Staffing {
        agents: climb.agents,
        service_level: queue.service_level(target.answer_s),
        occupancy: queue.occupancy(),
        abandonment: None,
    })
}

/// The least agents for a stable queue with an occupancy of at most `max`.
fn least_for(demand: Demand, max: f64, most: u32) -> Option<u32> {
    let offered = demand.offered();
    let first = (offered / max).ceil().max(1.0);
    if first > f64::from(most) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 1 to `most`"
    )]
    let mut agents = (first as u32 - 1).max(1);
    // The quotient is rounded, so its neighbours are looked at.
    while demand.spare(agents) <= 0.0 || offered / f64::from(agents) > max {
        agents += 1;
    }
    (agents <= most).then_some(agents)
}

/// The least agents with impatient callers (Erlang A). None if more than `most` were needed.
pub fn required_with_patience(
    demand: Demand,
    patience_s: f64,
    target: &Target,
    level: Level,
    most: u32,
) -> Option<Staffing> {
    if demand.calls <= 0.0 {
        return Some(no_calls(Some(0.0)));
    }
    let look = |agents| patience::measures(demand, patience_s, agents, target.answer_s);
    let is_enough = |agents| meets(&look(agents), target, level);
    let agents = least(most, demand.offered(), is_enough)?;
    let found = look(agents);
    Some(Staffing {
        agents,
        service_level: level.of(&found).unwrap_or(0.0),
        occupancy: found.occupancy.unwrap_or(0.0),
        abandonment: Some(found.p_abandon),
    })
}

fn no_calls(abandonment: Option<f64>) -> Staffing {
    Staffing {
        agents: 0,
        service_level: 1.0,
        occupancy: 0.0,
        abandonment,
    }
}

fn meets(found: &Measures, target: &Target, level: Level) -> bool {
    level
        .of(found)
        .is_some_and(|reached| reached >= target.service_level)
        && found
            .occupancy
            .is_some_and(|busy| busy <= target.max_occupancy)
        && target
            .max_abandonment
            .is_none_or(|most| found.p_abandon <= most)
}

impl Level {
    fn of(self, found: &Measures) -> Option<f64> {
        match self {
            Self::Offered => Some(found.sl_offered),
            Self::Answered => found.sl_answered,
            Self::ExclShort => Some(found.sl_excl_short),
        }
    }
}

/// The least number from 1 to `most` that is enough: more is never worse. Looks first around `guess`.
fn least(most: u32, guess: f64, is_enough: impl Fn(u32) -> bool) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float ends at the limits"
    )]
    let mut high = (guess.ceil() as u32).clamp(1, most);
    let mut step = high.isqrt().max(1);
    let mut low = 0;
    while !is_enough(high) {
        if high == most {
            return None;
        }
        low = high;
        high = high.saturating_add(step).min(most);
        step = step.saturating_mul(2);
    }
    if low == 0 {
        let mut step = high.isqrt().max(1);
        while high > 1 {
            let next = high.saturating_sub(step).max(1);
            if !is_enough(next) {
                low = next;
                break;
            }
            high = next;
            step = step.saturating_mul(2);
        }
    }
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if is_enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

/// People to schedule so that `agents` are at work, when each is away for the share `shrinkage` (0 to below 1) of the paid
/// time.
pub fn scheduled(agents: u32, shrinkage: f64) -> f64 {
    let needed = f64::from(agents) / (1.0 - shrinkage);
    let whole = needed.round();
    if (needed - whole).abs() < NO_PERSON * whole.max(1.0) {
        whole
    } else {
        needed.ceil()
    }
}
