//! The segments of a row: from columns of segments and breaks, on the clock of their shift.

use super::{
    build::{Builder, Clock, next, second},
    cell::{Cell, DAY},
    moment::{self, Moment},
    problem::{Fault, Kind, fault},
    segments::{self, Part, Read},
    shift::{Segment, SegmentKind},
};

/// The segments of a row whose shift is known, by time.
pub(super) fn read(
    builder: &mut Builder<'_>,
    row: u32,
    cells: &[Cell<'_>],
    start: Clock,
    span: (i64, i64),
) -> Vec<Segment> {
    let mut found: Vec<(usize, Segment)> = Vec::new();
    for (at, part) in parts(builder, row, cells) {
        if let Some(segment) = place(builder, row, cells, at, part, start, span) {
            found.push((at, segment));
        }
    }
    if let Some(kind) = whole(builder, row, cells) {
        let segment = Segment {
            kind,
            start: second(span.0),
            end: second(span.1),
        };
        found.push((builder.places.kind.unwrap_or(0), segment));
    }
    found.sort_by_key(|(_, segment)| (segment.start, segment.end));
    for pair in found.windows(2) {
        if pair[1].1.start < pair[0].1.end {
            let text = format!(
                "two segments of the shift overlap: {} and {}",
                pair[0].1.kind.word(),
                pair[1].1.kind.word()
            );
            builder.error(
                row,
                pair[1].0,
                cells,
                fault(Kind::Segment, text, "one thing at a time"),
            );
        }
    }
    let off_phone = found
        .into_iter()
        .filter(|(_, segment)| segment.kind != SegmentKind::Phone);
    off_phone.map(|(_, segment)| segment).collect()
}

fn parts(builder: &mut Builder<'_>, row: u32, cells: &[Cell<'_>]) -> Vec<(usize, Part)> {
    let mut parts = Vec::new();
    let of_text = builder.places.segments.map(|at| (at, None)).into_iter();
    let breaks = builder
        .places
        .breaks
        .iter()
        .map(|at| (*at, Some(SegmentKind::Break)));
    let columns: Vec<(usize, Option<SegmentKind>)> = of_text.chain(breaks).collect();
    for (at, usual) in columns {
        let Some(cell) = cells.get(at).filter(|cell| !cell.is_blank()) else {
            continue;
        };
        let read = match cell {
            Cell::Number(_) => Ok(Read::LengthOnly),
            Cell::Empty | Cell::Text(_) | Cell::Error(_) => segments::read(&cell.text(), usual),
        };
        match read {
            Ok(Read::Parts(read)) => parts.extend(read.into_iter().map(|part| (at, part))),
            Ok(Read::LengthOnly) => {
                let place = builder.place(row, at, Some(cell));
                let text = "says how long the break is, but not when: it is left out";
                let right = "its beginning and end, like 12:00-12:45";
                builder
                    .problems
                    .warning(place, fault(Kind::LeftOut, text, right));
            }
            Err(fault) => builder.error(row, at, cells, fault),
        }
    }
    for (start, end) in builder.places.pairs.clone() {
        parts.extend(pair(builder, row, cells, start, end));
    }
    parts
}

/// A break with a column for its beginning and one for its end.
fn pair(
    builder: &mut Builder<'_>,
    row: u32,
    cells: &[Cell<'_>],
    start: Option<usize>,
    end: Option<usize>,
) -> Option<(usize, Part)> {
    let filled =
        |at: Option<usize>| at.filter(|at| cells.get(*at).is_some_and(|cell| !cell.is_blank()));
    let (start, end) = match (filled(start), filled(end)) {
        (Some(start), Some(end)) => (start, end),
        (None, None) => return None,
        (Some(one), None) | (None, Some(one)) => {
            let fault = fault(
                Kind::Segment,
                "the break has only one of its ends",
                "its beginning and its end, or neither",
            );
            builder.error(row, one, cells, fault);
            return None;
        }
    };
    let mut read = |at: usize| match moment::read(cells.get(at)?, builder.epoch) {
        Ok(moment @ (Moment::Time(_) | Moment::Local(..))) => Some(moment),
        Ok(Moment::Date(_) | Moment::Instant(_)) => {
            builder.error(
                row,
                at,
                cells,
                fault(Kind::Segment, "is no time of day", "a time like 12:00"),
            );
            None
        }
        Err(fault) => {
            builder.error(row, at, cells, fault);
            None
        }
    };
    let (start_time, end_time) = (read(start), read(end));
    Some((end, (SegmentKind::Break, start_time?, end_time?)))
}

/// Puts a part on the days of its shift: a time before the shift's beginning is on the next day.
fn place(
    builder: &mut Builder<'_>,
    row: u32,
    cells: &[Cell<'_>],
    at: usize,
    (kind, start, end): Part,
    shift: Clock,
    span: (i64, i64),
) -> Option<Segment> {
    let from = on_clock(start, shift, shift.seconds - 1);
    let to = on_clock(end, shift, from.seconds);
    let begin = builder.instant(row, cells, Some(at), from)?;
    let finish = builder.instant(row, cells, Some(at), to)?;
    let segment = Segment {
        kind,
        start: second(begin),
        end: second(finish),
    };
    if let Some(fault) = misplaced(segment, span) {
        builder.error(row, at, cells, fault);
        return None;
    }
    Some(segment)
}

/// The clock of a part, later than `after` seconds on the shift's first day.
fn on_clock(moment: Moment, shift: Clock, after: i64) -> Clock {
    match moment {
        Moment::Time(seconds) => {
            let days = i64::from(seconds <= after) + i64::from(seconds + DAY <= after);
            Clock {
                date: shift.date,
                seconds: seconds + days * DAY,
                instant: None,
            }
        }
        Moment::Local(date, seconds) => {
            let is_next = date == next(shift.date);
            Clock {
                date: if is_next { shift.date } else { date },
                seconds: seconds + i64::from(is_next) * DAY,
                instant: None,
            }
        }
        Moment::Instant(instant) => Clock {
            instant: Some(instant.as_second()),
            ..shift
        },
        // A day is not read as a part.
        Moment::Date(_) => shift,
    }
}

fn misplaced(segment: Segment, (begin, finish): (i64, i64)) -> Option<Fault> {
    let is_inside = segment.start.as_second() >= begin && segment.end.as_second() <= finish;
    let word = segment.kind.word();
    if !is_inside {
        let text = format!("the {word} lies outside of its shift");
        return Some(fault(
            Kind::Segment,
            text,
            "times between the beginning and the end of the shift",
        ));
    }
    (segment.end <= segment.start).then(|| {
        let text = format!("the {word} has no length");
        fault(Kind::Segment, text, "an end after its beginning")
    })
}

/// The kind of the whole shift, from a column of kinds; an unknown word is told once and is the phone.
fn whole(builder: &mut Builder<'_>, row: u32, cells: &[Cell<'_>]) -> Option<SegmentKind> {
    let at = builder.places.kind?;
    let cell = cells.get(at).filter(|cell| !cell.is_blank())?;
    let word = cell.text();
    let kind = segments::kind(&word);
    if kind.is_none() && !builder.strange_kinds.iter().any(|known| *known == word) {
        builder.strange_kinds.push(word.clone().into_owned());
        let place = builder.place(row, at, Some(cell));
        let right = "phone, break, training, meeting or on_call";
        builder.problems.warning(
            place,
            fault(
                Kind::LeftOut,
                "is no kind of segment: such shifts count as on the phone",
                right,
            ),
        );
    }
    kind.filter(|kind| *kind != SegmentKind::Phone)
}
