//! The C API: the sole place where a caller's raw pointer is touched.
//!
//! One file a family of man pages. An entry converts its arguments, makes one call into the library and converts the
//! result back; [`boundary`] says once how an error becomes -1 or NULL and an errno, and keeps panics on this side.
//! `include/zmq.h` is generated from these files, comments included, so the comments address the reader of the header:
//! units, ranges, errors. The order of the modules is the order of the header.
//!
//! What a caller owes every function: a pointer is NULL or points to what its type and the comment say, for the
//! duration of the call. Handles are checked, also stale ones. That contract is the `# Safety` section of all of them.
#![allow(clippy::missing_safety_doc, reason = "the module's comment states the contract, once")]

mod boundary;
pub mod constants;
mod handles;
mod slots;

pub mod types;

pub mod version;

pub mod context;

pub mod message;

pub mod socket;

pub mod transfer;

pub mod monitor;

pub mod poll;

#[cfg(zmq_draft)]
pub mod poller;

pub mod proxy;

pub mod curve;

pub mod timers;

pub mod atomic;

pub mod thread;

pub mod compat21;
