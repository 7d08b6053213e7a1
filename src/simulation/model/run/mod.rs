//! Plays scenarios: replications on several threads, each a world of its own.

mod arrivals;
mod people;
mod replication;
mod results;
mod see;

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    thread,
};

pub use results::{Results, Row};

use super::{Scenario, measure::Ledger};
use crate::simulation::{EventLines, world::Refused};
use replication::Replication;

/// The books of a replication, and how far it came.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) ledger: Ledger,
    /// Up to here the books are whole, ms.
    pub(super) whole_ms: u64,
    /// The calls that arrived, warm-up included.
    pub(super) calls: u64,
    pub(super) is_cut_short: bool,
}

/// What the threads share.
struct Shared<'a> {
    scenario: &'a Scenario,
    next: AtomicU32,
    /// Virtual ms played in all.
    played_ms: AtomicU64,
    is_stopped: AtomicBool,
    watch: &'a (dyn Fn(u64) -> ControlFlow<()> + Sync),
}

impl Scenario {
    /// How much virtual time it takes in all, ms; what follows the last arrivals is not in it.
    pub fn virtual_ms(&self) -> u64 {
        self.duration_ms
            .saturating_mul(u64::from(self.replications))
    }

    /// Plays one replication, and shows its events as the journal of a live pool has them, to its end or until `watch`,
    /// which is told now and then how many virtual ms have been played, breaks off.
    ///
    /// # Errors
    /// If the engine refuses something.
    ///
    /// # Panics
    /// If the scenario has [problems](Scenario::problems).
    pub fn show_events<'a>(
        &'a self,
        replication: u32,
        watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
        lines: EventLines<'a>,
    ) -> Result<(), Refused> {
        let problems = self.problems();
        assert!(problems.is_empty(), "{problems:?}");
        let replication = Replication::new(self, replication, Some(lines));
        replication.play(watch)?;
        Ok(())
    }

    /// Plays every replication, on so many threads, or until `watch`, which is told now and then how many virtual ms
    /// have been played, breaks off. The results do not depend on the threads.
    ///
    /// # Errors
    /// If the engine refuses something: the pool, or more agents or skills than it may hold.
    ///
    /// # Panics
    /// If the scenario has [problems](Scenario::problems).
    pub fn run(
        &self,
        threads: usize,
        watch: &(dyn Fn(u64) -> ControlFlow<()> + Sync),
    ) -> Result<Results, Refused> {
        let problems = self.problems();
        assert!(problems.is_empty(), "{problems:?}");
        let shared = Shared {
            scenario: self,
            next: AtomicU32::new(0),
            played_ms: AtomicU64::new(0),
            is_stopped: AtomicBool::new(false),
            watch,
        };
        let mut all = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads.max(1))
                .map(|_| scope.spawn(|| shared.work()))
                .collect();
            let mut all = Vec::new();
            for worker in workers {
                all.extend(worker.join().expect("a replication does not panic")?);
            }
            Ok(all)
        })?;
        all.sort_by_key(|(replication, _)| *replication);
        Ok(Results::of(self, all.into_iter().map(|(_, played)| played)))
    }
}

impl Shared<'_> {
    /// Plays one replication after the other until none is left.
    fn work(&self) -> Result<Vec<(u32, Played)>, Refused> {
        let mut all = Vec::new();
        while !self.is_stopped.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.scenario.replications {
                break;
            }
            let mut told_ms = 0;
            let replication = Replication::new(self.scenario, number, None);
            let played = replication.play(&mut |now_ms| {
                let before = self
                    .played_ms
                    .fetch_add(now_ms - told_ms, Ordering::Relaxed);
                let flow = (self.watch)(before + now_ms - told_ms);
                told_ms = now_ms;
                if flow.is_break() {
                    self.is_stopped.store(true, Ordering::Relaxed);
                }
                if self.is_stopped.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            if played.is_err() {
                self.is_stopped.store(true, Ordering::Relaxed);
            }
            all.push((number, played?));
        }
        Ok(all)
    }
}
