//! Scenarios that are wrong: each mistake is told with file, line and field, and nothing is played.

use std::path::Path;

use super::{POOL, changed, scenario};
use crate::support::program::{file, run};

const RATES: &str =
    r#"rates = [{ from = "17:00", per_hour = 60 }, { from = "18:00", per_hour = 120 }]"#;
const TALK: &str = r#"talk = { exponential = "3m" }"#;
const SKILLS: &str = "skills = { billing = 3, technical = 2 }";
const CENTRE: &str = "name = \"centre\"\n";
const SHIFTS: &str = r#"shifts = [{ from = "17:00", to = "18:15" }]"#;

/// What stands in the file, what is put there instead, and what is told, without the name of the file.
const CASES: &[(&str, &str, &str)] = &[
    // Rates.
    (
        "per_hour = 30",
        "per_hour = -30",
        "19: `demand[1].per_hour` is -30; a rate is 0 to 1,000,000,000",
    ),
    (
        "per_hour = 120",
        "per_hour = -120",
        "13: `demand[0].rates[1].per_hour` is -120; a rate is 0 to 1,000,000,000",
    ),
    (
        "per_hour = 120",
        "per_hour = nan",
        "13: `demand[0].rates[1].per_hour` is NaN; a rate is 0 to 1,000,000,000",
    ),
    (
        ", per_hour = 120",
        "",
        "13: `demand[0].rates[1].per_hour` is missing",
    ),
    (
        "\"18:00\"",
        "\"16:30\"",
        "13: `demand[0].rates[1].from` must be after that of the step before",
    ),
    (
        RATES,
        "rates = []",
        "13: `demand[0].rates` must have at least one step",
    ),
    (
        RATES,
        "",
        "11: `demand[0].rates` is missing; give `per_hour = 120`, `rates = [{ from = \"17:00\", per_hour = 120 }, ...]` or `volumes = \"file.csv\"`",
    ),
    (
        RATES,
        "per_hour = 3\nvolumes = \"v.csv\"",
        "14: `demand[0].volumes` and `per_hour` exclude each other; give one of them",
    ),
    // Shares.
    (
        TALK,
        "talk = \"3m\"\nkinds = [{ share = 0.5 }, { share = 0.4 }]",
        "15: `demand[0].kinds` have shares that sum to 0.9; they must sum to 1",
    ),
    (
        TALK,
        "talk = \"3m\"\nkinds = [{ share = 1.5 }, { share = -0.5 }]",
        "15: `demand[0].kinds[0].share` is 1.5; a share is 0 to 1\n15: `demand[0].kinds[1].share` is -0.5; a share is 0 to 1",
    ),
    (
        TALK,
        "talk = \"3m\"\nkinds = [{}]",
        "15: `demand[0].kinds[0].share` is missing; the shares sum to 1",
    ),
    (
        "decline = 0.1",
        "decline = 0.6\nno_answer = 0.4",
        "27: `staff[0].decline` and `no_answer` sum to 1 or more: nobody would ever take a call",
    ),
    // Names that the pool does not have.
    (
        "queue = \"technical\"",
        "queue = \"tech\"",
        "18: `demand[1].queue` is `tech`, which is no queue of the pool; it has billing, technical, quiet",
    ),
    (
        TALK,
        "talk = \"3m\"\npriority = \"gold\"",
        "15: `demand[0].priority` is `gold`, which is no priority of the pool",
    ),
    // Groups.
    (
        "agents = 5",
        "agents = 0",
        "24: `staff[0].agents` must be at least 1",
    ),
    (
        "agents = 5\n",
        "",
        "22: `staff[0].agents` is missing; say how many there are",
    ),
    (
        SKILLS,
        "",
        "22: `staff[0].skills` is missing; an agent has at least one skill, like { fr = 3 }",
    ),
    (
        SKILLS,
        "skills = { billing = 9 }",
        "25: `staff[0].skills` must be a table of skills with levels of 1 to 5 like { fr = 3, billing = 2 }",
    ),
    (CENTRE, "", "29: `staff[1].name` is missing"),
    (
        CENTRE,
        "name = \"home <b>&'x\"\n",
        "30: `staff[1].name` is `home <b>&'x`, as before; each is there once",
    ),
    (
        "\"telecentre\"",
        "\"office\"",
        "34: `staff[1].site_kind` is `office`; give one of home, telecentre, on_site",
    ),
    // Times.
    (
        "\"18:15\"",
        "\"16:15\"",
        "35: `staff[1].shifts[0].to` must be after `from`",
    ),
    (
        SHIFTS,
        r#"shifts = [{ from = "17:00", to = "18:15" }, { from = "18:00", to = "18:30" }]"#,
        "35: `staff[1].shifts` must be in order, each after the end of the one before",
    ),
    (
        "\"18:15\"",
        "\"1815\"",
        "35: `staff[1].shifts[0].to` must be a time of day like \"17:30\"; after midnight go on with \"24:30\"",
    ),
    (
        "duration = \"2h\"\n",
        "",
        "1: `duration` is missing; write it like \"4h\"",
    ),
    (
        "warm_up = \"30m\"",
        "warm_up = \"3h\"",
        "6: `warm_up` must be shorter than `duration`",
    ),
    (
        "interval = \"30m\"",
        "interval = \"30m\"\nbatches = 3",
        "8: `batches` and `interval` exclude each other; give one of them",
    ),
    // How long things take.
    (
        TALK,
        "",
        "11: `demand[0].talk` is missing; write it like { exponential = \"3m\" }",
    ),
    (
        TALK,
        "kinds = [{ share = 1 }]",
        "14: `demand[0].kinds[0].talk` is missing; write it like { exponential = \"3m\" }",
    ),
    (
        TALK,
        "talk = { exponential = \"-3m\" }",
        "14: `demand[0].talk.exponential` must be a duration in quotes like \"20s\", \"1m30s\" or \"500ms\"",
    ),
    (
        TALK,
        "talk = { lognormal = \"3m\", cv = -1 }",
        "14: `demand[0].talk.cv` is -1; a coefficient of variation is 0 to 10 here",
    ),
    (
        TALK,
        "talk = { empirical = [] }",
        "14: `demand[0].talk` must have at least one time, each of 0s to 30 years",
    ),
    // The whole.
    (
        "seed = 7",
        "sead = 7",
        "9: `sead` is not known; the keys here are name, pool, starts, duration, warm_up, interval, batches, replications, seed, day_factor_cv, demand, staff, providers",
    ),
    (
        "replications = 5",
        "replications = 0",
        "8: `replications` must be 1 to 100000",
    ),
    ("seed = 7", "seed = = 7", "9: extra `=`, expected nothing"),
    (
        "pool = \"pool.toml\"\n",
        "",
        "1: `pool` is missing; give a pool's file like \"pool.toml\", or its keys as a table `[pool]`",
    ),
    (
        "pool = \"pool.toml\"",
        "pool = { queues = [{ id = \"billing\", target = \"0s\", rings = [{}] }] }",
        "3: `pool.queues[0].target` is 0 ms; give 1000 to 86400000 ms",
    ),
    (
        "wrap_up = {",
        "[[providers]]\nlosses_per_hour = -1\noutage = {",
        "36: `providers[0].name` is missing\n37: `providers[0].losses_per_hour` is -1; a rate is 0 to 1,000,000,000",
    ),
    (
        "agents = 2\n",
        "agents = 199_996\n",
        "22: `staff` are 200001 agents; at most 200000",
    ),
    (
        "site = \"west\"",
        "site = \"a west that is far too long: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"",
        "33: `staff[1].site` is 129 bytes long; give 1 to 128 bytes",
    ),
    (
        TALK,
        "talk = { exponential = \"3m\" }\nskills = { s1 = 1, s2 = 1, s3 = 1, s4 = 1, s5 = 1, s6 = 1, s7 = 1, s8 = 1 }",
        "15: `demand[0].skills` makes 9 skills with those of a ring of queue `billing`; a call has at most 8 in all",
    ),
    // All at once, those that only the whole scenario shows with the others.
    (
        "seed = 7\n\n[[demand]]\nqueue = \"billing\"",
        "seed = \"x\"\n[[demand]]\nqueue = \"bill\"\nday_factor_cv = 11",
        "9: `seed` must be a whole number in range\n11: `demand[0].queue` is `bill`, which is no queue of the pool; it has billing, technical, quiet\n12: `demand[0].day_factor_cv` is 11; a coefficient of variation is 0 to 10 here",
    ),
];

