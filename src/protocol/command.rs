//! Commands of ZMTP 3: a name of its own length, then data. `[name length: 1][name][data]`

use super::error::ProtocolError;

pub(super) const READY: &[u8] = b"READY";
pub(super) const ERROR: &[u8] = b"ERROR";
/// How a subscription begins, and the end of one, with the topic behind it.
pub(super) const SUBSCRIBE_HEAD: &[u8; 10] = b"\x09SUBSCRIBE";
pub(super) const CANCEL_HEAD: &[u8; 7] = b"\x06CANCEL";
pub(super) const PING: &[u8] = b"PING";
pub(super) const PONG: &[u8] = b"PONG";

/// A command that may come after the handshake.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command<'a> {
    Subscribe(&'a [u8]),
    Cancel(&'a [u8]),
    Ping { ttl: u16, context: PingContext },
    Pong,
    Other,
}

/// The context of a PING, to be sent back with the PONG: at most 16 bytes, what is beyond them is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PingContext {
    bytes: [u8; PingContext::MAX],
    len: u8,
}

impl PingContext {
    const MAX: usize = 16;

    fn new(data: &[u8]) -> PingContext {
        let len = data.len().min(PingContext::MAX);
        let mut bytes = [0; PingContext::MAX];
        bytes[..len].copy_from_slice(&data[..len]);
        PingContext { bytes, len: len as u8 }
    }

    /// The context's bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// Name and data of a command.
pub(super) fn split(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = body.split_first()?;
    rest.split_at_checked(usize::from(*len))
}

/// Reads a command that came after the handshake. A malformed one means nothing, as an unknown one.
pub(super) fn parse(body: &[u8]) -> Command<'_> {
    if let Some(topic) = body.strip_prefix(SUBSCRIBE_HEAD) {
        return Command::Subscribe(topic);
    }
    if let Some(topic) = body.strip_prefix(CANCEL_HEAD) {
        return Command::Cancel(topic);
    }
    match split(body) {
        Some((PING, data)) => ping(data),
        Some((PONG, _)) => Command::Pong,
        _ => Command::Other,
    }
}

/// A PING too short for its time to live asks for none.
fn ping(data: &[u8]) -> Command<'_> {
    match data.split_first_chunk() {
        Some((ttl, context)) => Command::Ping { ttl: u16::from_be_bytes(*ttl), context: PingContext::new(context) },
        None => Command::Ping { ttl: 0, context: PingContext::default() },
    }
}

/// The body of a READY command with these encoded properties.
pub(super) fn ready(properties: &[u8]) -> Vec<u8> {
    [&[READY.len() as u8], READY, properties].concat()
}

/// What the data of an ERROR command means: `[reason length: 1][reason]`, a reason that has a meaning being a status.
/// What follows the reason is ignored.
pub(super) fn refusal(data: &[u8]) -> ProtocolError {
    match split(data) {
        Some((b"300", _)) => ProtocolError::Refused(300),
        Some((b"400", _)) => ProtocolError::Refused(400),
        Some((b"500", _)) => ProtocolError::Refused(500),
        Some(_) => ProtocolError::Refused(0),
        None => ProtocolError::MalformedError,
    }
}
