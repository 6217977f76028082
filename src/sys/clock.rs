//! Monotonic time as a number that fits an atomic, and a count of the calling thread's waits.

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::Instant;

/// Nanoseconds since some moment in the life of the process; never 0.
#[inline]
pub fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64 + 1
}

thread_local! {
    static WAITS: Cell<u32> = const { Cell::new(0) };
}

/// How often the calling thread has waited, or found nothing to receive. Two equal values mean that it did nothing
/// but send and receive in between, without a pause: traffic that is worth batching.
#[inline]
pub fn waits() -> u32 {
    WAITS.get()
}

/// The calling thread waits, or found nothing to receive.
#[inline]
pub fn count_wait() {
    WAITS.set(WAITS.get().wrapping_add(1));
}
