//! Which pool a request is for, and how it may be treated: by its path and headers, and of two methods by their message.

use std::{collections::BTreeSet, sync::LazyLock};

use http::request::Parts;
use prost::{Message, bytes::Bytes};

use crate::{
    api::{DEFAULT_POOL, POOL_METADATA},
    engine::ids::PoolId,
    proto::{DESCRIPTORS, v1},
};

/// Longer names are no pools.
const NAME_MAX: usize = 63;
/// Bytes before a message.
const PREFIX: usize = 5;

/// The pool that a request is for; none if any process answers it.
pub(super) fn pool_of(parts: &Parts, message: Option<&Bytes>) -> Option<PoolId> {
    let (service, method) = method(parts)?;
    if service != "PoolService" {
        let mut named = parts.headers.get_all(POOL_METADATA).iter();
        let name = match (named.next(), named.next()) {
            (None, _) => DEFAULT_POOL,
            (Some(name), None) => name.to_str().ok()?,
            (Some(_), Some(_)) => return None,
        };
        return checked(name);
    }
    let message = message?.get(PREFIX..)?;
    match method {
        "ApplyPool" => {
            let request = v1::ApplyPoolRequest::decode(message).ok()?;
            checked(&request.pool?.id)
        }
        "GetPool" => checked(&v1::GetPoolRequest::decode(message).ok()?.pool_id),
        _ => None,
    }
}

fn checked(name: &str) -> Option<PoolId> {
    (!name.is_empty() && name.len() <= NAME_MAX).then(|| PoolId::new(name))
}

/// Service and method of our own API.
fn method(parts: &Parts) -> Option<(&str, &str)> {
    parts
        .uri
        .path()
        .strip_prefix("/homeshore.v1.")?
        .split_once('/')
}

/// Whether the request may be sent again when it is not known what became of it: it reads, or is idempotent by ids of its own.
pub(super) fn is_repeatable(parts: &Parts) -> bool {
    let Some((service, method)) = method(parts) else {
        return false;
    };
    let reads = ["Get", "List", "Explain", "Estimate"];
    matches!(service, "RoutingService" | "AgentSessionService")
        || reads.iter().any(|word| method.starts_with(word))
}

/// Whether the request is a stream.
pub(super) fn takes_stream(parts: &Parts) -> bool {
    STREAMS.taken.contains(parts.uri.path())
}

/// Whether the answer is a stream.
pub(super) fn gives_stream(parts: &Parts) -> bool {
    STREAMS.given.contains(parts.uri.path())
}

/// Paths of the methods that take or give streams.
#[derive(Default)]
struct Streams {
    taken: BTreeSet<String>,
    given: BTreeSet<String>,
}

static STREAMS: LazyLock<Streams> = LazyLock::new(|| {
    let files = prost_types::FileDescriptorSet::decode(DESCRIPTORS)
        .expect("what the build script wrote are descriptors");
    let mut streams = Streams::default();
    for file in &files.file {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                if method.client_streaming() {
                    streams.taken.insert(path.clone());
                }
                if method.server_streaming() {
                    streams.given.insert(path);
                }
            }
        }
    }
    streams
});

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(path: &str, pools: &[&str]) -> Parts {
        let mut request = http::Request::new(());
        *request.uri_mut() = path.parse().expect("a path");
        for pool in pools {
            let pool = pool.parse().expect("it can be said");
            request.headers_mut().append(POOL_METADATA, pool);
        }
        request.into_parts().0
    }

    fn framed(message: &impl Message) -> Bytes {
        [vec![0; PREFIX], message.encode_to_vec()].concat().into()
    }

    #[test]
    fn the_pool_is_in_the_metadata_or_in_the_message() {
        let route = "/homeshore.v1.RoutingService/RouteCall";
        for (path, pools, pool) in [
            (route, &[][..], Some("default")),
            (route, &["north"], Some("north")),
            (route, &["north", "south"], None),
            (route, &[""], None),
            ("/grpc.health.v1.Health/Check", &["north"], None),
            ("/homeshore.v1.PoolService/ListPools", &["north"], None),
        ] {
            let found = pool_of(&parts(path, pools), Some(&Bytes::new()));
            assert_eq!(found.as_ref().map(PoolId::as_str), pool, "{path}");
        }
        let apply = framed(&v1::ApplyPoolRequest {
            pool: Some(v1::Pool {
                id: "south".to_owned(),
                ..v1::Pool::default()
            }),
            ..v1::ApplyPoolRequest::default()
        });
        let get = framed(&v1::GetPoolRequest {
            pool_id: "south".to_owned(),
        });
        for (method, message) in [("ApplyPool", &apply), ("GetPool", &get)] {
            let path = format!("/homeshore.v1.PoolService/{method}");
            let found = pool_of(&parts(&path, &["north"]), Some(message));
            assert_eq!(found, Some(PoolId::new("south")));
            let half = message.slice(..3);
            assert_eq!(pool_of(&parts(&path, &[]), Some(&half)), None);
        }
    }

    #[test]
    fn methods_are_known_by_the_api() {
        for (path, takes, gives, repeatable) in [
            ("RoutingService/Connect", true, true, true),
            ("RoutingService/RouteCall", false, false, true),
            ("SupervisionService/WatchPool", false, true, false),
            ("SupervisionService/SendMessage", false, false, false),
            ("SupervisionService/ExplainCall", false, false, true),
            ("DirectoryService/ApplyAgents", false, false, false),
            ("DirectoryService/GetAgent", false, false, true),
        ] {
            let parts = parts(&format!("/homeshore.v1.{path}"), &[]);
            assert_eq!(takes_stream(&parts), takes, "{path}");
            assert_eq!(gives_stream(&parts), gives, "{path}");
            assert_eq!(is_repeatable(&parts), repeatable, "{path}");
        }
    }
}
