//! The server over real gRPC, on free ports, with a store in memory.

mod actor;
mod bad_input;
mod boards;
mod explain;
mod health;
mod program;
mod settings;
mod streams;
mod unary;
