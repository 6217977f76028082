//! PUSH, PULL and DEALER: turns, full pipes, whole messages.

use super::rig::{Rig, frames};
use crate::error::Error;
use crate::message::{Msg, Role};
use crate::options::SocketType::{Dealer, Pull, Push};
use crate::socket::pattern::Dropped;

#[test]
fn push_gives_messages_to_its_peers_in_turn() {
    let mut push = Rig::new(Push);
    let peers: Vec<_> = (0..3).map(|_| push.accept()).collect();
    for number in 0..9u8 {
        push.send(&[&[number]]).unwrap();
    }
    for peer in peers {
        let got = push.peer_recv_all(peer);
        assert_eq!(got.len(), 3);
        assert!(got.windows(2).all(|pair| pair[1][0] == pair[0][0] + 3), "{got:?}");
    }
}

#[test]
fn push_without_peers_takes_nothing() {
    let mut push = Rig::new(Push);
    assert!(!push.can_send());
    assert_eq!(push.send(&[b"a"]), Err(Error::AGAIN));
    let peer = push.connect();
    assert!(push.can_send());
    push.lose(peer);
    assert!(!push.can_send());
    assert_eq!(push.send(&[b"a"]), Err(Error::AGAIN));
}

#[test]
fn push_skips_peers_that_are_full_until_they_have_room() {
    let mut push = Rig::new(Push);
    let small = push.accept_with(2, &[]);
    let large = push.accept_with(5, &[]);
    for _ in 0..7 {
        push.send(&[b"m"]).unwrap();
    }
    assert!(!push.can_send());
    assert_eq!(push.send(&[b"m"]), Err(Error::AGAIN));
    assert_eq!(push.peer_recv_all(small).len(), 2);
    assert!(push.can_send());
    push.send(&[b"n"]).unwrap();
    assert_eq!(push.peer_recv_all(small), frames(&[b"n"]));
    assert_eq!(push.peer_recv_all(large).len(), 5);
}

#[test]
fn frames_of_a_message_stay_on_one_pipe() {
    let mut push = Rig::new(Push);
    let peers = [push.accept(), push.accept()];
    push.send(&[b"1", b"2", b"3"]).unwrap();
    push.send(&[b"4", b"5"]).unwrap();
    let mut got: Vec<_> = peers.into_iter().map(|peer| push.peer_recv(peer)).collect();
    got.sort();
    assert_eq!(got, [frames(&[b"1", b"2", b"3"]), frames(&[b"4", b"5"])]);
}

#[test]
fn a_peer_sees_no_part_of_an_unfinished_message() {
    let mut push = Rig::new(Push);
    let peer = push.accept();
    push.send_frame(b"1", true).unwrap();
    assert!(push.peer_recv(peer).is_empty());
    push.send_frame(b"2", false).unwrap();
    assert_eq!(push.peer_recv(peer), frames(&[b"1", b"2"]));
}

#[test]
fn the_rest_of_a_message_is_dropped_when_its_peer_leaves() {
    let mut push = Rig::new(Push);
    let first = push.accept();
    push.send_frame(b"1", true).unwrap();
    push.lose(first);
    let second = push.accept();
    assert!(push.can_send());
    push.send_frame(b"2", true).unwrap();
    push.send_frame(b"3", false).unwrap();
    assert_eq!(push.dropped(), [Dropped::PeerLost]);
    push.send(&[b"4"]).unwrap();
    assert_eq!(push.peer_recv_all(second), frames(&[b"4"]));
}

#[test]
fn a_message_under_way_stays_on_its_pipe_while_other_peers_come_and_go() {
    let mut push = Rig::new(Push);
    let peers: Vec<_> = (0..4).map(|_| push.accept()).collect();
    for started in 0..4 {
        push.send_frame(b"1", true).unwrap();
        let target = push.pipe_in_message();
        for &other in peers.iter().filter(|&&peer| peer != target) {
            push.lose(other);
        }
        push.accept();
        push.send_frame(b"2", false).unwrap();
        assert_eq!(push.peer_recv(target), frames(&[b"1", b"2"]), "round {started}");
        for peer in push.all_pipes() {
            push.lose(peer);
        }
        for _ in 0..4 {
            push.accept();
        }
        for _ in 0..=started {
            push.send(&[b"turn"]).unwrap();
        }
        for peer in push.all_pipes() {
            push.peer_recv_all(peer);
        }
    }
}

