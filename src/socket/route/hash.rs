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
    pub fn hash(&self, bytes: &[u8]) -> u64 {
        let mut words = bytes.chunks_exact(8);
        let state = words.by_ref().fold(self.start, |state, word| self.absorb(state, first_word(word)));
        let tail = match (words.remainder().len(), bytes.last_chunk()) {
            (0, _) => 0,
            // The last eight bytes end with the rest.
            (rest, Some(last)) => u64::from_le_bytes(*last) >> (8 * (8 - rest)),
            (_, None) => first_word(bytes),
        };
        self.finish(state, tail, bytes.len())
    }

    #[inline]
    fn absorb(&self, state: u64, word: u64) -> u64 {
        fold(state ^ word, self.step)
    }

    /// The length tells a string from the same one with zeros behind it.
    #[inline]
    fn finish(&self, state: u64, tail: u64, len: usize) -> u64 {
        fold((state ^ tail).wrapping_add(len as u64), self.end)
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
    pub fn hash(&mut self, len: usize) -> u64 {
        while self.absorbed + 8 <= len {
            self.state = self.keys.absorb(self.state, first_word(&self.bytes[self.absorbed..]));
            self.absorbed += 8;
        }
        let tail = first_word(&self.bytes[self.absorbed..]) & low_bytes(len - self.absorbed);
        self.keys.finish(self.state, tail, len)
    }
}

/// The first 8 bytes as a number; where there are fewer, zeros stand for the others.
#[inline]
pub(super) fn first_word(bytes: &[u8]) -> u64 {
    if let Some(bytes) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(*bytes);
    }
    let half = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    match (bytes.first_chunk(), bytes.last_chunk()) {
        // The halves overlap, and say the same where they do.
        (Some(first), Some(last)) => half(first) | half(last) << (8 * (bytes.len() - 4)),
        _ => bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// The mask of the first `count` bytes, at most 8, of a word.
#[inline]
pub(super) fn low_bytes(count: usize) -> u64 {
    if count >= 8 { u64::MAX } else { !(u64::MAX << (8 * count)) }
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
        let mut hashes: Vec<u64> = (0..=40).map(|len| keys.hash(&zeros[..len])).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 41);
    }
}
