//! Sheets of XLSX, cell by cell: one far cell makes no large table.

use std::{borrow::Cow, io::Cursor};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{Cells, damaged, far, sheet, text_of};
use crate::schedule::{
    Options,
    cell::{Cell, Epoch},
    header,
    limits::COLUMNS_MAX,
    problem::Fault,
    table::{Sheet, text_cell},
};

/// The sheets up to the first with all titles, or the one that is named; and the workbook's epoch.
pub(super) fn sheets(bytes: &[u8], options: &Options) -> Result<(Vec<Sheet>, Epoch), Fault> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|bad| super::missing(&bad))?;
    check_strings(&mut archive)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|bad| told(&bad))?;
    let epoch = if book.has_1904_epoch() {
        Epoch::Of1904
    } else {
        Epoch::Of1900
    };
    let listed: Vec<_> = book.sheets_metadata().to_vec();
    let mut sheets: Vec<Sheet> = Vec::new();
    let mut cells = Cells::default();
    for about in listed
        .iter()
        .filter(|about| about.typ == SheetType::WorkSheet)
    {
        let is_hidden = about.visible != SheetVisible::Visible;
        let mut sheet = sheet(&about.name, is_hidden);
        let is_wanted = match &options.sheet {
            Some(name) => about.name.eq_ignore_ascii_case(name),
            None => !is_hidden,
        };
        if is_wanted {
            read(&mut book, &mut sheet, &mut cells)?;
        }
        let is_whole = is_whole(&sheet, options);
        sheets.push(sheet);
        if is_wanted && is_whole {
            break;
        }
    }
    // Where the named one stands alone, the others are still listed by name.
    let rest = listed.iter().skip(sheets.len());
    let rest: Vec<Sheet> = rest.map(|about| sheet(&about.name, true)).collect();
    sheets.extend(rest);
    Ok((sheets, epoch))
}

fn is_whole(sheet: &Sheet, options: &Options) -> bool {
    let first = &sheet.rows[..sheet.rows.len().min(31)];
    header::find(first, &options.mapping).is_some_and(|header| header.is_whole())
}

/// A million shared strings of nothing are small in the file and large in memory.
fn check_strings(archive: &mut super::Archive<'_>) -> Result<(), Fault> {
    let Some(strings) = text_of(archive, "xl/sharedStrings.xml") else {
        return Ok(());
    };
    let count = memchr::memmem::find_iter(strings.as_bytes(), b"<si").count();
    Cells::default().add(count)
}

fn told(bad: &XlsxError) -> Fault {
    if matches!(bad, XlsxError::Password) {
        return super::locked();
    }
    damaged(&bad.to_string())
}

fn read(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &mut Sheet, cells: &mut Cells) -> Result<(), Fault> {
    let mut reader = book
        .worksheet_cells_reader(&sheet.name)
        .map_err(|bad| told(&bad))?;
    while let Some(cell) = reader.next_cell().map_err(|bad| told(&bad))? {
        let (row, column) = cell.get_position();
        let value = value(cell.get_value());
        if value.is_blank() {
            continue;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= COLUMNS_MAX {
            return Err(far(column, row + 1));
        }
        put(sheet, row + 1, column, value, cells)?;
    }
    Ok(())
}

/// Puts a cell into its row. Rows stand in order in all sheets that programs write.
fn put(
    sheet: &mut Sheet,
    row: u32,
    column: usize,
    value: Cell<'static>,
    count: &mut Cells,
) -> Result<(), Fault> {
    if sheet.rows.last().is_none_or(|(last, _)| *last < row) {
        sheet.rows.push((row, Vec::new()));
    }
    let Some((_, cells)) = sheet.rows.last_mut().filter(|(last, _)| *last == row) else {
        return Err(damaged("its rows are not in order"));
    };
    if cells.len() <= column {
        // Empty cells before it count: they take as much memory.
        count.add(column + 1 - cells.len())?;
        cells.resize(column + 1, Cell::Empty);
    }
    cells[column] = value;
    Ok(())
}

fn value(value: &DataRef<'_>) -> Cell<'static> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a spreadsheet's numbers are floats"
    )]
    let number = |number: i64| Cell::Number(number as f64);
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(int) => number(*int),
        DataRef::Float(float) => Cell::Number(*float),
        DataRef::DateTime(time) => Cell::Number(time.as_f64()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text_cell(text.clone())
        }
        DataRef::SharedString(text) => text_cell((*text).to_owned()),
        DataRef::Bool(value) => Cell::Text(Cow::Borrowed(if *value { "TRUE" } else { "FALSE" })),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}
