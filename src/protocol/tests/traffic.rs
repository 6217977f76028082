//! Frames after the handshake: what goes in at one end comes out at the other, and what is refused.

use super::*;
use crate::message::Role;

/// At and around every border: inline messages, short frames, large bodies.
const SIZES: [usize; 14] = [0, 1, 39, 40, 41, 42, 252, 253, 254, 255, 256, 257, 8 * 1024, 1024 * 1024];

#[test]
fn frames_of_every_size_arrive_in_every_version() {
    for version in VERSIONS {
        let (mut left, mut right) = connection(version);
        let mut wire = Vec::new();
        let mut expected = Vec::new();
        for (at, len) in SIZES.into_iter().enumerate() {
            let body: Vec<u8> = (0..len).map(|i| (i * 7 + at) as u8).collect();
            left.encoder.encode(&msg(&body, at % 2 == 0), &mut wire);
            expected.push(Seen::Data(body, at % 2 == 0));
        }
        assert!(decode(&mut right.decoder, &wire).unwrap() == expected, "{version:?} in one piece");
        for cut in [255, 4096, 65_536, 70_001] {
            let parts = wire.chunks(cut).flat_map(|part| decode(&mut right.decoder, part).unwrap());
            assert!(parts.collect::<Vec<_>>() == expected, "{version:?} in pieces of {cut}");
        }
    }
}

#[test]
fn frames_survive_every_cut() {
    for version in VERSIONS {
        let (mut left, mut right) = connection(version);
        for len in [0, 1, 39, 40, 41, 253, 254, 255, 256, 300] {
            let body: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let mut wire = Vec::new();
            left.encoder.encode(&msg(&body, true), &mut wire);
            left.encoder.encode(&msg(b"next", false), &mut wire);
            let expected = [Seen::Data(body, true), Seen::Data(b"next".to_vec(), false)];
            for cut in 0..=wire.len() {
                let mut seen = decode(&mut right.decoder, &wire[..cut]).unwrap();
                seen.extend(decode(&mut right.decoder, &wire[cut..]).unwrap());
                assert_eq!(seen, expected, "{version:?}, {len} bytes, cut at {cut}");
            }
            let bytes = wire.chunks(1).flat_map(|byte| decode(&mut right.decoder, byte).unwrap());
            assert_eq!(bytes.collect::<Vec<_>>(), expected, "{version:?}, {len} bytes, one at a time");
        }
    }
}

#[test]
fn a_small_frame_lives_inside_its_message_however_it_came() {
    let (mut left, mut right) = connection(Version::V3_1);
    let mut wire = Vec::new();
    left.encoder.encode(&msg(b"World", false), &mut wire);
    for cut in 0..wire.len() {
        assert!(right.decoder.decode(&mut &wire[..cut]).unwrap().is_none());
        let Ok(Some(Decoded::Frame(mut msg))) = right.decoder.decode(&mut &wire[cut..]) else { panic!("no frame") };
        let inside = (msg.data_ptr() as usize).wrapping_sub((&raw const msg) as usize);
        assert!(inside < size_of::<Msg>(), "cut at {cut}");
    }
}

#[test]
fn the_hot_path_takes_short_user_frames_and_nothing_else() {
    let mut decoder = connection(Version::V3_1).1.decoder;
    let wire = [frame(1, b"a"), frame(0, &[7; 255]), frame(4, b"\x04PONG")].concat();
    let mut input = &wire[..];
    assert!(decoder.short_frame(&mut input).is_some_and(|msg| msg.data() == b"a" && msg.more()));
    assert!(decoder.short_frame(&mut input).is_some_and(|msg| msg.data() == [7; 255] && !msg.more()));
    assert!(decoder.short_frame(&mut input).is_none());
    assert_eq!(input, b"\x04\x05\x04PONG", "left for decode()");
    let half = frame(0, b"hello");
    assert!(decoder.short_frame(&mut &half[..3]).is_none());
    assert!(decoder.decode(&mut &half[..3]).unwrap().is_none());
    assert!(decoder.short_frame(&mut &frame(0, b"lo")[..]).is_none(), "within a frame");
    assert_eq!(decode(&mut decoder, &half[3..]).unwrap(), [Seen::Data(b"hello".to_vec(), false)]);
}

