//! States written by released formats load.
