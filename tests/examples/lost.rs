//! Conversations that the service asks about, or no longer knows: they go on.

use std::fs;

use super::{
    clients::{AGENTS, PLATFORMS, POOL, agent, records, server, server_with},
    example::{
        Example,
        Language::{self, Python},
    },
};
use crate::support::{
    get,
    program::{Server, copy, file},
};

fn platform(of: (Language, &str), server: &Server, more: &[&str]) -> Example {
    let arguments = [&["--deadline", "20"], more].concat();
    Example::start(of.0, of.1, server, &arguments)
}

/// Asked after the shortest time that a pool may set, each platform says that they talk; else there would be two reports.
#[tokio::test]
async fn a_long_conversation_is_said_to_go_on() {
    let server = server_with(POOL);
    let pool = fs::read_to_string(POOL).unwrap();
    let short = pool.replace("target = ", "longest_call = \"1m\"\ntarget = ");
    let pool = file(server.folder(), "short.toml", &short);
    let third = fs::read_to_string(AGENTS).unwrap();
    let third = third.replace("ann", "cat").replace("Ann", "Cat");
    let agents = file(server.folder(), "third.csv", &third);
    server.apply(&pool, &agents);
    let _agents = ["ann", "ben", "cat"].map(|id| agent(Python, &server, id));
    let running = PLATFORMS.map(|each| platform(each, &server, &["--talk", "64"]));
    for pbx in running {
        let said = pbx.finish();
        assert!(said.last().unwrap().contains("OUTCOME_HANDLED"), "{said:?}");
    }
    assert_eq!(records(&server).len(), 3);
    let (_, metrics) = get(&server.http, "/metrics").await;
    for line in [
        "homeshore_talks_questioned_total{pool=\"default\"} 3",
        "homeshore_commands_total{command=\"report_call\",result=\"done\"} 9",
    ] {
        assert!(metrics.contains(line), "no `{line}` in {metrics}");
    }
}

/// One caller talks, one waits, and the server comes back as it was before both: with its pool, or with nothing at all.
fn forgets(of: (Language, &str), has_pool: bool) {
    let mut server = server();
    let kept = server.folder().join("kept");
    server.kill_and_restart_after(|data| copy(data, &kept));
    let ann = agent(Python, &server, "ann");
    let mut talking = platform(of, &server, &["--talk", "15", "--instance", "one"]);
    talking.wait_for("CALL_STATE_CONNECTED");
    let mut waiting = platform(of, &server, &["--instance", "two"]);
    waiting.wait_for("CALL_STATE_QUEUED");
    drop(ann);
    server.kill_and_restart_after(|data| {
        fs::remove_dir_all(data).unwrap();
        if has_pool {
            copy(&kept, data);
        }
    });
    if has_pool {
        waiting.wait_for("CALL_STATE_QUEUED");
    } else {
        waiting.wait_for("takes the static route");
    }
    let said = talking.finish();
    assert!(
        said.last().unwrap().contains("talked to the end"),
        "{said:?}"
    );
    assert!(
        !said.iter().any(|line| line.contains("static route")),
        "{said:?}"
    );
    if has_pool {
        assert_eq!(records(&server), [], "it was not routed again");
    }
}

#[test]
fn a_server_that_comes_back_without_the_calls_gets_the_waiting_ones_again() {
    for each in PLATFORMS {
        forgets(each, true);
    }
}

#[test]
fn a_server_that_comes_back_empty_leaves_waiting_callers_to_the_static_route() {
    for each in PLATFORMS {
        forgets(each, false);
    }
}
