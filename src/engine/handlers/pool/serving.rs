//! Checks of when queues are served: their windows, the pool's calendars, and what closing needs.

use std::collections::BTreeSet;

use super::super::super::{
    ids::name_problem,
    rejection::Violation,
    serve::{ServeMode, ServeSpec, WhenClosing, windows},
    spec::{PoolSpec, QueueSpec},
};
use crate::calendar::{holidays::Holidays, windows::WindowsSpec};

const CALENDARS_MAX: usize = 64;
const CODE_BYTES_MAX: usize = 64;
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
