//! The data folder: whether it can be used, who has it, what is in it, and how fast and how full its disk is.

use std::{
    fs::{self, File, Metadata},
    io::{self, Write},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::fs::{Access, access, statvfs};

use super::{Finding, fail, ok, warn};
use crate::{
    clock,
    store::{
        StoreError,
        embedded::{DATA_FILE, LOCK_FILE, Look, look as look_at_file},
    },
};

/// Less room than this stops the service soon.
const ROOM_LEAST: u64 = 100 << 20;
/// Less room than this is worth a look.
const ROOM_GOOD: u64 = 1 << 30;
/// A commit waits for the disk: slower than this is felt by callers.
const SYNC_GOOD: Duration = Duration::from_millis(25);
/// How often the disk is tried; the middle of the times counts.
const SYNCS: usize = 9;
/// About as much as a commit writes.
const PROBE: [u8; 4_096] = [0; 4_096];

/// Looks at the folder.
pub(super) fn look(folder: &Path) -> Vec<Finding> {
    let about = "data";
    let shown = folder.display();
    let metadata = match fs::metadata(folder) {
        Ok(metadata) => metadata,
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return missing(folder),
        Err(problem) => {
            let found =
                format!("`storage.data` is `{shown}`, which cannot be looked at: {problem}");
            return vec![fail(
                about,
                found,
                "run this as the user that runs `homeshore serve`, or give another folder with --data",
            )];
        }
    };
    if !metadata.is_dir() {
        let found = format!("`storage.data` is `{shown}`, which is no folder");
        return vec![fail(
            about,
            found,
            "give a folder: `storage.data` in the settings, or --data",
        )];
    }
    let mut findings = vec![usable(folder, &metadata)];
    let may_write = access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    let holder = holder(folder);
    findings.push(file(folder, holder.as_deref()));
    findings.extend(room(folder));
    if may_write {
        findings.push(speed(folder));
    }
    findings
}

/// There is no folder yet: `serve` makes it, if it can.
fn missing(folder: &Path) -> Vec<Finding> {
    let about = "data";
    let shown = folder.display();
    let above = folder.ancestors().skip(1).map(|path| match path {
        path if path.as_os_str().is_empty() => Path::new("."),
        path => path,
    });
    let above: PathBuf = above.filter(|path| path.exists()).take(1).collect();
    if access(&above, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let found = format!(
            "`storage.data` is `{shown}`, which is not there and cannot be made in `{}`",
            above.display()
        );
        return vec![fail(
            about,
            found,
            "make it and give it to the user that runs `homeshore serve`, or give another with --data",
        )];
    }
    let mut findings = vec![ok(
        about,
        format!("`{shown}` is not there yet; `homeshore serve` makes it"),
    )];
    findings.extend(room(&above));
    findings.push(speed(&above));
    findings
}

fn usable(folder: &Path, metadata: &Metadata) -> Finding {
    let about = "data";
    let shown = folder.display();
    if access(folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let found = format!("`{shown}` cannot be written by this user");
        return fail(
            about,
            found,
            "run this as the user that runs `homeshore serve`, or give that user the folder",
        );
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let found = format!("`{shown}` is open to other users of this machine (mode {mode:03o})");
        return warn(about, found, format!("chmod 700 {shown}"));
    }
    ok(about, format!("`{shown}` can be read and written"))
}

/// What is in the data file, and who has it.
fn file(folder: &Path, holder: Option<&str>) -> Finding {
    let about = "data file";
    let path = folder.join(DATA_FILE);
    let size = match fs::metadata(&path) {
        Ok(metadata) => bytes(metadata.len()),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => {
            return match holder {
                Some(holder) => warn(
                    about,
                    format!("none, and yet {holder} has the folder"),
                    "wait until it has started, or look at its log",
                ),
                None => ok(about, "none yet; `homeshore serve` makes it"),
            };
        }
        Err(problem) => {
            return fail(
                about,
                format!("`{}`: {problem}", path.display()),
                "run this as the user that runs `homeshore serve`",
            );
        }
    };
    if let Some(holder) = holder {
        return ok(about, format!("{size}, in use by {holder}"));
    }
    match look_at_file(folder) {
        Ok(Look::Closed { format, pools }) => {
            let s = if pools == 1 { "" } else { "s" };
            ok(
                about,
                format!("{size}, format {format}, {pools} pool{s}, in use by nobody"),
            )
        }
        Ok(Look::NotClosed) => warn(
            about,
            format!("{size}, in use by nobody, and was not closed in order"),
            "nothing: the next start repairs it, which takes longer",
        ),
        Err(StoreError::TooNew { stored }) => fail(
            about,
            format!("{size}, of format {stored}, which a newer release wrote"),
            "run that release, or put back a copy of before",
        ),
        Err(problem) => fail(
            about,
            problem.to_string(),
            "put back a copy of the folder, or move it away to begin empty",
        ),
    }
}

/// The process that has the folder, from the kernel's list of locks. Taking the lock to find out would be in its way.
fn holder(folder: &Path) -> Option<String> {
    let lock = fs::metadata(folder.join(LOCK_FILE)).ok()?;
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let pid = lock_holder(&locks, lock.dev(), lock.ino())?;
    Some(match fs::read_to_string(format!("/proc/{pid}/comm")) {
        Ok(name) => format!("process {pid} ({})", name.trim()),
        Err(_) => "a process of another user or container".to_owned(),
    })
}

/// Reads lines such as `1: FLOCK  ADVISORY  WRITE 4711 fe:01:395265 0 EOF`.
fn lock_holder(locks: &str, device: u64, inode: u64) -> Option<String> {
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let file = format!("{major:02x}:{minor:02x}:{inode}");
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.iter().position(|word| *word == file)?;
        words.get(at.checked_sub(1)?).map(|pid| (*pid).to_owned())
    })
}

