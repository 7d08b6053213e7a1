//! What would have been: the very engine that routes live calls, driven by discrete events in virtual time.
//!
//! Nothing in the engine knows of it. The same input gives the same output, byte for byte.

mod driver;
pub mod trace;
