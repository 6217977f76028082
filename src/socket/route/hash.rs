//! A keyed hash of byte strings that gives the hash of every prefix on the way.
//!
//! Topics and routing ids come from peers, so a peer must not be able to choose strings that collide: the keys are
//! random and secret, one set a table. A step takes eight bytes: a multiplication to 128 bits whose halves are folded.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// A number that cannot be guessed, from the seed that the standard library draws for its hash maps.
pub fn random() -> u64 {
    RandomState::new().hash_one(0u64)
}

/// The secret of one table.
#[derive(Clone)]
pub(super) struct Keys {
    start: u64,
    step: u64,
    end: u64,
}

impl Keys {
    /// New random keys.
    pub fn new() -> Keys {
        let state = RandomState::new();
        // Odd factors lose no bit of what they multiply.
        Keys { start: state.hash_one(0u64), step: state.hash_one(1u64) | 1, end: state.hash_one(2u64) | 1 }
    }

    /// The hash of a whole byte string.
    #[inline]
    pub fn hash(&self, bytes: &[u8]) -> u32 {
        Prefixes::new(self, bytes).hash(bytes.len())
    }
}

/// Hashes prefixes of one byte string, shorter ones first: the work is done once for all of them.
pub(super) struct Prefixes<'a> {
    keys: &'a Keys,
    bytes: &'a [u8],
    /// State after the first `absorbed` bytes, a multiple of 8.
    state: u64,
    absorbed: usize,
}

impl<'a> Prefixes<'a> {
    /// Nothing hashed yet.
    #[inline]
    pub fn new(keys: &'a Keys, bytes: &'a [u8]) -> Prefixes<'a> {
        Prefixes { keys, bytes, state: keys.start, absorbed: 0 }
    }

    /// The hash of the first `len` bytes; `len` must not be less than in an earlier call, nor more than there are.
    #[inline]
    pub fn hash(&mut self, len: usize) -> u32 {
        while self.absorbed + 8 <= len {
            self.state = fold(self.state ^ self.word(8), self.keys.step);
            self.absorbed += 8;
        }
        let tail = self.word(len - self.absorbed);
        // The length tells a string from the same one with zeros behind it.
        fold((self.state ^ tail).wrapping_add(len as u64), self.keys.end) as u32
    }

    /// The next `count` bytes, at most 8, as a number, padded with zeros.
    #[inline]
    fn word(&self, count: usize) -> u64 {
        let rest = &self.bytes[self.absorbed..];
        if let Some(bytes) = rest.first_chunk::<8>() {
            let word = u64::from_le_bytes(*bytes);
            if count >= 8 { word } else { word & !(u64::MAX << (8 * count)) }
        } else {
            rest[..count].iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
        }
    }
}

/// Both halves of the product, mixed.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_hash_as_the_same_strings_alone() {
        let keys = Keys::new();
        let text: Vec<u8> = (0..100).map(|n| (n * 7 % 256) as u8).collect();
        let mut prefixes = Prefixes::new(&keys, &text);
        for len in 0..=text.len() {
            assert_eq!(prefixes.hash(len), keys.hash(&text[..len]), "length {len}");
        }
    }

    #[test]
    fn trailing_zeros_change_the_hash() {
        let keys = Keys::new();
        let zeros = [0; 40];
        let mut hashes: Vec<u32> = (0..=40).map(|len| keys.hash(&zeros[..len])).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 41);
    }
}
