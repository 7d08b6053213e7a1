//! The outgoing half of a stream: a bounded queue of messages, and an end that overtakes it.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use tokio::sync::{
    mpsc::{self, error::SendTimeoutError},
    oneshot,
};
use tonic::{Status, Streaming};

use super::convert;
use super::status::Problem;
use crate::{metrics::OpenStream, pool::hub::Closing};

/// Most messages that wait in the transport's hands.
const QUEUE_MAX: usize = 64;

/// A client that takes nothing for this long reads too slowly.
const STUCK_AFTER: Duration = Duration::from_secs(8);

/// Why a message could not be sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unsent {
    /// The client is gone.
    Gone,
    /// The client reads too slowly.
    TooSlow,
}

/// The first message of a stream; none within the limit is a missing hello.
pub(super) async fn first<T>(
    inbound: &mut Streaming<T>,
    limit: Duration,
) -> Result<Option<T>, Problem> {
    let first = tokio::time::timeout(limit, inbound.message()).await;
    first
        .map_err(|_late| no_hello(limit))?
        .map_err(Problem::Transport)
}

/// A stream that does not begin with a hello.
pub(super) fn no_hello(limit: Duration) -> Problem {
    let limit = limit.as_secs();
    convert::fault(
        "hello",
        format!("is missing; say it first, within {limit} s of opening the stream"),
    )
}

/// How a stream ended.
pub(super) enum End {
    /// The client ended it, a newer one took over, or the server's end has begun and all is said.
    Finished,
    /// The client is gone.
    Lost,
    /// Something is wrong.
    Failed(Problem),
}

impl From<Unsent> for End {
    fn from(why: Unsent) -> Self {
        match why {
            Unsent::Gone => Self::Lost,
            Unsent::TooSlow => Self::Failed(Problem::Closed(Closing::Overflow)),
        }
    }
}

impl From<Problem> for End {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// Where a stream's task puts its messages.
pub(super) struct Out<T> {
    messages: mpsc::Sender<T>,
    ending: oneshot::Sender<Status>,
    _open: OpenStream,
}

/// What the transport sends to the client.
pub struct Outgoing<T> {
    messages: mpsc::Receiver<T>,
    end: Option<oneshot::Receiver<Status>>,
}

/// A stream of this kind.
pub(super) fn stream<T>(kind: &'static str) -> (Out<T>, Outgoing<T>) {
    let (messages, queue) = mpsc::channel(QUEUE_MAX);
    let (end, ended) = oneshot::channel();
    let out = Out {
        messages,
        ending: end,
        _open: OpenStream::new(kind),
    };
    let outgoing = Outgoing {
        messages: queue,
        end: Some(ended),
    };
    (out, outgoing)
}

impl<T> Out<T> {
    /// Sends a message, when there is room.
    pub(super) async fn send(&self, message: T) -> Result<(), Unsent> {
        match self.messages.send_timeout(message, STUCK_AFTER).await {
            Ok(()) => Ok(()),
            Err(SendTimeoutError::Timeout(_)) => Err(Unsent::TooSlow),
            Err(SendTimeoutError::Closed(_)) => Err(Unsent::Gone),
        }
    }

    /// Sends a message, however long the client takes to make room for it.
    pub(super) async fn send_at_leisure(&self, message: T) -> Result<(), Unsent> {
        let sent = self.messages.send(message).await;
        sent.map_err(|_| Unsent::Gone)
    }

    /// Waits until the client is gone.
    pub(super) async fn gone(&self) {
        self.messages.closed().await;
    }

    /// Ends the stream as it ended: after the messages that wait, or with an error that overtakes them.
    pub(super) fn end(self, how: End) {
        match how {
            End::Finished => self.finish(),
            End::Lost => self.lost(),
            End::Failed(problem) => self.fail(problem),
        }
    }

    /// Ends the stream after the messages that wait.
    pub(super) fn finish(self) {
        drop(self);
    }

    /// Ends the stream of a client that went away.
    pub(super) fn lost(self) {
        drop(self);
    }

    /// Ends the stream with an error that overtakes the messages that wait.
    pub(super) fn fail(self, problem: Problem) {
        let _client_gone = self.ending.send(problem.into());
    }
}

impl<T> Stream for Outgoing<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if let Some(end) = &mut this.end {
            match Pin::new(end).poll(cx) {
                Poll::Ready(Ok(status)) => {
                    this.end = None;
                    this.messages.close();
                    while this.messages.try_recv().is_ok() {}
                    return Poll::Ready(Some(Err(status)));
                }
                // Dropped: the stream ends when its queue is empty.
                Poll::Ready(Err(_)) => this.end = None,
                Poll::Pending => {}
            }
        }
        this.messages.poll_recv(cx).map(|message| message.map(Ok))
    }
}
