//! `backup` and `restore`: everything that a server holds in one file, and a data folder made of it.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufReader, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use prost_types::Timestamp;
use serde_json::{Value, json};

use super::{Common, client::Clients, config::say_problems, error::CliError, out};
use crate::{
    config::{Config, Sources},
    engine::ids::{PoolId, PoolTime},
    proto::v1::ExportBackupRequest,
    store::{
        backup::{Contents, examine},
        embedded::restore,
    },
};

/// Arguments of `backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
The file holds all pools as one moment had them, records of agents with their names and addresses among it: it is readable \
for its owner alone. It gets its name when it is whole and was read again. Calls go on meanwhile. The key that signs receipts \
(`receipt.key` in the data folder) is not in it.

Examples:
  homeshore backup homeshore-$(date +%F).jsonl
  homeshore backup --replace /var/backups/homeshore.jsonl")]
pub(super) struct BackupArgs {
    /// The file to write.
    file: PathBuf,
    /// Put it in the place of a file that is there.
    #[arg(long)]
    replace: bool,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
#[command(after_help = "\
Makes a data folder of a backup, for `homeshore serve`: all of it, or nothing. The folder must not have a data file yet, and \
no server may use it; other servers may run. Agents and platforms that come back say what they know of their calls, as after \
a restart; what happened after the backup is not known, and numbers of events go on far above those that were given.

Examples:
  homeshore restore homeshore-2026-11-22.jsonl --data restored
  homeshore serve --data restored")]
pub(super) struct RestoreArgs {
    /// The backup.
    file: PathBuf,
    /// The folder to make; overrides `storage.data`.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Settings that override the defaults.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs `backup`.
pub(super) async fn back_up(common: &Common, args: BackupArgs) -> anyhow::Result<ExitCode> {
    let file = &args.file;
    if !args.replace && file.symlink_metadata().is_ok() {
        let text = format!(
            "`{}` is there already: give another name, or --replace",
            file.display()
        );
        return Err(CliError::Input(text).into());
    }
    if file.metadata().is_ok_and(|there| !there.is_file()) {
        let text = format!("`{}` is no file: give another name", file.display());
        return Err(CliError::Input(text).into());
    }
    let clients = Clients::connect(common).await?;
    let part = beside(file);
    if part.symlink_metadata().is_ok() {
        fs::remove_file(&part).with_context(|| format!("`{}` is in the way", part.display()))?;
    }
    let written = write(&clients, &part).await.and_then(|bytes| {
        let contents = examine(BufReader::new(File::open(&part)?))
            .with_context(|| format!("`{}` is not as the server sent it", part.display()))?;
        fs::rename(&part, file)?;
        sync_folder(file)?;
        Ok((bytes, contents))
    });
    let (bytes, contents) = match written {
        Ok(done) => done,
        Err(problem) => {
            let _nothing_half_done = fs::remove_file(&part);
            return Err(problem.context(format!("`{}` was not written", file.display())));
        }
    };
    show(common, file, &contents, bytes)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `restore`.
pub(super) fn run_restore(common: &Common, args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let data = args.data.as_ref().map(|data| data.display().to_string());
    let sources = Sources::of_process(args.config.as_deref()).with("--data", "storage.data", data);
    let config = match Config::load(&sources) {
        Ok(config) => config,
        Err(problems) => {
            say_problems(&problems);
            return Ok(ExitCode::from(2));
        }
    };
    let name = args.file.display();
    let file = File::open(&args.file)
        .map_err(|problem| CliError::Input(format!("`{name}` cannot be read: {problem}")))?;
    let size = file.metadata()?.len();
    let bar = ProgressBar::new(size);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}") {
        bar.set_style(style);
    }
    let folder = &config.storage.data;
    let restored = restore(folder, BufReader::new(Counted(file, &bar)));
    bar.finish_and_clear();
    let contents = restored.with_context(|| {
        let folder = folder.display();
        format!("`{name}` was not restored to `{folder}`")
    })?;
    show(common, folder, &contents, size)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes what the server sends, and makes sure that it is on disk.
async fn write(clients: &Clients, part: &Path) -> anyhow::Result<u64> {
    // A new file, whoever may have put something under its name.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part)?;
    let answer = clients.pools().export_backup(ExportBackupRequest {}).await;
    let mut parts = answer.map_err(CliError::from)?.into_inner();
    let bar = ProgressBar::new_spinner();
    let mut bytes = 0;
    while let Some(part) = parts.message().await.map_err(CliError::from)? {
        file.write_all(&part.data)?;
        bytes += part.data.len() as u64;
        bar.set_message(format!("{} KiB", bytes >> 10));
        bar.tick();
    }
    bar.finish_and_clear();
    file.sync_all()?;
    Ok(bytes)
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn sync_folder(file: &Path) -> anyhow::Result<()> {
    let folder = file.parent().filter(|parent| *parent != Path::new(""));
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
    Ok(())
}

pub(super) fn show(
    common: &Common,
    place: &Path,
    contents: &Contents,
    bytes: u64,
) -> anyhow::Result<()> {
    let pools = contents.pools.iter();
    if common.json {
        let pool = |(id, at): (&PoolId, &PoolTime)| json!({"id": id.as_str(), "as_of": time(*at)});
        return out::json(&json!({
            "place": place,
            "bytes": bytes,
            "entities": contents.entities,
            "events": contents.events,
            "records": contents.details,
            "pools": pools.map(pool).collect::<Vec<Value>>(),
        }));
    }
    let counts = format!(
        "{}: {} entities, {} events, {} records of calls, {} KiB",
        place.display(),
        contents.entities,
        contents.events,
        contents.details,
        bytes.div_ceil(1 << 10)
    );
    let pools = pools.map(|(id, at)| format!("  pool {id} as of {}", time(*at)));
    let lines: Vec<String> = [counts].into_iter().chain(pools).collect();
    out::data(&lines.join("\n"))
}

fn time(at: PoolTime) -> String {
    let seconds = i64::try_from(at.0 / 1_000).unwrap_or(i64::MAX);
    let nanos = i32::try_from(at.0 % 1_000 * 1_000_000).unwrap_or(0);
    Timestamp { seconds, nanos }.to_string()
}

/// A file that shows how much of it is read.
pub(super) struct Counted<'a>(pub(super) File, pub(super) &'a ProgressBar);

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1.inc(read as u64);
        Ok(read)
    }
}
