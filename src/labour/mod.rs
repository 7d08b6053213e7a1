//! Labour law: rule packs as data, and the one evaluator that everything asks.
//!
//! Figures and articles are a reading of the texts in force in spring 2026, for software defaults: no legal advice. Durations
//! are elapsed time; the day is 00:00 to 24:00 and the week Monday to Sunday, in the agent's zone.

mod acts;
mod calls;
pub mod cases;
mod counted;
pub mod days;
mod evaluate;
mod finding;
mod outlook;
pub mod pack;
mod person;
mod rules;
mod span;
pub mod words;
mod work;

pub use acts::{Act, AgreedHours, Agreement, Change, Contact, contact, notice};
pub use calls::{Complexity, check_gaps, gap_ms};
pub use counted::{Counted, counted, day_totals};
pub use evaluate::{Case, added, evaluate};
pub use finding::{Figure, Finding, RuleId, Severity};
pub use outlook::{Limit, Outlook, Worked, record};
pub use person::{Age, AgeBand, DayWork, Past, Person};
pub use span::{HOUR_MS, MINUTE_MS, Part, PartKind, SECOND_MS, Shift, Span};
