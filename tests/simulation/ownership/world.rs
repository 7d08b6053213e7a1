//! One seed: servers, those who call through them, and what goes wrong.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use fastrand::Rng;
use homeshore::{
    clock,
    engine::Limits,
    pool::{
        Condition, Pool,
        places::Place,
        registry::{PoolLimits, Registry},
    },
    simulation::checker::Checker,
    store::{
        Store,
        redis::{Address, Options, Redis},
        shared::Shared,
    },
};
use sha2::{Digest, Sha256};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    super::left::left,
    agents::beginning,
    callers::{PATIENCE, Street},
};
use crate::{
    engine::world::pool as pool_id,
    support::mimic::{Counts, Line, Mimic, Rules, Trouble},
};

/// Servers that are there at a time.
const SERVERS: usize = 3;
/// Callers at work.
const CALLERS: usize = 3;
/// Things that may go wrong, one after the other.
const STEPS: usize = 30;
/// A lease as the store has it by default, ms.
const LEASE_MS: u64 = 2_000;
/// Clocks of servers of the store differ by up to this, ms.
const SKEW_MS: i64 = 3_000;
/// When the faults are over all is well within this time.
const HEALED_WITHIN: Duration = Duration::from_secs(60);

/// What goes wrong, and what is taken away.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) rules: Rules,
    /// Servers are killed.
    pub(super) kills: bool,
    /// The store loses its newest changes.
    pub(super) loses: bool,
    /// Callers take for undone what nobody knows of.
    pub(super) forgets_the_unknown: bool,
}

/// A promise that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Broken {
    /// An acknowledged call is not there.
    Lost,
    /// The same, after another took the pool as a store that had lost changes had it.
    LostBehind,
    /// A call was accepted twice.
    Doubled,
    /// A call was refused and yet accepted.
    Untrue,
    /// The history breaks a rule of the service.
    Rules,
    /// What the owner has in memory is not what is stored.
    Differs,
    /// The pool does not go on.
    Stuck,
    /// The program broke.
    Panicked,
}

/// What came of a seed.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) acknowledged: usize,
    pub(super) lost_states: usize,
    pub(super) killed: usize,
    pub(super) counts: Counts,
    pub(super) broken: BTreeMap<Broken, String>,
    /// Everything that was stored, in short.
    pub(super) trace: String,
}

thread_local! {
    static BEGUN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Time of the servers since the seed began.
fn since_begun() -> Duration {
    let begun = BEGUN.get().expect("a seed has begun");
    clock::instant().duration_since(begun)
}

/// Plays a seed.
pub(super) fn play(plan: Plan, seed: u64) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    fastrand::seed(seed);
    runtime.block_on(async {
        BEGUN.set(Some(clock::instant()));
        let mut world = World::begin(plan, seed).await;
        for _ in 0..STEPS {
            let pause = world.rng.u64(50..600);
            sleep(Duration::from_millis(pause)).await;
            world.something_goes_wrong();
        }
        world.end().await
    })
}

/// A server.
#[derive(Clone)]
pub(super) struct Server {
    line: Arc<Line>,
    pub(super) registry: Arc<Registry>,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct World {
    plan: Plan,
    rng: Rng,
    redis: Mimic,
    street: Street,
    callers: Vec<JoinHandle<()>>,
    told: Told,
}

impl World {
    /// Three servers that see each other, of which one has the pool, and callers.
    async fn begin(plan: Plan, seed: u64) -> Self {
        let street = Street {
            plan,
            servers: Arc::default(),
            ledger: Arc::default(),
            is_over: Arc::default(),
        };
        let mut world = Self {
            plan,
            rng: Rng::with_seed(seed),
            redis: Mimic::new(plan.rules),
            street,
            callers: Vec::new(),
            told: Told::default(),
        };
        for place in 0..SERVERS {
            world.add_server(place);
        }
        let first = lock(&world.street.servers)[0].clone();
        let pool = first.registry.get_or_create(&pool_id()).await.unwrap();
        for command in beginning() {
            pool.submit(command).await.unwrap();
        }
        for server in lock(&world.street.servers).iter() {
            server.line.set_trouble(TROUBLE);
        }
        for number in 0..CALLERS {
            let rng = Rng::with_seed(seed.wrapping_mul(31).wrapping_add(number as u64));
            let caller = world.street.clone().call(rng);
            world.callers.push(tokio::spawn(caller));
        }
        let agents = world.street.clone().work(Rng::with_seed(seed ^ 7));
        world.callers.push(tokio::spawn(agents));
        world
    }

