//! Reference-counted message content, allocated by the library or owned by the caller.
//!
//! One allocation holds the header and the bytes. The count is the only thing that threads share; the last one to
//! let go frees the block or calls the caller's free function, exactly once.

use super::batch::Block;
use super::{large, pool};
use crate::error::{Error, Result};
use std::alloc::{Layout, alloc, dealloc, realloc};
use std::ffi::c_void;
use std::mem;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// `zmq_free_fn`: called with the data and the hint given to `zmq_msg_init_data`.
pub type FreeFn = unsafe extern "C" fn(data: *mut c_void, hint: *mut c_void);

/// The header of a content block. Handled by pointer only; see [`Content`].
#[repr(C)]
pub struct Header {
    references: AtomicU32,
    /// Where the block goes when it is free: one of the pool's classes; from [`LARGE`] on one of those of large blocks;
    /// or [`UNPOOLED`].
    class: u8,
    /// Bytes allocated behind the header; 0 for the caller's memory.
    capacity: usize,
    data: *mut u8,
    len: usize,
    free: Option<FreeFn>,
    hint: *mut c_void,
}

/// The class of blocks that are not kept.
const UNPOOLED: u8 = u8::MAX;
/// The first class of large blocks.
const LARGE: u8 = u8::MAX - large::CLASSES as u8;

/// One counted reference to a content block.
#[repr(transparent)]
pub struct Content(NonNull<Header>);

// SAFETY: a counted reference, with an atomic count; the block may be read and given back by any thread, and is written
// only while there is one reference.
unsafe impl Send for Content {}

fn layout(capacity: usize) -> Result<Layout> {
    let size = mem::size_of::<Header>().checked_add(capacity).ok_or(Error::NOMEM)?;
    Layout::from_size_align(size, mem::align_of::<Header>()).map_err(|_| Error::NOMEM)
}

impl Content {
    /// A block of `len` bytes, from the pool where it has such, uninitialised except that reading it is as reading
    /// malloc'ed memory in C.
    #[inline]
    pub fn allocate(len: usize) -> Result<Content> {
        match pool::class_of(mem::size_of::<Header>().saturating_add(len)) {
            Some(class) => Ok(Content::over(pool::take(class).ok_or(Error::NOMEM)?.cast(), len, class)),
            None => Content::allocate_large(len),
        }
    }

    /// A block with a copy of `bytes`.
    pub fn copy_of(bytes: &[u8]) -> Result<Content> {
        let content = Content::allocate(bytes.len())?;
        // SAFETY: the block was just made for that many bytes.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), content.data(), bytes.len()) };
        Ok(content)
    }

    #[inline(never)]
    fn allocate_large(len: usize) -> Result<Content> {
        match large::class_of(len) {
            Some(class) => {
                let block = large::take(class, mem::size_of::<Header>()).ok_or(Error::NOMEM)?;
                Ok(Content::over(block.cast(), len, LARGE + class))
            }
            None => Content::allocate_unpooled(len),
        }
    }

    /// A block of its own, which may grow.
    fn allocate_unpooled(len: usize) -> Result<Content> {
        let layout = layout(len)?;
        // SAFETY: the layout's size is not zero, it holds a header.
        let raw = NonNull::new(unsafe { alloc(layout) }.cast::<Header>()).ok_or(Error::NOMEM)?;
        Ok(Content::over(raw, len, UNPOOLED))
    }

    /// Writes the header of a fresh block with room for `len` bytes behind it.
    #[inline]
    fn over(raw: NonNull<Header>, len: usize, class: u8) -> Content {
        // SAFETY: raw is valid for the header and `len` bytes behind it.
        unsafe {
            let data = raw.as_ptr().add(1).cast::<u8>();
            raw.write(Header {
                references: AtomicU32::new(1),
                class,
                capacity: len,
                data,
                len,
                free: None,
                hint: std::ptr::null_mut(),
            });
        }
        Content(raw)
    }

    /// A block over the caller's bytes.
    ///
    /// # Safety
    /// `data` is valid for `len` bytes until `free(data, hint)` is called, from any thread.
    pub unsafe fn external(data: *mut u8, len: usize, free: FreeFn, hint: *mut c_void) -> Result<Content> {
        let mut content = Content::allocate(0)?;
        // SAFETY: the block was just made, no one else refers to it.
        let header = unsafe { content.0.as_mut() };
        header.data = data;
        header.len = len;
        header.free = Some(free);
        header.hint = hint;
        Ok(content)
    }

    /// The first byte.
    pub fn data(&self) -> *mut u8 {
        // SAFETY: a Content holds a reference, so the header lives.
        unsafe { self.0.as_ref() }.data
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        // SAFETY: as above.
        unsafe { self.0.as_ref() }.len
    }

    /// Whether there are other references.
    pub fn is_shared(&self) -> bool {
        // SAFETY: as above.
        unsafe { self.0.as_ref() }.references.load(Ordering::Acquire) != 1
    }

