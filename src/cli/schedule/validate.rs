//! `schedule validate`: what is in a file, and what is wrong with it.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;
use jiff::Timestamp;

use super::{document, source::Source};
use crate::{
    calendar::zone::Zone,
    cli::{Common, out, progress},
    labour::{
        self,
        pack::{Pack, embedded},
        words,
    },
    schedule::{self, LabourFinding, Problem, Reading, Severity, Shift},
};

/// Shifts that people are shown.
const SHOWN: usize = 20;
/// Findings of labour law that people are shown.
const FINDINGS_SHOWN: usize = 1_000;

pub(super) const HELP: &str = "\
Needs no server, and changes nothing. A file is CSV (UTF-8, UTF-16 or Windows-1252; separated by comma, semicolon, tab or pipe), \
XLSX or ODS, or an agent's iCalendar. A row is a shift; titles are in English or French, below rows of other text if need be: \
agent, name, date, start, end, skills, site or matricule, nom, date, début, fin, compétences, site; others by --mapping.

Dates are like 2026-03-02 or 02/03/2026, times like 17:30 or 17h30, or typed cells. An end that is not after the start is on the \
next day; 24:00 is midnight at the end of the day. A local time that does not exist is an error; of one that exists twice the \
first is taken, with a warning. Skills are separated by |.

Parts of a shift that are not on the phone: a column `segments` with `break 12:00-12:45; training 14:00-15:00` (break, training, \
meeting, on_call; pause, formation, réunion, astreinte), a column `pause` with `12:00-12:45`, or columns `pause début` and `pause \
fin`, also numbered; a column `activity` says what a whole row is.

With --json: {\"zone\", \"rule\", \"shifts\": [{\"agent\", \"name\", \"start\", \"end\", \"minutes\", \"skills\", \"site\", \
\"segments\": [{\"kind\", \"start\", \"end\"}]}], \"problems\": [{\"severity\", \"kind\", \"file\", \"sheet\", \"row\", \"column\", \
\"value\", \"message\", \"expected\"}], …}; with --pack also \"labour\": [{\"agent\", \"row\", \"rule\", \"article\", \"measured\", \\
\"limit\", \"severity\", \"start\", \"end\"}]. Times are UTC, rows are counted as a spreadsheet does. Exit code 1 if a problem is an error or a finding is blocking.

With --pack labour law is looked at: of an agent nothing more is known than the file's shifts, so all count as adults in full time.

Examples:
  homeshore schedule validate march.csv --zone Europe/Paris --pack fr-2098
  homeshore schedule validate march.xlsx --zone Europe/Paris --sheet \"Planning mars\" --json
  homeshore schedule validate march.csv --zone Europe/Paris --mapping titles.toml --agents agents.csv
  homeshore schedule validate E017.ics --zone Europe/Paris --agent E017 --until 2026-12-31";

/// Arguments of `schedule validate`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ValidateArgs {
    /// The file: CSV, XLSX, ODS or iCalendar; `-` reads it from stdin.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Look at labour law too, by a rule pack: eu, fr, fr-2148 or fr-2098.
    #[arg(long, value_name = "NAME", value_parser = pack)]
    pack: Option<Arc<Pack>>,
    #[command(flatten)]
    source: Source,
}

fn pack(name: &str) -> Result<Arc<Pack>, String> {
    let known = embedded();
    known
        .get(name)
        .cloned()
        .ok_or_else(|| format!("`{name}` is not one of {}", known.names().join(", ")))
}

