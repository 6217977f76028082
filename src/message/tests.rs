//! Promises of a message frame.

use super::*;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn small_content_lives_inside_and_is_followed_by_zeros() {
    let mut msg = Msg::copy_of(b"World").unwrap();
    let inside = msg.data_ptr() as usize - (&raw const msg) as usize;
    assert!(inside < 64);
    assert_eq!(msg.data(), b"World");
    // SAFETY: the byte behind the content is inside the struct.
    assert_eq!(unsafe { *msg.data_ptr().add(5) }, 0);
}

#[test]
fn a_window_gives_its_first_bytes_and_zeros_behind_them() {
    let window: [u8; Msg::INLINE_MAX] = std::array::from_fn(|at| at as u8 + 1);
    for len in 0..=Msg::INLINE_MAX {
        let mut msg = Msg::from_window(&window, len as u8);
        assert_eq!(msg.data(), &window[..len]);
        // SAFETY: all of the inline bytes are initialised.
        let behind = unsafe { std::slice::from_raw_parts(msg.data_ptr().add(len), Msg::INLINE_MAX - len) };
        assert!(behind.iter().all(|byte| *byte == 0), "{len}");
    }
}

#[test]
fn a_large_copy_shares_and_both_say_so() {
    let mut msg = Msg::copy_of(&[7; 100]).unwrap();
    assert!(!msg.is_shared());
    let mut copy = msg.share();
    assert_eq!(copy.data_ptr(), msg.data_ptr());
    assert!(msg.is_shared() && copy.is_shared());
    drop(msg);
    assert_eq!(copy.data(), &[7; 100]);
}

#[test]
fn free_function_is_called_once_by_the_last_owner() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn free(_: *mut c_void, hint: *mut c_void) {
        assert_eq!(hint as usize, 42);
        CALLS.fetch_add(1, Ordering::Relaxed);
    }
    let mut bytes = [1u8; 8];
    // SAFETY: bytes outlives the messages below.
    let msg = unsafe { Msg::external(bytes.as_mut_ptr(), 8, free, std::ptr::without_provenance_mut(42)) }.unwrap();
    let copy = msg.duplicate();
    drop(msg);
    assert_eq!(CALLS.load(Ordering::Relaxed), 0);
    std::thread::spawn(move || drop(copy)).join().unwrap();
    assert_eq!(CALLS.load(Ordering::Relaxed), 1);
}

#[test]
fn an_absurd_size_is_enomem() {
    assert_eq!(Msg::with_size(usize::MAX).unwrap_err(), Error::NOMEM);
    assert_eq!(Msg::with_size(usize::MAX / 2 - 4096).unwrap_err(), Error::NOMEM);
}

#[test]
fn zeroed_and_closed_structs_are_refused() {
    let mut zeroed = [0u64; 8];
    // SAFETY: 64 aligned bytes.
    assert_eq!(unsafe { Msg::check(zeroed.as_mut_ptr().cast()) }.unwrap_err(), Error::FAULT);
    let mut msg = ManuallyDrop::new(Msg::copy_of(&[1; 50]).unwrap());
    // SAFETY: the struct is not dropped by Rust.
    unsafe { msg.close_in_place() };
    // SAFETY: 64 aligned bytes.
    assert_eq!(unsafe { Msg::check((&raw mut *msg).cast()) }.unwrap_err(), Error::FAULT);
}

#[test]
fn growing_content_follows_the_bytes() {
    let bytes: Vec<u8> = (0..1_000_000u32).map(|i| i as u8).collect();
    let mut growing = Growing::new(bytes.len()).unwrap();
    for chunk in bytes.chunks(70_001) {
        assert_eq!(growing.extend(chunk).unwrap(), chunk.len());
    }
    assert_eq!(growing.missing(), 0);
    assert_eq!(growing.finish().data(), &bytes[..]);
    assert!(Growing::new(1 << 45).unwrap().room().unwrap().len() <= FIRST);
    const FIRST: usize = 4 * 1024 * 1024;
}

