//! Topics with a number each, found by the messages that begin with them.
//!
//! A byte-string map plus the list of lengths that occur: a message's prefixes of those lengths are looked up,
//! shortest first, and their hashes build on each other. So a match costs at most the message's topic in length, and
//! mostly one or two probes, where a tree of nodes would miss the cache at each step. [`Few`] topics need no map.

use super::byte_map::{ByteMap, EntryId};
use super::few::Few;
use std::ops::ControlFlow;

/// Byte strings with a number each, to be matched as prefixes.
pub(super) struct Topics {
    map: ByteMap,
    /// Lengths that occur, but for 0, in rising order, with the number of topics.
    lengths: Vec<(usize, usize)>,
    /// The empty topic, which every message begins with.
    everything: Option<EntryId>,
    few: Few,
}

impl Default for Topics {
    fn default() -> Topics {
        Topics { map: ByteMap::default(), lengths: Vec::new(), everything: None, few: Few::new() }
    }
}

impl Topics {
    /// The number of topics.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// The topic's entry, made with this value if there is none.
    pub fn insert(&mut self, topic: &[u8], value: u32) -> EntryId {
        let (id, new) = self.map.insert(topic, value);
        if new {
            self.length_added(topic.len(), id);
            self.few.added(topic, id);
        }
        id
    }

    /// Removes an entry.
    pub fn remove(&mut self, id: EntryId) {
        let len = self.map.key(id).len();
        self.map.remove(id);
        if self.few.removed(id, self.map.len()) {
            self.list_few();
        }
        if len == 0 {
            self.everything = None;
        } else if let Ok(place) = self.length_place(len) {
            self.lengths[place].1 -= 1;
            if self.lengths[place].1 == 0 {
                self.lengths.remove(place);
            }
        }
    }

    /// Gives memory back if most of it is of no use any more. If so, entries have other ids from now on.
    pub fn tidy(&mut self) -> bool {
        let tidied = self.map.tidy();
        if tidied {
            self.everything = self.map.find(b"");
            if self.few.knows_all() {
                self.list_few();
            }
        }
        tidied
    }

    /// Lists the topics, which are few.
    fn list_few(&mut self) {
        self.few = Few::new();
        for id in self.map.ids() {
            self.few.added(self.map.key(id), id);
        }
    }

    fn length_added(&mut self, len: usize, id: EntryId) {
        if len == 0 {
            self.everything = Some(id);
            return;
        }
        match self.length_place(len) {
            Ok(place) => self.lengths[place].1 += 1,
            Err(place) => self.lengths.insert(place, (len, 1)),
        }
    }

    fn length_place(&self, len: usize) -> Result<usize, usize> {
        self.lengths.binary_search_by_key(&len, |&(len, _)| len)
    }

    /// The map of topics.
    pub fn map(&self) -> &ByteMap {
        &self.map
    }

    /// Changes the value of an entry.
    pub fn set_value(&mut self, id: EntryId, value: u32) {
        self.map.set_value(id, value);
    }

    /// The value of the empty topic.
    #[inline]
    pub fn everything(&self) -> Option<u32> {
        self.everything.map(|id| self.map.value(id))
    }

    /// Whether a glance tells that `text` begins with none of the topics. If not, it may still do so.
    #[inline]
    pub fn match_none(&self, text: &[u8]) -> bool {
        self.few.knows_all() && self.few.candidates(text).next().is_none()
    }

    /// Visits the value of each topic that `text` begins with, until a visit says to stop.
    #[inline]
    pub fn visit_prefixes<B>(&self, text: &[u8], mut visit: impl FnMut(u32) -> ControlFlow<B>) -> ControlFlow<B> {
        if self.few.knows_all() {
            for (id, len) in self.few.candidates(text) {
                if len <= 8 || self.map.key(id)[8..] == text[8..len] {
                    visit(self.map.value(id))?;
                }
            }
            return ControlFlow::Continue(());
        }
        self.visit_hashed(text, visit)
    }

    fn visit_hashed<B>(&self, text: &[u8], mut visit: impl FnMut(u32) -> ControlFlow<B>) -> ControlFlow<B> {
        if let Some(value) = self.everything() {
            visit(value)?;
        }
        let mut prefixes = self.map.prefixes(text);
        for &(len, _) in &self.lengths {
            if len > text.len() {
                break;
            }
            if let Some(id) = self.map.find_prefix(&mut prefixes, text, len) {
                visit(self.map.value(id))?;
            }
        }
        ControlFlow::Continue(())
    }
}
