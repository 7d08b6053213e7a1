//! A file of shifts on its way to a version: read whole, checked whole, compared, then published in chunks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    super::{convert, status::Problem},
    covered::covered,
};
use crate::{
    calendar::zone::Zone,
    engine::{
        command::Command,
        event::Event,
        ids::{AgentId, WallTime},
        plan::{PlannedShift, Shifts},
    },
    labour::{self, pack},
    pool::Pool,
    proto::v1,
    schedule::{self, Diff, Known, LabourFinding, Options, Reading, Shift},
};

/// So many agents are staged with each command: others wait no longer than for that.
const AGENTS_AT_ONCE: usize = 250;
/// Problems and findings that are told one by one.
const TOLD: usize = 1_000;
/// Shifts that ended longer ago are no longer kept, ms: from yesterday on.
const KEPT_MS: i64 = 48 * 3_600_000;

/// How a file is to be taken.
pub(super) struct Wanted {
    pub(super) file: String,
    pub(super) zone: Zone,
    pub(super) replaces: bool,
    pub(super) validate_only: bool,
    pub(super) version: Option<u64>,
    pub(super) planner: Arc<str>,
    pub(super) override_reason: String,
    pub(super) agent: Option<String>,
}

/// What is published now.
struct Present {
    version: u64,
    pack: Option<Arc<str>>,
    known: BTreeSet<String>,
    shifts: BTreeMap<AgentId, Shifts>,
}

/// What a file comes to.
struct Outcome {
    reading: Reading,
    findings: Vec<LabourFinding>,
    diff: Diff,
    coverage: Vec<v1::CoverageInterval>,
    plans: Vec<(AgentId, Shifts)>,
}

/// Takes a file.
pub(super) async fn take(
    pool: &Pool,
    wanted: Wanted,
    bytes: Vec<u8>,
    now: WallTime,
) -> Result<v1::ImportScheduleResponse, Problem> {
    let present = present(pool).await?;
    let version = present.version;
    let wanted = Arc::new(wanted);
    let work = {
        let wanted = Arc::clone(&wanted);
        tokio::task::spawn_blocking(move || look(&wanted, &bytes, &present, now))
    };
    let outcome = work
        .await
        .map_err(|_panic| Problem::Pool(crate::pool::PoolError::Broken))?;
    let blocking = outcome
        .findings
        .iter()
        .filter(|found| is_blocking(found))
        .count();
    let is_sound = outcome.reading.problems.errors() == 0
        && (blocking == 0 || !wanted.override_reason.is_empty());
    let publishes = is_sound && !wanted.validate_only && !outcome.plans.is_empty();
    let mut response = answer(&outcome, version, blocking);
    if publishes {
        let base = wanted.version.unwrap_or(version);
        response.version =
            convert::schedule::wire_version(publish(pool, &wanted, base, outcome.plans).await?);
        response.published = true;
    }
    Ok(response)
}

fn is_blocking(found: &LabourFinding) -> bool {
    found.finding.severity == labour::Severity::Blocking
}

async fn present(pool: &Pool) -> Result<Present, Problem> {
    let known = {
        let state = pool.view().read();
        let agents = state.agents_after(None);
        agents.map(|(id, _)| id.to_string()).collect()
    };
    let read = pool.read(|engine| {
        let labour = engine.spec().and_then(|spec| spec.labour.as_ref());
        (
            engine.schedule().current,
            labour.map(|rules| Arc::clone(&rules.pack)),
            engine.all_shifts(),
        )
    });
    let (version, pack, shifts) = read.await?;
    Ok(Present {
        version,
        pack,
        known,
        shifts,
    })
}

/// Reads, checks and compares.
fn look(wanted: &Wanted, bytes: &[u8], present: &Present, now: WallTime) -> Outcome {
    let options = Options {
        known: Known {
            agents: Some(present.known.clone()),
            ..Known::default()
        },
        agent: wanted.agent.clone(),
        ..Options::new(wanted.zone.clone())
    };
    let reading = schedule::read(&wanted.file, bytes, &options, &mut |_, _| ());
    let plans = if reading.problems.errors() == 0 {
        merged(&reading.shifts, wanted, &present.shifts, now)
    } else {
        Vec::new()
    };
    let before: Vec<Shift> = plans
        .iter()
        .filter_map(|(agent, _)| Some((agent, present.shifts.get(agent)?)))
        .flat_map(|(agent, shifts)| filed(agent, shifts))
        .collect();
    let after: Vec<Shift> = plans
        .iter()
        .flat_map(|(agent, shifts)| filed(agent, shifts))
        .collect();
    let diff = Diff::of(&before, &after, &wanted.zone);
    let rules = present
        .pack
        .as_ref()
        .and_then(|name| pack::embedded().get(name));
    let findings = rules.map_or_else(Vec::new, |rules| {
        schedule::labour(&after, &wanted.zone, rules, &mut |_, _| ())
    });
    let coverage = if reading.problems.errors() == 0 {
        covered(&reading.shifts, &present.shifts, &plans, &wanted.zone)
    } else {
        Vec::new()
    };
    Outcome {
        reading,
        findings,
        diff,
        coverage,
        plans,
    }
}

