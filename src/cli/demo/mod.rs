//! `demo`: a server as a child process, a made-up operator's agents and callers over the public API, and a board.

mod board;
mod cast;
mod child;
mod scene;
mod site;
mod story;
mod traffic;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use jiff::{Timestamp, ToSpan, civil::Weekday};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use self::scene::Scene;
use super::{
    Common,
    agent::apply_all,
    board::{
        Board,
        feed::{self, News, Rows},
        picture::{Look, Size, picture},
    },
    client::Clients,
    error::CliError,
    interrupt::Interrupts,
    out, pool, screen, table,
};
use crate::{calendar::zone::Zone, clock, proto::v1::ApplyPoolRequest};

const POOL: &str = "default";
/// Where the operator is.
const ZONE: &str = "Europe/Paris";
/// How often the board is drawn on a terminal, and how often a line is printed elsewhere.
const DRAW_EVERY: Duration = Duration::from_millis(500);
const LINE_EVERY: Duration = Duration::from_secs(3);

/// Lines of the board at most.
const LINES_MAX: usize = 20;

/// A demo without `--seconds` ends by Ctrl-C; this is about a century.
const A_LONG_TIME_S: u64 = 1 << 32;

const HELP: &str = "\
The demo starts `homeshore serve` on free ports and a temporary folder, applies a pool and 40 made-up agents, lets them \
take made-up calls, and shows the numbers until Ctrl-C. Everything goes over the public gRPC API.

Evening (deploy/pools/demo.toml): a caller hangs up, keeps the place and is called back. After a quarter of a minute an \
Internet provider fails for a while, and the demo asks why a call waits.
Monday (deploy/pools/monday.toml): more callers come than agents on site can take. The platform reports how many wait there, \
the service finds a peak, agents at home take the calls, and the peak ends by itself; all in a minute and a half.

Examples:
  homeshore demo
  homeshore demo --seconds 30
  homeshore demo --scene monday
  homeshore demo --data ./demo-data --grpc 127.0.0.1:50051 --http 127.0.0.1:8080

With --json: a line for each step, {\"elapsed_ms\", \"queues\": [{\"id\", \"waiting\", \"offered\", \"connected\", \"longest_wait_ms\", \
\"accepted\", \"answered\", \"answered_in_target\", \"abandoned\", \"diverted\", \"callbacks_waiting\", \"callbacks_answered\", \"peak\"}], \
\"outages\": [\"...\"], \"agents\": {...}}.";

/// Arguments of `demo`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct DemoArgs {
    /// Keep the server's data in this folder; without it in a temporary one that is removed.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// What is played.
    #[arg(long, value_enum, default_value_t = Scene::Evening)]
    scene: Scene,
    /// End after this many seconds; without it at Ctrl-C.
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Where the server offers gRPC; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    grpc: String,
    /// Where the server offers HTTP; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    http: String,
}

/// Runs `demo`.
pub(super) async fn run(common: &Common, args: DemoArgs) -> anyhow::Result<ExitCode> {
    let mut interrupts = Interrupts::listen()?;
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let data = args
        .data
        .clone()
        .unwrap_or_else(|| scratch.path().join("data"));
    let log = scratch.path().join("serve.log");
    out::say("starting a server …");
    let opens = opens_at(Timestamp::from_millisecond(clock::wall().0)?, args.scene)?;
    let addresses = (args.grpc.as_str(), args.http.as_str());
    let mut server = child::Server::start(&data, addresses, &log, opens).await?;
    let shown = show(common, &args, &mut server, &mut interrupts, opens).await;
    let stopped = server.stop().await;
    shown.and(stopped)?;
    Ok(ExitCode::SUCCESS)
}

/// The next Monday at the hour of a scene, where the operator is.
fn opens_at(now: Timestamp, scene: Scene) -> anyhow::Result<Timestamp> {
    let (hour, minute) = scene.opens();
    let zone = Zone::named(ZONE)?;
    let today = zone.local(now).date();
    let days = (0..=7).filter_map(|days| today.checked_add(days.days()).ok());
    let mut mondays = days.filter(|day| day.weekday() == Weekday::Monday);
    let opens = mondays.find_map(|day| {
        let opens = zone.instant(day.at(hour, minute, 0, 0));
        (opens > now).then_some(opens)
    });
    opens.context("no Monday is left")
}

