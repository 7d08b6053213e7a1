//! `call route`: a platform with one call.

use std::{process::ExitCode, time::Duration};

use anyhow::bail;
use clap::Args;
use serde_json::json;
use tokio::{sync::mpsc, time::Instant};

use super::agent_of;
use crate::{
    cli::{
        Common,
        client::Clients,
        drive::{
            agenda::Agenda,
            platform::{PlatformLink, PlatformNews},
        },
        error::CliError,
        interrupt::Interrupts,
        json, out,
        text::{self, Word, api_duration},
    },
    clock,
    proto::v1::{
        Call, CallReport, CallState, Diverted, Offer, OfferStep, OnSiteCause, Outcome,
        RouteCallRequest, RouteCallResponse, SkillLevel, route_call_response,
    },
};

/// The end of the help.
pub(super) const HELP: &str = "\
The command plays a telephony platform with one call: it connects caller and agent when it is told to, lets them talk, \
and hangs up. Ctrl-C hangs up at once. With --no-wait it only hands the call over; without a platform behind it, such a \
call ends `lost` after a while.

Exit code 0 if the call was handled (with --no-wait: taken), 1 if not.

Examples:
  homeshore call route --queue billing
  homeshore call route --queue billing --skill fr:2 --priority gold --talk 30s
  homeshore call route --queue billing --attribute customer=4711
  homeshore call route --queue billing --id k-17 --no-wait --json

With --json: a line for each change, {\"event\": \"queued\", \"call\": {...}} with the call as in `call show --json`.";

/// How long the played agent's telephone rings before it is answered, for queues that ring.
const RINGING: Duration = Duration::from_secs(1);
/// An interrupt that follows another within this time is the same one, sent to a whole group of processes.
const SECOND_THOUGHT: Duration = Duration::from_millis(500);

/// Arguments of `call route`.
#[derive(Debug, Args)]
pub(in crate::cli) struct RouteArgs {
    /// The queue.
    #[arg(long)]
    queue: String,
    /// The call's id; without it one is made up.
    #[arg(long)]
    id: Option<String>,
    /// A skill with its least level, beside the queue's own; may be repeated.
    #[arg(long = "skill", value_name = "SKILL:LEVEL", value_parser = text::parse_skill)]
    skills: Vec<SkillLevel>,
    /// One of the pool's priorities.
    #[arg(long, default_value = "", hide_default_value = true)]
    priority: String,
    /// The agent to keep the call for, if the queue allows a hold.
    #[arg(
        long,
        value_name = "AGENT",
        default_value = "",
        hide_default_value = true
    )]
    preferred: String,
    /// A fact that is shown to the agent; may be repeated.
    #[arg(long = "attribute", value_name = "KEY=VALUE", value_parser = text::parse_pair)]
    attributes: Vec<(String, String)>,
    /// How long caller and agent talk.
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = text::parse_duration)]
    talk: Duration,
    /// Hand the call over, print the answer and leave.
    #[arg(long)]
    no_wait: bool,
}

