//! Arrivals, imports and peaks as a user meets them.

use std::fmt::Write as _;

use jiff::civil::{DateTime, Weekday};
use serde_json::{Value, json};

use super::served::AtWork;
use crate::support::{
    get,
    program::{AGENTS, Server, done, file, json as read},
};

const POOL: &str = "\
[[queues]]
id = \"billing\"
target = \"20s\"
serve = \"windows_and_peaks\"
zone = \"Europe/Paris\"
[queues.peaks]
site_waiting_on = 8
site_waiting_off = 2
[[queues.rings]]
after = \"0s\"
skills = { billing = 1 }
[[queues]]
id = \"always\"
target = \"20s\"
[[queues.rings]]
after = \"0s\"
skills = { billing = 1 }
";

fn server_at(time: &str) -> Server {
    Server::starting_at(time).serving(POOL, AGENTS)
}

/// Ten weeks of quarters of an hour up to a Monday morning, whose last quarter of an hour, from nine on, has three times the
/// usual calls. They vary a little, always the same.
fn ten_weeks() -> String {
    let mut text = "interval_start,billing\n".to_owned();
    let mut at: DateTime = "2026-09-21T08:00".parse().unwrap();
    let last: DateTime = "2026-11-30T09:00".parse().unwrap();
    let mut chance: u32 = 17;
    while at <= last {
        if at.date().weekday() != Weekday::Sunday && (8..18).contains(&at.hour()) {
            chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let calls = 50 + (chance >> 16) % 21;
            let calls = if at == last { 3 * calls } else { calls };
            writeln!(text, "{},{calls}", at.strftime("%Y-%m-%d %H:%M")).unwrap();
        }
        at = at.saturating_add(jiff::Span::new().minutes(15));
    }
    text
}

#[test]
fn a_surge_makes_a_peak_when_its_interval_is_over_and_remote_agents_are_offered_its_calls() {
    // The interval from nine on, in Paris, is over some seconds after the start.
    let server = server_at("2026-11-30T08:14:50Z");
    let before = server.run(&["call", "route", "--queue", "billing", "--no-wait"]);
    assert!(before.1.contains("on_site"), "{before:?}");
    let mut follower = AtWork::start(&server, &["events", "follow", "--after", "0", "--json"]);
    let history = file(server.folder(), "history.csv", &ten_weeks());
    let imported = server.told(&["history", "import", &history]);
    assert_eq!(imported["kind"], "history");
    assert_eq!(imported["queues"][0]["days_too_old"], 0);
    let judged: Value = read(&follower.wait_for("interval_judged"));
    assert_eq!(
        (&judged["high"], &judged["source"]),
        (&true.into(), &"learned".into()),
        "{judged}"
    );
    let peak: Value = read(&follower.wait_for("peak_started"));
    assert_eq!(
        (&peak["cause"], &peak["queue"]),
        (&"arrivals".into(), &"billing".into()),
        "{peak}"
    );
    let mut ann = AtWork::start(&server, &["agent", "set", "ann", "ready", "--accept"]);
    ann.wait_for("ready, idle");
    done(server.run(&[
        "call", "route", "--queue", "billing", "--id", "k1", "--talk", "100ms",
    ]));
    follower.wait_for("offer_made");
    let queue = server.told(&["queue", "list"])["queues"][1].clone();
    assert_eq!(
        (&queue["id"], &queue["peak"]["cause"]),
        (&"billing".into(), &"arrivals".into()),
        "{queue}"
    );
    let (_, list, _) = server.run(&["queue", "list"]);
    assert!(list.contains("in a peak until"), "{list}");
    let (_, top, _) = server.run(&["top", "--once"]);
    assert!(
        top.contains("! PEAK queue billing: arrivals above the baseline, since"),
        "{top}"
    );
    let (_, metrics) = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(get(&server.http, "/metrics"));
    for row in [
        "homeshore_peaks_total{pool=\"default\",queue=\"billing\",cause=\"arrivals\"} 1",
        "homeshore_queue_peak{pool=\"default\",queue=\"billing\"} 1",
        "homeshore_queue_open{pool=\"default\",queue=\"billing\"} 1",
    ] {
        assert!(metrics.lines().any(|line| line == row), "{row}");
    }
    let age = metrics.lines().find_map(|line| {
        line.strip_prefix("homeshore_baseline_age_seconds{pool=\"default\",queue=\"billing\"} ")
    });
    let age: f64 = age.expect("a baseline").parse().unwrap();
    assert!(
        (119_000.0..121_000.0).contains(&age),
        "since the end of Saturday: {age}"
    );
}

