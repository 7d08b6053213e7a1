//! Tables: a text with separators or a sheet of a workbook, from their titles to their last row.

use std::{borrow::Cow, sync::Arc};

use super::{
    Format, Options, Reading, Watch,
    build::Builder,
    cell::{Cell, Epoch},
    check,
    column::Mapping,
    encoding, guard,
    header::{self, Header, Row},
    limits::{COLUMNS_MAX, HEADER_ROWS},
    problem::{Kind, Place, Problems, fault},
    split::{Rows, SEPARATORS, named_separator},
};

/// Rows between two words about how far it is.
const WATCH_ROWS: u32 = 4_096;

/// Reads a table of text.
pub(super) fn read_text(
    bytes: &[u8],
    options: &Options,
    mut reading: Reading,
    watch: Watch<'_>,
) -> Reading {
    let (text, charset) = match encoding::decode(bytes, options.charset) {
        Ok(decoded) => decoded,
        Err((place, fault)) => {
            reading.problems.error(place, fault);
            return reading;
        }
    };
    reading.charset = Some(charset);
    let (named, text) = named_separator(&text);
    if let Some(row) = text
        .bytes()
        .position(|byte| byte < 9)
        .map(|at| row_of(text, at))
    {
        let text = "the file holds characters that no table of text has";
        let right = "CSV, XLSX, ODS or iCalendar";
        reading
            .problems
            .error(Place::row(row), fault(Kind::Format, text, right));
        return reading;
    }
    let separator = options
        .separator
        .or(named)
        .unwrap_or_else(|| likely(text, &options.mapping));
    reading.separator = Some(separator);
    let byte = u8::try_from(separator).unwrap_or(b',');
    let first = preview(text, byte);
    let Some(mut builder) = begin(&first, Epoch::Of1900, options, &mut reading) else {
        return reading;
    };
    let mut rows = Rows::of(text, byte);
    let (mut texts, mut cells) = (Vec::new(), Vec::new());
    let mut left = options.limits.max_rows;
    while let Some((row, read)) = rows.next(&mut texts) {
        if row <= reading.header_row.unwrap_or(0) {
            continue;
        }
        if !go_on(&mut left, row, options, &mut builder.problems) {
            break;
        }
        cells.extend(texts.drain(..).map(|text| Cell::Text(guard::taken(text))));
        match read {
            Ok(()) if cells.len() > COLUMNS_MAX => {
                builder.problems.error(Place::row(row), too_wide());
            }
            Ok(()) => builder.row(row, &cells),
            Err(fault) => builder.problems.error(Place::row(row), fault),
        }
        cells.clear();
        if row % WATCH_ROWS == 0 {
            watch(rows.position(), text.len());
        }
    }
    watch(text.len(), text.len());
    end(builder, reading)
}

fn row_of(text: &str, at: usize) -> u32 {
    let row = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count();
    u32::try_from(row + 1).unwrap_or(u32::MAX)
}

fn too_wide() -> super::problem::Fault {
    let text = format!("the row has more than {COLUMNS_MAX} cells");
    fault(
        Kind::Limit,
        text,
        "one shift a row; is the separator right? (--separator)",
    )
}

/// Counts down the rows that a file may have.
fn go_on(left: &mut u32, row: u32, options: &Options, problems: &mut Problems) -> bool {
    if *left == 0 {
        let text = format!("the file has more than {} rows", options.limits.max_rows);
        problems.error(
            Place::row(row),
            fault(Kind::Limit, text, "split it, by weeks or by teams"),
        );
        return false;
    }
    *left -= 1;
    true
}

/// The first rows of a text, those that can be read.
fn preview(text: &str, separator: u8) -> Vec<Row<'_>> {
    let mut rows = Rows::of(text, separator);
    let (mut cells, mut first) = (Vec::new(), Vec::new());
    while let Some((row, read)) = rows.next(&mut cells) {
        let is_wide = cells.len() > COLUMNS_MAX;
        let cells = cells.drain(..).map(Cell::Text).collect();
        if read.is_ok() && !is_wide {
            first.push((row, cells));
        }
        if row > HEADER_ROWS + 1 {
            break;
        }
    }
    first
}

/// The separator under which the titles are best understood; without titles, the one that there is most of.
fn likely(text: &str, mapping: &Mapping) -> char {
    let score = |separator: char| {
        let first = preview(text, u8::try_from(separator).unwrap_or(b','));
        let found = header::find(&first, mapping);
        let known = found.map_or(0, |header| {
            let known = header
                .columns
                .iter()
                .filter(|column| column.field.is_some())
                .count();
            header.needed * 100 + known
        });
        let cells: usize = first.iter().map(|(_, cells)| cells.len() - 1).sum();
        (known, cells)
    };
    let mut best = (score(SEPARATORS[0]), SEPARATORS[0]);
    for separator in &SEPARATORS[1..] {
        let next = score(*separator);
        if next > best.0 {
            best = (next, *separator);
        }
    }
    best.1
}

