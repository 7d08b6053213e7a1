//! Sets of small integers as bits in two levels, and what several of them have in common.

use std::ops::ControlFlow;

/// A set of places. A bit of the summary stands for a word with something in it, so that empty stretches are skipped.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
    summary: Vec<u64>,
    count: usize,
}

impl Bits {
    /// Puts a place in.
    pub(super) fn set(&mut self, place: usize) {
        let word = place / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
            self.summary.resize(word / 64 + 1, 0);
        }
        let bit = 1 << (place % 64);
        self.count += usize::from(self.words[word] & bit == 0);
        self.words[word] |= bit;
        self.summary[word / 64] |= 1 << (word % 64);
    }

    /// Takes a place out.
    pub(super) fn clear(&mut self, place: usize) {
        let word = place / 64;
        let Some(bits) = self.words.get_mut(word) else {
            return;
        };
        let bit = 1 << (place % 64);
        self.count -= usize::from(*bits & bit != 0);
        *bits &= !bit;
        if *bits == 0 {
            self.summary[word / 64] &= !(1 << (word % 64));
        }
    }

    /// Puts a place in, or takes it out.
    pub(super) fn put(&mut self, place: usize, present: bool) {
        if present {
            self.set(place);
        } else {
            self.clear(place);
        }
    }

    /// Whether a place is in.
    pub(super) fn contains(&self, place: usize) -> bool {
        self.word(place / 64) & (1 << (place % 64)) != 0
    }

    /// The bits of a word; zero beyond the end.
    pub(super) fn word(&self, word: usize) -> u64 {
        self.words.get(word).copied().unwrap_or(0)
    }

    /// How many places are in.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Every place, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let spans = self.summary.iter().enumerate();
        let words = spans.flat_map(|(span, busy)| places(span, *busy));
        words.flat_map(|word| places(word, self.words[word]))
    }

    /// Shows every place, in order.
    pub(super) fn each(&self, visit: impl FnMut(usize)) {
        if self.count > 0 {
            self.iter().for_each(visit);
        }
    }

    /// Takes every place out, in order; the room stays.
    pub(super) fn take_each(&mut self, mut visit: impl FnMut(usize)) {
        if self.count == 0 {
            return;
        }
        for (span, busy) in self.summary.iter_mut().enumerate() {
            for word in places(span, std::mem::take(busy)) {
                places(word, std::mem::take(&mut self.words[word])).for_each(&mut visit);
            }
        }
        self.count = 0;
    }
}

/// Shows the words that all sets have in common, by their number, in rising order; words without a common place are
/// left out.
pub(super) fn common(sets: &[&Bits], mut visit: impl FnMut(usize, u64) -> ControlFlow<()>) {
    match *sets {
        [] => {}
        [a] => common_of([a], visit),
        [a, b] => common_of([a, b], visit),
        [a, b, c] => common_of([a, b, c], visit),
        [a, b, c, d, ref rest @ ..] => common_of([a, b, c, d], |word, bits| {
            let inside = |bits, set: &&Bits| bits & set.word(word);
            match rest.iter().fold(bits, inside) {
                0 => ControlFlow::Continue(()),
                bits => visit(word, bits),
            }
        }),
    }
}

fn common_of<const N: usize>(
    sets: [&Bits; N],
    mut visit: impl FnMut(usize, u64) -> ControlFlow<()>,
) {
    let spans = sets.iter().map(|set| set.summary.len()).min().unwrap_or(0);
    let summaries = sets.map(|set| &set.summary[..spans]);
    for span in 0..spans {
        let mut busy = summaries
            .iter()
            .fold(u64::MAX, |busy, set| busy & set[span]);
        while busy != 0 {
            let word = span * 64 + busy.trailing_zeros() as usize;
            busy &= busy - 1;
            let bits = sets
                .iter()
                .fold(u64::MAX, |bits, set| bits & set.words[word]);
            if bits != 0 && visit(word, bits).is_break() {
                return;
            }
        }
    }
}

/// The places of a word's bits, in rising order.
pub(super) fn places(word: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = word * 64 + bits.trailing_zeros() as usize;
        (bits != 0).then(|| {
            bits &= bits - 1;
            place
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(places: impl IntoIterator<Item = usize>) -> Bits {
        let mut set = Bits::default();
        places.into_iter().for_each(|place| set.set(place));
        set
    }

    fn in_common(sets: &[&Bits]) -> Vec<usize> {
        let mut found = Vec::new();
        common(sets, |word, bits| {
            found.extend(places(word, bits));
            ControlFlow::Continue(())
        });
        found
    }

    #[test]
    fn what_all_sets_share_is_found_in_order() {
        let steps = [2, 3, 5, 7, 11];
        let sets: Vec<Bits> = steps
            .iter()
            .map(|step| set((0..100_000).step_by(*step)))
            .collect();
        for number in 1..=sets.len() {
            let some: Vec<&Bits> = sets[..number].iter().collect();
            let step = steps[..number].iter().product();
            let expected: Vec<usize> = (0..100_000).step_by(step).collect();
            assert_eq!(in_common(&some), expected);
        }
    }

    #[test]
    fn a_place_taken_out_is_gone_and_counted() {
        let mut set = set([1, 64, 5_000]);
        set.put(64, false);
        set.clear(64);
        set.clear(9_999_999);
        set.put(1, true);
        assert_eq!(in_common(&[&set]), [1, 5_000]);
        let mut seen = Vec::new();
        set.each(|place| seen.push(place));
        assert_eq!(seen, [1, 5_000], "in order");
        assert_eq!(set.count(), 2);
        assert!(set.contains(5_000) && !set.contains(64) && !set.contains(9_999_999));
        let mut taken = Vec::new();
        set.take_each(|place| taken.push(place));
        assert_eq!((taken, set.count()), (vec![1, 5_000], 0));
        assert!(in_common(&[&set]).is_empty());
        set.set(64);
        assert_eq!(in_common(&[&set]), [64], "nothing came back");
    }
}
