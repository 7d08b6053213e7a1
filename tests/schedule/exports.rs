//! What is exported reads back as what it was; what changes between two schedules; coverage.

use std::sync::Arc;

use homeshore::schedule::{Coverage, Diff, Segment, SegmentKind, Shift, coverage, export};
use jiff::{Timestamp, civil::date};
use proptest::prelude::*;

use super::{in_paris, read_in_paris, read_with, told};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn bare(shift: &Shift) -> Shift {
    Shift {
        row: 0,
        ..shift.clone()
    }
}

/// A name that may look like a formula, but has no blanks at its ends, as none has that was read.
fn name() -> impl Strategy<Value = String> {
    "[=+@'a-zé0-9\"-]([=+@'a-zé0-9 ,;\"-]{0,8}[=+@'a-zé0-9\"-])?"
}

/// Shifts around both changes of clocks, each of an agent of its own.
fn shifts() -> impl Strategy<Value = Vec<Shift>> {
    let around = prop_oneof![
        Just(1_774_740_000_i64),
        Just(1_792_890_000_i64),
        Just(1_782_890_000_i64)
    ];
    let one = (
        name(),
        name(),
        around,
        0..2_880_i64,
        2..960_i64,
        prop::collection::vec("[=a-z]{1,4}", 0..3),
        name(),
        0..4_usize,
    );
    prop::collection::vec(one, 1..5).prop_map(|all| {
        let make = |(number, (agent, name, around, start, length, mut skills, site, parts)): (
            usize,
            _,
        )| {
            let (agent, name, site): (String, String, String) = (agent, name, site);
            let (around, start, length): (i64, i64, i64) = (around, start, length);
            let skills: &mut Vec<String> = &mut skills;
            skills.sort();
            skills.dedup();
            let start = around + start * 60;
            let step = length * 60 / 10;
            let kinds = [
                SegmentKind::Break,
                SegmentKind::Training,
                SegmentKind::OnCall,
            ];
            let part = |at: usize| {
                let begin = start + i64::try_from(at).unwrap() * 3 * step;
                Segment {
                    kind: kinds[at],
                    start: self::at(begin),
                    end: self::at(begin + step),
                }
            };
            Shift {
                agent: format!("{agent}{number}").into(),
                name: name.as_str().into(),
                start: at(start),
                end: at(start + length * 60),
                skills: skills
                    .iter()
                    .map(|skill| Arc::from(skill.as_str()))
                    .collect(),
                site: site.as_str().into(),
                segments: (0..usize::min(parts, 3)).map(part).collect(),
                row: 0,
            }
        };
        all.into_iter().enumerate().map(make).collect()
    })
}

proptest! {
    #[test]
    fn what_is_exported_reads_back(shifts in shifts()) {
        let zone = in_paris().zone;
        let mut table = Vec::new();
        export::csv(&mut table, &shifts, &zone).unwrap();
        let reading = read_in_paris("t.csv", &table);
        prop_assert_eq!(reading.problems.errors(), 0, "{:?} {}", told(&reading), String::from_utf8_lossy(&table));
        let read: Vec<Shift> = reading.shifts.iter().map(bare).collect();
        prop_assert_eq!(&read, &shifts, "{}", String::from_utf8_lossy(&table));
        for shift in &shifts {
            let mut calendar = Vec::new();
            export::calendar(&mut calendar, &shift.agent, &[shift], at(0)).unwrap();
            let reading = read_in_paris("t.ics", &calendar);
            let read: Vec<Shift> = reading.shifts.iter().map(bare).collect();
            prop_assert_eq!(read, [shift.clone()], "{:?} {}", told(&reading), String::from_utf8_lossy(&calendar));
            prop_assert!(calendar.split(|byte| *byte == b'\n').all(|line| line.len() <= 76));
        }
    }
}

#[test]
fn no_cell_becomes_a_formula() {
    let text = "agent,name,date,start,end,site\n=1+1,@SUM(A1),2026-03-02,08:00,12:00,+33\n";
    let reading = read_in_paris("t.csv", text.as_bytes());
    let mut table = Vec::new();
    export::csv(&mut table, &reading.shifts, &in_paris().zone).unwrap();
    let table = String::from_utf8(table).unwrap();
    let row = table.lines().nth(1).unwrap();
    assert_eq!(row, "'=1+1,'@SUM(A1),2026-03-02,08:00,12:00,,'+33,");
}

fn table(rows: &str) -> Vec<Shift> {
    let text = format!("agent,date,start,end,skills,segments\n{rows}");
    let reading = read_with("t.csv", text.as_bytes(), &in_paris());
    assert_eq!(told(&reading), [""; 0]);
    reading.shifts
}

#[test]
fn changes_are_told_apart() {
    let before = table(
        "a,2026-03-02,08:00,12:00,x,\na,2026-03-03,08:00,12:00,x,\nb,2026-03-02,08:00,12:00,x,\nc,2026-03-02,08:00,12:00,x,\n",
    );
    let after = table(
        "a,2026-03-02,09:00,12:00,x,\na,2026-03-04,08:00,12:00,x,\nb,2026-03-02,08:00,12:00,x,\nd,2026-03-02,08:00,12:00,x,\n",
    );
    let diff = Diff::of(&before, &after, &in_paris().zone);
    let agents = |shifts: &[Shift]| {
        shifts
            .iter()
            .map(|shift| shift.agent.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (agents(&diff.added), agents(&diff.removed)),
        (
            vec!["a".to_owned(), "d".to_owned()],
            vec!["a".to_owned(), "c".to_owned()]
        )
    );
    assert_eq!((diff.changed.len(), diff.unchanged, diff.agents), (1, 1, 3));
    assert_eq!(
        (diff.seconds_before, diff.seconds_after),
        (16 * 3_600, 15 * 3_600)
    );
    assert!(Diff::of(&before, &before, &in_paris().zone).is_empty());
}

#[test]
fn coverage_counts_who_is_on_the_phone() {
    let shifts =
        table("a,2026-03-28,23:00,04:00,x,break 01:00-01:15\nb,2026-03-29,00:00,00:45,x|y,\n");
    let zone = in_paris().zone;
    let days = coverage::days(&shifts, &zone).unwrap();
    assert_eq!(days, (date(2026, 3, 28), date(2026, 3, 29)));
    let coverage = Coverage::of(&shifts, &zone, days, 30);
    assert_eq!(coverage.intervals(None).len(), 48 + 46, "a day of 23 hours");
    let agents: Vec<f64> = coverage.intervals(None)[46..56]
        .iter()
        .map(|interval| interval.agents)
        .collect();
    assert_eq!(agents, [1.0, 1.0, 2.0, 1.5, 0.5, 1.0, 1.0, 1.0, 0.0, 0.0]);
    let of_y: f64 = coverage
        .intervals(Some("y"))
        .iter()
        .map(|interval| interval.agents)
        .sum();
    assert!((of_y - 1.5).abs() < 1e-9);
    assert_eq!(coverage.skills().collect::<Vec<_>>(), ["x", "y"]);
}
