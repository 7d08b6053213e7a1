//! Stored states of every released format load, mean the same, and go on working.
//!
//! A golden file has a line for each entity: its key, a space, its JSON. A new format adds a file; none is changed.

use std::{fs, path::PathBuf};

use homeshore::engine::{
    Engine, Limits,
    command::Command,
    ids::{Moment, PoolTime, WallTime},
    record::Record,
};

use super::{script::player_after, world::pool};

/// A pool in which every kind of entity and every state of a call and an agent occurs.
const EVERY_STATE: &str = "
0 queue q ring=0:fr:2/home ring=20:fr:1 time_out=600 wrap=60
0 queue p ring=0:billing:1 mode=ring max=5
0 agent ann fr:3
0 agent bob fr:3
0 agent cid billing:2 telecentre
0 agent dan fr:2|billing:3 on_site
0 agent eve fr:5
0 in ann
0 in bob
0 in cid
0 in eve
1 break eve
2 route c1
2 accept ann o1
2 answered c1 o1
3 route c2
3 accept bob o2
3.5 off bob
4 route c3 p priority=high from=sbc
22 tick
23 route c4 q skill=billing:2
24 route c5
25 gone c5
26 external eve on
27 detach sbc
28 heard cid
28 close p until=90
28 keep feed r-17
28 tell ann call me back
28 tell team:blue hello
28 bad-line cid
28 late eve 900
28 registered dan pbx 600
28 delete ann drain
29 queue r ring=0:fr:1 zone=UTC peaks=8/3
29 site r 9 40 4
29 import r history
29 import r forecast
30 judge r 40 20 high short=3
30 wall 2026-03-02T00:10:30Z
30 tick
";

#[test]
fn every_released_format_loads() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/engine/golden");
    let mut formats = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let records: Vec<Record> = text.lines().map(record).collect();
        let mut engine = Engine::load(pool(), Limits::default(), &records, PoolTime(28_000))
            .expect("a released format loads");
        engine.check_all();
        assert_eq!(
            lines(&engine.dump()),
            text,
            "what was loaded is what is stored again"
        );
        let at = Moment {
            now: PoolTime(100_000),
            wall: WallTime(0),
        };
        engine
            .apply(
                at,
                &Command::Recover { undone_after: None },
                &mut Vec::new(),
            )
            .expect("a loaded pool goes on");
        engine.check_all();
        formats += 1;
    }
    assert!(formats >= 1, "no golden file was found");
}

#[test]
fn the_newest_golden_file_is_what_this_release_writes() {
    let dump = lines(&player_after(EVERY_STATE).dump());
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/engine/golden/format-1.txt");
    if std::env::var_os("HOMESHORE_WRITE_GOLDEN").is_some() {
        fs::write(&file, &dump).unwrap();
    }
    assert_eq!(
        fs::read_to_string(file).unwrap(),
        dump,
        "a changed form needs a new format number"
    );
}

#[test]
fn a_newer_format_or_a_damaged_entity_is_refused_by_its_key() {
    let golden = player_after(EVERY_STATE).dump();
    let load = |records: &[Record]| {
        Engine::load(pool(), Limits::default(), records, PoolTime(0))
            .map(|_| ())
            .map_err(|e| e.to_string())
    };
    let mut newer = golden.clone();
    newer[0].value = br#"{"format":2,"body":{}}"#.to_vec();
    let refusal = load(&newer).unwrap_err();
    assert!(
        refusal.contains(&golden[0].key) && refusal.contains("newer release"),
        "{refusal}"
    );
    for at in 0..golden.len() {
        let mut damaged = golden.clone();
        damaged[at].value.truncate(20);
        let refusal = load(&damaged).unwrap_err();
        assert!(refusal.contains(&golden[at].key), "{refusal}");
    }
}

fn record(line: &str) -> Record {
    let (key, value) = line
        .split_once(' ')
        .expect("a line is a key, a space and JSON");
    Record {
        key: key.to_owned(),
        value: value.as_bytes().to_vec(),
    }
}

fn lines(records: &[Record]) -> String {
    let line = |record: &Record| {
        format!(
            "{} {}\n",
            record.key,
            String::from_utf8_lossy(&record.value)
        )
    };
    records.iter().map(line).collect()
}

#[test]
fn a_damaged_entity_is_left_out_unless_others_hold_on_to_it() {
    let golden = player_after(EVERY_STATE).dump();
    let salvage = |records: &[Record]| {
        let now = PoolTime(28_000);
        Engine::salvage(&pool(), Limits::default(), records, now)
    };
    let (engine, left_out) = salvage(&golden).unwrap();
    assert!(left_out.is_empty());
    assert_eq!(engine.dump(), golden);
    let mut kept = Vec::new();
    for at in 0..golden.len() {
        let mut damaged = golden.clone();
        damaged[at].value.truncate(20);
        let key = &golden[at].key;
        let told = match salvage(&damaged) {
            Ok((mut engine, left_out)) => {
                kept.push(key.as_str());
                let at = Moment {
                    now: PoolTime(100_000),
                    wall: WallTime(0),
                };
                let recover = Command::Recover { undone_after: None };
                engine.apply(at, &recover, &mut Vec::new()).unwrap();
                engine.check_all();
                let told = left_out.iter().map(ToString::to_string);
                told.collect::<Vec<_>>().join("; ")
            }
            Err(problem) => problem.to_string(),
        };
        assert!(told.contains(key), "{key}: {told}");
    }
    // Neither the configuration nor the numbers, and nothing that is in somebody's hand.
    for key in ["pool", "numbers", "agent/ann", "call-state/c1"] {
        assert!(!kept.contains(&key), "{key} cannot be left out");
    }
    let tombstones = golden
        .iter()
        .filter(|record| record.key.starts_with("tombstone/"));
    for tombstone in tombstones {
        let key = tombstone.key.as_str();
        assert!(kept.contains(&key), "{key} can be left out");
    }
}
