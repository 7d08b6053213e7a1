//! What changes from one schedule to another: shifts added, changed and removed, agents and hours.

use std::collections::BTreeMap;

use super::Shift;
use crate::calendar::zone::Zone;

/// What changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Shifts that are new.
    pub added: Vec<Shift>,
    /// Shifts that are gone.
    pub removed: Vec<Shift>,
    /// Shifts of the same agent and day that are otherwise, before and after: moved, longer, on another site.
    pub changed: Vec<(Shift, Shift)>,
    /// How many shifts stay as they are.
    pub unchanged: usize,
    /// How many agents something changes for.
    pub agents: usize,
    /// Seconds of all shifts before.
    pub seconds_before: i64,
    /// Seconds of all shifts after.
    pub seconds_after: i64,
}

/// The shifts of an agent before and after.
#[derive(Debug, Default)]
struct Sides<'s> {
    before: Vec<&'s Shift>,
    after: Vec<&'s Shift>,
}

impl Diff {
    /// Compares two schedules. Days are those of the zone.
    pub fn of(before: &[Shift], after: &[Shift], zone: &Zone) -> Self {
        let mut agents: BTreeMap<&str, Sides<'_>> = BTreeMap::new();
        for shift in before {
            agents.entry(&shift.agent).or_default().before.push(shift);
        }
        for shift in after {
            agents.entry(&shift.agent).or_default().after.push(shift);
        }
        let seconds = |shifts: &[Shift]| shifts.iter().map(Shift::seconds).sum();
        let mut diff = Self {
            seconds_before: seconds(before),
            seconds_after: seconds(after),
            ..Self::default()
        };
        for sides in agents.into_values() {
            diff.agent(sides, zone);
        }
        diff
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    fn agent(&mut self, mut sides: Sides<'_>, zone: &Zone) {
        sides.before.sort_by_key(|shift| (shift.start, shift.end));
        sides.after.sort_by_key(|shift| (shift.start, shift.end));
        let count = sides.before.len();
        let mut gone = Vec::new();
        for shift in sides.before {
            match sides.after.iter().position(|other| is_same(shift, other)) {
                Some(at) => drop(sides.after.remove(at)),
                None => gone.push(shift),
            }
        }
        self.unchanged += count - gone.len();
        let is_concerned = !gone.is_empty() || !sides.after.is_empty();
        self.agents += usize::from(is_concerned);
        for shift in gone {
            let day = zone.local(shift.start).date();
            let moved = sides
                .after
                .iter()
                .position(|other| zone.local(other.start).date() == day);
            match moved {
                Some(at) => self
                    .changed
                    .push((shift.clone(), sides.after.remove(at).clone())),
                None => self.removed.push(shift.clone()),
            }
        }
        self.added.extend(sides.after.into_iter().cloned());
    }
}

/// Whether two shifts of an agent are the same in all that counts; a name is none of it.
fn is_same(a: &Shift, b: &Shift) -> bool {
    (a.start, a.end, &a.skills, &a.site, &a.segments)
        == (b.start, b.end, &b.skills, &b.site, &b.segments)
}