    /// Gives the reference away as a pointer; [`Content::release`] takes it back.
    pub fn into_raw(self) -> *const Content {
        let raw = self.0.as_ptr().cast_const().cast();
        mem::forget(self);
        raw
    }

    /// Takes a reference back that was given away by [`into_raw`](Content::into_raw); none for null.
    ///
    /// # Safety
    /// `raw` is null, or a reference that the caller owns and gives up.
    pub unsafe fn from_raw(raw: *const Content) -> Option<Content> {
        NonNull::new(raw.cast_mut().cast::<Header>()).map(Content)
    }

    /// One more reference. Null is allowed and means constant data.
    ///
    /// # Safety
    /// `raw` is null or came from [`into_raw`](Content::into_raw) and at least one reference is alive.
    #[inline]
    pub unsafe fn add_reference(raw: *const Content) {
        // SAFETY: the caller's promise.
        if let Some(header) = unsafe { raw.cast::<Header>().as_ref() } {
            header.references.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether the block can be used again for a content of `len` bytes, since there is no other reference and it is of
    /// the size that such a content would get. Null is allowed, and cannot.
    ///
    /// # Safety
    /// As for [`reuse`](Content::reuse).
    #[inline]
    pub unsafe fn is_reusable(raw: *const Content, len: usize) -> bool {
        let class = pool::class_of(mem::size_of::<Header>().saturating_add(len));
        // SAFETY: the caller's promise.
        unsafe { raw.cast::<Header>().as_ref() }.is_some_and(|header| {
            Some(header.class) == class && header.free.is_none() && header.references.load(Ordering::Acquire) == 1
        })
    }

    /// The data of a block that [can be used again](Content::is_reusable) for a content of `len` bytes, to be written. Null
    /// is allowed.
    ///
    /// # Safety
    /// `raw` is null or came from [`into_raw`](Content::into_raw), and the caller owns a reference.
    #[inline]
    pub unsafe fn reuse(raw: *const Content, len: usize) -> Option<*mut u8> {
        // SAFETY: the caller's promise.
        if !unsafe { Content::is_reusable(raw, len) } {
            return None;
        }
        let raw = raw.cast_mut().cast::<Header>();
        // SAFETY: the only reference is the caller's, who may write to the block, which has room for so many bytes behind
        // the header.
        unsafe {
            (*raw).capacity = len;
            (*raw).len = len;
            Some(raw.add(1).cast())
        }
    }

    /// Gives up one reference; the last one frees. Null is allowed.
    ///
    /// # Safety
    /// As for `add_reference`, and the caller owns the reference it gives up.
    #[inline]
    pub unsafe fn release(raw: *const Content) {
        if let Some(header) = NonNull::new(raw.cast_mut().cast::<Header>()) {
            drop(Content(header));
        }
    }
}

impl Clone for Content {
    fn clone(&self) -> Content {
        // SAFETY: this reference keeps the header alive.
        unsafe { self.0.as_ref() }.references.fetch_add(1, Ordering::Relaxed);
        Content(self.0)
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        // SAFETY: this reference keeps the header alive until the count says otherwise.
        let header = unsafe { self.0.as_ref() };
        // A sole owner needs no read-modify-write: no one else can add a reference.
        if header.references.load(Ordering::Acquire) != 1 {
            if header.references.fetch_sub(1, Ordering::Release) != 1 {
                return;
            }
            // A load and not a fence, which ThreadSanitizer does not know.
            header.references.load(Ordering::Acquire);
        }
        if let Some(free) = header.free {
            // SAFETY: the promise of `external`; the count reached zero, so this happens once.
            unsafe { free(header.data.cast(), header.hint) };
        }
        if header.class < LARGE {
            // SAFETY: taken from the pool with this class, and no reference is left.
            return unsafe { pool::give(self.0.cast(), header.class) };
        }
        if header.class != UNPOOLED {
            // SAFETY: taken as a large block with this class and header, and no reference is left.
            return unsafe { large::give(self.0.cast(), header.class - LARGE, mem::size_of::<Header>()) };
        }
        if let Ok(layout) = layout(header.capacity) {
            // SAFETY: allocated with this layout, and no reference is left.
            unsafe { dealloc(self.0.as_ptr().cast(), layout) };
        }
    }
}

/// Content that grows with the bytes that really arrive, for a large frame read in place.
///
/// A length on the wire is a claim: the block starts small and doubles, up to the claimed length.
pub struct Growing {
    content: Content,
    filled: usize,
    total: usize,
}

// SAFETY: a Growing owns its block alone.
unsafe impl Send for Growing {}

/// What is reserved at once for a large frame before any byte of it came. Untouched memory of this size costs
/// address space only; or it is one of the few blocks that are kept anyway.
const FIRST_RESERVE: usize = large::MOST;

/// The most room that is offered at once: more than one system call fills, and little for tools that look at all that is
/// offered to each call.
const ROOM_MAX: usize = 4 * 1024 * 1024;

impl Growing {
    /// Prepares for a frame of `total` bytes.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn new(total: usize) -> Result<Growing> {
        // What has to grow is best not kept: the system can move its pages.
        let content =
            if total <= FIRST_RESERVE { Content::allocate(total)? } else { Content::allocate_unpooled(FIRST_RESERVE)? };
        Ok(Growing { content, filled: 0, total })
    }

    /// The length of the whole frame.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Bytes still to come.
    pub fn missing(&self) -> usize {
        self.total - self.filled
    }

    /// The room for the next bytes: at least one byte unless the frame is complete. The bytes are uninitialised or
    /// stale, to be written only.
    ///
    /// # Errors
    /// `ENOMEM` if the block cannot grow.
    pub fn room(&mut self) -> Result<&mut [mem::MaybeUninit<u8>]> {
        let capacity = self.content.len();
        if self.filled == capacity && capacity < self.total {
            self.grow(capacity.saturating_mul(2).min(self.total))?;
        }
        let room = (self.content.len() - self.filled).min(ROOM_MAX);
        // SAFETY: the block has `len` bytes and is owned by self alone.
        unsafe { Ok(std::slice::from_raw_parts_mut(self.content.data().add(self.filled).cast(), room)) }
    }

    fn grow(&mut self, capacity: usize) -> Result<()> {
        let old = layout(self.content.len())?;
        let new = layout(capacity)?;
        // SAFETY: allocated with `old`; the new size is not zero and fits isize by Layout's own check.
        let raw = unsafe { realloc(self.content.0.as_ptr().cast(), old, new.size()) };
        let raw = NonNull::new(raw.cast::<Header>()).ok_or(Error::NOMEM)?;
        self.content.0 = raw;
        // SAFETY: raw is the moved block, owned by self alone.
        unsafe {
            let header = self.content.0.as_mut();
            header.capacity = capacity;
            header.len = capacity;
            header.data = raw.as_ptr().add(1).cast();
        }
        Ok(())
    }

    /// Says that `count` bytes of [`room`](Growing::room) were written.
    ///
    /// # Safety
    /// They were.
    pub unsafe fn advance(&mut self, count: usize) {
        self.filled += count;
        debug_assert!(self.filled <= self.content.len());
    }

    /// Copies as many of `bytes` as are missing; returns how many.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub fn extend(&mut self, mut bytes: &[u8]) -> Result<usize> {
        let mut taken = 0;
        while self.missing() > 0 && !bytes.is_empty() {
            let room = self.room()?;
            let count = room.len().min(bytes.len());
            // SAFETY: source and destination are valid for `count` bytes and distinct.
            unsafe {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), room.as_mut_ptr().cast(), count);
                self.advance(count);
            }
            bytes = &bytes[count..];
            taken += count;
        }
        Ok(taken)
    }

    /// Reads from a socket straight into the room, and if that is all that is missing, up to `most` bytes of what follows
    /// into `behind`: one system call. Returns how many bytes came here and there, and whether there was room for more.
    /// None at all: the peer has closed.
    ///
    /// # Errors
    /// `ENOMEM`, `EAGAIN` (nothing is there), or what else the system says.
    pub fn receive(
        &mut self,
        socket: &impl AsRawFd,
        behind: &mut Block,
        most: usize,
    ) -> std::io::Result<(usize, usize, bool)> {
        let no_memory = |error: Error| std::io::Error::from_raw_os_error(error.0);
        let missing = self.missing();
        let room = self.room().map_err(no_memory)?;
        let rest = behind.room().map_err(no_memory)?;
        let (room_len, rest_len) = (room.len(), if room.len() == missing { most.min(rest.len()) } else { 0 });
        let mut parts = [
            libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room_len },
            libc::iovec { iov_base: rest.as_mut_ptr().cast(), iov_len: rest_len },
        ];
        // SAFETY: a struct of numbers and pointers, for which zero means that there is no such thing.
        let mut header = unsafe { mem::zeroed::<libc::msghdr>() };
        header.msg_iov = parts.as_mut_ptr();
        header.msg_iovlen = parts.len() as _;
        // SAFETY: both rooms are valid for writes of these lengths, and distinct.
        let count = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut header, libc::MSG_DONTWAIT) };
        let count = usize::try_from(count).map_err(|_| std::io::Error::last_os_error())?;
        let here = count.min(room_len);
        // SAFETY: the system wrote that many bytes, here first.
        unsafe {
            self.advance(here);
            behind.set_filled(count - here);
        }
        Ok((here, count - here, count < room_len + rest_len))
    }

    /// The finished frame. Call it when nothing is missing.
    pub fn finish(self) -> super::Msg {
        debug_assert_eq!(self.missing(), 0);
        let mut msg = super::Msg::new();
        msg.set_content(self.content);
        msg
    }
}
