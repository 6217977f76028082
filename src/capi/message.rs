//! zmq_msg_init(3) and the other functions of zmq_msg_t.

use std::ffi::{c_char, c_int, c_void};

use super::boundary::{call, not_yet};
use super::types::{zmq_free_fn, zmq_msg_t};

/// Makes an empty message. Always returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init(msg: *mut zmq_msg_t) -> c_int {
    let _ = msg;
    call(|| not_yet::<()>("the core"))
}

/// Makes a message of `size` bytes, whose content is left as it happens to be.
///
/// Returns 0, or -1. Errors: ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init_size(msg: *mut zmq_msg_t, size: usize) -> c_int {
    let _ = (msg, size);
    call(|| not_yet::<()>("the core"))
}

/// Makes a message of the `size` bytes at `data`, without a copy.
///
/// When nobody needs them any more, `ffn` is called once with `data` and `hint`, from any thread. Without `ffn` the
/// bytes must stay valid for ever. Returns 0, or -1. Errors: ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init_data(
    msg: *mut zmq_msg_t,
    data: *mut c_void,
    size: usize,
    ffn: zmq_free_fn,
    hint: *mut c_void,
) -> c_int {
    let _ = (msg, data, size, ffn, hint);
    call(|| not_yet::<()>("the core"))
}

/// Sends a message as one frame, and leaves an empty one behind; on failure it stays as it is.
///
/// Flags: ZMQ_DONTWAIT, ZMQ_SNDMORE. Returns the size of the message in bytes, or -1. Errors: those of zmq_send(), and
/// EFAULT (not a message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_send(msg: *mut zmq_msg_t, socket: *mut c_void, flags: c_int) -> c_int {
    let _ = (msg, socket, flags);
    call(|| not_yet::<usize>("the core"))
}

/// Receives one frame into a message, whose earlier content is released.
///
/// Flags: ZMQ_DONTWAIT. Returns the size of the message in bytes, or -1. Errors: those of zmq_recv(), and EFAULT (not
/// a message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_recv(msg: *mut zmq_msg_t, socket: *mut c_void, flags: c_int) -> c_int {
    let _ = (msg, socket, flags);
    call(|| not_yet::<usize>("the core"))
}

/// Releases a message. Not needed after it was sent.
///
/// Returns 0, or -1. Errors: EFAULT (not a message, or closed before).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_close(msg: *mut zmq_msg_t) -> c_int {
    let _ = msg;
    call(|| not_yet::<()>("the core"))
}

/// Moves the content of `src` to `dest`, whose earlier content is released; `src` is empty afterwards.
///
/// Returns 0, or -1. Errors: EFAULT (one of them is not a message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_move(dest: *mut zmq_msg_t, src: *mut zmq_msg_t) -> c_int {
    let _ = (dest, src);
    call(|| not_yet::<()>("the core"))
}

/// Makes `dest` a message of the same content, and releases what it had. Large contents are shared, so that neither
/// may be written to any more.
///
/// Returns 0, or -1. Errors: EFAULT (one of them is not a message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_copy(dest: *mut zmq_msg_t, src: *mut zmq_msg_t) -> c_int {
    let _ = (dest, src);
    call(|| not_yet::<()>("the core"))
}

/// The content of a message; not NULL even when it is empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_data(msg: *mut zmq_msg_t) -> *mut c_void {
    let _ = msg;
    call(|| not_yet::<*mut c_void>("the core"))
}

/// The size of a message, in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_size(msg: *const zmq_msg_t) -> usize {
    let _ = msg;
    call(|| not_yet::<()>("the core"));
    0
}

/// 1 if the message was received and more frames follow, else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_more(msg: *const zmq_msg_t) -> c_int {
    let _ = msg;
    call(|| not_yet::<c_int>("the core"))
}

/// A property of a message: ZMQ_MORE, ZMQ_SHARED or ZMQ_SRCFD.
///
/// Returns it, or -1. Errors: EINVAL (no such property, or not of this message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_get(msg: *const zmq_msg_t, property: c_int) -> c_int {
    let _ = (msg, property);
    call(|| not_yet::<c_int>("the core"))
}

/// Sets a property of a message. There is none that can be set.
///
/// Returns -1. Errors: EINVAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_set(msg: *mut zmq_msg_t, property: c_int, value: c_int) -> c_int {
    let _ = (msg, property, value);
    call(|| not_yet::<()>("the core"))
}

/// What is known of the peer that a message came from, by name: "Socket-Type", "Identity", "User-Id", "Peer-Address",
/// and what else the peer or the ZAP handler said.
///
/// The text lives as long as the message. Returns NULL if there is no such property. Errors: EINVAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_gets(msg: *const zmq_msg_t, property: *const c_char) -> *const c_char {
    let _ = (msg, property);
    call(|| not_yet::<*const c_char>("the core"))
}

/// Addresses a message to one peer of a ZMQ_SERVER or ZMQ_PEER.
///
/// Returns 0, or -1. Errors: EINVAL (0 is nobody), EFAULT (not a message).
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_set_routing_id(msg: *mut zmq_msg_t, routing_id: u32) -> c_int {
    let _ = (msg, routing_id);
    call(|| not_yet::<()>("the core"))
}

/// The peer that a message of a ZMQ_SERVER or ZMQ_PEER came from; 0 if it has none.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_routing_id(msg: *mut zmq_msg_t) -> u32 {
    let _ = msg;
    call(|| not_yet::<u32>("the core"))
}

/// Addresses a message of a ZMQ_RADIO to a group, of at most ZMQ_GROUP_MAX_LENGTH bytes.
///
/// Returns 0, or -1. Errors: EINVAL (too long), EFAULT (not a message).
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_set_group(msg: *mut zmq_msg_t, group: *const c_char) -> c_int {
    let _ = (msg, group);
    call(|| not_yet::<()>("the core"))
}

/// The group of a message; an empty string if it has none. The text lives as long as the message.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_group(msg: *mut zmq_msg_t) -> *const c_char {
    let _ = msg;
    call(|| not_yet::<*const c_char>("the core"))
}

/// Makes a message with a copy of the `size` bytes at `data`.
///
/// Returns 0, or -1. Errors: ENOMEM.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init_buffer(msg: *mut zmq_msg_t, data: *const c_void, size: usize) -> c_int {
    let _ = (msg, data, size);
    call(|| not_yet::<()>("the core"))
}
