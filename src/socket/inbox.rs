//! What other threads leave for the one that works, in order, and whether somebody has to be woken for it.
//!
//! The protocol is Dekker's. Who leaves something puts it into the list, sets [`PENDING`] in the signal, and then looks
//! whether anyone waits; a waiter says that it waits, then looks at the signal, then sleeps. Both are sequentially
//! consistent. Whoever takes the list takes [`PENDING`] back first, so that what comes meanwhile sets it anew. The lock of
//! the list is a leaf, held for some instructions: that takes half of the atomic operations that a lock-free queue needs.

#[cfg(not(loom))]
use crate::sys::futex;
use crate::sys::futex::Wake;
use crate::sys::sync::{AtomicBool, AtomicU32, Mutex, MutexGuard, Ordering, order_in_model};
use std::sync::PoisonError;
use std::time::Duration;

/// Something is in the list. Other bits of the signal are the owner's.
pub(super) const PENDING: u32 = 1;

/// See the module's documentation.
pub(super) struct Inbox<T> {
    list: Mutex<Vec<T>>,
    signal: AtomicU32,
    /// Threads that sleep, or are about to.
    waiters: AtomicU32,
    closed: AtomicBool,
}

impl<T> Default for Inbox<T> {
    fn default() -> Inbox<T> {
        Inbox {
            list: Mutex::new(Vec::new()),
            signal: AtomicU32::new(0),
            waiters: AtomicU32::new(0),
            closed: AtomicBool::new(false),
        }
    }
}

impl<T> Inbox<T> {
    fn list(&self) -> MutexGuard<'_, Vec<T>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves something. Whether it is the first since the list was taken: then whoever [waits](Inbox::has_waiters) is to be
    /// woken.
    ///
    /// # Errors
    /// Gives it back where no one will look any more.
    pub fn push(&self, item: T) -> Result<bool, T> {
        let mut list = self.list();
        if self.is_closed() {
            return Err(item);
        }
        list.push(item);
        drop(list);
        Ok(self.raise(PENDING))
    }

    /// Sets a bit of the signal. Whether it was not set: then whoever waits is to be woken.
    pub fn raise(&self, bit: u32) -> bool {
        let before = self.signal.fetch_or(bit, Ordering::SeqCst);
        order_in_model();
        before & bit == 0
    }

    /// Whether this bit of the signal is set, as far as this thread can know.
    #[inline]
    pub fn is_raised(&self, bit: u32) -> bool {
        self.signal.load(Ordering::Relaxed) & bit != 0
    }

    /// Whether any bit of the signal is set.
    #[inline]
    pub fn has_news(&self) -> bool {
        self.signal.load(Ordering::SeqCst) != 0
    }

    /// Sleeps while no bit of the signal is set, as one who [waits](Inbox::enter_wait), until
    /// [`wake_sleepers`](Inbox::wake_sleepers).
    #[cfg(not(loom))]
    pub fn sleep(&self, timeout: Option<Duration>) -> Wake {
        futex::wait(&self.signal, 0, timeout)
    }

    /// Ends all [sleeps](Inbox::sleep).
    #[cfg(not(loom))]
    pub fn wake_sleepers(&self) {
        futex::wake_all(&self.signal);
    }

    /// In a model nobody sleeps.
    #[cfg(loom)]
    pub fn sleep(&self, _timeout: Option<Duration>) -> Wake {
        Wake::Woken
    }

    /// In a model nobody sleeps.
    #[cfg(loom)]
    pub fn wake_sleepers(&self) {}

    /// Takes all that was left, in exchange for an empty list. False if there was nothing.
    #[inline]
    pub fn take(&self, list: &mut Vec<T>) -> bool {
        debug_assert!(list.is_empty());
        if !self.is_raised(PENDING) {
            return false;
        }
        self.signal.fetch_and(!PENDING, Ordering::SeqCst);
        std::mem::swap(&mut *self.list(), list);
        !list.is_empty()
    }

