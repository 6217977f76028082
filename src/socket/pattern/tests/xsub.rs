//! XSUB: subscriptions as messages.

use super::rig::{Frames, Rig, frame, frames};
use crate::error::Error;
use crate::message::Role;
use crate::options::SocketType::Xsub;
use crate::socket::pattern::Dropped;

#[test]
fn of_the_ends_of_a_subscription_only_the_last_is_sent() {
    let mut xsub = Rig::new(Xsub);
    let peer = xsub.accept();
    // What the user sends, and whether the peer sees it.
    let steps: [(&[u8], bool); 6] =
        [(b"\x01A", true), (b"\x01A", true), (b"\0A", false), (b"\0A", true), (b"\0A", false), (b"\0Z", false)];
    for (request, sent) in steps {
        xsub.send(&[request]).unwrap();
        assert_eq!(xsub.peer_recv(peer), if sent { frames(&[request]) } else { Frames::new() });
    }
    xsub.options.xsub_verbose_unsubscribe = true;
    xsub.send(&[b"\0Z"]).unwrap();
    assert_eq!(xsub.peer_recv(peer), frames(&[b"\0Z"]));
}

#[test]
fn requests_are_sent_as_user_data_and_told_again_as_commands() {
    let mut xsub = Rig::new(Xsub);
    let peer = xsub.accept();
    for request in [b"\x01b", b"\x01a", b"\x01b"] {
        xsub.send(&[request]).unwrap();
        let msg = xsub.peer_recv_msg(peer).unwrap();
        assert_eq!((msg.role(), msg.data()), (Role::Data, request.as_slice()));
    }
    assert_eq!(xsub.pattern.topics_count(), Some(3));
    xsub.reconnect(peer);
    let new = xsub.connect();
    for peer in [peer, new] {
        for topic in [b"a", b"b"] {
            let msg = xsub.peer_recv_msg(peer).unwrap();
            assert_eq!((msg.role(), msg.data()), (Role::Subscribe, topic.as_slice()));
        }
        assert!(xsub.peer_recv_msg(peer).is_none());
    }
}

#[test]
fn requests_go_out_even_to_a_full_peer_other_messages_do_not() {
    let mut xsub = Rig::new(Xsub);
    let peer = xsub.accept_with(1, &[]);
    for message in [b"user".as_slice(), b"more", b"\x01A"] {
        xsub.send(&[message]).unwrap();
        assert!(xsub.can_send());
    }
    assert_eq!(xsub.dropped(), [Dropped::HighWaterMark]);
    assert_eq!(xsub.peer_recv_all(peer), frames(&[b"user", b"\x01A"]));
}

#[test]
fn messages_go_to_all_peers() {
    let mut xsub = Rig::new(Xsub);
    xsub.send(&[b"nobody"]).unwrap();
    let peers = [xsub.accept(), xsub.connect(), xsub.accept()];
    xsub.send(&[b"a", b"b"]).unwrap();
    xsub.lose(peers[1]);
    xsub.send(&[b"c"]).unwrap();
    for peer in [peers[0], peers[2]] {
        assert_eq!(xsub.peer_recv(peer), frames(&[b"a", b"b"]));
        assert_eq!(xsub.peer_recv(peer), frames(&[b"c"]));
    }
}

#[test]
fn a_superfluous_request_vanishes_from_the_message_it_stands_in() {
    let mut xsub = Rig::new(Xsub);
    let peer = xsub.accept();
    xsub.send(&[b"\0M", b"\x01N", b"\0P", b"y"]).unwrap();
    assert_eq!(xsub.peer_recv(peer), frames(&[b"\x01N", b"y"]));
    xsub.send(&[b"user", b"\0Z"]).unwrap();
    assert!(xsub.peer_recv(peer).is_empty());
    xsub.send(&[b"next"]).unwrap();
    assert_eq!(xsub.peer_recv(peer), frames(&[b"user", b"next"]), "as libzmq does it");
}

#[test]
fn with_only_first_subscribe_a_users_message_stays_one() {
    let mut xsub = Rig::new(Xsub);
    xsub.options.only_first_subscribe = true;
    let peer = xsub.accept();
    let cases: [(&[&[u8]], usize); 4] =
        [(&[b"u", b"\x01T"], 0), (&[b"\x01R", b"\x01S"], 2), (&[b"\x01T2", b"u", b"\x01V"], 4), (&[b"\x01W"], 5)];
    for (message, total) in cases {
        xsub.send(message).unwrap();
        assert_eq!(xsub.peer_recv(peer), frames(message));
        assert_eq!(xsub.pattern.topics_count(), Some(total), "{message:?}");
    }
}

#[test]
fn what_arrives_is_not_filtered() {
    let mut xsub = Rig::new(Xsub);
    let peers = [xsub.accept(), xsub.accept_with(1, &[frame(b"first", false)])];
    assert_eq!(xsub.recv(), Ok(frames(&[b"first"])));
    for peer in peers {
        xsub.peer_send(peer, &[b"any", b"thing"]);
    }
    assert_eq!(xsub.recv(), Ok(frames(&[b"any", b"thing"])));
    assert_eq!(xsub.recv(), Ok(frames(&[b"any", b"thing"])));
    assert_eq!(xsub.recv(), Err(Error::AGAIN));
}
