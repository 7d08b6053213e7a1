//! The console: in a real browser, over plain HTTP, and beside everything else that shows the same numbers.

mod browser;
mod guarded;
mod numbers;
mod streams;
