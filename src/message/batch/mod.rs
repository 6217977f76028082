//! Batches: many small messages side by side in one block, in the form in which they go over the wire.
//!
//! In a flood it is bytes that travel between a socket and its connections, not messages: the sender's frames are
//! encoded where they are going to be written from, and the receiver's frames lie where they were read until somebody
//! takes them. A batch is a [`Msg`] of role [`Role::Batch`](super::Role::Batch) that goes through a pipe like any
//! other; it always holds whole messages, and many pipes may share one.
//!
//! The form of a frame is that of ZMTP 2 and 3 (RFC 15, RFC 23, RFC 37): flags, a length of one or of eight bytes, and
//! the body. This is the one place that writes and reads it for data frames.

mod block;
mod live;
mod packed;
mod unread;

pub use block::Block;
pub use live::Live;
pub use packed::Batch;
pub use unread::Unread;

use super::content::Content;
use super::{Msg, Role};
use crate::error::Result;
use std::ptr;

/// Flag of a frame: more frames of the same message follow.
pub const MORE: u8 = 0x01;
/// Flag of a frame: the length has eight bytes.
pub const LONG: u8 = 0x02;

/// The header of the longest kind.
const HEADER_MAX: usize = 9;
/// Bodies up to this length have a length of one byte.
const SHORT_MAX: usize = 255;
/// The least room in a block: small enough that a few answers to each of many peers take little memory.
const BLOCK_MIN: usize = 1024;
/// The most that a block has at once. With its header it is just below a size that allocators like.
const BLOCK_MAX: usize = 64 * 1024 - 128;

impl Msg {
    /// A batch with a copy of `bytes`, which are frames of so many whole messages.
    ///
    /// # Errors
    /// `ENOMEM`.
    fn batch_of(bytes: &[u8], messages: u32) -> Result<Msg> {
        let mut msg = Msg::new();
        msg.set_content(Content::copy_of(bytes)?);
        msg.mark_batch(messages);
        Ok(msg)
    }

    fn mark_batch(&mut self, messages: u32) {
        self.set_role(Role::Batch);
        // A batch is no message of a user's: the field is free.
        self.set_routing_id(messages);
    }

    /// Whether this is a batch.
    #[inline]
    pub fn is_batch(&self) -> bool {
        self.role == Role::Batch as u8
    }

    /// The messages in a batch.
    #[inline]
    pub fn batch_messages(&self) -> u32 {
        self.routing_id()
    }
}

/// The first frame of a row of whole frames: flags, body, and what follows.
#[inline]
pub fn split(frames: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [flags, len, rest @ ..] = frames else { return None };
    if flags & LONG == 0 {
        let (body, rest) = rest.split_at_checked(usize::from(*len))?;
        return Some((*flags, body, rest));
    }
    let (header, rest) = frames.split_first_chunk::<HEADER_MAX>()?;
    let len = u64::from_be_bytes(*header.last_chunk()?);
    let (body, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    Some((*flags, body, rest))
}

/// Copies as much of `from` as `to` has room for.
#[inline]
pub fn copy_cut(from: &[u8], to: &mut [u8]) {
    let count = from.len().min(to.len());
    // SAFETY: both have that many bytes, and one of them is borrowed exclusively.
    unsafe { copy_short(from.as_ptr(), to.as_mut_ptr(), count) };
}

/// Writes a frame; returns its size.
///
/// # Safety
/// There is room for the body and the longest header at `at`, which is not part of `body`.
#[inline]
unsafe fn put(at: *mut u8, body: &[u8], more: bool) -> usize {
    let flags = u8::from(more);
    // SAFETY: the caller's promise.
    unsafe {
        let header = if body.len() <= SHORT_MAX {
            at.write(flags);
            at.add(1).write(body.len() as u8);
            2
        } else {
            at.write(flags | LONG);
            at.add(1).cast::<[u8; 8]>().write((body.len() as u64).to_be_bytes());
            HEADER_MAX
        };
        copy_short(body.as_ptr(), at.add(header), body.len());
        header + body.len()
    }
}

/// `ptr::copy_nonoverlapping` that does the common lengths without a call: by two pieces of a fixed size that may overlap.
///
/// # Safety
/// As for `ptr::copy_nonoverlapping`.
#[inline]
unsafe fn copy_short(from: *const u8, to: *mut u8, len: usize) {
    /// The first and the last `N` bytes, which together are all.
    unsafe fn ends<const N: usize>(from: *const u8, to: *mut u8, len: usize) {
        // SAFETY: N <= len <= 2 N; both pieces are read before any is written.
        unsafe {
            let first = from.cast::<[u8; N]>().read();
            let last = from.add(len - N).cast::<[u8; N]>().read();
            to.cast::<[u8; N]>().write(first);
            to.add(len - N).cast::<[u8; N]>().write(last);
        }
    }
    // SAFETY: the caller's promise; the arms check the lengths.
    unsafe {
        match len {
            33..=64 => ends::<32>(from, to, len),
            16..=32 => ends::<16>(from, to, len),
            8..=15 => ends::<8>(from, to, len),
            _ => ptr::copy_nonoverlapping(from, to, len),
        }
    }
}

#[cfg(test)]
mod tests;
