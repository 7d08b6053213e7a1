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
pub mod receipts;
mod records;
pub mod routing;
mod sessions;
mod status;
mod streams;
pub mod supervision;
mod watch;

pub use desk::{Desk, Times};
pub use layer::{Finish, Finishing};
