//! The command line as a user meets it: the program is run, and what it prints and answers is looked at.

mod backup;
mod calls;
mod contexts;
mod demand;
mod demo;
mod doctor;
mod events;
mod forgetful;
mod labour;
mod offline;
mod pages;
mod pools;
mod records;
mod redis;
mod same_bytes;
mod scenarios;
pub(crate) mod served;
mod simulate;
mod speed;
mod supervised;
mod terminal;
mod watch;
mod windows;
