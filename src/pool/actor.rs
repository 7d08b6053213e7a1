//! The actor of one pool: applies what waits, commits it once, answers, publishes. Nothing leaves before its commit.

use std::{
    collections::VecDeque,
    fmt,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::{
    Outage, PoolError, Reply, Shared,
    change::{After, Change},
    commit::Hold,
    details, journal, lock,
    poisoned::Poisoned,
    quarantine::Quarantine,
};
use crate::{
    clock::{self, PoolClock},
    engine::{
        Engine,
        command::Command,
        event::Event,
        ids::{Moment, PoolTime},
        rejection::Rejection,
    },
    metrics,
    store::{Batch, Lease, Store, StoreError},
};

/// Most changes of one commit, and the capacity to wait for the next.
const CHANGES_MAX: usize = 1_000;
/// After a commit that took so long nobody could answer: open offers last a little longer.
const AWAY: Duration = Duration::from_secs(1);
/// How long the renewal before an orderly end may take.
const LAST_RENEWAL: Duration = Duration::from_secs(1);

type ReplyTo = oneshot::Sender<Result<Reply, PoolError>>;
type Question = Box<dyn FnOnce(&mut Engine) + Send>;

/// What the actor is asked.
pub(super) enum Request {
    /// To carry out a command.
    Command {
        command: Command,
        change: Option<Change>,
        reply: ReplyTo,
    },
    /// To show the engine between two batches.
    Read(Question),
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { command, .. } => f.write_str(command.name()),
            Self::Read(_) => f.write_str("Read"),
        }
    }
}

impl Request {
    /// How many changes it may bring.
    fn weight(&self) -> usize {
        match self {
            Self::Command {
                command: Command::ApplyAgents { agents, .. },
                ..
            } => agents.len().max(1),
            Self::Command { .. } | Self::Read(_) => 1,
        }
    }

    /// Whether it may wait until the store is back, however long that takes: what ends calls and moves agents.
    pub(super) fn may_wait(&self) -> bool {
        match self {
            Self::Command { command, .. } => command.frees(),
            Self::Read(_) => false,
        }
    }

    /// Answers that the pool cannot do it now.
    pub(super) fn refuse(self, outage: Outage) {
        if let Self::Command { reply, .. } = self {
            let _caller_gone = reply.send(Err(PoolError::Unavailable(outage)));
        }
    }
}

/// A caller who waits for the commit.
pub(super) struct Waiting {
    reply: ReplyTo,
    outcome: Result<Done, PoolError>,
}

/// What a command brought about: its events, and its answer.
struct Done {
    caused: Range<usize>,
    answer: Vec<u8>,
}

impl Waiting {
    /// Answers that the pool cannot do it now.
    pub(super) fn refuse(self, outage: Outage) {
        let _caller_gone = self.reply.send(Err(PoolError::Unavailable(outage)));
    }

    fn answer(self, events: &[Event], revision: u64) {
        let outcome = self.outcome.map(|done| Reply {
            events: events[done.caused].to_vec(),
            revision,
            answer: done.answer,
        });
        let _caller_gone = self.reply.send(outcome);
    }
}

/// Why an actor ended.
#[derive(Debug)]
pub(super) enum End {
    /// It was told to.
    Stopped,
    /// Memory is not the truth any more.
    Store(StoreError),
    /// Another process has the pool by a newer acquisition.
    Replaced,
    /// A command broke the engine.
    Broken { command: &'static str },
}

/// Owns one engine while it holds the lease.
pub(super) struct Actor<'a> {
    pub(super) shared: Arc<Shared>,
    pub(super) store: Arc<dyn Store>,
    pub(super) lease: Lease,
    pub(super) engine: Engine,
    pub(super) clock: PoolClock,
    pub(super) revision: u64,
    /// What the store says of a pool that was restored from a backup.
    pub(super) undone_after: Option<u64>,
    /// When the lease is to be renewed, if nothing is committed before.
    pub(super) renew_at: Option<Instant>,
    /// The store was away during the last commit.
    pub(super) was_away: bool,
    pub(super) quarantine: Quarantine,
    pub(super) poisoned: &'a mut Poisoned,
    pub(super) requests: &'a mut mpsc::Receiver<Request>,
    pub(super) stop: CancellationToken,
}

