//! The bytes that libzmq 4.3 sends, and that we send, too.

use super::*;
use crate::message::Role;

/// What follows the signature of a greeting.
fn rest_of_greeting() -> Vec<u8> {
    [&b"\x03\x01NULL"[..], &[0; 48]].concat()
}

#[test]
fn the_greeting_goes_out_as_far_as_the_peer_is_known_to_bear_it() {
    let mut handshake = Handshake::new(config(SocketType::Pair));
    assert_eq!(transmit(&mut handshake), b"\xff\0\0\0\0\0\0\0\x01\x7f");
    assert_eq!(transmit(&mut handshake), b"");
    handshake.handle_bytes(b"\xff\0\0\0\0\0\0\0\0\x7f").unwrap();
    assert_eq!(transmit(&mut handshake), b"\x03");
    handshake.handle_bytes(b"\x03").unwrap();
    assert_eq!(transmit(&mut handshake), rest_of_greeting()[1..]);
    handshake.handle_bytes(&greeting(3, 1, "NULL")[11..63]).unwrap();
    assert_eq!(transmit(&mut handshake), b"");
    handshake.handle_bytes(b"\0").unwrap();
    assert_eq!(transmit(&mut handshake), b"\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PAIR");
    assert!(handshake.poll_established().is_none());
}

#[test]
fn ready_of_every_socket_type() {
    for (socket_type, name) in TYPES {
        let mut expected = property("Socket-Type", name.as_bytes());
        if matches!(socket_type, SocketType::Req | SocketType::Dealer | SocketType::Router) {
            expected.extend(property("Identity", b"me"));
        }
        expected.extend(property("X-Color", b"blue"));
        let mut handshake = Handshake::new(HandshakeConfig {
            routing_id: b"me".to_vec(),
            metadata: vec![("X-Color".into(), "blue".into())],
            ..config(socket_type)
        });
        handshake.handle_bytes(&greeting(3, 1, "NULL")).unwrap();
        let sent = transmit(&mut handshake);
        assert_eq!(sent[..10], *b"\xff\0\0\0\0\0\0\0\x03\x7f", "{name}");
        assert_eq!(sent[10..64], rest_of_greeting(), "{name}");
        assert_eq!(sent[64..], ready(&expected), "{name}");
    }
}

#[test]
fn an_empty_identity_is_announced_too() {
    let mut handshake = Handshake::new(config(SocketType::Dealer));
    handshake.handle_bytes(&greeting(3, 1, "NULL")).unwrap();
    let ready = b"\x04\x29\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\0";
    assert_eq!(transmit(&mut handshake)[64..], *ready);
}

#[test]
fn a_ready_of_more_than_255_bytes_has_a_long_header() {
    let metadata = vec![("X-Long".into(), "v".repeat(300))];
    let mut handshake = Handshake::new(HandshakeConfig { metadata, ..config(SocketType::Pair) });
    handshake.handle_bytes(&greeting(3, 1, "NULL")).unwrap();
    let sent = transmit(&mut handshake);
    assert_eq!(sent[64..73], [6, 0, 0, 0, 0, 0, 0, 1, 0x51]);
    assert_eq!(sent.len(), 73 + 0x151);
}

#[test]
fn a_peer_of_version_2_gets_type_and_identity() {
    for (number, (socket_type, name)) in TYPES.into_iter().enumerate() {
        let mut handshake = Handshake::new(HandshakeConfig { routing_id: b"me".to_vec(), ..config(socket_type) });
        handshake.handle_bytes(b"\xff\0\0\0\0\0\0\0\x01\x7f").unwrap();
        assert_eq!(transmit(&mut handshake), b"\xff\0\0\0\0\0\0\0\x03\x7f\x03", "{name}");
        handshake.handle_bytes(b"\x01").unwrap();
        assert_eq!(transmit(&mut handshake), [number as u8], "{name}");
        handshake.handle_bytes(b"\x05").unwrap();
        assert_eq!(transmit(&mut handshake), b"\0\x02me", "{name}");
    }
}

#[test]
fn a_peer_of_revision_0_gets_type_and_identity_in_the_old_framing() {
    let mut handshake = Handshake::new(HandshakeConfig { routing_id: b"me".to_vec(), ..config(SocketType::Dealer) });
    handshake.handle_bytes(b"\xff\0\0\0\0\0\0\0\x01\x7f\0\x05\x03\0AB").unwrap();
    assert_eq!(transmit(&mut handshake), b"\xff\0\0\0\0\0\0\0\x03\x7f\x03\x05\x03\0me");
    assert_eq!(handshake.poll_established().unwrap().peer.routing_id, b"AB");
}

