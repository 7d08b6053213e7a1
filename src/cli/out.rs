//! The one door to the terminal: data to stdout, talk to stderr, aligned tables for people.

use std::io::{self, Write};

use super::{
    error::CliError,
    screen,
    table::{self, Column, Piece, plain},
};

/// Texts of a table are cut down to this at most.
const TEXT_LEAST: usize = 8;

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

/// Prints data that is written piece by piece. A reader that went away ends the program quietly.
pub(super) fn written(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let mut stdout = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut stdout).and_then(|()| stdout.flush()) {
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

/// Prints rows under their columns: on a terminal cut to its width, elsewhere whole.
pub(super) fn rows(columns: &[Column], rows: &[Vec<Piece>]) -> anyhow::Result<()> {
    let lines = table::lay_out(columns, rows, screen::width(), table::gap(screen::width()));
    let colour = screen::is_terminal() && screen::wants_colour();
    data(&table::to_text(&lines, colour))
}

/// Lays out rows under headers in aligned columns: numbers end together, and on a terminal long texts are cut to its width.
pub(super) fn table(headers: &[&'static str], rows: &[Vec<String>]) -> String {
    let columns = headers.iter().enumerate().map(|(at, title)| {
        let mut cells = rows.iter().filter_map(|row| row.get(at));
        let are_numbers = cells.all(|cell| is_number(cell));
        if are_numbers && !rows.is_empty() {
            Column::number(title)
        } else {
            Column::text(title, TEXT_LEAST)
        }
    });
    let columns: Vec<Column> = columns.collect();
    let cells = |row: &Vec<String>| row.iter().map(plain).collect();
    let rows: Vec<Vec<Piece>> = rows.iter().map(cells).collect();
    let lines = table::lay_out(
        &columns,
        &rows,
        screen::width(),
        table::gap(screen::width()),
    );
    table::to_text(&lines, false)
}

fn is_number(cell: &str) -> bool {
    cell.chars()
        .all(|c| c.is_ascii_digit() || ".%-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn numbers_end_together() {
        let rows = [["ann", "7", "12.5%"], ["étienne", "12", "-"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let expected = "\
id       calls  share
ann          7  12.5%
étienne     12      -";
        assert_eq!(table(&["id", "calls", "share"], &rows), expected);
    }
}
