//! Every refusal as callers see it: the only file that names a gRPC code.

use std::{collections::HashMap, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use super::{convert, reasons};
use crate::{
    engine::rejection::{Rejection, Violation},
    pool::{PoolError, hub::Closing},
    proto::v1,
};

/// Domain of every reason.
const DOMAIN: &str = "homeshore.v1";
/// Most characters of a value that comes back in an error.
const SHOWN_MAX: usize = 64;
/// Most characters of a message or a description: they travel in a header.
const TEXT_MAX: usize = 512;
/// Most violations, and most bytes of them, of one error.
const VIOLATIONS_MAX: usize = 50;
const VIOLATIONS_BYTES_MAX: usize = 4_096;

/// Why a request was not carried out.
#[derive(Debug)]
pub(super) enum Problem {
    /// Fields are wrong.
    Invalid(Vec<Violation>),
    /// The pool refused, or cannot.
    Pool(PoolError),
    /// No pool of this name.
    UnknownPool { pool: String, known: String },
    /// A follower has seen an event that the pool does not have.
    EventAhead { given: u64, newest: u64 },
    /// No more pools can be created.
    TooManyPools(String),
    /// No outcome in time.
    Late(Duration),
    /// The service closes the stream.
    Closed(Closing),
    /// The process that has the pool cannot be reached now.
    Unserved(Unserved),
    /// The transport failed, or could not read the message.
    Transport(Status),
}

/// Why a request did not reach the process that has its pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unserved {
    /// The pool is not in this process, and requests are passed on once.
    NotOwner {
        /// The pool.
        pool: String,
        /// Who may have it: boot id, address, and which acquisition that is.
        hint: Option<(String, String, u64)>,
    },
    /// The pool changes hands.
    Between {
        /// The pool.
        pool: String,
    },
    /// Too many requests are on their way to the other process.
    Overloaded,
    /// The other process is gone, or has the pool no more; it is not known what it did.
    Lost,
    /// The pool of a stream went to another process.
    Moved,
    /// The process that passes a stream on is about to end.
    Stopping,
    /// Whoever asks for what is between processes does not know their secret.
    Stranger,
}

impl From<Unserved> for Status {
    fn from(unserved: Unserved) -> Self {
        Problem::Unserved(unserved).into()
    }
}

impl From<PoolError> for Problem {
    fn from(error: PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self::Pool(PoolError::Rejected(rejection))
    }
}

/// What is told of a problem, whatever the transport.
struct Told {
    code: Code,
    reason: &'static str,
    message: String,
    metadata: Vec<(&'static str, String)>,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
}

impl Told {
    fn new(code: Code, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            metadata: Vec::new(),
            violations: Vec::new(),
            retry_after: None,
        }
    }

    fn with(mut self, key: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.metadata.push((key, value.to_string()));
        self
    }

    /// Names the field at fault; the message says what is wrong with it.
    fn field(mut self, field: &str) -> Self {
        self.violations
            .push(Violation::new(field, self.message.clone()));
        self
    }

    fn retry(mut self, after: Option<Duration>) -> Self {
        self.retry_after = after;
        self
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        status(tell(problem))
    }
}

impl Problem {
    /// The same as an answer on a stream.
    pub(super) fn refusal(self) -> v1::Refusal {
        let told = tell(self);
        let (violations, _) = cut(told.violations);
        v1::Refusal {
            code: told.code.into(),
            reason: told.reason.to_owned(),
            message: text(&told.message),
            violations: violations
                .into_iter()
                .map(|violation| v1::FieldViolation {
                    field: violation.field,
                    description: violation.problem,
                })
                .collect(),
        }
    }

    /// The same with every field's path below `parent`.
    pub(super) fn below(self, parent: &str) -> Self {
        let (Self::Invalid(violations)
        | Self::Pool(PoolError::Rejected(Rejection::Invalid(violations)))) = self
        else {
            return self;
        };
        let below = |v: Violation| Violation::new(format!("{parent}.{}", v.field), v.problem);
        Self::Invalid(violations.into_iter().map(below).collect())
    }
}

