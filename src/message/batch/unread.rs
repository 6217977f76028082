//! The reading side of a batch.

use super::live::{self, LINE};
use super::{MORE, split};
use crate::message::Msg;
use crate::message::content::Content;
use std::ptr;

/// The frames of a batch that are still to be read. If the batch is a [`Live`](super::Live) one they become more.
pub struct Unread {
    at: *const u8,
    len: usize,
    /// What the frames lie in.
    content: Option<Content>,
    /// The writer of the batch may add to it.
    grows: bool,
}

// SAFETY: an Unread owns a counted reference to what it points into, which may be used and dropped from any thread.
unsafe impl Send for Unread {}

impl Default for Unread {
    fn default() -> Unread {
        Unread { at: ptr::null(), len: 0, content: None, grows: false }
    }
}

impl Unread {
    /// The frames of a batch.
    pub fn of(batch: Msg) -> Unread {
        debug_assert!(batch.is_batch() || batch.is_live());
        let grows = batch.is_live();
        let Some((at, len, content)) = batch.into_content() else { return Unread::default() };
        if !grows {
            return Unread { at, len, content: Some(content), grows };
        }
        // SAFETY: the first line is followed by the frames, in the same block.
        Unread { at: unsafe { content.data().add(LINE) }, len: 0, content: Some(content), grows }
    }

    /// Whether all was read that was seen.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether its writer may add to it.
    #[inline]
    pub fn grows(&self) -> bool {
        self.grows
    }

    /// Looks whether there is more, where all was read that was seen.
    #[inline]
    pub fn look(&mut self) -> bool {
        debug_assert!(self.is_empty());
        if !self.grows {
            return false;
        }
        let Some(content) = &self.content else { return false };
        // SAFETY: this is a live block, of which self holds a reference.
        let (visible, all) = unsafe { live::visible_bytes(content.data()) };
        // SAFETY: what was read lies within the block, behind the first line.
        let read = unsafe { self.at.offset_from_unsigned(content.data().add(LINE)) };
        self.len = visible - read;
        if all && self.is_empty() {
            *self = Unread::default();
        }
        !self.is_empty()
    }

    /// The next frame: whether more frames of its message follow, and its body.
    #[inline]
    pub fn take(&mut self) -> Option<(bool, &[u8])> {
        if self.is_empty() {
            return None;
        }
        // SAFETY: so many bytes from there on lie in the content, which is kept until self goes or changes, and are not
        // written to any more.
        let bytes = unsafe { std::slice::from_raw_parts(self.at, self.len) };
        let Some((flags, body, rest)) = split(bytes) else {
            self.len = 0;
            return None;
        };
        // From the block's own pointer: what may be read becomes more.
        // SAFETY: what was taken lies within what could be read.
        self.at = unsafe { self.at.add(self.len - rest.len()) };
        self.len = rest.len();
        Some((flags & MORE != 0, body))
    }

    /// Lets go of a batch that was read.
    pub fn release(&mut self) {
        debug_assert!(self.is_empty());
        if !self.grows {
            self.content = None;
        }
    }
}
