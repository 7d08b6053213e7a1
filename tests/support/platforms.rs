//! A telephony platform on a stream.

use std::collections::VecDeque;

use homeshore::proto::v1::{
    self, CallEventKind, routing_answer::Result as Answer,
    routing_service_client::RoutingServiceClient, routing_service_connect_request::Message as Say,
    routing_service_connect_response::Message as Heard,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming, transport::Channel};

use super::{Desktop, World, in_time};

/// A stream of one instance.
pub(crate) struct Platform {
    say: mpsc::Sender<v1::RoutingServiceConnectRequest>,
    heard: Streaming<v1::RoutingServiceConnectResponse>,
    number: u64,
    passed: VecDeque<v1::CallEvent>,
    pub(crate) last_event: u64,
    pub(crate) resumed: bool,
    /// Calls of the snapshot.
    pub(crate) snapshot: usize,
}

impl Platform {
    /// Opens a stream and says hello; reads the welcome and the snapshot, if one comes.
    pub(crate) async fn connect(world: &World, last_event_number: u64) -> Self {
        Self::connect_over(world.channel.clone(), last_event_number).await
    }

    /// The same over a connection of its own.
    pub(crate) async fn connect_over(channel: Channel, last_event_number: u64) -> Self {
        let mut platform = Self::open_over(channel).await;
        platform
            .say(Say::Hello(v1::RoutingHello {
                platform: "pbx".to_owned(),
                instance: "one".to_owned(),
                last_event_number,
                position_interval: None,
            }))
            .await;
        let Heard::Welcome(welcome) = platform.next().await else {
            panic!("the first message is the welcome");
        };
        platform.resumed = welcome.resumed;
        platform.last_event = last_event_number;
        while !platform.resumed {
            if let Heard::Snapshot(part) = platform.next().await {
                platform.snapshot += part.calls.len();
                platform.last_event = part.event_number;
                if part.complete {
                    break;
                }
            }
        }
        platform
    }

    /// Opens a stream and says nothing yet.
    pub(crate) async fn open(world: &World) -> Self {
        Self::open_over(world.channel.clone()).await
    }

    async fn open_over(channel: Channel) -> Self {
        let (say, said) = mpsc::channel(4_096);
        let mut client = RoutingServiceClient::new(channel);
        let heard = client.connect(ReceiverStream::new(said)).await.unwrap();
        Self {
            say,
            heard: heard.into_inner(),
            number: 0,
            passed: VecDeque::new(),
            last_event: 0,
            resumed: false,
            snapshot: 0,
        }
    }

    pub(crate) async fn say(&mut self, message: Say) -> u64 {
        self.number += 1;
        let request = v1::RoutingServiceConnectRequest {
            command_number: self.number,
            message: Some(message),
        };
        self.say
            .send(request)
            .await
            .expect("the stream takes messages");
        self.number
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

    /// The call is offered to a desktop, accepted there and connected; answers the offer's id.
    pub(crate) async fn talk(&mut self, desktop: &mut Desktop, call: &str) -> String {
        let offered = self.event(CallEventKind::Offered).await.call.unwrap();
        let offer = offered.offer.unwrap().id;
        assert_eq!(desktop.accept(&offer).await, None);
        self.event(CallEventKind::Connect).await;
        self.report(call, &offer, v1::CallReport::Answered).await;
        self.event(CallEventKind::Connected).await;
        offer
    }

    /// The next event of this kind.
    pub(crate) async fn event(&mut self, kind: CallEventKind) -> v1::CallEvent {
        loop {
            let event = match self.passed.pop_front() {
                Some(event) => event,
                None => match self.next().await {
                    Heard::Event(event) => event,
                    _ => continue,
                },
            };
            assert!(event.number > self.last_event, "event numbers grow");
            self.last_event = event.number;
            if event.kind() == kind {
                return event;
            }
        }
    }

    /// Routes a call of `sales` and waits for the answer.
    pub(crate) async fn route(&mut self, id: &str) -> Answer {
        let call = v1::RouteCallRequest {
            platform: String::new(),
            instance: String::new(),
            ..super::call(id)
        };
        let number = self.say(Say::RouteCall(call)).await;
        self.answer(number).await
    }

    /// Reports what happened and waits for the answer.
    pub(crate) async fn report(
        &mut self,
        call: &str,
        offer: &str,
        report: v1::CallReport,
    ) -> Answer {
        let report = v1::ReportCallRequest {
            call_id: call.to_owned(),
            offer_id: offer.to_owned(),
            report: report.into(),
        };
        let number = self.say(Say::ReportCall(report)).await;
        self.answer(number).await
    }

    /// The answer to a command; events before it are kept for later.
    pub(crate) async fn answer(&mut self, number: u64) -> Answer {
        loop {
            match self.next().await {
                Heard::Event(event) => self.passed.push_back(event),
                Heard::Answer(answer) if answer.command_number == number => {
                    return answer.result.expect("an answer says something");
                }
                _ => {}
            }
        }
    }
}
