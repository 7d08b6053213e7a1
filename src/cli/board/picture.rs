//! The picture of a board: lines that fit a screen. `top`, `top --once` and the demo show the same one.

use super::{
    Board,
    agents::{self, Filter, Order},
    alerts::alerts,
    queues,
    words::clock_face,
};
use crate::cli::table::{Line, Tone, cut_line, gap, lay_out, line_width, piece, plain};

/// So many alerts are shown where rows have to have room too, a fifth of the screen if that is more.
const ALERTS_LEAST: usize = 2;
/// Agents have at least so many lines before their states are counted too.
const AGENTS_LEAST: usize = 8;

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) enum Part {
    /// Queues above agents.
    #[default]
    Both,
    /// Queues alone.
    Queues,
    /// Agents alone.
    Agents,
}

/// How the user looks at a board.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Look {
    pub(in crate::cli) part: Part,
    pub(in crate::cli) order: Order,
    /// Which agents are shown at all, and of those the ones with these words.
    pub(in crate::cli) scope: Filter,
    pub(in crate::cli) filter: String,
    /// Rows that are scrolled past, of the queues and of the agents.
    pub(in crate::cli) queues_from: usize,
    pub(in crate::cli) agents_from: usize,
    /// Whether the arrows are for the agents.
    pub(in crate::cli) on_agents: bool,
    /// Whether the picture stands still by the user's wish.
    pub(in crate::cli) paused: bool,
    /// Whether agents are shown by their numbers only.
    pub(in crate::cli) without_agents: bool,
}

/// A screen's size; without one nothing is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Size {
    pub(in crate::cli) width: usize,
    pub(in crate::cli) height: usize,
}

/// The whole picture. Scrolling past the end is put right in `look`.
pub(in crate::cli) fn picture(board: &Board, look: &mut Look, size: Option<Size>) -> Vec<Line> {
    let width = size.map(|size| size.width);
    let gap = gap(width);
    let mut lines = vec![header(board, look.paused, width)];
    lines.extend(shown_alerts(board, size));
    let cut = |line: Line| match width {
        Some(width) => cut_line(line, width),
        None => line,
    };
    lines = lines.into_iter().map(cut).collect();
    let agents = (look.part != Part::Queues && !look.without_agents).then(|| {
        let chosen = agents::chosen(board, look.order, &look.scope, &look.filter);
        let rows: Vec<_> = chosen
            .iter()
            .map(|agent| agents::row(board, agent))
            .collect();
        lay_out(&agents::COLUMNS, &rows, width, gap)
    });
    let states = lay_out(&agents::STATES, &agents::states(board), width, gap);
    let room = size.map(|size| size.height.saturating_sub(lines.len()));
    if look.part != Part::Agents {
        let table = lay_out(&queues::COLUMNS, &queues::rows(board), width, gap);
        // The agents have the larger part, but for what the queues need.
        let rest = match agents {
            Some(_) => states.len() + 8,
            None => states.len() + 1,
        };
        let room = room.map(|room| room.saturating_sub(rest).max(5));
        lines.push(Line::new());
        lines.extend(scrolled(table, 1, room, &mut look.queues_from));
    }
    let room = size.map(|size| size.height.saturating_sub(lines.len()));
    let least = if look.part == Part::Agents {
        states.len() + 2 + AGENTS_LEAST
    } else {
        0
    };
    if room.is_none_or(|room| room >= least) {
        lines.push(Line::new());
        lines.extend(states);
    }
    if let Some(table) = agents {
        let room = size.map(|size| size.height.saturating_sub(lines.len() + 1));
        lines.push(Line::new());
        lines.extend(scrolled(table, 0, room, &mut look.agents_from));
    }
    lines.truncate(size.map_or(usize::MAX, |size| size.height));
    lines
}

