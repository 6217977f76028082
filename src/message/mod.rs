//! `zmq_msg_t`: a message frame of 64 bytes that holds its bytes inline, shares them, or points at the caller's.
//!
//! A [`Msg`] has exactly the memory layout that C programs reserve for a `zmq_msg_t`, so the C API works on it in
//! place and a frame travels from the caller through the pipes by moving 64 bytes. Three representations:
//!
//! * *inline*: up to [`Msg::INLINE_MAX`] bytes live in the struct; bytes behind them are zero, so that a program
//!   that takes a small message for a C string reads what was sent;
//! * *shared*: bytes live in a reference-counted [`Content`](content::Content), which may be a slice of it. A short content
//!   is found there, too, where a frame was received over a longer one; no copy of it shares that;
//! * *constant*: bytes belong to the caller for ever and are never freed.
//!
//! This file is one of the few that may use `unsafe`: the representation is chosen by a tag, and all access to the
//! union goes through the few functions below.

pub mod batch;
mod content;
mod large;
mod metadata;
mod pool;
mod refill;

pub use content::{FreeFn, Growing};
pub use metadata::Metadata;

use crate::error::{Error, Result};
use content::Content;
use std::ffi::c_void;
use std::mem;
use std::sync::Arc;

/// More frames of the same message follow.
const MORE: u8 = 0x01;
/// The content is or was shared with another message (`ZMQ_SHARED`).
const SHARED: u8 = 0x80;

/// Tag of an inline message. The values are unlikely in uninitialised memory; a zeroed struct is never valid.
const INLINE: u8 = 0x9d;
/// Tag of a message whose bytes live elsewhere.
const LARGE: u8 = 0xa7;
/// Tag of a closed message.
const CLOSED: u8 = 0x5c;

/// What a frame means to the layers between a socket and the wire. User data is [`Role::Data`]; the others are
/// exchanged between a socket's pattern and its connections and never reach the application as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    /// A frame of a user message.
    Data = 0,
    /// A request for messages that begin with the content (ZMTP `SUBSCRIBE`, or a message `01 topic`).
    Subscribe = 1,
    /// The end of such a request (ZMTP `CANCEL`, or a message `00 topic`).
    Cancel = 2,
    /// First in a pipe: the content is the routing id that the peer announced.
    RoutingId = 3,
    /// Whole messages side by side in their form on the wire; see [`batch`].
    Batch = 4,
    /// The same while it is still being written.
    Live = 5,
}

/// One frame; see the module's documentation.
#[repr(C, align(8))]
pub struct Msg {
    /// `Arc<Metadata>` by `Arc::into_raw`, or null.
    metadata: *const Metadata,
    body: Body,
    routing_id: u32,
    inline_len: u8,
    tag: u8,
    flags: u8,
    role: u8,
    /// Reserved for the group of RADIO/DISH messages; null until then.
    group: *const u8,
}

#[repr(C)]
union Body {
    inline: [u8; Msg::INLINE_MAX],
    large: Large,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Large {
    data: *mut u8,
    len: usize,
    /// Null for constant data.
    owner: *const Content,
}

const _: () = assert!(mem::size_of::<Msg>() == 64 && mem::align_of::<Msg>() == 8);

// SAFETY: a Msg owns what it points at: counted references to Content and Metadata, both of which may be used and
// dropped from any thread, or constant bytes that the caller promised to keep valid for ever.
unsafe impl Send for Msg {}
// SAFETY: `&Msg` gives read access only.
unsafe impl Sync for Msg {}

impl Default for Msg {
    fn default() -> Msg {
        Msg::new()
    }
}

impl Msg {
    /// The largest content, in bytes, that lives inside the struct.
    pub const INLINE_MAX: usize = 40;

    /// An empty frame.
    #[inline]
    pub const fn new() -> Msg {
        Msg {
            metadata: std::ptr::null(),
            body: Body { inline: [0; Msg::INLINE_MAX] },
            routing_id: 0,
            inline_len: 0,
            tag: INLINE,
            flags: 0,
            role: Role::Data as u8,
            group: std::ptr::null(),
        }
    }

    /// A frame of `len` bytes; small ones are zeroed, large ones are as the allocator left them zeroed or not: they
    /// are zeroed here only when that is free.
    ///
    /// # Errors
    /// `ENOMEM` if the memory cannot be had.
    #[inline]
    pub fn with_size(len: usize) -> Result<Msg> {
        let mut msg = Msg::new();
        if len <= Msg::INLINE_MAX {
            msg.inline_len = len as u8;
        } else {
            msg.set_content(Content::allocate(len)?);
        }
        Ok(msg)
    }

