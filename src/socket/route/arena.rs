//! Byte strings with a number each, one behind the other in chunks of memory.
//!
//! An entry is its value, its length and its bytes, rounded up to words of four bytes; its id says where it stands, and
//! stays while it lives. More entries take more chunks, so that nothing is ever copied to grow. What is removed is
//! used again for entries of the same size; the owner may have all that live moved together.
//!
//! ```text
//! [value: 4][length: 1][bytes]               up to SHORT bytes
//! [value: 4][LONG: 1][3][number: 4]          longer ones, which have memory of their own
//! [next: 4][FREE: 1][words: 1]               removed
//! ```

use std::mem;

/// Names an entry: the place of its first word.
pub type EntryId = u32;

const WORD: usize = 4;
/// Words a chunk, as a power of two.
const CHUNK_BITS: u32 = 14;
const CHUNK: usize = WORD << CHUNK_BITS;
/// The first chunk is that large at first.
const FIRST_CHUNK: usize = 256;
/// Where an entry's length stands, and its bytes.
const LEN: usize = 4;
const BYTES: usize = 5;
/// The most bytes of an entry that has no memory of its own.
const SHORT: usize = 253;
/// What stands in place of the length of a longer entry,
const LONG: u8 = 254;
/// and of a removed one.
const FREE: u8 = 255;
const LONG_NUMBER: usize = 8;
const LONG_WORDS: usize = 3;
/// No entry.
const NONE: EntryId = EntryId::MAX;
/// An arena of fewer words is left as it is, however little of it is used.
const SMALL: usize = 256;

/// Memory for entries.
struct Chunk {
    bytes: Vec<u8>,
    /// Bytes of the entries in it, living and removed.
    used: usize,
}

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Arena {
    chunks: Vec<Chunk>,
    /// Words of all entries, living and removed.
    words: usize,
    free_words: usize,
    /// By size in words: the first of the removed entries.
    free: Vec<EntryId>,
    long: Vec<Box<[u8]>>,
    free_long: Vec<u32>,
}

#[inline]
fn place(id: EntryId) -> (usize, usize) {
    ((id >> CHUNK_BITS) as usize, (id as usize * WORD) % CHUNK)
}

/// Words of an entry of so many bytes.
#[inline]
fn words_of(len: usize) -> usize {
    if len <= SHORT { (BYTES + len).div_ceil(WORD) } else { LONG_WORDS }
}

/// The four bytes at a place, as a number.
#[inline]
fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Whether two strings of the same length are equal. Topics are short: a function call would cost more than this.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    let (Some(last_a), Some(last_b)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) else { return a == b };
    let words = a.chunks_exact(8).zip(b.chunks_exact(8));
    // The last words overlap those before them, and say the same where they do.
    last_a == last_b && words.into_iter().all(|(a, b)| a == b)
}

impl Arena {
    /// Adds an entry.
    pub fn insert(&mut self, text: &[u8], value: u32) -> EntryId {
        let words = words_of(text.len());
        let id = self.take_free(words).unwrap_or_else(|| self.append(words));
        let (chunk, at) = place(id);
        let entry = &mut self.chunks[chunk].bytes[at..at + words * WORD];
        entry[..WORD].copy_from_slice(&value.to_le_bytes());
        if text.len() <= SHORT {
            entry[LEN] = text.len() as u8;
            entry[BYTES..BYTES + text.len()].copy_from_slice(text);
        } else {
            let number = self.free_long.pop().unwrap_or(self.long.len() as u32);
            entry[LEN] = LONG;
            entry[LONG_NUMBER..].copy_from_slice(&number.to_le_bytes());
            if number as usize == self.long.len() {
                self.long.push(text.into());
            } else {
                self.long[number as usize] = text.into();
            }
        }
        id
    }

    /// A removed entry of this size.
    fn take_free(&mut self, words: usize) -> Option<EntryId> {
        let first = self.free.get_mut(words).filter(|first| **first != NONE)?;
        let (chunk, at) = place(*first);
        let id = mem::replace(first, number(&self.chunks[chunk].bytes, at));
        self.free_words -= words;
        Some(id)
    }

    /// Room for an entry behind all others.
    fn append(&mut self, words: usize) -> EntryId {
        let size = words * WORD;
        if self.chunks.last().is_none_or(|chunk| chunk.used + size > chunk.bytes.len()) {
            self.extend(size);
        }
        let number = self.chunks.len() - 1;
        let chunk = &mut self.chunks[number];
        let at = chunk.used;
        chunk.used += size;
        self.words += words;
        ((number << CHUNK_BITS) + at / WORD) as EntryId
    }

