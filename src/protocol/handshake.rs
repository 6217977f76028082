//! The handshake: greeting, then the mechanism's commands (version 3) or an identity frame (versions 1 and 2).

use super::decoder::Decoder;
use super::encoder::Encoder;
use super::error::ProtocolError;
use super::frame::{self, COMMAND, Frame, FrameReader};
use super::greeting::{self, Greeting, Step, Version};
use super::mechanism::{Mechanism, Null, Ready, Transform};
use super::peer::{self, PeerProperties};
use crate::options::SocketType;

/// No frame of a handshake may be larger, whatever `max_msg_size` allows: a peer that is not yet known can hold no
/// more memory than this.
const FRAME_MAX: u64 = 8 * 1024;

/// What our side tells the peer, and what it takes from it.
#[derive(Clone, Debug)]
pub struct HandshakeConfig {
    /// Our socket type.
    pub socket_type: SocketType,
    /// Our routing id; may be empty.
    pub routing_id: Vec<u8>,
    /// Properties to announce (`ZMQ_METADATA`); names of at most 255 bytes.
    pub metadata: Vec<(String, String)>,
    /// `ZMQ_MAXMSGSIZE`; holds for the frames of the handshake, too.
    pub max_msg_size: Option<u64>,
    /// The peer was met before and spoke version 3: it is told all at once, which spares two of three round trips. If it
    /// turns out to be older now, the handshake fails, and [`presumed_too_much`](Handshake::presumed_too_much).
    pub presumes_v3: bool,
}

/// A connection that is ready for messages.
pub struct Established {
    /// The version that both sides speak.
    pub version: Version,
    /// What the peer told.
    pub peer: PeerProperties,
    /// The peer, which cannot subscribe, is to get all that this PUB or XPUB socket publishes.
    pub subscribe_all: bool,
    /// The receive half.
    pub decoder: Decoder,
    /// The send half.
    pub encoder: Encoder,
}

/// A connection that is not yet ready for messages.
///
/// Connecting and accepting sides do the same. Call [`poll_transmit`](Handshake::poll_transmit) at the start and after
/// every [`handle_bytes`](Handshake::handle_bytes), and also once more after [`Established`] was taken: its bytes come
/// before the first frame.
pub struct Handshake {
    config: HandshakeConfig,
    mechanism: Box<dyn Mechanism>,
    out: Vec<u8>,
    /// The peer was told more than it has shown to understand so far.
    presuming: bool,
    state: State,
}

/// What is awaited from the peer.
enum State {
    /// The greeting.
    Greeting(Greeting),
    /// Commands of the mechanism.
    Commands(Version, FrameReader),
    /// The frame with the identity of a peer of version 1 or 2.
    Identity(Identity, FrameReader),
    /// Nothing: the result waits to be taken.
    Complete(Box<Established>),
    /// Nothing: the result was taken.
    Taken,
    Failed(ProtocolError),
}

/// What is known of a peer of version 1 or 2 before its identity came.
#[derive(Clone, Copy)]
struct Identity {
    version: Version,
    /// The peer sent no greeting. Such a peer may be too old to forward subscriptions.
    unversioned: bool,
}

impl Handshake {
    /// A handshake with the NULL mechanism.
    #[must_use]
    pub fn new(config: HandshakeConfig) -> Handshake {
        let mut properties = Vec::new();
        peer::write_properties(config.socket_type, &config.routing_id, &config.metadata, &mut properties);
        Handshake::with_mechanism(config, Box::new(Null::new(&properties)))
    }

    /// A handshake with the given mechanism, which announces our properties itself.
    pub(super) fn with_mechanism(config: HandshakeConfig, mechanism: Box<dyn Mechanism>) -> Handshake {
        let mut out = Vec::with_capacity(greeting::GREETING_LEN);
        greeting::write_signature(config.routing_id.len(), &mut out);
        let presuming = config.presumes_v3;
        let mut handshake = Handshake { config, mechanism, out, presuming, state: State::Greeting(Greeting::new()) };
        if presuming {
            greeting::write_major(&mut handshake.out);
            greeting::write_rest(handshake.mechanism.name(), &mut handshake.out);
            // Commands look the same in all versions that have them.
            handshake.send_commands(Version::V3_1);
        }
        handshake
    }

    /// Whether the peer was told things that it may not have understood: a failure may be due to that.
    #[must_use]
    pub fn presumed_too_much(&self) -> bool {
        self.presuming
    }

    /// Takes bytes from the peer; returns how many. The rest, if any, belongs to the traffic after the handshake.
    ///
    /// # Errors
    /// The connection is to be closed. Later calls return the same error.
    pub fn handle_bytes(&mut self, input: &[u8]) -> Result<usize, ProtocolError> {
        let mut rest = input;
        while self.step(&mut rest).inspect_err(|error| self.state = State::Failed(*error))? {}
        Ok(input.len() - rest.len())
    }

    /// Appends what is to be sent now; false if that is nothing.
    pub fn poll_transmit(&mut self, out: &mut Vec<u8>) -> bool {
        let any = !self.out.is_empty();
        out.append(&mut self.out);
        any
    }

