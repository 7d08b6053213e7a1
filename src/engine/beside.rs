//! What only some agents or calls have, kept beside their records.

use super::slab::Ix;

/// Values by the places of a slab.
#[derive(Debug)]
pub(super) struct Beside<K, V> {
    values: Vec<Option<Box<V>>>,
    of: std::marker::PhantomData<fn() -> K>,
}

impl<K, V> Default for Beside<K, V> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            of: std::marker::PhantomData,
        }
    }
}

impl<K, V> Beside<K, V> {
    /// The value beside a place.
    pub(super) fn get(&self, ix: Ix<K>) -> Option<&V> {
        self.values.get(ix.number())?.as_deref()
    }

    /// Puts a value beside a place, or takes it away; answers the one before.
    pub(super) fn put(&mut self, ix: Ix<K>, value: Option<V>) -> Option<V> {
        let place = ix.number();
        if place >= self.values.len() {
            value.as_ref()?;
            self.values.resize_with(place + 1, || None);
        }
        let before = std::mem::replace(&mut self.values[place], value.map(Box::new));
        before.map(|before| *before)
    }

    /// The value beside a place, made if there is none.
    pub(super) fn entry(&mut self, ix: Ix<K>) -> &mut V
    where
        V: Default,
    {
        let place = ix.number();
        if place >= self.values.len() {
            self.values.resize_with(place + 1, || None);
        }
        self.values[place].get_or_insert_default()
    }

    /// The places with a value, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Ix<K>, &V)> {
        let values = self.values.iter().enumerate();
        values.filter_map(|(place, value)| Some((Ix::at(place), value.as_deref()?)))
    }
}
