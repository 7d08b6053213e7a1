//! What an agent orders on the page, as commands of the session.

use std::collections::BTreeMap;

use crate::{
    console::orders::intent,
    engine::ids::PoolTime,
    proto::v1::{
        self, AgentSessionServiceConnectRequest as Request, Trouble,
        agent_session_service_connect_request::Message,
    },
};

/// The fields of a form by their names.
pub(super) type Fields = BTreeMap<String, String>;

/// Most minutes that an agent can be late or unwell on the page; the service says what is too long.
const MINUTES_MAX: u64 = 1_000_000;

/// The commands that an order stands for, without their numbers; none of one that is not known.
pub(super) fn commands(order: &str, fields: &Fields, now: PoolTime) -> Vec<Message> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let one = |message| vec![message];
    match order {
        "intent" => one(set_intent(&field("intent"), field("reason"))),
        "sign-out" => one(set_intent("offline", String::new())),
        "accept" => one(Message::AcceptOffer(v1::AcceptOfferRequest {
            offer_id: field("offer"),
            ..v1::AcceptOfferRequest::default()
        })),
        "decline" => {
            let decline = Message::DeclineOffer(v1::DeclineOfferRequest {
                offer_id: field("offer"),
                ..v1::DeclineOfferRequest::default()
            });
            // What comes next is said first: then the decline applies it, and no other offer comes between.
            let then = field("then");
            let next = (!then.is_empty()).then(|| set_intent("not_ready", then));
            next.into_iter().chain([decline]).collect()
        }
        "finish" => one(Message::FinishWrapUp(v1::FinishWrapUpRequest {
            call_id: field("call"),
            disposition: field("disposition"),
            ..v1::FinishWrapUpRequest::default()
        })),
        "extend" => one(Message::ExtendWrapUp(v1::ExtendWrapUpRequest {
            call_id: field("call"),
            ..v1::ExtendWrapUpRequest::default()
        })),
        "external" => one(Message::SetExternal(v1::SetExternalRequest {
            external: field("external") == "yes",
            ..v1::SetExternalRequest::default()
        })),
        "end-call" => one(Message::EndCall(v1::EndCallRequest {
            call_id: field("call"),
            ..v1::EndCallRequest::default()
        })),
        "acknowledge" => one(Message::AcknowledgeMessage(v1::AcknowledgeMessageRequest {
            message_id: field("message"),
            ..v1::AcknowledgeMessageRequest::default()
        })),
        "trouble" => one(trouble(
            &field("kind"),
            &field("minutes"),
            field("over") == "yes",
            now,
        )),
        _ => Vec::new(),
    }
}

fn set_intent(label: &str, reason: String) -> Message {
    Message::SetIntent(v1::SetIntentRequest {
        intent: intent(label).into(),
        reason: if label == "not_ready" {
            reason
        } else {
            String::new()
        },
        ..v1::SetIntentRequest::default()
    })
}

fn trouble(kind: &str, minutes: &str, over: bool, now: PoolTime) -> Message {
    let trouble = match kind {
        "line" => Trouble::Line,
        "late" => Trouble::Late,
        "unwell" => Trouble::Unwell,
        _ => Trouble::Unspecified,
    };
    let minutes = minutes
        .trim()
        .parse::<u64>()
        .ok()
        .filter(|minutes| *minutes <= MINUTES_MAX);
    let lasts = minutes.filter(|_| !over && trouble != Trouble::Line);
    Message::ReportTrouble(v1::ReportTroubleRequest {
        trouble: trouble.into(),
        until: lasts.map(|minutes| prost_types::Timestamp {
            seconds: i64::try_from(now.plus(minutes * 60_000).0 / 1_000).unwrap_or(i64::MAX),
            nanos: 0,
        }),
        over,
        ..v1::ReportTroubleRequest::default()
    })
}

/// A command with its number in the session.
pub(super) fn numbered(sequence: u64, message: Message) -> Request {
    Request {
        sequence,
        message: Some(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        pairs.collect()
    }

    #[test]
    fn declining_may_say_what_comes_next_first() {
        let commands = |pairs| commands("decline", &fields(pairs), PoolTime(0));
        assert_eq!(commands(&[("offer", "o1")]).len(), 1);
        let both = commands(&[("offer", "o1"), ("then", "break")]);
        assert!(
            matches!(&both[0], Message::SetIntent(set) if set.reason == "break"),
            "{both:?}"
        );
        assert!(
            matches!(&both[1], Message::DeclineOffer(no) if no.offer_id == "o1"),
            "{both:?}"
        );
    }

    #[test]
    fn only_who_is_late_or_unwell_says_until_when() {
        let until = |pairs| match commands("trouble", &fields(pairs), PoolTime(60_000)).pop() {
            Some(Message::ReportTrouble(told)) => told.until.map(|at| at.seconds),
            other => panic!("{other:?}"),
        };
        assert_eq!(until(&[("kind", "late"), ("minutes", "2")]), Some(180));
        assert_eq!(until(&[("kind", "line"), ("minutes", "2")]), None);
        assert_eq!(
            until(&[("kind", "late"), ("minutes", "2"), ("over", "yes")]),
            None
        );
        assert_eq!(until(&[("kind", "unwell"), ("minutes", "x")]), None);
        assert_eq!(commands("nonsense", &Fields::new(), PoolTime(0)), []);
    }
}
