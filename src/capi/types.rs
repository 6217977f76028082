//! The types of `zmq.h` that have a layout, and the callbacks.

#![allow(non_camel_case_types, reason = "they carry the names of the C API")]

use std::ffi::{c_int, c_short, c_uchar, c_void};

/// A message, or a frame of one: opaque, and to be initialised by one of zmq_msg_init(), zmq_msg_init_size(),
/// zmq_msg_init_data() and zmq_msg_init_buffer() before any other use. May be moved in memory by zmq_msg_move() only.
/// cbindgen:field-names=[_]
#[repr(C, align(8))]
pub struct zmq_msg_t {
    bytes: [c_uchar; 64],
}

const _: () = assert!(size_of::<zmq_msg_t>() == 64 && align_of::<zmq_msg_t>() == align_of::<*mut c_void>());

/// A descriptor of the operating system.
pub type zmq_fd_t = c_int;

/// What zmq_poll() waits for: a socket or, where socket is NULL, a descriptor.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct zmq_pollitem_t {
    /// The socket, or NULL.
    pub socket: *mut c_void,
    /// The descriptor; of no meaning beside a socket.
    pub fd: zmq_fd_t,
    /// The events asked for: a mask of ZMQ_POLLIN, ZMQ_POLLOUT, ZMQ_POLLERR, ZMQ_POLLPRI.
    pub events: c_short,
    /// Written by zmq_poll(): the events that are there.
    pub revents: c_short,
}

/// What zmq_poller_wait() tells of a socket or a descriptor that is ready.
#[cfg(zmq_draft)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct zmq_poller_event_t {
    /// The socket, or NULL for a descriptor.
    pub socket: *mut c_void,
    /// The descriptor, or -1 for a socket.
    pub fd: zmq_fd_t,
    /// What was given to zmq_poller_add() or zmq_poller_add_fd().
    pub user_data: *mut c_void,
    /// The events that are there.
    pub events: c_short,
}

/// Frees the memory of a message: gets the data and hint of zmq_msg_init_data(). C has the function type.
pub type zmq_free_fn = Option<unsafe extern "C" fn(data: *mut c_void, hint: *mut c_void)>;

/// Called by zmq_timers_execute() with the timer's number and the argument of zmq_timers_add().
pub type zmq_timer_fn = Option<unsafe extern "C" fn(timer_id: c_int, arg: *mut c_void)>;

/// Run by zmq_threadstart(). It may end by pthread_exit(), hence the unwinding.
pub type zmq_thread_fn = Option<unsafe extern "C-unwind" fn(arg: *mut c_void)>;
