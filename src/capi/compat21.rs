//! The calls of 2.1 that have another meaning today. `zmq.h` leads calls of zmq_send() and zmq_recv() with three
//! arguments here; the symbols zmq_send and zmq_recv are today's functions, since that is the ABI.

use std::ffi::{c_int, c_void};

use super::boundary::call;
use super::message::{check, receive, send};
use super::types::zmq_msg_t;

/// zmq_send() of 2.1: sends a message as one frame, and leaves an empty one behind.
///
/// Flags: ZMQ_NOBLOCK, ZMQ_SNDMORE. Returns 0, or -1. Errors: those of zmq_msg_send().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmqrs_send21(socket: *mut c_void, msg: *mut zmq_msg_t, flags: c_int) -> c_int {
    // SAFETY: the caller's struct.
    call(|| send(socket, unsafe { check(msg) }?, flags).map(|_| ()))
}

/// zmq_recv() of 2.1: receives one frame into a message.
///
/// Flags: ZMQ_NOBLOCK. Returns 0, or -1. Errors: those of zmq_msg_recv().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmqrs_recv21(socket: *mut c_void, msg: *mut zmq_msg_t, flags: c_int) -> c_int {
    // SAFETY: the caller's struct.
    call(|| receive(socket, unsafe { check(msg) }?, flags).map(|_| ()))
}
