//! The command line as a user meets it: the program is run, and what it prints and answers is looked at.

mod backup;
mod calls;
mod demo;
mod events;
mod forgetful;
mod offline;
mod records;
pub(crate) mod served;
mod simulate;
mod supervised;
mod terminal;
mod watch;
