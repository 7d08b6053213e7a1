//! `call watch`: live calls as they change, on the whole terminal or a line for each change.

use std::collections::BTreeMap;

use anyhow::bail;
use clap::Args;
use serde_json::json;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::Instant,
};
use tonic::{Code, Status};

use super::{
    list_all,
    route::describe,
    rows::{self, Filter},
};
use crate::{
    cli::{
        Common,
        board::{
            Board,
            feed::{self, News, Rows},
            picture::{Size, header, scrolled},
            words::clock_face,
        },
        client::Clients,
        error::CliError,
        interrupt::Interrupts,
        json, out,
        screen::{self, Key, Pressed, Show},
        table::{Line, Tone, cut_line, lay_out, piece},
        text,
    },
    clock,
    proto::v1::{Call, CallState, ExplainCallRequest},
};

pub(super) const HELP: &str = "\
On a terminal a table of the live calls, oldest first. Into a pipe or a file, and of one call, there is a line for each change: \
first of every call as it is, then of those that change, at most four times a second. With a call's id it leaves once that call has \
ended. Ctrl-C ends it.

Examples:
  homeshore call watch
  homeshore call watch k-17
  homeshore call watch --queue billing --state queued
  homeshore call watch --json | jq -r .call.state

With --json a line for each change: {\"as_of\", \"id\", \"call\": as in `call show --json`; null if nothing more is known of it}.";

/// Arguments of `call watch`.
#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArgs {
    /// Only this call, a line for each change until it has ended.
    #[arg(conflicts_with_all = ["queue", "state", "agent", "platform"])]
    id: Option<String>,
    #[command(flatten)]
    filter: Filter,
}

/// Runs `call watch`.
pub(super) async fn run(common: &Common, args: WatchArgs) -> anyhow::Result<()> {
    let clients = Clients::connect(common).await?;
    let mut watch = Watch {
        board: Board::new(&common.server, clients.pool()),
        id: args.id.clone(),
        news: follow(clients, args.id.clone(), args.filter),
        calls: Vec::new(),
        listed: None,
        changed: Vec::new(),
        from: 0,
    };
    if args.id.is_none() && !common.json && screen::is_terminal() {
        return screen::run(&mut watch, screen::wants_colour()).await;
    }
    let mut interrupts = Interrupts::listen()?;
    let mut heard = true;
    loop {
        tokio::select! {
            news = watch.news() => news?,
            _ = interrupts.next() => return Ok(()),
        }
        match (&watch.board.stale, heard) {
            (Some(stale), true) => out::say(&format!("not heard: {}; trying again", stale.why)),
            (None, false) => out::say("heard again"),
            (Some(_), false) | (None, true) => {}
        }
        heard = watch.board.stale.is_none();
        if watch.print(common.json)? {
            return Ok(());
        }
    }
}

/// What is told of calls.
enum CallNews {
    /// Of the pool.
    Board(News),
    /// The calls as they are now, and those that changed: by id, without a call if nothing is known any more.
    Calls {
        calls: Vec<Call>,
        changed: Vec<(String, Option<Call>)>,
    },
    /// They cannot be asked for.
    Failed(Status),
}

/// Lists the calls each time something has changed, for as long as somebody listens. It only looks: platforms' own questions
/// for a call, which count as signs of life, are not asked.
fn follow(clients: Clients, id: Option<String>, filter: Filter) -> UnboundedReceiver<CallNews> {
    let (told, heard) = mpsc::unbounded_channel();
    let mut news = feed::follow(clients.clone(), Rows::Queues);
    let mut lister = Lister {
        clients,
        id,
        filter,
        known: BTreeMap::new(),
    };
    tokio::spawn(async move {
        while let Some(piece) = news.recv().await {
            let changed = matches!(piece, News::Rows(_));
            if told.send(CallNews::Board(piece)).is_err() {
                return;
            }
            // What came meanwhile is answered by the same list.
            if changed && news.is_empty() && !lister.list(&told).await {
                return;
            }
        }
    });
    heard
}

struct Lister {
    clients: Clients,
    id: Option<String>,
    filter: Filter,
    /// The calls that were told, and their change numbers.
    known: BTreeMap<String, u64>,
}

impl Lister {
    /// Tells what changed; answers whether somebody listens.
    async fn list(&mut self, told: &UnboundedSender<CallNews>) -> bool {
        let news = match self.changes().await {
            Ok((calls, changed)) => CallNews::Calls { calls, changed },
            Err(status) => CallNews::Failed(status),
        };
        told.send(news).is_ok()
    }

