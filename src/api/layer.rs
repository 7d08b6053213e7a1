//! The outermost layer: every error of the transport gets a reason, and every request is counted.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
};

use prost::Message;
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use super::status;
use crate::{clock, metrics, proto::DESCRIPTORS};

/// Completes and counts the answers of the services below.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finish;

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
        let method = method_label(request.uri().path());
        let since = clock::instant();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = complete(answer.await?);
            let code = status::header_label(answer.headers());
            let took = clock::instant().duration_since(since);
            metrics::request(method, code, took);
            Ok(answer)
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

/// Every method of our services, by its path: whatever else is asked for is `other`.
static METHODS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let files = prost_types::FileDescriptorSet::decode(DESCRIPTORS)
        .expect("the build script wrote the descriptors");
    let mut methods = BTreeMap::new();
    for file in &files.file {
        for service in &file.service {
            for method in &service.method {
                let label = format!("{}/{}", service.name(), method.name());
                let path = format!("/{}.{label}", file.package());
                methods.insert(path, label);
            }
        }
    }
    methods
});

fn method_label(path: &str) -> &'static str {
    METHODS.get(path).map_or("other", String::as_str)
}
