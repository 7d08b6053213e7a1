//! `queue declare-peak`, `queue end-peak`: supervisors' words about peaks.

use std::time::Duration;

use clap::Args;

use crate::{
    cli::{Common, Supervisor, client::Clients, error::CliError, text},
    clock,
    proto::v1::{DeclarePeakRequest, EndPeakRequest, QueueStatus},
};

pub(in crate::cli) const DECLARE_HELP: &str = "\
Examples:
  homeshore queue declare-peak billing --reason \"invoices went out\" --for 2h
  homeshore queue declare-peak billing --reason storm --supervisor sue

The queue has `serve = \"windows_and_peaks\"`. Said again, the peak is held for that long from then on.
With --json: the queue as in `queue list --json`.";

pub(in crate::cli) const END_HELP: &str = "\
Examples:
  homeshore queue end-peak billing
  homeshore queue end-peak billing --rest 4h --supervisor sue

With --json: the queue as in `queue list --json`.";

/// Arguments of `queue declare-peak`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DeclareArgs {
    /// The queue.
    id: String,
    /// Why; recorded.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    by: Supervisor,
    /// How long the word holds, at most a day.
    #[arg(long = "for", value_name = "DURATION", value_parser = text::parse_duration, default_value = "1h")]
    lasting: Duration,
}

/// Arguments of `queue end-peak`.
#[derive(Debug, Args)]
pub(in crate::cli) struct EndArgs {
    /// The queue.
    id: String,
    #[command(flatten)]
    by: Supervisor,
    /// For how long no peak begins by itself.
    #[arg(long, value_name = "DURATION", value_parser = text::parse_duration, default_value = "1h")]
    rest: Duration,
}

/// Runs `queue declare-peak`.
pub(in crate::cli) async fn declare(
    common: &Common,
    args: DeclareArgs,
) -> anyhow::Result<Option<QueueStatus>> {
    let now = u64::try_from(clock::wall().0).unwrap_or(0);
    let ms = u64::try_from(args.lasting.as_millis()).unwrap_or(u64::MAX);
    let request = DeclarePeakRequest {
        queue: args.id,
        supervisor: args.by.supervisor,
        reason: args.reason,
        until: Some(text::to_timestamp(now.saturating_add(ms))),
        request_id: String::new(),
    };
    let mut client = Clients::connect(common).await?.supervision();
    let answer = client.declare_peak(request).await.map_err(CliError::from)?;
    Ok(answer.into_inner().queue)
}

/// Runs `queue end-peak`.
pub(in crate::cli) async fn end(
    common: &Common,
    args: EndArgs,
) -> anyhow::Result<Option<QueueStatus>> {
    let request = EndPeakRequest {
        queue: args.id,
        supervisor: args.by.supervisor,
        rest: Some(text::to_api(args.rest)),
        request_id: String::new(),
    };
    let mut client = Clients::connect(common).await?.supervision();
    let answer = client.end_peak(request).await.map_err(CliError::from)?;
    Ok(answer.into_inner().queue)
}
