//! Logs: to stderr, as text or JSON, by the filter of the settings. Ids are fields; no caller's data is logged.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Logs};

/// Starts logging for this process, once.
pub fn start(logs: &Logs) {
    let filter = EnvFilter::builder().parse_lossy(&logs.filter);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match logs.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    // A second server in one process logs where the first one does.
    let _already_started = started;
}
