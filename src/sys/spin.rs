//! Spinning before a sleep, where what is waited for usually comes in moments: how long, and whether it pays.
//!
//! It is learned. A wait that ended while spinning raises the score, one that had to sleep lowers it; when the score
//! is used up the thread sleeps at once, and short sleeps raise the score again. No spinning happens where the thread
//! may use one processor only, or `ZMQRS_SPIN_US=0` is in the environment.

use super::{clock, cpu};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};

/// How long a wait spins at most, in nanoseconds, unless the environment says otherwise.
const SPIN_NS: u64 = 50_000;
/// A sleep of at most this many nanoseconds could have been a spin: waking alone takes some ten thousands.
const SHORT_NS: u64 = 150_000;
/// The highest score, and what a failed spin costs of it.
const SCORE_MAX: i32 = 8;
const SCORE_LOSS: i32 = 3;

/// How well spinning did for one who waits.
#[derive(Default)]
pub struct Spin(AtomicI32);

impl Spin {
    /// Whether spinning did well lately.
    pub fn pays(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= 0
    }

    fn learn(&self, gain: i32) {
        let score = self.0.load(Ordering::Relaxed);
        self.0.store((score + gain).clamp(-SCORE_MAX, SCORE_MAX), Ordering::Relaxed);
    }

    /// A spin brought news.
    pub fn won(&self) {
        self.learn(1);
    }

    /// A spin brought nothing.
    pub fn lost(&self) {
        self.learn(-SCORE_LOSS);
    }

    /// A sleep brought news after so many nanoseconds, perhaps after a spin.
    pub fn slept(&self, nanoseconds: u64, after_spinning: bool) {
        if after_spinning {
            self.lost();
        } else if nanoseconds < SHORT_NS {
            self.learn(2);
        }
    }
}

/// The limit of a spin, in nanoseconds; 0: the calling thread is not to spin.
pub fn limit() -> u64 {
    static LIMIT: OnceLock<u64> = OnceLock::new();
    let limit = *LIMIT.get_or_init(|| {
        let asked = std::env::var("ZMQRS_SPIN_US").ok().and_then(|value| value.parse::<u64>().ok());
        asked.map_or(SPIN_NS, |us| us.min(10_000) * 1000)
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
