//! Receipts: which call overflowed to another pool and since when its caller waits, signed, so that nobody makes it up.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::engine::{
    call::{CallOrigin, OverflowTarget},
    ids::{CallId, PoolId, PoolTime, QueueId},
};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a signature.
const TAG_BYTES: usize = 32;
/// What is signed begins like this: a signature of anything else is none of a receipt.
const FORM: &str = "homeshore receipt 1";
/// Longer texts are no receipts.
const TEXT_BYTES_MAX: usize = 1_024;

/// A secret that signs receipts.
#[derive(Clone)]
pub struct Key([u8; KEY_BYTES]);

impl Key {
    /// A key of these bytes.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads a key written as hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().as_bytes();
        let mut bytes = [0; KEY_BYTES];
        if digits.len() != 2 * KEY_BYTES {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
        }
        Some(Self(bytes))
    }

    fn mac(&self, said: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a MAC takes any key");
        mac.update(said);
        mac
    }
}

/// What a receipt shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The call, and the pool that it left.
    pub origin: CallOrigin,
    /// Where it goes on.
    pub target: OverflowTarget,
    /// When its wait began, or would have begun without pauses.
    pub wait_from: PoolTime,
    /// When it left.
    pub left_at: PoolTime,
}

/// Gives receipts and reads them.
#[derive(Clone)]
pub struct Receipts {
    key: Key,
    former: Option<Key>,
}

impl Receipts {
    /// Signs with a key, and still takes what a former key signed.
    pub fn new(key: Key, former: Option<Key>) -> Self {
        Self { key, former }
    }

    /// The receipt as text, for the platform to hand back.
    pub fn give(&self, receipt: &Receipt) -> String {
        let (from, to) = (&receipt.origin, &receipt.target);
        let places = format!("{}\n{}\n{}\n{}", from.pool, from.call, to.pool, to.queue);
        let times = format!("{}\n{}", receipt.wait_from.0, receipt.left_at.0);
        let mut said = format!("{FORM}\n{places}\n{times}").into_bytes();
        let tag = self.key.mac(&said).finalize().into_bytes();
        said.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(said)
    }

    /// What a text shows, if one of the keys signed it.
    pub fn read(&self, text: &str) -> Option<Receipt> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let signed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (said, tag) = signed.split_at_checked(signed.len().checked_sub(TAG_BYTES)?)?;
        let keys = [Some(&self.key), self.former.as_ref()];
        let mut keys = keys.into_iter().flatten();
        keys.find(|key| key.mac(said).verify_slice(tag).is_ok())?;
        let mut lines = std::str::from_utf8(said).ok()?.split('\n');
        if lines.next() != Some(FORM) {
            return None;
        }
        let (pool, call) = (PoolId::new(lines.next()?), CallId::new(lines.next()?));
        let origin = CallOrigin { pool, call };
        let (pool, queue) = (PoolId::new(lines.next()?), QueueId::new(lines.next()?));
        let mut time = || Some(PoolTime(lines.next()?.parse().ok()?));
        Some(Receipt {
            origin,
            target: OverflowTarget { pool, queue },
            wait_from: time()?,
            left_at: time()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        Receipt {
            origin: CallOrigin {
                pool: PoolId::new("day"),
                call: CallId::new("c 1"),
            },
            target: OverflowTarget {
                pool: PoolId::new("night"),
                queue: QueueId::new("q"),
            },
            wait_from: PoolTime(1_763_800_000_000),
            left_at: PoolTime(1_763_800_060_000),
        }
    }

    fn key(byte: u8) -> Key {
        Key::new([byte; KEY_BYTES])
    }

    #[test]
    fn a_receipt_is_read_as_it_was_given() {
        let receipts = Receipts::new(key(1), None);
        let text = receipts.give(&receipt());
        assert_eq!(receipts.read(&text), Some(receipt()));
    }

    #[test]
    fn a_former_key_is_still_taken_and_no_other() {
        let text = Receipts::new(key(1), None).give(&receipt());
        let rotated = Receipts::new(key(2), Some(key(1)));
        assert_eq!(rotated.read(&text), Some(receipt()));
        assert_ne!(rotated.give(&receipt()), text, "the new key signs");
        assert_eq!(Receipts::new(key(3), Some(key(2))).read(&text), None);
    }

    #[test]
    fn whatever_is_changed_is_no_receipt() {
        let receipts = Receipts::new(key(1), None);
        let text = receipts.give(&receipt());
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(receipts.read(&changed), None, "changed at {place}");
            assert_eq!(receipts.read(&text[..place]), None, "cut at {place}");
        }
        for text in ["", "x", "%%%", "c1", &"A".repeat(100_000)] {
            assert_eq!(receipts.read(text), None);
        }
    }

    #[test]
    fn a_key_is_64_hexadecimal_digits() {
        let digits = "0123456789abcdefABCDEF".repeat(3);
        assert_eq!(
            Key::parse(&format!(" {}\n", &digits[..64])).unwrap().0[0],
            1
        );
        for text in [
            "",
            &digits[..63],
            &digits[..65],
            &"g".repeat(64),
            &"é".repeat(32),
        ] {
            assert!(Key::parse(text).is_none(), "{text}");
        }
    }
}