    /// A frame with a copy of the first `len` bytes of `window`, whatever follows them; `len` is at most
    /// [`Msg::INLINE_MAX`].
    ///
    /// All lengths take the same few instructions, and the frame is written once, where it is going to live: several
    /// times faster than a copy of variable length into a frame that is then moved.
    #[inline]
    pub fn from_window(window: &[u8; Msg::INLINE_MAX], len: u8) -> Msg {
        const N: usize = Msg::INLINE_MAX;
        /// Ones and then zeros: the mask of any length is a part of it.
        static MASKS: [u8; 2 * N] = {
            let mut masks = [0; 2 * N];
            let (ones, _) = masks.split_at_mut(N);
            let mut at = 0;
            while at < N {
                ones[at] = 0xff;
                at += 1;
            }
            masks
        };
        let len = len.min(N as u8);
        let mask = &MASKS[N - usize::from(len)..][..N];
        let mut inline = [0; N];
        for ((byte, window), mask) in inline.iter_mut().zip(window).zip(mask) {
            *byte = window & mask;
        }
        Msg { body: Body { inline }, inline_len: len, ..Msg::new() }
    }

    /// A frame with a copy of `bytes`.
    ///
    /// # Errors
    /// `ENOMEM` if the memory cannot be had.
    #[inline]
    pub fn copy_of(bytes: &[u8]) -> Result<Msg> {
        let mut msg = Msg::with_size(bytes.len())?;
        msg.data_mut().copy_from_slice(bytes);
        Ok(msg)
    }

    /// As [`copy_of`](Msg::copy_of), and whether more frames of the same message follow.
    ///
    /// # Errors
    /// `ENOMEM` if the memory cannot be had.
    #[inline]
    pub fn frame_of(body: &[u8], more: bool) -> Result<Msg> {
        let mut msg = Msg::copy_of(body)?;
        msg.set_more(more);
        Ok(msg)
    }

    /// Gives up the content; what is left is an empty frame.
    #[inline]
    fn release_content(&mut self) {
        if self.tag == LARGE {
            // SAFETY: the tag says which field is valid; self owns one reference to owner, given up here.
            unsafe { Content::release(self.body.large.owner) };
            self.body.inline = [0; Msg::INLINE_MAX];
            self.inline_len = 0;
            self.tag = INLINE;
        }
    }

    /// A frame over bytes that the caller keeps valid and unchanged for ever.
    ///
    /// # Safety
    /// `data` is valid for reads of `len` bytes for the rest of the process's life (or until the last copy of the
    /// message is gone).
    pub unsafe fn constant(data: *const u8, len: usize) -> Msg {
        let mut msg = Msg::new();
        msg.tag = LARGE;
        msg.flags = SHARED;
        msg.body.large = Large { data: data.cast_mut(), len, owner: std::ptr::null() };
        msg
    }

    /// A frame over the caller's bytes; `free(data, hint)` is called once, from any thread, when the last reference
    /// is gone.
    ///
    /// # Errors
    /// `ENOMEM` if the bookkeeping cannot be allocated; `free` is not called then.
    ///
    /// # Safety
    /// `data` is valid for reads and writes of `len` bytes until `free` is called, and `free` may be called from any
    /// thread.
    pub unsafe fn external(data: *mut u8, len: usize, free: FreeFn, hint: *mut c_void) -> Result<Msg> {
        // SAFETY: the caller's promise is the one that Content::external asks for.
        let content = unsafe { Content::external(data, len, free, hint)? };
        let mut msg = Msg::new();
        msg.set_content(content);
        Ok(msg)
    }

    /// Bytes in large messages in this process, wherever they are; without those of the caller's memory, and those too
    /// large for anything of them to be kept.
    pub fn large_in_use() -> usize {
        large::in_use()
    }

    /// Reads a caller's `zmq_msg_t`.
    ///
    /// # Errors
    /// `EFAULT` for a null pointer and for a struct that was never initialised or is closed.
    ///
    /// # Safety
    /// `ptr` is null or valid for reads and writes of 64 bytes, and no one else uses them for the time of `'a`.
    #[inline]
    pub unsafe fn check<'a>(ptr: *mut c_void) -> Result<&'a mut Msg> {
        let msg = ptr.cast::<Msg>();
        if msg.is_null() {
            return Err(Error::FAULT);
        }
        // SAFETY: valid for reads by the caller's promise; the tag is a plain byte, whatever it holds.
        let tag = unsafe { (&raw const (*msg).tag).read() };
        if tag != INLINE && tag != LARGE {
            return Err(Error::FAULT);
        }
        // SAFETY: the tag says that this library initialised the struct and did not close it since.
        Ok(unsafe { &mut *msg })
    }

    /// Writes `msg` over a caller's uninitialised `zmq_msg_t`.
    ///
    /// # Safety
    /// `ptr` is valid for writes of 64 bytes.
    #[inline]
    pub unsafe fn write_to(self, ptr: *mut c_void) {
        // SAFETY: valid by the caller's promise; alignment is that of a pointer, which zmq_msg_t has.
        unsafe { ptr.cast::<Msg>().write(self) }
    }

