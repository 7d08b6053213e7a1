//! A platform's stream: commands up, answers and numbered events down.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::Interval};
use tonic::{Status, Streaming};

use super::{
    calls::{self, Order},
    convert,
    desk::Desk,
    positions::Positions,
    status::Problem,
    streams::{self, End, Out},
};
use crate::{
    clock,
    engine::{
        command::Command,
        ids::{AgentId, CallId, PlatformKey},
    },
    pool::{
        Pool, Reply, Ticket,
        hub::{Attached, CloseSignal, Closing, PlatformEvent, Start},
        presence::PLATFORM_SILENT_AFTER,
        rows::Row,
    },
    proto::v1::{
        self, routing_answer::Result as Answer, routing_service_connect_request::Message as Heard,
        routing_service_connect_response::Message as Said,
    },
};

type Inbound = Streaming<v1::RoutingServiceConnectRequest>;
type Outbound = Out<v1::RoutingServiceConnectResponse>;

/// The service shows a sign of life when it has said nothing for this long.
const BEAT: Duration = Duration::from_secs(5);
/// Most commands of a stream that are under way; more are read when these are answered.
const PENDING_MAX: usize = 1_024;
/// Most calls of a declaration.
const DECLARED_MAX: usize = 200_000;
/// Calls of one part of a snapshot.
const PART: usize = 500;

/// A command under way.
struct Pending {
    number: u64,
    kind: Kind,
    call: CallId,
    outcome: Outcome,
}

enum Kind {
    Route,
    Report,
    Cancel,
    Transfer,
    Callback,
    Registration(AgentId),
}

enum Outcome {
    UnderWay(Ticket),
    Refused(Option<Problem>),
}

/// One stream of one instance.
struct Session {
    desk: Desk,
    pool: Pool,
    key: PlatformKey,
    inbound: Inbound,
    out: Outbound,
    events: mpsc::Receiver<Arc<PlatformEvent>>,
    closing: CloseSignal,
    pending: VecDeque<Pending>,
    positions: Positions,
    declared: Vec<CallId>,
    beat: Interval,
}

/// Serves a stream until it ends.
pub(super) async fn serve(desk: Desk, pool: Pool, mut inbound: Inbound, out: Outbound) {
    let hello = tokio::select! {
        hello = hello(&desk, &mut inbound) => hello,
        () = out.gone() => return out.lost(),
    };
    match hello {
        Ok(hello) => run(desk, pool, hello, inbound, out).await,
        Err(problem) => out.fail(problem),
    }
}

/// Who is there, and what is asked.
struct Hello {
    key: PlatformKey,
    last: u64,
    positions: Positions,
}

async fn hello(desk: &Desk, inbound: &mut Inbound) -> Result<Hello, Problem> {
    let first = streams::first(inbound, desk.times.hello).await?;
    let Some(Heard::Hello(hello)) = first.and_then(|request| request.message) else {
        return Err(streams::no_hello(desk.times.hello));
    };
    let below = |problem: Problem| problem.below("hello");
    Ok(Hello {
        key: convert::platform_key(&hello.platform, &hello.instance).map_err(below)?,
        last: hello.last_event_number,
        positions: Positions::asked(&hello).map_err(below)?,
    })
}

async fn run(desk: Desk, pool: Pool, hello: Hello, inbound: Inbound, out: Outbound) {
    let Hello {
        key,
        last,
        positions,
    } = hello;
    let attached = pool.hub().attach(pool.view(), &key, last);
    let Attached {
        ticket,
        event_number,
        start,
        events,
        closing,
    } = attached;
    let mut session = Session {
        desk,
        pool,
        key,
        inbound,
        out,
        events,
        closing,
        pending: VecDeque::new(),
        positions,
        declared: Vec::new(),
        beat: tokio::time::interval_at(clock::instant() + BEAT, BEAT),
    };
    let end = match session.begin(start, event_number).await {
        Ok(()) => session.work().await,
        Err(end) => end,
    };
    let newest = session.pool.hub().detach(&session.key, ticket);
    // At the end of the server nobody left: everyone is about to come back.
    if newest && !session.desk.stopping.is_cancelled() {
        session.pool.presence().platform_closed(&session.key);
    }
    session.out.end(end);
}

impl Session {
    /// Attaches the instance, then welcomes it with what it missed.
    async fn begin(&mut self, start: Start, event_number: u64) -> Result<(), End> {
        let key = self.key.clone();
        let attach = Command::AttachPlatform { key };
        self.pool.submit(attach).await.map_err(Problem::from)?;
        self.pool.presence().platform_opened(&self.key);
        let resumed = matches!(start, Start::Resumed(_));
        self.say(Said::Welcome(v1::RoutingWelcome {
            server_time: Some(convert::wall_timestamp(clock::wall())),
            event_number,
            resumed,
            heartbeat_limit: Some(convert::duration(
                u64::try_from(PLATFORM_SILENT_AFTER.as_millis()).unwrap_or(u64::MAX),
            )),
        }))
        .await?;
        match start {
            Start::Resumed(missed) => {
                for event in missed {
                    self.say_event(&event).await?;
                }
                Ok(())
            }
            Start::Snapshot(rows) => self.snapshot(&rows, event_number).await,
        }
    }

