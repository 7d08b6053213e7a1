//! The rows of queues on a board.

use super::{
    Board,
    alerts::{WRONG, takes_calls, target},
    words::{count, percent, span},
};
use crate::{
    cli::table::{Column, Piece, Tone, piece, plain},
    proto::v1::{PoolNumbers, QueueStatus},
};

/// In this order, those that matter less with higher ranks.
pub(in crate::cli) const COLUMNS: [Column; 19] = [
    Column::word(" "),
    Column::text("queue", 10),
    Column::number("waits"),
    Column::number("longest"),
    Column::number("target"),
    Column::number("offers"),
    Column::number("talks"),
    Column::number("answered"),
    Column::number("aband."),
    Column::number("sl_offered"),
    Column::number("last 30m").rank(3),
    Column::number("back").rank(1),
    Column::number("accepted").rank(5),
    Column::number("diverted").rank(4),
    Column::number("sl_answered").rank(7),
    Column::number("sl_excl_short").rank(8),
    Column::number("called back").rank(9),
    Column::number("moved in/out").rank(10),
    Column::text("takes calls", 11).rank(6),
];

/// The rows, and one of all queues together.
pub(in crate::cli) fn rows(board: &Board) -> Vec<Vec<Piece>> {
    let queues = board.queues.values().map(|queue| row(board, queue));
    queues.chain([total(&board.numbers)]).collect()
}

/// A queue's row.
pub(in crate::cli) fn row(board: &Board, queue: &QueueStatus) -> Vec<Piece> {
    let late = board.is_late(queue);
    let halted = queue.halt.is_some();
    let longest = board.longest_ms(queue);
    let tone = if halted {
        Tone::Bad
    } else if late {
        Tone::Warn
    } else {
        Tone::Plain
    };
    let sign = if late || halted { WRONG } else { " " };
    let waits = if late { Tone::Warn } else { Tone::Plain };
    vec![
        piece(sign, tone),
        piece(&queue.id, tone),
        piece(count(queue.waiting), waits),
        piece(longest.map_or_else(|| "-".to_owned(), span), waits),
        plain(target(queue)),
        plain(count(queue.offered)),
        plain(count(queue.connected)),
        plain(count(queue.answered_total)),
        plain(count(queue.abandoned_total)),
        level(queue.sl_offered, queue.goal_percent),
        level(queue.sl_offered_30min, queue.goal_percent),
        plain(count(queue.callbacks_waiting)),
        plain(count(queue.accepted_total)),
        plain(count(queue.diverted_total)),
        plain(percent(queue.sl_answered)),
        plain(percent(queue.sl_excl_short)),
        plain(count(queue.callbacks_answered_total)),
        plain(moved(queue)),
        piece(takes_calls(board, queue), tone),
    ]
}

/// A service level; below the goal it has a sign.
fn level(share: Option<f64>, goal_percent: i32) -> Piece {
    let below = share.is_some_and(|share| is_below(share, goal_percent));
    if below {
        piece(format!("{WRONG}{}", percent(share)), Tone::Warn)
    } else {
        plain(percent(share))
    }
}

/// Whether a share is below the goal. Of the percentages only tenths are shown, and binary fractions such as 0.29 come out a
/// trace below: what is compared is what is shown.
fn is_below(share: f64, goal_percent: i32) -> bool {
    (share * 1_000.0).round() < f64::from(goal_percent) * 10.0
}

fn moved(queue: &QueueStatus) -> String {
    match (queue.moved_in_total, queue.moved_out_total) {
        (0, 0) => "-".to_owned(),
        (to, from) => format!("{to}/{from}"),
    }
}

fn total(all: &PoolNumbers) -> Vec<Piece> {
    [
        " ".to_owned(),
        "all".to_owned(),
        count(all.waiting),
        String::new(),
        String::new(),
        count(all.offered),
        count(all.connected),
        count(all.answered_total),
        count(all.abandoned_total),
        percent(all.sl_offered),
        String::new(),
        count(all.callbacks_waiting),
        count(all.accepted_total),
        count(all.diverted_total),
        percent(all.sl_answered),
        percent(all.sl_excl_short),
        count(all.callbacks_answered_total),
        String::new(),
        String::new(),
    ]
    .map(|text| piece(text, Tone::Head))
    .to_vec()
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn a_share_at_its_goal_is_not_below_it() {
        for goal in 1..=100 {
            let share = f64::from(goal) / 100.0;
            assert!(!is_below(share, goal), "{goal}");
            assert!(is_below(share - 0.001, goal), "{goal}");
        }
    }
}
