//! A hash map from byte strings to small values, compact for short strings, with stable numbers for its entries.
//!
//! Entries stand in a vector and keep their number while they live; an open-addressed table of (hash, number) finds
//! them. A string that is not there costs one cache line, one that is there costs two, whatever the size of the map.
//! A string of up to 22 bytes lives in its entry.

use super::hash::{Keys, Prefixes};
use std::mem;

/// The number of an entry; stable while the entry lives, then used again.
pub type EntryId = u32;

const VACANT: EntryId = EntryId::MAX;
const SHORT: usize = 22;
const FEWEST_SLOTS: usize = 8;

/// A byte string in 24 bytes if it is short.
enum Key {
    Short { len: u8, bytes: [u8; SHORT] },
    Long(Box<[u8]>),
}

impl Key {
    fn new(text: &[u8]) -> Key {
        if text.len() > SHORT {
            return Key::Long(text.into());
        }
        let mut bytes = [0; SHORT];
        bytes[..text.len()].copy_from_slice(text);
        Key::Short { len: text.len() as u8, bytes }
    }

    #[inline]
    fn get(&self) -> &[u8] {
        match self {
            Key::Short { len, bytes } => &bytes[..*len as usize],
            Key::Long(bytes) => bytes,
        }
    }
}

struct Entry<V> {
    key: Key,
    value: V,
}

/// Where an entry is found: the table's place follows from the hash.
#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    id: EntryId,
}

/// See the module's documentation.
pub struct ByteMap<V> {
    keys: Keys,
    entries: Vec<Entry<V>>,
    free: Vec<EntryId>,
    /// A power of two of slots, at most three quarters of them taken; or none at all.
    slots: Vec<Slot>,
}

impl<V: Default> Default for ByteMap<V> {
    fn default() -> ByteMap<V> {
        ByteMap { keys: Keys::new(), entries: Vec::new(), free: Vec::new(), slots: Vec::new() }
    }
}

impl<V: Default> ByteMap<V> {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry of a string.
    #[inline]
    pub fn find(&self, text: &[u8]) -> Option<EntryId> {
        self.find_hashed(self.keys.hash(text), text)
    }

    /// The value of a string.
    #[inline]
    pub fn get(&self, text: &[u8]) -> Option<&V> {
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

    /// The value of an entry.
    #[inline]
    pub fn value(&self, id: EntryId) -> &V {
        &self.entries[id as usize].value
    }

    /// The value of an entry; the default value for one that was removed.
    pub fn value_mut(&mut self, id: EntryId) -> &mut V {
        &mut self.entries[id as usize].value
    }

    /// The string of an entry; empty for one that was removed.
    pub fn key(&self, id: EntryId) -> &[u8] {
        self.entries[id as usize].key.get()
    }

    /// The entry of a string, made with the default value if there is none.
    pub fn insert(&mut self, text: &[u8]) -> EntryId {
        let hash = self.keys.hash(text);
        if let Some(id) = self.find_hashed(hash, text) {
            return id;
        }
        if (self.len() + 1) * 4 > self.slots.len() * 3 {
            self.rebuild((self.slots.len() * 2).max(FEWEST_SLOTS));
        }
        let entry = Entry { key: Key::new(text), value: V::default() };
        let id = match self.free.pop() {
            Some(id) => {
                self.entries[id as usize] = entry;
                id
            }
            None => {
                self.entries.push(entry);
                (self.entries.len() - 1) as EntryId
            }
        };
        self.place(Slot { hash, id });
        id
    }

    /// Removes an entry and returns its value. Memory goes back as the map empties.
    pub fn remove(&mut self, id: EntryId) -> V {
        let hash = self.keys.hash(self.key(id));
        self.unplace(hash, id);
        let entry = &mut self.entries[id as usize];
        entry.key = Key::new(&[]);
        let value = mem::take(&mut entry.value);
        self.free.push(id);
        if self.is_empty() {
            self.entries = Vec::new();
            self.free = Vec::new();
            self.slots = Vec::new();
        } else if self.len() * 16 < self.slots.len() && self.slots.len() > FEWEST_SLOTS {
            self.rebuild(self.slots.len() / 4);
        }
        value
    }

    /// All strings and values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.slots.iter().filter(|slot| slot.id != VACANT).map(|slot| (self.key(slot.id), self.value(slot.id)))
    }

    /// The entries in a row if they are at most `limit`, and none was removed from among them.
    #[inline]
    pub(super) fn few(&self, limit: usize) -> Option<impl Iterator<Item = (&[u8], &V)>> {
        let few = self.entries.len() <= limit && self.free.is_empty();
        few.then(|| self.entries.iter().map(|entry| (entry.key.get(), &entry.value)))
    }

    /// Whether an entry of that number was ever made since the map was last empty; it may have been removed.
    pub(super) fn has_number(&self, id: EntryId) -> bool {
        (id as usize) < self.entries.len()
    }

    #[inline]
    fn find_hashed(&self, hash: u32, text: &[u8]) -> Option<EntryId> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        // An empty map has no slot to begin with; any other has a vacant one to end at.
        while let Some(slot) = self.slots.get(at) {
            if slot.id == VACANT {
                break;
            }
            if slot.hash == hash && self.key(slot.id) == text {
                return Some(slot.id);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// Puts a slot at the first vacant place from its home on.
    fn place(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = slot.hash as usize & mask;
        while self.slots[at].id != VACANT {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }

    /// Empties an entry's slot, and closes the gap by moving back those behind it that may stand nearer to home.
    fn unplace(&mut self, hash: u32, id: EntryId) {
        let mask = self.slots.len() - 1;
        let mut gap = hash as usize & mask;
        while self.slots[gap].id != id {
            gap = (gap + 1) & mask;
        }
        let mut at = gap;
        loop {
            at = (at + 1) & mask;
            let slot = self.slots[at];
            if slot.id == VACANT {
                break;
            }
            let home = slot.hash as usize & mask;
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(gap) & mask) {
                self.slots[gap] = slot;
                gap = at;
            }
        }
        self.slots[gap].id = VACANT;
    }

    fn rebuild(&mut self, slots: usize) {
        let old = mem::replace(&mut self.slots, vec![Slot { hash: 0, id: VACANT }; slots]);
        for slot in old.into_iter().filter(|slot| slot.id != VACANT) {
            self.place(slot);
        }
    }
}
