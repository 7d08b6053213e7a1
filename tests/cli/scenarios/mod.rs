//! `simulate` of scenarios as a planner meets it.

mod figures;
mod report;
mod wrong;

use std::path::Path;

use crate::support::program::{done, file, run};

/// A pool with two queues and a queue that nobody calls.
const POOL: &str = r#"
[[queues]]
id = "billing"
target = "20s"
[[queues.rings]]
skills = { billing = 1 }
[[queues]]
id = "technical"
target = "30s"
[[queues.rings]]
skills = { technical = 1 }
[[queues]]
id = "quiet"
target = "7500ms"
[[queues.rings]]
skills = { technical = 1 }
"#;

/// Two hours of it from 17:00 on; its name and that of a staff group want to be escaped.
const SCENARIO: &str = r#"
name = "<script>alert(1)</script> & \"more\""
pool = "pool.toml"
starts = "17:00"
duration = "2h"
warm_up = "30m"
interval = "30m"
replications = 5
seed = 7

[[demand]]
queue = "billing"
rates = [{ from = "17:00", per_hour = 60 }, { from = "18:00", per_hour = 120 }]
talk = { exponential = "3m" }
patience = { exponential = "2m" }

[[demand]]
queue = "technical"
per_hour = 30
talk = { lognormal = "4m", cv = 0.8 }

[[staff]]
name = "home <b>&'x"
agents = 5
skills = { billing = 3, technical = 2 }
answer = "3s"
decline = 0.1

[[staff]]
name = "centre"
agents = 2
skills = { billing = 3 }
site = "west"
site_kind = "telecentre"
shifts = [{ from = "17:00", to = "18:15" }]
wrap_up = { exponential = "30s" }
"#;

/// The scenario and its pool in a folder; answers the scenario's path.
fn scenario(folder: &Path) -> String {
    changed(folder, "scenario.toml", &[])
}

/// The scenario with texts replaced.
fn changed(folder: &Path, name: &str, changes: &[(&str, &str)]) -> String {
    file(folder, "pool.toml", POOL);
    let mut text = SCENARIO.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    file(folder, name, &text)
}

/// Runs it and answers stdout.
fn simulate(arguments: &[&str]) -> String {
    done(run(&[&["simulate"], arguments].concat()))
}
