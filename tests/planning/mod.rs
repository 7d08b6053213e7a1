//! Planning and readiness against reference figures: every file of the folder `HOMESHORE_REFERENCE`, by pattern, through
//! the commands that users have.

mod peaks;
mod refused;
mod tables;
