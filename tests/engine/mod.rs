//! The routing engine, driven without clock, store or network.

mod answers;
mod choice;
mod counted;
mod explained;
mod golden;
mod growth;
mod journal;
mod lawful;
mod levels;
mod orders;
mod outages;
mod outlook;
mod plans;
pub(crate) mod play;
mod properties;
mod reference;
mod regimes;
mod script;
mod scripts;
mod settings;
mod shown;
mod since;
mod speech;
mod waits;
mod windows;
mod witness;
pub(crate) mod world;
