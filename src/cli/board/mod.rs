//! What a pool looks like now, kept from `WatchPool`, for whoever draws it: `top`, `agent watch` and the demo.

pub(super) mod agents;
pub(super) mod alerts;
pub(super) mod feed;
pub(super) mod json;
pub(super) mod picture;
pub(super) mod queues;
pub(super) mod words;

use std::{collections::BTreeMap, time::Duration};

use prost_types::Timestamp;
use tokio::time::Instant;

use crate::{
    cli::text,
    clock,
    proto::v1::{
        Agent, AgentCounts, GetPoolNumbersResponse, Outage, PoolNumbers, QueueStatus,
        WatchPoolResponse,
    },
};

/// The newest that is known of a pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Board {
    /// Which pool, and of which server.
    pub(super) pool: String,
    pub(super) server: String,
    pub(super) queues: BTreeMap<String, QueueStatus>,
    pub(super) agents: BTreeMap<String, Agent>,
    /// Of all queues together.
    pub(super) numbers: PoolNumbers,
    pub(super) counts: AgentCounts,
    pub(super) outages: Vec<Outage>,
    /// The server's time of the newest news, and when they came.
    as_of: Option<(u64, Instant)>,
    /// Since when nothing is heard, and why; none while the server is heard.
    pub(super) stale: Option<Stale>,
    /// Whether everything was told once.
    is_whole: bool,
    /// Since when its time stands still, because somebody looks at it.
    still_since: Option<Instant>,
}

/// Since when a board is not kept any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stale {
    pub(super) since: Instant,
    pub(super) why: String,
}

impl Board {
    /// Of a pool of which nothing is known yet.
    pub(super) fn new(server: &str, pool: &str) -> Self {
        Self {
            pool: pool.to_owned(),
            server: server.to_owned(),
            ..Self::default()
        }
    }

    /// Takes rows into account.
    pub(super) fn apply(&mut self, rows: WatchPoolResponse) {
        if rows.snapshot {
            self.queues.clear();
            self.agents.clear();
        }
        for queue in rows.queues {
            self.queues.insert(queue.id.clone(), queue);
        }
        for queue in &rows.removed_queues {
            self.queues.remove(queue);
        }
        for agent in rows.agents {
            self.agents.insert(agent.id.clone(), agent);
        }
        for agent in &rows.removed_agent_ids {
            self.agents.remove(agent);
        }
        // Only the last part of an answer carries its number.
        self.is_whole |= rows.event_number > 0;
        self.hear(rows.as_of);
        self.count(rows.numbers, rows.agent_counts, rows.outages);
    }

    /// Takes the numbers into account that were asked for because nothing had changed for a while.
    pub(super) fn apply_numbers(&mut self, numbers: GetPoolNumbersResponse) {
        self.hear(numbers.as_of);
        self.count(numbers.numbers, numbers.agent_counts, numbers.outages);
    }

    /// Nothing is heard any more; what is shown stays as it was with the last news, however late that was noticed.
    pub(super) fn lose(&mut self, why: String) {
        let since = self.as_of.map_or_else(clock::instant, |(_, heard)| heard);
        self.stale = Some(Stale { since, why });
    }

    /// The board as it is now, and stays.
    pub(super) fn stopped(&self) -> Self {
        Self {
            still_since: Some(clock::instant()),
            ..self.clone()
        }
    }

    fn hear(&mut self, as_of: Option<Timestamp>) {
        if let Some(as_of) = as_of {
            self.as_of = Some((ms(&as_of), clock::instant()));
        }
        self.stale = None;
    }

    fn count(
        &mut self,
        numbers: Option<PoolNumbers>,
        counts: Option<AgentCounts>,
        outages: Vec<Outage>,
    ) {
        self.numbers = numbers.unwrap_or_default();
        self.counts = counts.unwrap_or_default();
        self.outages = outages;
    }

    /// Whether there is anything to show.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The server's time, ms since 1970: it goes on while the server is heard, and stands still while it is not.
    pub(super) fn now_ms(&self) -> u64 {
        let Some((told, heard)) = self.as_of else {
            return 0;
        };
        let stale = self.stale.as_ref().map(|stale| stale.since);
        let stands = [stale, self.still_since].into_iter().flatten().min();
        let until = stands.unwrap_or_else(clock::instant);
        let since = until.saturating_duration_since(heard);
        told.saturating_add(millis(since))
    }

    /// How long ago a time was, ms.
    pub(super) fn age_ms(&self, since: &Timestamp) -> u64 {
        self.now_ms().saturating_sub(ms(since))
    }

    /// How long the longest waiting caller of a queue has waited, ms.
    pub(super) fn longest_ms(&self, queue: &QueueStatus) -> Option<u64> {
        let since = queue.longest_wait_since.as_ref();
        since.map(|since| self.age_ms(since))
    }

