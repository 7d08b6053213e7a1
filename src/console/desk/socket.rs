//! The socket of a desk. The server pings; a browser answers by itself, also for a page that is hidden and whose timers hardly
//! run, and each answer is a sign of life of the agent's session.

use std::time::Duration;

use axum::{
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{Message as Frame, WebSocket},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use super::{
    orders::{self, Fields, numbered},
    show::{self, Parts},
};
use crate::{
    clock,
    console::{
        Console,
        services::{Services, refusal, to},
        visitor::Visitor,
        words::Words,
    },
    engine::ids::PoolTime,
    metrics::OpenStream,
    pool::Pool,
    proto::v1::{
        self, AgentSessionServiceConnectRequest as Request,
        AgentSessionServiceConnectResponse as Response_,
        agent_session_service_connect_request::Message as Heard,
        agent_session_service_connect_response::Message as Said,
    },
};

/// Pings go out this often: three of them fit into the 6 s after which a line counts as silent with one to spare.
const PING_EVERY: Duration = Duration::from_millis(1_900);
/// A browser that answers no ping for this long is gone.
const GONE_AFTER: Duration = Duration::from_secs(30);
/// Largest message of a browser.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// Commands that wait for the session.
const QUEUE_MAX: usize = 64;
/// Probes that one socket may send: a check sends 40.
const PROBES_MAX: u32 = 10_000;

/// What a browser says.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Told {
    /// To be sent back at once.
    Probe { n: u32 },
    /// What the probes showed.
    Measured { rtt: f64, jitter: f64, loss: f64 },
    /// Open a session.
    SignIn,
    /// Close it, with no more offers.
    SignOut,
    /// An order of the agent.
    Order {
        order: String,
        #[serde(default)]
        fields: Fields,
    },
}

/// Opens the socket, for the agent alone.
pub(in crate::console) async fn socket(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, agent)): Path<(String, String)>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    if !visitor.is_agent(&pool, &agent) {
        return (StatusCode::FORBIDDEN, "this desk is another agent's\n").into_response();
    }
    let upgrade = upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX);
    let streams = console.streams.clone();
    upgrade.on_upgrade(move |socket| {
        let desk = Desk {
            services: console.services.clone(),
            pool: known,
            agent,
            w: visitor.words(),
            socket,
            session: None,
            shown: Parts::new(),
            sequence: 0,
            probes: 0,
            heard: clock::instant(),
            _open: OpenStream::new("desk"),
        };
        let stopping = console.boards.stopping().clone();
        streams.track_future(desk.serve(stopping))
    })
}

/// A session under way: commands up, states down.
struct Session {
    up: mpsc::Sender<Request>,
    down: Streaming<Response_>,
}

struct Desk {
    services: Services,
    pool: Pool,
    agent: String,
    w: &'static Words,
    socket: WebSocket,
    session: Option<Session>,
    /// What the page shows, so that only what changes is sent.
    shown: Parts,
    sequence: u64,
    probes: u32,
    heard: Instant,
    _open: OpenStream,
}

/// The socket is to be closed.
struct Over;

type Step = Result<(), Over>;

