//! Random traffic, cut at random, arrives whole; random bytes end in an error or in nothing, never in a panic.

use super::*;
use crate::message::Role;

fn length(random: &mut Random) -> usize {
    match random.below(8) {
        0 => random.below(3),
        1..=3 => random.below(60),
        4 => 250 + random.below(10),
        5 | 6 => random.below(2000),
        _ => random.below(30_000),
    }
}

/// Appends a random item to the wire, in the form that a peer of that version sends.
fn send(random: &mut Random, version: Version, encoder: &mut Encoder, wire: &mut Vec<u8>) -> Vec<Seen> {
    let len = length(random);
    let body = random.bytes(len);
    match random.below(8) {
        0 => {
            encoder.ping(len as u16, wire);
            if version >= Version::V3_0 { vec![Seen::Ping(len as u16, vec![])] } else { vec![] }
        }
        1 => {
            encoder.pong(&body[..len.min(16)], wire);
            if version >= Version::V3_0 { vec![Seen::Pong] } else { vec![] }
        }
        2 => {
            let mut msg = msg(&body, false);
            msg.set_role(Role::Subscribe);
            encoder.encode(&msg, wire);
            if version == Version::V3_1 {
                vec![Seen::Subscribe(body)]
            } else {
                vec![Seen::Data([&[1], &body[..]].concat(), false)]
            }
        }
        choice => {
            let more = choice == 3;
            encoder.encode(&msg(&body, more), wire);
            vec![Seen::Data(body, more)]
        }
    }
}

/// Decodes in pieces of random length, now and then by way of the hot path and of reading in place.
fn receive(random: &mut Random, decoder: &mut Decoder, mut wire: &[u8]) -> Result<Vec<Seen>, ProtocolError> {
    let mut seen = Vec::new();
    while !wire.is_empty() {
        let most = if random.below(2) == 0 { 20 } else { 20_000 };
        let (mut part, rest) = wire.split_at(1 + random.below(wire.len().min(most)));
        wire = rest;
        if let (0, Some(body)) = (random.below(2), decoder.large_body()) {
            part = &part[body.extend(part).unwrap()..];
        }
        loop {
            if random.below(2) == 0 {
                seen.extend(decoder.short_frame(&mut part).map(|msg| Seen::from(Decoded::Frame(msg))));
            }
            let Some(decoded) = decoder.decode(&mut part)? else { break };
            seen.push(decoded.into());
        }
        assert!(part.is_empty());
    }
    Ok(seen)
}

#[test]
fn random_traffic_arrives_whole_however_it_is_cut() {
    let mut random = Random(0x5eed_0001);
    for round in 0..40 {
        let version = VERSIONS[round % 4];
        let mut encoder = establish(config(SocketType::Sub), version, "XPUB").encoder;
        let mut decoder = establish(config(SocketType::Xpub), version, "SUB").decoder;
        let (mut wire, mut expected) = (Vec::new(), Vec::new());
        for _ in 0..30 {
            expected.extend(send(&mut random, version, &mut encoder, &mut wire));
        }
        let seen = receive(&mut random, &mut decoder, &wire).unwrap();
        assert!(seen == expected, "round {round}, {version:?}");
    }
}

#[test]
fn handshakes_survive_random_cuts() {
    let mut random = Random(0x5eed_0002);
    for _ in 0..200 {
        let mut ends = [Handshake::new(config(SocketType::Dealer)), Handshake::new(config(SocketType::Router))];
        let mut wires = [Vec::new(), Vec::new()];
        loop {
            ends[0].poll_transmit(&mut wires[1]);
            ends[1].poll_transmit(&mut wires[0]);
            if wires.iter().all(Vec::is_empty) {
                break;
            }
            let side = if wires[0].is_empty() { 1 } else { random.below(2) };
            let cut = random.below(wires[side].len() + 1);
            let part: Vec<u8> = wires[side].drain(..cut).collect();
            assert_eq!(ends[side].handle_bytes(&part), Ok(cut));
        }
        assert!(ends.iter_mut().all(|end| end.poll_established().is_some()));
    }
}

#[test]
fn random_bytes_give_the_same_result_whole_and_in_pieces() {
    let mut random = Random(0x5eed_0003);
    for round in 0..2000 {
        let version = VERSIONS[round % 4];
        let len = random.below(200);
        let mut wire = random.bytes(len);
        // Mostly small lengths, so that there is more than one frame.
        wire.iter_mut().step_by(2).for_each(|byte| *byte &= 0x0d);
        let result = |pieces: bool, random: &mut Random| {
            let mut decoder = establish(HandshakeConfig { ..config(SocketType::Xpub) }, version, "SUB").decoder;
            if pieces { receive(random, &mut decoder, &wire) } else { decode(&mut decoder, &wire) }
        };
        assert_eq!(result(false, &mut random), result(true, &mut random), "{version:?} {wire:?}");
    }
}

#[test]
fn a_changed_byte_in_a_handshake_is_an_error_or_nothing() {
    let mut random = Random(0x5eed_0004);
    for version in VERSIONS {
        let hello = hello(version, "DEALER");
        for at in 0..hello.len() {
            let mut changed = hello.clone();
            changed[at] ^= 1 << random.below(8);
            let mut whole = Handshake::new(config(SocketType::Router));
            let mut pieces = Handshake::new(config(SocketType::Router));
            let expected = whole.handle_bytes(&changed).err();
            let error = changed.chunks(1).find_map(|byte| pieces.handle_bytes(byte).err());
            assert_eq!(error, expected, "{version:?}, byte {at}");
            assert_eq!(whole.poll_established().is_some(), pieces.poll_established().is_some());
            assert_eq!(transmit(&mut whole), transmit(&mut pieces));
        }
    }
}
