//! What one end encodes, the other end decodes, in every version and in whatever pieces.
//!
//! Input: `[version][cuts]`, then items: `[what and how long: 1][length: 1][fill: 1]`

#![no_main]

use libfuzzer_sys::fuzz_target;
use zmqrs::message::{Msg, Role};
use zmqrs::protocol::{Encoder, Established, Version};
use zmqrs_fuzz::{Cuts, Seen, byte, decode, handshake, hello};

/// XPUB, no size limit: takes subscriptions.
const PUBLISHER: u8 = 9;
/// At most this much goes over the wire, so that a run stays short.
const WIRE_MAX: usize = 1 << 18;

fn establish(version: u8) -> Established {
    let mut handshake = handshake(PUBLISHER);
    handshake.handle_bytes(&hello(version)).unwrap();
    handshake.poll_established().unwrap()
}

/// Encodes one item; returns what the other end is to see.
fn send(input: &mut &[u8], version: Version, encoder: &mut Encoder, wire: &mut Vec<u8>) -> Option<Seen> {
    let (what, length, fill) = (byte(input), usize::from(byte(input)), byte(input));
    let length = length << ((what >> 4) & 7);
    let body = vec![fill; length];
    let mut msg = Msg::copy_of(&body).unwrap();
    let commands = version >= Version::V3_0;
    match what & 7 {
        0 => {
            encoder.ping(length as u16, wire);
            commands.then_some(Seen::Ping(length as u16, Vec::new()))
        }
        1 => {
            encoder.pong(&body[..length.min(16)], wire);
            commands.then_some(Seen::Pong)
        }
        2 | 3 => {
            let role = if what & 1 == 0 { Role::Subscribe } else { Role::Cancel };
            msg.set_role(role);
            encoder.encode(&msg, wire);
            let legacy = [&[u8::from(role == Role::Subscribe)], &body[..]].concat();
            let is_command = version == Version::V3_1;
            Some(if is_command { Seen::Frame(role, false, body) } else { Seen::Frame(Role::Data, false, legacy) })
        }
        4 => {
            msg.set_more(true);
            encoder.header(&msg, wire);
            wire.extend_from_slice(&body);
            Some(Seen::Frame(Role::Data, true, body))
        }
        _ => {
            msg.set_more(what & 8 != 0);
            encoder.encode(&msg, wire);
            Some(Seen::Frame(Role::Data, what & 8 != 0, body))
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let mut input = input;
    let choice = 1 + byte(&mut input) % 4;
    let seed = byte(&mut input);
    let (mut sender, mut receiver) = (establish(choice), establish(choice));
    let (mut wire, mut expected) = (Vec::new(), Vec::new());
    while !input.is_empty() && wire.len() < WIRE_MAX {
        expected.extend(send(&mut input, sender.version, &mut sender.encoder, &mut wire));
    }
    let (mut rest, mut cuts, mut seen) = (&wire[..], Cuts::new(seed), Vec::new());
    while !rest.is_empty() {
        let piece = cuts.next(&mut rest);
        decode(&mut receiver.decoder, piece, seed & 1 == 1, &mut seen).unwrap();
    }
    assert!(seen == expected);
});
