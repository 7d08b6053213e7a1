//! Prometheus itself reads what the service shows: `make tools` brings it.

mod floor;
mod grpc;
mod page;
mod table;
