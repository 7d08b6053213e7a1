//! Rows of tables: what each problem says and where, segments, names, and what a house knows.

use std::collections::BTreeSet;

use homeshore::{
    calendar::zone::Zone,
    schedule::{Charset, Known, Mapping, Options, PROBLEMS_KEPT, SegmentKind},
};

use super::{in_paris, read_in_paris, read_with, span, told};

fn read(text: &str) -> (Vec<String>, Vec<String>) {
    let reading = read_in_paris("t.csv", text.as_bytes());
    (reading.shifts.iter().map(span).collect(), told(&reading))
}

const HEAD: &str = "agent,date,start,end\n";

#[test]
fn every_problem_is_told_not_the_first() {
    let (shifts, problems) = read(&format!(
        "{HEAD}a,31/02/2026,25:00,\n,2026-03-02,17:30,21:30\n\nb,2026-03-02,9,x\nc,2026-03-29,02:30,02:45\nd,2026-03-02,08:00,16:00\n"
    ));
    assert_eq!(shifts, ["d 2026-03-02T07:00:00Z 2026-03-02T15:00:00Z"]);
    let places: Vec<&str> = problems
        .iter()
        .map(|told| told.split(':').next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "2 date", "2 start", "2 end", "3 agent", "5 start", "5 end", "6 start", "6 end"
        ],
        "{problems:#?}"
    );
}

#[test]
fn ends_follow_the_rule_and_times_that_exist_twice_are_told() {
    let rows = [
        (
            "2026-03-02,20:00,24:00",
            "2026-03-02T19:00:00Z 2026-03-02T23:00:00Z",
        ),
        (
            "2026-03-02,20:00,00:00",
            "2026-03-02T19:00:00Z 2026-03-02T23:00:00Z",
        ),
        (
            "2026-03-02,24:00,06:00",
            "2026-03-02T23:00:00Z 2026-03-03T05:00:00Z",
        ),
        (
            "2026-03-28,22:00,06:00",
            "2026-03-28T21:00:00Z 2026-03-29T04:00:00Z",
        ),
        (
            "2026-10-24,22:00,06:00",
            "2026-10-24T20:00:00Z 2026-10-25T05:00:00Z",
        ),
        (
            "2026-10-25,02:30,08:00",
            "2026-10-25T00:30:00Z 2026-10-25T07:00:00Z",
        ),
        (
            "2026-10-25,2026-10-25T02:30+01:00,08:00",
            "2026-10-25T01:30:00Z 2026-10-25T07:00:00Z",
        ),
    ];
    for (row, expected) in rows {
        let (shifts, problems) = read(&format!("{HEAD}a,{row}\n"));
        assert_eq!(shifts, [format!("a {expected}")], "{row}: {problems:?}");
        let is_twice = row.contains(",02:30");
        assert_eq!(problems.len(), usize::from(is_twice), "{problems:?}");
        if is_twice {
            assert!(
                problems[0].contains("exists twice in Europe/Paris"),
                "{problems:?}"
            );
            assert!(
                problems[0].contains("the first was taken, 2026-10-25T00:30:00Z"),
                "{problems:?}"
            );
        }
    }
    let cairo = Options::new(Zone::named("Africa/Cairo").unwrap());
    let reading = read_with(
        "t.csv",
        format!("{HEAD}a,2026-04-23,20:00,24:00\n").as_bytes(),
        &cairo,
    );
    assert_eq!(
        reading.shifts.len(),
        1,
        "the end of a day before a gap: {:?}",
        told(&reading)
    );
}

#[test]
fn columns_of_ends_and_days_are_heeded() {
    let (shifts, problems) = read(
        "Matricule;Jour;Date début;Début;Date fin;Fin\na;lundi;02/03/2026;22:00;03/03/2026;06:00\nb;mardi;02/03/2026;8h;02/03/2026;12h\nc;lundi;02/03/2026;08:00;01/03/2026;12:00\n",
    );
    assert_eq!(shifts, ["a 2026-03-02T21:00:00Z 2026-03-03T05:00:00Z"]);
    assert_eq!(
        problems,
        [
            "3 Jour: 2026-03-02 is another day of the week",
            "4 Fin: the shift ends no later than it begins"
        ]
    );
}

