//! Streams of random numbers, one for each purpose.

use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{Rng, SeedableRng},
};
use sha2::{Digest, Sha256};

/// A stream of random numbers that depends on nothing but what it is for.
#[derive(Clone, Debug)]
pub(super) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of a purpose, such as the arrivals of the queue `name`, in a replication.
    pub(super) fn of(seed: u64, replication: u32, purpose: &str, name: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(seed.to_be_bytes());
        digest.update(replication.to_be_bytes());
        for text in [purpose, name] {
            digest.update(text.len().to_be_bytes());
            digest.update(text);
        }
        Self(Xoshiro256PlusPlus::from_seed(digest.finalize().into()))
    }

    /// Uniform in 0 (included) to 1 (excluded).
    pub(super) fn share(&mut self) -> f64 {
        // 53 bits are what the fraction of an f64 holds.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
        let bits = (self.0.next_u64() >> 11) as f64;
        bits / 9_007_199_254_740_992.0
    }

    /// The generator, for distributions.
    pub(super) fn generator(&mut self) -> &mut Xoshiro256PlusPlus {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    #[test]
    fn a_stream_depends_on_all_that_it_is_for_and_on_nothing_else() {
        let first = |seed, replication, purpose, name| {
            Stream::of(seed, replication, purpose, name)
                .share()
                .to_bits()
        };
        let this = first(1, 0, "talk", "billing");
        assert_eq!(this, first(1, 0, "talk", "billing"));
        let others = [
            first(2, 0, "talk", "billing"),
            first(1, 1, "talk", "billing"),
            first(1, 0, "tal", "kbilling"),
            first(1, 0, "talk", "sales"),
        ];
        assert!(!others.contains(&this));
    }
}
