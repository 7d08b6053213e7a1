//! What can go wrong for a user of the command line, how it is said, and its exit code.

use std::process::ExitCode;

use thiserror::Error;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::out;
use crate::simulation::trace::Problems;

/// An error with an exit code of its own. Others end with 1.
#[derive(Debug, Error)]
pub(super) enum CliError {
    /// The usage or an input file is wrong.
    #[error("{0}")]
    Input(String),
    /// The server cannot be reached.
    #[error("cannot reach a server at {server}: {why}")]
    Unreachable {
        /// The address that was tried.
        server: String,
        /// What happened.
        why: String,
    },
    /// The server refused.
    #[error("{}", .0.message())]
    Refused(Box<Status>),
    /// The reader of stdout went away.
    #[error("stdout was closed")]
    ReaderGone,
}

impl From<Status> for CliError {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(status))
    }
}

impl From<Problems> for CliError {
    fn from(problems: Problems) -> Self {
        let lines = problems.to_string().replace('\n', "\n  ");
        Self::Input(format!("the log is not right:\n  {lines}"))
    }
}

/// Says a problem on stderr and answers the exit code.
pub(super) fn report(problem: &anyhow::Error) -> ExitCode {
    match problem.downcast_ref::<CliError>() {
        Some(CliError::ReaderGone) => ExitCode::SUCCESS,
        Some(CliError::Input(text)) => {
            out::say(&format!("error: {text}"));
            ExitCode::from(2)
        }
        Some(unreachable @ CliError::Unreachable { .. }) => {
            out::say(&format!("error: {unreachable}"));
            out::say(
                "start one with `homeshore serve`, or name another with `--server URL` or HOMESHORE_SERVER",
            );
            ExitCode::from(3)
        }
        Some(CliError::Refused(status)) => {
            out::say(&refusal(status));
            ExitCode::FAILURE
        }
        None => {
            out::say(&format!("error: {problem:#}"));
            ExitCode::FAILURE
        }
    }
}

/// A refusal in words: the message, each field at fault on a line, and what to try next.
pub(super) fn refusal(status: &Status) -> String {
    let details = status.get_error_details();
    let violations = details
        .bad_request()
        .map_or(&[][..], |bad| &bad.field_violations[..]);
    // The server's message joins what is wrong with the fields; several are easier to read on lines of their own.
    let mut lines = match violations {
        [] | [_] => vec![format!("error: {}", message(status))],
        [_, _, ..] => vec![format!("error: {} fields are wrong", violations.len())],
    };
    for violation in violations {
        if !lines[0].contains(&violation.description) {
            lines.push(format!("  {}: {}", violation.field, violation.description));
        }
    }
    let left_out = details
        .error_info()
        .and_then(|info| info.metadata.get("violations_left_out"));
    if let Some(count) = left_out {
        lines.push(format!("  and {count} more"));
    }
    let delay = details.retry_info().and_then(|info| info.retry_delay);
    match (hint(status.code()), delay) {
        (_, Some(delay)) => lines.push(format!("try again in {} ms", delay.as_millis())),
        (Some(hint), None) => lines.push(hint.to_owned()),
        (None, None) => {}
    }
    lines.join("\n")
}

fn message(status: &Status) -> String {
    if status.message().is_empty() {
        format!("the server answered {:?} without a message", status.code())
    } else {
        status.message().to_owned()
    }
}

fn hint(code: Code) -> Option<&'static str> {
    match code {
        Code::Unavailable => Some("the server or its store is not available now: try again"),
        Code::ResourceExhausted => Some("the server is at a limit: try again with less, or later"),
        Code::Unimplemented => Some("the server does not offer this: is it of the same version?"),
        Code::DeadlineExceeded => Some("no answer in time: is the server overloaded?"),
        Code::Internal | Code::DataLoss | Code::Unknown => {
            Some("this is the server's own mistake: its log says more")
        }
        Code::Ok
        | Code::Cancelled
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unauthenticated => None,
    }
}

#[cfg(test)]
mod tests {
    use tonic::{Code, Status};
    use tonic_types::{ErrorDetails, StatusExt};

    use super::refusal;

    #[test]
    fn a_refusal_names_every_field() {
        let mut details = ErrorDetails::new();
        details
            .add_bad_request_violation("agents[0].id", "is empty; give 1 to 128 bytes")
            .add_bad_request_violation("agents[1].skills[0].level", "is 9; give 1 to 5");
        let status = Status::with_error_details(
            Code::InvalidArgument,
            "`agents[0].id` is empty; …",
            details,
        );
        assert_eq!(
            refusal(&status),
            "error: 2 fields are wrong\n  agents[0].id: is empty; give 1 to 128 bytes\n  \
             agents[1].skills[0].level: is 9; give 1 to 5"
        );
    }

    #[test]
    fn one_field_is_not_told_twice() {
        let mut details = ErrorDetails::new();
        details.add_bad_request_violation("queue", "queue `x` is not in this pool");
        let text = "queue `x` is not in this pool";
        let status = Status::with_error_details(Code::NotFound, text, details);
        assert_eq!(refusal(&status), format!("error: {text}"));
    }

    #[test]
    fn a_refusal_without_a_message_still_says_something() {
        let text = refusal(&Status::new(Code::Internal, ""));
        assert!(text.contains("Internal"), "{text}");
    }
}