/// Finds and checks the titles. `None` if rows cannot be read under them; then it is told why.
fn begin<'o>(
    first: &[Row<'_>],
    epoch: Epoch,
    options: &'o Options,
    reading: &mut Reading,
) -> Option<Builder<'o>> {
    let Some(found) = header::find(first, &options.mapping) else {
        let (place, fault) = header::none_found(first);
        reading.problems.error(place, fault);
        return None;
    };
    reading.header_row = Some(found.row);
    let is_good = found.check(first, epoch, &mut reading.problems);
    is_good.then(|| {
        let problems = reading.problems.clone();
        Builder::new(&found, options, epoch, problems)
    })
}

/// Looks across the rows, and gives all that was read.
fn end(mut builder: Builder<'_>, mut reading: Reading) -> Reading {
    if builder.shifts.is_empty() && builder.problems.errors() == 0 {
        builder.problems.error(Place::default(), header::empty());
    }
    let (agent, start) = builder.key_titles();
    check::across(
        &builder.shifts,
        &builder.agents,
        &builder.names,
        (&agent, &start),
        &mut builder.problems,
    );
    reading.shifts = builder.shifts;
    reading.problems = builder.problems;
    reading.problems.sort();
    reading
}

/// A sheet of a workbook.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    pub(super) rows: Vec<Row<'static>>,
}

impl Sheet {
    fn first(&self) -> &[Row<'static>] {
        let most = usize::try_from(HEADER_ROWS + 1).unwrap_or(usize::MAX);
        &self.rows[..self.rows.len().min(most)]
    }

    fn header(&self, mapping: &Mapping) -> Option<Header> {
        header::find(self.first(), mapping)
    }
}

/// Reads the sheet that is named, or the first with titles.
pub(super) fn read_sheets(
    sheets: &[Sheet],
    epoch: Epoch,
    options: &Options,
    mut reading: Reading,
    watch: Watch<'_>,
) -> Reading {
    let sheet = match choose(sheets, options) {
        Ok(sheet) => sheet,
        Err((place, fault)) => {
            reading.problems.error(place, fault);
            return reading;
        }
    };
    let name: Arc<str> = sheet.name.as_str().into();
    reading.problems.in_sheet(&name);
    reading.sheet = Some(name);
    let Some(mut builder) = begin(sheet.first(), epoch, options, &mut reading) else {
        return reading;
    };
    let mut left = options.limits.max_rows;
    for (at, (row, cells)) in sheet.rows.iter().enumerate() {
        if *row <= reading.header_row.unwrap_or(0) {
            continue;
        }
        if !go_on(&mut left, *row, options, &mut builder.problems) {
            break;
        }
        builder.row(*row, cells);
        if row % WATCH_ROWS == 0 {
            watch(at, sheet.rows.len());
        }
    }
    end(builder, reading)
}

fn choose<'s>(
    sheets: &'s [Sheet],
    options: &Options,
) -> Result<&'s Sheet, (Place, super::problem::Fault)> {
    let names = || {
        let names: Vec<String> = sheets
            .iter()
            .map(|sheet| format!("`{}`", sheet.name))
            .collect();
        names.join(", ")
    };
    if let Some(name) = &options.sheet {
        let exact = sheets.iter().find(|sheet| sheet.name == *name);
        let alike = || {
            let mut all = sheets.iter();
            all.find(|sheet| sheet.name.eq_ignore_ascii_case(name))
        };
        return exact.or_else(alike).ok_or_else(|| {
            let text = "the workbook has no sheet of this name";
            let right = format!("one of {}", names());
            (
                Place::default().value(name),
                fault(Kind::Header, text, right),
            )
        });
    }
    let shown = || {
        sheets
            .iter()
            .filter(|sheet| !sheet.is_hidden && !sheet.rows.is_empty())
    };
    let header = |sheet: &Sheet| sheet.header(&options.mapping);
    let whole = shown().find(|sheet| header(sheet).is_some_and(|header| header.is_whole()));
    let scored = |sheet: &Sheet| header(sheet).map_or(0, |header| header.needed);
    // The first of those with the most of what is needed; `max_by_key` would give the last.
    let most = shown().map(scored).max();
    let best = whole.or_else(|| shown().find(|sheet| Some(scored(sheet)) == most));
    best.ok_or_else(|| (Place::default(), header::empty()))
}

/// A reading with nothing read yet.
pub(super) fn blank(file: &str, format: Option<Format>) -> Reading {
    Reading {
        file: file.into(),
        format,
        charset: None,
        separator: None,
        sheet: None,
        header_row: None,
        shifts: Vec::new(),
        problems: Problems::of(file),
    }
}

/// Text as a cell; empty text is none.
pub(super) fn text_cell(text: String) -> Cell<'static> {
    if text.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(Cow::Owned(text))
    }
}
