//! Values under small integers that are used again, in a fixed order, and sets of such places.

use std::marker::PhantomData;

use super::bits::Bits;

/// The place of a `T` in its slab.
pub(crate) struct Ix<T>(u32, PhantomData<fn() -> T>);

impl<T> Ix<T> {
    /// The place as a number: small, and used again once it is free.
    pub(crate) fn number(self) -> usize {
        self.0 as usize
    }

    /// The place of this number.
    pub(super) fn at(number: usize) -> Self {
        let number = u32::try_from(number).expect("a pool has fewer than 2^32 entities");
        Self(number, PhantomData)
    }
}

impl<T> Clone for Ix<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Ix<T> {}
impl<T> PartialEq for Ix<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Ix<T> {}
impl<T> PartialOrd for Ix<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Ix<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> std::fmt::Debug for Ix<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A growing table whose holes are filled first.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    /// Puts a value and says where.
    pub(crate) fn insert(&mut self, value: T) -> Ix<T> {
        if let Some(place) = self.free.pop() {
            self.slots[place as usize] = Some(value);
            return Ix(place, PhantomData);
        }
        let place = Ix::at(self.slots.len());
        self.slots.push(Some(value));
        place
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, ix: Ix<T>) -> Option<T> {
        let value = self.slots[ix.number()].take()?;
        self.free.push(ix.0);
        Some(value)
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// The values with their places, in order of place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Ix<T>, &T)> {
        let numbered = self.slots.iter().zip(0u32..);
        numbered.filter_map(|(slot, place)| Some((Ix(place, PhantomData), slot.as_ref()?)))
    }
}

impl<T> std::ops::Index<Ix<T>> for Slab<T> {
    type Output = T;

    fn index(&self, ix: Ix<T>) -> &T {
        self.slots[ix.number()]
            .as_ref()
            .expect("an index names a value that lives")
    }
}

impl<T> std::ops::IndexMut<Ix<T>> for Slab<T> {
    fn index_mut(&mut self, ix: Ix<T>) -> &mut T {
        self.slots[ix.number()]
            .as_mut()
            .expect("an index names a value that lives")
    }
}

/// Places in a slab, in order. Putting one in or taking one out looks at one word, whatever is in the set.
#[derive(Debug)]
pub(crate) struct IxSet<T> {
    places: Bits,
    of: PhantomData<fn() -> T>,
}

impl<T> Default for IxSet<T> {
    fn default() -> Self {
        Self {
            places: Bits::default(),
            of: PhantomData,
        }
    }
}

impl<T> IxSet<T> {
    /// Puts a place in.
    pub(crate) fn insert(&mut self, ix: Ix<T>) {
        self.places.set(ix.number());
    }

    /// Takes a place out.
    pub(crate) fn remove(&mut self, ix: Ix<T>) {
        self.places.clear(ix.number());
    }

    /// Whether a place is in it.
    pub(crate) fn contains(&self, ix: Ix<T>) -> bool {
        self.places.contains(ix.number())
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.count() == 0
    }

    /// The places, in order.
    pub(crate) fn to_vec(&self) -> Vec<Ix<T>> {
        let mut all = Vec::with_capacity(self.places.count());
        self.places.each(|place| all.push(Ix::at(place)));
        all
    }

    /// The first places, at most so many.
    pub(crate) fn first(&self, most: usize) -> Vec<Ix<T>> {
        self.places.iter().take(most).map(Ix::at).collect()
    }

    /// Takes everything out.
    pub(crate) fn clear(&mut self) {
        self.places.take_each(|_| ());
    }

    /// Takes everything out, and gives it in order.
    pub(crate) fn take(&mut self) -> Vec<Ix<T>> {
        let mut all = Vec::with_capacity(self.places.count());
        self.places.take_each(|place| all.push(Ix::at(place)));
        all
    }
}
