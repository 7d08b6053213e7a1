//! CSV files beside a scenario: volumes by interval, and how long things took.

use std::{fs, path::Path};

use super::times::parse_clock;

/// Reads a file with the column `seconds`, decimals allowed, into ms.
pub(super) fn seconds(file: &Path) -> Result<Vec<f64>, String> {
    let mut values = Vec::new();
    read(file, &["seconds"], |line, cells| {
        let value: Option<f64> = cells[0].parse().ok();
        let value = value.filter(|value| value.is_finite() && *value >= 0.0);
        let value = value.ok_or_else(|| wrong(line, "seconds", &cells[0], "0 or more"))?;
        values.push(value * 1_000.0);
        Ok(())
    })?;
    Ok(values)
}

/// Reads a file with the columns `start`, a time of day, and `calls`, how many arrive until the next row's start: ms and
/// counts, in the order of their times.
pub(super) fn volumes(file: &Path) -> Result<Vec<(u64, f64)>, String> {
    let mut values: Vec<(u64, f64)> = Vec::new();
    read(file, &["start", "calls"], |line, cells| {
        let at = parse_clock(&cells[0]);
        let at = at.ok_or_else(|| wrong(line, "start", &cells[0], "a time of day like 17:30"))?;
        if values.last().is_some_and(|(last, _)| *last >= at) {
            return Err(wrong(
                line,
                "start",
                &cells[0],
                "a time after that of the row before",
            ));
        }
        let calls: Option<f64> = cells[1].parse().ok();
        let calls = calls.filter(|calls| calls.is_finite() && *calls >= 0.0);
        let calls = calls.ok_or_else(|| wrong(line, "calls", &cells[1], "0 or more"))?;
        values.push((at, calls));
        Ok(())
    })?;
    Ok(values)
}

fn wrong(line: u64, column: &str, text: &str, right: &str) -> String {
    format!("line {line}: `{column}` is `{text}`; give {right}")
}

/// Reads every row of a file that has at least these columns.
fn read(
    file: &Path,
    columns: &[&str],
    mut row: impl FnMut(u64, &[String]) -> Result<(), String>,
) -> Result<(), String> {
    let name = file.display();
    let bytes = fs::read(file).map_err(|problem| format!("names {name}: {problem}"))?;
    let located = |what: String| format!("names {name}, of which {what}");
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let headers = reader
        .headers()
        .map_err(|problem| located(problem.to_string()))?;
    let mut places = Vec::new();
    for column in columns {
        let place = headers.iter().position(|header| header == *column);
        places.push(place.ok_or_else(|| located(format!("column `{column}` is missing")))?);
    }
    let mut count = 0;
    for record in reader.records() {
        let record = record.map_err(|problem| located(problem.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells: Vec<String> = places.iter().map(|at| record[*at].to_owned()).collect();
        row(line, &cells).map_err(located)?;
        count += 1;
    }
    if count == 0 {
        return Err(located("no row is below the first line".to_owned()));
    }
    Ok(())
}
