//! `calendar import`: a holiday file from an iCalendar file.

use std::path::PathBuf;

use clap::Args;

use super::source::refused;
use crate::{
    calendar::holidays::Holidays,
    cli::{Common, out, pool::read_file},
};

pub(super) const HELP: &str = "\
All-day events become dated days, those that repeat each year too (up to 2100). The file goes to stdout, TOML as a pool's \
`[[calendars]]` takes it; edit it as you like.

Examples:
  homeshore calendar import feasts.ics --code MA-FEASTS > ma-feasts.toml
  homeshore calendar import feasts.ics --code MA-FEASTS --name \"Morocco, feasts by sighting\"

With --json: [{\"date\", \"name\"}, ...] by date.";

/// Arguments of `calendar import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArgs {
    /// The iCalendar file.
    file: PathBuf,
    /// What the calendar is called where queues name it, such as `MA-FEASTS`.
    #[arg(long)]
    code: String,
    /// What people call it; without it the code.
    #[arg(long)]
    name: Option<String>,
}

/// Runs `calendar import`.
pub(super) fn run(common: &Common, args: &ImportArgs) -> anyhow::Result<()> {
    let text = read_file(&args.file)?;
    let name = args.name.as_deref().unwrap_or(&args.code);
    let holidays = Holidays::of_icalendar(&args.code, name, &text)
        .map_err(|problems| refused(&args.file.display().to_string(), &problems))?;
    if common.json {
        return out::json(
            &holidays
                .all()
                .iter()
                .map(super::holidays::document)
                .collect(),
        );
    }
    let file = holidays.to_toml();
    // The code may be no word: then the file that it makes cannot be read.
    Holidays::parse(&file).map_err(|problems| refused("the holiday file", &problems))?;
    out::whole_lines(&file)
}
