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

/// Nanoseconds of processor time that the calling thread has used; 0 where the system does not tell. A system call.
pub fn thread_time() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to a local value only.
    let told = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) } == 0;
    if told { time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64 } else { 0 }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_told_its_own_work_and_not_its_sleep() {
        let (began, before) = (now(), thread_time());
        std::thread::sleep(std::time::Duration::from_millis(30));
        let slept = thread_time() - before;
        assert!(before > 0, "the system tells");
        assert!(slept < 15_000_000, "{slept} ns of work in a sleep");
        while thread_time() - before < slept + 2_000_000 {}
        assert!(now() - began >= 32_000_000);
    }
}
