//! zmq_socket(3), zmq_close(3), zmq_setsockopt(3), zmq_getsockopt(3), zmq_bind(3), zmq_connect(3) and their opposites.

use std::ffi::{CStr, c_char, c_int, c_void};

use crate::error::{Error, Result};
use crate::options::SocketType;
use crate::socket::SocketCell;

use super::boundary::{bytes, bytes_mut, call, not_yet, place, string};
use super::context::find;
use super::slots::Pool;

static POOL: Pool<SocketCell> = Pool::new();

/// The socket that a handle names; an empty slot is found out when it is locked.
#[inline]
pub(super) fn cell(handle: *mut c_void) -> Result<&'static SocketCell> {
    POOL.find(handle).ok_or(Error::NOTSOCK)
}

/// Makes a socket of a type, ZMQ_PAIR and so on, in a context.
///
/// Returns NULL on error. Errors: EINVAL (no such type), EFAULT (not a context), EMFILE (ZMQ_MAX_SOCKETS are open, or
/// the system has no descriptor left), ETERM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_socket(context: *mut c_void, type_: c_int) -> *mut c_void {
    call(|| {
        let context = find(context)?;
        let socket_type = SocketType::from_number(type_).ok_or(Error::INVAL)?;
        let socket = context.socket(socket_type)?;
        let slot = POOL.take().ok_or(Error::MFILE)?;
        slot.put(socket)?;
        Ok(Pool::handle(slot))
    })
}

/// Closes a socket. Messages that are not sent yet go on being sent in the background, as ZMQ_LINGER says.
///
/// Returns 0 at once, or -1. Errors: ENOTSOCK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_close(socket: *mut c_void) -> c_int {
    call(|| {
        let slot = cell(socket)?;
        match slot.take() {
            Ok(socket) => socket.close(),
            // Another thread was using it when this process forked off its parent, whose socket it is.
            Err(Error::INTR) => return Ok(()),
            Err(error) => return Err(error),
        }
        POOL.give_back(slot);
        Ok(())
    })
}

/// Sets an option of a socket from the `size` bytes at `value`.
///
/// Returns 0, or -1. Errors: EINVAL (no such option, not for this type of socket, or not such a size or value),
/// ETERM, ENOTSOCK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_setsockopt(
    socket: *mut c_void,
    option: c_int,
    value: *const c_void,
    size: usize,
) -> c_int {
    call(|| {
        let cell = cell(socket)?;
        let value = if value.is_null() {
            if size > 0 {
                return Err(Error::INVAL);
            }
            None
        } else {
            // SAFETY: the caller's bytes.
            Some(unsafe { bytes(value, size) }?)
        };
        cell.lock()?.set_option(option, value)
    })
}

/// Reads an option of a socket into the `*size` bytes at `value`, and sets `*size` to how many were written.
///
/// Returns 0, or -1. Errors: EINVAL (no such option, not such a size, or `size` is NULL), ETERM, ENOTSOCK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_getsockopt(
    socket: *mut c_void,
    option: c_int,
    value: *mut c_void,
    size: *mut usize,
) -> c_int {
    call(|| {
        let cell = cell(socket)?;
        // SAFETY: the caller's size and buffer, NULL or valid.
        let (size, out) = unsafe {
            let size = place(size).map_err(|_| Error::INVAL)?;
            let out = bytes_mut(value, *size).map_err(|_| Error::INVAL)?;
            (size, out)
        };
        *size = cell.lock()?.get_option(option, out)?;
        Ok(())
    })
}

/// What is done with an endpoint, once it is known to be a string.
///
/// # Safety
/// `endpoint` is NULL or a C string.
unsafe fn with_endpoint<T>(
    socket: *mut c_void,
    endpoint: *const c_char,
    action: impl FnOnce(*mut c_void, &CStr) -> Result<T>,
) -> Result<T> {
    // SAFETY: the caller vouches for it.
    action(socket, unsafe { string(endpoint, Error::INVAL) }?)
}

/// Lets peers connect to an endpoint, such as "tcp://127.0.0.1:5555". A socket can be bound to many.
///
/// Returns 0, or -1. Errors: EINVAL (malformed), EPROTONOSUPPORT, ENOCOMPATPROTO, EADDRINUSE, EADDRNOTAVAIL, ENODEV,
/// ENAMETOOLONG, EMTHREAD, ETERM, ENOTSOCK, and what the system says of a path.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_bind(socket: *mut c_void, endpoint: *const c_char) -> c_int {
    // SAFETY: the caller's string.
    call(|| unsafe { with_endpoint(socket, endpoint, |socket, text| cell(socket)?.lock()?.bind(text.to_bytes())) })
}

