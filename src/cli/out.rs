//! The one door to the terminal: data to stdout, talk to stderr, aligned tables for people.

use std::io::{self, Write};

use super::error::CliError;

/// Prints data, one or more lines. A reader that went away ends the program quietly.
pub(super) fn data(text: &str) -> anyhow::Result<()> {
    whole_lines(&format!("{text}\n"))
}

/// Prints lines of data that bring their own ends. A reader that went away ends the program quietly.
pub(super) fn whole_lines(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = write!(stdout, "{text}").and_then(|()| stdout.flush());
    match written {
        Ok(()) => Ok(()),
        Err(problem) if problem.kind() == io::ErrorKind::BrokenPipe => {
            Err(CliError::ReaderGone.into())
        }
        Err(problem) => Err(problem.into()),
    }
}

/// Prints a JSON document.
pub(super) fn json(document: &serde_json::Value) -> anyhow::Result<()> {
    data(&format!("{document:#}"))
}

/// Prints talk for people. If nobody can read it, it is lost.
pub(super) fn say(text: &str) {
    let _unread = writeln!(io::stderr().lock(), "{text}");
}

/// Lays out rows under headers in aligned columns, two spaces apart.
pub(super) fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headers.iter().map(|text| width(text)).collect();
    for row in rows {
        for (column, cell) in widths.iter_mut().zip(row) {
            *column = (*column).max(width(cell));
        }
    }
    let mut lines = vec![line(headers.iter().copied(), &widths)];
    lines.extend(
        rows.iter()
            .map(|row| line(row.iter().map(String::as_str), &widths)),
    );
    lines.join("\n")
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn line<'a>(cells: impl Iterator<Item = &'a str>, widths: &[usize]) -> String {
    let mut text = String::new();
    for (cell, column) in cells.zip(widths) {
        text.push_str(cell);
        let gap = column - width(cell) + 2;
        text.extend(std::iter::repeat_n(' ', gap));
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![
            vec!["ann".to_owned(), "ready".to_owned()],
            vec!["étienne".to_owned(), "offline".to_owned()],
        ];
        assert_eq!(
            table(&["id", "intent"], &rows),
            "id       intent\nann      ready\nétienne  offline"
        );
    }
}
