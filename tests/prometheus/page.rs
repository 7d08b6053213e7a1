//! What the page of metrics says, and that Prometheus' own checker accepts it.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use homeshore::{metrics::TABLE, proto::v1};

use super::floor::Floor;
use crate::support::{in_time, pool, queue, tools::tool};

/// What a checker said, if it found fault.
pub(super) fn promtool(arguments: &[&str], input: &str) -> Result<String, String> {
    let mut child = Command::new(tool("promtool"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    if output.status.success() {
        Ok(told)
    } else {
        Err(told)
    }
}

#[tokio::test]
async fn promtool_accepts_the_page_and_every_metric_is_there() {
    let mut floor = Floor::open("promtool").await;
    floor.see_everything().await;
    let page = floor.page().await;
    assert_eq!(promtool(&["check", "metrics"], &page), Ok(String::new()));
    for metric in TABLE {
        let kind = format!("# TYPE {} ", metric.name);
        assert!(page.contains(&kind), "{} is missing", metric.name);
    }
}

#[tokio::test]
async fn what_happened_is_counted_once() {
    let mut floor = Floor::open("counted").await;
    floor.see_everything().await;
    let page = floor.page().await;
    for (name, labels, value) in [
        ("calls_accepted_total", "queue=\"sales\"", "9"),
        ("calls_accepted_total", "queue=\"support\"", "3"),
        (
            "calls_diverted_total",
            "queue=\"nobody\",reason=\"no_agent_ever\"",
            "1",
        ),
        ("calls_answered_total", "queue=\"sales\"", "3"),
        (
            "calls_moved_total",
            "queue=\"sales\",cause=\"transfer\"",
            "1",
        ),
        ("calls_moved_in_total", "queue=\"support\"", "3"),
        ("calls_moved_in_total", "queue=\"sales\"", "1"),
        ("callbacks_requested_total", "queue=\"support\"", "1"),
        ("callbacks_requested_total", "queue=\"sales\"", "1"),
        ("wrap_up_seconds_count", "queue=\"sales\"", "2"),
        ("wrap_up_seconds_count", "queue=\"support\"", "1"),
        ("call_talk_seconds_count", "queue=\"sales\"", "3"),
        ("offer_response_seconds_count", "queue=\"sales\"", "4"),
        (
            "offers_ended_total",
            "queue=\"sales\",outcome=\"declined\"",
            "1",
        ),
        ("trouble_reports_total", "kind=\"bad_line\"", "1"),
        ("messages_sent_total", "", "1"),
        ("messages_ended_total", "cause=\"acknowledged\"", "1"),
        ("pool_opened_total", "cause=\"start\"", "1"),
        ("pool_entries", "kind=\"agents\"", "2"),
        ("pool_entries", "kind=\"live_calls\"", "6"),
        ("pool_entries_limit", "kind=\"agents\"", "200000"),
        ("queue_target_seconds", "queue=\"sales\"", "20"),
        ("pool_open", "", "1"),
        ("rescinds_waiting", "", "0"),
        ("forced_ends_total", "reason=\"wrap_up_limit\"", "0"),
    ] {
        let name = format!("homeshore_{name}");
        let shown = floor.value(&page, &name, labels);
        assert_eq!(shown.as_deref(), Some(value), "{name} {labels}");
    }
}

#[tokio::test]
async fn gauges_of_a_queue_end_with_it() {
    let floor = Floor::open("shrunk").await;
    let waiting = "homeshore_calls_waiting{pool=\"shrunk\",queue=\"support\"}";
    assert!(floor.page().await.contains(waiting));
    let smaller = v1::Pool {
        id: floor.pool.to_owned(),
        queues: vec![queue("sales")],
        ..pool()
    };
    floor.world.apply_pool(smaller).await.unwrap();
    let page = floor.page().await;
    let gauges = TABLE
        .iter()
        .filter(|metric| metric.kind == homeshore::metrics::Kind::Gauge);
    for gauge in gauges {
        let left = page.lines().find(|line| {
            line.starts_with(gauge.name) && line.contains("\"shrunk\",queue=\"support\"")
        });
        assert_eq!(left, None);
    }
    assert!(page.contains("homeshore_calls_waiting{pool=\"shrunk\",queue=\"sales\"}"));
    let counter = "homeshore_calls_accepted_total{pool=\"shrunk\",queue=\"support\"} 0";
    assert!(page.contains(counter), "counters stay");
}

#[tokio::test]
async fn time_in_a_state_is_counted_while_it_goes_on() {
    let floor = Floor::open("spent").await;
    let spent = async {
        loop {
            let page = floor.page().await;
            let value = |kind, state: &str| {
                let labels = format!("site_kind=\"{kind}\",state=\"{state}\"");
                let value = floor.value(&page, "homeshore_agent_seconds_total", &labels);
                value.map(|value| value.parse::<u64>().unwrap())
            };
            assert_eq!(value("telecentre", "available"), Some(0), "nobody is there");
            if value("home", "available") >= Some(1) && value("home", "offline") >= Some(1) {
                return;
            }
        }
    };
    in_time("a second", spent).await;
}