    /// The result, once, when messages may flow in both directions.
    pub fn poll_established(&mut self) -> Option<Established> {
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Complete(established) => Some(*established),
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Takes the next part of the handshake out of `input`; false if there is nothing to take.
    fn step(&mut self, input: &mut &[u8]) -> Result<bool, ProtocolError> {
        match &mut self.state {
            State::Greeting(greeting) => {
                let Some((byte, rest)) = input.split_first() else { return Ok(false) };
                *input = rest;
                let step = greeting.push(*byte);
                self.greeted(step)?;
            }
            State::Commands(version, reader) => {
                let version = *version;
                let Some(frame) = reader.next(input)? else { return Ok(false) };
                self.command(version, &frame)?;
            }
            State::Identity(identity, reader) => {
                let identity = *identity;
                let Some(frame) = reader.next(input)? else { return Ok(false) };
                self.identity(identity, &frame);
            }
            State::Complete(_) | State::Taken => return Ok(false),
            State::Failed(error) => return Err(*error),
        }
        Ok(true)
    }

    fn greeted(&mut self, step: Step) -> Result<(), ProtocolError> {
        match step {
            Step::More => {}
            // All of this was told already.
            Step::TellMajor if self.presuming => {}
            Step::TellRest if self.presuming => self.presuming = false,
            Step::Unversioned | Step::TellType | Step::Old(_) if self.presuming => return Err(ProtocolError::Outdated),
            Step::TellMajor => greeting::write_major(&mut self.out),
            Step::TellRest => greeting::write_rest(self.mechanism.name(), &mut self.out),
            Step::Done(version) => {
                if let State::Greeting(greeting) = &self.state {
                    greeting.check_mechanism(self.mechanism.name())?;
                }
                self.state = State::Commands(version, self.frame_reader(version));
                self.send_commands(version);
            }
            Step::Unversioned => self.unversioned()?,
            Step::TellType => {
                self.require_unsecured()?;
                self.out.push(self.config.socket_type as u8);
            }
            Step::Old(version) => {
                frame::write_header(version, 0, self.config.routing_id.len(), &mut self.out);
                self.out.extend_from_slice(&self.config.routing_id);
                self.state = State::Identity(Identity { version, unversioned: false }, self.frame_reader(version));
            }
        }
        Ok(())
    }

    /// The peer sent the start of its identity frame where a greeting would be; our signature passes for the header
    /// of ours.
    fn unversioned(&mut self) -> Result<(), ProtocolError> {
        self.require_unsecured()?;
        self.out.extend_from_slice(&self.config.routing_id);
        let mut reader = self.frame_reader(Version::V1_0);
        let identity = Identity { version: Version::V1_0, unversioned: true };
        if let State::Greeting(greeting) = &self.state {
            // Complete already if it is empty and has a long header.
            if let Some(frame) = reader.next(&mut greeting.bytes())? {
                self.identity(identity, &frame);
                return Ok(());
            }
        }
        self.state = State::Identity(identity, reader);
        Ok(())
    }

    fn require_unsecured(&self) -> Result<(), ProtocolError> {
        if self.mechanism.allows_unsecured() { Ok(()) } else { Err(ProtocolError::Unsecured) }
    }

    fn frame_reader(&self, version: Version) -> FrameReader {
        let max = self.config.max_msg_size.map_or(FRAME_MAX, |max| max.min(FRAME_MAX));
        FrameReader::new(version, Some(max), false)
    }

    fn send_commands(&mut self, version: Version) {
        while let Some(body) = self.mechanism.poll_command() {
            frame::write_header(version, COMMAND, body.len(), &mut self.out);
            self.out.extend_from_slice(&body);
        }
    }

    fn command(&mut self, version: Version, frame: &Frame) -> Result<(), ProtocolError> {
        if frame.flags & COMMAND == 0 {
            return Err(ProtocolError::UnexpectedMessage);
        }
        self.mechanism.handle_command(frame.body.data())?;
        self.send_commands(version);
        if let Some(ready) = self.mechanism.poll_ready() {
            self.ready(version, ready)?;
        }
        Ok(())
    }

    fn ready(&mut self, version: Version, ready: Ready) -> Result<(), ProtocolError> {
        let peer = PeerProperties::check(self.config.socket_type, ready.properties)?;
        self.complete(version, peer, false, ready.transform);
        Ok(())
    }

    fn identity(&mut self, Identity { version, unversioned }: Identity, frame: &Frame) {
        if version > Version::V1_0 && frame.flags & COMMAND != 0 {
            return;
        }
        let peer = PeerProperties { routing_id: frame.body.data().to_vec(), ..PeerProperties::default() };
        let publishes = matches!(self.config.socket_type, SocketType::Pub | SocketType::Xpub);
        self.complete(version, peer, publishes && unversioned, None);
    }

    fn complete(&mut self, version: Version, peer: PeerProperties, subscribe_all: bool, transform: Option<Transform>) {
        let (seal, open) = transform.unzip();
        let decoder = Decoder::new(version, self.config.socket_type, self.config.max_msg_size, open);
        let encoder = Encoder::new(version, seal);
        self.state = State::Complete(Box::new(Established { version, peer, subscribe_all, decoder, encoder }));
    }
}
