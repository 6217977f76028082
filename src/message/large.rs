//! Blocks for the content of large messages, kept for the next message instead of given back.
//!
//! A general allocator hands the pages of a large block back to the system when it is freed, and each page of the next
//! one has to be faulted in and cleared again, which takes longer than to copy the message. Here the blocks that were
//! freed last are kept in a list a size, and the one that was freed last is used first, as it may still be in the
//! processor's cache. What is kept is bounded by [`KEPT`] for the whole process; what comes beyond goes back.
//!
//! The lists have one lock, which is only tried for: whoever finds it taken uses the allocator. So nobody waits here,
//! and a child of fork(2) that inherits a taken lock does without the lists.

use std::alloc::{Layout, alloc, dealloc};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// The least content, as a power of two, that a block is kept for. Smaller blocks the allocator keeps itself.
const LEAST_LOG: u32 = 14;
/// The most content that a block is kept for.
pub(super) const MOST: usize = 4 * 1024 * 1024;
/// Steps from one power of two to the next. A block has room for the content and at most a quarter more, which is
/// never touched, and so costs address space only, unless an earlier message has.
const STEPS: usize = 4;
/// The number of sizes.
pub(super) const CLASSES: usize = STEPS * (MOST.ilog2() - LEAST_LOG) as usize + 1;
/// Bytes that are kept in all.
const KEPT: usize = 8 * 1024 * 1024;
/// Alignment of all blocks.
const ALIGN: usize = 16;
/// How often the lock is tried for. It is held for some ten nanoseconds.
const TRIES: u32 = 20;

/// A free block: a link to the next one of its list, and the class it is of.
struct Free {
    next: *mut Free,
    class: usize,
}

/// The free blocks of all sizes.
struct Lists {
    heads: [*mut Free; CLASSES],
    /// When each class was asked for last, in calls.
    asked: [u64; CLASSES],
    calls: u64,
    /// The sum of the blocks' contents.
    bytes: usize,
}

// SAFETY: free blocks have no ties to a thread.
unsafe impl Send for Lists {}

/// Bytes of the contents of blocks that are in use.
static IN_USE: AtomicUsize = AtomicUsize::new(0);

/// How many bytes the blocks have that were taken and not given back.
pub(super) fn in_use() -> usize {
    IN_USE.load(Ordering::Relaxed)
}

static LISTS: Mutex<Lists> =
    Mutex::new(Lists { heads: [ptr::null_mut(); CLASSES], asked: [0; CLASSES], calls: 0, bytes: 0 });

/// The class that serves contents of `len` bytes, if one does.
pub(super) fn class_of(len: usize) -> Option<u8> {
    if !(1 << LEAST_LOG..=MOST).contains(&len) {
        return None;
    }
    // Steps are counted by the two bits behind the highest one, rounded up.
    let log = len.ilog2();
    let unit = 1 << (log - STEPS.ilog2());
    let step = (len - (1 << log)).div_ceil(unit);
    Some((STEPS * (log - LEAST_LOG) as usize + step) as u8)
}

/// The content that a block of this class has room for.
fn content(class: usize) -> usize {
    let log = LEAST_LOG as usize + class / STEPS;
    (STEPS + class % STEPS) << (log - STEPS.ilog2() as usize)
}

/// The layout of a block with room for the content and a header of so many bytes.
fn layout(class: usize, header: usize) -> Layout {
    // SAFETY: the alignment is a power of two, and no size is near the limit: a header is small.
    unsafe { Layout::from_size_align_unchecked(content(class) + header, ALIGN) }
}

/// The lists, unless others keep them.
fn lists() -> Option<MutexGuard<'static, Lists>> {
    for _ in 0..TRIES {
        match LISTS.try_lock() {
            Ok(lists) => return Some(lists),
            Err(TryLockError::Poisoned(lists)) => return Some(lists.into_inner()),
            Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
        }
    }
    None
}

