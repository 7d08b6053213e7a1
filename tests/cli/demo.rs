//! The demo by itself.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::program::{json, run};

#[test]
fn the_demo_moves_and_ends_by_itself() {
    let (code, stdout, stderr) = run(&["demo", "--seconds", "8", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stderr.contains("call route --queue billing")
            && stderr.contains("/metrics")
            && stderr.contains("By its clock it is Monday 20"),
        "{stderr}"
    );
    let last = json(stdout.lines().last().expect("a board"));
    let queues = last["queues"].as_array().unwrap();
    let accepted: u64 = queues
        .iter()
        .filter_map(|queue| queue["accepted"].as_u64())
        .sum();
    assert!(queues.len() == 4 && accepted >= 4, "{last}");
    assert!(last["agents"]["offline"].as_u64() < Some(40), "{last}");
}

#[test]
fn in_the_demo_a_provider_fails_and_it_is_one_event() {
    let (code, stdout, stderr) = run(&["demo", "--seconds", "40", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let lines: Vec<Value> = stdout.lines().map(json).collect();
    let outages = lines
        .iter()
        .flat_map(|line| line["outages"].as_array().unwrap());
    let told: BTreeSet<&str> = outages.map(|outage| outage.as_str().unwrap()).collect();
    assert_eq!(told.len(), 1, "one event: {told:?}");
    assert!(
        told.iter()
            .all(|told| told.starts_with("provider coastcable: ")),
        "{told:?}"
    );
    let last = lines.last().unwrap();
    assert!(
        last["agents"]["unreachable"].as_i64().unwrap() >= 5,
        "{last}"
    );
    let answered = |line: &Value| -> u64 {
        let queues = line["queues"].as_array().unwrap().iter();
        queues
            .map(|queue| queue["answered"].as_u64().unwrap())
            .sum()
    };
    let during: Vec<u64> = lines
        .iter()
        .filter(|line| !line["outages"].as_array().unwrap().is_empty())
        .map(answered)
        .collect();
    assert!(
        during.first() < during.last(),
        "calls are answered elsewhere: {during:?}"
    );
    assert!(stderr.contains("agent explain: Agent `"), "{stderr}");
    assert!(stderr.contains("call explain:  Call `"), "{stderr}");
    callback_kept_its_place(&stderr);
}

#[test]
fn on_a_monday_the_demo_finds_a_peak_which_ends_by_itself() {
    let (code, stdout, stderr) = run(&["demo", "--scene", "monday", "--seconds", "140", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains(", 09:00 in Paris"), "{stderr}");
    let lines: Vec<Value> = stdout.lines().map(json).collect();
    let queue = |place: usize| &lines[place]["queues"][0];
    let told = |place: usize, what: &str| queue(place)[what].as_u64().unwrap();
    let in_peak = |place: &usize| queue(*place)["peak"] == "site_load";
    let begins = (0..lines.len()).find(in_peak).expect("a peak");
    let last = (0..lines.len()).rfind(in_peak).unwrap();
    assert!(last + 1 < lines.len(), "it ends: {stdout}");
    assert!((begins..=last).all(|place| in_peak(&place)), "one peak");
    // On site before and after, at home during the peak.
    let before = begins - 1;
    assert!(told(before, "diverted") > 5 && told(before, "accepted") == 0);
    let minute = |place: &usize| {
        let since = lines[begins]["elapsed_ms"].as_u64().unwrap() - 3_000;
        lines[*place]["elapsed_ms"].as_u64().unwrap() - since <= 60_000
    };
    let within = (begins..lines.len()).filter(minute);
    let answered = within.map(|place| told(place, "answered")).max();
    assert!(answered > Some(5), "{answered:?}");
    let end = lines.len() - 1;
    assert!(told(end, "diverted") > told(begins, "diverted"), "{stdout}");
    for note in ["peak: agents at home serve `billing`", "peak: over;"] {
        assert!(stderr.contains(note), "{stderr}");
    }
}

/// The caller who hung up was called back, and the wait had gone on meanwhile.
fn callback_kept_its_place(told: &str) {
    let told: Vec<&str> = told
        .lines()
        .filter_map(|line| line.split_once("callback: ").map(|(_, told)| told))
        .collect();
    let [hung_up, called_back] = told[..] else {
        panic!("a callback is told in two lines: {told:?}");
    };
    let id = |line: &str| line.split('`').nth(1).map(str::to_owned);
    assert_eq!(id(hung_up), id(called_back), "{told:?}");
    let waited_s = |line: &str| -> f64 {
        let number = line.split_once("a wait of ").expect("a wait").1;
        let number = number.split_once(' ').expect("a unit").0;
        number.parse().expect("seconds")
    };
    assert!(hung_up.contains("keeps its place"), "{told:?}");
    assert!(waited_s(called_back) > waited_s(hung_up), "{told:?}");
}
