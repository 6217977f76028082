//! zmqrs: the ZeroMQ messaging library, written in Rust, with libzmq's C API and ABI.

pub mod capi;
pub mod context;
pub mod socket;
pub mod connection;
pub mod reactor;
pub mod pipe;
pub mod transport;
pub mod protocol;
pub mod message;
pub mod options;
pub mod error;
pub mod sys;
pub mod util;
