//! The example clients of `deploy/examples`, run as a user runs them against the real server.

mod clients;
mod example;
mod lost;
mod pasted;
