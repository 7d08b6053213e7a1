//! When a number of a queue is worth a look, and when it is wrong: by the queue's own target and goal.

use super::{numbers::QueueNumbers, service::Permille};

/// How urgent it is to look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// As it should be.
    #[default]
    Fine,
    /// Worth a look.
    Warning,
    /// Wrong.
    Critical,
}

impl Alarm {
    /// The alarm as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    fn of(is_critical: bool, is_warning: bool) -> Self {
        match (is_critical, is_warning) {
            (true, _) => Self::Critical,
            (false, true) => Self::Warning,
            (false, false) => Self::Fine,
        }
    }
}

/// From where on numbers of a queue raise an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// A longest wait beyond so many percent of the target is a warning.
    pub wait_warning_percent: u64,
    /// Beyond so many it is critical.
    pub wait_critical_percent: u64,
    /// A service level so many percentage points below the goal, or lower, is critical; any below it is a warning.
    pub level_critical_points: u64,
}

impl Thresholds {
    /// Of the longest wait in a queue with this target, both in ms. A queue without a target raises none.
    pub fn wait(&self, longest_ms: u64, target_ms: u64) -> Alarm {
        let beyond = |percent: u64| {
            let limit = u128::from(target_ms) * u128::from(percent);
            target_ms > 0 && u128::from(longest_ms) * 100 > limit
        };
        Alarm::of(
            beyond(self.wait_critical_percent),
            beyond(self.wait_warning_percent),
        )
    }

    /// Of a service level in a queue with this goal; none of no calls.
    pub fn level(&self, level: Option<Permille>, goal_permille: u16) -> Alarm {
        let Some(level) = level else {
            return Alarm::Fine;
        };
        let below = u64::from(goal_permille.saturating_sub(level.0));
        let is_critical = below > 0 && below >= self.level_critical_points * 10;
        Alarm::of(is_critical, below > 0)
    }

    /// The worst of a queue at one moment; one that takes no calls is at least worth a look.
    pub fn queue(
        &self,
        numbers: &QueueNumbers,
        longest_ms: u64,
        target_ms: u64,
        goal_permille: u16,
    ) -> Alarm {
        let halted = Alarm::of(false, numbers.halted);
        let recent = self.level(numbers.levels[3].1, goal_permille);
        self.wait(longest_ms, target_ms).max(recent).max(halted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLDS: Thresholds = Thresholds {
        wait_warning_percent: 100,
        wait_critical_percent: 200,
        level_critical_points: 10,
    };

    #[test]
    fn a_wait_alarms_beyond_its_share_of_the_target() {
        for (longest, expected) in [
            (0, Alarm::Fine),
            (20_000, Alarm::Fine),
            (20_001, Alarm::Warning),
            (40_000, Alarm::Warning),
            (40_001, Alarm::Critical),
            (u64::MAX, Alarm::Critical),
        ] {
            assert_eq!(THRESHOLDS.wait(longest, 20_000), expected, "{longest}");
        }
        assert_eq!(THRESHOLDS.wait(u64::MAX, 0), Alarm::Fine, "no target");
    }

    #[test]
    fn a_level_alarms_below_its_goal() {
        for (level, expected) in [
            (1_000, Alarm::Fine),
            (800, Alarm::Fine),
            (799, Alarm::Warning),
            (701, Alarm::Warning),
            (700, Alarm::Critical),
            (0, Alarm::Critical),
        ] {
            assert_eq!(
                THRESHOLDS.level(Some(Permille(level)), 800),
                expected,
                "{level}"
            );
        }
        assert_eq!(THRESHOLDS.level(None, 800), Alarm::Fine, "no calls");
        let strict = Thresholds {
            level_critical_points: 0,
            ..THRESHOLDS
        };
        assert_eq!(strict.level(Some(Permille(799)), 800), Alarm::Critical);
        assert_eq!(strict.level(Some(Permille(800)), 800), Alarm::Fine);
    }
}
