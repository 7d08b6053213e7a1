//! `schedule`: files of shifts, read and checked without a server; and the schedule that a server holds.

mod coverage;
mod diff;
mod document;
mod export;
mod known;
pub(super) mod published;
mod source;
mod validate;

use std::process::ExitCode;

use clap::Subcommand;

use super::Common;

/// What can be done with schedules.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore schedule validate march.xlsx --zone Europe/Paris\n  homeshore schedule validate E017.ics --zone Europe/Paris --agent E017 --json"
)]
pub(super) enum ScheduleCommand {
    /// Read a file of shifts, and tell every problem with row, column, value and what would be right.
    #[command(after_help = validate::HELP)]
    Validate(validate::ValidateArgs),
    /// Say what changes from one file to another.
    #[command(after_help = diff::HELP)]
    Diff(diff::DiffArgs),
    /// Count the agents on the phone in each interval.
    #[command(after_help = coverage::HELP)]
    Coverage(coverage::CoverageArgs),
    /// Write shifts as CSV or iCalendar.
    #[command(after_help = export::HELP)]
    Export(export::ExportArgs),
    /// The schedule that a server holds.
    #[command(flatten)]
    Published(published::Published),
}

/// Runs what needs no server of `schedule …`.
pub(super) fn run(common: &Common, command: &ScheduleCommand) -> anyhow::Result<ExitCode> {
    match command {
        ScheduleCommand::Validate(args) => validate::run(common, args),
        ScheduleCommand::Diff(args) => diff::run(common, args),
        ScheduleCommand::Coverage(args) => coverage::run(common, args),
        ScheduleCommand::Export(args) => export::run(common, args),
        ScheduleCommand::Published(_) => unreachable!("it is asked of a server"),
    }
}
