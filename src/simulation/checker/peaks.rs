//! Peaks of queues, in which remote agents serve them outside their windows.

use super::{
    Checker,
    line::{Line, Seen},
    rules::Rule,
};

/// A peak that is on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peak {
    since: u64,
    ends_at: u64,
}

impl Checker {
    pub(super) fn see_peak(&mut self, line: &Line) -> Seen {
        let queue = line.text("queue")?.to_owned();
        let (now, before) = (self.now, self.peaks.get(&queue).copied());
        let fits = match line.event.as_str() {
            "peak_started" => {
                let peak = self.read_peak(line, &queue)?;
                let is_looked_for = self.looks_for_peaks(&queue);
                before.is_none() && peak.since == now && is_looked_for
            }
            "peak_changed" => {
                let peak = self.read_peak(line, &queue)?;
                before.is_none_or(|before| before.since == peak.since && peak.ends_at >= now)
            }
            _ => {
                self.peaks.remove(&queue);
                let lasted_ms = line.count("lasted_ms")?;
                let is_word = line.flag("by_supervisor")?;
                before.is_none_or(|before| {
                    // A new configuration, told in the same commit, ends it too; that is not known yet.
                    let is_over = is_word
                        || before.ends_at <= now
                        || lasted_ms < before.ends_at - before.since;
                    is_over && now - before.since == lasted_ms
                })
            }
        };
        let is_known = before.is_some() || line.event == "peak_started" || !self.is_whole;
        self.faults.hold(fits && is_known, Rule::Peak, || {
            format!(
                "{} of `{queue}` at {now} ms, where {before:?} was",
                line.event
            )
        });
        Ok(())
    }

    fn read_peak(&mut self, line: &Line, queue: &str) -> Seen<Peak> {
        let peak = Peak {
            since: line.time("since")?,
            ends_at: line.time("ends_at")?,
        };
        self.peaks.insert(queue.to_owned(), peak);
        Ok(peak)
    }

    fn looks_for_peaks(&self, queue: &str) -> bool {
        let config = self.config.as_ref().and_then(|config| config.queue(queue));
        config.is_none_or(|queue| queue.serve == "windows_and_peaks")
    }

    /// Whether a queue is served now, if it has windows.
    pub(super) fn is_served(&self, queue: &str) -> Option<bool> {
        let is_open = self.opened.get(queue).copied();
        is_open.map(|is_open| is_open || self.peaks.contains_key(queue))
    }
}