impl Actor<'_> {
    /// Works until it is stopped or memory is not the truth any more.
    pub(super) async fn run(mut self) -> End {
        let mut backlog = VecDeque::new();
        let first = vec![recover(self.undone_after)];
        if let Err(end) = self.step(first, &mut backlog).await {
            return end;
        }
        loop {
            let woken = if backlog.is_empty() {
                self.wait(&mut backlog).await
            } else {
                Woken::Work
            };
            let done = match woken {
                Woken::Ended => return self.end(&mut backlog).await,
                Woken::Renew => self.renew(&mut backlog).await,
                Woken::Work => {
                    let work = take(&mut backlog);
                    self.step(work, &mut backlog).await
                }
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    /// Puts back what the store lost since the last commit, before anybody else has the pool, if that goes at once.
    async fn end(mut self, backlog: &mut VecDeque<Request>) -> End {
        if self.renew_at.is_none() {
            return End::Stopped;
        }
        match tokio::time::timeout(LAST_RENEWAL, self.renew(backlog)).await {
            Ok(Err(end)) => end,
            Ok(Ok(())) | Err(_) => End::Stopped,
        }
    }

    /// The lease, to give it back.
    pub(super) fn lease(&self) -> Lease {
        self.lease.clone()
    }

    /// Waits for requests, the deadline, or the time to renew the lease.
    async fn wait(&mut self, backlog: &mut VecDeque<Request>) -> Woken {
        let mut received = Vec::new();
        loop {
            // Always in this order, so that a simulation goes the same way again.
            tokio::select! {
                biased;
                () = self.stop.cancelled(), if !self.requests.is_closed() => self.requests.close(),
                count = self.requests.recv_many(&mut received, CHANGES_MAX) => {
                    backlog.extend(received);
                    return if count > 0 { Woken::Work } else { Woken::Ended };
                }
                () = sleep_until(self.clock, self.engine.next_deadline()) => return Woken::Work,
                () = until(self.renew_at) => return Woken::Renew,
            }
        }
    }

    /// Tells the store that this owner lives. If the store came back with less, the pool is written to it anew.
    async fn renew(&mut self, backlog: &mut VecDeque<Request>) -> Result<(), End> {
        let mut nobody = Vec::new();
        let hold = Hold::new(&self.shared, &mut nobody, self.requests, backlog);
        let renewed = hold.renew(&self.store, &self.lease).await?;
        self.confirm();
        if renewed {
            return Ok(());
        }
        let batch = Batch {
            revision: self.revision + 1,
            pool_time: self.moment().now,
            ..Batch::default()
        };
        self.commit(Arc::new(batch), &mut Vec::new(), backlog)
            .await?;
        self.shared
            .publish(self.revision, self.engine.spec(), &[], Vec::new());
        Ok(())
    }

    /// Commits a batch; in need, with the whole pool.
    async fn commit(
        &mut self,
        batch: Arc<Batch>,
        waiting: &mut Vec<Waiting>,
        backlog: &mut VecDeque<Request>,
    ) -> Result<(), End> {
        let (engine, aside) = (&self.engine, self.quarantine.records());
        let whole = || [engine.dump(), aside.to_vec()].concat();
        let hold = Hold::new(&self.shared, waiting, self.requests, backlog);
        let took = hold
            .commit(&self.store, &self.lease, &batch, &whole)
            .await?;
        self.was_away |= took >= AWAY;
        self.revision = batch.revision;
        self.confirm();
        Ok(())
    }

    /// Notes that the store confirmed the lease.
    fn confirm(&mut self) {
        let now = clock::instant();
        self.renew_at = self.store.renew_every().map(|every| now + every);
        *lock(&self.shared.confirmed) = self.renew_at.map(|_| now);
    }

    /// One batch: reads, a due deadline, the commands; then one commit, the answers and what readers see.
    async fn step(
        &mut self,
        work: Vec<Request>,
        backlog: &mut VecDeque<Request>,
    ) -> Result<(), End> {
        let at = self.moment();
        let mut events = Vec::new();
        let mut waiting = Vec::new();
        let commands = self.answer_reads(work);
        // What came due while the service was away is judged by what recovery says of that time.
        let recovers = matches!(commands.first(), Some((Command::Recover { .. }, ..)));
        if std::mem::take(&mut self.was_away) && !recovers {
            let _never_refused = self.apply(at, &Command::Resume, &mut events)?;
        }
        if !recovers && self.engine.next_deadline().is_some_and(|due| due <= at.now) {
            // A deadline is never refused; if it were, nothing would have changed.
            let _never_refused = self.apply(at, &Command::Tick, &mut events)?;
        }
        for (command, change, reply) in commands {
            match self.carry_out(at, &command, change, &mut events) {
                Ok(outcome) => {
                    metrics::command(command.name(), result_label(&outcome));
                    waiting.push(Waiting { reply, outcome });
                }
                Err(end) => {
                    let _caller_gone = reply.send(Err(PoolError::Broken));
                    return Err(end);
                }
            }
        }
        self.finish(at, events, waiting, backlog).await
    }

    /// Carries a command out, unless its request was before; then its answer is the first one.
    fn carry_out(
        &mut self,
        at: Moment,
        command: &Command,
        change: Option<Change>,
        events: &mut Vec<Event>,
    ) -> Result<Result<Done, PoolError>, End> {
        if self.poisoned.contains(command) {
            return Ok(Err(PoolError::Poisoned));
        }
        let start = events.len();
        let once = change.as_ref().and_then(|change| change.once.as_ref());
        let before = once.map(|once| once.answered(&self.engine));
        match before.transpose().map(Option::flatten) {
            Err(reused) => return Ok(Err(PoolError::Rejected(reused))),
            Ok(Some(answer)) => {
                let caused = start..start;
                return Ok(Ok(Done { caused, answer }));
            }
            Ok(None) => {}
        }
        if let Err(refused) = self.apply(at, command, events)? {
            return Ok(Err(PoolError::Rejected(refused)));
        }
        let caused = start..events.len();
        let answer = match change {
            Some(change) => self.answer(at, command, change, events, &caused)?,
            None => Vec::new(),
        };
        Ok(Ok(Done { caused, answer }))
    }

    /// Makes the answer to a change, and keeps it if its request is to be carried out once.
    fn answer(
        &mut self,
        at: Moment,
        command: &Command,
        change: Change,
        events: &mut Vec<Event>,
        caused: &Range<usize>,
    ) -> Result<Vec<u8>, End> {
        let after = After {
            engine: &self.engine,
            shared: &self.shared,
            events: &events[caused.clone()],
            revision: self.revision + 1,
            now: at.now,
        };
        let answer = catch_unwind(AssertUnwindSafe(|| (change.answer)(&after)));
        let answer = answer.map_err(|_panic| self.broken(command))?;
        if let Some(once) = change.once {
            // Its id is new: that was looked at before.
            let _never_refused = self.apply(at, &once.keep(&answer), events)?;
        }
        Ok(answer)
    }

    /// Commits, answers, publishes.
    async fn finish(
        &mut self,
        at: Moment,
        events: Vec<Event>,
        mut waiting: Vec<Waiting>,
        backlog: &mut VecDeque<Request>,
    ) -> Result<(), End> {
        let mut changes = self.engine.take_changes();
        self.quarantine.add_to(&mut changes.deltas);
        if !changes.deltas.is_empty() || !events.is_empty() {
            let batch = Arc::new(Batch {
                revision: self.revision + 1,
                pool_time: at.now,
                deltas: changes.deltas,
                events: journal::lines(self.revision + 1, at.now, &events),
                details: details::of(&events, self.revision + 1),
            });
            self.commit(batch, &mut waiting, backlog).await?;
            self.shared
                .publish(self.revision, self.engine.spec(), &events, changes.touched);
        }
        for caller in waiting {
            caller.answer(&events, self.revision);
        }
        Ok(())
    }

    fn answer_reads(&mut self, work: Vec<Request>) -> Vec<(Command, Option<Change>, ReplyTo)> {
        let mut commands = Vec::with_capacity(work.len());
        for request in work {
            match request {
                Request::Command {
                    command,
                    change,
                    reply,
                } => commands.push((command, change, reply)),
                Request::Read(question) => question(&mut self.engine),
            }
        }
        commands
    }

    /// Applies one command; a panic ends the actor and poisons the command.
    fn apply(
        &mut self,
        at: Moment,
        command: &Command,
        events: &mut Vec<Event>,
    ) -> Result<Result<(), Rejection>, End> {
        let engine = &mut self.engine;
        let outcome = catch_unwind(AssertUnwindSafe(|| engine.apply(at, command, events)));
        outcome.map_err(|_panic| self.broken(command))
    }

    fn broken(&mut self, command: &Command) -> End {
        self.poisoned.add(command);
        error!(pool = %self.shared.id(), command = command.name(), "a command broke the engine");
        End::Broken {
            command: command.name(),
        }
    }

    fn moment(&self) -> Moment {
        let at = self.clock.moment();
        Moment {
            now: at.now.max(self.engine.now()),
            wall: at.wall,
        }
    }
}

/// Why the actor goes on.
enum Woken {
    /// There is something to do.
    Work,
    /// It is time to renew the lease.
    Renew,
    /// There will be nothing more to do.
    Ended,
}

fn recover(undone_after: Option<u64>) -> Request {
    let (reply, _nobody) = oneshot::channel();
    Request::Command {
        command: Command::Recover { undone_after },
        change: None,
        reply,
    }
}

/// Takes from the front what fits one commit, at least one.
fn take(backlog: &mut VecDeque<Request>) -> Vec<Request> {
    let mut work = Vec::new();
    let mut weight = 0;
    while let Some(request) = backlog.pop_front() {
        weight += request.weight();
        if weight > CHANGES_MAX && !work.is_empty() {
            backlog.push_front(request);
            break;
        }
        work.push(request);
    }
    work
}

async fn sleep_until(clock: PoolClock, deadline: Option<PoolTime>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(clock.instant_of(at)).await,
        None => std::future::pending().await,
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn result_label(outcome: &Result<Done, PoolError>) -> &'static str {
    match outcome {
        Ok(_) => "done",
        Err(PoolError::Rejected(_)) => "refused",
        Err(_) => "failed",
    }
}
