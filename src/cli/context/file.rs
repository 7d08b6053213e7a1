//! The file of the contexts: where it is, how it is read, and how it is written whole or not at all.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::cli::error::CliError;

/// All contexts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli) struct Contexts {
    /// The one in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) current: Option<String>,
    /// Each by its name.
    #[serde(default)]
    pub(super) contexts: BTreeMap<String, Named>,
}

/// A server, and perhaps a pool of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli) struct Named {
    pub(in crate::cli) server: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) pool: Option<String>,
}

/// Where contexts are kept: `$XDG_CONFIG_HOME/homeshore/contexts.toml`, else below `~/.config`.
pub(super) fn path() -> Result<PathBuf, CliError> {
    let folder = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let own = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    let own = own.ok_or_else(|| {
        CliError::Input(
            "there is no place for contexts: set HOME or XDG_CONFIG_HOME to a folder".to_owned(),
        )
    })?;
    Ok(own.join("homeshore/contexts.toml"))
}

/// Reads the contexts; without a file there are none.
pub(super) fn read(path: &Path) -> Result<Contexts, CliError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(Contexts::default()),
        Err(problem) => {
            let text = format!("`{}` cannot be read: {problem}", path.display());
            return Err(CliError::Input(text));
        }
    };
    toml::from_str(&text).map_err(|problem| {
        let before = problem
            .span()
            .map_or("", |span| text.get(..span.start).unwrap_or(""));
        let line = before.matches('\n').count() + 1;
        CliError::Input(format!(
            "{}:{line}: {}; mend it, or remove the file and begin with `homeshore context add`",
            path.display(),
            problem.message()
        ))
    })
}

/// Writes the contexts, for their owner's eyes only. The file gets its name when it is whole.
pub(super) fn write(path: &Path, contexts: &Contexts) -> anyhow::Result<()> {
    let folder = path.parent().context("a file is in a folder")?;
    let shown = path.display();
    let written = || -> anyhow::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(toml::to_string(contexts)?.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("`{shown}` cannot be written"))
}
