//! The outermost layer: every error of the transport gets a reason, and every call is counted when it begins and ends.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
};

use http_body::{Body as HttpBody, Frame, SizeHint};
use prost::{Message, bytes::Bytes};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use super::status::{self, CANCELLED};
use crate::{clock, metrics::GrpcMethod, proto::DESCRIPTORS};

/// Completes and counts the answers of the services below.
#[derive(Clone, Copy, Debug)]
pub struct Finish(());

impl Default for Finish {
    /// Shows every method at zero; whatever else is asked for is not counted.
    fn default() -> Self {
        LazyLock::force(&METHODS);
        Self(())
    }
}

impl<S> Layer<S> for Finish {
    type Service = Finishing<S>;

    fn layer(&self, inner: S) -> Finishing<S> {
        Finishing { inner }
    }
}

/// The services below [`Finish`].
#[derive(Clone, Debug)]
pub struct Finishing<S> {
    inner: S,
}

type Answer<E> = Pin<Box<dyn Future<Output = Result<http::Response<Body>, E>> + Send>>;

impl<S> Service<http::Request<Body>> for Finishing<S>
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

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let call = METHODS.get(request.uri().path()).map(Call::begin);
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = complete(answer.await?);
            let Some(mut call) = call else {
                return Ok(answer);
            };
            if let Some(code) = status::code_in(answer.headers()) {
                call.end(code);
                return Ok(answer);
            }
            Ok(answer.map(|inner| Body::new(Counted { inner, call })))
        })
    }
}

/// An answer that is nothing but a status says so in its headers; one without details is the transport's own.
fn complete(answer: http::Response<Body>) -> http::Response<Body> {
    match Status::from_header_map(answer.headers()) {
        Some(bare) if status::is_bare(&bare) => status::complete(bare).into_http(),
        _ => answer,
    }
}

/// A call under way. One that is dropped before its end was given up by its client.
struct Call {
    method: Option<&'static GrpcMethod>,
    since: tokio::time::Instant,
}

impl Call {
    fn begin(method: &'static GrpcMethod) -> Self {
        method.begin();
        Self {
            method: Some(method),
            since: clock::instant(),
        }
    }

    fn end(&mut self, code: usize) {
        if let Some(method) = self.method.take() {
            method.end(code, clock::instant().duration_since(self.since));
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(CANCELLED);
    }
}

/// The messages of an answer, and its status after them.
struct Counted {
    inner: Body,
    call: Call,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(code) = frame.trailers_ref().and_then(status::code_in)
        {
            self.call.end(code);
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

/// Every method that is served, by its path.
static METHODS: LazyLock<BTreeMap<String, GrpcMethod>> = LazyLock::new(|| {
    let mut methods = BTreeMap::new();
    for descriptors in [
        DESCRIPTORS,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ] {
        let files = prost_types::FileDescriptorSet::decode(descriptors)
            .expect("what the build scripts wrote are descriptors");
        for file in &files.file {
            for service in &file.service {
                let name = format!("{}.{}", file.package(), service.name());
                for method in &service.method {
                    let path = format!("/{name}/{}", method.name());
                    let (takes, gives) = (method.client_streaming(), method.server_streaming());
                    methods.insert(path, GrpcMethod::new(&name, method.name(), takes, gives));
                }
            }
        }
    }
    methods
});
