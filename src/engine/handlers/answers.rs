//! Keeping the answer to a change, for repeats.

use std::sync::Arc;

use super::{
    super::{
        answers::{BYTES_MAX, KEPT_MS, KeptAnswer, NewAnswer},
        event::Event,
        rejection::Rejection,
    },
    Outcome, Step,
};

/// Keeps an answer; the oldest make room for it. One that is too large for any room is not kept.
pub(super) fn keep(step: &mut Step<'_>, new: &NewAnswer) -> Outcome {
    let NewAnswer {
        request,
        digest,
        answer,
    } = new;
    if let Some(kept) = step.state.answers.get(request) {
        let same = kept.digest == *digest;
        let reused = || Rejection::RequestIdReused(Arc::clone(&request.id));
        return same.then_some(()).ok_or_else(reused);
    }
    if answer.len() > BYTES_MAX {
        return Ok(());
    }
    while let Some(oldest) = step.state.answers.surplus(&request.client, answer.len()) {
        let request = oldest.clone();
        step.emit(Event::AnswerForgotten { request });
    }
    let answer = Arc::new(KeptAnswer {
        request: request.clone(),
        digest: Arc::clone(digest),
        forget_at: step.at.now.plus(KEPT_MS),
        answer: Arc::clone(answer),
    });
    step.emit(Event::AnswerKept { answer });
    Ok(())
}
