//! Handles of sockets and contexts: pointers to slots that are never given back to the system.
//!
//! A C program can hand in anything as a socket: NULL, garbage, one that it closed. A pool finds that out without
//! touching memory that is not its own: it knows the address ranges of its slots, and a slot that is empty says so.
//! A slot is used again only when all others of its pool were used since, so a stale handle stays invalid for long.
//! The check costs two comparisons a call; no lock but the slot's own is taken.

use std::collections::VecDeque;
use std::ffi::c_void;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use crossbeam_utils::CachePadded;

/// Slots in the first chunk; each further chunk has twice as many.
const FIRST_CHUNK: usize = 64;
const CHUNKS: usize = 24;

type Slot<T> = CachePadded<T>;

/// Slots for one kind of object.
pub(super) struct Pool<T: 'static> {
    chunks: [AtomicPtr<Slot<T>>; CHUNKS],
    free: Mutex<VecDeque<&'static Slot<T>>>,
}

impl<T: Default + Sync> Pool<T> {
    pub(super) const fn new() -> Pool<T> {
        Pool { chunks: [const { AtomicPtr::new(std::ptr::null_mut()) }; CHUNKS], free: Mutex::new(VecDeque::new()) }
    }

    /// A slot that no one uses; none if there are more than a thousand million already.
    pub(super) fn take(&self) -> Option<&'static T> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.is_empty() {
            let index = self.chunks.iter().position(|chunk| chunk.load(Ordering::Relaxed).is_null())?;
            let slots: &'static [Slot<T>] =
                Box::leak((0..FIRST_CHUNK << index).map(|_| Slot::default()).collect::<Box<[_]>>());
            self.chunks[index].store(slots.as_ptr().cast_mut(), Ordering::Release);
            free.extend(slots);
        }
        free.pop_front().map(|slot| &**slot)
    }

    /// Gives back a slot that [`take`](Pool::take) handed out and that is empty again.
    pub(super) fn give_back(&self, slot: &'static T) {
        if let Some(slot) = self.locate(std::ptr::from_ref(slot).cast()) {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push_back(slot);
        }
    }

    /// The handle of a slot.
    pub(super) fn handle(slot: &'static T) -> *mut c_void {
        std::ptr::from_ref(slot).cast_mut().cast()
    }

    /// The slot that a handle names, if it names one.
    #[inline]
    pub(super) fn find(&self, handle: *const c_void) -> Option<&'static T> {
        self.locate(handle).map(|slot| &**slot)
    }

    #[inline(always)]
    fn locate(&self, handle: *const c_void) -> Option<&'static Slot<T>> {
        // Nearly always it is one of the first chunk.
        self.locate_in(0, handle).or_else(|| self.locate_further(handle))
    }

    #[inline(never)]
    fn locate_further(&self, handle: *const c_void) -> Option<&'static Slot<T>> {
        (1..CHUNKS).find_map(|index| self.locate_in(index, handle))
    }

    #[inline(always)]
    fn locate_in(&self, index: usize, handle: *const c_void) -> Option<&'static Slot<T>> {
        let start = self.chunks[index].load(Ordering::Acquire);
        let offset = handle.addr().wrapping_sub(start.addr());
        if start.is_null()
            || offset >= (FIRST_CHUNK << index) * size_of::<Slot<T>>()
            || !offset.is_multiple_of(size_of::<Slot<T>>())
        {
            return None;
        }
        // SAFETY: the chunk was leaked with this many slots, and the offset is that of one of them.
        Some(unsafe { &*start.byte_add(offset) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static POOL: Pool<Mutex<Option<u32>>> = Pool::new();

    #[test]
    fn handles_name_slots_and_nothing_else_does() {
        let slot = POOL.take().expect("room");
        let handle = Pool::handle(slot);
        assert!(std::ptr::eq(POOL.find(handle).expect("a slot"), slot));
        let local = 0u64;
        for bad in [std::ptr::null(), std::ptr::dangling(), (&raw const local).cast(), handle.wrapping_byte_add(1)] {
            assert!(POOL.find(bad).is_none());
        }
        POOL.give_back(slot);
    }

    #[test]
    fn a_slot_rests_before_it_is_used_again() {
        static POOL: Pool<Mutex<Option<u32>>> = Pool::new();
        let first = Pool::handle(POOL.take().expect("room"));
        POOL.give_back(POOL.find(first).expect("a slot"));
        for _ in 1..FIRST_CHUNK {
            assert_ne!(Pool::handle(POOL.take().expect("room")), first);
        }
        assert_eq!(Pool::handle(POOL.take().expect("room")), first);
        assert!(POOL.take().is_some());
    }
}
