//! Commands that broke the engine: they are refused on sight.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::engine::command::Command;

/// Most commands that are remembered.
const POISONED_MAX: usize = 1_024;

/// Commands that broke the engine, by fingerprint.
#[derive(Debug, Default)]
pub(super) struct Poisoned(VecDeque<u64>);

impl Poisoned {
    pub(super) fn add(&mut self, command: &Command) {
        // A deadline that breaks the engine must be tried again: without it nothing would ever expire.
        if matches!(
            command,
            Command::Tick | Command::Resume | Command::Recover { .. }
        ) {
            return;
        }
        if self.0.len() == POISONED_MAX {
            self.0.pop_front();
        }
        self.0.push_back(fingerprint(command));
    }

    pub(super) fn contains(&self, command: &Command) -> bool {
        !self.0.is_empty() && self.0.contains(&fingerprint(command))
    }
}

fn fingerprint(command: &Command) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{command:?}").hash(&mut hasher);
    hasher.finish()
}
