//! Handshakes that succeed: versions, cuts, what is learnt of the peer.

use super::*;

#[test]
fn two_engines_agree_on_the_newest_version_however_the_bytes_are_cut() {
    for cut in [1, 2, 3, 7, 64, 1000] {
        let mut req = Handshake::new(HandshakeConfig { routing_id: b"client".to_vec(), ..config(SocketType::Req) });
        let mut router = Handshake::new(config(SocketType::Router));
        join(&mut req, &mut router, cut);
        let (req, router) = (req.poll_established().unwrap(), router.poll_established().unwrap());
        assert_eq!((req.version, router.version), (Version::V3_1, Version::V3_1));
        assert_eq!(req.peer.socket_type, Some(SocketType::Router));
        assert_eq!(router.peer.socket_type, Some(SocketType::Req));
        assert_eq!(router.peer.routing_id, b"client");
        assert!(!router.subscribe_all);
    }
}

#[test]
fn the_result_comes_once_and_the_rest_of_the_bytes_is_left_alone() {
    for version in VERSIONS {
        let hello = hello(version, "PUSH");
        let mut handshake = Handshake::new(config(SocketType::Pull));
        let input = [&hello[..], b"\x01\x02traffic"].concat();
        assert_eq!(handshake.handle_bytes(&input), Ok(hello.len()), "{version:?}");
        assert_eq!(handshake.poll_established().unwrap().version, version);
        assert!(handshake.poll_established().is_none());
        assert_eq!(handshake.handle_bytes(b"traffic"), Ok(0));
    }
}

#[test]
fn every_version_survives_every_cut() {
    for version in VERSIONS {
        let hello = hello(version, "DEALER");
        for cut in 0..=hello.len() {
            let mut handshake = Handshake::new(config(SocketType::Router));
            assert_eq!(handshake.handle_bytes(&hello[..cut]), Ok(cut));
            assert_eq!(handshake.handle_bytes(&hello[cut..]), Ok(hello.len() - cut));
            assert_eq!(handshake.poll_established().unwrap().version, version, "{version:?} cut at {cut}");
        }
    }
}

#[test]
fn versions_are_told_apart_by_the_greeting() {
    let cases = [
        (2, 0, Version::V3_1),
        (2, 1, Version::V3_1),
        (3, 0, Version::V3_0),
        (3, 1, Version::V3_1),
        (3, 2, Version::V3_1),
        (4, 0, Version::V3_1),
        (255, 255, Version::V3_1),
    ];
    for (major, minor, expected) in cases {
        let mut handshake = Handshake::new(config(SocketType::Pull));
        handshake.handle_bytes(&[greeting(major, minor, "NULL"), ready(b"")].concat()).unwrap();
        assert_eq!(handshake.poll_established().unwrap().version, expected, "{major}.{minor}");
        assert_eq!(transmit(&mut handshake)[64..], ready(&property("Socket-Type", b"PULL")), "{major}.{minor}");
    }
}

#[test]
fn what_the_greeting_need_not_say_is_ignored() {
    let mut bytes = greeting(3, 1, "NULL");
    bytes[1..9].fill(0xee);
    bytes[9] = 0x01;
    bytes[32..].fill(0xee);
    let mut handshake = Handshake::new(config(SocketType::Pull));
    handshake.handle_bytes(&[bytes, ready(b"")].concat()).unwrap();
    assert!(handshake.poll_established().is_some());
}

