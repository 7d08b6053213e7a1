//! The program in a real terminal: what is on the screen, what keys do, and that the terminal is as before afterwards.

mod golden;
mod pane;
mod scene;

use rustix::process::{Pid, Signal, kill_process};

use self::{
    golden::check,
    pane::Pane,
    scene::{POOL, Scene},
};
use crate::support::program::Server;

/// Something that only a colour says: the codes for the colours of letters.
fn has_colour(text: &str) -> bool {
    let codes = text.split('\x1b').skip(1);
    let mut codes = codes.filter_map(|code| code.strip_prefix('[')?.split_once('m'));
    codes.any(|(code, _)| {
        let mut numbers = code
            .split(';')
            .filter_map(|number| number.parse::<u8>().ok());
        numbers.any(|number| (30..=38).contains(&number))
    })
}

/// The lines between which agents are listed, by their ids.
fn listed<'t>(screen: &'t str, ids: &[&'t str]) -> Vec<&'t str> {
    let words = screen.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        words.find(|word| *word != "!")
    });
    words.filter(|word| ids.contains(word)).collect()
}

#[test]
fn a_pool_in_trouble_is_seen_at_a_glance() {
    let mut scene = Scene::set();
    board_in_two_sizes(&scene);
    keys_do_what_they_say(&scene);
    colours_are_for_those_who_want_them(&scene);
    agents_and_calls_are_watched(&scene);
    a_server_that_goes_away_is_told(&mut scene);
}

/// Everything that is wrong has come to pass.
fn is_settled(screen: &str) -> bool {
    let all = [
        "OUTAGE provider coastcable",
        "LATE queue billing",
        "CLOSED queue retention",
    ];
    let lost = screen.matches(" lost").count() >= 5 && !screen.contains("silent");
    all.iter().all(|words| screen.contains(words)) && lost
}

fn board_in_two_sizes(scene: &Scene) {
    let pane = Pane::run((80, 24), &[], &scene.with(&["top"]));
    let screen = pane.until("trouble", is_settled);
    check("top-80x24", &screen, 80);
    let lines: Vec<&str> = screen.lines().collect();
    assert_eq!(lines.len(), 24);
    assert!(lines[0].starts_with("pool default at ") && lines[0].ends_with("live"));
    assert!(lines[1].starts_with("! "), "what is wrong comes first");
    assert!(
        lines[23].starts_with("q quit"),
        "the keys are at the bottom"
    );
    pane.resize(200, 50);
    let screen = pane.until("a wide board", |text| {
        text.contains("takes calls")
            && !text.contains("silent")
            && text.lines().last().is_some_and(|l| l.starts_with('q'))
    });
    check("top-200x50", &screen, 200);
    pane.resize(40, 10);
    let screen = pane.until("a small board", |text| {
        text.lines().count() == 10 && text.lines().next().is_some_and(|l| l.ends_with("live"))
    });
    assert!(screen.contains("! OUTAGE"), "{screen}");
    pane.press(&["q"]);
    pane.until("the end", |text| text.contains("ended with 0"));
}

fn keys_do_what_they_say(scene: &Scene) {
    let pane = Pane::run((120, 40), &[], &scene.with(&["top"]));
    let screen = pane.wait_for("k-4711");
    let ids = ["abena", "bruno", "chen", "greta", "hugo"];
    assert_eq!(
        listed(&screen, &ids),
        ["chen", "hugo", "greta", "bruno", "abena"]
    );
    pane.press(&["s"]);
    let screen = pane.wait_for("sort:id");
    assert_eq!(listed(&screen, &ids), ids);
    pane.press(&["/", "CHEN"]);
    pane.wait_for("filter: CHEN_");
    pane.press(&["Enter"]);
    let screen = pane.wait_for("filter=CHEN");
    assert_eq!(listed(&screen, &ids), ["chen"]);
    pane.press(&["Escape"]);
    let screen = pane.until("everybody", |text| !text.contains("filter=CHEN"));
    assert_eq!(listed(&screen, &ids), ids);
    pane.press(&["?"]);
    pane.wait_for("any key goes back");
    pane.press(&["x", "a"]);
    let screen = pane.until("agents alone", |text| {
        text.contains("sort:id") && !text.contains("sl_offered")
    });
    assert_eq!(listed(&screen, &ids), ids);
    pane.press(&["p"]);
    let stopped = pane.wait_for("UTC  PAUSED");
    pane.press(&["a"]);
    let screen = pane.until("queues alone", |text| !text.contains("abena"));
    assert_eq!(
        screen.lines().next(),
        stopped.lines().next(),
        "it stands still"
    );
    pane.press(&["p"]);
    pane.wait_for("UTC  live");
    pane.press(&["C-c"]);
    pane.is_left("ended with 0");

    let pane = Pane::run((80, 12), &[], &scene.with(&["top"]));
    pane.wait_for("! OUTAGE");
    pane.press(&["a", "End"]);

    pane.until("the last row", |text| text.contains("-9 of 9"));
    kill_process(Pid::from_raw(pane.pid()).unwrap(), Signal::TERM).unwrap();
    pane.is_left("ended with 0");
}

