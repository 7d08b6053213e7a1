//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod config;
pub mod healthcheck;
pub mod serve;
pub mod server;

/// Contact-centre routing for home-based and telecentre agents.
#[derive(Debug, Parser)]
#[command(name = "homeshore", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server.
    Serve(serve::ServeArgs),
    /// Looks at settings.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Asks a server whether it serves.
    Healthcheck(healthcheck::HealthcheckArgs),
}

/// Reads the arguments, runs the subcommand and answers the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let ran = runtime.block_on(async {
        match cli.command {
            Command::Serve(args) => serve::run(args).await,
            Command::Config(command) => config::run(&command),
            Command::Healthcheck(args) => healthcheck::run(args).await,
        }
    });
    ran.unwrap_or_else(|problem| {
        use std::io::Write;
        let _said = writeln!(std::io::stderr(), "error: {problem:#}");
        ExitCode::FAILURE
    })
}
