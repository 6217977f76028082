//! The way over the C boundary, said once: an error becomes -1 or NULL and an errno, by the type of the result; a panic
//! becomes an error.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, Result};

/// How a Rust result looks in C: what stands for success and what for failure.
pub(super) trait Outcome {
    /// The type that the C function returns.
    type C;
    /// What the C function returns when errno tells why.
    const FAILED: Self::C;
    /// What the C function returns on success.
    fn success(self) -> Self::C;
}

impl Outcome for () {
    type C = c_int;
    const FAILED: c_int = -1;
    fn success(self) -> c_int {
        0
    }
}

/// A size in bytes. C tells it as an int; past that it says the largest one rather than something negative.
impl Outcome for usize {
    type C = c_int;
    const FAILED: c_int = -1;
    fn success(self) -> c_int {
        c_int::try_from(self).unwrap_or(c_int::MAX)
    }
}

macro_rules! as_it_is {
    ($($type:ty: $failed:expr;)*) => {
        $(impl Outcome for $type {
            type C = $type;
            const FAILED: $type = $failed;
            fn success(self) -> $type {
                self
            }
        })*
    };
}

as_it_is! {
    c_int: -1;
    c_long: -1;
    u32: 0;
    *mut c_void: std::ptr::null_mut();
    *mut c_char: std::ptr::null_mut();
    *mut u8: std::ptr::null_mut();
    *const c_char: std::ptr::null();
}

/// Runs the body of an entry and turns its result into what C expects.
///
/// A panic is a bug of ours, told on stderr by the panic hook. The caller gets EFAULT; its process goes on.
#[inline]
pub(super) fn call<T: Outcome>(body: impl FnOnce() -> Result<T>) -> T::C {
    let error = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(value)) => return value.success(),
        Ok(Err(error)) => error,
        Err(_panic) => Error::FAULT,
    };
    set_errno(error);
    T::FAILED
}

/// The body of an entry that the library does not have yet. `docs/compat.md` lists these calls, with what they wait for.
pub(super) fn not_yet<T>(_waits_for: &'static str) -> Result<T> {
    Err(Error::NOTSUP)
}

/// Leaves the error where C looks for it.
#[cold]
pub(super) fn set_errno(error: Error) {
    // SAFETY: the C library keeps an int for each thread, and this pointer to the calling thread's is always valid.
    unsafe { *errno_location() = error.0 }
}

#[cfg(any(target_os = "linux", target_os = "emscripten"))]
use libc::__errno_location as errno_location;

#[cfg(any(target_os = "macos", target_os = "ios", target_os = "freebsd"))]
use libc::__error as errno_location;

#[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
use libc::__errno as errno_location;

/// The bytes at `data`. NULL stands for no bytes, and is EFAULT for any other number of them.
///
/// # Safety
/// `data` is NULL or points to `size` readable bytes that nobody changes during `'a`.
pub(super) unsafe fn bytes<'a>(data: *const c_void, size: usize) -> Result<&'a [u8]> {
    match (data.is_null(), size) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Error::FAULT),
        // SAFETY: not NULL, and the caller vouches for the rest.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts(data.cast(), size) }),
    }
}

/// The caller's buffer; NULL is allowed for no bytes.
///
/// # Safety
/// `data` is NULL, or has `size` bytes that nobody else uses for the duration of the call.
pub(super) unsafe fn bytes_mut<'a>(data: *mut c_void, size: usize) -> Result<&'a mut [u8]> {
    match (data.is_null(), size) {
        (_, 0) => Ok(&mut []),
        (true, _) => Err(Error::FAULT),
        // SAFETY: not NULL, and the caller vouches for the rest.
        (false, _) => Ok(unsafe { std::slice::from_raw_parts_mut(data.cast(), size) }),
    }
}

/// The C string at `text`, or `missing` for NULL.
///
/// # Safety
/// `text` is NULL or points to a string that ends by NUL and that nobody changes during `'a`.
pub(super) unsafe fn string<'a>(text: *const c_char, missing: Error) -> Result<&'a CStr> {
    if text.is_null() {
        return Err(missing);
    }
    // SAFETY: not NULL, and the caller vouches for the rest.
    Ok(unsafe { CStr::from_ptr(text) })
}

/// The value at `place`, or EFAULT for NULL.
///
/// # Safety
/// `place` is NULL or points to a valid `T` that nobody else uses during `'a`.
pub(super) unsafe fn place<'a, T>(place: *mut T) -> Result<&'a mut T> {
    // SAFETY: as_mut answers NULL with None, and the caller vouches for the rest.
    unsafe { place.as_mut() }.ok_or(Error::FAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errno() -> i32 {
        Error::last_os().0
    }

    #[test]
    fn an_error_is_minus_one_or_null_and_an_errno() {
        assert_eq!(call(|| Err::<(), _>(Error::FSM)), -1);
        assert_eq!(errno(), 156_384_763);
        assert!(call(|| Err::<*mut c_void, _>(Error::NOMEM)).is_null());
        assert_eq!(errno(), libc::ENOMEM);
        assert_eq!(call(|| Err::<u32, _>(Error::INVAL)), 0);
    }

    #[test]
    fn success_leaves_errno_alone() {
        set_errno(Error::AGAIN);
        assert_eq!(call(|| Ok(())), 0);
        assert_eq!(call(|| Ok(7usize)), 7);
        assert_eq!(call(|| Ok(usize::MAX)), c_int::MAX);
        assert_eq!(errno(), libc::EAGAIN);
    }

    #[test]
    fn a_panic_ends_at_the_boundary() {
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let returned = call(|| -> Result<()> { panic!("a bug") });
        std::panic::set_hook(quiet);
        assert_eq!((returned, errno()), (-1, libc::EFAULT));
    }

    #[test]
    fn null_is_no_bytes_or_efault() {
        // SAFETY: NULL is what these take care of.
        unsafe {
            assert_eq!(bytes(std::ptr::null(), 0), Ok(&[][..]));
            assert_eq!(bytes(std::ptr::null(), 1), Err(Error::FAULT));
            assert_eq!(string(std::ptr::null(), Error::INVAL), Err(Error::INVAL));
            assert_eq!(place::<u8>(std::ptr::null_mut()), Err(Error::FAULT));
        }
    }
}
