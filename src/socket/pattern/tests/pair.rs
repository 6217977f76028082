//! PAIR: one peer at a time.

use super::rig::{Rig, frames};
use crate::error::Error;
use crate::options::SocketType::Pair;
use crate::socket::pattern::Dropped;

#[test]
fn pair_talks_to_its_peer_both_ways() {
    let mut pair = Rig::new(Pair);
    assert_eq!(pair.send(&[b"a"]), Err(Error::AGAIN));
    let peer = pair.accept();
    pair.send(&[b"a", b"b"]).unwrap();
    assert_eq!(pair.peer_recv(peer), frames(&[b"a", b"b"]));
    pair.peer_send(peer, &[b"c", b"d"]);
    assert_eq!(pair.recv(), Ok(frames(&[b"c", b"d"])));
}

#[test]
fn a_third_party_is_neither_heard_nor_spoken_to_even_after_the_peer_left() {
    let mut pair = Rig::new(Pair);
    let (peer, third) = (pair.accept(), pair.accept());
    pair.peer_send(third, &[b"lost"]);
    assert_eq!(pair.recv(), Err(Error::AGAIN));
    pair.send(&[b"a"]).unwrap();
    assert_eq!(pair.peer_recv(peer), frames(&[b"a"]));
    pair.lose(peer);
    assert!(!pair.can_send() && !pair.can_recv());
    assert_eq!(pair.send(&[b"b"]), Err(Error::AGAIN));
    assert!(!pair.terminated(third), "its connection stays");
    let next = pair.accept();
    pair.send(&[b"c"]).unwrap();
    assert_eq!(pair.peer_recv_all(next), frames(&[b"c"]));
    assert!(pair.peer_recv_all(third).is_empty());
    pair.lose(third);
    pair.peer_send(next, &[b"d"]);
    assert_eq!(pair.recv(), Ok(frames(&[b"d"])));
}

#[test]
fn pair_blocks_at_the_high_water_mark() {
    let mut pair = Rig::new(Pair);
    let peer = pair.accept_with(2, &[]);
    pair.send(&[b"1", b"1"]).unwrap();
    pair.send(&[b"2"]).unwrap();
    assert_eq!(pair.send(&[b"3"]), Err(Error::AGAIN));
    assert!(!pair.can_send());
    pair.peer_recv(peer);
    pair.send(&[b"3"]).unwrap();
}

#[test]
fn the_rest_of_a_message_does_not_reach_the_next_peer() {
    let mut pair = Rig::new(Pair);
    let peer = pair.accept();
    pair.send_frame(b"1", true).unwrap();
    pair.lose(peer);
    let next = pair.accept();
    pair.send_frame(b"2", false).unwrap();
    assert_eq!(pair.dropped(), [Dropped::PeerLost]);
    pair.send(&[b"3"]).unwrap();
    assert_eq!(pair.peer_recv_all(next), frames(&[b"3"]));
}
