//! From the rows of a table to shifts.

use std::sync::Arc;

use jiff::{Timestamp, civil};

use super::{
    Options,
    cell::{Cell, DAY, Epoch},
    date,
    header::Header,
    local::{self, Local},
    moment::{self, Moment},
    names::Names,
    parts,
    places::Places,
    problem::{Fault, Kind, Place, Problems, fault},
    shift::{Segment, SegmentKind, Shift},
};
use crate::calendar::zone::Existence;

/// Hours that a shift may last, without its parts on call.
pub(super) const SHIFT_HOURS_MAX: i64 = 16;

/// A local day and seconds since its midnight, or an instant with the local time it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) date: civil::Date,
    pub(super) seconds: i64,
    pub(super) instant: Option<i64>,
}

/// Reads rows one after another.
pub(super) struct Builder<'o> {
    pub(super) options: &'o Options,
    titles: Vec<Arc<str>>,
    pub(super) places: Places,
    pub(super) local: Local,
    pub(super) names: Names,
    pub(super) epoch: Epoch,
    pub(super) problems: Problems,
    pub(super) shifts: Vec<Shift>,
    /// The number of each shift's agent.
    pub(super) agents: Vec<u32>,
    no_segments: Arc<[Segment]>,
    /// The last sets of skills and sites: neighbours often share them.
    pub(super) last_site: Arc<str>,
    pub(super) last_skills: (String, Arc<[Arc<str>]>),
    pub(super) strange_kinds: Vec<String>,
}

impl<'o> Builder<'o> {
    pub(super) fn new(
        header: &Header,
        options: &'o Options,
        epoch: Epoch,
        problems: Problems,
    ) -> Self {
        Self {
            options,
            titles: header
                .columns
                .iter()
                .map(|column| Arc::clone(&column.title))
                .collect(),
            places: Places::of(header),
            local: Local::of(&options.zone),
            names: Names::default(),
            epoch,
            problems,
            shifts: Vec::new(),
            agents: Vec::new(),
            no_segments: Arc::from([]),
            last_site: Arc::from(""),
            last_skills: (String::new(), Arc::from([])),
            strange_kinds: Vec::new(),
        }
    }

