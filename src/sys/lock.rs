//! A lock for what one thread uses nearly always: that thread comes and goes without an atomic operation.
//!
//! A socket is locked and unlocked at every call, and hardly ever by two threads. An ordinary lock pays for the second
//! thread at every call, by two atomic exchanges that wait until all that was stored before is on its way. Here the
//! lock is *biased* towards the thread that took it several times in a row.
//!
//! # How it works, and why it is sound
//!
//! `state` is an ordinary lock: `FREE` or `HELD`. `owner` points at the *claim* of the thread that the lock is biased to,
//! or is null; a thread makes itself the owner, while it holds `state`, and whoever holds `state` can take that away.
//!
//! * The owner comes: it says in its claim that it is *busy*, and then looks whether `owner` still is that claim. If so it
//!   is in, else it takes the word back and asks for `state` like everyone.
//! * Another one comes: it takes `state`; if there is an owner it stores that there is none, and then looks at the claim
//!   until that is not busy.
//!
//! Each side stores and then looks at what the other one stores, with a barrier in between (Dekker): so not both can
//! miss the other's store, and not both are in. The barrier is one of which the rare side, the one that takes the
//! ownership away, pays all (see [`barrier`]); without such barriers there are no owners.
//!
//! Each thread that ever owns the lock has a claim of its own, which no other thread writes to. A thread may be stopped
//! between looking at `owner` and calling itself busy, and go on when another one is the owner: what it then says, and
//! takes back, is in its own claim and misleads nobody. Claims live as long as the lock; a thread that has the token of
//! one that ended takes over its claim.
//!
//! What was done under the lock is visible to the next one who is in: whoever leaves does so by a release of the claim or
//! of `state`, which the next one acquires; only the owner comes back without an acquire, when nobody else was in since.
//!
//! # Sleeping
//!
//! Whoever leaves looks for sleepers without a fence before, so it may miss one that came in that very moment. A
//! sleeper therefore sleeps for a bounded time, and looks again.

use crate::sys::sync::{AtomicPtr, AtomicU32, Ordering, UnsafeCell};
use crate::sys::{barrier, thread};
use std::ops::{Deref, DerefMut};
use std::ptr;

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

/// A thread's part in a lock that it owns, or owned once.
struct Claim {
    token: usize,
    /// The thread is in, or about to find out that it is not the owner any more.
    busy: AtomicU32,
    /// The claim of another thread; written before this one is shown to anybody.
    next: *mut Claim,
}

/// See the module's documentation.
pub struct Lock<T> {
    /// The claim of the thread that the lock is biased to, or null.
    owner: AtomicPtr<Claim>,
    state: AtomicU32,
    sleepers: AtomicU32,
    /// For the holder of `state`.
    inner: UnsafeCell<Inner>,
    value: UnsafeCell<T>,
}

/// What only the holder of `state` touches.
struct Inner {
    /// Who took `state` last, and how often in a row.
    last: usize,
    streak: u32,
    /// The claim of a former owner that was still busy when it was last looked at; or null.
    leaving: *mut Claim,
    /// All claims.
    claims: *mut Claim,
}

// SAFETY: the protocol above gives the value to one thread at a time, which may be any thread that T may move to. Claims
// are shared by their atomic part alone, and live as long as the lock.
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
    /// The claim by which it is locked; none: by `state`.
    claim: Option<&'a Claim>,
}

impl<T> Lock<T> {
    /// A free lock on `value`.
    pub fn new(value: T) -> Lock<T> {
        let inner = Inner { last: 0, streak: 0, leaving: ptr::null_mut(), claims: ptr::null_mut() };
        Lock {
            owner: AtomicPtr::new(ptr::null_mut()),
            state: AtomicU32::new(FREE),
            sleepers: AtomicU32::new(0),
            inner: UnsafeCell::new(inner),
            value: UnsafeCell::new(value),
        }
    }

