//! Reads a scenario's TOML file: every problem with file, line and field.

mod crowd;
mod table;
mod times;

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    time::Duration,
};

use tonic_types::StatusExt;

use crate::{
    api,
    cli::{
        error::CliError,
        pool::{file, read_file},
        toml_file::{self, Findings, Section},
    },
    engine::{ids::PoolId, spec::PoolSpec},
    simulation::model::{Scenario, Spans},
};
use times::{clock, ms};

const KEYS: [&str; 13] = [
    "name",
    "pool",
    "starts",
    "duration",
    "warm_up",
    "interval",
    "batches",
    "replications",
    "seed",
    "day_factor_cv",
    "demand",
    "staff",
    "providers",
];
const REPLICATIONS: u32 = 20;

/// Where other files of a scenario are looked for, and which were named.
struct Folder<'a> {
    scenario: &'a Path,
    named: RefCell<Vec<PathBuf>>,
}

impl Folder<'_> {
    fn path(&self, name: &str) -> PathBuf {
        let folder = self.scenario.parent().unwrap_or_else(|| Path::new(""));
        let path = folder.join(name);
        self.named.borrow_mut().push(path.clone());
        path
    }
}

/// Reads the scenario at `path`, and adds the files that it names to `files`. With `pool`, that file's pool routes it.
///
/// # Errors
/// If anything is wrong: everything that is, by file, line and field.
pub(super) fn read(
    path: &Path,
    pool: Option<&Path>,
    files: &mut Vec<PathBuf>,
) -> anyhow::Result<Scenario> {
    let folder = Folder {
        scenario: path,
        named: RefCell::default(),
    };
    let source = read_file(path)?;
    let mut findings = Findings::default();
    let name = path.display().to_string();
    let scenario = toml_file::parse(&source, &mut findings)
        .map(|table| {
            let root = Section::root(&source, table.get_ref());
            read_root(&root, (&folder, pool), &mut findings)
        })
        .transpose()?;
    files.extend(folder.named.into_inner());
    if let Some(scenario) = &scenario {
        check(scenario, &mut findings);
    }
    if let Some(scenario) = scenario.filter(|_| findings.is_clean()) {
        return Ok(scenario);
    }
    let report = findings.report(&name);
    Err(CliError::Input(format!("{name} is not right:{report}")).into())
}

/// Notes the problems of a scenario of which everything could be read that they may come from.
fn check(scenario: &Scenario, findings: &mut Findings) {
    let basis = ["pool", "starts", "duration"];
    if basis.iter().any(|field| findings.is_noted(field)) {
        return;
    }
    let mut problems = Vec::new();
    for (field, what) in scenario.problems() {
        let field = standing(field, findings);
        if !findings.is_noted(&field) {
            problems.push((field, what));
        }
    }
    for (field, what) in problems {
        let line = findings.line_of(&field).unwrap_or(1);
        findings.note(line, &field, &what);
    }
}

/// Where the file says what the scenario has in a field: a demand may have one kind of calls, and one rate, without a
/// list of them, and what a kind does not say is that of its demand.
fn standing(field: String, findings: &Findings) -> String {
    let Some((demand, rest)) = field.split_once("].") else {
        return field;
    };
    let inner = rest.split_once("].").map(|(_, inner)| inner);
    let of_demand = match rest.split(['[', '.']).next() {
        Some("kinds") => inner.map(|inner| format!("{demand}].{inner}")),
        Some("rates") => {
            let forms = ["per_hour", "volumes"].map(|form| format!("{demand}].{form}"));
            forms.into_iter().find(|form| findings.is_placed(form))
        }
        _ => None,
    };
    of_demand
        .filter(|of_demand| !findings.is_placed(&field) && findings.is_placed(of_demand))
        .unwrap_or(field)
}

fn read_root(
    root: &Section<'_>,
    (folder, pool): (&Folder<'_>, Option<&Path>),
    findings: &mut Findings,
) -> anyhow::Result<Scenario> {
    root.check_keys(&KEYS, findings);
    let starts_ms = clock(root, "starts", findings).unwrap_or(0);
    let pool = match pool {
        Some(pool) => super::read_pool(pool)?,
        None => own_pool(root, folder, findings)?,
    };
    let name = root.text("name", findings);
    let file_name = || {
        folder
            .scenario
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
    };
    let whole = |key, usual: u32, findings: &mut Findings| {
        if root.has(key) {
            root.whole(key, findings)
        } else {
            usual
        }
    };
    if !root.has("duration") {
        root.note("duration", "is missing; write it like \"4h\"", findings);
    }
    let spans = spans(root, findings);
    Ok(Scenario {
        name: if name.is_empty() {
            file_name().into_owned()
        } else {
            name
        },
        pool,
        starts_ms,
        duration_ms: ms(root, "duration", findings).unwrap_or(1),
        warm_up_ms: ms(root, "warm_up", findings).unwrap_or(0),
        spans,
        replications: whole("replications", REPLICATIONS, findings),
        day_factor_cv: root.number("day_factor_cv", findings).unwrap_or(0.0),
        seed: if root.has("seed") {
            root.whole("seed", findings)
        } else {
            1
        },
        demand: crowd::demand(root, (folder, starts_ms), findings),
        staff: crowd::staff(root, folder, findings),
        providers: crowd::providers(root, folder, findings),
    })
}

/// `interval` or `batches`; without both the whole time is one interval.
fn spans(root: &Section<'_>, findings: &mut Findings) -> Spans {
    if root.has("batches") {
        if root.has("interval") {
            let what = "and `interval` exclude each other; give one of them";
            root.note("batches", what, findings);
        }
        return Spans::Batches(root.whole("batches", findings));
    }
    let interval = ms(root, "interval", findings);
    let whole = || ms(root, "duration", &mut Findings::default()).unwrap_or(1);
    Spans::Intervals(interval.unwrap_or_else(whole))
}

/// The pool that the scenario names: a file beside it, or a table with the keys of such a file.
fn own_pool(
    root: &Section<'_>,
    folder: &Folder<'_>,
    findings: &mut Findings,
) -> anyhow::Result<PoolSpec> {
    let empty = PoolSpec::new(PoolId::new("default"), Vec::new());
    if !root.has("pool") {
        let what =
            "is missing; give a pool's file like \"pool.toml\", or its keys as a table `[pool]`";
        root.note("pool", what, findings);
        return Ok(empty);
    }
    if root.is_text("pool") {
        return super::read_pool(&folder.path(&root.text("pool", findings)));
    }
    let Some(section) = root.section("pool", findings) else {
        return Ok(empty);
    };
    let pool = file::read_section(&section, "default", &folder.path(""), findings);
    if !findings.is_clean() {
        return Ok(empty);
    }
    api::pool::checked(&pool).or_else(|status| {
        let problems = status.get_details_bad_request();
        for violation in problems.map(|it| it.field_violations).unwrap_or_default() {
            let line = findings.line_of(&violation.field).unwrap_or(1);
            findings.note(line, &violation.field, &violation.description);
        }
        Ok(empty)
    })
}

/// A duration of TOML in ms.
fn as_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
