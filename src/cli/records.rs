//! `records export`: the detail records of calls that ended, for other programs.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use prost_types::Timestamp;
use serde_json::{Value, json};

use super::{
    Common,
    client::Clients,
    error::CliError,
    json, out, progress, screen,
    text::{Word, api_ms},
};
use crate::proto::v1::{CallRecord, ExportCallRecordsRequest};

/// What can be done with records.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  homeshore records export --employer own > calls.csv")]
pub(super) enum RecordsCommand {
    /// Print the detail records of calls, a line each.
    #[command(after_help = EXPORT_HELP)]
    Export(ExportArgs),
}

const EXPORT_HELP: &str = "\
A record for each call that was accepted and ended, by its end, up to now; without numbers, names and attributes. They are \
kept for as long as the server's `records.keep_days` says. Times are ISO 8601 in UTC, lengths of time in ms.

Examples:
  homeshore records export > calls.csv
  homeshore records export --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --employer own
  homeshore records export --queue billing --format jsonl

CSV is as in RFC 4180, with a header; a text that begins with = + - or @ has an apostrophe before it, so that a spreadsheet does \
not take it for a formula. Columns, and keys of JSON lines: call_id, platform, instance, first_queue, last_queue, \
priority, accept_time, answer_time, end_time, wait_ms, talk_ms, outcome, callback, offers, transfers, overflow_pool, overflow_queue, \
agent_id, employer, team, site_kind, site_region, ring, policy, candidates, more_candidates, runner_up_id, idle_ms. What there \
is none of is empty in CSV, null in JSON. With --json: JSON lines.";

/// Arguments of `records export`.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// Only calls that ended at this time or later, such as 2026-11-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Only calls that ended before this time.
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    /// Only calls that were accepted for this queue or ended in it.
    #[arg(long, value_name = "ID")]
    queue: Option<String>,
    /// Only calls whose last conversation was with an agent of this employer; runner-ups are left out.
    #[arg(long)]
    employer: Option<String>,
    /// How they are written.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

/// How records are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A header, then a row each.
    Csv,
    /// A JSON object each.
    Jsonl,
}

/// Runs `records …`.
pub(super) async fn run(common: &Common, command: RecordsCommand) -> anyhow::Result<ExitCode> {
    match command {
        RecordsCommand::Export(args) => export(common, args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(common: &Common, args: ExportArgs) -> anyhow::Result<()> {
    let format = if common.json {
        Format::Jsonl
    } else {
        args.format
    };
    let mut client = Clients::connect(common).await?.supervision();
    let request = ExportCallRecordsRequest {
        from: args.from,
        to: args.to,
        queue: given("--queue", args.queue)?,
        employer: given("--employer", args.employer)?,
    };
    let answer = client.export_call_records(request).await;
    let mut parts = answer.map_err(CliError::from)?.into_inner();
    if matches!(format, Format::Csv) {
        let header = row(&CallRecord::default()).map(|(name, _)| name.to_owned());
        out::whole_lines(&csv_lines([header])?)?;
    }
    // The rows themselves are to be seen on a terminal.
    let bar = (!screen::is_terminal()).then(|| progress::count("records"));
    while let Some(part) = parts.message().await.map_err(CliError::from)? {
        let rows = part.records.iter().map(row);
        let lines = match format {
            Format::Csv => csv_lines(rows.map(|row| row.map(|(_, value)| cell(&value))))?,
            Format::Jsonl => rows.map(json_line).collect(),
        };
        out::whole_lines(&lines)?;
        if let Some(bar) = &bar {
            bar.inc(u64::try_from(part.records.len()).unwrap_or(u64::MAX));
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(())
}

/// A filter that is given empty is a mistake, such as a variable without a value: it must not let everything pass.
fn given(flag: &str, text: Option<String>) -> Result<String, CliError> {
    match text {
        Some(text) if text.is_empty() => {
            let text = format!("`{flag}` is empty: give a value, or leave it out for all");
            Err(CliError::Input(text))
        }
        text => Ok(text.unwrap_or_default()),
    }
}

/// The columns, in the order that programs rely on: new ones come last.
fn row(record: &CallRecord) -> [(&'static str, Value); 28] {
    let made = record.assignment.as_ref();
    let time = |at: &Option<Timestamp>| json!(json::time(at.as_ref()));
    [
        ("call_id", text(&record.call_id)),
        ("platform", text(&record.platform)),
        ("instance", text(&record.instance)),
        ("first_queue", text(&record.first_queue)),
        ("last_queue", text(&record.last_queue)),
        ("priority", text(&record.priority)),
        ("accept_time", time(&record.accept_time)),
        ("answer_time", time(&record.answer_time)),
        ("end_time", time(&record.end_time)),
        ("wait_ms", json!(api_ms(record.wait.as_ref()))),
        ("talk_ms", json!(api_ms(record.talk.as_ref()))),
        ("outcome", json!(record.outcome().word())),
        ("callback", json!(record.callback)),
        ("offers", json!(record.offers)),
        ("transfers", json!(record.transfers)),
        ("overflow_pool", text(&record.overflow_pool)),
        ("overflow_queue", text(&record.overflow_queue)),
        ("agent_id", text(&record.agent_id)),
        ("employer", text(&record.employer)),
        ("team", text(&record.team)),
        ("site_kind", json!(json::word(record.site_kind()))),
        ("site_region", text(&record.site_region)),
        ("ring", json!(made.map(|made| made.ring))),
        ("policy", json!(made.map(|made| &made.policy))),
        ("candidates", json!(made.map(|made| made.candidates))),
        (
            "more_candidates",
            json!(made.map(|made| made.more_candidates)),
        ),
        (
            "runner_up_id",
            made.map_or(Value::Null, |made| text(&made.runner_up_id)),
        ),
        (
            "idle_ms",
            json!(made.map(|made| api_ms(made.idle.as_ref()))),
        ),
    ]
}

fn text(text: &str) -> Value {
    json!((!text.is_empty()).then_some(text))
}

/// A cell; a text that a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(value: &Value) -> String {
    const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(FORMULA) => format!("'{text}"),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn json_line<const N: usize>(row: [(&'static str, Value); N]) -> String {
    let object = row.map(|(name, value)| (name.to_owned(), value));
    format!("{}\n", Value::Object(object.into_iter().collect()))
}

fn csv_lines<const N: usize>(
    rows: impl IntoIterator<Item = [String; N]>,
) -> anyhow::Result<String> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().context("rows cannot be written")?;
    String::from_utf8(bytes).context("rows are text")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{cell, csv_lines, row};
    use crate::proto::v1::CallRecord;

    #[test]
    fn a_text_that_would_be_a_formula_is_defused() {
        for (text, expected) in [
            ("=1+2", "'=1+2"),
            ("+44 1", "'+44 1"),
            ("-1", "'-1"),
            ("@a", "'@a"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(cell(&json!(text)), expected);
        }
        assert_eq!(cell(&json!(-7)), "-7", "numbers are no texts");
    }

    #[test]
    fn a_row_with_commas_and_quotes_is_read_as_it_was() {
        let record = CallRecord {
            call_id: "a,\"b\"".to_owned(),
            ..CallRecord::default()
        };
        let lines = csv_lines([row(&record).map(|(_, value)| cell(&value))]).unwrap();
        assert!(lines.starts_with("\"a,\"\"b\"\"\","), "{lines}");
        assert!(lines.ends_with("\r\n"), "{lines}");
    }
}
