//! `homeshore migrate`: moves pools between a data folder and Redis: all of them, or nothing.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufReader, Read, Seek, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Common,
    backup::{Counted, show},
    config::say_problems,
    error::CliError,
    out, storage,
};
use crate::{
    config::{Config, Sources},
    engine::ids::PoolId,
    store::{
        Lease, Store, StoreError,
        backup::{Contents, examine},
        embedded::{DATA_FILE, Embedded, take_over},
        redis::Redis,
    },
};

/// Arguments of `migrate`.
#[derive(Debug, Args)]
#[command(after_help = "\
One of the two is a folder and the other a Redis, by an address as for `serve --redis`; the password of Redis is given as the \
variable HOMESHORE_STORAGE_REDIS_PASSWORD. No server may use the pools meanwhile. A folder that is made must have no data \
file yet; a Redis must not have the pools yet. What is read stays as it is: start no server on it afterwards. Agents and \
platforms come back as after a restart. The key that signs receipts (`receipt.key` in the data folder) is not moved.

Examples:
  homeshore migrate --from data --to redis://10.0.0.5:6379
  homeshore migrate --from redis-sentinel://10.0.0.1,10.0.0.2,10.0.0.3/main --to restored --only north

Exit codes: 0 all was moved; 1 nothing was moved; 2 wrong usage.")]
pub(super) struct MigrateArgs {
    /// A data folder, or the address of a Redis.
    #[arg(long, value_name = "DIR|URL")]
    from: String,
    /// The other of the two.
    #[arg(long, value_name = "DIR|URL")]
    to: String,
    /// A pool to move; may be given several times. Without it all are moved.
    #[arg(long, value_name = "POOL")]
    only: Vec<String>,
    /// Settings that override the defaults.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs `migrate`.
pub(super) async fn run(common: &Common, args: MigrateArgs) -> anyhow::Result<ExitCode> {
    let (from, to) = (is_address(&args.from), is_address(&args.to));
    if from == to {
        let text = "give a folder and the address of a Redis, such as --from data --to redis://localhost:6379";
        return Err(CliError::Input(text.to_owned()).into());
    }
    let address = if from { &args.from } else { &args.to };
    let sources = Sources::of_process(args.config.as_deref());
    let flag = if from { "--from" } else { "--to" };
    let sources = sources.with(flag, "storage.redis", Some(address.clone()));
    let config = match Config::load(&sources) {
        Ok(config) => config,
        Err(problems) => {
            say_problems(&problems);
            return Ok(ExitCode::from(2));
        }
    };
    let redis = storage::redis(&config)?;
    storage::check(&redis).await?;
    let (contents, bytes) = if from {
        let folder = Path::new(&args.to);
        to_folder(redis, folder, &args.only).await?
    } else {
        let folder = Path::new(&args.from);
        to_redis(folder, &redis, &config, &args.only).await?
    };
    // The address is shown without its password.
    let place = if from {
        args.to
    } else {
        storage::address(&config)?.to_string()
    };
    show(common, Path::new(&place), &contents, bytes)?;
    out::say("what was read is as it was: start no server on it any more");
    Ok(ExitCode::SUCCESS)
}

fn is_address(text: &str) -> bool {
    text.contains("://")
}

async fn to_redis(
    folder: &Path,
    redis: &Redis,
    config: &Config,
    only: &[String],
) -> anyhow::Result<(Contents, u64)> {
    let shown = folder.display();
    if !folder.join(DATA_FILE).exists() {
        bail!("`{shown}` has no data file `{DATA_FILE}`: is it the folder of a server?");
    }
    let (dir, options) = (folder.to_owned(), storage::options(config));
    let opened = tokio::task::spawn_blocking(move || Embedded::open(&dir, options)).await?;
    let store = opened.with_context(|| format!("`{shown}` cannot be used"))?;
    let wanted = wanted(&store, only).await?;
    let (file, bytes) = read(&store, &[]).await?;
    let bar = bar(bytes);
    let backup = BufReader::new(Counted(file, &bar));
    let moved = redis.import(backup, |pool| wanted.contains(pool)).await;
    bar.finish_and_clear();
    Ok((moved.context("nothing was moved")?, bytes))
}

async fn to_folder(
    redis: Redis,
    folder: &Path,
    only: &[String],
) -> anyhow::Result<(Contents, u64)> {
    let store: Arc<dyn Store> = Arc::new(redis);
    let wanted = wanted(&*store, only).await?;
    let mut leases = Vec::new();
    for pool in &wanted {
        let lease = store.acquire(pool).await;
        leases
            .push(lease.with_context(|| {
                format!("pool `{pool}` cannot be moved: stop its server first")
            })?);
    }
    let moved = async {
        let (file, bytes) = read(&*store, &leases).await?;
        let bar = bar(bytes);
        let backup = BufReader::new(Counted(file, &bar));
        let moved = take_over(folder, backup, |pool| wanted.contains(pool));
        bar.finish_and_clear();
        let moved = moved.with_context(|| format!("nothing was moved to `{}`", folder.display()));
        anyhow::Ok((moved?, bytes))
    };
    let moved = moved.await;
    for lease in &leases {
        let _ends_by_itself = store.release(lease).await;
    }
    moved
}

/// The pools to move; an error names every one that is not there.
async fn wanted(store: &dyn Store, only: &[String]) -> anyhow::Result<BTreeSet<PoolId>> {
    let there: BTreeSet<PoolId> = store.pools().await?.into_iter().collect();
    let names = |pools: &mut dyn Iterator<Item = &PoolId>| {
        let names: Vec<String> = pools.map(|pool| format!("`{pool}`")).collect();
        names.join(", ")
    };
    if there.is_empty() {
        bail!("there is no pool to move");
    }
    if only.is_empty() {
        return Ok(there);
    }
    let asked: BTreeSet<PoolId> = only.iter().map(PoolId::new).collect();
    let missing: Vec<&PoolId> = asked.difference(&there).collect();
    if missing.is_empty() {
        return Ok(asked);
    }
    bail!(
        "there is no pool {}; there are {}",
        names(&mut missing.into_iter()),
        names(&mut there.iter())
    )
}

/// Everything of a store in a file without a name, which was read again; and its size.
async fn read(store: &dyn Store, leases: &[Lease]) -> anyhow::Result<(File, u64)> {
    let mut file = tempfile::tempfile()?;
    let spinner = ProgressBar::new_spinner();
    let mut bytes = 0;
    let mut parts = store.backup().await?;
    while let Some(part) = parts.recv().await {
        let part = part?;
        file.write_all(&part)?;
        bytes += part.len() as u64;
        spinner.set_message(format!("{} KiB read", bytes >> 10));
        spinner.tick();
        for lease in leases {
            store.renew(lease).await.map_err(held_no_more)?;
        }
    }
    spinner.finish_and_clear();
    file.rewind()?;
    examine(BufReader::new(Read::by_ref(&mut file))).context("what was read is damaged")?;
    file.rewind()?;
    Ok((file, bytes))
}

fn held_no_more(problem: StoreError) -> anyhow::Error {
    anyhow::Error::new(problem).context("a pool changed while it was read")
}

fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}") {
        bar.set_style(style);
    }
    bar
}
