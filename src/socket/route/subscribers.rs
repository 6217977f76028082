//! Who asked for what, on the publishing side: topics with a set of pipes each.

use super::byte_map::EntryId;
use super::pipe_set::{EMPTY, PipeSets};
use super::topics::Topics;
use crate::socket::pipes::PipeId;
use std::ops::ControlFlow;

/// What a subscription changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// The topic had no subscriber.
    First,
    /// The topic had subscribers, perhaps this one.
    Further,
}

/// What the end of a subscription changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// Nothing: the pipe had not subscribed to the topic.
    Unknown,
    /// The topic has other subscribers.
    Others,
    /// The topic has no subscriber any more.
    Last,
}

/// What one pipe subscribed to, so that its leaving costs what it had and no search.
#[derive(Default)]
struct Held {
    /// Entries that it subscribed to, and some that it left since: these are weeded out when they are the majority.
    entries: Vec<EntryId>,
    /// The number of topics that the pipe is really subscribed to.
    live: usize,
}

/// The subscriptions of all peers: a set of pipes a topic.
#[derive(Default)]
pub struct Subscribers {
    /// The value of a topic is its set of pipes.
    topics: Topics,
    sets: PipeSets,
    held: Vec<Held>,
    /// The round in which a pipe was last found to match, by pipe: so each is listed once.
    marks: Vec<u32>,
    round: u32,
}

impl Subscribers {
    /// The number of topics.
    pub fn len(&self) -> usize {
        self.topics.len()
    }

