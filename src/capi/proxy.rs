//! zmq_proxy(3), zmq_proxy_steerable(3), and zmq_device() of 2.x.

use std::ffi::{c_int, c_void};

use crate::error::{Error, Result};

use crate::socket::proxy::Proxy;

use super::boundary::call;
use super::socket::cell;

/// What the three of them do: `capture` and `control` may be NULL.
fn forward(frontend: *mut c_void, backend: *mut c_void, capture: *mut c_void, control: *mut c_void) -> Result<()> {
    if frontend.is_null() || backend.is_null() {
        return Err(Error::FAULT);
    }
    let optional = |handle: *mut c_void| if handle.is_null() { Ok(None) } else { cell(handle).map(Some) };
    let (frontend, backend) = (cell(frontend)?, cell(backend)?);
    Proxy { frontend, backend, capture: optional(capture)?, control: optional(control)? }.run()
}

/// Passes messages on between two sockets, both ways, until the context ends; the two may be the same. Each message
/// also goes to `capture`, unless it is NULL.
///
/// Returns -1. Errors: ETERM, EINTR, EFAULT (a socket is NULL), ENOTSOCK.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_proxy(frontend: *mut c_void, backend: *mut c_void, capture: *mut c_void) -> c_int {
    call(|| forward(frontend, backend, capture, std::ptr::null_mut()))
}

/// zmq_proxy() that obeys the messages "PAUSE", "RESUME", "TERMINATE" and "STATISTICS" from a fourth socket.
///
/// Returns 0 after "TERMINATE", or -1. Errors: those of zmq_proxy().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_proxy_steerable(
    frontend: *mut c_void,
    backend: *mut c_void,
    capture: *mut c_void,
    control: *mut c_void,
) -> c_int {
    call(|| forward(frontend, backend, capture, control))
}

/// zmq_proxy() by its name of 2.x. The type, ZMQ_QUEUE or another, makes no difference.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_device(type_: c_int, frontend: *mut c_void, backend: *mut c_void) -> c_int {
    let _ = type_;
    call(|| forward(frontend, backend, std::ptr::null_mut(), std::ptr::null_mut()))
}