/// A block for the content of a class and a header of `header` bytes, which is the same in all calls; none if there is
/// no memory.
pub(super) fn take(class: u8, header: usize) -> Option<NonNull<u8>> {
    let class = usize::from(class);
    let kept = lists().and_then(|mut lists| lists.take(class));
    let block = match kept {
        Some(block) => block.cast(),
        // SAFETY: the layout's size is not zero.
        None => NonNull::new(unsafe { alloc(layout(class, header)) })?,
    };
    IN_USE.fetch_add(content(class), Ordering::Relaxed);
    Some(block)
}

/// Keeps a block, or gives it back.
///
/// # Safety
/// The block came from [`take`] with the same arguments, and no one uses it any more.
pub(super) unsafe fn give(block: NonNull<u8>, class: u8, header: usize) {
    let class = usize::from(class);
    IN_USE.fetch_sub(content(class), Ordering::Relaxed);
    let block = block.cast::<Free>();
    // SAFETY: the block is free, by the caller's promise, large enough for a link, and aligned for one.
    unsafe { block.write(Free { next: ptr::null_mut(), class }) };
    let superfluous = match lists() {
        Some(mut lists) => lists.give(block, class),
        None => block.as_ptr(),
    };
    // The lock is free again: giving pages back to the system takes long.
    // SAFETY: a list of free blocks that is in no other list, with this header.
    unsafe { free_all(superfluous, header) };
}

/// Gives a list of blocks back.
///
/// # Safety
/// The list is owned by the caller, and its blocks have headers of so many bytes.
unsafe fn free_all(mut head: *mut Free, header: usize) {
    while !head.is_null() {
        // SAFETY: a valid free block, read before it goes.
        let Free { next, class } = unsafe { head.read() };
        // SAFETY: allocated with this layout, by the caller's promise.
        unsafe { dealloc(head.cast(), layout(class, header)) };
        head = next;
    }
}

impl Lists {
    fn take(&mut self, class: usize) -> Option<NonNull<Free>> {
        self.calls += 1;
        self.asked[class] = self.calls;
        self.pop(class)
    }

    /// Keeps a block. What has to go for it is returned as a list: blocks of the classes that were asked for longest
    /// ago, or the block itself.
    fn give(&mut self, block: NonNull<Free>, class: usize) -> *mut Free {
        let mut superfluous = ptr::null_mut();
        while self.bytes + content(class) > KEPT {
            let oldest =
                (0..CLASSES).filter(|&other| !self.heads[other].is_null()).min_by_key(|&other| self.asked[other]);
            match oldest.filter(|&other| self.asked[other] < self.asked[class]).and_then(|other| self.pop(other)) {
                Some(other) => superfluous = link(other, superfluous),
                None => return link(block, superfluous),
            }
        }
        self.heads[class] = link(block, self.heads[class]);
        self.bytes += content(class);
        superfluous
    }

    fn pop(&mut self, class: usize) -> Option<NonNull<Free>> {
        let block = NonNull::new(self.heads[class])?;
        // SAFETY: a block in a list is a valid, free one.
        self.heads[class] = unsafe { block.read() }.next;
        self.bytes -= content(class);
        Some(block)
    }
}

