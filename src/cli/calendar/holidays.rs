//! `calendar holidays` and `calendar regions`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::source;
use crate::{
    calendar::{
        holidays::{Holiday, Holidays, regions},
        zone::Zone,
    },
    cli::{Common, error::CliError, out},
    clock,
};

pub(super) const HELP: &str = "\
Feasts that are fixed by sighting the moon are in no region: import them when they are announced.

Examples:
  homeshore calendar holidays --region FR-ALSACE-MOSELLE --year 2026
  homeshore calendar holidays --region FR-974 --year 2026 --json
  homeshore calendar holidays --file our-days.toml --year 2026

With --json: [{\"date\": \"2026-01-01\", \"name\": \"Jour de l'an\"}, ...] by date.";

pub(super) const REGIONS_HELP: &str = "\
Examples:
  homeshore calendar regions
  homeshore calendar regions --json

With --json: [{\"code\", \"name\", \"aliases\", \"known_from\", \"known_until\"}, ...]; the years are null where there is no limit. \
`aliases` may stand for the code, alone or after the country: FR-974, GP, Guadeloupe.";

/// Arguments of `calendar holidays`.
#[derive(Debug, Args)]
pub(in crate::cli) struct HolidaysArgs {
    /// The region, by code or name; `homeshore calendar regions` lists them. With --file one of the file's.
    #[arg(long, value_name = "REGION", required_unless_present = "file")]
    region: Option<String>,
    /// A holiday file, TOML or iCalendar, instead of the regions that come with the program.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The year; without it the present one.
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(1583..=9998))]
    year: Option<i16>,
}

/// Runs `calendar holidays`.
pub(super) fn run(common: &Common, args: &HolidaysArgs) -> anyhow::Result<()> {
    let holidays = wanted(args)?;
    let year = args.year.unwrap_or_else(this_year);
    let days = holidays.of_year(year);
    if !holidays.is_known_in(year) {
        out::say(&doubt(&holidays, year));
    }
    if common.json {
        return out::json(&days.iter().map(document).collect());
    }
    let row = |day: &Holiday| {
        let weekday = format!("{:?}", day.date.weekday());
        vec![day.date.to_string(), weekday, day.name.clone()]
    };
    let rows: Vec<_> = days.iter().map(row).collect();
    out::data(&out::table(&["date", "weekday", "name"], &rows))
}

pub(super) fn document(day: &Holiday) -> Value {
    json!({"date": day.date.to_string(), "name": day.name})
}

fn wanted(args: &HolidaysArgs) -> anyhow::Result<Holidays> {
    let (Some(file), region) = (&args.file, &args.region) else {
        let region = args.region.as_deref().unwrap_or_default();
        let found = Holidays::for_region(region);
        return found.map_err(|unknown| CliError::Input(format!("--region: {unknown}")).into());
    };
    let calendars = source::read(file)?;
    let is_meant = |holidays: &&Holidays| {
        let region = region.as_deref();
        region.is_none_or(|region| holidays.code().eq_ignore_ascii_case(region))
    };
    let found = calendars.iter().find(is_meant).cloned();
    found.ok_or_else(|| {
        let codes: Vec<String> = calendars
            .iter()
            .map(|one| format!("`{}`", one.code()))
            .collect();
        let region = region.as_deref().unwrap_or_default();
        let text = format!(
            "--region: `{region}` is not in the file, which has {}",
            codes.join(", ")
        );
        CliError::Input(text).into()
    })
}

fn this_year() -> i16 {
    let now = Timestamp::from_millisecond(clock::wall().0).unwrap_or_default();
    Zone::utc().local(now).year()
}

fn doubt(holidays: &Holidays, year: i16) -> String {
    let code = holidays.code();
    match holidays.known_years() {
        (Some(from), _) if year < from => {
            format!(
                "note: the holidays of {code} are known from {from} on; those of {year} may have been others"
            )
        }
        (_, Some(until)) => format!(
            "note: the holidays of {code} are known until {until}; those of {year} may become others"
        ),
        _ => format!("note: the holidays of {code} in {year} are not certain"),
    }
}

/// Runs `calendar regions`.
pub(super) fn list_regions(common: &Common) -> anyhow::Result<()> {
    let regions = regions();
    if common.json {
        let documents = regions.iter().map(|region| {
            let aliases: Vec<&String> = region.aliases.iter().chain(&region.codes).collect();
            json!({
                "code": region.code,
                "name": region.name,
                "aliases": aliases,
                "known_from": region.known.0,
                "known_until": region.known.1,
            })
        });
        return out::json(&documents.collect());
    }
    let rows: Vec<_> = regions
        .into_iter()
        .map(|region| {
            let year = |year: Option<i16>| year.map_or_else(String::new, |year| year.to_string());
            let known = format!("{} - {}", year(region.known.0), year(region.known.1));
            vec![
                region.code,
                region.name,
                known.trim_end().to_owned(),
                region.aliases.join(", "),
            ]
        })
        .collect();
    out::data(&out::table(&["region", "name", "known", "also"], &rows))
}
