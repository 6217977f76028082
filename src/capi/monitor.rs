//! zmq_socket_monitor(3), zmq_socket_monitor_versioned(3): a socket that tells what happens to another one.

use std::ffi::{c_char, c_int, c_void};

use super::boundary::{call, not_yet};
use super::socket::cell;
use crate::error::Result;

/// Checks the socket, as every call does, before saying that there are no monitors yet.
fn unmonitored(socket: *mut c_void) -> Result<()> {
    cell(socket)?.lock()?.enter()?;
    not_yet("the socket monitor")
}

/// Tells what happens to a socket's connections, as messages of a ZMQ_PAIR socket bound to `endpoint`, which is of
/// inproc. Each has two frames: the event as uint16_t with its value as uint32_t, and the endpoint concerned.
///
/// `events` is a mask of ZMQ_EVENT_*. NULL for `endpoint` ends it. Returns 0, or -1. Errors: EINVAL, EPROTONOSUPPORT
/// (not inproc), EADDRINUSE, ETERM, ENOTSOCK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_socket_monitor(socket: *mut c_void, endpoint: *const c_char, events: c_int) -> c_int {
    let _ = (endpoint, events);
    call(|| unmonitored(socket))
}

/// zmq_socket_monitor() with a choice of version, 1 or 2, and of the monitor's type: ZMQ_PAIR, ZMQ_PUB or ZMQ_PUSH.
///
/// Returns 0, or -1. Errors: those of zmq_socket_monitor(), and EINVAL (such a type, or events that version 1 lacks).
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_socket_monitor_versioned(
    socket: *mut c_void,
    endpoint: *const c_char,
    events: u64,
    event_version: c_int,
    type_: c_int,
) -> c_int {
    let _ = (endpoint, events, event_version, type_);
    call(|| unmonitored(socket))
}

/// Asks a monitored socket for a ZMQ_EVENT_PIPES_STATS of each connection.
///
/// Returns 0, or -1. Errors: EINVAL (no monitor of version 2), EAGAIN (no connection), ENOTSOCK.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_socket_monitor_pipes_stats(socket: *mut c_void) -> c_int {
    call(|| unmonitored(socket))
}
