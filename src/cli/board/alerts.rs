//! What is wrong in a pool, in words, the worst first.

use prost_types::Timestamp;

use super::{
    Board,
    words::{clock_face, count, duration, moment, outage, span},
};
use crate::{
    cli::{
        table::{Line, Tone, piece, plain},
        text::{Word, api_ms},
    },
    clock,
    proto::v1::{HaltKind, Outage, PeakCause, QueueOpening, QueuePeak, QueueStatus},
};

/// The sign before what is wrong, and before what is worth a look.
pub(in crate::cli) const WRONG: &str = "!";
const NOTED: &str = "-";

/// All that is wrong, a line each.
pub(in crate::cli) fn alerts(board: &Board) -> Vec<Line> {
    let stale = board.stale.iter().map(|stale| {
        let lasting = clock::instant().saturating_duration_since(stale.since);
        let since = clock_face(board.now_ms());
        wrong(
            "STALE",
            format!(
                "nothing heard since {since} UTC ({}), trying again: {}",
                duration(lasting),
                stale.why
            ),
        )
    });
    let outages = board.outages.iter().map(|lost| outage_line(board, lost));
    let halted = board.queues.values().filter(|queue| queue.halt.is_some());
    let halted = halted.map(|queue| halted_line(board, queue));
    let peaks = board.queues.values();
    let peaks = peaks.filter_map(|queue| Some(peak_line(board, queue, queue.peak.as_ref()?)));
    let late = board.queues.values().filter(|queue| board.is_late(queue));
    let late = late.map(|queue| late_line(board, queue));
    let all = stale.chain(outages).chain(halted).chain(peaks).chain(late);
    all.chain(quiet(board)).collect()
}

fn wrong(word: &str, text: String) -> Line {
    vec![
        piece(format!("{WRONG} {word} "), Tone::Bad),
        piece(text, Tone::Bad),
    ]
}

fn outage_line(board: &Board, lost: &Outage) -> Line {
    let since = lost.since.as_ref();
    let since = since.map_or_else(String::new, |since| {
        let (at, age) = (moment(since, board.now_ms()), span(board.age_ms(since)));
        format!(", since {at} ({age})")
    });
    wrong("OUTAGE", format!("{}{since}", outage(lost)))
}

fn halted_line(board: &Board, queue: &QueueStatus) -> Line {
    let halt = queue.halt.clone().unwrap_or_default();
    let word = match halt.kind() {
        HaltKind::Closed => "CLOSED",
        HaltKind::Paused | HaltKind::Unspecified => "PAUSED",
    };
    let until = halt.until.as_ref();
    let until = until.map_or_else(
        || "until it is resumed".to_owned(),
        |until| format!("until {}", moment(until, board.now_ms())),
    );
    let waiting = match queue.waiting + queue.callbacks_waiting {
        0 => String::new(),
        waiting => format!(", {waiting} wait"),
    };
    let (reason, by) = (&halt.reason, &halt.supervisor);
    wrong(
        word,
        format!("queue {}: {reason} (by {by}), {until}{waiting}", queue.id),
    )
}

fn peak_line(board: &Board, queue: &QueueStatus, peak: &QueuePeak) -> Line {
    let moment = |at: &Option<Timestamp>| {
        let at = at.as_ref();
        at.map_or_else(String::new, |at| moment(at, board.now_ms()))
    };
    let why = match peak.cause() {
        PeakCause::Arrivals => "arrivals above the baseline".to_owned(),
        PeakCause::SiteLoad => "callers wait on site".to_owned(),
        PeakCause::Declared | PeakCause::Unspecified => {
            format!("{} (by {})", peak.reason, peak.supervisor)
        }
    };
    let short = peak.agents_short.map_or_else(String::new, |short| {
        format!(", {} agents short", count(short))
    });
    let (since, until) = (moment(&peak.since), moment(&peak.end_time));
    let text = format!(
        "queue {}: {why}{short}, since {since}, until {until}",
        queue.id
    );
    vec![
        piece(format!("{WRONG} PEAK "), Tone::Warn),
        piece(text, Tone::Warn),
    ]
}

fn late_line(board: &Board, queue: &QueueStatus) -> Line {
    let longest = span(board.longest_ms(queue).unwrap_or(0));
    let target = target(queue);
    let text = format!(
        "queue {}: a caller has waited {longest}, the target is {target}; {} wait",
        queue.id, queue.waiting
    );
    vec![
        piece(format!("{WRONG} LATE "), Tone::Warn),
        piece(text, Tone::Warn),
    ]
}

/// The target answer time of a queue.
pub(super) fn target(queue: &QueueStatus) -> String {
    span(api_ms(queue.target.as_ref()))
}

/// What somebody ordered, and what keeps few agents from calls.
fn quiet(board: &Board) -> Option<Line> {
    let numbers = &board.numbers;
    let parts = [
        (numbers.sites_drained, "drained", "site"),
        (numbers.agents_held, "held", "agent"),
    ];
    let told = parts.iter().filter(|(number, _, _)| *number > 0);
    let mut told: Vec<String> = told
        .map(|(number, what, of)| {
            let plural = if *number == 1 { "" } else { "s" };
            format!("{} {of}{plural} {what}", count(*number))
        })
        .collect();
    told.extend(kept_off(board));
    told.extend(on_site(board));
    (!told.is_empty()).then(|| vec![plain(format!("{NOTED} {}", told.join(", ")))])
}

