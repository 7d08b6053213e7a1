//! Spans of time, and a shift as the law looks at it: work, breaks and on-call waiting.
//!
//! Times are milliseconds since 1970 in UTC, so a difference is elapsed time whatever the clocks on the wall did.

use serde::{Deserialize, Serialize};

/// A second, in ms.
pub const SECOND_MS: i64 = 1_000;
/// A minute, in ms.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// An hour, in ms.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

/// From a moment up to, but without, another; ms since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first moment.
    pub start_ms: i64,
    /// The first moment after it.
    pub end_ms: i64,
}

impl Span {
    /// From `start_ms` to `end_ms`.
    pub fn new(start_ms: i64, end_ms: i64) -> Self {
        Self { start_ms, end_ms }
    }

    /// How long it is: elapsed time, zero if it ends before it begins.
    pub fn length_ms(self) -> i64 {
        (self.end_ms - self.start_ms).max(0)
    }

    /// How much of it lies in `other`.
    pub fn overlap_ms(self, other: Self) -> i64 {
        let both = Self::new(
            self.start_ms.max(other.start_ms),
            self.end_ms.min(other.end_ms),
        );
        both.length_ms()
    }
}

/// What a part of a shift is that is not work. All else in a shift (telephone, training, meetings) is work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// A break: the agent may go about their own affairs. Paid or not, it is no work.
    Break,
    /// Waiting to be called (L3121-9): rest as long as nothing comes; a call handled in it is work of its own.
    OnCall,
}

/// A part of a shift that is not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// When.
    pub span: Span,
    /// What.
    pub kind: PartKind,
}

/// A shift, planned or worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// From its start to its end, with its breaks.
    pub span: Span,
    /// Its breaks and on-call waiting, in order, none over another.
    pub parts: Vec<Part>,
    /// Whether it is worked away from the employer's own place.
    pub is_telework: bool,
}

impl Shift {
    /// A shift of work from start to end.
    pub fn work(span: Span) -> Self {
        Self {
            span,
            parts: Vec::new(),
            is_telework: false,
        }
    }

    /// The same with breaks.
    #[must_use]
    pub fn with_breaks(mut self, breaks: impl IntoIterator<Item = Span>) -> Self {
        let kind = PartKind::Break;
        self.parts
            .extend(breaks.into_iter().map(|span| Part { span, kind }));
        self.parts.sort_by_key(|part| part.span);
        self
    }

    /// A shift of waiting to be called.
    pub fn on_call(span: Span) -> Self {
        let kind = PartKind::OnCall;
        Self {
            parts: vec![Part { span, kind }],
            ..Self::work(span)
        }
    }
}
