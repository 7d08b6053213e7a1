//! Settings: where each comes from, and what is said of those that are wrong.

use std::{ffi::OsString, io::Write};

use homeshore::config::{Config, DEFAULTS, Problem, Sources, Unauthenticated};

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn of_file(text: &str) -> Result<Config, Vec<Problem>> {
    let file = file(text);
    Config::load(&Sources {
        file: Some(file.path().to_owned()),
        ..Sources::default()
    })
}

fn of_variables(variables: &[(&str, &str)]) -> Result<Config, Vec<Problem>> {
    let variables = variables
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Config::load(&Sources {
        variables: variables.collect(),
        ..Sources::default()
    })
}

#[test]
fn the_reference_sets_every_setting_and_explains_it() {
    let config = Config::load(&Sources::default()).unwrap();
    let shown = config.to_toml();
    let keys = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        keys(DEFAULTS),
        keys(&shown),
        "what is shown is the reference without its comments"
    );
    let lines: Vec<&str> = DEFAULTS.lines().collect();
    for pair in lines.windows(2) {
        let is_setting = pair[1].contains(" = ") && !pair[1].starts_with('#');
        assert!(
            !is_setting || pair[0].starts_with('#'),
            "`{}` has no comment",
            pair[1]
        );
    }
    let again = of_file(&shown).unwrap();
    assert_eq!(again, config, "what is shown can be given");
}

#[test]
fn a_file_a_variable_and_a_flag_override_in_that_order() {
    let file =
        file("[server]\ngrpc = \"127.0.0.1:1\"\nhttp = \"127.0.0.1:2\"\nshutdown_ms = 1000\n");
    let sources = Sources {
        file: Some(file.path().to_owned()),
        variables: vec![
            ("HOMESHORE_SERVER_GRPC".into(), "127.0.0.1:3".into()),
            ("HOMESHORE_SERVER_HTTP".into(), "127.0.0.1:4".into()),
        ],
        flags: Vec::new(),
    };
    let sources = sources.with("--grpc", "server.grpc", Some("127.0.0.1:5".to_owned()));
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.server.grpc.port(), 5);
    assert_eq!(config.server.http.port(), 4);
    assert_eq!(config.server.shutdown_ms, 1_000);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, a row each")]
fn a_wrong_setting_is_named_with_its_place_and_what_would_be_right() {
    let rows = [
        (
            "[server]\ngrpc = \"nowhere\"\n",
            "server.grpc",
            "line 2",
            "give an address and a port",
        ),
        ("[server]\ngrpc = 7\n", "server.grpc", "line 2", "in quotes"),
        (
            "[server]\n\nport = 7\n",
            "server.port",
            "line 3",
            "`grpc`, `http`, `http_names`, `shutdown_ms`",
        ),
        ("[serve]\n", "serve", "line 1", "`server`"),
        ("loose = 1\n", "loose", "line 1", "is no section"),
        (
            "[server]\nshutdown_ms = -1\n",
            "server.shutdown_ms",
            "line 2",
            "from 100 to 600000",
        ),
        (
            "[server]\nshutdown_ms = \"5\"\n",
            "server.shutdown_ms",
            "line 2",
            "a whole number",
        ),
        (
            "[limits]\nagents = 99999999999999999999999\n",
            "limits.agents",
            "line 2",
            "a whole number",
        ),
        (
            "[limits]\nagents = 1.5\n",
            "limits.agents",
            "line 2",
            "is a fraction",
        ),
        (
            "[limits]\nagents = []\n",
            "limits.agents",
            "line 2",
            "is a list",
        ),
        (
            "[security]\nunauthenticated = \"yes\"\n",
            "security.unauthenticated",
            "line 2",
            "private-test-network",
        ),
        (
            "[security]\nreceipt_key_file = 7\n",
            "security.receipt_key_file",
            "line 2",
            "a text in quotes",
        ),
        (
            "[clock]\nstart = \"monday\"\n",
            "clock.start",
            "line 2",
            "such as `2026-11-30T16:25:00Z`",
        ),
        (
            "[logs]\nformat = \"xml\"\n",
            "logs.format",
            "line 2",
            "\"text\" or \"json\"",
        ),
        (
            "[logs]\nfilter = \"a=b=c\"\n",
            "logs.filter",
            "line 2",
            "give a level",
        ),
        (
            "[records]\nkeep_days = 0\n",
            "records.keep_days",
            "line 2",
            "1 to 3660",
        ),
        (
            "[storage]\ndata = \"\"\n",
            "storage.data",
            "line 2",
            "the path of a folder",
        ),
        (
            "[server]\ngrpc = \"0.0.0.0:50051\"\n",
            "server.grpc",
            "all settings",
            "private-test-network",
        ),
    ];
    for (text, key, place, right) in rows {
        let problems = of_file(text).expect_err(text);
        let [problem] = &problems[..] else {
            panic!("{text}: {problems:?}");
        };
        assert_eq!(problem.key, key, "{text}");
        assert!(problem.place.contains(place), "{text}: {problem}");
        assert!(problem.text.contains(right), "{text}: {problem}");
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let problems = of_file("[server]\ngrpc = 1\nhttp = 2\n[limits]\nnothing = 3\n").unwrap_err();
    assert_eq!(problems.len(), 3, "{problems:?}");
    let broken = of_file("[server\ngrpc = \"x\"\n").unwrap_err();
    assert!(
        broken
            .iter()
            .any(|problem| problem.text.contains("is not TOML")),
        "{broken:?}"
    );
    let missing = Sources {
        file: Some("/nowhere/homeshore.toml".into()),
        ..Sources::default()
    };
    let missing = Config::load(&missing).unwrap_err();
    assert!(
        missing[0].to_string().contains("/nowhere/homeshore.toml"),
        "{missing:?}"
    );
}

#[test]
fn variables_of_others_are_passed_over() {
    of_variables(&[
        ("HOME", "/root"),
        ("HOMESHORE_SERVER", "http://127.0.0.1:1"),
        ("HOMESHORE_POOL", "default"),
        ("HOMESHORE_SERVER_SERVICE_HOST", "10.0.0.1"),
        ("HOMESHORE_SERVER_PORT_50051_TCP_ADDR", "10.0.0.1"),
    ])
    .unwrap();
    let unknown = of_variables(&[("HOMESHORE_SERVER_GPRC", "127.0.0.1:1")]).unwrap_err();
    assert_eq!(unknown[0].key, "HOMESHORE_SERVER_GPRC");
    assert!(unknown[0].text.contains("`grpc`"), "{unknown:?}");
    let wrong = of_variables(&[("HOMESHORE_LIMITS_AGENTS", "many")]).unwrap_err();
    assert_eq!(
        (wrong[0].key.as_str(), wrong[0].place.as_str()),
        ("limits.agents", "the variable HOMESHORE_LIMITS_AGENTS")
    );
}

#[test]
fn other_machines_are_let_in_only_by_word() {
    let open = "[server]\ngrpc = \"0.0.0.0:50051\"\n[security]\nunauthenticated = \"private-test-network\"\n";
    let config = of_file(open).unwrap();
    assert_eq!(
        config.security.unauthenticated,
        Unauthenticated::PrivateTestNetwork
    );
    assert!(!config.server.grpc.ip().is_loopback());
}
