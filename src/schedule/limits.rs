//! How large a file may be, and the look at its bytes before anything is kept or parsed.

use memchr::memchr3;

use super::problem::{Fault, Kind, fault};

/// Rows above the first shift that are looked through for a header.
pub(super) const HEADER_ROWS: u32 = 30;
/// Bytes of a workbook or a calendar.
pub const PACKED_BYTES_MAX: u64 = 16 << 20;
/// Bytes that a workbook unpacks to.
pub(super) const UNPACKED_BYTES_MAX: u64 = 50 << 20;
/// Parts of a workbook.
pub(super) const PARTS_MAX: u64 = 10_000;
/// Cells of a workbook that are not empty.
pub(super) const CELLS_MAX: usize = 1_000_000;
/// Columns of a table.
pub(super) const COLUMNS_MAX: usize = 256;
/// Bytes of a row without quotes.
const ROW_BYTES_MAX: u64 = 1 << 20;
/// Bytes between two quotes.
pub(super) const QUOTED_BYTES_MAX: u64 = 64 << 10;
/// Bytes that tell what a file is.
const HEAD_BYTES: usize = 1_024;

/// The limits that a house may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows of a table, or occurrences in a calendar.
    pub max_rows: u32,
    /// Bytes of a text file.
    pub max_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_rows: 2_000_000,
            max_bytes: 512 << 20,
        }
    }
}

/// What a file is by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// An archive: XLSX or ODS.
    Zip,
    /// A compound file: an old or a locked workbook.
    Compound,
    /// iCalendar.
    Calendar,
    /// Text in bytes.
    Text,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
}

impl Content {
    /// Tells by the beginning of a file.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [0xd0, 0xcf, 0x11, 0xe0, ..] => Self::Compound,
            [0xff, 0xfe, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] => Self::Utf16Be,
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Self::Utf16Le,
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => Self::Utf16Be,
            _ if is_calendar(head) => Self::Calendar,
            _ => Self::Text,
        }
    }
}

fn is_calendar(head: &[u8]) -> bool {
    const BEGIN: &[u8] = b"BEGIN:VCALENDAR";
    let head = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
    let head = head.trim_ascii_start();
    head.len() >= BEGIN.len() && head[..BEGIN.len()].eq_ignore_ascii_case(BEGIN)
}

/// Looks at a file's bytes as they come, in constant memory: too many bytes or rows, a row too long, a quote that stays open.
#[derive(Debug)]
pub struct Scan {
    limits: Limits,
    head: Vec<u8>,
    content: Option<Content>,
    bytes: u64,
    /// The first byte of a pair of which the second has not come yet.
    half: Option<u8>,
    row: u32,
    row_begin: u64,
    units: u64,
    quote: Option<(u64, u32)>,
    before: u8,
}

/// A file that is refused by its bytes alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub(super) row: Option<u32>,
    pub(super) fault: Fault,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}: ")?;
        }
        write!(f, "{}; {}", self.fault.message, self.fault.expected)
    }
}

fn refused(row: Option<u32>, message: String, expected: impl Into<String>) -> Refused {
    Refused {
        row,
        fault: fault(Kind::Limit, message, expected),
    }
}

