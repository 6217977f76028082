//! Blocks to read into, of which parts go on as batches.

use super::BLOCK_MAX;
use crate::error::Result;
use crate::message::Msg;
use crate::message::content::Content;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;

/// Bytes as they were read, in a block of which parts can go on as batches without being copied.
pub struct Block {
    content: Content,
    filled: usize,
}

/// A smaller part of a block is copied: it would keep all of the block from being used for something else.
const SHARED_PART: usize = BLOCK_MAX / 2;

impl Block {
    /// An empty block, with room for the bytes of one read.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn new() -> Result<Block> {
        Ok(Block { content: Content::allocate(BLOCK_MAX)?, filled: 0 })
    }

    /// The end of this block's bytes, from `at` on, in a block of its own or, if that is a large part, in this one.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn keep(&self, at: usize) -> Result<(Block, usize)> {
        let bytes = &self.bytes()[at..];
        if bytes.len() >= SHARED_PART {
            return Ok((Block { content: self.content.clone(), filled: self.filled }, at));
        }
        Ok((Block { content: Content::copy_of(bytes)?, filled: bytes.len() }, 0))
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: so many bytes were written. Others that refer to the block only read, and it is written to again only
        // when nobody else does, by a method that borrows self exclusively.
        unsafe { std::slice::from_raw_parts(self.content.data(), self.filled) }
    }

    /// The room of a block that nobody else refers to: as much as in a new one. Whoever still reads this one keeps it.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(in crate::message) fn room(&mut self) -> Result<&mut [MaybeUninit<u8>]> {
        if self.content.is_shared() {
            self.content = Content::allocate(BLOCK_MAX)?;
        }
        self.filled = 0;
        // SAFETY: the block has that many bytes, and is self's alone.
        Ok(unsafe { std::slice::from_raw_parts_mut(self.content.data().cast(), self.content.len()) })
    }

    /// Says how much of [`room`](Block::room) was written.
    ///
    /// # Safety
    /// It was.
    pub(in crate::message) unsafe fn set_filled(&mut self, filled: usize) {
        debug_assert!(filled <= self.content.len());
        self.filled = filled;
    }

    /// Reads what is there on a socket, in place of the bytes before: how many bytes came (none: the peer has closed),
    /// and whether there was room for more.
    ///
    /// # Errors
    /// `ENOMEM`, `EAGAIN` (nothing is there), or what else the system says.
    pub fn receive(&mut self, socket: &impl AsRawFd) -> io::Result<(usize, bool)> {
        let room = self.room().map_err(|error| io::Error::from_raw_os_error(error.0))?;
        let size = room.len();
        // SAFETY: the room is valid for writes of its length.
        let count = unsafe { libc::recv(socket.as_raw_fd(), room.as_mut_ptr().cast(), size, libc::MSG_DONTWAIT) };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        // SAFETY: the system wrote that many bytes.
        unsafe { self.set_filled(count) };
        Ok((count, count < size))
    }

    /// A batch of `part` of this block's bytes, which are frames of so many whole messages.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn batch(&self, part: &[u8], messages: u32) -> Result<Msg> {
        let at = part.as_ptr().addr().wrapping_sub(self.content.data().addr());
        if part.len() < SHARED_PART || at.saturating_add(part.len()) > self.filled {
            return Msg::batch_of(part, messages);
        }
        let mut msg = Msg::new();
        msg.set_slice(self.content.clone(), at + part.len());
        msg.keep_last(part.len());
        msg.mark_batch(messages);
        Ok(msg)
    }
}
