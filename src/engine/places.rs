//! Places by name. The names themselves stand in the records, so that a table of many thousands stays small: a look-up
//! touches little memory besides the record that it finds.

use std::{fmt, hash::BuildHasher};

use hashbrown::HashTable;

use super::slab::Ix;

/// The places of records whose names are hashed by an `H`.
pub(crate) struct Places<T, H> {
    table: HashTable<Ix<T>>,
    hasher: H,
}

impl<T, H> fmt::Debug for Places<T, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Places").field(&self.table).finish()
    }
}

impl<T, H: Default> Default for Places<T, H> {
    fn default() -> Self {
        Self {
            table: HashTable::new(),
            hasher: H::default(),
        }
    }
}

impl<T, H: BuildHasher> Places<T, H> {
    /// The place of the record of this name; `name` tells the name of a record.
    pub(super) fn find<'n>(&self, wanted: &str, name: impl Fn(Ix<T>) -> &'n str) -> Option<Ix<T>> {
        let hash = self.hasher.hash_one(wanted);
        self.table.find(hash, |ix| name(*ix) == wanted).copied()
    }

    /// Notes the place of a record, of whose name there is no other.
    pub(super) fn insert<'n>(&mut self, ix: Ix<T>, name: impl Fn(Ix<T>) -> &'n str) {
        let hasher = &self.hasher;
        let hash = |ix: &Ix<T>| hasher.hash_one(name(*ix));
        self.table.insert_unique(hash(&ix), ix, hash);
    }

    /// Forgets the place of the record of this name, which is still there.
    pub(super) fn remove<'n>(
        &mut self,
        wanted: &str,
        name: impl Fn(Ix<T>) -> &'n str,
    ) -> Option<Ix<T>> {
        let hash = self.hasher.hash_one(wanted);
        let found = self.table.find_entry(hash, |ix| name(*ix) == wanted);
        found.ok().map(|entry| entry.remove().0)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::RandomState;

    use super::*;

    #[test]
    fn names_are_found_until_they_are_removed() {
        let names: Vec<String> = (0..1_000).map(|number| format!("n{number}")).collect();
        let name = |ix: Ix<()>| names[ix.number()].as_str();
        let mut places: Places<(), RandomState> = Places::default();
        (0..1_000).for_each(|number| places.insert(Ix::at(number), name));
        assert_eq!(places.len(), 1_000);
        assert_eq!(places.remove("n7", name), Some(Ix::at(7)));
        assert_eq!(places.remove("n7", name), None);
        for (number, text) in names.iter().enumerate() {
            let found = places.find(text, name);
            assert_eq!(found, (number != 7).then(|| Ix::at(number)), "{text}");
        }
        assert_eq!(places.find("n1000", name), None);
    }
}
