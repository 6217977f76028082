//! Batches that are read while they grow, between two sockets of one process.

use super::{HEADER_MAX, MORE, put, split};
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
pub(super) const LINE: usize = 64;
/// In the number of bytes that may be read: that is all.
const CLOSED: u32 = 1 << 31;

/// The number in the first line of the block that begins at `data`.
///
/// # Safety
/// `data` is the beginning of a live block, which is alive for `'a`.
#[inline]
unsafe fn visible<'a>(data: *const u8) -> &'a AtomicU32 {
    // SAFETY: blocks are aligned to more than a word, and the first line is used for this alone.
    unsafe { &*data.cast::<AtomicU32>() }
}

/// How many bytes behind the first line of a live block may be read, and whether that is all.
///
/// # Safety
/// `data` is the beginning of a live block, which is alive.
#[inline]
pub(super) unsafe fn visible_bytes(data: *const u8) -> (usize, bool) {
    // SAFETY: the caller's promise.
    let word = unsafe { visible(data) }.load(Ordering::Acquire);
    ((word & !CLOSED) as usize, word & CLOSED != 0)
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
}
