//! Stories in a real Chromium: each begins a server of its own and plays people at their pages.

use std::{path::Path, process::Command};

use crate::support::{program::PROGRAM, tools::tool};

/// Plays a story of `tests/browser`, which ends well or says what went wrong.
fn play(story: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let output = Command::new(tool("node"))
        .arg(folder.join(format!("{story}.js")))
        .env("NODE_PATH", tool("browser-modules"))
        .env("HOMESHORE_PROGRAM", PROGRAM)
        .env("HOMESHORE_CHROMIUM", tool("chromium"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{story}: {said}{wrong}");
    eprintln!("{story}: {said}");
}

#[test]
fn a_call_goes_from_the_command_line_to_a_desk_and_is_wrapped_up_by_keyboard() {
    play("call");
}

#[test]
fn a_supervisor_asks_why_a_call_waits_and_drains_a_site() {
    play("supervisor");
}

#[test]
fn a_planner_reads_what_is_wrong_publishes_and_undoes() {
    play("planner");
}

#[test]
fn a_board_says_that_its_server_is_gone_and_recovers() {
    play("lost");
}

#[test]
fn every_page_is_for_everyone_and_names_are_text() {
    play("everyone");
}

#[test]
fn a_foreign_page_gives_no_orders() {
    play("foreign");
}

#[test]
fn a_large_board_is_fast_and_keeps_its_memory() {
    play("large");
}
