//! What a file comes to: its problems, what labour rules say of it, what changes, and who is on the phone then.

use askama::Template;
use axum::response::Response;

use super::{answer, heat::Heat, kept::Looked, moment};
use crate::{
    calendar::zone::Zone,
    console::{frame::Frame, visitor::Visitor, words::Words},
    proto::v1,
};

struct Problem {
    severity: String,
    is_error: bool,
    row: String,
    column: String,
    value: String,
    message: String,
    expected: String,
}

struct Finding {
    severity: String,
    is_blocking: bool,
    article: String,
    rule: String,
    agent: String,
    from: String,
    measured: String,
    limit: String,
}

#[derive(Template)]
#[template(path = "console/pages/checked.html")]
struct CheckedPage<'a> {
    frame: Frame<'a>,
    pool: &'a str,
    verdict: String,
    is_refused: bool,
    problems: Vec<Problem>,
    findings: Vec<Finding>,
    facts: Vec<(String, String)>,
    heats: Vec<Heat>,
    /// What names the file if it can be published.
    token: Option<&'a str>,
    needs_reason: bool,
    planner: &'a str,
}

/// The page of a file that was looked at; `again` if it could not be published.
pub(super) fn show(
    visitor: &Visitor,
    looked: &Looked,
    response: &v1::ImportScheduleResponse,
    again: bool,
) -> Response {
    let w = visitor.words();
    let zone = Zone::named(looked.upload.zone()).unwrap_or_else(|_| Zone::utc());
    let change = response.change.unwrap_or_default();
    let changes = change.added_count + change.changed_count + change.removed_count > 0;
    let is_refused = response.error_count > 0;
    let verdict = if is_refused {
        w.count("file-wrong", response.error_count)
    } else if !changes {
        w.say("file-same").into_owned()
    } else if response.blocking_count > 0 {
        w.count("file-blocked", response.blocking_count)
    } else {
        w.say("file-good").into_owned()
    };
    let title = w.name("checked-title", &looked.upload.file);
    let back = format!("/pools/{}/schedule", looked.pool);
    let mut frame = Frame::new(visitor, title, Some(&looked.pool), &back);
    frame.here = "schedule";
    let rendered = CheckedPage {
        frame,
        pool: &looked.pool,
        verdict,
        is_refused,
        problems: response.problems.iter().map(|it| problem(it, w)).collect(),
        findings: findings(&response.findings, &zone, w),
        facts: facts(&change, w),
        heats: Heat::both(&response.coverage, &zone, w),
        token: (!is_refused && changes).then_some(&looked.token),
        needs_reason: response.blocking_count > 0,
        planner: &visitor.name,
    };
    answer(rendered.render(), again || is_refused)
}

fn problem(problem: &v1::ScheduleProblem, w: &Words) -> Problem {
    let key = if problem.is_error { "error" } else { "warning" };
    Problem {
        severity: w.say(key).into_owned(),
        is_error: problem.is_error,
        row: match problem.row {
            0 => String::new(),
            row => row.to_string(),
        },
        column: problem.column.clone(),
        value: problem.value.clone(),
        message: problem.message.clone(),
        expected: problem.expected.clone(),
    }
}

/// Findings by article.
fn findings(findings: &[v1::ScheduleFinding], zone: &Zone, w: &Words) -> Vec<Finding> {
    let mut sorted: Vec<&v1::ScheduleFinding> = findings.iter().collect();
    sorted.sort_by(|one, other| {
        (!one.is_blocking, &one.article).cmp(&(!other.is_blocking, &other.article))
    });
    let lines = sorted.into_iter().map(|finding| {
        let key = if finding.is_blocking {
            "blocking"
        } else {
            "warning"
        };
        Finding {
            severity: w.say(key).into_owned(),
            is_blocking: finding.is_blocking,
            article: finding.article.clone(),
            rule: finding.rule.replace('_', " "),
            agent: finding.agent_id.clone(),
            from: finding
                .start_time
                .map_or_else(String::new, |at| moment(zone, at)),
            measured: finding.measured.clone(),
            limit: finding.limit.clone(),
        }
    });
    lines.collect()
}

fn facts(change: &v1::ScheduleChange, w: &Words) -> Vec<(String, String)> {
    let hours = |length: Option<prost_types::Duration>| {
        let minutes = length.unwrap_or_default().seconds / 60;
        format!("{}h{:02}", minutes / 60, minutes % 60)
    };
    let both = format!("{} → {}", hours(change.before), hours(change.after));
    let counts = [
        ("shifts-added", change.added_count.to_string()),
        ("shifts-changed", change.changed_count.to_string()),
        ("shifts-removed", change.removed_count.to_string()),
        ("agents-changed", change.agent_count.to_string()),
        ("hours-changed", both),
    ];
    counts
        .into_iter()
        .map(|(key, text)| (w.say(key).into_owned(), text))
        .collect()
}
