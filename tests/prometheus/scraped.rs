//! What a real Prometheus says of a server that it reads.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use homeshore::{
    metrics::{Kind, TABLE},
    proto::v1,
};
use rustix::process::{Pid, Signal, kill_process};

use super::{dashboards, floor::Floor, table, watcher::Watcher};
use crate::support::{program::command, to_pool};

/// The demo, ended with the test: it takes its server along.
struct Demo {
    child: Child,
    /// Where its server shows its metrics.
    http: String,
}

impl Demo {
    fn start() -> Self {
        let mut child = command(&["demo", "--json"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let http = lines.by_ref().find_map(|line| {
            let line = line.unwrap();
            let address = line.trim().strip_prefix("metrics")?.trim();
            let address = address.strip_prefix("http://")?.strip_suffix("/metrics")?;
            Some(address.to_owned())
        });
        // What it tells later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            http: http.expect("the demo says where its metrics are"),
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ended_before = kill_process(pid, Signal::INT);
        }
        let _ended_before = self.child.wait();
    }
}

/// The expressions of a file of rules, and whether each is an alert's.
fn rules(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(expr) = line.trim().strip_prefix("expr: ") else {
            continue;
        };
        if expr != ">-" {
            found.push(expr.to_owned());
            continue;
        }
        let indent = |line: &str| line.len() - line.trim_start().len();
        let mut whole = String::new();
        while let Some(part) = lines.next_if(|part| indent(part) > indent(line)) {
            whole = whole + " " + part.trim();
        }
        found.push(whole);
    }
    found
}

/// Rules and dashboards ask what Prometheus understands, and of a contact centre at work it has an answer.
#[tokio::test]
async fn a_prometheus_reads_the_demo_and_answers_every_question() {
    let demo = Demo::start();
    let watcher = Watcher::of(&demo.http);
    watcher.until("min(up) == 1 and count(up) == 2").await;
    // Each kind of thing that some panel divides by has happened, and the rules have seen it.
    watcher
        .until(
            "sum(pool_queue:homeshore_sl_answered:approx_rate6h >= 0) >= 0 \
             and sum(pool_queue:homeshore_handle_seconds:mean30m > 0) > 0 \
             and sum(rate(homeshore_commit_seconds_count[1m])) > 0",
        )
        .await;

    let names: BTreeSet<String> = watcher.names().await.into_iter().collect();
    for [name, kind, _] in table::documented() {
        let shown = if kind == "histogram" {
            format!("{name}_bucket")
        } else {
            name
        };
        assert!(names.contains(&shown), "{shown} was not read");
    }
    assert!(names.contains("process_start_time_seconds"));

    let recorded = rules(include_str!("../../deploy/prometheus/rules.yml"));
    let asked = dashboards::all();
    let asked = asked
        .iter()
        .flat_map(|(_, dashboard)| dashboards::questions(dashboard));
    for question in recorded.into_iter().chain(asked) {
        match watcher.ask(&question).await {
            Ok(rows) => assert!(!rows.is_empty(), "no answer to `{question}`"),
            Err(problem) => panic!("`{question}`: {problem}"),
        }
    }
    for question in rules(include_str!("../../deploy/prometheus/alerts.yml")) {
        let answer = watcher.ask(&question).await;
        assert!(answer.is_ok(), "`{question}`: {answer:?}");
    }
}

async fn levels_told(floor: &Floor) -> (Vec<v1::QueueStatus>, i64) {
    let list = to_pool(floor.pool, v1::ListQueuesRequest::default());
    let told = floor.world.supervision().list_queues(list).await.unwrap();
    let numbers = to_pool(floor.pool, v1::GetPoolNumbersRequest {});
    let numbers = floor.world.supervision().get_pool_numbers(numbers).await;
    let day = numbers.unwrap().into_inner().as_of.unwrap().seconds / 86_400;
    (told.into_inner().queues, day)
}

#[tokio::test]
async fn service_levels_by_prometheus_are_those_of_the_service() {
    let mut floor = Floor::open("levels").await;
    let watcher = Watcher::of(&floor.world.server.http().to_string());
    let here = |question: &str| question.replace("{}", "{pool=\"levels\"}");
    // Rates see what comes after the first reading.
    watcher
        .until(&here("count(homeshore_calls_accepted_total{} == 0) == 3"))
        .await;
    let (_, day) = levels_told(&floor).await;
    floor.see_everything().await;
    watcher
        .until(&here(
            "pool_queue:homeshore_calls_answered:rate6h{} > 0 \
             and on () sum(homeshore_calls_accepted_total{}) == 12 \
             and on () sum(rate(homeshore_calls_moved_in_total{}[30m])) > 0",
        ))
        .await;
    let (queues, day_after) = levels_told(&floor).await;
    if day != day_after {
        return eprintln!("the day of UTC ended meanwhile: its counts went with it");
    }
    // The rules may be a moment older than what was read: the same is asked of both at once.
    for (level, of) in [
        (
            "sl_offered",
            "pool_queue:homeshore_sl_offered:approx_rate6h{}",
        ),
        (
            "sl_answered",
            "pool_queue:homeshore_sl_answered:approx_rate6h{}",
        ),
        (
            "sl_excl_short",
            "pool_queue:homeshore_sl_excl_short:approx_rate6h{}",
        ),
    ] {
        for queue in queues.iter().filter(|queue| queue.id != "nobody") {
            let told = match level {
                "sl_offered" => queue.sl_offered,
                "sl_answered" => queue.sl_answered,
                _ => queue.sl_excl_short,
            };
            let told = told.expect("calls were offered and answered");
            let labels = format!("{{pool=\"levels\", queue=\"{}\"}}", queue.id);
            let rule = of.replace("{}", &labels);
            // Shares are told in thousandths, rounded down.
            let same = format!("abs({rule} - {told} - 0.0005) < 0.000501");
            watcher.until(&format!("count({same})")).await;
        }
    }
}

#[tokio::test]
async fn gauges_are_of_one_exporter_and_end_with_it() {
    let floor = Floor::open("owned").await;
    let gauges: Vec<&str> = TABLE
        .iter()
        .filter(|metric| metric.kind == Kind::Gauge && metric.labels.contains(&"pool"))
        .map(|metric| metric.name)
        .collect();
    let shown = async |world: &crate::support::World| {
        let (_, page) = world.http("/metrics").await;
        let shown = gauges.iter().filter(|name| {
            let series = format!("{name}{{pool=\"owned\"");
            page.lines().any(|line| line.starts_with(&series))
        });
        shown.count()
    };
    assert_eq!(shown(&floor.world).await, gauges.len());
    // Another server of the same process shares the recorder, and does not own the pool.
    let other = crate::support::World::start().await;
    assert_eq!(shown(&other).await, 0);
}
