//! What keys do on a board, and the lines that say so.

use super::Top;
use crate::cli::{
    screen::{Key, Pressed},
    table::{Line, Tone, piece, plain},
};

/// What keys are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Looking,
    /// Letters go to the filter.
    Filtering,
    /// The keys are explained.
    Explaining,
}

const KEYS: [(&str, &str); 12] = [
    ("q, Ctrl-C", "leave"),
    ("Tab", "arrows for the queues, or for the agents"),
    ("Up, Down, j, k", "scroll by a row"),
    (
        "PgUp, PgDn",
        "scroll by ten rows; Home and End go to the ends",
    ),
    ("a", "both, agents alone, queues alone"),
    ("s", "sort agents: attention, id, state, since, team"),
    (
        "/",
        "filter agents by words; Enter keeps the filter, Esc drops it",
    ),
    ("p", "pause the picture, and let it go on"),
    ("?", "this page"),
    (
        "back",
        "callers who gave up their line and wait to be called back",
    ),
    (
        "! and yellow",
        "over the target, below the goal, or in need of somebody",
    ),
    ("! and red", "lost, halted, stale"),
];

/// The page that explains the keys.
pub(super) fn explained() -> Vec<Line> {
    let title = vec![piece("Keys", Tone::Head)];
    let keys = KEYS
        .iter()
        .map(|(key, what)| vec![piece(format!("  {key:<16}"), Tone::Head), plain(*what)]);
    let more =
        "service levels are of this day of UTC; `last 30m` is sl_offered of the last 30 minutes";
    let blank = Line::new();
    [title, blank.clone()]
        .into_iter()
        .chain(keys)
        .chain([blank, vec![plain(more)]])
        .collect()
}

impl Top {
    /// The line at the bottom.
    pub(super) fn foot(&self) -> Line {
        let look = &self.look;
        match self.mode {
            Mode::Filtering => vec![
                piece("filter: ", Tone::Head),
                plain(format!("{}_", look.filter)),
                piece("   Enter keeps it, Esc drops it", Tone::Faint),
            ],
            Mode::Explaining => vec![piece("any key goes back", Tone::Faint)],
            Mode::Looking => {
                let order = look.order.word();
                let scrolls = if look.on_agents { "agents" } else { "queues" };
                let filter = match look.filter.as_str() {
                    "" => String::new(),
                    filter => format!("={filter}"),
                };
                let keys = format!(
                    "q quit  Tab:{scrolls}  s sort:{order}  / filter{filter}  a view  p pause  ? help"
                );
                vec![piece(keys, Tone::Faint)]
            }
        }
    }

    /// Does what a key is for.
    pub(super) fn take_key(&mut self, key: Key) -> Pressed {
        match self.mode {
            Mode::Explaining => self.mode = Mode::Looking,
            Mode::Filtering => self.type_filter(key),
            Mode::Looking => return self.look_around(key),
        }
        Pressed::GoOn
    }

    fn type_filter(&mut self, key: Key) {
        self.look.agents_from = 0;
        match key {
            Key::Enter => self.mode = Mode::Looking,
            Key::Esc => {
                self.look.filter.clear();
                self.mode = Mode::Looking;
            }
            Key::Backspace => drop(self.look.filter.pop()),
            Key::Char(letter) => self.look.filter.push(letter),
            Key::Tab
            | Key::Up
            | Key::Down
            | Key::PageUp
            | Key::PageDown
            | Key::Home
            | Key::End
            | Key::Other => {}
        }
    }

    fn look_around(&mut self, key: Key) -> Pressed {
        match key {
            Key::Char('q') => return Pressed::Quit,
            Key::Char('?' | 'h') => self.mode = Mode::Explaining,
            Key::Char('/') => self.mode = Mode::Filtering,
            Key::Char('s') => self.look.order = self.look.order.next(),
            Key::Char('a') => self.turn_page(),
            Key::Char('p') => self.pause(),
            Key::Esc => self.look.filter.clear(),
            Key::Tab => self.look.on_agents = !self.look.on_agents,
            Key::Char(_)
            | Key::Up
            | Key::Down
            | Key::PageUp
            | Key::PageDown
            | Key::Home
            | Key::End => self.scroll(key),
            Key::Enter | Key::Backspace | Key::Other => {}
        }
        Pressed::GoOn
    }

    fn scroll(&mut self, key: Key) {
        let from = if self.look.on_agents {
            &mut self.look.agents_from
        } else {
            &mut self.look.queues_from
        };
        *from = key.scroll(*from);
    }
}
