//! REQ and REP: turns, envelopes, and who may answer.

use super::rig::{Frames, Rig, frames};
use crate::error::Error;
use crate::options::SocketType::{Rep, Req};
use crate::socket::Received;
use crate::socket::pattern::Dropped;

#[test]
fn req_puts_an_empty_frame_before_the_request_and_takes_it_off_the_reply() {
    let mut req = Rig::new(Req);
    let peer = req.accept();
    req.send(&[b"a", b"b"]).unwrap();
    assert_eq!(req.peer_recv(peer), frames(&[b"", b"a", b"b"]));
    req.peer_send(peer, &[b"", b"c", b"d"]);
    assert_eq!(req.recv(), Ok(frames(&[b"c", b"d"])));
}

#[test]
fn req_sends_and_receives_strictly_in_turn() {
    let mut req = Rig::new(Req);
    assert_eq!(req.recv_frame().map(drop), Err(Error::FSM));
    assert_eq!(req.send(&[b"a"]), Err(Error::AGAIN));
    let peer = req.accept();
    assert!(req.can_send() && !req.can_recv());
    req.send_frame(b"a", true).unwrap();
    assert!(req.can_send() && !req.can_recv());
    assert_eq!(req.recv_frame().map(drop), Err(Error::FSM));
    req.send_frame(b"b", false).unwrap();
    assert!(!req.can_send() && !req.can_recv());
    assert_eq!(req.send(&[b"again"]), Err(Error::FSM));
    assert_eq!(req.recv_frame().map(drop), Err(Error::AGAIN));
    req.peer_send(peer, &[b"", b"1", b"2"]);
    assert!(!req.can_send() && req.can_recv());
    req.recv_frame().unwrap();
    assert_eq!(req.send(&[b"again"]), Err(Error::FSM));
    req.recv_frame().unwrap();
    assert!(req.can_send() && !req.can_recv());
    assert_eq!(req.recv_frame().map(drop), Err(Error::FSM));
}

#[test]
fn requests_go_to_the_peers_in_turn_and_only_the_one_asked_may_answer() {
    let mut req = Rig::new(Req);
    let (one, two) = (req.accept(), req.accept());
    for (asked, other) in [(one, two), (two, one)] {
        req.send(&[b"q"]).unwrap();
        assert_eq!(req.peer_recv(asked), frames(&[b"", b"q"]));
        assert!(req.peer_recv(other).is_empty());
        req.peer_send(other, &[b"", b"wrong", b"wrong"]);
        assert_eq!(req.recv(), Err(Error::AGAIN));
        assert_eq!(req.dropped(), [Dropped::Unexpected]);
        req.peer_send(asked, &[b"", b"right"]);
        assert_eq!(req.recv(), Ok(frames(&[b"right"])));
    }
}

#[test]
fn a_reply_or_request_that_was_not_begun_to_be_read_goes_with_its_peer() {
    let mut req = Rig::new(Req);
    let asked = req.accept();
    req.send(&[b"q"]).unwrap();
    req.peer_send(asked, &[b"", b"reply"]);
    assert!(req.can_recv());
    req.lose(asked);
    assert!(!req.can_recv());
    assert_eq!(req.recv(), Err(Error::AGAIN));

    let mut rep = Rig::new(Rep);
    let (gone, stays) = (rep.accept(), rep.accept());
    rep.peer_send(gone, &[b"", b"request"]);
    assert!(rep.can_recv());
    rep.lose(gone);
    assert!(!rep.can_recv());
    rep.peer_send(stays, &[b"", b"another"]);
    assert_eq!(rep.recv(), Ok(frames(&[b"another"])));
    rep.send(&[b"r"]).unwrap();
    assert_eq!(rep.peer_recv(stays), frames(&[b"", b"r"]));
}

