//! Supervisors' boards: a page for each pool that is kept up to date by one stream of events, and its tables as files.

mod alerts;
mod curve;
mod filter;
mod lines;
pub(super) mod live;
mod parts;
mod picture;
mod tables;

use std::{convert::Infallible, sync::Arc, time::Duration};

use askama::Template;
use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use tokio::sync::{broadcast::error::RecvError, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

pub(super) use self::{
    filter::Asked,
    parts::intent,
    picture::Picture,
    tables::{Csv, table},
};
use self::{
    filter::{Filter, Teams},
    live::{Following, PoolBoards},
    parts::{Parts, STATES},
};
use super::{
    Console, assets,
    figures::{self, clock},
    frame::{Frame, page},
    visitor::Visitor,
    words::{Language, Words},
};
use crate::{engine::alarm::Thresholds, metrics::OpenStream};

/// Browsers try again this soon after a stream was cut.
const RETRY: &[u8] = b"retry: 1000\n\n";
/// Events that wait in the transport's hands.
const QUEUE_MAX: usize = 4;
/// A browser that takes nothing for this long reads too slowly.
const STUCK_AFTER: Duration = Duration::from_secs(8);

/// A column of the table of queues.
struct Column {
    title: &'static str,
    tip: &'static str,
    number: bool,
}

const fn column(title: &'static str, tip: &'static str) -> Column {
    Column {
        title,
        tip,
        number: true,
    }
}

const QUEUE_COLUMNS: [Column; 13] = [
    Column {
        number: false,
        ..column("queue", "queue-tip")
    },
    column("waiting", "waiting-tip"),
    column("longest", "longest-tip"),
    column("estimate", "estimate-tip"),
    column("level-today", "level-today-tip"),
    column("level-recent", "level-recent-tip"),
    column("answered", "answered-tip"),
    column("abandoned", "abandoned-tip"),
    column("diverted", "diverted-tip"),
    column("ringing", "ringing-tip"),
    column("talking", "talking-tip"),
    column("callbacks", "callbacks-tip"),
    column("target", "target-tip"),
];

/// A board as a page has it: lengths of time that go on are filled in.
struct Filled(Parts);

impl Filled {
    fn part(&self, id: &str) -> &str {
        self.0.part(id)
    }

    fn list(&self, name: &str) -> String {
        self.0.list(name)
    }
}

/// A team that one may choose.
struct TeamChoice {
    name: Arc<str>,
    count: u32,
    chosen: bool,
}

/// A state that one may choose.
struct StateChoice {
    label: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "console/board/board.html")]
struct BoardPage<'a> {
    frame: Frame<'a>,
    pool: &'a str,
    board: Filled,
    live: String,
    after: String,
    edition: &'static str,
    as_of: String,
    as_of_ms: u64,
    queue_columns: [Column; 13],
    thresholds: String,
    states: [StateChoice; 8],
    teams: Vec<TeamChoice>,
    all_teams: bool,
    chosen_team: Option<&'a str>,
    find: &'a str,
    query: String,
}