    async fn snapshot(
        &mut self,
        rows: &[Row<crate::engine::view::CallView>],
        event_number: u64,
    ) -> Result<(), End> {
        let now = self.pool.view().read().now();
        let mut parts = rows.chunks(PART).peekable();
        loop {
            let calls = parts.next().unwrap_or_default();
            let complete = parts.peek().is_none();
            let calls = calls
                .iter()
                .map(|row| convert::calls::call(row, now))
                .collect();
            self.say(Said::Snapshot(v1::CallSnapshot {
                calls,
                event_number,
                complete,
            }))
            .await?;
            if complete {
                return Ok(());
            }
        }
    }

    async fn work(&mut self) -> End {
        loop {
            let step = tokio::select! {
                reason = self.closing.closed() => Err(Problem::Closed(reason).into()),
                () = self.out.gone() => Err(End::Lost),
                () = self.desk.stopping.cancelled() => Err(self.go_away().await),
                event = self.events.recv() => self.tell(event).await,
                outcome = next(&mut self.pending) => self.answer(outcome).await,
                message = self.inbound.message(), if self.pending.len() < PENDING_MAX => self.hear(message).await,
                () = self.positions.due() => self.tell_positions().await,
                _ = self.beat.tick() => self.say(Said::Heartbeat(v1::Heartbeat {})).await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Sends a message, unless the stream is to be closed meanwhile.
    async fn say(&mut self, message: Said) -> Result<(), End> {
        self.beat.reset();
        let message = v1::RoutingServiceConnectResponse {
            message: Some(message),
        };
        tokio::select! {
            biased;
            sent = self.out.send(message) => Ok(sent?),
            reason = self.closing.closed() => Err(Problem::Closed(reason).into()),
        }
    }

    async fn say_event(&mut self, event: &PlatformEvent) -> Result<(), End> {
        let mut event = convert::calls::call_event(event);
        if let Some(call) = &mut event.call {
            calls::add_receipt(&self.desk, &self.pool, call);
        }
        self.say(Said::Event(event)).await
    }

    async fn tell(&mut self, event: Option<Arc<PlatformEvent>>) -> Result<(), End> {
        match event {
            Some(event) => self.say_event(&event).await,
            // The hub lets go only of streams that it closes, and the signal says why.
            None => Err(Problem::Closed(self.closing.closed().await).into()),
        }
    }

    /// Says where calls stand now, after all that led there.
    async fn tell_positions(&mut self) -> Result<(), End> {
        let news = self.positions.news(&self.pool, &self.key).await;
        self.tell_all().await?;
        for part in news.chunks(PART) {
            let positions = part.to_vec();
            self.say(Said::Positions(v1::QueuePositions { positions }))
                .await?;
        }
        Ok(())
    }

    /// Says what was published up to now.
    async fn tell_all(&mut self) -> Result<(), End> {
        while let Ok(event) = self.events.try_recv() {
            self.tell(Some(event)).await?;
        }
        Ok(())
    }

    async fn hear(
        &mut self,
        message: Result<Option<v1::RoutingServiceConnectRequest>, Status>,
    ) -> Result<(), End> {
        let Some(request) = message.map_err(Problem::Transport)? else {
            return Err(self.answer_all().await);
        };
        self.pool.presence().platform_heard(&self.key);
        let number = request.command_number;
        match request.message {
            Some(Heard::Heartbeat(_)) => {}
            Some(Heard::Declare(declare)) => self.declare(declare).await?,
            Some(Heard::RouteCall(request)) => {
                let order = self.route(request);
                self.order(number, Kind::Route, order);
            }
            Some(Heard::ReportCall(request)) => {
                self.order(number, Kind::Report, calls::report(&request));
            }
            Some(Heard::CancelCall(request)) => {
                self.order(number, Kind::Cancel, calls::cancel(&request));
            }
            Some(Heard::RequestCallback(request)) => {
                self.order(number, Kind::Callback, calls::callback(&request));
            }
            Some(Heard::TransferCall(request)) => {
                self.order(number, Kind::Transfer, calls::transfer(&request));
            }
            Some(Heard::ReportRegistration(request)) => match self.registration(&request) {
                Ok((agent, order)) => self.order(number, Kind::Registration(agent), Ok(order)),
                Err(problem) => self.order(number, Kind::Report, Err(problem)),
            },
            Some(Heard::Hello(_)) => {
                let problem = convert::fault("hello", "is said once, at the beginning");
                return Err(problem.into());
            }
            None => {
                let problem = convert::fault("message", "is empty; say one of its kinds");
                self.order(number, Kind::Report, Err(problem));
            }
        }
        Ok(())
    }

    fn route(&self, request: v1::RouteCallRequest) -> Result<Order, Problem> {
        self.check_own(&request.platform, &request.instance)?;
        calls::route(&self.desk, &self.pool, request, self.key.clone())
    }

    fn registration(
        &self,
        request: &v1::ReportRegistrationRequest,
    ) -> Result<(AgentId, Order), Problem> {
        self.check_own(&request.platform, &request.instance)?;
        let (agent, command) = calls::registration(request, self.key.clone())?;
        let call = CallId::new("");
        Ok((agent, Order { call, command }))
    }

    /// A stream speaks for its own instance.
    fn check_own(&self, platform: &str, instance: &str) -> Result<(), Problem> {
        let own = |given: &str, own: &str| given.is_empty() || given == own;
        let mut faults = convert::Faults::default();
        if !own(platform, &self.key.platform) {
            faults.add(
                "platform",
                "is another than the hello's; leave it empty on a stream",
            );
        }
        if !own(instance, &self.key.instance) {
            faults.add(
                "instance",
                "is another than the hello's; leave it empty on a stream",
            );
        }
        faults.finish(())
    }

    /// Hands an order to the pool; its answer follows in its turn.
    fn order(&mut self, number: u64, kind: Kind, order: Result<Order, Problem>) {
        let pool = &self.pool;
        let sent = order.and_then(|order| Ok((order.call, pool.send(order.command)?)));
        let (call, outcome) = match sent {
            Ok((call, ticket)) => (call, Outcome::UnderWay(ticket)),
            Err(problem) => (CallId::new(""), Outcome::Refused(Some(problem))),
        };
        self.pending.push_back(Pending {
            number,
            kind,
            call,
            outcome,
        });
    }

    async fn declare(&mut self, part: v1::DeclareCalls) -> Result<(), Problem> {
        for id in &part.call_ids {
            self.declared
                .push(convert::call_id(id).map_err(|p| p.below("declare"))?);
        }
        if self.declared.len() > DECLARED_MAX {
            let problem = format!("names over {DECLARED_MAX} calls; name fewer");
            return Err(convert::fault("declare.call_ids", problem));
        }
        if part.complete {
            let (key, calls) = (self.key.clone(), std::mem::take(&mut self.declared));
            self.pool
                .submit(Command::DeclareCalls { key, calls })
                .await?;
        }
        Ok(())
    }

    /// Says what came of a command, after all that was published before it.
    async fn answer(&mut self, (pending, outcome): Answered) -> Result<(), End> {
        self.tell_all().await?;
        let result = match outcome.and_then(|reply| self.result(&pending, &reply)) {
            Ok(result) => result,
            Err(problem) => Answer::Refusal(problem.refusal()),
        };
        self.say(Said::Answer(v1::RoutingAnswer {
            command_number: pending.number,
            result: Some(result),
        }))
        .await
    }

    fn result(&self, pending: &Pending, reply: &Reply) -> Result<Answer, Problem> {
        let pool = &self.pool;
        let call = &pending.call;
        Ok(match &pending.kind {
            Kind::Route => Answer::Routed(calls::routed(&self.desk, pool, call, reply)?),
            Kind::Report => Answer::Reported(v1::ReportCallResponse {
                call: Some(calls::now(&self.desk, pool, call)?),
            }),
            Kind::Cancel => Answer::Cancelled(v1::CancelCallResponse {
                call: Some(calls::now(&self.desk, pool, call)?),
            }),
            Kind::Callback => Answer::Callback(v1::RequestCallbackResponse {
                call: Some(calls::now(&self.desk, pool, call)?),
            }),
            Kind::Registration(agent) => Answer::Registration(calls::registered(pool, agent)?),
            Kind::Transfer => Answer::Transferred(v1::TransferCallResponse {
                call: Some(calls::now(&self.desk, pool, call)?),
            }),
        })
    }

    /// Answers what is under way, then ends.
    async fn answer_all(&mut self) -> End {
        while !self.pending.is_empty() {
            let outcome = next(&mut self.pending).await;
            if let Err(end) = self.answer(outcome).await {
                return end;
            }
        }
        End::Finished
    }

    async fn go_away(&mut self) -> End {
        let message = Said::GoingAway(going_away());
        match self.say(message).await {
            Ok(()) => self.answer_all().await,
            Err(end) => end,
        }
    }
}

/// Come back soon, not all at once.
pub(super) fn going_away() -> v1::GoingAway {
    v1::GoingAway {
        reconnect_after: Some(convert::duration(fastrand::u64(200..=1_000))),
    }
}

type Answered = (Pending, Result<Reply, Problem>);

/// The outcome of the oldest command under way. May be dropped and asked again before it has answered.
async fn next(pending: &mut VecDeque<Pending>) -> Answered {
    let Some(oldest) = pending.front_mut() else {
        return std::future::pending().await;
    };
    let outcome = match &mut oldest.outcome {
        Outcome::UnderWay(ticket) => ticket.outcome().await.map_err(Problem::from),
        Outcome::Refused(problem) => {
            Err(problem.take().unwrap_or(Problem::Closed(Closing::Reopened)))
        }
    };
    let oldest = pending.pop_front().expect("the queue has a front");
    (oldest, outcome)
}
