//! Security mechanisms: one file each behind [`Mechanism`].
//!
//! A mechanism exchanges commands until both sides know each other's properties. One that encrypts also hands over
//! what transforms every later frame: [`Seal`] for the send half, [`Open`] for the receive half.

mod null;

pub(super) use null::Null;

use super::error::ProtocolError;
use super::frame::Frame;
use super::peer::Properties;

/// The handshake of a security mechanism, from the moment that both greetings are complete.
pub(super) trait Mechanism: Send {
    /// The name in the greeting, which must be the peer's, too.
    fn name(&self) -> &'static str;

    /// Whether peers that know no mechanisms (ZMTP 1.0 and 2.0) may be talked to.
    fn allows_unsecured(&self) -> bool {
        false
    }

    /// The body of the next command to send, if it is time for one.
    fn poll_command(&mut self) -> Option<Vec<u8>>;

    /// Takes the body of a command.
    ///
    /// # Errors
    /// The handshake failed.
    fn handle_command(&mut self, body: &[u8]) -> Result<(), ProtocolError>;

    /// The result, once, when messages may flow in both directions.
    fn poll_ready(&mut self) -> Option<Ready>;
}

/// What a mechanism arrived at.
pub(super) struct Ready {
    /// What the peer told about itself.
    pub(super) properties: Properties,
    /// What turns every frame into what goes over the wire, and back; `None` if frames go as they are.
    pub(super) transform: Option<Transform>,
}

/// The two halves of a transformation.
pub(super) type Transform = (Box<dyn Seal>, Box<dyn Open>);

/// Transforms frames on their way out.
pub(super) trait Seal: Send {
    /// Flags and body to send for a frame with these flags (MORE, COMMAND) and this body.
    fn seal(&mut self, flags: u8, body: &[u8]) -> (u8, Vec<u8>);
}

/// Transforms frames on their way in.
pub(super) trait Open: Send {
    /// The frame that the peer sealed.
    ///
    /// # Errors
    /// The frame is not one that the peer sealed.
    fn open(&mut self, frame: Frame) -> Result<Frame, ProtocolError>;
}
