//! `pool apply`, `pool diff`, `pool list`, `pool owners` and `pool show`.

pub(super) mod file;
mod owners;
mod serving;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::json;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{
    Common,
    client::Clients,
    error::CliError,
    json, out,
    text::{self, Word, api_duration},
    toml_file::Findings,
};
use crate::proto::v1::{
    ApplyPoolRequest, ApplyPoolResponse, GetPoolRequest, ListPoolsRequest, Overflow, Pool, Queue,
    Ring, SiteKind,
};

/// What can be done with pools.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore pool apply deploy/pools/demo.toml\n  homeshore pool diff deploy/pools/demo.toml\n  homeshore pool show"
)]
pub(super) enum PoolCommand {
    /// Create a pool or change its configuration, whole or not at all, and print what changes.
    #[command(after_help = APPLY_HELP)]
    Apply(ApplyArgs),
    /// Say what applying a file would change; nothing is changed.
    #[command(after_help = DIFF_HELP)]
    Diff(DiffArgs),
    /// List the pools of the server.
    #[command(after_help = LIST_HELP)]
    List,
    /// Say which server has each pool, where several share a Redis.
    #[command(after_help = owners::HELP)]
    Owners,
    /// Print a pool's configuration.
    #[command(after_help = SHOW_HELP)]
    Show(ShowArgs),
}

const APPLY_HELP: &str = "\
Examples:
  homeshore pool apply deploy/pools/demo.toml --dry-run
  homeshore pool apply deploy/pools/demo.toml
  homeshore --pool night pool apply night.toml

