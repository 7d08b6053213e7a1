//! An agent's desktop on a stream.

use homeshore::proto::v1::{
    self, agent_session_service_connect_request::Message as Say,
    agent_session_service_connect_response::Message as Heard,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::{World, in_time, to_pool};

/// A session over a stream.
pub(crate) struct Desktop {
    say: mpsc::Sender<v1::AgentSessionServiceConnectRequest>,
    heard: Streaming<v1::AgentSessionServiceConnectResponse>,
    sequence: u64,
    pub(crate) session: u64,
}

impl Desktop {
    /// Opens a stream and a session.
    pub(crate) async fn connect(world: &World, agent: &str) -> Self {
        Self::connect_in(world, "default", agent).await
    }

    /// The same in another pool.
    pub(crate) async fn connect_in(world: &World, pool: &str, agent: &str) -> Self {
        let mut desktop = Self::open_in(world, pool).await;
        desktop
            .send(
                0,
                Say::Hello(v1::AgentHello {
                    agent_id: agent.to_owned(),
                }),
            )
            .await;
        let Heard::Welcome(welcome) = desktop.next().await else {
            panic!("the first message is the welcome");
        };
        desktop.session = welcome.session;
        desktop
    }

    /// Opens a stream, a session, and says that the agent is ready.
    pub(crate) async fn ready(world: &World, agent: &str) -> Self {
        let mut desktop = Self::connect(world, agent).await;
        let refusal = desktop.intent(v1::Intent::Ready, "").await;
        assert_eq!(refusal, None);
        desktop
    }

    /// Opens a stream and says nothing yet.
    pub(crate) async fn open(world: &World) -> Self {
        Self::open_in(world, "default").await
    }

    async fn open_in(world: &World, pool: &str) -> Self {
        let (say, said) = mpsc::channel(64);
        let heard = world
            .sessions()
            .connect(to_pool(pool, ReceiverStream::new(said)))
            .await
            .unwrap();
        Self {
            say,
            heard: heard.into_inner(),
            sequence: 0,
            session: 0,
        }
    }

    pub(crate) async fn send(&mut self, sequence: u64, message: Say) {
        let request = v1::AgentSessionServiceConnectRequest {
            sequence,
            message: Some(message),
        };
        self.say
            .send(request)
            .await
            .expect("the stream takes messages");
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn command(&mut self, message: Say) -> Option<v1::Refusal> {
        self.sequence += 1;
        self.send(self.sequence, message).await;
        loop {
            if let Heard::Answer(answer) = self.next().await
                && answer.sequence == self.sequence
            {
                return answer.refusal;
            }
        }
    }

    pub(crate) async fn intent(&mut self, intent: v1::Intent, reason: &str) -> Option<v1::Refusal> {
        let request = v1::SetIntentRequest {
            intent: intent.into(),
            reason: reason.to_owned(),
            ..v1::SetIntentRequest::default()
        };
        self.command(Say::SetIntent(request)).await
    }

    pub(crate) async fn accept(&mut self, offer: &str) -> Option<v1::Refusal> {
        let request = v1::AcceptOfferRequest {
            offer_id: offer.to_owned(),
            ..v1::AcceptOfferRequest::default()
        };
        self.command(Say::AcceptOffer(request)).await
    }

    /// The next message of any kind, or how the stream ended.
    pub(crate) async fn hear(&mut self) -> Result<Option<Heard>, Status> {
        let message = in_time("a message", self.heard.message()).await?;
        Ok(message.map(|message| message.message.expect("a message says something")))
    }

    /// The next message of any kind.
    pub(crate) async fn next(&mut self) -> Heard {
        self.hear().await.unwrap().expect("the stream goes on")
    }

    /// How the stream ends.
    pub(crate) async fn end(&mut self) -> Option<Status> {
        loop {
            match self.hear().await {
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(status) => return Some(status),
            }
        }
    }

    /// The next snapshot in which the agent does this.
    pub(crate) async fn until(&mut self, work: v1::Work) -> v1::AgentSnapshot {
        loop {
            if let Heard::Snapshot(snapshot) = self.next().await
                && snapshot.status.as_ref().unwrap().work() == work
            {
                return snapshot;
            }
        }
    }
}
