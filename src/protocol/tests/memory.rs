//! What a peer can make us hold: what it sent, and little more.

use super::*;

#[test]
fn an_idle_decoder_is_small() {
    assert!(size_of::<Decoder>() <= 72);
    assert!(size_of::<Encoder>() <= 24);
}

#[test]
fn a_claimed_length_reserves_little() {
    for version in VERSIONS {
        let header: &[u8] = match version {
            Version::V1_0 => b"\xff\x40\0\0\0\0\0\0\0\0",
            _ => b"\x02\x40\0\0\0\0\0\0\0",
        };
        let mut decoder = connection(version).0.decoder;
        assert!(decoder.decode(&mut &header[..]).unwrap().is_none());
        let body = decoder.large_body().unwrap();
        assert!(body.missing() >= 1 << 61);
        assert!(body.room().unwrap().len() <= 4 * 1024 * 1024);
        // Growth follows the bytes that came.
        assert!(decode(&mut decoder, &vec![0; 5_000_000]).unwrap().is_empty());
        assert!(decoder.large_body().unwrap().room().unwrap().len() <= 8 * 1024 * 1024);
    }
}

#[test]
fn a_handshake_holds_a_few_kilobytes_at_most() {
    let largest = [b"\x06\0\0\0\0\0\0\x20\0", &[b'x'; 8 * 1024 - 1][..]].concat();
    let mut handshake = Handshake::new(config(SocketType::Pull));
    handshake.handle_bytes(&greeting(3, 1, "NULL")).unwrap();
    assert_eq!(handshake.handle_bytes(&largest), Ok(largest.len()), "waits for the last byte");
    let mut handshake = Handshake::new(config(SocketType::Pull));
    handshake.handle_bytes(&greeting(3, 1, "NULL")).unwrap();
    assert_eq!(handshake.handle_bytes(b"\x06\0\0\0\0\0\0\x20\x01"), Err(ProtocolError::FrameTooLarge));
}

#[test]
fn a_large_body_can_be_read_in_place() {
    for version in VERSIONS {
        let (left, mut right) = connection(version);
        let body: Vec<u8> = (0..1_000_000).map(|i| (i / 3) as u8).collect();
        let mut wire = Vec::new();
        left.encoder.header(&msg(&body, true), &mut wire);
        wire.extend_from_slice(&body[..10_000]);
        assert!(decode(&mut right.decoder, &wire).unwrap().is_empty());
        let mut rest = &body[10_000..];
        while let Some(growing) = right.decoder.large_body() {
            let part = rest.len().min(100_000);
            let taken = growing.extend(&rest[..part]).unwrap();
            rest = &rest[taken..];
        }
        let seen = decode(&mut right.decoder, rest).unwrap();
        assert!(seen == [Seen::Data(body, true)], "{version:?}");
    }
}

#[test]
fn only_a_large_body_is_worth_reading_in_place() {
    let (mut left, mut right) = connection(Version::V3_1);
    let mut wire = Vec::new();
    left.encoder.encode(&msg(&[5; 20_000], false), &mut wire);
    assert!(right.decoder.large_body().is_none(), "between frames");
    assert!(decode(&mut right.decoder, &wire[..100]).unwrap().is_empty());
    assert!(right.decoder.large_body().is_some());
    assert!(decode(&mut right.decoder, &wire[100..15_000]).unwrap().is_empty());
    assert!(right.decoder.large_body().is_some(), "to its end, so that what follows can be read in place, too");
    assert_eq!(decode(&mut right.decoder, &wire[15_000..]).unwrap().len(), 1);
    let mut wire = Vec::new();
    left.encoder.encode(&msg(&[5; 2000], false), &mut wire);
    assert!(decode(&mut right.decoder, &wire[..100]).unwrap().is_empty());
    assert!(right.decoder.large_body().is_none(), "a small one");
}

#[test]
fn a_body_completed_in_place_comes_out_of_an_empty_input() {
    let (left, mut right) = connection(Version::V3_1);
    let body = vec![9; 50_000];
    let mut wire = Vec::new();
    left.encoder.header(&msg(&body, false), &mut wire);
    assert!(decode(&mut right.decoder, &wire).unwrap().is_empty());
    assert_eq!(right.decoder.large_body().unwrap().extend(&body), Ok(body.len()));
    assert_eq!(decode(&mut right.decoder, b"").unwrap(), [Seen::Data(body, false)]);
}
