//! `labour check`: judges cases.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::super::{out, pool::read_file};
use crate::labour::{
    Figure, Finding,
    cases::{self, Written},
    days, words,
};

pub(super) const HELP: &str = "\
Examples:
  homeshore labour check cases.json
  homeshore labour check cases.json --json
  homeshore labour check cases.json --packs company.toml --json --findings

The file is JSON:
  {\"zone\": \"Europe/Paris\", \"cases\": [{\"id\": \"A1\",
    \"employee\": {\"age\": 30, \"part_time\": false, \"regime\": \"code\"},
    \"shifts\": [{\"start\": \"2026-03-03 08:00\", \"end\": \"2026-03-03 19:15\",
                \"breaks\": [[\"2026-03-03 12:00\", \"2026-03-03 13:00\"]]}]}]}
A regime is code (the pack fr), 2148, 2098, or the name of a pack. An employee may also have born, contract_hours (a
week) and agreement (figures as in a pack); a shift segments, on_call and telework; a case zone, worked_days and
worked_weeks (hours before the shifts), calls with complexity, and expected, the articles that it should break.

With --json: {\"cases\": [{\"id\", \"articles\": [...]}]}, the articles that are broken, sorted, each once. With --findings
each case also has \"findings\": [{\"rule\", \"article\", \"severity\", \"measured\", \"limit\", \"start\", \"end\"}], warnings too;
times are measured in ms.

Exit codes: 0 judged, and as expected where a case says what is; 1 something else than expected; 2 the file is wrong.";

/// Arguments of `labour check`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// The cases, JSON.
    file: PathBuf,
    /// A layer of rules on top of those that come with the program, TOML; may be given several times.
    #[arg(long, value_name = "FILE")]
    packs: Vec<PathBuf>,
    /// With --json, print every finding too.
    #[arg(long)]
    findings: bool,
}

/// A case with what was found.
struct Judged {
    case: Written,
    findings: Vec<Finding>,
    articles: Vec<String>,
}

impl Judged {
    /// What the case expects, if something else was found.
    fn missed(&self) -> Option<Vec<String>> {
        let mut expected = self.case.expected.clone()?;
        expected.sort();
        expected.dedup();
        (expected != self.articles).then_some(expected)
    }
}

/// Runs `labour check`.
pub(super) fn run(json: bool, args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let packs = super::packs_with(&args.packs)?;
    let text = read_file(&args.file)?;
    let cases =
        cases::read(&text, &packs).map_err(|problems| super::wrong(&args.file, &problems))?;
    let judged: Vec<Judged> = cases.into_iter().map(judge).collect();
    let missed = judged.iter().filter(|judged| judged.missed().is_some());
    let is_as_expected = missed.count() == 0;
    if json {
        let cases: Vec<Value> = judged
            .iter()
            .map(|judged| to_json(judged, args.findings))
            .collect();
        out::json(&json!({ "cases": cases }))?;
    } else {
        out::data(&told(&judged))?;
    }
    Ok(if is_as_expected {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn judge(case: Written) -> Judged {
    let findings = case.findings();
    let articles = cases::articles(&findings);
    Judged {
        case,
        findings,
        articles,
    }
}

fn to_json(judged: &Judged, with_findings: bool) -> Value {
    let mut value = json!({ "id": judged.case.id, "articles": judged.articles });
    if with_findings {
        let findings = judged.findings.iter().map(|finding| {
            let figure = |figure: Figure| match figure {
                Figure::Time(number) | Figure::Count(number) => number,
            };
            json!({
                "rule": finding.rule.name(),
                "article": &*finding.article,
                "severity": finding.severity.word(),
                "measured": figure(finding.measured),
                "limit": figure(finding.limit),
                "start": utc(finding.span.start_ms),
                "end": utc(finding.span.end_ms),
            })
        });
        value["findings"] = findings.collect();
    }
    value
}

fn utc(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(|_| String::new(), |at| at.to_string())
}

fn told(judged: &[Judged]) -> String {
    let headers = [
        "case", "article", "rule", "measured", "limit", "severity", "from", "to",
    ];
    let rows = judged.iter().flat_map(|judged| {
        let rows = judged.findings.iter();
        rows.map(|finding| row(judged, finding))
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let mut parts = Vec::new();
    if !rows.is_empty() {
        parts.push(out::table(&headers, &rows));
    }
    let missed = judged.iter().filter_map(|judged| {
        let expected = judged.missed()?;
        let (id, found) = (&judged.case.id, &judged.articles);
        Some(format!(
            "case `{id}` expects {}, and breaks {}",
            listed(&expected),
            listed(found)
        ))
    });
    let missed: Vec<String> = missed.collect();
    if !missed.is_empty() {
        parts.push(missed.join("\n"));
    }
    let broken = judged.iter().filter(|judged| !judged.articles.is_empty());
    parts.push(format!(
        "{} cases, of which {} break a rule",
        judged.len(),
        broken.count()
    ));
    parts.join("\n\n")
}

fn listed(articles: &[String]) -> String {
    if articles.is_empty() {
        "nothing".to_owned()
    } else {
        articles.join(", ")
    }
}

fn row(judged: &Judged, finding: &Finding) -> Vec<String> {
    let zone = &judged.case.zone;
    let local = |at_ms| days::local(zone, at_ms).strftime("%a %F %H:%M").to_string();
    vec![
        judged.case.id.clone(),
        finding.article.to_string(),
        finding.rule.name().to_owned(),
        words::figure(finding.measured),
        words::figure(finding.limit),
        finding.severity.word().to_owned(),
        local(finding.span.start_ms),
        local(finding.span.end_ms),
    ]
}
