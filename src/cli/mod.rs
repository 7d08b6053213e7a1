//! The command line: `serve`, and tools that talk to a running server over the public API only.
//!
//! Data goes to stdout, talk to stderr. Exit codes: 0 done; 1 the thing asked for failed or problems were found;
//! 2 wrong usage or input; 3 the server cannot be reached.

mod agent;
mod backup;
mod beside;
mod board;
mod calendar;
mod call;
mod client;
mod config;
mod context;
mod demand;
mod demo;
mod doctor;
mod drive;
mod erlang;
mod error;
mod events;
mod explain;
mod healthcheck;
mod interrupt;
mod json;
mod keys;
mod labour;
mod manager;
mod message;
mod migrate;
mod out;
mod pages;
mod peaks;
mod pool;
mod progress;
pub mod pulse;
mod queue;
mod readiness;
mod records;
mod replay;
mod schedule;
mod screen;
mod serve;
pub mod server;
mod simulate;
mod site;
mod storage;
mod table;
mod text;
mod toml_file;
mod top;

use std::{path::Path, process::ExitCode};

use crate::calendar::zone;
use clap::{
    ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, parser::ValueSource,
};

/// Contact-centre routing for home-based and telecentre agents.
#[derive(Debug, Parser)]
#[command(name = "homeshore", version, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    given: context::Given,
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

/// Which server and pool a subcommand talks to, and how it answers.
#[derive(Clone, Debug)]
struct Common {
    server: String,
    pool: String,
    /// The context that said so, if one did.
    context: Option<String>,
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
    #[command(flatten)]
    Asking(Asking),
    /// Play a call log through the live engine in virtual time: who would have answered each call, and when.
    Simulate(simulate::SimulateArgs),
    /// Calculate queues by theory: lost calls, waits, and the agents that a target takes.
    #[command(subcommand)]
    Erlang(erlang::ErlangCommand),
    /// Look for peaks of demand.
    #[command(subcommand)]
    Peaks(peaks::PeaksCommand),
    /// Calculate how good a voice line sounds, by the E-model.
    Mos(readiness::MosArgs),
    /// Look at agents' home set-ups.
    #[command(subcommand)]
    Readiness(readiness::ReadinessCommand),
    /// Ask what labour law says of cases, and by which rules.
    #[command(subcommand)]
    Labour(labour::LabourCommand),
    /// Read and check files of shifts, and publish them.
    #[command(subcommand)]
    Schedule(schedule::ScheduleCommand),
    /// Make a data folder of a backup.
    Restore(backup::RestoreArgs),
    /// Move pools between a data folder and Redis.
    Migrate(migrate::MigrateArgs),
    /// Keep servers and pools under names.
    #[command(subcommand)]
    Context(context::ContextCommand),
    /// Look at the server's settings.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Ask a server whether it serves.
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Print the completion of a shell.
    Completion(pages::CompletionArgs),
    /// Write the pages of the manual.
    Man(pages::ManArgs),
}

/// What talks to a server of the user's.
#[derive(Debug, Subcommand)]
enum Asking {
    /// Watch a pool on the terminal: what is wrong, queues, agents.
    Top(top::TopArgs),
    /// Play a call log against a running server, measure, and check what the clients see.
    Replay(replay::ReplayArgs),
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
    /// When queues are served, and public holidays of regions and files.
    #[command(subcommand)]
    Calendar(calendar::CalendarCommand),
    /// List queues and their arrivals, pause, close and resume them, declare and end peaks.
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// Import past volumes, from which peaks are learned.
    #[command(subcommand)]
    History(demand::import::HistoryCommand),
    /// Import forecasts.
    #[command(subcommand)]
    Forecast(demand::import::ForecastCommand),
    /// Follow what happens in a pool, and check it.
    #[command(subcommand)]
    Events(events::EventsCommand),
    /// Export the detail records of calls that ended.
    #[command(subcommand)]
    Records(records::RecordsCommand),
    /// Write all that a server holds to one file, while it works.
    Backup(backup::BackupArgs),
    /// Ask about the schedule, as part of `schedule`.
    #[command(skip)]
    Published(schedule::published::Published),
    /// Ask what labour rules say of an agent, as part of `labour`.
    #[command(skip)]
    Labour(labour::explain::ExplainArgs),
    /// Look at settings, store, machine and server, and say of each what to do.
    Doctor(doctor::DoctorArgs),
}