    /// Reads a row below the titles.
    pub(super) fn row(&mut self, row: u32, cells: &[Cell<'_>]) {
        if cells.iter().all(Cell::is_blank) {
            return;
        }
        let before = self.problems.errors();
        self.check_width(row, cells);
        let agent = self.agent(row, cells);
        let start = self.start(row, cells);
        let end = self.end(row, cells, start);
        self.check_day(row, cells, start);
        let span = start.zip(end);
        let begin = start.and_then(|start| self.instant(row, cells, self.places.start, start));
        let finish = end.and_then(|end| self.instant(row, cells, self.places.end, end));
        let mut segments = Arc::clone(&self.no_segments);
        if let (Some((start, _)), Some(begin), Some(finish)) = (span, begin, finish) {
            let read = parts::read(self, row, cells, start, (begin, finish));
            if !read.is_empty() {
                segments = read.into();
            }
            self.check_length(row, cells, (begin, finish), &segments);
        }
        let skills = self.skills(row, cells);
        let site = self.site(row, cells);
        let (Some(agent), Some(begin), Some(finish)) = (agent, begin, finish) else {
            return;
        };
        let name = self.name(row, cells, agent);
        if self.problems.errors() != before {
            return;
        }
        self.agents.push(agent);
        self.shifts.push(Shift {
            agent: Arc::clone(&self.names.list[agent as usize].id),
            name,
            start: second(begin),
            end: second(finish),
            skills,
            site,
            segments,
            row,
        });
    }

    /// The titles of the columns of agents and of beginnings.
    pub(super) fn key_titles(&self) -> (Arc<str>, Arc<str>) {
        let title = |at: Option<usize>| at.and_then(|at| self.titles.get(at)).cloned();
        let title = |at| title(at).unwrap_or_default();
        (title(self.places.agent), title(self.places.start))
    }

    /// The place of a cell, with its value as it stands.
    pub(super) fn place(&self, row: u32, at: usize, value: Option<&Cell<'_>>) -> Place {
        let place = Place::row(row);
        let place = match self.titles.get(at) {
            Some(title) => place.column(title),
            None => place,
        };
        match value {
            Some(cell) if !cell.is_blank() => place.value(shown(cell, self.epoch)),
            Some(_) | None => place,
        }
    }

    pub(super) fn error(&mut self, row: u32, at: usize, cells: &[Cell<'_>], fault: Fault) {
        let place = self.place(row, at, cells.get(at));
        self.problems.error(place, fault);
    }

    fn check_width(&mut self, row: u32, cells: &[Cell<'_>]) {
        let beyond = cells.iter().skip(self.places.width);
        let Some(cell) = beyond.into_iter().find(|cell| !cell.is_blank()) else {
            return;
        };
        let text = format!(
            "the row has a cell behind the last of the {} columns",
            self.places.width
        );
        let right = "a value with the separator in it stands within quotes";
        self.problems.error(
            Place::row(row).value(shown(cell, self.epoch)),
            fault(Kind::Row, text, right),
        );
    }

    fn agent(&mut self, row: u32, cells: &[Cell<'_>]) -> Option<u32> {
        let at = self.places.agent?;
        let cell = self.needed(row, cells, at, "the agent's id")?;
        if let Cell::Error(_) = cell {
            self.error(
                row,
                at,
                cells,
                fault(Kind::Name, "is the error of a formula", "the agent's id"),
            );
            return None;
        }
        let agent = self.names.agent(&cell.text(), row, &self.options.known);
        if let Some(fault) = self.names.list[agent as usize].fault.clone() {
            self.error(row, at, cells, fault);
        }
        Some(agent)
    }

    /// A cell that may not be blank.
    fn needed<'c, 't>(
        &mut self,
        row: u32,
        cells: &'c [Cell<'t>],
        at: usize,
        what: &str,
    ) -> Option<&'c Cell<'t>> {
        let cell = cells.get(at).filter(|cell| !cell.is_blank());
        if cell.is_none() {
            self.error(row, at, cells, fault(Kind::MissingValue, "is empty", what));
        }
        cell
    }

    fn moment(&mut self, row: u32, cells: &[Cell<'_>], at: usize) -> Option<Moment> {
        match moment::read(cells.get(at)?, self.epoch) {
            Ok(moment) => Some(moment),
            Err(fault) => {
                self.error(row, at, cells, fault);
                None
            }
        }
    }

    /// The date of a column of dates.
    fn date(&mut self, row: u32, cells: &[Cell<'_>], at: usize) -> Option<civil::Date> {
        let right = "a date like 2026-03-02 or 02/03/2026";
        match self.moment(row, cells, at)? {
            Moment::Date(date) | Moment::Local(date, 0) if !date::is_epoch(date.year()) => {
                Some(date)
            }
            Moment::Date(_) | Moment::Time(_) => {
                self.error(
                    row,
                    at,
                    cells,
                    fault(Kind::Date, "is no date of a schedule", right),
                );
                None
            }
            Moment::Local(..) | Moment::Instant(_) => {
                self.error(
                    row,
                    at,
                    cells,
                    fault(Kind::Date, "holds a time besides the date", right),
                );
                None
            }
        }
    }

    fn start(&mut self, row: u32, cells: &[Cell<'_>]) -> Option<Clock> {
        let at = self.places.start?;
        let dated = self
            .places
            .date
            .filter(|date| cells.get(*date).is_some_and(|cell| !cell.is_blank()));
        let date = dated.map(|date| self.date(row, cells, date));
        let right = "the time at which the shift begins, like 17:30";
        let moment = self
            .needed(row, cells, at, right)
            .is_some()
            .then(|| self.moment(row, cells, at));
        let clock = match moment.flatten() {
            Some(Moment::Time(_)) if date.is_none() => {
                let column = self.places.date.unwrap_or(at);
                let fault = fault(
                    Kind::MissingValue,
                    "the shift has no date",
                    "a date like 2026-03-02 or 02/03/2026",
                );
                self.error(row, column, cells, fault);
                None
            }
            Some(Moment::Time(seconds)) => self.clock(row, cells, at, date.flatten()?, seconds),
            Some(moment) => self.dated(row, cells, at, moment),
            None if date.is_none() && self.places.date.is_some() => {
                let column = self.places.date.unwrap_or(at);
                self.error(
                    row,
                    column,
                    cells,
                    fault(
                        Kind::MissingValue,
                        "is empty",
                        "a date like 2026-03-02 or 02/03/2026",
                    ),
                );
                None
            }
            None => None,
        }?;
        if let Some(Some(date)) = date.filter(|date| *date != Some(clock.date)) {
            let text = format!("is on another day than the date of the row, {date}");
            self.error(
                row,
                at,
                cells,
                fault(Kind::Date, text, "one and the same day, or the time alone"),
            );
            return None;
        }
        Some(clock)
    }

    fn clock(
        &mut self,
        row: u32,
        cells: &[Cell<'_>],
        at: usize,
        date: civil::Date,
        seconds: i64,
    ) -> Option<Clock> {
        if seconds >= 2 * DAY {
            self.error(
                row,
                at,
                cells,
                fault(Kind::Time, "is no time of day", "a time like 17:30"),
            );
            return None;
        }
        Some(Clock {
            date,
            seconds,
            instant: None,
        })
    }

    /// A moment that carries its day.
    fn dated(&mut self, row: u32, cells: &[Cell<'_>], at: usize, moment: Moment) -> Option<Clock> {
        let is_number = matches!(cells.get(at), Some(Cell::Number(_)));
        match moment {
            Moment::Local(date, seconds) if !date::is_epoch(date.year()) => Some(Clock {
                date,
                seconds,
                instant: None,
            }),
            // A cell at midnight looks like one with a date alone.
            Moment::Date(date) if is_number => Some(Clock {
                date,
                seconds: 0,
                instant: None,
            }),
            Moment::Instant(instant) => {
                let local = self.local.zone().local(instant);
                let seconds = i64::from(local.hour()) * 3_600
                    + i64::from(local.minute()) * 60
                    + i64::from(local.second());
                Some(Clock {
                    date: local.date(),
                    seconds,
                    instant: Some(instant.as_second()),
                })
            }
            Moment::Date(_) | Moment::Local(..) | Moment::Time(_) => {
                self.error(
                    row,
                    at,
                    cells,
                    fault(Kind::Time, "is a day without a time", "a time like 17:30"),
                );
                None
            }
        }
    }

    /// The end, on the day of the beginning if it is after it, else on the next day.
    fn end(&mut self, row: u32, cells: &[Cell<'_>], start: Option<Clock>) -> Option<Clock> {
        let at = self.places.end?;
        self.needed(
            row,
            cells,
            at,
            "the time at which the shift ends, like 21:30",
        )?;
        let moment = self.moment(row, cells, at)?;
        let column = self
            .places
            .end_date
            .filter(|date| cells.get(*date).is_some_and(|cell| !cell.is_blank()));
        let date = match column {
            Some(column) => Some(self.date(row, cells, column)?),
            None => None,
        };
        match (moment, date) {
            (Moment::Time(seconds), Some(date)) => self.clock(row, cells, at, date, seconds),
            (Moment::Time(seconds), None) => {
                let start = start?;
                let days = i64::from(seconds <= start.seconds) * DAY;
                let date = start.date;
                Some(Clock {
                    date,
                    seconds: seconds + days,
                    instant: None,
                })
            }
            (moment, _) => self.dated(row, cells, at, moment),
        }
    }

    /// The instant of a clock's time; tells of one that does not exist, or exists twice.
    pub(super) fn instant(
        &mut self,
        row: u32,
        cells: &[Cell<'_>],
        at: Option<usize>,
        clock: Clock,
    ) -> Option<i64> {
        if let Some(instant) = clock.instant {
            return Some(instant);
        }
        // The end of a day is that of the day it belongs to, also if the next one begins with a gap.
        let (date, seconds) = match clock.seconds {
            seconds if seconds > DAY => (next(clock.date), seconds - DAY),
            seconds => (clock.date, seconds),
        };
        let (instant, existence) = self.local.at(date, seconds);
        if existence == Existence::Once {
            return Some(instant);
        }
        let at = at?;
        let place = self.place(row, at, cells.get(at));
        if existence == Existence::Missing {
            self.problems
                .error(place, local::missing(self.local.zone(), instant));
            return None;
        }
        self.problems
            .warning(place, local::repeated(self.local.zone(), instant));
        Some(instant)
    }

    fn check_length(
        &mut self,
        row: u32,
        cells: &[Cell<'_>],
        (begin, finish): (i64, i64),
        segments: &[Segment],
    ) {
        let Some(at) = self.places.end else { return };
        let right = format!("an end after the beginning, and at most {SHIFT_HOURS_MAX} h later");
        if finish <= begin {
            self.error(
                row,
                at,
                cells,
                fault(
                    Kind::Length,
                    "the shift ends no later than it begins",
                    right,
                ),
            );
            return;
        }
        let on_call = segments
            .iter()
            .filter(|part| part.kind == SegmentKind::OnCall);
        let on_call: i64 = on_call
            .map(|part| part.end.as_second() - part.start.as_second())
            .sum();
        if finish - begin - on_call > SHIFT_HOURS_MAX * 3_600 {
            let length = hours(finish - begin);
            let text = format!(
                "the shift lasts {length}: an end not after the beginning is on the next day"
            );
            self.error(row, at, cells, fault(Kind::Length, text, right));
        }
    }

    /// A column with the name of the weekday must agree with the date.
    fn check_day(&mut self, row: u32, cells: &[Cell<'_>], start: Option<Clock>) {
        let (Some(at), Some(start)) = (self.places.day, start) else {
            return;
        };
        let named = cells.get(at).and_then(|cell| date::weekday(&cell.text()));
        if named.is_some_and(|named| named != start.date.weekday()) {
            let text = format!("{} is another day of the week", start.date);
            self.error(
                row,
                at,
                cells,
                fault(Kind::Date, text, "the weekday of the date"),
            );
        }
    }
}

pub(super) fn next(date: civil::Date) -> civil::Date {
    date.tomorrow().unwrap_or(date)
}

pub(super) fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap_or(Timestamp::MIN)
}

/// A length in hours and minutes.
pub(super) fn hours(seconds: i64) -> String {
    format!("{} h {:02}", seconds / 3_600, seconds / 60 % 60)
}

/// A value as the user sees it: a number of a workbook that is a time as a time.
fn shown(cell: &Cell<'_>, epoch: Epoch) -> String {
    let Cell::Number(_) = cell else {
        return cell.text().into_owned();
    };
    let clock = |seconds: i64| format!("{:02}:{:02}", seconds / 3_600, seconds / 60 % 60);
    match moment::read(cell, epoch) {
        Ok(Moment::Time(seconds)) => clock(seconds),
        Ok(Moment::Date(date)) => date.to_string(),
        Ok(Moment::Local(date, seconds)) => format!("{date} {}", clock(seconds)),
        Ok(Moment::Instant(_)) | Err(_) => cell.text().into_owned(),
    }
}
