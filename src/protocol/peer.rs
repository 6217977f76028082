//! What peers tell each other about themselves: property lists, and which socket types go together.

use super::error::ProtocolError;
use crate::options::SocketType;

const SOCKET_TYPE: &[u8] = b"Socket-Type";
const IDENTITY: &[u8] = b"Identity";

/// What is known of a peer after the handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerProperties {
    /// The peer's socket type, if it told one.
    pub socket_type: Option<SocketType>,
    /// The routing id that the peer announced; empty if none.
    pub routing_id: Vec<u8>,
    /// All that a peer of version 3 told, Socket-Type and Identity included.
    pub properties: Properties,
}

/// A property list, checked when it came. Names are as the peer wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// `[name length: 1][name][value length: 4][value]`, repeated.
    encoded: Vec<u8>,
}

impl Properties {
    /// Checks a property list as it came.
    pub(super) fn parse(encoded: &[u8]) -> Result<Properties, ProtocolError> {
        let mut rest = encoded;
        while !rest.is_empty() {
            (_, _, rest) = split(rest).ok_or(ProtocolError::InvalidMetadata)?;
        }
        Ok(Properties { encoded: encoded.to_vec() })
    }

    /// Names and values in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = &self.encoded[..];
        std::iter::from_fn(move || {
            let (name, value, next) = split(rest)?;
            rest = next;
            Some((name, value))
        })
    }

    /// The values of the properties of that name, in whatever case the peer wrote it.
    pub fn values<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// First name, its value, and what follows them.
fn split(encoded: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (len, rest) = encoded.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*len))?;
    let (len, rest) = rest.split_first_chunk()?;
    let (value, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*len)).ok()?)?;
    Some((name, value, rest))
}

/// Appends one property.
pub(super) fn write_property(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.push(name.len() as u8);
    out.extend_from_slice(name);
    out.extend_from_slice(&(value.len() as u32).to_be_bytes());
    out.extend_from_slice(value);
}

/// Appends the properties of a socket in the order that libzmq uses.
pub(super) fn write_properties(
    socket_type: SocketType,
    routing_id: &[u8],
    more: &[(String, String)],
    out: &mut Vec<u8>,
) {
    write_property(SOCKET_TYPE, row(socket_type).name.as_bytes(), out);
    if row(socket_type).announces_identity {
        write_property(IDENTITY, routing_id, out);
    }
    for (name, value) in more {
        write_property(name.as_bytes(), value.as_bytes(), out);
    }
}

impl PeerProperties {
    /// What a peer of version 3 told, if its socket type goes with ours. One that tells no type is taken as it is; of
    /// several identities the last one counts.
    pub(super) fn check(ours: SocketType, properties: Properties) -> Result<PeerProperties, ProtocolError> {
        let mut socket_type = None;
        for name in properties.values(SOCKET_TYPE) {
            let found = row(ours).peers.iter().find(|peer| row(**peer).name.as_bytes() == name);
            socket_type = Some(*found.ok_or(ProtocolError::IncompatibleSocketType)?);
        }
        let routing_id = properties.values(IDENTITY).last().unwrap_or_default().to_vec();
        Ok(PeerProperties { socket_type, routing_id, properties })
    }
}

/// What the handshake needs to know of a socket type.
struct Row {
    name: &'static str,
    announces_identity: bool,
    peers: &'static [SocketType],
}

fn row(socket_type: SocketType) -> &'static Row {
    use SocketType as T;
    macro_rules! row {
        ($name:literal, $announces:literal, [$($peer:ident),*]) => {
            &const { Row { name: $name, announces_identity: $announces, peers: &[$(T::$peer),*] } }
        };
    }
    match socket_type {
        T::Pair => row!("PAIR", false, [Pair]),
        T::Pub => row!("PUB", false, [Sub, Xsub]),
        T::Sub => row!("SUB", false, [Pub, Xpub]),
        T::Req => row!("REQ", true, [Rep, Router]),
        T::Rep => row!("REP", false, [Req, Dealer]),
        T::Dealer => row!("DEALER", true, [Rep, Dealer, Router]),
        T::Router => row!("ROUTER", true, [Req, Dealer, Router]),
        T::Pull => row!("PULL", false, [Push]),
        T::Push => row!("PUSH", false, [Pull]),
        T::Xpub => row!("XPUB", false, [Sub, Xsub]),
        T::Xsub => row!("XSUB", false, [Pub, Xpub]),
    }
}
