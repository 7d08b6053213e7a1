//! Calls of gRPC methods, counted under the names that gRPC dashboards know.

use std::time::Duration;

use homeshore::proto::v1::{
    self, pool_service_client::PoolServiceClient, routing_service_client::RoutingServiceClient,
    supervision_service_client::SupervisionServiceClient,
};
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};

use tower::Service;

use crate::support::{agent, call, get, in_time, pool, program::Server, told};

const UNARY: &str = "grpc_type=\"unary\",grpc_service=\"homeshore.v1.SupervisionService\",grpc_method=\"ListQueues\"";
const POLL: &str =
    "grpc_type=\"unary\",grpc_service=\"homeshore.v1.RoutingService\",grpc_method=\"GetCall\"";
const UNKNOWN: &str = "grpc_type=\"unary\",grpc_service=\"unknown\",grpc_method=\"unknown\"";
const STREAM: &str = "grpc_type=\"server_stream\",grpc_service=\"homeshore.v1.SupervisionService\",grpc_method=\"WatchPool\"";

/// The value of a series on the page of a program that serves this test alone.
async fn value(server: &Server, series: &str) -> Option<String> {
    let (_, page) = get(&server.http, "/metrics").await;
    let value = page.lines().find_map(|line| line.strip_prefix(series));
    value.map(|value| value.trim().to_owned())
}

async fn started(server: &Server, method: &str) -> Option<String> {
    value(server, &format!("grpc_server_started_total{{{method}}}")).await
}

async fn handled(server: &Server, method: &str, code: &str) -> Option<String> {
    let series = format!("grpc_server_handled_total{{{method},grpc_code=\"{code}\"}}");
    value(server, &series).await
}

async fn seconds_count(server: &Server, method: &str) -> Option<String> {
    let series = format!("grpc_server_handling_seconds_count{{{method}}}");
    value(server, &series).await
}

async fn connect(server: &Server) -> Channel {
    let endpoint = Endpoint::from_shared(server.url.clone()).unwrap();
    endpoint.connect().await.unwrap()
}

/// Gives the program a pool.
async fn apply_pool(server: &Server) {
    let mut pools = PoolServiceClient::new(connect(server).await);
    let apply = v1::ApplyPoolRequest {
        pool: Some(pool()),
        ..v1::ApplyPoolRequest::default()
    };
    pools.apply_pool(apply).await.unwrap();
}

