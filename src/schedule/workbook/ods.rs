//! Sheets of ODS, read as a stream: a cell that is repeated a million times is not kept a million times.

use std::io::{BufRead, BufReader};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{Archive, Cells, damaged, far, locked, sheet, text_of};
use crate::schedule::{
    cell::Cell,
    limits::COLUMNS_MAX,
    problem::Fault,
    table::{Sheet, text_cell},
};

/// Rows that a sheet may reach down to.
const ROWS_MAX: u32 = 1 << 20;

/// All sheets of a workbook.
pub(super) fn sheets(archive: &mut Archive<'_>) -> Result<Vec<Sheet>, Fault> {
    let manifest = text_of(archive, "META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(locked());
    }
    let content = archive
        .by_name("content.xml")
        .map_err(|bad| super::missing(&bad))?;
    let mut document = Document::new(BufReader::new(content));
    document.read()?;
    Ok(document.sheets)
}

struct Document<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    sheets: Vec<Sheet>,
    cells: Cells,
    /// The style at hand, and those of sheets that are not shown.
    style: String,
    hidden: Vec<String>,
    /// The next row's number.
    row: u32,
}

/// What an element says that matters here.
#[derive(Default)]
struct Start {
    name: String,
    style: String,
    title: String,
    repeats: Option<u32>,
    kind: String,
    value: Option<String>,
    is_hidden: bool,
}

impl Start {
    fn of(element: &BytesStart<'_>) -> Result<Self, Fault> {
        let mut start = Self {
            name: text(element.local_name().as_ref()),
            ..Self::default()
        };
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|bad| damaged(&bad.to_string()))?;
            let value = || {
                let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0);
                value
                    .map(std::borrow::Cow::into_owned)
                    .map_err(|bad| damaged(&bad.to_string()))
            };
            match text(attribute.key.local_name().as_ref()).as_str() {
                "name" => start.title = value()?,
                "style-name" => start.style = value()?,
                "display" => start.is_hidden = value()? == "false",
                "number-rows-repeated" | "number-columns-repeated" => {
                    start.repeats = value()?.parse().ok();
                }
                "value-type" if start.kind.is_empty() => start.kind = value()?,
                "value" | "date-value" | "time-value" | "boolean-value" | "string-value" => {
                    start.value = Some(value()?);
                }
                _ => {}
            }
        }
        Ok(start)
    }

    fn repeats(&self) -> u32 {
        self.repeats.unwrap_or(1)
    }
}

fn text(name: impl AsRef<str>) -> String {
    name.as_ref().to_owned()
}

/// A step through the document.
enum Step {
    Start(Start),
    End(String),
    Text(String),
    Done,
}

