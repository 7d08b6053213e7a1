//! The public gRPC API: one thin file a service. Wire types stop in `convert`, gRPC codes in `status`.

pub mod agent_session;
mod agent_stream;
mod backup;
mod calls;
mod changes;
mod convert;
mod deadline;
mod desk;
pub mod directory;
mod events;
mod explain;
mod layer;
mod paging;
mod passing;
pub mod planning;
mod platform_stream;
pub mod pool;
mod positions;
mod queues;
pub mod reasons;
pub mod receipts;
mod records;
pub mod routing;
pub mod schedule;
mod sessions;
mod status;
mod streams;
pub mod supervision;
mod watch;

pub use convert::pools::DEFAULT_POOL;
pub use desk::{Desk, Others, POOL_METADATA, PassedOn, Times};
pub use layer::{Answer, Finish, Finishing};
pub use status::Unserved;