impl Desk {
    async fn serve(mut self, stopping: tokio_util::sync::CancellationToken) {
        let mut pings = interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let step = tokio::select! {
                frame = self.socket.recv() => match frame {
                    Some(Ok(frame)) => self.hear(frame).await,
                    Some(Err(_)) | None => Err(Over),
                },
                said = said(&mut self.session) => self.say(said).await,
                _ = pings.tick() => self.ping().await,
                () = stopping.cancelled() => Err(Over),
            };
            if step.is_err() {
                return;
            }
        }
    }

    async fn ping(&mut self) -> Step {
        if clock::instant().duration_since(self.heard) > GONE_AFTER {
            return Err(Over);
        }
        self.frame(Frame::Ping(Vec::new().into())).await
    }

    async fn frame(&mut self, frame: Frame) -> Step {
        self.socket.send(frame).await.map_err(|_gone| Over)
    }

    async fn tell(&mut self, message: Value) -> Step {
        self.frame(Frame::text(message.to_string())).await
    }

    async fn hear(&mut self, frame: Frame) -> Step {
        self.heard = clock::instant();
        match frame {
            Frame::Text(text) => match serde_json::from_str(&text) {
                Ok(told) => self.act(told).await,
                Err(_unreadable) => Err(Over),
            },
            Frame::Pong(_) => self.sign_of_life(),
            Frame::Ping(_) => Ok(()),
            Frame::Binary(_) | Frame::Close(_) => Err(Over),
        }
    }

    fn sign_of_life(&mut self) -> Step {
        if let Some(session) = &self.session {
            let beat = numbered(0, Heard::Heartbeat(v1::AgentHeartbeat {}));
            // A session whose queue is full has commands on their way, which are signs of life as well.
            let _full = session.up.try_send(beat);
        }
        Ok(())
    }

    async fn act(&mut self, told: Told) -> Step {
        match told {
            Told::Probe { n } => {
                self.probes += 1;
                if self.probes > PROBES_MAX {
                    return Err(Over);
                }
                self.tell(json!({ "kind": "probe", "n": n })).await
            }
            Told::Measured { rtt, jitter, loss } => {
                let verdict = show::verdict(rtt, jitter, loss, self.w).unwrap_or_default();
                self.tell(json!({ "kind": "parts", "parts": { "check-verdict": verdict } }))
                    .await
            }
            Told::SignIn => self.sign_in().await,
            Told::SignOut => self.order("sign-out", &Fields::new()).await,
            Told::Order { order, fields } => self.order(&order, &fields).await,
        }
    }

    async fn sign_in(&mut self) -> Step {
        let (up, commands) = mpsc::channel(QUEUE_MAX);
        let hello = Heard::Hello(v1::AgentHello {
            agent_id: self.agent.clone(),
        });
        // The queue is empty, so there is room.
        let _room = up.try_send(numbered(0, hello));
        let request = to(self.pool.id().as_str(), ReceiverStream::new(commands));
        self.sequence = 0;
        self.shown.clear();
        match self.services.sessions().connect(request).await {
            Ok(down) => {
                let down = down.into_inner();
                self.session = Some(Session { up, down });
                Ok(())
            }
            Err(status) => self.refuse(refusal(&status)).await,
        }
    }

    async fn order(&mut self, order: &str, fields: &Fields) -> Step {
        let Some(session) = &self.session else {
            return self
                .refuse(vec![self.w.say("not-signed-in").into_owned()])
                .await;
        };
        let now = self.pool.view().read().now();
        for command in orders::commands(order, fields, now) {
            self.sequence += 1;
            if session
                .up
                .send(numbered(self.sequence, command))
                .await
                .is_err()
            {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn refuse(&mut self, problems: Vec<String>) -> Step {
        let html = show::refused(problems, self.w).unwrap_or_default();
        self.tell(json!({ "kind": "parts", "parts": { "desk-refusal": html } }))
            .await
    }

    async fn say(&mut self, said: Result<Option<Response_>, tonic::Status>) -> Step {
        let said = match said {
            Ok(Some(response)) => response.message,
            Ok(None) => {
                self.session = None;
                return self.tell(json!({ "kind": "session_over" })).await;
            }
            Err(status) => {
                self.session = None;
                self.refuse(refusal(&status)).await?;
                return self.tell(json!({ "kind": "session_over" })).await;
            }
        };
        match said {
            Some(Said::Welcome(_)) => self.tell(json!({ "kind": "signed_in" })).await,
            Some(Said::Snapshot(snapshot)) => self.show(&snapshot).await,
            Some(Said::Answer(answer)) => {
                let problems = answer
                    .refusal
                    .map_or_else(Vec::new, |refusal| vec![refusal.message]);
                self.refuse(problems).await
            }
            Some(Said::Superseded(_)) => {
                self.session = None;
                self.tell(json!({ "kind": "superseded" })).await
            }
            Some(Said::GoingAway(_)) => Err(Over),
            None => Ok(()),
        }
    }

    async fn show(&mut self, snapshot: &v1::AgentSnapshot) -> Step {
        let (spec, now) = {
            let view = self.pool.view().read();
            (view.spec().cloned(), view.now())
        };
        let Ok(parts) = show::parts(snapshot, spec.as_ref(), now, self.w) else {
            return Err(Over);
        };
        let changed: Parts = parts
            .iter()
            .filter(|(id, html)| self.shown.get(*id) != Some(*html))
            .map(|(id, html)| (*id, html.clone()))
            .collect();
        self.shown = parts;
        self.tell(message(snapshot, &changed, now)).await
    }
}

/// What the page is told of a state: parts, and what it makes a sound for.
fn message(snapshot: &v1::AgentSnapshot, changed: &Parts, now: PoolTime) -> Value {
    let status = snapshot.status.as_ref();
    let offer = status.and_then(|status| status.offer.as_ref());
    let open = offer.filter(|offer| offer.step() != v1::OfferStep::Connect);
    json!({
        "kind": "parts",
        "now": now.0,
        "parts": changed,
        "offer": open.map(|offer| json!({ "id": offer.id, "queue": snapshot.queue })),
        "offline": status.is_some_and(|status| status.state == "offline"),
    })
}

/// What the session says next; nothing, for ever, without one. May be dropped and asked again.
async fn said(session: &mut Option<Session>) -> Result<Option<Response_>, tonic::Status> {
    match session {
        Some(session) => session.down.message().await,
        None => std::future::pending().await,
    }
}
