//! XPUB: which subscriptions its user sees, and what the user may decide.

use super::rig::{Frames, Rig, frame, frames, routing_id};
use crate::error::Error;
use crate::message::{Metadata, Role};
use crate::options::Options;
use crate::options::SocketType::{Pub, Xpub};
use crate::socket::pattern::subscription::{SUBSCRIBE, UNSUBSCRIBE};
use std::sync::Arc;

/// A way to set the options of a mode.
type Mode = fn(&mut Options);

const MODES: [(&str, Mode); 4] = [
    ("default", |_| {}),
    ("verbose", |options| options.xpub_verbose = true),
    ("verboser", |options| options.xpub_verboser = true),
    ("manual", |options| options.xpub_manual = true),
];

/// What is there to be received, single frames all.
fn shown(xpub: &mut Rig) -> Frames {
    std::iter::from_fn(|| xpub.recv().ok()).map(|message| message.concat()).collect()
}

#[test]
fn what_peers_send_bears_what_is_known_of_them_whatever_was_asked_for_before() {
    let mut metadata = Metadata::of_connection(-1);
    metadata.insert(b"Peer-Address", b"here");
    let mut introduction = routing_id(b"");
    introduction.set_metadata(Some(Arc::new(metadata)));
    let mut xpub = Rig::new(Xpub);
    let peer = xpub.accept_with(1000, &[introduction]);
    for bytes_only in [false, true, false] {
        xpub.pipes.set_tells_metadata(!bytes_only);
        xpub.peer_send(peer, &[b"hello"]);
        let msg = xpub.recv_frame().unwrap();
        assert_eq!(msg.data(), b"hello");
        assert_eq!(msg.metadata().and_then(|metadata| metadata.get(b"Peer-Address")), Some(c"here"));
    }
}

#[test]
fn subscriptions_are_shown_as_the_mode_says() {
    // By step: which of the peers a and b sends what, and in which of the modes it is shown.
    let steps: [(usize, &[u8], [bool; 4]); 7] = [
        (0, b"\x01A", [true, true, true, true]),
        (1, b"\x01A", [false, true, true, true]),
        (0, b"\x01A", [false, true, true, true]),
        (0, b"\x00A", [false, false, true, true]),
        (0, b"\x00A", [true, true, true, true]),
        (1, b"\x00Z", [true, true, true, true]),
        (1, b"\x00A", [true, true, true, true]),
    ];
    for legacy in [true, false] {
        for (number, (mode, set)) in MODES.iter().enumerate() {
            let mut xpub = Rig::new(Xpub);
            set(&mut xpub.options);
            let peers = [xpub.accept(), xpub.accept()];
            for (step, (peer, request, visible)) in steps.iter().enumerate() {
                if legacy {
                    xpub.peer_send(peers[*peer], &[request]);
                } else {
                    let role = if request[0] == 1 { Role::Subscribe } else { Role::Cancel };
                    xpub.peer_send_role(peers[*peer], role, &request[1..]);
                }
                let expected = if visible[number] { frames(&[request]) } else { Frames::new() };
                assert_eq!(shown(&mut xpub), expected, "{mode}, step {step}");
            }
        }
    }
}

#[test]
fn a_lost_peers_subscriptions_end_visibly_as_the_mode_says() {
    let first: [&[&[u8]]; 4] = [&[b"\0C"], &[b"\0C"], &[b"\0A", b"\0C"], &[b"\0A", b"\0C"]];
    for (number, (mode, set)) in MODES.iter().enumerate() {
        let mut xpub = Rig::new(Xpub);
        set(&mut xpub.options);
        let (a, b) = (xpub.accept(), xpub.accept());
        xpub.peer_send(a, &[b"\x01C"]);
        xpub.peer_send(a, &[b"\x01A"]);
        xpub.peer_send(b, &[b"\x01A"]);
        shown(&mut xpub);
        xpub.lose(a);
        assert_eq!(shown(&mut xpub), frames(first[number]), "{mode}");
        xpub.lose(b);
        assert_eq!(shown(&mut xpub), frames(&[b"\0A"]), "{mode}");
        assert_eq!(xpub.pattern.topics_count(), Some(0));
    }
}

#[test]
fn other_messages_from_peers_are_the_users() {
    let mut xpub = Rig::new(Xpub);
    let peer = xpub.accept();
    xpub.peer_send(peer, &[b"user", b"data"]);
    assert_eq!(xpub.recv(), Ok(frames(&[b"user", b"data"])));
    xpub.peer_send(peer, &[b""]);
    assert_eq!(xpub.recv(), Ok(frames(&[b""])));
    xpub.send(&[b"user"]).unwrap();
    assert!(xpub.peer_recv_all(peer).is_empty());
}

