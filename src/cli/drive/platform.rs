//! A platform's stream: routes calls, reports on them, hears what becomes of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep_until, timeout},
};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Code, Streaming};

use super::{Backoff, Ended, HEARTBEAT, OPEN_LIMIT, is_passing};
use crate::{
    cli::client::Clients,
    clock,
    proto::v1::{
        Call, CallEvent, CallEventKind, CallReport, CallSnapshot, CallState, DeclareCalls,
        GetCallRequest, Heartbeat, Refusal, ReportCallRequest, RouteCallRequest, RouteCallResponse,
        RoutingAnswer, RoutingHello, RoutingServiceConnectRequest, RoutingServiceConnectResponse,
        route_call_response, routing_answer, routing_service_connect_request::Message as Said,
        routing_service_connect_response::Message as Heard,
    },
};

/// The server says something every 5 s; a stream without a word for this long is dead.
const SILENCE_LIMIT: Duration = Duration::from_secs(15);
/// How many calls one part of a declaration names.
const DECLARED_AT_ONCE: usize = 1_000;

/// What a platform's link tells its owner.
#[derive(Debug)]
pub(in crate::cli) enum PlatformNews {
    /// The stream is open.
    Up,
    /// The stream broke; the link goes on trying.
    Down {
        /// How it broke.
        why: String,
    },
    /// Something happened to a call.
    Event(Box<CallEvent>),
    /// All live calls, after the stream could not go on where it broke.
    Snapshot(Vec<Call>),
    /// A call was answered: taken or diverted.
    Routed {
        /// The call.
        call_id: String,
        /// The answer.
        answer: Box<RouteCallResponse>,
    },
    /// A command was refused; it is not said again.
    Refused {
        /// The call it was about.
        call_id: String,
        /// Whether the call itself was refused.
        route: bool,
        /// Why.
        refusal: Refusal,
    },
    /// A call was no longer among the live ones when the stream was open again; this is how it stands.
    Found(Box<Call>),
    /// As `Found`, but the server does not know the call.
    Vanished {
        /// The call.
        call_id: String,
    },
    /// The server refused the stream for good; the link has ended.
    Rejected {
        /// Why.
        why: String,
    },
}

/// A platform's link. Dropping it closes the stream.
#[derive(Debug)]
pub(in crate::cli) struct PlatformLink {
    orders: UnboundedSender<Said>,
    worker: JoinHandle<()>,
}

impl PlatformLink {
    /// Opens a link and keeps it open. `notify` is called with each piece of news, in order.
    pub(in crate::cli) fn open<N>(
        clients: &Clients,
        platform: &str,
        instance: &str,
        notify: N,
    ) -> Self
    where
        N: Fn(PlatformNews) + Clone + Send + Sync + 'static,
    {
        let (orders, queue) = mpsc::unbounded_channel();
        let worker = Worker {
            clients: clients.clone(),
            hello: RoutingHello {
                platform: platform.to_owned(),
                instance: instance.to_owned(),
                last_event_number: 0,
                position_interval: None,
            },
            orders: queue,
            notify,
            commands: 0,
            pending: BTreeMap::new(),
            put_off: BTreeSet::new(),
            live: BTreeSet::new(),
            snapshot: Vec::new(),
        };
        Self {
            orders,
            worker: tokio::spawn(worker.run()),
        }
    }

    /// Hands over a call. Said again until it is answered.
    pub(in crate::cli) fn route(&self, call: RouteCallRequest) {
        self.order(Said::RouteCall(call));
    }

    /// Reports on a call. Said again until it is answered.
    pub(in crate::cli) fn report(&self, call_id: &str, offer_id: &str, report: CallReport) {
        self.order(Said::ReportCall(ReportCallRequest {
            call_id: call_id.to_owned(),
            offer_id: offer_id.to_owned(),
            report: report.into(),
        }));
    }

    /// Closes the stream and waits until it is closed.
    pub(in crate::cli) async fn close(self) {
        drop(self.orders);
        let _ended_early = self.worker.await;
    }

    fn order(&self, order: Said) {
        // A link that was rejected has told its owner; orders to it are void.
        let _void = self.orders.send(order);
    }
}

struct Worker<N> {
    clients: Clients,
    hello: RoutingHello,
    orders: UnboundedReceiver<Said>,
    notify: N,
    commands: u64,
    /// Commands without an answer, by their numbers.
    pending: BTreeMap<u64, Said>,
    /// Commands that were refused for now.
    put_off: BTreeSet<u64>,
    /// Calls that this instance holds.
    live: BTreeSet<String>,
    /// Parts of a snapshot that is not complete.
    snapshot: Vec<Call>,
}

type Mouth = UnboundedSender<RoutingServiceConnectRequest>;

