//! zmqrs: the ZeroMQ messaging library, written in Rust, with libzmq's C API and ABI.

pub mod capi;
pub mod error;
pub mod util;
