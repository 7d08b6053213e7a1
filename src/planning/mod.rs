//! Planning: what theory says of queues, and what the past says of peaks. Pure: no clock, no input, no output.

pub mod erlang;
pub mod peaks;