#[test]
fn a_supervisor_declares_a_peak_and_ends_it() {
    let server = Server::with(POOL, AGENTS);
    let route = || server.run(&["call", "route", "--queue", "billing", "--no-wait"]);
    assert!(route().1.contains("on_site"));
    let declare = [
        "queue",
        "declare-peak",
        "billing",
        "--reason",
        "storm",
        "--for",
        "2h",
    ];
    let declared: Value = read(&done(
        server.run_as_sue(&[&declare[..], &["--json"]].concat()),
    ));
    let peak = &declared["peak"];
    assert_eq!(
        (&peak["cause"], &peak["reason"], &peak["supervisor"]),
        (&"declared".into(), &"storm".into(), &"sue".into())
    );
    let (code, out, err) = route();
    assert_eq!(code, 0, "{out}{err}");
    let ended = server.run_as_sue(&["queue", "end-peak", "billing", "--json"]);
    assert_eq!(read(&done(ended))["peak"], Value::Null);
    assert!(route().1.contains("on_site"));
    let other = ["queue", "declare-peak", "always", "--reason", "storm"];
    let (code, _, err) = server.run_as_sue(&other);
    assert!(
        code == 1 && err.contains("which is served `always`"),
        "{code} {err}"
    );
}

/// A file's name, what it is imported as, its rows, and what is told of it.
const NOT_RIGHT: [(&str, &str, &str, &str); 9] = [
    (
        "negative",
        "history",
        "2026-11-02 08:00,4\n2026-11-02 08:15,-4\n",
        ":3: `billing` is `-4`",
    ),
    (
        "word",
        "history",
        "2026-11-02 08:00,many\n",
        ":2: `billing` is `many`",
    ),
    (
        "time",
        "history",
        "noon,4\n",
        ":2: `interval_start` is `noon`",
    ),
    (
        "twice",
        "history",
        "2026-11-02 08:00,4\n2026-11-02 08:00,4\n",
        ":3: `interval_start`",
    ),
    (
        "cut",
        "history",
        "2026-11-02 08:00\n",
        ":2: `row` cannot be read",
    ),
    (
        "odd",
        "history",
        "2026-11-02 08:00,4\n2026-11-02 08:07,4\n",
        ":1: `interval_start` has rows 7 minutes apart",
    ),
    (
        "gap",
        "forecast",
        "2026-12-01 08:00,4\n2026-12-01 08:15,4\n2026-12-01 09:00,4\n",
        ":4: `interval_start`",
    ),
    (
        "empty",
        "forecast",
        "2026-12-01 08:00,4\n2026-12-01 08:15,\n",
        ":3: `billing` is empty",
    ),
    (
        "below",
        "forecast",
        "2026-12-01 08:00,-1\n",
        ":2: `billing` is `-1`",
    ),
];

#[test]
fn files_that_are_not_right_are_refused_with_line_and_reason_and_nothing_is_imported() {
    let server = server_at("2026-11-30T08:00:30Z");
    for (name, kind, rows, expected) in NOT_RIGHT {
        let text = format!("interval_start,billing\n{rows}");
        let path = file(server.folder(), &format!("{name}.csv"), &text);
        let (code, out, err) = server.run(&[kind, "import", &path]);
        let expected = format!("{name}.csv{expected}");
        assert!(
            code == 2 && err.contains(&expected),
            "{name}: {code} {out}{err}"
        );
    }
    let path = file(
        server.folder(),
        "ok.csv",
        "interval_start,sales\n2026-11-02 08:00,4\n2026-11-02 08:15,5\n",
    );
    let (code, _, err) = server.run(&["history", "import", &path]);
    assert!(
        code == 2 && err.contains("ok.csv:1: `sales` is no queue of the pool"),
        "{code} {err}"
    );
    let (code, _, err) = server.run(&["history", "import", &path, "--queue", "always=sales"]);
    assert!(
        code == 2 && err.contains("give the zone of the file's times with --zone"),
        "{err}"
    );
    let events = server.run(&["events", "follow", "--until-now", "--json"]).1;
    assert!(!events.contains("volumes_imported"), "{events}");
}

#[test]
fn arrivals_are_listed_beside_what_was_imported_and_what_is_missing_is_a_dash() {
    let server = server_at("2026-11-30T08:20:00Z");
    let routed = server.run(&["call", "route", "--queue", "billing", "--no-wait"]);
    assert!(routed.1.contains("on_site"), "{routed:?}");
    let history =
        "interval_start,Rechnung\n2026-11-30 08:00,12\n2026-11-30 08:30,\n2026-11-30 09:00,7\n";
    let history = file(server.folder(), "history.csv", history);
    let args = ["history", "import", &history, "--queue", "billing=Rechnung"];
    assert!(done(server.run(&args)).contains("Rechnung"));
    let asked = [
        "queue",
        "arrivals",
        "billing",
        "--from",
        "2026-11-30T07:00:00Z",
    ];
    let told = server.told(&asked);
    let rows: Vec<Value> = told["intervals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["start"], row["counts"]["arrived"], row["imported"]]))
        .collect();
    let row =
        |time: &str, imported: Value| json!([format!("2026-11-30T{time}:00Z"), null, imported]);
    assert_eq!(
        rows,
        [
            row("07:00", json!(6.0)),
            row("07:15", json!(6.0)),
            row("07:30", Value::Null),
            row("07:45", Value::Null),
            row("08:00", json!(3.5)),
            row("08:15", json!(3.5)),
        ]
    );
    let (_, table, _) = server.run(&asked);
    assert!(
        table.contains("arrived") && table.contains("6.0"),
        "{table}"
    );
    let (code, _, err) = server.run(&["queue", "arrivals", "nowhere"]);
    assert!(code == 1 && err.contains("`nowhere`"), "{code} {err}");
}
