//! A result file that is written whole or not at all.

use std::{
    fs::{self, File, Permissions},
    io::{self, BufWriter, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use tempfile::NamedTempFile;

use crate::cli::error::CliError;

/// Where the result goes once it is known.
#[derive(Debug)]
pub(in crate::cli) struct Output {
    file: PathBuf,
    /// Beside the file, and put in its place when it is whole; none for a pipe or a device, which cannot be replaced.
    part: Option<NamedTempFile>,
}

impl Output {
    /// Makes sure that `file`, which `option` names, can be written, before any work is done for it, and is not one of the inputs.
    pub(in crate::cli) fn at(option: &str, file: &Path, inputs: &[&Path]) -> anyhow::Result<Self> {
        let name = file.display();
        let wrong = |what: String| CliError::Input(format!("{option}: {what}"));
        // What a link points to is replaced, not the link.
        let real = real(file);
        let is_input = |input: &&Path| fs::canonicalize(input).is_ok_and(|path| path == real);
        if inputs.iter().any(is_input) {
            return Err(wrong(format!("{name} is read; give another file")).into());
        }
        let known = fs::metadata(&real).ok();
        if known.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(wrong(format!("{name} is a folder; give a file in it")).into());
        }
        if known.is_some_and(|known| !known.is_file()) {
            let file = real;
            return Ok(Self { file, part: None });
        }
        let folder = real.parent().filter(|parent| *parent != Path::new(""));
        let part = tempfile::Builder::new()
            .prefix(".homeshore-")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
            .map_err(|problem| wrong(format!("cannot write {name}: {problem}")))?;
        Ok(Self {
            file: real,
            part: Some(part),
        })
    }

    /// Begins to write it line by line.
    pub(super) fn lines(self) -> anyhow::Result<Lines> {
        let file = match &self.part {
            Some(part) => part.reopen(),
            None => File::create(&self.file),
        };
        let file = file.with_context(|| format!("{} was not written", self.file.display()))?;
        Ok(Lines {
            output: self,
            file: BufWriter::new(file),
            failed: None,
        })
    }

    /// Writes it.
    pub(in crate::cli) fn write(self, bytes: &[u8]) -> anyhow::Result<()> {
        let not_written = || format!("{} was not written", self.file.display());
        let Some(mut part) = self.part else {
            return fs::write(&self.file, bytes).with_context(not_written);
        };
        part.write_all(bytes).with_context(not_written)?;
        part.as_file().sync_all().with_context(not_written)?;
        part.persist(&self.file).with_context(not_written)?;
        Ok(())
    }
}

/// A result under way, whole once it is ended; dropped before, nothing is left of it.
#[derive(Debug)]
pub(super) struct Lines {
    output: Output,
    file: BufWriter<File>,
    failed: Option<io::Error>,
}

impl Lines {
    /// Adds a line. What goes wrong is told at the end, and nothing more is written.
    pub(super) fn add(&mut self, line: &str) {
        if self.failed.is_none() {
            self.failed = writeln!(self.file, "{line}").err();
        }
    }

    /// Puts the result in its place.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        let not_written = || format!("{} was not written", self.output.file.display());
        let written = match self.failed {
            Some(problem) => Err(problem),
            None => self.file.flush(),
        };
        written.with_context(not_written)?;
        if let Some(part) = self.output.part {
            part.as_file().sync_all().with_context(not_written)?;
            part.persist(&self.output.file).with_context(not_written)?;
        }
        Ok(())
    }
}

/// Refuses outputs, each with its option, that would be written to one file.
pub(super) fn check_apart(outputs: &[(&str, Option<&Output>)]) -> Result<(), CliError> {
    for (place, (option, output)) in outputs.iter().enumerate() {
        let mut before = outputs[..place].iter();
        let file = output.map(|output| &output.file);
        let same = |other: Option<&Output>| other.is_some_and(|it| Some(&it.file) == file);
        if let Some((other, _)) = before.find(|(_, other)| same(*other)) {
            let what = format!("{other} and {option} name the same file; give two");
            return Err(CliError::Input(what));
        }
    }
    Ok(())
}

/// The file behind links; of one that is not there yet at least its folder's.
fn real(file: &Path) -> PathBuf {
    let inside = || {
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        let folder = fs::canonicalize(folder.unwrap_or_else(|| Path::new("."))).ok()?;
        Some(folder.join(file.file_name()?))
    };
    let known = fs::canonicalize(file).ok();
    known.or_else(inside).unwrap_or_else(|| file.to_owned())
}
