//! Which measures the page tells, in the order of its tables, with their names for people.

/// A measure's name in files, and that for people.
pub(super) type Words = (&'static str, &'static str);

/// How well callers were served.
pub(super) const SERVICE: &[Words] = &[
    ("offered", "Offered"),
    ("sl_offered", "Within T, of the offered"),
    ("sl_answered", "Within T, of the answered"),
    ("sl_excl_short", "Within T, without short abandons"),
    ("p_abandon", "Abandoned"),
    ("mean_wait_all", "Mean wait"),
    ("wait_p95", "95 % waited at most"),
];

/// How long callers waited and talked.
pub(super) const WAITS: &[Words] = &[
    ("p_wait", "Waited at all"),
    ("mean_wait_answered", "Mean wait, answered"),
    ("mean_wait_abandoned", "Mean wait, abandoned"),
    ("wait_p50", "50 % waited at most"),
    ("wait_p90", "90 % waited at most"),
    ("wait_p99", "99 % waited at most"),
    ("mean_queue", "Waiting at any moment"),
    ("mean_talk", "Mean conversation"),
];

/// What became of calls. Those that happened to none are left out.
pub(super) const OUTCOMES: &[Words] = &[
    ("offered", "Offered"),
    ("answered", "Answered"),
    ("abandoned", "Abandoned"),
    ("overflowed", "Overflowed"),
    ("timed_out", "Timed out"),
    ("lost", "Lost"),
    ("callbacks", "Callbacks"),
    ("unreached", "Unreached"),
    ("diverted_closed", "Diverted, closed"),
    ("diverted_full", "Diverted, full"),
    ("diverted_unstaffed", "Diverted, unstaffed"),
    ("diverted_no_agent_ever", "Diverted, no agent ever"),
    ("unfinished", "Unfinished"),
];

/// What became of offers. Those that happened to none are left out.
pub(super) const OFFERS: &[Words] = &[
    ("offers", "Offers"),
    ("offers_connected", "Connected"),
    ("offers_declined", "Declined"),
    ("offers_no_answer", "No answer"),
    ("offers_line_lost", "Line lost"),
    ("offers_caller_gone", "Caller gone"),
];

/// What agents did.
pub(super) const STAFF: &[Words] = &[
    ("signed_in", "Signed in"),
    ("occupancy", "Occupancy"),
    ("connected", "In conversation"),
    ("wrap_up", "In wrap-up"),
    ("offered", "With an offer"),
    ("idle", "Idle"),
    ("not_ready", "Not ready"),
    ("line_lost", "Without a line"),
];

/// Measures of queues of which differences are told.
pub(super) const COMPARED: &[Words] = &[
    ("offered", "Offered"),
    ("sl_offered", "Within T, of the offered"),
    ("sl_answered", "Within T, of the answered"),
    ("sl_excl_short", "Within T, without short abandons"),
    ("p_abandon", "Abandoned"),
    ("mean_wait_all", "Mean wait"),
    ("wait_p95", "95 % waited at most"),
    ("mean_queue", "Waiting at any moment"),
    ("offers_no_answer", "Offers without answer"),
];

/// A kind of site, or another name of a row, as people write it.
pub(super) fn spoken(name: &str) -> String {
    match name {
        "on_site" => "on site".to_owned(),
        name => name.to_owned(),
    }
}
