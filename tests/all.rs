//! The one binary of integration tests.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    reason = "a test that cannot go on stops, says why, and looks for one kind of many"
)]

mod calendar;
mod cli;
mod console;
mod demand;
mod engine;
mod examples;
mod labour;
mod planning;
mod prometheus;
mod replay;
mod schedule;
mod server;
mod simulation;
mod store;
mod support;
mod tidy;