    /// No one will look any more: what is left is given back.
    pub fn close(&self) -> Vec<T> {
        let mut list = self.list();
        self.closed.store(true, Ordering::SeqCst);
        std::mem::take(&mut *list)
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// A thread is about to sleep, and looks at the signal once more after this. How many others do.
    pub fn enter_wait(&self) -> u32 {
        let others = self.waiters.fetch_add(1, Ordering::SeqCst);
        order_in_model();
        others
    }

    /// It no longer does. How many others do.
    pub fn leave_wait(&self) -> u32 {
        self.waiters.fetch_sub(1, Ordering::SeqCst) - 1
    }

    /// How many threads sleep, or are about to.
    pub fn waiters(&self) -> u32 {
        self.waiters.load(Ordering::SeqCst)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_is_taken_once_and_in_order() {
        let inbox = Inbox::default();
        let mut list = Vec::new();
        assert!(!inbox.take(&mut list));
        assert_eq!([inbox.push(1), inbox.push(2), inbox.push(3)], [Ok(true), Ok(false), Ok(false)]);
        assert!(inbox.has_news() && inbox.take(&mut list) && !inbox.has_news());
        assert_eq!(list, [1, 2, 3]);
        list.clear();
        assert!(!inbox.take(&mut list));
        assert_eq!(inbox.push(4), Ok(true));
    }

    #[test]
    fn another_bit_is_news_and_nothing_to_take() {
        let inbox = Inbox::<u32>::default();
        assert!(inbox.raise(2) && !inbox.raise(2));
        assert!(inbox.has_news() && inbox.is_raised(2) && !inbox.take(&mut Vec::new()));
        assert!(inbox.push(1).is_ok() && inbox.take(&mut Vec::new()));
        assert!(inbox.is_raised(2));
    }

    #[test]
    fn nothing_gets_into_one_that_is_closed() {
        let inbox = Inbox::default();
        inbox.push(1).unwrap();
        assert_eq!((inbox.close(), inbox.push(2), inbox.is_closed()), (vec![1], Err(2), true));
        assert_eq!(inbox.close(), []);
    }

    #[test]
    fn those_who_wait_are_counted() {
        let inbox = Inbox::<u32>::default();
        assert_eq!((inbox.enter_wait(), inbox.enter_wait(), inbox.waiters()), (0, 1, 2));
        assert_eq!((inbox.leave_wait(), inbox.leave_wait(), inbox.waiters()), (1, 0, 0));
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::sync::Arc;

    /// A thread that leaves something, and says whether it would wake a waiter.
    fn leaves(inbox: &Arc<Inbox<u32>>, item: u32) -> loom::thread::JoinHandle<bool> {
        let inbox = inbox.clone();
        loom::thread::spawn(move || inbox.push(item) == Ok(true) && inbox.waiters() > 0)
    }

    #[test]
    fn a_waiter_sees_the_news_or_is_woken() {
        loom::model(|| {
            let inbox = Arc::new(Inbox::default());
            let senders = [leaves(&inbox, 1), leaves(&inbox, 2)];
            inbox.enter_wait();
            let sleeps = !inbox.has_news();
            let woken = senders.map(|sender| sender.join().unwrap());
            assert!(!sleeps || woken.contains(&true), "asleep and not woken");
        });
    }

    #[test]
    fn who_has_taken_the_list_sees_what_comes_after_or_is_woken() {
        loom::model(|| {
            let inbox = Arc::new(Inbox::default());
            let sender = leaves(&inbox, 1);
            let mut list = Vec::new();
            inbox.take(&mut list);
            inbox.enter_wait();
            let sleeps = !inbox.has_news();
            let woken = sender.join().unwrap();
            assert!(list == [1] || !sleeps || woken, "left behind");
        });
    }

    #[test]
    fn nothing_is_lost_or_doubled() {
        loom::model(|| {
            let inbox = Arc::new(Inbox::default());
            let senders = [leaves(&inbox, 1), leaves(&inbox, 2)];
            let (mut first, mut rest) = (Vec::new(), Vec::new());
            inbox.take(&mut first);
            for sender in senders {
                sender.join().unwrap();
            }
            inbox.take(&mut rest);
            first.append(&mut rest);
            first.sort_unstable();
            assert_eq!(first, [1, 2]);
        });
    }

    #[test]
    fn what_comes_when_it_closes_is_given_back_to_one_of_the_two() {
        loom::model(|| {
            let inbox = Arc::new(Inbox::default());
            let sender = {
                let inbox = inbox.clone();
                loom::thread::spawn(move || inbox.push(1).is_err())
            };
            let left = inbox.close();
            assert_eq!(sender.join().unwrap(), left.is_empty());
            assert!(inbox.close().is_empty());
        });
    }
}
