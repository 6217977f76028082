//! Batches that are read while they grow, between two sockets of one process.

use super::{HEADER_MAX, MORE, SHORT_MAX, put, split};
use crate::error::Result;
use crate::message::content::Content;
use crate::message::{Msg, Role};
use std::sync::atomic::{AtomicU32, Ordering};

/// A batch that is read while it is being written: between two sockets of one process, where a message that was sent is
/// there to be received at once.
///
/// The writer has a `Live`, the reader a message of role [`Role::Live`]; both refer to the same block. The first cache
/// line of the block holds how many bytes behind it may be read, which only the writer changes and always to the end of
/// a whole message, and whether that is all. Bytes below that number are never written again, and those above it are
/// the writer's alone: so the two never touch the same byte at the same time.
pub struct Live {
    content: Content,
    /// Room behind the first line.
    room: usize,
    len: usize,
    /// Where the message begins whose last frame is still to come; `len` if there is none.
    open: usize,
}

/// The first line of a live block.
const LINE: usize = 64;
/// In the number of bytes that may be read: that is all.
const CLOSED: u32 = 1 << 31;

/// What a live batch has to read.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// A frame: whether more frames of its message follow, and its body.
    Frame(bool, &'a [u8]),
    /// Nothing yet.
    Nothing,
    /// Nothing any more.
    End,
}

/// The number in the first line of the block that begins at `data`.
///
/// # Safety
/// `data` is the beginning of a live block, which is alive for `'a`.
#[inline]
unsafe fn visible<'a>(data: *const u8) -> &'a AtomicU32 {
    // SAFETY: blocks are aligned to more than a word, and the first line is used for this alone.
    unsafe { &*data.cast::<AtomicU32>() }
}

impl Live {
    /// A new batch with room for so many bytes of frames, and what the reader gets.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn begin(room: usize) -> Result<(Live, Msg)> {
        let content = Content::allocate(LINE + room)?;
        // SAFETY: the block was just made, and begins with a line of its own.
        unsafe { content.data().cast::<AtomicU32>().write(AtomicU32::new(0)) };
        let mut msg = Msg::new();
        msg.set_slice(content.clone(), LINE + room);
        msg.set_role(Role::Live);
        Ok((Live { content, room, len: 0, open: 0 }, msg))
    }

    /// Whether the last frame of a message is still to come.
    #[inline]
    pub fn in_message(&self) -> bool {
        self.open < self.len
    }

    /// Adds a frame; false if there is no room for it. The last frame of a message makes the message visible.
    #[inline]
    pub fn append(&mut self, body: &[u8], more: bool) -> bool {
        if self.len + HEADER_MAX + body.len() > self.room {
            return false;
        }
        // SAFETY: there is room, and what lies above `visible` is the writer's alone.
        self.len += unsafe { put(self.content.data().add(LINE + self.len), body, more) };
        if !more {
            self.open = self.len;
            // SAFETY: the block is alive.
            unsafe { visible(self.content.data()) }.store(self.len as u32, Ordering::Release);
        }
        true
    }

    /// Takes back the frames of the unfinished message.
    pub fn rollback(&mut self) {
        self.len = self.open;
    }

    /// The frames of the unfinished message.
    pub fn open_frames(&self) -> impl Iterator<Item = (bool, &[u8])> {
        // SAFETY: bytes below `len` were written by this thread, and those from `open` on are not the reader's yet.
        let mut rest =
            unsafe { std::slice::from_raw_parts(self.content.data().add(LINE + self.open), self.len - self.open) };
        std::iter::from_fn(move || {
            let (flags, body, behind) = split(rest)?;
            rest = behind;
            Some((flags & MORE != 0, body))
        })
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // SAFETY: the block is alive.
        unsafe { visible(self.content.data()) }.store(self.open as u32 | CLOSED, Ordering::Release);
    }
}

impl Msg {
    /// Whether this is the reader's side of a [`Live`] batch.
    #[inline]
    pub fn is_live(&self) -> bool {
        self.role == Role::Live as u8
    }

    /// The bytes of a live batch that may be read, and whether that is all.
    #[inline]
    fn live_bytes(&self) -> (*const u8, usize, bool) {
        debug_assert!(self.is_live());
        let read = self.routing_id() as usize;
        // SAFETY: the message refers to a live block, of which it holds a reference.
        let visible = unsafe { visible(self.large_data()) }.load(Ordering::Acquire);
        // SAFETY: what was read lies within the block.
        let data = unsafe { self.large_data().add(LINE + read) };
        (data, (visible & !CLOSED) as usize - read, visible & CLOSED != 0)
    }

    /// Whether a live batch has a frame (`Some(true)`), or may yet have one; none if it is used up.
    #[inline]
    pub fn live_has_frame(&self) -> Option<bool> {
        match self.live_bytes() {
            (_, 0, true) => None,
            (_, len, _) => Some(len > 0),
        }
    }

    /// The first frame of a live batch, which stays.
    #[inline]
    pub fn live_frame(&self) -> Next<'_> {
        let (data, len, closed) = self.live_bytes();
        // SAFETY: so many bytes may be read, and are not written any more while the block lives.
        match split(unsafe { std::slice::from_raw_parts(data, len) }) {
            Some((flags, body, _)) => Next::Frame(flags & MORE != 0, body),
            None if closed => Next::End,
            None => Next::Nothing,
        }
    }

    /// Takes a frame with a body of so many bytes, which [`live_frame`](Msg::live_frame) has shown, off a live batch.
    #[inline]
    pub fn live_advance(&mut self, body: usize) {
        let header = if body <= SHORT_MAX { 2 } else { HEADER_MAX };
        self.set_routing_id(self.routing_id() + (header + body) as u32);
    }
}
