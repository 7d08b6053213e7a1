//! From events to their occurrences: repetitions, exceptions, changed and cancelled ones.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan, civil};

use super::{
    OCCURRENCES_MAX,
    event::{Calendar, End, Event},
    rule::{DAYS_USUAL, Rule},
    when::{self, Length, When, Zones},
};
use crate::{
    calendar::zone::{Existence, Zone},
    schedule::{
        Options, Segment, SegmentKind,
        build::SHIFT_HOURS_MAX,
        local,
        problem::{Fault, Kind, Place, Problems, fault},
    },
};

/// An occurrence of an event.
#[derive(Debug)]
pub(super) struct Occurrence<'c> {
    pub(super) event: &'c Event,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) segments: Vec<Segment>,
}

/// All occurrences of a calendar.
#[derive(Debug)]
pub(super) struct Expansion<'c> {
    pub(super) occurrences: Vec<Occurrence<'c>>,
}

struct Expander<'c, 'p> {
    zones: &'c Zones,
    options: &'c Options,
    problems: &'p mut Problems,
    occurrences: Vec<Occurrence<'c>>,
}

/// An error at a line of a property.
type Told = (u32, &'static str, Fault);

impl<'c> Expansion<'c> {
    /// Expands all events. What cannot be is told.
    pub(super) fn of(
        calendar: &'c Calendar,
        options: &'c Options,
        problems: &mut Problems,
    ) -> Self {
        let mut expander = Expander {
            zones: &calendar.zones,
            options,
            problems,
            occurrences: Vec::new(),
        };
        if !calendar.is_cancelled {
            expander.all(&calendar.events);
        }
        Self {
            occurrences: expander.occurrences,
        }
    }
}

impl<'c> Expander<'c, '_> {
    fn all(&mut self, events: &'c [Event]) {
        let (masters, mut changes) = self.sorted(events);
        for master in masters {
            let own = changes.remove(&master.uid()).unwrap_or_default();
            if let Err((row, column, fault)) = self.master(master, &own) {
                self.error(row, column, fault);
            }
            if self.occurrences.len() > OCCURRENCES_MAX {
                self.occurrences = Vec::new();
                let text = format!("the calendar has more than {OCCURRENCES_MAX} occurrences");
                self.error(
                    master.row,
                    "RRULE",
                    fault(Kind::Limit, text, "a calendar for each agent"),
                );
                return;
            }
        }
        // What was changed of events that are not in this calendar.
        for event in changes.into_values().flat_map(BTreeMap::into_values) {
            if let Err((row, column, fault)) = self.single(event) {
                self.error(row, column, fault);
            }
        }
    }

    fn error(&mut self, row: u32, column: &'static str, fault: Fault) {
        self.problems
            .error(Place::row(row).column(&column.into()), fault);
    }

    /// Events that stand for themselves, and for each UID those that change one occurrence, by its instant. Of several
    /// versions the newest counts.
    fn sorted(
        &mut self,
        events: &'c [Event],
    ) -> (Vec<&'c Event>, BTreeMap<String, BTreeMap<i64, &'c Event>>) {
        let mut newest: BTreeMap<String, u64> = BTreeMap::new();
        for event in events
            .iter()
            .filter(|event| event.get("RECURRENCE-ID").is_none())
        {
            let sequence = newest.entry(event.uid()).or_default();
            *sequence = event.sequence().max(*sequence);
        }
        let (mut masters, mut changes) =
            (Vec::new(), BTreeMap::<String, BTreeMap<i64, &Event>>::new());
        for event in events {
            let Some(line) = event.get("RECURRENCE-ID") else {
                let uid = event.uid();
                if uid.is_empty()
                    || newest
                        .get(&uid)
                        .is_none_or(|newest| *newest == event.sequence())
                {
                    masters.push(event);
                }
                continue;
            };
            if line.parameter("RANGE").is_some() {
                let text = "a change of this and all later occurrences is not taken";
                let fault = fault(
                    Kind::Repetition,
                    text,
                    "end the old event and begin a new one",
                );
                self.error(line.row, "RECURRENCE-ID", fault);
                continue;
            }
            match when::read_one(line, self.zones) {
                Ok(when) => {
                    let of = changes.entry(event.uid()).or_default();
                    let key = self.key(&when);
                    if of
                        .get(&key)
                        .is_none_or(|other| other.sequence() <= event.sequence())
                    {
                        of.insert(key, event);
                    }
                }
                Err(fault) => self.error(line.row, "RECURRENCE-ID", fault),
            }
        }
        (masters, changes)
    }

    /// What an occurrence is known by: its instant; a day is known by its midnight.
    fn key(&self, when: &When) -> i64 {
        let (local, zone) = match when {
            When::Date(date) => (date.at(0, 0, 0, 0), None),
            When::Local(local, zone) => (*local, zone.as_ref()),
        };
        zone.unwrap_or(&self.options.zone)
            .instant(local)
            .as_second()
    }

    fn single(&mut self, event: &'c Event) -> Result<(), Told> {
        if event.is_cancelled() {
            return Ok(());
        }
        let Some((local, zone)) = self.start(event)? else {
            return Ok(());
        };
        let end = event.end(self.zones)?;
        self.occur(event, local, &zone, &end, local);
        Ok(())
    }

    /// The local beginning and its zone. A day without a time is no shift, which is told.
    fn start(&mut self, event: &Event) -> Result<Option<(civil::DateTime, Zone)>, Told> {
        match event.start(self.zones)? {
            When::Local(local, zone) => Ok(Some((
                local,
                zone.unwrap_or_else(|| self.options.zone.clone()),
            ))),
            When::Date(date) => {
                let place = Place::row(event.row)
                    .column(&"DTSTART".into())
                    .value(date.to_string());
                let text = "the event is of whole days, without times: it is left out";
                self.problems.warning(
                    place,
                    fault(Kind::LeftOut, text, "an event with times, if it is a shift"),
                );
                Ok(None)
            }
        }
    }

    fn master(&mut self, event: &'c Event, changed: &BTreeMap<i64, &'c Event>) -> Result<(), Told> {
        if let Some(line) = event.get("EXRULE") {
            let text = "a rule of exceptions is not taken";
            return Err((
                line.row,
                "EXRULE",
                fault(Kind::Repetition, text, "EXDATE for each exception"),
            ));
        }
        let repeats = event.get("RRULE").is_some() || event.get("RDATE").is_some();
        if !repeats && changed.is_empty() {
            return self.single(event);
        }
        if event.is_cancelled() {
            return Ok(());
        }
        let Some((first, zone)) = self.start(event)? else {
            return Ok(());
        };
        let end = event.end(self.zones)?;
        let mut starts: BTreeSet<civil::DateTime> = BTreeSet::new();
        let rules: Vec<_> = event.all("RRULE").collect();
        for line in &rules {
            let days = self.rule(line.row, &line.value, first, &zone)?;
            starts.extend(days.into_iter().map(|day| day.to_datetime(first.time())));
        }
        if rules.is_empty() {
            starts.insert(first);
        }
        for when in self.listed(event, "RDATE")? {
            starts.insert(match when {
                When::Date(date) => date.to_datetime(first.time()),
                When::Local(local, None) => local,
                When::Local(local, Some(of)) => zone.local(of.instant(local)),
            });
        }
        let except = self.listed(event, "EXDATE")?;
        let mut left: BTreeMap<i64, &'c Event> = changed.clone();
        for start in starts {
            let key = zone.instant(start).as_second();
            let midnight = self.key(&When::Date(start.date()));
            let change = left.remove(&key).or_else(|| left.remove(&midnight));
            let is_excepted = except.iter().any(|when| match when {
                When::Date(date) => *date == start.date(),
                When::Local(..) => self.key(when) == key,
            });
            match change {
                Some(change) => self.single(change)?,
                None if is_excepted => {}
                None => self.occur(event, start, &zone, &end, first),
            }
            if self.occurrences.len() > OCCURRENCES_MAX {
                return Ok(());
            }
        }
        for change in left.into_values() {
            self.single(change)?;
        }
        Ok(())
    }

    fn listed(&self, event: &Event, name: &'static str) -> Result<Vec<When>, Told> {
        let mut all = Vec::new();
        for line in event.all(name) {
            all.extend(when::read(line, self.zones).map_err(|fault| (line.row, name, fault))?);
        }
        Ok(all)
    }

    fn rule(
        &mut self,
        row: u32,
        text: &str,
        first: civil::DateTime,
        zone: &Zone,
    ) -> Result<Vec<civil::Date>, Told> {
        let rule = Rule::parse(text).map_err(|fault| (row, "RRULE", fault))?;
        let usual = first.date().saturating_add(DAYS_USUAL.days());
        let last = self.options.until.unwrap_or(usual);
        let until = rule.until.as_ref().map(|until| match until {
            When::Date(date) => date.at(23, 59, 59, 0),
            When::Local(local, None) => *local,
            When::Local(local, Some(of)) => zone.local(of.instant(*local)),
        });
        let stop = until.map_or(last, |until| until.date().min(last));
        let (mut days, goes_on) = rule.days(first.date(), stop);
        if let Some(until) = until {
            days.retain(|day| day.to_datetime(first.time()) <= until);
        }
        if days.first() != Some(&first.date()) {
            let text = "the first day of the event is none of its rule";
            return Err((
                row,
                "RRULE",
                fault(Kind::Repetition, text, "a DTSTART that its rule allows"),
            ));
        }
        if goes_on && until.is_none_or(|until| until.date() > last) {
            let place = Place::row(row).column(&"RRULE".into()).value(text);
            let text = format!("the repetition is followed to {last} and not farther");
            self.problems.warning(
                place,
                fault(
                    Kind::Repetition,
                    text,
                    "say until when (--until), or end the rule",
                ),
            );
        }
        Ok(days)
    }

    /// An occurrence that begins at a local time, of an event whose first one begins at `first`.
    fn occur(
        &mut self,
        event: &'c Event,
        start: civil::DateTime,
        zone: &Zone,
        end: &End,
        first: civil::DateTime,
    ) {
        let Some(begin) = self.instant(event, "DTSTART", zone, start) else {
            return;
        };
        let finish = match end {
            End::After(Length { days, seconds }) => {
                let moved = if *days == 0 {
                    Some(begin)
                } else {
                    let day = start.saturating_add(days.days());
                    self.instant(event, "DURATION", zone, day)
                };
                moved.map(|at| at.saturating_add(seconds.seconds()).unwrap_or(at))
            }
            End::At(When::Date(_)) => {
                let text = "the event ends with a day, but begins with a time";
                self.error(
                    event.row,
                    "DTEND",
                    fault(Kind::Time, text, "a date and a time"),
                );
                None
            }
            End::At(When::Local(local, of)) => {
                let of = of.as_ref().unwrap_or(&self.options.zone).clone();
                let days = first
                    .date()
                    .until(start.date())
                    .map_or(0, |span| span.get_days());
                self.instant(
                    event,
                    "DTEND",
                    &of,
                    local.saturating_add(i64::from(days).days()),
                )
            }
        };
        let Some(finish) = finish else { return };
        let segments = match self.segments(event) {
            Ok(segments) => segments,
            Err((row, column, fault)) => return self.error(row, column, fault),
        };
        let on_call = segments
            .iter()
            .filter(|part| part.kind == SegmentKind::OnCall);
        let on_call: i64 = on_call
            .map(|part| part.end.as_second() - part.start.as_second())
            .sum();
        let seconds = finish.as_second() - begin.as_second();
        let right = format!("an end after the beginning, and at most {SHIFT_HOURS_MAX} h later");
        if seconds <= 0 || seconds - on_call > SHIFT_HOURS_MAX * 3_600 {
            let text = format!("the event lasts {} min", seconds / 60);
            return self.error(event.row, "DTEND", fault(Kind::Length, text, right));
        }
        let inside = segments
            .iter()
            .all(|part| begin <= part.start && part.start < part.end && part.end <= finish);
        if !inside || segments.windows(2).any(|pair| pair[0].end > pair[1].start) {
            let text = "a segment lies outside of its shift or overlaps another";
            return self.error(
                event.row,
                "X-HOMESHORE-SEGMENT",
                fault(Kind::Segment, text, "times within the shift"),
            );
        }
        self.occurrences.push(Occurrence {
            event,
            start: begin,
            end: finish,
            segments,
        });
    }

    fn instant(
        &mut self,
        event: &Event,
        column: &'static str,
        zone: &Zone,
        at: civil::DateTime,
    ) -> Option<Timestamp> {
        let (instant, existence) = zone.resolve(at)?;
        let place = || {
            Place::row(event.row)
                .column(&column.into())
                .value(at.to_string())
        };
        match existence {
            Existence::Once => Some(instant),
            Existence::Missing => {
                self.problems
                    .error(place(), local::missing(zone, instant.as_second()));
                None
            }
            Existence::Twice => {
                self.problems
                    .warning(place(), local::repeated(zone, instant.as_second()));
                Some(instant)
            }
        }
    }

    /// Segments as this program writes them: `break:20260302T110000Z/20260302T114500Z`.
    fn segments(&self, event: &Event) -> Result<Vec<Segment>, Told> {
        const NAME: &str = "X-HOMESHORE-SEGMENT";
        let mut found = Vec::new();
        for line in event.all(NAME) {
            let bad = || {
                let text = format!("`{}` is no segment", line.value);
                (
                    line.row,
                    NAME,
                    fault(
                        Kind::Segment,
                        text,
                        "break:20260302T110000Z/20260302T114500Z",
                    ),
                )
            };
            let (kind, span) = line.value.split_once(':').ok_or_else(bad)?;
            let (start, end) = span.split_once('/').ok_or_else(bad)?;
            let kind = crate::schedule::segments::kind(kind).ok_or_else(bad)?;
            let time = |text: &str| match when::one(text.trim(), None) {
                Ok(When::Local(local, zone)) => Ok(zone
                    .unwrap_or_else(|| self.options.zone.clone())
                    .instant(local)),
                Ok(When::Date(_)) | Err(_) => Err(bad()),
            };
            found.push(Segment {
                kind,
                start: time(start)?,
                end: time(end)?,
            });
        }
        found.sort_by_key(|segment| segment.start);
        Ok(found)
    }
}
