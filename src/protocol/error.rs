//! What can be wrong with a peer's bytes, and the code by which monitor events name it.

use std::fmt;

/// Why a connection must be closed. A connecting socket does not try again after one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// The peer wants another security mechanism.
    MechanismMismatch,
    /// The peer speaks a version without security, but security is asked for.
    Unsecured,
    /// The peer spoke a newer version when it was met before.
    Outdated,
    /// A frame's length is impossible.
    BadLength,
    /// A frame is larger than `ZMQ_MAXMSGSIZE`, or than any frame of a handshake may be.
    FrameTooLarge,
    /// A message came before the handshake was complete.
    UnexpectedMessage,
    /// A command came that has no place at this point of the handshake, or none at all.
    UnexpectedCommand,
    /// An ERROR command cannot be taken apart.
    MalformedError,
    /// A property list cannot be taken apart.
    InvalidMetadata,
    /// The peer's socket type does not go with ours.
    IncompatibleSocketType,
    /// The peer refused us by an ERROR command. The status is 300, 400 or 500, else 0.
    Refused(u16),
    /// Memory for a frame could not be had.
    OutOfMemory,
}

impl ProtocolError {
    /// The `ZMQ_PROTOCOL_ERROR_*` value of `zmq.h` that names this error; see also [`is_silent`](Self::is_silent).
    #[must_use]
    pub fn code(&self) -> u32 {
        match self {
            ProtocolError::UnexpectedMessage | ProtocolError::UnexpectedCommand => 0x1000_0001,
            ProtocolError::MalformedError => 0x1000_0015,
            ProtocolError::InvalidMetadata => 0x1000_0018,
            ProtocolError::MechanismMismatch => 0x1100_0002,
            ProtocolError::Unsecured
            | ProtocolError::Outdated
            | ProtocolError::BadLength
            | ProtocolError::FrameTooLarge
            | ProtocolError::IncompatibleSocketType
            | ProtocolError::Refused(_)
            | ProtocolError::OutOfMemory => 0x1000_0000,
        }
    }

    /// Whether a monitor sees only that the connection ended. Otherwise a failed handshake is an event of its own:
    /// [`Refused`](ProtocolError::Refused) with its status, the others with their [`code`](Self::code).
    #[must_use]
    pub fn is_silent(&self) -> bool {
        matches!(
            self,
            ProtocolError::Unsecured
                | ProtocolError::Outdated
                | ProtocolError::BadLength
                | ProtocolError::FrameTooLarge
                | ProtocolError::InvalidMetadata
                | ProtocolError::IncompatibleSocketType
                | ProtocolError::Refused(0)
                | ProtocolError::OutOfMemory
        )
    }
}

impl From<crate::error::Error> for ProtocolError {
    /// Message content fails for one reason only.
    fn from(_: crate::error::Error) -> ProtocolError {
        ProtocolError::OutOfMemory
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProtocolError::MechanismMismatch => "the peer wants another security mechanism",
            ProtocolError::Unsecured => "the peer's version of the protocol has no security",
            ProtocolError::Outdated => "the peer speaks an older version of the protocol than before",
            ProtocolError::BadLength => "impossible frame length",
            ProtocolError::FrameTooLarge => "frame larger than allowed",
            ProtocolError::UnexpectedMessage => "message before the end of the handshake",
            ProtocolError::UnexpectedCommand => "command out of place in the handshake",
            ProtocolError::MalformedError => "malformed ERROR command",
            ProtocolError::InvalidMetadata => "malformed property list",
            ProtocolError::IncompatibleSocketType => "the peer's socket type does not go with this one",
            ProtocolError::Refused(status) => return write!(f, "refused by the peer, status {status}"),
            ProtocolError::OutOfMemory => "out of memory",
        })
    }
}

impl std::error::Error for ProtocolError {}
