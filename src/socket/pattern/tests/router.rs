//! ROUTER: names, routes, and what becomes of messages that have none.

use super::rig::{Rig, frames};
use crate::error::Error;
use crate::message::Role;
use crate::options::SocketType::Router;
use crate::socket::pattern::Dropped;

#[test]
fn messages_bear_the_peers_name_and_go_where_the_name_says() {
    let mut router = Rig::new(Router);
    let (one, two) = (router.accept_named(b"one"), router.accept_named(b"two"));
    router.peer_send(one, &[b"", b"q"]);
    assert_eq!(router.recv(), Ok(frames(&[b"one", b"", b"q"])));
    router.send(&[b"two", b"a", b"b"]).unwrap();
    router.send(&[b"one", b"c"]).unwrap();
    assert_eq!(router.peer_recv_all(one), frames(&[b"c"]));
    assert_eq!(router.peer_recv(two), frames(&[b"a", b"b"]));
}

#[test]
fn a_peer_without_a_name_gets_a_zero_byte_and_a_number() {
    let mut router = Rig::new(Router);
    let mut names = Vec::new();
    for _ in 0..2 {
        let peer = router.accept_named(b"");
        router.peer_send(peer, &[b"x"]);
        let message = router.recv().unwrap();
        assert_eq!((message[0].len(), message[0][0]), (5, 0));
        names.push(u32::from_be_bytes(message[0][1..].try_into().unwrap()));
        router.send(&[&message[0], b"reply"]).unwrap();
        assert_eq!(router.peer_recv(peer), frames(&[b"reply"]));
    }
    assert_eq!(names[1], names[0].wrapping_add(1));
}

#[test]
fn an_accepted_peer_is_addressable_before_it_sends() {
    let mut router = Rig::new(Router);
    router.options.router_mandatory = true;
    let peer = router.accept_named(b"p");
    router.send(&[b"p", b"hello"]).unwrap();
    assert_eq!(router.peer_recv(peer), frames(&[b"hello"]));
}

#[test]
fn a_peer_that_was_connected_to_is_addressable_when_it_announced_itself() {
    let mut router = Rig::new(Router);
    router.options.router_mandatory = true;
    let peer = router.connect();
    assert_eq!(router.send(&[b"p", b"x"]), Err(Error::HOSTUNREACH));
    router.peer_send_role(peer, Role::RoutingId, b"p");
    assert!(!router.can_recv(), "an announcement is no message");
    router.send(&[b"p", b"x"]).unwrap();
    assert_eq!(router.peer_recv(peer), frames(&[b"x"]));
    router.peer_send(peer, &[b"y"]);
    assert_eq!(router.recv(), Ok(frames(&[b"p", b"y"])));
}

#[test]
fn connect_routing_id_names_the_next_connection_and_is_used_up() {
    let mut router = Rig::new(Router);
    router.options.router_mandatory = true;
    router.options.connect_routing_id = Some(b"given".to_vec());
    let peer = router.connect();
    assert_eq!(router.options.connect_routing_id, None);
    router.send(&[b"given", b"x"]).unwrap();
    router.peer_send_role(peer, Role::RoutingId, b"announced");
    router.peer_send(peer, &[b"y"]);
    assert_eq!(router.recv(), Ok(frames(&[b"given", b"y"])));
    assert_eq!(router.send(&[b"announced", b"x"]), Err(Error::HOSTUNREACH));
    assert_eq!(router.peer_recv_all(peer), frames(&[b"x"]));
}

#[test]
fn a_name_outlives_the_connection_of_a_peer_that_is_reconnected() {
    let mut router = Rig::new(Router);
    let peer = router.connect();
    router.peer_send_role(peer, Role::RoutingId, b"before");
    router.peer_send(peer, &[b"1"]);
    router.peer_send_role(peer, Role::RoutingId, b"after");
    router.peer_send(peer, &[b"2"]);
    assert_eq!(router.recv(), Ok(frames(&[b"before", b"1"])));
    assert_eq!(router.recv(), Ok(frames(&[b"before", b"2"])));
    router.send(&[b"before", b"x"]).unwrap();
    assert_eq!(router.peer_recv(peer), frames(&[b"x"]));
}

#[test]
fn a_message_to_nobody_is_dropped_frame_by_frame() {
    let mut router = Rig::new(Router);
    let peer = router.accept_named(b"p");
    router.send(&[b"nobody", b"a", b"b"]).unwrap();
    assert_eq!(router.dropped(), [Dropped::Unroutable]);
    router.send(&[b"p"]).unwrap();
    router.send(&[b"p", b"c"]).unwrap();
    assert_eq!(router.peer_recv_all(peer), frames(&[b"c"]));
}

#[test]
fn mandatory_tells_of_an_unknown_name_and_expects_a_name_again() {
    let mut router = Rig::new(Router);
    router.options.router_mandatory = true;
    assert!(!router.can_send());
    let peer = router.accept_named(b"p");
    assert!(router.can_send());
    assert_eq!(router.send_frame(b"nobody", true), Err(Error::HOSTUNREACH));
    router.send(&[b"nobody"]).unwrap();
    router.send(&[b"p", b"x"]).unwrap();
    assert_eq!(router.peer_recv_all(peer), frames(&[b"x"]));
    router.lose(peer);
    assert_eq!(router.send_frame(b"p", true), Err(Error::HOSTUNREACH));
}

