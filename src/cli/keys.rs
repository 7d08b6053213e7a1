//! The keys that sign receipts: files of the settings, or one that is made in the data folder on the first start.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, bail};

use crate::{
    api::receipts::{KEY_BYTES, Key, Receipts},
    config::Config,
};

/// Name of the key's file in the data folder.
const FILE: &str = "receipt.key";

/// What signs receipts by these settings. The data folder exists.
///
/// # Errors
/// If a file cannot be read or made, or holds no key; the text names the setting.
pub(super) fn load(config: &Config) -> anyhow::Result<Receipts> {
    let security = &config.security;
    let key = if security.receipt_key_file.is_empty() {
        own(&config.storage.data)?
    } else {
        given("security.receipt_key_file", &security.receipt_key_file)?
    };
    let former = &security.former_receipt_key_file;
    let former = (!former.is_empty()).then(|| given("security.former_receipt_key_file", former));
    Ok(Receipts::new(key, former.transpose()?))
}

fn given(setting: &str, file: &str) -> anyhow::Result<Key> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("`{setting}` is `{file}`, which cannot be read"))?;
    read(&text, &format!("`{setting}` is `{file}`, which"))
}

fn read(text: &str, what: &str) -> anyhow::Result<Key> {
    let Some(key) = Key::parse(text) else {
        bail!(
            "{what} holds no key; write 64 hexadecimal digits, such as from `openssl rand -hex 32`"
        );
    };
    Ok(key)
}

/// The key of the data folder, made if there is none.
fn own(folder: &Path) -> anyhow::Result<Key> {
    let file = folder.join(FILE);
    let what = format!("`storage.data`: `{}`", file.display());
    match fs::read_to_string(&file) {
        Ok(text) => read(&text, &what),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = make(folder, &file);
            key.with_context(|| format!("{what} cannot be made"))
        }
        Err(error) => Err(error).with_context(|| format!("{what} cannot be read")),
    }
}

/// Makes a key for its owner's eyes only. It gets its name when it is whole.
fn make(folder: &Path, file: &Path) -> io::Result<Key> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
        let _never_fails = write!(digits, "{byte:02x}");
        digits
    });
    let unfinished = folder.join(format!("{FILE}.new"));
    let mut out = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&unfinished)?;
    writeln!(out, "{digits}")?;
    out.sync_all()?;
    fs::rename(&unfinished, file)?;
    File::open(folder)?.sync_all()?;
    Ok(Key::new(bytes))
}