/// Runs `call route`.
pub(super) async fn run(common: &Common, args: RouteArgs) -> anyhow::Result<ExitCode> {
    let clients = Clients::connect(common).await?;
    let instance = format!("{:08x}", fastrand::u32(..));
    let mut request = RouteCallRequest {
        call_id: args
            .id
            .unwrap_or_else(|| format!("cli-{:08x}", fastrand::u32(..))),
        queue: args.queue,
        priority: args.priority,
        skills: args.skills,
        preferred_agent_id: args.preferred,
        attributes: args.attributes.into_iter().collect(),
        ..RouteCallRequest::default()
    };
    if args.no_wait {
        "cli".clone_into(&mut request.platform);
        request.instance = instance;
        return hand_over(common, &clients, request).await;
    }
    let (news, mut heard) = mpsc::unbounded_channel();
    let link = PlatformLink::open(&clients, "cli", &instance, move |piece| {
        // Once the call is over nobody listens any more.
        let _over = news.send(piece);
    });
    let mut player = Player {
        json: common.json,
        talk: args.talk,
        call_id: request.call_id.clone(),
        instance,
        link,
        agenda: Agenda::new(),
        known: 0,
        shown: String::new(),
        done_step: None,
        is_connected: false,
        hung_up_at: None,
    };
    player.link.route(request);
    let mut interrupts = Interrupts::listen()?;
    let outcome = loop {
        tokio::select! {
            news = heard.recv() => {
                let Some(news) = news else { bail!("the connection was closed") };
                if let Some(outcome) = player.hear(news)? {
                    break outcome;
                }
            }
            () = player.agenda.wait() => player.act(),
            _ = interrupts.next() => player.hang_up()?,
        }
    };
    player.link.close().await;
    Ok(if outcome == Outcome::Handled {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn hand_over(
    common: &Common,
    clients: &Clients,
    request: RouteCallRequest,
) -> anyhow::Result<ExitCode> {
    let call_id = request.call_id.clone();
    let answer = clients
        .routing()
        .route_call(request)
        .await
        .map_err(CliError::from)?;
    match answer.into_inner().result {
        Some(route_call_response::Result::Call(call)) => {
            print(common.json, call.state().word(), &describe(&call), &call)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(route_call_response::Result::Diverted(diverted)) => {
            print_diverted(common.json, &call_id, diverted)?;
            Ok(ExitCode::FAILURE)
        }
        None => bail!("the server answered neither a call nor a diversion"),
    }
}

/// Things to do later, each for an offer.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Later {
    /// The rung agent answers.
    Answer(String),
    /// The talk is over.
    End,
}

struct Player {
    json: bool,
    talk: Duration,
    call_id: String,
    instance: String,
    link: PlatformLink,
    agenda: Agenda<Later>,
    /// The newest change of the call that was heard of.
    known: u64,
    /// The last line that was printed.
    shown: String,
    /// The offer and step that were last worked off.
    done_step: Option<(String, OfferStep)>,
    is_connected: bool,
    hung_up_at: Option<Instant>,
}

impl Player {
    /// Works off a piece of news; answers the outcome once the call is over.
    fn hear(&mut self, news: PlatformNews) -> anyhow::Result<Option<Outcome>> {
        match news {
            PlatformNews::Event(event) => match event.call {
                Some(call) => self.see(&call, &event.cause),
                None => Ok(None),
            },
            PlatformNews::Snapshot(calls) => self.see_in(&calls),
            PlatformNews::Routed { answer, .. } => self.see_answer(*answer),
            PlatformNews::Found(call) => self.see(&call, ""),
            PlatformNews::Refused {
                route: true,
                refusal,
                ..
            } => {
                bail!(crate::cli::agent::refusal_text(&refusal))
            }
            PlatformNews::Refused { refusal, .. } => {
                out::say(&refusal.message);
                Ok(None)
            }
            PlatformNews::Vanished { call_id } => {
                bail!("the server no longer knows call `{call_id}`")
            }
            PlatformNews::Rejected { why } => bail!(why),
            PlatformNews::Down { why } => {
                out::say(&format!("connection lost ({why}), trying again"));
                Ok(None)
            }
            PlatformNews::Up => Ok(None),
        }
    }

    fn see_in(&mut self, calls: &[Call]) -> anyhow::Result<Option<Outcome>> {
        match calls.iter().find(|call| call.id == self.call_id) {
            Some(call) => self.see(call, ""),
            None => Ok(None),
        }
    }

    fn see_answer(&mut self, answer: RouteCallResponse) -> anyhow::Result<Option<Outcome>> {
        match answer.result {
            // The events of a call on its way follow on the stream, and show it step by step.
            Some(route_call_response::Result::Call(call))
                if call.state() != CallState::Ended && call.instance == self.instance =>
            {
                Ok(None)
            }
            Some(route_call_response::Result::Call(call)) => self.see(&call, ""),
            Some(route_call_response::Result::Diverted(diverted)) => {
                print_diverted(self.json, &self.call_id, diverted)?;
                Ok(Some(Outcome::Unspecified))
            }
            None => bail!("the server answered neither a call nor a diversion"),
        }
    }

    fn see(&mut self, call: &Call, cause: &str) -> anyhow::Result<Option<Outcome>> {
        if call.id != self.call_id || call.change_number < self.known {
            return Ok(None);
        }
        self.known = call.change_number;
        self.is_connected = call.state() == CallState::Connected;
        let mut line = describe(call);
        if !cause.is_empty() {
            line = format!("{line} ({cause})");
        }
        if line != self.shown {
            print(self.json, call.state().word(), &line, call)?;
            self.shown = line;
        }
        if call.state() == CallState::Ended {
            return Ok(Some(call.outcome()));
        }
        if let Some(offer) = &call.offer {
            self.work_off(offer);
        }
        Ok(None)
    }

    /// Does what a platform does for a step of an offer, once.
    fn work_off(&mut self, offer: &Offer) {
        let step = (offer.id.clone(), offer.step());
        if self.done_step.as_ref() == Some(&step) {
            return;
        }
        self.done_step = Some(step);
        match offer.step() {
            OfferStep::Ring => {
                let answer = Later::Answer(offer.id.clone());
                self.agenda.note(clock::instant() + RINGING, answer);
            }
            OfferStep::Connect => self.connect(&offer.id),
            OfferStep::Rescind => {
                self.link
                    .report(&self.call_id, &offer.id, CallReport::Rescinded);
            }
            OfferStep::Proposed | OfferStep::Unspecified => {}
        }
    }

    fn connect(&mut self, offer_id: &str) {
        self.link
            .report(&self.call_id, offer_id, CallReport::Answered);
        self.agenda.note(clock::instant() + self.talk, Later::End);
    }

    fn act(&mut self) {
        let still_rings = |done: &Option<(String, OfferStep)>, offer_id: &str| {
            done.as_ref()
                .is_some_and(|(id, step)| id == offer_id && *step == OfferStep::Ring)
        };
        while let Some((_, item)) = self.agenda.take_due(clock::instant()) {
            match item {
                Later::Answer(offer_id) if still_rings(&self.done_step, &offer_id) => {
                    self.connect(&offer_id);
                }
                Later::Answer(_) => {}
                Later::End => self.link.report(&self.call_id, "", CallReport::Ended),
            }
        }
    }

    /// The caller hangs up: the end of the talk, or of the wait. A second time leaves without an answer.
    fn hang_up(&mut self) -> anyhow::Result<()> {
        let now = clock::instant();
        let first = *self.hung_up_at.get_or_insert(now);
        if now.duration_since(first) > SECOND_THOUGHT {
            bail!("left before the server said that the call is over");
        }
        if now > first {
            return Ok(());
        }
        out::say("hanging up; Ctrl-C again to leave at once");
        let report = if self.is_connected {
            CallReport::Ended
        } else {
            CallReport::CallerGone
        };
        self.link.report(&self.call_id, "", report);
        Ok(())
    }
}

pub(super) fn describe(call: &Call) -> String {
    let wait = api_duration(call.wait.as_ref());
    match call.state() {
        CallState::Queued => format!("queued in {}, waited {wait}", call.queue),
        CallState::CallbackWaiting => format!("waits in {} to be called back", call.queue),
        CallState::Offered => format!("offered to {}", agent_of(call)),
        CallState::Connecting => format!("connect to {}", agent_of(call)),
        CallState::Connected => format!("connected to {} after {wait}", agent_of(call)),
        CallState::Ended => {
            let to = call.overflowed_to.as_ref();
            let to = to.map_or_else(String::new, |to| {
                format!(" to {} of pool {}", to.queue, to.pool)
            });
            format!("ended {}{to} after a wait of {wait}", call.outcome().word())
        }
        CallState::Unspecified => "in a state that this version does not know".to_owned(),
    }
}

fn print(as_json: bool, event: &str, line: &str, call: &Call) -> anyhow::Result<()> {
    if as_json {
        out::data(&json!({"event": event, "call": json::call(call)}).to_string())
    } else {
        out::data(&format!("call {}: {line}", call.id))
    }
}

fn print_diverted(as_json: bool, call_id: &str, diverted: Diverted) -> anyhow::Result<()> {
    let reason = diverted.reason().word();
    let opens_at = diverted.opens_at.map(|at| at.to_string());
    let cause = diverted.on_site_cause();
    let cause = (cause != OnSiteCause::Unspecified).then(|| cause.word());
    if as_json {
        let document = json!({
            "event": "diverted",
            "call_id": call_id,
            "reason": reason,
            "on_site_cause": cause,
            "opens_at": opens_at,
        });
        out::data(&document.to_string())
    } else {
        let cause = cause.map_or_else(String::new, |cause| format!(" ({cause})"));
        let opens = opens_at.map_or_else(String::new, |at| format!("; it is taken from {at} on"));
        out::data(&format!(
            "call {call_id}: diverted, {reason}{cause}: the caller takes the static route{opens}"
        ))
    }
}