/// What is told of a scenario that is wrong, with `FILE` for its folder.
fn told(folder: &Path, path: &str, arguments: &[&str]) -> String {
    let (code, stdout, stderr) = run(&[&["simulate", path], arguments].concat());
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    stderr.replace(&format!("{}/", folder.display()), "")
}

#[test]
fn each_mistake_is_told_with_its_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let mut different = Vec::new();
    for (from, to, expected) in CASES {
        let path = changed(folder.path(), "s.toml", &[(from, to)]);
        let lines = expected.lines().map(|line| format!("  s.toml:{line}\n"));
        let expected = format!("error: s.toml is not right:\n{}", lines.collect::<String>());
        let told = told(folder.path(), &path, &[]);
        if told != expected {
            different.push(format!("{to}\n{told}is not\n{expected}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn a_table_beside_the_scenario_has_lines_of_its_own() {
    let cases = [
        ("start,count\n17:00,5\n", "1: column `calls` is missing"),
        (
            "start,calls\n17:00,5\n16:00,-4\n17:30,x\n",
            "3: `calls` is `-4`; give 0 or more\n3: `start` is `16:00`; give a time after that of the row before\n4: `calls` is `x`; give 0 or more",
        ),
        (
            "start,calls\n5pm,5\n",
            "2: `start` is `5pm`; give a time of day like 17:30",
        ),
        ("start,calls\n", "1: no row is below the first line"),
        (
            "start,calls\n17:00,5\n17:30\n",
            "3: CSV error: record 2 (line: 3, byte: 20): found record with 1 fields, but the previous record has 2 fields",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = changed(folder.path(), "s.toml", &[(RATES, "volumes = \"v.csv\"")]);
    for (table, expected) in cases {
        file(folder.path(), "v.csv", table);
        let lines = expected.lines().map(|line| format!("  v.csv:{line}\n"));
        let expected = format!("error: s.toml is not right:\n{}", lines.collect::<String>());
        assert_eq!(told(folder.path(), &path, &[]), expected, "{table}");
    }
    let missing = changed(
        folder.path(),
        "s.toml",
        &[(TALK, "talk = { empirical = \"t.csv\" }")],
    );
    let expected = "error: s.toml is not right:\n  s.toml:14: `demand[0].talk.empirical` names t.csv: No such file or directory (os error 2)\n";
    assert_eq!(told(folder.path(), &missing, &[]), expected);
    file(folder.path(), "t.csv", "seconds\n3\nlong\n-1\n");
    let expected = "error: s.toml is not right:\n  t.csv:3: `seconds` is `long`; give 0 or more\n  t.csv:4: `seconds` is `-1`; give 0 or more\n";
    assert_eq!(told(folder.path(), &missing, &[]), expected);
}

#[test]
fn a_pool_in_a_file_is_told_by_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = changed(folder.path(), "s.toml", &[("pool.toml", "other.toml")]);
    file(folder.path(), "other.toml", &POOL.replacen("30s", "0s", 1));
    let expected = "error: other.toml is not right:\n  other.toml:9: `queues[1].target` is 0 ms; give 1000 to 86400000 ms\n";
    assert_eq!(told(folder.path(), &path, &[]), expected);
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(folder.path());
    let longer = changed(folder.path(), "l.toml", &[("\"2h\"", "\"3h\"")]);
    let calls = file(
        folder.path(),
        "c.csv",
        "call,arrival_ms,skill,priority,handle_ms,patience_ms\n",
    );
    let agents = file(
        folder.path(),
        "a.csv",
        "agent,skills,login_ms,logout_ms,wrap_ms\n",
    );
    let log = ["--agents", agents.as_str(), "--calls", calls.as_str()];
    let named = file(folder.path(), "v.csv", "start,calls\n17:00,60\n18:00,120\n");
    let volumes = changed(folder.path(), "v.toml", &[(RATES, "volumes = \"v.csv\"")]);
    let pool = folder.path().join("pool.toml").display().to_string();
    let cases: [(&[&str], &str); 10] = [
        (&[], "required"),
        (
            &[&volumes, "--out", &named],
            "--out: v.csv is read; give another file",
        ),
        (
            &[&path, "--html", &pool],
            "--html: pool.toml is read; give another file",
        ),
        (
            &[&path, "--compare", &longer],
            "scenario.toml and l.toml cannot be compared: `starts`, `duration`, `warm_up` and `interval` or `batches` must be equal",
        ),
        (
            &[&path, "--compare", &longer, "--compare-pool", "p.toml"],
            "cannot be used with",
        ),
        (&[&path, "--replications", "0"], "0 is not in 1..=100000"),
        (
            &[&path, "--replications", "100001"],
            "100001 is not in 1..=100000",
        ),
        (&[&path, "--threads", "0"], "invalid value '0'"),
        (
            &[&path, "--agents", &agents, "--calls", &calls],
            "cannot be used with",
        ),
        (
            &[&log[..], &["--html", "r.html"]].concat(),
            "--html is for scenarios; a call log is played once, as it is",
        ),
    ];
    for (arguments, expected) in cases {
        let (code, stdout, stderr) = run(&[&["simulate"], arguments].concat());
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        let stderr = stderr.replace(&format!("{}/", folder.path().display()), "");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    for argument in [
        "--compare",
        "--compare-pool",
        "--replications",
        "--seed",
        "--threads",
    ] {
        let (code, _, stderr) = run(&[&["simulate"], &log[..], &[argument, "3"]].concat());
        assert_eq!(code, 2, "{stderr}");
        assert!(
            stderr.contains(&format!("{argument} is for scenarios")),
            "{stderr}"
        );
    }
}
