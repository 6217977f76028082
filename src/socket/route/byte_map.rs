//! A hash map from byte strings to numbers that is compact and gentle to the cache, however many strings there are.
//!
//! The strings and their values are in an [`Arena`]. Buckets of one cache line lead to them: each has, for twelve
//! strings, a byte of hash and the place in the arena. So a string that is not there mostly costs one cache line, one
//! that is there costs two. What a full bucket has no room for goes to the next that has, and the bucket counts it.

use super::arena::Arena;
pub use super::arena::EntryId;
use super::hash::{Keys, Prefixes};
use crate::sys::cache;

/// Strings a bucket,
const SLOTS: usize = 12;
/// and how many there may be on average.
const MOST: usize = 10;
/// So many buckets are more than a processor's nearest caches hold beside other things.
const LARGE: usize = 1024;
/// For so many strings at once what they take is fetched.
const GROUP: usize = 16;

/// Places of strings, and how to tell most others from them.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Bucket {
    /// A byte of the string's hash; 0: vacant.
    tags: [u8; SLOTS],
    /// How many strings were led on to a later bucket.
    passed: u32,
    ids: [EntryId; SLOTS],
}

impl Bucket {
    /// The slots with this tag, and perhaps, behind one of them, others.
    #[inline]
    fn slots(&self, tag: u8) -> Slots {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = self.tags;
        let first = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let last = u64::from(u32::from_le_bytes([i, j, k, l]));
        let pattern = u64::from_le_bytes([tag; 8]);
        let last = zero_bytes(last ^ pattern) & u64::from(u32::MAX);
        Slots(zero_bytes(first ^ pattern) >> 7 | last >> 3)
    }

    fn vacant(&self) -> Option<usize> {
        self.tags.iter().position(|&tag| tag == 0)
    }
}

/// Slots of a bucket: bit 8 n is slot n, and bit 8 n + 4 is slot 8 + n.
struct Slots(u64);

impl Iterator for Slots {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0.checked_sub(1)?;
        Some(bit / 8 + 2 * (bit & 4))
    }
}

/// The top bit of each byte that is zero; perhaps also of a byte that is 1 behind one that is zero.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([0x01; 8]);
    const TOPS: u64 = u64::from_le_bytes([0x80; 8]);
    word.wrapping_sub(ONES) & !word & TOPS
}

#[inline]
fn tag(hash: u64) -> u8 {
    (hash as u8).max(1)
}

/// See the module's documentation.
pub struct ByteMap {
    keys: Keys,
    arena: Arena,
    buckets: Vec<Bucket>,
    len: usize,
}

impl Default for ByteMap {
    fn default() -> ByteMap {
        ByteMap { keys: Keys::new(), arena: Arena::default(), buckets: Vec::new(), len: 0 }
    }
}

impl ByteMap {
    /// The number of strings.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no string.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The entry of a string.
    #[inline]
    pub fn find(&self, text: &[u8]) -> Option<EntryId> {
        self.find_hashed(self.keys.hash(text), text)
    }

    /// The value of a string.
    #[inline]
    pub fn get(&self, text: &[u8]) -> Option<u32> {
        self.find(text).map(|id| self.value(id))
    }

    /// Starts to look up prefixes of a string; see [`find_prefix`](ByteMap::find_prefix).
    #[inline]
    pub(super) fn prefixes<'a>(&'a self, text: &'a [u8]) -> Prefixes<'a> {
        Prefixes::new(&self.keys, text)
    }

    /// The entry of the first `len` bytes of `text`, which `prefixes` was made for; `len` grows from call to call.
    #[inline]
    pub(super) fn find_prefix(&self, prefixes: &mut Prefixes<'_>, text: &[u8], len: usize) -> Option<EntryId> {
        self.find_hashed(prefixes.hash(len), &text[..len])
    }

    /// Whether a string that was not looked up lately is likely to be waited for, as it is far from the processor.
    #[inline]
    pub(super) fn is_large(&self) -> bool {
        self.buckets.len() >= LARGE
    }

    /// A string is going to be looked up soon.
    #[inline]
    pub(super) fn expect(&self, text: &[u8]) {
        if let Some(bucket) = self.buckets.get(self.home(self.keys.hash(text))) {
            cache::prefetch(bucket);
        }
    }

    /// The value of an entry.
    #[inline]
    pub fn value(&self, id: EntryId) -> u32 {
        self.arena.value(id)
    }

    /// Changes the value of an entry.
    pub fn set_value(&mut self, id: EntryId, value: u32) {
        self.arena.set_value(id, value);
    }

    /// The string of an entry.
    pub fn key(&self, id: EntryId) -> &[u8] {
        self.arena.text(id)
    }

