//! A result file that is written whole or not at all.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use tempfile::NamedTempFile;

use crate::cli::error::CliError;

/// Where the result goes once it is known.
#[derive(Debug)]
pub(super) struct Output {
    file: PathBuf,
    /// Beside the file, and put in its place when it is whole; none for a pipe or a device, which cannot be replaced.
    part: Option<NamedTempFile>,
}

impl Output {
    /// Makes sure that `file`, which `option` names, can be written, before any work is done for it, and is not one of the inputs.
    pub(super) fn at(option: &str, file: &Path, inputs: &[&Path]) -> anyhow::Result<Self> {
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

    /// Whether both would be written to one file.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.file == other.file
    }

    /// Writes it.
    pub(super) fn write(self, bytes: &[u8]) -> anyhow::Result<()> {
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
