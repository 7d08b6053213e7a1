//! `schedule import`, `shifts`, `cancel`, `absence`, `revert`, `versions`: the schedule that a server holds.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    api::schedule::upload,
    cli::{Common, client::Clients, error::CliError, out, progress},
    proto::v1::{
        CancelShiftRequest, ImportMode, ImportOptions, ImportScheduleResponse, ListShiftsRequest,
        ListVersionsRequest, RecordAbsenceRequest, RevertScheduleRequest, ScheduleFinding,
        ScheduleProblem, import_schedule_request::Part,
    },
};

const IMPORT_HELP: &str = "\
The file is read as by `schedule validate`, and checked whole before anything changes: a file with an error is not published, nor one \
that a blocking rule of the pool's labour rules forbids, unless --override-reason says why. Agents must be known to the pool. Without \
--replace its shifts are added, and published shifts that one of them overlaps give way. The same file again changes nothing.

With --json: {\"version\", \"published\", \"problems\": [{\"severity\", \"row\", \"column\", \"value\", \"message\", \"expected\"}], \
\"findings\": [{\"agent\", \"rule\", \"article\", \"measured\", \"limit\", \"severity\"}], \"change\": {\"added\", \"changed\", \"removed\", \
\"agents\"}}. Exit code 1 if it is not right.

Examples:
  homeshore schedule import march.csv --zone Europe/Paris --planner pia --dry-run
  homeshore schedule import march.csv --zone Europe/Paris --planner pia --replace";

/// What can be done with the schedule that a server holds.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Published {
    /// Check a file of shifts, and publish it.
    #[command(after_help = IMPORT_HELP)]
    Import(ImportArgs),
    /// List the published shifts of an agent.
    #[command(
        after_help = "With --json: {\"version\", \"shifts\": [{\"start\", \"end\", \"segments\": [{\"kind\", \"start\", \"end\"}], \"skills\", \"site\"}]}.\n\nExamples:\n  homeshore schedule shifts ann"
    )]
    Shifts(ShiftsArgs),
    /// Take a published shift away.
    #[command(
        after_help = "With --json: {\"version\"}.\n\nExamples:\n  homeshore schedule cancel ann --start 2026-03-02T08:00:00Z --upon 7 --planner pia"
    )]
    Cancel(CancelArgs),
    /// Take an agent's planned work between two times away.
    #[command(
        after_help = "With --json: {\"version\"}.\n\nExamples:\n  homeshore schedule absence ann --start 2026-03-02T08:00:00Z --end 2026-03-02T12:00:00Z --upon 7 --planner pia"
    )]
    Absence(AbsenceArgs),
    /// Go back, or forward again, to a version that is kept.
    #[command(
        after_help = "Version 0 is no schedule: shifts are not required then. With --json: {\"version\"}.\n\nExamples:\n  homeshore schedule revert 6 --upon 7 --planner pia"
    )]
    Revert(RevertArgs),
    /// List the versions that are kept, the newest first.
    #[command(
        after_help = "With --json: {\"version\", \"versions\": [{\"version\", \"base\", \"published\", \"planner\", \"title\", \"agents\"}]}.\n\nExamples:\n  homeshore schedule versions"
    )]
    Versions,
}

/// Who changes the schedule, and upon which version.
#[derive(Debug, Args)]
pub(in crate::cli) struct Upon {
    /// The version that you looked at: refused if another holds by now.
    #[arg(long, value_name = "VERSION")]
    upon: i64,
    /// Who changes it.
    #[arg(long, value_name = "NAME")]
    planner: String,
}

/// Arguments of `schedule import`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArgs {
    /// The file: CSV, XLSX, ODS or iCalendar.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The time zone of local times, such as Europe/Paris; it is never guessed.
    #[arg(long, value_name = "ZONE")]
    zone: String,
    /// The file is all there is from its first day to its last: other shifts that begin then go, of all agents.
    #[arg(long)]
    replace: bool,
    /// Check everything and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// The version that you looked at: refused if another holds by now.
    #[arg(long, value_name = "VERSION")]
    upon: Option<i64>,
    /// Who publishes.
    #[arg(long, value_name = "NAME")]
    planner: String,
    /// Why shifts are published that a blocking labour rule forbids; it is kept with the version.
    #[arg(long, value_name = "TEXT", default_value = "")]
    override_reason: String,
    /// Whose calendar an iCalendar file is.
    #[arg(long, value_name = "ID", default_value = "")]
    agent: String,
}

/// Arguments of `schedule shifts`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ShiftsArgs {
    /// The agent.
    agent: String,
}

/// Arguments of `schedule cancel`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CancelArgs {
    /// The agent.
    agent: String,
    /// When the shift begins, such as 2026-03-02T08:00:00Z.
    #[arg(long, value_name = "TIME")]
    start: Timestamp,
    #[command(flatten)]
    by: Upon,
}

