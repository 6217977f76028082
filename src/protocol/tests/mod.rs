//! Promises of the protocol engine: two engines joined by in-memory queues, under any cuts of the bytes.

use super::*;
use crate::options::SocketType;

pub(super) fn config(socket_type: SocketType) -> HandshakeConfig {
    HandshakeConfig { socket_type, routing_id: Vec::new(), metadata: Vec::new(), max_msg_size: None }
}

/// Passes what two handshakes have to say back and forth until both fall silent.
pub(super) fn join(a: &mut Handshake, b: &mut Handshake) {
    loop {
        let (mut to_a, mut to_b) = (Vec::new(), Vec::new());
        if !a.poll_transmit(&mut to_b) & !b.poll_transmit(&mut to_a) {
            return;
        }
        assert_eq!(b.handle_bytes(&to_b), Ok(to_b.len()));
        assert_eq!(a.handle_bytes(&to_a), Ok(to_a.len()));
    }
}

#[test]
fn two_engines_agree_on_the_newest_version() {
    let mut req = Handshake::new(config(SocketType::Req));
    let mut rep = Handshake::new(config(SocketType::Rep));
    join(&mut req, &mut rep);
    let (mut req, mut rep) = (req.poll_established().unwrap(), rep.poll_established().unwrap());
    assert_eq!((req.version, rep.version), (Version::V3_1, Version::V3_1));
    assert_eq!(rep.peer.socket_type, Some(SocketType::Req));
    let mut wire = Vec::new();
    req.encoder.encode(&crate::message::Msg::copy_of(b"Hello").unwrap(), &mut wire);
    let Ok(Some(Decoded::Frame(msg))) = rep.decoder.decode(&mut &wire[..]) else { panic!("no frame") };
    assert_eq!(msg.data(), b"Hello");
}
