//! The send half of a connection after the handshake: frames to bytes.

use super::command;
use super::frame::{self, COMMAND, MORE};
use super::greeting::Version;
use super::mechanism::Seal;
use crate::message::{Msg, Role, batch};

/// Writes frames in the form that the peer understands.
pub struct Encoder {
    version: Version,
    /// The mechanism's transformation of each frame; NULL and PLAIN have none.
    seal: Option<Box<dyn Seal>>,
}

impl Encoder {
    pub(super) fn new(version: Version, seal: Option<Box<dyn Seal>>) -> Encoder {
        Encoder { version, seal }
    }

    /// Appends the whole frame. Subscriptions become commands for a peer of version 3.1 and messages `01 topic` and
    /// `00 topic` for others.
    #[inline]
    pub fn encode(&mut self, msg: &Msg, out: &mut Vec<u8>) {
        if msg.is_data() {
            self.encode_data(msg.data(), msg.more(), out);
        } else {
            self.encode_any(msg, out);
        }
    }

    /// Appends a frame of user data, which another one of its message follows or not.
    #[inline]
    pub fn encode_data(&mut self, body: &[u8], more: bool, out: &mut Vec<u8>) {
        if self.seal.is_none() {
            frame::write_header(self.version, u8::from(more), body.len(), out);
            out.extend_from_slice(body);
        } else {
            self.frame(u8::from(more), &[body], out);
        }
    }

    /// Whether the bytes of a message go out as they are. If so, a large one may be sent as [`header`](Self::header)
    /// and content, without a copy; otherwise only [`encode`](Self::encode) will do.
    #[inline]
    pub fn is_transparent(&self) -> bool {
        self.seal.is_none()
    }

    /// Whether a batch goes out as it is, header and all.
    #[inline]
    pub fn takes_batches(&self) -> bool {
        self.seal.is_none() && self.version != Version::V1_0
    }

    /// Appends the header of a data frame, whose body the caller sends by itself.
    #[inline]
    pub fn header(&self, msg: &Msg, out: &mut Vec<u8>) {
        debug_assert!(msg.is_data() && self.is_transparent());
        frame::write_header(self.version, u8::from(msg.more()), msg.len(), out);
    }

    /// Appends a PING that asks the peer to give up after `ttl` times 100 ms of silence (0: not to). Peers of
    /// versions 1 and 2 get none.
    pub fn ping(&mut self, ttl: u16, out: &mut Vec<u8>) {
        self.command(command::PING, &ttl.to_be_bytes(), out);
    }

    /// Appends the answer to a PING.
    pub fn pong(&mut self, context: &[u8], out: &mut Vec<u8>) {
        self.command(command::PONG, context, out);
    }

    #[inline(never)]
    fn encode_any(&mut self, msg: &Msg, out: &mut Vec<u8>) {
        let (first, head): (u8, &[u8]) = match msg.role() {
            Role::Data => return self.encode_data(msg.data(), msg.more(), out),
            Role::Subscribe => (1, command::SUBSCRIBE_HEAD),
            Role::Cancel => (0, command::CANCEL_HEAD),
            // Meant for the socket's pattern; it has no form on the wire.
            Role::RoutingId => return,
            Role::Batch => return self.frames(msg.data(), out),
            // Only between two sockets.
            Role::Live => return,
        };
        if self.version >= Version::V3_1 {
            self.frame(COMMAND, &[head, msg.data()], out);
        } else {
            self.frame(0, &[&[first], msg.data()], out);
        }
    }

    /// The frames of a batch, in the form that this peer understands.
    fn frames(&mut self, mut frames: &[u8], out: &mut Vec<u8>) {
        if self.takes_batches() {
            return out.extend_from_slice(frames);
        }
        while let Some((flags, body, rest)) = batch::split(frames) {
            self.frame(flags & MORE, &[body], out);
            frames = rest;
        }
    }

    fn command(&mut self, name: &[u8], data: &[u8], out: &mut Vec<u8>) {
        if self.version >= Version::V3_0 {
            self.frame(COMMAND, &[&[name.len() as u8], name, data], out);
        }
    }

    fn frame(&mut self, flags: u8, body: &[&[u8]], out: &mut Vec<u8>) {
        if let Some(seal) = &mut self.seal {
            let (flags, body) = seal.seal(flags & (MORE | COMMAND), &body.concat());
            frame::write_header(self.version, flags, body.len(), out);
            out.extend_from_slice(&body);
            return;
        }
        frame::write_header(self.version, flags, body.iter().map(|part| part.len()).sum(), out);
        for part in body {
            out.extend_from_slice(part);
        }
    }
}
