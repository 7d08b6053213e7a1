//! Logs that are not right are refused with every problem, by file, line and column.

use homeshore::engine::{
    ids::{PoolId, QueueId, SkillName},
    spec::{PoolSpec, PrioritySpec, QueueSpec},
};

use super::{AGENTS, CALLS, read};

const GOOD_AGENTS: &[u8] = b"agent,skills,login_ms,logout_ms,wrap_ms\na,x|y,0,9,0\n";
const GOOD_CALLS: &[u8] = b"call,arrival_ms,skill,priority,handle_ms,patience_ms\nk,5,x,0,1,1\n";

fn problems(agents: &[u8], calls: &[u8], pool: Option<PoolSpec>) -> String {
    match read(agents, calls, pool) {
        Ok(_) => "nothing".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

/// Whole files of agents, and what is said of each.
const BAD_AGENTS: &[(&[u8], &str)] = &[
    (
        b"logout_ms,agent,skills,wrap_ms,login_ms\n9,a,x,0,0",
        "nothing",
    ),
    (
        b"\xef\xbb\xbfagent,skills,login_ms,logout_ms,wrap_ms\na,x,0,9,0",
        "nothing",
    ),
    (
        b"",
        "a.csv:1: column `agent` is missing\na.csv:1: column `skills` is missing\n\
         a.csv:1: column `login_ms` is missing\na.csv:1: column `logout_ms` is missing\n\
         a.csv:1: column `wrap_ms` is missing",
    ),
    (
        b"agent,skills,login_ms,logout_ms,wrap\na,x,0,9,0\n",
        "a.csv:1: column `wrap_ms` is missing\n\
         a.csv:1: column `wrap` is not known; the first line is agent,skills,login_ms,logout_ms,wrap_ms",
    ),
    (
        b"agent,skills,login_ms,logout_ms,wrap_ms,agent\na,x,0,9,0,a\n",
        "a.csv:1: column `agent` is there twice",
    ),
    (
        b"agent,skills,login_ms,logout_ms,wrap_ms\na,\xff,0,9,0\n",
        "a.csv:2: is not UTF-8 text",
    ),
];

/// Rows of agents, and what is said of each; `NUMBER` stands for how a number is to be given.
const BAD_ROWS_OF_AGENTS: &[(&str, &str)] = &[
    ("b,x,0,9,0\n", "nothing"),
    ("\u{fc}z,x,0,9,0\r\n", "nothing"),
    ("", "a.csv:1: there is no row below the first line"),
    (
        "a,x,0,9\nb,x,0,9,0,0\n",
        "a.csv:2: has 4 cells; give 5, as the first line has\n\
         a.csv:3: has 6 cells; give 5, as the first line has",
    ),
    (
        "a,x,0,9,0\n\nb,x,0,9,0\na,x,0,9,0\n",
        "a.csv:5: `agent` is `a`, as in a row before",
    ),
    (
        "a,x,0,9,0\r\n\r\n,x,-1,9,0\r\n",
        "a.csv:4: `agent` is empty; give 1 to 128 bytes\n\
         a.csv:4: `login_ms` is `-1`; NUMBER",
    ),
    (
        "a ,x,0,9,0\n",
        "a.csv:2: `agent` is `a `; leave out the spaces around it",
    ),
    (
        "a\u{202e},x,0,9,0\n",
        "a.csv:2: `agent` contains U+202E; leave out control and text-direction characters",
    ),
    (
        "a,x,+1,9.5,1e3\n",
        "a.csv:2: `login_ms` is `+1`; NUMBER\na.csv:2: `logout_ms` is `9.5`; NUMBER\n\
         a.csv:2: `wrap_ms` is `1e3`; NUMBER",
    ),
    (
        "a,x,5,4,1000000000000000001\n",
        "a.csv:2: `wrap_ms` is `1000000000000000001`; NUMBER\n\
         a.csv:2: `logout_ms` is before `login_ms`, 5",
    ),
    (
        "a,,0,9,0\nb,x||y,0,9,0\nc,x|x:2,0,9,0\nd,x:6,0,9,0\ne,x:,0,9,0\nf,x| y,0,9,0\n",
        "a.csv:2: `skills` has a skill that is empty; give 1 to 64 bytes\n\
         a.csv:3: `skills` has a skill that is empty; give 1 to 64 bytes\n\
         a.csv:4: `skills` has `x` twice\n\
         a.csv:5: `skills` has `x:6`; give a level of 1 to 5\n\
         a.csv:6: `skills` has `x:`; give a level of 1 to 5\n\
         a.csv:7: `skills` has a skill that is ` y`; leave out the spaces around it",
    ),
];

const NUMBER: &str = "give a whole number, 0 to 1000000000000000000";

#[test]
fn bad_agents_are_told_by_line_and_column() {
    let rows = BAD_ROWS_OF_AGENTS.iter();
    let rows = rows.map(|(rows, expected)| (format!("{AGENTS}{rows}").into_bytes(), *expected));
    let files = BAD_AGENTS.iter();
    let files = files.map(|(file, expected)| (file.to_vec(), *expected));
    for (agents, expected) in files.chain(rows) {
        let told = problems(&agents, GOOD_CALLS, None);
        let shown = String::from_utf8_lossy(&agents);
        assert_eq!(told, expected.replace("NUMBER", NUMBER), "{shown}");
    }
}

#[test]
fn bad_calls_are_told_by_line_and_column() {
    let cases = [
        ("k,5,y,0,1,1\n", "nothing"),
        ("k,5,y,0,1,999999999999999999\n", "nothing"),
        (
            "k,5,z,0,1,1\nm,5,x,0,1,1\nn,5,q,0,1,1\n",
            "c.csv:2: `skill` is `z`, which no agent has\nc.csv:4: `skill` is `q`, which no agent has",
        ),
        (
            "k,,,,,\n",
            "c.csv:2: `arrival_ms` is ``; give a whole number, 0 to 1000000000000000000\n\
             c.csv:2: `skill` is empty; give 1 to 64 bytes\n\
             c.csv:2: `priority` is ``; give a whole number, 0 to 1000000000000000000\n\
             c.csv:2: `handle_ms` is ``; give a whole number, 0 to 1000000000000000000\n\
             c.csv:2: `patience_ms` is ``; NUMBER",
        ),
        (
            "k,5,x,0,1,1\nk,6,x,high,1,1\n",
            "c.csv:3: `call` is `k`, as in a row before\n\
             c.csv:3: `priority` is `high`; NUMBER",
        ),
    ];
    for (rows, expected) in cases {
        let told = problems(GOOD_AGENTS, format!("{CALLS}{rows}").as_bytes(), None);
        assert_eq!(told, expected.replace("NUMBER", NUMBER), "{rows}");
    }
}

#[test]
fn a_log_must_fit_its_pool() {
    let queue = QueueSpec::new(QueueId::new("x"), 20_000, Vec::new());
    let mut pool = PoolSpec::new(PoolId::new("p"), vec![queue]);
    pool.skills = vec![SkillName::new("x")];
    pool.priorities = vec![PrioritySpec {
        name: "7".into(),
        head_start_ms: 0,
    }];
    let calls = format!("{CALLS}k,5,y,7,1,1\nm,5,x,8,1,1\n");
    assert_eq!(
        problems(GOOD_AGENTS, calls.as_bytes(), Some(pool)),
        "a.csv:2: `skills` has `y`, which is no skill of the pool\n\
         c.csv:2: `skill` is `y`, which is no queue of the pool\n\
         c.csv:3: `priority` is 8, which the pool does not name"
    );
}

#[test]
fn fifty_problems_of_both_files_are_told_and_the_rest_counted() {
    let rows = |header: &str, row: fn(usize) -> String| {
        let rows: Vec<String> = (0..40).map(row).collect();
        format!("{header}{}", rows.join("\n")).into_bytes()
    };
    let agents = rows(AGENTS, |n| format!("a{n},x,soon,9,0"));
    let calls = rows(CALLS, |n| format!("k{n},soon,x,0,1,1"));
    let text = problems(&agents, &calls, None);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 51);
    assert!(lines[39].starts_with("a.csv:41: ") && lines[40].starts_with("c.csv:2: "));
    assert_eq!(lines[50], "and 30 more");
}
