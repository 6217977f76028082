//! zmq_atomic_counter_new(3) and its kin: a number that several threads may count.
//!
//! The handle is the counter's address, since these are to be quick: of bad handles, only NULL is noticed.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicI32, Ordering};

use super::boundary::{call, place};

/// The counter of a handle, if it is not NULL.
///
/// # Safety
/// `counter` is NULL or comes from zmq_atomic_counter_new() and is not destroyed during `'a`.
unsafe fn at<'a>(counter: *mut c_void) -> Option<&'a AtomicI32> {
    // SAFETY: as_ref answers NULL with None, and the caller vouches for the rest.
    unsafe { counter.cast::<AtomicI32>().as_ref() }
}

/// Makes a counter that stands at 0.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_atomic_counter_new() -> *mut c_void {
    call(|| Ok(Box::into_raw(Box::new(AtomicI32::new(0))).cast::<c_void>()))
}

/// Sets a counter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_atomic_counter_set(counter: *mut c_void, value: c_int) {
    // SAFETY: the caller's counter.
    if let Some(counter) = unsafe { at(counter) } {
        counter.store(value, Ordering::SeqCst);
    }
}

/// Adds 1 to a counter, past the largest number to the smallest. Returns what it was before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_atomic_counter_inc(counter: *mut c_void) -> c_int {
    // SAFETY: the caller's counter.
    unsafe { at(counter) }.map_or(0, |counter| counter.fetch_add(1, Ordering::SeqCst))
}

/// Takes 1 from a counter. Returns 0 if that makes it 0, else 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_atomic_counter_dec(counter: *mut c_void) -> c_int {
    // SAFETY: the caller's counter.
    unsafe { at(counter) }.map_or(0, |counter| (counter.fetch_sub(1, Ordering::SeqCst) != 1).into())
}

/// The value of a counter.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_atomic_counter_value(counter: *mut c_void) -> c_int {
    // SAFETY: the caller's counter.
    unsafe { at(counter) }.map_or(0, |counter| counter.load(Ordering::SeqCst))
}

/// Frees a counter and sets the pointer to it to NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_atomic_counter_destroy(counter_p: *mut *mut c_void) {
    // SAFETY: the caller's pointer, NULL or valid.
    let Ok(counter) = (unsafe { place(counter_p) }) else { return };
    if !counter.is_null() {
        // SAFETY: zmq_atomic_counter_new made it of a box, and the caller destroys it once.
        drop(unsafe { Box::from_raw(counter.cast::<AtomicI32>()) });
        *counter = std::ptr::null_mut();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inc_tells_the_old_value_and_dec_whether_any_is_left() {
        // SAFETY: one counter, destroyed at the end.
        unsafe {
            let mut counter = zmq_atomic_counter_new();
            assert_eq!(zmq_atomic_counter_inc(counter), 0);
            assert_eq!(zmq_atomic_counter_inc(counter), 1);
            assert_eq!(zmq_atomic_counter_dec(counter), 1);
            assert_eq!(zmq_atomic_counter_dec(counter), 0);
            assert_eq!(zmq_atomic_counter_dec(counter), 1);
            assert_eq!(zmq_atomic_counter_value(counter), -1);
            zmq_atomic_counter_set(counter, c_int::MAX);
            assert_eq!(zmq_atomic_counter_inc(counter), c_int::MAX);
            assert_eq!(zmq_atomic_counter_value(counter), c_int::MIN);
            zmq_atomic_counter_destroy(&raw mut counter);
            assert!(counter.is_null());
        }
    }

    #[test]
    fn null_is_harmless() {
        let mut null = std::ptr::null_mut();
        // SAFETY: NULL is allowed.
        unsafe {
            zmq_atomic_counter_set(null, 1);
            assert_eq!(zmq_atomic_counter_inc(null), 0);
            zmq_atomic_counter_destroy(&raw mut null);
            zmq_atomic_counter_destroy(std::ptr::null_mut());
        }
    }
}
