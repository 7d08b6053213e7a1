//! The server over real gRPC, on free ports, with a store in memory.

mod actor;
mod bad_input;
mod boards;
mod callbacks;
mod choosing;
mod deletion;
mod events;
mod explain;
mod health;
mod messages;
mod moves;
mod numbers;
mod positions;
mod program;
mod queues;
mod records;
mod registrations;
mod reopened;
mod repeats;
mod settings;
mod streams;
mod supervision;
mod talks;
mod trouble;
mod unary;