/// How many of the available agents get no calls: an order or a rule keeps them off. Known where agents are shown.
fn kept_off(board: &Board) -> Option<String> {
    let status = board.agents.values().filter_map(|a| a.status.as_ref());
    let available = status.filter(|status| status.state == "available");
    let kept_off = available.filter(|status| !status.blocked_reasons.is_empty());
    let (kept_off, of) = (kept_off.count(), board.counts.available);
    (kept_off > 0).then(|| format!("{kept_off} of {of} available kept off"))
}

/// How many queues are outside their windows, and when the first of them opens.
fn on_site(board: &Board) -> Option<String> {
    let queues = board.queues.values().filter(|queue| queue.peak.is_none());
    let openings = queues.filter_map(|queue| queue.opening.as_ref());
    let shut: Vec<&QueueOpening> = openings.filter(|opening| !opening.open).collect();
    let opens = shut.iter().filter_map(|opening| opening.until.as_ref());
    let next = opens.min_by_key(|time| (time.seconds, time.nanos));
    let next = next.map_or_else(String::new, |next| {
        format!(", the next opens {}", moment(next, board.now_ms()))
    });
    let plural = if shut.len() == 1 { "" } else { "s" };
    (!shut.is_empty()).then(|| format!("{} queue{plural} on site{next}", shut.len()))
}

/// Whether a queue takes calls, in words.
pub(in crate::cli) fn takes_calls(board: &Board, queue: &QueueStatus) -> String {
    let Some(halt) = &queue.halt else {
        if let Some(peak) = &queue.peak {
            let until = peak.end_time.as_ref();
            return until.map_or_else(
                || "in a peak".to_owned(),
                |until| format!("in a peak until {}", moment(until, board.now_ms())),
            );
        }
        let word = match &queue.opening {
            Some(opening) if !opening.open => "on site",
            _ => "yes",
        };
        let until = queue.opening.as_ref().and_then(|o| o.until.as_ref());
        return until.map_or_else(
            || word.to_owned(),
            |until| format!("{word} until {}", moment(until, board.now_ms())),
        );
    };
    let until = halt.until.as_ref();
    let until = until.map_or_else(String::new, |until| {
        format!(" until {}", moment(until, board.now_ms()))
    });
    format!("{}{until}: {}", halt.kind().word(), halt.reason)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{alerts, takes_calls};
    use crate::{
        cli::{
            board::tests::{agent, at, board, queue},
            table::to_text,
        },
        proto::v1::{
            BlockedReason, FailureDomain, HaltKind, Outage, PoolNumbers, QueueHalt, QueueOpening,
            QueueStatus,
        },
    };

    fn windowed(id: &str, open: bool, until: Option<i64>) -> QueueStatus {
        QueueStatus {
            opening: Some(QueueOpening {
                open,
                until: until.map(at),
            }),
            ..queue(id, None)
        }
    }

    #[test]
    fn windows_are_told_with_their_next_change() {
        let cases = [
            (queue("q", None), "yes"),
            (windowed("q", true, Some(3_600)), "yes until 01:00:00 UTC"),
            (windowed("q", true, None), "yes"),
            (
                windowed("q", false, Some(90_000)),
                "on site until 1970-01-02 01:00:00 UTC",
            ),
            (windowed("q", false, None), "on site"),
        ];
        for (queue, told) in cases {
            assert_eq!(takes_calls(&board(Vec::new(), Vec::new()), &queue), told);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_worst_comes_first() {
        let halted = QueueStatus {
            halt: Some(QueueHalt {
                kind: HaltKind::Closed.into(),
                supervisor: "sue".to_owned(),
                reason: "drill".to_owned(),
                until: Some(at(3_600)),
                ..QueueHalt::default()
            }),
            ..queue("sales", None)
        };
        let mut held = agent("ann", "available");
        held.status.as_mut().unwrap().blocked_reasons = vec![BlockedReason::default()];
        let agents = vec![agent("ben", "available"), held];
        let mut board = board(
            vec![
                queue("billing", Some(70)),
                halted,
                windowed("open", true, Some(1_800)),
                windowed("shut", false, Some(7_200)),
                windowed("shut-too", false, Some(3_600)),
            ],
            agents,
        );
        board.counts.available = 2;
        board.outages.push(Outage {
            domain: FailureDomain::Provider.into(),
            label: "fibrenet".to_owned(),
            since: Some(at(95)),
            lost: 6,
            signed_in: 9,
            ..Outage::default()
        });
        board.numbers = PoolNumbers {
            agents_held: 1,
            sites_drained: 2,
            ..PoolNumbers::default()
        };
        board.lose("connection refused".to_owned());
        tokio::time::advance(Duration::from_secs(90)).await;
        let expected = "\
! STALE nothing heard since 00:01:40 UTC (1m30s), trying again: connection refused
! OUTAGE provider fibrenet: 6 of 9 lines lost, since 00:01:35 UTC (5s)
! CLOSED queue sales: drill (by sue), until 01:00:00 UTC
! LATE queue billing: a caller has waited 30s, the target is 20s; 1 wait
- 2 sites drained, 1 agent held, 1 of 2 available kept off, 2 queues on site, the next opens 01:00:00 UTC";
        assert_eq!(to_text(&alerts(&board), false), expected);
    }
}
