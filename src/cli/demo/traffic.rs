//! The demo's crowd: agents who mostly accept, and callers who come at random, talk, or lose their patience.

use std::{collections::BTreeMap, time::Duration};

use anyhow::bail;
use fastrand::Rng;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::{cast, story};
use crate::{
    cli::{
        client::Clients,
        drive::{
            agenda::Agenda,
            agent::{AgentLink, AgentNews, AgentOrder},
            platform::{PlatformLink, PlatformNews},
        },
    },
    clock,
    proto::v1::{
        AgentSnapshot, Call, CallReport, CallState, Intent, Offer, OfferStep,
        RequestCallbackRequest, RouteCallRequest, RouteCallResponse, Work, route_call_response,
    },
};

/// The same demo each time.
const SEED: u64 = 2_026;
/// Queues with the mean time between two calls.
const ARRIVALS: [(&str, f64); 4] = [
    ("billing", 2.2),
    ("technical", 3.6),
    ("spanish-line", 9.0),
    ("retention", 12.0),
];
const MEAN_TALK_S: f64 = 24.0;
const MEAN_PATIENCE_S: f64 = 70.0;
/// Who has waited this long in a queue that calls back asks to be called back.
const CALLBACK_AFTER_S: f64 = 5.0;
/// The first call of each queue is at the line when it opens.
const OPENING_S: f64 = 1.0;
/// All agents sign in within this time, but for those who speak Spanish: they come after the first caller who would
/// talk to them has asked to be called back.
const SIGN_IN_S: f64 = 8.0;
const LATE_S: f64 = OPENING_S + CALLBACK_AFTER_S + 0.5;

enum Heard {
    Platform(PlatformNews),
    /// A caller has hung up to be called back.
    Callback(Box<Call>),
    Agent(usize, AgentNews),
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Later {
    Arrive(usize),
    LosePatience(String),
    EndTalk(String),
    Report(String, String, i32),
    Order(usize, Order),
    /// A caller who would rather be called back says so.
    AskCallback(String),
    Fail,
    AskWhy,
    Restore,
}

/// What an agent does after some thought.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Accept(String),
    Decline(String),
    FinishWrapUp(String),
    Ready,
    Break,
}

/// Agents and callers.
pub(super) struct Crowd {
    rng: Rng,
    heard: UnboundedReceiver<Heard>,
    platform: PlatformLink,
    /// None while the agent is cut off.
    links: Vec<Option<AgentLink>>,
    clients: Clients,
    news: UnboundedSender<Heard>,
    notes: UnboundedSender<String>,
    agents: Vec<Mind>,
    calls: BTreeMap<String, Live>,
    agenda: Agenda<Later>,
    routed: u64,
    followed: story::Followed,
}

/// What an agent has already thought about.
#[derive(Debug, Default)]
struct Mind {
    offer: String,
    wrap_up: String,
    resting: bool,
}

/// A call on the line.
#[derive(Debug, Default)]
struct Live {
    known: u64,
    done_step: Option<(String, OfferStep)>,
    talking: bool,
    /// Waits without a line to be called back.
    called_back: bool,
}

impl Crowd {
    /// Opens a platform's and every agent's stream.
    pub(super) fn open(clients: &Clients, notes: UnboundedSender<String>) -> Self {
        let (news, heard) = mpsc::unbounded_channel();
        let agents = cast::agents();
        let platform_news = news.clone();
        let platform = PlatformLink::open(clients, "demo", "1", move |piece| {
            let _over = platform_news.send(Heard::Platform(piece));
        });
        let mut crowd = Self {
            rng: Rng::with_seed(SEED),
            heard,
            platform,
            links: agents.iter().map(|_| None).collect(),
            agents: agents.iter().map(|_| Mind::default()).collect(),
            clients: clients.clone(),
            news,
            notes,
            calls: BTreeMap::new(),
            agenda: Agenda::new(),
            routed: 0,
            followed: story::Followed::Nobody,
        };
        for index in 0..crowd.links.len() {
            crowd.link(index);
            let late = if cast::speaks_spanish(index) {
                LATE_S
            } else {
                0.0
            };
            let delay = late + crowd.rng.f64() * SIGN_IN_S;
            crowd.later(delay, Later::Order(index, Order::Ready));
        }
        for index in 0..ARRIVALS.len() {
            crowd.later(OPENING_S, Later::Arrive(index));
        }
        crowd.later(story::FAILS_AT_S, Later::Fail);
        crowd
    }

