//! Batches: many small messages side by side in one block, in the form in which they go over the wire.
//!
//! In a flood it is bytes that travel between a socket and its connections, not messages: the sender's frames are
//! encoded where they are going to be written from, and the receiver's frames lie where they were read until somebody
//! takes them. A batch is a [`Msg`] of role [`Role::Batch`](super::Role::Batch) that goes through a pipe like any
//! other; it always holds whole messages, and many pipes may share one.
//!
//! The form of a frame is that of ZMTP 2 and 3 (RFC 15, RFC 23, RFC 37): flags, a length of one or of eight bytes, and
//! the body. This is the one place that writes and reads it for data frames.

use super::content::Content;
use super::{Msg, Role};
use crate::error::Result;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

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

    /// Adds a frame to a batch that is under way.
    ///
    /// # Errors
    /// `ENOMEM`; nothing was added then.
    #[inline]
    pub fn append(&mut self, body: &[u8], more: bool) -> Result<()> {
        let more_bytes = HEADER_MAX + body.len();
        if self.content.as_ref().is_none_or(|content| self.len + more_bytes > content.len()) {
            self.make_room(more_bytes)?;
        }
        let Some(content) = &self.content else { return Ok(()) };
        // SAFETY: the block has room for a header and the body from `len` on, as was just seen to, and is this batch's
        // alone until it is sealed.
        self.len += unsafe { put(content.data().add(self.len), body, more) };
        if !more {
            self.open = self.len;
            self.messages += 1;
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
            let mut msg = Msg::copy_of(body)?;
            msg.set_more(flags & MORE != 0);
            taken.push(msg);
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
        let content = Content::allocate(bytes.len())?;
        // SAFETY: the block was just made for that many bytes.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), content.data(), bytes.len()) };
        Ok((Block { content, filled: bytes.len() }, 0))
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
    pub(super) fn room(&mut self) -> Result<&mut [MaybeUninit<u8>]> {
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
    pub(super) unsafe fn set_filled(&mut self, filled: usize) {
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

impl Msg {
    /// A batch with a copy of `bytes`, which are frames of so many whole messages.
    ///
    /// # Errors
    /// `ENOMEM`.
    fn batch_of(bytes: &[u8], messages: u32) -> Result<Msg> {
        let content = Content::allocate(bytes.len())?;
        // SAFETY: the block was just made for that many bytes.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), content.data(), bytes.len()) };
        let mut msg = Msg::new();
        msg.set_slice(content, bytes.len());
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
mod tests {
    use super::*;

    fn frames(batch: Msg) -> Vec<(bool, Vec<u8>)> {
        let mut unread = Unread::of(batch);
        let mut frames = Vec::new();
        while let Some((more, body)) = unread.take() {
            frames.push((more, body.to_vec()));
        }
        assert!(unread.is_empty());
        frames
    }

    #[test]
    fn short_copies_are_exact() {
        let from: Vec<u8> = (1..=200).collect();
        for len in 0..=130 {
            let mut to = [0u8; 200];
            // SAFETY: both have room for 130 bytes.
            unsafe { copy_short(from.as_ptr(), to.as_mut_ptr(), len) };
            assert!(to[..len] == from[..len] && to[len..].iter().all(|&byte| byte == 0), "length {len}");
        }
    }

    #[test]
    fn frames_come_out_as_they_went_in() {
        let mut batch = Batch::default();
        batch.begin().unwrap();
        let bodies: Vec<Vec<u8>> = [0, 1, 2, 40, 41, 254, 255, 256, 257, 1000, 8192]
            .iter()
            .map(|&len| (0..len).map(|at| (at % 251) as u8).collect())
            .collect();
        for (index, body) in bodies.iter().enumerate() {
            batch.append(body, index % 3 == 0).unwrap();
        }
        assert_eq!(batch.messages(), 7);
        let sealed = batch.seal().unwrap();
        assert_eq!(sealed.batch_messages(), 7);
        assert!(!batch.is_under_way());
        let expected: Vec<_> = bodies.iter().enumerate().map(|(index, body)| (index % 3 == 0, body.clone())).collect();
        assert_eq!(frames(sealed), expected);
    }

    #[test]
    fn an_unfinished_message_stays_behind() {
        let mut batch = Batch::default();
        batch.begin().unwrap();
        batch.append(b"whole", false).unwrap();
        batch.append(b"first", true).unwrap();
        batch.append(b"second", true).unwrap();
        assert_eq!(frames(batch.seal().unwrap()), [(false, b"whole".to_vec())]);
        assert!(batch.is_under_way() && batch.in_message());
        batch.append(b"last", false).unwrap();
        let expected = [(true, b"first".to_vec()), (true, b"second".to_vec()), (false, b"last".to_vec())];
        assert_eq!(frames(batch.seal().unwrap()), expected);
    }

    #[test]
    fn batches_that_share_a_block_keep_apart() {
        let mut batch = Batch::default();
        batch.begin().unwrap();
        let mut sealed = Vec::new();
        for number in 0..300 {
            batch.append(&[number as u8; 30], true).unwrap();
            if number % 3 == 2 {
                sealed.extend(batch.seal());
            }
            batch.append(b"end", false).unwrap();
        }
        sealed.extend(batch.seal());
        assert!(!batch.is_under_way() && sealed.len() > 90);
        let all: Vec<_> = sealed.into_iter().flat_map(frames).collect();
        let expected = (0..300).flat_map(|number| [(true, vec![number as u8; 30]), (false, b"end".to_vec())]);
        assert!(all.into_iter().eq(expected));
    }

    #[test]
    fn an_unfinished_message_can_be_taken_back_or_out() {
        let mut batch = Batch::default();
        batch.begin().unwrap();
        batch.append(b"whole", false).unwrap();
        batch.append(b"gone", true).unwrap();
        batch.rollback();
        batch.append(b"out", true).unwrap();
        let mut out = Vec::new();
        batch.take_open(|msg| out.push((msg.more(), msg.data().to_vec()))).unwrap();
        assert_eq!(out, [(true, b"out".to_vec())]);
        assert!(!batch.in_message());
        assert_eq!(frames(batch.seal().unwrap()), [(false, b"whole".to_vec())]);
        assert!(batch.seal().is_none());
    }

    #[test]
    fn a_message_may_outgrow_the_block() {
        let mut batch = Batch::default();
        batch.begin().unwrap();
        for _ in 0..30 {
            batch.append(&[7; 8000], true).unwrap();
        }
        batch.append(b"", false).unwrap();
        let frames = frames(batch.seal().unwrap());
        assert_eq!(frames.len(), 31);
        assert!(frames[..30].iter().all(|(more, body)| *more && body == &[7; 8000]));
    }

    #[test]
    fn copies_are_read_independently() {
        let mut batch = Batch::default();
        batch.begin().unwrap();
        batch.append(b"a", false).unwrap();
        batch.append(b"b", false).unwrap();
        let first = batch.seal().unwrap();
        let second = first.duplicate();
        let mut unread = Unread::of(first);
        assert_eq!(unread.take(), Some((false, &b"a"[..])));
        assert_eq!(frames(second).len(), 2);
        assert_eq!(unread.take(), Some((false, &b"b"[..])));
        assert!(unread.is_empty() && unread.take().is_none());
        unread.release();
    }

    #[test]
    fn a_part_of_a_block_is_a_batch() {
        use std::io::Write;
        let (mut peer, socket) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut block = Block::new().unwrap();
        assert_eq!(block.receive(&socket).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let frame_of = |number: usize| [&[0, 100][..], &[number as u8; 100]].concat();
        let sent: Vec<u8> = (0..400).flat_map(frame_of).collect();
        peer.write_all(&sent).unwrap();
        assert_eq!(block.receive(&socket).unwrap(), (sent.len(), true));
        assert_eq!(block.bytes(), sent);
        let (large, small) =
            (block.batch(&block.bytes()[102..], 399).unwrap(), block.batch(&block.bytes()[..204], 2).unwrap());
        assert!(std::ptr::eq(large.data(), &raw const block.bytes()[102..]));
        assert!(!std::ptr::eq(small.data().as_ptr(), block.bytes().as_ptr()));
        let (rest, at) = block.keep(sent.len() - 10).unwrap();
        // What is read next does not touch what others still read.
        peer.write_all(b"next").unwrap();
        assert_eq!(block.receive(&socket).unwrap(), (4, true));
        assert_eq!(block.bytes(), b"next");
        assert_eq!(frames(small), [(false, vec![0; 100]), (false, vec![1; 100])]);
        let expected: Vec<_> = (1..400).map(|number| (false, vec![number as u8; 100])).collect();
        assert_eq!(frames(large), expected);
        assert_eq!(rest.bytes()[at..], sent[sent.len() - 10..]);
        drop(peer);
        assert_eq!(block.receive(&socket).unwrap().0, 0);
    }

    #[test]
    fn a_large_rest_of_a_block_is_kept_where_it_is() {
        let mut block = Block::new().unwrap();
        let size = block.room().unwrap().len();
        block.room().unwrap().fill(MaybeUninit::new(7));
        // SAFETY: just written.
        unsafe { block.set_filled(size) };
        let (rest, at) = block.keep(1000).unwrap();
        assert!(at == 1000 && std::ptr::eq(rest.bytes(), block.bytes()));
        block.room().unwrap().fill(MaybeUninit::new(8));
        assert_eq!(rest.bytes()[at..], vec![7; size - 1000]);
    }

    fn read(msg: &mut Msg) -> Option<(bool, Vec<u8>)> {
        let Next::Frame(more, body) = msg.live_frame() else { return None };
        let frame = (more, body.to_vec());
        msg.live_advance(frame.1.len());
        Some(frame)
    }

    #[test]
    fn a_live_batch_is_read_while_it_is_written() {
        let (mut live, mut msg) = Live::begin(400).unwrap();
        assert_eq!((msg.live_has_frame(), msg.live_frame()), (Some(false), Next::Nothing));
        assert!(live.append(b"one", false));
        assert_eq!(read(&mut msg), Some((false, b"one".to_vec())));
        assert!(live.append(&[7; 300], true) && live.in_message());
        assert_eq!(msg.live_frame(), Next::Nothing);
        assert!(!live.append(&[8; 100], false));
        assert!(live.append(b"", false));
        assert_eq!(read(&mut msg), Some((true, vec![7; 300])));
        drop(live);
        assert_eq!(msg.live_has_frame(), Some(true));
        assert_eq!(read(&mut msg), Some((false, Vec::new())));
        assert_eq!((msg.live_has_frame(), msg.live_frame()), (None, Next::End));
    }

    #[test]
    fn an_unfinished_message_is_never_seen() {
        let (mut live, mut msg) = Live::begin(400).unwrap();
        live.append(b"whole", false);
        live.append(b"first", true);
        live.append(b"second", true);
        assert_eq!(live.open_frames().collect::<Vec<_>>(), [(true, &b"first"[..]), (true, &b"second"[..])]);
        live.rollback();
        live.append(b"open", true);
        drop(live);
        assert_eq!(read(&mut msg), Some((false, b"whole".to_vec())));
        assert_eq!(msg.live_frame(), Next::End);
    }

    #[test]
    fn two_threads_pass_frames_through_a_live_batch() {
        let (mut live, mut msg) = Live::begin(1 << 20).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for number in 0..50_000u64 {
                    assert!(live.append(&number.to_le_bytes(), false));
                }
            });
            for number in 0..50_000u64 {
                while msg.live_has_frame() == Some(false) {
                    std::thread::yield_now();
                }
                assert_eq!(read(&mut msg), Some((false, number.to_le_bytes().to_vec())));
            }
        });
    }
}
