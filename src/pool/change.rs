//! Changes that may be said again: an answer is made right after its change, stored in the same commit, and given to
//! whoever names the same request once more.

use std::{fmt, fmt::Write, sync::Arc};

use super::{
    Shared,
    rows::{QueueRow, Row},
};
use crate::engine::{
    Engine,
    answers::{KeptAnswer, NewAnswer, RequestKey},
    command::Command,
    estimate::Estimate,
    event::Event,
    ids::{AgentId, CallId, PoolTime, QueueId},
    rejection::Rejection,
    spec::PoolSpec,
    view::{AgentView, CallView},
};

/// A request that is to be carried out once.
#[derive(Clone, Debug)]
pub struct Once {
    /// The request, as its client names it.
    pub request: RequestKey,
    /// Digest of its content.
    pub digest: Arc<str>,
}

impl Once {
    /// The answer to this very request, if it was carried out before.
    ///
    /// # Errors
    /// If the id was used with other content.
    pub fn answered(&self, engine: &Engine) -> Result<Option<Vec<u8>>, Rejection> {
        let Some(kept) = engine.kept_answer(&self.request) else {
            return Ok(None);
        };
        if kept.digest != self.digest {
            return Err(Rejection::RequestIdReused(Arc::clone(&self.request.id)));
        }
        Ok(Some(bytes(kept)))
    }

    /// The order to keep its answer.
    pub(super) fn keep(self, answer: &[u8]) -> Command {
        Command::KeepAnswer(Box::new(NewAnswer {
            request: self.request,
            digest: self.digest,
            answer: hex(answer).into(),
        }))
    }
}

/// What only this program writes can be read.
fn bytes(kept: &KeptAnswer) -> Vec<u8> {
    unhex(&kept.answer).unwrap_or_default()
}

/// Makes the answer to a change.
pub type Answer = Box<dyn FnOnce(&After<'_>) -> Vec<u8> + Send>;

/// How a change is answered.
pub(super) struct Change {
    pub(super) once: Option<Once>,
    pub(super) answer: Answer,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.once)
    }
}

/// A pool right after a change, which is not committed yet.
pub struct After<'a> {
    pub(super) engine: &'a Engine,
    pub(super) shared: &'a Shared,
    pub(super) events: &'a [Event],
    /// That of the commit to come.
    pub(super) revision: u64,
    pub(super) now: PoolTime,
}

impl After<'_> {
    /// What the change brought about.
    pub fn events(&self) -> &[Event] {
        self.events
    }

    /// The pool's time.
    pub fn now(&self) -> PoolTime {
        self.now
    }

    /// The configuration.
    pub fn spec(&self) -> Option<&Arc<PoolSpec>> {
        self.engine.spec()
    }

    /// An agent.
    pub fn agent(&self, id: &AgentId) -> Option<Row<AgentView>> {
        let (view, is_touched) = self.engine.agent_view(id)?;
        let before = self.shared.view().read().agent(id).map(|row| row.changed);
        Some(Row::new(view, self.changed(is_touched, before)))
    }

    /// A queue.
    pub fn queue(&self, id: &QueueId) -> Option<QueueRow> {
        Some(QueueRow {
            queue: self.engine.queue_view(id)?,
            changed: self.revision,
        })
    }

    /// A call, with its place in its queue.
    pub fn call(&self, id: &CallId) -> Option<(Row<CallView>, Option<Estimate>)> {
        let (view, is_touched) = self.engine.call_view(id)?;
        let before = self.shared.view().read().call(id).map(|row| row.changed);
        let row = Row::new(view, self.changed(is_touched, before));
        Some((row, self.engine.place(id, self.now)))
    }

    fn changed(&self, is_touched: bool, before: Option<u64>) -> u64 {
        before.filter(|_| !is_touched).unwrap_or(self.revision)
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let text = String::with_capacity(bytes.len() * 2);
    bytes.iter().fold(text, |mut hex, byte| {
        let _never_fails = write!(hex, "{byte:02x}");
        hex
    })
}

/// The bytes of hexadecimal digits, if they are such.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