    /// Closes a caller's message in place: releases what it holds and marks it as closed.
    ///
    /// # Safety
    /// `self` is a caller's struct, which is not dropped by Rust code.
    pub unsafe fn close_in_place(&mut self) {
        drop(mem::take(self));
        self.tag = CLOSED;
    }

    fn set_content(&mut self, content: Content) {
        let len = content.len();
        self.set_slice(content, len);
    }

    /// The first `len` bytes of the content.
    fn set_slice(&mut self, content: Content, len: usize) {
        debug_assert!(len <= content.len());
        self.tag = LARGE;
        self.body.large = Large { data: content.data(), len, owner: content.into_raw() };
    }

    /// Whether the content lives inside the struct.
    #[inline]
    pub fn is_inline(&self) -> bool {
        self.tag != LARGE
    }

    /// Leaves only the last `len` bytes of a large content, which has that many.
    fn keep_last(&mut self, len: usize) {
        debug_assert!(self.tag == LARGE && len <= self.len());
        // SAFETY: the tag says which field of the union is valid, and the address stays within the content.
        unsafe {
            let large = &mut self.body.large;
            large.data = large.data.add(large.len - len);
            large.len = len;
        }
    }

    /// The content apart from the message: its address, its length, and the reference to it. None if it is not counted.
    fn into_content(self) -> Option<(*const u8, usize, Content)> {
        if self.tag != LARGE {
            return None;
        }
        // SAFETY: the tag says which field of the union is valid.
        let Large { data, len, owner } = unsafe { self.body.large };
        // SAFETY: the reference is self's, which gives it away: it is forgotten below. Properties it has none.
        let content = unsafe { Content::from_raw(owner) }?;
        debug_assert!(self.metadata.is_null());
        mem::forget(self);
        Some((data, len, content))
    }

    /// The content's length in bytes.
    #[inline]
    pub fn len(&self) -> usize {
        if self.tag == LARGE {
            // SAFETY: the tag says which field of the union is valid.
            unsafe { self.body.large.len }
        } else {
            self.inline_len as usize
        }
    }

    /// Whether the content is empty.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The content's address, never null.
    #[inline]
    pub fn data_ptr(&mut self) -> *mut u8 {
        if self.tag == LARGE {
            // SAFETY: the tag says which field of the union is valid.
            let data = unsafe { self.body.large.data };
            if data.is_null() { std::ptr::dangling_mut() } else { data }
        } else {
            (&raw mut self.body).cast()
        }
    }

    /// The content.
    #[inline]
    pub fn data(&self) -> &[u8] {
        let (data, len) = if self.tag == LARGE {
            // SAFETY: the tag says which field of the union is valid.
            let large = unsafe { self.body.large };
            (large.data.cast_const(), large.len)
        } else {
            ((&raw const self.body).cast(), self.inline_len as usize)
        };
        if len == 0 {
            return &[];
        }
        // SAFETY: (data, len) describe initialised memory that lives as long as self: inside it, in counted Content,
        // or constant by promise.
        unsafe { std::slice::from_raw_parts(data, len) }
    }

    /// The content of a frame that was just created and is not shared.
    #[inline]
    pub fn data_mut(&mut self) -> &mut [u8] {
        let len = self.len();
        debug_assert!(self.flags & SHARED == 0);
        // SAFETY: as in data(); exclusive because the content is not shared with another message.
        unsafe { std::slice::from_raw_parts_mut(self.data_ptr(), len) }
    }

    /// Copies the content to the caller's memory, cut off where that ends.
    pub fn copy_to(&self, out: &mut [u8]) -> usize {
        let count = self.len().min(out.len());
        out[..count].copy_from_slice(&self.data()[..count]);
        self.len()
    }

    /// A second message with the same content: a copy of a small one, a counted reference to a large one. Flags,
    /// metadata and routing id go along.
    pub fn share(&mut self) -> Msg {
        if !self.is_short() {
            self.flags |= SHARED;
        }
        self.duplicate()
    }

    /// As [`share`](Msg::share), for the library's own copies: only the copy is marked as shared.
    #[inline]
    pub fn duplicate(&self) -> Msg {
        let is_short = self.is_short();
        if !is_short {
            // SAFETY: what is not short is large, as the tag says; owner is null or a live Content.
            unsafe { Content::add_reference(self.body.large.owner) };
        }
        Metadata::add_reference(self.metadata);
        // SAFETY: a bitwise copy; the counts above make it the legitimate second owner of each pointer, but for a block
        // that it gives up below.
        let mut copy = unsafe { std::ptr::read(self) };
        if !is_short {
            copy.flags |= SHARED;
        } else if self.tag == LARGE {
            debug_assert!(self.is_data(), "a batch is read from a block");
            copy.body.inline = [0; Msg::INLINE_MAX];
            // SAFETY: an array of bytes, which was just written.
            batch::copy_cut(self.data(), unsafe { &mut copy.body.inline });
            copy.inline_len = self.len() as u8;
            copy.tag = INLINE;
        }
        copy
    }

