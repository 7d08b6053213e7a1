//! Reads volumes of the past, or a forecast: a row for each interval in local time, a column for each queue.

use std::{collections::BTreeMap, io::Read as _, path::Path};

use jiff::civil::{Date, DateTime, Time};

use crate::{
    cli::{error::CliError, pool::read_bytes, toml_file::Findings},
    planning::peaks::History,
};

/// The name of the column of times.
const TIME: &str = "interval_start";
const MINUTES_A_DAY: i32 = 24 * 60;
/// A file unpacks to at most this.
const MOST_BYTES: u64 = 1 << 30;

/// The queues of a file, in its order.
pub(in crate::cli) struct Volumes {
    pub(in crate::cli) minutes: i32,
    pub(in crate::cli) queues: Vec<(String, History)>,
}

/// Cells of a file with their lines.
struct Table {
    queues: Vec<String>,
    rows: BTreeMap<DateTime, (usize, Vec<Option<f64>>)>,
}

/// Reads a history: what is missing is missing.
pub(in crate::cli) fn read(path: &Path) -> anyhow::Result<Volumes> {
    read_checked(path, |_, _, _| {})
}

/// Reads a forecast, which has no gaps.
pub(in crate::cli) fn read_forecast(path: &Path) -> anyhow::Result<Volumes> {
    read_checked(path, check_whole)
}

fn read_checked(path: &Path, check: fn(&Table, i32, &mut Findings)) -> anyhow::Result<Volumes> {
    let name = path.display().to_string();
    let text = text(path)?;
    let mut findings = Findings::default();
    let table = table(&text, &mut findings);
    let minutes = table
        .as_ref()
        .map_or(0, |table| minutes(table, &mut findings));
    if let Some(table) = table.filter(|_| findings.is_clean()) {
        check(&table, minutes, &mut findings);
        if findings.is_clean() {
            return Ok(volumes(&table, minutes));
        }
    }
    let report = findings.report(&name);
    Err(CliError::Input(format!("{name} is not right:{report}")).into())
}

fn text(path: &Path) -> anyhow::Result<String> {
    let bytes = read_bytes(path)?;
    let wrong = |what: String| CliError::Input(format!("cannot read {}: {what}", path.display()));
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        let mut reader = flate2::read::MultiGzDecoder::new(&bytes[..]).take(MOST_BYTES + 1);
        let read = reader.read_to_end(&mut plain);
        let length = read.map_err(|problem| wrong(problem.to_string()))?;
        if u64::try_from(length).is_ok_and(|length| length > MOST_BYTES) {
            return Err(wrong("it unpacks to more than 1 GiB".to_owned()).into());
        }
        plain
    } else {
        bytes
    };
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()))?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

fn table(text: &str, findings: &mut Findings) -> Option<Table> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(str::to_owned).collect(),
        Err(problem) => {
            findings.note(1, "headers", &format!("cannot be read: {problem}"));
            return None;
        }
    };
    check_columns(&columns, findings);
    if !findings.is_clean() {
        return None;
    }
    let mut table = Table {
        queues: columns[1..].to_vec(),
        rows: BTreeMap::new(),
    };
    for record in reader.records() {
        match record {
            Ok(record) => table.add(&record, findings),
            Err(problem) => {
                let line = problem.position().map_or(0, csv::Position::line);
                findings.note(place(line), "row", &format!("cannot be read: {problem}"));
            }
        }
    }
    if table.rows.is_empty() && findings.is_clean() {
        findings.note(1, "rows", "are missing; give one for each interval");
    }
    Some(table)
}

fn check_columns(columns: &[String], findings: &mut Findings) {
    if columns.first().is_none_or(|first| first != TIME) {
        let first = columns.first().map_or("", String::as_str);
        findings.note(
            1,
            first,
            &format!("is the first column; it must be `{TIME}`"),
        );
    }
    if columns.len() < 2 {
        findings.note(1, "queues", "are missing; give a column for each queue");
    }
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            findings.note(1, column, "is there twice");
        }
    }
}

fn place(line: u64) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}

impl Table {
    fn add(&mut self, record: &csv::StringRecord, findings: &mut Findings) {
        let line = place(record.position().map_or(0, csv::Position::line));
        let text = record.get(0).unwrap_or("");
        let Ok(at) = text.parse::<DateTime>() else {
            findings.note(
                line,
                TIME,
                &format!("is `{text}`; give a local time like 2026-01-31 17:30"),
            );
            return;
        };
        if at.second() != 0 || at.subsec_nanosecond() != 0 {
            findings.note(
                line,
                TIME,
                &format!("is `{text}`; intervals begin at whole minutes"),
            );
            return;
        }
        let mut cells = Vec::with_capacity(self.queues.len());
        for (queue, cell) in self.queues.iter().zip(record.iter().skip(1)) {
            cells.push(volume(cell).unwrap_or_else(|what| {
                findings.note(line, queue, &what);
                None
            }));
        }
        if let Some((first, _)) = self.rows.get(&at) {
            findings.note(
                line,
                TIME,
                &format!("is `{text}`, which line {first} has already; give each interval once"),
            );
            return;
        }
        self.rows.insert(at, (line, cells));
    }
}

fn volume(cell: &str) -> Result<Option<f64>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    match cell.parse::<f64>() {
        Ok(count) if count.is_finite() && count >= 0.0 => Ok(Some(count)),
        Ok(_) | Err(_) => Err(format!(
            "is `{cell}`; give a number of calls of at least 0, or nothing if it is not known"
        )),
    }
}

fn minute(at: DateTime) -> i32 {
    i32::from(at.hour()) * 60 + i32::from(at.minute())
}

