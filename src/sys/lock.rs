//! A lock for what one thread uses nearly always: that thread comes and goes without an atomic operation.
//!
//! A socket is locked and unlocked at every call, and hardly ever by two threads. An ordinary lock pays for the second
//! thread at every call, by two atomic exchanges that wait until all that was stored before is on its way. Here the
//! lock is *biased* towards the thread that took it several times in a row.
//!
//! # How it works, and why it is sound
//!
//! `state` is an ordinary lock: `FREE` or `HELD`. `owner` names the thread that the lock is biased to, or none; a thread
//! makes itself the owner, while it holds `state`, and whoever holds `state` can take that away.
//!
//! * The owner comes: it stores `busy`, and then looks whether it still is the owner. If so it is in, else it takes
//!   `busy` back and asks for `state` like everyone.
//! * Another one comes: it takes `state`; if there is an owner it stores that there is none, and then looks at `busy`
//!   until that is not set.
//!
//! Each side stores and then looks at what the other one stores, with a barrier in between (Dekker): so not both can
//! miss the other's store, and not both are in. The barrier is one of which the rare side, the one that takes the
//! ownership away, pays all (see [`barrier`]); without such barriers there are no owners.
//!
//! What was done under the lock is visible to the next one who is in: whoever leaves does so by a release of `busy` or
//! `state`, which the next one acquires; only the owner comes back without an acquire, when nobody else was in since.
//!
//! # Sleeping
//!
//! Whoever leaves looks for sleepers without a fence before, so it may miss one that came in that very moment. A
//! sleeper therefore sleeps for a bounded time, and looks again.

use crate::sys::sync::{AtomicU32, AtomicUsize, Ordering, UnsafeCell};
use crate::sys::{barrier, thread};
use std::ops::{Deref, DerefMut};

const FREE: u32 = 0;
const HELD: u32 = 1;

/// A thread that took the lock so many times in a row becomes the owner.
const STREAK: u32 = if cfg!(loom) { 1 } else { 16 };

/// How often a thread that finds the lock taken tries again before it sleeps.
#[cfg(not(loom))]
const TRIES: u32 = 100;

/// The longest sleep between two looks.
#[cfg(not(loom))]
const NAP: std::time::Duration = std::time::Duration::from_micros(500);

/// See the module's documentation.
pub struct Lock<T> {
    /// The token of the thread that the lock is biased to; 0: none.
    owner: AtomicUsize,
    /// The owner is in, or about to find out that it is not the owner any more.
    busy: AtomicU32,
    /// Advances whenever somebody comes in.
    entries: AtomicU32,
    state: AtomicU32,
    sleepers: AtomicU32,
    /// Who took `state` last, and how often in a row. Written by the holder of `state`.
    last: AtomicUsize,
    streak: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: the protocol above gives the value to one thread at a time, which may be any thread that T may move to.
unsafe impl<T: Send> Sync for Lock<T> {}
// SAFETY: as for any owner of a T.
unsafe impl<T: Send> Send for Lock<T> {}

impl<T: Default> Default for Lock<T> {
    fn default() -> Lock<T> {
        Lock::new(T::default())
    }
}

/// The value while it is locked.
pub struct Locked<'a, T> {
    lock: &'a Lock<T>,
    as_owner: bool,
}

impl<T> Lock<T> {
    /// A free lock on `value`.
    pub fn new(value: T) -> Lock<T> {
        Lock {
            owner: AtomicUsize::new(0),
            busy: AtomicU32::new(FREE),
            entries: AtomicU32::new(0),
            state: AtomicU32::new(FREE),
            sleepers: AtomicU32::new(0),
            last: AtomicUsize::new(0),
            streak: AtomicU32::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// A number that changes whenever somebody comes in. To be looked at without the lock.
    pub fn entries(&self) -> u32 {
        self.entries.load(Ordering::Relaxed)
    }

    /// The value, unless another thread has it.
    #[inline]
    pub fn try_lock(&self) -> Option<Locked<'_, T>> {
        self.enter_as_owner().or_else(|| self.try_state())
    }

    /// The value, when no other thread has it any more; none as soon as `gives_up` says so.
    #[inline]
    pub fn lock_unless(&self, gives_up: impl Fn() -> bool) -> Option<Locked<'_, T>> {
        match self.enter_as_owner() {
            Some(locked) => Some(locked),
            None => self.wait(gives_up),
        }
    }

