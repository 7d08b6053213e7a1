//! Synthetic platforms and agents: streams that keep themselves connected and say again what was not answered.
//!
//! An owner gives orders and is told the news by a callback; what to do about it is the owner's.

pub(super) mod agenda;
pub(super) mod agent;
pub(super) mod platform;

use std::time::Duration;

use tonic::{Code, Status};

/// How often a sign of life is sent.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How long the server may take to open a stream.
const OPEN_LIMIT: Duration = Duration::from_secs(5);

/// Why a stream ended.
enum Ended {
    /// The owner dropped its link.
    ByOwner,
    /// The server refused for good: trying again is of no use.
    Refused(Box<Status>),
    /// The stream broke; the text says how.
    Broken(String),
}

impl From<Status> for Ended {
    fn from(status: Status) -> Self {
        if is_final(status.code()) {
            Self::Refused(Box::new(status))
        } else {
            Self::Broken(status.message().to_owned())
        }
    }
}

/// Whether a refusal of a stream stays if it is opened again.
fn is_final(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument
            | Code::NotFound
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::Unauthenticated
            | Code::Unimplemented
    )
}

/// Whether a command that was refused with this gRPC code is worth saying again a little later.
fn is_passing(code: i32) -> bool {
    [
        Code::Unavailable,
        Code::ResourceExhausted,
        Code::DeadlineExceeded,
    ]
    .iter()
    .any(|passing| *passing as i32 == code)
}

/// Growing pauses between attempts to connect, with some chance in them so that a crowd does not come back at once.
struct Backoff {
    next: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(1);

    fn new() -> Self {
        Self { next: Self::FIRST }
    }

    fn reset(&mut self) {
        self.next = Self::FIRST;
    }

    async fn pause(&mut self) {
        let pause = self.next.mul_f64(0.5 + fastrand::f64());
        self.next = (self.next * 2).min(Self::LONGEST);
        tokio::time::sleep(pause).await;
    }
}