    /// Opens an agent's stream.
    fn link(&mut self, index: usize) {
        let (agent, news) = (cast::id(index), self.news.clone());
        let link = AgentLink::open(&self.clients, &agent, move |piece| {
            // After the end nobody listens any more.
            let _over = news.send(Heard::Agent(index, piece));
        });
        self.links[index] = Some(link);
    }

    /// The agents of a provider are cut off; a while later somebody asks why calls wait, and then they are back.
    fn fail(&mut self) {
        let cut = cast::with_provider(story::PROVIDER);
        let told = format!(
            "the provider `{}` fails: {} agents are cut off; the service notices after 10 s",
            story::PROVIDER,
            cut.len()
        );
        self.note(told);
        for index in cut {
            self.links[index] = None;
        }
        self.later(story::ASKS_AFTER_S, Later::AskWhy);
        self.later(story::BACK_AFTER_S, Later::Restore);
    }

    fn restore(&mut self) {
        let back = cast::with_provider(story::PROVIDER);
        self.note(format!("the provider `{}` is back", story::PROVIDER));
        for index in back {
            self.agents[index] = Mind::default();
            self.link(index);
        }
    }

    fn ask_why(&self) {
        let agent = cast::with_provider(story::PROVIDER).first().copied();
        let agent = cast::id(agent.unwrap_or_default());
        let (clients, notes) = (self.clients.clone(), self.notes.clone());
        tokio::spawn(story::ask_why(clients, agent, notes));
    }

    fn ask_why_it_waits(&self, call_id: String) {
        let (clients, notes) = (self.clients.clone(), self.notes.clone());
        tokio::spawn(async move { story::ask_why_it_waits(&clients, call_id, &notes).await });
    }

    fn note(&self, note: String) {
        // After the end nobody reads any more.
        let _over = self.notes.send(note);
    }

    /// Plays on; may be cancelled and called again.
    pub(super) async fn play(&mut self) -> anyhow::Result<()> {
        loop {
            tokio::select! {
                heard = self.heard.recv() => match heard {
                    Some(Heard::Platform(news)) => self.hear_platform(news)?,
                    Some(Heard::Callback(call)) => {
                        if let Some(told) = self.followed.begin(&call) {
                            self.note(told);
                            self.ask_why_it_waits(call.id);
                        }
                    }
                    Some(Heard::Agent(index, news)) => self.hear_agent(index, news)?,
                    None => bail!("every stream was closed"),
                },
                () = self.agenda.wait() => self.act(),
            }
        }
    }

    fn later(&mut self, seconds: f64, item: Later) {
        self.agenda
            .note(clock::instant() + Duration::from_secs_f64(seconds), item);
    }