/// Connects to an endpoint, in the background; nobody needs to be there yet. A socket can be connected to many.
///
/// Returns 0, or -1. Errors: EINVAL (malformed), EPROTONOSUPPORT, ENOCOMPATPROTO, EMTHREAD, ETERM, ENOTSOCK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_connect(socket: *mut c_void, endpoint: *const c_char) -> c_int {
    // SAFETY: the caller's string.
    call(|| unsafe { with_endpoint(socket, endpoint, |socket, text| cell(socket)?.lock()?.connect(text.to_bytes())) })
}

/// Takes back a zmq_bind(), by the text that ZMQ_LAST_ENDPOINT told.
///
/// Returns 0, or -1. Errors: EINVAL (malformed), EPROTONOSUPPORT, ENOENT (not bound to it), ETERM, ENOTSOCK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_unbind(socket: *mut c_void, endpoint: *const c_char) -> c_int {
    // SAFETY: the caller's string.
    call(|| unsafe { with_endpoint(socket, endpoint, |socket, text| cell(socket)?.lock()?.unbind(text.to_bytes())) })
}

/// Takes back each zmq_connect() that was made with this text.
///
/// Returns 0, or -1. Errors: EINVAL (malformed), EPROTONOSUPPORT, ENOENT (not connected to it), ETERM, ENOTSOCK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_disconnect(socket: *mut c_void, endpoint: *const c_char) -> c_int {
    // SAFETY: the caller's string.
    call(|| unsafe {
        with_endpoint(socket, endpoint, |socket, text| cell(socket)?.lock()?.disconnect(text.to_bytes()))
    })
}

/// Lets a ZMQ_DISH receive what is sent to a group, of at most ZMQ_GROUP_MAX_LENGTH bytes.
///
/// Returns 0, or -1. Errors: ENOTSUP (another type of socket), EINVAL (too long, or joined before), ETERM, ENOTSOCK.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_join(socket: *mut c_void, group: *const c_char) -> c_int {
    // SAFETY: the caller's string.
    call(|| unsafe { with_endpoint(socket, group, |_, _| not_yet::<()>("the socket type ZMQ_DISH")) })
}

/// Takes back a zmq_join().
///
/// Returns 0, or -1. Errors: ENOTSUP (another type of socket), EINVAL (too long, or not joined), ETERM, ENOTSOCK.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_leave(socket: *mut c_void, group: *const c_char) -> c_int {
    // SAFETY: the caller's string.
    call(|| unsafe { with_endpoint(socket, group, |_, _| not_yet::<()>("the socket type ZMQ_DISH")) })
}

/// Connects a ZMQ_PEER to an endpoint, and tells the routing id of the peer there, which can be used at once.
///
/// Returns 0 on error. Errors: ENOTSUP (another type of socket), EFAULT (ZMQ_IMMEDIATE is set), and those of
/// zmq_connect().
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_connect_peer(socket: *mut c_void, endpoint: *const c_char) -> u32 {
    // SAFETY: the caller's string.
    call(|| unsafe { with_endpoint(socket, endpoint, |_, _| not_yet::<u32>("the socket type ZMQ_PEER")) })
}

/// Drops the connection to one peer of a ZMQ_SERVER or ZMQ_PEER.
///
/// Returns 0, or -1. Errors: EHOSTUNREACH (no such peer), ENOTSUP (another type of socket), ETERM, ENOTSOCK.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_disconnect_peer(socket: *mut c_void, routing_id: u32) -> c_int {
    let _ = (socket, routing_id);
    call(|| not_yet::<()>("the socket types ZMQ_SERVER and ZMQ_PEER"))
}

/// Whether one peer of a ZMQ_ROUTER, by its routing id of `size` bytes, can be sent to.
///
/// Returns a mask of ZMQ_POLLIN and ZMQ_POLLOUT, or -1. Errors: EHOSTUNREACH (no such peer), ENOTSUP (another type of
/// socket), ENOTSOCK.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_socket_get_peer_state(
    socket: *mut c_void,
    routing_id: *const c_void,
    size: usize,
) -> c_int {
    let _ = socket;
    call(|| {
        // SAFETY: the caller's bytes.
        let _routing_id = unsafe { bytes(routing_id, size) }?;
        not_yet::<c_int>("the state of single peers")
    })
}
