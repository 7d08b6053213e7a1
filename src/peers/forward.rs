//! The layer of the public port by which any process takes any request: it is served here if its pool is, else passed on, unread, to
//! the process that has it.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::request::Parts;
use prost::bytes::Bytes;
use tonic::{Status, body::Body};
use tonic_types::StatusExt;
use tower::{Layer, Service};

use super::{Peers, body, link, secret, subject};
use crate::{
    api::{Answer, Unserved, reasons},
    clock,
    engine::ids::PoolId,
    metrics::{Passed, passed_on},
    pool::{Pool, places::Place},
    store::shared::Replica,
};

/// How long a request waits for its pool to have an owner.
const PATIENCE: Duration = Duration::from_secs(4);
/// Pause before a request is tried again, doubled each time up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(25);
const PAUSE_LAST: Duration = Duration::from_millis(200);
/// Streams end within this time, not all at once, when this process is about to end.
const SCATTER_MS: u64 = 500;

/// Passes on what is for a pool of another process.
#[derive(Clone)]
pub struct Forward(Option<Arc<Peers>>);

impl Forward {
    /// To these; nothing is passed on where there are no others.
    pub fn new(peers: Option<Arc<Peers>>) -> Self {
        Self(peers)
    }
}

impl<S> Layer<S> for Forward {
    type Service = Forwarding<S>;

    fn layer(&self, inner: S) -> Forwarding<S> {
        Forwarding {
            peers: self.0.clone(),
            inner,
        }
    }
}

/// The services below [`Forward`].
#[derive(Clone)]
pub struct Forwarding<S> {
    peers: Option<Arc<Peers>>,
    inner: S,
}

impl<S> Service<http::Request<Body>> for Forwarding<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let Some(peers) = &self.peers else {
            return Box::pin(self.inner.call(request));
        };
        // Nobody outside speaks for another process.
        request.headers_mut().remove(secret::HEADER);
        // The one that was found ready is used up.
        let next = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, next);
        let passing = Passing {
            peers: Arc::clone(peers),
            inner,
            pause: PAUSE_FIRST,
        };
        Box::pin(passing.serve(request))
    }
}

/// What is given to whoever answers.
enum Given {
    /// A stream, which can be given once.
    Stream(Option<Body>),
    /// A message, which can be given again.
    Message(Bytes),
}

impl Given {
    fn body(&mut self) -> Body {
        match self {
            Self::Stream(body) => body.take().unwrap_or_default(),
            Self::Message(bytes) => body::whole(bytes.clone()),
        }
    }

    fn message(&self) -> Option<&Bytes> {
        match self {
            Self::Stream(_) => None,
            Self::Message(bytes) => Some(bytes),
        }
    }
}

/// A request under way.
struct Passing<S> {
    peers: Arc<Peers>,
    inner: S,
    pause: Duration,
}

impl<S> Passing<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone,
{
    async fn serve(
        mut self,
        request: http::Request<Body>,
    ) -> Result<http::Response<Body>, S::Error> {
        let (parts, body) = request.into_parts();
        let mut given = if subject::takes_stream(&parts) {
            Given::Stream(Some(body))
        } else {
            match body::read(body, self.peers.message_bytes).await {
                Ok(bytes) => Given::Message(bytes),
                Err(status) => return Ok(status.into_http()),
            }
        };
        let Some(pool) = subject::pool_of(&parts, given.message()) else {
            return self.here(&parts, &mut given).await;
        };
        let until = clock::instant() + PATIENCE;
        loop {
            let registry = &self.peers.registry;
            let answer = match registry.place(&pool) {
                Place::Here { .. } => {
                    let owned = registry.get(&pool);
                    let answer = self.here(&parts, &mut given).await?;
                    match owned {
                        Some(owned) if subject::gives_stream(&parts) => until_moved(answer, owned),
                        Some(_) | None => answer,
                    }
                }
                Place::There { owner, .. } => {
                    match self.pass_on(&pool, &owner, &parts, &mut given).await {
                        Ok(answer) => answer,
                        Err(status) => status.into_http(),
                    }
                }
                Place::Nowhere => match registry.look_up(&pool).await {
                    Ok(true) => continue,
                    Ok(false) => return self.here(&parts, &mut given).await,
                    Err(_) => between(&pool),
                },
                Place::Between => between(&pool),
            };
            let may_try = !matches!(given, Given::Stream(None)) && clock::instant() < until;
            if !may_try || !is_to_try_again(&parts, &answer) {
                return Ok(answer);
            }
            passed_on(Passed::Again);
            self.wait(&pool).await;
        }
    }

    /// Serves it in this process.
    async fn here(
        &mut self,
        parts: &Parts,
        given: &mut Given,
    ) -> Result<http::Response<Body>, S::Error> {
        let mut inner = self.inner.clone();
        std::future::poll_fn(|cx| inner.poll_ready(cx)).await?;
        let request = http::Request::from_parts(parts.clone(), given.body());
        inner.call(request).await
    }

