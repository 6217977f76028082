//! Exclusive access that is never waited for: whoever finds it taken leaves word, and the holder looks again.
//!
//! The two halves of a connection are driven by whatever thread happens to hold them: the application's, or an I/O
//! thread. A thread that comes with news (bytes are there, messages are in the pipe) must neither block behind the
//! other nor lose the news. So it either gets the turn and does the work, or marks the turn "again" and goes its
//! way; the holder sees the mark when it lets go and does the work once more.
//!
//! States of the one atomic byte: `FREE` → `TAKEN` by the thread that gets the turn; `TAKEN` → `AGAIN` by one that
//! comes too late; `AGAIN` → `TAKEN` by the holder, which then works again; `TAKEN` → `FREE` by the holder.
//! What a late comer wrote before it marked is visible to the holder's next round, since the mark is a release and
//! the holder's transition an acquire.

use crate::sys::sync::{AtomicU8, Ordering, UnsafeCell};

const FREE: u8 = 0;
const TAKEN: u8 = 1;
const AGAIN: u8 = 2;

/// A value that one thread at a time works on, by turns.
#[derive(Debug)]
pub struct Turn<T> {
    state: AtomicU8,
    value: UnsafeCell<T>,
}

// SAFETY: the state machine gives the value to one thread at a time, which may be any thread that T may move to.
unsafe impl<T: Send> Sync for Turn<T> {}
// SAFETY: as for any owner of a T.
unsafe impl<T: Send> Send for Turn<T> {}

/// Gives the turn back when work panics: the value stays usable for others.
struct Release<'a>(&'a AtomicU8);

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.0.store(FREE, Ordering::Release);
    }
}

impl<T> Turn<T> {
    /// A free turn on `value`.
    pub fn new(value: T) -> Turn<T> {
        Turn { state: AtomicU8::new(FREE), value: UnsafeCell::new(value) }
    }

    /// Works on the value now, or makes sure that the present holder's `work` runs once more after this call.
    /// Returns whether this thread did the work.
    ///
    /// All callers pass the same kind of work: "look at everything that could be news, and handle it".
    pub fn take(&self, work: impl FnMut(&mut T)) -> bool {
        let mine = self.enter();
        if mine {
            self.go_on(work);
        }
        mine
    }