#[test]
fn reserved_bits_are_ignored() {
    for version in [Version::V2_0, Version::V3_0, Version::V3_1] {
        let mut decoder = connection(version).0.decoder;
        for bit in [0x08, 0x10, 0x20, 0x40, 0x80] {
            let wire = [frame(bit, b"a"), frame(bit | 1, b"b")].concat();
            let expected = [Seen::Data(b"a".to_vec(), false), Seen::Data(b"b".to_vec(), true)];
            assert_eq!(decode(&mut decoder, &wire).unwrap(), expected, "{bit:#x}");
        }
    }
    let mut decoder = connection(Version::V1_0).0.decoder;
    assert_eq!(decode(&mut decoder, b"\x02\xfea").unwrap(), [Seen::Data(b"a".to_vec(), false)]);
}

#[test]
fn a_long_header_may_announce_a_short_body() {
    for (version, wire) in [
        (Version::V1_0, &b"\xff\0\0\0\0\0\0\0\x03\x01hi"[..]),
        (Version::V2_0, b"\x03\0\0\0\0\0\0\0\x02hi"),
        (Version::V3_1, b"\x03\0\0\0\0\0\0\0\x02hi"),
    ] {
        let mut decoder = connection(version).0.decoder;
        assert_eq!(decode(&mut decoder, wire).unwrap(), [Seen::Data(b"hi".to_vec(), true)], "{version:?}");
    }
}

#[test]
fn commands_after_the_handshake() {
    let ping = |context: &[u8]| [b"\x04PING\x01\x02", context].concat();
    let cases: [(&[u8], Seen); 14] = [
        (b"\x04PING\0\0", Seen::Ping(0, vec![])),
        (&ping(b"ctx"), Seen::Ping(0x0102, b"ctx".to_vec())),
        (&ping(&[b'c'; 16]), Seen::Ping(0x0102, vec![b'c'; 16])),
        (&ping(&[b'c'; 17]), Seen::Ping(0x0102, vec![b'c'; 16])),
        (b"\x04PING", Seen::Ping(0, vec![])),
        (b"\x04PING\x07", Seen::Ping(0, vec![])),
        (b"\x04PONG", Seen::Pong),
        (b"\x04PONGctx", Seen::Pong),
        (b"\x05READY", Seen::Ignored),
        (b"\x05ERROR\x03400", Seen::Ignored),
        (b"\x03FOO", Seen::Ignored),
        (b"\x04ping\0\0", Seen::Ignored),
        (b"\x09FOO", Seen::Ignored),
        (b"", Seen::Ignored),
    ];
    for version in [Version::V3_0, Version::V3_1] {
        let mut decoder = connection(version).0.decoder;
        for (body, expected) in &cases {
            for flags in [4, 5, 0x0c] {
                let wire = frame(flags, body);
                assert_eq!(decode(&mut decoder, &wire).unwrap(), std::slice::from_ref(expected), "{body:?}");
                let bytes = wire.chunks(1).flat_map(|byte| decode(&mut decoder, byte).unwrap());
                assert_eq!(bytes.collect::<Vec<_>>(), std::slice::from_ref(expected), "{body:?}");
            }
        }
    }
    let mut decoder = connection(Version::V2_0).0.decoder;
    for (body, _) in &cases {
        assert_eq!(decode(&mut decoder, &frame(4, body)).unwrap(), [Seen::Ignored], "2.0 has no commands");
    }
}

#[test]
fn heartbeats_arrive() {
    let (mut left, mut right) = connection(Version::V3_1);
    let mut wire = Vec::new();
    left.encoder.ping(300, &mut wire);
    left.encoder.pong(b"0123456789abcdef", &mut wire);
    assert_eq!(decode(&mut right.decoder, &wire).unwrap(), [Seen::Ping(300, vec![]), Seen::Pong]);
}

