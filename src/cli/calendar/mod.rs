//! `calendar …`: holidays and regions, holidays brought in from elsewhere, and when queues are served.

mod holidays;
mod import;
mod show;
mod source;

use std::process::ExitCode;

use clap::Subcommand;

pub(super) use self::source::is_icalendar;
use super::Common;

/// What can be asked of the calendar.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore calendar holidays --region FR-ALSACE-MOSELLE --year 2026\n  homeshore calendar show --queue billing\n  homeshore calendar regions\n  homeshore calendar import feasts.ics --code MA-FEASTS > ma-feasts.toml"
)]
pub(super) enum CalendarCommand {
    /// Print the public holidays of a year: of a region, or of a file.
    #[command(after_help = holidays::HELP)]
    Holidays(holidays::HolidaysArgs),
    /// List the regions whose holidays come with the program.
    #[command(after_help = holidays::REGIONS_HELP)]
    Regions,
    /// Print what is served when, and why.
    #[command(after_help = show::HELP)]
    Show(show::ShowArgs),
    /// Make a holiday file of an iCalendar file.
    #[command(after_help = import::HELP)]
    Import(import::ImportArgs),
}

/// Runs `calendar …`.
pub(super) async fn run(common: &Common, command: &CalendarCommand) -> anyhow::Result<ExitCode> {
    match command {
        CalendarCommand::Holidays(args) => holidays::run(common, args)?,
        CalendarCommand::Show(args) => show::run(common, args).await?,
        CalendarCommand::Regions => holidays::list_regions(common)?,
        CalendarCommand::Import(args) => import::run(common, args)?,
    }
    Ok(ExitCode::SUCCESS)
}
