//! Screens as they should be, kept as text. What differs from run to run, times and the server's port, is put right first:
//! each to the same width, so that the screens stay as they look.

use std::{env, fs, path::Path};

/// What lengths of time, the time of day and the server's address become.
const SPAN: &str = "25s";
const CLOCK: &str = "14:05:07";
/// So long before it, and 300 hours after that, when the hold ends.
const SINCE: &str = "14:04:42";
const UNTIL: &str = "02:04:42";
const ADDRESS: &str = "127.0.0.1:50051";
/// The queues, whose targets stay as they are.
const QUEUES: [&str; 3] = ["billing", "retention", "technical"];

/// Holds a screen to the one of that name; writes it if `HOMESHORE_WRITE_SCREENS` is set.
pub(super) fn check(name: &str, screen: &str, width: usize) {
    let seen = steady(screen);
    let wide = seen.lines().find(|line| line.chars().count() > width);
    assert_eq!(wide, None, "lines are at most {width} wide");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/screens/{name}.txt"));
    if env::var_os("HOMESHORE_WRITE_SCREENS").is_some() {
        fs::write(&path, &seen).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(seen == kept, "the screen `{name}` is now\n{seen}");
}

fn steady(screen: &str) -> String {
    let lines = screen.trim_end().lines().map(steady_line);
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn steady_line(line: &str) -> String {
    let queue = line
        .split_whitespace()
        .find(|word| !["!", "-"].contains(word));
    // Of a queue's row only the wait moves: its target is the last length of time.
    let is_queue = queue.is_some_and(|queue| QUEUES.contains(&queue));
    let words: Vec<&str> = line.split_inclusive(' ').collect();
    let spans = words.iter().filter(|word| is_span(bare(word))).count();
    let mut left = if is_queue {
        spans.saturating_sub(1)
    } else {
        spans
    };
    let mut steady = String::new();
    for word in words {
        let bare = bare(word);
        if is_span(bare) && left > 0 && !steady.ends_with("target is ") {
            left -= 1;
            put_right(&mut steady, word, bare, SPAN);
        } else if is_clock(bare) {
            steady.push_str(&word.replace(bare, clock_after(&steady)));
        } else if bare.starts_with("127.0.0.1:") {
            steady.push_str(&word.replace(bare, ADDRESS));
        } else if is_instance(bare) {
            steady.push_str(&word.replace(bare, "3f2a91c4"));
        } else if is_date(bare) {
            steady.push_str(&word.replace(bare, "2026-12-05"));
        } else {
            steady.push_str(word);
        }
    }
    steady.trim_end().to_owned()
}

/// Which time of day fits to what stands before it.
fn clock_after(text: &str) -> &'static str {
    let before = text.split_whitespace().next_back().unwrap_or_default();
    match before {
        "since" => SINCE,
        date if is_date(date) => UNTIL,
        _ => CLOCK,
    }
}

/// A word without what stands around it.
fn bare(word: &str) -> &str {
    word.trim().trim_matches(['(', ')', ',', ';'])
}

/// Puts a text of another length where a number ends: blanks before it make up for the difference.
fn put_right(line: &mut String, word: &str, bare: &str, text: &str) {
    let is_alert = line
        .strip_prefix("! ")
        .is_some_and(|rest| rest.starts_with(char::is_uppercase));
    if is_alert {
        return line.push_str(&word.replace(bare, text));
    }
    let room = line.len() - line.trim_end().len();
    if bare.len() > text.len() {
        line.push_str(&" ".repeat(bare.len() - text.len()));
    } else if room > text.len() && bare.len() < text.len() {
        line.truncate(line.len() - (text.len() - bare.len()));
    }
    line.push_str(&word.replace(bare, text));
}

/// Such as `7s` or `1m05s`.
fn is_span(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next_back() == Some('s')
        && word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_digit())
        && letters.all(|c| c.is_ascii_digit() || c == 'm')
}

/// Such as `14:05:07`.
fn is_clock(word: &str) -> bool {
    word.len() == 8 && word.split(':').count() == 3 && !word.contains(char::is_alphabetic)
}

/// The made-up name of a platform's instance, such as `9ee6b8c9`.
fn is_instance(word: &str) -> bool {
    word.len() == 8 && word.chars().all(|c| c.is_ascii_hexdigit())
}

/// Such as `2026-12-05`.
fn is_date(word: &str) -> bool {
    word.len() == 10 && word.starts_with("20") && word.split('-').count() == 3
}

#[test]
fn times_are_put_right_to_the_same_width() {
    let cases = [
        (
            "! LATE queue billing: a caller has waited 31s, the target is 20s; 2 wait",
            "! LATE queue billing: a caller has waited 25s, the target is 20s; 2 wait",
        ),
        (
            "! billing      2     7s    20s      -",
            "! billing      2    25s    20s      -",
        ),
        (
            "  technical    -      -    30s      -",
            "  technical    -      -    30s      -",
        ),
        (
            "  b  not_ready break 1m05s  up",
            "  b  not_ready break   25s  up",
        ),
        (
            "  edda  unreachable  1m05s          lost",
            "  edda  unreachable    25s          lost",
        ),
        ("  as of 20:01:59 UTC  live", "  as of 14:05:07 UTC  live"),
        (
            "until 2026-11-22 09:12:44 U…",
            "until 2026-12-05 02:04:42 U…",
        ),
        (
            "coastcable: 5 of 9, since 20:01:47 UTC (9s)",
            "coastcable: 5 of 9, since 14:04:42 UTC (25s)",
        ),
    ];
    for (seen, steady) in cases {
        assert_eq!(steady_line(seen), steady);
    }
}

#[test]
fn the_readme_shows_these_screens() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for name in ["top-80x24", "agent-watch-80x24", "call-watch-80x24"] {
        let path = root.join(format!("tests/cli/screens/{name}.txt"));
        let screen = fs::read_to_string(path).unwrap();
        assert!(
            readme.contains(&screen),
            "README.md does not show `{name}`:\n{screen}"
        );
    }
}
