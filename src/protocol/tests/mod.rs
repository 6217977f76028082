//! Promises of the protocol engine: two engines joined by in-memory queues, under any cuts of the bytes.

mod golden;
mod handshake;
mod memory;
mod random;
mod refusal;
mod sealed;
mod traffic;

use super::*;
use crate::message::Msg;
use crate::options::SocketType;

/// Every socket type with its name on the wire.
const TYPES: [(SocketType, &str); 11] = [
    (SocketType::Pair, "PAIR"),
    (SocketType::Pub, "PUB"),
    (SocketType::Sub, "SUB"),
    (SocketType::Req, "REQ"),
    (SocketType::Rep, "REP"),
    (SocketType::Dealer, "DEALER"),
    (SocketType::Router, "ROUTER"),
    (SocketType::Pull, "PULL"),
    (SocketType::Push, "PUSH"),
    (SocketType::Xpub, "XPUB"),
    (SocketType::Xsub, "XSUB"),
];

const VERSIONS: [Version; 4] = [Version::V1_0, Version::V2_0, Version::V3_0, Version::V3_1];

fn config(socket_type: SocketType) -> HandshakeConfig {
    HandshakeConfig {
        socket_type,
        routing_id: Vec::new(),
        metadata: Vec::new(),
        max_msg_size: None,
        presumes_v3: false,
    }
}

/// A greeting of version 3 or later.
fn greeting(major: u8, minor: u8, mechanism: &str) -> Vec<u8> {
    let mut bytes = vec![0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, major, minor];
    bytes.extend_from_slice(mechanism.as_bytes());
    bytes.resize(64, 0);
    bytes
}

/// A frame with a short header of version 2 or 3.
fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    [&[flags, u8::try_from(body.len()).unwrap()], body].concat()
}

/// A property of a READY command.
fn property(name: &str, value: &[u8]) -> Vec<u8> {
    [&[name.len() as u8], name.as_bytes(), &(value.len() as u32).to_be_bytes(), value].concat()
}

/// A READY command with these properties.
fn ready(properties: &[u8]) -> Vec<u8> {
    frame(4, &[b"\x05READY", properties].concat())
}

/// All that a peer sends in a handshake of that version.
fn hello(version: Version, socket_type: &str) -> Vec<u8> {
    let signature = b"\xff\0\0\0\0\0\0\0\x01\x7f";
    match version {
        Version::V1_0 => b"\x01\0".to_vec(),
        Version::V2_0 => [&signature[..], b"\x01\x05", b"\0\0"].concat(),
        Version::V3_0 | Version::V3_1 => {
            let minor = u8::from(version == Version::V3_1);
            [greeting(3, minor, "NULL"), ready(&property("Socket-Type", socket_type.as_bytes()))].concat()
        }
    }
}

/// The result of a handshake with a peer of that version.
fn establish(config: HandshakeConfig, version: Version, peer: &str) -> Established {
    let mut handshake = Handshake::new(config);
    let hello = hello(version, peer);
    assert_eq!(handshake.handle_bytes(&hello), Ok(hello.len()));
    let established = handshake.poll_established().unwrap();
    assert_eq!(established.version, version);
    established
}

/// The two ends of a connection of that version.
fn connection(version: Version) -> (Established, Established) {
    let left = establish(config(SocketType::Dealer), version, "DEALER");
    (left, establish(config(SocketType::Dealer), version, "DEALER"))
}

/// Passes what two handshakes have to say back and forth, `cut` bytes at a time, until both fall silent.
fn join(a: &mut Handshake, b: &mut Handshake, cut: usize) {
    loop {
        let (mut to_a, mut to_b) = (Vec::new(), Vec::new());
        if !a.poll_transmit(&mut to_b) & !b.poll_transmit(&mut to_a) {
            return;
        }
        to_a.chunks(cut).for_each(|bytes| assert_eq!(a.handle_bytes(bytes), Ok(bytes.len())));
        to_b.chunks(cut).for_each(|bytes| assert_eq!(b.handle_bytes(bytes), Ok(bytes.len())));
    }
}

fn transmit(handshake: &mut Handshake) -> Vec<u8> {
    let mut out = Vec::new();
    assert_eq!(handshake.poll_transmit(&mut out), !out.is_empty());
    out
}

fn msg(body: &[u8], more: bool) -> Msg {
    let mut msg = Msg::copy_of(body).unwrap();
    msg.set_more(more);
    msg
}

/// What a test compares of a decoded item.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Data(Vec<u8>, bool),
    Subscribe(Vec<u8>),
    Cancel(Vec<u8>),
    Ping(u16, Vec<u8>),
    Pong,
    Ignored,
}

impl From<Decoded> for Seen {
    fn from(decoded: Decoded) -> Seen {
        use crate::message::Role;
        match decoded {
            Decoded::Frame(msg) => match msg.role() {
                Role::Data => Seen::Data(msg.data().to_vec(), msg.more()),
                Role::Subscribe => Seen::Subscribe(msg.data().to_vec()),
                Role::Cancel => Seen::Cancel(msg.data().to_vec()),
                Role::RoutingId | Role::Batch | Role::Live => panic!("the wire has no such frame"),
            },
            Decoded::Ping { ttl, context } => Seen::Ping(ttl, context.as_slice().to_vec()),
            Decoded::Pong => Seen::Pong,
            Decoded::Ignored => Seen::Ignored,
        }
    }
}

/// Decodes all of `input`; the decoder must take all of it.
fn decode(decoder: &mut Decoder, mut input: &[u8]) -> Result<Vec<Seen>, ProtocolError> {
    let mut seen = Vec::new();
    while let Some(decoded) = decoder.decode(&mut input)? {
        seen.push(decoded.into());
    }
    assert!(input.is_empty(), "bytes left behind");
    Ok(seen)
}

/// What the hot path takes of `input` when at most `wanted` frames are wanted.
fn whole_frames(decoder: &mut Decoder, input: &mut &[u8], wanted: usize) -> Vec<Seen> {
    let mut seen = Vec::new();
    decoder.whole_frames(input, |msg| {
        seen.push(Decoded::Frame(msg).into());
        seen.len() < wanted
    });
    seen
}

/// Random numbers that are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % bound
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}
