//! The port for other processes: what they pass on is served here or refused, never passed on again; and they hear the news.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use prost::bytes::Bytes;
use tokio::sync::{broadcast::error::RecvError, mpsc};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use super::{Peers, body, forward, news, secret, subject};
use crate::{
    api::{Answer, PassedOn, Unserved},
    pool::{places::Place, registry::Shown},
};

/// Lines that wait for a process that is slow to read them.
const LINES_MAX: usize = 64;

/// Lets in whoever shows the secret.
#[derive(Clone)]
pub struct Guard(Arc<Peers>);

impl Guard {
    /// Of the port of this process.
    pub fn new(peers: Arc<Peers>) -> Self {
        Self(peers)
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded {
            peers: Arc::clone(&self.0),
            inner,
        }
    }
}

/// The services below [`Guard`].
#[derive(Clone)]
pub struct Guarded<S> {
    peers: Arc<Peers>,
    inner: S,
}

impl<S> Service<http::Request<Body>> for Guarded<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>>,
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
        let peers = &self.peers;
        if !peers.secret.is_shown(request.headers()) {
            return refuse(Unserved::Stranger.into());
        }
        request.headers_mut().remove(secret::HEADER);
        if request.uri().path() == news::PATH {
            let answer = tell(peers);
            return Box::pin(async { Ok(answer) });
        }
        request.extensions_mut().insert(PassedOn);
        let (parts, body) = request.into_parts();
        let Some(pool) = subject::pool_of(&parts, None) else {
            let request = http::Request::from_parts(parts, body);
            return Box::pin(self.inner.call(request));
        };
        let here = match peers.registry.place(&pool) {
            Place::Here { .. } => peers.registry.get(&pool),
            Place::Nowhere | Place::There { .. } | Place::Between => None,
        };
        let Some(here) = here else {
            return refuse(not_owner(peers, &pool));
        };
        let gives_stream = subject::gives_stream(&parts);
        let answer = self.inner.call(http::Request::from_parts(parts, body));
        Box::pin(async move {
            let answer = answer.await?;
            Ok(if gives_stream {
                forward::until_moved(answer, here)
            } else {
                answer
            })
        })
    }
}

fn refuse<E: Send + 'static>(status: Status) -> Answer<E> {
    Box::pin(async { Ok(status.into_http()) })
}

/// The pool is not here, and who may have it.
fn not_owner(peers: &Peers, pool: &crate::engine::ids::PoolId) -> Status {
    let hint = match peers.registry.place(pool) {
        Place::There { owner, epoch } => Some((owner.boot, owner.address, epoch)),
        Place::Nowhere | Place::Here { .. } | Place::Between => None,
    };
    let pool = pool.to_string();
    Unserved::NotOwner { pool, hint }.into()
}

/// Everything that this process has, and then what changes, until the end.
fn tell(peers: &Arc<Peers>) -> http::Response<Body> {
    let (lines, parts) = mpsc::channel(LINES_MAX);
    let peers = Arc::clone(peers);
    tokio::spawn(async move {
        tokio::select! {
            () = tell_all(&peers, &lines) => {}
            () = peers.ended.cancelled() => {}
            () = lines.closed() => {}
        }
    });
    http::Response::new(body::sent(parts))
}

async fn tell_all(peers: &Peers, lines: &mpsc::Sender<Bytes>) {
    while let Some(Shown {
        me,
        pools,
        news: mut changes,
    }) = peers.registry.shown()
    {
        let all: String = pools.iter().map(news::line).collect();
        let all = news::boot(&me) + &all;
        if lines.send(all.into()).await.is_err() {
            return;
        }
        loop {
            match changes.recv().await {
                Ok(changed) => {
                    if lines.send(news::line(&changed).into()).await.is_err() {
                        return;
                    }
                }
                // Some were missed: everything is told anew.
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return,
            }
        }
    }
}