#[test]
fn what_was_begun_to_be_read_ends_with_an_empty_frame_when_its_peer_goes() {
    let mut rep = Rig::new(Rep);
    let gone = rep.accept();
    rep.peer_send(gone, &[b"", b"first", b"second"]);
    assert_eq!(rep.recv_frame().map(|msg| (msg.data().to_vec(), msg.more())), Ok((b"first".to_vec(), true)));
    rep.lose(gone);
    assert_eq!(rep.recv_frame().map(|msg| (msg.data().to_vec(), msg.more())), Ok((Vec::new(), false)));
}

#[test]
fn bytes_go_and_come_as_messages_do() {
    let (mut req, mut rep) = (Rig::new(Req), Rig::new(Rep));
    let (server, client) = (req.accept(), rep.accept());
    for body in [&b"short"[..], &[7; 3000]] {
        req.send_bytes(body, true).unwrap();
        req.send_bytes(b"end", false).unwrap();
        assert_eq!(req.send_bytes(b"too soon", false), Err(Error::FSM));
        assert_eq!(req.peer_recv(server), frames(&[b"", body, b"end"]));
        rep.peer_send(client, &[b"", body, b"end"]);
        let mut out = [0; 4];
        assert_eq!(rep.recv_bytes(&mut out), Ok(Received { len: body.len(), more: true }));
        assert_eq!(out, body[..4]);
        assert_eq!(rep.send_bytes(b"too soon", false), Err(Error::FSM));
        assert_eq!(rep.recv_bytes(&mut out), Ok(Received { len: 3, more: false }));
        assert_eq!(rep.recv_bytes(&mut out), Err(Error::FSM));
        rep.send_bytes(body, true).unwrap();
        rep.send_bytes(b"end", false).unwrap();
        assert_eq!(rep.peer_recv(client), frames(&[b"", body, b"end"]));
        req.peer_send(server, &[b"", body, b"end"]);
        assert_eq!(req.recv_bytes(&mut out), Ok(Received { len: body.len(), more: true }));
        assert_eq!(req.recv_bytes(&mut out), Ok(Received { len: 3, more: false }));
        assert_eq!(req.recv_bytes(&mut out), Err(Error::FSM));
    }
}

#[test]
fn what_came_before_the_request_is_no_reply_to_it() {
    let mut req = Rig::new(Req);
    let peer = req.accept();
    req.peer_send(peer, &[b"", b"early"]);
    req.send(&[b"q"]).unwrap();
    assert_eq!(req.recv(), Err(Error::AGAIN));
    req.peer_send(peer, &[b"", b"reply"]);
    assert_eq!(req.recv(), Ok(frames(&[b"reply"])));
}

#[test]
fn what_has_no_envelope_is_no_reply() {
    let malformed: [&[&[u8]]; 6] =
        [&[b"x", b"y"], &[b""], &[b"12345", b"", b"body"], &[b"1234", b"body"], &[b"single"], &[b"1234", b""]];
    for message in malformed {
        let mut req = Rig::new(Req);
        let peer = req.accept();
        req.send(&[b"q"]).unwrap();
        req.peer_send(peer, message);
        assert_eq!(req.recv(), Err(Error::AGAIN), "{message:?}");
        assert_eq!(req.dropped(), [Dropped::Unexpected]);
        // Pipes to sockets of the same process, such as these, are not closed for it.
        req.peer_send(peer, &[b"", b"good"]);
        assert_eq!(req.recv(), Ok(frames(&[b"good"])));
    }
}

#[test]
fn a_numbered_reply_is_skipped_when_requests_are_not_numbered() {
    let mut req = Rig::new(Req);
    let peer = req.accept();
    req.send(&[b"q"]).unwrap();
    req.peer_send(peer, &[b"1234", b"", b"body"]);
    assert_eq!(req.recv(), Err(Error::AGAIN));
    req.peer_send(peer, &[b"", b"good"]);
    assert_eq!(req.recv(), Ok(frames(&[b"good"])));
}

