//! A batch in the making: the frames of a flood, encoded side by side.

use super::{BLOCK_MAX, BLOCK_MIN, HEADER_MAX, MORE, put, split};
use crate::error::Result;
use crate::message::Msg;
use crate::message::content::Content;
use std::ptr;

/// A batch in the making.
#[derive(Default)]
pub struct Batch {
    /// The block: its length is the room in it.
    content: Option<Content>,
    /// Where this batch begins in the block: behind one that was sealed in the middle of a message.
    start: usize,
    len: usize,
    /// Where the message begins whose last frame is still to come; `len` if there is none.
    open: usize,
    messages: u32,
    /// The size of the batches before this one, as far as it tells what room the next one takes.
    usual: u32,
}

impl Batch {
    /// Whether a batch was begun: frames may be added.
    #[inline]
    pub fn is_under_way(&self) -> bool {
        self.content.is_some()
    }

    /// Begins a batch.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn begin(&mut self) -> Result<()> {
        if self.content.is_none() {
            let room = (self.usual as usize).clamp(BLOCK_MIN, BLOCK_MAX);
            self.content = Some(Content::allocate(room)?);
            self.start = 0;
            self.len = 0;
            self.open = 0;
            self.messages = 0;
        }
        Ok(())
    }

    /// Whole messages in it.
    #[inline]
    pub fn messages(&self) -> u32 {
        self.messages
    }

    /// Whether the last frame of a message is still to come.
    #[inline]
    pub fn in_message(&self) -> bool {
        self.open < self.len
    }

    /// The bytes of its frames.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.len - self.start
    }

    /// Adds a frame if there is a batch with room for it; else nothing has changed.
    #[inline]
    pub fn append_in_room(&mut self, body: &[u8], more: bool) -> bool {
        let Some(content) = &self.content else { return false };
        if self.len + HEADER_MAX + body.len() > content.len() {
            return false;
        }
        // SAFETY: the block has room for a header and the body from `len` on, and is this batch's alone until it is sealed.
        self.len += unsafe { put(content.data().add(self.len), body, more) };
        if !more {
            self.open = self.len;
            self.messages += 1;
        }
        true
    }

    /// Adds a frame to a batch that is under way.
    ///
    /// # Errors
    /// `ENOMEM`; nothing was added then.
    #[inline]
    pub fn append(&mut self, body: &[u8], more: bool) -> Result<()> {
        if !self.append_in_room(body, more) {
            self.make_room(HEADER_MAX + body.len())?;
            self.append_in_room(body, more);
        }
        Ok(())
    }

    /// Makes room for so many bytes more: this batch is larger than those before it, or has only the end of a block.
    #[cold]
    fn make_room(&mut self, more: usize) -> Result<()> {
        let len = self.len - self.start;
        let usual = (self.usual as usize).clamp(BLOCK_MIN, BLOCK_MAX);
        let grown = Content::allocate((len + more).max(len.saturating_mul(4)).max(usual))?;
        let bytes = self.slice(self.start, self.len);
        // SAFETY: the new block has room for these bytes, and the two are distinct.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), grown.data(), len) };
        self.content = Some(grown);
        self.open -= self.start;
        self.len = len;
        self.start = 0;
        Ok(())
    }

    /// Takes back the frames of the unfinished message.
    pub fn rollback(&mut self) {
        self.len = self.open;
    }

    /// Takes the frames of the unfinished message out, as messages of their own.
    ///
    /// # Errors
    /// `ENOMEM`; the frames are lost then.
    pub fn take_open(&mut self, mut frame: impl FnMut(Msg)) -> Result<()> {
        let mut rest = self.slice(self.open, self.len);
        let mut taken = Vec::new();
        while let Some((flags, body, behind)) = split(rest) {
            taken.push(Msg::frame_of(body, flags & MORE != 0)?);
            rest = behind;
        }
        self.len = self.open;
        taken.into_iter().for_each(&mut frame);
        Ok(())
    }

    /// Somewhat more than this batch took; or less than before, if that was too much.
    fn next_usual(&self) -> u32 {
        let len = self.len - self.start;
        let took = (len + len / 4).min(BLOCK_MAX) as u32;
        took.max(self.usual - self.usual / 8)
    }

    fn slice(&self, from: usize, to: usize) -> &[u8] {
        let Some(content) = &self.content else { return &[] };
        // SAFETY: bytes below `len` were written, and `to` is at most `len` in all calls.
        unsafe { std::slice::from_raw_parts(content.data().add(from), to - from) }
    }

    /// Ends the batch: its whole messages as one message of role [`Role::Batch`]; none if there are none. Frames of an
    /// unfinished message stay, in a batch that is under way then. It goes on in the same block: what others read of that is
    /// not written any more, and nobody reads what lies behind.
    pub fn seal(&mut self) -> Option<Msg> {
        let in_message = self.in_message();
        if self.messages == 0 {
            if !in_message {
                self.content = None;
            }
            return None;
        }
        let usual = self.next_usual();
        let content = self.content.take()?;
        let (start, len, open, messages) = (self.start, self.len, self.open, self.messages);
        let rest = in_message.then(|| content.clone());
        *self = Batch { content: rest, start: open, len, open, messages: 0, usual };
        let mut msg = Msg::new();
        msg.set_slice(content, open);
        msg.keep_last(open - start);
        msg.mark_batch(messages);
        Some(msg)
    }
}