#[test]
fn subscriptions_within_a_message_are_messages_of_their_own() {
    // What the peer sends, and what the user sees: a frame and whether more follow.
    type Seen<'a> = &'a [(&'a [u8], bool)];
    let cases: [(bool, &[&[u8]], Seen<'_>); 5] = [
        (false, &[b"u", b"\x01C", b"v"], &[(b"u", true), (b"\x01C", false), (b"v", false)]),
        (false, &[b"\x01D", b"w", b"\x01D", b"z"], &[(b"\x01D", false), (b"w", true), (b"z", false)]),
        (true, &[b"u", b"\x01E"], &[(b"u", true), (b"\x01E", false)]),
        (true, &[b"\x01G", b"u", b"\x01H"], &[(b"\x01G", false), (b"u", true), (b"\x01H", false)]),
        (true, &[b"\x01I"], &[(b"\x01I", false)]),
    ];
    let mut xpub = Rig::new(Xpub);
    let peer = xpub.accept();
    for (only_first, message, seen) in cases {
        xpub.options.only_first_subscribe = only_first;
        xpub.peer_send(peer, message);
        for (data, more) in seen {
            let msg = xpub.recv_frame().unwrap();
            assert_eq!((msg.data(), msg.more()), (*data, *more), "{message:?}");
        }
        assert!(!xpub.can_recv());
    }
    for (topic, wanted) in [(b"C", true), (b"D", true), (b"E", false), (b"G", true), (b"H", true), (b"I", true)] {
        xpub.send(&[topic]).unwrap();
        assert_eq!(!xpub.peer_recv_all(peer).is_empty(), wanted, "{topic:?}");
    }
}

#[test]
fn a_users_message_has_no_say_in_the_next_message() {
    let mut xpub = Rig::new(Xpub);
    xpub.options.only_first_subscribe = true;
    let first = [frame(b"u", true), frame(b"\x01A", false), frame(b"\x01B", true), frame(b"\x01C", false)];
    xpub.accept_with(9, &first);
    assert_eq!(xpub.pattern.topics_count(), Some(2), "B and C");
}

#[test]
fn what_was_asked_in_manual_mode_is_forgotten_with_the_peer_in_any_mode() {
    let mut xpub = Rig::new(Xpub);
    xpub.options.xpub_manual = true;
    let peer = xpub.accept();
    xpub.peer_send(peer, &[b"\x01A"]);
    xpub.options.xpub_manual = false;
    xpub.lose(peer);
    assert_eq!(shown(&mut xpub), frames(&[b"\x01A"]));
    xpub.options.xpub_manual = true;
    let next = xpub.accept();
    assert_eq!(peer, next);
    xpub.lose(next);
    assert_eq!(shown(&mut xpub), Frames::new());
}

#[test]
fn notices_are_not_bounded_by_a_high_water_mark() {
    let mut xpub = Rig::new(Xpub);
    let peer = xpub.accept_with(1, &[]);
    for number in 0..3000u32 {
        xpub.peer_send_role(peer, Role::Subscribe, &number.to_be_bytes());
    }
    assert_eq!(shown(&mut xpub).len(), 3000);
    assert_eq!(xpub.pattern.topics_count(), Some(3000));
}

#[test]
fn in_manual_mode_the_application_decides_for_the_peer_it_read_of_last() {
    let mut xpub = Rig::new(Xpub);
    assert_eq!(xpub.set_option(SUBSCRIBE, b"A"), Some(Err(Error::INVAL)), "not in manual mode");
    xpub.options.xpub_manual = true;
    xpub.set_option(SUBSCRIBE, b"X").unwrap().unwrap();
    assert_eq!(xpub.pattern.topics_count(), Some(0), "no peer to decide about");
    let (a, b) = (xpub.accept(), xpub.accept());
    xpub.peer_send(a, &[b"\x01A"]);
    xpub.peer_send(b, &[b"\x01B"]);
    xpub.peer_send(b, &[b"user"]);
    xpub.recv().unwrap();
    xpub.set_option(SUBSCRIBE, b"other").unwrap().unwrap();
    xpub.send(&[b"A"]).unwrap();
    xpub.send(&[b"other"]).unwrap();
    assert_eq!(xpub.peer_recv_all(a), frames(&[b"other"]));
    xpub.recv().unwrap();
    assert_eq!(xpub.recv(), Ok(frames(&[b"user"])));
    xpub.set_option(SUBSCRIBE, b"other").unwrap().unwrap();
    xpub.send(&[b"other"]).unwrap();
    assert_eq!(xpub.peer_recv_all(b), frames(&[b"other"]), "a user's message changes nothing");
    xpub.set_option(UNSUBSCRIBE, b"other").unwrap().unwrap();
    xpub.send(&[b"other"]).unwrap();
    assert!(xpub.peer_recv_all(b).is_empty());
    assert_eq!(xpub.peer_recv_all(a), frames(&[b"other", b"other"]));
}

#[test]
fn in_manual_mode_the_end_of_a_peer_ends_what_the_application_decided_for_it() {
    let mut xpub = Rig::new(Xpub);
    xpub.options.xpub_manual = true;
    let (a, b) = (xpub.accept(), xpub.accept());
    xpub.peer_send(a, &[b"\x01sent"]);
    xpub.recv().unwrap();
    xpub.set_option(SUBSCRIBE, b"decided").unwrap().unwrap();
    xpub.peer_send(a, &[b"\x01unread"]);
    xpub.lose(a);
    let reused = xpub.accept();
    assert_eq!(a, reused);
    assert_eq!(xpub.pattern.topics_count(), Some(0));
    xpub.set_option(SUBSCRIBE, b"T").unwrap().unwrap();
    assert_eq!(xpub.recv(), Ok(frames(&[b"\x01unread"])));
    xpub.set_option(SUBSCRIBE, b"T").unwrap().unwrap();
    assert_eq!(xpub.pattern.topics_count(), Some(0), "the peer is not there, nor is its successor meant");
    xpub.peer_send(b, &[b"\x01B"]);
    assert_eq!(shown(&mut xpub), frames(&[b"\0sent", b"\0unread", b"\x01B"]));
    xpub.lose(b);
    xpub.recv().unwrap();
    xpub.set_option(SUBSCRIBE, b"T").unwrap().unwrap();
    assert_eq!(xpub.pattern.topics_count(), Some(0));
}

#[test]
fn in_last_value_mode_the_answer_goes_to_who_asked() {
    let mut xpub = Rig::new(Xpub);
    xpub.options.xpub_manual_last_value = true;
    let (a, b) = (xpub.accept(), xpub.accept());
    for peer in [a, b] {
        xpub.peer_send(peer, &[b"\x01A"]);
        xpub.recv().unwrap();
        xpub.set_option(SUBSCRIBE, b"A").unwrap().unwrap();
    }
    let both = |xpub: &mut Rig, message: &[&[u8]]| {
        xpub.send(message).unwrap();
        (xpub.peer_recv(a), xpub.peer_recv(b))
    };
    assert_eq!(both(&mut xpub, &[b"A1", b"tail"]), (frames(&[]), frames(&[b"A1", b"tail"])));
    assert_eq!(both(&mut xpub, &[b"A2"]), (frames(&[b"A2"]), frames(&[b"A2"])));
    xpub.peer_send(a, &[b"\x01B"]);
    xpub.recv().unwrap();
    assert_eq!(both(&mut xpub, &[b"Z"]), (frames(&[]), frames(&[])), "only what it subscribed to");
    assert_eq!(both(&mut xpub, &[b"A3"]), (frames(&[b"A3"]), frames(&[b"A3"])), "once");
    xpub.set_option(SUBSCRIBE, b"R").unwrap().unwrap();
    assert_eq!(both(&mut xpub, &[b"R"]), (frames(&[]), frames(&[])), "nobody to decide about");
    xpub.peer_send(a, &[b"\x01B"]);
    xpub.recv().unwrap();
    xpub.lose(a);
    xpub.send(&[b"A4"]).unwrap();
    assert_eq!(xpub.peer_recv(b), frames(&[b"A4"]));
}

#[test]
fn with_nodrop_nobody_gets_a_message_that_one_has_no_room_for() {
    for socket_type in [Xpub, Pub] {
        let mut xpub = Rig::new(socket_type);
        xpub.options.xpub_nodrop = true;
        let full = xpub.accept_with(1, &[frame(b"\x01a", false)]);
        let free = xpub.accept_with(9, &[frame(b"\x01", false)]);
        xpub.send(&[b"a1"]).unwrap();
        assert_eq!(xpub.send(&[b"a2"]), Err(Error::AGAIN));
        assert!(xpub.can_send());
        xpub.send(&[b"b"]).unwrap();
        assert_eq!(xpub.peer_recv_all(full), frames(&[b"a1"]));
        xpub.send(&[b"a2"]).unwrap();
        assert_eq!(xpub.peer_recv_all(free), frames(&[b"a1", b"b", b"a2"]));
    }
}

#[test]
fn a_new_peer_is_welcomed_whatever_it_subscribed_to() {
    let mut xpub = Rig::new(Xpub);
    xpub.options.xpub_welcome_msg = b"welcome".to_vec();
    let peer = xpub.accept();
    assert_eq!(xpub.peer_recv_all(peer), frames(&[b"welcome"]));
    xpub.reconnect(peer);
    assert!(xpub.peer_recv_all(peer).is_empty(), "libzmq does not welcome again");
}