#[test]
fn with_correlate_only_the_reply_with_the_requests_number_counts() {
    let mut req = Rig::new(Req);
    req.options.req_correlate = true;
    let peer = req.accept();
    let mut numbers = Vec::new();
    for _ in 0..2 {
        req.send(&[b"q"]).unwrap();
        let request: Frames = req.peer_recv(peer);
        assert_eq!(request[1..], frames(&[b"", b"q"]));
        let number = u32::from_ne_bytes(request[0][..].try_into().unwrap());
        req.peer_send(peer, &[&number.wrapping_sub(1).to_ne_bytes(), b"", b"stale"]);
        req.peer_send(peer, &[b"", b"unnumbered"]);
        assert_eq!(req.recv(), Err(Error::AGAIN));
        req.peer_send(peer, &[&request[0], b"", b"reply"]);
        assert_eq!(req.recv(), Ok(frames(&[b"reply"])));
        numbers.push(number);
    }
    assert_eq!(numbers[1], numbers[0].wrapping_add(1));
}

#[test]
fn without_its_peer_req_waits_for_ever() {
    let mut req = Rig::new(Req);
    let peer = req.accept();
    req.send(&[b"q"]).unwrap();
    req.lose(peer);
    let other = req.accept();
    req.peer_send(other, &[b"", b"not asked"]);
    assert_eq!(req.recv(), Err(Error::AGAIN));
    assert_eq!(req.send(&[b"q"]), Err(Error::FSM));
}

#[test]
fn relaxed_req_abandons_a_request_for_the_next() {
    let mut req = Rig::new(Req);
    req.options.req_relaxed = true;
    let peer = req.accept();
    req.send(&[b"1"]).unwrap();
    assert!(req.can_send());
    req.send(&[b"2"]).unwrap();
    assert_eq!(req.peer_recv(peer), frames(&[b"", b"1"]));
    assert_eq!(req.peer_recv(peer), frames(&[b"", b"2"]));
    req.peer_send(peer, &[b"", b"late"]);
    assert_eq!(req.recv(), Ok(frames(&[b"late"])), "not told apart without correlate");
    assert_eq!(req.recv_frame().map(drop), Err(Error::FSM));
}

#[test]
fn relaxed_req_drops_the_rest_of_a_reply_when_it_asks_again() {
    let mut req = Rig::new(Req);
    req.options.req_relaxed = true;
    let peer = req.accept();
    req.send(&[b"1"]).unwrap();
    req.peer_send(peer, &[b"", b"a", b"b"]);
    req.recv_frame().unwrap();
    req.send(&[b"2"]).unwrap();
    req.peer_send(peer, &[b"", b"c"]);
    assert_eq!(req.recv(), Ok(frames(&[b"c"])));
}

#[test]
fn a_relaxed_request_that_cannot_be_sent_leaves_the_earlier_one_alone() {
    let mut req = Rig::new(Req);
    req.options.req_relaxed = true;
    let peer = req.accept_with(1, &[]);
    req.send(&[b"1"]).unwrap();
    assert_eq!(req.send(&[b"2"]), Err(Error::AGAIN));
    req.peer_send(peer, &[b"", b"reply to 1"]);
    assert_eq!(req.recv(), Ok(frames(&[b"reply to 1"])));
}