impl<R: BufRead> Document<R> {
    fn new(inner: R) -> Self {
        let mut reader = Reader::from_reader(inner);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            sheets: Vec::new(),
            cells: Cells::default(),
            style: String::new(),
            hidden: Vec::new(),
            row: 1,
        }
    }

    fn step(&mut self) -> Result<Step, Fault> {
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer);
            return Ok(match event.map_err(|bad| damaged(&bad.to_string()))? {
                Event::Start(element) => Step::Start(Start::of(&element)?),
                Event::End(element) => Step::End(text(element.local_name().as_ref())),
                Event::Text(part) => Step::Text(
                    part.xml_content(quick_xml::XmlVersion::Explicit1_0)
                        .into_owned(),
                ),
                Event::CData(part) => Step::Text(
                    part.xml_content(quick_xml::XmlVersion::Explicit1_0)
                        .into_owned(),
                ),
                Event::GeneralRef(name) => Step::Text(reference(&text(name.as_ref()))),
                Event::Eof => Step::Done,
                Event::Empty(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_) => continue,
            });
        }
    }

    fn read(&mut self) -> Result<(), Fault> {
        loop {
            match self.step()? {
                Step::Start(start) => self.start(start)?,
                Step::End(_) | Step::Text(_) => {}
                Step::Done => return Ok(()),
            }
        }
    }

    fn start(&mut self, start: Start) -> Result<(), Fault> {
        match start.name.as_str() {
            "style" => self.style = start.title,
            "table-properties" if start.is_hidden => self.hidden.push(self.style.clone()),
            "table" => {
                let is_hidden = self.hidden.contains(&start.style);
                self.sheets.push(sheet(&start.title, is_hidden));
                self.row = 1;
            }
            "table-row" => self.row(start.repeats())?,
            _ => {}
        }
        Ok(())
    }

    fn row(&mut self, repeats: u32) -> Result<(), Fault> {
        let mut cells: Vec<Cell<'static>> = Vec::new();
        // Empty cells, which count only if one that is not follows.
        let mut empty = 0;
        loop {
            match self.step()? {
                Step::Start(start)
                    if matches!(start.name.as_str(), "table-cell" | "covered-table-cell") =>
                {
                    let times = usize::try_from(start.repeats()).unwrap_or(usize::MAX);
                    let value = self.cell(&start)?;
                    if value.is_blank() {
                        empty += times;
                        continue;
                    }
                    let width = cells.len().saturating_add(empty).saturating_add(times);
                    if width > COLUMNS_MAX {
                        return Err(far(width - 1, self.row));
                    }
                    cells.resize(cells.len() + empty, Cell::Empty);
                    cells.resize(width, value);
                    empty = 0;
                }
                Step::End(name) if name == "table-row" => break,
                Step::Done => return Err(damaged("it ends within a row")),
                Step::Start(_) | Step::End(_) | Step::Text(_) => {}
            }
        }
        self.put(&cells, repeats)
    }

    fn put(&mut self, cells: &[Cell<'static>], repeats: u32) -> Result<(), Fault> {
        let Some(sheet) = self.sheets.last_mut() else {
            return Err(damaged("a row stands outside of a sheet"));
        };
        if !cells.is_empty() {
            let times = usize::try_from(repeats).unwrap_or(usize::MAX);
            self.cells.add(times.saturating_mul(cells.len()))?;
            for at in 0..repeats {
                sheet
                    .rows
                    .push((self.row.saturating_add(at), cells.to_vec()));
            }
        }
        self.row = self.row.saturating_add(repeats).min(ROWS_MAX + 1);
        Ok(())
    }

    /// Reads a cell to its end. Its text is that of its paragraphs, without notes.
    fn cell(&mut self, start: &Start) -> Result<Cell<'static>, Fault> {
        let mut shown = String::new();
        let (mut notes, mut paragraphs) = (0, 0);
        loop {
            match self.step()? {
                Step::End(name) if name == start.name => break,
                Step::Start(inner) => match inner.name.as_str() {
                    "annotation" => notes += 1,
                    "p" if notes == 0 => {
                        if paragraphs > 0 {
                            shown.push('\n');
                        }
                        paragraphs += 1;
                    }
                    "s" if notes == 0 => shown.push(' '),
                    "tab" if notes == 0 => shown.push('\t'),
                    "line-break" if notes == 0 => shown.push('\n'),
                    _ => {}
                },
                Step::End(name) if name == "annotation" => notes -= 1,
                Step::Text(text) if notes == 0 && paragraphs > 0 => shown.push_str(&text),
                Step::Done => return Err(damaged("it ends within a cell")),
                Step::End(_) | Step::Text(_) => {}
            }
        }
        Ok(value(start, shown))
    }
}

fn reference(name: &str) -> String {
    let code = name
        .strip_prefix('#')
        .and_then(|code| match code.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => code.parse().ok(),
        });
    match (code.and_then(char::from_u32), name) {
        (Some(c), _) => c.to_string(),
        (None, "amp") => "&".to_owned(),
        (None, "lt") => "<".to_owned(),
        (None, "gt") => ">".to_owned(),
        (None, "quot") => "\"".to_owned(),
        (None, "apos") => "'".to_owned(),
        (None, _) => String::new(),
    }
}

fn value(start: &Start, shown: String) -> Cell<'static> {
    let given = start.value.as_deref().unwrap_or_default();
    match start.kind.as_str() {
        "float" | "percentage" | "currency" => given
            .parse()
            .map_or_else(|_| text_cell(shown), Cell::Number),
        "time" => duration(given).map_or_else(|| text_cell(shown), Cell::Number),
        "date" => text_cell(given.to_owned()),
        "string" if start.value.is_some() && shown.is_empty() => text_cell(given.to_owned()),
        // A formula that failed has no kind, and shows its error.
        "" if shown.starts_with('#') && shown.len() > 1 => Cell::Error(shown),
        _ => text_cell(shown),
    }
}

/// `PT17H30M00S` as a part of a day.
fn duration(text: &str) -> Option<f64> {
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0.0;
    for (unit, length) in [('H', 3_600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, after)) = rest.split_once(unit) {
            seconds += number.replace(',', ".").parse::<f64>().ok()? * length;
            rest = after;
        }
    }
    rest.is_empty().then_some(seconds / 86_400.0)
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn lengths_are_parts_of_a_day() {
        for (text, hours) in [
            ("PT17H30M00S", 17.5),
            ("PT24H", 24.0),
            ("PT30M", 0.5),
            ("PT06H00M00.000S", 6.0),
        ] {
            let read = duration(text).unwrap() * 24.0;
            assert!((read - hours).abs() < 1e-9, "{text}: {read}");
        }
        assert_eq!((duration("P1D"), duration("PT1X")), (None, None));
    }
}