    /// Waits a little, or until the pool is elsewhere.
    async fn wait(&mut self, pool: &PoolId) {
        let registry = &self.peers.registry;
        if registry.place(pool) == Place::Nowhere {
            // Of what may be no pool nothing is kept.
            return tokio::time::sleep(PAUSE_LAST).await;
        }
        let pause = self.pause;
        self.pause = (pause * 2).min(PAUSE_LAST);
        let mut place = registry.watch_place(pool);
        if *place.borrow_and_update() != Place::Between {
            return tokio::time::sleep(pause).await;
        }
        let is_same = tokio::time::timeout(pause, place.changed()).await.is_err();
        // A process that is about to end hears no more news, and any may have missed some: the store knows.
        if is_same && let Ok(_one_for_all) = self.peers.looking.try_lock() {
            let _asked_again = registry.look_up(pool).await;
        }
    }

    /// Passes it on to the owner, as long as that is the owner.
    async fn pass_on(
        &mut self,
        pool: &PoolId,
        owner: &Replica,
        parts: &Parts,
        given: &mut Given,
    ) -> Result<http::Response<Body>, Status> {
        let link = self.peers.link(owner);
        if link.is_over() {
            // Nothing was given to it: even a stream may go elsewhere.
            self.peers.registry.deny(pool, &owner.boot);
            return Err(Unserved::Between {
                pool: pool.to_string(),
            }
            .into());
        }
        let Ok(_room) = link.room.try_acquire() else {
            passed_on(Passed::Refused);
            return Err(Unserved::Overloaded.into());
        };
        let mut request = http::Request::from_parts(parts.clone(), given.body());
        let proof = self.peers.secret.proof();
        request.headers_mut().insert(secret::HEADER, proof);
        let registry = Arc::clone(&self.peers.registry);
        let mut place = registry.watch_place(pool);
        let boot = owner.boot.clone();
        let is_elsewhere =
            move |place: &Place| !matches!(place, Place::There { owner, .. } if owner.boot == boot);
        let answer = tokio::select! {
            answer = link::send(link.channel(), request) => answer.ok(),
            _ = place.wait_for(is_elsewhere.clone()) => None,
        };
        let Some(answer) = answer else {
            if let Given::Stream(_) = given {
                passed_on(Passed::Failed);
            }
            return Err(Unserved::Lost.into());
        };
        if let Some(status) = Status::from_header_map(answer.headers())
            && reason(&status) == reasons::NOT_OWNER
        {
            self.learn(pool, owner, &status);
            return Ok(answer);
        }
        passed_on(Passed::Answered);
        if !subject::gives_stream(parts) {
            return Ok(answer);
        }
        let stopping = self.peers.stopping.clone();
        Ok(answer.map(|body| {
            body::until(body, async move {
                let has_moved = tokio::select! {
                    _ = place.wait_for(is_elsewhere) => true,
                    () = stopping.cancelled() => false,
                };
                if has_moved {
                    return Unserved::Moved.into();
                }
                let scatter = Duration::from_millis(fastrand::u64(..SCATTER_MS));
                tokio::time::sleep(scatter).await;
                Unserved::Stopping.into()
            })
        }))
    }

    /// The owner is another than was thought, and may have said which.
    fn learn(&self, pool: &PoolId, owner: &Replica, status: &Status) {
        let registry = &self.peers.registry;
        registry.deny(pool, &owner.boot);
        let details = status.get_error_details();
        let hint = details.error_info().map(|info| &info.metadata);
        let word = |key| hint.and_then(|hint| hint.get(key)).cloned();
        if let (Some(boot), Some(address), Some(epoch)) =
            (word("boot"), word("owner"), word("epoch"))
            && let Ok(epoch) = epoch.parse()
        {
            registry.learn(pool, &Replica { boot, address }, epoch);
        }
    }
}

fn reason(status: &Status) -> String {
    let info = status.get_details_error_info();
    info.map_or_else(String::new, |info| info.reason)
}

fn between(pool: &PoolId) -> http::Response<Body> {
    let pool = pool.to_string();
    Status::from(Unserved::Between { pool }).into_http()
}

/// Whether an answer only says that the pool was not there, or that it is not known what became of a request that may be sent
/// again.
fn is_to_try_again(parts: &Parts, answer: &http::Response<Body>) -> bool {
    let Some(status) = Status::from_header_map(answer.headers()) else {
        return false;
    };
    match &*reason(&status) {
        reasons::NOT_OWNER | reasons::POOL_MOVING => true,
        reasons::PEER_LOST | reasons::POOL_OPENING | reasons::SERVER_STOPPING => {
            subject::is_repeatable(parts)
        }
        _ => false,
    }
}

/// The answer, which ends when this process has the pool no more.
pub(super) fn until_moved(answer: http::Response<Body>, pool: Pool) -> http::Response<Body> {
    answer.map(|body| {
        body::until(body, async move {
            pool.gone().await;
            Unserved::Moved.into()
        })
    })
}
