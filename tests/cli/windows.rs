//! Windows as a user meets them, on a server whose calendar begins on a Monday evening.

use serde_json::json;

use crate::support::program::{AGENTS, Server};

const POOL: &str = "\
[[queues]]
id = \"billing\"
target = \"20s\"
serve = \"windows\"
zone = \"Europe/Paris\"
windows = [{ days = [\"monday\"], hours = \"17:30-22:00\" }]
[[queues.rings]]
after = \"0s\"
skills = { billing = 1 }
";

fn server_at(time: &str) -> Server {
    Server::starting_at(time).serving(POOL, AGENTS)
}

#[test]
fn before_its_window_a_queue_stays_on_site_and_says_when_it_opens() {
    let server = server_at("2026-11-30T16:25:00Z");
    let (code, stdout, stderr) = server.run(&["call", "route", "--queue", "billing", "--no-wait"]);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(
        stdout.contains("on_site") && stdout.contains("2026-11-30T16:30:00Z"),
        "{stdout}{stderr}"
    );
    let queue = &server.told(&["queue", "list"])["queues"][0];
    let opening = json!({"open": false, "until": "2026-11-30T16:30:00Z"});
    assert_eq!(
        (&queue["opening"], &queue["diverted_total"]),
        (&opening, &1.into())
    );
    let (_, stdout, stderr) = server.run(&["queue", "list"]);
    assert!(
        stdout.contains("on site until 16:30:00 UTC"),
        "{stdout}{stderr}"
    );
}

#[test]
fn in_its_window_a_queue_takes_calls() {
    let server = server_at("2026-11-30T17:31:00+01:00");
    let (code, stdout, stderr) = server.run(&["call", "route", "--queue", "billing", "--no-wait"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let queue = &server.told(&["queue", "list"])["queues"][0];
    let opening = json!({"open": true, "until": "2026-11-30T21:00:00Z"});
    assert_eq!(
        (&queue["opening"], &queue["waiting"]),
        (&opening, &1.into())
    );
}
