//! zmq_version(3), zmq_errno(3), zmq_strerror(3), zmq_has(3): what the library is, and what went wrong.

use std::ffi::{CStr, c_char, c_int};

use crate::error::Error;

use super::boundary::string;

/// The version of libzmq whose API and behaviour this library has.
const API_VERSION: [c_int; 3] = [4, 3, 5];

/// The capabilities that can be asked for, and whether they are built in.
///
/// The names of the WebSocket transports are in upper case in libzmq, so they are here.
const CAPABILITIES: &[(&CStr, bool)] = &[
    (c"ipc", cfg!(unix)),
    (c"pgm", false),
    (c"tipc", false),
    (c"norm", false),
    (c"curve", false),
    (c"gssapi", false),
    (c"vmci", false),
    (c"vsock", false),
    (c"WS", false),
    (c"WSS", false),
    (c"draft", false),
];

/// The error number that the last failed call on this thread left behind; the same as errno.
///
/// A call that succeeds leaves it alone.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_errno() -> c_int {
    Error::last_os().0
}

/// Says in words what an error number means, of this library's own or of the system's.
///
/// Never NULL. The text is not to be freed, and stays as it is until the next call on this thread.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_strerror(errnum: c_int) -> *const c_char {
    if let Some(text) = own_text(Error(errnum)) {
        return text.as_ptr();
    }
    // SAFETY: strerror takes any number. It may use the thread's own buffer again, as the comment above says.
    unsafe { libc::strerror(errnum) }
}

/// The errors that the system has no text for, or that libzmq words in its own way.
fn own_text(error: Error) -> Option<&'static CStr> {
    Some(match error {
        Error::FSM => c"Operation cannot be accomplished in current state",
        Error::NOCOMPATPROTO => c"The protocol is not compatible with the socket type",
        Error::TERM => c"Context was terminated",
        Error::MTHREAD => c"No thread available",
        Error::HOSTUNREACH => c"Host unreachable",
        _ => return None,
    })
}

/// Tells the version of libzmq whose API and behaviour this library has: 4, 3, 5.
///
/// Each of the three is written where its pointer is not NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_version(major: *mut c_int, minor: *mut c_int, patch: *mut c_int) {
    // SAFETY: the caller's pointers are NULL or valid.
    unsafe { tell([major, minor, patch], API_VERSION) }
}

/// Tells the version of zmqrs itself.
///
/// Each of the three is written where its pointer is not NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmqrs_version(major: *mut c_int, minor: *mut c_int, patch: *mut c_int) {
    // SAFETY: the caller's pointers are NULL or valid.
    unsafe { tell([major, minor, patch], OWN_VERSION) }
}

/// The version in the crate's manifest.
const OWN_VERSION: [c_int; 3] = [
    number(env!("CARGO_PKG_VERSION_MAJOR")),
    number(env!("CARGO_PKG_VERSION_MINOR")),
    number(env!("CARGO_PKG_VERSION_PATCH")),
];

/// The number that a decimal text stands for, when the crate is compiled.
const fn number(text: &str) -> c_int {
    match c_int::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("cargo gives versions as decimal numbers"),
    }
}

/// Writes a version.
///
/// # Safety
/// Each of `places` is NULL or can be written to.
unsafe fn tell(places: [*mut c_int; 3], version: [c_int; 3]) {
    for (place, number) in places.into_iter().zip(version) {
        if !place.is_null() {
            // SAFETY: not NULL, so the caller vouches for it.
            unsafe { place.write(number) }
        }
    }
}

/// Whether the library has a capability: "ipc", "pgm", "tipc", "norm", "curve", "gssapi", "vmci", "vsock", "WS", "WSS"
/// or "draft". The names are case-sensitive.
///
/// Returns 1 if it has, 0 if not, and for a name that it does not know.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_has(capability: *const c_char) -> c_int {
    // SAFETY: the caller's string is NULL or valid.
    let Ok(wanted) = (unsafe { string(capability, Error::INVAL) }) else { return 0 };
    CAPABILITIES.iter().any(|&(name, built_in)| built_in && name == wanted).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(code: c_int) -> &'static str {
        // SAFETY: zmq_strerror returns a C string that lives until the next call.
        unsafe { CStr::from_ptr(zmq_strerror(code)) }.to_str().expect("ASCII")
    }

    #[test]
    fn the_native_errors_have_their_texts() {
        assert_eq!(text(156_384_763), "Operation cannot be accomplished in current state");
        assert_eq!(text(156_384_764), "The protocol is not compatible with the socket type");
        assert_eq!(text(156_384_765), "Context was terminated");
        assert_eq!(text(156_384_766), "No thread available");
        assert_eq!(text(libc::EHOSTUNREACH), "Host unreachable");
        assert_eq!(text(0), "Success");
        assert_eq!(text(99_999), "Unknown error 99999");
    }

    #[test]
    fn a_version_is_written_where_there_is_a_place_for_it() {
        let mut minor = 0;
        // SAFETY: NULL or valid.
        unsafe { zmq_version(std::ptr::null_mut(), &raw mut minor, std::ptr::null_mut()) };
        assert_eq!(minor, 3);
    }

    #[test]
    fn capabilities_are_known_by_their_exact_name() {
        // SAFETY: C strings and NULL.
        unsafe {
            assert_eq!(zmq_has(c"ipc".as_ptr()), 1);
            assert_eq!(zmq_has(c"IPC".as_ptr()), 0);
            assert_eq!(zmq_has(c"gssapi".as_ptr()), 0);
            assert_eq!(zmq_has(c"".as_ptr()), 0);
            assert_eq!(zmq_has(std::ptr::null()), 0);
        }
    }
}
