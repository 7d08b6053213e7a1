//! Random batches, faults and reopenings: what loads is what a plain map says.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use homeshore::{
    engine::{
        ids::{PoolId, PoolTime},
        record::{Delta, Record},
    },
    store::{
        Batch, DetailKey, Lease, Store, StoreError,
        embedded::Embedded,
        memory::{Fault, Memory},
    },
};
use proptest::prelude::*;

use super::{EVENTS_KEPT, Place, delete, detail, faulty_disk::FaultyDisk, memory, options, put};

#[derive(Clone, Debug)]
struct Step {
    changes: Vec<(u8, Option<u16>)>,
    events: usize,
    /// Zero for none; else which one, and when.
    fault: u8,
    /// What to do after an error: the same batch again, or a new owner that looks what is there.
    same_again: bool,
    reopen: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let change = (0..12_u8, prop::option::weighted(0.7, any::<u16>()));
    (
        prop::collection::vec(change, 0..8),
        0..6_usize,
        prop_oneof![2 => Just(0), 3 => 1..40_u8],
        any::<bool>(),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(changes, events, fault, same_again, reopen)| Step {
            changes,
            events,
            fault,
            same_again,
            reopen,
        })
}

/// A store that fails to order.
trait Rig: Place {
    fn break_it(&self, fault: u8);
    fn mend_it(&self, seed: u8);
}

impl Rig for Memory {
    fn break_it(&self, fault: u8) {
        let faults = [Fault::Before, Fault::After, Fault::Torn];
        self.script([faults[usize::from(fault) % faults.len()]]);
    }

    fn mend_it(&self, _seed: u8) {}
}

impl Place for FaultyDisk {
    fn open(&self) -> Arc<dyn Store> {
        let disk = self.clone();
        let store = Embedded::open_on(Path::new("disk"), options(), move |_| disk.database());
        Arc::new(store.unwrap())
    }
}

impl Rig for FaultyDisk {
    fn break_it(&self, fault: u8) {
        match fault % 4 {
            0 => self.leave_blocks(usize::from(fault / 8)),
            1 => self.set_sync_fails(true),
            _ => self.cut_power_after(u64::from(fault / 2)),
        }
    }

    fn mend_it(&self, seed: u8) {
        self.make_room();
        self.set_sync_fails(false);
        let mut random = fastrand::Rng::with_seed(seed.into());
        if self.has_no_power() {
            self.restart(|| random.bool());
        }
        self.keep_power();
    }
}

/// What should be stored.
#[derive(Default)]
struct Model {
    revision: u64,
    pool_time: PoolTime,
    state: BTreeMap<String, Vec<u8>>,
    events: Vec<String>,
    details: BTreeMap<DetailKey, String>,
}

impl Model {
    fn next(&self, step: &Step) -> Arc<Batch> {
        let revision = self.revision + 1;
        let changes: BTreeMap<_, _> = step.changes.iter().copied().collect();
        let delta = |(key, value): (u8, Option<u16>)| match value {
            Some(value) => put(&format!("k{key}"), &value.to_string()),
            None => delete(&format!("k{key}")),
        };
        Arc::new(Batch {
            revision,
            pool_time: self.pool_time.plus(u64::from(step.fault)),
            deltas: changes.into_iter().map(delta).collect(),
            events: (0..step.events)
                .map(|n| format!("{revision}-{n}"))
                .collect(),
            details: (0..step.events as u64)
                .map(|n| detail(u64::from(step.fault), revision * 10 + n))
                .collect(),
        })
    }

    fn apply(&mut self, batch: &Batch) {
        self.revision = batch.revision;
        self.pool_time = batch.pool_time;
        for delta in &batch.deltas {
            match delta {
                Delta::Put(Record { key, value }) => self.state.insert(key.clone(), value.clone()),
                Delta::Delete(key) => self.state.remove(key),
            };
        }
        let details = batch.details.iter().cloned();
        self.details
            .extend(details.map(|detail| (detail.key, detail.json)));
        self.events.extend(batch.events.iter().cloned());
        let excess = self
            .events
            .len()
            .saturating_sub(usize::try_from(EVENTS_KEPT).unwrap());
        self.events.drain(..excess);
    }
}

struct Run<'r, R> {
    rig: &'r R,
    store: Arc<dyn Store>,
    lease: Lease,
    model: Model,
}

impl<'r, R: Rig> Run<'r, R> {
    async fn start(rig: &'r R) -> Self {
        let store = rig.open();
        let lease = store.acquire(&PoolId::new("north")).await.unwrap();
        Self {
            rig,
            store,
            lease,
            model: Model::default(),
        }
    }

    async fn step(self, step: &Step) -> Self {
        let mut run = self;
        let batch = run.model.next(step);
        if step.fault > 0 {
            run.rig.break_it(step.fault);
        }
        let answer = run.store.commit(&run.lease, Arc::clone(&batch)).await;
        run.rig.mend_it(step.fault);
        match answer {
            Ok(()) => run.model.apply(&batch),
            Err(error) => run.settle(step, &batch, &error).await,
        }
        if step.reopen {
            run = run.reopened().await;
        }
        run.compare().await;
        run
    }

    async fn settle(&mut self, step: &Step, batch: &Arc<Batch>, error: &StoreError) {
        assert!(
            matches!(error, StoreError::NotApplied(_) | StoreError::Unknown(_)),
            "{error:?}"
        );
        if step.same_again {
            self.store
                .commit(&self.lease, Arc::clone(batch))
                .await
                .unwrap();
            self.model.apply(batch);
            return;
        }
        self.lease = self.store.acquire(&self.lease.pool).await.unwrap();
        let stored = self.store.load(&self.lease).await.unwrap().revision;
        if stored == batch.revision && matches!(error, StoreError::Unknown(_)) {
            self.model.apply(batch);
        }
    }

    async fn reopened(self) -> Self {
        let Self {
            rig,
            store,
            lease,
            model,
        } = self;
        drop(store);
        let store = rig.open();
        let lease = store.acquire(&lease.pool).await.unwrap();
        Self {
            rig,
            store,
            lease,
            model,
        }
    }

    async fn compare(&self) {
        let loaded = self.store.load(&self.lease).await.unwrap();
        assert_eq!(loaded.revision, self.model.revision);
        assert_eq!(loaded.pool_time, self.model.pool_time);
        let state: BTreeMap<_, _> = loaded
            .records
            .into_iter()
            .map(|record| (record.key, record.value))
            .collect();
        assert_eq!(state, self.model.state);
        let events = self
            .store
            .events_after(&self.lease.pool, 0, 1_000)
            .await
            .unwrap();
        let events: Vec<_> = events.into_iter().map(|event| event.json).collect();
        assert_eq!(events, self.model.events);
        let start = DetailKey::default();
        let details = self.store.details_from(&self.lease.pool, start, 1_000);
        let details = details.await.unwrap().into_iter();
        let details: BTreeMap<_, _> = details.map(|detail| (detail.key, detail.json)).collect();
        assert_eq!(details, self.model.details);
    }
}

fn play(rig: &impl Rig, steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut run = Run::start(rig).await;
        for step in steps {
            run = run.step(step).await;
        }
        run.reopened().await.compare().await;
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn memory_with_faults_holds_what_the_model_holds(steps in prop::collection::vec(step(), 1..40)) {
        play(&memory(), &steps);
    }

    #[test]
    fn a_file_on_a_bad_disk_holds_what_the_model_holds(steps in prop::collection::vec(step(), 1..20)) {
        play(&FaultyDisk::new(), &steps);
    }
}
