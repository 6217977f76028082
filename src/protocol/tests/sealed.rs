//! A mechanism that transforms every frame: one that only a test would use, to show that the seam holds.

use super::super::frame::Frame;
use super::super::mechanism::{Mechanism, Open, Ready, Seal};
use super::super::peer::{Properties, write_properties};
use super::*;
use crate::message::Role;

/// Exchanges one command with a key and the properties; adds the key to every byte of every later frame.
struct Shift {
    key: u8,
    properties: Vec<u8>,
    told: bool,
    peer: Option<(u8, Properties)>,
}

struct Key(u8);

impl Mechanism for Shift {
    fn name(&self) -> &'static str {
        "SHIFT"
    }

    fn poll_command(&mut self) -> Option<Vec<u8>> {
        (!std::mem::replace(&mut self.told, true)).then(|| [b"\x03KEY", &[self.key][..], &self.properties].concat())
    }

    fn handle_command(&mut self, body: &[u8]) -> Result<(), ProtocolError> {
        let Some([key, properties @ ..]) = body.strip_prefix(b"\x03KEY") else {
            return Err(ProtocolError::UnexpectedCommand);
        };
        self.peer = Some((*key, Properties::parse(properties)?));
        Ok(())
    }

    fn poll_ready(&mut self) -> Option<Ready> {
        let (key, properties) = self.peer.take()?;
        Some(Ready { properties, transform: Some((Box::new(Key(self.key)), Box::new(Key(key)))) })
    }
}

impl Seal for Key {
    fn seal(&mut self, flags: u8, body: &[u8]) -> (u8, Vec<u8>) {
        (0, [&[flags], body].concat().iter().map(|byte| byte.wrapping_add(self.0)).collect())
    }
}

impl Open for Key {
    fn open(&mut self, frame: Frame) -> Result<Frame, ProtocolError> {
        let bytes: Vec<u8> = frame.body.data().iter().map(|byte| byte.wrapping_sub(self.0)).collect();
        let (flags, body) = bytes.split_first().ok_or(ProtocolError::UnexpectedMessage)?;
        Ok(Frame { flags: *flags, body: Msg::copy_of(body)? })
    }
}

fn handshake(socket_type: SocketType, key: u8) -> Handshake {
    let mut properties = Vec::new();
    write_properties(socket_type, b"", &[], &mut properties);
    Handshake::with_mechanism(config(socket_type), Box::new(Shift { key, properties, told: false, peer: None }))
}

#[test]
fn a_mechanism_transforms_every_frame_and_command() {
    let (mut left, mut right) = (handshake(SocketType::Sub, 3), handshake(SocketType::Xpub, 200));
    join(&mut left, &mut right, 5);
    let (mut left, mut right) = (left.poll_established().unwrap(), right.poll_established().unwrap());
    assert_eq!(right.peer.socket_type, Some(SocketType::Sub));
    assert!(!left.encoder.is_transparent());
    let mut wire = Vec::new();
    left.encoder.encode(&msg(b"abc", true), &mut wire);
    assert_eq!(wire, b"\0\x04\x04def");
    let mut topic = msg(b"topic", false);
    topic.set_role(Role::Subscribe);
    left.encoder.encode(&topic, &mut wire);
    left.encoder.encode(&msg(&[1; 300], false), &mut wire);
    left.encoder.ping(7, &mut wire);
    let expected = [
        Seen::Data(b"abc".to_vec(), true),
        Seen::Subscribe(b"topic".to_vec()),
        Seen::Data(vec![1; 300], false),
        Seen::Ping(7, vec![]),
    ];
    assert!(right.decoder.short_frame(&mut &wire[..]).is_none(), "frames do not go past the mechanism");
    assert_eq!(decode(&mut right.decoder, &wire).unwrap(), expected);
    assert_eq!(decode(&mut right.decoder, b"\0\0"), Err(ProtocolError::UnexpectedMessage));
}

#[test]
fn a_mechanism_is_not_undercut_by_an_old_version() {
    for version in [Version::V1_0, Version::V2_0] {
        let mut handshake = handshake(SocketType::Dealer, 1);
        assert_eq!(handshake.handle_bytes(&hello(version, "DEALER")), Err(ProtocolError::Unsecured));
        assert!(ProtocolError::Unsecured.is_silent());
    }
    let mut null = handshake(SocketType::Dealer, 1);
    assert_eq!(null.handle_bytes(&hello(Version::V3_1, "DEALER")), Err(ProtocolError::MechanismMismatch));
}
