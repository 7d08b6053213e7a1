//! `context …`: servers and pools by name, so that they need not be said each time.

mod file;

use std::process::ExitCode;

use clap::{Args, Subcommand, parser::ValueSource};
use serde_json::json;

use self::file::{Contexts, Named};
use super::{Common, client, error::CliError, out};

/// The server where nothing is said.
pub(super) const SERVER: &str = "http://127.0.0.1:50051";
/// The pool where nothing is said.
const POOL: &str = "default";

/// What can be done with contexts.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore context add prod --server http://10.0.0.7:50051 --pool night\n  homeshore context use prod\n  homeshore --context prod queue list"
)]
pub(super) enum ContextCommand {
    /// Keep a server, and perhaps a pool, under a name; one of that name is replaced.
    #[command(after_help = ADD_HELP)]
    Add(AddArgs),
    /// Use a context from now on.
    #[command(after_help = USE_HELP)]
    Use(UseArgs),
    /// List the contexts.
    #[command(after_help = LIST_HELP)]
    List,
    /// Forget a context.
    #[command(after_help = REMOVE_HELP)]
    Remove(NameArgs),
    /// Say which server and pool are meant now, and why.
    #[command(after_help = SHOW_HELP)]
    Show,
}

const ADD_HELP: &str = "\
They are kept in $XDG_CONFIG_HOME/homeshore/contexts.toml, else in ~/.config, for your eyes only.

Examples:
  homeshore context add prod --server http://10.0.0.7:50051
  homeshore context add night --server http://10.0.0.7:50051 --pool night";

const USE_HELP: &str = "\
For one command --context NAME or the variable HOMESHORE_CONTEXT will do; flags and variables for server and pool win over a \
context.

Examples:
  homeshore context use prod
  homeshore context use --none";

const LIST_HELP: &str = "\
Examples:
  homeshore context list
  homeshore context list --json