#[test]
fn segments_are_read_from_all_their_columns() {
    let text = "agent,date,start,end,segments,pause,pause 1 début,pause 1 fin\n\
        a,2026-03-02,08:00,17:00,training 09:00-10:00; réunion 16h-16h30,12:00-12:45,15:00,15:15\n\
        b,2026-10-24,22:00,06:00,break 02:00-03:00,,,\n\
        c,2026-03-02,08:00,12:00,break 13:00-14:00,,,\n\
        d,2026-03-02,08:00,12:00,break 09:00-10:00 | meeting 09:30-11:00,,,\n\
        e,2026-03-02,08:00,12:00,,,10:00,\n\
        f,2026-03-02,08:00,12:00,,45 min,,\n";
    let reading = read_in_paris("t.csv", text.as_bytes());
    let parts: Vec<(SegmentKind, String)> = reading.shifts[0]
        .segments
        .iter()
        .map(|part| (part.kind, part.start.to_string()))
        .collect();
    let at = |time: &str| format!("2026-03-02T{time}:00Z");
    assert_eq!(
        parts,
        [
            (SegmentKind::Training, at("08:00")),
            (SegmentKind::Break, at("11:00")),
            (SegmentKind::Break, at("14:00")),
            (SegmentKind::Meeting, at("15:00")),
        ]
    );
    // From the first 02:00 to 03:00, which is two hours later in this night.
    let night = &reading.shifts[1].segments[0];
    assert_eq!(
        (night.start.to_string(), night.end.to_string()),
        (
            "2026-10-25T00:00:00Z".to_owned(),
            "2026-10-25T02:00:00Z".to_owned()
        )
    );
    let problems = told(&reading);
    for (problem, part) in problems.iter().zip([
        "3 segments: exists twice",
        "4 segments: the break lies outside of its shift",
        "5 segments: two segments of the shift overlap: break and meeting",
        "6 pause 1 début: the break has only one of its ends",
        "7 pause: says how long the break is, but not when",
    ]) {
        assert!(problem.starts_with(part), "{problems:#?}");
    }
    assert_eq!((problems.len(), reading.problems.errors()), (5, 3));
}

#[test]
fn a_row_on_call_may_be_long() {
    let text = "agent,date,start,end,activity\na,2026-03-02,08:00,08:00,astreinte\nb,2026-03-02,08:00,08:00,phone\nc,2026-03-02,08:00,10:00,yoga\nd,2026-03-02,08:00,10:00,yoga\n";
    let reading = read_in_paris("t.csv", text.as_bytes());
    assert_eq!(reading.shifts[0].segments[0].kind, SegmentKind::OnCall);
    let problems = told(&reading);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems[0].starts_with("3 end: the shift lasts 24 h 00"),
        "{problems:?}"
    );
    assert!(
        problems[1].starts_with("4 activity: is no kind of segment"),
        "{problems:?}"
    );
}

#[test]
fn ids_stay_text_and_alike_ones_are_told() {
    let (shifts, problems) = read(&format!(
        "{HEAD}0043,2026-03-02,08:00,12:00\n43,2026-03-02,08:00,12:00\nE1,2026-03-02,08:00,12:00\ne1,2026-03-03,08:00,12:00\n"
    ));
    assert_eq!(shifts.len(), 4);
    assert_eq!(
        problems,
        [
            "3 agent: the agents `43` and `0043` differ only by case or leading zeros",
            "5 agent: the agents `e1` and `E1` differ only by case or leading zeros"
        ]
    );
}

#[test]
fn shifts_that_collide_are_told_by_their_rows() {
    let (_, problems) = read(&format!(
        "{HEAD}a,2026-03-02,08:00,18:00\na,2026-03-02,17:00,19:00\nb,2026-03-02,08:00,12:00\na,2026-03-02,09:00,10:00\nb,2026-03-02,08:00,12:00\nb,2026-03-02,12:00,13:00\n"
    ));
    assert_eq!(problems.len(), 3, "{problems:#?}");
    assert!(
        problems[0].starts_with("3 start: the shift of `a`") && problems[0].contains("row 2"),
        "{problems:?}"
    );
    assert!(
        problems[1].starts_with("5 start: the shift of `a`") && problems[1].contains("row 2"),
        "{problems:?}"
    );
    assert_eq!(
        problems[2],
        "6 agent: the same shift of `b` stands in row 4"
    );
}

