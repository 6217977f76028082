//! The reading side of a batch.

use super::{MORE, split};
use crate::message::Msg;
use crate::message::content::Content;
use std::ptr;

/// The frames of a batch that are still to be read.
pub struct Unread {
    at: *const u8,
    len: usize,
    /// What the frames lie in.
    content: Option<Content>,
}

// SAFETY: an Unread owns a counted reference to what it points into, which may be used and dropped from any thread.
unsafe impl Send for Unread {}

impl Default for Unread {
    fn default() -> Unread {
        Unread { at: ptr::null(), len: 0, content: None }
    }
}

impl Unread {
    /// The frames of a batch.
    pub fn of(batch: Msg) -> Unread {
        debug_assert!(batch.is_batch());
        let Some((at, len, content)) = batch.into_content() else { return Unread::default() };
        Unread { at, len, content: Some(content) }
    }

    /// Whether all was read.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
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
        self.at = rest.as_ptr();
        self.len = rest.len();
        Some((flags & MORE != 0, body))
    }

    /// Lets go of a batch that was read.
    pub fn release(&mut self) {
        debug_assert!(self.is_empty());
        self.content = None;
    }
}
