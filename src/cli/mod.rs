//! The command line: `serve`, and tools that talk to a running server over the public API only.
//!
//! Data goes to stdout, talk to stderr. Exit codes: 0 done; 1 the thing asked for failed or problems were found;
//! 2 wrong usage or input; 3 the server cannot be reached.

mod agent;
mod backup;
mod board;
mod call;
mod client;
mod config;
mod demo;
mod drive;
mod error;
mod events;
mod explain;
mod healthcheck;
mod interrupt;
mod json;
mod keys;
mod manager;
mod message;
mod out;
mod pool;
pub mod pulse;
mod queue;
mod records;
mod replay;
mod screen;
mod serve;
pub mod server;
mod simulate;
mod site;
mod table;
mod text;
mod toml_file;
mod top;

use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, parser::ValueSource};

/// Contact-centre routing for home-based and telecentre agents.
#[derive(Debug, Parser)]
#[command(name = "homeshore", version, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  homeshore demo          see a made-up operator at work; nothing to set up
  homeshore pool apply deploy/pools/demo.toml
  homeshore agent apply agents.csv
  homeshore call route --queue billing

Exit codes: 0 done; 1 it failed, or problems were found; 2 wrong usage or input; 3 the server cannot be reached.";

/// Options of every subcommand that talks to a server.
#[derive(Clone, Debug, Args)]
struct Common {
    /// The server's gRPC address.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "HOMESHORE_SERVER",
        default_value = "http://127.0.0.1:50051",
        help_heading = "Common options"
    )]
    server: String,
    /// The pool to work on.
    #[arg(
        long,
        global = true,
        value_name = "ID",
        env = "HOMESHORE_POOL",
        default_value = "default",
        help_heading = "Common options"
    )]
    pool: String,
    /// Whether the pool is named by an argument.
    #[arg(skip)]
    is_pool_given: bool,
    /// Print one JSON document for programs instead of text for people.
    #[arg(long, global = true, help_heading = "Common options")]
    json: bool,
}

/// Who gives a supervisor's order.
#[derive(Clone, Debug, Args)]
struct Supervisor {
    /// Your name, for the record.
    #[arg(long, value_name = "NAME", env = "HOMESHORE_SUPERVISOR")]
    supervisor: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::ServeArgs),
    /// Show a made-up operator at work: a server, agents and callers, with numbers that move.
    Demo(demo::DemoArgs),
    /// Watch a pool on the terminal: what is wrong, queues, agents.
    Top(top::TopArgs),
    /// Play a call log against a running server, measure, and check what the clients see.
    Replay(replay::ReplayArgs),
    /// Play a call log through the live engine in virtual time: who would have answered each call, and when.
    Simulate(simulate::SimulateArgs),
    /// Apply and show a pool's configuration.
    #[command(subcommand)]
    Pool(pool::PoolCommand),
    /// Apply, list and show agents, act as one, and give supervisors' orders.
    #[command(subcommand)]
    Agent(agent::AgentCommand),
    /// Drain, undrain and list the sites where agents work.
    #[command(subcommand)]
    Site(site::SiteCommand),
    /// Send a message to the agents of a team.
    #[command(subcommand)]
    Team(message::TeamCommand),
    /// Route a call by hand, list and show calls.
    #[command(subcommand)]
    Call(call::CallCommand),
    /// List queues, and pause, close and resume them.
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// Follow what happens in a pool.
    #[command(subcommand)]
    Events(events::EventsCommand),
    /// Export the detail records of calls that ended.
    #[command(subcommand)]
    Records(records::RecordsCommand),
    /// Write all that a server holds to one file, while it works.
    Backup(backup::BackupArgs),
    /// Make a data folder of a backup.
    Restore(backup::RestoreArgs),
    /// Look at the server's settings.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Ask a server whether it serves.
    Healthcheck(healthcheck::HealthcheckArgs),
}

/// Reads the arguments, runs the subcommand and answers the exit code.
pub fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|problem| problem.exit());
    cli.common.is_pool_given = matches.value_source("pool") == Some(ValueSource::CommandLine);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(problem) => {
            out::say(&format!("error: cannot start the runtime: {problem}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(problem) => error::report(&problem),
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let common = cli.common;
    match cli.command {
        Command::Serve(args) => serve::run(args).await,
        Command::Demo(args) => demo::run(&common, args).await,
        Command::Top(args) => top::run(&common, args).await,
        Command::Replay(args) => replay::run(&common, args).await,
        Command::Simulate(args) => simulate::run(&common, args).await,
        Command::Pool(command) => pool::run(&common, command).await,
        Command::Agent(command) => agent::run(&common, command).await,
        Command::Site(command) => site::run(&common, command).await,
        Command::Team(command) => message::team(&common, command).await,
        Command::Call(command) => call::run(&common, command).await,
        Command::Queue(command) => queue::run(&common, command).await,
        Command::Events(command) => events::run(&common, command).await,
        Command::Records(command) => records::run(&common, command).await,
        Command::Backup(args) => backup::back_up(&common, args).await,
        Command::Restore(args) => backup::run_restore(&common, &args),
        Command::Config(command) => config::run(&command),
        Command::Healthcheck(args) => healthcheck::run(args).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn every_subcommand_has_examples() {
        fn check(command: &clap::Command) {
            if command.get_name() != "help" {
                let help = command.get_after_help().map(ToString::to_string);
                assert!(
                    help.is_some_and(|text| text.contains("homeshore ")),
                    "`{}` has no examples",
                    command.get_name()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&super::Cli::command());
    }
}
