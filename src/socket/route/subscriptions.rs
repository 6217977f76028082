//! What this socket asked for, on the subscribing side: topics with a count each.

use super::topics::Topics;
use std::ops::ControlFlow;

/// Topics that the application subscribed to, counted: as many ends as beginnings make an end.
#[derive(Default)]
pub struct Subscriptions {
    topics: Topics,
    total: usize,
}

impl Subscriptions {
    /// Subscribes once more.
    pub fn add(&mut self, topic: &[u8]) {
        let before = self.topics.len();
        let id = self.topics.insert(topic, 1);
        if self.topics.len() == before {
            self.topics.set_value(id, self.topics.map().value(id) + 1);
        }
        self.total += 1;
    }

    /// Takes one subscription back. Whether it was the topic's last: false also for an unknown topic.
    pub fn remove(&mut self, topic: &[u8]) -> bool {
        let Some(id) = self.topics.map().find(topic) else { return false };
        self.total -= 1;
        let count = self.topics.map().value(id) - 1;
        if count > 0 {
            self.topics.set_value(id, count);
            return false;
        }
        self.topics.remove(id);
        self.topics.tidy();
        true
    }

    /// The number of subscriptions; a topic subscribed to twice counts twice.
    pub fn total(&self) -> usize {
        self.total
    }

    /// The distinct topics in bytewise order.
    pub fn sorted(&self) -> Vec<&[u8]> {
        let mut topics: Vec<&[u8]> = self.topics.map().iter().map(|(topic, _)| topic).collect();
        topics.sort_unstable();
        topics
    }

    /// Whether `text` begins with one of the topics.
    #[inline]
    pub fn matches(&self, text: &[u8]) -> bool {
        self.topics.visit_prefixes(text, |_| ControlFlow::Break(())).is_break()
    }
}
