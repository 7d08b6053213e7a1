//! `agent apply`, `agent list`, `agent watch`, `agent show`, `agent explain`, `agent set`, `agent check`, and supervisors' orders.

mod check;
mod file;
mod orders;
mod set;
mod watch;

pub(super) use set::refusal_text;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::json;
use tonic::Status;

use super::{
    Common,
    board::{
        Board,
        agents::{self, Filter, Order},
    },
    client::Clients,
    error::CliError,
    explain, json, message, out,
    pool::{located, read_file},
    progress,
    text::{self, Word},
    toml_file::Findings,
};
use crate::proto::v1::{
    Absence, Agent, AgentStatus, ApplyAgentsRequest, ApplyAgentsResponse, BlockedReason,
    GetAgentRequest, GetPoolNumbersRequest, Intent, ListAgentsRequest,
};

/// How many agents the server takes at once.
const AGENTS_AT_ONCE: usize = 1_000;

/// What can be done with agents.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore agent apply agents.csv\n  homeshore agent list\n  homeshore agent set ann ready --stay --accept"
)]
pub(super) enum AgentCommand {
    /// Create or change agents from a file.
    #[command(after_help = APPLY_HELP)]
    Apply(ApplyArgs),
    /// List agents with their states.
    #[command(after_help = LIST_HELP)]
    List(ListArgs),
    /// Watch agents as they change.
    #[command(after_help = watch::HELP)]
    Watch(watch::WatchArgs),
    /// Print one agent.
    #[command(after_help = SHOW_HELP)]
    Show(ShowArgs),
    /// Say why an agent gets no call, and until when.
    #[command(after_help = explain::AGENT_HELP)]
    Explain(explain::ExplainArgs),
    /// Set an agent's intent, and act as the agent for as long as you like.
    #[command(after_help = set::HELP)]
    Set(set::SetArgs),
    /// Report a check of an agent's set-up.
    #[command(after_help = check::HELP)]
    Check(check::CheckArgs),
    /// Keep offers away from an agent for a while.
    #[command(after_help = orders::HOLD_HELP)]
    Hold(orders::HoldArgs),
    /// End a hold before its time.
    #[command(after_help = orders::RELEASE_HELP)]
    Release(orders::ReleaseArgs),
    /// Send a message to an agent.
    #[command(after_help = message::AGENT_HELP)]
    Message(message::MessageArgs),
    /// Set what an agent asks for, as a supervisor.
    #[command(after_help = orders::INTENT_HELP)]
    Intent(orders::IntentArgs),
}

