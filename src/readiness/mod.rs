//! Readiness: whether an agent's home set-up is good enough. Pure.

pub mod emodel;
pub mod standing;
