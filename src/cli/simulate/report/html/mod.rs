//! The figures as one page with pictures, for people: on a screen, on paper, or read aloud.

mod day;
mod facts;
mod numbers;
mod page;
mod pictures;
mod scale;
mod tables;
mod words;

pub(in crate::cli::simulate) use page::html;

use super::{SURE, Scope, Side, counterpart, place, scopes};
