//! Arrivals against their baseline: what is judged, and what comes of it in a pool, on a virtual clock.

mod judged;
mod morning;
mod story;