const APPLY_HELP: &str = "\
The file is TOML,
  [[agents]]
  id = \"ann\"
  display_name = \"Ann\"
  skills = { fr = 3, billing = 2 }
  site = { id = \"home-ann\", kind = \"home\", region = \"north\", provider = \"fibrenet\" }
  address = \"sip:ann@example.org\"
  team = \"red\"
  employer = \"own\"
or CSV with the columns id, display_name, skills (fr:3|billing:2), site, site_kind (home, telecentre, on_site), region, \
provider, address, team, employer; id, site and site_kind are needed. Agents go to the server by the thousand, each \
thousand whole or not at all.

Examples:
  homeshore agent apply agents.csv --dry-run
  homeshore agent apply agents.toml

With --json: {\"created\": 2, \"updated\": 0, \"unchanged\": 5, \"dry_run\": false}.";

const LIST_HELP: &str = "\
Examples:
  homeshore agent list
  homeshore agent list --team red --json
  homeshore agent list --state unreachable --sort since

With --json: {\"agents\": [...]}, each as in `agent show --json`.";

const SHOW_HELP: &str = "\
Examples:
  homeshore agent show ann
  homeshore agent show ann --json

With --json: {\"id\", \"display_name\", \"skills\": [{\"skill\", \"level\"}], \"site\": {\"id\", \"kind\", \"region\", \"provider\"}, \
\"address\", \"team\", \"employer\", \"status\": {\"intent\", \"reason\", \"work\", \"line\", \"next_intent\", \"next_reason\", \
\"call_id\", \"talk_state\", \"offer\", \"wrap_up_deadline\", \"wrap_up_extension_ms\", \"blocked_reasons\": [{\"name\", \"until\"}], \"hold\": {\"until\", \"reason\", \"supervisor\"}, \
\"absence\": {\"kind\", \"until\"}, \"registration\": {\"platform\", \"instance\", \"until\", \"carries_line\"}, \"draining\", \
\"state\", \"since\", \"queue\", \"session\", \"change_number\"}, \"readiness\": as in `agent check --json`}; what is not said is null.";

/// Arguments of `agent apply`.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// A file whose name ends in `.toml` or `.csv`.
    file: PathBuf,
    /// Check everything and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `agent list`.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    filter: Filter,
    /// How to sort them.
    #[arg(long, value_enum, default_value_t = Order::Id)]
    sort: Order,
}

/// Arguments of `agent show`.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The agent.
    id: String,
}

/// Runs `agent …`.
pub(super) async fn run(common: &Common, command: AgentCommand) -> anyhow::Result<ExitCode> {
    match command {
        AgentCommand::Apply(args) => apply(common, &args).await?,
        AgentCommand::List(args) => list(common, args).await?,
        AgentCommand::Watch(args) => watch::run(common, args).await?,
        AgentCommand::Show(args) => show(common, args).await?,
        AgentCommand::Explain(args) => explain::agent(common, args).await?,
        AgentCommand::Set(args) => set::run(common, args).await?,
        AgentCommand::Check(args) => check::run(common, args).await?,
        AgentCommand::Hold(args) => orders::hold(common, args).await?,
        AgentCommand::Release(args) => orders::release(common, args).await?,
        AgentCommand::Message(args) => message::agent(common, args).await?,
        AgentCommand::Intent(args) => orders::intent(common, args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The agents of a file, TOML or CSV.
pub(super) fn read_agents(path: &Path) -> anyhow::Result<Vec<Agent>> {
    Ok(read_found(path)?.0)
}

fn read_found(path: &Path) -> anyhow::Result<(Vec<Agent>, Findings)> {
    let name = path.display().to_string();
    let source = read_file(path)?;
    let (agents, mut findings) = match path.extension().and_then(|text| text.to_str()) {
        Some("toml") => file::read_toml(&source),
        Some("csv") => file::read_csv(&source),
        _ => {
            let text =
                format!("{name} is neither .toml nor .csv: give a file with one of these endings");
            return Err(CliError::Input(text).into());
        }
    };
    if !findings.is_clean() {
        let report = findings.report(&name);
        return Err(CliError::Input(format!("{name} is not right:{report}")).into());
    }
    Ok((agents, findings))
}

async fn apply(common: &Common, args: &ApplyArgs) -> anyhow::Result<()> {
    let name = args.file.display().to_string();
    let (agents, findings) = read_found(&args.file)?;
    let clients = Clients::connect(common).await?;
    let total = apply_all(&clients, agents, args.dry_run)
        .await
        .map_err(|(chunk, status)| located_in_chunk(status, chunk, &name, &findings))?;
    if common.json {
        return out::json(&json!({
            "created": total.created_count,
            "updated": total.updated_count,
            "unchanged": total.unchanged_count,
            "dry_run": args.dry_run,
        }));
    }
    out::data(&format!(
        "{} created, {} updated, {} unchanged",
        total.created_count, total.updated_count, total.unchanged_count
    ))?;
    if args.dry_run {
        out::say("dry run: nothing was changed");
    }
    Ok(())
}

/// Applies agents by the thousand. An error comes with the number of the refused thousand; those before it are applied.
pub(super) async fn apply_all(
    clients: &Clients,
    agents: Vec<Agent>,
    validate_only: bool,
) -> Result<ApplyAgentsResponse, (usize, Status)> {
    let mut client = clients.directory();
    let mut total = ApplyAgentsResponse::default();
    let bar = progress::bar(agents.len(), "agents");
    for (number, chunk) in agents.chunks(AGENTS_AT_ONCE).enumerate() {
        let request = ApplyAgentsRequest {
            request_id: String::new(),
            agents: chunk.to_vec(),
            update_mask: None,
            validate_only,
        };
        let answer = client.apply_agents(request).await;
        let answer = answer.map_err(|status| (number, status))?.into_inner();
        total.created_count += answer.created_count;
        total.updated_count += answer.updated_count;
        total.unchanged_count += answer.unchanged_count;
        bar.inc(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
    }
    bar.finish_and_clear();
    Ok(total)
}

/// The server counts the agents of a request from zero; the file's own count goes on over the thousands.
fn located_in_chunk(status: Status, chunk: usize, name: &str, findings: &Findings) -> CliError {
    let shifted = findings.shifted("agents", chunk * AGENTS_AT_ONCE);
    let mut problem = located(status, name, &shifted, "");
    if let CliError::Input(text) = &mut problem
        && chunk > 0
    {
        let applied = chunk * AGENTS_AT_ONCE;
        *text = format!("{text}\nthe first {applied} agents were applied");
    }
    problem
}

async fn list(common: &Common, args: ListArgs) -> anyhow::Result<()> {
    let clients = Clients::connect(common).await?;
    let agents = list_all(&clients, &args.filter.team).await?;
    let numbers = GetPoolNumbersRequest {};
    let numbers = clients.supervision().get_pool_numbers(numbers).await;
    let numbers = numbers.map_err(CliError::from)?.into_inner();
    let of_pool = agents.len();
    let mut board = Board::new(&common.server, clients.pool());
    board.apply_numbers(numbers);
    board.agents = agents
        .into_iter()
        .map(|agent| (agent.id.clone(), agent))
        .collect();
    let agents = agents::chosen(&board, args.sort, &args.filter, "");
    if common.json {
        let agents: Vec<_> = agents.iter().map(|agent| json::agent(agent)).collect();
        return out::json(&json!({ "agents": agents }));
    }
    if agents.is_empty() {
        out::say(if of_pool == 0 && args.filter.team.is_empty() {
            "no agents here yet: see `homeshore agent apply --help`"
        } else {
            "no such agents: `homeshore agent list` shows all"
        });
        return Ok(());
    }
    let rows: Vec<_> = agents
        .iter()
        .map(|agent| agents::row(&board, agent))
        .collect();
    out::rows(&agents::COLUMNS, &rows)
}

/// Every agent, or those of a team.
async fn list_all(clients: &Clients, team: &str) -> Result<Vec<Agent>, CliError> {
    let mut client = clients.directory();
    let mut agents = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListAgentsRequest {
            page_size: 1_000,
            page_token,
            team: team.to_owned(),
        };
        let page = client.list_agents(request).await?.into_inner();
        agents.extend(page.agents);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(agents);
        }
    }
}

/// An agent's state in a few words, such as `ready, connected, then offline`.
pub(super) fn state_words(status: &AgentStatus) -> String {
    let with_reason = |intent: Intent, reason: &str| match reason {
        "" => intent.word().to_owned(),
        reason => format!("{} ({reason})", intent.word()),
    };
    let mut text = with_reason(status.intent(), &status.reason);
    if status.intent() != Intent::Offline || status.work() != crate::proto::v1::Work::Idle {
        text.push_str(", ");
        text.push_str(status.work().word());
    }
    if status.next_intent() != Intent::Unspecified {
        text.push_str(", then ");
        text.push_str(&with_reason(status.next_intent(), &status.next_reason));
    }
    if status.draining {
        text.push_str(", draining");
    }
    if let Some(absence) = &status.absence {
        text.push_str(", ");
        text.push_str(&absence_words(absence));
    }
    if !status.blocked_reasons.is_empty() {
        text.push_str(", blocked: ");
        let reasons: Vec<String> = status.blocked_reasons.iter().map(blocked_word).collect();
        text.push_str(&reasons.join(" "));
    }
    text
}

/// What the agent said, such as `late until 2026-11-22T14:00:00Z`.
fn absence_words(absence: &Absence) -> String {
    let until = absence.until.map(|at| at.to_string()).unwrap_or_default();
    format!("{} until {until}", absence.kind().word())
}

/// A reason with its end, if that is known: `supervisor_hold (until 2026-11-22T14:00:00Z)`.
fn blocked_word(reason: &BlockedReason) -> String {
    match &reason.until {
        Some(until) => format!("{} (until {until})", reason.name),
        None => reason.name.clone(),
    }
}

async fn show(common: &Common, args: ShowArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.directory();
    let request = GetAgentRequest { agent_id: args.id };
    let answer = client.get_agent(request).await.map_err(CliError::from)?;
    let agent = answer
        .into_inner()
        .agent
        .context("the server answered no agent")?;
    if common.json {
        return out::json(&json::agent(&agent));
    }
    let status = agent.status.clone().unwrap_or_default();
    let site = agent.site.clone().unwrap_or_default();
    let place = [site.kind().word(), &site.region, &site.provider];
    let place: Vec<&str> = place
        .into_iter()
        .filter(|label| !label.is_empty())
        .collect();
    let rows = [
        ("agent", agent.id.clone()),
        ("name", agent.display_name.clone()),
        ("state", state_words(&status)),
        ("line", status.line().word().to_owned()),
        ("call", status.call_id.clone()),
        ("skills", text::skills(&agent.skills)),
        ("site", format!("{} ({})", site.id, place.join(", "))),
        ("address", agent.address.clone()),
        ("team", agent.team.clone()),
        ("employer", agent.employer.clone()),
        (
            "set-up",
            agent
                .readiness
                .as_ref()
                .map(check::words)
                .unwrap_or_default(),
        ),
    ];
    let lines: Vec<String> = rows
        .iter()
        .map(|(name, value)| format!("{name:<9}{value}"))
        .collect();
    out::data(&lines.join("\n"))
}
