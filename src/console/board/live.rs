//! Boards that are kept up to date: what is drawn for one is sent to all that show the same, in numbered events of which the
//! last are remembered, so that a board that was cut off goes on where it was.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex as AsyncMutex, broadcast},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::{
    curve::Curve,
    filter::Filter,
    parts::{Drawing, Parts},
    picture::Picture,
};
use crate::{
    clock,
    console::{figures::unfilled, words::Language},
    engine::{
        alarm::Thresholds,
        ids::{PoolId, PoolTime},
    },
    pool::{Pool, details::Details, registry::Registry},
};

/// Changes that come within this time are drawn together.
const PAUSE: Duration = Duration::from_millis(450);
/// A board hears at least this often, also when nothing changed.
pub(super) const BEAT: Duration = Duration::from_secs(1);
/// The day's curve is drawn anew this often.
const CURVE_EVERY: Duration = Duration::from_secs(10);
/// Events of a board that are remembered.
const MEMORY_MAX: usize = 60;
/// Events that wait for a slow board; then it is given everything anew.
const QUEUE_MAX: usize = 16;
/// A board that nobody looks at is drawn for this long.
const KEPT: Duration = Duration::from_secs(20);
/// Different boards of a pool that are drawn at once; the one that nobody has asked for the longest goes.
const BOARDS_MAX: usize = 500;

/// Which board: its language, and which agents it lists.
type Key = (Language, Filter);

/// An event: its number, and what browsers get of it.
pub(super) type Event = (u64, Bytes);

/// The boards of all pools.
#[derive(Clone)]
pub(in crate::console) struct Boards(Arc<Shared>);

struct Shared {
    registry: Arc<Registry>,
    thresholds: Thresholds,
    stopping: CancellationToken,
    /// Tells the events of this process from those of one before.
    boot: String,
    pools: Mutex<BTreeMap<PoolId, Arc<PoolBoards>>>,
}

/// The boards of a pool.
pub(in crate::console) struct PoolBoards {
    pool: Pool,
    thresholds: Thresholds,
    boot: String,
    boards: Mutex<BTreeMap<Key, Board>>,
    drawn: AsyncMutex<Drawn>,
}

/// What is drawn from.
struct Drawn {
    picture: Picture,
    curve: Curve,
    details: Details,
    curve_at: Option<Instant>,
    is_at_work: bool,
}

struct Board {
    boot: String,
    parts: Parts,
    now: PoolTime,
    number: u64,
    memory: VecDeque<Event>,
    news: broadcast::Sender<Event>,
    used: Instant,
}

/// A board as a page shows it.
pub(super) struct Shown {
    pub(super) parts: Parts,
    pub(super) now: PoolTime,
    /// The number of its last event, as text.
    pub(super) after: String,
}

/// How a board begins: with what it missed, and then what comes.
pub(super) struct Following {
    pub(super) first: Vec<Event>,
    pub(super) news: broadcast::Receiver<Event>,
}

impl Boards {
    /// None yet.
    pub(in crate::console) fn new(
        registry: Arc<Registry>,
        thresholds: Thresholds,
        stopping: CancellationToken,
    ) -> Self {
        // The calendar tells processes on one address apart: two do not start in the same ms.
        let boot = format!("{:x}", clock::wall().0);
        Self(Arc::new(Shared {
            registry,
            thresholds,
            stopping,
            boot,
            pools: Mutex::default(),
        }))
    }

    /// The thresholds of alarms.
    pub(super) fn thresholds(&self) -> &Thresholds {
        &self.0.thresholds
    }