    /// Does `first` with the value if nobody has the turn, and then `work` for those who came meanwhile, as
    /// [`take`](Turn::take). None, and no word left, if somebody has it.
    #[inline]
    pub fn try_take<R>(&self, first: impl FnOnce(&mut T) -> R, work: impl FnMut(&mut T)) -> Option<R> {
        self.state.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed).ok()?;
        // SAFETY: this thread moved the state from FREE to TAKEN.
        let result = unsafe { self.hold(first) };
        if !self.leave() {
            self.go_on(work);
        }
        Some(result)
    }

    /// Works as the holder of the turn until nobody has left word.
    fn go_on(&self, mut work: impl FnMut(&mut T)) {
        loop {
            // SAFETY: this thread moved the state from FREE to TAKEN, or took over AGAIN.
            unsafe { self.hold(&mut work) };
            if self.leave() {
                return;
            }
        }
    }

    /// Works once; if that panics the turn is free.
    ///
    /// # Safety
    /// This thread has the turn.
    #[inline]
    unsafe fn hold<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let release = Release(&self.state);
        // SAFETY: no other thread enters until the state is FREE again.
        let result = self.value.with_mut(|value| work(unsafe { &mut *value }));
        std::mem::forget(release);
        result
    }

    /// Gets the turn, or marks it.
    #[inline]
    fn enter(&self) -> bool {
        let mut seen = self.state.load(Ordering::Relaxed);
        loop {
            let (next, mine) = if seen == FREE { (TAKEN, true) } else { (AGAIN, false) };
            // The mark is written even where it stands already: the write publishes this thread's news.
            match self.state.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return mine,
                Err(now) => seen = now,
            }
        }
    }

    /// Gives the turn back; false if someone left word, and the turn is still held.
    #[inline]
    fn leave(&self) -> bool {
        match self.state.compare_exchange(TAKEN, FREE, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => true,
            Err(_) => {
                self.state.swap(TAKEN, Ordering::Acquire);
                false
            }
        }
    }

    /// The value, when no one else can hold it.
    #[cfg(not(loom))]
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: `&mut self` excludes every other thread.
        self.value.with_mut(|value| unsafe { &mut *value })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn the_holder_works_again_for_those_who_came_too_late() {
        let turn = Turn::new(0);
        let mut rounds = 0;
        assert!(turn.take(|value| {
            rounds += 1;
            *value += 1;
            if rounds == 1 {
                assert!(!turn.take(|_| unreachable!()));
                assert!(!turn.take(|_| unreachable!()));
            }
        }));
        assert_eq!(rounds, 2);
    }

    #[test]
    fn a_try_leaves_no_word_and_works_for_those_who_do() {
        let turn = Turn::new(0);
        let mut rounds = 0;
        assert!(turn.take(|_| {
            rounds += 1;
            assert_eq!(turn.try_take(|_| unreachable!(), |_| unreachable!()), None::<()>);
        }));
        assert_eq!(rounds, 1);
        let first = |value: &mut i32| {
            assert!(!turn.take(|_| unreachable!()));
            *value += 1;
            "done"
        };
        assert_eq!(turn.try_take(first, |value| *value += 10), Some("done"));
        assert!(turn.take(|value| assert_eq!(*value, 11)));
    }

    #[test]
    fn a_panic_in_the_work_frees_the_turn() {
        let turn = Turn::new(());
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| turn.take(|()| panic!("on purpose"))));
        assert!(result.is_err());
        let work = || turn.try_take(|()| panic!("on purpose"), |()| ());
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        assert!(result.is_err());
        assert!(turn.take(|()| ()));
    }

    #[test]
    fn no_news_is_lost_between_threads() {
        let turn = Turn::new(0usize);
        let news = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..20_000 {
                        news.fetch_add(1, Ordering::Relaxed);
                        turn.take(|taken| *taken += news.swap(0, Ordering::Relaxed));
                    }
                });
            }
        });
        let mut turn = turn;
        assert_eq!(*turn.get_mut(), 60_000);
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;
    use loom::sync::Arc;
    use loom::sync::atomic::AtomicUsize;

    #[test]
    fn a_try_hides_no_news_of_others() {
        loom::model(|| {
            let shared = Arc::new((Turn::new(0usize), AtomicUsize::new(0)));
            let other = shared.clone();
            let thread = loom::thread::spawn(move || {
                other.1.fetch_add(1, Ordering::Relaxed);
                other.0.take(|taken| *taken += other.1.swap(0, Ordering::Relaxed));
            });
            // What is done at first looks for no news: only those who left word make the holder look.
            let tried = shared.0.try_take(|taken| *taken += 10, |taken| *taken += shared.1.swap(0, Ordering::Relaxed));
            thread.join().unwrap();
            let mut total = 0;
            assert!(shared.0.take(|taken| total = *taken));
            assert_eq!(total, 1 + if tried.is_some() { 10 } else { 0 });
        });
    }

    #[test]
    fn hand_over_loses_no_news() {
        loom::model(|| {
            let shared = Arc::new((Turn::new(0usize), AtomicUsize::new(0)));
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let shared = shared.clone();
                    loom::thread::spawn(move || {
                        shared.1.fetch_add(1, Ordering::Relaxed);
                        shared.0.take(|taken| *taken += shared.1.swap(0, Ordering::Relaxed));
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            let mut total = 0;
            assert!(shared.0.take(|taken| total = *taken));
            assert_eq!(total, 2);
        });
    }
}
