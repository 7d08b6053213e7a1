//! `site drain`, `site undrain`, `site list`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Common, Supervisor, client::Clients, error::CliError, json, out};
use crate::proto::v1::{DrainSiteRequest, ListSitesRequest, SiteStatus, UndrainSiteRequest};

/// What can be done with sites.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore site drain telecentre-1 --reason \"power off at 18:00\" --supervisor sue\n  homeshore site list --drained"
)]
pub(super) enum SiteCommand {
    /// Give a site no new offers; its conversations go on.
    #[command(after_help = DRAIN_HELP)]
    Drain(DrainArgs),
    /// Let a drained site have offers again.
    #[command(after_help = UNDRAIN_HELP)]
    Undrain(UndrainArgs),
    /// List sites with their agents.
    #[command(after_help = LIST_HELP)]
    List(ListArgs),
}

const DRAIN_HELP: &str = "\
Open offers of the site are rescinded, which is no miss. The drain lasts until `site undrain`, over restarts too.

Examples:
  homeshore site drain telecentre-1 --reason \"power off at 18:00\" --supervisor sue

With --json: {\"site\": \"telecentre-1\", \"drained\": true}.";

const UNDRAIN_HELP: &str = "\
Examples:
  homeshore site undrain telecentre-1 --supervisor sue

With --json: {\"site\": \"telecentre-1\", \"drained\": false}.";

const LIST_HELP: &str = "\
Examples:
  homeshore site list
  homeshore site list --drained --json

With --json: {\"sites\": [{\"id\", \"agents\", \"signed_in\", \"drain\": {\"reason\", \"supervisor\", \"since\"}}]}; `drain` is \
null if the site is not drained.";

/// Arguments of `site drain`.
#[derive(Debug, Args)]
pub(super) struct DrainArgs {
    /// The site, as agents' records name it.
    id: String,
    /// Why.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    by: Supervisor,
}

/// Arguments of `site undrain`.
#[derive(Debug, Args)]
pub(super) struct UndrainArgs {
    /// The site.
    id: String,
    #[command(flatten)]
    by: Supervisor,
}

/// Arguments of `site list`.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only sites that are drained.
    #[arg(long)]
    drained: bool,
}

/// Runs `site …`.
pub(super) async fn run(common: &Common, command: SiteCommand) -> anyhow::Result<ExitCode> {
    match command {
        SiteCommand::Drain(args) => drain(common, args).await?,
        SiteCommand::Undrain(args) => undrain(common, args).await?,
        SiteCommand::List(args) => list(common, &args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn drain(common: &Common, args: DrainArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.supervision();
    let site = args.id.clone();
    let request = DrainSiteRequest {
        request_id: String::new(),
        site: args.id,
        reason: args.reason,
        supervisor: args.by.supervisor,
    };
    client.drain_site(request).await.map_err(CliError::from)?;
    show(common, &site, true)?;
    if !common.json {
        out::say(&format!("`homeshore site undrain {site}` ends it"));
    }
    Ok(())
}

async fn undrain(common: &Common, args: UndrainArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.supervision();
    let site = args.id.clone();
    let request = UndrainSiteRequest {
        request_id: String::new(),
        site: args.id,
        supervisor: args.by.supervisor,
    };
    client.undrain_site(request).await.map_err(CliError::from)?;
    show(common, &site, false)
}

fn show(common: &Common, site: &str, drained: bool) -> anyhow::Result<()> {
    if common.json {
        return out::json(&json!({ "site": site, "drained": drained }));
    }
    let what = if drained {
        "gets no new offers"
    } else {
        "may get offers"
    };
    out::data(&format!("site `{site}` {what}"))
}

async fn list(common: &Common, args: &ListArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.supervision();
    let mut sites = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListSitesRequest {
            page_size: 1_000,
            page_token,
            drained_only: args.drained,
        };
        let page = client.list_sites(request).await.map_err(CliError::from)?;
        let page = page.into_inner();
        sites.extend(page.sites);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if common.json {
        let sites: Vec<_> = sites.iter().map(json::site_status).collect();
        return out::json(&json!({ "sites": sites }));
    }
    if sites.is_empty() {
        out::say("no such sites");
        return Ok(());
    }
    let headers = ["site", "agents", "signed in", "drained", "by", "since"];
    let rows: Vec<Vec<String>> = sites.iter().map(row).collect();
    out::data(&out::table(&headers, &rows))
}

fn row(site: &SiteStatus) -> Vec<String> {
    let drain = site.drain.clone().unwrap_or_default();
    vec![
        site.id.clone(),
        site.agents.to_string(),
        site.signed_in.to_string(),
        drain.reason,
        drain.supervisor,
        drain.since.map(|at| at.to_string()).unwrap_or_default(),
    ]
}
