//! zmq_poll(3): waits for sockets and descriptors.

use std::ffi::{c_int, c_long};

#[cfg(zmq_draft)]
use libc::sigset_t;

use crate::error::{Error, Result};

use super::boundary::{call, not_yet};
use super::types::zmq_pollitem_t;

/// Waits until one of `count` sockets or descriptors is ready, at most `timeout` milliseconds; -1 is for ever, 0 not
/// at all.
///
/// Returns how many are ready, by their `revents`, or -1. Errors: EFAULT (no items), EINVAL (less than 0 of them),
/// ETERM, ENOTSOCK, EINTR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poll(items: *mut zmq_pollitem_t, count: c_int, timeout: c_long) -> c_int {
    let _ = timeout;
    call(|| {
        // SAFETY: the caller's items.
        let _items = unsafe { pollitems(items, count) }?;
        not_yet::<c_int>("the core")
    })
}

/// zmq_poll() that waits with another signal mask, as ppoll() does; NULL leaves the mask as it is.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ppoll(
    items: *mut zmq_pollitem_t,
    count: c_int,
    timeout: c_long,
    sigmask: *const sigset_t,
) -> c_int {
    let _ = (timeout, sigmask);
    call(|| {
        // SAFETY: the caller's items.
        let _items = unsafe { pollitems(items, count) }?;
        not_yet::<c_int>("the core")
    })
}

/// The caller's items as a slice.
///
/// # Safety
/// `items` is NULL or points to `count` items that nobody else uses during `'a`.
unsafe fn pollitems<'a>(items: *mut zmq_pollitem_t, count: c_int) -> Result<&'a mut [zmq_pollitem_t]> {
    match usize::try_from(count) {
        Err(_) => Err(Error::INVAL),
        Ok(0) => Ok(&mut []),
        Ok(_) if items.is_null() => Err(Error::FAULT),
        // SAFETY: not NULL, and the caller vouches for the rest.
        Ok(count) => Ok(unsafe { std::slice::from_raw_parts_mut(items, count) }),
    }
}
