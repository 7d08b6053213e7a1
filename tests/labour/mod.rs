//! The labour guard: every rule at its limit, a unit below and above, in plain weeks and over both clock changes; the cases of
//! others; and random schedules against rules said again, slowly.

mod acts;
mod branches;
mod breaks;
mod limits;
pub(crate) mod naive;
mod night;
mod notation;
mod outlook;
mod packs;
mod part_time;
mod properties;
mod reference;
mod rest;
