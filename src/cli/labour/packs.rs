//! `labour packs`: the rule packs, and the rules of one with their articles and figures.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::super::{error::CliError, out};
use crate::labour::pack::{Pack, RuleLine};

pub(super) const HELP: &str = "\
Examples:
  homeshore labour packs
  homeshore labour packs fr-2098
  homeshore labour packs ours --packs ours.toml

A layer of your own is a TOML file such as
  name = \"ours\"
  version = 1
  level = \"company\"    # country, branch or company
  extends = \"fr-2098\"
  title = \"Our company agreement\"
  [daily_rest]
  minimum = \"9h\"
  article = \"L3131-2\"
Every rule also takes enabled, severity (blocking or warning) and may_override.
With --json: {\"packs\": [{\"name\", \"version\", \"title\", \"layers\"}]}; of one pack also \"rules\": [{\"rule\", \"article\",
\"severity\", \"may_override\", \"figures\": {...}}].";

/// Arguments of `labour packs`.
#[derive(Debug, Args)]
pub(in crate::cli) struct PacksArgs {
    /// The pack to show.
    name: Option<String>,
    /// A layer of rules on top of those that come with the program, TOML; may be given several times.
    #[arg(long, value_name = "FILE")]
    packs: Vec<PathBuf>,
}

/// Runs `labour packs`.
pub(super) fn run(json: bool, args: &PacksArgs) -> anyhow::Result<ExitCode> {
    let packs = super::packs_with(&args.packs)?;
    match &args.name {
        None => {
            let all: Vec<&Pack> = packs
                .names()
                .into_iter()
                .filter_map(|name| packs.get(name).map(|pack| &**pack))
                .collect();
            list(json, &all)?;
        }
        Some(name) => {
            let Some(pack) = packs.get(name) else {
                let names = packs.names().join(", ");
                let text = format!("`{name}` is no rule pack; there are {names}");
                return Err(CliError::Input(text).into());
            };
            show(json, pack)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(json: bool, packs: &[&Pack]) -> anyhow::Result<()> {
    if json {
        let packs: Vec<Value> = packs.iter().map(|pack| head(pack)).collect();
        return out::json(&json!({ "packs": packs }));
    }
    let rows: Vec<Vec<String>> = packs
        .iter()
        .map(|pack| {
            let layers: Vec<String> = layers(pack);
            vec![
                pack.name.to_string(),
                pack.version.to_string(),
                layers.join(" < "),
                pack.title.to_string(),
            ]
        })
        .collect();
    out::data(&out::table(&["pack", "version", "layers", "title"], &rows))
}

fn layers(pack: &Pack) -> Vec<String> {
    let layers = pack.layers.iter();
    layers.map(|(name, _)| name.to_string()).collect()
}

fn head(pack: &Pack) -> Value {
    json!({
        "name": &*pack.name,
        "version": pack.version,
        "title": &*pack.title,
        "layers": layers(pack),
    })
}

fn show(json: bool, pack: &Pack) -> anyhow::Result<()> {
    if json {
        let mut value = head(pack);
        let rules = pack.lines.iter().map(|line| {
            let figures = line.figures.iter();
            let figures: serde_json::Map<String, Value> = figures
                .map(|(key, figure)| ((*key).to_owned(), figure.clone().into()))
                .collect();
            json!({
                "rule": line.basis.rule.name(),
                "article": &*line.basis.article,
                "severity": line.basis.severity.word(),
                "may_override": line.basis.may_override,
                "figures": figures,
            })
        });
        value["rules"] = rules.collect();
        return out::json(&value);
    }
    let rows: Vec<Vec<String>> = pack.lines.iter().map(row).collect();
    let table = out::table(&["rule", "article", "severity", "figures"], &rows);
    out::data(&format!(
        "{} ({})\n\n{table}",
        pack.title,
        layers(pack).join(" < ")
    ))
}

fn row(line: &RuleLine) -> Vec<String> {
    let figures = line.figures.iter();
    let figures: Vec<String> = figures
        .map(|(key, figure)| format!("{key} {figure}"))
        .collect();
    vec![
        line.basis.rule.name().to_owned(),
        line.basis.article.to_string(),
        line.basis.severity.word().to_owned(),
        figures.join(", "),
    ]
}
