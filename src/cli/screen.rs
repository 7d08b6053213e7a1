//! A picture on the whole terminal, drawn again when it changes. However the program ends, the terminal is as before.

use std::{
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{
    DefaultTerminal,
    style::{Color, Modifier, Style},
    text::{Line as ScreenLine, Span, Text},
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_stream::StreamExt;

use super::{
    board::picture::Size,
    interrupt::Interrupts,
    table::{Line, Piece, Tone, cut_line},
};

/// Waits grow while nothing changes: the picture is drawn again this often.
const TICK: Duration = Duration::from_secs(1);
/// News that come together are drawn together.
const AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// The user wants to leave.
    Quit,
    /// Nothing, or something that is to be drawn.
    GoOn,
}

/// What is shown.
pub(super) trait Show {
    /// Waits for news and takes them into account. May be given up while it waits.
    async fn news(&mut self) -> anyhow::Result<()>;

    /// The picture, and its last line, which stays at the bottom.
    fn picture(&mut self, size: Size) -> (Vec<Line>, Line);

    /// Takes a key into account.
    fn press(&mut self, key: Key) -> Pressed;
}

/// A key that something may be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Enter,
    Esc,
    Backspace,
    Tab,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Other,
}

impl Key {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a keyboard has many keys that nothing is for"
    )]
    fn of(event: KeyEvent) -> Self {
        match event.code {
            KeyCode::Char(_) if event.modifiers.contains(KeyModifiers::CONTROL) => Self::Other,
            KeyCode::Char(letter) => Self::Char(letter),
            KeyCode::Enter => Self::Enter,
            KeyCode::Esc => Self::Esc,
            KeyCode::Backspace => Self::Backspace,
            KeyCode::Tab | KeyCode::BackTab => Self::Tab,
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::PageUp => Self::PageUp,
            KeyCode::PageDown => Self::PageDown,
            KeyCode::Home => Self::Home,
            KeyCode::End => Self::End,
            _ => Self::Other,
        }
    }

    /// Where a list is scrolled to that was scrolled to `from`. What is past the end is put right where it is drawn.
    pub(super) fn scroll(self, from: usize) -> usize {
        const PAGE: usize = 10;
        match self {
            Self::Up | Self::Char('k') => from.saturating_sub(1),
            Self::Down | Self::Char('j') => from.saturating_add(1),
            Self::PageUp => from.saturating_sub(PAGE),
            Self::PageDown => from.saturating_add(PAGE),
            Self::Home => 0,
            Self::End => usize::MAX,
            Self::Char(_) | Self::Enter | Self::Esc | Self::Backspace | Self::Tab | Self::Other => {
                from
            }
        }
    }
}

/// Whether the user asked for no colours.
static WITHOUT_COLOUR: AtomicBool = AtomicBool::new(false);

/// From now on nothing has a colour.
pub(super) fn do_without_colour() {
    WITHOUT_COLOUR.store(true, Ordering::Relaxed);
}

/// Whether colours are wanted: not if the flag was given, if `NO_COLOR` says anything, or if the terminal has none.
pub(super) fn wants_colour() -> bool {
    let says = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let dumb = says("TERM").is_none_or(|term| term == "dumb");
    !WITHOUT_COLOUR.load(Ordering::Relaxed) && says("NO_COLOR").is_none() && !dumb
}

/// Whether stdout is a terminal that somebody looks at.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// How wide stdout is, if it is a terminal.
pub(super) fn width() -> Option<usize> {
    size().map(|size| size.width).filter(|width| *width > 0)
}

/// How large stdout is, if it is a terminal.
pub(super) fn size() -> Option<Size> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(Size {
        width: usize::from(size.ws_col),
        height: usize::from(size.ws_row),
    })
}

/// Shows until the user leaves.
pub(super) async fn run(show: &mut impl Show, colour: bool) -> anyhow::Result<()> {
    let mut interrupts = Interrupts::listen()?;
    let mut terminal = Terminal::take()?;
    let mut keys = EventStream::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut pace = interval(AT_MOST_EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut due, mut waiting) = (true, false);
    loop {
        if due {
            terminal.draw(show, colour)?;
        }
        due = true;
        tokio::select! {
            news = show.news() => {
                news?;
                (due, waiting) = (false, true);
            }
            _ = pace.tick(), if waiting => waiting = false,
            key = keys.next() => match key {
                Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => {
                    if is_ctrl_c(key) || show.press(Key::of(key)) == Pressed::Quit {
                        return Ok(());
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(problem)) => return Err(problem.into()),
                // The terminal is gone.
                None => return Ok(()),
            },
            _ = tick.tick() => {}
            _ = interrupts.next() => return Ok(()),
        }
    }
}

fn is_ctrl_c(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}

/// The terminal while it is ours. A panic gives it back before it tells of itself.
struct Terminal(DefaultTerminal);

impl Terminal {
    fn take() -> io::Result<Self> {
        ratatui::try_init().map(Self)
    }

    fn draw(&mut self, show: &mut impl Show, colour: bool) -> io::Result<()> {
        self.0.draw(|frame| {
            let area = frame.area();
            let size = Size {
                width: usize::from(area.width),
                height: usize::from(area.height).saturating_sub(1),
            };
            let (mut lines, foot) = show.picture(size);
            lines.resize(size.height, Line::new());
            lines.push(cut_line(foot, size.width));
            let lines = lines.iter().map(|line| screen_line(line, colour));
            frame.render_widget(lines.collect::<Text<'_>>(), area);
        })?;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // If the terminal is gone there is nothing to give back.
        let _gone = ratatui::try_restore();
        let _gone = self.0.show_cursor();
        let _gone = io::stdout().flush();
    }
}

fn screen_line(line: &Line, colour: bool) -> ScreenLine<'_> {
    let span = |piece: &Piece| Span::styled(piece.text.clone(), style(piece.tone, colour));
    line.iter().map(span).collect()
}

fn style(tone: Tone, colour: bool) -> Style {
    let style = Style::default();
    let of = |style: Style, of: Color| if colour { style.fg(of) } else { style };
    match tone {
        Tone::Plain => style,
        Tone::Head => style.add_modifier(Modifier::BOLD),
        Tone::Good => of(style, Color::Green),
        Tone::Warn => of(style, Color::Yellow),
        Tone::Bad => of(style.add_modifier(Modifier::BOLD), Color::Red),
        Tone::Faint => style.add_modifier(Modifier::DIM),
    }
}