    /// Told when the server is about to end.
    pub(in crate::console) fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    /// The boards of a pool.
    pub(in crate::console) fn of(&self, pool: &Pool) -> Arc<PoolBoards> {
        let mut pools = lock(&self.0.pools);
        let boards = pools.entry(pool.id().clone()).or_insert_with(|| {
            Arc::new(PoolBoards {
                pool: pool.clone(),
                thresholds: self.0.thresholds,
                boot: self.0.boot.clone(),
                boards: Mutex::default(),
                drawn: AsyncMutex::new(Drawn {
                    picture: Picture::default(),
                    curve: Curve::default(),
                    details: self.0.registry.details(pool.clone()),
                    curve_at: None,
                    is_at_work: false,
                }),
            })
        });
        Arc::clone(boards)
    }

    /// A board now. From the first one on they are kept up to date until nobody looks any more.
    pub(super) async fn show(
        &self,
        pool: &Pool,
        language: Language,
        filter: &Filter,
    ) -> askama::Result<Shown> {
        let boards = self.of(pool);
        let key = (language, filter.clone());
        let mut drawn = boards.drawn.lock().await;
        let shown = boards.shown(&key);
        if drawn.is_at_work
            && let Some(shown) = shown
        {
            return Ok(shown);
        }
        drawn.refresh(&boards.pool).await;
        let shown = boards.begin(key, &drawn)?;
        if !drawn.is_at_work {
            drawn.is_at_work = true;
            let stopping = self.0.stopping.clone();
            tokio::spawn(Arc::clone(&boards).keep(stopping));
        }
        Ok(shown)
    }

    /// Follows a board from after the event of this number on.
    pub(super) async fn follow(
        &self,
        pool: &Pool,
        language: Language,
        filter: &Filter,
        after: &str,
    ) -> askama::Result<Following> {
        self.show(pool, language, filter).await?;
        let boards = self.of(pool);
        let key = (language, filter.clone());
        loop {
            if let Some(following) = boards.follow(&key, after) {
                return Ok(following);
            }
            // It was dropped between, as one that nobody had asked for.
            self.show(pool, language, filter).await?;
        }
    }
}

impl Drawn {
    async fn refresh(&mut self, pool: &Pool) {
        self.picture.refresh(pool).await;
        let now = clock::instant();
        let is_due = |at: Instant| now.duration_since(at) >= CURVE_EVERY;
        if self.curve_at.is_none_or(is_due) {
            self.curve.refresh(pool, &self.details).await;
            self.curve_at = Some(now);
        }
    }
}

impl PoolBoards {
    fn shown(&self, key: &Key) -> Option<Shown> {
        let mut boards = lock(&self.boards);
        let board = boards.get_mut(key)?;
        board.used = clock::instant();
        Some(board.shown())
    }

    fn drawing<'a>(&'a self, drawn: &'a Drawn, language: Language) -> Drawing<'a> {
        Drawing {
            pool: self.pool.id().as_str(),
            w: language.words(),
            picture: &drawn.picture,
            thresholds: &self.thresholds,
            curve: &drawn.curve,
        }
    }

    fn begin(&self, key: Key, drawn: &Drawn) -> askama::Result<Shown> {
        let drawing = self.drawing(drawn, key.0);
        let parts = drawing.parts(&drawing.common()?, &key.1)?;
        let mut boards = lock(&self.boards);
        if !boards.contains_key(&key) && boards.len() >= BOARDS_MAX {
            let oldest = boards.iter().min_by_key(|(_, board)| board.used);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.map(|key| boards.remove(&key));
        }
        let board = boards.entry(key).or_insert_with(|| Board::new(&self.boot));
        board.update(parts, drawn.picture.now);
        Ok(board.shown())
    }

    fn follow(&self, key: &Key, after: &str) -> Option<Following> {
        let mut boards = lock(&self.boards);
        let board = boards.get_mut(key)?;
        board.used = clock::instant();
        let number = after
            .strip_prefix(&self.boot)
            .and_then(|rest| rest.strip_prefix('-'));
        let missed = number.and_then(|number| board.missed(number.parse().ok()?));
        Some(Following {
            first: missed.unwrap_or_else(|| vec![board.everything()]),
            news: board.news.subscribe(),
        })
    }

