//! Bars of long work: on stderr, and only if that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often the sign of work without a known end moves.
const TICK: Duration = Duration::from_millis(200);

/// A bar for so many of something, such as `calls over`.
pub(super) fn bar(all: usize, of: &str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(all).unwrap_or(u64::MAX));
    styled(
        bar,
        &format!("{{elapsed_precise}} [{{wide_bar}}] {{pos}}/{{len}} {of}"),
    )
}

/// A count of something of which nobody knows how many there are.
pub(super) fn count(of: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(TICK);
    styled(
        bar,
        &format!("{{elapsed_precise}} {{spinner}} {{pos}} {of}"),
    )
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
