//! A pool of which some entities cannot be read: they are left out, as long as nothing that can be read holds on to them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{
    Engine, Limits,
    ids::{PoolId, PoolTime},
    record::Record,
    state::State,
    stored::LoadError,
};

/// Without these nothing else means anything.
const FOUNDATIONS: [&str; 2] = ["pool", "numbers"];

impl Engine {
    /// A pool as it was stored, without the entities that cannot be read; each of those is told.
    ///
    /// # Errors
    /// If an entity was written by a newer release, the pool's configuration or its numbers cannot be read, or what is left
    /// does not hold together, as a conversation without its agent.
    pub fn salvage(
        pool: &PoolId,
        limits: Limits,
        records: &[Record],
        pool_time: PoolTime,
    ) -> Result<(Self, Vec<LoadError>), LoadError> {
        let mut left_out = Vec::new();
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            let mut notice = |problem| leave_out(problem, &mut left_out);
            let state = State::load(pool.clone(), limits, records, pool_time, &mut notice)?;
            if !left_out.is_empty() {
                state.check_hands();
            }
            Ok::<State, LoadError>(state)
        }));
        match (loaded, left_out.first()) {
            (Ok(state), _) => Ok((Self { state: state? }, left_out)),
            (Err(_panic), Some(first)) => Err(first.clone()),
            (Err(panic), None) => std::panic::resume_unwind(panic),
        }
    }
}

fn leave_out(problem: LoadError, left_out: &mut Vec<LoadError>) -> Result<(), LoadError> {
    match &problem {
        LoadError::Corrupt { key, .. } if !FOUNDATIONS.contains(&key.as_str()) => {
            left_out.push(problem);
            Ok(())
        }
        LoadError::Corrupt { .. } | LoadError::TooNew { .. } => Err(problem),
    }
}
