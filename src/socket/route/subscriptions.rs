//! What this socket asked for, on the subscribing side: topics with a count each.

use super::topics::Topics;
use std::ops::ControlFlow;

/// Topics that the application subscribed to, counted: as many ends as beginnings make an end.
#[derive(Default)]
pub struct Subscriptions {
    topics: Topics,
    /// Subscribed to last, and not among `topics` yet.
    recent: Recent,
    total: usize,
}

/// Topics that wait to be added, so that what that takes, if it is far away, is fetched for several at once.
#[derive(Default)]
struct Recent {
    bytes: Vec<u8>,
    ends: [usize; RECENT],
    count: usize,
}

const RECENT: usize = 8;
/// Longer topics do not wait.
const SHORT: usize = 256;

impl Subscriptions {
    /// Subscribes once more.
    pub fn add(&mut self, topic: &[u8]) {
        self.total += 1;
        if !self.topics.map().is_large() || topic.len() > SHORT {
            return self.settle_one(topic);
        }
        self.topics.map().expect(topic);
        self.recent.bytes.extend_from_slice(topic);
        self.recent.ends[self.recent.count] = self.recent.bytes.len();
        self.recent.count += 1;
        if self.recent.count == RECENT {
            self.settle();
        }
    }

    /// Adds the topics that wait.
    fn settle(&mut self) {
        let mut recent = std::mem::take(&mut self.recent);
        let mut begin = 0;
        for &end in &recent.ends[..recent.count] {
            self.settle_one(&recent.bytes[begin..end]);
            begin = end;
        }
        recent.bytes.clear();
        self.recent.bytes = recent.bytes;
    }

    fn settle_one(&mut self, topic: &[u8]) {
        let before = self.topics.len();
        let id = self.topics.insert(topic, 1);
        if self.topics.len() == before {
            self.topics.set_value(id, self.topics.map().value(id) + 1);
        }
    }

    /// All topics.
    #[inline]
    fn settled(&mut self) -> &mut Topics {
        if self.recent.count > 0 {
            self.settle();
        }
        &mut self.topics
    }

    /// Takes one subscription back. Whether it was the topic's last: false also for an unknown topic.
    pub fn remove(&mut self, topic: &[u8]) -> bool {
        let topics = self.settled();
        let Some(id) = topics.map().find(topic) else { return false };
        let count = topics.map().value(id) - 1;
        if count > 0 {
            topics.set_value(id, count);
        } else {
            topics.remove(id);
            topics.tidy();
        }
        self.total -= 1;
        count == 0
    }

    /// The number of subscriptions; a topic subscribed to twice counts twice.
    pub fn total(&self) -> usize {
        self.total
    }

    /// The distinct topics in bytewise order.
    pub fn sorted(&mut self) -> Vec<&[u8]> {
        let mut topics: Vec<&[u8]> = self.settled().map().iter().map(|(topic, _)| topic).collect();
        topics.sort_unstable();
        topics
    }

    /// Whether `text` begins with one of the topics.
    #[inline]
    pub fn matches(&mut self, text: &[u8]) -> bool {
        self.settled().visit_prefixes(text, |_| ControlFlow::Break(())).is_break()
    }
}
