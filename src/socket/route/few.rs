//! A handful of topics, told from the messages that nobody wants by their first eight bytes.
//!
//! Most messages of most publishers interest nobody, and most publishers have few different topics. So these are
//! compared one after the other, each in a handful of instructions, before anything is hashed.

use super::byte_map::EntryId;
use super::hash::{first_word, low_bytes};

/// More topics than this are looked up by their hash, which costs less then.
const FEW: usize = 16;

/// All topics, while they are few.
pub(super) struct Few {
    heads: Vec<Head>,
    /// There are more than are listed here.
    crowded: bool,
}

/// The beginning of a topic.
#[derive(Clone, Copy)]
struct Head {
    word: u64,
    /// The bytes of the word that belong to the topic.
    mask: u64,
    len: usize,
    id: EntryId,
}

impl Few {
    /// No topic yet.
    pub const fn new() -> Few {
        Few { heads: Vec::new(), crowded: false }
    }

    /// A topic was added.
    pub fn added(&mut self, topic: &[u8], id: EntryId) {
        if self.crowded {
            return;
        }
        if self.heads.len() == FEW {
            *self = Few { heads: Vec::new(), crowded: true };
        } else {
            let mask = low_bytes(topic.len());
            self.heads.push(Head { word: first_word(topic) & mask, mask, len: topic.len(), id });
        }
    }

    /// A topic was removed. Whether so few are left of `count` topics that they are to be listed again.
    pub fn removed(&mut self, id: EntryId, count: usize) -> bool {
        self.heads.retain(|head| head.id != id);
        self.crowded && count <= FEW / 2
    }

    /// Whether all topics are listed.
    #[inline]
    pub fn knows_all(&self) -> bool {
        !self.crowded
    }

    /// The topics that `text` begins with, as far as their first eight bytes tell, with their lengths.
    #[inline]
    pub fn candidates(&self, text: &[u8]) -> impl Iterator<Item = (EntryId, usize)> {
        let (word, len) = (first_word(text), text.len());
        let begins = move |head: &&Head| (word ^ head.word) & head.mask == 0 && head.len <= len;
        self.heads.iter().filter(begins).map(|head| (head.id, head.len))
    }
}
