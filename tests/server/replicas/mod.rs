//! Several servers on one Redis: any takes any request, and an owner that dies, hangs or ends is replaced, with nothing lost.

mod caller;
mod chaos;
mod faults;
mod passing;
