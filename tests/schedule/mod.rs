//! Schedules: files read as a planner has them, and refused in plain words.

mod calendars;
mod exports;
mod law;
mod limits;
mod rows;
mod uploads;

use homeshore::{
    calendar::zone::Zone,
    schedule::{Options, Problem, Reading, Shift, read},
};

/// Reads a file of Paris.
fn read_in_paris(file: &str, bytes: &[u8]) -> Reading {
    read_with(file, bytes, &in_paris())
}

fn read_with(file: &str, bytes: &[u8], options: &Options) -> Reading {
    read(file, bytes, options, &mut |_, _| {})
}

fn in_paris() -> Options {
    Options::new(Zone::named("Europe/Paris").unwrap())
}

/// Where each problem is, and the beginning of what it says: `row 5 start: does not exist`.
fn told(reading: &Reading) -> Vec<String> {
    let told = |problem: &Problem| {
        let row = problem
            .row
            .map_or_else(|| "-".to_owned(), |row| row.to_string());
        let column = problem.column.as_deref().unwrap_or("-");
        format!("{row} {column}: {}", problem.message)
    };
    reading.problems.list().iter().map(told).collect()
}

/// Agent, beginning and end of a shift.
fn span(shift: &Shift) -> String {
    format!("{} {} {}", shift.agent, shift.start, shift.end)
}