fn colours_are_for_those_who_want_them(scene: &Scene) {
    let top = scene.with(&["top"]);
    let pane = Pane::run((80, 24), &[], &top);
    pane.until("trouble", is_settled);
    assert!(has_colour(&pane.coloured()));
    let without = scene.with(&["top", "--no-color"]);
    for (variables, arguments) in [(&["NO_COLOR=1"][..], &top), (&[], &without)] {
        let pane = Pane::run((80, 24), variables, arguments);
        let screen = pane.until("trouble", is_settled);
        assert!(!has_colour(&pane.coloured()));
        check("top-80x24", &screen, 80);
    }
}

fn agents_and_calls_are_watched(scene: &Scene) {
    let pane = Pane::run((80, 24), &[], &scene.with(&["agent", "watch"]));
    let screen = pane.until("the agents", |text| text.matches(" lost").count() >= 5);
    check("agent-watch-80x24", &screen, 80);
    pane.press(&["q"]);
    pane.is_left("ended with 0");
    let pane = Pane::run((80, 24), &[], &scene.with(&["call", "watch"]));
    let screen = pane.wait_for("k-4713");
    check("call-watch-80x24", &screen, 80);
    pane.resize(200, 50);
    let screen = pane.wait_for("platform");
    check("call-watch-200x50", &screen, 200);
    pane.press(&["q"]);
    pane.until("the end", |text| text.contains("ended with 0"));
    for (list, lines) in [("agent", 10), ("queue", 5)] {
        let pane = Pane::run((80, 24), &[], &scene.with(&[list, "list"]));
        let screen = pane.wait_for("ended with 0");
        let table: Vec<&str> = screen.lines().skip(2).take(lines).collect();
        check(&format!("{list}-list-80x24"), &table.join("\n"), 80);
    }
}

fn a_server_that_goes_away_is_told(scene: &mut Scene) {
    let arguments: Vec<String> = scene
        .with(&["top"])
        .into_iter()
        .map(str::to_owned)
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let pane = Pane::run((100, 30), &[], &arguments);
    pane.wait_for("UTC  live");
    scene.server.kill_and_restart_after(|_data| {
        let screen = pane.wait_for("! STALE nothing heard since");
        let head = screen.lines().next().unwrap();
        assert!(head.ends_with("UTC  ! STALE"), "{head}");
        let lasts = |text: &str| {
            let line = text.lines().nth(1).unwrap_or_default();
            line.split(", trying").next().map(str::to_owned)
        };
        let first = lasts(&screen);
        let later = pane.until("some time", |text| {
            text.contains("! STALE nothing heard since") && lasts(text) != first
        });
        assert_eq!(later.lines().next(), Some(head), "the time stands still");
    });
    let screen = pane.wait_for("UTC  live");
    assert!(!screen.contains("STALE"), "{screen}");
    assert_eq!(
        scene.told(&["top", "--once", "--json"])["stale"],
        serde_json::Value::Null
    );
    pane.press(&["q"]);
    pane.is_left("ended with 0");
}

/// Ids and how they are shown: terminals do not agree on how wide the first are.
const ODD: [(&str, &str); 6] = [
    ("hangul\u{3164}", "hangul\u{fffd}"),
    ("❤\u{fe0f}", "❤"),
    ("🇩🇪", "DE"),
    ("✌🏽", "\u{fffd}"),
    ("寒い日", "寒い日"),
    ("a-plain-one", "a-plain-one"),
];

#[test]
fn odd_names_leave_nothing_on_the_screen() {
    let rows = ODD.iter().enumerate().map(|(number, (id, _))| {
        let team = ODD.len() - number;
        format!("{id},home-{number},home,team-{team}\n")
    });
    let agents = format!("id,site,site_kind,team\n{}", rows.collect::<String>());
    let server = Server::with(POOL, &agents);
    let arguments = ["--server", &server.url, "agent", "watch"];
    let pane = Pane::run((80, 24), &[], &arguments);
    pane.wait_for("a-plain-one");
    pane.press(&["s", "s", "s", "s"]);
    let screen = pane.wait_for("sort:team");
    let rows = screen.lines().filter(|line| line.contains(" team-"));
    let words = rows.map(|row| row.split_whitespace().take(2).collect::<Vec<_>>());
    let expected = ODD.iter().rev().map(|(_, shown)| vec![*shown, "offline"]);
    assert!(words.eq(expected), "{screen}");
    pane.press(&["q"]);
    pane.is_left("ended with 0");
}
