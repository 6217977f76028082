//! NULL: no security. Both sides send READY with their properties, and that is all.

use super::{Mechanism, Ready};
use crate::protocol::command;
use crate::protocol::error::ProtocolError;
use crate::protocol::peer::Properties;

/// The NULL mechanism.
pub(in crate::protocol) struct Null {
    /// Our READY, until it is sent.
    ready: Option<Vec<u8>>,
    /// The peer's properties, once its READY came.
    peer: Option<Properties>,
}

impl Null {
    /// `properties`: our own, encoded.
    pub(in crate::protocol) fn new(properties: &[u8]) -> Null {
        Null { ready: Some(command::ready(properties)), peer: None }
    }
}

impl Mechanism for Null {
    fn name(&self) -> &'static str {
        "NULL"
    }

    fn allows_unsecured(&self) -> bool {
        true
    }

    fn poll_command(&mut self) -> Option<Vec<u8>> {
        self.ready.take()
    }

    fn handle_command(&mut self, body: &[u8]) -> Result<(), ProtocolError> {
        match command::split(body) {
            Some((command::READY, properties)) => self.peer = Some(Properties::parse(properties)?),
            Some((command::ERROR, reason)) => return Err(command::refusal(reason)),
            _ => return Err(ProtocolError::UnexpectedCommand),
        }
        Ok(())
    }

    fn poll_ready(&mut self) -> Option<Ready> {
        if self.ready.is_some() {
            return None;
        }
        self.peer.take().map(|properties| Ready { properties, transform: None })
    }
}
