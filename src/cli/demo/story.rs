//! What befalls the demo's operator: a provider fails for a while, and somebody asks why a call waits.

use std::{collections::BTreeSet, time::Duration};

use tokio::sync::mpsc::UnboundedSender;

use crate::{
    cli::{
        board::Board,
        client::Clients,
        text::{Word as _, api_ms},
    },
    proto::v1::{Call, CallState, ExplainAgentRequest, ExplainCallRequest, ListCallsRequest},
};

/// The provider that fails.
pub(super) const PROVIDER: &str = "coastcable";
/// When it fails, when its agents are back, and when the demo asks why.
pub(super) const FAILS_AT_S: f64 = 15.0;
pub(super) const BACK_AFTER_S: f64 = 40.0;
pub(super) const ASKS_AFTER_S: f64 = 14.0;

/// The first caller who hangs up to be called back; the way of that call is told.
#[derive(Debug)]
pub(super) enum Followed {
    Nobody,
    Waiting(String),
    Answered,
}

impl Followed {
    /// A caller hung up; answers what is told of it.
    pub(super) fn begin(&mut self, call: &Call) -> Option<String> {
        if !matches!(self, Self::Nobody) {
            return None;
        }
        *self = Self::Waiting(call.id.clone());
        let (id, seconds) = (&call.id, waited_s(call));
        Some(format!(
            "callback: `{id}` hangs up after a wait of {seconds:.1} s and keeps its place"
        ))
    }

    /// A call as it is now; answers what is told if it is the one, and is answered.
    pub(super) fn see(&mut self, call: &Call) -> Option<String> {
        let is_it = matches!(self, Self::Waiting(id) if *id == call.id);
        if !is_it || call.state() != CallState::Connected {
            return None;
        }
        *self = Self::Answered;
        let (id, agent, seconds) = (&call.id, &call.agent_id, waited_s(call));
        Some(format!(
            "callback: `{id}` is called back by `{agent}` after a wait of {seconds:.1} s in all"
        ))
    }
}

/// The peaks that are on, as they were told.
#[derive(Debug, Default)]
pub(super) struct Peaks(BTreeSet<String>);

impl Peaks {
    /// The board as it is now; answers what is told of peaks that began or ended.
    pub(super) fn see(&mut self, board: &Board) -> Vec<String> {
        let on = board.queues.values().filter(|queue| queue.peak.is_some());
        let on: BTreeSet<String> = on.map(|queue| queue.id.clone()).collect();
        let began = on.difference(&self.0).map(|queue| {
            let peak = board
                .queues
                .get(queue)
                .and_then(|queue| queue.peak.as_ref());
            let cause = peak.map_or("", |peak| peak.cause().word());
            format!("peak: agents at home serve `{queue}` from now on; the cause is {cause}")
        });
        let ended = self.0.difference(&on);
        let ended = ended.map(|queue| format!("peak: over; calls of `{queue}` stay on site again"));
        let told = began.chain(ended).collect();
        self.0 = on;
        told
    }
}

fn waited_s(call: &Call) -> f64 {
    Duration::from_millis(api_ms(call.wait.as_ref())).as_secs_f64()
}

/// Asks why a call waits, and why a cut-off agent gets none, and notes the answers.
pub(super) async fn ask_why(clients: Clients, agent: String, notes: UnboundedSender<String>) {
    let list = clients
        .routing()
        .list_calls(ListCallsRequest::default())
        .await;
    let calls = list.map_or_else(|_| Vec::new(), |list| list.into_inner().calls);
    let waiting = calls
        .into_iter()
        .find(|call| call.offer.is_none() && call.agent_id.is_empty());
    if let Some(call) = waiting {
        ask_why_it_waits(&clients, call.id, &notes).await;
    }
    let request = ExplainAgentRequest { agent_id: agent };
    if let Ok(told) = clients.supervision().explain_agent(request).await {
        note(&notes, "agent explain: ", &told.into_inner().sentence);
    }
}

/// Asks why a call waits, and notes the answer.
pub(super) async fn ask_why_it_waits(
    clients: &Clients,
    call_id: String,
    notes: &UnboundedSender<String>,
) {
    let request = ExplainCallRequest { call_id };
    if let Ok(told) = clients.supervision().explain_call(request).await {
        note(notes, "call explain:  ", &told.into_inner().sentence);
    }
}

fn note(notes: &UnboundedSender<String>, what: &str, sentence: &str) {
    // After the end nobody reads any more.
    let _over = notes.send(format!("{what}{sentence}"));
}
