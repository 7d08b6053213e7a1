//! A list that is nearly always empty, and then takes no more room than a pointer.

use std::ops::Deref;

/// A list of few things that hardly any agent has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::box_collection,
    reason = "the list itself is three times as large as a pointer to it"
)]
pub(crate) struct ThinList<T>(Option<Box<Vec<T>>>);

impl<T> Default for ThinList<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for ThinList<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_ref().map_or(&[], |list| list)
    }
}

impl<T> FromIterator<T> for ThinList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::default();
        items.into_iter().for_each(|item| list.push(item));
        list
    }
}

impl<T> ThinList<T> {
    /// Puts something at the end.
    pub(super) fn push(&mut self, item: T) {
        self.0.get_or_insert_default().push(item);
    }

    /// Puts something at a place, before what is there.
    pub(super) fn insert(&mut self, place: usize, item: T) {
        self.0.get_or_insert_default().insert(place, item);
    }

    /// Keeps what passes.
    pub(super) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        if let Some(list) = &mut self.0 {
            list.retain(keep);
            if list.is_empty() {
                self.0 = None;
            }
        }
    }

    /// Takes everything out.
    pub(super) fn clear(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_takes_a_pointer() {
        assert_eq!(size_of::<ThinList<u64>>(), size_of::<usize>());
        let mut list = ThinList::default();
        list.push(1);
        list.push(2);
        assert_eq!(*list, [1, 2]);
        list.retain(|item| *item > 2);
        assert_eq!(list, ThinList::default(), "nothing is kept of it");
        list.push(3);
        list.clear();
        assert!(list.is_empty());
    }
}
