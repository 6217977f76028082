//! zmq_msg_init(3) and the other functions of zmq_msg_t.

use std::ffi::{CStr, c_char, c_int, c_void};

use crate::error::{Error, Result};
use crate::message::Msg;

use super::boundary::{bytes, call, not_yet, string};
use super::constants::base::{ZMQ_MORE, ZMQ_SHARED};
use super::constants::options::ZMQ_SRCFD;
use super::socket::cell;
use super::types::{zmq_free_fn, zmq_msg_t};

/// The caller's message, if it is one.
///
/// # Safety
/// NULL, or a struct that no one else uses during `'a`.
#[inline]
pub(super) unsafe fn check<'a>(msg: *mut zmq_msg_t) -> Result<&'a mut Msg> {
    // SAFETY: the caller vouches for it.
    unsafe { Msg::check(msg.cast()) }
}

/// Writes a message over what the caller's struct holds.
///
/// # Safety
/// NULL, or a struct of the caller.
#[inline]
unsafe fn put(place: *mut zmq_msg_t, msg: Msg) -> Result<()> {
    if place.is_null() {
        return Err(Error::FAULT);
    }
    // SAFETY: not NULL, and the caller vouches for the rest.
    unsafe { msg.write_to(place.cast()) };
    Ok(())
}

/// Sends a message as one frame; returns its size.
#[inline]
pub(super) fn send(socket: *mut c_void, msg: &mut Msg, flags: c_int) -> Result<usize> {
    let size = msg.len();
    cell(socket)?.send(msg, flags)?;
    Ok(size)
}

/// Receives one frame into a message; returns its size.
#[inline]
pub(super) fn receive(socket: *mut c_void, msg: &mut Msg, flags: c_int) -> Result<usize> {
    cell(socket)?.recv_into(msg, flags)?;
    Ok(msg.len())
}

/// Makes an empty message. Always returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init(msg: *mut zmq_msg_t) -> c_int {
    call(|| {
        // SAFETY: the caller's struct.
        unsafe { put(msg, Msg::new()) }
    })
}

/// Makes a message of `size` bytes, whose content is left as it happens to be.
///
/// Returns 0, or -1. Errors: ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init_size(msg: *mut zmq_msg_t, size: usize) -> c_int {
    call(|| {
        let made = Msg::with_size(size)?;
        // SAFETY: the caller's struct.
        unsafe { put(msg, made) }
    })
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
    call(|| {
        let made = match ffn {
            // SAFETY: the caller promises that the bytes are valid until the function is called, from any thread.
            Some(free) => unsafe { Msg::external(data.cast(), size, free, hint) }?,
            // SAFETY: the caller promises that the bytes are valid for ever.
            None => unsafe { Msg::constant(data.cast(), size) },
        };
        // SAFETY: the caller's struct.
        unsafe { put(msg, made) }
    })
}

/// Sends a message as one frame, and leaves an empty one behind; on failure it stays as it is.
///
/// Flags: ZMQ_DONTWAIT, ZMQ_SNDMORE. Returns the size of the message in bytes, or -1. Errors: those of zmq_send(), and
/// EFAULT (not a message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_send(msg: *mut zmq_msg_t, socket: *mut c_void, flags: c_int) -> c_int {
    call(|| {
        // SAFETY: the caller's struct.
        let msg = unsafe { check(msg) }?;
        send(socket, msg, flags)
    })
}

/// Receives one frame into a message, whose earlier content is released.
///
/// Flags: ZMQ_DONTWAIT. Returns the size of the message in bytes, or -1. Errors: those of zmq_recv(), and EFAULT (not
/// a message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_recv(msg: *mut zmq_msg_t, socket: *mut c_void, flags: c_int) -> c_int {
    call(|| {
        // SAFETY: the caller's struct.
        let msg = unsafe { check(msg) }?;
        receive(socket, msg, flags)
    })
}

/// Releases a message. Not needed after it was sent.
///
/// Returns 0, or -1. Errors: EFAULT (not a message, or closed before).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_close(msg: *mut zmq_msg_t) -> c_int {
    call(|| {
        // SAFETY: the caller's struct, which no Rust code drops.
        unsafe { check(msg)?.close_in_place() };
        Ok(())
    })
}

