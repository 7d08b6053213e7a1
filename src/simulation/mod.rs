//! What would have been: the very engine that routes live calls, driven by discrete events in virtual time.
//!
//! Nothing in the engine knows of it. The same input gives the same output, byte for byte.

mod agenda;
pub mod checker;
mod driver;
pub mod model;
pub mod trace;
mod world;

/// Takes the lines of a simulation's events, as the journal of a live pool has them, in their order.
pub type EventLines<'a> = &'a mut dyn FnMut(&str);
