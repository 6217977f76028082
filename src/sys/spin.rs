//! Spinning before a sleep, where what is waited for usually comes in moments: how long, and whether it pays.
//!
//! It is learned. A wait that ended while spinning raises the score, one that had to sleep lowers it; when the score
//! is used up the thread sleeps at once, and short sleeps raise the score again. On a socket that has `ZMQ_BUSY_POLL` set
//! there is nothing to learn: every wait spins, for as long as the option says. No spinning happens where the thread may
//! use one processor only, or `ZMQRS_SPIN_US=0` is in the environment.

use super::{clock, cpu};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// How long a wait spins at most, in nanoseconds, unless the environment says otherwise.
const SPIN_NS: u64 = 50_000;
/// The longest spin that can be asked for.
const SPIN_MAX_US: u64 = 10_000;
/// A sleep that is longer than a spin by at most this many nanoseconds could have been a spin: waking alone takes some
/// ten thousands.
const WAKE_NS: u64 = 100_000;
/// The highest score, and what a failed spin costs of it.
const SCORE_MAX: i32 = 8;
const SCORE_LOSS: i32 = 3;

/// How well spinning did for one who waits, and what the application has asked for.
#[derive(Default)]
pub struct Spin {
    score: AtomicI32,
    /// Nanoseconds; 0: nothing was asked for.
    asked: AtomicU64,
}

impl Spin {
    /// Takes a value of `ZMQ_BUSY_POLL`, in microseconds; 0 and below: as the library decides.
    pub fn ask(&self, microseconds: i32) {
        let microseconds = u64::try_from(microseconds).unwrap_or(0).min(SPIN_MAX_US);
        self.asked.store(microseconds * 1000, Ordering::Relaxed);
    }

    /// How long the next wait spins at most, in nanoseconds, if it may spin for `usual`.
    pub fn limit(&self, usual: u64) -> u64 {
        match self.asked.load(Ordering::Relaxed) {
            0 => usual,
            asked if usual > 0 => asked,
            _ => 0,
        }
    }

    /// Whether spinning did well lately, or is asked for.
    pub fn pays(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > 0 || self.score.load(Ordering::Relaxed) >= 0
    }

    fn learn(&self, gain: i32) {
        let score = self.score.load(Ordering::Relaxed);
        self.score.store((score + gain).clamp(-SCORE_MAX, SCORE_MAX), Ordering::Relaxed);
    }

    /// A spin brought news.
    pub fn won(&self) {
        self.learn(1);
    }

    /// A spin brought nothing.
    pub fn lost(&self) {
        self.learn(-SCORE_LOSS);
    }

    /// A sleep brought news after so many nanoseconds, perhaps after a spin of which `limit` was the limit.
    pub fn slept(&self, nanoseconds: u64, limit: u64, after_spinning: bool) {
        if after_spinning {
            self.lost();
        } else if nanoseconds < limit + WAKE_NS {
            self.learn(2);
        }
    }
}

/// The limit of a spin, in nanoseconds; 0: the calling thread is not to spin.
pub fn limit() -> u64 {
    static LIMIT: OnceLock<u64> = OnceLock::new();
    let limit = *LIMIT.get_or_init(|| {
        let asked = std::env::var("ZMQRS_SPIN_US").ok().and_then(|value| value.parse::<u64>().ok());
        asked.map_or(SPIN_NS, |us| us.min(SPIN_MAX_US) * 1000)
    });
    if limit > 0 && cpu::processors() > 1 { limit } else { 0 }
}

/// Gives way to other threads. False if one used that: there are more threads than processors, and a spin would only
/// keep them from what it waits for.
pub fn yield_alone() -> bool {
    let before = clock::now();
    std::thread::yield_now();
    clock::now() - before < CONTENDED_NS
}

/// A yield that takes this long let somebody else run.
const CONTENDED_NS: u64 = 4_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_the_limit_unless_nobody_spins() {
        let spin = Spin::default();
        assert_eq!((spin.limit(50_000), spin.limit(0)), (50_000, 0));
        for (asked, limit) in [(200, 200_000), (i32::MAX, 10_000_000), (0, 50_000), (1, 1000), (-1, 50_000)] {
            spin.ask(asked);
            assert_eq!((spin.limit(50_000), spin.limit(0)), (limit, 0), "{asked}");
        }
    }

    #[test]
    fn a_socket_without_the_option_learns_and_one_with_it_does_not() {
        let spin = Spin::default();
        spin.slept(1_000_000, 50_000, true);
        assert!(!spin.pays());
        spin.ask(100);
        assert!(spin.pays());
        spin.ask(0);
        assert!(!spin.pays());
        spin.slept(200_000, 50_000, false);
        spin.slept(200_000, 50_000, false);
        assert!(!spin.pays(), "longer than any spin");
        spin.slept(100_000, 50_000, false);
        spin.slept(200_000, 200_000, false);
        assert!(spin.pays());
    }
}