#[test]
fn rep_takes_the_envelope_off_and_puts_it_before_the_reply() {
    // A request as it comes, as it is received, and the reply as it leaves.
    type Case<'a> = [&'a [&'a [u8]]; 3];
    let cases: [Case<'_>; 3] = [
        [&[b"", b"q"], &[b"q"], &[b"", b"r", b"s"]],
        [&[b"id1", b"id2", b"", b"q", b"q2"], &[b"q", b"q2"], &[b"id1", b"id2", b"", b"r", b"s"]],
        [&[b"a", b"", b"", b"x"], &[b"", b"x"], &[b"a", b"", b"r", b"s"]],
    ];
    let mut rep = Rig::new(Rep);
    let peer = rep.accept();
    for [wire, request, reply] in cases {
        rep.peer_send(peer, wire);
        assert_eq!(rep.recv(), Ok(frames(request)));
        rep.send(&[b"r", b"s"]).unwrap();
        assert_eq!(rep.peer_recv(peer), frames(reply));
    }
}

#[test]
fn rep_receives_and_sends_strictly_in_turn() {
    let mut rep = Rig::new(Rep);
    let peer = rep.accept();
    assert!(!rep.can_send() && !rep.can_recv());
    assert_eq!(rep.send(&[b"r"]), Err(Error::FSM));
    rep.peer_send(peer, &[b"", b"1", b"2"]);
    assert!(!rep.can_send() && rep.can_recv());
    assert_eq!(rep.send(&[b"r"]), Err(Error::FSM));
    rep.recv_frame().unwrap();
    assert_eq!(rep.send(&[b"r"]), Err(Error::FSM));
    rep.recv_frame().unwrap();
    rep.peer_send(peer, &[b"", b"next"]);
    assert!(rep.can_send() && !rep.can_recv());
    assert_eq!(rep.recv_frame().map(drop), Err(Error::FSM));
    rep.send_frame(b"a", true).unwrap();
    assert!(rep.can_send() && !rep.can_recv());
    assert_eq!(rep.recv_frame().map(drop), Err(Error::FSM));
    rep.send_frame(b"b", false).unwrap();
    assert_eq!(rep.recv(), Ok(frames(&[b"next"])));
}

#[test]
fn a_request_without_envelope_is_dropped_and_its_peer_stays() {
    let mut rep = Rig::new(Rep);
    let peer = rep.accept();
    let malformed: [&[&[u8]]; 4] = [&[b""], &[b"a"], &[b"a", b""], &[b"a", b"b", b"c"]];
    for message in malformed {
        rep.peer_send(peer, message);
        assert_eq!(rep.recv(), Err(Error::AGAIN), "{message:?}");
        assert_eq!(rep.dropped(), [Dropped::Unexpected]);
        assert!(!rep.terminated(peer));
    }
    rep.peer_send(peer, &[b"", b"good"]);
    assert_eq!(rep.recv(), Ok(frames(&[b"good"])));
    rep.send(&[b"r"]).unwrap();
    assert_eq!(rep.peer_recv(peer), frames(&[b"", b"r"]), "nothing of the others is left");
}

#[test]
fn a_reply_to_a_peer_that_left_or_is_full_is_dropped() {
    let mut rep = Rig::new(Rep);
    let (gone, full) = (rep.accept(), rep.accept_with(1, &[]));
    let next = rep.accept();
    rep.peer_send(gone, &[b"", b"q"]);
    rep.recv().unwrap();
    rep.lose(gone);
    rep.send(&[b"r", b"r"]).unwrap();
    assert_eq!(rep.dropped(), [Dropped::PeerLost]);
    for expected in [vec![], vec![Dropped::HighWaterMark]] {
        rep.peer_send(full, &[b"", b"q"]);
        rep.recv().unwrap();
        rep.send(&[b"r"]).unwrap();
        assert_eq!(rep.dropped(), expected);
    }
    rep.peer_send(next, &[b"", b"q"]);
    rep.recv().unwrap();
    rep.send_frame(b"r", true).unwrap();
    rep.lose(next);
    rep.send_frame(b"r", false).unwrap();
    assert!(!rep.can_send());
}

#[test]
fn requests_are_taken_from_the_peers_in_turn() {
    let mut rep = Rig::new(Rep);
    let peers = [rep.accept(), rep.accept()];
    for peer in peers {
        rep.peer_send(peer, &[b"", b"1"]);
        rep.peer_send(peer, &[b"", b"2"]);
    }
    let mut order = Vec::new();
    for _ in 0..4 {
        order.push(rep.recv().unwrap()[0].clone());
        rep.send(&[b"r"]).unwrap();
    }
    assert_eq!(order, frames(&[b"1", b"1", b"2", b"2"]));
}