/// What it is, of when, and whether it is kept.
pub(in crate::cli) fn header(board: &Board, paused: bool, width: Option<usize>) -> Line {
    let server = board.server.trim_start_matches("http://");
    let left = vec![
        piece(format!("pool {}", board.pool), Tone::Head),
        plain(format!(" at {server}")),
    ];
    let as_of = format!("as of {} UTC  ", clock_face(board.now_ms()));
    let kept = match (&board.stale, paused) {
        (Some(_), _) => piece("! STALE", Tone::Bad),
        (None, true) => piece("PAUSED", Tone::Warn),
        (None, false) => piece("live", Tone::Good),
    };
    let right = vec![plain(as_of), kept];
    let used = line_width(&left) + line_width(&right);
    let between = width.map_or(4, |width| width.saturating_sub(used).max(2));
    // Where there is no room for both, when it was is worth more than where.
    let mut line = match width {
        Some(width) if used + 2 > width => {
            cut_line(left, width.saturating_sub(line_width(&right) + 2))
        }
        _ => left,
    };
    line.push(plain(" ".repeat(between)));
    line.extend(right);
    line
}

fn shown_alerts(board: &Board, size: Option<Size>) -> Vec<Line> {
    let mut lines = alerts(board);
    let max = size.map_or(usize::MAX, |size| (size.height / 5).max(ALERTS_LEAST));
    if lines.len() > max {
        let more = lines.len() - (max - 1);
        lines.truncate(max - 1);
        lines.push(vec![piece(format!("! and {more} more"), Tone::Bad)]);
    }
    lines
}

/// A table of which the header stays, and the last `foot` rows, while the others are scrolled.
pub(in crate::cli) fn scrolled(
    table: Vec<Line>,
    foot: usize,
    room: Option<usize>,
    from: &mut usize,
) -> Vec<Line> {
    let rows = table.len().saturating_sub(1 + foot);
    let Some(room) = room.filter(|room| table.len() > *room) else {
        *from = 0;
        return table;
    };
    let shown = room.saturating_sub(2 + foot).max(1);
    *from = (*from).min(rows.saturating_sub(shown));
    let until = (*from + shown).min(rows);
    let more = format!("  rows {}-{until} of {rows}", *from + 1);
    let head = table[..1].iter();
    let body = table[1 + *from..=until].iter();
    let feet = table[1 + rows..].iter();
    let more = vec![piece(more, Tone::Faint)];
    head.chain(body)
        .chain([&more])
        .chain(feet)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Look, Part, Size, picture};
    use crate::{
        cli::{
            board::tests::{agent, board, queue},
            table::{line_width, to_text},
        },
        proto::v1::AgentCounts,
    };

    #[tokio::test(start_paused = true)]
    async fn it_fits_every_screen_and_says_what_is_left_out() {
        let queues = (0..30).map(|n| queue(&format!("queue-with-a-long-name-{n}"), Some(70)));
        let agents = (0..300).map(|n| agent(&format!("agent-{n:03}"), "connected"));
        let mut board = board(queues.collect(), agents.collect());
        board.counts = AgentCounts {
            connected: 300,
            ..AgentCounts::default()
        };
        for (width, height) in [(80, 24), (200, 50), (40, 10), (300, 100), (1, 1), (0, 0)] {
            for part in [Part::Both, Part::Queues, Part::Agents] {
                let mut look = Look {
                    part,
                    queues_from: 1_000,
                    agents_from: 1_000,
                    ..Look::default()
                };
                let lines = picture(&board, &mut look, Some(Size { width, height }));
                assert!(lines.len() <= height, "{width}x{height}");
                for line in &lines {
                    assert!(line_width(line) <= width, "{width}x{height}: {line:?}");
                }
                let text = to_text(&lines, false);
                if (width, height) == (80, 24) && part != Part::Queues {
                    assert!(text.contains("-300 of 300"), "{text}");
                }
            }
        }
        let whole = to_text(&picture(&board, &mut Look::default(), None), false);
        assert_eq!(whole.matches("agent-").count(), 600, "ids and names");
        assert_eq!(whole.matches("LATE queue").count(), 30);
    }
}
