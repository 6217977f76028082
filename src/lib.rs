//! zmqrs: the ZeroMQ messaging library, written in Rust, with libzmq's C API and ABI.
//!
//! The layers, each knowing only those below it:
//!
//! ```text
//!   capi         extern "C": convert, call, convert back
//!   context      zmq_ctx: counts and terminates sockets, owns the I/O threads
//!   socket       blocking send and receive, endpoints, events, polling, proxy
//!     pattern    one file a socket type        route   fair queue, load balance, distribution, subscriptions
//!   connection   one peer's bytes: two halves that any thread drives; dialling, listening
//!   reactor      I/O threads, and the sets of descriptors that application threads may lease from them
//!   pipe         lock-free queues of messages with high-water marks
//!   transport    byte streams by scheme          protocol   ZMTP as state machines without I/O
//!   message      zmq_msg_t                       options    the option tables
//!   error  util  sys
//! ```
//!
//! docs/architecture.md follows a message through them; docs/threading.md says what each thread may hold.

pub mod capi;
pub mod connection;
pub mod context;
pub mod error;
pub mod message;
pub mod options;
pub mod pipe;
pub mod protocol;
pub mod reactor;
pub mod socket;
pub mod sys;
pub mod transport;
pub mod util;