    /// The value, unless another thread has it at some moment of the call.
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
        let owner = self.owner.load(Ordering::Acquire);
        // SAFETY: null, or a claim, which lives as long as the lock and was complete before it was stored.
        let claim = unsafe { owner.as_ref() }?;
        if claim.token != thread::token() || claim.busy.load(Ordering::Relaxed) != FREE {
            return None;
        }
        claim.busy.store(HELD, Ordering::Relaxed);
        barrier::light();
        if self.owner.load(Ordering::Relaxed) != owner {
            claim.busy.store(FREE, Ordering::Release);
            return None;
        }
        Some(Locked { lock: self, claim: Some(claim) })
    }

    /// Whether the owner is in at this moment. A hint; he stays the owner.
    fn owner_is_in(&self) -> bool {
        // SAFETY: null, or a claim, which lives as long as the lock and was complete before it was stored.
        unsafe { self.owner.load(Ordering::Acquire).as_ref() }
            .is_some_and(|owner| owner.busy.load(Ordering::Relaxed) != FREE)
    }

    fn try_state(&self) -> Option<Locked<'_, T>> {
        // He is not to lose the ownership to somebody who will not get in anyway.
        if self.owner_is_in() || !self.take_state() {
            return None;
        }
        if self.dethrone().is_some_and(|former| former.busy.load(Ordering::Acquire) != FREE) {
            self.give_back();
            return None;
        }
        Some(self.enter())
    }

    fn take_state(&self) -> bool {
        self.state.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// What the holder of `state` may touch.
    #[allow(clippy::mut_from_ref, reason = "the holder of `state` is one thread, and no two borrows overlap in it")]
    fn inner(&self) -> &mut Inner {
        // SAFETY: called by the holder of `state` only, and no caller keeps what it got across another call.
        self.inner.with_mut(|inner| unsafe { &mut *inner })
    }

    /// Takes the ownership away. Returns the claim of a former owner who may still be in; he does not come back in.
    fn dethrone(&self) -> Option<&Claim> {
        let owner = self.owner.load(Ordering::Relaxed);
        let inner = self.inner();
        if !owner.is_null() {
            self.owner.store(ptr::null_mut(), Ordering::Relaxed);
            inner.streak = 0;
            inner.leaving = owner;
            barrier::heavy();
        }
        // SAFETY: null or a claim, which lives as long as the lock.
        unsafe { inner.leaving.as_ref() }
    }

    /// The holder of `state` is in: no former owner is.
    fn enter(&self) -> Locked<'_, T> {
        let (me, inner) = (thread::token(), self.inner());
        inner.leaving = ptr::null_mut();
        inner.streak = if inner.last == me { inner.streak.saturating_add(1) } else { 0 };
        inner.last = me;
        Locked { lock: self, claim: None }
    }

    /// The holder of `state` becomes the owner.
    #[cold]
    fn enthrone(&self) {
        let (me, inner) = (thread::token(), self.inner());
        inner.streak = 0;
        let mut claim = inner.claims;
        // SAFETY: null or a claim, which lives as long as the lock.
        while let Some(other) = unsafe { claim.as_ref() } {
            if other.token == me {
                break;
            }
            claim = other.next;
        }
        if claim.is_null() {
            claim = Box::into_raw(Box::new(Claim { token: me, busy: AtomicU32::new(FREE), next: inner.claims }));
            inner.claims = claim;
        }
        self.owner.store(claim, Ordering::Release);
    }

    #[cold]
    fn wait(&self, gives_up: impl Fn() -> bool) -> Option<Locked<'_, T>> {
        if !self.wait_for(&self.state, &gives_up, || self.take_state()) {
            return None;
        }
        if let Some(former) = self.dethrone()
            && !self.wait_for(&former.busy, &gives_up, || former.busy.load(Ordering::Acquire) == FREE)
        {
            self.give_back();
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

    /// Gives `state` back without having been in.
    #[cold]
    fn give_back(&self) {
        self.state.store(FREE, Ordering::Release);
        if self.sleepers.load(Ordering::Relaxed) > 0 {
            self.wake(&self.state);
        }
    }

    #[cold]
    fn wake(&self, word: &AtomicU32) {
        #[cfg(not(loom))]
        super::futex::wake_all(word);
        #[cfg(loom)]
        let _ = word;
    }
}

impl<T> Drop for Lock<T> {
    fn drop(&mut self) {
        let mut claim = self.inner().claims;
        while !claim.is_null() {
            // SAFETY: made by Box::into_raw, and nobody refers to the lock or its claims any more.
            claim = unsafe { Box::from_raw(claim) }.next;
        }
    }
}

impl<T> Drop for Locked<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let lock = self.lock;
        let word = match self.claim {
            Some(claim) => &claim.busy,
            None => {
                if lock.inner().streak >= STREAK && barrier::is_available() {
                    lock.enthrone();
                }
                &lock.state
            }
        };
        word.store(FREE, Ordering::Release);
        if lock.sleepers.load(Ordering::Relaxed) > 0 {
            lock.wake(word);
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
        barrier::await_available();
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
        barrier::await_available();
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
    fn a_holder_keeps_others_out_and_a_panic_does_not_keep_the_lock() {
        barrier::await_available();
        let lock = Lock::new(());
        for as_owner in [false, true] {
            let held = lock.try_lock();
            let owner = lock.owner.load(Ordering::Relaxed);
            assert_eq!(!owner.is_null(), as_owner && barrier::is_available());
            assert!(held.is_some_and(|held| {
                let others = std::thread::scope(|scope| scope.spawn(|| lock.try_lock().is_none()).join().unwrap());
                // Who only tries takes nothing from him; who waits becomes the next.
                assert_eq!(lock.owner.load(Ordering::Relaxed), owner);
                let others = others
                    && std::thread::scope(|scope| scope.spawn(|| lock.lock_unless(|| true).is_none()).join().unwrap());
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
            assert!(!lock.owner.load(Ordering::Relaxed).is_null());
            let other = lock.clone();
            let thread = loom::thread::spawn(move || *other.lock_unless(|| false).unwrap() += 1);
            for _ in 0..2 {
                *lock.lock_unless(|| false).unwrap() += 1;
            }
            thread.join().unwrap();
            assert_eq!(*lock.lock_unless(|| false).unwrap(), 6);
        });
    }

    /// Owners follow each other while the first one may have stopped anywhere.
    #[test]
    fn owners_in_turn_are_never_both_in() {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(|| {
            let lock = Arc::new(Lock::new(0usize));
            for _ in 0..3 {
                *lock.lock_unless(|| false).unwrap() += 1;
            }
            let other = lock.clone();
            let thread = loom::thread::spawn(move || {
                for _ in 0..4 {
                    *other.lock_unless(|| false).unwrap() += 1;
                }
            });
            for _ in 0..2 {
                *lock.lock_unless(|| false).unwrap() += 1;
            }
            thread.join().unwrap();
            assert_eq!(*lock.lock_unless(|| false).unwrap(), 9);
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