    /// Whether more frames of the same message follow.
    #[inline]
    pub fn more(&self) -> bool {
        self.flags & MORE != 0
    }

    /// Says whether more frames of the same message follow.
    #[inline]
    pub fn set_more(&mut self, more: bool) {
        self.flags = (self.flags & !MORE) | u8::from(more);
    }

    /// `ZMQ_SHARED`: whether the content is, or was, shared with another message.
    pub fn is_shared(&self) -> bool {
        self.flags & SHARED != 0
    }

    /// What the frame means between socket and connection.
    #[inline]
    pub fn role(&self) -> Role {
        match self.role {
            1 => Role::Subscribe,
            2 => Role::Cancel,
            3 => Role::RoutingId,
            4 => Role::Batch,
            5 => Role::Live,
            _ => Role::Data,
        }
    }

    /// Marks the frame for the layers between socket and connection.
    #[inline]
    pub fn set_role(&mut self, role: Role) {
        self.role = role as u8;
    }

    /// Whether the frame is the last one of a user message: what counts as a message.
    #[inline]
    pub fn is_single(&self) -> bool {
        (self.flags & MORE) | self.role == 0
    }

    /// Whether the frame counts as a message where messages under way are limited: the last frame of a user message,
    /// and a subscription, since peers could send them without end.
    #[inline]
    pub fn counts(&self) -> bool {
        self.flags & MORE == 0 && self.role != Role::RoutingId as u8
    }

    /// Whether the frame is a plain one: user data.
    #[inline]
    pub fn is_data(&self) -> bool {
        self.role == Role::Data as u8
    }

    /// The routing id of a message of the SERVER/PEER types; 0 if none.
    pub fn routing_id(&self) -> u32 {
        self.routing_id
    }

    /// Sets the routing id of a message to a socket of the SERVER/PEER types.
    pub fn set_routing_id(&mut self, routing_id: u32) {
        self.routing_id = routing_id;
    }

    /// Properties of the connection that the message came from.
    pub fn metadata(&self) -> Option<&Metadata> {
        // SAFETY: null or a counted reference that self owns.
        unsafe { self.metadata.as_ref() }
    }

    /// The properties, as a counted reference of their own.
    pub fn share_metadata(&self) -> Option<Arc<Metadata>> {
        if self.metadata.is_null() {
            return None;
        }
        Metadata::add_reference(self.metadata);
        // SAFETY: the reference that was just added is handed out.
        Some(unsafe { Arc::from_raw(self.metadata) })
    }

    /// Attaches properties of the connection that the message came from; replaces earlier ones.
    #[inline]
    pub fn set_metadata(&mut self, metadata: Option<Arc<Metadata>>) {
        Metadata::release(self.metadata);
        self.metadata = metadata.map_or(std::ptr::null(), Arc::into_raw);
    }

    /// As [`set_metadata`](Msg::set_metadata); a message that has them already keeps its reference.
    #[inline]
    pub fn set_metadata_of(&mut self, metadata: Option<&Arc<Metadata>>) {
        if metadata.map_or(std::ptr::null(), Arc::as_ptr) != self.metadata {
            self.set_metadata(metadata.cloned());
        }
    }

    /// As an assignment of `other`, which has no properties: those that are there already stay.
    #[inline]
    pub fn assign_content(&mut self, mut other: Msg) {
        debug_assert!(other.metadata.is_null());
        std::mem::swap(&mut self.metadata, &mut other.metadata);
        *self = other;
    }

    /// Forgets what a received message knows of its connection, as a message does that is sent on.
    #[inline]
    pub fn clear_metadata(&mut self) {
        if !self.metadata.is_null() {
            self.set_metadata(None);
        }
    }

    #[cold]
    fn release(&mut self) {
        if self.tag == LARGE {
            // SAFETY: the tag says which field is valid; self owns one reference to owner, given up here.
            unsafe { Content::release(self.body.large.owner) };
        }
        Metadata::release(self.metadata);
    }
}

impl Drop for Msg {
    #[inline]
    fn drop(&mut self) {
        if self.tag == LARGE || !self.metadata.is_null() {
            self.release();
        }
    }
}

impl std::fmt::Debug for Msg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Msg").field("role", &self.role()).field("more", &self.more()).field("len", &self.len()).finish()
    }
}

#[cfg(test)]
mod tests;