#[test]
fn identities_of_old_peers() {
    let signature = b"\xff\0\0\0\0\0\0\0\x01\x7f";
    let long = [&b"\xff\0\0\0\0\0\0\x01\x2d\0"[..], &[b'i'; 300]].concat();
    let cases: [(&str, Vec<u8>, Version, Vec<u8>); 12] = [
        ("1.0, empty", b"\x01\0".to_vec(), Version::V1_0, vec![]),
        ("1.0, short", b"\x03\0AB".to_vec(), Version::V1_0, b"AB".to_vec()),
        ("1.0, MORE", b"\x03\x01AB".to_vec(), Version::V1_0, b"AB".to_vec()),
        ("1.0, long header", b"\xff\0\0\0\0\0\0\0\x03\0AB".to_vec(), Version::V1_0, b"AB".to_vec()),
        ("1.0, long header, empty", b"\xff\0\0\0\0\0\0\0\x01\0".to_vec(), Version::V1_0, vec![]),
        ("1.0, long header, even flags", b"\xff\0\0\0\0\0\0\0\x03\x7eAB".to_vec(), Version::V1_0, b"AB".to_vec()),
        ("1.0, long", long, Version::V1_0, vec![b'i'; 300]),
        ("revision 0", [&signature[..], b"\0\x05\x03\0AB"].concat(), Version::V1_0, b"AB".to_vec()),
        ("2.0", [&signature[..], b"\x01\x05\0\x02AB"].concat(), Version::V2_0, b"AB".to_vec()),
        ("2.0, any type, MORE", [&signature[..], b"\x01\x63\x01\x02AB"].concat(), Version::V2_0, b"AB".to_vec()),
        ("2.0, long", [&signature[..], b"\x01\x05\x02\0\0\0\0\0\0\0\x02AB"].concat(), Version::V2_0, b"AB".to_vec()),
        ("2.0, command", [&signature[..], b"\x01\x05\x04\x01x\0\x02AB"].concat(), Version::V2_0, b"AB".to_vec()),
    ];
    for (name, bytes, version, routing_id) in cases {
        for cut in [1, 2, 10, 400] {
            let mut handshake = Handshake::new(config(SocketType::Router));
            bytes.chunks(cut).for_each(|part| assert_eq!(handshake.handle_bytes(part), Ok(part.len())));
            let established = handshake.poll_established().expect(name);
            assert_eq!(established.version, version, "{name}");
            assert_eq!(established.peer.routing_id, routing_id, "{name}");
            assert_eq!(established.peer.socket_type, None, "{name}");
        }
    }
}

#[test]
fn only_a_peer_without_a_greeting_gets_everything_that_is_published() {
    let revision_0 = b"\xff\0\0\0\0\0\0\0\x01\x7f\0\x02\x01\0".to_vec();
    for (socket_type, name) in TYPES {
        let publishes = matches!(socket_type, SocketType::Pub | SocketType::Xpub);
        let cases =
            [(hello(Version::V1_0, ""), publishes), (hello(Version::V2_0, ""), false), (revision_0.clone(), false)];
        for (hello, expected) in cases {
            let mut handshake = Handshake::new(config(socket_type));
            handshake.handle_bytes(&hello).unwrap();
            assert_eq!(handshake.poll_established().unwrap().subscribe_all, expected, "{name}");
        }
    }
}

#[test]
fn socket_types_that_go_together() {
    let peers = [
        ("PAIR", &["PAIR"][..]),
        ("PUB", &["SUB", "XSUB"]),
        ("SUB", &["PUB", "XPUB"]),
        ("REQ", &["REP", "ROUTER"]),
        ("REP", &["REQ", "DEALER"]),
        ("DEALER", &["REP", "DEALER", "ROUTER"]),
        ("ROUTER", &["REQ", "DEALER", "ROUTER"]),
        ("PULL", &["PUSH"]),
        ("PUSH", &["PULL"]),
        ("XPUB", &["SUB", "XSUB"]),
        ("XSUB", &["PUB", "XPUB"]),
    ];
    for ((ours, name), (same, accepted)) in TYPES.into_iter().zip(peers) {
        assert_eq!(name, same);
        for (theirs, peer) in TYPES {
            let mut handshake = Handshake::new(config(ours));
            let result = handshake.handle_bytes(&hello(Version::V3_1, peer));
            if accepted.contains(&peer) {
                assert!(result.is_ok(), "{name} {peer}");
                assert_eq!(handshake.poll_established().unwrap().peer.socket_type, Some(theirs));
            } else {
                assert_eq!(result, Err(ProtocolError::IncompatibleSocketType), "{name} {peer}");
            }
        }
    }
}

