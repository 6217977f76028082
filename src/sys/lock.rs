//! A lock for what one thread uses nearly always: giving it back is a plain store.
//!
//! A socket is locked and unlocked at every call, and hardly ever by two threads at once. An ordinary lock pays for
//! the second thread at every unlock, by an atomic exchange that tells whether anyone sleeps. Here the holder stores
//! that the lock is free and then looks for sleepers, without a fence between the two. So it may miss one that came in
//! that very moment; a sleeper therefore sleeps for a bounded time, and looks again.
//!
//! States: `FREE` → `HELD` by whoever gets it; `HELD` → `FREE` by the holder. What was done under the lock is visible to
//! the next holder, since giving back is a release and getting an acquire.

use crate::sys::sync::{AtomicU32, Ordering, UnsafeCell};
use std::ops::{Deref, DerefMut};

const FREE: u32 = 0;
const HELD: u32 = 1;

/// How often a thread that finds the lock taken tries again before it sleeps.
#[cfg(not(loom))]
const TRIES: u32 = 100;

/// The longest sleep between two looks.
#[cfg(not(loom))]
const NAP: std::time::Duration = std::time::Duration::from_micros(500);

/// See the module's documentation.
pub struct Lock<T> {
    state: AtomicU32,
    sleepers: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: the state gives the value to one thread at a time, which may be any thread that T may move to.
unsafe impl<T: Send> Sync for Lock<T> {}
// SAFETY: as for any owner of a T.
unsafe impl<T: Send> Send for Lock<T> {}

impl<T: Default> Default for Lock<T> {
    fn default() -> Lock<T> {
        Lock::new(T::default())
    }
}

/// The value while it is locked.
pub struct Locked<'a, T>(&'a Lock<T>);

impl<T> Lock<T> {
    /// A free lock on `value`.
    pub fn new(value: T) -> Lock<T> {
        Lock { state: AtomicU32::new(FREE), sleepers: AtomicU32::new(0), value: UnsafeCell::new(value) }
    }

    /// The value, unless another thread has it.
    #[inline]
    pub fn try_lock(&self) -> Option<Locked<'_, T>> {
        self.state.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).ok().map(|_| Locked(self))
    }

    /// The value, when no other thread has it any more; none as soon as `gives_up` says so.
    #[inline]
    pub fn lock_unless(&self, gives_up: impl Fn() -> bool) -> Option<Locked<'_, T>> {
        match self.try_lock() {
            Some(locked) => Some(locked),
            None => self.wait(gives_up),
        }
    }

    #[cfg(not(loom))]
    #[cold]
    fn wait(&self, gives_up: impl Fn() -> bool) -> Option<Locked<'_, T>> {
        for _ in 0..TRIES {
            std::hint::spin_loop();
            if self.state.load(Ordering::Relaxed) == FREE
                && let Some(locked) = self.try_lock()
            {
                return Some(locked);
            }
        }
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        let locked = loop {
            if let Some(locked) = self.try_lock() {
                break Some(locked);
            }
            if gives_up() {
                break None;
            }
            // Interrupted or not: the lock is never held for long.
            let _ = super::futex::wait(&self.state, HELD, Some(NAP));
        };
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        locked
    }

    #[cfg(loom)]
    fn wait(&self, gives_up: impl Fn() -> bool) -> Option<Locked<'_, T>> {
        loop {
            loom::thread::yield_now();
            if let Some(locked) = self.try_lock() {
                return Some(locked);
            }
            if gives_up() {
                return None;
            }
        }
    }

    #[cold]
    fn wake(&self) {
        #[cfg(not(loom))]
        super::futex::wake_all(&self.state);
    }
}

impl<T> Drop for Locked<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.0.state.store(FREE, Ordering::Release);
        if self.0.sleepers.load(Ordering::Relaxed) > 0 {
            self.0.wake();
        }
    }
}

impl<T> Deref for Locked<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this guard is the only one, until it is dropped.
        self.0.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for Locked<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed exclusively.
        self.0.value.with_mut(|value| unsafe { &mut *value })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn one_thread_at_a_time_has_the_value() {
        let lock = Lock::new(0u64);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50_000 {
                        let mut value = lock.lock_unless(|| false).unwrap();
                        let read = *value;
                        *std::hint::black_box(&mut *value) = read + 1;
                    }
                });
            }
        });
        assert_eq!(*lock.try_lock().unwrap(), 200_000);
    }

    #[test]
    fn a_holder_keeps_others_out_and_a_panic_does_not_keep_the_lock() {
        let lock = Lock::new(());
        let held = lock.try_lock();
        assert!(held.is_some() && lock.try_lock().is_none());
        assert!(lock.lock_unless(|| true).is_none());
        drop(held);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _held = lock.try_lock();
            panic!("on purpose");
        }));
        assert!(result.is_err() && lock.try_lock().is_some());
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::sync::Arc;

    #[test]
    fn holders_see_what_the_last_one_did() {
        loom::model(|| {
            let lock = Arc::new(Lock::new(0usize));
            let other = lock.clone();
            let thread = loom::thread::spawn(move || *other.lock_unless(|| false).unwrap() += 1);
            *lock.lock_unless(|| false).unwrap() += 1;
            thread.join().unwrap();
            assert_eq!(*lock.try_lock().unwrap(), 2);
        });
    }
}
