//! What processes show each other: that they know the same secret, which itself does not travel.

use std::fmt::Write;

use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;
use tonic::metadata::{MetadataMap, MetadataValue};

/// The header that shows it. It also marks a request as passed on: it is passed on once.
pub(super) const HEADER: HeaderName = HeaderName::from_static(NAME);
const NAME: &str = "homeshore-peer";
/// What is signed.
const SAID: &[u8] = b"homeshore peer 1";

/// A secret that processes share.
pub(super) struct Secret(Hmac<Sha256>);

impl Secret {
    pub(super) fn new(secret: &str) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
        let mut mac = mac.expect("a MAC takes any key");
        mac.update(SAID);
        Self(mac)
    }

    /// What shows that this process knows it.
    pub(super) fn proof(&self) -> HeaderValue {
        let mut digits = String::new();
        for byte in self.0.clone().finalize().into_bytes() {
            let _never_fails = write!(digits, "{byte:02x}");
        }
        let mut proof = HeaderValue::from_str(&digits).expect("digits can be said");
        proof.set_sensitive(true);
        proof
    }

    /// Shows it in the metadata of a request of our own.
    pub(super) fn show(&self, metadata: &mut MetadataMap) {
        if let Ok(proof) = MetadataValue::try_from(self.proof().as_bytes()) {
            metadata.insert(NAME, proof);
        }
    }

    /// Whether somebody has shown it, without telling by the time that takes how much of it is right.
    pub(super) fn is_shown(&self, headers: &HeaderMap) -> bool {
        let mut shown = headers.get_all(HEADER).iter();
        let (Some(proof), None) = (shown.next(), shown.next()) else {
            return false;
        };
        let right = self.proof();
        let (right, proof) = (right.as_bytes(), proof.as_bytes());
        let differences = right
            .iter()
            .zip(proof)
            .fold(0, |all, (one, other)| all | (one ^ other));
        right.len() == proof.len() && differences == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_knows_the_secret_shows_it() {
        let secret = Secret::new("what we both know, and nobody else");
        let mut headers = HeaderMap::new();
        assert!(!secret.is_shown(&headers));
        headers.insert(HEADER, secret.proof());
        assert!(secret.is_shown(&headers));
        headers.append(HEADER, secret.proof());
        assert!(!secret.is_shown(&headers), "twice is not once");
        for other in ["", "0", "what we both know, and nobody else"] {
            headers.insert(HEADER, other.parse().expect("it can be said"));
            assert!(!secret.is_shown(&headers), "{other}");
        }
        headers.insert(HEADER, Secret::new("another").proof());
        assert!(!secret.is_shown(&headers));
    }
}
