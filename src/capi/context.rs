//! zmq_ctx_new(3), zmq_ctx_term(3), zmq_ctx_shutdown(3), zmq_ctx_set(3), zmq_ctx_get(3), zmq_init(3), zmq_term(3).

use std::ffi::{c_int, c_void};

use std::sync::{Arc, Mutex};

use crate::context::{Context, lock};
use crate::error::{Error, Result};

use super::boundary::{bytes, bytes_mut, call, place};
use super::slots::Pool;

static POOL: Pool<Mutex<Option<Arc<Context>>>> = Pool::new();

/// The context that a handle names.
pub(super) fn find(handle: *mut c_void) -> Result<Arc<Context>> {
    POOL.find(handle).and_then(|slot| lock(slot).clone()).ok_or(Error::FAULT)
}

fn create(unlimited: bool) -> Result<*mut c_void> {
    let slot = POOL.take().ok_or(Error::MFILE)?;
    *lock(slot) = Some(Context::new(unlimited));
    Ok(Pool::handle(slot))
}

/// Makes a context: what sockets live in, and what inproc endpoints are known to.
///
/// It starts no thread yet; the first endpoint of a socket that needs one does. Returns NULL on error. Errors: EMFILE.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_ctx_new() -> *mut c_void {
    call(|| create(false))
}

/// Ends a context: wakes blocked calls with ETERM, waits until each socket is closed and its messages are sent or
/// given up as ZMQ_LINGER says, and frees the context.
///
/// Returns 0, or -1. Errors: EFAULT (not a context), EINTR (a signal came; call again to go on waiting).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ctx_term(context: *mut c_void) -> c_int {
    call(|| terminate(context))
}

/// What zmq_ctx_term(), zmq_term() and zmq_ctx_destroy() do.
fn terminate(handle: *mut c_void) -> Result<()> {
    let slot = POOL.find(handle).ok_or(Error::FAULT)?;
    let context = lock(slot).clone().ok_or(Error::FAULT)?;
    context.terminate()?;
    // Two threads may have waited for the same end: one of them gives the slot back.
    if lock(slot).take_if(|held| Arc::ptr_eq(held, &context)).is_some() {
        POOL.give_back(slot);
    }
    Ok(())
}

/// Makes blocked and later calls on the context's sockets fail with ETERM, except zmq_close(), and returns at once.
///
/// The context still wants zmq_ctx_term(). Returns 0, or -1. Errors: EFAULT (not a context).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ctx_shutdown(context: *mut c_void) -> c_int {
    call(|| {
        find(context)?.shutdown();
        Ok(())
    })
}

/// Sets an option of a context, best before its first socket.
///
/// Returns 0, or -1. Errors: EINVAL (no such option, or not such a value), EFAULT (not a context).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ctx_set(context: *mut c_void, option: c_int, value: c_int) -> c_int {
    call(|| find(context)?.options().set_int(option, value))
}

/// The value of an option of a context.
///
/// Returns it, or -1. Errors: EINVAL (no such option), EFAULT (not a context).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ctx_get(context: *mut c_void, option: c_int) -> c_int {
    call(|| find(context)?.options().get_int(option))
}

/// Makes a context with `io_threads` I/O threads, 0 or more; with none, only inproc works.
///
/// Returns NULL on error. Errors: EINVAL (less than 0).
///
/// A program compiled with this header gets a context as 2.1 made it, whose sockets have no high-water mark until they
/// set one: programs that call zmq_init() were written for that. The symbol zmq_init, which programs compiled with
/// another header call, sets the marks of zmq_ctx_new().
/// cbindgen:postfix=ZMQRS_NAMED("zmqrs_init21")
#[unsafe(no_mangle)]
pub extern "C" fn zmq_init(io_threads: c_int) -> *mut c_void {
    call(|| init(io_threads, Marks::Of4))
}

/// What zmq_init() is in a program compiled with this header.
#[unsafe(no_mangle)]
pub extern "C" fn zmqrs_init21(io_threads: c_int) -> *mut c_void {
    call(|| init(io_threads, Marks::Of21))
}

/// The high-water marks that a context gives to its sockets.
enum Marks {
    /// 1000 messages.
    Of4,
    /// No limit.
    Of21,
}

fn init(io_threads: c_int, marks: Marks) -> Result<*mut c_void> {
    if io_threads < 0 {
        return Err(Error::INVAL);
    }
    let handle = create(matches!(marks, Marks::Of21))?;
    find(handle)?.options().io_threads = io_threads;
    Ok(handle)
}

/// The name of zmq_ctx_term() in 2.x.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_term(context: *mut c_void) -> c_int {
    call(|| terminate(context))
}

/// The name of zmq_ctx_term() in 3.x.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ctx_destroy(context: *mut c_void) -> c_int {
    call(|| terminate(context))
}

/// Sets an option of a context whose value need not be an int: `size` bytes at `value`.
///
/// Options that are an int want a size of 4; ZMQ_THREAD_NAME_PREFIX also takes a string of 1 to 16 bytes.
/// Returns 0, or -1. Errors: EINVAL (no such option, size or value), EFAULT (not a context, or `value` is NULL).
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ctx_set_ext(
    context: *mut c_void,
    option: c_int,
    value: *const c_void,
    size: usize,
) -> c_int {
    call(|| {
        // SAFETY: the caller's bytes.
        let value = unsafe { bytes(value, size) }?;
        find(context)?.options().set(option, Some(value))
    })
}

/// Reads an option of a context whose value need not be an int into the `*size` bytes at `value`.
///
/// Options that are an int want a size of 4; a string wants room for its NUL.
/// Returns 0, or -1. Errors: EINVAL (no such option or size), EFAULT (not a context, or a pointer is NULL).
#[cfg(zmq_draft)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ctx_get_ext(
    context: *mut c_void,
    option: c_int,
    value: *mut c_void,
    size: *mut usize,
) -> c_int {
    call(|| {
        // SAFETY: the caller's size and buffer, NULL or valid.
        let (size, out) = unsafe {
            let size = place(size)?;
            let out = bytes_mut(value, *size)?;
            (size, out)
        };
        *size = find(context)?.options().get(option, out)?;
        Ok(())
    })
}