    /// All of a board, for one that is too far behind.
    pub(super) fn everything(&self, language: Language, filter: &Filter) -> Option<Event> {
        let boards = lock(&self.boards);
        let board = boards.get(&(language, filter.clone()))?;
        Some(board.everything())
    }

    /// A look at what boards are drawn from, as it is now.
    pub(in crate::console) async fn look<T>(&self, see: impl FnOnce(&Picture, &Curve) -> T) -> T {
        let mut drawn = self.drawn.lock().await;
        drawn.refresh(&self.pool).await;
        see(&drawn.picture, &drawn.curve)
    }

    /// Draws what changes until nobody looks.
    async fn keep(self: Arc<Self>, stopping: CancellationToken) {
        let mut revisions = self.pool.view().revisions();
        loop {
            let changed = async {
                sleep(PAUSE).await;
                let waited = timeout(BEAT.saturating_sub(PAUSE), revisions.changed()).await;
                waited.is_ok_and(|changed| changed.is_err())
            };
            let is_over = tokio::select! {
                pool_gone = changed => pool_gone,
                () = stopping.cancelled() => true,
            };
            let mut drawn = self.drawn.lock().await;
            if is_over || self.forget_unused() {
                drawn.is_at_work = false;
                lock(&self.boards).clear();
                return;
            }
            revisions.borrow_and_update();
            drawn.refresh(&self.pool).await;
            self.draw(&drawn).await;
        }
    }

    /// Draws every board, and lets others work between two.
    async fn draw(&self, drawn: &Drawn) {
        let keys: Vec<Key> = lock(&self.boards).keys().cloned().collect();
        let mut common: BTreeMap<Language, Parts> = BTreeMap::new();
        for key in keys {
            let drawing = self.drawing(drawn, key.0);
            let shared = match common.remove(&key.0) {
                Some(parts) => Ok(parts),
                None => drawing.common(),
            };
            let parts = shared.and_then(|shared| {
                let parts = drawing.parts(&shared, &key.1);
                common.insert(key.0, shared);
                parts
            });
            match parts {
                Ok(parts) => {
                    if let Some(board) = lock(&self.boards).get_mut(&key) {
                        board.update(parts, drawn.picture.now);
                    }
                }
                Err(problem) => error!(%problem, "a board cannot be drawn"),
            }
            tokio::task::yield_now().await;
        }
    }

    /// Forgets boards that nobody looks at; true if none is left.
    fn forget_unused(&self) -> bool {
        let now = clock::instant();
        let mut boards = lock(&self.boards);
        boards.retain(|_, board| {
            if board.news.receiver_count() > 0 {
                board.used = now;
            }
            now.duration_since(board.used) < KEPT
        });
        boards.is_empty()
    }
}

impl Board {
    fn new(boot: &str) -> Self {
        Self {
            boot: boot.to_owned(),
            parts: Parts::default(),
            now: PoolTime::default(),
            number: 0,
            memory: VecDeque::new(),
            news: broadcast::Sender::new(QUEUE_MAX),
            used: clock::instant(),
        }
    }

    fn shown(&self) -> Shown {
        Shown {
            parts: self.parts.clone(),
            now: self.now,
            after: format!("{}-{}", self.boot, self.number),
        }
    }

    /// Takes a new drawing over and tells what changed; if nothing did, that it is still so.
    fn update(&mut self, parts: Parts, now: PoolTime) {
        let html = parts.html.iter();
        let changed = html.filter(|(id, html)| self.parts.html.get(*id) != Some(html));
        let changed: BTreeMap<&String, String> =
            changed.map(|(id, html)| (id, unfilled(html))).collect();
        let lists = parts.lists.iter();
        let mut lists: BTreeMap<&str, &Vec<String>> = lists
            .filter(|(name, ids)| self.parts.lists.get(*name) != Some(ids))
            .map(|(name, ids)| (*name, ids))
            .collect();
        let none = Vec::new();
        let gone = self
            .parts
            .lists
            .keys()
            .filter(|name| !parts.lists.contains_key(*name));
        lists.extend(gone.map(|name| (*name, &none)));
        self.number += 1;
        let event = self.event(&json!({ "now": now.0, "parts": changed, "lists": lists }));
        if self.memory.len() == MEMORY_MAX {
            self.memory.pop_front();
        }
        self.memory.push_back(event.clone());
        self.parts = parts;
        self.now = now;
        // Nobody may be looking at the moment.
        let _nobody = self.news.send(event);
    }

