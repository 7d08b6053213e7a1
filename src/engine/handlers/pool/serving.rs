//! Checks of when queues are served: their windows, the pool's calendars, and what closing needs.

use std::collections::BTreeSet;

use super::super::super::{
    ids::name_problem,
    peaks::PeaksSpec,
    rejection::Violation,
    serve::{ServeMode, ServeSpec, WhenClosing, windows},
    spec::{PoolSpec, QueueSpec},
};
use super::parts::between;
use crate::calendar::{holidays::Holidays, windows::WindowsSpec};

const CALENDARS_MAX: usize = 64;
const CODE_BYTES_MAX: usize = 64;
/// The least times that a peak is on, and off.
const LEAST_MAX_MS: u64 = 4 * 3_600_000;
const BASELINE_MAX: u32 = 10_000;
const DEFINITION_BYTES_MAX: usize = 256 * 1_024;

/// Checks the pool's calendars, and the serving of every queue.
pub(super) fn check_serving(wrong: &mut Vec<Violation>, spec: &PoolSpec) {
    let before = wrong.len();
    check_calendars(wrong, spec);
    // A queue that names a calendar which cannot be read is told nothing more.
    let is_readable = wrong.len() == before;
    for (place, queue) in spec.queues.iter().enumerate() {
        let path = format!("queues[{place}]");
        check_settings(wrong, &path, queue);
        check_peaks(wrong, &path, &queue.serve);
        if is_readable && let Err(of_windows) = windows(&queue.serve, spec) {
            let of_queue = of_windows.into_iter();
            wrong.extend(
                of_queue.map(|one| Violation::new(format!("{path}.{}", one.field), one.problem)),
            );
        }
    }
}

fn check_calendars(wrong: &mut Vec<Violation>, spec: &PoolSpec) {
    super::limit(wrong, "calendars", spec.calendars.len(), CALENDARS_MAX);
    let mut codes = BTreeSet::new();
    for (place, calendar) in spec.calendars.iter().take(CALENDARS_MAX).enumerate() {
        let path = |field: &str| format!("calendars[{place}].{field}");
        if let Some(problem) = name_problem(&calendar.code, CODE_BYTES_MAX) {
            wrong.push(Violation::new(path("code"), problem));
        }
        if !codes.insert(calendar.code.to_ascii_uppercase()) {
            let problem = format!("`{}` is there twice", calendar.code);
            wrong.push(Violation::new(path("code"), problem));
        }
        if calendar.definition.len() > DEFINITION_BYTES_MAX {
            let problem = format!("is over {DEFINITION_BYTES_MAX} bytes");
            wrong.push(Violation::new(path("definition"), problem));
        } else if let Err(problems) = Holidays::parse(&calendar.definition) {
            let problems = problems.into_iter();
            wrong.extend(
                problems.map(|one| Violation::new(path("definition"), format!("line {one}"))),
            );
        }
    }
}

/// Peaks that begin can end again.
fn check_peaks(wrong: &mut Vec<Violation>, path: &str, serve: &ServeSpec) {
    let peaks = &serve.peaks;
    if *peaks != PeaksSpec::default() && !serve.mode.has_peaks() {
        let problem =
            "are for queues that are served in peaks; give `serve = \"windows_and_peaks\"` too";
        wrong.push(Violation::new(format!("{path}.peaks"), problem));
        return;
    }
    let path = format!("{path}.peaks");
    between(
        wrong,
        &path,
        "least_on",
        peaks.least_on_ms,
        60_000,
        LEAST_MAX_MS,
    );
    between(
        wrong,
        &path,
        "least_off",
        peaks.least_off_ms,
        0,
        LEAST_MAX_MS,
    );
    if !(1..=BASELINE_MAX).contains(&peaks.least_baseline) {
        let problem = format!("is {}; give 1 to {BASELINE_MAX}", peaks.least_baseline);
        wrong.push(Violation::new(format!("{path}.least_baseline"), problem));
    }
    let (on, off) = (peaks.site_waiting_on, peaks.site_waiting_off);
    if off >= on && (on, off) != (0, 0) {
        let problem = format!("is {off}; give less than `site_waiting_on`, which is {on}");
        wrong.push(Violation::new(format!("{path}.site_waiting_off"), problem));
    }
}

fn check_settings(wrong: &mut Vec<Violation>, path: &str, queue: &QueueSpec) {
    let serve: &ServeSpec = &queue.serve;
    let mut note = |field: &str, problem: String| {
        wrong.push(Violation::new(format!("{path}.{field}"), problem));
    };
    if serve.share_percent > 100 {
        note(
            "share_percent",
            format!("is {}; give 0 to 100", serve.share_percent),
        );
    }
    if serve.mode == ServeMode::Always {
        if serve.windows != WindowsSpec::default() {
            let problem = "is `always`, and the queue has a zone, holidays, windows or exceptions; give `windows`, or leave them out";
            note("serve", problem.to_owned());
        }
        if serve.when_closing != WhenClosing::Serve {
            let problem = "is for queues that close; give `serve = \"windows\"` too";
            note("when_closing", problem.to_owned());
        }
    }
    let lacks = match serve.when_closing {
        WhenClosing::Overflow if queue.overflow.is_none() => "overflow",
        WhenClosing::Callback if queue.callback.is_none() => "callback",
        WhenClosing::Serve | WhenClosing::Overflow | WhenClosing::Callback => return,
    };
    note(
        "when_closing",
        format!("is `{lacks}`, and the queue has none; give its `{lacks}` too"),
    );
}
