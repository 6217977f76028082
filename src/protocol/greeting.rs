//! The greeting: which version the two peers speak, found out byte by byte.
//!
//! Each side sends no more than the other's version is known to bear: the 10-byte signature, which an old peer takes
//! for the header of an identity frame; then the major version; then what that version asks for.

use super::error::ProtocolError;

/// The version of the protocol that both peers speak on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// No properties, no commands, framing of its own; ZeroMQ 2.x.
    V1_0,
    /// Today's framing, no properties, no commands; ZeroMQ 3.x.
    V2_0,
    /// Properties and commands; ZeroMQ 4.0 to 4.1.
    V3_0,
    /// Subscriptions are commands.
    V3_1,
}

/// Length of the signature that a versioned greeting starts with.
pub(super) const SIGNATURE_LEN: usize = 10;
/// Length of the greeting of version 3.
pub(super) const GREETING_LEN: usize = 64;
/// The major version that we announce.
const MAJOR: u8 = 3;
/// The minor version that we announce.
const MINOR: u8 = 1;
/// Where the mechanism's name stands, zero padded.
const MECHANISM: std::ops::Range<usize> = 12..32;

/// What the peer's bytes so far tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More bytes are needed.
    More,
    /// The signature is complete: it is time to tell our major version.
    TellMajor,
    /// The peer's major version is 3 or later: it is time for the rest of our greeting.
    TellRest,
    /// The greeting is complete.
    Done(Version),
    /// The peer does not know greetings. The bytes so far are the start of its identity frame.
    Unversioned,
    /// The peer knows greetings but not version 3: it is time for our socket type.
    TellType,
    /// The greeting of such a peer is complete with its socket type, which is not checked.
    Old(Version),
}

/// The receiving side of the greeting.
#[derive(Debug)]
pub(super) struct Greeting {
    bytes: [u8; GREETING_LEN],
    len: usize,
}

impl Greeting {
    pub(super) fn new() -> Greeting {
        Greeting { bytes: [0; GREETING_LEN], len: 0 }
    }

    /// The bytes taken so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Takes one byte of the greeting.
    pub(super) fn push(&mut self, byte: u8) -> Step {
        self.bytes[self.len] = byte;
        self.len += 1;
        let versioned = self.len < SIGNATURE_LEN || self.bytes[SIGNATURE_LEN - 1] & 1 == 1;
        let major = self.bytes[SIGNATURE_LEN];
        match self.len {
            1 if byte != 0xff => Step::Unversioned,
            SIGNATURE_LEN if !versioned => Step::Unversioned,
            SIGNATURE_LEN => Step::TellMajor,
            11 if major >= 2 => Step::TellRest,
            11 => Step::TellType,
            12 if major == 0 => Step::Old(Version::V1_0),
            12 if major == 1 => Step::Old(Version::V2_0),
            GREETING_LEN => Step::Done(self.version()),
            _ => Step::More,
        }
    }

    fn version(&self) -> Version {
        // A major version that we do not know does what we do.
        if self.bytes[SIGNATURE_LEN..][..2] == [3, 0] { Version::V3_0 } else { Version::V3_1 }
    }

    /// Whether the complete greeting names `mechanism`.
    pub(super) fn check_mechanism(&self, mechanism: &str) -> Result<(), ProtocolError> {
        if self.bytes[MECHANISM] == mechanism_field(mechanism) { Ok(()) } else { Err(ProtocolError::MechanismMismatch) }
    }
}

fn mechanism_field(mechanism: &str) -> [u8; 20] {
    let mut field = [0; 20];
    field[..mechanism.len()].copy_from_slice(mechanism.as_bytes());
    field
}

/// Appends the signature. An old peer reads it as the header of a long frame that carries our identity.
pub(super) fn write_signature(identity_len: usize, out: &mut Vec<u8>) {
    out.push(0xff);
    out.extend_from_slice(&(identity_len as u64 + 1).to_be_bytes());
    out.push(0x7f);
}

/// Appends our major version.
pub(super) fn write_major(out: &mut Vec<u8>) {
    out.push(MAJOR);
}

/// Appends what follows the major version: minor version, mechanism, as-server flag, filler.
pub(super) fn write_rest(mechanism: &str, out: &mut Vec<u8>) {
    out.push(MINOR);
    out.extend_from_slice(&mechanism_field(mechanism));
    // The flag is always 0: libzmq neither sets nor reads it.
    out.extend_from_slice(&[0; GREETING_LEN - MECHANISM.end]);
}
