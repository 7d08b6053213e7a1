//! `history import`, `forecast import`: volumes of a file, as the server keeps them.

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    calendar::zone::{Existence, Zone},
    cli::{
        Common,
        client::Clients,
        error::CliError,
        out,
        peaks::history::{self, Volumes, begin},
        text,
    },
    planning::peaks::History,
    proto::v1::{GetPoolRequest, ImportVolumesRequest, IntervalVolume, Pool, VolumeKind},
};

/// Volumes of one request, unless a day has more.
const VOLUMES_AT_ONCE: usize = 20_000;
const LENGTHS: [i32; 6] = [1, 3, 5, 15, 30, 60];

/// What can be done with past volumes.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore history import volumes.csv\n  homeshore history import volumes.csv.gz --queue \"tech=Tech. Axa\""
)]
pub(in crate::cli) enum HistoryCommand {
    /// Keep past arrivals, from which the baseline of peaks is learned.
    #[command(after_help = HISTORY_HELP)]
    Import(ImportArgs),
}

/// What can be done with forecasts.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  homeshore forecast import forecast.csv --queue billing")]
pub(in crate::cli) enum ForecastCommand {
    /// Keep a forecast, which is the baseline of peaks where it has a volume.
    #[command(after_help = FORECAST_HELP)]
    Import(ImportArgs),
}

const HISTORY_HELP: &str = "\
The file is CSV, also packed by gzip: `interval_start` in local time, then a column for each queue with the calls that arrived. \
An empty cell or a missing row is missing, not zero. Intervals have 1, 3, 5, 15, 30 or 60 minutes. What is wrong is told with its \
line, and then nothing is imported. Local times that do not exist are left out, as no call can have come then.

Examples:
  homeshore history import volumes.csv
  homeshore history import volumes.csv.gz --queue billing --zone Europe/Paris
  homeshore history import volumes.csv --queue \"tech=Tech. Axa\"

With --json: {\"kind\", \"queues\": [{\"queue\", \"column\", \"zone\", \"volumes\", \"days\", \"days_too_old\"}]}.";

const FORECAST_HELP: &str = "\
The file has the columns of `history import`, and no gaps: from its first interval to its last every queue has a volume, 0 where \
none is expected. What is wrong is told with its line, and then nothing is imported.

Examples:
  homeshore forecast import forecast.csv
  homeshore forecast import forecast.csv --queue billing --zone Europe/Paris

With --json: as `history import`.";

/// Arguments of an import.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArgs {
    /// The file.
    file: PathBuf,
    /// A queue of the pool, or QUEUE=COLUMN where the file calls it otherwise; may be given several times. Without it all
    /// columns, which are queues then.
    #[arg(long, value_name = "QUEUE")]
    queue: Vec<String>,
    /// The zone of the file's times, such as `Europe/Paris`; without it that of each queue.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
}

/// A column on its way to a queue.
struct Column<'a> {
    queue: String,
    name: &'a str,
    history: &'a History,
    zone: Zone,
}

/// Runs `history …`.
pub(in crate::cli) async fn history(
    common: &Common,
    command: HistoryCommand,
) -> anyhow::Result<ExitCode> {
    let HistoryCommand::Import(args) = command;
    let volumes = history::read(&args.file)?;
    import(common, &args, &volumes, VolumeKind::History).await
}

/// Runs `forecast …`.
pub(in crate::cli) async fn forecast(
    common: &Common,
    command: ForecastCommand,
) -> anyhow::Result<ExitCode> {
    let ForecastCommand::Import(args) = command;
    let volumes = history::read_forecast(&args.file)?;
    import(common, &args, &volumes, VolumeKind::Forecast).await
}