/// How much room the disk has. Every change is stored: without room new work is refused.
fn room(folder: &Path) -> Option<Finding> {
    let about = "disk";
    let disk = statvfs(folder).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let whole = disk.f_blocks.saturating_mul(disk.f_frsize).max(1);
    let found = format!("{} free of {}", bytes(free), bytes(whole));
    let to_do = format!(
        "make room: below {} new work is refused before long",
        bytes(ROOM_LEAST)
    );
    Some(if free < ROOM_LEAST {
        fail(about, found, to_do)
    } else if free < ROOM_GOOD {
        warn(about, found, to_do)
    } else {
        ok(about, found)
    })
}

/// How long it takes until something is on the disk.
fn speed(folder: &Path) -> Finding {
    let about = "disk";
    let mut times = match measure(folder) {
        Ok(times) => times,
        Err(problem) => {
            let found = format!(
                "nothing can be written to `{}`: {problem}",
                folder.display()
            );
            return fail(
                about,
                found,
                "see to the disk: without it nothing is acknowledged",
            );
        }
    };
    times.sort();
    let middle = times[times.len() / 2];
    let found = format!(
        "a commit waits {:.1} ms until it is on the disk (at worst {:.1} ms)",
        milliseconds(middle),
        milliseconds(times[times.len() - 1])
    );
    if middle > SYNC_GOOD {
        let good = SYNC_GOOD.as_millis();
        return warn(
            about,
            found,
            format!("callers wait for it: a local disk takes below {good} ms"),
        );
    }
    ok(about, found)
}

fn measure(folder: &Path) -> io::Result<Vec<Duration>> {
    // It has no name: nothing stays of it, however this ends.
    let mut probe: File = tempfile::tempfile_in(folder)?;
    let mut times = Vec::new();
    for _ in 0..SYNCS {
        probe.write_all(&PROBE)?;
        let begun = clock::instant();
        probe.sync_data()?;
        times.push(clock::instant().duration_since(begun));
    }
    Ok(times)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// A number of bytes in words.
pub(super) fn bytes(number: u64) -> String {
    const UNITS: [(&str, u64); 4] = [
        ("TiB", 1 << 40),
        ("GiB", 1 << 30),
        ("MiB", 1 << 20),
        ("KiB", 1 << 10),
    ];
    let unit = UNITS.iter().find(|(_, size)| number >= *size);
    unit.map_or_else(
        || format!("{number} B"),
        |(name, size)| format!("{}.{} {name}", number / size, number % size * 10 / size),
    )
}

#[cfg(test)]
mod tests {
    use super::{bytes, lock_holder};

    #[test]
    fn who_has_a_lock_is_read() {
        let locks = "\
1: POSIX  ADVISORY  WRITE 12 fe:01:4 0 EOF
2: FLOCK  ADVISORY  WRITE 4711 fe:01:44 0 EOF
2: -> FLOCK  ADVISORY  WRITE 4712 fe:01:44 0 EOF
";
        let device = rustix::fs::makedev(0xfe, 1);
        assert_eq!(lock_holder(locks, device, 44), Some("4711".to_owned()));
        assert_eq!(lock_holder(locks, device, 5), None);
    }

    #[test]
    fn bytes_are_told_in_units() {
        let cases = [(5, "5 B"), (1_536, "1.5 KiB"), (1 << 30, "1.0 GiB")];
        for (number, text) in cases {
            assert_eq!(bytes(number), text);
        }
    }
}
