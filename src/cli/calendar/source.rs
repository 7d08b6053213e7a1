//! Files of holidays: TOML as the calendar room reads it, or iCalendar.

use std::path::Path;

use crate::{
    calendar::holidays::{Holidays, Problem},
    cli::{error::CliError, pool::read_file},
};

/// The calendars of a file. An iCalendar file is one calendar, with the file's name as its code.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Holidays>> {
    let name = path.display().to_string();
    let text = read_file(path)?;
    let read = if is_icalendar(&text) {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy());
        let code = stem.unwrap_or_default().to_uppercase();
        Holidays::of_icalendar(&code, &code, &text).map(|holidays| vec![holidays])
    } else {
        Holidays::parse(&text)
    };
    read.map_err(|problems| refused(&name, &problems).into())
}

/// Whether the text is iCalendar, whatever the file is called.
pub(in crate::cli) fn is_icalendar(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let head = start.get(.."BEGIN:VCALENDAR".len());
    head.is_some_and(|head| head.eq_ignore_ascii_case("BEGIN:VCALENDAR"))
}

/// Says every problem with its line.
pub(super) fn refused(file: &str, problems: &[Problem]) -> CliError {
    let lines = problems
        .iter()
        .map(|problem| format!("\n  {file}:{problem}"));
    CliError::Input(format!("{file} is not right:{}", lines.collect::<String>()))
}
