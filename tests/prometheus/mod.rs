//! Prometheus itself reads what the service shows: `make tools` brings it.

mod dashboards;
mod floor;
mod growth;
mod grpc;
mod page;
mod rules;
mod scraped;
mod table;
mod watcher;
