//! The server over real gRPC, on free ports, with a store in memory.

mod streams;
mod unary;
