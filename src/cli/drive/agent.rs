//! An agent's stream: signs of life, intent and decisions up; the agent's state down.

use std::collections::{BTreeMap, BTreeSet};

use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Streaming;

use super::{Backoff, Ended, HEARTBEAT, OPEN_LIMIT, is_passing};
use crate::{
    cli::client::Clients,
    proto::v1::{
        AcceptOfferRequest, AgentAnswer, AgentHeartbeat, AgentHello,
        AgentSessionServiceConnectRequest, AgentSessionServiceConnectResponse, AgentSnapshot,
        DeclineOfferRequest, FinishWrapUpRequest, Intent, Refusal, SetIntentRequest,
        agent_session_service_connect_request::Message as Said,
        agent_session_service_connect_response::Message as Heard,
    },
};

/// What an agent can be told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum AgentOrder {
    /// Set the intent, with a reason for not ready.
    SetIntent {
        /// What is asked for.
        intent: Intent,
        /// Why; empty but for not ready.
        reason: String,
    },
    /// Accept the offer.
    Accept {
        /// The offer.
        offer_id: String,
    },
    /// Decline the offer.
    Decline {
        /// The offer.
        offer_id: String,
    },
    /// End wrap-up.
    FinishWrapUp {
        /// The call that was wrapped up.
        call_id: String,
    },
}

impl AgentOrder {
    fn message(&self) -> Said {
        match self.clone() {
            Self::SetIntent { intent, reason } => Said::SetIntent(SetIntentRequest {
                intent: intent.into(),
                reason,
                ..SetIntentRequest::default()
            }),
            Self::Accept { offer_id } => Said::AcceptOffer(AcceptOfferRequest {
                offer_id,
                ..AcceptOfferRequest::default()
            }),
            Self::Decline { offer_id } => Said::DeclineOffer(DeclineOfferRequest {
                offer_id,
                ..DeclineOfferRequest::default()
            }),
            Self::FinishWrapUp { call_id } => Said::FinishWrapUp(FinishWrapUpRequest {
                call_id,
                ..FinishWrapUpRequest::default()
            }),
        }
    }
}

/// What an agent's link tells its owner.
#[derive(Debug)]
pub(in crate::cli) enum AgentNews {
    /// The stream is open.
    Up,
    /// The stream broke; the link goes on trying.
    Down {
        /// How it broke.
        why: String,
    },
    /// The agent's state.
    Snapshot(Box<AgentSnapshot>),
    /// An order was carried out.
    Done(AgentOrder),
    /// An order was refused; it is not said again.
    Refused {
        /// The order.
        order: AgentOrder,
        /// Why.
        refusal: Refusal,
    },
    /// Another device of the agent took over; the link has ended.
    Superseded,
    /// The server refused the stream for good; the link has ended.
    Rejected {
        /// Why.
        why: String,
    },
}

/// An agent's link. Dropping it closes the stream.
#[derive(Debug)]
pub(in crate::cli) struct AgentLink {
    orders: UnboundedSender<AgentOrder>,
    worker: JoinHandle<()>,
}

impl AgentLink {
    /// Opens a link and keeps it open. `notify` is called with each piece of news, in order.
    pub(in crate::cli) fn open<N>(clients: &Clients, agent_id: &str, notify: N) -> Self
    where
        N: Fn(AgentNews) + Send + Sync + 'static,
    {
        let (orders, queue) = mpsc::unbounded_channel();
        let worker = Worker {
            clients: clients.clone(),
            agent_id: agent_id.to_owned(),
            orders: queue,
            notify,
            sequence: 0,
            pending: BTreeMap::new(),
            put_off: BTreeSet::new(),
        };
        Self {
            orders,
            worker: tokio::spawn(worker.run()),
        }
    }

    /// Gives an order. Said again until it is answered.
    pub(in crate::cli) fn order(&self, order: AgentOrder) {
        // A link that has ended has told its owner; orders to it are void.
        let _void = self.orders.send(order);
    }

    /// Sets the intent; a reason is for not ready.
    pub(in crate::cli) fn set_intent(&self, intent: Intent, reason: &str) {
        let reason = reason.to_owned();
        self.order(AgentOrder::SetIntent { intent, reason });
    }

    /// Closes the stream and waits until it is closed.
    pub(in crate::cli) async fn close(self) {
        drop(self.orders);
        let _ended_early = self.worker.await;
    }
}

struct Worker<N> {
    clients: Clients,
    agent_id: String,
    orders: UnboundedReceiver<AgentOrder>,
    notify: N,
    sequence: u64,
    /// Orders without an answer, by their sequence in the session.
    pending: BTreeMap<u64, AgentOrder>,
    /// Orders that were refused for now.
    put_off: BTreeSet<u64>,
}

type Mouth = UnboundedSender<AgentSessionServiceConnectRequest>;

