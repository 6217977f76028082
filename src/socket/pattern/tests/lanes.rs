//! Lanes: what goes along them counts as if it had gone the whole way.

use super::rig::{Rig, frame, frames, routing_id};
use crate::error::Error;
use crate::options::SocketType::{self, Dealer, Pair, Pull, Push, Router, Sub};
use crate::socket::pattern::Dropped;
use crate::socket::pattern::subscription::SUBSCRIBE;

/// A socket with a lane for what it sends to its one peer, after a first message.
fn sender(socket_type: SocketType, high_water_mark: u32) -> (Rig, usize) {
    let mut rig = Rig::new(socket_type);
    let peer = rig.accept_with(high_water_mark, &[]);
    rig.send_bytes(b"1", false).unwrap();
    rig.open_lanes();
    (rig, peer)
}

#[test]
fn a_lane_carries_as_many_messages_as_the_pipe_takes() {
    for socket_type in [Push, Dealer, Pair] {
        let (mut rig, peer) = sender(socket_type, 4);
        let carried = (0..10).take_while(|_| rig.send_along(b"2", false)).count();
        assert_eq!(carried, 3);
        rig.close_lanes();
        assert!(!rig.send_along(b"3", false));
        assert_eq!(rig.send_bytes(b"3", false), Err(Error::AGAIN));
        assert_eq!(rig.peer_recv_all(peer), frames(&[b"1", b"2", b"2", b"2"]));
        assert!(rig.can_send());
    }
}

#[test]
fn a_message_that_was_begun_on_a_lane_ends_at_the_same_peer() {
    let (mut rig, peer) = sender(Push, 1000);
    assert!(rig.send_along(b"2", false) && rig.send_along(b"a", true) && rig.send_along(b"b", true));
    rig.close_lanes();
    let other = rig.accept();
    rig.send_bytes(b"c", false).unwrap();
    assert_eq!((rig.peer_recv(peer), rig.peer_recv(peer)), (frames(&[b"1"]), frames(&[b"2"])));
    assert_eq!(rig.peer_recv(peer), frames(&[b"a", b"b", b"c"]));
    assert!(rig.peer_recv(other).is_empty());
}

#[test]
fn the_rest_of_a_message_that_was_begun_on_a_lane_is_dropped_if_its_peer_is_lost() {
    let (mut rig, peer) = sender(Dealer, 1000);
    assert!(rig.send_along(b"a", true));
    rig.close_lanes();
    let other = rig.accept();
    rig.lose(peer);
    rig.send_bytes(b"b", false).unwrap();
    assert_eq!(rig.dropped(), [Dropped::PeerLost]);
    rig.send_bytes(b"next", false).unwrap();
    assert_eq!(rig.peer_recv_all(other), frames(&[b"next"]));
}

#[test]
fn a_lane_may_begin_amid_a_message_and_end_there() {
    let (mut rig, peer) = sender(Pair, 1000);
    rig.close_lanes();
    rig.send_bytes(b"a", true).unwrap();
    rig.open_lanes();
    assert!(rig.send_along(b"b", true));
    rig.close_lanes();
    rig.send_bytes(b"c", false).unwrap();
    rig.peer_recv(peer);
    assert_eq!(rig.peer_recv(peer), frames(&[b"a", b"b", b"c"]));
}

#[test]
fn a_large_content_is_passed_on_within_a_process_not_copied() {
    let (mut rig, peer) = sender(Push, 1000);
    let (small, large) = (frame(b"small", false), frame(&[7; 1000], false));
    assert!(rig.pipes.send_msg_along(&small, false));
    assert!(!rig.pipes.send_msg_along(&large, false));
    rig.close_lanes();
    rig.send_frame(&[7; 1000], false).unwrap();
    assert_eq!(rig.peer_recv_all(peer), frames(&[b"1", b"small", &[7; 1000]]));
}

#[test]
fn with_several_peers_there_is_no_lane() {
    let (mut rig, _) = sender(Push, 1000);
    rig.close_lanes();
    rig.accept();
    rig.send_bytes(b"2", false).unwrap();
    rig.open_lanes();
    assert!(!rig.send_along(b"3", false));
}

