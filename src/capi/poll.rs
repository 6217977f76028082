//! zmq_poll(3): waits for sockets and descriptors.

use std::ffi::{c_int, c_long};
use std::time::Duration;

#[cfg(zmq_draft)]
use libc::sigset_t;

use crate::error::{Error, Result};

use crate::socket::poll::{Item, Source, poll_items};
use crate::sys::poll::SignalMask;

use super::boundary::call;
use super::socket::cell;
use super::types::zmq_pollitem_t;

/// Waits for the caller's items; a negative time-out is none.
fn poll(caller: &mut [zmq_pollitem_t], timeout: c_long, mask: Option<&SignalMask>) -> Result<usize> {
    let timeout = u64::try_from(timeout).ok().map(Duration::from_millis);
    let mut items = Vec::with_capacity(caller.len());
    for item in &*caller {
        let source = if item.socket.is_null() { Source::Fd(item.fd) } else { Source::Socket(cell(item.socket)?) };
        items.push(Item { source, events: item.events, revents: 0 });
    }
    let ready = poll_items(&mut items, timeout, mask)?;
    for (theirs, ours) in caller.iter_mut().zip(&items) {
        theirs.revents = ours.revents;
    }
    Ok(ready)
}

/// Waits until one of `count` sockets or descriptors is ready, at most `timeout` milliseconds; -1 is for ever, 0 not
/// at all.
///
/// Returns how many are ready, by their `revents`, or -1. Errors: EFAULT (no items), EINVAL (less than 0 of them),
/// ETERM, ENOTSOCK, EINTR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poll(items: *mut zmq_pollitem_t, count: c_int, timeout: c_long) -> c_int {
    call(|| {
        // SAFETY: the caller's items.
        poll(unsafe { pollitems(items, count) }?, timeout, None)
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
    call(|| {
        // SAFETY: the caller's items, and its mask, NULL or valid.
        let (items, mask) = unsafe { (pollitems(items, count)?, sigmask.as_ref()) };
        poll(items, timeout, mask)
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
