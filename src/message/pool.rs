//! Blocks for the content of messages of common sizes, kept for the next message instead of given back.
//!
//! A stream allocates a thousand messages in one place and frees them in another, often on another thread, which is
//! what general allocators are slow at. Here each thread keeps a short list a size; a list that grows too long is
//! split, and the half goes as one batch to a queue that all threads share, from which a thread whose list is empty
//! takes one. So a lock-free operation is paid once a batch, and what is kept is bounded: about 3 MiB in all.

use crossbeam_queue::ArrayQueue;
use std::alloc::{Layout, alloc, dealloc};
use std::cell::UnsafeCell;
use std::ptr::{self, NonNull};
use std::sync::OnceLock;

/// Sizes of blocks in bytes; a request is served by the next larger one.
const SIZES: [usize; 4] = [128, 256, 512, 1152];
/// Blocks a batch.
const BATCH: usize = 32;
/// Batches that the shared queue of one size holds.
const SHARED: usize = 48;
/// Alignment of all blocks.
const ALIGN: usize = 16;

/// A free block: a link to the next one of its list.
struct Free {
    next: *mut Free,
}

/// A list of [`BATCH`] free blocks.
struct Batch(*mut Free);

// SAFETY: a batch is owned by whoever holds it, and free blocks have no ties to a thread.
unsafe impl Send for Batch {}

/// One thread's free blocks of one size.
struct List {
    head: *mut Free,
    count: usize,
}

/// One thread's lists.
struct Lists([List; SIZES.len()]);

thread_local! {
    static LISTS: UnsafeCell<Lists> =
        const { UnsafeCell::new(Lists([const { List { head: ptr::null_mut(), count: 0 } }; SIZES.len()])) };
}

fn shared(class: usize) -> &'static ArrayQueue<Batch> {
    static QUEUES: [OnceLock<ArrayQueue<Batch>>; SIZES.len()] = [const { OnceLock::new() }; SIZES.len()];
    QUEUES[class].get_or_init(|| ArrayQueue::new(SHARED))
}

fn layout(class: usize) -> Layout {
    // SAFETY: the alignment is a power of two, and no size is near the limit.
    unsafe { Layout::from_size_align_unchecked(SIZES[class], ALIGN) }
}

/// The class that serves a size, if one does.
#[inline]
pub(super) fn class_of(size: usize) -> Option<u8> {
    SIZES.iter().position(|&most| size <= most).map(|class| class as u8)
}

/// A block of a class; none if there is no memory.
#[inline]
pub(super) fn take(class: u8) -> Option<NonNull<u8>> {
    let class = usize::from(class);
    let kept = LISTS.try_with(|lists| {
        // SAFETY: only this thread reaches the lists, and nothing below calls back into this module.
        let list = unsafe { &mut (&mut (*lists.get()).0)[class] };
        if list.head.is_null() {
            list.refill(class);
        }
        let block = list.head;
        if !block.is_null() {
            // SAFETY: a block in the list is a valid, free one.
            list.head = unsafe { (*block).next };
            list.count -= 1;
        }
        block
    });
    match NonNull::new(kept.unwrap_or(ptr::null_mut())) {
        Some(block) => Some(block.cast()),
        // SAFETY: the layout's size is not zero.
        None => NonNull::new(unsafe { alloc(layout(class)) }),
    }
}

/// Keeps a block, or gives it back.
///
/// # Safety
/// The block came from [`take`] with the same class, and no one uses it any more.
#[inline]
pub(super) unsafe fn give(block: NonNull<u8>, class: u8) {
    let class = usize::from(class);
    let block = block.cast::<Free>().as_ptr();
    let kept = LISTS.try_with(|lists| {
        // SAFETY: as in take.
        let list = unsafe { &mut (&mut (*lists.get()).0)[class] };
        // SAFETY: the block is free and large enough for a link.
        unsafe { (*block).next = list.head };
        list.head = block;
        list.count += 1;
        if list.count >= 2 * BATCH {
            list.shed(class);
        }
    });
    if kept.is_err() {
        // SAFETY: the thread is ending and keeps nothing; the block was allocated with this layout.
        unsafe { dealloc(block.cast(), layout(class)) };
    }
}

impl List {
    /// Takes a batch from the shared queue, if there is one.
    #[cold]
    fn refill(&mut self, class: usize) {
        if let Some(Batch(head)) = shared(class).pop() {
            self.head = head;
            self.count = BATCH;
        }
    }

    /// Passes a batch on, or gives its blocks back where there is no room for it.
    #[cold]
    fn shed(&mut self, class: usize) {
        let head = self.head;
        let mut last = head;
        for _ in 1..BATCH {
            // SAFETY: the list has at least twice as many blocks.
            last = unsafe { (*last).next };
        }
        // SAFETY: as above: `last` is the batch's last block, and the list goes on behind it.
        unsafe {
            self.head = (*last).next;
            (*last).next = ptr::null_mut();
        }
        self.count -= BATCH;
        if let Err(Batch(head)) = shared(class).push(Batch(head)) {
            // SAFETY: a list of free blocks of this class that no one else holds.
            unsafe { free_all(head, class) };
        }
    }
}

/// Gives a list of blocks back.
///
/// # Safety
/// The list is owned by the caller and of this class.
unsafe fn free_all(mut head: *mut Free, class: usize) {
    while !head.is_null() {
        // SAFETY: a valid free block, read before it goes.
        let next = unsafe { (*head).next };
        // SAFETY: allocated with this layout, by the caller's promise.
        unsafe { dealloc(head.cast(), layout(class)) };
        head = next;
    }
}

impl Drop for Lists {
    fn drop(&mut self) {
        for (class, list) in self.0.iter_mut().enumerate() {
            // SAFETY: the thread's own list, which no one uses after this.
            unsafe { free_all(std::mem::replace(&mut list.head, ptr::null_mut()), class) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_find_their_class() {
        assert_eq!(class_of(1), Some(0));
        assert_eq!(class_of(128), Some(0));
        assert_eq!(class_of(129), Some(1));
        assert_eq!(class_of(1152), Some(3));
        assert_eq!(class_of(1153), None);
    }

    #[test]
    fn blocks_pass_between_threads_and_are_never_handed_out_twice() {
        let (send, receive) = std::sync::mpsc::channel::<Vec<usize>>();
        let thread = std::thread::spawn(move || {
            for blocks in receive {
                for block in blocks {
                    let block = NonNull::new(std::ptr::with_exposed_provenance_mut(block)).unwrap();
                    // SAFETY: taken by the other thread with this class, and not used since.
                    unsafe { give(block, 1) };
                }
            }
        });
        for _ in 0..20 {
            let blocks: Vec<usize> = (0..500).map(|_| take(1).unwrap().as_ptr().expose_provenance()).collect();
            let mut sorted = blocks.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), blocks.len());
            send.send(blocks).unwrap();
        }
        drop(send);
        thread.join().unwrap();
    }
}
