//! The streams behind boards: numbered, resumed after what a board has, and shared by all that show the same.

use std::collections::BTreeMap;

use homeshore::{config::Config, config::Sources, proto::v1};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::support::{World, call, in_time, settings};

/// A board's stream.
struct Stream {
    lines: BufReader<TcpStream>,
    last: String,
}

impl Stream {
    /// Opens one; it goes on after this event, if it has one.
    async fn open(world: &World, query: &str, last: Option<&str>) -> Self {
        let mut socket = TcpStream::connect(world.server.http()).await.unwrap();
        let resume = last.map_or_else(String::new, |last| format!("last-event-id: {last}\r\n"));
        // The old version has no chunks.
        let request =
            format!("GET /pools/default/live{query} HTTP/1.0\r\nhost: 127.0.0.1\r\n{resume}\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        Self {
            lines: BufReader::new(socket),
            last: String::new(),
        }
    }

    /// The next event; none once the stream is over.
    async fn next(&mut self) -> Option<Value> {
        loop {
            let mut line = String::new();
            let read = in_time("a line", self.lines.read_line(&mut line))
                .await
                .unwrap();
            if read == 0 {
                return None;
            }
            if let Some(id) = line.strip_prefix("id: ") {
                id.trim().clone_into(&mut self.last);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }

    /// Reads on until a part has these words; answers the event.
    async fn wait_for(&mut self, part: &str, words: &str) -> Value {
        loop {
            let event = self.next().await.expect("the stream goes on");
            let html = event["parts"][part].as_str().unwrap_or_default();
            if html.contains(words) {
                return event;
            }
        }
    }
}

const ONE_WAITS: &str = "<td class=\"n fine\">1</td>";

#[tokio::test]
async fn a_board_is_told_what_changes_and_goes_on_where_it_was() {
    let world = World::with_agents().await;
    let mut first = Stream::open(&world, "", None).await;
    let all = first.next().await.unwrap();
    assert_eq!(all["all"], true);
    for part in [
        "alerts", "tiles", "states", "curve", "pager", "q:sales", "a:ann", "a:bob",
    ] {
        assert!(all["parts"][part].is_string(), "{part} in {all}");
    }
    assert_eq!(
        all["lists"]["agents"],
        serde_json::json!(["a:ann", "a:bob"])
    );
    let began = first.last.clone();
    world.routing().route_call(call("1")).await.unwrap();
    let change = first.wait_for("q:sales", ONE_WAITS).await;
    assert!(
        change["parts"]["a:ann"].is_null(),
        "only what changed: {change}"
    );
    assert!(change["all"].is_null());
    let mut resumed = Stream::open(&world, "", Some(&began)).await;
    let again = resumed.wait_for("q:sales", ONE_WAITS).await;
    assert!(
        again["all"].is_null(),
        "a board that resumes is given what it missed"
    );
    // One from another process, or from too long ago, is given everything.
    for strange in ["1-1", "x", &format!("{}9999999", resumed.last)] {
        let mut stream = Stream::open(&world, "", Some(strange)).await;
        assert_eq!(stream.next().await.unwrap()["all"], true, "{strange}");
    }
}

#[tokio::test]
async fn a_board_lists_the_agents_that_are_asked_for() {
    let world = World::with_agents().await;
    for (query, expected) in [
        ("?find=BOB", serde_json::json!(["a:bob"])),
        (
            "?team=is%20north&state=offline",
            serde_json::json!(["a:ann", "a:bob"]),
        ),
        ("?team=is%20south", Value::Null),
        ("?state=connected", Value::Null),
        ("?look=wall", Value::Null),
        ("?page=1", Value::Null),
    ] {
        let mut stream = Stream::open(&world, query, None).await;
        let all = stream.next().await.unwrap();
        assert_eq!(all["lists"]["agents"], expected, "{query}");
    }
}

#[tokio::test]
async fn boards_end_with_their_server() {
    let world = World::with_agents().await;
    let mut stream = Stream::open(&world, "", None).await;
    stream.next().await.unwrap();
    let ended = tokio::spawn(async move { while stream.next().await.is_some() {} });
    assert!(
        in_time("the end", world.server.shutdown()).await,
        "nothing holds the end up"
    );
    in_time("the end of the stream", ended).await.unwrap();
}

#[tokio::test]
async fn thresholds_come_from_the_settings() {
    let sources = Sources::default()
        .with("--grpc", "server.grpc", Some("127.0.0.1:0".to_owned()))
        .with("--http", "server.http", Some("127.0.0.1:0".to_owned()))
        .with(
            "--warning",
            "board.wait_warning_percent",
            Some("1".to_owned()),
        )
        .with(
            "--critical",
            "board.wait_critical_percent",
            Some("2".to_owned()),
        );
    let config = Config::load(&sources).unwrap();
    assert_ne!(config, settings());
    let world = World::start_with(
        homeshore::store::memory::Memory::default(),
        &config,
        homeshore::api::Times::default(),
    )
    .await;
    world.apply_pool(crate::support::pool()).await.unwrap();
    world
        .apply_agents(vec![crate::support::agent("ann")])
        .await
        .unwrap();
    let mut stream = Stream::open(&world, "", None).await;
    let mut late = call("1");
    late.attributes = BTreeMap::new();
    world.routing().route_call(late).await.unwrap();
    stream.wait_for("alerts", "class=\"critical\"").await;
    let pause = v1::PauseQueueRequest {
        queue: "sales".to_owned(),
        supervisor: "sue".to_owned(),
        reason: "a <b>drill</b>".to_owned(),
        ..v1::PauseQueueRequest::default()
    };
    world.supervision().pause_queue(pause).await.unwrap();
    let told = stream.wait_for("alerts", "&#60;b&#62;drill").await;
    assert!(
        !told["parts"]["alerts"]
            .as_str()
            .unwrap()
            .contains("<b>drill"),
        "texts are text"
    );
}
