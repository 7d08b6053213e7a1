//! Workbooks: looked at as archives first, so that a small file cannot unpack to a large one; then read sheet by sheet.

mod ods;
mod xlsx;

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use super::{
    Format, Options, Reading, Watch,
    limits::{CELLS_MAX, PARTS_MAX, UNPACKED_BYTES_MAX},
    problem::{Fault, Kind, Place, fault},
    table::{self, Sheet},
};

/// An archive in memory.
type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Reads a workbook of either kind.
pub(super) fn read(
    bytes: &[u8],
    options: &Options,
    mut reading: Reading,
    watch: Watch<'_>,
) -> Reading {
    let sheets = open(bytes).and_then(|mut archive| {
        let format = format(&mut archive)?;
        reading.format = Some(format);
        match format {
            Format::Ods => {
                ods::sheets(&mut archive).map(|sheets| (sheets, super::cell::Epoch::Of1900))
            }
            Format::Xlsx | Format::Csv | Format::ICalendar => xlsx::sheets(bytes, options),
        }
    });
    match sheets {
        Ok((sheets, epoch)) => table::read_sheets(&sheets, epoch, options, reading, watch),
        Err(fault) => {
            reading.problems.error(Place::default(), fault);
            reading
        }
    }
}

fn damaged(why: &str) -> Fault {
    let text = format!("the workbook is damaged: {why}");
    fault(
        Kind::Format,
        text,
        "open it in a spreadsheet and save it again as .xlsx or .ods",
    )
}

fn too_large(what: String) -> Fault {
    fault(Kind::Limit, what, "split it, or save the sheet as CSV")
}

/// Opens an archive that unpacks to no more than it may: told by its directory, then by unpacking without keeping anything.
fn open(bytes: &[u8]) -> Result<Archive<'_>, Fault> {
    let parts = count_parts(bytes).ok_or_else(|| damaged("its end is missing"))?;
    if parts > PARTS_MAX {
        return Err(too_large(format!(
            "the workbook has {parts} parts, more than {PARTS_MAX}"
        )));
    }
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|bad| damaged(&bad.to_string()))?;
    let mut said: u64 = 0;
    for at in 0..archive.len() {
        let part = archive
            .by_index_raw(at)
            .map_err(|bad| damaged(&bad.to_string()))?;
        said = said.saturating_add(part.size());
        if part.encrypted() {
            return Err(locked());
        }
    }
    check_unpacked(said)?;
    let mut unpacked = 0;
    for at in 0..archive.len() {
        let part = archive
            .by_index(at)
            .map_err(|bad| damaged(&bad.to_string()))?;
        let mut part = part.take(UNPACKED_BYTES_MAX + 1 - unpacked);
        let copied = std::io::copy(&mut part, &mut std::io::sink());
        unpacked += copied.map_err(|bad| damaged(&bad.to_string()))?;
        check_unpacked(unpacked)?;
    }
    Ok(archive)
}

fn check_unpacked(bytes: u64) -> Result<(), Fault> {
    if bytes <= UNPACKED_BYTES_MAX {
        return Ok(());
    }
    let most = UNPACKED_BYTES_MAX >> 20;
    Err(too_large(format!(
        "the workbook unpacks to more than {most} MiB"
    )))
}

/// How many parts the end of an archive tells of, before any of them is looked at.
fn count_parts(bytes: &[u8]) -> Option<u64> {
    const END: &[u8] = b"PK\x05\x06";
    let from = bytes.len().saturating_sub(22 + 65_535);
    let at = memchr::memmem::rfind(&bytes[from..], END)? + from;
    let count = bytes.get(at + 10..at + 12)?;
    Some(u64::from(u16::from_le_bytes([count[0], count[1]])))
}

fn format(archive: &mut Archive<'_>) -> Result<Format, Fault> {
    let has = |archive: &Archive<'_>, name: &str| archive.index_for_name(name).is_some();
    if has(archive, "xl/workbook.xml") {
        return Ok(Format::Xlsx);
    }
    if has(archive, "xl/workbook.bin") {
        let text = "the file is a binary workbook (.xlsb)";
        return Err(fault(Kind::Format, text, "save it as .xlsx, .ods or CSV"));
    }
    let mut kind = String::new();
    if let Ok(part) = archive.by_name("mimetype") {
        let read = part.take(200).read_to_string(&mut kind);
        read.map_err(|bad| damaged(&bad.to_string()))?;
    }
    if kind
        .trim()
        .starts_with("application/vnd.oasis.opendocument.spreadsheet")
    {
        return Ok(Format::Ods);
    }
    // Some writers put the workbook elsewhere; the list of contents says what it is.
    let listed = text_of(archive, "[Content_Types].xml").unwrap_or_default();
    if listed.contains("spreadsheetml.sheet") {
        return Ok(Format::Xlsx);
    }
    let text = "the file is an archive, but no workbook";
    Err(fault(Kind::Format, text, "CSV, XLSX, ODS or iCalendar"))
}

fn text_of(archive: &mut Archive<'_>, name: &str) -> Option<String> {
    let mut text = String::new();
    archive.by_name(name).ok()?.read_to_string(&mut text).ok()?;
    Some(text)
}

fn locked() -> Fault {
    let text = "the workbook is locked with a password";
    fault(Kind::Password, text, "save it without a password")
}

fn missing(error: &ZipError) -> Fault {
    damaged(&error.to_string())
}

/// What a compound file is: a workbook with a password, or one of the time before 2007.
pub(super) fn compound(bytes: &[u8]) -> Fault {
    let name = |name: &str| -> Vec<u8> { name.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    if memchr::memmem::find(bytes, &name("EncryptedPackage")).is_some() {
        return locked();
    }
    let text = "the file is of a kind before 2007 (.xls), or no workbook";
    fault(Kind::Format, text, "save it as .xlsx, .ods or CSV")
}

/// Counts cells that are not empty.
#[derive(Default)]
struct Cells(usize);

impl Cells {
    fn add(&mut self, cells: usize) -> Result<(), Fault> {
        self.0 = self.0.saturating_add(cells);
        if self.0 <= CELLS_MAX {
            return Ok(());
        }
        Err(too_large(format!(
            "the workbook has more than {CELLS_MAX} cells"
        )))
    }
}

/// A cell far to the right, where no table is.
fn far(column: usize, row: u32) -> Fault {
    let most = super::limits::COLUMNS_MAX;
    let text = format!("a cell stands in column {} of row {row}", column + 1);
    too_large(format!(
        "{text}, behind the {most} columns that a table may have"
    ))
}

/// A sheet without rows yet.
fn sheet(name: &str, is_hidden: bool) -> Sheet {
    Sheet {
        name: name.to_owned(),
        is_hidden,
        rows: Vec::new(),
    }
}
