//! Calls of gRPC methods, under the names and values that the dashboards of the gRPC middleware family know.

use std::time::Duration;

use ::metrics::{Counter, Histogram, counter, histogram};

use super::table::{GRPC_HANDLED, GRPC_RECEIVED, GRPC_SECONDS, GRPC_SENT, GRPC_STARTED};

/// Status codes by their numbers, as that family writes them.
pub const CODES: [&str; 17] = [
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
];

/// The counters of one method, from the start at zero.
pub struct GrpcMethod {
    started: Counter,
    handled: [Counter; CODES.len()],
    seconds: Histogram,
    received: Counter,
    sent: Counter,
}

impl GrpcMethod {
    /// Of a method that takes and gives a stream each, or not.
    pub fn new(service: &str, method: &str, takes_stream: bool, gives_stream: bool) -> Self {
        let kind = match (takes_stream, gives_stream) {
            (false, false) => "unary",
            (true, false) => "client_stream",
            (false, true) => "server_stream",
            (true, true) => "bidi_stream",
        };
        let labels = || {
            [
                ("grpc_type", kind.to_owned()),
                ("grpc_service", service.to_owned()),
                ("grpc_method", method.to_owned()),
            ]
        };
        let zero = |name| {
            let counter = counter!(name, &labels());
            counter.increment(0);
            counter
        };
        let handled = CODES.map(|code| {
            let [kind, service, method] = labels();
            let counter = counter!(
                GRPC_HANDLED,
                &[kind, service, method, ("grpc_code", code.to_owned())]
            );
            counter.increment(0);
            counter
        });
        Self {
            started: zero(GRPC_STARTED),
            handled,
            seconds: histogram!(GRPC_SECONDS, &labels()),
            received: zero(GRPC_RECEIVED),
            sent: zero(GRPC_SENT),
        }
    }

    /// A call began.
    pub fn begin(&self) {
        self.started.increment(1);
    }

    /// So many messages came from the client.
    pub fn received(&self, count: u64) {
        self.received.increment(count);
    }

    /// So many messages went to the client.
    pub fn sent(&self, count: u64) {
        self.sent.increment(count);
    }

    /// A call ended with the status code of this number.
    pub fn end(&self, code: usize, took: Duration) {
        let unknown = 2;
        let counter = self.handled.get(code).unwrap_or(&self.handled[unknown]);
        counter.increment(1);
        self.seconds.record(took.as_secs_f64());
    }
}