/// The length of an interval: the smallest step between two rows. It divides the day, and every row keeps to it.
fn minutes(table: &Table, findings: &mut Findings) -> i32 {
    let times: Vec<DateTime> = table.rows.keys().copied().collect();
    let steps = times.windows(2).map(|pair| {
        let step = pair[1].duration_since(pair[0]).as_mins();
        i32::try_from(step).unwrap_or(MINUTES_A_DAY)
    });
    let least = steps.min().unwrap_or(MINUTES_A_DAY).clamp(1, MINUTES_A_DAY);
    if MINUTES_A_DAY % least != 0 {
        let what = format!(
            "has rows {least} minutes apart; intervals of one length must fill a day, like 15 or 30 minutes"
        );
        findings.note(1, TIME, &what);
        return least;
    }
    for (at, (line, _)) in &table.rows {
        if minute(*at) % least != 0 {
            let what = format!(
                "is `{at}`, which does not begin an interval of {least} minutes as the other rows have"
            );
            findings.note(*line, TIME, &what);
        }
    }
    least
}

/// Each queue of a forecast has a volume in every interval from its first to its last.
fn check_whole(table: &Table, minutes: i32, findings: &mut Findings) {
    let mut before: Option<DateTime> = None;
    for (at, (line, cells)) in &table.rows {
        let gap = before.and_then(|before| i32::try_from(at.duration_since(before).as_mins()).ok());
        if gap.is_some_and(|gap| gap != minutes) {
            let what = format!(
                "is `{at}` after a gap; a forecast has every interval of {minutes} minutes"
            );
            findings.note(*line, TIME, &what);
        }
        before = Some(*at);
        for (queue, cell) in table.queues.iter().zip(cells) {
            if cell.is_none() {
                findings.note(*line, queue, "is empty; a forecast has a volume for every interval, 0 where none are expected");
            }
        }
    }
}

fn volumes(table: &Table, minutes: i32) -> Volumes {
    let intervals = usize::try_from(MINUTES_A_DAY / minutes).unwrap_or(1);
    let queue = |(index, name): (usize, &String)| {
        let mut days: BTreeMap<Date, Vec<Option<f64>>> = BTreeMap::new();
        for (at, (_, cells)) in &table.rows {
            let interval = usize::try_from(minute(*at) / minutes).unwrap_or(0);
            days.entry(at.date())
                .or_insert_with(|| vec![None; intervals])[interval] = cells[index];
        }
        History::new(days).map(|history| (name.clone(), history))
    };
    Volumes {
        minutes,
        queues: table.queues.iter().enumerate().filter_map(queue).collect(),
    }
}

/// The local time at which an interval of a day begins; the end of the last is the next day's midnight.
pub(in crate::cli) fn begin(date: Date, interval: usize, minutes: i32) -> DateTime {
    let minute = i64::try_from(interval).unwrap_or(0) * i64::from(minutes);
    date.to_datetime(Time::midnight())
        .saturating_add(jiff::Span::new().minutes(minute))
}

#[cfg(test)]
mod tests {
    use super::{Findings, check_whole, minutes, table, volumes};

    fn problems(text: &str, forecast: bool) -> String {
        let mut findings = Findings::default();
        if let Some(table) = table(text, &mut findings) {
            let minutes = minutes(&table, &mut findings);
            if forecast {
                check_whole(&table, minutes, &mut findings);
            }
        }
        findings.report("f.csv")
    }

    #[test]
    fn every_wrong_row_is_told() {
        let text = "interval_start,a,b\n2026-01-05 08:00,1,2\n2026-01-05 08:30,-1,x\n2026-01-05 08:00,1,1\nnoon,1,1\n2026-01-05 09:10,1,1\n2026-01-05 09:30,1\n";
        let told = problems(text, false);
        for expected in [
            "f.csv:3: `a` is `-1`; give a number of calls",
            "f.csv:3: `b` is `x`",
            "f.csv:4: `interval_start` is `2026-01-05 08:00`, which line 2 has already",
            "f.csv:5: `interval_start` is `noon`",
            "f.csv:7: `row` cannot be read",
        ] {
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn an_interval_keeps_to_the_others() {
        let told = problems(
            "interval_start,a\n2026-01-05 08:00,1\n2026-01-05 08:30,1\n2026-01-05 09:40,1\n2026-01-05 10:10,1\n",
            false,
        );
        assert!(told.contains("f.csv:4: `interval_start`"), "{told}");
        assert!(told.contains("30 minutes"), "{told}");
    }

    #[test]
    fn a_forecast_has_no_gaps() {
        let told = problems(
            "interval_start,a\n2026-01-05 08:00,1\n2026-01-05 08:30,\n2026-01-05 09:30,1\n",
            true,
        );
        assert!(told.contains("f.csv:3: `a` is empty"), "{told}");
        assert!(
            told.contains("f.csv:4: `interval_start`") && told.contains("after a gap"),
            "{told}"
        );
    }

    #[test]
    fn missing_is_missing_and_not_zero() {
        let mut findings = Findings::default();
        let text = "interval_start,a\n2026-01-05 08:00,0\n2026-01-05 08:30,\n2026-01-07 09:00,3\n";
        let table = table(text, &mut findings).unwrap();
        let minutes = minutes(&table, &mut findings);
        assert!(findings.is_clean());
        let volumes = volumes(&table, minutes);
        let (_, history) = &volumes.queues[0];
        assert_eq!((volumes.minutes, history.len()), (30, 3));
        assert_eq!(history.day(0)[16..18], [Some(0.0), None]);
        assert!(history.day(1).iter().all(Option::is_none));
        assert_eq!(history.day(2)[18], Some(3.0));
    }
}
