//! The program `homeshore`: everything it does is a subcommand in the `cli` room.

use std::process::ExitCode;

fn main() -> ExitCode {
    homeshore::cli::main()
}
