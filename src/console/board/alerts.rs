//! What is wrong in a pool, in words, the worst first.

use askama::Template;

use super::{lines::QueueLine, picture::Picture};
use crate::{
    console::{figures, frame::path, words::Words},
    engine::{alarm::Alarm, outage::Outage, queue::HaltKind},
    pool::Condition,
};

/// So many drained sites are named; the rest are counted.
const NAMED: usize = 8;

/// Something that is wrong, or worth a look.
pub(super) struct Alert {
    /// Tells it from others, so that only new ones are announced.
    key: String,
    alarm: Alarm,
    /// What kind of thing, in a word.
    word: String,
    text: String,
    href: Option<String>,
    /// A length of time that goes on.
    since: Option<String>,
}

impl Alert {
    fn sign(&self) -> &'static str {
        sign(self.alarm)
    }
}

/// A sign that goes with an alarm, so that it is not colour alone.
pub(super) fn sign(alarm: Alarm) -> &'static str {
    match alarm {
        Alarm::Fine => "",
        Alarm::Warning => "▲",
        Alarm::Critical => "■",
    }
}

#[derive(Template)]
#[template(path = "console/board/alerts.html")]
struct Page<'a> {
    w: &'a Words,
    alerts: Vec<Alert>,
}

/// The list of all that is wrong.
pub(super) fn html(
    picture: &Picture,
    lines: &[QueueLine],
    pool: &str,
    w: &Words,
) -> askama::Result<String> {
    let condition = condition(picture, w).into_iter();
    let outages = picture
        .outages
        .iter()
        .map(|outage| of_outage(outage, picture, w));
    let mut alerts: Vec<Alert> = condition.chain(outages).collect();
    alerts.extend(
        lines
            .iter()
            .filter_map(|line| halted(line, picture, pool, w)),
    );
    let mut late: Vec<Alert> = lines
        .iter()
        .filter_map(|line| late(line, pool, w))
        .collect();
    // The critical ones first, each kind by the queue's id.
    late.sort_by_key(|alert| std::cmp::Reverse(alert.alarm));
    alerts.extend(late);
    alerts.extend(drained(picture, pool, w));
    alerts.extend(held(picture, w));
    Page { w, alerts }.render()
}

fn condition(picture: &Picture, w: &Words) -> Option<Alert> {
    let key = match picture.condition? {
        Condition::Open => return None,
        Condition::Opening => "pool-opening",
        Condition::Stalled => "pool-stalled",
        Condition::Closed => "pool-closed",
    };
    Some(Alert {
        key: key.to_owned(),
        alarm: Alarm::Critical,
        word: w.say("alert-pool").into_owned(),
        text: w.say(key).into_owned(),
        href: None,
        since: None,
    })
}

fn of_outage(outage: &Outage, picture: &Picture, w: &Words) -> Alert {
    let kind = w.of("domain", outage.domain.kind());
    let (lost, of) = (outage.lost.to_string(), outage.signed_in.to_string());
    let since = figures::moment(outage.since, picture.now);
    let facts = [
        ("kind", kind.as_str()),
        ("name", outage.domain.label()),
        ("lost", &lost),
        ("of", &of),
        ("time", &since),
    ];
    Alert {
        key: format!("outage {}", outage.domain),
        alarm: Alarm::Critical,
        word: w.say("alert-outage").into_owned(),
        text: w.with("outage", &facts),
        href: None,
        since: Some(figures::since(outage.since)),
    }
}

fn halted(line: &QueueLine, picture: &Picture, pool: &str, w: &Words) -> Option<Alert> {
    let halt = line.halt.as_ref()?;
    let until = halt.until.map_or_else(
        || w.say("until-resumed").into_owned(),
        |until| w.name("until", &figures::moment(until, picture.now)),
    );
    let waiting = (line.calls.waiting + line.calls.callbacks).to_string();
    let facts = [
        ("queue", line.id.as_str()),
        ("reason", &halt.reason),
        ("who", &halt.supervisor),
        ("until", &until),
        ("waiting", &waiting),
    ];
    let word = match halt.kind {
        HaltKind::Paused => "alert-paused",
        HaltKind::Closed => "alert-closed",
    };
    Some(Alert {
        key: format!("halt {} {}", line.id, halt.since.0),
        alarm: Alarm::Critical,
        word: w.say(word).into_owned(),
        text: w.with("halted", &facts),
        href: Some(format!("/pools/{pool}/queues/{}", path(line.id.as_str()))),
        since: None,
    })
}

fn late(line: &QueueLine, pool: &str, w: &Words) -> Option<Alert> {
    let since = line
        .calls
        .longest_wait_since
        .filter(|_| line.wait_alarm > Alarm::Fine)?;
    let (target, waiting) = (
        figures::span(line.target_ms, w.language()),
        line.calls.waiting.to_string(),
    );
    let facts = [
        ("queue", line.id.as_str()),
        ("target", &target),
        ("waiting", &waiting),
    ];
    Some(Alert {
        key: format!("late {} {}", line.id, line.wait_alarm.label()),
        alarm: line.wait_alarm,
        word: w.say("alert-late").into_owned(),
        text: w.with("late", &facts),
        href: Some(format!(
            "/pools/{pool}/calls?queue={}",
            path(line.id.as_str())
        )),
        since: Some(figures::since(since)),
    })
}

fn drained(picture: &Picture, pool: &str, w: &Words) -> Vec<Alert> {
    let note = |key: String, text: String, href: Option<String>| Alert {
        key,
        alarm: Alarm::Warning,
        word: w.say("alert-drained").into_owned(),
        text,
        href,
        since: None,
    };
    let named = picture.drained.iter().take(NAMED).map(|site| {
        let facts = [
            ("site", &*site.id),
            ("reason", &*site.reason),
            ("who", &*site.supervisor),
        ];
        let href = format!("/pools/{pool}/sites/{}", path(&site.id));
        note(
            format!("drained {}", site.id),
            w.with("site-drained", &facts),
            Some(href),
        )
    });
    let mut alerts: Vec<Alert> = named.collect();
    let more = picture.drained.len().saturating_sub(NAMED);
    if more > 0 {
        alerts.push(note(
            "drained".to_owned(),
            w.count("sites-drained-more", more),
            None,
        ));
    }
    alerts
}

fn held(picture: &Picture, w: &Words) -> Option<Alert> {
    let held = picture.numbers.agents.held();
    (held > 0).then(|| Alert {
        key: "held".to_owned(),
        alarm: Alarm::Warning,
        word: w.say("alert-held").into_owned(),
        text: w.count("agents-held", held),
        href: None,
        since: None,
    })
}
