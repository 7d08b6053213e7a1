//! The routing state machine: pure, with time as an argument. Commands in, events out.

pub mod agent;
pub mod call;
pub mod command;
pub mod event;
pub mod ids;
pub mod profile;
pub mod record;
pub mod rejection;
pub mod spec;
pub mod view;