fn tell(problem: Problem) -> Told {
    match problem {
        Problem::Invalid(violations) => invalid(violations),
        Problem::Pool(error) => pool_error(error),
        Problem::EventAhead { given, newest } => {
            let message = format!(
                "`after_event_number` is {given}, and the pool's newest event is {newest}: the pool is another than it was; give 0 for all that is kept"
            );
            Told::new(Code::FailedPrecondition, "EVENT_NUMBER_AHEAD", message)
                .field("after_event_number")
                .with("newest", &newest)
        }
        Problem::UnknownPool { pool, known } => {
            let message = format!(
                "pool `{pool}` is not here: {known}; name it in the metadata `homeshore-pool`"
            );
            Told::new(Code::NotFound, "POOL_NOT_FOUND", message)
                .field("homeshore-pool")
                .with("pool", &pool)
        }
        Problem::TooManyPools(message) => {
            Told::new(Code::ResourceExhausted, "TOO_MANY_POOLS", message)
        }
        Problem::Late(limit) => {
            let limit_ms = limit.as_millis();
            let message = format!(
                "no outcome within {limit_ms} ms: it is not known, send the same request again"
            );
            Told::new(Code::DeadlineExceeded, "NO_OUTCOME_IN_TIME", message)
                .with("limit_ms", &limit_ms)
        }
        Problem::Closed(closing) => closed(closing),
        Problem::Unserved(unserved) => tell_unserved(unserved),
        Problem::Transport(status) => transport(&status),
    }
}

fn invalid(violations: Vec<Violation>) -> Told {
    let message = Rejection::Invalid(violations.clone()).to_string();
    let mut told = Told::new(Code::InvalidArgument, "INVALID_FIELDS", message);
    told.violations = violations;
    told
}

fn pool_error(error: PoolError) -> Told {
    let message = error.to_string();
    let retry_after = error.retry_after();
    let (code, reason) = match error {
        PoolError::Rejected(rejection) => return rejected(rejection),
        PoolError::Overloaded => (Code::ResourceExhausted, "POOL_OVERLOADED"),
        PoolError::Unavailable(outage) => (Code::Unavailable, outage_reason(outage)),
        PoolError::Poisoned => (Code::Internal, "COMMAND_REFUSED_ON_SIGHT"),
        PoolError::Broken => (Code::Internal, "COMMAND_FAILED"),
    };
    Told::new(code, reason, message).retry(retry_after)
}

fn outage_reason(outage: crate::pool::Outage) -> &'static str {
    match outage {
        crate::pool::Outage::StoreDown => "STORE_DOWN",
        crate::pool::Outage::Opening => reasons::POOL_OPENING,
        crate::pool::Outage::Stopping => reasons::SERVER_STOPPING,
    }
}

