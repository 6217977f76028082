//! zmq_send(3), zmq_recv(3) and their variants: messages in the caller's own memory.

use std::ffi::{c_int, c_void};

use libc::iovec;

use crate::error::Error;

use crate::message::Msg;
use crate::socket::blocking::SNDMORE;

use super::boundary::{bytes, bytes_mut, call, place};
use super::message::{check, receive, send};
use super::socket::cell;
use super::types::zmq_msg_t;

/// Sends the `size` bytes at `data` as one frame.
///
/// Flags: ZMQ_DONTWAIT, ZMQ_SNDMORE. Waits at most ZMQ_SNDTIMEO. Returns `size`, or -1. Errors: EAGAIN (it would have
/// to wait longer), ENOTSUP (the type of socket cannot send), EFSM (not its turn), EHOSTUNREACH (no such peer), EINVAL,
/// ETERM, ENOTSOCK, EINTR.
///
/// With three arguments, (socket, zmq_msg_t *, flags), it is the function of 2.1, which returns 0 rather than the size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_send(socket: *mut c_void, data: *const c_void, size: usize, flags: c_int) -> c_int {
    call(|| {
        // SAFETY: the caller's bytes.
        let bytes = unsafe { bytes(data, size) }?;
        cell(socket)?.send_bytes(bytes, flags)?;
        Ok(size)
    })
}

/// Sends the `size` bytes at `data` as one frame, without a copy: they must stay as they are for ever.
///
/// Otherwise as zmq_send().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_send_const(socket: *mut c_void, data: *const c_void, size: usize, flags: c_int) -> c_int {
    call(|| {
        // SAFETY: the caller's bytes, which stay valid for ever by the contract of this function.
        let data = unsafe { bytes(data, size) }?;
        // SAFETY: as above.
        let mut msg = unsafe { Msg::constant(data.as_ptr(), data.len()) };
        send(socket, &mut msg, flags)
    })
}

/// Receives one frame into the `size` bytes at `data`; what is longer is cut off. No NUL is added.
///
/// Flags: ZMQ_DONTWAIT. Waits at most ZMQ_RCVTIMEO. Returns the size of the whole frame, or -1. Errors: EAGAIN (nothing
/// came), ENOTSUP (the type of socket cannot receive), EFSM (not its turn), ETERM, ENOTSOCK, EINTR.
///
/// With three arguments, (socket, zmq_msg_t *, flags), it is the function of 2.1, which returns 0 rather than the size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_recv(socket: *mut c_void, data: *mut c_void, size: usize, flags: c_int) -> c_int {
    call(|| {
        // SAFETY: the caller's buffer, for the time of the call.
        let out = unsafe { bytes_mut(data, size) }?;
        Ok(cell(socket)?.recv_bytes(out, flags)?.len)
    })
}

/// zmq_msg_send() with its arguments in another order. Deprecated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_sendmsg(socket: *mut c_void, msg: *mut zmq_msg_t, flags: c_int) -> c_int {
    // SAFETY: the caller's struct.
    call(|| send(socket, unsafe { check(msg) }?, flags))
}

/// zmq_msg_recv() with its arguments in another order. Deprecated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_recvmsg(socket: *mut c_void, msg: *mut zmq_msg_t, flags: c_int) -> c_int {
    // SAFETY: the caller's struct.
    call(|| receive(socket, unsafe { check(msg) }?, flags))
}

/// Sends `count` buffers: with ZMQ_SNDMORE as the frames of one message, which ends with the last, without it as
/// messages of one frame each.
///
/// Returns the size of the last one, or -1. Errors: EINVAL (no buffer), and those of zmq_send().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_sendiov(socket: *mut c_void, iov: *mut iovec, count: usize, flags: c_int) -> c_int {
    call(|| {
        let socket = cell(socket)?;
        if iov.is_null() || count == 0 {
            return Err(Error::INVAL);
        }
        // SAFETY: the caller's array.
        let parts = unsafe { std::slice::from_raw_parts(iov, count) };
        let mut size = 0;
        for (index, part) in parts.iter().enumerate() {
            // SAFETY: the caller's bytes.
            let mut msg = Msg::copy_of(unsafe { bytes(part.iov_base, part.iov_len) }?)?;
            size = msg.len();
            let last = index + 1 == count;
            socket.send(&mut msg, if last { flags & !SNDMORE } else { flags })?;
        }
        Ok(size)
    })
}

/// Receives up to `*count` frames of one message, each into memory from malloc() that the caller frees, and sets
/// `*count` to how many there were.
///
/// Returns that number, or -1. Errors: EINVAL (room for no frame), and those of zmq_recv().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_recviov(socket: *mut c_void, iov: *mut iovec, count: *mut usize, flags: c_int) -> c_int {
    call(|| {
        let socket = cell(socket)?;
        // SAFETY: the caller's count, NULL or valid.
        let count = unsafe { place(count) }.map_err(|_| Error::INVAL)?;
        if iov.is_null() || *count == 0 {
            return Err(Error::INVAL);
        }
        // SAFETY: the caller's array.
        let parts = unsafe { std::slice::from_raw_parts_mut(iov, *count) };
        let mut received = 0;
        for part in parts {
            let msg = socket.recv(flags)?;
            // SAFETY: a plain allocation, which the caller is to free.
            let copy = unsafe { libc::malloc(msg.len().max(1)) };
            if copy.is_null() {
                return Err(Error::NOMEM);
            }
            // SAFETY: the block has room for the message.
            unsafe { std::ptr::copy_nonoverlapping(msg.data().as_ptr(), copy.cast(), msg.len()) };
            part.iov_base = copy;
            part.iov_len = msg.len();
            received += 1;
            if !msg.more() {
                break;
            }
        }
        *count = received;
        Ok(received)
    })
}
