//! What arrives and what is expected to, as planners ask for it; and supervisors' words about peaks.

pub(super) mod arrivals;
pub(super) mod import;
pub(super) mod orders;
