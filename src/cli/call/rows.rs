//! Calls as rows of a table, for `call list` and `call watch`.

use clap::{Args, ValueEnum};

use super::agent_of;
use crate::{
    cli::{
        board::words::span,
        table::{Column, Piece, Tone, piece, plain},
        text::{self, Word, api_ms},
    },
    proto::v1::{Call, CallState},
};

/// The columns of calls.
pub(super) const COLUMNS: [Column; 11] = [
    Column::text("call", 10),
    Column::text("queue", 8),
    Column::word("state"),
    Column::number("wait"),
    Column::number("place"),
    Column::number("likely").rank(2),
    Column::text("agent", 6),
    Column::text("priority", 8).rank(1),
    Column::number("ring").rank(3),
    Column::text("skills", 8).rank(4),
    Column::text("platform", 8).rank(5),
];

/// Which calls.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Filter {
    /// Only calls of this queue.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(super) queue: String,
    /// Only calls in this state: queued, offered, connecting, connected or `callback_waiting`.
    #[arg(long, value_name = "WORD", value_parser = <CallState as Word>::parse)]
    state: Option<CallState>,
    /// Only calls that this agent is offered or talks to.
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Only calls of this platform.
    #[arg(long, value_name = "NAME")]
    platform: Option<String>,
}

impl Filter {
    /// Whether the filter lets a call pass.
    pub(super) fn lets(&self, call: &Call) -> bool {
        let is = |asked: &Option<String>, word: &str| asked.as_deref().is_none_or(|a| a == word);
        (self.queue.is_empty() || self.queue == call.queue)
            && self.state.is_none_or(|state| state == call.state())
            && is(&self.agent, agent_of(call))
            && is(&self.platform, &call.platform)
    }
}

/// In which order calls are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Order {
    /// As they were accepted.
    #[default]
    Oldest,
    /// The longest wait first.
    Wait,
    /// By queue, then by place.
    Queue,
    /// By state, then by queue.
    State,
}

impl Order {
    /// Puts calls, which are as they were accepted, in order.
    pub(super) fn sort(self, calls: &mut [Call]) {
        let place = |call: &Call| match call.position {
            0 => i32::MAX,
            place => place,
        };
        match self {
            Self::Oldest => {}
            Self::Wait => calls.sort_by_key(|call| std::cmp::Reverse(api_ms(call.wait.as_ref()))),
            Self::Queue => calls.sort_by(|a, b| (&a.queue, place(a)).cmp(&(&b.queue, place(b)))),
            Self::State => calls
                .sort_by(|a, b| (a.state().word(), &a.queue).cmp(&(b.state().word(), &b.queue))),
        }
    }
}

/// A call's row, so many ms after it was heard of.
pub(super) fn row(call: &Call, later_ms: u64) -> Vec<Piece> {
    let waits = matches!(
        call.state(),
        CallState::Queued | CallState::CallbackWaiting | CallState::Offered | CallState::Connecting
    );
    let wait = api_ms(call.wait.as_ref()) + if waits { later_ms } else { 0 };
    let likely = call.estimated_wait_now.as_ref();
    let state = match call.state() {
        CallState::Ended => format!("ended {}", call.outcome().word()),
        CallState::Queued
        | CallState::CallbackWaiting
        | CallState::Offered
        | CallState::Connecting
        | CallState::Connected
        | CallState::Unspecified => call.state().word().to_owned(),
    };
    let tone = match call.state() {
        CallState::Connected => Tone::Good,
        CallState::Ended => Tone::Faint,
        CallState::Queued
        | CallState::CallbackWaiting
        | CallState::Offered
        | CallState::Connecting
        | CallState::Unspecified => Tone::Plain,
    };
    vec![
        plain(&call.id),
        plain(&call.queue),
        piece(state, tone),
        plain(span(wait)),
        plain(match call.position {
            0 => String::new(),
            place => place.to_string(),
        }),
        plain(likely.map_or_else(String::new, |_| span(api_ms(likely)))),
        plain(agent_of(call)),
        plain(&call.priority),
        plain(call.ring.to_string()),
        plain(text::skills(&call.skills)),
        plain(format!("{} ({})", call.platform, call.instance)),
    ]
}
