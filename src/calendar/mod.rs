//! Zones, and all that follows from them: the only place that converts local time.

mod easter;
pub mod holidays;
pub mod windows;
pub mod zone;
