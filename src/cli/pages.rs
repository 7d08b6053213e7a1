//! `completion` and `man`: what shells and manuals know of the command line, made from its definition.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Args, Command};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::out;

const PROGRAM: &str = "homeshore";

/// Arguments of `completion`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  source <(homeshore completion bash)
  homeshore completion bash > /etc/bash_completion.d/homeshore
  homeshore completion zsh > \"${fpath[1]}/_homeshore\"
  homeshore completion fish > ~/.config/fish/completions/homeshore.fish")]
pub(super) struct CompletionArgs {
    /// The shell.
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  homeshore man --out /usr/local/share/man/man1
  homeshore man --out /tmp/man && man -l /tmp/man/homeshore-top.1")]
pub(super) struct ManArgs {
    /// The folder for the pages, one for each command; made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Prints the completion of a shell.
pub(super) fn completion(mut command: Command, args: &CompletionArgs) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    generate(args.shell, &mut command, PROGRAM, &mut script);
    out::whole_lines(&String::from_utf8(script).context("a completion is text")?)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the pages of the manual.
pub(super) fn man(command: Command, args: &ManArgs) -> anyhow::Result<ExitCode> {
    let folder = &args.out;
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let pages = fs::create_dir_all(folder)
        .map_err(anyhow::Error::from)
        .and_then(|()| write_pages(&command, folder));
    let pages =
        pages.with_context(|| format!("pages cannot be written to `{}`", folder.display()))?;
    out::say(&format!("{pages} pages in {}", folder.display()));
    Ok(ExitCode::SUCCESS)
}

/// Writes the page of a command and those of the commands below it; answers how many.
fn write_pages(command: &Command, folder: &Path) -> anyhow::Result<usize> {
    let man = Man::new(command.clone())
        .date("")
        .source(concat!("homeshore ", env!("CARGO_PKG_VERSION")))
        .manual("homeshore");
    let mut page = Vec::new();
    man.render(&mut page)?;
    let mut file = fs::File::create(folder.join(man.get_filename()))?;
    file.write_all(&page)?;
    let below = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let below = below.map(|command| write_pages(command, folder));
    Ok(1 + below.sum::<anyhow::Result<usize>>()?)
}