/// Reads the arguments, runs the subcommand and answers the exit code.
pub fn main() -> ExitCode {
    zone::use_newer(Path::new(zone::SYSTEM_FOLDER));
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(problem) => problem.exit(),
    };
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
    runtime.block_on(run(cli, &matches))
}

async fn run(cli: Cli, matches: &ArgMatches) -> ExitCode {
    let given = cli.given;
    if given.no_color {
        screen::do_without_colour();
    }
    let done = match cli.command {
        Command::Serve(args) => serve::run(args).await,
        Command::Demo(args) => demo::run(&given.without_context(), args).await,
        Command::Asking(command) => return ask(given, command).await,
        Command::Simulate(args) => {
            let is_pool_given = matches.value_source("pool") == Some(ValueSource::CommandLine);
            simulate::run(&given.without_context(), args, is_pool_given).await
        }
        Command::Erlang(command) => erlang::run(&command, given.without_context().json),
        Command::Peaks(command) => peaks::run(&command, given.without_context().json),
        Command::Mos(args) => readiness::mos(&args, given.without_context().json),
        Command::Readiness(command) => readiness::run(&command, given.without_context().json),
        Command::Labour(labour::LabourCommand::Explain(args)) => {
            return ask(given, Asking::Labour(args)).await;
        }
        Command::Labour(command) => labour::run(given.without_context().json, &command),
        Command::Schedule(schedule::ScheduleCommand::Published(command)) => {
            return ask(given, Asking::Published(command)).await;
        }
        Command::Schedule(command) => schedule::run(&given.without_context(), &command),
        Command::Restore(args) => backup::run_restore(&given.without_context(), &args),
        Command::Migrate(args) => Box::pin(migrate::run(&given.without_context(), args)).await,
        Command::Context(command) => {
            context::run(&given, command, |option| matches.value_source(option))
        }
        Command::Config(command) => config::run(&command),
        Command::Healthcheck(args) => healthcheck::run(args).await,
        Command::Completion(args) => pages::completion(Cli::command(), &args),
        Command::Man(args) => pages::man(Cli::command(), &args),
    };
    done.unwrap_or_else(|problem| error::report(&problem))
}

/// Runs what talks to a server. Where it fails, the context is named that said which server.
async fn ask(given: context::Given, command: Asking) -> ExitCode {
    let common = match given.resolve() {
        Ok(common) => common,
        Err(problem) => return error::report(&problem.into()),
    };
    match ask_server(&common, command).await {
        Ok(code) => code,
        Err(problem) => {
            let code = error::report(&problem);
            if let Some(context) = &common.context {
                let (server, pool) = (&common.server, &common.pool);
                out::say(&format!(
                    "context `{context}`: server {server}, pool `{pool}`"
                ));
            }
            code
        }
    }
}

async fn ask_server(common: &Common, command: Asking) -> anyhow::Result<ExitCode> {
    match command {
        Asking::Doctor(args) => doctor::run(common, args).await,
        Asking::Top(args) => top::run(common, args).await,
        Asking::Replay(args) => replay::run(common, args).await,
        Asking::Pool(command) => pool::run(common, command).await,
        Asking::Agent(command) => agent::run(common, command).await,
        Asking::Site(command) => site::run(common, command).await,
        Asking::Team(command) => message::team(common, command).await,
        Asking::Call(command) => call::run(common, command).await,
        Asking::Calendar(command) => calendar::run(common, &command).await,
        Asking::Queue(command) => queue::run(common, command).await,
        Asking::History(command) => demand::import::history(common, command).await,
        Asking::Forecast(command) => demand::import::forecast(common, command).await,
        Asking::Events(command) => events::run(common, command).await,
        Asking::Records(command) => records::run(common, command).await,
        Asking::Backup(args) => backup::back_up(common, args).await,
        Asking::Published(command) => schedule::published::run(common, command).await,
        Asking::Labour(args) => labour::explain::run(common, args).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

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
