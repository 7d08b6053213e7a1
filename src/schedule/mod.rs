//! Schedules: files of shifts read and checked, compared and written. Bytes in and out, no clock, no store.
//!
//! A file is CSV (in UTF-8, UTF-16 or Windows-1252), a workbook (XLSX or ODS) or an agent's iCalendar. Its local times are
//! those of a zone that is named. An end that is not after the start is on the next day; 24:00 is midnight at the end of the
//! day. A local time that does not exist is an error; of one that exists twice the first is taken, and a warning says so.
//! Every problem is told with its row, not the first alone.

mod build;
mod cell;
mod check;
mod column;
pub mod coverage;
mod date;
mod diff;
mod encoding;
pub mod export;
mod guard;
mod header;
mod ical;
mod law;
mod limits;
mod local;
mod moment;
mod names;
mod parts;
mod places;
mod problem;
mod segments;
mod shift;
mod split;
mod table;
mod titles;
mod who;
mod words;
mod workbook;

use std::sync::Arc;

use jiff::civil;

pub use column::{BadMapping, Mapping};
pub use coverage::Coverage;
pub use diff::Diff;
pub use encoding::Charset;
pub use law::{LabourFinding, labour};
pub use limits::{Content, Limits, PACKED_BYTES_MAX, Refused, Scan};
pub use names::Known;
pub use problem::{Kind, PROBLEMS_KEPT, Problem, Problems, Severity};
use problem::{Place, fault};
pub use shift::{Segment, SegmentKind, Shift};

use crate::calendar::zone::Zone;

/// The rule of ends, as it is told with every reading.
pub const RULE: &str =
    "an end not after the start is on the next day; 24:00 is midnight at the end of the day";

/// How a file is to be read.
#[derive(Clone, Debug)]
pub struct Options {
    /// The zone of its local times.
    pub zone: Zone,
    /// Its encoding, else it is found.
    pub charset: Option<Charset>,
    /// Its separator, one of `,` `;` tab `|`, else it is found.
    pub separator: Option<char>,
    /// The sheet of a workbook, else the first with titles.
    pub sheet: Option<String>,
    /// The agent whose calendar it is.
    pub agent: Option<String>,
    /// The last day to which repetitions of a calendar are followed, else two years from their first.
    pub until: Option<civil::Date>,
    /// Titles of its own.
    pub mapping: Mapping,
    /// What the house knows.
    pub known: Known,
    /// How large it may be.
    pub limits: Limits,
}

impl Options {
    /// Local times of this zone, all else found or as usual.
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            charset: None,
            separator: None,
            sheet: None,
            agent: None,
            until: None,
            mapping: Mapping::default(),
            known: Known::default(),
            limits: Limits::default(),
        }
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table of text.
    Csv,
    /// A workbook of Excel since 2007.
    Xlsx,
    /// A workbook of `OpenDocument`.
    Ods,
    /// A calendar.
    ICalendar,
}

impl Format {
    /// Its word: `csv`, `xlsx`, `ods` or `icalendar`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Ods => "ods",
            Self::ICalendar => "icalendar",
        }
    }
}

/// What was read of a file.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Its name.
    pub file: Arc<str>,
    /// What it is, if that could be told.
    pub format: Option<Format>,
    /// The encoding of a text.
    pub charset: Option<Charset>,
    /// The separator of a table of text.
    pub separator: Option<char>,
    /// The sheet of a workbook.
    pub sheet: Option<Arc<str>>,
    /// The row of titles.
    pub header_row: Option<u32>,
    /// The shifts of rows without errors, in the order of the file.
    pub shifts: Vec<Shift>,
    /// What is wrong, by row.
    pub problems: Problems,
}

/// Is told how far it is: units done, and of how many.
pub type Watch<'w> = &'w mut dyn FnMut(usize, usize);

/// Reads a file. What it is is told by its content; a name that says otherwise is a problem.
pub fn read(file: &str, bytes: &[u8], options: &Options, watch: Watch<'_>) -> Reading {
    let mut scan = Scan::new(options.limits);
    if let Err(refusal) = scan.push(bytes).and_then(|()| scan.end()) {
        return refused(file, refusal);
    }
    let mut reading = table::blank(file, None);
    let content = Content::of(bytes);
    if bytes.is_empty() {
        reading.problems.error(Place::default(), header::empty());
        return reading;
    }
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_text = !matches!(content, Content::Zip | Content::Compound);
    if is_text
        && ["xlsx", "xlsm", "ods"]
            .iter()
            .any(|name| extension.eq_ignore_ascii_case(name))
    {
        let text = "the file is named as a workbook, but is none: it is text";
        let right = "save it as a workbook, or name it .csv or .ics";
        reading
            .problems
            .error(Place::default(), fault(Kind::Format, text, right));
        return reading;
    }
    match content {
        Content::Zip => workbook::read(bytes, options, reading, watch),
        Content::Compound => {
            reading
                .problems
                .error(Place::default(), workbook::compound(bytes));
            reading
        }
        Content::Calendar => {
            reading.format = Some(Format::ICalendar);
            ical::read(bytes, options, reading)
        }
        Content::Text | Content::Utf16Le | Content::Utf16Be => {
            reading.format = Some(Format::Csv);
            table::read_text(bytes, options, reading, watch)
        }
    }
}

/// The reading of a file that is refused by its bytes alone.
pub fn refused(file: &str, refusal: Refused) -> Reading {
    let mut reading = table::blank(file, None);
    let place = Place {
        row: refusal.row,
        ..Place::default()
    };
    reading.problems.error(place, refusal.fault);
    reading
}
