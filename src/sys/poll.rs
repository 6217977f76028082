//! poll(2) and ppoll(2) on plain descriptors.

use crate::error::{Error, Result};
use std::os::fd::RawFd;
use std::time::Duration;

/// A descriptor, what is asked of it, and what was found: the events of poll(2).
pub type PollFd = libc::pollfd;

/// An entry that asks for `events`.
pub fn entry(fd: RawFd, events: i16) -> PollFd {
    PollFd { fd, events, revents: 0 }
}

/// A set of signals that are blocked during a wait.
pub type SignalMask = libc::sigset_t;

/// Waits until one of the descriptors is ready, or the time is over (None: no limit); returns how many are ready.
/// Times are rounded up to milliseconds.
///
/// # Errors
/// `EINTR`: a signal handler ran.
pub fn poll(fds: &mut [PollFd], timeout: Option<Duration>) -> Result<usize> {
    let millis =
        timeout.map_or(-1, |timeout| i32::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX));
    // SAFETY: the pointer and the count are those of a slice.
    let count = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, millis) };
    usize::try_from(count).map_err(|_| Error::last_os())
}

/// As [`poll`], with the thread's signal mask replaced while it waits.
///
/// # Errors
/// As [`poll`].
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub fn ppoll(fds: &mut [PollFd], timeout: Option<Duration>, mask: &SignalMask) -> Result<usize> {
    let time = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(libc::time_t::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the pointer and the count are those of a slice; the time is null or valid; the mask is a reference.
    let count = unsafe { libc::ppoll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, time, mask) };
    usize::try_from(count).map_err(|_| Error::last_os())
}
