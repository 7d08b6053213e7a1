//! The one binary of integration tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod store;
mod tidy;