fn rejected(rejection: Rejection) -> Told {
    let message = rejection.to_string();
    let not_found = |reason, message| Told::new(Code::NotFound, reason, message);
    let refused = |reason, message| Told::new(Code::FailedPrecondition, reason, message);
    match rejection {
        Rejection::ScheduleMoved { current, .. } => {
            Told::new(Code::Aborted, "SCHEDULE_MOVED", message).with("version", &current)
        }
        Rejection::NoLabourRules => refused("NO_LABOUR_RULES", message),
        Rejection::Invalid(violations) => invalid(violations),
        Rejection::NoPool => refused("POOL_NOT_CONFIGURED", message),
        Rejection::UnknownCall(call) => not_found("CALL_NOT_FOUND", message)
            .field("call_id")
            .with("call_id", &call),
        Rejection::UnknownAgent(agent) => not_found("AGENT_NOT_FOUND", message)
            .field("agent_id")
            .with("agent_id", &agent),
        Rejection::UnknownQueue { queue, .. } => not_found("QUEUE_NOT_FOUND", message)
            .field("queue")
            .with("queue", &queue),
        Rejection::UnknownSite(site) => not_found("SITE_NOT_FOUND", message)
            .field("site")
            .with("site", &*site),
        Rejection::UnknownTeam(team) => not_found("TEAM_NOT_FOUND", message)
            .field("team")
            .with("team", &*team),
        Rejection::CallIdReused(call) => Told::new(Code::AlreadyExists, "CALL_ID_REUSED", message)
            .field("call_id")
            .with("call_id", &call),
        Rejection::RequestIdReused(id) => {
            Told::new(Code::AlreadyExists, "REQUEST_ID_REUSED", message)
                .field("request_id")
                .with("request_id", &*id)
        }
        Rejection::OfferOver { offer, call } => refused("OFFER_OVER", message)
            .field("offer_id")
            .with("offer_id", &offer)
            .with("call_id", &call),
        Rejection::ForeignOffer { offer, agent } => refused("OFFER_NOT_OPEN", message)
            .field("offer_id")
            .with("offer_id", &offer)
            .with("agent_id", &agent),
        Rejection::SessionSuperseded {
            agent,
            session,
            newest,
        } => refused("SESSION_SUPERSEDED", message)
            .field("session")
            .with("agent_id", &agent)
            .with("session", &session)
            .with("newest", &newest),
        Rejection::WrongState {
            subject,
            is,
            needed,
        } => refused("WRONG_STATE", message)
            .with("subject", &subject)
            .with("is", is)
            .with("needed", needed),
        Rejection::QueueInUse { queue, calls } => refused("QUEUE_IN_USE", message)
            .field("pool.queues")
            .with("queue", &queue)
            .with("calls", &calls),
    }
}

fn closed(closing: Closing) -> Told {
    match closing {
        Closing::Replaced => Told::new(
            Code::Aborted,
            "STREAM_REPLACED",
            "a newer stream of this instance took over",
        ),
        Closing::Overflow => Told::new(
            Code::ResourceExhausted,
            "READER_TOO_SLOW",
            "too many events wait to be read: connect again with the last event number",
        )
        .retry(Some(Duration::from_secs(1))),
        Closing::Silent => Told::new(
            Code::DeadlineExceeded,
            "NO_SIGN_OF_LIFE",
            "no sign of life arrived in time: connect again and send heartbeats",
        ),
        Closing::Reopened => Told::new(
            Code::Unavailable,
            reasons::POOL_OPENING,
            "the pool was opened again: connect again",
        )
        .retry(Some(Duration::from_millis(200))),
    }
}

fn tell_unserved(unserved: Unserved) -> Told {
    let soon = Some(Duration::from_millis(200));
    let away = |reason, message: &str| Told::new(Code::Unavailable, reason, message).retry(soon);
    match unserved {
        Unserved::NotOwner { pool, hint } => {
            let told = away(reasons::NOT_OWNER, "this process does not have the pool");
            let told = told.with("pool", &pool);
            match hint {
                Some((boot, owner, epoch)) => told
                    .with("boot", &boot)
                    .with("owner", &owner)
                    .with("epoch", &epoch),
                None => told,
            }
        }
        Unserved::Between { pool } => {
            let message = format!("pool `{pool}` changes hands: send the same request again");
            away(reasons::POOL_MOVING, &message).with("pool", &pool)
        }
        Unserved::Overloaded => Told::new(
            Code::ResourceExhausted,
            "PEER_OVERLOADED",
            "too many requests are on their way to the process that has the pool: try again later",
        )
        .retry(Some(Duration::from_millis(500))),
        Unserved::Lost => away(
            reasons::PEER_LOST,
            "the process that had the pool is gone, and what it did is not known: send the same request again",
        ),
        Unserved::Moved => away(
            "POOL_MOVED",
            "the pool went to another process: connect again",
        ),
        Unserved::Stopping => away(
            reasons::SERVER_STOPPING,
            "the server is about to end: connect again",
        ),
        Unserved::Stranger => Told::new(
            Code::Unauthenticated,
            "NOT_A_PEER",
            "this port is for processes that know the secret of `peers.secret`",
        ),
    }
}

