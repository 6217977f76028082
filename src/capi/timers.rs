//! zmq_timers(3): calls functions at intervals, when the program says so.
//!
//! The lists are safe to use from several threads and from their own handlers: no lock is held while a handler runs.

use std::ffi::{c_int, c_long, c_void};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::util::timers::{Timers, Unknown};

use super::boundary::{call, place};
use super::handles::Handles;
use super::types::zmq_timer_fn;

static LISTS: Handles<List> = Handles::new();

/// A list of timers with the clock that it goes by.
struct List {
    start: Instant,
    timers: Mutex<Timers<Handler>>,
}

/// What a timer calls.
#[derive(Clone, Copy)]
struct Handler {
    function: unsafe extern "C" fn(c_int, *mut c_void),
    arg: *mut c_void,
}

// SAFETY: the library never looks at what `arg` points to. It hands it to `function` on a thread on which the program
// called zmq_timers_execute; whether that thread may use it is the program's choice of thread.
unsafe impl Send for Handler {}

impl List {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn timers(&self) -> MutexGuard<'_, Timers<Handler>> {
        self.timers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Unknown> for Error {
    fn from(_: Unknown) -> Error {
        Error::INVAL
    }
}

/// An interval of the C API, in milliseconds.
fn milliseconds(interval: usize) -> Duration {
    Duration::from_millis(u64::try_from(interval).unwrap_or(u64::MAX))
}

/// Makes an empty list of timers. Never fails.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_timers_new() -> *mut c_void {
    call(|| Ok(LISTS.insert(List { start: Instant::now(), timers: Mutex::default() })))
}

/// Frees a list of timers and sets the pointer to it to NULL.
///
/// Returns 0, or -1. Errors: EFAULT (not a list of timers).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_timers_destroy(timers_p: *mut *mut c_void) -> c_int {
    call(|| {
        // SAFETY: the caller's pointer, NULL or valid.
        let timers = unsafe { place(timers_p) }?;
        LISTS.remove(*timers)?;
        *timers = std::ptr::null_mut();
        Ok(())
    })
}

/// Adds a timer that calls `handler` with its number and `arg` each `interval` milliseconds.
///
/// Returns its number, 1 or more, or -1. Errors: EFAULT (not a list of timers, or no handler), ENOMEM (all numbers are
/// used up).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_timers_add(
    timers: *mut c_void,
    interval: usize,
    handler: zmq_timer_fn,
    arg: *mut c_void,
) -> c_int {
    call(|| {
        let list = LISTS.get(timers)?;
        let handler = Handler { function: handler.ok_or(Error::FAULT)?, arg };
        list.timers().add(list.now(), milliseconds(interval), handler).ok_or(Error::NOMEM)
    })
}

/// Takes a timer out of its list.
///
/// Returns 0, or -1. Errors: EINVAL (no such timer), EFAULT (not a list of timers).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_timers_cancel(timers: *mut c_void, timer_id: c_int) -> c_int {
    call(|| Ok(LISTS.get(timers)?.timers().cancel(timer_id)?))
}

/// Gives a timer another interval, in milliseconds, which begins now.
///
/// Returns 0, or -1. Errors: EINVAL (no such timer), EFAULT (not a list of timers).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_timers_set_interval(timers: *mut c_void, timer_id: c_int, interval: usize) -> c_int {
    call(|| {
        let list = LISTS.get(timers)?;
        Ok(list.timers().set_interval(list.now(), timer_id, milliseconds(interval))?)
    })
}

/// Lets a timer's interval begin anew now.
///
/// Returns 0, or -1. Errors: EINVAL (no such timer), EFAULT (not a list of timers).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_timers_reset(timers: *mut c_void, timer_id: c_int) -> c_int {
    call(|| {
        let list = LISTS.get(timers)?;
        Ok(list.timers().reset(list.now(), timer_id)?)
    })
}

