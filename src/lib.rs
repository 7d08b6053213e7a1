//! homeshore: contact-centre routing for home-based and telecentre agents.
//!
//! A pure engine decides; a thin shell stores, talks and shows. `ARCHITECTURE.md` is the map.

pub mod api;
pub mod calendar;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod demand;
pub mod engine;
pub mod labour;
pub mod metrics;
pub mod peers;
pub mod planning;
pub mod pool;
pub mod readiness;
pub mod schedule;
pub mod simulation;
pub mod store;
pub mod telemetry;

/// The public API, generated from `proto/`.
pub mod proto {
    /// `homeshore.v1`.
    #[allow(
        warnings,
        clippy::all,
        clippy::pedantic,
        clippy::restriction,
        reason = "generated"
    )]
    pub mod v1 {
        tonic::include_proto!("homeshore.v1");
    }
    /// Every message and service, for reflection.
    pub const DESCRIPTORS: &[u8] =
        include_bytes!(concat!(env!("OUT_DIR"), "/homeshore_descriptors.bin"));
}