#[test]
fn metadata_goes_with_copies() {
    let mut metadata = Metadata::default();
    metadata.insert(b"Socket-Type", b"DEALER");
    metadata.insert(b"Socket-Type", b"second");
    let mut msg = Msg::new();
    msg.set_metadata(Some(Arc::new(metadata)));
    let copy = msg.share();
    drop(msg);
    assert_eq!(copy.metadata().unwrap().get(b"Socket-Type").unwrap().to_bytes(), b"DEALER");
    assert!(copy.metadata().unwrap().get(b"socket-type").is_none());
}

#[test]
fn properties_keep_their_first_value_up_to_its_first_zero() {
    let mut metadata = Metadata::of_connection(7);
    metadata.insert(b"Socket-Type", b"DEALER");
    metadata.insert(b"X-cut", b"be\0fore");
    metadata.insert(b"", b"no name");
    metadata.insert(b"X-empty", b"");
    metadata.insert(b"X-cut", b"second");
    metadata.insert(&[b'n'; 256], b"no such name on the wire");
    let value = |name: &[u8]| metadata.get(name).map(std::ffi::CStr::to_bytes);
    assert_eq!(value(b"Socket-Type"), Some(&b"DEALER"[..]));
    assert_eq!(value(b"X-cut"), Some(&b"be"[..]));
    assert_eq!(value(b""), Some(&b"no name"[..]));
    assert_eq!(value(b"X-empty"), Some(&b""[..]));
    assert_eq!(value(&[b'n'; 256]), None);
    assert_eq!(value(b"X-none"), None);
    assert_eq!(metadata.source_fd, Some(7));
}

