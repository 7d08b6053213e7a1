//! The machine: its clock, zone data and limits.

use std::{path::Path, process::Command};

use rustix::process::{Resource, getrlimit};
use tokio::time::Instant;

use super::{Finding, fail, ok, warn};
use crate::{calendar::zone, clock, engine::ids::WallTime};

/// A clock before 2026 was never set.
const NEVER_SET_MS: i64 = 1_767_225_600_000;
/// The calendar and the steady clock may drift apart so much while this looks.
const DRIFT_MS: u128 = 250;
/// A connection, and so a file, for each agent and platform, and some besides.
const FILES_GOOD: u64 = 4_096;

/// Looks at the machine.
pub(super) fn look() -> Vec<Finding> {
    vec![set(), synchronised(), zones(), files()]
}

fn set() -> Finding {
    let now = clock::wall().0;
    let text = crate::cli::text::to_timestamp(u64::try_from(now).unwrap_or(0)).to_string();
    let text = text
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end_matches('Z');
    if now < NEVER_SET_MS {
        let found = format!("the calendar says {text} UTC");
        return fail(
            "clock",
            found,
            "set the clock: holds, pauses and records go by the calendar",
        );
    }
    ok("clock", format!("{text} UTC"))
}

fn synchronised() -> Finding {
    let about = "clock";
    let asked = Command::new("timedatectl")
        .args(["show", "--property", "NTPSynchronized", "--value"])
        .output();
    let told = asked.ok().filter(|output| output.status.success());
    let told = told.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match told.as_deref() {
        Some("yes") => ok(about, "kept by a time server"),
        Some("no") => warn(
            about,
            "not kept by a time server",
            "switch on time synchronisation, such as with `timedatectl set-ntp true`",
        ),
        Some(_) | None => ok(
            about,
            "this machine does not tell whether a time server keeps it",
        ),
    }
}

/// Whether the calendar went as the steady clock did since `wall` and `steady` were read together.
pub(super) fn clocks_agree(wall: WallTime, steady: Instant) -> Finding {
    let passed = clock::instant().duration_since(steady).as_millis();
    let by_calendar = clock::wall().0 - wall.0;
    apart(passed, by_calendar)
}

fn apart(passed: u128, by_calendar: i64) -> Finding {
    let about = "clock";
    let apart = u128::try_from(by_calendar).map_or(u128::MAX, |by| by.abs_diff(passed));
    if apart > DRIFT_MS {
        let found =
            format!("in {passed} ms the calendar went by {by_calendar} ms: somebody sets it");
        return warn(
            about,
            found,
            "let one time server keep it, which slews and does not jump",
        );
    }
    ok(
        about,
        format!("calendar and steady clock agree over {passed} ms"),
    )
}

/// The release of the zone data in use.
fn zones() -> Finding {
    let data = zone::data();
    let machine = zone::version_in(Path::new(zone::SYSTEM_FOLDER));
    let found = match (data.is_system, machine) {
        (true, _) => format!("zone data {}, of this machine", data.version),
        (false, Some(machine)) => {
            let ours = &data.version;
            format!("zone data {ours}, which came with the program; this machine has {machine}")
        }
        (false, None) => format!("zone data {}, which came with the program", data.version),
    };
    ok("zones", found)
}

fn files() -> Finding {
    let about = "limits";
    let limit = getrlimit(Resource::Nofile);
    let Some(files) = limit.current else {
        return ok(about, "open files without a limit");
    };
    let found = format!("{files} open files");
    if files < FILES_GOOD {
        let to_do = "each agent and platform is a connection: raise it, `ulimit -n 65536`, or LimitNOFILE= of systemd";
        return warn(about, found, to_do);
    }
    ok(about, found)
}

#[cfg(test)]
mod tests {
    use super::{super::Grade, apart};

    #[test]
    fn a_calendar_that_jumps_is_told() {
        assert_eq!(apart(1_000, 1_100).grade, Grade::Ok);
        assert_eq!(apart(1_000, 3_600_000).grade, Grade::Warn);
        assert_eq!(apart(1_000, -5).grade, Grade::Warn);
    }
}
