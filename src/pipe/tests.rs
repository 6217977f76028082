//! The pipe alone: what is visible when, what counts against the mark, and who is told.

use super::*;
use crate::message::Role;
use crate::sys::barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Default)]
struct Counter {
    readable: AtomicUsize,
    writable: AtomicUsize,
}

impl PipeOwner for Counter {
    fn readable(&self) {
        self.readable.fetch_add(1, Ordering::Relaxed);
    }
    fn writable(&self) {
        self.writable.fetch_add(1, Ordering::Relaxed);
    }
}

fn counted(limit: u32, conflate: bool) -> (Writer, Reader, Arc<Counter>) {
    let owner = Arc::new(Counter::default());
    let bell = Bell::new(owner.clone());
    let limit = Limit { send: None, receive: Some(limit) };
    let (writer, reader) = pipe(limit, conflate, bell.clone(), bell);
    (writer, reader, owner)
}

fn frame(byte: u8, more: bool) -> Msg {
    let mut msg = Msg::copy_of(&[byte]).unwrap();
    msg.set_more(more);
    msg
}

#[test]
fn a_message_is_visible_only_as_a_whole() {
    let (mut writer, mut reader, _) = counted(0, false);
    assert!(writer.write(&mut frame(1, true)));
    writer.flush();
    assert!(!reader.has_message());
    assert!(writer.write(&mut frame(2, false)));
    writer.flush();
    assert_eq!(reader.read().unwrap().data(), [1]);
    assert_eq!(reader.read().unwrap().data(), [2]);
}

#[test]
fn credit_comes_in_halves_of_the_mark() {
    let (mut writer, mut reader, owner) = counted(20, false);
    for _ in 0..20 {
        assert!(writer.write(&mut frame(0, false)));
    }
    writer.flush();
    assert!(!writer.write(&mut frame(0, false)));
    for _ in 0..9 {
        reader.read().unwrap();
    }
    assert!(!writer.has_room());
    assert_eq!(owner.writable.load(Ordering::Relaxed), 0);
    reader.read().unwrap();
    assert_eq!(owner.writable.load(Ordering::Relaxed), 1);
    for _ in 0..10 {
        assert!(writer.write(&mut frame(0, false)));
    }
    assert!(!writer.has_room());
}

#[test]
fn a_multipart_message_counts_once_and_is_never_cut_by_the_mark() {
    let (mut writer, _reader, _) = counted(1, false);
    assert!(writer.write(&mut frame(1, true)));
    assert!(writer.write(&mut frame(2, true)));
    assert!(writer.write(&mut frame(3, false)));
    assert!(!writer.write(&mut frame(4, true)));
}

#[test]
fn the_reader_is_told_once_after_it_found_nothing() {
    let (mut writer, mut reader, owner) = counted(0, false);
    assert!(reader.read().is_none());
    for _ in 0..3 {
        writer.write(&mut frame(1, false));
        writer.flush();
    }
    assert_eq!(owner.readable.load(Ordering::Relaxed), 1);
}

#[test]
fn a_message_may_go_another_way_only_while_the_reader_has_nothing_to_look_at() {
    let (mut writer, mut reader, _) = counted(0, false);
    let held = |writer: &Writer| writer.held_alone().map(<[Msg]>::len);
    assert_eq!(held(&writer), None, "nobody has looked yet");
    assert!(reader.read().is_none());
    assert_eq!(held(&writer), Some(0));
    assert!(writer.write(&mut frame(1, true)) && writer.write(&mut frame(2, true)));
    assert_eq!(held(&writer), Some(2));
    writer.went_apart();
    assert!(held(&writer) == Some(0) && !writer.in_message());
    writer.write_beyond(frame(3, false));
    assert_eq!(held(&writer), None, "one waits to be shown");
    writer.flush();
    assert_eq!(held(&writer), None, "one is shown");
    assert!(reader.read().is_some());
    assert_eq!(held(&writer), None, "the reader is still looking");
    assert!(reader.read().is_none());
    assert_eq!(held(&writer), Some(0));
    drop(reader);
    assert_eq!(held(&writer), None);

    let (writer, mut reader, _) = counted(0, true);
    assert!(reader.read().is_none());
    assert_eq!(held(&writer), None, "only the newest counts");
}

#[test]
fn what_is_no_message_does_not_get_into_one() {
    let (mut writer, mut reader, _) = counted(0, false);
    assert!(writer.write(&mut frame(1, true)));
    let mut subscription = frame(7, false);
    subscription.set_role(Role::Subscribe);
    writer.write_beyond(subscription);
    writer.flush();
    assert_eq!(reader.read().unwrap().role(), Role::Subscribe);
    assert!(reader.read().is_none());
    assert!(writer.write(&mut frame(2, false)));
    writer.flush();
    assert_eq!(reader.read().unwrap().data(), [1]);
    assert_eq!(reader.read().unwrap().data(), [2]);
}

