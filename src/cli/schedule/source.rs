//! A file of shifts and how it is to be read: the arguments that all subcommands of `schedule` share.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use jiff::civil;

use super::known;
use crate::{
    calendar::zone::Zone,
    cli::{error::CliError, pool::read_file, progress},
    schedule::{self, Charset, Limits, Mapping, Options, Reading, Refused, Scan},
};

/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;

/// How files are to be read.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The time zone of local times, such as Europe/Paris; it is never guessed.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub(super) zone: Zone,
    /// The encoding of a table of text, else it is found: utf-8, utf-16le, utf-16be, windows-1252.
    #[arg(long, value_name = "NAME", value_parser = charset)]
    encoding: Option<Charset>,
    /// The separator of a table of text, else it is found: comma, semicolon, tab, pipe.
    #[arg(long, value_name = "NAME", value_parser = separator)]
    separator: Option<char>,
    /// The sheet of a workbook, else the first one with titles.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Whose calendar an iCalendar file is.
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Follow repetitions of a calendar to this day, else for two years.
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Option<civil::Date>,
    /// Titles of columns of your own: a TOML file with lines such as: start = "Arrivée".
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The directory: a file as `agent apply` takes it; agents, skills and sites that are not in it are errors.
    #[arg(long, value_name = "FILE")]
    agents: Option<PathBuf>,
    /// The skills that there are, with commas; others are errors.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    skills: Option<Vec<String>>,
    /// The sites that there are, with commas; others are errors.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    sites: Option<Vec<String>>,
    /// The most rows that a file may have.
    #[arg(long, value_name = "COUNT", default_value_t = Limits::default().max_rows, env = "HOMESHORE_IMPORT_MAX_ROWS")]
    max_rows: u32,
}

fn zone(name: &str) -> Result<Zone, String> {
    Zone::named(name).map_err(|unknown| unknown.to_string())
}

fn charset(name: &str) -> Result<Charset, String> {
    Charset::named(name).ok_or_else(|| {
        let names: Vec<&str> = Charset::NAMES.iter().map(|(_, name)| *name).collect();
        format!("`{name}` is not one of {}", names.join(", "))
    })
}

fn separator(name: &str) -> Result<char, String> {
    match name {
        "comma" | "," => Ok(','),
        "semicolon" | ";" => Ok(';'),
        "tab" | "\t" => Ok('\t'),
        "pipe" | "|" => Ok('|'),
        _ => Err(format!(
            "`{name}` is not one of comma, semicolon, tab, pipe"
        )),
    }
}

pub(super) fn date(text: &str) -> Result<civil::Date, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no date; write it like 2026-03-02"))
}

impl Source {
    fn options(&self) -> anyhow::Result<Options> {
        let mapping = match &self.mapping {
            Some(path) => {
                let read = Mapping::parse(&read_file(path)?);
                read.map_err(|bad| {
                    CliError::Input(format!("{} is not right: {bad}", path.display()))
                })?
            }
            None => Mapping::default(),
        };
        let mut known = match &self.agents {
            Some(path) => known::read(path)?,
            None => schedule::Known::default(),
        };
        let list = |names: &Vec<String>| names.iter().map(|name| name.trim().to_owned()).collect();
        if let Some(skills) = &self.skills {
            known.skills = Some(list(skills));
        }
        if let Some(sites) = &self.sites {
            known.sites = Some(list(sites));
        }
        Ok(Options {
            charset: self.encoding,
            separator: self.separator,
            sheet: self.sheet.clone(),
            agent: self.agent.clone(),
            until: self.until,
            mapping,
            known,
            limits: Limits {
                max_rows: self.max_rows,
                ..Limits::default()
            },
            ..Options::new(self.zone.clone())
        })
    }

    /// Reads a file. What is wrong with what is in it is told by the reading.
    pub(super) fn read(&self, path: &Path) -> anyhow::Result<Reading> {
        let options = self.options()?;
        let name = path.display().to_string();
        let cannot = |problem: io::Error| CliError::Input(format!("cannot read {name}: {problem}"));
        let bytes = match load(path, options.limits).map_err(cannot)? {
            Ok(bytes) => bytes,
            Err(refusal) => return Ok(schedule::refused(&name, refusal)),
        };
        let bar = progress::bar(bytes.len(), "bytes read");
        let reading = schedule::read(&name, &bytes, &options, &mut |done, all| {
            bar.set_length(u64::try_from(all).unwrap_or(u64::MAX));
            bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        });
        bar.finish_and_clear();
        Ok(reading)
    }
}

/// The bytes of a file, which is looked at before anything of it is kept. What is no plain file is looked at as it comes.
fn load(path: &Path, limits: Limits) -> io::Result<Result<Vec<u8>, Refused>> {
    let mut scan = Scan::new(limits);
    if path == Path::new("-") {
        return scan_all(io::stdin().lock(), scan, true);
    }
    let about = fs::metadata(path)?;
    if !about.is_file() {
        return scan_all(File::open(path)?, scan, true);
    }
    if let Err(refusal) = scan.size(about.len()) {
        return Ok(Err(refusal));
    }
    // Only the beginning tells that a file is a workbook or a calendar, for which less is allowed.
    let mut file = File::open(path)?;
    let mut head = vec![0; 1_024];
    let read = file.read(&mut head)?;
    let begun = scan
        .push(&head[..read])
        .and_then(|()| scan.size(about.len()));
    if let Err(refusal) = begun {
        return Ok(Err(refusal));
    }
    match scan_all(file, scan, false)? {
        Ok(_nothing_kept) => Ok(Ok(fs::read(path)?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}

fn scan_all(
    mut file: impl Read,
    mut scan: Scan,
    keep: bool,
) -> io::Result<Result<Vec<u8>, Refused>> {
    let (mut kept, mut chunk) = (Vec::new(), vec![0; CHUNK]);
    loop {
        let read = file.read(&mut chunk)?;
        let looked = if read == 0 {
            scan.end()
        } else {
            scan.push(&chunk[..read])
        };
        if let Err(refusal) = looked {
            return Ok(Err(refusal));
        }
        if read == 0 {
            return Ok(Ok(kept));
        }
        if keep {
            kept.extend_from_slice(&chunk[..read]);
        }
    }
}
