//! Bodies of calls on their way: their messages are counted as they pass, and the call's end is seen.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Body as HttpBody, Frame, SizeHint};
use prost::bytes::Bytes;
use tonic::{Status, body::Body};

/// Who sees a body pass.
pub(super) trait Witness: Send + Unpin + 'static {
    /// So many messages passed whole.
    fn saw_messages(&mut self, count: u64);

    /// The trailers passed.
    fn saw_trailers(&mut self, trailers: &http::HeaderMap);
}

/// A body that somebody sees pass.
pub(super) struct Seen<W> {
    inner: Body,
    messages: Messages,
    witness: W,
}

impl<W: Witness> Seen<W> {
    pub(super) fn by(witness: W, inner: Body) -> Body {
        Body::new(Self {
            inner,
            messages: Messages::default(),
            witness,
        })
    }
}

impl<W: Witness> HttpBody for Seen<W> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            if let Some(bytes) = frame.data_ref() {
                this.witness.saw_messages(this.messages.pass(bytes));
            } else if let Some(trailers) = frame.trailers_ref() {
                this.witness.saw_trailers(trailers);
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Bytes before a message: a flag, and its length in four bytes.
const PREFIX: u8 = 5;

/// Where in its messages a body is.
#[derive(Debug, Default)]
struct Messages {
    /// Bytes of the prefix that have passed.
    prefix: u8,
    /// Bytes of the message that are still to come, once the prefix has passed.
    left: u64,
}

impl Messages {
    /// More bytes pass; answers how many messages end in them.
    fn pass(&mut self, mut bytes: &[u8]) -> u64 {
        let mut ended = 0;
        while let Some((first, rest)) = bytes.split_first() {
            if self.prefix < PREFIX {
                // The flag, which is the first, is shifted out by the four that follow.
                self.left = (self.left << 8 | u64::from(*first)) & u64::from(u32::MAX);
                self.prefix += 1;
                bytes = rest;
            } else {
                let left = usize::try_from(self.left).unwrap_or(usize::MAX);
                let taken = left.min(bytes.len());
                self.left -= u64::try_from(taken).unwrap_or(self.left);
                bytes = &bytes[taken..];
            }
            if self.prefix == PREFIX && self.left == 0 {
                self.prefix = 0;
                ended += 1;
            }
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: u32, flag: u8) -> Vec<u8> {
        let length_bytes = length.to_be_bytes();
        let body = std::iter::repeat_n(7, usize::try_from(length).expect("small"));
        [flag].into_iter().chain(length_bytes).chain(body).collect()
    }

    #[test]
    fn messages_are_counted_however_the_bytes_are_cut() {
        let lengths = [0, 1, 300, 0, 70_000];
        let bytes: Vec<u8> = lengths
            .iter()
            .flat_map(|length| message(*length, 1))
            .collect();
        for cut in [1, 2, 5, 6, 1_000, bytes.len()] {
            let mut messages = Messages::default();
            let count: u64 = bytes.chunks(cut).map(|part| messages.pass(part)).sum();
            assert_eq!(count, 5, "in parts of {cut}");
        }
        let mut messages = Messages::default();
        let all_but_one = &bytes[..bytes.len() - 1];
        assert_eq!(messages.pass(all_but_one), 4, "the last is not whole");
    }
}
