//! From bytes to text: UTF-8, UTF-16 and Windows-1252, found or told.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{
    limits::Content,
    problem::{Fault, Kind, Place, fault},
};

/// An encoding that files may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, with or without a mark at its beginning.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// The code page of Windows in western Europe.
    Windows1252,
}

impl Charset {
    /// Every encoding with its name.
    pub const NAMES: [(Self, &'static str); 4] = [
        (Self::Utf8, "utf-8"),
        (Self::Utf16Le, "utf-16le"),
        (Self::Utf16Be, "utf-16be"),
        (Self::Windows1252, "windows-1252"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let known = Self::NAMES.iter().find(|(charset, _)| *charset == self);
        known.map_or("utf-8", |(_, name)| name)
    }

    /// The encoding of this name.
    pub fn named(name: &str) -> Option<Self> {
        let known = Self::NAMES
            .iter()
            .find(|(_, known)| name.eq_ignore_ascii_case(known));
        known.map(|(charset, _)| *charset)
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1252 => WINDOWS_1252,
        }
    }
}

/// The encoding of a file: by the mark at its beginning, by the zeros of UTF-16, or UTF-8 if all of it is; else Windows-1252.
fn found(bytes: &[u8]) -> Result<Charset, (Place, Fault)> {
    match Content::of(bytes) {
        Content::Utf16Le => return Ok(Charset::Utf16Le),
        Content::Utf16Be => return Ok(Charset::Utf16Be),
        Content::Zip | Content::Compound | Content::Calendar | Content::Text => {}
    }
    let Err(bad) = std::str::from_utf8(bytes) else {
        return Ok(Charset::Utf8);
    };
    let before = &bytes[..bad.valid_up_to()];
    // Accents that are good UTF-8 before one that is not: the file was put together of two encodings, or cut within a letter.
    if before.is_ascii() && !before.starts_with(UTF8_MARK) {
        Ok(Charset::Windows1252)
    } else {
        Err(not_text(bytes, bad.valid_up_to(), Charset::Utf8))
    }
}

const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

fn not_text(bytes: &[u8], at: usize, charset: Charset) -> (Place, Fault) {
    let row = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count();
    let text = format!(
        "holds the byte {:#04x}, which is no {}",
        bytes[at],
        charset.name()
    );
    let right = "save the whole file as UTF-8, or name its encoding (--encoding)";
    let place = Place::row(u32::try_from(row).unwrap_or(u32::MAX));
    (place, fault(Kind::Encoding, text, right))
}

/// The text of a file, without the mark at its beginning.
pub(super) fn decode(
    bytes: &[u8],
    told: Option<Charset>,
) -> Result<(Cow<'_, str>, Charset), (Place, Fault)> {
    let charset = told.map_or_else(|| found(bytes), Ok)?;
    if charset == Charset::Utf8 {
        let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
        return match std::str::from_utf8(bytes) {
            Ok(text) => Ok((Cow::Borrowed(text), charset)),
            Err(bad) => Err(not_text(bytes, bad.valid_up_to(), charset)),
        };
    }
    let (text, had_faults) = charset.encoding().decode_with_bom_removal(bytes);
    if had_faults {
        let row = text
            .split('\u{fffd}')
            .next()
            .map_or(0, |good| good.matches('\n').count());
        let place = Place::row(u32::try_from(row + 1).unwrap_or(u32::MAX));
        let message = format!("holds bytes that are no {}", charset.name());
        let right = "save the file as UTF-8, or name its encoding (--encoding)";
        return Err((place, fault(Kind::Encoding, message, right)));
    }
    Ok((text, charset))
}

#[cfg(test)]
mod tests {
    use super::{Charset, decode};

    #[test]
    fn encodings_are_found() {
        let text = "é;Début\n";
        let wide = |order: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
            let mark = mark.then_some(0xfeff);
            mark.into_iter()
                .chain(text.encode_utf16())
                .flat_map(order)
                .collect()
        };
        let latin: &[u8] = b"\xe9;D\xe9but\n";
        let marked = [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat();
        for (bytes, charset) in [
            (text.as_bytes().to_vec(), Charset::Utf8),
            (marked, Charset::Utf8),
            (wide(u16::to_le_bytes, true), Charset::Utf16Le),
            (wide(u16::to_be_bytes, true), Charset::Utf16Be),
            (wide(u16::to_le_bytes, false), Charset::Utf16Le),
            (wide(u16::to_be_bytes, false), Charset::Utf16Be),
            (latin.to_vec(), Charset::Windows1252),
        ] {
            let (read, found) = decode(&bytes, None).unwrap();
            assert_eq!((read.as_ref(), found), (text, charset));
        }
    }

    #[test]
    fn a_file_of_two_encodings_is_refused_at_its_row() {
        let (place, fault) = decode(
            "é\n"
                .as_bytes()
                .iter()
                .chain(b"\xe9\n")
                .copied()
                .collect::<Vec<_>>()
                .as_slice(),
            None,
        )
        .unwrap_err();
        assert_eq!(place.row, Some(2));
        assert!(fault.message.contains("0xe9"), "{}", fault.message);
        assert!(decode(b"a\xd8\xd8", Some(Charset::Utf16Le)).is_err());
    }
}