/// The board of a pool.
pub(super) async fn board(
    State(console): State<Console>,
    visitor: Visitor,
    Path(pool): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let filter = Filter::new(&asked, &visitor.teams);
    let shown = match console.boards.show(&known, visitor.language, &filter).await {
        Ok(shown) => shown,
        Err(problem) => return page(Err(problem)),
    };
    let boards = console.boards.of(&known);
    let one = match &filter.teams {
        Teams::One(team) => Some(team.as_str()),
        Teams::All | Teams::Own(_) => None,
    };
    let teams = boards.look(|picture, _| {
        let choice = |(name, count): (&Arc<str>, &u32)| TeamChoice {
            name: Arc::clone(name),
            count: *count,
            chosen: Some(&**name) == one,
        };
        picture.teams.iter().map(choice).collect()
    });
    let w = visitor.words();
    let query = filter.query(filter.page);
    let back = format!("/pools/{pool}{query}");
    let mut frame = Frame::new(&visitor, w.name("board-title", &pool), Some(&pool), &back);
    frame.here = "board";
    frame.look = if filter.nobody { "wall" } else { "page" };
    let is_all = filter.teams == Teams::All;
    let rendered = BoardPage {
        frame,
        pool: &pool,
        board: Filled(filled(shown.parts, shown.now, visitor.language)),
        live: format!("/pools/{pool}/live{query}"),
        after: shown.after,
        edition: assets::edition(),
        as_of: clock(shown.now),
        as_of_ms: shown.now.0,
        queue_columns: QUEUE_COLUMNS,
        thresholds: thresholds(console.boards.thresholds(), w),
        states: STATES.map(|state| StateChoice {
            label: state.label(),
            chosen: filter.state() == Some(state),
        }),
        teams: teams.await,
        all_teams: is_all,
        chosen_team: one,
        find: &filter.find,
        query: query.clone(),
    };
    page(rendered.render())
}

fn filled(mut parts: Parts, now: crate::engine::ids::PoolTime, language: Language) -> Parts {
    for html in parts.html.values_mut() {
        if html.contains(figures::TICK) {
            *html = figures::filled(html, now, language).into();
        }
    }
    parts
}

/// From where on numbers raise an alarm, in words.
fn thresholds(thresholds: &Thresholds, w: &Words) -> String {
    let numbers = [
        ("warning", thresholds.wait_warning_percent.to_string()),
        ("critical", thresholds.wait_critical_percent.to_string()),
        ("points", thresholds.level_critical_points.to_string()),
    ];
    let numbers: Vec<(&str, &str)> = numbers
        .iter()
        .map(|(key, text)| (*key, text.as_str()))
        .collect();
    w.with("thresholds", &numbers)
}

/// The events that keep a board up to date.
pub(super) async fn live(
    State(console): State<Console>,
    visitor: Visitor,
    Path(pool): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let filter = Filter::new(&asked, &visitor.teams);
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let after = last.unwrap_or(&asked.after);
    let following = console
        .boards
        .follow(&known, visitor.language, &filter, after)
        .await;
    let following = match following {
        Ok(following) => following,
        Err(problem) => return page(Err(problem)),
    };
    let (out, events) = mpsc::channel(QUEUE_MAX);
    let feed = Feed {
        boards: console.boards.of(&known),
        key: (visitor.language, filter),
        out,
        _open: OpenStream::new("board"),
    };
    let stopping = console.boards.stopping().clone();
    console.streams.spawn(feed.serve(following, stopping));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // A proxy that gathers what it passes on would make every board late.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(ReceiverStream::new(events))).into_response()
}

type Piece = Result<Bytes, Infallible>;

/// The stream of one browser.
struct Feed {
    boards: Arc<PoolBoards>,
    key: (Language, Filter),
    out: mpsc::Sender<Piece>,
    _open: OpenStream,
}

impl Feed {
    async fn serve(self, mut following: Following, stopping: CancellationToken) {
        let first = following.first.into_iter().map(|(_, event)| event);
        let begin = std::iter::once(Bytes::from_static(RETRY)).chain(first);
        for event in begin {
            if self.send(event).await.is_none() {
                return;
            }
        }
        loop {
            let event = tokio::select! {
                event = following.news.recv() => match event {
                    Ok(event) => Some(event),
                    // A browser that is behind is given everything, which is less than all that it missed.
                    Err(RecvError::Lagged(_)) => self.boards.everything(self.key.0, &self.key.1),
                    // The board was dropped: the browser comes again, and it is drawn anew.
                    Err(RecvError::Closed) => None,
                },
                () = self.out.closed() => None,
                () = stopping.cancelled() => None,
            };
            let Some((_, event)) = event else { return };
            if self.send(event).await.is_none() {
                return;
            }
        }
    }

    async fn send(&self, event: Bytes) -> Option<()> {
        self.out.send_timeout(Ok(event), STUCK_AFTER).await.ok()
    }
}
