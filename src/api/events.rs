//! One follower of a pool's events: page by page off the routing path, as fast as the client reads.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    convert::events::{Filter, Start},
    status::Problem,
    streams::{End, Out, Unsent},
};
use crate::{
    pool::{
        Outage, PoolError,
        journal::{Journal, Page},
    },
    proto::v1,
};

/// What happens within this time comes in one answer.
const TOGETHER: Duration = Duration::from_millis(20);
/// An answer comes at least this often.
const SIGN_EVERY: Duration = Duration::from_secs(10);

/// Sends what is asked for until the client is gone, the end has begun, or all is sent that was to be.
pub(super) async fn follow(
    journal: Journal,
    filter: Filter,
    out: Out<v1::FollowEventsResponse>,
    stopping: CancellationToken,
) {
    let mut follower = Follower::new(&journal, &filter, &out);
    let end = tokio::select! {
        end = follower.run() => end,
        () = out.gone() => End::Lost,
        // What was to end by itself is not finished: a client must not take a part for the whole.
        () = stopping.cancelled() => if filter.until_now {
            Problem::Pool(PoolError::Unavailable(Outage::Stopping)).into()
        } else {
            End::Finished
        },
    };
    out.end(end);
}

/// Where a follower's start is, if the pool has come so far.
pub(super) fn start(journal: &Journal, filter: &Filter) -> Result<(), Problem> {
    let newest = journal.newest();
    match filter.start {
        Start::After(given) if given > newest => Err(Problem::EventAhead { given, newest }),
        Start::After(_) | Start::New => Ok(()),
    }
}

struct Follower<'a> {
    journal: &'a Journal,
    filter: &'a Filter,
    out: &'a Out<v1::FollowEventsResponse>,
    /// Everything up to this number is looked at.
    read_to: u64,
    /// Where it ends by itself.
    last: Option<u64>,
}

impl<'a> Follower<'a> {
    fn new(
        journal: &'a Journal,
        filter: &'a Filter,
        out: &'a Out<v1::FollowEventsResponse>,
    ) -> Self {
        let newest = journal.newest();
        Self {
            journal,
            filter,
            out,
            read_to: match filter.start {
                Start::After(number) => number,
                Start::New => newest,
            },
            last: filter.until_now.then_some(newest),
        }
    }

    async fn run(&mut self) -> End {
        let mut revisions = self.journal.pool().view().revisions();
        let mut due = true;
        loop {
            revisions.borrow_and_update();
            let to = self.last.unwrap_or_else(|| self.journal.newest());
            let page = match self.journal.page(self.read_to, to).await {
                Ok(page) => page,
                Err(problem) => return End::Failed(problem.into()),
            };
            self.read_to = page.read_to;
            let is_full = page.is_full;
            match self.send(page, due).await {
                Ok(sent) => due = due && !sent,
                Err(why) => return why.into(),
            }
            if is_full {
                continue;
            }
            if self.last.is_some() {
                return End::Finished;
            }
            match tokio::time::timeout(SIGN_EVERY, revisions.changed()).await {
                Ok(Ok(())) => tokio::time::sleep(TOGETHER).await,
                Ok(Err(_pool_gone)) => return End::Finished,
                Err(_quiet) => due = true,
            }
        }
    }

    /// Sends what passes the filter; nothing unless there is something to say, or a sign is due.
    async fn send(&self, page: Page, due: bool) -> Result<bool, Unsent> {
        let events = page.events.into_iter();
        let events: Vec<_> = events.filter_map(|event| self.filter.pass(event)).collect();
        if events.is_empty() && !page.missed && !due {
            return Ok(false);
        }
        let answer = v1::FollowEventsResponse {
            events,
            event_number: page.read_to,
            missed: page.missed,
        };
        self.out.send_at_leisure(answer).await.map(|()| true)
    }
}
