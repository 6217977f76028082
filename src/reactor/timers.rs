//! The timers of an I/O thread: each object has a few, each set to at most one moment.

use super::{Id, TimerKind};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Moments at which objects want to be called, ordered by time. Trees, since they give back the memory that thousands
/// of handshakes at a time took.
#[derive(Default)]
pub struct Timers {
    queue: BTreeSet<(Instant, Id, TimerKind)>,
    set: BTreeMap<(Id, TimerKind), Instant>,
}

impl Timers {
    /// Sets a timer, instead of what it was set to before.
    pub fn set(&mut self, id: Id, kind: TimerKind, at: Instant) {
        self.clear(id, kind);
        self.set.insert((id, kind), at);
        self.queue.insert((at, id, kind));
    }

    /// Stops a timer.
    pub fn clear(&mut self, id: Id, kind: TimerKind) {
        if let Some(at) = self.set.remove(&(id, kind)) {
            self.queue.remove(&(at, id, kind));
        }
    }

    /// Stops the timers of an object, whose kinds are below `kinds`.
    pub fn forget(&mut self, id: Id, kinds: TimerKind) {
        for kind in 0..kinds {
            self.clear(id, kind);
        }
    }

    /// Time until the next one is due; zero if one is.
    pub fn next(&self, now: Instant) -> Option<Duration> {
        self.queue.first().map(|(at, ..)| at.saturating_duration_since(now))
    }

    /// Takes out one that is due.
    pub fn pop(&mut self, now: Instant) -> Option<(Id, TimerKind)> {
        let &(at, id, kind) = self.queue.first()?;
        if at > now {
            return None;
        }
        self.clear(id, kind);
        Some((id, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_order_and_only_as_last_set() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut timers = Timers::default();
        timers.set(Id(1), 0, at(30));
        timers.set(Id(2), 1, at(20));
        timers.set(Id(1), 0, at(10));
        assert_eq!(timers.next(start), Some(Duration::from_millis(10)));
        assert_eq!(timers.pop(at(9)), None);
        assert_eq!(timers.pop(at(40)), Some((Id(1), 0)));
        assert_eq!(timers.pop(at(40)), Some((Id(2), 1)));
        assert_eq!(timers.pop(at(40)), None);
        timers.set(Id(1), 2, at(5));
        timers.forget(Id(1), 3);
        assert_eq!(timers.next(start), None);
    }
}
