//! Whatever a peer sends, in whatever pieces, has one result, and none of them is a panic or a large allocation.
//!
//! Input: `[socket type and size limit][version][cuts][bytes of the peer]`

#![no_main]

use libfuzzer_sys::fuzz_target;
use zmqrs_fuzz::{Cuts, byte, handshake, hello, receive};

fuzz_target!(|input: &[u8]| {
    let mut input = input;
    let (kind, version, cuts) = (byte(&mut input), byte(&mut input), byte(&mut input));
    let wire = [&hello(version), input].concat();
    let whole = receive(handshake(kind), &wire, Cuts::new(0));
    let pieces = receive(handshake(kind), &wire, Cuts::new(cuts | 1));
    assert_eq!(whole, pieces);
});
