//! Handles that are numbers in a table, for objects that are rarely used: timers, stopwatches, threads, pollers.
//!
//! A C program can hand in anything as a handle: NULL, garbage, one that it destroyed. A table finds each of these out
//! without looking at the memory that the pointer names. A number is never given twice, so a stale handle stays
//! invalid. The price is a lock a call, which sockets and messages could not pay; they carry tags instead.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};

/// The objects of one kind that C programs hold.
pub(super) struct Handles<T> {
    table: Mutex<Table<T>>,
}

type Table<T> = BTreeMap<usize, Arc<T>>;

/// The handle given last, by any table: so that a handle of one kind is not one of another kind too.
static LAST: AtomicUsize = AtomicUsize::new(0);

/// Distance between two handles: they look like aligned pointers, and no handle is a neighbour plus one.
const STEP: usize = 16;

impl<T> Handles<T> {
    /// An empty table.
    pub(super) const fn new() -> Handles<T> {
        Handles { table: Mutex::new(BTreeMap::new()) }
    }

    /// Takes an object in and returns its handle, never NULL.
    pub(super) fn insert(&self, object: T) -> *mut c_void {
        let number = LAST.fetch_add(STEP, Ordering::Relaxed) + STEP;
        self.lock().insert(number, Arc::new(object));
        std::ptr::without_provenance_mut(number)
    }

    /// The object of a handle; EFAULT if there is none. It lives on while it is in use here, whoever removes it.
    pub(super) fn get(&self, handle: *mut c_void) -> Result<Arc<T>> {
        self.lock().get(&handle.addr()).cloned().ok_or(Error::FAULT)
    }

    /// Gives a handle up; EFAULT if it is none.
    pub(super) fn remove(&self, handle: *mut c_void) -> Result<Arc<T>> {
        self.lock().remove(&handle.addr()).ok_or(Error::FAULT)
    }

    /// The table is consistent between any two of its operations, so a panic elsewhere says nothing about it.
    fn lock(&self) -> MutexGuard<'_, Table<T>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_valid_from_insert_to_remove() {
        let handles = Handles::new();
        let (a, b) = (handles.insert('a'), handles.insert('b'));
        assert!(!a.is_null() && a != b);
        assert_eq!(handles.get(a).as_deref(), Ok(&'a'));
        assert_eq!(handles.remove(a).as_deref(), Ok(&'a'));
        assert_eq!(handles.get(a), Err(Error::FAULT));
        assert_eq!(handles.remove(a), Err(Error::FAULT));
        assert_eq!(handles.get(b).as_deref(), Ok(&'b'));
    }

    #[test]
    fn null_garbage_and_stale_handles_are_refused() {
        let handles = Handles::new();
        let first = handles.insert(());
        handles.remove(first).expect("it was inserted");
        let second = handles.insert(());
        assert_ne!(first, second);
        for bad in [std::ptr::null_mut(), first, second.wrapping_byte_add(1), (&raw const handles).cast_mut().cast()] {
            assert_eq!(handles.get(bad), Err(Error::FAULT));
        }
    }
}