#[test]
fn what_the_house_does_not_know_is_an_error() {
    let set = |names: &[&str]| {
        Some(
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>(),
        )
    };
    let known = Known {
        agents: set(&["E017"]),
        skills: set(&["billing"]),
        sites: set(&["home"]),
    };
    let options = Options {
        known,
        ..in_paris()
    };
    let text = "agent,date,start,end,skills,site\nE017,2026-03-02,08:00,12:00,billing,home\ne17,2026-03-02,08:00,12:00,biling|sales,attic\n";
    let reading = read_with("t.csv", text.as_bytes(), &options);
    assert_eq!(reading.shifts.len(), 1);
    assert_eq!(
        told(&reading),
        [
            "3 agent: the agent `e17` is not in the directory",
            "3 skills: the skill `biling` is not among the skills",
            "3 skills: the skill `sales` is not among the skills",
            "3 site: the site `attic` is not among the sites"
        ]
    );
    let expected: Vec<&str> = reading
        .problems
        .list()
        .iter()
        .map(|problem| problem.expected.as_str())
        .collect();
    assert_eq!(expected[..2], ["perhaps `E017`", "perhaps `billing`"]);
}

#[test]
fn titles_of_ones_own_are_mapped_and_encodings_told() {
    let options = Options {
        mapping: Mapping::parse("agent = \"Dolgozó\"\nstart = \"Kezdet\"\nend = \"Vége\"").unwrap(),
        charset: Some(Charset::Utf8),
        separator: Some('|'),
        ..in_paris()
    };
    let reading = read_with(
        "t.csv",
        "Dolgozó|date|Kezdet|Vége|Megjegyzés\na|2026-03-02|8h|12h|a;b,c\n".as_bytes(),
        &options,
    );
    assert_eq!(reading.shifts.len(), 1, "{:?}", told(&reading));
    assert_eq!(
        told(&reading),
        ["1 Megjegyzés: this column is not known and is left out"]
    );
    let reading = read_in_paris(
        "t.csv",
        "agent,date,strat,end\na,2026-03-02,8h,12h\n".as_bytes(),
    );
    assert_eq!(reading.problems.list()[0].column.as_deref(), Some("start"));
    assert_eq!(reading.problems.list()[1].expected, "perhaps `start`");
}

#[test]
fn two_columns_of_one_meaning_are_refused() {
    let (_, problems) = read("agent,date,start,end,fin\na,2026-03-02,08:00,12:00,13:00\n");
    assert_eq!(problems, ["1 fin: means the same as the column `end`"]);
}

#[test]
fn many_problems_are_counted_and_some_kept() {
    let rows = "a,x,08:00,12:00\n".repeat(PROBLEMS_KEPT + 5);
    let reading = read_in_paris("t.csv", format!("{HEAD}{rows}").as_bytes());
    assert_eq!(reading.problems.errors(), PROBLEMS_KEPT + 5);
    assert_eq!(
        (reading.problems.list().len(), reading.problems.left_out()),
        (PROBLEMS_KEPT, 5)
    );
}

#[test]
fn windows_1252_is_found() {
    let bytes = include_bytes!("files/latin_windows1252_semicolon.csv");
    let reading = read_in_paris("latin.csv", bytes);
    assert_eq!(
        (reading.charset, reading.separator),
        (Some(Charset::Windows1252), Some(';'))
    );
    assert_eq!((reading.shifts.len(), told(&reading).len()), (14, 0));
    assert_eq!(reading.shifts[0].name.as_ref(), "Élodie Lefèvre");
    assert_eq!(reading.shifts[8].name.as_ref(), "Zoé Bœuf");
}

#[test]
fn a_second_column_that_is_not_needed_is_left_out() {
    let (shifts, problems) = read(
        "agent,nom,nom complet,date,start,end\na,Ann,Ann A.,2026-03-02,08:00,12:00\n",
    );
    assert_eq!(shifts.len(), 1);
    assert_eq!(
        problems,
        ["1 nom complet: means the same as the column `nom` and is left out"]
    );
}
