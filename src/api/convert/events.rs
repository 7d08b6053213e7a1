//! Which events are asked for.

use super::Faults;
use crate::{
    api::status::Problem,
    pool::journal::{About, EVENTS, StoredEvent},
    proto::v1::{self, follow_events_request},
};

/// Most names of a request.
const NAMES_MAX: usize = 64;

/// Where a follower begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Start {
    /// After the event of this number.
    After(u64),
    /// With what is new.
    New,
}

/// Which events are asked for.
#[derive(Debug)]
pub(in crate::api) struct Filter {
    /// Where to begin.
    pub(in crate::api) start: Start,
    /// Whether to end with what is stored now.
    pub(in crate::api) until_now: bool,
    events: Vec<String>,
    call: Option<String>,
    agent: Option<String>,
    queue: Option<String>,
}

impl Filter {
    /// Checks what a request asks for.
    pub(in crate::api) fn new(request: v1::FollowEventsRequest) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        let mut id = |field: &str, text: String| {
            let given = !text.is_empty();
            given.then(|| faults.id(field, &text));
            given.then_some(text)
        };
        let call = id("call_id", request.call_id);
        let agent = id("agent_id", request.agent_id);
        let queue = id("queue", request.queue);
        let names = request.events;
        if !faults.too_many("events", names.len(), NAMES_MAX, "names") {
            for (index, name) in names.iter().enumerate() {
                if !EVENTS.contains(&name.as_str()) {
                    let known = EVENTS.join("`, `");
                    let problem = format!("is no event; give one of `{known}`");
                    faults.add(format!("events[{index}]"), problem);
                }
            }
        }
        faults.finish(Self {
            start: match request.start {
                Some(follow_events_request::Start::NewOnly(true)) => Start::New,
                Some(follow_events_request::Start::AfterEventNumber(after)) => Start::After(after),
                Some(follow_events_request::Start::NewOnly(false)) | None => Start::After(0),
            },
            until_now: request.until_now,
            events: names,
            call,
            agent,
            queue,
        })
    }

    /// The event on the wire, if it is asked for.
    pub(in crate::api) fn pass(&self, event: StoredEvent) -> Option<v1::PoolEvent> {
        let StoredEvent { number, json } = event;
        (self.asks_all() || self.asks_for(&json)).then_some(v1::PoolEvent { number, json })
    }

    fn asks_all(&self) -> bool {
        self.events.is_empty()
            && self.call.is_none()
            && self.agent.is_none()
            && self.queue.is_none()
    }

    fn asks_for(&self, json: &str) -> bool {
        let Ok(about) = serde_json::from_str::<About>(json) else {
            return false;
        };
        let meets = |wanted: &Option<String>, has: &[&Option<String>]| {
            wanted.is_none() || has.contains(&wanted)
        };
        (self.events.is_empty() || self.events.contains(&about.event))
            && meets(&self.call, &[&about.call_id])
            && meets(&self.agent, &[&about.agent_id])
            && meets(
                &self.queue,
                &[&about.queue, &about.from_queue, &about.first_queue],
            )
    }
}
