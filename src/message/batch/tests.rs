//! Batches of all kinds: what goes in comes out, and those that share a block keep apart.

use super::*;
use std::io;
use std::mem::MaybeUninit;

fn frames(batch: Msg) -> Vec<(bool, Vec<u8>)> {
    let mut unread = Unread::of(batch);
    let mut frames = Vec::new();
    while let Some((more, body)) = unread.take() {
        frames.push((more, body.to_vec()));
    }
    assert!(unread.is_empty());
    frames
}

#[test]
fn short_copies_are_exact() {
    let from: Vec<u8> = (1..=200).collect();
    for len in 0..=130 {
        let mut to = [0u8; 200];
        // SAFETY: both have room for 130 bytes.
        unsafe { copy_short(from.as_ptr(), to.as_mut_ptr(), len) };
        assert!(to[..len] == from[..len] && to[len..].iter().all(|&byte| byte == 0), "length {len}");
    }
}

#[test]
fn frames_come_out_as_they_went_in() {
    let mut batch = Batch::default();
    batch.begin().unwrap();
    let bodies: Vec<Vec<u8>> = [0, 1, 2, 40, 41, 254, 255, 256, 257, 1000, 8192]
        .iter()
        .map(|&len| (0..len).map(|at| (at % 251) as u8).collect())
        .collect();
    for (index, body) in bodies.iter().enumerate() {
        batch.append(body, index % 3 == 0).unwrap();
    }
    assert_eq!(batch.messages(), 7);
    let sealed = batch.seal().unwrap();
    assert_eq!(sealed.batch_messages(), 7);
    assert!(!batch.is_under_way());
    let expected: Vec<_> = bodies.iter().enumerate().map(|(index, body)| (index % 3 == 0, body.clone())).collect();
    assert_eq!(frames(sealed), expected);
}

#[test]
fn an_unfinished_message_stays_behind() {
    let mut batch = Batch::default();
    batch.begin().unwrap();
    batch.append(b"whole", false).unwrap();
    batch.append(b"first", true).unwrap();
    batch.append(b"second", true).unwrap();
    assert_eq!(frames(batch.seal().unwrap()), [(false, b"whole".to_vec())]);
    assert!(batch.is_under_way() && batch.in_message());
    batch.append(b"last", false).unwrap();
    let expected = [(true, b"first".to_vec()), (true, b"second".to_vec()), (false, b"last".to_vec())];
    assert_eq!(frames(batch.seal().unwrap()), expected);
}

#[test]
fn batches_that_share_a_block_keep_apart() {
    let mut batch = Batch::default();
    batch.begin().unwrap();
    let mut sealed = Vec::new();
    for number in 0..300 {
        batch.append(&[number as u8; 30], true).unwrap();
        if number % 3 == 2 {
            sealed.extend(batch.seal());
        }
        batch.append(b"end", false).unwrap();
    }
    sealed.extend(batch.seal());
    assert!(!batch.is_under_way() && sealed.len() > 90);
    let all: Vec<_> = sealed.into_iter().flat_map(frames).collect();
    let expected = (0..300).flat_map(|number| [(true, vec![number as u8; 30]), (false, b"end".to_vec())]);
    assert!(all.into_iter().eq(expected));
}

#[test]
fn an_unfinished_message_can_be_taken_back_or_out() {
    let mut batch = Batch::default();
    batch.begin().unwrap();
    batch.append(b"whole", false).unwrap();
    batch.append(b"gone", true).unwrap();
    batch.rollback();
    batch.append(b"out", true).unwrap();
    let mut out = Vec::new();
    batch.take_open(|msg| out.push((msg.more(), msg.data().to_vec()))).unwrap();
    assert_eq!(out, [(true, b"out".to_vec())]);
    assert!(!batch.in_message());
    assert_eq!(frames(batch.seal().unwrap()), [(false, b"whole".to_vec())]);
    assert!(batch.seal().is_none());
}

#[test]
fn a_message_may_outgrow_the_block() {
    let mut batch = Batch::default();
    batch.begin().unwrap();
    for _ in 0..30 {
        batch.append(&[7; 8000], true).unwrap();
    }
    batch.append(b"", false).unwrap();
    let frames = frames(batch.seal().unwrap());
    assert_eq!(frames.len(), 31);
    assert!(frames[..30].iter().all(|(more, body)| *more && body == &[7; 8000]));
}

#[test]
fn copies_are_read_independently() {
    let mut batch = Batch::default();
    batch.begin().unwrap();
    batch.append(b"a", false).unwrap();
    batch.append(b"b", false).unwrap();
    let first = batch.seal().unwrap();
    let second = first.duplicate();
    let mut unread = Unread::of(first);
    assert_eq!(unread.take(), Some((false, &b"a"[..])));
    assert_eq!(frames(second).len(), 2);
    assert_eq!(unread.take(), Some((false, &b"b"[..])));
    assert!(unread.is_empty() && unread.take().is_none());
    unread.release();
}