/// A socket with a lane for what it receives from its one peer, after a first message.
fn receiver(socket_type: SocketType, messages: &[&[&[u8]]]) -> (Rig, usize) {
    let mut rig = Rig::new(socket_type);
    let peer = rig.accept();
    rig.peer_send_live(peer, &[b"1"]);
    messages.iter().for_each(|message| rig.peer_send_live(peer, message));
    assert_eq!(rig.recv(), Ok(frames(&[b"1"])));
    rig.open_lanes();
    (rig, peer)
}

#[test]
fn a_lane_brings_what_comes_in_its_turn() {
    for socket_type in [Pull, Dealer, Pair] {
        let (mut rig, peer) = receiver(socket_type, &[&[b"2"], &[b"3", b"4"]]);
        assert_eq!(rig.recv_along(), Some((b"2".to_vec(), false)));
        assert_eq!(rig.recv_along(), Some((b"3".to_vec(), true)));
        rig.close_lanes();
        assert!(rig.can_recv());
        assert_eq!(rig.recv(), Ok(frames(&[b"4"])));
        rig.open_lanes();
        assert_eq!(rig.recv_along(), None);
        rig.peer_send_live(peer, &[b"5"]);
        assert_eq!(rig.recv_along(), Some((b"5".to_vec(), false)));
    }
}

#[test]
fn what_is_left_of_a_message_ends_with_its_peer() {
    let (mut rig, peer) = receiver(Pull, &[&[b"2", b"3"]]);
    assert_eq!(rig.recv_along(), Some((b"2".to_vec(), true)));
    rig.close_lanes();
    let other = rig.accept();
    rig.peer_send(other, &[b"next"]);
    rig.lose(peer);
    assert_eq!(rig.recv(), Ok(frames(&[b""])));
    assert_eq!(rig.recv(), Ok(frames(&[b"next"])));
}

/// A ROUTER that has read the routing id of the first message of its first peer.
fn router(peers: &[&[u8]]) -> (Rig, Vec<usize>) {
    let mut rig = Rig::new(Router);
    let pipes: Vec<usize> = peers.iter().map(|id| rig.accept_with(1000, &[routing_id(id)])).collect();
    for &pipe in &pipes {
        rig.peer_send_live(pipe, &[b"1", b"2"]);
        rig.peer_send_live(pipe, &[b"3"]);
    }
    assert_eq!(rig.recv_frame().unwrap().data(), peers[0]);
    rig.open_lanes();
    assert_eq!(rig.recv_along(), Some((b"1".to_vec(), true)));
    assert_eq!(rig.recv_along(), Some((b"2".to_vec(), false)));
    (rig, pipes)
}

#[test]
fn the_lane_of_a_router_with_one_peer_names_it_before_each_message() {
    let (mut rig, pipes) = router(&[b"A"]);
    assert_eq!(rig.recv_along(), Some((b"A".to_vec(), true)));
    rig.close_lanes();
    assert_eq!(rig.recv_frame().unwrap().data(), b"3");
    assert_eq!(rig.recv_frame().err(), Some(Error::AGAIN));
    rig.peer_send_live(pipes[0], &[b"4"]);
    assert_eq!(rig.recv(), Ok(frames(&[b"A", b"4"])));
    rig.open_lanes();
    assert_eq!(rig.recv_along(), None);
}

#[test]
fn the_lane_of_a_router_with_several_peers_ends_with_the_message() {
    let (mut rig, _) = router(&[b"A", b"B"]);
    assert_eq!(rig.recv_along(), None);
    rig.close_lanes();
    assert_eq!(rig.recv(), Ok(frames(&[b"B", b"1", b"2"])));
    assert_eq!(rig.recv(), Ok(frames(&[b"A", b"3"])));
}

#[test]
fn a_subscriber_has_a_lane_if_it_wants_all() {
    for (topic, wants_all) in [(&b""[..], true), (b"2", false)] {
        let mut rig = Rig::new(Sub);
        let peer = rig.accept();
        rig.set_option(SUBSCRIBE, topic);
        rig.peer_send_live(peer, &[b"2"]);
        rig.peer_send_live(peer, &[b"23"]);
        assert_eq!(rig.recv(), Ok(frames(&[b"2"])));
        rig.open_lanes();
        assert_eq!(rig.recv_along().is_some(), wants_all);
    }
}