    /// A server begins, at a place where none is any more.
    fn add_server(&mut self, place: usize) {
        let line = Line::new(self.rng.u64(..));
        let options = Options {
            dial: Some(self.redis.dial(&line)),
            ..Options::new(since_begun, || 0)
        };
        let address = Address::parse("redis://127.0.0.1:1").unwrap();
        let store = Arc::new(Redis::new(address, options));
        store.join(&format!("server {place}"));
        let store: Arc<dyn Store> = store;
        let registry = Registry::sharing(store.shared().expect("it is shared"), limits());
        let registry = Arc::new(registry);
        tokio::spawn(share(Arc::clone(&registry)));
        let server = Server { line, registry };
        let mut servers = lock(&self.street.servers);
        if place < servers.len() {
            server.line.set_trouble(TROUBLE);
            servers[place] = server;
        } else {
            servers.push(server);
        }
    }

    fn something_goes_wrong(&mut self) {
        let place = self.rng.usize(0..SERVERS);
        let server = lock(&self.street.servers)[place].clone();
        match self.rng.u8(0..12) {
            0..3 => {
                let ms = self.rng.u64(50..3 * LEASE_MS);
                server.line.freeze(Duration::from_millis(ms));
            }
            3 => self.others_believe_gone(&server),
            4 => {
                // It gives its pools away, and another begins.
                let registry = Arc::clone(&server.registry);
                tokio::spawn(async move { registry.close().await });
                self.add_server(place);
            }
            5 => self.outage(),
            6 | 7 if self.plan.kills => {
                self.told.killed += 1;
                server.line.end();
                if self.rng.u8(0..3) > 0 {
                    self.others_believe_gone(&server);
                }
                self.add_server(place);
            }
            8 | 9 if self.plan.loses => {
                let (lost, off_ms) = (self.rng.usize(0..13), self.rng.i64(-SKEW_MS..SKEW_MS));
                self.told.lost_states += self.redis.fail_over(lost, off_ms);
            }
            10 => {
                // Another server of the store with a clock of its own that lacks nothing.
                let off_ms = self.rng.i64(-SKEW_MS..SKEW_MS);
                self.redis.fail_over(0, off_ms);
            }
            _ => {}
        }
    }

    /// The others find a server gone, rightly or not.
    fn others_believe_gone(&self, server: &Server) {
        let gone = server.registry.me();
        for other in lock(&self.street.servers).iter() {
            if other.registry.me() != gone {
                other.registry.is_gone(&gone);
            }
        }
    }

    /// The store is away for a while.
    fn outage(&mut self) {
        let redis = self.redis.clone();
        let ms = Duration::from_millis(self.rng.u64(50..2 * LEASE_MS));
        redis.set_down(true);
        tokio::spawn(async move {
            sleep(ms).await;
            redis.set_down(false);
        });
    }

    /// The faults are over: all must be well, and is looked at.
    async fn end(mut self) -> Told {
        for server in lock(&self.street.servers).iter() {
            server.line.set_trouble(Trouble::default());
            server.line.freeze(Duration::ZERO);
        }
        self.street.is_over.store(true, Ordering::Relaxed);
        let over = clock::instant() + HEALED_WITHIN;
        for caller in std::mem::take(&mut self.callers) {
            if tokio::time::timeout_at(over, caller).await.is_err() {
                self.break_promise(Broken::Stuck, "a caller gets no answer");
            }
        }
        let settled = tokio::time::timeout_at(over, self.settle()).await;
        match settled {
            Err(_late) => self.break_promise(Broken::Stuck, "the pool does not settle"),
            Ok(owner) => self.compare(&owner).await,
        }
        self.look_at_history();
        self.told.counts = self.redis.counts();
        self.told
    }

    fn break_promise(&mut self, what: Broken, seen: impl Into<String>) {
        self.told.broken.entry(what).or_insert_with(|| seen.into());
    }

