//! Supervisors' orders: a form, a page that says what is about to happen, and the service that everybody calls.

mod recent;

use askama::Template;
use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use prost_types::Timestamp;
use serde::Deserialize;
use tonic::Status;

pub(super) use self::recent::recent;
use super::{
    Console,
    frame::{Frame, page, path},
    services::{refusal, to},
    visitor::Visitor,
    words::Words,
};
use crate::{
    engine::ids::PoolTime,
    proto::v1::{self, send_message_request::Recipient},
};

/// Orders after which a page says that it was done.
pub(super) const DONE: [&str; 11] = [
    "hold",
    "release",
    "intent",
    "message",
    "message-team",
    "move",
    "drain",
    "undrain",
    "pause",
    "close",
    "resume",
];
/// Longest hold or pause that a form takes, in minutes: the services say what is too long.
const MINUTES_MAX: u64 = 100_000;

/// An order as a form gives it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The agent, team, call, queue or site.
    about: String,
    reason: String,
    minutes: String,
    intent: String,
    text: String,
    queue: String,
    waiting: String,
    /// `yes` once it is confirmed.
    sure: String,
    /// Tells a repeat from a new order.
    request: String,
}

#[derive(Template)]
#[template(path = "console/pages/confirm.html")]
pub(super) struct ConfirmPage<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) problems: Vec<String>,
    pub(super) back: &'a str,
    pub(super) question: String,
    pub(super) facts: Vec<(String, String)>,
    pub(super) supervisor: &'a str,
    pub(super) action: String,
    pub(super) hidden: Vec<(&'static str, String)>,
}

/// Asks whether an order is meant, or carries it out.
pub(super) async fn give(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, order)): Path<(String, String)>,
    Form(asked): Form<Asked>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let Some(order) = DONE.into_iter().find(|known| *known == order) else {
        return console.missing(&visitor, "missing-page");
    };
    let back = place(&pool, order, &asked.about);
    let now = known.view().read().now();
    let until = match until(&asked.minutes, now) {
        Ok(until) => until,
        Err(problem) => return confirm(&visitor, &pool, order, &asked, vec![problem]),
    };
    if asked.sure != "yes" {
        return confirm(&visitor, &pool, order, &asked, Vec::new());
    }
    let confirmed = Order {
        console: &console,
        pool: &pool,
        by: &visitor.name,
        asked: &asked,
        until,
    };
    match confirmed.carry_out(order).await {
        Ok(()) => Redirect::to(&format!("{back}?done={order}")).into_response(),
        Err(status) => confirm(&visitor, &pool, order, &asked, refusal(&status)),
    }
}

/// The page of what an order is about.
fn place(pool: &str, order: &str, about: &str) -> String {
    let kind = match order {
        "move" => "calls",
        "drain" | "undrain" => "sites",
        "pause" | "close" | "resume" => "queues",
        "message-team" => "teams",
        _ => "agents",
    };
    format!("/pools/{pool}/{kind}/{}", path(about))
}

/// The end of a hold or a pause; none without minutes.
fn until(minutes: &str, now: PoolTime) -> Result<Option<Timestamp>, String> {
    let minutes = minutes.trim();
    if minutes.is_empty() {
        return Ok(None);
    }
    let number = minutes
        .parse()
        .ok()
        .filter(|number| (1..=MINUTES_MAX).contains(number));
    let number = number.ok_or_else(|| {
        let shown: String = minutes.chars().take(32).collect();
        format!("minutes: is `{shown}`; give a whole number from 1 to {MINUTES_MAX}")
    })?;
    let at = now.plus(number * 60_000).0;
    Ok(Some(Timestamp {
        seconds: i64::try_from(at / 1_000).unwrap_or(i64::MAX),
        nanos: 0,
    }))
}

fn confirm(
    visitor: &Visitor,
    pool: &str,
    order: &'static str,
    asked: &Asked,
    problems: Vec<String>,
) -> Response {
    let w = visitor.words();
    let back = place(pool, order, &asked.about);
    let refused = !problems.is_empty();
    let title = if refused {
        w.say("refused-title").into_owned()
    } else {
        w.of("do", order)
    };
    let given = fields(asked);
    let named = given
        .iter()
        .filter(|(name, value)| !value.is_empty() && *name != "about");
    let facts = named.map(|(name, value)| (w.of("field", name), shown(name, value, w)));
    let mut hidden = given.clone();
    hidden.push(("request", request_id()));
    let rendered = ConfirmPage {
        frame: Frame::new(visitor, title, Some(pool), &back),
        problems,
        back: &back,
        question: w.name(&format!("sure-{order}"), &asked.about),
        facts: facts.collect(),
        supervisor: &visitor.name,
        action: format!("/pools/{pool}/orders/{order}"),
        hidden,
    };
    let shown = page(rendered.render());
    if refused {
        return (StatusCode::UNPROCESSABLE_ENTITY, shown).into_response();
    }
    shown
}

fn fields(asked: &Asked) -> Vec<(&'static str, String)> {
    let all = [
        ("about", &asked.about),
        ("reason", &asked.reason),
        ("minutes", &asked.minutes),
        ("intent", &asked.intent),
        ("text", &asked.text),
        ("queue", &asked.queue),
        ("waiting", &asked.waiting),
    ];
    all.map(|(name, value)| (name, value.clone())).to_vec()
}

