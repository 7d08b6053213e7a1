//! A contact centre for Prometheus to watch: a server in the test's own process, with a pool of its own.

use homeshore::proto::v1::{
    self, CallReport, agent_session_service_connect_request::Message as Say,
    send_message_request::Recipient,
};

use crate::support::{Desktop, World, agent, call, pool, queue, to_pool};

/// A pool at work; counters of one name are those of every test at once, so each test has a pool of its own.
pub(super) struct Floor {
    pub(super) world: World,
    pub(super) pool: &'static str,
    ann: Desktop,
}

impl Floor {
    /// Two queues that can be served and one that cannot; `ann` is ready, and alone.
    pub(super) async fn open(name: &'static str) -> Self {
        let world = World::start().await;
        let mut support = queue("support");
        support.callback = Some(v1::CallbackPolicy::default());
        let mut nobody = queue("nobody");
        "latin".clone_into(&mut nobody.rings[0].skills[0].skill);
        let pool = v1::Pool {
            id: name.to_owned(),
            queues: vec![queue("sales"), support, nobody],
            ..pool()
        };
        world.apply_pool(pool).await.unwrap();
        let agents = v1::ApplyAgentsRequest {
            agents: vec![agent("ann"), agent("bob")],
            ..v1::ApplyAgentsRequest::default()
        };
        let agents = to_pool(name, agents);
        world.directory().apply_agents(agents).await.unwrap();
        let mut ann = Desktop::connect_in(&world, name, "ann").await;
        assert_eq!(ann.intent(v1::Intent::Ready, "").await, None);
        Self {
            world,
            pool: name,
            ann,
        }
    }

    fn here<T>(&self, message: T) -> tonic::Request<T> {
        to_pool(self.pool, message)
    }

    /// Hands a call over.
    pub(super) async fn route(&self, id: &str, queue: &str) {
        let call = v1::RouteCallRequest {
            queue: queue.to_owned(),
            ..call(id)
        };
        let call = self.here(call);
        self.world.routing().route_call(call).await.unwrap();
    }

    pub(super) async fn report(&self, call: &str, offer: &str, report: CallReport) {
        let report = v1::ReportCallRequest {
            call_id: call.to_owned(),
            offer_id: offer.to_owned(),
            report: report.into(),
        };
        let report = self.here(report);
        self.world.routing().report_call(report).await.unwrap();
    }

    async fn offered(&mut self) -> v1::Offer {
        let snapshot = self.ann.until(v1::Work::Offered).await;
        snapshot.status.unwrap().offer.expect("an open offer")
    }

    /// Ann accepts what she is offered, and talks.
    pub(super) async fn talk(&mut self) -> v1::Offer {
        let offer = self.offered().await;
        assert_eq!(self.ann.accept(&offer.id).await, None);
        let answered = CallReport::Answered;
        self.report(&offer.call_id, &offer.id, answered).await;
        offer
    }

    /// The wrap-up after a conversation ends.
    pub(super) async fn wrap_up(&mut self, next: v1::Intent) {
        let snapshot = self.ann.until(v1::Work::WrapUp).await;
        let finish = v1::FinishWrapUpRequest {
            call_id: snapshot.status.unwrap().call_id,
            next_intent: next.into(),
            ..v1::FinishWrapUpRequest::default()
        };
        assert_eq!(self.ann.command(Say::FinishWrapUp(finish)).await, None);
    }

    /// A call from its beginning to its end.
    pub(super) async fn serve(&mut self, id: &str, queue: &str) {
        self.route(id, queue).await;
        let offer = self.talk().await;
        self.report(id, &offer.id, CallReport::Ended).await;
        self.wrap_up(v1::Intent::Unspecified).await;
    }

    /// Every kind of end that needs no waiting: afterwards one call waits in each queue, and ann is not ready.
    pub(super) async fn see_everything(&mut self) {
        self.serve("served", "sales").await;
        self.serve("served too", "support").await;
        self.trouble().await;
        self.route("passed on", "sales").await;
        let declined = self.offered().await;
        let decline = v1::DeclineOfferRequest {
            offer_id: declined.id,
            ..v1::DeclineOfferRequest::default()
        };
        assert_eq!(self.ann.command(Say::DeclineOffer(decline)).await, None);
        self.report("passed on", "", CallReport::CallerGone).await;
        self.serve("talked", "sales").await;
        self.route("transferred", "sales").await;
        let offer = self.talk().await;
        let transfer = v1::TransferCallRequest {
            call_id: "transferred".into(),
            offer_id: offer.id,
            queue: "support".into(),
            ..v1::TransferCallRequest::default()
        };
        let transfer = self.here(transfer);
        self.world.routing().transfer_call(transfer).await.unwrap();
        self.ann.until(v1::Work::WrapUp).await;
        self.leave_some_waiting().await;
    }

    /// What agents report, and what supervisors tell them.
    async fn trouble(&mut self) {
        let line = |over| v1::ReportTroubleRequest {
            trouble: v1::Trouble::Line.into(),
            over,
            ..v1::ReportTroubleRequest::default()
        };
        for over in [false, true] {
            let refusal = self.ann.command(Say::ReportTrouble(line(over))).await;
            assert_eq!(refusal, None);
        }
        let message = v1::SendMessageRequest {
            recipient: Some(Recipient::AgentId("ann".into())),
            text: "well done".into(),
            supervisor: "sue".into(),
            ..v1::SendMessageRequest::default()
        };
        let message = self.here(message);
        let sent = self.world.supervision().send_message(message).await;
        let read = v1::AcknowledgeMessageRequest {
            message_id: sent.unwrap().into_inner().message_id,
            ..v1::AcknowledgeMessageRequest::default()
        };
        assert_eq!(self.ann.command(Say::AcknowledgeMessage(read)).await, None);
    }

    /// Nobody is free: calls wait, leave, move and become callbacks.
    async fn leave_some_waiting(&self) {
        for id in ["waits", "gone", "withdrawn", "moved", "moved later"] {
            self.route(id, "sales").await;
        }
        for id in ["called back", "waits too"] {
            self.route(id, "support").await;
        }
        self.route("never", "nobody").await;
        self.report("gone", "", CallReport::CallerGone).await;
        let withdrawn = v1::CancelCallRequest {
            call_id: "withdrawn".into(),
        };
        let withdrawn = self.here(withdrawn);
        self.world.routing().cancel_call(withdrawn).await.unwrap();
        let back = self.here(v1::RequestCallbackRequest {
            call_id: "called back".into(),
            not_before: None,
        });
        self.world.routing().request_callback(back).await.unwrap();
        for (id, queue) in [
            ("moved", "support"),
            ("moved later", "support"),
            ("called back", "sales"),
        ] {
            let moved = self.here(v1::MoveCallRequest {
                call_id: id.into(),
                queue: queue.into(),
                ..v1::MoveCallRequest::default()
            });
            self.world.supervision().move_call(moved).await.unwrap();
        }
    }

    /// The page of metrics.
    pub(super) async fn page(&self) -> String {
        let (status, page) = self.world.http("/metrics").await;
        assert_eq!(status, 200);
        page
    }

    /// The value of a series of this pool: its name, and its labels but the pool.
    pub(super) fn value(&self, page: &str, name: &str, labels: &str) -> Option<String> {
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!(",{labels}")
        };
        let start = format!("{name}{{pool=\"{}\"{labels}}} ", self.pool);
        let found = page.lines().find_map(|line| line.strip_prefix(&start));
        found.map(str::to_owned)
    }
}