#[test]
fn properties_are_kept_as_they_came() {
    let properties = [
        property("Socket-Type", b"DEALER"),
        property("Identity", b"first"),
        property("X-Color", b"blue\0green"),
        property("", b"nameless"),
        property("odd name\x01", b""),
        property("Identity", b"last"),
    ];
    let mut handshake = Handshake::new(config(SocketType::Router));
    handshake.handle_bytes(&[greeting(3, 1, "NULL"), ready(&properties.concat())].concat()).unwrap();
    let peer = handshake.poll_established().unwrap().peer;
    assert_eq!(peer.routing_id, b"last");
    let pairs: Vec<_> = peer.properties.iter().collect();
    assert_eq!(pairs.len(), 6);
    assert_eq!(pairs[2], (&b"X-Color"[..], &b"blue\0green"[..]));
    assert_eq!(peer.properties.values(b"x-COLOR").next(), Some(&b"blue\0green"[..]));
    assert_eq!(peer.properties.values(b"X-Colour").next(), None);
}

#[test]
fn property_names_have_no_case() {
    let properties = [property("SOCKET-type", b"DEALER"), property("identity", b"me")].concat();
    let mut handshake = Handshake::new(config(SocketType::Router));
    handshake.handle_bytes(&[greeting(3, 1, "NULL"), ready(&properties)].concat()).unwrap();
    let peer = handshake.poll_established().unwrap().peer;
    assert_eq!((peer.socket_type, &peer.routing_id[..]), (Some(SocketType::Dealer), &b"me"[..]));
}

#[test]
fn a_peer_that_tells_no_type_is_taken_as_it_is() {
    let mut handshake = Handshake::new(config(SocketType::Router));
    handshake.handle_bytes(&[greeting(3, 1, "NULL"), ready(b"")].concat()).unwrap();
    assert_eq!(handshake.poll_established().unwrap().peer, PeerProperties::default());
}

#[test]
fn ready_may_come_with_any_header_that_says_command() {
    let body = b"\x05READY";
    for header in [&b"\x04\x06"[..], b"\x05\x06", b"\xfc\x06", b"\x06\0\0\0\0\0\0\0\x06"] {
        let mut handshake = Handshake::new(config(SocketType::Pull));
        handshake.handle_bytes(&[&greeting(3, 1, "NULL"), header, body].concat()).unwrap();
        assert!(handshake.poll_established().is_some(), "{header:?}");
    }
}

/// A handshake with a peer that is taken for one of version 3.
fn presuming(socket_type: SocketType) -> Handshake {
    Handshake::new(HandshakeConfig { presumes_v3: true, ..config(socket_type) })
}

#[test]
fn a_peer_that_is_known_is_told_all_at_once_and_answers_all_at_once() {
    let (mut push, mut pull) = (presuming(SocketType::Push), Handshake::new(config(SocketType::Pull)));
    let said = transmit(&mut push);
    assert_eq!(said, hello(Version::V3_1, "PUSH"));
    assert_eq!(pull.handle_bytes(&said), Ok(said.len()));
    assert!(pull.poll_established().is_some());
    let answer = transmit(&mut pull);
    assert!(push.presumed_too_much());
    assert_eq!(push.handle_bytes(&answer), Ok(answer.len()));
    assert!(!push.presumed_too_much());
    assert_eq!(push.poll_established().unwrap().version, Version::V3_1);
    assert!(transmit(&mut push).is_empty());
}

#[test]
fn what_was_presumed_of_a_peer_is_good_for_every_cut() {
    for version in [Version::V3_0, Version::V3_1] {
        let hello = hello(version, "PULL");
        for cut in 0..=hello.len() {
            let mut handshake = presuming(SocketType::Push);
            transmit(&mut handshake);
            assert_eq!(handshake.handle_bytes(&hello[..cut]), Ok(cut));
            assert_eq!(handshake.presumed_too_much(), cut < 11, "{cut}");
            assert_eq!(handshake.handle_bytes(&hello[cut..]), Ok(hello.len() - cut));
            assert!(transmit(&mut handshake).is_empty());
            assert_eq!(handshake.poll_established().unwrap().version, version);
        }
    }
}

#[test]
fn a_peer_that_is_older_than_presumed_fails_the_handshake() {
    for version in [Version::V1_0, Version::V2_0] {
        let mut handshake = presuming(SocketType::Push);
        transmit(&mut handshake);
        assert_eq!(handshake.handle_bytes(&hello(version, "PULL")), Err(ProtocolError::Outdated), "{version:?}");
        assert!(handshake.presumed_too_much() && handshake.poll_established().is_none());
    }
}
