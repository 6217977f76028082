//! What the fuzz targets share: a connection made from the first bytes of the input, and a receiver that is fed in
//! pieces and remembers what it saw.

use zmqrs::message::Role;
use zmqrs::options::SocketType;
use zmqrs::protocol::{Decoded, Decoder, Established, Handshake, HandshakeConfig, ProtocolError, Version};

const TYPES: [SocketType; 11] = [
    SocketType::Pair,
    SocketType::Pub,
    SocketType::Sub,
    SocketType::Req,
    SocketType::Rep,
    SocketType::Dealer,
    SocketType::Router,
    SocketType::Pull,
    SocketType::Push,
    SocketType::Xpub,
    SocketType::Xsub,
];

/// Splits off the first byte of the input; 0 when there is none.
pub fn byte(input: &mut &[u8]) -> u8 {
    match input.split_first() {
        Some((first, rest)) => {
            *input = rest;
            *first
        }
        None => 0,
    }
}

/// A handshake of some socket type, with some limit on the size of messages.
pub fn handshake(choice: u8) -> Handshake {
    let max_msg_size = [None, Some(0), Some(40), Some(300)][usize::from(choice >> 6)];
    let socket_type = TYPES[usize::from(choice & 0x0f) % TYPES.len()];
    Handshake::new(HandshakeConfig {
        socket_type,
        routing_id: b"fuzz".to_vec(),
        metadata: Vec::new(),
        max_msg_size,
        presumes_v3: false,
    })
}

/// What a peer of some version sends first; empty for a choice that leaves this to the input.
pub fn hello(choice: u8) -> Vec<u8> {
    let greeting = |minor: u8| {
        let mut bytes = [b"\xff\0\0\0\0\0\0\0\x01\x7f\x03", &[minor][..], b"NULL"].concat();
        bytes.resize(64, 0);
        bytes.extend_from_slice(b"\x04\x06\x05READY");
        bytes
    };
    match choice % 5 {
        0 => Vec::new(),
        1 => b"\x01\0".to_vec(),
        2 => b"\xff\0\0\0\0\0\0\0\x01\x7f\x01\x05\0\0".to_vec(),
        3 => greeting(0),
        _ => greeting(1),
    }
}

/// Pieces of an input: their lengths come from a sequence that a byte of the input starts.
pub struct Cuts(u32);

impl Cuts {
    /// 0: one piece.
    pub fn new(seed: u8) -> Cuts {
        Cuts(u32::from(seed))
    }

    /// Splits the next piece off; never an empty one unless `rest` is.
    pub fn next<'a>(&mut self, rest: &mut &'a [u8]) -> &'a [u8] {
        if self.0 == 0 {
            return std::mem::take(rest);
        }
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223) | 1;
        let most = if self.0 & 0x10_0000 == 0 { 4 } else { 300 };
        let (piece, after) = rest.split_at(rest.len().min(1 + (self.0 >> 22) as usize % most));
        *rest = after;
        piece
    }
}

/// One decoded item, comparable.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    Frame(Role, bool, Vec<u8>),
    Ping(u16, Vec<u8>),
    Pong,
    Ignored,
}

impl From<Decoded> for Seen {
    fn from(decoded: Decoded) -> Seen {
        match decoded {
            Decoded::Frame(msg) => Seen::Frame(msg.role(), msg.more(), msg.data().to_vec()),
            Decoded::Ping { ttl, context } => Seen::Ping(ttl, context.as_slice().to_vec()),
            Decoded::Pong => Seen::Pong,
            Decoded::Ignored => Seen::Ignored,
        }
    }
}

/// All that came of an input.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub sent: Vec<u8>,
    pub version: Option<Version>,
    pub seen: Vec<Seen>,
    pub error: Option<ProtocolError>,
}

/// Decodes a piece, by way of the hot path and of reading in place when `fast`.
pub fn decode(decoder: &mut Decoder, mut piece: &[u8], fast: bool, seen: &mut Vec<Seen>) -> Result<(), ProtocolError> {
    if fast && let Some(body) = decoder.large_body() {
        assert!(body.room().is_ok_and(|room| !room.is_empty()));
        piece = &piece[body.extend(piece).unwrap()..];
    }
    loop {
        if fast {
            decoder.whole_frames(&mut piece, |msg| {
                seen.push(Decoded::Frame(msg).into());
                !seen.len().is_multiple_of(3)
            });
        }
        match decoder.decode(&mut piece)? {
            Some(decoded) => seen.push(decoded.into()),
            None => break,
        }
    }
    assert!(piece.is_empty(), "bytes left behind");
    Ok(())
}

/// Feeds a whole connection in pieces.
pub fn receive(mut handshake: Handshake, mut input: &[u8], mut cuts: Cuts) -> Outcome {
    let fast = cuts.0 & 1 == 1;
    let mut outcome = Outcome::default();
    let mut established: Option<Established> = None;
    while !input.is_empty() && outcome.error.is_none() {
        let mut piece = cuts.next(&mut input);
        if established.is_none() {
            match handshake.handle_bytes(piece) {
                Ok(taken) => piece = &piece[taken..],
                Err(error) => outcome.error = Some(error),
            }
            established = handshake.poll_established();
            assert!(established.is_some() || outcome.error.is_some() || piece.is_empty(), "bytes left behind");
        }
        if let Some(Established { decoder, version, .. }) = &mut established {
            outcome.version = Some(*version);
            outcome.error = decode(decoder, piece, fast, &mut outcome.seen).err();
        }
    }
    handshake.poll_transmit(&mut outcome.sent);
    outcome
}
