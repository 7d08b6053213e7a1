//! A shift, and its parts that are not on the phone.

use std::sync::Arc;

use jiff::Timestamp;

/// What an agent does in a part of a shift. What no segment covers is on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SegmentKind {
    /// Takes calls.
    Phone,
    /// Does not work.
    Break,
    /// Is trained.
    Training,
    /// Meets others.
    Meeting,
    /// May be called in a peak.
    OnCall,
}

impl SegmentKind {
    /// Every kind with its word, and the French one.
    pub(super) const WORDS: [(Self, &'static str, &'static str); 5] = [
        (Self::Phone, "phone", "telephone"),
        (Self::Break, "break", "pause"),
        (Self::Training, "training", "formation"),
        (Self::Meeting, "meeting", "reunion"),
        (Self::OnCall, "on_call", "astreinte"),
    ];

    /// Its word: `phone`, `break`, `training`, `meeting` or `on_call`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Break => "break",
            Self::Training => "training",
            Self::Meeting => "meeting",
            Self::OnCall => "on_call",
        }
    }
}

/// A part of a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// What the agent does.
    pub kind: SegmentKind,
    /// Its beginning, not before that of the shift.
    pub start: Timestamp,
    /// Its end, not after that of the shift.
    pub end: Timestamp,
}

/// A planned working time of an agent. Names are shared between shifts: a clone is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The agent's id, as the file has it.
    pub agent: Arc<str>,
    /// The agent's name, empty if the file has none.
    pub name: Arc<str>,
    /// Its beginning.
    pub start: Timestamp,
    /// Its end, after the beginning.
    pub end: Timestamp,
    /// Skills that the shift is planned for, in the order of the file.
    pub skills: Arc<[Arc<str>]>,
    /// The site, empty if the file has none.
    pub site: Arc<str>,
    /// Its parts that are not on the phone, by time, without overlaps.
    pub segments: Arc<[Segment]>,
    /// The row of the file, as a spreadsheet counts it; in a calendar the line where the event begins.
    pub row: u32,
}

impl Shift {
    /// Its length in seconds.
    pub fn seconds(&self) -> i64 {
        self.end.as_second() - self.start.as_second()
    }
}
