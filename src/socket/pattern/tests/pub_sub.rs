//! PUB and SUB: who gets what.

use super::rig::{Frames, Rig, frames};
use crate::error::Error;
use crate::message::Role;
use crate::options::SocketType::{Pub, Sub};
use crate::socket::pattern::Dropped;
use crate::socket::pattern::subscription::{SUBSCRIBE, UNSUBSCRIBE};

fn subscribe(publisher: &mut Rig, topics: &[&[u8]]) -> usize {
    let peer = publisher.accept();
    for topic in topics {
        publisher.peer_send_role(peer, Role::Subscribe, topic);
    }
    peer
}

/// The subscriptions that a peer was told of: the role, then the topic.
fn told(subscriber: &mut Rig, peer: usize) -> Vec<(Role, Vec<u8>)> {
    std::iter::from_fn(|| subscriber.peer_recv_msg(peer)).map(|msg| (msg.role(), msg.data().to_vec())).collect()
}

fn told_of(role: Role, topics: &[&[u8]]) -> Vec<(Role, Vec<u8>)> {
    topics.iter().map(|topic| (role, topic.to_vec())).collect()
}

#[test]
fn a_message_goes_to_those_who_subscribed_to_what_it_begins_with() {
    let mut publisher = Rig::new(Pub);
    let all = subscribe(&mut publisher, &[b""]);
    let a = subscribe(&mut publisher, &[b"a"]);
    let ab = subscribe(&mut publisher, &[b"ab", b"a", b"x"]);
    let none = publisher.accept();
    for message in [b"abc".as_slice(), b"a", b"b", b"", b"x"] {
        publisher.send(&[message, b"tail"]).unwrap();
    }
    let first = |publisher: &mut Rig, peer| -> Frames {
        std::iter::from_fn(|| publisher.peer_recv(peer).into_iter().next()).collect()
    };
    assert_eq!(first(&mut publisher, all), frames(&[b"abc", b"a", b"b", b"", b"x"]));
    assert_eq!(first(&mut publisher, a), frames(&[b"abc", b"a"]));
    assert_eq!(first(&mut publisher, ab), frames(&[b"abc", b"a", b"x"]), "each message once");
    assert_eq!(first(&mut publisher, none), Frames::new());
}

#[test]
fn subscriptions_in_the_older_form_count_too() {
    let mut publisher = Rig::new(Pub);
    let peer = publisher.accept();
    publisher.peer_send(peer, &[b"\x01a"]);
    publisher.send(&[b"a1"]).unwrap();
    publisher.peer_send(peer, &[b"\x00a"]);
    publisher.send(&[b"a2"]).unwrap();
    assert_eq!(publisher.peer_recv_all(peer), frames(&[b"a1"]));
}

#[test]
fn a_subscription_that_came_with_the_peer_has_effect_at_once() {
    let mut publisher = Rig::new(Pub);
    let peer = publisher.accept_with(10, &[super::rig::frame(b"\x01", false)]);
    publisher.send(&[b"x"]).unwrap();
    assert_eq!(publisher.peer_recv_all(peer), frames(&[b"x"]));
}

#[test]
fn a_repeated_subscription_is_stored_once() {
    let mut publisher = Rig::new(Pub);
    let peer = subscribe(&mut publisher, &[b"a", b"a"]);
    assert_eq!(publisher.pattern.topics_count(), Some(1));
    publisher.send(&[b"a"]).unwrap();
    publisher.peer_send_role(peer, Role::Cancel, b"a");
    publisher.send(&[b"a"]).unwrap();
    assert_eq!(publisher.peer_recv_all(peer), frames(&[b"a"]));
    assert_eq!(publisher.pattern.topics_count(), Some(0));
}

#[test]
fn a_full_subscriber_misses_whole_messages_and_the_others_none() {
    let mut publisher = Rig::new(Pub);
    let slow = publisher.accept_with(2, &[super::rig::frame(b"\x01", false)]);
    let fast = publisher.accept_with(2, &[super::rig::frame(b"\x01", false)]);
    for number in 0..4u8 {
        publisher.send(&[&[number], b"tail"]).unwrap();
        assert!(publisher.can_send());
        assert_eq!(publisher.peer_recv(fast), frames(&[&[number], b"tail"]));
    }
    assert_eq!(publisher.dropped(), [Dropped::HighWaterMark; 2]);
    assert_eq!(publisher.peer_recv(slow), frames(&[&[0], b"tail"]));
    assert_eq!(publisher.peer_recv(slow), frames(&[&[1], b"tail"]));
    assert!(publisher.peer_recv(slow).is_empty());
    publisher.send(&[b"later"]).unwrap();
    assert_eq!(publisher.peer_recv(slow), frames(&[b"later"]));
}

#[test]
fn a_subscriber_that_comes_or_goes_within_a_message_gets_no_part_of_it() {
    let mut publisher = Rig::new(Pub);
    let stays = subscribe(&mut publisher, &[b""]);
    let goes = subscribe(&mut publisher, &[b""]);
    publisher.send_frame(b"1", true).unwrap();
    publisher.lose(goes);
    let comes = subscribe(&mut publisher, &[b""]);
    publisher.send_frame(b"2", false).unwrap();
    publisher.send(&[b"3"]).unwrap();
    assert_eq!(publisher.peer_recv(stays), frames(&[b"1", b"2"]));
    assert_eq!(publisher.peer_recv(comes), frames(&[b"3"]));
}