    #[inline]
    fn enter_as_owner(&self) -> Option<Locked<'_, T>> {
        let me = thread::token();
        if self.owner.load(Ordering::Relaxed) != me || self.busy.load(Ordering::Relaxed) != FREE {
            return None;
        }
        self.busy.store(HELD, Ordering::Relaxed);
        barrier::light();
        if self.owner.load(Ordering::Relaxed) != me {
            self.busy.store(FREE, Ordering::Release);
            return None;
        }
        self.note_entry();
        Some(Locked { lock: self, as_owner: true })
    }

    /// One thread at a time comes here.
    #[inline]
    fn note_entry(&self) {
        self.entries.store(self.entries.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    fn try_state(&self) -> Option<Locked<'_, T>> {
        self.take_state()?;
        self.dethrone();
        if self.busy.load(Ordering::Acquire) != FREE {
            self.state.store(FREE, Ordering::Release);
            return None;
        }
        Some(self.enter())
    }

    fn take_state(&self) -> Option<()> {
        self.state.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).ok().map(|_| ())
    }

    /// Takes the ownership away. From now on the owner is in as long as `busy` is set, and does not come back in.
    fn dethrone(&self) {
        if self.owner.load(Ordering::Relaxed) != 0 {
            self.owner.store(0, Ordering::Relaxed);
            self.streak.store(0, Ordering::Relaxed);
            barrier::heavy();
        }
    }

    /// The holder of `state` is in.
    fn enter(&self) -> Locked<'_, T> {
        let me = thread::token();
        if self.last.load(Ordering::Relaxed) == me {
            self.streak.store(self.streak.load(Ordering::Relaxed).saturating_add(1), Ordering::Relaxed);
        } else {
            self.last.store(me, Ordering::Relaxed);
            self.streak.store(0, Ordering::Relaxed);
        }
        self.note_entry();
        Locked { lock: self, as_owner: false }
    }

    #[cold]
    fn wait(&self, gives_up: impl Fn() -> bool) -> Option<Locked<'_, T>> {
        if !self.wait_for(&self.state, &gives_up, || self.take_state().is_some()) {
            return None;
        }
        self.dethrone();
        if !self.wait_for(&self.busy, &gives_up, || self.busy.load(Ordering::Acquire) == FREE) {
            self.state.store(FREE, Ordering::Release);
            return None;
        }
        Some(self.enter())
    }

    /// Waits until `done`, which a change of `word` from `HELD` brings about; false if it gave up.
    #[cfg(not(loom))]
    fn wait_for(&self, word: &AtomicU32, gives_up: &impl Fn() -> bool, done: impl Fn() -> bool) -> bool {
        for _ in 0..TRIES {
            if done() {
                return true;
            }
            std::hint::spin_loop();
        }
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        let result = loop {
            if done() {
                break true;
            }
            if gives_up() {
                break false;
            }
            // Interrupted or not: the lock is never held for long.
            let _ = super::futex::wait(word, HELD, Some(NAP));
        };
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        result
    }

    #[cfg(loom)]
    fn wait_for(&self, _word: &AtomicU32, gives_up: &impl Fn() -> bool, done: impl Fn() -> bool) -> bool {
        loop {
            if done() {
                return true;
            }
            if gives_up() {
                return false;
            }
            loom::thread::yield_now();
        }
    }

    #[cold]
    fn wake(&self) {
        #[cfg(not(loom))]
        {
            super::futex::wake_all(&self.state);
            super::futex::wake_all(&self.busy);
        }
    }
}

impl<T> Drop for Locked<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let lock = self.lock;
        if self.as_owner {
            lock.busy.store(FREE, Ordering::Release);
        } else {
            if lock.streak.load(Ordering::Relaxed) >= STREAK && barrier::is_available() {
                lock.owner.store(thread::token(), Ordering::Relaxed);
            }
            lock.state.store(FREE, Ordering::Release);
        }
        if lock.sleepers.load(Ordering::Relaxed) > 0 {
            lock.wake();
        }
    }
}

