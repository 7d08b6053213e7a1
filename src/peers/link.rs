//! The link to one other process: requests that are passed on, and the news by whose end a killed process is noticed.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http_body::Body as HttpBody;
use tokio::{net::TcpStream, sync::Semaphore, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::{
    body::Body,
    transport::{Channel, Endpoint},
};
use tower::Service;
use tracing::debug;

use super::{
    Peers,
    news::{self, Line, Lines},
    secret,
};
use crate::store::shared::Replica;

/// Most requests that are on their way to one process and not yet answered.
const UNDER_WAY_MAX: usize = 4_096;
/// How long it may take to connect.
const CONNECT: Duration = Duration::from_millis(500);
/// A connection is asked for a sign of life this often, and given up without one.
const KEEPALIVE: Duration = Duration::from_millis(500);
/// A process is gone when this many connections in a row were refused, so far apart.
const REFUSALS: u32 = 2;
const BETWEEN_REFUSALS: Duration = Duration::from_millis(50);
/// Pause before a link is made anew that failed otherwise.
const PAUSE: Duration = Duration::from_millis(200);

/// A link to one other process.
pub(super) struct Link {
    replica: Replica,
    channel: Option<Channel>,
    /// Room for requests on their way.
    pub(super) room: Semaphore,
    is_over: AtomicBool,
    closed: CancellationToken,
}

impl Link {
    /// To this process; nothing is connected before it is needed.
    pub(super) fn new(replica: Replica) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{}", replica.address));
        let channel = endpoint.ok().map(|endpoint| {
            endpoint
                .connect_timeout(CONNECT)
                .tcp_nodelay(true)
                .http2_keep_alive_interval(KEEPALIVE)
                .keep_alive_timeout(KEEPALIVE)
                .keep_alive_while_idle(true)
                .connect_lazy()
        });
        Self {
            is_over: AtomicBool::new(channel.is_none()),
            replica,
            channel,
            room: Semaphore::new(UNDER_WAY_MAX),
            closed: CancellationToken::new(),
        }
    }

    /// What requests go over.
    pub(super) fn channel(&self) -> Channel {
        let nowhere = || Endpoint::from_static("http://0.0.0.0:0").connect_lazy();
        self.channel.clone().unwrap_or_else(nowhere)
    }

    /// Whether the process is gone.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    pub(super) fn close(&self) {
        self.closed.cancel();
    }

    pub(super) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Hears the news of the process until it is gone.
    pub(super) async fn listen(&self, peers: &Arc<Peers>) {
        let mut was_heard = false;
        while !self.is_over() {
            let heard = self.hear(peers).await;
            // Who never was heard may be on its way up, or at another address than it says. One that is killed may still take
            // connections for a moment, and is looked at again.
            was_heard |= heard == Heard::Some;
            if heard == Heard::Another || (was_heard && self.is_refused().await) {
                self.is_over.store(true, Ordering::Relaxed);
                peers.registry.is_gone(&self.replica);
                return;
            }
            if heard == Heard::Nothing {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Hears news until the connection ends.
    async fn hear(&self, peers: &Arc<Peers>) -> Heard {
        let mut heard = Heard::Nothing;
        let mut body = match self.ask_for_news(peers).await {
            Ok(body) => body,
            Err(problem) => {
                debug!(
                    address = self.replica.address,
                    problem, "no news from there"
                );
                return heard;
            }
        };
        let mut lines = Lines::default();
        loop {
            let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
            let Some(Ok(frame)) = frame else {
                return heard;
            };
            let Some(bytes) = frame.data_ref() else {
                continue;
            };
            for line in lines.add(bytes) {
                match news::parse(&line) {
                    Some(Line::Boot(boot)) if boot == self.replica.boot => heard = Heard::Some,
                    // It was started again: the one that was here is gone.
                    Some(Line::Boot(_)) => return Heard::Another,
                    Some(Line::News(news)) => peers.registry.hear(&self.replica, &news),
                    None => {}
                }
            }
        }
    }

    async fn ask_for_news(&self, peers: &Arc<Peers>) -> Result<Body, String> {
        let request = http::Request::post(news::PATH)
            .version(http::Version::HTTP_2)
            .header(secret::HEADER, peers.secret.proof())
            .body(Body::empty());
        let request = request.map_err(|problem| problem.to_string())?;
        let answer = send(self.channel(), request).await;
        let answer = answer.map_err(|problem| problem.to_string())?;
        if let Some(status) = tonic::Status::from_header_map(answer.headers()) {
            return Err(status.message().to_owned());
        }
        Ok(answer.into_body())
    }

    /// Whether nothing listens where the process was.
    async fn is_refused(&self) -> bool {
        for attempt in 0..REFUSALS {
            if attempt > 0 {
                tokio::time::sleep(BETWEEN_REFUSALS).await;
            }
            match timeout(CONNECT, TcpStream::connect(&self.replica.address)).await {
                Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Ok(Ok(_) | Err(_)) | Err(_) => return false,
            }
        }
        true
    }
}

/// What was heard of a process until its connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// It did not answer.
    Nothing,
    /// It was there.
    Some,
    /// Another process is there now.
    Another,
}

/// Sends a request as it is.
pub(super) async fn send(
    mut channel: Channel,
    request: http::Request<Body>,
) -> Result<http::Response<Body>, tonic::transport::Error> {
    std::future::poll_fn(|cx| channel.poll_ready(cx)).await?;
    channel.call(request).await
}