fn filed(agent: &AgentId, shifts: &Shifts) -> Vec<Shift> {
    shifts
        .iter()
        .map(|shift| convert::schedule::filed(agent, shift))
        .collect()
}

/// What agents have from now on, of those for whom something changes.
fn merged(
    file: &[Shift],
    wanted: &Wanted,
    present: &BTreeMap<AgentId, Shifts>,
    now: WallTime,
) -> Vec<(AgentId, Shifts)> {
    let mut new: BTreeMap<AgentId, Vec<PlannedShift>> = BTreeMap::new();
    for shift in file {
        let planned = convert::schedule::planned(shift);
        new.entry(AgentId::new(&shift.agent))
            .or_default()
            .push(planned);
    }
    let span = wanted.replaces.then(|| span(file, &wanted.zone)).flatten();
    if span.is_some() {
        for agent in present.keys() {
            new.entry(agent.clone()).or_default();
        }
    }
    let oldest = WallTime(now.0 - KEPT_MS);
    let mut plans = Vec::new();
    for (agent, mut shifts) in new {
        let before = present.get(&agent).map_or(&[][..], |shifts| &**shifts);
        let gives_way = |old: &PlannedShift| match span {
            Some((from, to)) => from <= old.start && old.start < to,
            None => false,
        };
        let overlaps = |old: &PlannedShift, new: &[PlannedShift]| {
            new.iter()
                .any(|new| new.start < old.end && old.start < new.end)
        };
        let kept = before
            .iter()
            .filter(|old| old.end >= oldest && !gives_way(old) && !overlaps(old, &shifts));
        let kept: Vec<PlannedShift> = kept.cloned().collect();
        shifts.extend(kept);
        shifts.sort_unstable();
        let is_same = before
            .iter()
            .filter(|old| old.end >= oldest)
            .eq(shifts.iter());
        if !is_same || !present.contains_key(&agent) {
            plans.push((agent, shifts.into()));
        }
    }
    plans
}

/// From the day of the first shift to the end of the day of the last.
fn span(file: &[Shift], zone: &Zone) -> Option<(WallTime, WallTime)> {
    let first = file.iter().map(|shift| shift.start).min()?;
    let last = file.iter().map(|shift| shift.start).max()?;
    let day = |at: jiff::Timestamp| zone.local(at).date();
    let next = day(last).tomorrow().unwrap_or_else(|_| day(last));
    let wall = |date| WallTime(zone.day_start(date).as_millisecond());
    Some((wall(day(first)), wall(next)))
}

async fn publish(
    pool: &Pool,
    wanted: &Wanted,
    base: u64,
    plans: Vec<(AgentId, Shifts)>,
) -> Result<u64, Problem> {
    let opened = pool.submit(Command::OpenDraft { base }).await?;
    let mut events = opened.events.iter();
    let version = events.find_map(|event| {
        let Event::DraftOpened { version, .. } = event else {
            return None;
        };
        Some(*version)
    });
    let Some(version) = version else {
        return Err(Problem::Pool(crate::pool::PoolError::Broken));
    };
    let draft = Draft {
        pool: pool.clone(),
        version: Some(version),
    };
    for chunk in plans.chunks(AGENTS_AT_ONCE) {
        let plans = chunk.to_vec();
        pool.submit(Command::StageShifts { version, plans }).await?;
    }
    let title = if wanted.override_reason.is_empty() {
        wanted.file.clone()
    } else {
        format!("{} ({})", wanted.file, wanted.override_reason)
    };
    pool.submit(Command::PublishDraft {
        version,
        planner: Arc::clone(&wanted.planner),
        title: title.into(),
    })
    .await?;
    draft.keep();
    Ok(version)
}

/// A draft that is dropped unless it is published, also when the client goes away.
struct Draft {
    pool: Pool,
    version: Option<u64>,
}

impl Draft {
    fn keep(mut self) {
        self.version = None;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(version) = self.version {
            let pool = self.pool.clone();
            tokio::spawn(async move {
                // A draft that cannot be dropped now is dropped by its own time.
                let _dropped = pool.submit(Command::DropDraft { version }).await;
            });
        }
    }
}

fn answer(outcome: &Outcome, version: u64, blocking: usize) -> v1::ImportScheduleResponse {
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let problems = outcome.reading.problems.list().iter().take(TOLD);
    let findings = outcome.findings.iter().take(TOLD);
    v1::ImportScheduleResponse {
        version: convert::schedule::wire_version(version),
        published: false,
        problems: problems.map(convert::schedule::problem).collect(),
        error_count: count(outcome.reading.problems.errors()),
        findings: findings.map(convert::schedule::finding).collect(),
        blocking_count: count(blocking),
        change: Some(convert::schedule::change(&outcome.diff)),
        coverage: outcome.coverage.clone(),
    }
}
