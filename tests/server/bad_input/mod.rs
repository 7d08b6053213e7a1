//! Bad input, a row each: the request, and the code, reason and field that answer it. Nothing is half done, and the
//! service goes on.

mod callbacks;
mod calls;
mod demand;
mod directory;
mod explain;
mod messages;
mod moves;
mod pools;
mod queues;
mod readiness;
mod records;
mod registrations;
mod repeats;
mod sessions;
mod supervision;
mod told;
mod trouble;

use tonic::{
    Code::{self, InvalidArgument},
    Status,
};

use crate::support::told;

/// What a row expects.
struct Expected {
    row: &'static str,
    code: Code,
    reason: &'static str,
    field: &'static str,
}

fn expect(row: &'static str, code: Code, reason: &'static str, field: &'static str) -> Expected {
    Expected {
        row,
        code,
        reason,
        field,
    }
}

fn invalid(row: &'static str, field: &'static str) -> Expected {
    expect(row, InvalidArgument, "INVALID_FIELDS", field)
}

fn check<T: std::fmt::Debug>(expected: &Expected, answer: Result<T, Status>) {
    let row = expected.row;
    let Err(status) = answer else {
        panic!("{row}: accepted: {answer:?}");
    };
    let (code, reason, fields) = told(&status);
    assert_eq!(
        (code, reason.as_str()),
        (expected.code, expected.reason),
        "{row}: {status:?}"
    );
    let named = expected.field.is_empty() || fields.iter().any(|field| field == expected.field);
    assert!(named, "{row}: `{}` is not among {fields:?}", expected.field);
    let hidden = |c: char| c.is_control() || ('\u{202A}'..='\u{202E}').contains(&c);
    assert!(
        !status.message().contains(hidden),
        "{row}: {:?}",
        status.message()
    );
    assert!(
        status.message().len() < 2_048,
        "{row}: the message is short"
    );
}

const LONG: usize = 1_000_000;