/// Moves the content of `src` to `dest`, whose earlier content is released; `src` is empty afterwards.
///
/// Returns 0, or -1. Errors: EFAULT (one of them is not a message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_move(dest: *mut zmq_msg_t, src: *mut zmq_msg_t) -> c_int {
    call(|| {
        // SAFETY: the caller's structs; each reference is gone before the next one is made, as they may be the same.
        let moved = {
            unsafe { check(dest) }?;
            std::mem::take(unsafe { check(src) }?)
        };
        // SAFETY: as above.
        let dest_msg = unsafe { check(dest) }?;
        *dest_msg = if dest == src { Msg::new() } else { moved };
        Ok(())
    })
}

/// Makes `dest` a message of the same content, and releases what it had. Large contents are shared, so that neither
/// may be written to any more.
///
/// Returns 0, or -1. Errors: EFAULT (one of them is not a message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_copy(dest: *mut zmq_msg_t, src: *mut zmq_msg_t) -> c_int {
    call(|| {
        // SAFETY: the caller's structs; each reference is gone before the next one is made, as they may be the same.
        unsafe { check(dest) }?;
        let copy = unsafe { check(src) }?.share();
        if dest != src {
            *unsafe { check(dest) }? = copy;
        }
        Ok(())
    })
}

/// The content of a message; not NULL even when it is empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_data(msg: *mut zmq_msg_t) -> *mut c_void {
    // SAFETY: the caller's struct.
    unsafe { check(msg) }.map_or(std::ptr::null_mut(), |msg| msg.data_ptr().cast())
}

/// The size of a message, in bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_size(msg: *const zmq_msg_t) -> usize {
    // SAFETY: the caller's struct.
    unsafe { check(msg.cast_mut()) }.map_or(0, |msg| msg.len())
}

/// 1 if the message was received and more frames follow, else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_more(msg: *const zmq_msg_t) -> c_int {
    // SAFETY: the caller's struct.
    unsafe { check(msg.cast_mut()) }.map_or(0, |msg| c_int::from(msg.more()))
}

/// A property of a message: ZMQ_MORE, ZMQ_SHARED or ZMQ_SRCFD.
///
/// Returns it, or -1. Errors: EINVAL (no such property, or not of this message).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_get(msg: *const zmq_msg_t, property: c_int) -> c_int {
    call(|| {
        // SAFETY: the caller's struct.
        let msg = unsafe { check(msg.cast_mut()) }?;
        match property {
            ZMQ_MORE => Ok(c_int::from(msg.more())),
            ZMQ_SRCFD => msg.metadata().and_then(|metadata| metadata.source_fd).ok_or(Error::INVAL),
            ZMQ_SHARED => Ok(c_int::from(msg.is_shared())),
            _ => Err(Error::INVAL),
        }
    })
}

/// Sets a property of a message. There is none that can be set.
///
/// Returns -1. Errors: EINVAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_set(msg: *mut zmq_msg_t, property: c_int, value: c_int) -> c_int {
    let _ = (msg, property, value);
    call(|| Err::<(), _>(Error::INVAL))
}

/// What is known of the peer that a message came from, by name: "Socket-Type", "Identity", "User-Id", "Peer-Address",
/// and what else the peer or the ZAP handler said.
///
/// The text lives as long as the message. Returns NULL if there is no such property. Errors: EINVAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_gets(msg: *const zmq_msg_t, property: *const c_char) -> *const c_char {
    call(|| {
        // SAFETY: the caller's struct and string.
        let (msg, name) = unsafe { (check(msg.cast_mut())?, string(property, Error::INVAL)?) };
        let value = msg.metadata().and_then(|metadata| metadata.get(name.to_bytes()));
        value.map(CStr::as_ptr).ok_or(Error::INVAL)
    })
}

/// Addresses a message to one peer of a ZMQ_SERVER or ZMQ_PEER.
///
/// Returns 0, or -1. Errors: EINVAL (0 is nobody), EFAULT (not a message).
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_set_routing_id(msg: *mut zmq_msg_t, routing_id: u32) -> c_int {
    call(|| {
        // SAFETY: the caller's struct.
        let msg = unsafe { check(msg) }?;
        if routing_id == 0 {
            return Err(Error::INVAL);
        }
        msg.set_routing_id(routing_id);
        Ok(())
    })
}

/// The peer that a message of a ZMQ_SERVER or ZMQ_PEER came from; 0 if it has none.
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_routing_id(msg: *mut zmq_msg_t) -> u32 {
    // SAFETY: the caller's struct.
    unsafe { check(msg) }.map_or(0, |msg| msg.routing_id())
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
    call(|| {
        // SAFETY: the caller's bytes and struct.
        unsafe { put(msg, Msg::copy_of(bytes(data, size)?)?) }
    })
}
