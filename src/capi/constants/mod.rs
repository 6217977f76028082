//! The constants of `zmq.h`, in the header's order.
//!
//! This is where the numbers of the public interface are written down for the header generator. The values are
//! libzmq's and can never change: programs have them compiled in. Not here: what an option does (the option table)
//! or what an event means to the library (the monitor).

pub mod base;
pub mod events;
pub mod options;
pub mod v2;

#[cfg(zmq_draft)]
pub mod draft;
