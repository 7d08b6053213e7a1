//! Zones, and all that follows from them: the only place that converts local time.

pub mod zone;
