//! `doctor`: looks at settings, store, machine and server, and says of each what is found and what to do. It changes nothing.

mod folder;
mod machine;
mod net;
mod redis;
mod server;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::json;

use super::{
    Common, context, out, screen, storage,
    table::{self, Tone, piece, plain},
};
use crate::{
    clock,
    config::{Config, Sources},
};

const HELP: &str = "\
Each line says ok, warn or FAIL, what was found, and what to do about it. Give the flags that `serve` is given, so that the \
same settings are looked at. The folder is measured with a file that is gone again at once.

Examples:
  homeshore doctor
  homeshore doctor --config /etc/homeshore.toml --data /var/lib/homeshore
  homeshore doctor --redis redis://localhost:6379
  homeshore doctor --json | jq '.findings[] | select(.grade != \"ok\")'

Exit codes: 0 nothing fails, warnings or not; 1 something fails.
With --json: {\"grade\", \"findings\": [{\"grade\": \"ok\" | \"warn\" | \"fail\", \"about\", \"found\", \"to_do\"}]}.";

/// What is looked at, as it is told.
const ORDER: [&str; 12] = [
    "settings",
    "data",
    "data file",
    "redis",
    "disk",
    "clock",
    "zones",
    "limits",
    "port grpc",
    "port http",
    "server",
    "ready",
];

/// Arguments of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct DoctorArgs {
    /// Settings that override the defaults, as for `serve`.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the embedded store, as for `serve`.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Redis that pools are kept on, as for `serve`.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// Address of the gRPC API, as for `serve`.
    #[arg(long, value_name = "ADDR")]
    grpc: Option<String>,
    /// Address of metrics and health, as for `serve`.
    #[arg(long, value_name = "ADDR")]
    http: Option<String>,
}

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grade {
    Ok,
    Warn,
    Fail,
}

impl Grade {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// What was found, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    grade: Grade,
    about: &'static str,
    found: String,
    to_do: String,
}

/// Nothing is wrong.
fn ok(about: &'static str, found: impl Into<String>) -> Finding {
    Finding {
        grade: Grade::Ok,
        about,
        found: found.into(),
        to_do: String::new(),
    }
}

/// Worth a look.
fn warn(about: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Finding {
    Finding {
        grade: Grade::Warn,
        about,
        found: found.into(),
        to_do: to_do.into(),
    }
}

/// It does not work like this.
fn fail(about: &'static str, found: impl Into<String>, to_do: impl Into<String>) -> Finding {
    Finding {
        grade: Grade::Fail,
        ..warn(about, found, to_do)
    }
}

/// Runs `doctor`.
pub(super) async fn run(common: &Common, args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let (wall, steady) = (clock::wall(), clock::instant());
    let (config, mut findings) = settings(&args);
    if storage::is_on_redis(&config) {
        findings.extend(redis::look(&config).await);
    } else {
        findings.extend(folder::look(&config.storage.data));
    }
    findings.extend(machine::look());
    let listeners = net::listeners();
    for (about, address) in [
        ("port grpc", config.server.grpc),
        ("port http", config.server.http),
    ] {
        findings.push(net::port(about, address, &listeners));
    }
    let mut common = common.clone();
    if common.server == context::SERVER && config.server.grpc.port() > 0 {
        // Nobody named a server: the one of these settings is meant.
        common.server = format!("http://{}", config.server.grpc);
    }
    findings.extend(server::look(&common, &config).await);
    findings.push(machine::clocks_agree(wall, steady));
    findings.sort_by_key(|finding| ORDER.iter().position(|about| *about == finding.about));
    let worst = findings.iter().map(|finding| finding.grade).max();
    let worst = worst.unwrap_or(Grade::Ok);
    print(common.json, worst, &findings)?;
    Ok(match worst {
        Grade::Ok | Grade::Warn => ExitCode::SUCCESS,
        Grade::Fail => ExitCode::FAILURE,
    })
}

/// The settings in force, or the defaults where they are wrong.
fn settings(args: &DoctorArgs) -> (Config, Vec<Finding>) {
    let about = "settings";
    let data = args.data.as_ref().map(|data| data.display().to_string());
    let sources = Sources::of_process(args.config.as_deref())
        .with("--data", "storage.data", data)
        .with("--redis", "storage.redis", args.redis.clone())
        .with("--grpc", "server.grpc", args.grpc.clone())
        .with("--http", "server.http", args.http.clone());
    let from = args.config.as_ref();
    let from = from.map_or_else(
        || "the defaults".to_owned(),
        |file| file.display().to_string(),
    );
    let problems = match Config::load(&sources) {
        Ok(config) => {
            let found = format!("{from}, variables and flags are right");
            let finding = match config.security.unauthenticated {
                crate::config::Unauthenticated::Loopback => ok(about, found),
                crate::config::Unauthenticated::PrivateTestNetwork => warn(
                    about,
                    "`security.unauthenticated` is \"private-test-network\": whoever reaches the ports may do anything",
                    "keep this to a network of your own; in production set it to \"loopback\"",
                ),
            };
            return (config, vec![finding]);
        }
        Err(problems) => problems,
    };
    let to_do = "mend it; `homeshore config check` shows the settings in force. What follows is of the defaults and flags";
    let found = problems
        .iter()
        .map(|problem| fail(about, problem.to_string(), to_do));
    // What can still be told is of the flags that are right by themselves.
    let flags = |sources: Sources| Config::load(&sources).ok();
    let data = args.data.as_ref().map(|data| data.display().to_string());
    let kept = Sources::default().with("--data", "storage.data", data);
    let config = flags(kept).or_else(|| flags(Sources::default()));
    let config = config.expect("the compiled-in settings are right");
    (config, found.collect())
}

fn print(as_json: bool, worst: Grade, findings: &[Finding]) -> anyhow::Result<()> {
    if as_json {
        let each = |finding: &Finding| {
            json!({
                "grade": finding.grade.word(),
                "about": finding.about,
                "found": finding.found,
                "to_do": (!finding.to_do.is_empty()).then_some(&finding.to_do),
            })
        };
        let findings: Vec<_> = findings.iter().map(each).collect();
        return out::json(&json!({ "grade": worst.word(), "findings": findings }));
    }
    let mut lines = Vec::new();
    for finding in findings {
        let grade = match finding.grade {
            Grade::Ok => piece("ok  ", Tone::Good),
            Grade::Warn => piece("warn", Tone::Warn),
            Grade::Fail => piece("FAIL", Tone::Bad),
        };
        let about = format!("  {:<10}  {}", finding.about, finding.found);
        lines.push(vec![grade, plain(about)]);
        if !finding.to_do.is_empty() {
            lines.push(vec![plain(format!(
                "                  -> {}",
                finding.to_do
            ))]);
        }
    }
    let colour = screen::is_terminal() && screen::wants_colour();
    out::data(&table::to_text(&lines, colour))?;
    let count = |grade| {
        findings
            .iter()
            .filter(|finding| finding.grade == grade)
            .count()
    };
    let (fails, warns) = (count(Grade::Fail), count(Grade::Warn));
    if fails + warns > 0 {
        out::say(&format!("{fails} to mend, {warns} worth a look"));
    }
    Ok(())
}
