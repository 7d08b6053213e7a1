//! Bodies on their way between processes: one that was read whole, one that ends when its pool moves, and one of lines.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body as HttpBody, Frame};
use http_body_util::{Full, StreamBody};
use prost::bytes::Bytes;
use tokio::sync::mpsc;
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tonic::{Status, body::Body};

/// Reads a body, up to a little more than `limit` bytes.
pub(super) async fn read(mut body: Body, limit: usize) -> Result<Bytes, Status> {
    let mut read = Vec::new();
    while read.len() <= limit {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        let Some(frame) = frame else { break };
        if let Ok(bytes) = frame?.into_data() {
            read.extend_from_slice(&bytes);
        }
    }
    Ok(read.into())
}

/// A body that is here whole.
pub(super) fn whole(bytes: Bytes) -> Body {
    Body::new(Full::new(bytes))
}

/// A body that ends with this status as soon as it is there.
pub(super) fn until(body: Body, end: impl Future<Output = Status> + Send + 'static) -> Body {
    Body::new(Until {
        body,
        end: Some(Box::pin(end)),
    })
}

struct Until {
    body: Body,
    /// None once the body has ended.
    end: Option<Pin<Box<dyn Future<Output = Status> + Send>>>,
}

impl HttpBody for Until {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(end) = &mut this.end else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(status) = end.as_mut().poll(cx) {
            this.end = None;
            // Whoever writes into it is told by that.
            this.body = Body::empty();
            let mut trailers = http::HeaderMap::new();
            status.add_header(&mut trailers)?;
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if frame.is_none() {
            this.end = None;
        }
        Poll::Ready(frame)
    }
}

/// A body of what is sent here; it ends with its sender.
pub(super) fn sent(parts: mpsc::Receiver<Bytes>) -> Body {
    let frames = ReceiverStream::new(parts).map(|bytes| Ok::<_, Status>(Frame::data(bytes)));
    Body::new(StreamBody::new(frames))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn rest(mut body: Body) -> (Vec<u8>, Option<tonic::Code>) {
        let mut data = Vec::new();
        loop {
            let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
            let Some(frame) = frame else {
                return (data, None);
            };
            match frame.expect("no error").into_data() {
                Ok(bytes) => data.extend_from_slice(&bytes),
                Err(frame) => {
                    let trailers = frame.into_trailers().expect("trailers");
                    let status = Status::from_header_map(&trailers).expect("a status");
                    return (data, Some(status.code()));
                }
            }
        }
    }

    #[tokio::test]
    async fn a_body_passes_until_it_is_ended() {
        let never = || std::future::pending::<Status>();
        let passed = until(whole(Bytes::from_static(b"all of it")), never());
        assert_eq!(rest(passed).await, (b"all of it".to_vec(), None));
        let (parts, receiver) = mpsc::channel(1);
        parts.send(Bytes::from_static(b"some")).await.expect("room");
        let (end, ended) = tokio::sync::oneshot::channel();
        let body = until(sent(receiver), async { ended.await.expect("it is said") });
        let reading = tokio::spawn(rest(body));
        // There is room again when what was sent is read.
        parts.send(Bytes::from_static(b"more")).await.expect("room");
        let _room = parts.reserve().await.expect("room");
        end.send(Status::unavailable("moved")).expect("it is heard");
        let (data, code) = reading.await.expect("no panic");
        assert_eq!(data, b"somemore");
        assert_eq!(code, Some(tonic::Code::Unavailable));
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_a_limit() {
        let bytes = Bytes::from(vec![7; 100]);
        let read_up_to = async |limit| {
            read(whole(bytes.clone()), limit)
                .await
                .expect("bytes")
                .len()
        };
        assert_eq!(read_up_to(1_000).await, 100);
        assert_eq!(read(Body::empty(), 10).await.expect("bytes"), Bytes::new());
        let (parts, receiver) = mpsc::channel(4);
        for _ in 0..4 {
            parts.try_send(Bytes::from_static(&[1; 10])).expect("room");
        }
        let read = read(sent(receiver), 15).await.expect("bytes");
        assert_eq!(read.len(), 20, "no part after the one that is too much");
    }
}