/// Puts a block in front of a list.
fn link(block: NonNull<Free>, next: *mut Free) -> *mut Free {
    // SAFETY: the block is a valid, free one that is in no list.
    unsafe { (*block.as_ptr()).next = next };
    block.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: usize = 48;

    #[test]
    fn every_size_has_the_class_that_wastes_least() {
        assert_eq!(class_of((1 << LEAST_LOG) - 1), None);
        assert_eq!(class_of(MOST + 1), None);
        assert_eq!(class_of(usize::MAX), None);
        assert_eq!(class_of(MOST), Some(CLASSES as u8 - 1));
        for class in 0..CLASSES {
            assert_eq!(class_of(content(class)), Some(class as u8), "what fits exactly");
            let next = (class + 1 < CLASSES).then_some(class as u8 + 1);
            assert_eq!(class_of(content(class) + 1), next, "{class}");
        }
        assert_eq!(content(class_of(65536).unwrap().into()), 65536);
    }

    /// Lists of a test's own, and blocks for them.
    struct Rig(Lists);

    impl Rig {
        fn new() -> Rig {
            Rig(Lists { heads: [ptr::null_mut(); CLASSES], asked: [0; CLASSES], calls: 0, bytes: 0 })
        }

        /// Asks for blocks and gives them all; how many were superfluous.
        fn use_up(&mut self, len: usize, count: usize) -> usize {
            let class = usize::from(class_of(len).unwrap());
            let fresh = || {
                // SAFETY: the layout's size is not zero.
                let block = NonNull::new(unsafe { alloc(layout(class, HEADER)) }.cast::<Free>()).unwrap();
                // SAFETY: large enough, and aligned.
                unsafe { block.write(Free { next: ptr::null_mut(), class }) };
                block
            };
            let blocks: Vec<_> = (0..count).map(|_| self.0.take(class).unwrap_or_else(fresh)).collect();
            blocks.into_iter().map(|block| drop_all(self.0.give(block, class))).sum()
        }

        fn kept(&self, len: usize) -> usize {
            let mut block = self.0.heads[usize::from(class_of(len).unwrap())];
            let mut count = 0;
            while !block.is_null() {
                count += 1;
                // SAFETY: a block in a list is valid.
                block = unsafe { (*block).next };
            }
            count
        }
    }

    impl Drop for Rig {
        fn drop(&mut self) {
            for head in self.0.heads {
                drop_all(head);
            }
        }
    }

    fn drop_all(head: *mut Free) -> usize {
        let mut count = 0;
        let mut block = head;
        while !block.is_null() {
            count += 1;
            // SAFETY: a block in a list is valid.
            block = unsafe { (*block).next };
        }
        // SAFETY: the list is the test's, and its blocks were made with this header.
        unsafe { free_all(head, HEADER) };
        count
    }

    #[test]
    fn what_is_kept_is_bounded_and_used_again() {
        let mut rig = Rig::new();
        let most = KEPT / (1 << 20);
        assert_eq!(rig.use_up(1 << 20, most), 0);
        assert_eq!(rig.kept(1 << 20), most);
        assert_eq!(rig.use_up(1 << 20, most), 0, "the same blocks");
        assert_eq!(rig.use_up(1 << 20, most + 5), 5);
        assert_eq!((rig.kept(1 << 20), rig.0.bytes), (most, KEPT));
    }

    #[test]
    fn sizes_that_are_no_longer_asked_for_make_room() {
        let mut rig = Rig::new();
        assert_eq!(rig.use_up(1 << 20, KEPT / (1 << 20)), 0);
        assert_eq!(rig.use_up(1 << 16, 1), 1);
        assert_eq!((rig.kept(1 << 20), rig.kept(1 << 16)), (KEPT / (1 << 20) - 1, 1));
        assert_eq!(rig.use_up(1 << 20, 1), 0);
        assert_eq!(rig.use_up(1 << 20, KEPT / (1 << 20)), 1, "the small one, which is the older now");
        assert_eq!((rig.kept(1 << 20), rig.kept(1 << 16)), (KEPT / (1 << 20), 0));
    }

    #[test]
    fn blocks_pass_between_threads_and_are_never_handed_out_twice() {
        let class = class_of(20_000).unwrap();
        let threads: Vec<_> = (1..=4u8)
            .map(|mark| {
                std::thread::spawn(move || {
                    for _ in 0..500 {
                        let blocks: Vec<_> = (0..8).map(|_| take(class, HEADER).unwrap()).collect();
                        for block in &blocks {
                            // SAFETY: the block is this thread's and has room for 20 000 bytes.
                            unsafe { block.as_ptr().write_bytes(mark, 20_000) };
                        }
                        std::thread::yield_now();
                        for block in blocks {
                            // SAFETY: written above.
                            let bytes = unsafe { std::slice::from_raw_parts(block.as_ptr(), 20_000) };
                            assert!(bytes.iter().all(|byte| *byte == mark));
                            // SAFETY: taken with these arguments, and used no more.
                            unsafe { give(block, class, HEADER) };
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}
