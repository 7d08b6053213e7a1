//! What befalls the demo's operator: a provider fails for a while, and somebody asks why a call waits.

use tokio::sync::mpsc::UnboundedSender;

use crate::{
    cli::client::Clients,
    proto::v1::{ExplainAgentRequest, ExplainCallRequest, FailureDomain, ListCallsRequest, Outage},
};

/// The provider that fails.
pub(super) const PROVIDER: &str = "coastcable";
/// When it fails, when its agents are back, and when the demo asks why.
pub(super) const FAILS_AT_S: f64 = 15.0;
pub(super) const BACK_AFTER_S: f64 = 40.0;
pub(super) const ASKS_AFTER_S: f64 = 14.0;

/// An outage in a few words.
pub(super) fn outage_words(outage: &Outage) -> String {
    let domain = match outage.domain() {
        FailureDomain::Site => "site",
        FailureDomain::Region => "region",
        FailureDomain::Provider => "provider",
        FailureDomain::Service => "the whole service",
        FailureDomain::Unspecified => "something",
    };
    let (lost, of) = (outage.lost, outage.signed_in);
    let over = outage
        .end_time
        .as_ref()
        .map_or("", |_| ", about to be over");
    format!("{domain} {}: {lost} of {of} lines lost{over}", outage.label).replace(" : ", ": ")
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
        let request = ExplainCallRequest { call_id: call.id };
        if let Ok(told) = clients.supervision().explain_call(request).await {
            note(&notes, "call explain:  ", &told.into_inner().sentence);
        }
    }
    let request = ExplainAgentRequest { agent_id: agent };
    if let Ok(told) = clients.supervision().explain_agent(request).await {
        note(&notes, "agent explain: ", &told.into_inner().sentence);
    }
}

fn note(notes: &UnboundedSender<String>, what: &str, sentence: &str) {
    // After the end nobody reads any more.
    let _over = notes.send(format!("{what}{sentence}"));
}
