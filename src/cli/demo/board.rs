//! The demo's board where nothing can be drawn: a line for people, or JSON.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    cli::{
        board::{self, Board, words},
        text::Word as _,
    },
    proto::v1::{AgentCounts, QueueStatus},
};

/// All in one line.
pub(super) fn line(board: &Board, elapsed: Duration) -> String {
    let all = &board.numbers;
    let outages = board.outages.iter();
    let outages: String = outages
        .flat_map(|told| ["; OUTAGE ".to_owned(), words::outage(told)])
        .collect();
    let peaks = board.queues.values().filter(|queue| queue.peak.is_some());
    let peaks: String = peaks.flat_map(|queue| ["; PEAK ", &queue.id]).collect();
    format!(
        "{}  calls: waiting {}, offered {}, talking {}, answered {}, abandoned {}, diverted {}; agents: {}; \
         {} to be called back, {} called back and answered{outages}{peaks}",
        clock_face(elapsed),
        all.waiting,
        all.offered,
        all.connected,
        all.answered_total,
        all.abandoned_total,
        all.diverted_total,
        agent_words(&board.counts),
        all.callbacks_waiting,
        all.callbacks_answered_total,
    )
}

fn agent_words(counts: &AgentCounts) -> String {
    let words = [
        ("available", counts.available),
        ("offered", counts.offered),
        ("connected", counts.connected),
        ("wrap-up", counts.wrap_up),
        ("not-ready", counts.not_ready),
        ("unreachable", counts.unreachable),
        ("external", counts.external),
        ("offline", counts.offline),
    ];
    let words = words.map(|(state, count)| format!("{state} {count}"));
    words.join(", ")
}

/// For programs.
pub(super) fn json(board: &Board, elapsed: Duration) -> Value {
    let queue = |queue: &QueueStatus| {
        json!({
            "id": queue.id,
            "waiting": queue.waiting,
            "offered": queue.offered,
            "connected": queue.connected,
            "longest_wait_ms": board.longest_ms(queue),
            "accepted": queue.accepted_total,
            "answered": queue.answered_total,
            "answered_in_target": queue.answered_in_target_total,
            "abandoned": queue.abandoned_total,
            "diverted": queue.diverted_total,
            "callbacks_waiting": queue.callbacks_waiting,
            "callbacks_answered": queue.callbacks_answered_total,
            "peak": queue.peak.as_ref().map(|peak| peak.cause().word()),
        })
    };
    json!({
        "elapsed_ms": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        "queues": board.queues.values().map(queue).collect::<Vec<_>>(),
        "outages": board.outages.iter().map(words::outage).collect::<Vec<_>>(),
        "agents": board::json::counts(&board.counts),
    })
}

/// Minutes and seconds.
pub(super) fn clock_face(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{json, line};
    use crate::{
        cli::board::tests::{board, queue},
        proto::v1::{AgentCounts, PoolNumbers},
    };

    #[tokio::test(start_paused = true)]
    async fn a_line_and_json_say_the_same() {
        let mut board = board(vec![queue("a", Some(90))], Vec::new());
        board.numbers = PoolNumbers {
            waiting: 1,
            ..PoolNumbers::default()
        };
        board.counts = AgentCounts {
            available: 3,
            ..AgentCounts::default()
        };
        let text = line(&board, Duration::from_secs(62));
        assert!(
            text.starts_with("01:02") && text.contains("waiting 1") && text.contains("available 3"),
            "{text}"
        );
        let told = json(&board, Duration::ZERO);
        assert_eq!(told["queues"][0]["longest_wait_ms"], 10_000);
        assert_eq!(told["agents"]["available"], 3);
    }
}
