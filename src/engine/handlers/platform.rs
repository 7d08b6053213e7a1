//! Platforms that come, go and say which calls they still hold.

use std::collections::BTreeSet;

use super::{
    super::{
        call::Phase,
        event::Event,
        ids::{CallId, NAME_BYTES_MAX, PlatformKey, name_problem},
        rejection::{Rejection, Violation},
        state::{Call, CallIx, State},
    },
    Outcome, Step,
    registration::lift_all,
    report::found,
    talk,
};

/// A call that its platform no longer names is lost after this long.
pub(crate) const UNDECLARED_LOST_MS: u64 = 30_000;

/// An instance has connected.
pub(super) fn attach(step: &mut Step<'_>, key: &PlatformKey) -> Outcome {
    check_key(step, key)?;
    heard(step, key);
    Ok(())
}

/// Whether an instance is attached.
pub(super) fn is_heard(state: &State, key: &PlatformKey) -> bool {
    let platform = state.platforms.get(key);
    platform.is_some_and(|platform| platform.detached_at.is_none())
}

/// An instance is heard, and what it said of registrations counts again.
pub(super) fn heard(step: &mut Step<'_>, key: &PlatformKey) {
    emit_attached(step, key);
    lift_all(step, key);
}

/// An instance is heard, and nothing more.
pub(super) fn emit_attached(step: &mut Step<'_>, key: &PlatformKey) {
    step.emit(Event::PlatformAttached {
        key: key.clone(),
        at: step.at.now,
    });
}

/// An instance is no longer heard.
pub(super) fn detach(step: &mut Step<'_>, key: &PlatformKey) -> Outcome {
    if step
        .state
        .platforms
        .get(key)
        .is_some_and(|platform| platform.detached_at.is_none())
    {
        step.emit(Event::PlatformDetached {
            key: key.clone(),
            at: step.at.now,
        });
    }
    Ok(())
}

/// The calls that an instance still holds: others that were accepted before it attached will be lost.
pub(super) fn declare(step: &mut Step<'_>, key: &PlatformKey, named: &[CallId]) -> Outcome {
    let Some(platform) = step.state.platforms.get(key) else {
        return Ok(());
    };
    let hello_at = platform.hello_at;
    let named: BTreeSet<&CallId> = named.iter().collect();
    for ix in step.state.calls_of(key) {
        let call = &step.state.calls[ix];
        if named.contains(&call.record.id) {
            found(step, ix);
            talk::confirm(step, ix);
        } else if call.record.accepted_at < hello_at
            && call.state.lost_at.is_none()
            && has_line(call)
        {
            miss(step, ix);
        }
    }
    Ok(())
}

/// Whether the caller is on a line: a callback has none before its customer talks.
fn has_line(call: &Call) -> bool {
    let talks = matches!(call.state.phase, Phase::Connected { .. });
    talks || call.state.callback.is_none()
}

/// A call that its platform did not name is lost unless it is heard of.
pub(super) fn miss(step: &mut Step<'_>, ix: CallIx) {
    let call = step.state.calls[ix].record.id.clone();
    step.emit(Event::CallMissed {
        call,
        lost_at: step.at.now.plus(UNDECLARED_LOST_MS),
    });
}

/// Whether an instance's names are right and there is room for it.
pub(super) fn check_key(step: &Step<'_>, key: &PlatformKey) -> Outcome {
    let fields = [("platform", &key.platform), ("instance", &key.instance)];
    let wrong: Vec<Violation> = fields
        .into_iter()
        .filter_map(|(field, name)| {
            Some(Violation::new(field, name_problem(name, NAME_BYTES_MAX)?))
        })
        .collect();
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    let (known, limit) = (step.state.platforms.len(), step.state.limits.platforms);
    if known >= limit && !step.state.platforms.contains_key(key) {
        let problem = format!("is one more than the {limit} instances that a pool may have");
        return Err(Rejection::Invalid(vec![Violation::new(
            "instance", problem,
        )]));
    }
    Ok(())
}
