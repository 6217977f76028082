//! Sleep until a 32-bit word changes: the futex of Linux, and a condition variable elsewhere.
//!
//! Unlike std's primitives the sleep ends when a signal handler ran, since ZeroMQ's blocking calls return `EINTR`.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Why a sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Woken, or the word had changed, or for no reason: look at the word.
    Woken,
    /// The time is over.
    TimedOut,
    /// A signal handler ran in this thread.
    Interrupted,
}

#[cfg(target_os = "linux")]
mod imp {
    use super::{AtomicU32, Duration, Wake};

    pub fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> Wake {
        let time = timeout.map(|timeout| libc::timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: the word lives through the call; the time is null or a valid timespec.
        let result = unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, expected, time) };
        if result == 0 {
            return Wake::Woken;
        }
        match std::io::Error::last_os_error().raw_os_error() {
            Some(libc::ETIMEDOUT) => Wake::TimedOut,
            Some(libc::EINTR) => Wake::Interrupted,
            _ => Wake::Woken,
        }
    }

    pub fn wake_all(word: &AtomicU32) {
        let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: waking touches no memory.
        unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, i32::MAX) };
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use super::{AtomicU32, Duration, Wake};
    use std::sync::atomic::Ordering;
    use std::sync::{Condvar, Mutex, PoisonError};

    static LOCK: Mutex<()> = Mutex::new(());
    static CHANGED: Condvar = Condvar::new();

    /// Signals are noticed by waking now and then: the caller's loop returns when its handler set something.
    pub fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> Wake {
        let guard = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        if word.load(Ordering::SeqCst) != expected {
            return Wake::Woken;
        }
        let timeout = timeout.unwrap_or(Duration::from_secs(3600));
        let (_guard, result) = CHANGED.wait_timeout(guard, timeout).unwrap_or_else(PoisonError::into_inner);
        if result.timed_out() { Wake::TimedOut } else { Wake::Woken }
    }

    pub fn wake_all(_word: &AtomicU32) {
        drop(LOCK.lock().unwrap_or_else(PoisonError::into_inner));
        CHANGED.notify_all();
    }
}

/// Sleeps while `*word == expected`, at most for `timeout` (None: no limit).
pub fn wait(word: &AtomicU32, expected: u32, timeout: Option<Duration>) -> Wake {
    imp::wait(word, expected, timeout)
}

/// Wakes all threads that sleep on the word.
pub fn wake_all(word: &AtomicU32) {
    imp::wake_all(word);
}
