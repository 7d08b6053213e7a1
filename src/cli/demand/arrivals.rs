//! `queue arrivals`: what arrived, interval by interval.

use std::time::Duration;

use clap::Args;
use prost_types::Timestamp;
use serde_json::{Value, json};

use crate::{
    cli::{Common, client::Clients, error::CliError, json, out, text},
    proto::v1::{ArrivalCounts, ArrivalInterval, ListArrivalsRequest, SiteKind, SiteKindArrivals},
};

pub(in crate::cli) const HELP: &str = "\
Examples:
  homeshore queue arrivals billing
  homeshore queue arrivals billing --from 2026-11-30T07:00:00Z --to 2026-11-30T19:00:00Z --json
  homeshore queue arrivals billing --minutes --from 2026-11-30T16:00:00Z

By intervals of 15 minutes of the last day, or by minutes of the last six hours. A dash is not known, which is not zero: the \
service was away, had not begun to count, or the interval is not over. `imported` are past volumes of `history import`, `forecast` \
those of `forecast import`.
With --json: {\"queue\", \"intervals\": [{\"start\", \"counts\": {\"arrived\", \"offered\", \"abandoned\", \"wait_ms\", \
\"reported\", \"by_site_kind\": [{\"site_kind\", \"answered\", \"handled\", \"handle_ms\"}]}, \"imported\", \"forecast\"}]}; what is \
not known is null.";

/// Arguments of `queue arrivals`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ArrivalsArgs {
    /// The queue.
    id: String,
    /// The first interval; without it a day before the last.
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Up to when; without it now.
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    /// By minutes of the last six hours.
    #[arg(long)]
    minutes: bool,
}

/// Runs `queue arrivals`.
pub(in crate::cli) async fn run(common: &Common, args: ArrivalsArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.planning();
    let minutes = if args.minutes { 1 } else { 15 };
    let mut intervals = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListArrivalsRequest {
            queue: args.id.clone(),
            start_time: args.from,
            end_time: args.to,
            interval: Some(text::to_api(Duration::from_secs(minutes * 60))),
            page_size: 1_000,
            page_token,
        };
        let page = client
            .list_arrivals(request)
            .await
            .map_err(CliError::from)?;
        let page = page.into_inner();
        intervals.extend(page.intervals);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if common.json {
        let intervals: Vec<Value> = intervals.iter().map(document).collect();
        return out::json(&json!({ "queue": args.id, "intervals": intervals }));
    }
    let rows: Vec<Vec<String>> = intervals.iter().map(row).collect();
    let head = [
        "interval",
        "arrived",
        "offered",
        "answered",
        "aband.",
        "handled",
        "handle time",
        "reported",
        "imported",
        "forecast",
    ];
    out::data(&out::table(&head, &rows))
}

fn document(interval: &ArrivalInterval) -> Value {
    json!({
        "start": json::time(interval.start_time.as_ref()),
        "counts": interval.counts.as_ref().map(counts),
        "imported": interval.imported,
        "forecast": interval.forecast,
    })
}

fn counts(counts: &ArrivalCounts) -> Value {
    let of_kind = |kind: &SiteKindArrivals| {
        json!({
            "site_kind": json::word::<SiteKind>(kind.site_kind()),
            "answered": kind.answered,
            "handled": kind.handled,
            "handle_ms": text::api_ms(kind.handle_time.as_ref()),
        })
    };
    json!({
        "arrived": counts.arrived,
        "offered": counts.offered,
        "abandoned": counts.abandoned,
        "wait_ms": text::api_ms(counts.wait_time.as_ref()),
        "reported": counts.reported,
        "by_site_kind": counts.by_site_kind.iter().map(of_kind).collect::<Vec<_>>(),
    })
}

fn row(interval: &ArrivalInterval) -> Vec<String> {
    let counts = interval.counts.as_ref();
    let count = |of: fn(&ArrivalCounts) -> Option<u32>| {
        counts
            .and_then(of)
            .map_or_else(dash, |count| count.to_string())
    };
    let volume = |calls: Option<f64>| calls.map_or_else(dash, |calls| format!("{calls:.1}"));
    let start = json::time(interval.start_time.as_ref());
    vec![
        start.unwrap_or_else(dash),
        count(|counts| Some(counts.arrived)),
        count(|counts| Some(counts.offered)),
        count(|counts| Some(kinds(counts, |kind| kind.answered))),
        count(|counts| Some(counts.abandoned)),
        count(|counts| Some(kinds(counts, |kind| kind.handled))),
        counts.and_then(handle_time).unwrap_or_else(dash),
        count(|counts| counts.reported),
        volume(interval.imported),
        volume(interval.forecast),
    ]
}

fn dash() -> String {
    "-".to_owned()
}

fn kinds(counts: &ArrivalCounts, of: impl Fn(&SiteKindArrivals) -> u32) -> u32 {
    counts.by_site_kind.iter().map(of).sum()
}

/// The mean handle time of conversations that ended, in words.
fn handle_time(counts: &ArrivalCounts) -> Option<String> {
    let kinds_of = counts.by_site_kind.iter();
    let ms: u64 = kinds_of
        .map(|kind| text::api_ms(kind.handle_time.as_ref()))
        .sum();
    let handled = u64::from(kinds(counts, |kind| kind.handled));
    let seconds = ms.checked_div(handled)? / 1_000;
    Some(text::duration(Duration::from_secs(seconds)))
}
