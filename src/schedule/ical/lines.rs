//! Lines of a calendar: folded ones made whole, split into name, parameters and value (RFC 5545, 3.1).
//!
//! Not the `icalendar` crate, because a problem must name the line where it stands, and no line may be longer than a limit.

/// Bytes of a line after unfolding; what is longer, such as an attached picture, is cut.
const BYTES_MAX: usize = 64 << 10;

/// A property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of its first line in the file.
    pub(super) row: u32,
    /// In capitals.
    pub(super) name: String,
    parameters: Vec<(String, String)>,
    /// As it stands, with its escapes.
    pub(super) value: String,
}

impl Line {
    fn parse(row: u32, text: &str) -> Option<Self> {
        let end = text.find([':', ';'])?;
        let name = text[..end].to_ascii_uppercase();
        let mut rest = &text[end..];
        let mut parameters = Vec::new();
        while let Some(after) = rest.strip_prefix(';') {
            let (key, after) = after.split_once('=')?;
            let end = value_end(after)?;
            let value = after[..end].trim_matches('"');
            parameters.push((key.to_ascii_uppercase(), value.to_owned()));
            rest = &after[end..];
        }
        let value = rest.strip_prefix(':')?.to_owned();
        (!name.is_empty()).then_some(Self {
            row,
            name,
            parameters,
            value,
        })
    }

    /// The value of a parameter.
    pub(super) fn parameter(&self, key: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// The value as text, without escapes.
    pub(super) fn text(&self) -> String {
        unescaped(&self.value)
    }
}

/// Where a parameter's value ends: at `;` or `:` outside of quotes.
fn value_end(text: &str) -> Option<usize> {
    let mut is_quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ';' | ':' if !is_quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Text without escapes (RFC 5545, 3.3.11).
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut all = text.chars();
    while let Some(c) = all.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match all.next() {
            Some('n' | 'N') => out.push('\n'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out.trim().to_owned()
}

/// The properties of a calendar; the rows of lines that are none.
pub(super) fn read(text: &str) -> (Vec<Line>, Vec<u32>) {
    let (mut lines, mut bad) = (Vec::new(), Vec::new());
    let mut whole: Option<(u32, String)> = None;
    let mut finish = |whole: &mut Option<(u32, String)>| {
        let Some((row, text)) = whole.take() else {
            return;
        };
        match Line::parse(row, &text) {
            Some(line) => lines.push(line),
            None if text.trim().is_empty() => {}
            None => bad.push(row),
        }
    };
    for (at, line) in text.lines().enumerate() {
        let row = u32::try_from(at + 1).unwrap_or(u32::MAX);
        if let (Some(more), Some((_, text))) = (line.strip_prefix([' ', '\t']), &mut whole) {
            if text.len() + more.len() <= BYTES_MAX {
                text.push_str(more);
            }
        } else {
            finish(&mut whole);
            whole = Some((row, line.to_owned()));
        }
    }
    finish(&mut whole);
    (lines, bad)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn lines_are_unfolded_and_split() {
        let text = "BEGIN:VCALENDAR\r\nDTSTART;TZID=\"Europe/Paris\";X=a:2026\r\n 0302T173000\r\nSUMMARY:a\\, b\\;\\nc\r\nnothing\r\n";
        let (lines, bad) = read(text);
        assert_eq!(lines.len(), 3);
        assert_eq!((lines[1].row, lines[1].name.as_str()), (2, "DTSTART"));
        assert_eq!(lines[1].parameter("TZID"), Some("Europe/Paris"));
        assert_eq!(lines[1].value, "20260302T173000");
        assert_eq!((lines[2].row, lines[2].text()), (4, "a, b;\nc".to_owned()));
        assert_eq!(bad, [5]);
    }
}
