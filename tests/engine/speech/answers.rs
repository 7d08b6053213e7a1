//! Answers that are kept for repeats.

use homeshore::engine::event::Event;

/// An event in a few words.
pub(super) fn say(event: &Event) -> String {
    let (request, what) = match event {
        Event::AnswerKept { answer } => (&answer.request, "kept"),
        Event::AnswerForgotten { request } => (request, "forgotten"),
        other => panic!("{other:?} is no event of an answer"),
    };
    format!("answer to {}/{} {what}", request.client, request.id)
}
