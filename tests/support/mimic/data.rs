//! What a Redis holds, and the changes that scripts and commands make.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Nil,
    Number(u64),
    Text(Vec<u8>),
    List(Vec<Answer>),
    Error(String),
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<u64> for Answer {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Answer>> From<Option<T>> for Answer {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nil, Into::into)
    }
}

/// Place of an entry in a stream.
type Place = (u64, u64);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Hash(BTreeMap<String, Vec<u8>>),
    Stream {
        last: Place,
        entries: BTreeMap<Place, Vec<u8>>,
    },
    Set(BTreeSet<Vec<u8>>),
}

/// Everything under its keys. A copy is cheap, and shares what does not change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Data(BTreeMap<String, Arc<Entry>>);

impl Data {
    fn hash(&self, key: &str) -> Option<&BTreeMap<String, Vec<u8>>> {
        let Entry::Hash(fields) = &**self.0.get(key)? else {
            return None;
        };
        Some(fields)
    }

    fn entry(&mut self, key: &str, made: impl FnOnce() -> Entry) -> &mut Entry {
        let entry = self.0.entry(key.to_owned());
        Arc::make_mut(entry.or_insert_with(|| Arc::new(made())))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn kind(&self, key: &str) -> &'static str {
        match self.0.get(key).map(|entry| &**entry) {
            None => "none",
            Some(Entry::Hash(_)) => "hash",
            Some(Entry::Stream { .. }) => "stream",
            Some(Entry::Set(_)) => "zset",
        }
    }

    /// A field of a hash, as text.
    pub(crate) fn get(&self, key: &str, field: &str) -> Option<String> {
        let value = self.hash(key)?.get(field)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    pub(crate) fn fields(&self, key: &str) -> Vec<(String, Vec<u8>)> {
        let fields = self.hash(key).into_iter().flatten();
        fields.map(|(f, v)| (f.clone(), v.clone())).collect()
    }

    /// Fields of a hash; of a stream its entries.
    pub(crate) fn len(&self, key: &str) -> u64 {
        let count = match self.0.get(key).map(|entry| &**entry) {
            None => 0,
            Some(Entry::Hash(fields)) => fields.len(),
            Some(Entry::Stream { entries, .. }) => entries.len(),
            Some(Entry::Set(members)) => members.len(),
        };
        count as u64
    }

    pub(crate) fn set(&mut self, key: &str, field: &str, value: impl Into<Vec<u8>>) {
        let entry = self.entry(key, || Entry::Hash(BTreeMap::new()));
        if let Entry::Hash(fields) = entry {
            fields.insert(field.to_owned(), value.into());
        }
    }

    pub(crate) fn unset(&mut self, key: &str, field: &str) {
        if self.hash(key).is_none() {
            return;
        }
        if let Entry::Hash(fields) = self.entry(key, || Entry::Hash(BTreeMap::new())) {
            fields.remove(field);
        }
        if self.len(key) == 0 {
            self.0.remove(key);
        }
    }

    pub(crate) fn unlink(&mut self, key: &str) -> bool {
        self.0.remove(key).is_some()
    }

    pub(crate) fn copy(&mut self, from: &str, to: &str) -> bool {
        let entry = self.0.get(from).cloned();
        entry.is_some_and(|entry| {
            self.0.insert(to.to_owned(), entry);
            true
        })
    }

    /// Adds to the end of a stream; an id that is not above the last is refused.
    pub(crate) fn append(&mut self, key: &str, id: &str, value: Vec<u8>) -> Result<(), Answer> {
        let place = place(id);
        let entry = self.entry(key, || Entry::Stream {
            last: (0, 0),
            entries: BTreeMap::new(),
        });
        let Entry::Stream { last, entries } = entry else {
            return Err(Answer::Error("WRONGTYPE it is no stream".to_owned()));
        };
        if place <= *last {
            let text =
                "ERR The ID specified in XADD is equal or smaller than the target stream top item";
            return Err(Answer::Error(text.to_owned()));
        }
        *last = place;
        entries.insert(place, value);
        Ok(())
    }

    /// Keeps so many of the newest entries of a stream.
    pub(crate) fn trim(&mut self, key: &str, kept: u64) {
        if !self.has(key) {
            return;
        }
        let entry = self.entry(key, || Entry::Set(BTreeSet::new()));
        if let Entry::Stream { entries, .. } = entry {
            while entries.len() as u64 > kept {
                entries.pop_first();
            }
        }
    }

    /// Entries of a stream above an id, oldest first.
    pub(crate) fn after(&self, key: &str, id: &str, limit: usize) -> Vec<(String, Vec<u8>)> {
        let Some(Entry::Stream { entries, .. }) = self.0.get(key).map(|entry| &**entry) else {
            return Vec::new();
        };
        let after = place(id);
        let newer = entries.iter().filter(|(place, _)| **place > after);
        newer
            .take(limit)
            .map(|((first, second), value)| (format!("{first}-{second}"), value.clone()))
            .collect()
    }

    pub(crate) fn add(&mut self, key: &str, member: &[u8]) {
        let entry = self.entry(key, || Entry::Set(BTreeSet::new()));
        if let Entry::Set(members) = entry {
            members.insert(member.to_vec());
        }
    }

    pub(crate) fn take(&mut self, key: &str, member: &[u8]) {
        if !self.has(key) {
            return;
        }
        let entry = self.entry(key, || Entry::Set(BTreeSet::new()));
        if let Entry::Set(members) = entry {
            members.remove(member);
        }
        if self.len(key) == 0 {
            self.0.remove(key);
        }
    }

    pub(crate) fn members(&self, key: &str) -> Vec<Vec<u8>> {
        match self.0.get(key).map(|entry| &**entry) {
            Some(Entry::Set(members)) => members.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

/// Reads `revision-index`.
fn place(id: &str) -> Place {
    let (first, second) = id.split_once('-').unwrap_or((id, "0"));
    let number = |text: &str| text.parse().expect("an id has numbers");
    (number(first), number(second))
}