#[tokio::test]
async fn calls_are_counted_when_they_begin_and_by_code_when_they_end() {
    let server = Server::start();
    let mut client = SupervisionServiceClient::new(connect(&server).await);
    assert_eq!(handled(&server, UNARY, "OK").await.as_deref(), Some("0"));
    let asked = v1::ListQueuesRequest::default();
    let refused = client.list_queues(asked.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    apply_pool(&server).await;
    client.list_queues(asked).await.unwrap();
    assert_eq!(started(&server, UNARY).await.as_deref(), Some("2"));
    for (code, count) in [("OK", "1"), ("NotFound", "1"), ("Canceled", "0")] {
        let shown = handled(&server, UNARY, code).await;
        assert_eq!(shown.as_deref(), Some(count), "{code}");
    }
    assert_eq!(seconds_count(&server, UNARY).await.as_deref(), Some("2"));
    let received = format!("grpc_server_msg_received_total{{{UNARY}}}");
    assert_eq!(value(&server, &received).await.as_deref(), Some("2"));
    let sent = format!("grpc_server_msg_sent_total{{{UNARY}}}");
    assert_eq!(value(&server, &sent).await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_stream_is_handled_when_it_is_over() {
    let server = Server::start();
    apply_pool(&server).await;
    let mut client = SupervisionServiceClient::new(connect(&server).await);
    let watch = client.watch_pool(v1::WatchPoolRequest::default()).await;
    let mut watch = watch.unwrap().into_inner();
    in_time("the first rows", watch.message()).await.unwrap();
    assert_eq!(started(&server, STREAM).await.as_deref(), Some("1"));
    assert_eq!(seconds_count(&server, STREAM).await.as_deref(), Some("0"));
    let open = "homeshore_streams_open{kind=\"watch\"}";
    assert_eq!(value(&server, open).await.as_deref(), Some("1"));
    drop((watch, client));
    let over =
        async { while handled(&server, STREAM, "Canceled").await.as_deref() != Some("1") {} };
    in_time("the end of the stream", over).await;
    assert_eq!(seconds_count(&server, STREAM).await.as_deref(), Some("1"));
    let closed = async { while value(&server, open).await.as_deref() != Some("0") {} };
    in_time("the end of the watch", closed).await;
}

#[tokio::test]
async fn what_is_no_method_is_counted_as_one() {
    let server = Server::start();
    let (_, before) = get(&server.http, "/metrics").await;
    let series = |page: &str| {
        let lines = page.lines().filter(|line| line.starts_with("grpc_server_"));
        lines.count()
    };
    let mut client = tonic::client::Grpc::new(connect(&server).await);
    for path in ["/homeshore.v1.RoutingService/Nope", "/etc/passwd"] {
        client.ready().await.unwrap();
        let codec =
            tonic_prost::ProstCodec::<v1::ListPoolsRequest, v1::ListPoolsRequest>::default();
        let path = http::uri::PathAndQuery::from_static(path);
        let message = tonic::Request::new(v1::ListPoolsRequest::default());
        let refused = client.unary(message, path, codec).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unimplemented);
    }
    let (_, page) = get(&server.http, "/metrics").await;
    assert_eq!(series(&page), series(&before));
    assert!(!page.contains("Nope") && !page.contains("passwd"));
    let counted = handled(&server, UNKNOWN, "Unimplemented").await;
    assert_eq!(counted.as_deref(), Some("2"));
    assert_eq!(started(&server, UNKNOWN).await.as_deref(), Some("2"));
}

#[tokio::test]
async fn what_a_client_sends_that_is_no_message_is_its_own_mistake() {
    let server = Server::start();
    let mut channel = connect(&server).await;
    for (method, body) in [
        ("POST", "{}"),
        ("POST", ""),
        ("GET", ""),
        ("POST", "\0\0\0\0\x09half"),
        ("POST", "\u{1}\0\0\0\0"),
    ] {
        let path = "/homeshore.v1.SupervisionService/ListQueues";
        let request = http::Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/grpc");
        let body = tonic::body::Body::new(axum::body::Body::from(body));
        std::future::poll_fn(|cx| channel.poll_ready(cx))
            .await
            .unwrap();
        let answer = channel.call(request.body(body).unwrap()).await.unwrap();
        let refused = tonic::Status::from_header_map(answer.headers()).unwrap();
        let (code, reason, _) = told(&refused);
        assert_eq!(
            (code, reason.as_str()),
            (Code::InvalidArgument, "MESSAGE_UNREADABLE"),
            "{method} {refused:?}"
        );
    }
    for (code, count) in [("InvalidArgument", "5"), ("Internal", "0")] {
        let shown = handled(&server, UNARY, code).await;
        assert_eq!(shown.as_deref(), Some(count), "{code}");
    }
}

#[tokio::test]
async fn a_call_that_lasts_until_its_deadline_is_counted_so() {
    let server = Server::start();
    apply_pool(&server).await;
    let mut directory =
        v1::directory_service_client::DirectoryServiceClient::new(connect(&server).await);
    let agents = v1::ApplyAgentsRequest {
        agents: vec![agent("ann")],
        ..v1::ApplyAgentsRequest::default()
    };
    directory.apply_agents(agents).await.unwrap();
    let mut routing = RoutingServiceClient::new(connect(&server).await);
    routing.route_call(call("c1")).await.unwrap();
    let mut poll = tonic::Request::new(v1::GetCallRequest {
        call_id: "c1".into(),
        wait_for_change: true,
        // No change is newer: nothing but the deadline ends it.
        known_change_number: u64::MAX,
    });
    poll.set_timeout(Duration::from_secs(1));
    routing.get_call(poll).await.unwrap_err();
    let over =
        async { while handled(&server, POLL, "DeadlineExceeded").await.as_deref() != Some("1") {} };
    in_time("the end of the poll", over).await;
    let left = handled(&server, POLL, "Canceled").await;
    assert_eq!(left.as_deref(), Some("0"));
}
