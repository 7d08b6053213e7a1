//! What is measured: sums while it runs, figures of each replication or batch, and the measures that are told of them.

mod floor;
mod ledger;
mod line;
mod table;

pub(super) use floor::{Floor, Work};
pub(super) use ledger::{Layout, Ledger};
pub(super) use line::{Line, OfferCount};
pub(super) use table::Of;
pub use table::{Measure, QUEUE_MEASURES, QueueFigures, STAFF_MEASURES, StaffFigures, Unit};