    /// The entry of a string, made with this value if there is none, which is told.
    pub fn insert(&mut self, text: &[u8], value: u32) -> (EntryId, bool) {
        let hash = self.keys.hash(text);
        if let Some(id) = self.find_hashed(hash, text) {
            return (id, false);
        }
        if self.len >= self.buckets.len() * MOST {
            self.rebuild((self.buckets.len() * 2).max(1));
        }
        let id = self.arena.insert(text, value);
        self.len += 1;
        self.place(hash, id);
        (id, true)
    }

    /// Removes an entry. Its memory is used again, and given back by [`tidy`](ByteMap::tidy).
    pub fn remove(&mut self, id: EntryId) {
        self.unplace(self.keys.hash(self.key(id)), id);
        self.arena.remove(id);
        self.len -= 1;
    }

    /// Gives memory back if most of it is of no use any more. If so, entries have other ids from now on.
    pub fn tidy(&mut self) -> bool {
        if !self.arena.is_wasteful() {
            return false;
        }
        self.arena = self.arena.compact();
        self.rebuild(self.len.div_ceil(MOST));
        true
    }

    /// The entries, in no order.
    pub fn ids(&self) -> impl Iterator<Item = EntryId> {
        self.arena.ids()
    }

    /// All strings and values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], u32)> {
        self.ids().map(|id| (self.key(id), self.value(id)))
    }

    /// Whether there is an entry of this id, which there was once.
    pub(super) fn is_live(&self, id: EntryId) -> bool {
        self.arena.is_live(id)
    }

    /// The bucket where a string belongs.
    #[inline]
    fn home(&self, hash: u64) -> usize {
        (((hash >> 32) * self.buckets.len() as u64) >> 32) as usize
    }

    #[inline]
    fn next(&self, at: usize) -> usize {
        if at + 1 < self.buckets.len() { at + 1 } else { 0 }
    }

    #[inline]
    fn find_hashed(&self, hash: u64, text: &[u8]) -> Option<EntryId> {
        let at = self.home(hash);
        let bucket = self.buckets.get(at)?;
        let found = self.find_in(bucket, tag(hash), text);
        if found.is_some() || bucket.passed == 0 { found } else { self.find_behind(at, tag(hash), text) }
    }

    #[inline]
    fn find_in(&self, bucket: &Bucket, tag: u8, text: &[u8]) -> Option<EntryId> {
        // A slot that only seems to have the tag may be vacant, and what it says is of the past then.
        let mut slots = bucket.slots(tag).filter(|&slot| bucket.tags[slot] == tag).map(|slot| bucket.ids[slot]);
        slots.find(|&id| self.arena.is(id, text))
    }

    /// Goes on with the buckets behind one that led strings on.
    #[cold]
    fn find_behind(&self, home: usize, tag: u8, text: &[u8]) -> Option<EntryId> {
        let mut at = home;
        for _ in 1..self.buckets.len() {
            at = self.next(at);
            let bucket = &self.buckets[at];
            let found = self.find_in(bucket, tag, text);
            if found.is_some() || bucket.passed == 0 {
                return found;
            }
        }
        None
    }

    /// Leads to an entry. There is always a bucket that has room.
    fn place(&mut self, hash: u64, id: EntryId) {
        let mut at = self.home(hash);
        loop {
            let bucket = &mut self.buckets[at];
            if let Some(slot) = bucket.vacant() {
                bucket.tags[slot] = tag(hash);
                bucket.ids[slot] = id;
                return;
            }
            bucket.passed += 1;
            at = self.next(at);
        }
    }

    /// Takes back what [`place`](ByteMap::place) did.
    fn unplace(&mut self, hash: u64, id: EntryId) {
        let mut at = self.home(hash);
        loop {
            let bucket = &mut self.buckets[at];
            if let Some(slot) = bucket.slots(tag(hash)).find(|&slot| bucket.tags[slot] != 0 && bucket.ids[slot] == id) {
                bucket.tags[slot] = 0;
                return;
            }
            bucket.passed -= 1;
            at = self.next(at);
        }
    }

    /// So many buckets instead of those there are, which are let go first: all that they say is in the arena.
    fn rebuild(&mut self, buckets: usize) {
        self.buckets = Vec::new();
        self.buckets = vec![Bucket::default(); buckets];
        let arena = std::mem::take(&mut self.arena);
        let mut ids = arena.ids();
        let mut group = [(0, 0); GROUP];
        loop {
            let mut count = 0;
            for id in ids.by_ref().take(GROUP) {
                let hash = self.keys.hash(arena.text(id));
                cache::prefetch(&self.buckets[self.home(hash)]);
                group[count] = (hash, id);
                count += 1;
            }
            for &(hash, id) in &group[..count] {
                self.place(hash, id);
            }
            if count < GROUP {
                break;
            }
        }
        drop(ids);
        self.arena = arena;
    }
}

#[cfg(test)]
impl ByteMap {
    /// How many strings there is room for without growing.
    pub(super) fn capacity(&self) -> usize {
        self.buckets.len() * MOST
    }

    /// The number of words in the arena.
    pub(super) fn words(&self) -> usize {
        self.arena.words()
    }
}
