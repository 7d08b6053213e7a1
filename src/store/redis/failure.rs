//! Why a call to Redis failed: what is certainly not applied, and what may be. Whatever is not known by its kind may be.

use redis::{ErrorKind, RedisError};

use crate::store::StoreError;

/// Whether a call may have had an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It certainly had none.
    NotApplied,
    /// It is not known.
    Unknown,
}

/// A call that was not answered as it should. An answer of a script, such as that another owner holds the pool, is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) class: Class,
    pub(super) text: String,
}

impl Failure {
    /// Nothing was sent, or it was refused.
    pub(super) fn not_applied(text: impl Into<String>) -> Self {
        Self {
            class: Class::NotApplied,
            text: text.into(),
        }
    }

    /// It may have had its effect.
    pub(super) fn unknown(text: impl Into<String>) -> Self {
        Self {
            class: Class::Unknown,
            text: text.into(),
        }
    }

    /// An answer in a shape that this program does not know.
    pub(super) fn strange(node: &str) -> Self {
        Self::unknown(format!(
            "Redis at {node} gave an answer that is none of ours"
        ))
    }

    /// The failure of a call that was sent to a node.
    pub(super) fn of(node: &str, error: &RedisError) -> Self {
        let code = error.code().unwrap_or_default();
        let Some(text) = refusal(code) else {
            return Self::unknown(format!("Redis at {node}: {error}"));
        };
        Self::not_applied(format!("Redis at {node} {text}"))
    }

    /// The failure of a connection that was not made: nothing was sent over it.
    pub(super) fn of_connecting(node: &str, error: &RedisError) -> Self {
        let code = error.code().unwrap_or_default();
        if let Some(text) = refusal(code) {
            return Self::not_applied(format!("Redis at {node} {text}"));
        }
        let said = error.to_string();
        let text = if error.kind() == ErrorKind::AuthenticationFailed {
            refusal("WRONGPASS").unwrap_or_default().to_owned()
        } else if said.contains("failed to lookup address") {
            "cannot be found: no such host; look at the name in `storage.redis`".to_owned()
        } else if error.is_connection_refusal() {
            "refuses connections: is it running, and is its port right?".to_owned()
        } else {
            format!("cannot be reached: {said}")
        };
        Self::not_applied(format!("Redis at {node} {text}"))
    }
}

/// Any other error: untyped, so that nothing is known of what it means.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::unknown(error.to_string())
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure.class {
            Class::NotApplied => Self::NotApplied(failure.text),
            Class::Unknown => Self::Unknown(failure.text),
        }
    }
}

/// What Redis refuses before anything is done, by the code of its answer: what happened and what helps. Each of our scripts
/// checks first and then only writes; what is refused by these codes is refused at the first write at the latest.
fn refusal(code: &str) -> Option<&'static str> {
    Some(match code {
        "WRONGPASS" => {
            "refuses the user or the password: look at `storage.redis` and `storage.redis_password`"
        }
        "NOAUTH" => "asks for a password: set `storage.redis_password`",
        "NOPERM" => {
            "does not let this user do it (NOPERM): its rules must allow all commands on keys `hs:*`, and INFO"
        }
        "READONLY" => {
            "is a replica and takes no writes (READONLY): name the master, or its sentinels by redis-sentinel://"
        }
        "LOADING" => "is still loading its data (LOADING): it answers when that is done",
        "OOM" => "has no memory left (OOM): raise its `maxmemory`, or move other data away",
        "MISCONF" => {
            "cannot save to its disk and takes no writes (MISCONF): see to its disk, and to its log"
        }
        "NOREPLICAS" => {
            "has too few replicas for its `min-replicas-to-write` (NOREPLICAS): see to the replicas"
        }
        "BUSY" => "is busy with a script (BUSY)",
        "NOSCRIPT" => "does not know the script (NOSCRIPT)",
        "MOVED" | "ASK" | "TRYAGAIN" => "is moving this pool to another node of the cluster",
        "CLUSTERDOWN" => "is part of a cluster that is down (CLUSTERDOWN): see to its masters",
        "MASTERDOWN" => "is a replica without its master (MASTERDOWN)",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::{io, num::ParseIntError};

    use super::*;

    #[test]
    fn an_untyped_error_is_unknown() {
        let parse: ParseIntError = "x".parse::<u8>().expect_err("no number");
        let wrapped: Failure = io::Error::other(parse).into();
        assert_eq!(wrapped.class, Class::Unknown);
        let untyped: Failure = RedisError::from(io::Error::other("READONLY in a text")).into();
        assert_eq!(untyped.class, Class::Unknown);
    }

    #[test]
    fn only_known_refusals_are_not_applied() {
        let class = |code: &'static str| {
            let error = redis::parse_redis_value(format!("-{code} some text\r\n").as_bytes())
                .and_then(redis::Value::extract_error)
                .expect_err("an error");
            Failure::of("node", &error).class
        };
        for code in [
            "WRONGPASS",
            "NOAUTH",
            "NOPERM",
            "READONLY",
            "LOADING",
            "OOM",
            "MISCONF",
            "NOREPLICAS",
            "BUSY",
            "NOSCRIPT",
            "TRYAGAIN",
            "CLUSTERDOWN",
            "MASTERDOWN",
        ] {
            assert_eq!(class(code), Class::NotApplied, "{code}");
        }
        for code in [
            "ERR",
            "WRONGTYPE",
            "EXECABORT",
            "UNKNOWN",
            "OOMS",
            "readonly",
        ] {
            assert_eq!(class(code), Class::Unknown, "{code}");
        }
        let cut = RedisError::from(io::Error::from(io::ErrorKind::ConnectionReset));
        assert_eq!(Failure::of("node", &cut).class, Class::Unknown);
    }
}
