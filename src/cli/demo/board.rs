//! The demo's board: what `WatchPool` says, as a table, a line or JSON.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::story;
use crate::{
    cli::{client::Clients, out, text},
    proto::v1::{
        AgentCounts, Outage, PoolNumbers, QueueStatus, WatchPoolRequest, WatchPoolResponse,
    },
};

/// Pause before the stream is opened again.
const AGAIN: Duration = Duration::from_millis(500);

/// Follows the pool for as long as someone takes the rows.
pub(super) async fn watch(clients: Clients, rows: UnboundedSender<WatchPoolResponse>) {
    while !rows.is_closed() {
        let request = WatchPoolRequest {
            interval: Some(text::to_api(Duration::from_millis(500))),
            counts_only: true,
            last_event_number: 0,
        };
        if let Ok(answer) = clients.supervision().watch_pool(request).await {
            let mut stream = answer.into_inner();
            while let Ok(Some(response)) = stream.message().await {
                if rows.send(response).is_err() {
                    return;
                }
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// The newest numbers.
#[derive(Debug, Default)]
pub(super) struct Board {
    queues: BTreeMap<String, QueueStatus>,
    /// Of all queues.
    numbers: PoolNumbers,
    agents: AgentCounts,
    outages: Vec<Outage>,
    as_of: Option<prost_types::Timestamp>,
}

impl Board {
    /// Takes rows into account.
    pub(super) fn apply(&mut self, rows: WatchPoolResponse) {
        if rows.snapshot {
            self.queues.clear();
        }
        for queue in rows.queues {
            self.queues.insert(queue.id.clone(), queue);
        }
        for queue in &rows.removed_queues {
            self.queues.remove(queue);
        }
        if let Some(agents) = rows.agent_counts {
            self.agents = agents;
        }
        if let Some(numbers) = rows.numbers {
            self.numbers = numbers;
        }
        self.outages = rows.outages;
        if rows.as_of.is_some() {
            self.as_of = rows.as_of;
        }
    }

    /// Whether there is anything to show.
    pub(super) fn has_rows(&self) -> bool {
        !self.queues.is_empty()
    }

    /// The whole board, at most 80 columns wide.
    pub(super) fn table(&self, elapsed: Duration) -> String {
        let headers = [
            "queue",
            "waiting",
            "longest",
            "offered",
            "talking",
            "answered",
            "abandoned",
            "diverted",
        ];
        let rows: Vec<Vec<String>> = self.queues.values().map(|queue| self.row(queue)).collect();
        let (first, second) = self.agent_words();
        let outages = self.outage_words("\noutage  ");
        format!(
            "{}   answered within their queue's target: {}\n\n{}\n\nagents  {first}\n        {second}\nback    {}{outages}",
            clock_face(elapsed),
            self.in_target(),
            out::table(&headers, &rows),
            self.callback_words(),
        )
    }

    fn callback_words(&self) -> String {
        let waiting = self.numbers.callbacks_waiting;
        let answered = self.numbers.callbacks_answered_total;
        format!("{waiting} to be called back, {answered} called back and answered")
    }

    /// Each outage after these words.
    fn outage_words(&self, before: &str) -> String {
        let told = self.outages().map(|outage| [before, &outage].concat());
        told.collect()
    }

    fn outages(&self) -> impl Iterator<Item = String> {
        self.outages.iter().map(story::outage_words)
    }

    fn row(&self, queue: &QueueStatus) -> Vec<String> {
        let longest = self.longest_ms(queue);
        vec![
            queue.id.clone(),
            queue.waiting.to_string(),
            longest.map_or_else(|| "-".to_owned(), |ms| format!("{} s", ms / 1_000)),
            queue.offered.to_string(),
            queue.connected.to_string(),
            queue.answered_total.to_string(),
            queue.abandoned_total.to_string(),
            queue.diverted_total.to_string(),
        ]
    }

    fn in_target(&self) -> String {
        let share = self.numbers.sl_answered;
        share.map_or_else(|| "-".to_owned(), |share| format!("{:.0} %", share * 100.0))
    }

    fn longest_ms(&self, queue: &QueueStatus) -> Option<u64> {
        let since = queue.longest_wait_since.as_ref()?;
        let now = self.as_of.as_ref()?;
        let ms = (now.seconds - since.seconds) * 1_000
            + i64::from((now.nanos - since.nanos) / 1_000_000);
        Some(u64::try_from(ms).unwrap_or(0))
    }

    fn agent_counts(&self) -> [(&'static str, i32); 8] {
        [
            ("available", self.agents.available),
            ("offered", self.agents.offered),
            ("connected", self.agents.connected),
            ("wrap_up", self.agents.wrap_up),
            ("not_ready", self.agents.not_ready),
            ("unreachable", self.agents.unreachable),
            ("external", self.agents.external),
            ("offline", self.agents.offline),
        ]
    }

    /// The agents' states in two halves.
    fn agent_words(&self) -> (String, String) {
        let words = self
            .agent_counts()
            .map(|(state, count)| format!("{} {count}", state.replace('_', "-")));
        let (first, second) = words.split_at(words.len() / 2);
        (first.join(", "), second.join(", "))
    }

    /// All in one line.
    pub(super) fn line(&self, elapsed: Duration) -> String {
        let all = &self.numbers;
        let (first, second) = self.agent_words();
        let outages = self.outage_words("; OUTAGE ");
        format!(
            "{}  calls: waiting {}, offered {}, talking {}, answered {}, abandoned {}, diverted {}; agents: {first}, {second}; {}{outages}",
            clock_face(elapsed),
            all.waiting,
            all.offered,
            all.connected,
            all.answered_total,
            all.abandoned_total,
            all.diverted_total,
            self.callback_words(),
        )
    }

    /// For programs.
    pub(super) fn json(&self, elapsed: Duration) -> Value {
        let queue = |queue: &QueueStatus| {
            json!({
                "id": queue.id,
                "waiting": queue.waiting,
                "offered": queue.offered,
                "connected": queue.connected,
                "longest_wait_ms": self.longest_ms(queue),
                "accepted": queue.accepted_total,
                "answered": queue.answered_total,
                "answered_in_target": queue.answered_in_target_total,
                "abandoned": queue.abandoned_total,
                "diverted": queue.diverted_total,
                "callbacks_waiting": queue.callbacks_waiting,
                "callbacks_answered": queue.callbacks_answered_total,
            })
        };
        json!({
            "elapsed_ms": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            "queues": self.queues.values().map(queue).collect::<Vec<_>>(),
            "outages": self.outages().collect::<Vec<_>>(),
            "agents": self.agent_counts().into_iter().collect::<BTreeMap<_, _>>(),
        })
    }
}

/// Minutes and seconds.
pub(super) fn clock_face(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use prost_types::Timestamp;

    use super::Board;
    use crate::proto::v1::{AgentCounts, PoolNumbers, QueueStatus, WatchPoolResponse};

    fn row(id: &str, waiting: i32) -> QueueStatus {
        QueueStatus {
            id: id.to_owned(),
            waiting,
            longest_wait_since: (waiting > 0).then_some(Timestamp {
                seconds: 90,
                nanos: 500_000_000,
            }),
            ..QueueStatus::default()
        }
    }

    #[test]
    fn rows_replace_and_snapshots_begin_anew() {
        let mut board = Board::default();
        assert!(!board.has_rows());
        board.apply(WatchPoolResponse {
            snapshot: true,
            queues: vec![row("a", 1), row("b", 0)],
            agent_counts: Some(AgentCounts {
                available: 3,
                ..AgentCounts::default()
            }),
            numbers: Some(PoolNumbers {
                waiting: 1,
                ..PoolNumbers::default()
            }),
            as_of: Some(Timestamp {
                seconds: 100,
                nanos: 0,
            }),
            ..WatchPoolResponse::default()
        });
        board.apply(WatchPoolResponse {
            queues: vec![row("a", 4)],
            numbers: Some(PoolNumbers {
                waiting: 4,
                ..PoolNumbers::default()
            }),
            ..WatchPoolResponse::default()
        });
        let line = board.line(Duration::from_secs(62));
        assert!(
            line.starts_with("01:02") && line.contains("waiting 4") && line.contains("available 3"),
            "{line}"
        );
        assert_eq!(
            board.json(Duration::ZERO)["queues"][0]["longest_wait_ms"],
            9_500
        );
        let rows = WatchPoolResponse {
            snapshot: true,
            queues: vec![row("c", 0)],
            ..WatchPoolResponse::default()
        };
        board.apply(rows);
        let table = board.table(Duration::ZERO);
        assert!(table.contains("\nc ") && !table.contains("\na "), "{table}");
        assert!(table.lines().all(|line| line.len() <= 80), "{table}");
    }
}