    /// Whether somebody has waited longer than the queue's target.
    pub(super) fn is_late(&self, queue: &QueueStatus) -> bool {
        let target = text::api_ms(queue.target.as_ref());
        target > 0 && self.longest_ms(queue) > Some(target)
    }
}

/// A time, ms since 1970.
pub(super) fn ms(time: &Timestamp) -> u64 {
    let seconds = u64::try_from(time.seconds).unwrap_or(0);
    let nanos = u64::try_from(time.nanos).unwrap_or(0);
    seconds.saturating_mul(1_000) + nanos / 1_000_000
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use prost_types::Timestamp;

    use super::Board;
    use crate::proto::v1::{
        Agent, AgentStatus, GetPoolNumbersResponse, LineState, PoolNumbers, QueueStatus, Site,
        SiteKind, WatchPoolResponse,
    };

    /// A time so many seconds after the beginning of the day.
    pub(in crate::cli) fn at(seconds: i64) -> Timestamp {
        Timestamp { seconds, nanos: 0 }
    }

    /// A queue with a target of 20 s in which somebody has waited since then.
    pub(in crate::cli) fn queue(id: &str, waits_since: Option<i64>) -> QueueStatus {
        QueueStatus {
            id: id.to_owned(),
            waiting: waits_since.map_or(0, |_| 1),
            longest_wait_since: waits_since.map(at),
            target: Some(prost_types::Duration {
                seconds: 20,
                nanos: 0,
            }),
            goal_percent: 80,
            ..QueueStatus::default()
        }
    }

    /// An agent at home who has been in a state since second 40, with a line that is up.
    pub(in crate::cli) fn agent(id: &str, state: &str) -> Agent {
        Agent {
            id: id.to_owned(),
            display_name: id.to_uppercase(),
            site: Some(Site {
                id: format!("home-{id}"),
                kind: SiteKind::Home.into(),
                ..Site::default()
            }),
            status: Some(AgentStatus {
                state: state.to_owned(),
                line: LineState::Up.into(),
                since: Some(at(40)),
                ..AgentStatus::default()
            }),
            ..Agent::default()
        }
    }

    /// A board as of second 100 of the day.
    pub(in crate::cli) fn board(queues: Vec<QueueStatus>, agents: Vec<Agent>) -> Board {
        let mut board = Board::new("http://127.0.0.1:50051", "default");
        board.apply(WatchPoolResponse {
            event_number: 7,
            snapshot: true,
            queues,
            agents,
            as_of: Some(at(100)),
            ..WatchPoolResponse::default()
        });
        board
    }

    #[tokio::test(start_paused = true)]
    async fn rows_replace_and_snapshots_begin_anew() {
        let part = |numbers, rows: Vec<QueueStatus>| WatchPoolResponse {
            event_number: numbers,
            queues: rows,
            ..WatchPoolResponse::default()
        };
        let mut board = Board::default();
        board.apply(WatchPoolResponse {
            snapshot: true,
            ..part(0, vec![queue("a", None)])
        });
        assert!(!board.is_whole(), "a part is still to come");
        board.apply(part(8, vec![queue("b", None)]));
        assert!(board.is_whole());
        assert_eq!(board.queues.len(), 2);
        board.apply(WatchPoolResponse {
            removed_queues: vec!["a".to_owned()],
            ..part(9, vec![queue("b", Some(90))])
        });
        assert_eq!(board.queues["b"].waiting, 1);
        assert_eq!(board.queues.len(), 1);
        board.apply(WatchPoolResponse {
            snapshot: true,
            ..part(10, vec![queue("c", None)])
        });
        assert_eq!(board.queues.keys().collect::<Vec<_>>(), ["c"]);
    }

    #[tokio::test(start_paused = true)]
    async fn waits_grow_while_the_server_is_heard_and_stand_still_when_it_is_not() {
        let mut board = board(vec![queue("a", Some(90))], Vec::new());
        let longest = |board: &Board| board.longest_ms(&board.queues["a"]);
        let second = std::time::Duration::from_secs(1);
        assert_eq!(longest(&board), Some(10_000));
        tokio::time::advance(second).await;
        assert_eq!(longest(&board), Some(11_000));
        board.lose("gone".to_owned());
        let since = board.stale.clone().unwrap().since;
        assert_eq!(board.now_ms(), 100_000);
        tokio::time::advance(second * 60).await;
        board.lose("still gone".to_owned());
        assert_eq!(longest(&board), Some(10_000), "as with the last news");
        assert_eq!(board.stale.clone().unwrap().since, since);
        assert!(!board.is_late(&board.queues["a"]));
        board.apply_numbers(GetPoolNumbersResponse {
            as_of: Some(at(120)),
            numbers: Some(PoolNumbers::default()),
            ..GetPoolNumbersResponse::default()
        });
        assert_eq!((longest(&board), &board.stale), (Some(30_000), &None));
        assert!(board.is_late(&board.queues["a"]));
    }
}