async fn show(
    common: &Common,
    args: &DemoArgs,
    server: &mut child::Server,
    interrupts: &mut Interrupts,
    opens: Timestamp,
) -> anyhow::Result<()> {
    let clients = Clients::to(&server.grpc, POOL).await?;
    set_up(&clients, args.scene).await?;
    let program = std::env::args()
        .next()
        .unwrap_or_else(|| "homeshore".to_owned());
    let local = Zone::named(ZONE)?.local(opens);
    let (day, time) = (local.date(), local.strftime("%H:%M"));
    out::say(&format!(
        "Coastline Telecom, a made-up operator, is at work. By its clock it is Monday {day}, {time} in Paris ({opens}).\n  pages    {}/pools/default\n  gRPC     {}\n  metrics  {}/metrics\n\
         from a second terminal route a call of your own, or watch them all at work:\n  \
         {program} --server {} call route --queue billing\n  {program} --server {} top\n\
         Ctrl-C ends the demo.\n",
        server.http, server.grpc, server.http, server.grpc, server.grpc
    ));
    let started = clock::instant();
    let end = started + Duration::from_secs(args.seconds.unwrap_or(A_LONG_TIME_S));
    let mut news = feed::follow(clients.clone(), Rows::Queues);
    let (notes, mut story) = mpsc::unbounded_channel();
    let mut crowd = traffic::Crowd::open(&clients, notes, args.scene, opens);
    let mut screen = Screen::new(common.json, started, &server.grpc);
    let mut draw = interval(if screen.in_place {
        DRAW_EVERY
    } else {
        LINE_EVERY
    });
    draw.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            played = crowd.play() => break played,
            Some(news) = news.recv() => screen.hear(news)?,
            Some(note) = story.recv() => screen.note(&note)?,
            _ = draw.tick() => screen.draw()?,
            problem = server.died() => break Err(problem),
            () = sleep_until(end) => break Ok(()),
            _ = interrupts.next() => break Ok(()),
        }
    }
}

async fn set_up(clients: &Clients, scene: Scene) -> anyhow::Result<()> {
    let (name, text) = scene.pool();
    let (pool, mut findings) = pool::file::read(text, POOL, std::path::Path::new(""));
    let report = findings.report(name);
    assert!(findings.is_clean(), "the built-in pool is right: {report}");
    let request = ApplyPoolRequest {
        request_id: String::new(),
        pool: Some(pool),
        validate_only: false,
    };
    clients
        .pools()
        .apply_pool(request)
        .await
        .map_err(CliError::from)?;
    apply_all(clients, cast::agents(), false)
        .await
        .map_err(|(_, status)| CliError::from(status))?;
    Ok(())
}

/// Where the board is shown.
struct Screen {
    board: Board,
    json: bool,
    /// Whether the board is drawn over itself.
    in_place: bool,
    lines_drawn: usize,
    started: Instant,
    peaks: story::Peaks,
}

impl Screen {
    fn new(json: bool, started: Instant, server: &str) -> Self {
        Self {
            board: Board::new(server, POOL),
            json,
            in_place: !json && screen::is_terminal(),
            lines_drawn: 0,
            started,
            peaks: story::Peaks::default(),
        }
    }

    fn hear(&mut self, news: News) -> anyhow::Result<()> {
        match news {
            News::Rows(rows) => self.board.apply(*rows),
            News::Numbers(numbers) => self.board.apply_numbers(*numbers),
            News::Down(why) => self.board.lose(why),
            News::Refused(status) => self.board.lose(status.message().to_owned()),
        }
        let told = self.peaks.see(&self.board);
        told.iter().try_for_each(|told| self.note(told))
    }

    /// Shows a line that stays, above the board.
    fn note(&mut self, note: &str) -> anyhow::Result<()> {
        let elapsed = clock::instant().duration_since(self.started);
        self.clear()?;
        out::say(&format!("{}  {note}", board::clock_face(elapsed)));
        Ok(())
    }

    /// Takes the last drawing away.
    fn clear(&mut self) -> anyhow::Result<()> {
        if self.lines_drawn > 0 {
            // Up to the first line of the last drawing, and clear from there on.
            write!(io::stdout().lock(), "\x1b[{}A\x1b[J", self.lines_drawn)?;
            io::stdout().flush()?;
            self.lines_drawn = 0;
        }
        Ok(())
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        let elapsed = clock::instant().duration_since(self.started);
        if !self.board.is_whole() {
            return Ok(());
        }
        if self.json {
            return out::data(&board::json(&self.board, elapsed).to_string());
        }
        if !self.in_place {
            return out::data(&board::line(&self.board, elapsed));
        }
        let mut look = Look {
            without_agents: true,
            ..Look::default()
        };
        let size = screen::size().unwrap_or(Size {
            width: 80,
            height: LINES_MAX,
        });
        let size = Size {
            // A line that fills the last column would leave the cursor on the next; so would the last row.
            width: size.width.saturating_sub(1),
            height: size.height.saturating_sub(1).min(LINES_MAX),
        };
        let lines = picture(&self.board, &mut look, Some(size));
        self.clear()?;
        self.lines_drawn = lines.len();
        out::data(&table::to_text(&lines, screen::wants_colour()))
    }
}

#[cfg(test)]
mod tests {
    use super::{opens_at, scene::Scene};

    #[test]
    fn the_demo_opens_on_a_monday_that_is_to_come() {
        let cases = [
            ("2026-11-29T06:00:00Z", "2026-11-30T16:25:00Z"),
            ("2026-11-30T16:24:59Z", "2026-11-30T16:25:00Z"),
            ("2026-11-30T16:25:00Z", "2026-12-07T16:25:00Z"),
            ("2026-06-30T22:30:00Z", "2026-07-06T15:25:00Z"),
        ];
        for (now, opens) in cases {
            let told = opens_at(now.parse().unwrap(), Scene::Evening).unwrap();
            assert_eq!(told.to_string(), opens, "{now}");
        }
    }
}