/// What the transport says in its own words, in ours.
fn transport(status: &Status) -> Told {
    let message = status.message().to_owned();
    let code = status.code();
    if code == Code::OutOfRange {
        let right =
            format!("the message is too large: send at most `limits.message_bytes` ({message})");
        return Told::new(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", right).field("message");
    }
    if code == Code::Unimplemented {
        let right = "this server has no such method: ask its reflection for those it has";
        return Told::new(code, "METHOD_NOT_FOUND", right);
    }
    if code == Code::Internal && is_clients(&message) {
        let right = "the message is not of this method's type, or a text in it is not UTF-8";
        return Told::new(Code::InvalidArgument, "MESSAGE_UNREADABLE", right).field("message");
    }
    Told::new(code, "TRANSPORT_FAILED", message)
}

/// The transport calls what it cannot read an inner error; it is the client's: bytes that are no message, none, or half of
/// one. Answers that cannot be written are the service's own.
fn is_clients(message: &str) -> bool {
    message.contains("decod")
        || message.starts_with("protocol error")
        || message.starts_with("Missing request message")
        || message.starts_with("Error decompressing")
}

/// The answer to a client whose deadline has passed.
pub(super) fn late(limit: Duration) -> Status {
    Problem::Late(limit).into()
}

/// Completes a status that the transport made: every error has a reason.
pub(super) fn complete(status: Status) -> Status {
    if status.code() == Code::Ok || !status.details().is_empty() {
        return status;
    }
    Problem::Transport(status).into()
}

/// Whether a status is an error of the transport's own, without details.
pub(super) fn is_bare(status: &Status) -> bool {
    status.code() != Code::Ok && status.details().is_empty()
}

/// The number of an end that the client brought about.
pub(super) const CANCELLED: usize = Code::Cancelled as usize;
/// The number of an end that the client's deadline brought about.
pub(super) const LATE: usize = Code::DeadlineExceeded as usize;

/// The number of the code that headers or trailers say, if they say one.
pub(super) fn code_in(headers: &http::HeaderMap) -> Option<usize> {
    let status = Status::from_header_map(headers)?;
    usize::try_from(i32::from(status.code())).ok()
}

fn status(told: Told) -> Status {
    let (violations, left_out) = cut(told.violations);
    let mut metadata: HashMap<String, String> = told
        .metadata
        .into_iter()
        .map(|(key, value)| (key.to_owned(), shown(&value)))
        .collect();
    if left_out > 0 {
        metadata.insert("violations_left_out".to_owned(), left_out.to_string());
    }
    let mut details = ErrorDetails::new();
    details.set_error_info(told.reason, DOMAIN, metadata);
    if !violations.is_empty() {
        let fields = violations.into_iter();
        let fields =
            fields.map(|violation| FieldViolation::new(violation.field, violation.problem));
        details.set_bad_request(fields.collect::<Vec<_>>());
    }
    if told.retry_after.is_some() {
        details.set_retry_info(told.retry_after);
    }
    Status::with_error_details(told.code, text(&told.message), details)
}

/// As many violations as an error can carry, each made safe to show, and how many are left out.
fn cut(violations: Vec<Violation>) -> (Vec<Violation>, usize) {
    let all = violations.len();
    let mut bytes = 0;
    let kept: Vec<Violation> = violations
        .into_iter()
        .take(VIOLATIONS_MAX)
        .map(|violation| Violation::new(text(&violation.field), text(&violation.problem)))
        .take_while(|violation| {
            bytes += violation.field.len() + violation.problem.len();
            bytes <= VIOLATIONS_BYTES_MAX
        })
        .collect();
    let left_out = all - kept.len();
    (kept, left_out)
}

/// A value from outside, safe to show: cut, and without characters that hide or reorder text.
pub(super) fn shown(value: &str) -> String {
    escaped(value, SHOWN_MAX)
}

fn text(message: &str) -> String {
    escaped(message, TEXT_MAX)
}

fn escaped(value: &str, max: usize) -> String {
    let mut safe = String::with_capacity(value.len().min(max));
    for (count, c) in value.chars().enumerate() {
        if count == max {
            safe.push('…');
            break;
        }
        if convert::is_safe(c) {
            safe.push(c);
        } else {
            safe.extend(c.escape_unicode());
        }
    }
    safe
}