    async fn changes(&mut self) -> Result<(Vec<Call>, Vec<(String, Option<Call>)>), Status> {
        let calls = match &self.id {
            Some(id) => self.explained(id).await?.into_iter().collect(),
            None => list_all(&self.clients, &self.filter.queue).await?,
        };
        let known = std::mem::take(&mut self.known);
        let mut changed = Vec::new();
        for call in &calls {
            let before = known.get(&call.id);
            let lets = self.filter.lets(call);
            if before.map_or(lets, |before| *before != call.change_number) {
                changed.push((call.id.clone(), Some(call.clone())));
            }
            if lets && call.state() != CallState::Ended {
                self.known.insert(call.id.clone(), call.change_number);
            }
        }
        let gone = known
            .keys()
            .filter(|id| calls.iter().all(|call| call.id != **id));
        for id in gone {
            changed.push((id.clone(), self.explained(id).await?));
        }
        let calls = calls.into_iter().filter(|call| self.filter.lets(call));
        Ok((calls.collect(), changed))
    }

    /// A call as supervisors see it.
    async fn explained(&self, id: &str) -> Result<Option<Call>, Status> {
        let request = ExplainCallRequest {
            call_id: id.to_owned(),
        };
        match self.clients.supervision().explain_call(request).await {
            Ok(answer) => Ok(answer.into_inner().call),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status),
        }
    }
}

struct Watch {
    /// When it is, and whether the server is heard.
    board: Board,
    /// The one call that is watched.
    id: Option<String>,
    news: UnboundedReceiver<CallNews>,
    calls: Vec<Call>,
    /// When they were listed.
    listed: Option<Instant>,
    /// What is to be printed.
    changed: Vec<(String, Option<Call>)>,
    /// Rows that are scrolled past.
    from: usize,
}

impl Watch {
    /// Prints what changed; answers whether the call that was asked for is over.
    fn print(&mut self, as_json: bool) -> anyhow::Result<bool> {
        let now = self.board.now_ms();
        let mut over = false;
        for (id, call) in std::mem::take(&mut self.changed) {
            if as_json {
                let as_of = text::to_timestamp(now).to_string();
                let call = call.as_ref().map(json::call);
                out::data(&json!({ "as_of": as_of, "id": id, "call": call }).to_string())?;
            } else {
                let what = call.as_ref();
                let what = what.map_or_else(|| "nothing more is known".to_owned(), describe);
                out::data(&format!("{}  {id}  {what}", clock_face(now)))?;
            }
            let ended = call.is_none_or(|call| call.state() == CallState::Ended);
            over |= ended && self.id.is_some();
        }
        if let (Some(id), Some(_), true) = (&self.id, self.listed, self.calls.is_empty())
            && !over
        {
            bail!("call `{id}` is not known: see `homeshore call list`");
        }
        Ok(over)
    }
}

impl Show for Watch {
    async fn news(&mut self) -> anyhow::Result<()> {
        match self.news.recv().await {
            Some(CallNews::Board(News::Rows(rows))) => self.board.apply(*rows),
            Some(CallNews::Board(News::Numbers(numbers))) => self.board.apply_numbers(*numbers),
            Some(CallNews::Board(News::Down(why))) => self.board.lose(why),
            Some(CallNews::Board(News::Refused(status))) => {
                return Err(CliError::from(status).into());
            }
            Some(CallNews::Calls { calls, changed }) => {
                (self.calls, self.listed) = (calls, Some(clock::instant()));
                self.changed.extend(changed);
            }
            // The stream notices too, and is opened again.
            Some(CallNews::Failed(status)) => self.board.lose(status.message().to_owned()),
            None => bail!("the pool is no longer followed"),
        }
        Ok(())
    }

    fn picture(&mut self, size: Size) -> (Vec<Line>, Line) {
        self.changed.clear();
        let still = self.board.stale.as_ref().map(|stale| stale.since);
        let now = still.unwrap_or_else(clock::instant);
        let later = self.listed.map_or_else(Default::default, |listed| {
            now.saturating_duration_since(listed)
        });
        let later = u64::try_from(later.as_millis()).unwrap_or(u64::MAX);
        let rows: Vec<_> = self
            .calls
            .iter()
            .map(|call| rows::row(call, later))
            .collect();
        let mut lines = vec![header(&self.board, false, Some(size.width))];
        lines.extend(crate::cli::board::alerts::alerts(&self.board));
        lines.push(Line::new());
        let table = lay_out(&rows::COLUMNS, &rows, Some(size.width), 2);
        let room = size.height.saturating_sub(lines.len());
        lines.extend(scrolled(table, 0, Some(room), &mut self.from));
        let lines = lines.into_iter().take(size.height);
        let lines = lines.map(|line| cut_line(line, size.width)).collect();
        let talking = self
            .calls
            .iter()
            .filter(|call| call.state() == CallState::Connected);
        let foot = format!(
            "q quit  arrows scroll   {} calls, {} talk",
            self.calls.len(),
            talking.count()
        );
        (lines, vec![piece(foot, Tone::Faint)])
    }

    fn press(&mut self, key: Key) -> Pressed {
        if key == Key::Char('q') {
            return Pressed::Quit;
        }
        self.from = key.scroll(self.from);
        Pressed::GoOn
    }
}
