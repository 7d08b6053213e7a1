//! A sorted list that knows how many of its keys come before one: blocks of keys, so that none is scanned.

/// A block that grows beyond this is cut in two.
const BLOCK_MAX: usize = 512;

/// Keys in order, each once.
#[derive(Clone, Debug)]
pub(crate) struct Order<K> {
    /// None of them is empty.
    blocks: Vec<Vec<K>>,
}

impl<K> Default for Order<K> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<K: Ord> Order<K> {
    /// Puts a key in its place.
    pub(crate) fn insert(&mut self, key: K) {
        let place = self.block_of(&key).min(self.blocks.len().saturating_sub(1));
        let Some(block) = self.blocks.get_mut(place) else {
            self.blocks.push(vec![key]);
            return;
        };
        if let Err(at) = block.binary_search(&key) {
            block.insert(at, key);
        }
        if block.len() > BLOCK_MAX {
            let rest = block.split_off(BLOCK_MAX / 2);
            self.blocks.insert(place + 1, rest);
        }
    }

    /// Takes a key out, if it is there.
    pub(crate) fn remove(&mut self, key: &K) {
        let place = self.block_of(key);
        let Some(block) = self.blocks.get_mut(place) else {
            return;
        };
        if let Ok(at) = block.binary_search(key) {
            block.remove(at);
        }
        // The room of the last block stays: the next key comes soon.
        if block.is_empty() && self.blocks.len() > 1 {
            self.blocks.remove(place);
        }
    }

    /// How many keys come before this one, which need not be there.
    pub(crate) fn before(&self, key: &K) -> usize {
        let place = self.block_of(key);
        let whole: usize = self.blocks[..place].iter().map(Vec::len).sum();
        let part = self.blocks.get(place);
        whole + part.map_or(0, |block| block.partition_point(|other| other < key))
    }

    /// The first key.
    pub(crate) fn first(&self) -> Option<&K> {
        self.blocks.first()?.first()
    }

    /// The first block that may hold a key.
    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum()
    }

    /// The keys, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &K> {
        self.blocks.iter().flatten()
    }

    fn block_of(&self, key: &K) -> usize {
        let ends_before = |block: &Vec<K>| block.last().is_some_and(|last| last < key);
        self.blocks.partition_point(ends_before)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Order;

    #[test]
    fn it_counts_as_a_sorted_set_does() {
        let mut order = Order::default();
        let mut set = BTreeSet::new();
        // A walk over 4,096 keys that meets each, in an order that is none.
        let mut key = 1_u32;
        for step in 0..12_288_u32 {
            key = (key * 1_229 + 351) % 4_096;
            if step % 3 == 2 {
                order.remove(&key);
                set.remove(&key);
            } else {
                order.insert(key);
                set.insert(key);
            }
            if step % 64 == 0 {
                assert_eq!(order.before(&key), set.range(..key).count());
                assert_eq!(order.first(), set.first());
                assert!(order.len() == set.len() && order.iter().eq(&set));
            }
        }
        for key in 0..4_096 {
            assert_eq!(order.before(&key), set.range(..key).count(), "{key}");
            order.remove(&key);
            set.remove(&key);
        }
        assert_eq!(order.first(), None);
        assert_eq!((order.len(), order.blocks.len()), (0, 1));
    }
}
