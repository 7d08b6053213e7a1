//! Pages of lists: sizes, and opaque tokens that only fit the request they came from.

use serde::{Serialize, de::DeserializeOwned};

use super::{convert::fault, status::Problem};
use crate::pool::change::{hex, unhex};

const SIZE_DEFAULT: usize = 100;
/// Most entries of a page.
pub(super) const SIZE_MAX: usize = 1_000;

/// The size of a page: a default for zero, at most the limit.
pub(super) fn size(given: i32) -> Result<usize, Problem> {
    match usize::try_from(given) {
        Ok(0) => Ok(SIZE_DEFAULT),
        Ok(size) => Ok(size.min(SIZE_MAX)),
        Err(_) => Err(fault(
            "page_size",
            format!("is {given}; give 0 to {SIZE_MAX}"),
        )),
    }
}

/// A token for the page after `place`, of a list cut down by `filter`.
pub(super) fn token<P: Serialize>(filter: &str, place: &P) -> String {
    hex(&serde_json::to_vec(&(filter, place)).expect("a place is plain data"))
}

/// The place that a token names; none for the first page.
pub(super) fn place<P: DeserializeOwned>(filter: &str, token: &str) -> Result<Option<P>, Problem> {
    if token.is_empty() {
        return Ok(None);
    }
    let wrong = || {
        fault(
            "page_token",
            "is not a token of this list; leave it empty to begin again",
        )
    };
    let json = unhex(token).ok_or_else(wrong)?;
    let (given, place): (String, P) = serde_json::from_slice(&json).map_err(|_| wrong())?;
    if given == filter {
        Ok(Some(place))
    } else {
        Err(wrong())
    }
}

/// Cuts a list that holds one more than a page; answers the last place if there is a next page.
pub(super) fn cut<T, P>(items: &mut Vec<T>, size: usize, place: impl Fn(&T) -> P) -> Option<P> {
    if items.len() <= size {
        return None;
    }
    items.truncate(size);
    items.last().map(place)
}