#[test]
fn a_part_of_a_block_is_a_batch() {
    use std::io::Write;
    let (mut peer, socket) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut block = Block::new().unwrap();
    assert_eq!(block.receive(&socket).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    let frame_of = |number: usize| [&[0, 100][..], &[number as u8; 100]].concat();
    let sent: Vec<u8> = (0..400).flat_map(frame_of).collect();
    peer.write_all(&sent).unwrap();
    assert_eq!(block.receive(&socket).unwrap(), (sent.len(), true));
    assert_eq!(block.bytes(), sent);
    let (large, small) =
        (block.batch(&block.bytes()[102..], 399).unwrap(), block.batch(&block.bytes()[..204], 2).unwrap());
    assert!(std::ptr::eq(large.data(), &raw const block.bytes()[102..]));
    assert!(!std::ptr::eq(small.data().as_ptr(), block.bytes().as_ptr()));
    let (rest, at) = block.keep(sent.len() - 10).unwrap();
    // What is read next does not touch what others still read.
    peer.write_all(b"next").unwrap();
    assert_eq!(block.receive(&socket).unwrap(), (4, true));
    assert_eq!(block.bytes(), b"next");
    assert_eq!(frames(small), [(false, vec![0; 100]), (false, vec![1; 100])]);
    let expected: Vec<_> = (1..400).map(|number| (false, vec![number as u8; 100])).collect();
    assert_eq!(frames(large), expected);
    assert_eq!(rest.bytes()[at..], sent[sent.len() - 10..]);
    drop(peer);
    assert_eq!(block.receive(&socket).unwrap().0, 0);
}

#[test]
fn a_large_rest_of_a_block_is_kept_where_it_is() {
    let mut block = Block::new().unwrap();
    let size = block.room().unwrap().len();
    block.room().unwrap().fill(MaybeUninit::new(7));
    // SAFETY: just written.
    unsafe { block.set_filled(size) };
    let (rest, at) = block.keep(1000).unwrap();
    assert!(at == 1000 && std::ptr::eq(rest.bytes(), block.bytes()));
    block.room().unwrap().fill(MaybeUninit::new(8));
    assert_eq!(rest.bytes()[at..], vec![7; size - 1000]);
}

#[test]
fn a_frame_that_has_no_room_changes_nothing() {
    let mut batch = Batch::default();
    assert!(!batch.append_in_room(b"no batch yet", false));
    batch.begin().unwrap();
    while batch.append_in_room(&[7; 100], false) {}
    let (bytes, messages) = (batch.bytes(), batch.messages());
    assert!(!batch.append_in_room(&[8; 100], true) && !batch.in_message());
    assert_eq!((batch.bytes(), batch.messages(), bytes), (bytes, messages, messages as usize * 102));
    assert!(batch.append_in_room(b"small", true));
    let sealed = batch.seal().unwrap();
    assert_eq!((sealed.len(), sealed.batch_messages()), (bytes, messages));
    assert_eq!((batch.bytes(), batch.messages(), batch.in_message()), (7, 0, true));
}

fn read(unread: &mut Unread) -> Option<(bool, Vec<u8>)> {
    if unread.is_empty() && !unread.look() {
        return None;
    }
    unread.take().map(|(more, body)| (more, body.to_vec()))
}

fn live(room: usize) -> (Live, Unread) {
    let (live, msg) = Live::begin(room).unwrap();
    (live, Unread::of(msg))
}

#[test]
fn a_live_batch_is_read_while_it_is_written() {
    let (mut live, mut unread) = live(400);
    assert_eq!((read(&mut unread), unread.grows()), (None, true));
    assert!(live.append(b"one", false));
    assert_eq!(read(&mut unread), Some((false, b"one".to_vec())));
    assert!(live.append(&[7; 300], true) && live.in_message());
    assert_eq!(read(&mut unread), None);
    assert!(!live.append(&[8; 100], false));
    assert!(live.append(b"", false));
    assert_eq!(read(&mut unread), Some((true, vec![7; 300])));
    drop(live);
    assert_eq!(read(&mut unread), Some((false, Vec::new())));
    assert_eq!((read(&mut unread), unread.grows()), (None, false));
}

#[test]
fn an_unfinished_message_is_never_seen() {
    let (mut live, mut unread) = live(400);
    live.append(b"whole", false);
    live.append(b"first", true);
    live.append(b"second", true);
    assert_eq!(live.open_frames().collect::<Vec<_>>(), [(true, &b"first"[..]), (true, &b"second"[..])]);
    live.rollback();
    live.append(b"open", true);
    drop(live);
    assert_eq!(read(&mut unread), Some((false, b"whole".to_vec())));
    assert_eq!((read(&mut unread), unread.grows()), (None, false));
}

#[test]
fn two_threads_pass_frames_through_a_live_batch() {
    let (mut live, mut unread) = live(1 << 20);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for number in 0..50_000u64 {
                assert!(live.append(&number.to_le_bytes(), false));
            }
        });
        for number in 0..50_000u64 {
            while unread.is_empty() && !unread.look() {
                std::thread::yield_now();
            }
            assert_eq!(read(&mut unread), Some((false, number.to_le_bytes().to_vec())));
        }
    });
}
