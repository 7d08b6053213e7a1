//! `top`: a pool as it is now, on the whole terminal.

mod keys;

use std::{process::ExitCode, time::Duration};

use anyhow::{Context, bail};
use clap::Args;
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};

use self::keys::Mode;
use super::{
    Common,
    board::{
        self, Board,
        feed::{self, News, Rows},
        picture::{Look, Part, Size, picture},
    },
    client::Clients,
    error::CliError,
    out,
    screen::{self, Key, Pressed, Show},
    table::{self, Line, plain},
};

/// How long a single picture may be waited for.
const ONCE_LIMIT: Duration = Duration::from_secs(10);

const HELP: &str = "\
Shows what is wrong first, each with a sign and a word: `! STALE` if the server is not heard, outages, halted queues, callers \
who wait longer than their queue's target; then the queues, how many agents are in each state by kind of site, and the agents \
who need somebody first. `as of` is the server's time; while the server is not heard it stands still.

Keys: q leaves, Tab and arrows scroll, a shows queues, agents or both, s sorts, / filters, p pauses, ? explains.

Colours only repeat what signs and words say; the variable NO_COLOR turns them off too.

Examples:
  homeshore top
  homeshore --pool night top --no-color
  homeshore top --once          one picture, also into a pipe or a file
  homeshore top --once --json

With --json: {\"pool\", \"server\", \"as_of\", \"stale\", \"numbers\": {...}, \"agent_counts\": {...}, \"outages\": [{\"domain\", \"label\", \
\"since\", \"lost\", \"signed_in\", \"end_time\", \"text\"}], \"queues\": as in `queue list --json`, \"agents\": as in \
`agent show --json`, without address}.";

/// Arguments of `top`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct TopArgs {
    /// Print one picture and leave.
    #[arg(long)]
    once: bool,
}

/// Runs `top`.
pub(super) async fn run(common: &Common, args: TopArgs) -> anyhow::Result<ExitCode> {
    if args.once || common.json {
        once(common).await?;
        return Ok(ExitCode::SUCCESS);
    }
    needs_terminal(
        "top",
        "`top --once` prints one picture, `queue list` the queues",
    )?;
    let mut top = Top::open(common, Look::default()).await?;
    screen::run(&mut top, screen::wants_colour()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses where nothing can be drawn; the text says what else there is.
fn needs_terminal(command: &str, instead: &str) -> Result<(), CliError> {
    if screen::is_terminal() {
        return Ok(());
    }
    Err(CliError::Input(format!(
        "`{command}` draws on a terminal, and this is none: {instead}"
    )))
}

async fn once(common: &Common) -> anyhow::Result<()> {
    let mut top = Top::open(common, Look::default()).await?;
    while !top.board.is_whole() {
        let news = timeout(ONCE_LIMIT, top.news()).await;
        news.context("the server did not tell of the pool in time")??;
        if let Some(stale) = &top.board.stale {
            bail!("the server is not heard: {}", stale.why);
        }
    }
    if common.json {
        return out::json(&board::json::board(&top.board));
    }
    let width = screen::width();
    let size = width.map(|width| Size {
        width,
        height: usize::MAX,
    });
    let lines = picture(&top.board, &mut top.look, size);
    let colour = screen::is_terminal() && screen::wants_colour();
    out::data(&table::to_text(&lines, colour))
}

/// The board on the screen.
pub(in crate::cli) struct Top {
    pub(in crate::cli) board: Board,
    look: Look,
    news: UnboundedReceiver<News>,
    mode: Mode,
    /// The board as it was when the user stopped it.
    still: Option<Board>,
}

impl Top {
    /// Begins to follow the pool.
    pub(in crate::cli) async fn open(common: &Common, look: Look) -> Result<Self, CliError> {
        let clients = Clients::connect(common).await?;
        Ok(Self {
            board: Board::new(&common.server, clients.pool()),
            look,
            news: feed::follow(clients, Rows::All),
            mode: Mode::Looking,
            still: None,
        })
    }

    fn pause(&mut self) {
        self.look.paused = self.still.is_none();
        self.still = match self.still.take() {
            Some(_) => None,
            None => Some(self.board.stopped()),
        };
    }

    /// The next of both, queues and agents.
    fn turn_page(&mut self) {
        self.look.part = match self.look.part {
            Part::Both => Part::Agents,
            Part::Agents => Part::Queues,
            Part::Queues => Part::Both,
        };
        self.look.on_agents = self.look.part != Part::Queues;
    }
}

impl Show for Top {
    async fn news(&mut self) -> anyhow::Result<()> {
        match self.news.recv().await {
            Some(News::Rows(rows)) => self.board.apply(*rows),
            Some(News::Numbers(numbers)) => self.board.apply_numbers(*numbers),
            Some(News::Down(why)) => self.board.lose(why),
            Some(News::Refused(status)) => return Err(CliError::from(status).into()),
            None => bail!("the pool is no longer followed"),
        }
        Ok(())
    }

    fn picture(&mut self, size: Size) -> (Vec<Line>, Line) {
        let lines = match self.mode {
            Mode::Explaining => keys::explained(),
            Mode::Looking | Mode::Filtering => {
                let board = self.still.as_ref().unwrap_or(&self.board);
                if board.is_whole() {
                    picture(board, &mut self.look, Some(size))
                } else {
                    vec![vec![plain(format!("waiting for {} …", board.server))]]
                }
            }
        };
        let lines = lines.into_iter().take(size.height);
        let lines = lines.map(|line| table::cut_line(line, size.width));
        (lines.collect(), self.foot())
    }

    fn press(&mut self, key: Key) -> Pressed {
        self.take_key(key)
    }
}