#[test]
fn conflation_keeps_the_newest() {
    let (mut writer, mut reader, _) = counted(1, true);
    for byte in 0..10 {
        assert!(writer.write(&mut frame(byte, false)));
        writer.flush();
    }
    assert_eq!(reader.read().unwrap().data(), [9]);
    assert!(reader.read().is_none());
    writer.write(&mut frame(10, false));
    writer.flush();
    assert_eq!(reader.read().unwrap().data(), [10]);
}

#[test]
fn raising_the_limit_wakes_a_waiting_writer() {
    let (mut writer, mut reader, owner) = counted(2, false);
    while writer.write(&mut frame(0, false)) {}
    reader.set_limit(10);
    assert!(owner.writable.load(Ordering::Relaxed) > 0);
    assert!(writer.has_room());
}

#[test]
fn a_limit_below_what_was_read_without_credit_is_no_obstacle() {
    let (mut writer, mut reader, owner) = counted(100, false);
    for _ in 0..40 {
        assert!(writer.write(&mut frame(0, false)));
    }
    writer.flush();
    while reader.read().is_some() {}
    writer.queue.set_limit(0);
    reader.queue.set_limit(10);
    writer.set_limit(10);
    assert!(owner.readable.load(Ordering::Relaxed) > 0);
    assert!(reader.read().is_none());
    assert!(writer.has_room());
}

#[test]
fn ends_tell_each_other_when_they_go() {
    let (mut writer, mut reader, owner) = counted(0, false);
    writer.write(&mut frame(1, false));
    writer.flush();
    drop(writer);
    assert!(!reader.ended());
    reader.read().unwrap();
    assert!(reader.ended());
    assert!(owner.readable.load(Ordering::Relaxed) > 0);
}

#[test]
fn the_rest_of_a_message_whose_beginning_was_lost_is_dropped() {
    let (mut writer, mut reader, _) = counted(0, false);
    writer.cut = true;
    assert!(writer.in_message());
    assert!(writer.write(&mut frame(1, true)) && writer.write(&mut frame(2, false)));
    assert!(!writer.in_message());
    writer.flush();
    assert!(!reader.has_message());
    assert!(writer.write(&mut frame(3, false)));
    writer.flush();
    assert_eq!(reader.read().unwrap().data(), [3]);
}

#[test]
fn credit_is_the_same_by_way_of_a_lane() {
    let (mut writer, mut reader, owner) = counted(20, false);
    (0..20).for_each(|_| writer.write_live(b"x", false).unwrap());
    writer.announce();
    assert!(!writer.has_room());
    let mut taken = 0;
    while !writer.has_room() {
        assert_eq!(owner.writable.load(Ordering::Relaxed), 0);
        let along = reader.frames_along();
        (0..along).for_each(|_| assert!(reader.take_along().is_some()));
        assert!(matches!(reader.read_bytes(&mut [0], |_| true), Bytes::Frame { .. }));
        taken += along + 1;
    }
    assert_eq!((taken, owner.writable.load(Ordering::Relaxed)), (10, 1));
}

#[test]
fn a_reader_that_is_kept_busy_streams_by_way_of_lanes_too() {
    barrier::await_available();
    let (mut writer, mut reader, _) = counted(0, false);
    reader.be_patient();
    (0..200).for_each(|_| writer.write_live(b"x", false).unwrap());
    for _ in 0..20 {
        let along = reader.frames_along().min(7);
        (0..along).for_each(|_| assert!(reader.take_along().is_some()));
        assert!(matches!(reader.read_bytes(&mut [0], |_| true), Bytes::Frame { .. }));
    }
    assert_eq!(reader.streams(), barrier::is_available());
}

#[test]
fn what_follows_a_growing_batch_waits_until_that_was_read() {
    let (mut writer, mut reader, _) = counted(0, false);
    let next = |reader: &mut Reader| reader.read().map(|msg| msg.data().to_vec());
    writer.write_live(b"1", false).unwrap();
    assert!(reader.has_message() && reader.next_role() == Some(Role::Batch));
    assert_eq!(next(&mut reader), Some(b"1".to_vec()));
    assert!(!reader.has_message() && reader.next_role().is_none() && !reader.ended());
    writer.write_live(b"2", false).unwrap();
    assert!(writer.write(&mut frame(b'3', false)));
    writer.flush();
    writer.write_live(b"4", true).unwrap();
    assert_eq!((next(&mut reader), next(&mut reader)), (Some(b"2".to_vec()), Some(b"3".to_vec())));
    assert_eq!(next(&mut reader), None);
    writer.write_live(b"5", false).unwrap();
    assert_eq!((next(&mut reader), next(&mut reader)), (Some(b"4".to_vec()), Some(b"5".to_vec())));
    assert!(!reader.ended());
    writer.write_live(b"unfinished", true).unwrap();
    drop(writer);
    assert!(reader.ended() && !reader.has_message());
}
