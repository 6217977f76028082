//! The receive half of a connection after the handshake: bytes to frames.

use super::command::{self, Command, PingContext};
use super::error::ProtocolError;
use super::frame::{COMMAND, FrameReader, MORE, Whole};
use super::greeting::Version;
use super::mechanism::Open;
use crate::message::{Growing, Msg, Role};
use crate::options::SocketType;

/// From this size on, reading straight into a body saves more than an extra read costs.
const LARGE_BODY: usize = 8 * 1024;

/// What a peer sent.
#[derive(Debug)]
pub enum Decoded {
    /// A frame for the socket: user data with its MORE flag, or, on PUB and XPUB, a subscription that came as a
    /// command ([`Role::Subscribe`] and [`Role::Cancel`], content = topic). Subscriptions in message form are
    /// [`Role::Data`]: whether `01 topic` is one, the socket's pattern knows.
    Frame(Msg),
    /// To be answered by [`Encoder::pong`](super::Encoder::pong) with the same context.
    Ping {
        /// The peer asks to be given up when it was silent for this long, in steps of 100 ms; 0: it does not ask.
        ttl: u16,
        /// What the PONG is to carry.
        context: PingContext,
    },
    /// The answer to a PING.
    Pong,
    /// A command that means nothing here: unknown, out of place after the handshake, or not for this socket type.
    Ignored,
}

/// Takes frames out of what a peer sends. Between frames it holds no memory of its own.
pub struct Decoder {
    reader: FrameReader,
    /// What undoes the mechanism's transformation of each frame; NULL and PLAIN have none.
    open: Option<Box<dyn Open>>,
    /// Whether this socket takes subscriptions.
    publishes: bool,
    /// Whether they may come as commands that nothing hides.
    plain_subscriptions: bool,
}

impl Decoder {
    pub(super) fn new(
        version: Version,
        socket_type: SocketType,
        max_msg_size: Option<u64>,
        open: Option<Box<dyn Open>>,
    ) -> Decoder {
        let publishes = matches!(socket_type, SocketType::Pub | SocketType::Xpub);
        Decoder {
            reader: FrameReader::new(version, max_msg_size, open.is_none()),
            plain_subscriptions: publishes && version >= Version::V3_0 && open.is_none(),
            open,
            publishes,
        }
    }

    /// The hot path: takes frames out of `input` and gives them to `sink` for as long as they are user data, all there,
    /// and wanted (`sink` returns true to have the next one). What it leaves is for [`decode`](Decoder::decode), after
    /// which there may be more for this one.
    ///
    /// Does nothing that `decode` would not do. But a small frame stays in registers until `sink` stores it, where
    /// `decode` has to wrap it three times.
    #[inline]
    pub fn whole_frames(&mut self, input: &mut &[u8], mut sink: impl FnMut(Msg) -> bool) {
        loop {
            let wanted = if let Some(msg) = self.tiny_frame(input) {
                sink(msg)
            } else if let Some(frame) = self.reader.short(input) {
                let Some(msg) = take(frame, input) else { return };
                sink(msg)
            } else {
                let Some(msg) = self.long_frame(input) else { return };
                sink(msg)
            };
            if !wanted {
                return;
            }
        }
    }

    /// How many bytes at the start of `input` are whole messages of small frames, at most `most` of them, and how many
    /// messages that is: so that they can go on as they are.
    #[inline]
    pub fn whole_messages(&self, input: &[u8], most: usize) -> (usize, u32) {
        self.reader.whole_messages(input, most)
    }

    #[inline]
    fn tiny_frame(&self, input: &mut &[u8]) -> Option<Msg> {
        let (flags, window, len) = self.reader.tiny(input)?;
        let mut msg = Msg::from_window(window, len);
        msg.set_more(flags & MORE != 0);
        *input = &input[2 + usize::from(len)..];
        Some(msg)
    }

    #[inline(never)]
    fn long_frame(&self, input: &mut &[u8]) -> Option<Msg> {
        take(self.reader.long(input)?, input)
    }

    /// Takes the next frame out of `input` and advances it. `None`: all of `input` was taken and more is needed.
    ///
    /// # Errors
    /// The connection cannot go on. What the decoder returns after that is meaningless, though memory-safe and finite.
    #[inline]
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Decoded>, ProtocolError> {
        if self.plain_subscriptions
            && let Some(msg) = self.short_subscription(input)
        {
            return Ok(Some(Decoded::Frame(msg)));
        }
        if let Some(msg) = self.reader.short(input).and_then(|frame| take(frame, input)) {
            return Ok(Some(Decoded::Frame(msg)));
        }
        match self.long_frame(input) {
            Some(msg) => Ok(Some(Decoded::Frame(msg))),
            None => self.decode_any(input),
        }
    }

    /// The large body that is under way, so that the caller can read from the kernel straight into it. When it is
    /// complete, [`decode`](Decoder::decode) returns its frame, also with an empty input.
    #[inline]
    pub fn large_body(&mut self) -> Option<&mut Growing> {
        self.reader.large_body(LARGE_BODY)
    }

    /// The short cut for a subscription, or the end of one, that is all there: subscribers send thousands in a row.
    #[inline]
    fn short_subscription(&self, input: &mut &[u8]) -> Option<Msg> {
        let Whole { body, rest, .. } = self.reader.short_command(input)?;
        let (role, topic) = if let Some(topic) = body.strip_prefix(command::SUBSCRIBE_HEAD) {
            (Role::Subscribe, topic)
        } else {
            (Role::Cancel, body.strip_prefix(command::CANCEL_HEAD)?)
        };
        let msg = subscription(role, topic).ok()?;
        *input = rest;
        Some(msg)
    }

    #[inline(never)]
    fn decode_any(&mut self, input: &mut &[u8]) -> Result<Option<Decoded>, ProtocolError> {
        let Some(mut frame) = self.reader.next(input)? else { return Ok(None) };
        if let Some(open) = &mut self.open {
            frame = open.open(frame)?;
        }
        if frame.flags & COMMAND != 0 {
            return self.command(frame.body.data()).map(Some);
        }
        let mut msg = frame.body;
        msg.set_more(frame.flags & MORE != 0);
        Ok(Some(Decoded::Frame(msg)))
    }

    /// Reads a command, whether or not it claims that more frames follow.
    #[cold]
    fn command(&self, body: &[u8]) -> Result<Decoded, ProtocolError> {
        if self.reader.version() < Version::V3_0 {
            return Ok(Decoded::Ignored);
        }
        Ok(match command::parse(body) {
            Command::Ping { ttl, context } => Decoded::Ping { ttl, context },
            Command::Pong => Decoded::Pong,
            Command::Subscribe(topic) if self.publishes => Decoded::Frame(subscription(Role::Subscribe, topic)?),
            Command::Cancel(topic) if self.publishes => Decoded::Frame(subscription(Role::Cancel, topic)?),
            _ => Decoded::Ignored,
        })
    }
}

/// The frame's message, and `input` advanced past it. `None` without memory: the slow path finds the same frame and
/// says so.
#[inline]
fn take<'a>(frame: Whole<'a>, input: &mut &'a [u8]) -> Option<Msg> {
    let msg = Msg::frame_of(frame.body, frame.flags & MORE != 0).ok()?;
    *input = frame.rest;
    Some(msg)
}

#[inline]
fn subscription(role: Role, topic: &[u8]) -> Result<Msg, ProtocolError> {
    let mut msg = Msg::copy_of(topic)?;
    msg.set_role(role);
    Ok(msg)
}