/// Runs `schedule validate`.
pub(super) fn run(common: &Common, args: &ValidateArgs) -> anyhow::Result<ExitCode> {
    let reading = args.source.read(&args.file)?;
    let zone = &args.source.zone;
    let findings = args.pack.as_ref().map(|pack| judge(&reading, zone, pack));
    if common.json {
        out::written(|out| document::write(out, &reading, zone.name(), findings.as_deref()))?;
    } else {
        out::data(&text(&reading, zone, findings.as_deref()))?;
    }
    let mut all = findings.iter().flatten();
    let is_unlawful = all.any(|found| found.finding.severity == labour::Severity::Blocking);
    let is_good = reading.problems.errors() == 0 && !is_unlawful;
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What the law says of the shifts that were read.
fn judge(reading: &Reading, zone: &Zone, pack: &Pack) -> Vec<LabourFinding> {
    let bar = progress::bar(reading.shifts.len(), "shifts judged");
    let findings = schedule::labour(&reading.shifts, zone, pack, &mut |done, _| {
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    });
    bar.finish_and_clear();
    findings
}

/// A reading for people.
fn text(reading: &Reading, zone: &Zone, findings: Option<&[LabourFinding]>) -> String {
    let mut parts = Vec::new();
    if !reading.shifts.is_empty() {
        parts.push(shifts(&reading.shifts, zone));
    }
    if !reading.problems.list().is_empty() {
        parts.push(problems(reading.problems.list()));
    }
    if reading.problems.left_out() > 0 {
        parts.push(format!("and {} more problems", reading.problems.left_out()));
    }
    if let Some(findings) = findings {
        parts.push(lawful(findings));
    }
    parts.push(verdict(reading, zone));
    parts.join("\n\n")
}

fn shifts(shifts: &[Shift], zone: &Zone) -> String {
    let time = |at: Timestamp| zone.local(at).strftime("%Y-%m-%d %H:%M").to_string();
    let rows = shifts.iter().take(SHOWN).map(|shift| {
        let parts = shift.segments.iter().map(|part| {
            format!(
                "{} {}-{}",
                part.kind.word(),
                &time(part.start)[11..],
                &time(part.end)[11..]
            )
        });
        vec![
            shift.row.to_string(),
            shift.agent.to_string(),
            shift.name.to_string(),
            time(shift.start),
            time(shift.end),
            document::minutes(shift),
            shift.skills.join(" "),
            shift.site.to_string(),
            parts.collect::<Vec<_>>().join(", "),
        ]
    });
    let headers = [
        "row", "agent", "name", "start", "end", "minutes", "skills", "site", "segments",
    ];
    let table = out::table(&headers, &rows.collect::<Vec<_>>());
    match shifts.len().saturating_sub(SHOWN) {
        0 => table,
        more => format!("{table}\nand {more} more shifts"),
    }
}

fn problems(list: &[Problem]) -> String {
    let rows = list.iter().map(|problem| {
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let text = |text: Option<&str>| {
            text.map_or_else(|| "-".to_owned(), |text| text.replace(['\n', '\r'], " "))
        };
        vec![
            severity.to_owned(),
            problem
                .row
                .map_or_else(|| "-".to_owned(), |row| row.to_string()),
            text(problem.column.as_deref()),
            text(problem.value.as_deref()),
            problem.message.clone(),
            problem.expected.clone(),
        ]
    });
    out::table(
        &[
            "",
            "row",
            "column",
            "value",
            "what is wrong",
            "what would be right",
        ],
        &rows.collect::<Vec<_>>(),
    )
}

/// What the law says, for people.
fn lawful(findings: &[LabourFinding]) -> String {
    if findings.is_empty() {
        return "labour: nothing stands against it".to_owned();
    }
    let rows = findings.iter().take(FINDINGS_SHOWN).map(|found| {
        vec![
            found.finding.severity.word().to_owned(),
            found.row.to_string(),
            found.agent.to_string(),
            found.finding.article.to_string(),
            found.finding.rule.name().to_owned(),
            words::figure(found.finding.measured),
            words::figure(found.finding.limit),
        ]
    });
    let headers = [
        "labour", "row", "agent", "article", "rule", "measured", "limit",
    ];
    let table = out::table(&headers, &rows.collect::<Vec<_>>());
    match findings.len().saturating_sub(FINDINGS_SHOWN) {
        0 => table,
        more => format!("{table}\nand {more} more findings"),
    }
}

/// What was read, and whether it can be taken.
fn verdict(reading: &Reading, zone: &Zone) -> String {
    let seconds: i64 = reading.shifts.iter().map(Shift::seconds).sum();
    let mut agents: Vec<&str> = reading
        .shifts
        .iter()
        .map(|shift| shift.agent.as_ref())
        .collect();
    agents.sort_unstable();
    agents.dedup();
    let form = [
        reading.format.map(|format| format.word().to_owned()),
        reading.charset.map(|charset| charset.name().to_owned()),
        reading
            .separator
            .map(|separator| format!("separated by {separator:?}")),
        reading
            .sheet
            .as_ref()
            .map(|sheet| format!("sheet `{sheet}`")),
        reading.header_row.map(|row| format!("titles in row {row}")),
    ];
    let form: Vec<String> = form.into_iter().flatten().collect();
    let (errors, warnings) = (reading.problems.errors(), reading.problems.warnings());
    let end = match (errors, warnings) {
        (0, 0) => "good: nothing is wrong with it".to_owned(),
        (0, warnings) => format!("good, with {}", counted(warnings, "warning")),
        (errors, warnings) => format!(
            "refused: {}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        ),
    };
    format!(
        "{}: {}\n{} of {}, {} h {:02}, times of {}\n{end}",
        reading.file,
        form.join(", "),
        counted(reading.shifts.len(), "shift"),
        counted(agents.len(), "agent"),
        seconds / 3_600,
        seconds / 60 % 60,
        zone.name(),
    )
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
