//! Plays one seed on a pool's actor over the store in memory, on paused time.

use std::{sync::Arc, time::Duration};

use fastrand::Rng;
use homeshore::{
    clock,
    engine::{
        Engine, Limits,
        command::{CallReport, Command},
    },
    pool::{
        Pool,
        registry::{PoolLimits, Registry},
    },
    simulation::checker::Checker,
    store::{
        Store,
        memory::{Fault, Memory},
    },
};
use proptest::{
    prelude::Strategy,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::super::left::left;
use crate::engine::{
    play::{Order, Play, histories},
    world::pool as pool_id,
};

/// So many orders a seed has, after everybody signed in.
const ORDERS: usize = 60;
/// Healing takes no longer than this.
const HEALED_WITHIN: Duration = Duration::from_secs(90);

/// Plays a seed, and answers how many calls were accepted and how many conversations there were.
pub(super) fn play(seed: u64) -> (u64, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut player = Player::start(seed).await;
        player.step(0, &Order::Blackout).await;
        for (wait, order) in &orders(seed) {
            player.step(*wait, order).await;
        }
        player.heal().await;
        player.check().await
    })
}

fn orders(seed: u64) -> Vec<(u64, Order)> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    histories(ORDERS).new_tree(&mut runner).unwrap().current()
}

fn limits() -> PoolLimits {
    PoolLimits {
        engine: Limits::default(),
        waiting_commands: 1_000,
        pools: 1,
        details_kept_ms: 86_400_000,
    }
}

struct Player {
    rng: Rng,
    store: Memory,
    registry: Registry,
    pool: Pool,
    play: Play,
    /// Commands that come later than they were given.
    late: Vec<Command>,
}

impl Player {
    async fn start(seed: u64) -> Self {
        let store = Memory::new(u64::MAX);
        let (registry, pool) = open(&store).await;
        for command in Play::beginning() {
            pool.submit(command).await.unwrap();
        }
        Self {
            rng: Rng::with_seed(seed),
            store,
            registry,
            pool,
            play: Play::unseen(),
            late: Vec::new(),
        }
    }

    async fn step(&mut self, wait: u64, order: &Order) {
        // Offers do not wait for long.
        let wait = if self.rng.u8(0..4) > 0 {
            wait % 1_500
        } else {
            wait
        };
        tokio::time::sleep(Duration::from_millis(wait)).await;
        self.break_something().await;
        self.follow_up().await;
        if matches!(order, Order::Restart) {
            self.restart().await;
        }
        self.order(order).await;
        if self.rng.u8(0..3) == 0 && !self.late.is_empty() {
            let which = self.rng.usize(0..self.late.len());
            let command = self.late.swap_remove(which);
            self.send(&command);
        }
        // The actor takes some of what waits before the next order.
        if self.rng.bool() {
            tokio::task::yield_now().await;
        }
    }

    /// Most of those who are offered a call go on with it, and come back when they were away.
    async fn follow_up(&mut self) {
        let (agent, call) = (self.rng.u8(..), self.rng.u8(..));
        let report = CallReport::Answered;
        let stale = false;
        let next = [
            Order::Accept { agent },
            Order::Report {
                call,
                stale,
                report,
            },
            Order::Blackout,
        ];
        for (order, seldom) in next.iter().zip([2, 2, 8]) {
            if self.rng.u8(0..seldom) == 0 {
                self.order(order).await;
            }
        }
    }

    async fn order(&mut self, order: &Order) {
        let commands = match self.pool.read(copy).await {
            Ok(engine) => self.play.commands(engine, order),
            // Nobody can look: what is late goes on.
            Err(_away) => Vec::new(),
        };
        for command in commands {
            self.give(command);
        }
    }

    /// A command comes now, twice, late, or both now and late.
    fn give(&mut self, command: Command) {
        let times = [1, 1, 1, 1, 2, 3, 0][self.rng.usize(0..7)];
        (0..times).for_each(|_| self.send(&command));
        if times == 0 || self.rng.u8(0..6) == 0 {
            self.late.push(command);
        }
    }

    fn send(&self, command: &Command) {
        // Whoever gave it does not wait for its outcome.
        drop(self.pool.send(command.clone()));
    }

    async fn break_something(&mut self) {
        let ms = Duration::from_millis(self.rng.u64(1..15_000));
        match self.rng.u8(0..40) {
            0..4 => self.store.script([Fault::Before]),
            4..8 => self.store.script([Fault::After]),
            8..10 => self.store.script([Fault::Torn]),
            10..14 => self.store.script([Fault::Delay(ms)]),
            14..16 => {
                self.store.set_down(true);
                tokio::time::sleep(ms).await;
                self.store.set_down(false);
            }
            16 => {
                // Somebody else takes the pool: its owner is fenced, and opens it again.
                let _nobody_uses_it = self.store.acquire(&pool_id()).await;
            }
            17 => self
                .store
                .script([Fault::After, Fault::Before, Fault::After, Fault::Torn]),
            _ => {}
        }
    }

    /// The process ends in order, and another one begins.
    async fn restart(&mut self) {
        self.registry.close().await;
        (self.registry, self.pool) = open(&self.store).await;
    }

    /// The faults are over. Platforms come back and say that every caller is gone, agents end their work.
    async fn heal(&mut self) {
        self.store.set_down(false);
        let over = clock::instant() + HEALED_WITHIN;
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let Ok(engine) = self.pool.read(copy).await else {
                continue;
            };
            let left = left(&engine);
            if left.is_empty() {
                return;
            }
            let names: Vec<_> = left.iter().map(Command::name).collect();
            assert!(clock::instant() < over, "not healed: {names:?}");
            for command in left {
                // A fault that is still under way may refuse it: it is asked again.
                drop(self.pool.submit(command).await);
            }
        }
    }

    /// Everything that was told keeps the rules.
    async fn check(self) -> (u64, u64) {
        self.registry.close().await;
        let mut checker = Checker::new();
        let events = self.store.events_after(&pool_id(), 0, usize::MAX).await;
        let mut talks = 0;
        for event in events.unwrap() {
            checker.line(&event.json);
            talks += u64::from(event.json.contains("\"event\":\"call_connected\""));
        }
        let report = checker.end(true);
        assert_eq!(report.violations, []);
        assert!(report.is_whole && report.lines > 0, "{report:?}");
        (report.accepted, talks)
    }
}

async fn open(store: &Memory) -> (Registry, Pool) {
    let registry = Registry::new(Arc::new(store.clone()), limits());
    loop {
        match registry.get_or_create(&pool_id()).await {
            Ok(pool) => return (registry, pool),
            Err(_down) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// A pool as it is between two batches.
fn copy(engine: &mut Engine) -> Engine {
    let records = engine.dump();
    Engine::load(pool_id(), Limits::default(), &records, engine.now()).unwrap()
}