impl<N: Fn(PlatformNews) + Clone + Send + Sync + 'static> Worker<N> {
    async fn run(mut self) {
        let mut backoff = Backoff::new();
        loop {
            match self.session(&mut backoff).await {
                Ended::ByOwner => return,
                Ended::Refused(status) => {
                    let why = status.message().to_owned();
                    return (self.notify)(PlatformNews::Rejected { why });
                }
                Ended::Broken(why) => (self.notify)(PlatformNews::Down { why }),
            }
            backoff.pause().await;
            if self.orders.is_closed() && self.orders.is_empty() {
                return;
            }
        }
    }

    async fn session(&mut self, backoff: &mut Backoff) -> Ended {
        let (mouth, said) = mpsc::unbounded_channel();
        say(&mouth, 0, Said::Hello(self.hello.clone()));
        let opening = self.open(said);
        let mut ear = match timeout(OPEN_LIMIT, opening).await {
            Ok(Ok(ear)) => ear,
            Ok(Err(ended)) => return ended,
            Err(_) => {
                return Ended::Broken("the server did not open the stream in time".to_owned());
            }
        };
        backoff.reset();
        self.snapshot.clear();
        self.put_off.clear();
        (self.notify)(PlatformNews::Up);
        self.declare(&mouth);
        for (number, command) in &self.pending {
            say(&mouth, *number, command.clone());
        }
        self.talk(&mouth, &mut ear).await
    }

    async fn open(
        &self,
        said: UnboundedReceiver<RoutingServiceConnectRequest>,
    ) -> Result<Streaming<RoutingServiceConnectResponse>, Ended> {
        let mut client = self.clients.routing();
        let answer = client.connect(UnboundedReceiverStream::new(said)).await?;
        let mut ear = answer.into_inner();
        match ear.message().await?.and_then(|first| first.message) {
            Some(Heard::Welcome(_)) => Ok(ear),
            _ => Err(Ended::Broken(
                "the stream began without a welcome".to_owned(),
            )),
        }
    }

    /// Names all calls at hand, those included whose acceptance is not known.
    fn declare(&self, mouth: &Mouth) {
        let ids: Vec<String> = self.live.iter().cloned().collect();
        for part in ids.chunks(DECLARED_AT_ONCE) {
            let call_ids = part.to_vec();
            say(
                mouth,
                0,
                Said::Declare(DeclareCalls {
                    call_ids,
                    complete: false,
                }),
            );
        }
        let end = DeclareCalls {
            call_ids: Vec::new(),
            complete: true,
        };
        say(mouth, 0, Said::Declare(end));
    }

    async fn talk(
        &mut self,
        mouth: &Mouth,
        ear: &mut Streaming<RoutingServiceConnectResponse>,
    ) -> Ended {
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut deadline = clock::instant() + SILENCE_LIMIT;
        loop {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => self.command(mouth, order),
                    None => return Ended::ByOwner,
                },
                heard = ear.message() => match heard {
                    Ok(Some(RoutingServiceConnectResponse { message: Some(heard) })) => {
                        deadline = clock::instant() + SILENCE_LIMIT;
                        if let Some(ended) = self.hear(heard) {
                            return ended;
                        }
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return Ended::Broken("the server closed the stream".to_owned()),
                    Err(status) => return status.into(),
                },
                _ = heartbeat.tick() => self.beat(mouth),
                () = sleep_until(deadline) => {
                    return Ended::Broken("the server says nothing".to_owned());
                }
            }
        }
    }

    fn command(&mut self, mouth: &Mouth, order: Said) {
        if let Said::RouteCall(call) = &order {
            self.live.insert(call.call_id.clone());
        }
        self.commands += 1;
        self.pending.insert(self.commands, order.clone());
        say(mouth, self.commands, order);
    }

    /// A sign of life, and another try of what was refused for now.
    fn beat(&mut self, mouth: &Mouth) {
        say(mouth, 0, Said::Heartbeat(Heartbeat {}));
        for number in std::mem::take(&mut self.put_off) {
            if let Some(command) = self.pending.get(&number) {
                say(mouth, number, command.clone());
            }
        }
    }

    fn hear(&mut self, heard: Heard) -> Option<Ended> {
        match heard {
            Heard::Event(event) => self.hear_event(event),
            Heard::Snapshot(part) => self.hear_snapshot(part),
            Heard::Answer(answer) => self.hear_answer(answer),
            Heard::GoingAway(_) => return Some(Ended::Broken("the server goes away".to_owned())),
            Heard::Welcome(_) | Heard::Heartbeat(_) | Heard::Positions(_) => {}
        }
        None
    }

    fn hear_event(&mut self, event: CallEvent) {
        // What was already worked off before a reconnect is not news.
        if event.number <= self.hello.last_event_number {
            return;
        }
        self.hello.last_event_number = event.number;
        if let (CallEventKind::Ended, Some(call)) = (event.kind(), &event.call) {
            self.live.remove(&call.id);
        }
        (self.notify)(PlatformNews::Event(Box::new(event)));
    }

    fn hear_snapshot(&mut self, part: CallSnapshot) {
        self.snapshot.extend(part.calls);
        if !part.complete {
            return;
        }
        self.hello.last_event_number = part.event_number;
        let calls = std::mem::take(&mut self.snapshot);
        self.look_up_missing(&calls);
        (self.notify)(PlatformNews::Snapshot(calls));
    }

    /// Asks for calls that the snapshot does not hold, but for those whose handing over is still to be answered.
    fn look_up_missing(&mut self, calls: &[Call]) {
        for call in calls {
            self.live.insert(call.id.clone());
        }
        let mut known: BTreeSet<&str> = calls.iter().map(|call| call.id.as_str()).collect();
        for command in self.pending.values() {
            if let Said::RouteCall(call) = command {
                known.insert(&call.call_id);
            }
        }
        let is_missing = |id: &&String| !known.contains(id.as_str());
        let missing: Vec<String> = self.live.iter().filter(is_missing).cloned().collect();
        for id in &missing {
            self.live.remove(id);
        }
        if !missing.is_empty() {
            tokio::spawn(look_up(self.clients.clone(), missing, self.notify.clone()));
        }
    }

    fn hear_answer(&mut self, answer: RoutingAnswer) {
        let number = answer.command_number;
        if let Some(routing_answer::Result::Refusal(refusal)) = &answer.result
            && is_passing(refusal.code)
        {
            self.put_off.insert(number);
            return;
        }
        let Some(command) = self.pending.remove(&number) else {
            return;
        };
        match answer.result {
            Some(routing_answer::Result::Routed(answer)) => self.hear_routed(command, answer),
            Some(routing_answer::Result::Refusal(refusal)) => self.hear_refusal(command, refusal),
            Some(
                routing_answer::Result::Reported(_)
                | routing_answer::Result::Cancelled(_)
                | routing_answer::Result::Transferred(_)
                | routing_answer::Result::Registration(_)
                | routing_answer::Result::Callback(_),
            )
            | None => {}
        }
    }

    fn hear_routed(&mut self, command: Said, answer: RouteCallResponse) {
        let call_id = call_of(command).0;
        let ended = match &answer.result {
            Some(route_call_response::Result::Call(call)) => call.state() == CallState::Ended,
            Some(route_call_response::Result::Diverted(_)) | None => true,
        };
        if ended {
            self.live.remove(&call_id);
        }
        (self.notify)(PlatformNews::Routed {
            call_id,
            answer: Box::new(answer),
        });
    }

    fn hear_refusal(&mut self, command: Said, refusal: Refusal) {
        let (call_id, route) = call_of(command);
        if route {
            self.live.remove(&call_id);
        }
        (self.notify)(PlatformNews::Refused {
            call_id,
            route,
            refusal,
        });
    }
}

