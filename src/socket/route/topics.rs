//! Topics with a value each, found by the messages that begin with them.
//!
//! A byte-string map plus the list of lengths that occur: a message's prefixes of those lengths are looked up,
//! shortest first, and their hashes build on each other. So a match costs at most the message's topic in length, and
//! mostly one or two probes, where a tree of nodes would miss the cache at each step.

use super::byte_map::{ByteMap, EntryId};
use std::ops::ControlFlow;

/// Up to so many topics are compared one by one, which costs less than a hash.
const FEW: usize = 4;

/// Byte strings with a value each, to be matched as prefixes.
pub(super) struct Topics<V> {
    map: ByteMap<V>,
    /// Lengths that occur, but for 0, in rising order, with the number of topics.
    lengths: Vec<(usize, usize)>,
    /// The empty topic, which every message begins with.
    everything: Option<EntryId>,
}

impl<V: Default> Default for Topics<V> {
    fn default() -> Topics<V> {
        Topics { map: ByteMap::default(), lengths: Vec::new(), everything: None }
    }
}

impl<V: Default> Topics<V> {
    /// The number of topics.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// The topic's entry, made with the default value if there is none.
    pub fn insert(&mut self, topic: &[u8]) -> EntryId {
        let before = self.map.len();
        let id = self.map.insert(topic);
        if self.map.len() > before {
            self.length_added(topic.len(), id);
        }
        id
    }

    /// Removes an entry.
    pub fn remove(&mut self, id: EntryId) {
        let len = self.map.key(id).len();
        self.map.remove(id);
        if len == 0 {
            self.everything = None;
        } else if let Ok(place) = self.length_place(len) {
            self.lengths[place].1 -= 1;
            if self.lengths[place].1 == 0 {
                self.lengths.remove(place);
            }
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

    /// The map of topics, to read or change values.
    pub fn map(&self) -> &ByteMap<V> {
        &self.map
    }

    /// The value of an entry.
    pub fn value_mut(&mut self, id: EntryId) -> &mut V {
        self.map.value_mut(id)
    }

    /// The value of the empty topic.
    #[inline]
    pub fn everything(&self) -> Option<&V> {
        self.everything.map(|id| self.map.value(id))
    }

    /// Visits the value of each topic that `text` begins with, until a visit says to stop.
    #[inline]
    pub fn visit_prefixes<B>(&self, text: &[u8], mut visit: impl FnMut(&V) -> ControlFlow<B>) -> ControlFlow<B> {
        if let Some(entries) = self.map.few(FEW) {
            for (topic, value) in entries {
                if text.first() == topic.first().or(text.first()) && text.starts_with(topic) {
                    visit(value)?;
                }
            }
            return ControlFlow::Continue(());
        }
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