/// How many milliseconds it is until a timer is due: a time-out for zmq_poll().
///
/// Returns 0 if one is due, -1 if there is none, or on error. Errors: EFAULT (not a list of timers).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_timers_timeout(timers: *mut c_void) -> c_long {
    call(|| {
        let list = LISTS.get(timers)?;
        Ok(list.timers().poll_timeout(list.now()).map_or(-1, rounded_up))
    })
}

/// Milliseconds, rounded up, so that the timer is due when they are over.
fn rounded_up(duration: Duration) -> c_long {
    c_long::try_from(duration.as_micros().div_ceil(1000)).unwrap_or(c_long::MAX)
}

/// Calls the handlers of all timers that are due, each once, however late it is. A handler may change the list.
///
/// Returns 0, or -1. Errors: EFAULT (not a list of timers).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_timers_execute(timers: *mut c_void) -> c_int {
    call(|| {
        let list = LISTS.get(timers)?;
        execute(&list);
        Ok(())
    })
}

fn execute(list: &List) {
    let now = list.now();
    let due = list.timers().due(now);
    for id in due {
        let handler = list.timers().fire(now, id);
        if let Some(Handler { function, arg }) = handler {
            // SAFETY: the program gave this function to be called with this argument.
            unsafe { function(id, arg) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" fn count(_id: c_int, arg: *mut c_void) {
        // SAFETY: the tests give the address of a counter of theirs.
        unsafe { *arg.cast::<i32>() += 1 }
    }

    unsafe extern "C" fn cancel_itself(id: c_int, arg: *mut c_void) {
        // SAFETY: any handle is allowed.
        assert_eq!(unsafe { zmq_timers_cancel(arg, id) }, 0);
    }

    #[test]
    fn timers_that_are_due_call_their_handlers() {
        let mut calls = 0;
        // SAFETY: the counter outlives the list.
        unsafe {
            let mut timers = zmq_timers_new();
            assert_eq!(zmq_timers_timeout(timers), -1);
            assert_eq!(zmq_timers_add(timers, 0, Some(count), (&raw mut calls).cast()), 1);
            assert_eq!(zmq_timers_add(timers, 3_600_000, Some(count), (&raw mut calls).cast()), 2);
            assert_eq!(zmq_timers_timeout(timers), 0);
            assert_eq!(zmq_timers_execute(timers), 0);
            assert_eq!(zmq_timers_cancel(timers, 1), 0);
            assert!((3_590_000..=3_600_000).contains(&zmq_timers_timeout(timers)));
            assert_eq!(zmq_timers_execute(timers), 0);
            assert_eq!(zmq_timers_destroy(&raw mut timers), 0);
            assert!(timers.is_null());
        }
        assert_eq!(calls, 1);
    }

    #[test]
    fn a_handler_may_change_its_list() {
        // SAFETY: any handle is allowed.
        unsafe {
            let mut timers = zmq_timers_new();
            assert_eq!(zmq_timers_add(timers, 0, Some(cancel_itself), timers), 1);
            assert_eq!(zmq_timers_execute(timers), 0);
            assert_eq!(zmq_timers_timeout(timers), -1);
            assert_eq!(zmq_timers_destroy(&raw mut timers), 0);
        }
    }

    #[test]
    fn bad_handles_and_numbers_are_errors() {
        let mut nothing = std::ptr::null_mut();
        // SAFETY: any handle is allowed.
        unsafe {
            assert_eq!(zmq_timers_destroy(&raw mut nothing), -1);
            assert_eq!(zmq_timers_destroy(std::ptr::null_mut()), -1);
            assert_eq!(zmq_timers_execute((&raw mut nothing).cast()), -1);
            assert_eq!(Error::last_os(), Error::FAULT);
            let mut timers = zmq_timers_new();
            assert_eq!(zmq_timers_add(timers, 1, None, std::ptr::null_mut()), -1);
            assert_eq!(Error::last_os(), Error::FAULT);
            assert_eq!(zmq_timers_reset(timers, 1), -1);
            assert_eq!(Error::last_os(), Error::INVAL);
            assert_eq!(zmq_timers_destroy(&raw mut timers), 0);
        }
    }
}
