//! `records export`: for a spreadsheet and for programs, and after a power cut.

use homeshore::proto::v1::{self, routing_service_client::RoutingServiceClient};
use serde_json::Value;

use crate::support::program::{AGENTS, POOL, Server, json};

const HEADER: &str = "call_id,platform,instance,first_queue,last_queue,priority,accept_time,answer_time,end_time,\
wait_ms,talk_ms,outcome,callback,offers,transfers,overflow_pool,overflow_queue,agent_id,employer,team,site_kind,site_region,ring,\
policy,candidates,more_candidates,runner_up_id,idle_ms";

/// A call whose caller hangs up while waiting.
async fn abandoned(server: &Server, id: &str) {
    let endpoint = tonic::transport::Endpoint::from_shared(server.url.clone());
    let channel = endpoint.unwrap().connect().await.unwrap();
    let mut routing = RoutingServiceClient::new(channel);
    let call = v1::RouteCallRequest {
        call_id: id.to_owned(),
        queue: "billing".to_owned(),
        platform: "pbx, old".to_owned(),
        instance: "one".to_owned(),
        ..v1::RouteCallRequest::default()
    };
    routing.route_call(call).await.unwrap();
    let report = v1::ReportCallRequest {
        call_id: id.to_owned(),
        report: v1::CallReport::CallerGone.into(),
        ..v1::ReportCallRequest::default()
    };
    routing.report_call(report).await.unwrap();
}

#[tokio::test]
async fn records_are_exported_as_csv_and_json_lines_also_after_a_power_cut() {
    let mut server = Server::with(POOL, AGENTS);
    let (code, none, _) = server.run(&["records", "export"]);
    assert_eq!((code, none), (0, format!("{HEADER}\r\n")));
    abandoned(&server, "c1").await;
    let (code, before, _) = server.run(&["records", "export"]);
    assert_eq!(code, 0);
    server.kill_and_restart();
    let (code, after, _) = server.run(&["records", "export"]);
    assert_eq!((code, &after), (0, &before));
    let row = after.strip_prefix(&format!("{HEADER}\r\n")).unwrap();
    assert!(
        row.starts_with("c1,\"pbx, old\",one,billing,billing,,20"),
        "{row}"
    );
    assert!(
        row.ends_with(",abandoned,false,0,0,,,,,,,,,,,,,\r\n"),
        "{row}"
    );

    let (code, lines, _) = server.run(&["records", "export", "--format", "jsonl"]);
    let record = json(&lines);
    assert_eq!((code, &record["call_id"]), (0, &"c1".into()));
    assert_eq!(record["employer"], Value::Null);
    assert!(
        record["end_time"].as_str().unwrap().ends_with('Z'),
        "{record}"
    );
    let of = |more: &[&str]| server.run(&[&["records", "export", "--json"], more].concat());
    assert_eq!(
        of(&["--employer", "own"]),
        (0, String::new(), String::new())
    );
    assert_eq!(of(&["--queue", "billing"]).1, lines);
    assert_eq!(of(&["--from", "2020-01-01T00:00:00Z"]).1, lines);
    assert_eq!(of(&["--to", "2020-01-01T00:00:00Z"]).1, "");
}

#[test]
fn wrong_filters_are_refused() {
    let server = Server::with(POOL, AGENTS);
    for (code, words, arguments) in [
        (2, "--employer", &["--employer", ""][..]),
        (2, "--queue", &["--queue", ""]),
        (2, "--from", &["--from", "yesterday"]),
        (2, "--format", &["--format", "xml"]),
        (
            1,
            "later",
            &[
                "--from",
                "2026-01-02T00:00:00Z",
                "--to",
                "2026-01-01T00:00:00Z",
            ],
        ),
    ] {
        let (given, out, err) = server.run(&[&["records", "export"], arguments].concat());
        assert_eq!((given, &*out), (code, ""), "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
    }
}