#[test]
fn a_large_frame_and_what_follows_it_are_read_at_once() {
    use std::io::Write;
    let (mut peer, socket) = std::os::unix::net::UnixStream::pair().unwrap();
    let body: Vec<u8> = (0..20_000).map(|at| (at / 7) as u8).collect();
    let mut growing = Growing::new(body.len()).unwrap();
    let mut behind = batch::Block::new().unwrap();
    assert_eq!(growing.receive(&socket, &mut behind, 8).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    peer.write_all(&body[..5000]).unwrap();
    assert_eq!(growing.receive(&socket, &mut behind, 8).unwrap(), (5000, 0, true));
    peer.write_all(&body[5000..]).unwrap();
    peer.write_all(b"next frame").unwrap();
    assert_eq!(growing.receive(&socket, &mut behind, 8).unwrap(), (15_000, 8, false));
    assert_eq!(behind.bytes(), b"next fra");
    assert_eq!(growing.missing(), 0);
    assert!(growing.finish().data() == body);
}

#[test]
fn large_contents_are_counted_while_they_are_in_use() {
    let len = large::MOST;
    let held: Vec<Msg> = (0..4).map(|_| Msg::with_size(len).unwrap()).collect();
    // Other tests use some, too, but not that many.
    assert!(Msg::large_in_use() >= 4 * len);
    drop(held);
    assert!(Msg::large_in_use() < 4 * len);
}

#[test]
fn a_frame_that_is_filled_again_is_as_good_as_new() {
    let bodies: Vec<Vec<u8>> = [0, 1, 40, 41, 80, 300, 64, 40, 5, 0, 80, 7, 2000, 2000, 3, 256, 3]
        .iter()
        .map(|&len| vec![len as u8 | 1; len])
        .collect();
    let mut msg = Msg::new();
    for (index, body) in bodies.iter().enumerate() {
        msg.set_routing_id(7);
        msg.refill(body, index % 2 == 0);
        assert_eq!((msg.data(), msg.more(), msg.routing_id()), (&body[..], index % 2 == 0, 0));
        assert!(msg.is_data() && !msg.is_shared());
        if body.len() <= Msg::INLINE_MAX {
            // SAFETY: a short frame has so many initialised bytes, inline or in a block.
            let all = unsafe { std::slice::from_raw_parts(msg.data_ptr(), Msg::INLINE_MAX) };
            assert!(all[body.len()..].iter().all(|&byte| byte == 0));
        }
    }
}

#[test]
fn only_a_block_of_its_own_is_filled_again() {
    let mut msg = Msg::copy_of(&[1; 100]).unwrap();
    let address = msg.data_ptr();
    msg.refill(&[2; 90], false);
    assert_eq!(msg.data_ptr(), address);
    msg.refill(&[8; 9], false);
    assert!(msg.is_inline(), "a larger block is not held by a short frame");
    msg.refill(&[2; 80], false);
    let address = msg.data_ptr();
    msg.refill(&[8; 9], false);
    assert!(!msg.is_inline() && msg.is_short() && msg.data_ptr() == address, "the smallest kind of block is");
    msg.refill(&[2; 90], false);
    let copy = msg.share();
    msg.refill(&[3; 100], false);
    assert_eq!((copy.data(), msg.data()), (&[2; 90][..], &[3; 100][..]));
    static FOURS: [u8; 100] = [4; 100];
    // SAFETY: static bytes.
    let mut constant = unsafe { Msg::constant((&raw const FOURS).cast(), 100) };
    constant.refill(&[5; 100], false);
    assert_eq!(constant.data(), [5; 100]);
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn count(_: *mut c_void, _: *mut c_void) {
        CALLS.fetch_add(1, Ordering::Relaxed);
    }
    let mut bytes = [6; 100];
    // SAFETY: the bytes outlive the message.
    let mut external = unsafe { Msg::external(bytes.as_mut_ptr(), 100, count, std::ptr::null_mut()).unwrap() };
    external.refill(&[7; 100], false);
    assert_eq!((CALLS.load(Ordering::Relaxed), bytes, external.data()), (1, [6; 100], &[7; 100][..]));
}

#[test]
fn copies_of_a_short_frame_share_nothing() {
    let share: fn(&mut Msg) -> Msg = Msg::share;
    for copy_of in [share, |msg| msg.duplicate()] {
        let mut msg = Msg::copy_of(&[1; 60]).unwrap();
        msg.refill(b"short", true);
        assert!(!msg.is_inline());
        let mut copy = copy_of(&mut msg);
        copy.data_mut()[0] = b'S';
        assert_eq!((msg.data(), copy.data(), copy.more()), (&b"short"[..], &b"Short"[..], true));
        assert!(!msg.is_shared() && !copy.is_shared());
    }
    let mut large = Msg::copy_of(&[1; 60]).unwrap();
    assert!(!large.is_short());
    let mut copy = large.share();
    assert!(large.is_shared() && copy.is_shared() && copy.data_ptr() == large.data_ptr());
    static BYTES: [u8; 5] = *b"bytes";
    // SAFETY: static bytes.
    let mut constant = unsafe { Msg::constant((&raw const BYTES).cast(), 5) };
    assert!(!constant.is_short() && constant.share().data_ptr() == constant.data_ptr());
}

#[test]
fn properties_that_are_there_already_stay() {
    let (one, other) = (Arc::new(Metadata::of_connection(1)), Arc::new(Metadata::of_connection(2)));
    let mut msg = Msg::new();
    for metadata in [Some(&one), Some(&one), Some(&other), None, Some(&one)] {
        msg.set_metadata_of(metadata);
        assert_eq!(msg.metadata().map(|known| known.source_fd), metadata.map(|wanted| wanted.source_fd));
        msg.assign_content(Msg::copy_of(b"next").unwrap());
        assert_eq!((msg.data(), msg.metadata().is_some()), (&b"next"[..], metadata.is_some()));
    }
    assert_eq!((Arc::strong_count(&one), Arc::strong_count(&other)), (2, 1));
    drop(msg);
    assert_eq!(Arc::strong_count(&one), 1);
}
