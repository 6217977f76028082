//! zmq_stopwatch_start() and its kin, zmq_sleep(), zmq_threadstart(): what examples and benchmarks need.

use std::ffi::{c_int, c_ulong, c_void};
use std::mem::MaybeUninit;
use std::time::Instant;

use crate::error::{Error, Result};

use super::boundary::call;
use super::handles::Handles;
use super::types::zmq_thread_fn;

static WATCHES: Handles<Instant> = Handles::new();
static THREADS: Handles<libc::pthread_t> = Handles::new();

/// Starts a stopwatch.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_stopwatch_start() -> *mut c_void {
    call(|| Ok(WATCHES.insert(Instant::now())))
}

/// The microseconds since a stopwatch was started; it goes on. 0 if it is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_stopwatch_intermediate(watch: *mut c_void) -> c_ulong {
    WATCHES.get(watch).map_or(0, |start| microseconds_since(&start))
}

/// The microseconds since a stopwatch was started; it is freed. 0 if it is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_stopwatch_stop(watch: *mut c_void) -> c_ulong {
    WATCHES.remove(watch).map_or(0, |start| microseconds_since(&start))
}

fn microseconds_since(start: &Instant) -> c_ulong {
    c_ulong::try_from(start.elapsed().as_micros()).unwrap_or(c_ulong::MAX)
}

/// Sleeps for a number of seconds, or until a signal comes.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_sleep(seconds: c_int) {
    let duration = libc::timespec { tv_sec: seconds.max(0).into(), tv_nsec: 0 };
    // SAFETY: a valid time, and NULL says that nobody wants to know what was left of it.
    unsafe { libc::nanosleep(&raw const duration, std::ptr::null_mut()) };
}

/// What a new thread is to do.
struct Start {
    function: unsafe extern "C-unwind" fn(*mut c_void),
    arg: *mut c_void,
}

/// Starts a thread that runs a function. Returns its handle, or NULL. Errors: EAGAIN, EFAULT (no function).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_threadstart(function: zmq_thread_fn, arg: *mut c_void) -> *mut c_void {
    call(|| Ok(THREADS.insert(spawn(Start { function: function.ok_or(Error::FAULT)?, arg })?)))
}

/// The thread is made by the system's own call and not by std's: the function may leave by pthread_exit(), which
/// unwinds the stack and must find no frame of std that would stop it.
fn spawn(start: Start) -> Result<libc::pthread_t> {
    let start = Box::into_raw(Box::new(start));
    let mut thread = MaybeUninit::uninit();
    // SAFETY: a place for the thread, default attributes, and a function that takes over the box it is given.
    let failed = unsafe { pthread_create(thread.as_mut_ptr(), std::ptr::null(), run, start.cast()) };
    if failed != 0 {
        // SAFETY: there is no thread, so the box is still ours.
        drop(unsafe { Box::from_raw(start) });
        return Err(Error(failed));
    }
    // SAFETY: pthread_create wrote it, since it did not fail.
    Ok(unsafe { thread.assume_init() })
}

unsafe extern "C" {
    /// As in the system's threads, but for a function that may be unwound.
    fn pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        function: unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void,
        arg: *mut c_void,
    ) -> c_int;
}

/// Runs in the new thread. It owns nothing while the program's function runs, so that it can be unwound.
unsafe extern "C-unwind" fn run(start: *mut c_void) -> *mut c_void {
    // SAFETY: spawn made this box and gave it away.
    let Start { function, arg } = *unsafe { Box::from_raw(start.cast::<Start>()) };
    // SAFETY: the program gave this function to be called with this argument.
    unsafe { function(arg) };
    std::ptr::null_mut()
}

/// Waits until a thread of zmq_threadstart() has ended, and frees its handle. What is no such handle is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_threadclose(thread: *mut c_void) {
    if let Ok(thread) = THREADS.remove(thread) {
        // SAFETY: the thread was started and not joined yet, since its handle was in the table until now.
        unsafe { libc::pthread_join(*thread, std::ptr::null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C-unwind" fn set(arg: *mut c_void) {
        // SAFETY: the test gives the address of its flag, and waits for the thread.
        unsafe { *arg.cast::<bool>() = true }
    }

    unsafe extern "C-unwind" fn exit(arg: *mut c_void) {
        // SAFETY: as above; then the thread ends the way C programs may.
        unsafe {
            *arg.cast::<bool>() = true;
            libc::pthread_exit(std::ptr::null_mut());
        }
    }

    #[test]
    fn a_thread_runs_its_function_and_close_waits_for_it() {
        for function in [set as unsafe extern "C-unwind" fn(_), exit] {
            let mut done = false;
            // SAFETY: the flag outlives the thread.
            unsafe {
                let thread = zmq_threadstart(Some(function), (&raw mut done).cast());
                assert!(!thread.is_null());
                zmq_threadclose(thread);
                zmq_threadclose(thread);
            }
            assert!(done);
        }
    }

    #[test]
    fn a_thread_without_a_function_is_an_error() {
        // SAFETY: NULL is allowed.
        assert!(unsafe { zmq_threadstart(None, std::ptr::null_mut()) }.is_null());
        assert_eq!(Error::last_os(), Error::FAULT);
    }

    #[test]
    fn a_stopwatch_counts_until_it_is_stopped() {
        // SAFETY: any handle is allowed.
        unsafe {
            let watch = zmq_stopwatch_start();
            let first = zmq_stopwatch_intermediate(watch);
            assert!(zmq_stopwatch_stop(watch) >= first);
            assert_eq!(zmq_stopwatch_stop(watch), 0);
            assert_eq!(zmq_stopwatch_stop(std::ptr::null_mut()), 0);
        }
    }
}