#[test]
fn publishers_take_subscriptions_in_both_forms_and_others_in_none() {
    let long = [b"\x09SUBSCRIBE", &[b't'; 300][..]].concat();
    let wire = [
        frame(4, b"\x09SUBSCRIBEabc"),
        frame(4, b"\x09SUBSCRIBE"),
        frame(5, b"\x06CANCELabc"),
        frame(0, b"\x01abc"),
        frame(0, b"\0abc"),
        [b"\x06\0\0\0\0\0\0\x01\x36", &long[..]].concat(),
    ]
    .concat();
    for (socket_type, name) in TYPES {
        for version in [Version::V3_0, Version::V3_1] {
            let publishes = matches!(socket_type, SocketType::Pub | SocketType::Xpub);
            let mut handshake = Handshake::new(config(socket_type));
            let minor = u8::from(version == Version::V3_1);
            handshake.handle_bytes(&[greeting(3, minor, "NULL"), ready(b"")].concat()).unwrap();
            let seen = decode(&mut handshake.poll_established().unwrap().decoder, &wire).unwrap();
            let or_ignored = |seen| if publishes { seen } else { Seen::Ignored };
            let expected = [
                or_ignored(Seen::Subscribe(b"abc".to_vec())),
                or_ignored(Seen::Subscribe(vec![])),
                or_ignored(Seen::Cancel(b"abc".to_vec())),
                Seen::Data(b"\x01abc".to_vec(), false),
                Seen::Data(b"\0abc".to_vec(), false),
                or_ignored(Seen::Subscribe(vec![b't'; 300])),
            ];
            assert_eq!(seen, expected, "{name} {version:?}");
        }
    }
}

#[test]
fn subscriptions_arrive_in_every_version() {
    for version in VERSIONS {
        let mut subscriber = establish(config(SocketType::Sub), version, "PUB");
        let mut publisher = establish(config(SocketType::Xpub), version, "SUB");
        for len in [0, 1, 31, 244, 245, 246, 247, 254, 255, 70_000] {
            for role in [Role::Subscribe, Role::Cancel] {
                let topic = vec![b't'; len];
                let mut msg = msg(&topic, false);
                msg.set_role(role);
                let mut wire = Vec::new();
                subscriber.encoder.encode(&msg, &mut wire);
                let expected = match (role, version) {
                    (Role::Subscribe, Version::V3_1) => Seen::Subscribe(topic),
                    (_, Version::V3_1) => Seen::Cancel(topic),
                    (role, _) => Seen::Data([&[u8::from(role == Role::Subscribe)], &topic[..]].concat(), false),
                };
                assert!(decode(&mut publisher.decoder, &wire).unwrap() == [expected], "{version:?} {len}");
            }
        }
    }
}

#[test]
fn frames_over_the_limit_are_refused_and_those_at_it_are_not() {
    for version in VERSIONS {
        for limit in [0, 1, 50, 254, 255, 256, 5000] {
            let mut encoder = connection(version).0.encoder;
            let (mut fits, mut exceeds) = (Vec::new(), Vec::new());
            encoder.encode(&msg(&vec![1; limit], false), &mut fits);
            encoder.encode(&msg(&vec![1; limit + 1], false), &mut exceeds);
            for cut in [1, 5000] {
                let mut decoder = Decoder::new(version, SocketType::Dealer, Some(limit as u64), None);
                let seen = fits.chunks(cut).flat_map(|part| decode(&mut decoder, part).unwrap());
                assert_eq!(seen.count(), 1, "{version:?} {limit}");
                let refused = exceeds.chunks(cut).find_map(|part| decode(&mut decoder, part).err());
                assert_eq!(refused, Some(ProtocolError::FrameTooLarge), "{version:?} {limit}");
            }
        }
    }
}

#[test]
fn impossible_lengths_are_refused() {
    let cases: [(Version, &[u8]); 7] = [
        (Version::V1_0, b"\0\0"),
        (Version::V1_0, b"\xff\0\0\0\0\0\0\0\0\0"),
        (Version::V1_0, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\0"),
        (Version::V2_0, b"\x02\x80\0\0\0\0\0\0\0"),
        (Version::V3_0, b"\x02\xff\xff\xff\xff\xff\xff\xff\xff"),
        (Version::V3_1, b"\x03\x80\0\0\0\0\0\0\x01"),
        (Version::V3_1, b"\x06\xff\xff\xff\xff\xff\xff\xff\xff"),
    ];
    for (version, wire) in cases {
        for cut in [1, 2, 20] {
            let mut decoder = connection(version).0.decoder;
            let error = wire.chunks(cut).find_map(|part| decode(&mut decoder, part).err());
            assert_eq!(error, Some(ProtocolError::BadLength), "{version:?} {wire:?}");
        }
    }
}
