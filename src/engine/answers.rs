//! Answers to changes that named a request, kept for a while: a repeat gets the first one, also after a crash.
//!
//! An answer is stored with its change, in one commit. What it says is the door's business: here it is text.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    ids::PoolTime,
    state::{EntityKey, State, Timer},
};

/// An answer is kept this long.
pub(crate) const KEPT_MS: u64 = 15 * 60_000;
/// Most answers that are kept for one client; the oldest go first.
pub(crate) const OF_CLIENT_MAX: usize = 256;
/// Most answers of a pool, and most bytes of them: names of clients come from outside.
pub(crate) const OF_POOL_MAX: usize = 4_096;
pub(crate) const BYTES_MAX: usize = 16 << 20;

/// A request as its client names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestKey {
    /// Who asked.
    pub client: Arc<str>,
    /// The client's id of the request.
    pub id: Arc<str>,
}

/// An answer that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAnswer {
    /// The request.
    pub request: RequestKey,
    /// Digest of its content.
    pub digest: Arc<str>,
    /// What is answered.
    pub answer: Arc<str>,
}

/// The answer to a change that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The request.
    pub request: RequestKey,
    /// Digest of its content; a repeat has the same.
    pub digest: Arc<str>,
    /// When it is forgotten.
    pub forget_at: PoolTime,
    /// What was answered.
    pub answer: Arc<str>,
}

/// The answers of a pool.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    kept: BTreeMap<RequestKey, Arc<KeptAnswer>>,
    /// Oldest first.
    order: BTreeSet<(PoolTime, RequestKey)>,
    /// Of each client, oldest first.
    of_client: BTreeMap<Arc<str>, BTreeSet<(PoolTime, RequestKey)>>,
    bytes: usize,
}

impl Answers {
    /// The answer to a request, if it is known.
    pub(crate) fn get(&self, request: &RequestKey) -> Option<&Arc<KeptAnswer>> {
        self.kept.get(request)
    }

    /// Every request whose answer is kept.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &RequestKey> {
        self.kept.keys()
    }

    /// The answer that has to go before one of so many bytes is kept for a client, if one has to.
    pub(crate) fn surplus(&self, client: &str, bytes: usize) -> Option<&RequestKey> {
        let own = self.of_client.get(client);
        let own = own.filter(|own| own.len() >= OF_CLIENT_MAX);
        let full = self.kept.len() >= OF_POOL_MAX || self.bytes + bytes > BYTES_MAX;
        let oldest = || full.then(|| self.order.first()).flatten();
        let surplus = own.and_then(BTreeSet::first).or_else(oldest);
        surplus.map(|(_, request)| request)
    }

    fn put(&mut self, answer: &Arc<KeptAnswer>) {
        let (request, place) = (&answer.request, place(answer));
        let own = self.of_client.entry(Arc::clone(&request.client));
        own.or_default().insert(place.clone());
        self.order.insert(place);
        self.bytes += answer.answer.len();
        self.kept.insert(request.clone(), Arc::clone(answer));
    }

    fn remove(&mut self, request: &RequestKey) -> Option<Arc<KeptAnswer>> {
        let answer = self.kept.remove(request)?;
        let place = place(&answer);
        self.order.remove(&place);
        self.bytes -= answer.answer.len();
        if let Some(own) = self.of_client.get_mut(&request.client) {
            own.remove(&place);
            if own.is_empty() {
                self.of_client.remove(&request.client);
            }
        }
        Some(answer)
    }
}

fn place(answer: &KeptAnswer) -> (PoolTime, RequestKey) {
    (answer.forget_at, answer.request.clone())
}

impl State {
    /// Keeps an answer.
    pub(super) fn put_answer(&mut self, answer: &Arc<KeptAnswer>) {
        self.answers.put(answer);
        let timer = Timer::Answer(answer.request.clone());
        self.retime(None, Some(answer.forget_at), timer);
        self.touched
            .insert(EntityKey::Answer(answer.request.clone()));
    }

    /// Forgets an answer.
    pub(super) fn remove_answer(&mut self, request: &RequestKey) {
        let gone = self.answers.remove(request);
        let gone = gone.expect("a forgotten answer was kept");
        self.retime(Some(gone.forget_at), None, Timer::Answer(request.clone()));
        self.touched.insert(EntityKey::Answer(request.clone()));
    }
}