/// Arguments of `schedule absence`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AbsenceArgs {
    /// The agent.
    agent: String,
    /// From, such as 2026-03-02T08:00:00Z.
    #[arg(long, value_name = "TIME")]
    start: Timestamp,
    /// To.
    #[arg(long, value_name = "TIME")]
    end: Timestamp,
    #[command(flatten)]
    by: Upon,
}

/// Arguments of `schedule revert`.
#[derive(Debug, Args)]
pub(in crate::cli) struct RevertArgs {
    /// The version that is to hold.
    version: i64,
    #[command(flatten)]
    by: Upon,
}

/// Runs one of them.
pub(in crate::cli) async fn run(common: &Common, command: Published) -> anyhow::Result<ExitCode> {
    let mut client = Clients::connect(common).await?.schedules();
    let version = match command {
        Published::Import(args) => return import(common, args).await,
        Published::Shifts(args) => return shifts(common, args).await,
        Published::Versions => return versions(common).await,
        Published::Cancel(args) => {
            let request = CancelShiftRequest {
                agent_id: args.agent,
                start_time: Some(wire(args.start)),
                version: args.by.upon,
                planner: args.by.planner,
            };
            let answer = client.cancel_shift(request).await;
            answer.map_err(CliError::from)?.into_inner().version
        }
        Published::Absence(args) => {
            let request = RecordAbsenceRequest {
                agent_id: args.agent,
                start_time: Some(wire(args.start)),
                end_time: Some(wire(args.end)),
                version: args.by.upon,
                planner: args.by.planner,
            };
            let answer = client.record_absence(request).await;
            answer.map_err(CliError::from)?.into_inner().version
        }
        Published::Revert(args) => {
            let request = RevertScheduleRequest {
                to_version: args.version,
                version: args.by.upon,
                planner: args.by.planner,
            };
            let answer = client.revert_schedule(request).await;
            answer.map_err(CliError::from)?.into_inner().version
        }
    };
    if common.json {
        out::json(&json!({ "version": version }))?;
    } else {
        out::data(&format!("version {version} holds"))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn import(common: &Common, args: ImportArgs) -> anyhow::Result<ExitCode> {
    let name = args.file.display().to_string();
    let cannot = |problem| CliError::Input(format!("cannot read {name}: {problem}"));
    let bytes = fs::read(&args.file).map_err(cannot)?;
    let mode = if args.replace {
        ImportMode::Replace
    } else {
        ImportMode::Merge
    };
    let options = ImportOptions {
        file: args
            .file
            .file_name()
            .map_or_else(|| name.clone(), |name| name.to_string_lossy().into_owned()),
        zone: args.zone,
        mode: mode.into(),
        validate_only: args.dry_run,
        version: args.upon,
        planner: args.planner,
        override_reason: args.override_reason,
        agent_id: args.agent,
    };
    let bar = progress::bar(bytes.len(), "bytes sent");
    let sent = bar.clone();
    let requests = upload(options, bytes.into()).inspect(move |request| {
        if let Some(Part::Chunk(chunk)) = &request.part {
            sent.inc(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        }
    });
    let mut client = Clients::connect(common).await?.schedules();
    let answer = client.import_schedule(tokio_stream::iter(requests)).await;
    bar.finish_and_clear();
    let answer = answer.map_err(CliError::from)?.into_inner();
    if common.json {
        out::json(&imported(&answer))?;
    } else {
        out::data(&told(&answer, args.dry_run))?;
    }
    let forbidden = answer.blocking_count > 0 && !answer.published;
    Ok(if answer.error_count > 0 || forbidden {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn imported(answer: &ImportScheduleResponse) -> Value {
    let change = answer.change.unwrap_or_default();
    json!({
        "version": answer.version,
        "published": answer.published,
        "problems": answer.problems.iter().map(problem).collect::<Vec<_>>(),
        "findings": answer.findings.iter().map(finding).collect::<Vec<_>>(),
        "change": {
            "added": change.added_count,
            "changed": change.changed_count,
            "removed": change.removed_count,
            "agents": change.agent_count,
        },
    })
}

fn problem(problem: &ScheduleProblem) -> Value {
    json!({
        "severity": if problem.is_error { "error" } else { "warning" },
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "message": problem.message,
        "expected": problem.expected,
    })
}

fn finding(finding: &ScheduleFinding) -> Value {
    json!({
        "agent": finding.agent_id,
        "rule": finding.rule,
        "article": finding.article,
        "measured": finding.measured,
        "limit": finding.limit,
        "severity": severity(finding),
    })
}

fn severity(finding: &ScheduleFinding) -> &'static str {
    if finding.is_blocking {
        "blocking"
    } else {
        "warning"
    }
}

fn told(answer: &ImportScheduleResponse, dry_run: bool) -> String {
    let mut parts = Vec::new();
    let problems = answer.problems.iter().map(|problem| {
        vec![
            if problem.is_error { "error" } else { "warning" }.to_owned(),
            problem.row.to_string(),
            problem.column.clone(),
            problem.value.clone(),
            format!("{}; {}", problem.message, problem.expected),
        ]
    });
    let problems: Vec<Vec<String>> = problems.collect();
    if !problems.is_empty() {
        parts.push(out::table(
            &["", "row", "column", "value", "problem"],
            &problems,
        ));
    }
    let findings = answer.findings.iter().map(|finding| {
        vec![
            finding.agent_id.clone(),
            finding.article.clone(),
            finding.rule.clone(),
            finding.measured.clone(),
            finding.limit.clone(),
            severity(finding).to_owned(),
        ]
    });
    let findings: Vec<Vec<String>> = findings.collect();
    if !findings.is_empty() {
        let titles = ["agent", "article", "rule", "measured", "limit", "severity"];
        parts.push(out::table(&titles, &findings));
    }
    let change = answer.change.unwrap_or_default();
    let verdict = if answer.published {
        format!("version {} holds", answer.version)
    } else if answer.error_count > 0 {
        format!("not published: {} errors", answer.error_count)
    } else if answer.blocking_count > 0 {
        let count = answer.blocking_count;
        format!(
            "not published: {count} blocking findings; --override-reason publishes all the same"
        )
    } else if dry_run {
        "nothing was changed, as asked".to_owned()
    } else {
        format!("nothing changes by it; version {} holds", answer.version)
    };
    parts.push(format!(
        "{} added, {} changed, {} removed, of {} agents; {verdict}",
        change.added_count, change.changed_count, change.removed_count, change.agent_count
    ));
    parts.join("\n\n")
}

async fn shifts(common: &Common, args: ShiftsArgs) -> anyhow::Result<ExitCode> {
    let mut client = Clients::connect(common).await?.schedules();
    let request = ListShiftsRequest {
        agent_id: args.agent,
    };
    let answer = client.list_shifts(request).await.map_err(CliError::from)?;
    let answer = answer.into_inner();
    let span = |start, end| (utc(start), utc(end));
    if common.json {
        let shifts = answer.shifts.iter().map(|shift| {
            let (start, end) = span(shift.start_time.as_ref(), shift.end_time.as_ref());
            let parts = shift.segments.iter().map(|part| {
                let (start, end) = span(part.start_time.as_ref(), part.end_time.as_ref());
                json!({ "kind": part.kind, "start": start, "end": end })
            });
            json!({
                "start": start,
                "end": end,
                "segments": parts.collect::<Vec<_>>(),
                "skills": shift.skills,
                "site": shift.site,
            })
        });
        let shifts: Vec<Value> = shifts.collect();
        out::json(&json!({ "version": answer.version, "shifts": shifts }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = answer.shifts.iter().map(|shift| {
        let (start, end) = span(shift.start_time.as_ref(), shift.end_time.as_ref());
        let parts: Vec<&str> = shift
            .segments
            .iter()
            .map(|part| part.kind.as_str())
            .collect();
        vec![start, end, parts.join(" "), shift.site.clone()]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let holds = format!("version {} holds", answer.version);
    if rows.is_empty() {
        out::data(&format!("no shifts; {holds}"))?;
    } else {
        let table = out::table(&["start", "end", "parts", "site"], &rows);
        out::data(&format!("{table}\n\n{holds}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn versions(common: &Common) -> anyhow::Result<ExitCode> {
    let mut client = Clients::connect(common).await?.schedules();
    let answer = client.list_versions(ListVersionsRequest {}).await;
    let answer = answer.map_err(CliError::from)?.into_inner();
    if common.json {
        let versions = answer.versions.iter().map(|version| {
            json!({
                "version": version.version,
                "base": version.base,
                "published": utc(version.publish_time.as_ref()),
                "planner": version.planner,
                "title": version.title,
                "agents": version.agent_count,
            })
        });
        let versions: Vec<Value> = versions.collect();
        out::json(&json!({ "version": answer.version, "versions": versions }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = answer.versions.iter().map(|version| {
        let holds = if version.version == answer.version {
            "holds"
        } else {
            ""
        };
        vec![
            version.version.to_string(),
            holds.to_owned(),
            utc(version.publish_time.as_ref()),
            version.planner.clone(),
            version.title.clone(),
            version.agent_count.to_string(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if answer.version == 0 {
        out::say("no schedule holds: shifts are not required");
    }
    out::data(&out::table(
        &["version", "", "published", "planner", "title", "agents"],
        &rows,
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn wire(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.as_second(),
        nanos: at.subsec_nanosecond(),
    }
}

fn utc(at: Option<&prost_types::Timestamp>) -> String {
    let at = at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok());
    at.map_or_else(String::new, |at| at.to_string())
}
