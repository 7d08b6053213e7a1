//! `agent set`: opens a session, sets the intent and, if asked, stays and works.

use std::time::Duration;

use anyhow::{anyhow, bail};
use clap::{Args, ValueEnum};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::timeout,
};

use super::state_words;
use crate::{
    cli::{
        Common,
        client::Clients,
        drive::agent::{AgentLink, AgentNews, AgentOrder},
        error::CliError,
        interrupt::Interrupts,
        json, out, text,
    },
    proto::v1::{AgentSnapshot, FieldViolation, Intent, OfferStep, Refusal, Work},
};

/// The end of the help.
pub(super) const HELP: &str = "\
Without --stay the command leaves once the intent is set: the line then goes silent, and the agent gets no calls until a \
desktop connects. An offline agent needs no line.

Examples:
  homeshore agent set ann ready --accept     then route a call elsewhere
  homeshore agent set ann not-ready --reason break
  homeshore agent set ann offline

With --json: the status as in `agent show --json`; with --stay a line for each change.";

const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What an agent is to ask for.
#[derive(Debug, Args)]
pub(in crate::cli) struct Asked {
    /// The agent.
    pub(super) id: String,
    /// What the agent asks for; during a call it applies after it.
    pub(super) intent: IntentArg,
    /// Why; needed with `not-ready`: one of the pool's reasons.
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        required_if_eq("intent", "not-ready")
    )]
    pub(super) reason: String,
}

/// Arguments of `agent set`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SetArgs {
    #[command(flatten)]
    asked: Asked,
    /// Stay connected until Ctrl-C and print each change.
    #[arg(long)]
    stay: bool,
    /// Stay, accept each offer and end wrap-up at once.
    #[arg(long)]
    accept: bool,
}

/// An intent on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum IntentArg {
    Ready,
    NotReady,
    Offline,
}

impl From<IntentArg> for Intent {
    fn from(arg: IntentArg) -> Self {
        match arg {
            IntentArg::Ready => Self::Ready,
            IntentArg::NotReady => Self::NotReady,
            IntentArg::Offline => Self::Offline,
        }
    }
}

/// Runs `agent set`.
pub(super) async fn run(common: &Common, args: SetArgs) -> anyhow::Result<()> {
    let clients = Clients::connect(common).await?;
    let (news, mut heard) = mpsc::unbounded_channel();
    let link = AgentLink::open(&clients, &args.asked.id, move |piece| {
        // Once the command has what it wants nobody listens any more.
        let _over = news.send(piece);
    });
    let intent = Intent::from(args.asked.intent);
    link.set_intent(intent, &args.asked.reason);
    let waiting = settled(&mut heard, intent);
    let snapshot = timeout(ANSWER_LIMIT, waiting)
        .await
        .map_err(|_| anyhow!("no answer within {}", text::duration(ANSWER_LIMIT)))??;
    show(common, &snapshot)?;
    if args.stay || args.accept {
        let mut interrupts = Interrupts::listen()?;
        out::say("staying connected; Ctrl-C to leave");
        tokio::select! {
            over = work(common, &args, &link, &mut heard, &snapshot) => over?,
            _ = interrupts.next() => {}
        }
    }
    if intent != Intent::Offline {
        out::say(&format!(
            "leaving: the line of `{}` goes silent, and no call is offered until a desktop connects; \
             `--stay` keeps it up",
            args.asked.id
        ));
    }
    link.close().await;
    Ok(())
}

/// Waits until the intent was carried out and the state that shows it arrived.
async fn settled(
    heard: &mut UnboundedReceiver<AgentNews>,
    wanted: Intent,
) -> anyhow::Result<AgentSnapshot> {
    let mut done = false;
    let mut newest = None;
    while let Some(news) = heard.recv().await {
        match news {
            AgentNews::Snapshot(snapshot) => newest = Some(*snapshot),
            AgentNews::Done(_) => done = true,
            AgentNews::Refused { refusal, .. } => bail!(refusal_text(&refusal)),
            AgentNews::Rejected { why } => bail!(why),
            AgentNews::Superseded => bail!("another device of the agent took over"),
            AgentNews::Down { why } => out::say(&format!("connection lost: {why}")),
            AgentNews::Up => {}
        }
        let shows_it = |snapshot: &AgentSnapshot| {
            let status = snapshot.status.as_ref();
            status.is_some_and(|s| s.intent() == wanted || s.next_intent() == wanted)
        };
        if done && let Some(snapshot) = newest.take_if(|snapshot| shows_it(snapshot)) {
            return Ok(snapshot);
        }
    }
    bail!("the connection was closed")
}

/// A refusal with the fields at fault that its message does not tell of.
pub(in crate::cli) fn refusal_text(refusal: &Refusal) -> String {
    let untold = |violation: &&FieldViolation| !refusal.message.contains(&violation.description);
    let fields = refusal.violations.iter().filter(untold);
    let fields = fields.map(|field| format!("\n  {}: {}", field.field, field.description));
    std::iter::once(refusal.message.clone())
        .chain(fields)
        .collect()
}

fn show(common: &Common, snapshot: &AgentSnapshot) -> anyhow::Result<()> {
    let Some(status) = &snapshot.status else {
        return Ok(());
    };
    if common.json {
        return out::data(&json::status(status).to_string());
    }
    let mut words = vec![state_words(status)];
    if !status.call_id.is_empty() {
        let waited = text::api_duration(snapshot.wait.as_ref());
        words.push(match snapshot.queue.as_str() {
            "" => format!("call {}", status.call_id),
            queue => format!("call {} of {queue}, waited {waited}", status.call_id),
        });
        let facts = snapshot.attributes.iter();
        words.extend(facts.map(|(key, value)| format!("{key}={value}")));
    }
    out::data(&words.join("; "))
}

/// Prints each change; with `--accept` does what an agent does.
async fn work(
    common: &Common,
    args: &SetArgs,
    link: &AgentLink,
    heard: &mut UnboundedReceiver<AgentNews>,
    first: &AgentSnapshot,
) -> anyhow::Result<()> {
    if args.accept {
        act(link, first);
    }
    let mut known = first
        .status
        .as_ref()
        .map_or(0, |status| status.change_number);
    while let Some(news) = heard.recv().await {
        match news {
            AgentNews::Snapshot(snapshot) => {
                let change = snapshot
                    .status
                    .as_ref()
                    .map_or(0, |status| status.change_number);
                if change != known {
                    known = change;
                    show(common, &snapshot)?;
                    if args.accept {
                        act(link, &snapshot);
                    }
                }
            }
            AgentNews::Refused { refusal, .. } => out::say(&refusal_text(&refusal)),
            AgentNews::Down { why } => out::say(&format!("connection lost ({why}), trying again")),
            AgentNews::Up => out::say("connected again"),
            AgentNews::Superseded => bail!("another device of the agent took over"),
            AgentNews::Rejected { why } => return Err(CliError::Input(why).into()),
            AgentNews::Done(_) => {}
        }
    }
    Ok(())
}

fn act(link: &AgentLink, snapshot: &AgentSnapshot) {
    let Some(status) = &snapshot.status else {
        return;
    };
    if status.work() == Work::WrapUp {
        link.order(AgentOrder::FinishWrapUp {
            call_id: status.call_id.clone(),
        });
    }
    if let Some(offer) = &status.offer
        && offer.step() == OfferStep::Proposed
    {
        link.order(AgentOrder::Accept {
            offer_id: offer.id.clone(),
        });
    }
}
