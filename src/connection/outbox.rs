//! News for the send half, in order: what the receive half and the socket want it to do besides sending what is in
//! the pipe.
//!
//! They are rare, a handful when a connection is made and then a PING now and then, while there may be thousands of
//! connections: so an outbox that has nothing holds no memory, which the blocks of a lock-free queue would. The lock
//! is a leaf, held for some instructions; a half that is driven with no news pays one load.

use super::send::Control;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Outbox {
    news: Mutex<Vec<Control>>,
    /// There may be news. Written under the lock.
    any: AtomicBool,
}

impl Outbox {
    /// Leaves news. Whoever does so then drives the send half: the turn makes sure that this holder of the half, or
    /// the present one in another round, sees them.
    pub fn push(&self, control: Control) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        news.push(control);
        self.any.store(true, Ordering::Release);
    }

    /// Whether there is none, as far as this thread can know.
    #[inline]
    pub fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    /// Takes all news.
    #[inline]
    pub fn take(&self) -> Vec<Control> {
        if self.is_empty() { Vec::new() } else { self.take_all() }
    }

    #[cold]
    fn take_all(&self) -> Vec<Control> {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        self.any.store(false, Ordering::Release);
        std::mem::take(&mut news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_come_once_and_in_order() {
        let outbox = Outbox::default();
        assert!(outbox.is_empty() && outbox.take().is_empty());
        outbox.push(Control::Ping(1));
        assert!(!outbox.is_empty());
        outbox.push(Control::Ping(2));
        let ttl = |control| if let Control::Ping(ttl) = control { ttl } else { 0 };
        assert_eq!(outbox.take().into_iter().map(ttl).collect::<Vec<_>>(), [1, 2]);
        assert!(outbox.take().is_empty());
        outbox.push(Control::Lost);
        assert_eq!(outbox.take().len(), 1);
    }
}
