//! Connections: the bytes of one peer, from the descriptor to the pipes and back.
//!
//! A [`Session`] is what stands between a socket and one peer: for an accepted connection as long as that lasts, for
//! a connecting endpoint across all its reconnects. Its protocol engine is passive; whoever holds a half drives it:
//!
//! * the *send half* ([`send`]) owns the reading end of the outgoing pipe and the encoder;
//! * the *receive half* ([`recv`]) owns the writing end of the incoming pipe, the handshake or decoder, and the life
//!   cycle: it alone decides that a connection is established, lost, or over.
//!
//! Each half is a [`Turn`](crate::sys::turn::Turn): a thread that comes while another works on it leaves word and
//! goes on. News for a half are left in atomic flags and an outbox *before* the turn is asked for. Order:
//! the receive half may drive the send half while it holds its own turn, never the other way round. No socket is
//! called from here: it is told through its mailbox.

mod acquaintance;
mod envelope;
mod listener;
mod outbox;
mod recv;
mod send;
mod session;

pub use acquaintance::Acquaintances;
pub use listener::Listening;
pub use session::{Attachment, Guard, Plug, Session, Setup};