fn say(mouth: &Mouth, command_number: u64, message: Said) {
    // A stream whose other end is gone is noticed by the ear.
    let _noticed = mouth.send(RoutingServiceConnectRequest {
        command_number,
        message: Some(message),
    });
}

/// The call that a command is about, and whether the command hands it over.
fn call_of(command: Said) -> (String, bool) {
    match command {
        Said::RouteCall(call) => (call.call_id, true),
        Said::ReportCall(report) => (report.call_id, false),
        Said::CancelCall(cancel) => (cancel.call_id, false),
        Said::TransferCall(transfer) => (transfer.call_id, false),
        Said::RequestCallback(request) => (request.call_id, false),
        Said::Hello(_) | Said::Declare(_) | Said::ReportRegistration(_) | Said::Heartbeat(_) => {
            (String::new(), false)
        }
    }
}

async fn look_up<N: Fn(PlatformNews)>(clients: Clients, call_ids: Vec<String>, notify: N) {
    let mut client = clients.routing();
    let mut backoff = Backoff::new();
    for call_id in call_ids {
        loop {
            let request = GetCallRequest {
                call_id: call_id.clone(),
                ..GetCallRequest::default()
            };
            match client
                .get_call(request)
                .await
                .map(tonic::Response::into_inner)
            {
                Ok(answer) => {
                    if let Some(call) = answer.call {
                        notify(PlatformNews::Found(Box::new(call)));
                    }
                    break;
                }
                Err(status) if status.code() == Code::NotFound => {
                    notify(PlatformNews::Vanished { call_id });
                    break;
                }
                Err(_) => backoff.pause().await,
            }
        }
    }
}