    /// A time with this mean, as between events that know nothing of each other.
    fn random_s(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.rng.f64()).ln()
    }

    fn between_s(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.rng.f64()
    }

    fn note_arrival(&mut self, index: usize) {
        let delay = self.random_s(ARRIVALS[index].1);
        self.later(delay, Later::Arrive(index));
    }

    fn act(&mut self) {
        while let Some((_, item)) = self.agenda.take_due(clock::instant()) {
            match item {
                Later::Arrive(index) => self.arrive(index),
                Later::LosePatience(id) => {
                    let gone = |call: &Live| !call.talking && !call.called_back;
                    if self.calls.get(&id).is_some_and(gone) {
                        self.platform.report(&id, "", CallReport::CallerGone);
                    }
                }
                Later::EndTalk(id) => self.platform.report(&id, "", CallReport::Ended),
                Later::Report(id, offer_id, report) => self.report_ring(&id, &offer_id, report),
                Later::Order(index, order) => self.order(index, order),
                Later::AskCallback(id) => self.ask_callback(id),
                Later::Fail => self.fail(),
                Later::AskWhy => self.ask_why(),
                Later::Restore => self.restore(),
            }
        }
    }

    fn arrive(&mut self, index: usize) {
        self.note_arrival(index);
        self.routed += 1;
        let id = format!("demo-{:08x}-{}", self.rng.u32(..), self.routed);
        let priority = if self.rng.u8(..10) == 0 { "gold" } else { "" };
        let customer = self.rng.u32(1_000..9_999).to_string();
        self.platform.route(RouteCallRequest {
            call_id: id.clone(),
            queue: ARRIVALS[index].0.to_owned(),
            priority: priority.to_owned(),
            attributes: BTreeMap::from([("customer".to_owned(), customer)]),
            ..RouteCallRequest::default()
        });
        let patience = 8.0 + self.random_s(MEAN_PATIENCE_S);
        self.later(patience, Later::LosePatience(id.clone()));
        if ARRIVALS[index].0 == "spanish-line" {
            self.later(CALLBACK_AFTER_S, Later::AskCallback(id.clone()));
        }
        self.calls.insert(id, Live::default());
    }

    /// Who still waits hangs up and is called back.
    fn ask_callback(&mut self, call_id: String) {
        let waits = |call: &Live| !call.talking && call.done_step.is_none();
        let Some(call) = self.calls.get_mut(&call_id).filter(|call| waits(call)) else {
            return;
        };
        call.called_back = true;
        let (clients, news) = (self.clients.clone(), self.news.clone());
        tokio::spawn(async move {
            let request = RequestCallbackRequest {
                call_id,
                not_before: None,
            };
            let answer = clients.routing().request_callback(request).await;
            // Whoever was offered to an agent meanwhile talks at once: the refusal is right.
            if let Some(call) = answer.ok().and_then(|answer| answer.into_inner().call) {
                let _over = news.send(Heard::Callback(Box::new(call)));
            }
        });
    }

    fn hear_platform(&mut self, news: PlatformNews) -> anyhow::Result<()> {
        match news {
            PlatformNews::Event(event) => {
                if let Some(call) = &event.call {
                    self.see_call(call);
                }
            }
            PlatformNews::Snapshot(calls) => calls.iter().for_each(|call| self.see_call(call)),
            PlatformNews::Found(call) => self.see_call(&call),
            PlatformNews::Routed { call_id, answer } => self.hear_routed(&call_id, &answer),
            PlatformNews::Refused {
                call_id,
                route: true,
                ..
            }
            | PlatformNews::Vanished { call_id } => {
                self.calls.remove(&call_id);
            }
            PlatformNews::Rejected { why } => {
                bail!("the server refused the platform's stream: {why}")
            }
            PlatformNews::Refused { .. } | PlatformNews::Up | PlatformNews::Down { .. } => {}
        }
        Ok(())
    }

    fn hear_routed(&mut self, call_id: &str, answer: &RouteCallResponse) {
        match &answer.result {
            Some(route_call_response::Result::Call(call)) => self.see_call(call),
            Some(route_call_response::Result::Diverted(_)) | None => {
                self.calls.remove(call_id);
            }
        }
    }

    fn see_call(&mut self, call: &Call) {
        if let Some(told) = self.followed.see(call) {
            self.note(told);
        }
        let Some(live) = self.calls.get_mut(&call.id) else {
            return;
        };
        if call.change_number < live.known {
            return;
        }
        live.known = call.change_number;
        if call.state() == CallState::Ended {
            self.calls.remove(&call.id);
            return;
        }
        if matches!(call.state(), CallState::Queued) {
            live.talking = false;
        }
        if let Some(offer) = &call.offer {
            let step = (offer.id.clone(), offer.step());
            if live.done_step.as_ref() != Some(&step) {
                live.done_step = Some(step);
                self.work_off(offer);
            }
        }
    }

    fn work_off(&mut self, offer: &Offer) {
        let (call_id, offer_id) = (offer.call_id.clone(), offer.id.clone());
        match offer.step() {
            OfferStep::Connect => self.connect(&call_id, &offer_id),
            OfferStep::Rescind => self
                .platform
                .report(&call_id, &offer_id, CallReport::Rescinded),
            OfferStep::Ring => {
                let (report, rings_s) = match self.rng.u8(..100) {
                    0..8 => (CallReport::NoAnswer, 12.0),
                    8..12 => (CallReport::Rejected, 2.0),
                    _ => (CallReport::Answered, self.between_s(1.0, 6.0)),
                };
                self.later(rings_s, Later::Report(call_id, offer_id, report.into()));
            }
            OfferStep::Proposed | OfferStep::Unspecified => {}
        }
    }

    /// The rung telephone was answered or not, if it still rings.
    fn report_ring(&mut self, call_id: &str, offer_id: &str, report: i32) {
        let still_rings =
            |live: &Live| matches!(&live.done_step, Some((id, OfferStep::Ring)) if id == offer_id);
        if !self.calls.get(call_id).is_some_and(still_rings) {
            return;
        }
        match CallReport::try_from(report) {
            Ok(CallReport::Answered) => self.connect(call_id, offer_id),
            Ok(report) => self.platform.report(call_id, offer_id, report),
            Err(_) => {}
        }
    }

    fn connect(&mut self, call_id: &str, offer_id: &str) {
        self.platform
            .report(call_id, offer_id, CallReport::Answered);
        if let Some(live) = self.calls.get_mut(call_id) {
            live.talking = true;
        }
        let talk = 4.0 + self.random_s(MEAN_TALK_S);
        self.later(talk, Later::EndTalk(call_id.to_owned()));
    }

    fn hear_agent(&mut self, index: usize, news: AgentNews) -> anyhow::Result<()> {
        match news {
            AgentNews::Snapshot(snapshot) => self.think(index, &snapshot),
            AgentNews::Rejected { why } => bail!("the server refused an agent's stream: {why}"),
            AgentNews::Superseded => bail!("someone else signed in as one of the demo's agents"),
            AgentNews::Up
            | AgentNews::Down { .. }
            | AgentNews::Done(_)
            | AgentNews::Refused { .. } => {}
        }
        Ok(())
    }

    fn think(&mut self, index: usize, snapshot: &AgentSnapshot) {
        let Some(status) = &snapshot.status else {
            return;
        };
        if let Some(offer) = &status.offer
            && offer.step() == OfferStep::Proposed
            && self.agents[index].offer != offer.id
        {
            self.agents[index].offer.clone_from(&offer.id);
            self.decide(index, &offer.id);
        }
        if status.work() == Work::WrapUp && self.agents[index].wrap_up != status.call_id {
            self.agents[index].wrap_up.clone_from(&status.call_id);
            let writes_s = self.between_s(4.0, 12.0);
            self.later(
                writes_s,
                Later::Order(index, Order::FinishWrapUp(status.call_id.clone())),
            );
            if self.rng.u8(..100) < 6 {
                self.later(writes_s + 0.2, Later::Order(index, Order::Break));
            }
        }
        // On a break, or after two missed calls: back after a while.
        if status.intent() == Intent::NotReady && !self.agents[index].resting {
            self.agents[index].resting = true;
            let rests_s = self.between_s(10.0, 30.0);
            self.later(rests_s, Later::Order(index, Order::Ready));
        }
    }

    /// Most offers are accepted after a moment; some are declined, some left to ring.
    fn decide(&mut self, index: usize, offer_id: &str) {
        let thinks_s = self.between_s(0.8, 4.0);
        let order = match self.rng.u8(..100) {
            0..4 => return,
            4..9 => Order::Decline(offer_id.to_owned()),
            _ => Order::Accept(offer_id.to_owned()),
        };
        self.later(thinks_s, Later::Order(index, order));
    }

    fn order(&mut self, index: usize, order: Order) {
        let Some(link) = &self.links[index] else {
            return;
        };
        match order {
            Order::Accept(offer_id) => link.order(AgentOrder::Accept { offer_id }),
            Order::Decline(offer_id) => link.order(AgentOrder::Decline { offer_id }),
            Order::FinishWrapUp(call_id) => link.order(AgentOrder::FinishWrapUp { call_id }),
            Order::Break => link.set_intent(Intent::NotReady, "break"),
            Order::Ready => {
                self.agents[index].resting = false;
                link.set_intent(Intent::Ready, "");
            }
        }
    }
}