#[test]
fn a_full_peer_loses_messages_or_with_mandatory_is_waited_for() {
    let mut router = Rig::new(Router);
    let peer = router.accept_named(b"p");
    let full = router.accept_with(1, &[super::rig::routing_id(b"full")]);
    router.send(&[b"full", b"1"]).unwrap();
    router.send(&[b"full", b"2", b"2"]).unwrap();
    assert_eq!(router.dropped(), [Dropped::HighWaterMark]);
    router.options.router_mandatory = true;
    assert_eq!(router.send_frame(b"full", true), Err(Error::AGAIN));
    assert!(router.can_send(), "another peer has room");
    router.lose(peer);
    assert!(!router.can_send());
    assert_eq!(router.peer_recv_all(full), frames(&[b"1"]));
    assert!(router.can_send());
    router.send(&[b"full", b"3"]).unwrap();
    assert_eq!(router.peer_recv_all(full), frames(&[b"3"]));
}

#[test]
fn the_rest_of_a_message_is_dropped_when_its_peer_leaves() {
    let mut router = Rig::new(Router);
    router.options.router_mandatory = true;
    let peer = router.accept_named(b"p");
    router.send_frame(b"p", true).unwrap();
    router.send_frame(b"1", true).unwrap();
    router.lose(peer);
    let next = router.accept_named(b"p");
    router.send_frame(b"2", false).unwrap();
    router.send(&[b"p", b"3"]).unwrap();
    assert_eq!(router.peer_recv_all(next), frames(&[b"3"]));
}

#[test]
fn the_first_of_two_peers_of_one_name_keeps_it() {
    let mut router = Rig::new(Router);
    let (first, second) = (router.accept_named(b"p"), router.accept_named(b"p"));
    router.peer_send(second, &[b"unheard"]);
    router.peer_send(first, &[b"heard"]);
    assert_eq!(router.recv(), Ok(frames(&[b"p", b"heard"])));
    assert_eq!(router.recv(), Err(Error::AGAIN));
    router.lose(first);
    router.send(&[b"p", b"x"]).unwrap();
    assert!(router.peer_recv_all(second).is_empty(), "not even after the first left");
    assert!(!router.terminated(second));
    router.lose(second);
    let third = router.accept_named(b"p");
    router.send(&[b"p", b"x"]).unwrap();
    assert_eq!(router.peer_recv_all(third), frames(&[b"x"]));
}

#[test]
fn with_handover_the_newest_peer_takes_the_name() {
    let mut router = Rig::new(Router);
    router.options.router_handover = true;
    let old = router.accept_named(b"p");
    router.peer_send(old, &[b"before", b"it"]);
    let new = router.accept_named(b"p");
    router.peer_send(new, &[b"new"]);
    let mut got = [router.recv().unwrap(), router.recv().unwrap()];
    got.sort();
    assert_eq!(got, [frames(&[b"p", b"before", b"it"]), frames(&[b"p", b"new"])]);
    assert_eq!(router.recv(), Err(Error::AGAIN));
    router.peer_send(old, &[b"after it"]);
    assert_eq!(router.recv(), Err(Error::AGAIN));
    router.send(&[b"p", b"x"]).unwrap();
    assert_eq!(router.peer_recv_all(new), frames(&[b"x"]));
    assert!(router.peer_recv_all(old).is_empty());
    assert!(!router.terminated(old), "its connection stays");
    router.lose(old);
    router.send(&[b"p", b"y"]).unwrap();
    assert_eq!(router.peer_recv_all(new), frames(&[b"y"]));
}

#[test]
fn a_message_read_in_part_is_read_to_its_end_after_a_handover() {
    let mut router = Rig::new(Router);
    router.options.router_handover = true;
    let old = router.accept_named(b"p");
    router.peer_send(old, &[b"1", b"2", b"3"]);
    assert_eq!(router.recv_frame().unwrap().data(), b"p");
    assert_eq!(router.recv_frame().unwrap().data(), b"1");
    let new = router.accept_named(b"p");
    router.peer_send(new, &[b"new"]);
    assert_eq!(router.recv(), Ok(frames(&[b"2", b"3"])));
    assert_eq!(router.recv(), Ok(frames(&[b"p", b"new"])));
}

#[test]
fn peers_are_read_in_turn() {
    let mut router = Rig::new(Router);
    let peers = [router.accept_named(b"a"), router.accept_named(b"b")];
    for peer in peers {
        for _ in 0..3 {
            router.peer_send(peer, &[b"x"]);
        }
    }
    let order: Vec<u8> = (0..6).map(|_| router.recv().unwrap()[0][0]).collect();
    assert!(order.windows(2).all(|pair| pair[0] != pair[1]), "{order:?}");
}

#[test]
fn long_names_and_names_that_begin_with_zero_work() {
    let mut router = Rig::new(Router);
    for name in [vec![7; 255], vec![8; 256], vec![0, 0, 0, 0, 1]] {
        let peer = router.accept_named(&name);
        router.peer_send(peer, &[b"x"]);
        assert_eq!(router.recv(), Ok(frames(&[&name, b"x"])));
        router.send(&[&name, b"y"]).unwrap();
        assert_eq!(router.peer_recv_all(peer), frames(&[b"y"]));
    }
}