impl Scan {
    /// Nothing seen yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            head: Vec::new(),
            content: None,
            bytes: 0,
            half: None,
            row: 1,
            row_begin: 0,
            units: 0,
            quote: None,
            before: b'\n',
        }
    }

    /// Refuses a file of which only the size is known.
    ///
    /// # Errors
    /// If no file may have so many bytes.
    pub fn size(&self, bytes: u64) -> Result<(), Refused> {
        let most = match self.content {
            Some(Content::Zip | Content::Compound | Content::Calendar) => PACKED_BYTES_MAX,
            Some(_) | None => self.limits.max_bytes,
        };
        if bytes <= most {
            return Ok(());
        }
        let text = format!("the file has {} MiB", bytes >> 20);
        let most = most.min(self.limits.max_bytes);
        let right = format!(
            "a table of text has at most {} MiB, a workbook or a calendar {} MiB: this one may have {}; split it",
            self.limits.max_bytes >> 20,
            PACKED_BYTES_MAX >> 20,
            most >> 20
        );
        Err(refused(None, text, right))
    }

    /// Looks at the next bytes.
    ///
    /// # Errors
    /// At the first limit that they pass.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.size(self.bytes)?;
        if self.content.is_some() {
            return self.look(bytes);
        }
        self.head.extend_from_slice(bytes);
        if self.head.len() < HEAD_BYTES {
            return Ok(());
        }
        self.begin()
    }

    /// The end of the file.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn end(&mut self) -> Result<(), Refused> {
        if self.content.is_none() {
            self.begin()?;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Refused> {
        self.content = Some(Content::of(&self.head));
        self.size(self.bytes)?;
        let head = std::mem::take(&mut self.head);
        self.look(&head)
    }

    fn look(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        match self.content {
            Some(Content::Utf16Le) => {
                let narrow = self.narrow(bytes, |[low, high]| (low, high));
                self.text(&narrow)
            }
            Some(Content::Utf16Be) => {
                let narrow = self.narrow(bytes, |[high, low]| (low, high));
                self.text(&narrow)
            }
            Some(Content::Text | Content::Calendar) => self.text(bytes),
            Some(Content::Zip | Content::Compound) | None => Ok(()),
        }
    }

    /// The characters of UTF-16 that matter here, as bytes; all others as a letter.
    fn narrow(&mut self, bytes: &[u8], order: impl Fn([u8; 2]) -> (u8, u8)) -> Vec<u8> {
        let half = self.half.take();
        let mut all = half.into_iter().chain(bytes.iter().copied());
        let mut narrow = Vec::with_capacity(bytes.len() / 2 + 1);
        while let Some(first) = all.next() {
            let Some(second) = all.next() else {
                self.half = Some(first);
                break;
            };
            let (low, high) = order([first, second]);
            narrow.push(if high == 0 { low } else { b'x' });
        }
        narrow
    }

    fn text(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let mut at = 0;
        while let Some(found) = memchr3(b'\n', b'\r', b'"', &bytes[at..]) {
            let here = at + found;
            if here > 0 {
                self.before = bytes[here - 1];
            }
            self.mark(bytes[here], self.units + here as u64)?;
            self.before = bytes[here];
            at = here + 1;
        }
        self.units += bytes.len() as u64;
        if let Some(last) = bytes.last() {
            self.before = *last;
        }
        self.check_length(self.units)
    }

    /// Works off a line's end or a quote at this place.
    fn mark(&mut self, byte: u8, at: u64) -> Result<(), Refused> {
        if byte == b'"' && self.content != Some(Content::Calendar) {
            // Within a cell a quote is a letter like others; two are one that is quoted.
            let opens = matches!(
                self.before,
                b',' | b';' | b'\t' | b'|' | b'\n' | b'\r' | b'"' | 0xbf | 0xff | b' '
            );
            self.quote = (self.quote.is_none() && opens).then_some((at, self.row));
            return Ok(());
        }
        self.check_length(at)?;
        let is_second = byte == b'\n' && self.before == b'\r';
        if self.quote.is_none() && byte != b'"' {
            self.row_begin = at + 1;
            self.row += u32::from(!is_second);
        }
        let most = self.limits.max_rows.saturating_add(HEADER_ROWS);
        if self.row - 1 > most {
            let text = format!("the file has more than {} rows", self.limits.max_rows);
            return Err(refused(
                Some(self.row - 1),
                text,
                "split it, by weeks or by teams",
            ));
        }
        Ok(())
    }

    fn check_length(&self, at: u64) -> Result<(), Refused> {
        if let Some((begin, row)) = self.quote {
            if at - begin > QUOTED_BYTES_MAX {
                let text = "a quote is opened here and not closed within 64 KiB".to_owned();
                return Err(refused(Some(row), text, "close it, or take it away"));
            }
        } else if at - self.row_begin > ROW_BYTES_MAX {
            let text = "the row is longer than 1 MiB".to_owned();
            return Err(refused(Some(self.row), text, "one shift a row"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Limits, Scan};

    fn scan(chunks: &[&[u8]], max_rows: u32) -> Result<(), (Option<u32>, String)> {
        let mut scan = Scan::new(Limits {
            max_rows,
            ..Limits::default()
        });
        let mut all = chunks.iter().try_for_each(|chunk| scan.push(chunk));
        all = all.and_then(|()| scan.end());
        all.map_err(|refused| (refused.row, refused.fault.message))
    }

    #[test]
    fn rows_are_counted_without_line_breaks_in_quotes() {
        let rows = |count: usize, end: &str| format!("a,b{end}").repeat(count);
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(scan(&[rows(40, end).as_bytes()], 10), Ok(()));
            let (row, text) = scan(&[rows(41, end).as_bytes()], 10).unwrap_err();
            assert_eq!(
                (row, text.as_str()),
                (Some(41), "the file has more than 10 rows")
            );
        }
        let quoted = "a,\"b\n\n\n\nc\"\n".repeat(40);
        assert_eq!(scan(&[quoted.as_bytes()], 10), Ok(()));
        let wide: Vec<u8> = rows(41, "\n")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let halves = wide.chunks(7).collect::<Vec<_>>();
        assert_eq!(scan(&halves, 10).unwrap_err().0, Some(41));
    }

    #[test]
    fn a_long_row_and_an_open_quote_are_refused() {
        let long = vec![b'a'; 70_000];
        let chunks: Vec<&[u8]> = std::iter::repeat_n(&long[..], 16).collect();
        let (row, text) = scan(&chunks, 10).unwrap_err();
        assert_eq!(
            (row, text.as_str()),
            (Some(1), "the row is longer than 1 MiB")
        );
        let (row, text) = scan(&[b"a;b\n1;\"x\n", &long], 10).unwrap_err();
        assert_eq!(row, Some(2));
        assert!(text.starts_with("a quote is opened"), "{text}");
        assert_eq!(
            scan(&[b"a;b\n1;5\" x\n", &long], 10),
            Ok(()),
            "a quote within a cell"
        );
    }

    #[test]
    fn a_file_is_known_by_its_beginning() {
        for (head, content) in [
            (&b"PK\x03\x04"[..], Content::Zip),
            (b"\xd0\xcf\x11\xe0\xa1", Content::Compound),
            (b"\xff\xfea\0", Content::Utf16Le),
            (b"\0a\0b", Content::Utf16Be),
            (b"\xef\xbb\xbf\nbegin:vcalendar\r\n", Content::Calendar),
            (b"agent,date", Content::Text),
            (b"", Content::Text),
        ] {
            assert_eq!(Content::of(head), content, "{head:?}");
        }
    }
}
