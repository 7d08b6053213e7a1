//! A platform that routes one call after the other through any of several servers, and what must hold of them afterwards.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use homeshore::{
    clock,
    proto::v1::{GetCallRequest, RouteCallRequest, routing_service_client::RoutingServiceClient},
};
use tokio::task::JoinHandle;
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};

use crate::support::{program::run, redis::until, replicas::Replicas};

/// What came of the calls.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Calls that were acknowledged.
    pub(super) acknowledged: Vec<String>,
    /// Answers that were none.
    pub(super) refused: usize,
    /// The longest time without an acknowledgement.
    pub(super) gap: Duration,
}

/// A platform at work.
pub(super) struct Caller {
    over: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    calling: JoinHandle<Heard>,
}

impl Caller {
    /// Begins to route calls through these servers; another is asked when one does not answer.
    pub(super) fn start(urls: &[String]) -> Self {
        let channel = |url: &String| {
            let endpoint = Endpoint::from_shared(url.clone()).unwrap();
            endpoint.connect_lazy()
        };
        let channels: Vec<Channel> = urls.iter().map(channel).collect();
        let (over, acknowledged) = (Arc::default(), Arc::default());
        let calling = tokio::spawn(call(channels, Arc::clone(&over), Arc::clone(&acknowledged)));
        Self {
            over,
            acknowledged,
            calling,
        }
    }

    /// Waits until so many more calls are acknowledged.
    pub(super) fn wait_for(&self, more: usize) {
        let before = self.acknowledged.load(Ordering::Relaxed);
        until("calls are acknowledged", || {
            self.acknowledged.load(Ordering::Relaxed) >= before + more
        });
    }

    /// What came of the calls.
    pub(super) async fn end(self) -> Heard {
        self.over.store(true, Ordering::Relaxed);
        self.calling.await.unwrap()
    }
}

async fn call(channels: Vec<Channel>, over: Arc<AtomicBool>, count: Arc<AtomicUsize>) -> Heard {
    let mut heard = Heard::default();
    let mut last = clock::instant();
    let mut at = 0;
    let mut number = 0;
    while !over.load(Ordering::Relaxed) {
        let id = format!("c{number}");
        let mut client = RoutingServiceClient::new(channels[at % channels.len()].clone());
        let mut request = Request::new(RouteCallRequest {
            call_id: id.clone(),
            queue: "billing".to_owned(),
            platform: "pbx".to_owned(),
            instance: "one".to_owned(),
            ..RouteCallRequest::default()
        });
        request.set_timeout(Duration::from_secs(2));
        // A server that is frozen does not even say that it is late.
        let answer = tokio::time::timeout(Duration::from_secs(2), client.route_call(request));
        if let Ok(Ok(_)) = answer.await {
            heard.gap = heard.gap.max(last.elapsed());
            last = clock::instant();
            heard.acknowledged.push(id);
            count.fetch_add(1, Ordering::Relaxed);
            number += 1;
        } else {
            // The same call again, elsewhere.
            heard.refused += 1;
            at += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    heard
}

impl Heard {
    /// Everything that was acknowledged is known, through this server, and the pool's history keeps every rule.
    pub(super) async fn check(&self, replicas: &Replicas, through: usize) {
        let server = &replicas.servers[through];
        let endpoint = Endpoint::from_shared(server.url.clone()).unwrap();
        let mut client = RoutingServiceClient::new(endpoint.connect().await.unwrap());
        for id in &self.acknowledged {
            let request = GetCallRequest {
                call_id: id.clone(),
                ..GetCallRequest::default()
            };
            let known = client.get_call(request).await;
            assert!(known.is_ok(), "{id}: {known:?}");
        }
        let events = replicas.redis.ask(&["XRANGE", "hs:{default}:o", "-", "+"]);
        let lines: Vec<&str> = events
            .lines()
            .filter(|line| line.starts_with('{'))
            .collect();
        let accepted = |line: &&&str| line.contains("\"call_queued\"");
        let count = lines.iter().filter(accepted).count();
        assert_eq!(count, self.acknowledged.len(), "each call is accepted once");
        let file = server.folder().join("events.jsonl");
        fs::write(&file, lines.join("\n") + "\n").unwrap();
        let (code, out, error) = run(&["events", "check", file.to_str().unwrap()]);
        assert_eq!(code, 0, "{out}{error}");
    }
}
