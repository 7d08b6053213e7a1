//! The outermost layer: every error of the transport gets a reason, a call ends at its client's deadline, and every call
//! is counted when it begins and ends.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
    time::Duration,
};

use prost::Message;
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use super::{
    deadline,
    passing::{Seen, Witness},
    status::{self, CANCELLED, LATE},
};
use crate::{clock, metrics::GrpcMethod, proto::DESCRIPTORS};

/// Completes and counts the answers of the services below.
#[derive(Clone, Copy, Debug)]
pub struct Finish(());

impl Default for Finish {
    /// Shows every method at zero, and what is none as one.
    fn default() -> Self {
        LazyLock::force(&METHODS);
        LazyLock::force(&UNKNOWN);
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

/// What a service below a layer answers in the end.
pub type Answer<E> = Pin<Box<dyn Future<Output = Result<http::Response<Body>, E>> + Send>>;

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
        let method = METHODS.get(request.uri().path()).unwrap_or(&UNKNOWN);
        let limit = deadline::limit(request.headers());
        let mut call = Call::begin(method, limit);
        let request = request.map(|body| Seen::by(Received(method), body));
        let answer = deadline::keep(limit, self.inner.call(request));
        Box::pin(async move {
            let answer = complete(answer.await?);
            if let Some(code) = status::code_in(answer.headers()) {
                call.end(code);
                return Ok(answer);
            }
            Ok(answer.map(|body| Seen::by(call, body)))
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
    /// How long its client waits for it.
    limit: Option<Duration>,
}

impl Call {
    fn begin(method: &'static GrpcMethod, limit: Option<Duration>) -> Self {
        method.begin();
        Self {
            method: Some(method),
            since: clock::instant(),
            limit,
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
        let lasted = clock::instant().duration_since(self.since);
        let is_late = self
            .limit
            .is_some_and(|limit| deadline::is_over(limit, lasted));
        self.end(if is_late { LATE } else { CANCELLED });
    }
}

impl Witness for Call {
    fn saw_messages(&mut self, count: u64) {
        if let Some(method) = self.method {
            method.sent(count);
        }
    }

    fn saw_trailers(&mut self, trailers: &http::HeaderMap) {
        if let Some(code) = status::code_in(trailers) {
            self.end(code);
        }
    }
}

/// Counts what a client says.
struct Received(&'static GrpcMethod);

impl Witness for Received {
    fn saw_messages(&mut self, count: u64) {
        self.0.received(count);
    }

    fn saw_trailers(&mut self, _trailers: &http::HeaderMap) {}
}

/// Whatever is asked for and is no method.
static UNKNOWN: LazyLock<GrpcMethod> =
    LazyLock::new(|| GrpcMethod::new("unknown", "unknown", false, false));

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
