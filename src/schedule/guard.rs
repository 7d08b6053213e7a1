//! The mark before a cell that a spreadsheet would take for a formula.

use std::borrow::Cow;

/// Whether a spreadsheet might calculate a cell that begins like this.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0'])
}

/// The text with a mark before it, if it needs one: if it is a formula, or would read as a marked one.
pub(super) fn put(text: &str) -> String {
    if is_formula(text.trim_start_matches('\'')) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The text without its mark.
pub(super) fn taken(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.starts_with('\'') || !is_formula(text.trim_start_matches('\'')) {
        return text;
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[1..]),
        Cow::Owned(text) => Cow::Owned(text[1..].to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{put, taken};

    #[test]
    fn a_mark_is_put_and_taken() {
        for (text, marked) in [
            ("=1", "'=1"),
            ("+33", "'+33"),
            ("'=1", "''=1"),
            ("'a", "'a"),
            ("a=1", "a=1"),
            ("", ""),
            ("@x", "'@x"),
        ] {
            assert_eq!(put(text), marked);
            assert_eq!(taken(marked.into()), text);
        }
    }
}
