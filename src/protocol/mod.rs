//! ZMTP, the protocol of ZeroMQ on byte streams, as state machines without I/O: 3.1, 3.0, 2.0 and 1.0.
//!
//! Nothing here reads a descriptor, starts a thread or looks at a clock. Bytes go in by `handle_bytes` and `decode`,
//! come out by `poll_transmit` and `encode`, and the caller owns the buffers. A connection lives twice:
//!
//! 1. a [`Handshake`] agrees with the peer on version and mechanism and learns the peer's properties. What a peer can
//!    make it hold is limited to a few KiB;
//! 2. [`Established`] hands over a [`Decoder`] and an [`Encoder`], which know nothing of each other, so that the two
//!    directions of a connection can be driven by two threads.
//!
//! ```text
//!   bytes -> Handshake -> Established { Decoder, Encoder, PeerProperties }
//!               |
//!            Mechanism            bytes -> Decoder -> Decoded { Frame, Ping, Pong, Ignored }
//!     (NULL; others by trait)     Msg   -> Encoder -> bytes
//! ```
//!
//! Not here: which socket gets a frame, when a PING is due, what happens after an error. Those are the connection's.

#![forbid(unsafe_code)]

mod command;
mod decoder;
mod encoder;
mod error;
mod frame;
mod greeting;
mod handshake;
mod mechanism;
mod peer;

pub use command::PingContext;
pub use decoder::{Decoded, Decoder};
pub use encoder::Encoder;
pub use error::ProtocolError;
pub use greeting::Version;
pub use handshake::{Established, Handshake, HandshakeConfig};
pub use peer::{PeerProperties, Properties};

#[cfg(test)]
mod tests;