#[test]
fn pull_takes_whole_messages_from_its_peers_in_turn() {
    let mut pull = Rig::new(Pull);
    let peers: Vec<_> = (0..3).map(|_| pull.accept()).collect();
    for _ in 0..4 {
        for (number, &peer) in peers.iter().enumerate() {
            pull.peer_send(peer, &[&[number as u8], b"x"]);
        }
    }
    for _ in 0..4 {
        let mut round: Vec<u8> = (0..3).map(|_| pull.recv().unwrap()[0][0]).collect();
        round.sort_unstable();
        assert_eq!(round, [0, 1, 2]);
    }
    assert_eq!(pull.recv(), Err(Error::AGAIN));
}

#[test]
fn a_flooding_peer_does_not_starve_a_thin_one() {
    let mut pull = Rig::new(Pull);
    let (flood, thin) = (pull.accept(), pull.accept());
    for _ in 0..10 {
        pull.peer_send(flood, &[b"flood"]);
    }
    pull.recv().unwrap();
    pull.recv().unwrap();
    pull.peer_send(thin, &[b"thin"]);
    let soon: Vec<_> = (0..2).map(|_| pull.recv().unwrap()).collect();
    assert!(soon.contains(&frames(&[b"thin"])), "{soon:?}");
}

#[test]
fn a_message_cut_short_by_its_peers_end_does_not_run_into_the_next() {
    let mut pull = Rig::new(Pull);
    let (first, second) = (pull.accept(), pull.accept());
    pull.peer_send(first, &[b"1", b"2"]);
    assert_eq!(pull.recv_frame().unwrap().data(), b"1");
    pull.lose(first);
    pull.peer_send(second, &[b"next"]);
    let end = pull.recv_frame().unwrap();
    assert!(end.is_empty() && !end.more());
    assert_eq!(pull.recv(), Ok(frames(&[b"next"])));
}

#[test]
fn the_wrong_direction_is_not_supported() {
    let (mut push, mut pull) = (Rig::new(Push), Rig::new(Pull));
    push.accept();
    pull.accept();
    assert_eq!(push.recv_frame().map(drop), Err(Error::NOTSUP));
    assert_eq!(pull.send(&[b"a"]), Err(Error::NOTSUP));
    assert!(!push.can_recv() && !pull.can_send());
}

#[test]
fn pull_shows_a_subscription_that_came_over_inproc_as_its_topic() {
    let mut pull = Rig::new(Pull);
    let peer = pull.accept();
    pull.peer_send_role(peer, Role::Subscribe, b"topic");
    assert_eq!(pull.recv(), Ok(frames(&[b"topic"])));
}

#[test]
fn dealer_sends_and_receives_in_turn_without_envelope() {
    let mut dealer = Rig::new(Dealer);
    let peers = [dealer.accept(), dealer.connect()];
    dealer.send(&[b"", b"1"]).unwrap();
    dealer.send(&[b"", b"2"]).unwrap();
    let mut got: Vec<_> = peers.iter().map(|&peer| dealer.peer_recv(peer)).collect();
    got.sort();
    assert_eq!(got, [frames(&[b"", b"1"]), frames(&[b"", b"2"])]);
    for peer in peers {
        dealer.peer_send(peer, &[b"a", b"b"]);
    }
    assert_eq!(dealer.recv(), Ok(frames(&[b"a", b"b"])));
    assert_eq!(dealer.recv(), Ok(frames(&[b"a", b"b"])));
}

#[test]
fn a_probe_is_an_empty_message_to_each_new_peer_even_to_a_full_one() {
    let mut dealer = Rig::new(Dealer);
    dealer.options.probe_router = true;
    let peer = dealer.accept_with(0, &[]);
    assert_eq!(dealer.peer_recv_all(peer), frames(&[b""]));
    dealer.reconnect(peer);
    assert!(dealer.peer_recv_all(peer).is_empty(), "libzmq does not probe again");
}

#[test]
fn a_message_keeps_its_content_and_flags_on_the_way() {
    let mut push = Rig::new(Push);
    let peer = push.accept();
    let large = vec![7; 100_000];
    push.send(&[&large, b""]).unwrap();
    let first: Msg = push.peer_recv_msg(peer).unwrap();
    assert!(first.more() && first.data() == large);
    let second = push.peer_recv_msg(peer).unwrap();
    assert!(!second.more() && second.is_empty());
}