async fn import(
    common: &Common,
    args: &ImportArgs,
    volumes: &Volumes,
    kind: VolumeKind,
) -> anyhow::Result<ExitCode> {
    if !LENGTHS.contains(&volumes.minutes) {
        let (file, minutes) = (args.file.display(), volumes.minutes);
        let what = format!(
            "{file}: its intervals have {minutes} minutes; give 1, 3, 5, 15, 30 or 60 minutes"
        );
        return Err(CliError::Input(what).into());
    }
    let clients = Clients::connect(common).await?;
    let request = GetPoolRequest {
        pool_id: common.pool.clone(),
    };
    let pool = clients.pools().get_pool(request).await;
    let pool = pool.map_err(CliError::from)?.into_inner().pool;
    let columns = columns(args, volumes, &pool.unwrap_or_default())?;
    let mut rows = Vec::new();
    let mut told = Vec::new();
    for column in &columns {
        let (volumes, days, too_old) = send(&clients, column, volumes.minutes, kind).await?;
        told.push(json!({
            "queue": column.queue,
            "column": column.name,
            "zone": column.zone.name(),
            "volumes": volumes,
            "days": days,
            "days_too_old": too_old,
        }));
        let cells = [volumes.to_string(), days.to_string(), too_old.to_string()];
        let names = [&column.queue, column.name, column.zone.name()].map(str::to_owned);
        rows.push([&names[..], &cells[..]].concat());
    }
    if common.json {
        let kind = text::Word::word(kind);
        out::json(&json!({ "kind": kind, "queues": Value::Array(told) }))?;
    } else {
        let head = ["queue", "column", "zone", "volumes", "days", "too old"];
        out::data(&out::table(&head, &rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Which columns go to which queues, with every problem at once.
fn columns<'a>(
    args: &ImportArgs,
    volumes: &'a Volumes,
    pool: &Pool,
) -> Result<Vec<Column<'a>>, CliError> {
    let all = || {
        volumes
            .queues
            .iter()
            .map(|(name, _)| name.clone())
            .collect()
    };
    let asked: Vec<String> = if args.queue.is_empty() {
        all()
    } else {
        args.queue.clone()
    };
    let mut wrong = Vec::new();
    let mut columns = Vec::new();
    for asked in &asked {
        match column(args, volumes, pool, asked) {
            Ok(column) => columns.push(column),
            Err(what) => wrong.push(what),
        }
    }
    if wrong.is_empty() {
        Ok(columns)
    } else {
        Err(CliError::Input(wrong.join("\n  ")))
    }
}

fn column<'a>(
    args: &ImportArgs,
    volumes: &'a Volumes,
    pool: &Pool,
    asked: &str,
) -> Result<Column<'a>, String> {
    let (queue, name) = asked.split_once('=').unwrap_or((asked, asked));
    let file = args.file.display();
    let found = volumes.queues.iter().find(|(column, _)| column == name);
    let Some((name, history)) = found else {
        let names: Vec<&str> = volumes
            .queues
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        return Err(format!(
            "{file}:1: has no column `{name}`; it has {}",
            names.join(", ")
        ));
    };
    let Some(known) = pool.queues.iter().find(|known| known.id == queue) else {
        let names: Vec<&str> = pool.queues.iter().map(|queue| queue.id.as_str()).collect();
        let names = names.join(", ");
        return Err(format!(
            "{file}:1: `{queue}` is no queue of the pool, which has {names}; name them with --queue QUEUE=COLUMN"
        ));
    };
    let zone = args.zone.as_deref().unwrap_or(&known.zone);
    if zone.is_empty() {
        return Err(format!(
            "queue `{queue}` has no zone of its own; give the zone of the file's times with --zone"
        ));
    }
    let zone = Zone::named(zone).map_err(|unknown| format!("--zone: {unknown}"))?;
    Ok(Column {
        queue: queue.to_owned(),
        name,
        history,
        zone,
    })
}

/// Sends a column; answers how many volumes it had, the days that are kept, and those that are too old.
async fn send(
    clients: &Clients,
    column: &Column<'_>,
    minutes: i32,
    kind: VolumeKind,
) -> anyhow::Result<(usize, i32, i32)> {
    let (mut sent, mut days, mut too_old) = (0, 0, 0);
    let mut part = BTreeMap::new();
    let mut client = clients.planning();
    for day in 0..column.history.len() {
        part.extend(day_of(column, day, minutes));
        if part.len() < VOLUMES_AT_ONCE && day + 1 < column.history.len() {
            continue;
        }
        sent += part.len();
        let volumes = std::mem::take(&mut part).into_iter();
        let request = ImportVolumesRequest {
            queue: column.queue.clone(),
            kind: kind.into(),
            interval: Some(prost_types::Duration {
                seconds: i64::from(minutes) * 60,
                nanos: 0,
            }),
            volumes: volumes
                .map(|(seconds, calls)| volume(seconds, calls))
                .collect(),
            request_id: String::new(),
        };
        let answer = client
            .import_volumes(request)
            .await
            .map_err(CliError::from)?;
        let answer = answer.into_inner();
        days += answer.days;
        too_old += answer.days_too_old;
    }
    Ok((sent, days, too_old))
}

fn volume(seconds: i64, calls: f64) -> IntervalVolume {
    IntervalVolume {
        start_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
        calls,
    }
}

/// The volumes of a local day that are known, by their instants in seconds.
fn day_of(column: &Column<'_>, day: usize, minutes: i32) -> Vec<(i64, f64)> {
    let date = column.history.date(day);
    let counts = column.history.day(day).iter().enumerate();
    let known = counts.filter_map(|(place, count)| {
        let (at, existence) = column.zone.resolve(begin(date, place, minutes))?;
        (existence != Existence::Missing).then_some((at.as_second(), (*count)?))
    });
    known.collect()
}
