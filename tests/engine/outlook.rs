//! What labour rules say of an agent at a time that somebody asks for.

use homeshore::engine::{
    Engine,
    ids::{AgentId, WallTime},
    outlook::LabourOutlook,
    rejection::Rejection,
};

use super::{
    script::{ms, player_after},
    world::wall,
};

/// Ann is at work from 8:00 on a Monday, an hour behind the clocks of Paris, where she works until 18:00 with a break at noon. It is
/// 9:30, and she had a break of 15 min at 9:00.
fn ann(more: &str) -> Engine {
    player_after(&format!(
        "0 queue q ring=0:fr:1\n\
         0 labour fr Europe/Paris breaks=break\n\
         0 agent ann fr:3 home hours=8-20\n\
         0 agent bob fr:3 home\n\
         {more}\
         8:00 in ann\n\
         9:00 break ann\n\
         9:15 ready ann\n\
         9:30 tick\n"
    ))
}

const PLAN: &str = "0 revise 0 ann=8:00-18:00(break@12:00-12:30)\n";

fn at(text: &str) -> WallTime {
    wall(ms(text))
}

fn clock(at: WallTime) -> String {
    let ahead_ms = at.0 - wall(0).0;
    let (hours, minutes) = (ahead_ms / 3_600_000, ahead_ms / 60_000 % 60);
    format!("{hours}:{minutes:02}")
}

fn told(engine: &Engine, agent: &str, time: &str) -> String {
    let outlook = engine.labour_outlook(&AgentId::new(agent), at(time), at("9:30"));
    words(at(time), &outlook.expect("it is told"))
}

fn words(at: WallTime, outlook: &LabourOutlook) -> String {
    let minutes = |ms: i64| ms / 60_000;
    let since = outlook.since.map_or_else(|| "rest".to_owned(), clock);
    let mut words = vec![format!(
        "{since}, {} of {} min",
        minutes(outlook.day_ms),
        minutes(outlook.week_ms)
    )];
    let reasons = outlook.reasons(at);
    words.extend(reasons.iter().map(|reason| format!("!{}", reason.label())));
    words.extend(
        outlook
            .free_from
            .map(|from| format!("free {}", clock(from))),
    );
    let limits = outlook.verdicts.iter();
    words.extend(limits.map(|limit| format!("{} {}", limit.article, clock(limit.until))));
    words.join("; ")
}

#[test]
fn an_outlook_follows_records_and_then_the_plan() {
    let planned = ann(PLAN);
    let rows = [
        ("8:30", "8:00, 30 of 30 min; L3121-16 14:00; L3121-18 18:00"),
        ("9:05", "rest, 60 of 60 min; L3121-16 14:05; L3121-18 18:05"),
        ("9:30", "8:00, 75 of 75 min; L3121-16 14:15; L3121-18 18:15"),
        ("13:00", "8:00, 255 of 255 min; L3121-18 18:45"),
        ("17:59", "8:00, 554 of 554 min; L3121-18 18:45"),
        ("20:00", "rest, 555 of 555 min; !agreement; L3121-18 20:45"),
        (
            "27:00",
            "rest, 0 of 555 min; !agreement; !daily_rest; free 29:00; L3131-1 27:00; L3121-16 33:00; L3121-18 37:00",
        ),
        (
            "29:30",
            "rest, 0 of 555 min; !agreement; L3121-16 35:30; L3121-18 39:30",
        ),
    ];
    let said: Vec<String> = rows
        .iter()
        .map(|(time, _)| format!("{time} {}", told(&planned, "ann", time)))
        .collect();
    let expected: Vec<String> = rows
        .iter()
        .map(|(time, words)| format!("{time} {words}"))
        .collect();
    assert_eq!(said, expected);
}

#[test]
fn without_a_plan_an_agent_goes_on_as_now() {
    let free = ann("");
    let ann = "8:00, 405 of 405 min; !break_due; free 15:20; L3121-16 15:00; L3121-18 18:15";
    assert_eq!(told(&free, "ann", "15:00"), ann);
    assert_eq!(
        told(&free, "bob", "15:00"),
        "rest, 0 of 0 min; L3121-16 21:00; L3121-18 33:00"
    );
}

/// All of it is recorded, as she is on a break again.
#[test]
fn a_break_that_was_taken_is_no_work() {
    let engine = player_after(
        "0 queue q ring=0:fr:1\n\
         0 labour fr Europe/Paris breaks=break\n\
         0 agent ann fr:3 home\n\
         8:00 in ann\n\
         9:00 break ann\n\
         9:15 ready ann\n\
         9:25 break ann\n\
         9:30 tick\n",
    );
    let told = told(&engine, "ann", "9:05");
    assert!(told.starts_with("rest, 60 of 60 min;"), "{told}");
}

#[test]
fn what_cannot_be_told_is_refused() {
    let engine = ann("");
    let refused = |engine: &Engine, agent: &str, time: &str| {
        let outlook = engine.labour_outlook(&AgentId::new(agent), at(time), at("9:30"));
        outlook.expect_err("it is refused").to_string()
    };
    assert_eq!(
        refused(&engine, "zoe", "10:00"),
        Rejection::UnknownAgent(AgentId::new("zoe")).to_string()
    );
    assert_eq!(
        refused(&engine, "ann", "345:31"),
        "`at` is over 14 days away; give a nearer time"
    );
    let lawless = player_after("0 queue q ring=0:fr:1\n0 agent ann fr:3 home\n");
    assert_eq!(
        refused(&lawless, "ann", "10:00"),
        Rejection::NoLabourRules.to_string()
    );
}