    /// Whether there is no topic.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Topics are going to be added or removed soon: what that takes is asked for, if it is far away.
    #[inline]
    pub fn expect<'a>(&self, topics: impl Iterator<Item = &'a [u8]>) {
        if self.topics.map().is_large() {
            topics.for_each(|topic| self.topics.map().expect(topic));
        }
    }

    /// Subscribes a pipe to a topic.
    pub fn add(&mut self, topic: &[u8], pipe: PipeId) -> Added {
        if self.held.len() <= pipe {
            self.held.resize_with(pipe + 1, Held::default);
            self.marks.resize(pipe + 1, self.round);
        }
        let id = self.topics.insert(topic, EMPTY);
        let mut set = self.topics.map().value(id);
        let added = if set == EMPTY { Added::First } else { Added::Further };
        if self.sets.insert(&mut set, pipe) {
            self.topics.set_value(id, set);
            let held = &mut self.held[pipe];
            held.live += 1;
            held.entries.push(id);
            if held.entries.len() > 2 * held.live + 32 {
                self.weed(pipe);
            }
        }
        added
    }

    /// Ends a pipe's subscription to a topic.
    pub fn remove(&mut self, topic: &[u8], pipe: PipeId) -> Removed {
        let Some(id) = self.topics.map().find(topic) else { return Removed::Unknown };
        let removed = self.remove_entry(id, pipe);
        self.tidy();
        removed
    }

    /// Ends all subscriptions of a pipe. `removed` is told each topic, and whether no subscriber is left, in the
    /// topics' bytewise order.
    pub fn remove_pipe(&mut self, pipe: PipeId, mut removed: impl FnMut(&[u8], Removed)) {
        let mut entries = self.take_entries(pipe);
        let map = self.topics.map();
        entries.retain(|&id| self.holds(id, pipe));
        entries.sort_unstable_by(|&a, &b| map.key(a).cmp(map.key(b)));
        entries.dedup();
        for id in entries {
            let map = self.topics.map();
            let others = self.sets.pipes(&map.value(id)).len() > 1;
            removed(map.key(id), if others { Removed::Others } else { Removed::Last });
            self.remove_entry(id, pipe);
        }
        self.tidy();
    }

    /// As [`remove_pipe`](Subscribers::remove_pipe), when nobody wants to know the topics.
    pub fn forget_pipe(&mut self, pipe: PipeId) {
        for id in self.take_entries(pipe) {
            self.remove_entry(id, pipe);
        }
        self.tidy();
    }

    /// Whether a glance tells that no one subscribed to what `text` begins with. If not, somebody may have.
    #[inline]
    pub fn match_nobody(&self, text: &[u8]) -> bool {
        self.topics.match_none(text)
    }

    /// Lists the pipes that subscribed to what `text` begins with, each once, behind those that `found` holds.
    /// `pipes` is the number of all pipes: when that many are found, the search is over.
    #[inline]
    pub fn find(&mut self, text: &[u8], pipes: usize, found: &mut Vec<PipeId>) {
        if let Some(everyone) = self.topics.everything() {
            let everyone = self.sets.pipes(&everyone);
            if everyone.len() == pipes {
                found.extend(everyone.iter().map(|&pipe| pipe as PipeId));
                return;
            }
        }
        self.next_round();
        let (round, marks, sets) = (self.round, &mut self.marks, &self.sets);
        let goal = found.len() + pipes;
        let _ = self.topics.visit_prefixes(text, |set| {
            for &pipe in sets.pipes(&set) {
                let mark = &mut marks[pipe as usize];
                if *mark != round {
                    *mark = round;
                    found.push(pipe as PipeId);
                }
            }
            if found.len() >= goal { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }

    /// Whether the pipe subscribed to something that `text` begins with.
    pub fn matches(&self, text: &[u8], pipe: PipeId) -> bool {
        let visit = |set| {
            if self.sets.contains(set, pipe) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.topics.visit_prefixes(text, visit).is_break()
    }

    /// Begins a round of [`find`](Subscribers::find): no pipe is marked in it.
    fn next_round(&mut self) {
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.marks.fill(0);
            self.round = 1;
        }
    }

    fn take_entries(&mut self, pipe: PipeId) -> Vec<EntryId> {
        self.held.get_mut(pipe).map(std::mem::take).unwrap_or_default().entries
    }

    /// Whether the pipe is subscribed to the topic of an entry, which may have been removed.
    fn holds(&self, id: EntryId, pipe: PipeId) -> bool {
        let map = self.topics.map();
        map.is_live(id) && self.sets.contains(map.value(id), pipe)
    }

    /// Ends a pipe's subscription to the topic of an entry, which may have been removed.
    fn remove_entry(&mut self, id: EntryId, pipe: PipeId) -> Removed {
        if !self.holds(id, pipe) {
            return Removed::Unknown;
        }
        let mut set = self.topics.map().value(id);
        self.sets.remove(&mut set, pipe);
        self.topics.set_value(id, set);
        if let Some(held) = self.held.get_mut(pipe) {
            held.live = held.live.saturating_sub(1);
            if held.live == 0 {
                held.entries = Vec::new();
            }
        }
        if set != EMPTY {
            return Removed::Others;
        }
        self.topics.remove(id);
        Removed::Last
    }

    /// Drops the numbers of entries that the pipe is not subscribed to any more.
    fn weed(&mut self, pipe: PipeId) {
        let mut entries = std::mem::take(&mut self.held[pipe].entries);
        entries.retain(|&id| self.holds(id, pipe));
        entries.sort_unstable();
        entries.dedup();
        self.held[pipe].entries = entries;
    }

    /// Gives memory back if most of it is of no use any more.
    fn tidy(&mut self) {
        if !self.topics.tidy() {
            return;
        }
        for held in &mut self.held {
            held.entries = Vec::new();
        }
        let map = self.topics.map();
        for id in map.ids() {
            for &pipe in self.sets.pipes(&map.value(id)) {
                self.held[pipe as usize].entries.push(id);
            }
        }
    }
}

#[cfg(test)]
impl Subscribers {
    /// As if `find` had been called until the rounds are about to begin anew.
    pub(super) fn wear_rounds(&mut self) {
        self.round = u32::MAX;
    }

    /// The length of the list kept for a pipe.
    pub(super) fn held_entries(&self, pipe: PipeId) -> usize {
        self.held[pipe].entries.len()
    }
}
