//! The demo's crowd: agents who mostly accept, and callers who come at random, talk, or lose their patience.

mod minds;

use std::{collections::BTreeMap, time::Duration};

use anyhow::bail;
use fastrand::Rng;
use jiff::Timestamp;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    time::Instant,
};

use self::minds::{Mind, Order};
use super::{
    cast,
    scene::Scene,
    site::{self, Floor},
    story,
};
use crate::{
    cli::{
        client::Clients,
        drive::{
            agenda::Agenda,
            agent::{AgentLink, AgentNews},
            platform::{PlatformLink, PlatformNews},
        },
    },
    clock,
    proto::v1::{
        Call, CallReport, CallState, Offer, OfferStep, RequestCallbackRequest, RouteCallRequest,
        RouteCallResponse, route_call_response,
    },
};

/// The same demo each time.
const SEED: u64 = 2_026;
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
    /// A conversation on site is over.
    EndOnSite,
    ReportSite,
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
    scene: Scene,
    started: Instant,
    /// Who takes the calls that agents at home do not.
    floor: Floor,
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
    pub(super) fn open(
        clients: &Clients,
        notes: UnboundedSender<String>,
        scene: Scene,
        opens: Timestamp,
    ) -> Self {
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
            scene,
            started: clock::instant(),
            floor: Floor::opened(opens),
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
        for index in 0..scene.arrivals().len() {
            crowd.later(OPENING_S, Later::Arrive(index));
        }
        match scene {
            Scene::Evening => crowd.later(story::FAILS_AT_S, Later::Fail),
            Scene::Monday => crowd.later(OPENING_S, Later::ReportSite),
        }
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
        let elapsed = clock::instant().duration_since(self.started);
        let delay = self.random_s(self.scene.gap_s(index, elapsed.as_secs_f64()));
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
                Later::EndOnSite => {
                    if self.floor.end() {
                        self.talk_on_site();
                    }
                }
                Later::ReportSite => self.report_site(),
            }
        }
    }

    fn talk_on_site(&mut self) {
        let talk_s = self.random_s(site::MEAN_HANDLE_S);
        self.later(talk_s, Later::EndOnSite);
    }

    fn report_site(&mut self) {
        for (queue, _) in self.scene.arrivals() {
            self.floor.report(&self.clients, queue);
        }
        self.later(site::REPORT_EVERY_S, Later::ReportSite);
    }

    fn arrive(&mut self, index: usize) {
        self.note_arrival(index);
        let queue = self.scene.arrivals()[index].0;
        self.routed += 1;
        let id = format!("demo-{:08x}-{}", self.rng.u32(..), self.routed);
        let priority = if self.rng.u8(..10) == 0 { "gold" } else { "" };
        let customer = self.rng.u32(1_000..9_999).to_string();
        self.platform.route(RouteCallRequest {
            call_id: id.clone(),
            queue: queue.to_owned(),
            priority: priority.to_owned(),
            attributes: BTreeMap::from([("customer".to_owned(), customer)]),
            ..RouteCallRequest::default()
        });
        let patience = 8.0 + self.random_s(MEAN_PATIENCE_S);
        self.later(patience, Later::LosePatience(id.clone()));
        if queue == "spanish-line" {
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
            Some(route_call_response::Result::Diverted(_)) => {
                self.calls.remove(call_id);
                if self.floor.take() {
                    self.talk_on_site();
                }
            }
            None => {
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
}