enum Heeded {
    GoOn,
    Superseded,
    Broken(&'static str),
}

impl<N: Fn(AgentNews) + Send + Sync + 'static> Worker<N> {
    async fn run(mut self) {
        let mut backoff = Backoff::new();
        loop {
            match self.session(&mut backoff).await {
                None | Some(Ended::ByOwner) => return,
                Some(Ended::Refused(status)) => {
                    let why = status.message().to_owned();
                    return (self.notify)(AgentNews::Rejected { why });
                }
                Some(Ended::Broken(why)) => (self.notify)(AgentNews::Down { why }),
            }
            backoff.pause().await;
            if self.orders.is_closed() && self.orders.is_empty() {
                return;
            }
        }
    }

    /// One stream, from hello to its end; nothing if another device took over.
    async fn session(&mut self, backoff: &mut Backoff) -> Option<Ended> {
        let (mouth, said) = mpsc::unbounded_channel();
        let hello = AgentHello {
            agent_id: self.agent_id.clone(),
        };
        say(&mouth, 0, Said::Hello(hello));
        let mut ear = match timeout(OPEN_LIMIT, self.open(said)).await {
            Ok(Ok(ear)) => ear,
            Ok(Err(ended)) => return Some(ended),
            Err(_) => {
                return Some(Ended::Broken(
                    "the server did not open the stream in time".to_owned(),
                ));
            }
        };
        backoff.reset();
        (self.notify)(AgentNews::Up);
        self.say_again(&mouth);
        self.talk(&mouth, &mut ear).await
    }

    async fn open(
        &self,
        said: UnboundedReceiver<AgentSessionServiceConnectRequest>,
    ) -> Result<Streaming<AgentSessionServiceConnectResponse>, Ended> {
        let mut client = self.clients.sessions();
        let answer = client.connect(UnboundedReceiverStream::new(said)).await?;
        let mut ear = answer.into_inner();
        match ear.message().await?.and_then(|first| first.message) {
            Some(Heard::Welcome(_)) => Ok(ear),
            _ => Err(Ended::Broken(
                "the stream began without a welcome".to_owned(),
            )),
        }
    }

    /// A new session counts its commands from one.
    fn say_again(&mut self, mouth: &Mouth) {
        self.sequence = 0;
        self.put_off.clear();
        for order in std::mem::take(&mut self.pending).into_values() {
            self.command(mouth, order);
        }
    }

    fn command(&mut self, mouth: &Mouth, order: AgentOrder) {
        self.sequence += 1;
        say(mouth, self.sequence, order.message());
        self.pending.insert(self.sequence, order);
    }

    async fn talk(
        &mut self,
        mouth: &Mouth,
        ear: &mut Streaming<AgentSessionServiceConnectResponse>,
    ) -> Option<Ended> {
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => self.command(mouth, order),
                    None => return Some(Ended::ByOwner),
                },
                heard = ear.message() => match heard {
                    Ok(Some(AgentSessionServiceConnectResponse { message: Some(heard) })) => {
                        match self.hear(heard) {
                            Heeded::GoOn => {}
                            Heeded::Superseded => return None,
                            Heeded::Broken(why) => return Some(Ended::Broken(why.to_owned())),
                        }
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return Some(Ended::Broken("the server closed the stream".to_owned())),
                    Err(status) => return Some(status.into()),
                },
                _ = heartbeat.tick() => self.beat(mouth),
            }
        }
    }

    /// A sign of life, and another try of what was refused for now.
    fn beat(&mut self, mouth: &Mouth) {
        say(mouth, 0, Said::Heartbeat(AgentHeartbeat {}));
        for number in std::mem::take(&mut self.put_off) {
            if let Some(order) = self.pending.remove(&number) {
                self.command(mouth, order);
            }
        }
    }

    fn hear(&mut self, heard: Heard) -> Heeded {
        match heard {
            Heard::Snapshot(snapshot) => (self.notify)(AgentNews::Snapshot(Box::new(snapshot))),
            Heard::Answer(answer) => self.hear_answer(answer),
            Heard::Superseded(_) => {
                (self.notify)(AgentNews::Superseded);
                return Heeded::Superseded;
            }
            Heard::GoingAway(_) => return Heeded::Broken("the server goes away"),
            Heard::Welcome(_) => {}
        }
        Heeded::GoOn
    }

    fn hear_answer(&mut self, answer: AgentAnswer) {
        match answer.refusal {
            Some(refusal) if is_passing(refusal.code) => {
                self.put_off.insert(answer.sequence);
            }
            refusal => {
                if let Some(order) = self.pending.remove(&answer.sequence) {
                    (self.notify)(match refusal {
                        Some(refusal) => AgentNews::Refused { order, refusal },
                        None => AgentNews::Done(order),
                    });
                }
            }
        }
    }
}

fn say(mouth: &Mouth, sequence: u64, message: Said) {
    // A stream whose other end is gone is noticed by the ear.
    let _noticed = mouth.send(AgentSessionServiceConnectRequest {
        sequence,
        message: Some(message),
    });
}
