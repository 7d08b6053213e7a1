//! The routing engine, driven without clock, store or network.

mod golden;
mod properties;
mod script;
mod scripts;
mod speech;
mod world;
