//! From text to rows of cells.
//!
//! Not the `csv` crate, because a planner must be told what it passes over in silence: a quote that is never closed, text
//! behind a closing quote, and on which row of a spreadsheet a cell stands, where blank lines count and line breaks within
//! quotes do not. Cells are slices of the text. Where both read a table, tests hold them alike.

use std::borrow::Cow;

use memchr::{memchr, memchr3};

use super::{
    limits::QUOTED_BYTES_MAX,
    problem::{Fault, Kind, fault},
};

/// Separators that are looked for.
pub(super) const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Rows of a text.
#[derive(Clone, Debug)]
pub(super) struct Rows<'t> {
    text: &'t str,
    at: usize,
    separator: u8,
    row: u32,
}

impl<'t> Rows<'t> {
    /// The rows of a text. A separator is one byte of ASCII.
    pub(super) fn of(text: &'t str, separator: u8) -> Self {
        Self {
            text,
            at: 0,
            separator,
            row: 0,
        }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Reads the next row into `cells`, and answers its number, from 1. After a fault it goes on with the next line.
    pub(super) fn next(
        &mut self,
        cells: &mut Vec<Cow<'t, str>>,
    ) -> Option<(u32, Result<(), Fault>)> {
        cells.clear();
        if self.at >= self.text.len() {
            return None;
        }
        self.row += 1;
        let begin = self.at;
        let read = self.cells(cells);
        if read.is_err() {
            self.at = begin;
            self.skip_line();
        }
        Some((self.row, read))
    }

    fn cells(&mut self, cells: &mut Vec<Cow<'t, str>>) -> Result<(), Fault> {
        loop {
            let cell = self.cell()?;
            cells.push(cell);
            match self.text.as_bytes().get(self.at) {
                Some(byte) if *byte == self.separator => self.at += 1,
                Some(_) => {
                    self.end_line();
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
    }

    /// Reads up to the next separator, line's end or the end of the text.
    fn cell(&mut self) -> Result<Cow<'t, str>, Fault> {
        let rest = &self.text[self.at..];
        if rest.starts_with('"') {
            return self.quoted();
        }
        let end = memchr3(self.separator, b'\n', b'\r', rest.as_bytes());
        let cell = &rest[..end.unwrap_or(rest.len())];
        self.at += cell.len();
        Ok(Cow::Borrowed(cell))
    }

    fn quoted(&mut self) -> Result<Cow<'t, str>, Fault> {
        self.at += 1;
        let begin = self.at;
        let bytes = self.text.as_bytes();
        let mut parts: Option<String> = None;
        let mut from = begin;
        loop {
            let found = memchr(b'"', &bytes[self.at..]);
            let far = usize::try_from(QUOTED_BYTES_MAX).unwrap_or(usize::MAX);
            let Some(close) = found
                .map(|found| self.at + found)
                .filter(|at| at - begin <= far)
            else {
                let text = "a quote is opened in this row and never closed";
                return Err(fault(Kind::Row, text, "close it, or take it away"));
            };
            if bytes.get(close + 1) == Some(&b'"') {
                let whole = parts.get_or_insert_default();
                whole.push_str(&self.text[from..=close]);
                self.at = close + 2;
                from = self.at;
                continue;
            }
            self.at = close + 1;
            self.skip_blanks();
            return match bytes.get(self.at) {
                Some(byte) if *byte != self.separator && !matches!(byte, b'\n' | b'\r') => {
                    let text = "text stands behind a closing quote, or a quote is not closed";
                    Err(fault(Kind::Row, text, "write a quote within quotes twice"))
                }
                _ => Ok(match parts {
                    Some(mut whole) => {
                        whole.push_str(&self.text[from..close]);
                        Cow::Owned(whole)
                    }
                    None => Cow::Borrowed(&self.text[begin..close]),
                }),
            };
        }
    }

    fn skip_blanks(&mut self) {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at) == Some(&b' ') && self.separator != b' ' {
            self.at += 1;
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        self.end_line();
    }

    fn end_line(&mut self) {
        let bytes = self.text.as_bytes();
        if bytes.get(self.at) == Some(&b'\r') {
            self.at += 1;
        } else if bytes.get(self.at) == Some(&b'\n') {
            self.at += 1;
            return;
        }
        if bytes.get(self.at) == Some(&b'\n') {
            self.at += 1;
        }
    }
}

/// The separator that a first line `sep=;` names, as spreadsheets write it, and the text after that line.
pub(super) fn named_separator(text: &str) -> (Option<char>, &str) {
    let line = text.split(['\r', '\n']).next().unwrap_or(text);
    let inner = line.trim_matches('"');
    let named = inner
        .get(..4)
        .filter(|start| start.eq_ignore_ascii_case("sep="));
    let separator = named.and_then(|_| inner[4..].chars().next());
    let Some(separator) = separator.filter(|c| SEPARATORS.contains(c)) else {
        return (None, text);
    };
    let rest = &text[line.len()..];
    let rest = rest.strip_prefix('\r').unwrap_or(rest);
    (Some(separator), rest.strip_prefix('\n').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::{Rows, named_separator};

    type Read = Vec<(u32, Result<Vec<String>, String>)>;

    fn read(text: &str, separator: u8) -> Read {
        let mut rows = Rows::of(text, separator);
        let (mut cells, mut all) = (Vec::new(), Vec::new());
        while let Some((row, read)) = rows.next(&mut cells) {
            let cells = cells.iter().map(|cell: &Cow<'_, str>| cell.to_string());
            all.push((
                row,
                read.map(|()| cells.collect())
                    .map_err(|fault| fault.message),
            ));
        }
        all
    }

    fn good(row: u32, cells: &[&str]) -> (u32, Result<Vec<String>, String>) {
        (
            row,
            Ok(cells.iter().map(|cell| (*cell).to_owned()).collect()),
        )
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_does() {
        let text = "a;\"b;\"\"c\nd\"\r\n\r\ne;f 5\" g;\rh\n";
        let rows = [
            good(1, &["a", "b;\"c\nd"]),
            good(2, &[""]),
            good(3, &["e", "f 5\" g", ""]),
            good(4, &["h"]),
        ];
        assert_eq!(read(text, b';'), rows);
        assert_eq!(read("", b','), []);
        assert_eq!(read("a,", b','), [good(1, &["a", ""])]);
    }

    #[test]
    fn a_bad_quote_costs_its_own_row_only() {
        let rows = read("a,b\n\"c,d\ne,f\n\"g\"h,i\nj,k", b',');
        assert_eq!(rows.len(), 5);
        for bad in [1, 3] {
            assert!(rows[bad].1.is_err(), "{rows:?}");
        }
        assert_eq!(
            [&rows[2], &rows[4]],
            [&good(3, &["e", "f"]), &good(5, &["j", "k"])]
        );
        assert!(
            read("a\n\"b", b',')[1]
                .1
                .as_ref()
                .unwrap_err()
                .contains("never closed")
        );
    }

    #[test]
    fn a_first_line_may_name_the_separator() {
        assert_eq!(named_separator("sep=;\r\na;b"), (Some(';'), "a;b"));
        assert_eq!(named_separator("\"SEP=|\"\na"), (Some('|'), "a"));
        assert_eq!(named_separator("sep=x\na"), (None, "sep=x\na"));
        assert_eq!(named_separator("é"), (None, "é"));
    }

    proptest! {
        #[test]
        fn tables_are_read_as_the_csv_crate_reads_them(
            table in proptest::collection::vec(proptest::collection::vec("[a-z,;\"\n\r é]{0,6}", 1..5), 0..8)
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let rows: Vec<Vec<String>> = read(&text, b',').into_iter().map(|(_, row)| row.unwrap()).collect();
            prop_assert_eq!(rows, table);
        }

        #[test]
        fn any_text_is_read_to_its_end(text in "[ab,\"\n\r\t ]{0,60}") {
            let lines = text.split_inclusive(['\n', '\r']).count();
            prop_assert!(read(&text, b',').len() <= lines.max(1));
        }
    }
}