With --json: {\"contexts\": [{\"name\", \"server\", \"pool\", \"current\"}]}; without a pool null.";

const REMOVE_HELP: &str = "\
Examples:
  homeshore context remove prod";

const SHOW_HELP: &str = "\
Examples:
  homeshore context show
  homeshore --context prod context show --json

With --json: {\"context\", \"server\", \"server_from\", \"pool\", \"pool_from\"}; \"from\" is one of flag, variable, context, default.";

/// Arguments of `context add`.
#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// Letters, digits, hyphens, dots and underscores.
    name: String,
}

/// Arguments of `context use`.
#[derive(Debug, Args)]
pub(super) struct UseArgs {
    /// The context.
    #[arg(required_unless_present = "none")]
    name: Option<String>,
    /// Use none.
    #[arg(long, conflicts_with = "name")]
    none: bool,
}

/// Arguments of `context remove`.
#[derive(Debug, Args)]
pub(super) struct NameArgs {
    /// The context.
    name: String,
}

/// Options that say which server and pool are meant.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Common options")]
pub(super) struct Given {
    /// The server's gRPC address; without it that of the context, else of this machine.
    #[arg(long, global = true, value_name = "URL", env = "HOMESHORE_SERVER")]
    server: Option<String>,
    /// The pool to work on; without it that of the context, else `default`.
    #[arg(long, global = true, value_name = "ID", env = "HOMESHORE_POOL")]
    pool: Option<String>,
    /// The context to use, see `homeshore context --help`; without it the one in use.
    #[arg(long, global = true, value_name = "NAME", env = "HOMESHORE_CONTEXT")]
    context: Option<String>,
    /// Print one JSON document for programs instead of text for people.
    #[arg(long, global = true)]
    json: bool,
    /// Use no colours; the variable `NO_COLOR` asks for the same.
    #[arg(long, global = true)]
    pub(super) no_color: bool,
}

impl Given {
    /// Which server and pool are meant.
    pub(super) fn resolve(self) -> Result<Common, CliError> {
        let named = self.named()?;
        let (name, context) = named.unzip();
        let pool = context.as_ref().and_then(|context| context.pool.clone());
        Ok(Common {
            server: self
                .server
                .or_else(|| context.map(|context| context.server))
                .unwrap_or_else(|| SERVER.to_owned()),
            pool: self.pool.or(pool).unwrap_or_else(|| POOL.to_owned()),
            context: name,
            json: self.json,
        })
    }

    /// The same where no server is asked: contexts are not looked at.
    pub(super) fn without_context(self) -> Common {
        Common {
            server: self.server.unwrap_or_else(|| SERVER.to_owned()),
            pool: self.pool.unwrap_or_else(|| POOL.to_owned()),
            context: None,
            json: self.json,
        }
    }

    /// The context that is asked for, or in use.
    fn named(&self) -> Result<Option<(String, Named)>, CliError> {
        let asked = self.context.as_deref().filter(|name| !name.is_empty());
        if asked.is_none() && self.server.is_some() && self.pool.is_some() {
            return Ok(None);
        }
        let path = match (file::path(), asked) {
            (Ok(path), _) => path,
            // Without a place for contexts there are none.
            (Err(_), None) => return Ok(None),
            (Err(problem), Some(_)) => return Err(problem),
        };
        let contexts = file::read(&path)?;
        let Some(name) = asked.or(contexts.current.as_deref()) else {
            return Ok(None);
        };
        let named = contexts.find(name)?.clone();
        Ok(Some((name.to_owned(), named)))
    }
}

impl Contexts {
    fn find(&self, name: &str) -> Result<&Named, CliError> {
        self.contexts.get(name).ok_or_else(|| {
            let names: Vec<String> = self.contexts.keys().map(|name| format!("`{name}`")).collect();
            CliError::Input(if names.is_empty() {
                format!(
                    "there is no context `{name}`: make it with `homeshore context add {name} --server URL`"
                )
            } else {
                format!("there is no context `{name}`; there are {}", names.join(", "))
            })
        })
    }
}

/// Runs `context …`; `from` tells where an option came from.
pub(super) fn run(
    given: &Given,
    command: ContextCommand,
    from: impl Fn(&str) -> Option<ValueSource>,
) -> anyhow::Result<ExitCode> {
    let path = file::path()?;
    match command {
        ContextCommand::Add(args) => {
            let mut contexts = file::read(&path)?;
            add(&mut contexts, given, &args.name)?;
            file::write(&path, &contexts)?;
            let name = args.name;
            out::say(&format!(
                "kept; `homeshore context use {name}` uses it from now on, `--context {name}` once"
            ));
        }
        ContextCommand::Use(args) => {
            let mut contexts = file::read(&path)?;
            if let Some(name) = &args.name {
                contexts.find(name)?;
            }
            contexts.current = args.name;
            file::write(&path, &contexts)?;
        }
        ContextCommand::List => list(given.json, &file::read(&path)?)?,
        ContextCommand::Remove(args) => {
            let mut contexts = file::read(&path)?;
            contexts.find(&args.name)?;
            contexts.contexts.remove(&args.name);
            if contexts.current.as_deref() == Some(&args.name) {
                contexts.current = None;
                out::say("it was in use: now none is");
            }
            file::write(&path, &contexts)?;
        }
        ContextCommand::Show => show(given, from)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn add(contexts: &mut Contexts, given: &Given, name: &str) -> Result<(), CliError> {
    let right = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if name.is_empty() || !name.chars().all(right) {
        return Err(CliError::Input(format!(
            "`{name}` is no name for a context: give letters, digits, hyphens, dots and underscores"
        )));
    }
    let Some(server) = given.server.clone() else {
        let text = "which server? give it with `--server http://HOST:PORT`";
        return Err(CliError::Input(text.to_owned()));
    };
    client::check_address(&server)?;
    let named = Named {
        server,
        pool: given.pool.clone(),
    };
    contexts.contexts.insert(name.to_owned(), named);
    Ok(())
}

fn list(as_json: bool, contexts: &Contexts) -> anyhow::Result<()> {
    let is_current = |name: &String| contexts.current.as_ref() == Some(name);
    if as_json {
        let each = contexts.contexts.iter().map(|(name, named)| {
            json!({
                "name": name,
                "server": named.server,
                "pool": named.pool,
                "current": is_current(name),
            })
        });
        return out::json(&json!({ "contexts": each.collect::<Vec<_>>() }));
    }
    if contexts.contexts.is_empty() {
        out::say("no contexts yet: see `homeshore context add --help`");
        return Ok(());
    }
    let rows = contexts.contexts.iter().map(|(name, named)| {
        vec![
            if is_current(name) { "*" } else { "" }.to_owned(),
            name.clone(),
            named.server.clone(),
            named.pool.clone().unwrap_or_default(),
        ]
    });
    let headers = ["in use", "context", "server", "pool"];
    out::data(&out::table(&headers, &rows.collect::<Vec<_>>()))
}

fn show(given: &Given, from: impl Fn(&str) -> Option<ValueSource>) -> anyhow::Result<()> {
    let named = given.named()?;
    let common = given.clone().resolve()?;
    let from = |name: &str, in_context: bool| match from(name) {
        Some(ValueSource::CommandLine) => "flag",
        Some(ValueSource::EnvVariable) => "variable",
        _ if in_context => "context",
        _ => "default",
    };
    let server_from = from("server", named.is_some());
    let with_pool = named
        .as_ref()
        .is_some_and(|(_, named)| named.pool.is_some());
    let pool_from = from("pool", with_pool);
    if given.json {
        return out::json(&json!({
            "context": common.context,
            "server": common.server,
            "server_from": server_from,
            "pool": common.pool,
            "pool_from": pool_from,
        }));
    }
    let context = common.context.as_deref().unwrap_or("none");
    out::data(&format!(
        "context  {context}\nserver   {} ({server_from})\npool     {} ({pool_from})",
        common.server, common.pool
    ))
}
