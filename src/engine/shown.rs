//! In which state boards show an agent: when it changes, `AgentState::since` begins anew.

use super::{
    agent::{AgentState, Intent},
    numbers,
};

/// The state that boards count, and what the agent asks for, which holds the reason.
pub(super) type Shown = (numbers::AgentState, Intent);

/// How boards show an agent in this state.
pub(super) fn shown(state: &AgentState) -> Shown {
    let counted = numbers::AgentState::by(&state.work, &state.intent, state.line);
    (counted, state.intent.clone())
}
