//! zmq_poller(3): a set of sockets and descriptors that is waited for again and again.

use std::ffi::{c_int, c_long, c_short, c_void};

use crate::error::{Error, Result};

use super::boundary::{call, not_yet, place};
use super::types::{zmq_fd_t, zmq_poller_event_t};

/// The events that can be asked for.
const KNOWN_EVENTS: c_short = 1 | 2 | 4 | 8;

/// What each call on a poller checks first: the events, then the poller.
fn poller_call<T>(_poller: *mut c_void, events: c_short) -> Result<T> {
    if events & !KNOWN_EVENTS != 0 {
        return Err(Error::INVAL);
    }
    not_yet("the poller")
}

/// The same for the calls that name a descriptor.
fn poller_fd_call<T>(poller: *mut c_void, fd: zmq_fd_t, events: c_short) -> Result<T> {
    if fd < 0 {
        return Err(Error::BADF);
    }
    poller_call(poller, events)
}

/// Makes an empty poller. Returns NULL on error. Errors: ENOMEM.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_new() -> *mut c_void {
    call(|| not_yet::<*mut c_void>("the poller"))
}

/// Frees a poller and sets the pointer to it to NULL.
///
/// Returns 0, or -1. Errors: EFAULT (not a poller).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_destroy(poller_p: *mut *mut c_void) -> c_int {
    call(|| {
        // SAFETY: the caller's pointer, NULL or valid.
        let poller = unsafe { place(poller_p) }?;
        poller_call::<()>(*poller, 0)
    })
}

/// How many sockets and descriptors a poller has.
///
/// Returns that, or -1. Errors: EFAULT (not a poller).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_size(poller: *mut c_void) -> c_int {
    call(|| poller_call::<c_int>(poller, 0))
}

/// Adds a socket to a poller. `events` is a mask of ZMQ_POLLIN, ZMQ_POLLOUT, ZMQ_POLLERR and ZMQ_POLLPRI, or 0;
/// `user_data` comes back with its events.
///
/// Returns 0, or -1. Errors: EINVAL (it is there, or no such events), ENOTSOCK, ETERM, ENOMEM, EFAULT (not a poller).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_add(
    poller: *mut c_void,
    socket: *mut c_void,
    user_data: *mut c_void,
    events: c_short,
) -> c_int {
    let _ = (socket, user_data);
    call(|| poller_call::<()>(poller, events))
}

/// Changes the events that a poller waits for on a socket.
///
/// Returns 0, or -1. Errors: EINVAL (it is not there, or no such events), ENOTSOCK, EFAULT (not a poller).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_modify(poller: *mut c_void, socket: *mut c_void, events: c_short) -> c_int {
    let _ = socket;
    call(|| poller_call::<()>(poller, events))
}

/// Takes a socket out of a poller, which is to be done before it is closed.
///
/// Returns 0, or -1. Errors: EINVAL (it is not there), ENOTSOCK, EFAULT (not a poller).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_remove(poller: *mut c_void, socket: *mut c_void) -> c_int {
    let _ = socket;
    call(|| poller_call::<()>(poller, 0))
}

/// Waits until a socket or descriptor of a poller is ready, at most `timeout` milliseconds; -1 is for ever.
///
/// Returns 0 and tells of one by `event`, or -1. Errors: EAGAIN (none became ready), EFAULT (not a poller, no place for
/// an event, or nothing to wait for, for ever), ETERM, EINTR, ENOTSOCK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_wait(
    poller: *mut c_void,
    event: *mut zmq_poller_event_t,
    timeout: c_long,
) -> c_int {
    let _ = timeout;
    call(|| {
        // SAFETY: the caller's place, NULL or valid.
        let _event = unsafe { place(event) }?;
        poller_call::<()>(poller, 0)
    })
}

/// zmq_poller_wait() that tells of up to `count` of those that are ready.
///
/// Returns how many, or -1. Errors: those of zmq_poller_wait(), and EINVAL (`count` is less than 0).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_wait_all(
    poller: *mut c_void,
    events: *mut zmq_poller_event_t,
    count: c_int,
    timeout: c_long,
) -> c_int {
    let _ = timeout;
    call(|| match usize::try_from(count) {
        Err(_) => Err(Error::INVAL),
        Ok(_) if events.is_null() => Err(Error::FAULT),
        Ok(_) => poller_call::<c_int>(poller, 0),
    })
}

/// A descriptor that becomes readable when a socket of the poller may be ready; thread-safe sockets alone have that.
///
/// Returns 0, or -1. Errors: EINVAL (it has no thread-safe socket), EFAULT (not a poller, or no place for it).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_fd(poller: *mut c_void, fd: *mut zmq_fd_t) -> c_int {
    call(|| {
        // SAFETY: the caller's place, NULL or valid.
        let _fd = unsafe { place(fd) }?;
        poller_call::<()>(poller, 0)
    })
}

/// zmq_poller_add() for a descriptor. Errors also: EBADF (-1 is none).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_add_fd(
    poller: *mut c_void,
    fd: zmq_fd_t,
    user_data: *mut c_void,
    events: c_short,
) -> c_int {
    let _ = user_data;
    call(|| poller_fd_call::<()>(poller, fd, events))
}

/// zmq_poller_modify() for a descriptor. Errors also: EBADF (-1 is none).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_modify_fd(poller: *mut c_void, fd: zmq_fd_t, events: c_short) -> c_int {
    call(|| poller_fd_call::<()>(poller, fd, events))
}

/// zmq_poller_remove() for a descriptor. Errors also: EBADF (-1 is none).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_remove_fd(poller: *mut c_void, fd: zmq_fd_t) -> c_int {
    call(|| poller_fd_call::<()>(poller, fd, 0))
}