    /// Ends what is left of calls, until one server has the pool and nothing is left.
    async fn settle(&self) -> Pool {
        loop {
            sleep(Duration::from_millis(500)).await;
            let servers = lock(&self.street.servers).clone();
            let is_here =
                |server: &&Server| matches!(server.registry.place(&pool_id()), Place::Here { .. });
            let owners: Vec<&Server> = servers.iter().filter(is_here).collect();
            let [owner] = &owners[..] else { continue };
            let Some(pool) = owner.registry.get(&pool_id()) else {
                continue;
            };
            if pool.condition() != Condition::Open {
                continue;
            }
            let Ok(Ok(left)) = timeout(PATIENCE, pool.read(|engine| left(engine))).await else {
                continue;
            };
            if left.is_empty() {
                return pool;
            }
            for command in left {
                // What is refused now is asked for again.
                let _again = timeout(PATIENCE, pool.submit(command)).await;
            }
        }
    }

    /// What the owner has in memory is what is stored.
    async fn compare(&mut self, owner: &Pool) {
        let mut differences = String::new();
        // Something may be on its way.
        for _ in 0..10 {
            let Ok(Ok(dump)) = timeout(PATIENCE, owner.read(|engine| engine.dump())).await else {
                return self.break_promise(Broken::Differs, "the owner does not answer");
            };
            let head: BTreeMap<_, _> = self.redis.fields("hs:{default}:m").into_iter().collect();
            let generation = String::from_utf8_lossy(&head["gen"]).into_owned();
            let stored = self.redis.fields(&format!("hs:{{default}}:s:{generation}"));
            let memory = dump.into_iter().map(|record| (record.key, record.value));
            let memory: BTreeMap<String, Vec<u8>> = memory.collect();
            let stored: BTreeMap<String, Vec<u8>> = stored.into_iter().collect();
            if memory == stored {
                self.told.trace = trace(&stored, &self.redis.entries("hs:{default}:o"));
                return;
            }
            let keys: BTreeSet<&String> = memory.keys().chain(stored.keys()).collect();
            let differing = keys
                .into_iter()
                .filter(|key| memory.get(*key) != stored.get(*key));
            differences = format!("{:?}", differing.collect::<Vec<_>>());
            sleep(Duration::from_millis(100)).await;
        }
        self.break_promise(Broken::Differs, differences);
    }

    fn look_at_history(&mut self) {
        let mut checker = Checker::new();
        let mut accepted = BTreeMap::<String, u32>::new();
        for line in self.redis.entries("hs:{default}:o") {
            checker.line(&line);
            let event: serde_json::Value = serde_json::from_str(&line).unwrap();
            if event["event"] == "call_queued" {
                let id = event["call_id"].as_str().unwrap().to_owned();
                *accepted.entry(id).or_default() += 1;
            }
        }
        let report = checker.end(false);
        if !report.violations.is_empty() {
            self.break_promise(Broken::Rules, format!("{:?}", report.violations));
        }
        let ledger = Arc::clone(&self.street.ledger);
        let ledger = lock(&ledger);
        self.told.acknowledged = ledger.acknowledged.len();
        // Who takes a pool that came back with less cannot know what its owner, who lives, would have put back.
        let lost = match self.redis.counts().taken_behind {
            0 => Broken::Lost,
            _ => Broken::LostBehind,
        };
        for id in &ledger.acknowledged {
            if !accepted.contains_key(id) {
                self.break_promise(lost, id);
            }
        }
        for id in &ledger.refused {
            if accepted.contains_key(id) {
                self.break_promise(Broken::Untrue, id);
            }
        }
        for (id, times) in &accepted {
            if *times > 1 {
                self.break_promise(Broken::Doubled, id);
            }
        }
    }
}

/// What happens to each message while the faults last.
const TROUBLE: Trouble = Trouble {
    late: 15,
    late_ms: 3 * LEASE_MS,
    unanswered: 15,
    cut: 15,
};

fn limits() -> PoolLimits {
    PoolLimits {
        engine: Limits::default(),
        waiting_commands: 1_000,
        pools: 4,
        details_kept_ms: 86_400_000,
    }
}

/// Begins to share as soon as the store lets it.
async fn share(registry: Arc<Registry>) {
    while registry.share().await.is_err() {
        sleep(Duration::from_millis(200)).await;
    }
}

fn trace(stored: &BTreeMap<String, Vec<u8>>, events: &[String]) -> String {
    let mut hash = Sha256::new();
    for (key, value) in stored {
        hash.update(key);
        hash.update(value);
    }
    for event in events {
        hash.update(event);
    }
    format!("{} events, {:x}", events.len(), hash.finalize())
}