fn shown(name: &str, value: &str, w: &Words) -> String {
    match name {
        "intent" => w.of("intent", value),
        "waiting" => w.of("waiting", value),
        _ => value.to_owned(),
    }
}

/// A number that no other order has.
pub(super) fn request_id() -> String {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => format!("{:032x}", u128::from_be_bytes(bytes)),
        // Without one the order is carried out each time that it is sent.
        Err(_no_randomness) => String::new(),
    }
}

/// An order that is confirmed.
struct Order<'a> {
    console: &'a Console,
    pool: &'a str,
    /// Who orders it.
    by: &'a str,
    asked: &'a Asked,
    /// When it ends by itself.
    until: Option<Timestamp>,
}

impl Order<'_> {
    async fn carry_out(&self, order: &str) -> Result<(), Status> {
        match order {
            "hold" | "release" | "intent" => self.of_agent(order).await,
            "message" | "message-team" => self.message(order).await,
            "move" | "drain" | "undrain" => self.of_place(order).await,
            _ => self.of_queue(order).await,
        }
    }

    async fn of_agent(&self, order: &str) -> Result<(), Status> {
        let mut service = self.console.services.supervision();
        let Asked {
            about: agent_id,
            reason,
            request: request_id,
            ..
        } = self.asked.clone();
        let supervisor = self.by.to_owned();
        match order {
            "hold" => {
                let order = v1::HoldAgentRequest {
                    agent_id,
                    until: self.until,
                    reason,
                    supervisor,
                    request_id,
                };
                service.hold_agent(to(self.pool, order)).await.map(drop)
            }
            "release" => {
                let order = v1::ReleaseAgentRequest {
                    agent_id,
                    supervisor,
                    request_id,
                };
                service.release_agent(to(self.pool, order)).await.map(drop)
            }
            _ => {
                let order = v1::SetAgentIntentRequest {
                    agent_id,
                    intent: intent(&self.asked.intent).into(),
                    reason,
                    supervisor,
                    request_id,
                };
                let done = service.set_agent_intent(to(self.pool, order));
                done.await.map(drop)
            }
        }
    }

    async fn message(&self, order: &str) -> Result<(), Status> {
        let about = self.asked.about.clone();
        let recipient = if order == "message" {
            Recipient::AgentId(about)
        } else {
            Recipient::Team(about)
        };
        let order = v1::SendMessageRequest {
            recipient: Some(recipient),
            text: self.asked.text.clone(),
            supervisor: self.by.to_owned(),
            request_id: self.asked.request.clone(),
        };
        let mut service = self.console.services.supervision();
        service.send_message(to(self.pool, order)).await.map(drop)
    }

    async fn of_place(&self, order: &str) -> Result<(), Status> {
        let mut service = self.console.services.supervision();
        let Asked {
            about,
            reason,
            queue,
            request: request_id,
            ..
        } = self.asked.clone();
        let supervisor = self.by.to_owned();
        match order {
            "move" => {
                let order = v1::MoveCallRequest {
                    call_id: about,
                    queue,
                    request_id,
                };
                service.move_call(to(self.pool, order)).await.map(drop)
            }
            "drain" => {
                let order = v1::DrainSiteRequest {
                    site: about,
                    reason,
                    supervisor,
                    request_id,
                };
                service.drain_site(to(self.pool, order)).await.map(drop)
            }
            _ => {
                let order = v1::UndrainSiteRequest {
                    site: about,
                    supervisor,
                    request_id,
                };
                service.undrain_site(to(self.pool, order)).await.map(drop)
            }
        }
    }

    async fn of_queue(&self, order: &str) -> Result<(), Status> {
        let mut service = self.console.services.supervision();
        let Asked {
            about: queue,
            reason,
            request: request_id,
            ..
        } = self.asked.clone();
        let (supervisor, until) = (self.by.to_owned(), self.until);
        match order {
            "pause" => {
                let order = v1::PauseQueueRequest {
                    queue,
                    supervisor,
                    reason,
                    until,
                    request_id,
                };
                service.pause_queue(to(self.pool, order)).await.map(drop)
            }
            "close" => {
                let waiting = match self.asked.waiting.as_str() {
                    "end" => v1::WaitingCalls::End,
                    _ => v1::WaitingCalls::Serve,
                };
                let order = v1::CloseQueueRequest {
                    queue,
                    supervisor,
                    reason,
                    until,
                    waiting: waiting.into(),
                    request_id,
                };
                service.close_queue(to(self.pool, order)).await.map(drop)
            }
            _ => {
                let order = v1::ResumeQueueRequest {
                    queue,
                    supervisor,
                    reason,
                    request_id,
                };
                service.resume_queue(to(self.pool, order)).await.map(drop)
            }
        }
    }
}

/// An intent by its label.
pub(super) fn intent(label: &str) -> v1::Intent {
    match label {
        "ready" => v1::Intent::Ready,
        "not_ready" => v1::Intent::NotReady,
        "offline" => v1::Intent::Offline,
        _ => v1::Intent::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_whole_and_bounded() {
        let end = |minutes| until(minutes, PoolTime(1_000));
        assert_eq!(end(""), Ok(None));
        assert_eq!(end(" 2 ").map(|at| at.map(|at| at.seconds)), Ok(Some(121)));
        for wrong in ["0", "-1", "1.5", "100001", "x", "18446744073709551616"] {
            let problem = end(wrong).expect_err(wrong);
            assert!(problem.contains(wrong), "{problem}");
        }
    }
}
