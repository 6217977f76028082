//! Numbers that differ from run to run: first routing ids, request ids, jitter of reconnects.
//!
//! Quick, and good enough that two processes do not agree by chance. Not for keys or anything that must not be guessed.

use std::hash::{BuildHasher, RandomState};

/// A generator, to be kept by one owner. Two of them, also in one process, give different numbers.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator seeded by the operating system, by way of the keys that std gives to its hash tables.
    pub fn new() -> Random {
        Random::with_seed(RandomState::new().hash_one(0))
    }

    /// A generator that always gives the same numbers: for tests.
    pub fn with_seed(seed: u64) -> Random {
        Random { state: seed }
    }

    /// The next 64 bits (SplitMix64: Steele, Lea and Flood, 2014).
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next 32 bits.
    pub fn word(&mut self) -> u32 {
        (self.bits() >> 32) as u32
    }

    /// A number less than `limit`, all of them nearly as likely; 0 if `limit` is 0.
    pub fn below(&mut self, limit: u32) -> u32 {
        ((u64::from(self.word()) * u64::from(limit)) >> 32) as u32
    }
}

impl Default for Random {
    fn default() -> Random {
        Random::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence_for_a_known_seed() {
        let mut random = Random::with_seed(1_234_567);
        let first: Vec<_> = std::iter::repeat_with(|| random.bits()).take(3).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn two_generators_differ() {
        assert_ne!(Random::new().bits(), Random::new().bits());
    }

    #[test]
    fn below_reaches_each_number_and_no_other() {
        let mut random = Random::with_seed(0);
        let mut seen = [false; 7];
        for _ in 0..1000 {
            seen[random.below(7) as usize] = true;
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!(random.below(0), 0);
    }
}