    /// What came after the event of this number; none if that is not remembered.
    fn missed(&self, number: u64) -> Option<Vec<Event>> {
        let oldest = self.memory.front()?.0;
        let known = number <= self.number && number + 1 >= oldest;
        let missed = self.memory.iter().filter(|event| event.0 > number);
        known.then(|| missed.cloned().collect())
    }

    fn everything(&self) -> Event {
        let html = self.parts.html.iter();
        let parts: BTreeMap<&String, String> =
            html.map(|(id, html)| (id, unfilled(html))).collect();
        let lists = &self.parts.lists;
        self.event(&json!({ "now": self.now.0, "all": true, "parts": parts, "lists": lists }))
    }

    /// An event as the stream has it; JSON has no bare line ends.
    fn event(&self, content: &Value) -> Event {
        let text = format!("id: {}-{}\ndata: {content}\n\n", self.boot, self.number);
        (self.number, Bytes::from(text))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(text: &str, ids: &[&str]) -> Parts {
        let mut parts = Parts::default();
        parts.html.insert("tiles".to_owned(), text.into());
        for id in ids {
            parts
                .html
                .insert((*id).to_owned(), format!("<tr id=\"{id}\">").into());
        }
        parts
            .lists
            .insert("queues", ids.iter().map(ToString::to_string).collect());
        parts
    }

    fn told(event: &Event) -> Value {
        let text = std::str::from_utf8(&event.1).expect("events are text");
        let data = text.split_once("\ndata: ").expect("an event has data").1;
        serde_json::from_str(data).expect("events are JSON")
    }

    #[tokio::test(start_paused = true)]
    async fn a_board_is_told_what_changed_and_resumes_after_what_it_has() {
        let mut board = Board::new("b");
        board.update(drawing("a", &["q:1"]), PoolTime(1));
        board.update(drawing("b", &["q:1"]), PoolTime(2));
        board.update(drawing("b", &["q:1", "q:2"]), PoolTime(3));
        let missed = board.missed(1).expect("remembered");
        assert_eq!(missed.len(), 2);
        assert_eq!(
            told(&missed[0]),
            json!({"now": 2, "parts": {"tiles": "b"}, "lists": {}})
        );
        let second = json!({"now": 3, "parts": {"q:2": "<tr id=\"q:2\">"}, "lists": {"queues": ["q:1", "q:2"]}});
        assert_eq!(told(&missed[1]), second);
        assert!(board.missed(3).expect("remembered").is_empty());
        assert!(board.missed(4).is_none(), "of the future");
        let all = told(&board.everything());
        assert_eq!(all["parts"].as_object().expect("an object").len(), 3);
        board.update(Parts::default(), PoolTime(4));
        let last = board.missed(3).expect("remembered");
        assert_eq!(told(&last[0])["lists"], json!({"queues": []}));
    }

    #[tokio::test(start_paused = true)]
    async fn a_board_that_is_too_far_behind_is_given_everything() {
        let mut board = Board::new("b");
        for number in 0..200 {
            board.update(drawing(&number.to_string(), &[]), PoolTime(number));
        }
        assert_eq!(board.memory.len(), MEMORY_MAX);
        assert!(board.missed(139).is_none());
        assert_eq!(board.missed(140).expect("remembered").len(), MEMORY_MAX);
    }
}
