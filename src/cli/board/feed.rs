//! Follows a pool: a stream that goes on where it was cut off, and a question now and then whether the server still answers.

use std::time::Duration;

use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::timeout,
};
use tonic::{Code, Status, Streaming};

use crate::{
    cli::{client::Clients, text},
    proto::v1::{
        GetPoolNumbersRequest, GetPoolNumbersResponse, WatchPoolRequest, WatchPoolResponse,
    },
};

/// How often changes are told at most.
const INTERVAL: Duration = Duration::from_millis(250);
/// The server is asked when it has said nothing for so long: nothing may have changed, or it may be gone.
const SILENCE: Duration = Duration::from_secs(2);
/// It is not heard any more if it does not answer within this.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// Pause before a stream is opened again.
const AGAIN: Duration = Duration::from_millis(500);

/// What is told to the owner of a board.
#[derive(Debug)]
pub(in crate::cli) enum News {
    /// Rows that changed, or all of them.
    Rows(Box<WatchPoolResponse>),
    /// Nothing has changed; the numbers as they are now.
    Numbers(Box<GetPoolNumbersResponse>),
    /// The server is not heard; it is tried again.
    Down(String),
    /// The server refuses for good.
    Refused(Status),
}

/// What is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Rows {
    /// Queues and agents.
    All,
    /// Queues, and agents by their numbers only.
    Queues,
}

/// Follows a pool for as long as someone takes the news.
pub(in crate::cli) fn follow(clients: Clients, rows: Rows) -> UnboundedReceiver<News> {
    let (news, taken) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut feed = Feed {
            clients,
            rows,
            last: 0,
            news,
        };
        while let Err(problem) = feed.listen().await {
            let told = match problem {
                Problem::NobodyListens => return,
                Problem::Server(status) if is_final(&status) => News::Refused(status),
                Problem::Server(status) => News::Down(why(&status)),
            };
            let ended = matches!(told, News::Refused(_));
            if feed.news.send(told).is_err() || ended {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                () = feed.news.closed() => return,
            }
        }
    });
    taken
}

struct Feed {
    clients: Clients,
    rows: Rows,
    /// The number of the last whole answer; zero asks for everything.
    last: u64,
    news: UnboundedSender<News>,
}

enum Problem {
    NobodyListens,
    Server(Status),
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        Self::Server(status)
    }
}

impl Feed {
    async fn listen(&mut self) -> Result<(), Problem> {
        let mut client = self.clients.supervision();
        let request = WatchPoolRequest {
            interval: Some(text::to_api(INTERVAL)),
            counts_only: self.rows == Rows::Queues,
            last_event_number: self.last,
        };
        let opened = answered(client.watch_pool(request)).await?;
        let mut stream = opened.into_inner();
        loop {
            let message = tokio::select! {
                message = timeout(SILENCE, stream.message()) => message,
                () = self.news.closed() => return Err(Problem::NobodyListens),
            };
            match message {
                Ok(Ok(Some(rows))) => self.pass_on(rows)?,
                Ok(Ok(None)) => {
                    return Err(Status::unavailable("the server ended the stream").into());
                }
                Ok(Err(status)) => return Err(status.into()),
                Err(_) => self.ask(&mut stream).await?,
            }
        }
    }

    fn pass_on(&mut self, rows: WatchPoolResponse) -> Result<(), Problem> {
        // Whoever resumes after a part that is not the last misses nothing: it carries the number before.
        self.last = rows.event_number;
        self.tell(News::Rows(Box::new(rows)))
    }

    /// Asks for the numbers, while the stream goes on.
    async fn ask(&mut self, stream: &mut Streaming<WatchPoolResponse>) -> Result<(), Problem> {
        let mut client = self.clients.supervision();
        let asked = answered(client.get_pool_numbers(GetPoolNumbersRequest {}));
        tokio::select! {
            numbers = asked => self.tell(News::Numbers(Box::new(numbers?.into_inner()))),
            message = stream.message() => match message? {
                Some(rows) => self.pass_on(rows),
                None => Err(Status::unavailable("the server ended the stream").into()),
            },
        }
    }

    fn tell(&self, news: News) -> Result<(), Problem> {
        self.news.send(news).map_err(|_| Problem::NobodyListens)
    }
}

/// An answer, if it comes in time.
async fn answered<T>(asked: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let late = || Status::deadline_exceeded("the server does not answer");
    timeout(ANSWER_LIMIT, asked).await.map_err(|_| late())?
}

/// Whether asking again is of no use.
fn is_final(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::InvalidArgument
            | Code::NotFound
            | Code::PermissionDenied
            | Code::Unauthenticated
            | Code::Unimplemented
    )
}

/// What happened, in a few words: the innermost source of a failed connection says it best.
fn why(status: &Status) -> String {
    let mut source = std::error::Error::source(status);
    let mut told = status.message().to_owned();
    while let Some(inner) = source {
        told = inner.to_string();
        source = inner.source();
    }
    told
}