impl<T> Deref for Locked<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this guard is the only one, until it is dropped.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for Locked<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed exclusively.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// Lets there be owners, where the system has what that takes.
    fn with_owners() {
        barrier::prepare();
        let begun = std::time::Instant::now();
        while !barrier::is_available() && begun.elapsed().as_secs() < 1 {
            std::thread::yield_now();
        }
    }

    /// Adds as a racing thread would be caught at: reads, and writes later.
    fn add(lock: &Lock<u64>, times: u64) {
        for _ in 0..times {
            let mut value = lock.lock_unless(|| false).unwrap();
            let read = *value;
            *std::hint::black_box(&mut *value) = read + 1;
        }
    }

    #[test]
    fn one_thread_at_a_time_has_the_value() {
        with_owners();
        let lock = Lock::new(0u64);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| add(&lock, 50_000));
            }
        });
        assert_eq!(*lock.try_lock().unwrap(), 200_000);
    }

    #[test]
    fn an_owner_is_interrupted_between_its_visits_only() {
        with_owners();
        let lock = Lock::new(0u64);
        let stop = std::sync::atomic::AtomicBool::new(false);
        let visits = std::thread::scope(|scope| {
            let visitor = scope.spawn(|| {
                let mut visits = 0;
                while !stop.load(Ordering::Relaxed) {
                    if let Some(mut value) = lock.try_lock() {
                        let read = *value;
                        *std::hint::black_box(&mut *value) = read + 1;
                        visits += 1;
                    }
                    std::thread::sleep(std::time::Duration::from_micros(50));
                }
                visits
            });
            add(&lock, 2_000_000);
            stop.store(true, Ordering::Relaxed);
            visitor.join().unwrap()
        });
        assert_eq!(*lock.try_lock().unwrap(), 2_000_000 + visits);
    }

    #[test]
    fn entries_tell_that_somebody_was_in() {
        with_owners();
        let lock = Lock::new(());
        for _ in 0..3 * STREAK {
            let before = lock.entries();
            drop(lock.try_lock());
            assert_ne!(lock.entries(), before);
        }
        let before = lock.entries();
        assert_eq!(lock.entries(), before);
    }

    #[test]
    fn a_holder_keeps_others_out_and_a_panic_does_not_keep_the_lock() {
        with_owners();
        let lock = Lock::new(());
        for as_owner in [false, true] {
            let held = lock.try_lock();
            assert!(held.is_some_and(|held| {
                let others = std::thread::scope(|scope| {
                    scope.spawn(|| lock.try_lock().is_none() && lock.lock_unless(|| true).is_none()).join().unwrap()
                });
                drop(held);
                others
            }));
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _held = lock.try_lock();
                panic!("on purpose");
            }));
            assert!(result.is_err() && lock.try_lock().is_some());
            for _ in 0..if as_owner { 0 } else { 3 * STREAK } {
                drop(lock.try_lock());
            }
        }
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::sync::Arc;

    #[test]
    fn an_owner_and_another_are_never_both_in() {
        loom::model(|| {
            let lock = Arc::new(Lock::new(0usize));
            // The main thread becomes the owner.
            for _ in 0..3 {
                *lock.lock_unless(|| false).unwrap() += 1;
            }
            assert_ne!(lock.owner.load(Ordering::Relaxed), 0);
            let other = lock.clone();
            let thread = loom::thread::spawn(move || *other.lock_unless(|| false).unwrap() += 1);
            for _ in 0..2 {
                *lock.lock_unless(|| false).unwrap() += 1;
            }
            thread.join().unwrap();
            assert_eq!(*lock.lock_unless(|| false).unwrap(), 6);
        });
    }

    #[test]
    fn who_only_tries_is_in_alone_or_not_at_all() {
        loom::model(|| {
            let lock = Arc::new(Lock::new(0usize));
            for _ in 0..3 {
                *lock.lock_unless(|| false).unwrap() += 1;
            }
            let other = lock.clone();
            let thread = loom::thread::spawn(move || other.try_lock().map(|mut value| *value += 1).is_some());
            *lock.lock_unless(|| false).unwrap() += 1;
            let tried = thread.join().unwrap();
            assert_eq!(*lock.lock_unless(|| false).unwrap(), 4 + usize::from(tried));
        });
    }
}
