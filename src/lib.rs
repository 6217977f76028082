//! zmqrs: the ZeroMQ messaging library, written in Rust, with libzmq's C API and ABI.

pub mod error;
pub mod message;
pub mod options;
pub mod socket;