#[test]
fn what_a_peer_wanted_is_forgotten_with_it() {
    let mut publisher = Rig::new(Pub);
    let peer = subscribe(&mut publisher, &[b"a", b"b"]);
    publisher.lose(peer);
    assert_eq!(publisher.pattern.topics_count(), Some(0));
    let next = publisher.accept();
    assert_eq!(peer, next, "the pipe's number is used again");
    publisher.send(&[b"a"]).unwrap();
    assert!(publisher.peer_recv_all(next).is_empty());
}

#[test]
fn messages_that_nobody_gets_are_counted() {
    let mut publisher = Rig::new(Pub);
    publisher.send(&[b"a", b"b"]).unwrap();
    assert_eq!(publisher.dropped(), [Dropped::NoPeer]);
    publisher.accept();
    publisher.send(&[b"a"]).unwrap();
    assert_eq!(publisher.dropped(), [Dropped::NotSubscribed]);
}

#[test]
fn inverted_matching_sends_to_those_who_did_not_subscribe() {
    let mut publisher = Rig::new(Pub);
    publisher.options.invert_matching = true;
    let a = subscribe(&mut publisher, &[b"a"]);
    let none = publisher.accept();
    publisher.send(&[b"a1"]).unwrap();
    publisher.send(&[b"b1"]).unwrap();
    assert_eq!(publisher.peer_recv_all(a), frames(&[b"b1"]));
    assert_eq!(publisher.peer_recv_all(none), frames(&[b"a1", b"b1"]));
}

#[test]
fn pub_does_not_receive_and_sub_does_not_send() {
    let (mut publisher, mut sub) = (Rig::new(Pub), Rig::new(Sub));
    let peer = publisher.accept();
    publisher.peer_send(peer, &[b"user", b"data"]);
    assert_eq!(publisher.recv_frame().map(drop), Err(Error::NOTSUP));
    sub.accept();
    assert_eq!(sub.send(&[b"x"]), Err(Error::NOTSUP));
    assert!(!publisher.can_recv() && !sub.can_send());
}

#[test]
fn sub_receives_nothing_before_it_subscribes() {
    let mut sub = Rig::new(Sub);
    let peer = sub.accept();
    sub.peer_send(peer, &[b"a", b"b"]);
    assert_eq!(sub.recv(), Err(Error::AGAIN));
    assert_eq!(sub.dropped(), [Dropped::NotSubscribed]);
}

#[test]
fn sub_filters_whole_messages_by_their_first_frame() {
    let mut sub = Rig::new(Sub);
    let peers = [sub.accept(), sub.accept()];
    sub.set_option(SUBSCRIBE, b"a").unwrap().unwrap();
    for peer in peers {
        sub.peer_send(peer, &[b"b", b"a"]);
        sub.peer_send(peer, &[b"a1", b"b"]);
        sub.peer_send(peer, &[b"", b"a"]);
    }
    assert_eq!(sub.recv(), Ok(frames(&[b"a1", b"b"])));
    assert_eq!(sub.recv(), Ok(frames(&[b"a1", b"b"])));
    assert_eq!(sub.recv(), Err(Error::AGAIN));
    sub.options.invert_matching = true;
    sub.peer_send(peers[0], &[b"a1"]);
    sub.peer_send(peers[0], &[b"b1"]);
    assert_eq!(sub.recv(), Ok(frames(&[b"b1"])));
    assert_eq!(sub.recv(), Err(Error::AGAIN));
}

#[test]
fn each_beginning_of_a_subscription_is_told_of_the_ends_only_the_last() {
    let mut sub = Rig::new(Sub);
    let peer = sub.accept_with(0, &[]);
    for _ in 0..2 {
        sub.set_option(SUBSCRIBE, b"a").unwrap().unwrap();
    }
    assert_eq!(told(&mut sub, peer), told_of(Role::Subscribe, &[b"a", b"a"]), "room or not");
    sub.set_option(UNSUBSCRIBE, b"a").unwrap().unwrap();
    assert!(told(&mut sub, peer).is_empty());
    sub.set_option(UNSUBSCRIBE, b"a").unwrap().unwrap();
    assert_eq!(told(&mut sub, peer), told_of(Role::Cancel, &[b"a"]));
    sub.set_option(UNSUBSCRIBE, b"a").unwrap().unwrap();
    assert!(told(&mut sub, peer).is_empty(), "an unknown topic is nothing to tell");
    assert_eq!(sub.set_option(17, b"a"), None);
}

#[test]
fn a_new_and_a_reconnected_peer_are_told_each_topic_once() {
    let mut sub = Rig::new(Sub);
    for topic in [b"b".as_slice(), b"a", b"b", b""] {
        sub.set_option(SUBSCRIBE, topic).unwrap().unwrap();
    }
    assert_eq!(sub.pattern.topics_count(), Some(4), "duplicates count");
    let peer = sub.connect();
    let topics = told_of(Role::Subscribe, &[b"", b"a", b"b"]);
    assert_eq!(told(&mut sub, peer), topics);
    sub.reconnect(peer);
    assert_eq!(told(&mut sub, peer), topics);
}

#[test]
fn a_message_that_was_seen_by_polling_survives_the_end_of_its_subscription() {
    let mut sub = Rig::new(Sub);
    let peer = sub.accept();
    sub.set_option(SUBSCRIBE, b"a").unwrap().unwrap();
    sub.peer_send(peer, &[b"a", b"b"]);
    assert!(sub.can_recv());
    sub.set_option(UNSUBSCRIBE, b"a").unwrap().unwrap();
    assert_eq!(sub.recv(), Ok(frames(&[b"a", b"b"])));
}