The file's keys are explained in deploy/pools/demo.toml.
With --json: {\"pool\": {...}, \"changes\": [\"...\"], \"dry_run\": false}, the pool as in `pool show --json`.";

const DIFF_HELP: &str = "\
Examples:
  homeshore pool diff deploy/pools/demo.toml
  homeshore pool diff demo.toml || homeshore pool apply demo.toml

Exit codes: 0 the pool is as the file says; 1 it differs, or the server refused; 2 the file is wrong; 3 no server.
With --json: {\"pool\": \"default\", \"same\": false, \"changes\": [\"...\"]}.";

const LIST_HELP: &str = "\
Examples:
  homeshore pool list
  homeshore pool list --json

With --json: {\"pools\": [...]}, each as in `pool show --json`.";

const SHOW_HELP: &str = "\
Examples:
  homeshore pool show
  homeshore pool show night --json

With --json: {\"id\", \"queues\": [{\"id\", \"target_ms\", \"rings\": [{\"after_ms\", \"skills\": [{\"skill\", \"level\"}], \
\"site_kinds\"}], \"offer_mode\", \"ring_for_ms\", \"wrap_up_limit_ms\", \"wrap_up_extension_ms\", \"longest_call_ms\", \
\"time_out_ms\", \"max_waiting\", \"max_estimated_wait_ms\", \"when_unstaffed\", \"selection\", \"goal_percent\", \
\"preferred_hold_ms\", \"groups\", \"callback\", \"overflow\"}], \"skills\", \"priorities\": [{\"name\", \"head_start_ms\"}], \"not_ready_reasons\", \"dispositions\"}.";

/// Arguments of `pool apply`.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// The pool's TOML file.
    file: PathBuf,
    /// Check everything, print what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `pool diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The pool's TOML file.
    file: PathBuf,
}

/// Arguments of `pool show`.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The pool; without it the one of `--pool`.
    id: Option<String>,
}

/// Runs `pool …`.
pub(super) async fn run(common: &Common, command: PoolCommand) -> anyhow::Result<ExitCode> {
    match command {
        PoolCommand::Apply(args) => apply(common, &args).await?,
        PoolCommand::Diff(args) => return diff(common, &args).await,
        PoolCommand::List => list(common).await?,
        PoolCommand::Owners => owners::run(common).await?,
        PoolCommand::Show(args) => show(common, args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn apply(common: &Common, args: &ApplyArgs) -> anyhow::Result<()> {
    let answer = ask(common, &args.file, args.dry_run).await?;
    if common.json {
        let pool = answer.pool.as_ref().map(json::pool);
        return out::json(
            &json!({"pool": pool, "changes": answer.changes, "dry_run": args.dry_run}),
        );
    }
    if answer.changes.is_empty() {
        out::say("nothing to change");
    } else {
        out::data(&answer.changes.join("\n"))?;
    }
    if args.dry_run {
        out::say("dry run: nothing was changed");
    }
    Ok(())
}

/// Asks the server to apply a file, or what that would change.
async fn ask(
    common: &Common,
    file: &Path,
    validate_only: bool,
) -> anyhow::Result<ApplyPoolResponse> {
    let name = file.display().to_string();
    let source = read_file(file)?;
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let (pool, mut findings) = file::read(&source, &common.pool, folder);
    if !findings.is_clean() {
        let report = findings.report(&name);
        return Err(CliError::Input(format!("{name} is not right:{report}")).into());
    }
    let request = ApplyPoolRequest {
        request_id: String::new(),
        pool: Some(pool),
        validate_only,
    };
    let clients = Clients::connect(common).await?;
    let answer = clients.pools().apply_pool(request).await;
    let answer = answer.map_err(|status| located(status, &name, &findings, "pool."))?;
    Ok(answer.into_inner())
}

async fn diff(common: &Common, args: &DiffArgs) -> anyhow::Result<ExitCode> {
    let answer = ask(common, &args.file, true).await?;
    let (changes, pool) = (answer.changes, answer.pool.unwrap_or_default());
    let same = changes.is_empty();
    if common.json {
        out::json(&json!({"pool": pool.id, "same": same, "changes": changes}))?;
    } else if same {
        out::say(&format!("pool `{}` is as the file says", pool.id));
    } else {
        out::data(&changes.join("\n"))?;
        let file = args.file.display();
        out::say(&format!("`homeshore pool apply {file}` changes it"));
    }
    Ok(if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn list(common: &Common) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.pools();
    let mut pools = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListPoolsRequest {
            page_size: 1_000,
            page_token,
        };
        let page = client.list_pools(request).await.map_err(CliError::from)?;
        let page = page.into_inner();
        pools.extend(page.pools);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if common.json {
        let pools: Vec<_> = pools.iter().map(json::pool).collect();
        return out::json(&json!({ "pools": pools }));
    }
    if pools.is_empty() {
        out::say("no pools yet: see `homeshore pool apply --help`");
        return Ok(());
    }
    let row = |pool: &Pool| {
        let queues: Vec<&str> = pool.queues.iter().map(|queue| &*queue.id).collect();
        vec![pool.id.clone(), queues.len().to_string(), queues.join(", ")]
    };
    let rows: Vec<_> = pools.iter().map(row).collect();
    out::data(&out::table(&["pool", "queues", "which"], &rows))
}

/// Reads an input file.
pub(super) fn read_file(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).map_err(|problem| {
        CliError::Input(format!("cannot read {}: {problem}", path.display())).into()
    })
}

/// Reads an input file that may hold any bytes.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    fs::read(path)
        .map_err(|problem| CliError::Input(format!("cannot read {}: {problem}", path.display())))
}

/// The fields that the server finds wrong, with their lines in the file where they are known.
pub(super) fn located(status: Status, file: &str, findings: &Findings, prefix: &str) -> CliError {
    let Some(bad_request) = status.get_details_bad_request() else {
        return status.into();
    };
    if status.code() != Code::InvalidArgument {
        return status.into();
    }
    let mut lines = vec![format!("{file} was refused, and nothing changed:")];
    for violation in bad_request.field_violations {
        let field = violation
            .field
            .strip_prefix(prefix)
            .unwrap_or(&violation.field);
        let place = match findings.line_of(field) {
            Some(line) => format!("{file}:{line}"),
            None => file.to_owned(),
        };
        lines.push(format!("  {place}: `{field}` {}", violation.description));
    }
    CliError::Input(lines.join("\n"))
}

async fn show(common: &Common, args: ShowArgs) -> anyhow::Result<()> {
    let request = GetPoolRequest {
        pool_id: args.id.unwrap_or_else(|| common.pool.clone()),
    };
    let clients = Clients::connect(common).await?;
    let answer = clients
        .pools()
        .get_pool(request)
        .await
        .map_err(CliError::from)?;
    let pool = answer
        .into_inner()
        .pool
        .context("the server answered no pool")?;
    if common.json {
        out::json(&json::pool(&pool))
    } else {
        out::data(&describe(&pool))
    }
}

fn describe(pool: &Pool) -> String {
    let any = |names: &[String]| match names {
        [] => "any".to_owned(),
        names => names.join(", "),
    };
    let mut text = format!(
        "pool {}\nskills: {}\nnot-ready reasons: {}\ndispositions: {}\n",
        pool.id,
        any(&pool.skills),
        any(&pool.not_ready_reasons),
        any(&pool.dispositions)
    );
    for priority in &pool.priorities {
        let line = format!(
            "priority {}: {} ms ahead\n",
            priority.name, priority.head_start_ms
        );
        text.push_str(&line);
    }
    let rows: Vec<Vec<String>> = pool.queues.iter().flat_map(queue_rows).collect();
    let headers = [
        "queue",
        "target",
        "offer",
        "ring for",
        "wrap-up",
        "time-out",
        "max",
        "max estimate",
        "unstaffed",
        "overflow",
        "ring after",
        "skills",
        "sites",
    ];
    text.push('\n');
    text.push_str(&out::table(&headers, &rows));
    text
}

/// A row a ring; the queue's own columns stand in the first.
fn queue_rows(queue: &Queue) -> Vec<Vec<String>> {
    let own = [
        queue.id.clone(),
        api_duration(queue.target.as_ref()),
        queue.offer_mode().word().to_owned(),
        api_duration(queue.ring_for.as_ref()),
        api_duration(queue.wrap_up_limit.as_ref()),
        api_duration(queue.time_out.as_ref()),
        queue.max_waiting.to_string(),
        api_duration(queue.max_estimated_wait.as_ref()),
        queue.when_unstaffed().word().to_owned(),
        queue.overflow.as_ref().map(overflow).unwrap_or_default(),
    ];
    let row = |(index, ring): (usize, &Ring)| {
        let mut cells = if index == 0 {
            own.to_vec()
        } else {
            vec![String::new(); own.len()]
        };
        cells.extend(ring_cells(ring));
        cells
    };
    queue.rings.iter().enumerate().map(row).collect()
}

fn overflow(overflow: &Overflow) -> String {
    let after = api_duration(overflow.after.as_ref());
    match &*overflow.to_pool {
        "" => format!("{after}: {}", overflow.to_queue),
        pool => format!("{after}: {} of {pool}", overflow.to_queue),
    }
}

fn ring_cells(ring: &Ring) -> [String; 3] {
    let kinds: Vec<&str> = ring.site_kinds().map(SiteKind::word).collect();
    let kinds = if kinds.is_empty() {
        "all".to_owned()
    } else {
        kinds.join(" ")
    };
    [
        api_duration(ring.after.as_ref()),
        text::skills(&ring.skills),
        kinds,
    ]
}
