//! `calendar show`: when a queue is served, and why.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime},
};
use serde_json::{Value, json};

use crate::{
    api,
    calendar::{
        windows::{DayKind, Span, Why, Windows},
        zone::Zone,
    },
    cli::{Common, client::Clients, error::CliError, out, simulate::read_pool},
    clock,
    engine::{
        serve,
        spec::{PoolSpec, QueueSpec},
    },
    proto::v1::GetPoolRequest,
};

pub(super) const HELP: &str = "\
The windows of the pool of a server, or of its file. Times are those of the queue's zone; --from and --to are days there, \
or instants.

Examples:
  homeshore calendar show --queue billing
  homeshore calendar show --queue billing --file deploy/pools/demo.toml --from 2026-12-20 --to 2027-01-03
  homeshore calendar show --queue billing --from 2026-03-28T20:00:00Z --to 2026-03-30T00:00:00Z --json

With --json: {\"queue\", \"serve\", \"zone\", \"zone_data\", \"spans\": [{\"from\", \"until\", \"local_from\", \"local_until\", \
\"minutes\", \"why\"}]}; `minutes` are real ones, over clock changes too.";

/// A listing is at most this long.
const DAYS_MAX: i64 = 1_000;
/// A listing without an end is this long.
const DAYS_SHOWN: i64 = 14;

/// Arguments of `calendar show`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// The queue.
    #[arg(long)]
    queue: String,
    /// A pool's file; without it the server is asked.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The first day, or an instant; without it now.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// The day or instant up to which; without it two weeks later.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

/// Runs `calendar show`.
pub(super) async fn run(common: &Common, args: &ShowArgs) -> anyhow::Result<()> {
    let pool = pool(common, args.file.as_deref()).await?;
    let queue = pool
        .queues
        .iter()
        .find(|queue| queue.id.as_str() == args.queue);
    let queue = queue.ok_or_else(|| {
        let known: Vec<&str> = pool.queues.iter().map(|queue| queue.id.as_str()).collect();
        let (wrong, known) = (&args.queue, known.join(", "));
        CliError::Input(format!(
            "--queue: `{wrong}` is no queue of the pool, which has {known}"
        ))
    })?;
    let windows = serve::windows(&queue.serve, &pool).map_err(|wrong| {
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        CliError::Input(format!(
            "the windows are not right:\n  {}",
            wrong.join("\n  ")
        ))
    })?;
    let zone = windows
        .as_ref()
        .map_or_else(Zone::utc, |windows| windows.zone().clone());
    let (from, to) = range(args, &zone)?;
    let spans = windows
        .as_ref()
        .map_or_else(Vec::new, |windows| spans(windows, from, to));
    if common.json {
        return out::json(&document(queue, &zone, windows.as_ref(), &spans));
    }
    print(queue, &zone, windows.as_ref(), &spans)
}

async fn pool(common: &Common, file: Option<&Path>) -> anyhow::Result<PoolSpec> {
    if let Some(file) = file {
        return read_pool(file);
    }
    let mut client = Clients::connect(common).await?.pools();
    let request = GetPoolRequest {
        pool_id: common.pool.clone(),
    };
    let answer = client.get_pool(request).await.map_err(CliError::from)?;
    let pool = answer.into_inner().pool.unwrap_or_default();
    Ok(api::pool::checked(&pool).map_err(CliError::from)?)
}

/// From when to when, as asked.
fn range(args: &ShowArgs, zone: &Zone) -> Result<(Timestamp, Timestamp), CliError> {
    let now = Timestamp::from_millisecond(clock::wall().0).unwrap_or_default();
    let from = args
        .from
        .as_deref()
        .map(|text| instant("--from", text, zone));
    let from = from.transpose()?.unwrap_or(now);
    let to = args
        .to
        .as_deref()
        .map(|text| instant("--to", text, zone))
        .transpose()?;
    let days = |days: i64| {
        from.checked_add((24 * days).hours())
            .unwrap_or(Timestamp::MAX)
    };
    let to = to.unwrap_or_else(|| days(DAYS_SHOWN));
    if to <= from {
        return Err(CliError::Input(format!("--to: {to} is not after {from}")));
    }
    if days(DAYS_MAX) < to {
        let wrong = format!("--to: {to} is over {DAYS_MAX} days after {from}; give an earlier one");
        return Err(CliError::Input(wrong));
    }
    Ok((from, to))
}

fn instant(option: &str, text: &str, zone: &Zone) -> Result<Timestamp, CliError> {
    let day = || text.parse::<Date>().ok().map(|day| zone.day_start(day));
    let local = || {
        text.parse::<DateTime>()
            .ok()
            .map(|local| zone.instant(local))
    };
    let found = text.parse::<Timestamp>().ok().or_else(local).or_else(day);
    found.ok_or_else(|| {
        let right = "give a day like 2026-12-24, a local time like 2026-12-24T17:00 or an instant like 2026-12-24T16:00:00Z";
        CliError::Input(format!("{option}: `{text}` is no time; {right}"))
    })
}

/// The spans that have a part in the time asked for, whole.
fn spans(windows: &Windows, from: Timestamp, to: Timestamp) -> Vec<Span> {
    let spans = windows.from_day_of(from);
    let first_day = |span: &Span| windows.zone().local(span.from).date();
    let last = windows.zone().local(to).date();
    let spans = spans.take_while(|span| first_day(span) <= last);
    spans
        .filter(|span| from < span.until && span.from < to)
        .collect()
}

/// Why a span is served, in words.
fn words(windows: &Windows, why: &Why) -> String {
    let spec = windows.spec();
    match why {
        Why::Weekly(place) => {
            let window = &spec.windows[*place];
            let days: Vec<&str> = window.days.iter().map(|day| day.name()).collect();
            format!("window {} of {}", window.hours, days.join(", "))
        }
        Why::Holiday(place, name) => {
            let window = &spec.windows[*place];
            format!(
                "window {} of {}s: {name}",
                window.hours,
                DayKind::Holiday.name()
            )
        }
        Why::Exception(place) => {
            let exception = &spec.exceptions[*place];
            let reason = match exception.reason.as_str() {
                "" => String::new(),
                reason => format!(": {reason}"),
            };
            format!("exception of {}{reason}", exception.from)
        }
    }
}

fn minutes(span: &Span) -> i64 {
    span.until.duration_since(span.from).as_mins()
}

fn document(queue: &QueueSpec, zone: &Zone, windows: Option<&Windows>, spans: &[Span]) -> Value {
    let of_span = |windows: &Windows, span: &Span| {
        json!({
            "from": span.from.to_string(),
            "until": span.until.to_string(),
            "local_from": zone.local(span.from).to_string(),
            "local_until": zone.local(span.until).to_string(),
            "minutes": minutes(span),
            "why": words(windows, &span.why),
        })
    };
    let spans = windows.map(|windows| {
        let documents = spans.iter().map(|span| of_span(windows, span));
        documents.collect::<Vec<_>>()
    });
    json!({
        "queue": queue.id.as_str(),
        "serve": queue.serve.mode.label(),
        "zone": zone.name(),
        "zone_data": crate::calendar::zone::data_version(),
        "spans": spans.unwrap_or_default(),
    })
}

fn print(
    queue: &QueueSpec,
    zone: &Zone,
    windows: Option<&Windows>,
    spans: &[Span],
) -> anyhow::Result<()> {
    let Some(windows) = windows.filter(|_| queue.serve.mode.has_windows()) else {
        out::say(&format!("queue `{}` is always served", queue.id));
        return Ok(());
    };
    if spans.is_empty() {
        out::say(&format!("queue `{}` is not served in this time", queue.id));
        return Ok(());
    }
    let row = |span: &Span| {
        let (from, until) = (zone.local(span.from), zone.local(span.until));
        vec![
            from.strftime("%a %Y-%m-%d").to_string(),
            from.strftime("%H:%M").to_string(),
            until.strftime("%a %H:%M").to_string(),
            minutes(span).to_string(),
            words(windows, &span.why),
        ]
    };
    let rows: Vec<_> = spans.iter().map(row).collect();
    out::say(&format!("queue `{}`, times of {}", queue.id, zone.name()));
    out::data(&out::table(
        &["day", "from", "until", "minutes", "why"],
        &rows,
    ))
}