    /// Makes room for an entry in the last chunk: the first one grows, later ones are large from the start. Zeroed
    /// memory is real only where it was written.
    #[cold]
    fn extend(&mut self, size: usize) {
        match &mut self.chunks[..] {
            [] => self.chunks.push(Chunk { bytes: vec![0; FIRST_CHUNK.max(size)], used: 0 }),
            [only] if only.used + size <= CHUNK => {
                let grown = (only.bytes.len() * 2).max(only.used + size).min(CHUNK);
                only.bytes.resize(grown, 0);
            }
            _ => self.chunks.push(Chunk { bytes: vec![0; CHUNK], used: 0 }),
        }
    }

    /// Removes an entry, which lives.
    pub fn remove(&mut self, id: EntryId) {
        let words = words_of(self.text(id).len());
        let (chunk, at) = place(id);
        let entry = &mut self.chunks[chunk].bytes[at..at + words * WORD];
        if entry[LEN] == LONG {
            let number = number(entry, LONG_NUMBER);
            self.long[number as usize] = Box::default();
            self.free_long.push(number);
        }
        if self.free.len() <= words {
            self.free.resize(words + 1, NONE);
        }
        entry[..WORD].copy_from_slice(&mem::replace(&mut self.free[words], id).to_le_bytes());
        entry[LEN] = FREE;
        entry[LEN + 1] = words as u8;
        self.free_words += words;
    }

    /// The bytes of an entry; of a removed one, none.
    #[inline]
    pub fn text(&self, id: EntryId) -> &[u8] {
        let (chunk, at) = place(id);
        let entry = &self.chunks[chunk].bytes[at..];
        match entry[LEN] {
            FREE => &[],
            LONG => &self.long[number(entry, LONG_NUMBER) as usize],
            len => &entry[BYTES..BYTES + usize::from(len)],
        }
    }

    /// Whether an entry, which lives, has these bytes.
    #[inline]
    pub fn is(&self, id: EntryId, text: &[u8]) -> bool {
        let (chunk, at) = place(id);
        let entry = &self.chunks[chunk].bytes[at..];
        let len = entry[LEN];
        if len == LONG {
            return self.is_long(id, text);
        }
        usize::from(len) == text.len() && same(&entry[BYTES..BYTES + text.len()], text)
    }

    #[cold]
    fn is_long(&self, id: EntryId, text: &[u8]) -> bool {
        self.text(id) == text
    }

    /// The value of an entry, which lives.
    #[inline]
    pub fn value(&self, id: EntryId) -> u32 {
        let (chunk, at) = place(id);
        number(&self.chunks[chunk].bytes, at)
    }

    /// Changes the value of an entry, which lives.
    pub fn set_value(&mut self, id: EntryId, value: u32) {
        let (chunk, at) = place(id);
        self.chunks[chunk].bytes[at..at + WORD].copy_from_slice(&value.to_le_bytes());
    }

    /// Whether the entry lives.
    pub fn is_live(&self, id: EntryId) -> bool {
        let (chunk, at) = place(id);
        self.chunks.get(chunk).is_some_and(|chunk| at < chunk.used && chunk.bytes[at + LEN] != FREE)
    }

    /// The entries that live, in the order in which they stand.
    pub fn ids(&self) -> impl Iterator<Item = EntryId> {
        let (mut number, mut at) = (0, 0);
        std::iter::from_fn(move || {
            loop {
                let chunk = self.chunks.get(number)?;
                if at == chunk.used {
                    (number, at) = (number + 1, 0);
                    continue;
                }
                let id = ((number << CHUNK_BITS) + at / WORD) as EntryId;
                let len = chunk.bytes[at + LEN];
                at += WORD
                    * match len {
                        FREE => usize::from(chunk.bytes[at + LEN + 1]),
                        LONG => LONG_WORDS,
                        len => words_of(usize::from(len)),
                    };
                if len != FREE {
                    return Some(id);
                }
            }
        })
    }

    /// Whether so little of the memory is used that the entries should be moved together.
    pub fn is_wasteful(&self) -> bool {
        self.words > SMALL && self.free_words * 4 > self.words * 3
    }

    /// The same entries, in as little memory as they need; their ids change.
    pub fn compact(&self) -> Arena {
        let mut arena = Arena::default();
        for id in self.ids() {
            arena.insert(self.text(id), self.value(id));
        }
        arena
    }
}

#[cfg(test)]
impl Arena {
    /// The number of words that entries take, living and removed.
    pub fn words(&self) -> usize {
        self.words
    }
}