#[test]
fn a_peer_without_a_greeting_takes_our_signature_for_the_header_of_our_identity() {
    let mut handshake = Handshake::new(HandshakeConfig { routing_id: b"me".to_vec(), ..config(SocketType::Dealer) });
    handshake.handle_bytes(b"\x01").unwrap();
    assert_eq!(transmit(&mut handshake), b"\xff\0\0\0\0\0\0\0\x03\x7fme");
}

#[test]
fn frames_at_the_border_between_short_and_long() {
    let cases: [(Version, usize, &[u8]); 10] = [
        (Version::V1_0, 0, b"\x01\0"),
        (Version::V1_0, 253, b"\xfe\0"),
        (Version::V1_0, 254, b"\xff\0\0\0\0\0\0\0\xff\0"),
        (Version::V1_0, 255, b"\xff\0\0\0\0\0\0\x01\0\0"),
        (Version::V2_0, 0, b"\0\0"),
        (Version::V2_0, 255, b"\0\xff"),
        (Version::V2_0, 256, b"\x02\0\0\0\0\0\0\x01\0"),
        (Version::V3_0, 255, b"\0\xff"),
        (Version::V3_1, 255, b"\0\xff"),
        (Version::V3_1, 256, b"\x02\0\0\0\0\0\0\x01\0"),
    ];
    for (version, len, header) in cases {
        let mut encoder = connection(version).0.encoder;
        let body = vec![b'x'; len];
        let (mut whole, mut alone) = (Vec::new(), Vec::new());
        encoder.encode(&msg(&body, false), &mut whole);
        encoder.header(&msg(&body, false), &mut alone);
        assert_eq!(alone, header, "{version:?} {len}");
        assert_eq!(whole, [header, &body].concat(), "{version:?} {len}");
    }
}

#[test]
fn more_is_the_lowest_bit_of_the_flags() {
    for version in VERSIONS {
        let mut wire = Vec::new();
        connection(version).0.encoder.encode(&msg(b"a", true), &mut wire);
        assert_eq!(wire, if version == Version::V1_0 { b"\x02\x01a" } else { b"\x01\x01a" }, "{version:?}");
    }
}

#[test]
fn subscriptions_are_commands_from_3_1_on() {
    let cases: [(Version, &[u8], &[u8]); 4] = [
        (Version::V1_0, b"\x05\0\x01abc", b"\x05\0\0abc"),
        (Version::V2_0, b"\0\x04\x01abc", b"\0\x04\0abc"),
        (Version::V3_0, b"\0\x04\x01abc", b"\0\x04\0abc"),
        (Version::V3_1, b"\x04\x0d\x09SUBSCRIBEabc", b"\x04\x0a\x06CANCELabc"),
    ];
    for (version, subscribe, cancel) in cases {
        let mut encoder = establish(config(SocketType::Sub), version, "PUB").encoder;
        for (role, expected) in [(Role::Subscribe, subscribe), (Role::Cancel, cancel)] {
            let mut topic = msg(b"abc", false);
            topic.set_role(role);
            let mut wire = Vec::new();
            encoder.encode(&topic, &mut wire);
            assert_eq!(wire, expected, "{version:?}");
        }
    }
}

#[test]
fn a_subscription_of_any_length_has_the_header_that_its_length_needs() {
    for (len, header) in [(245, &b"\x04\xff"[..]), (246, b"\x06\0\0\0\0\0\0\x01\0")] {
        let mut topic = msg(&vec![b't'; len], false);
        topic.set_role(Role::Subscribe);
        let mut wire = Vec::new();
        establish(config(SocketType::Sub), Version::V3_1, "PUB").encoder.encode(&topic, &mut wire);
        assert_eq!(wire[..header.len()], *header);
        assert_eq!(wire.len(), header.len() + 10 + len);
    }
}

#[test]
fn heartbeats_go_to_peers_of_version_3_only() {
    for version in VERSIONS {
        let mut encoder = connection(version).0.encoder;
        let mut wire = Vec::new();
        encoder.ping(0x0102, &mut wire);
        encoder.pong(b"ctx", &mut wire);
        let expected: &[u8] =
            if version >= Version::V3_0 { b"\x04\x07\x04PING\x01\x02\x04\x08\x04PONGctx" } else { b"" };
        assert_eq!(wire, expected, "{version:?}");
    }
}

#[test]
fn a_routing_id_has_no_form_on_the_wire() {
    let mut id = msg(b"id", false);
    id.set_role(Role::RoutingId);
    let mut wire = Vec::new();
    connection(Version::V3_1).0.encoder.encode(&id, &mut wire);
    assert_eq!(wire, b"");
}
