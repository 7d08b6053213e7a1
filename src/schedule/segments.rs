//! Parts of a shift in a cell: `break 12:00-12:45; training 14:00-15:00`, or `12:00-12:45` in a column of breaks.

use super::{
    cell::Epoch,
    moment::{self, Moment},
    problem::{Fault, Kind, fault},
    shift::SegmentKind,
    words::folded,
};

/// Further words for kinds, folded.
const OTHER_WORDS: [(&str, SegmentKind); 14] = [
    ("lunch", SegmentKind::Break),
    ("dejeuner", SegmentKind::Break),
    ("repas", SegmentKind::Break),
    ("pauses", SegmentKind::Break),
    ("pause dejeuner", SegmentKind::Break),
    ("lunch break", SegmentKind::Break),
    ("coffee", SegmentKind::Break),
    ("on-call", SegmentKind::OnCall),
    ("on call", SegmentKind::OnCall),
    ("oncall", SegmentKind::OnCall),
    ("tel", SegmentKind::Phone),
    ("appels", SegmentKind::Phone),
    ("calls", SegmentKind::Phone),
    ("coaching", SegmentKind::Training),
];

/// The kind of a word in English or French.
pub(super) fn kind(word: &str) -> Option<SegmentKind> {
    let word = folded(word);
    let word = word.trim_matches([':', ' ', '.']);
    let named = SegmentKind::WORDS
        .iter()
        .find(|(_, english, french)| word == *english || word == *french);
    let other = || {
        OTHER_WORDS
            .iter()
            .find(|(known, _)| word == *known)
            .map(|(_, kind)| *kind)
    };
    named.map(|(kind, ..)| *kind).or_else(other)
}

/// A part as a cell has it: kind, beginning and end as times of day.
pub(super) type Part = (SegmentKind, Moment, Moment);

/// What a cell of breaks says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// Parts with their times.
    Parts(Vec<Part>),
    /// How long, but not when.
    LengthOnly,
}

fn bad(message: String) -> Fault {
    fault(
        Kind::Segment,
        message,
        "write parts like `break 12:00-12:45; training 14:00-15:00`: phone, break, training, meeting or on_call",
    )
}

/// Reads the parts of a cell. In a column of breaks a part needs no word.
pub(super) fn read(text: &str, usual: Option<SegmentKind>) -> Result<Read, Fault> {
    let pieces = text.split([';', '|', ',', '\n', '\r', '+']).map(str::trim);
    let pieces: Vec<&str> = pieces.filter(|piece| !piece.is_empty()).collect();
    if usual.is_some() && matches!(pieces[..], [one] if is_length(one)) {
        return Ok(Read::LengthOnly);
    }
    let parts: Result<Vec<Part>, Fault> =
        pieces.into_iter().map(|piece| part(piece, usual)).collect();
    parts.map(Read::Parts)
}

/// `45`, `45 min`, `0:45`, `1h`, `30'`: a length rather than a span.
fn is_length(text: &str) -> bool {
    let text = folded(text);
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let rest = text.trim_matches(|c: char| c.is_ascii_digit() || " :h'.".contains(c));
    digits
        && matches!(
            rest,
            "" | "min" | "mn" | "minutes" | "m" | "heure" | "hour" | "heures" | "hours"
        )
}

fn part(piece: &str, usual: Option<SegmentKind>) -> Result<Part, Fault> {
    let begin = piece.find(|c: char| c.is_ascii_digit());
    let Some(begin) = begin else {
        return Err(bad(format!("`{piece}` has no times")));
    };
    let (word, span) = piece.split_at(begin);
    let kind = match (word.trim(), usual) {
        ("", Some(usual)) => usual,
        ("", None) => return Err(bad(format!("`{piece}` does not say what it is"))),
        (word, _) => {
            kind(word).ok_or_else(|| bad(format!("`{}` is no kind of segment", word.trim())))?
        }
    };
    let folded = folded(span);
    // Instants are as they are exported: `2026-10-25T00:30:00Z/2026-10-25T01:30:00Z`.
    let instants = folded
        .split_once('/')
        .filter(|(start, _)| start.trim().ends_with('z'));
    let between = ["-", "–", "—", " to ", " a ", "/", ">", "→"];
    let edges = instants.or_else(|| between.iter().find_map(|mark| folded.split_once(mark)));
    let Some((start, end)) = edges else {
        return Err(bad(format!("`{piece}` has no beginning and end")));
    };
    let time = |text: &str| match moment::read_text(text.trim(), Epoch::Of1900) {
        Ok(time @ (Moment::Time(_) | Moment::Instant(_))) => Ok(time),
        Ok(Moment::Date(_) | Moment::Local(..)) => Err(bad(format!("`{text}` is no time of day"))),
        Err(fault) => Err(bad(format!("`{}` {}", text.trim(), fault.message))),
    };
    Ok((kind, time(start)?, time(end)?))
}

#[cfg(test)]
mod tests {
    use super::{Read, read};
    use crate::schedule::{moment::Moment, shift::SegmentKind};

    #[test]
    fn parts_are_read() {
        let time = |hours: i64, minutes: i64| Moment::Time(hours * 3_600 + minutes * 60);
        let parts = vec![
            (SegmentKind::Break, time(12, 0), time(12, 45)),
            (SegmentKind::Training, time(14, 0), time(15, 30)),
            (SegmentKind::OnCall, time(22, 0), time(24, 0)),
        ];
        for text in [
            "break 12:00-12:45; training 14:00-15:30; on_call 22:00-24:00",
            "Pause : 12h–12h45 | Formation 14h00 à 15h30\nastreinte 22h - 24h",
        ] {
            assert_eq!(read(text, None), Ok(Read::Parts(parts.clone())), "{text}");
        }
        let breaks = read("12:00-12:45, 15h-15h15", Some(SegmentKind::Break)).unwrap();
        assert!(matches!(breaks, Read::Parts(parts) if parts.len() == 2));
        for length in ["45", "45 min", "0:45", "1h", "30'"] {
            assert_eq!(
                read(length, Some(SegmentKind::Break)),
                Ok(Read::LengthOnly),
                "{length}"
            );
        }
    }

    #[test]
    fn what_is_no_part_is_told() {
        for (text, message) in [
            ("nap 12:00-13:00", "`nap` is no kind"),
            ("12:00-13:00", "does not say what it is"),
            ("break", "has no times"),
            ("break 12:00", "no beginning and end"),
            ("break 12:00-25:00", "`25:00` hours go to 24:00"),
        ] {
            let fault = read(text, None).unwrap_err();
            assert!(fault.message.contains(message), "{text}: {}", fault.message);
        }
    }
}
