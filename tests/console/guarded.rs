//! Who is let in, and what browsers are told to leave out.

use std::collections::BTreeMap;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::World;

/// An answer: its status, headers and body.
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

async fn ask(
    world: &World,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut stream = TcpStream::connect(world.server.http()).await.unwrap();
    let mut request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    let host = world.server.http().to_string();
    let given = |name: &str| headers.iter().any(|(key, _)| *key == name);
    if !given("host") {
        request += &format!("host: {host}\r\n");
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        request += "content-type: application/x-www-form-urlencoded\r\n";
        request += &format!("content-length: {}\r\n", body.len());
    }
    stream
        .write_all(format!("{request}\r\n{body}").as_bytes())
        .await
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let lines = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "));
    Answer {
        status: head[9..12].parse().unwrap(),
        headers: lines
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

const DRAIN: &str = "about=home&reason=x&sure=yes";
const ORDER: &str = "/pools/default/orders/drain";

#[tokio::test]
async fn pages_leave_scripts_frames_and_others_out() {
    let world = World::with_agents().await;
    for path in [
        "/",
        "/pools/default",
        "/pools/default/calls",
        "/pools/none",
        "/nowhere",
        "/pools/default/tables/queues.csv",
    ] {
        let answer = ask(&world, "GET", path, &[], "").await;
        let policy = &answer.headers["content-security-policy"];
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(
            answer.headers["x-content-type-options"], "nosniff",
            "{path}"
        );
        assert_eq!(answer.headers["referrer-policy"], "same-origin", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert!(
            !answer.body.contains("style=\"") && !answer.body.contains(" onclick"),
            "{path}"
        );
        assert!(!answer.body.contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn files_of_pages_are_kept_for_long_and_named_by_their_content() {
    let world = World::with_agents().await;
    let page = ask(&world, "GET", "/pools/default", &[], "").await.body;
    for (file, kind) in [
        ("console.css", "text/css"),
        ("board.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ] {
        let address = page
            .split('"')
            .find(|text| text.ends_with(file) && text.starts_with("/assets/"));
        let answer = ask(&world, "GET", address.unwrap(), &[], "").await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(answer.headers["content-type"].starts_with(kind), "{file}");
        assert!(
            answer.headers["cache-control"].contains("immutable"),
            "{file}"
        );
    }
    for path in [
        "/assets/x/..%2fmod.rs",
        "/assets/x/none.js",
        "/assets/x/%2e%2e",
    ] {
        assert_eq!(
            ask(&world, "GET", path, &[], "").await.status,
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn orders_and_sockets_of_other_pages_are_refused() {
    let world = World::with_agents().await;
    let own = format!("http://{}", world.server.http());
    let socket = [
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ];
    for foreign in [
        vec![],
        vec![("origin", "http://evil.example")],
        vec![("origin", "null")],
        vec![("sec-fetch-site", "cross-site"), ("origin", own.as_str())],
        vec![("sec-fetch-site", "same-site")],
    ] {
        let answer = ask(&world, "POST", ORDER, &foreign, DRAIN).await;
        assert_eq!(answer.status, 403, "{foreign:?}: {}", answer.body);
        let headers = [&foreign[..], &socket].concat();
        let answer = ask(
            &world,
            "GET",
            "/pools/default/desk/ann/socket",
            &headers,
            "",
        )
        .await;
        assert_eq!(answer.status, 403, "{foreign:?}: {}", answer.body);
    }
    for origin in [
        vec![("origin", own.as_str())],
        vec![("sec-fetch-site", "same-origin")],
    ] {
        let answer = ask(&world, "POST", ORDER, &origin, DRAIN).await;
        assert_eq!(answer.status, 303, "{origin:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_name_that_somebody_else_points_here_is_refused() {
    let world = World::with_agents().await;
    for host in ["evil.example", "127.0.0.1.evil.example:80"] {
        let headers = [("host", host), ("origin", "http://evil.example")];
        assert_eq!(
            ask(&world, "GET", "/", &headers, "").await.status,
            421,
            "{host}"
        );
        assert_eq!(
            ask(&world, "POST", ORDER, &headers, DRAIN).await.status,
            421,
            "{host}"
        );
        // Those who watch the service come by names that nobody knows here.
        assert_eq!(
            ask(&world, "GET", "/metrics", &[("host", host)], "")
                .await
                .status,
            200,
            "{host}"
        );
    }
    let headers = [("host", "localhost:1")];
    assert_eq!(ask(&world, "GET", "/", &headers, "").await.status, 200);
}

#[tokio::test]
async fn a_desk_is_its_agents_alone() {
    let world = World::with_agents().await;
    let cookie = ("cookie", "homeshore-agent=default%0Abob");
    let desk = ask(&world, "GET", "/pools/default/desk/ann", &[cookie], "").await;
    assert_eq!((desk.status, desk.headers["location"].as_str()), (303, "/"));
    let mine = ask(&world, "GET", "/pools/default/desk/ann/mine", &[cookie], "").await;
    assert_eq!(mine.status, 403);
    let own = ask(&world, "GET", "/pools/default/desk/bob/mine", &[cookie], "").await;
    assert_eq!(own.status, 200);
    let file: serde_json::Value =
        serde_json::from_str(&own.body[own.body.find('{').unwrap()..=own.body.rfind('}').unwrap()])
            .unwrap();
    assert_eq!(file["record"]["id"], "bob");
    assert!(
        file["record"]["address"].as_str().unwrap().contains("bob"),
        "{file}"
    );
    assert_eq!(file["calls"], serde_json::json!([]));
}
