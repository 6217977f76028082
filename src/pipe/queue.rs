//! The lock-free queue of a pipe: one thread pushes, one pops, neither waits. The one clever unsafe file.
//!
//! # Why it is hard, and how it stays sound
//!
//! Frames live in a chain of blocks of [`BLOCK`] slots. The producer writes a slot, then advances `published` with
//! release; the consumer reads `published` with acquire and takes slots below it. So every slot belongs to exactly
//! one side at any time: to the producer until published, to the consumer afterwards. A block is given back by the
//! consumer when it has moved on to the next one, which the producer linked before it published anything in it, so
//! the producer no longer looks at the old one. One block is kept aside (`spare`) and handed from consumer to
//! producer by an atomic swap, so a steady stream allocates nothing.
//!
//! Sleeping: a consumer that finds nothing sets `asleep` and looks again; a producer publishes and looks at
//! `asleep`. Both are sequentially consistent, so at least one of the two sees the other (Dekker): a message is
//! either found by the consumer's second look or announced by the producer. The same handshake, in the other
//! direction, tells a producer that waits for room that the consumer gave credit.
//!
//! Streaming: a producer that publishes message after message would pay for a fence at each. So a consumer that is kept
//! busy says that it is *streaming*, which means that it does not sleep; and before it ceases to, it takes that back and
//! runs a barrier that counts for the producer's processor, too (see [`barrier`]). A producer that sees it streaming has
//! published before it looked, and that is found by the look that follows the barrier.
//!
//! What each thread may do: the producer's thread uses `Producer` (tail), the consumer's `Consumer` (head). Each is
//! owned by one thread at a time because Rust's types say so (they are not `Clone`, methods take `&mut self`).

use crate::message::{Msg, Role};
use crate::sys::barrier;
use crate::sys::sync::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering, UnsafeCell, fence};
use crossbeam_utils::CachePadded;
use std::mem::MaybeUninit;
use std::ptr;

#[cfg(not(loom))]
use std::sync::Arc;

#[cfg(loom)]
use loom::sync::Arc;

/// Slots a block: a block is 1 KiB, what an idle pipe that was used once keeps.
const BLOCK: usize = if cfg!(loom) { 2 } else { 16 };

struct Block {
    next: AtomicPtr<Block>,
    slots: [UnsafeCell<MaybeUninit<Msg>>; BLOCK],
}

impl Block {
    fn new() -> *mut Block {
        Box::into_raw(Box::new(Block {
            next: AtomicPtr::new(ptr::null_mut()),
            slots: std::array::from_fn(|_| UnsafeCell::new(MaybeUninit::uninit())),
        }))
    }
}

/// A position in the chain: the block and the next slot in it.
struct Position {
    block: *mut Block,
    slot: usize,
}

impl Position {
    const fn start() -> Position {
        // A full block that does not exist: the first step fetches the first block.
        Position { block: ptr::null_mut(), slot: BLOCK }
    }
}

/// The side has no say in the limit.
const NO_PART: u32 = u32::MAX;

/// The producer's and the consumer's share of the limit of messages under way: 0 makes it unlimited, `None` says
/// that the side has no say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limit {
    /// The producer's.
    pub send: Option<u32>,
    /// The consumer's.
    pub receive: Option<u32>,
}

struct Shared {
    /// Written by the producer: frames that the consumer may take.
    published: CachePadded<AtomicUsize>,
    /// Written by the consumer: messages it has taken, in steps of the low-water mark.
    credit: CachePadded<AtomicUsize>,
    consumer_asleep: AtomicBool,
    consumer_streams: AtomicBool,
    producer_waits: AtomicBool,
    producer_gone: AtomicBool,
    consumer_gone: AtomicBool,
    /// Messages that may be under way; 0: no limit. Made of the parts below.
    limit: AtomicU32,
    /// What the producer's and the consumer's side allow; [`NO_PART`]: has no say.
    parts: [AtomicU32; 2],
    first: AtomicPtr<Block>,
    spare: AtomicPtr<Block>,
    head: UnsafeCell<Head>,
    tail: UnsafeCell<Tail>,
}

struct Head {
    position: Position,
    taken: usize,
    seen: usize,
}

struct Tail {
    position: Position,
    written: usize,
}

// SAFETY: head is touched through Consumer only and tail through Producer only, of which there is one each; all
// else is atomic. Slots change owners as the file's head explains. Msg is Send.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// The end that puts frames in.
pub struct Producer(Arc<Shared>);

/// The end that takes frames out.
pub struct Consumer(Arc<Shared>);

/// A new queue with a limit of messages under way.
pub fn queue(limit: Limit) -> (Producer, Consumer) {
    let shared = Arc::new(Shared {
        published: CachePadded::new(AtomicUsize::new(0)),
        credit: CachePadded::new(AtomicUsize::new(0)),
        consumer_asleep: AtomicBool::new(false),
        consumer_streams: AtomicBool::new(false),
        producer_waits: AtomicBool::new(false),
        producer_gone: AtomicBool::new(false),
        consumer_gone: AtomicBool::new(false),
        limit: AtomicU32::new(0),
        parts: [AtomicU32::new(NO_PART), AtomicU32::new(limit.receive.unwrap_or(NO_PART))],
        first: AtomicPtr::new(ptr::null_mut()),
        spare: AtomicPtr::new(ptr::null_mut()),
        head: UnsafeCell::new(Head { position: Position::start(), taken: 0, seen: 0 }),
        tail: UnsafeCell::new(Tail { position: Position::start(), written: 0 }),
    });
    shared.set_part(0, limit.send.unwrap_or(NO_PART));
    (Producer(shared.clone()), Consumer(shared))
}

impl Shared {
    /// Changes one side's part of the limit.
    fn set_part(&self, side: usize, part: u32) {
        self.parts[side].store(part, Ordering::SeqCst);
        let parts = [0, 1].map(|side| self.parts[side].load(Ordering::SeqCst));
        let sum = parts.iter().filter(|&&part| part != NO_PART).fold(0u32, |sum, &part| sum.saturating_add(part));
        self.limit.store(if parts.contains(&0) { 0 } else { sum.min(NO_PART - 1) }, Ordering::SeqCst);
    }
}

impl Producer {
    /// Writes a frame behind the others; the consumer does not see it before [`publish`](Producer::publish).
    #[inline]
    pub fn push(&mut self, msg: Msg) {
        let shared = &*self.0;
        // SAFETY: this is the only Producer, and `&mut self` makes the call the only one in it.
        shared.tail.with_mut(|tail| unsafe {
            let tail = &mut *tail;
            if tail.position.slot == BLOCK {
                extend(shared, &mut tail.position);
            }
            // SAFETY: a slot at or above `published` belongs to the producer, and the block is alive: the consumer
            // frees a block only after moving past all its slots.
            (*tail.position.block).slots[tail.position.slot].with_mut(|slot| (*slot).write(msg));
            tail.position.slot += 1;
            tail.written += 1;
        });
    }

    /// Makes all frames written so far visible. Returns whether the consumer was asleep; it counts as awake then,
    /// and must be told.
    #[inline]
    pub fn publish(&mut self) -> bool {
        let shared = &*self.0;
        // SAFETY: as in push.
        let written = shared.tail.with(|tail| unsafe { (*tail).written });
        shared.published.store(written, Ordering::Release);
        self.announce()
    }

    /// Makes all frames written so far visible, where [`announce`](Producer::announce) follows later.
    pub fn publish_quietly(&mut self) {
        let shared = &*self.0;
        // SAFETY: as in push.
        let written = shared.tail.with(|tail| unsafe { (*tail).written });
        shared.published.store(written, Ordering::Release);
    }

    /// Something was made visible to the consumer. Returns whether it was asleep; it counts as awake then, and must be
    /// told.
    #[inline]
    pub fn announce(&mut self) -> bool {
        let shared = &*self.0;
        barrier::light();
        if shared.consumer_streams.load(Ordering::Relaxed) {
            return false;
        }
        fence(Ordering::SeqCst);
        shared.consumer_asleep.load(Ordering::Relaxed) && shared.consumer_asleep.swap(false, Ordering::SeqCst)
    }

    /// Whether the consumer has said that it stops looking, and was not told of anything since.
    #[inline]
    pub fn consumer_sleeps(&self) -> bool {
        self.0.consumer_asleep.load(Ordering::Acquire)
    }

    /// Messages that the consumer has given credit for, of all that were ever sent.
    #[inline]
    pub fn credit(&self) -> usize {
        self.0.credit.load(Ordering::Acquire)
    }

    /// Announces that the producer waits for room; it must look at the credit again afterwards.
    pub fn wait_for_credit(&self) {
        self.0.producer_waits.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Takes back [`wait_for_credit`](Producer::wait_for_credit).
    pub fn stop_waiting(&self) {
        self.0.producer_waits.store(false, Ordering::Relaxed);
    }

    /// The limit of messages under way; 0: none.
    #[inline]
    pub fn limit(&self) -> u32 {
        self.0.limit.load(Ordering::Relaxed)
    }

    /// Changes the producer's part of the limit.
    pub fn set_limit(&self, part: u32) {
        self.0.set_part(0, part);
    }

    /// Says that nothing more comes.
    pub fn close(&self) {
        self.0.producer_gone.store(true, Ordering::SeqCst);
    }

    /// Whether the consumer has gone.
    #[inline]
    pub fn consumer_gone(&self) -> bool {
        self.0.consumer_gone.load(Ordering::Acquire)
    }
}

/// Moves the producer to a fresh block: the spare one, or a new one.
///
/// # Safety
/// Called by the producer only, with its own position at the end of a block.
#[cold]
unsafe fn extend(shared: &Shared, position: &mut Position) {
    let mut block = shared.spare.swap(ptr::null_mut(), Ordering::Acquire);
    if block.is_null() {
        block = Block::new();
    } else {
        // SAFETY: the spare block is owned by whoever swapped it out.
        unsafe { (*block).next.store(ptr::null_mut(), Ordering::Relaxed) };
    }
    if position.block.is_null() {
        shared.first.store(block, Ordering::Release);
    } else {
        // SAFETY: the producer's present block is alive: the consumer cannot have moved past it, as it has no next.
        unsafe { (*position.block).next.store(block, Ordering::Release) };
    }
    *position = Position { block, slot: 0 };
}

impl Consumer {
    /// Whether a frame is there.
    #[inline]
    pub fn ready(&mut self) -> bool {
        let shared = &*self.0;
        // SAFETY: this is the only Consumer, and `&mut self` makes the call the only one in it.
        shared.head.with_mut(|head| unsafe {
            let head = &mut *head;
            if head.taken == head.seen {
                head.seen = shared.published.load(Ordering::Acquire);
            }
            head.taken != head.seen
        })
    }

    /// The next frame, where it lies.
    #[inline]
    pub fn front(&mut self) -> Option<&mut Msg> {
        if !self.ready() {
            return None;
        }
        let shared = &*self.0;
        // SAFETY: as in ready.
        shared.head.with_mut(|head| unsafe {
            let head = &mut *head;
            if head.position.slot == BLOCK {
                advance(shared, &mut head.position);
            }
            // SAFETY: a slot below `published` was written and belongs to the consumer; the borrow of the Consumer
            // keeps it from being taken meanwhile.
            (*head.position.block).slots[head.position.slot].with_mut(|slot| Some((*slot).assume_init_mut()))
        })
    }

    /// The role of the next frame, if there is one.
    pub fn peek_role(&mut self) -> Option<Role> {
        self.front().map(|msg| msg.role())
    }

    /// Drops the next frame; there is one.
    #[inline]
    pub fn drop_front(&mut self) {
        let mut msg = Msg::new();
        self.pop_into(&mut msg);
    }

    /// Takes the next frame.
    #[cfg(test)]
    pub fn pop(&mut self) -> Option<Msg> {
        let mut msg = Msg::new();
        self.pop_into(&mut msg).then_some(msg)
    }

    /// Takes the next frame over `msg`; false if there is none.
    #[inline]
    pub fn pop_into(&mut self, msg: &mut Msg) -> bool {
        if !self.ready() {
            return false;
        }
        let shared = &*self.0;
        // SAFETY: as in ready.
        shared.head.with_mut(|head| unsafe {
            let head = &mut *head;
            if head.position.slot == BLOCK {
                advance(shared, &mut head.position);
            }
            // SAFETY: a slot below `published` was written and belongs to the consumer, which reads it once.
            (*head.position.block).slots[head.position.slot].with(|slot| *msg = (*slot).assume_init_read());
            head.position.slot += 1;
            head.taken += 1;
            true
        })
    }

    /// Says that the consumer stops looking until it is told. It must look once more after that, and if it finds something
    /// take it back by [`stay_awake`](Consumer::stay_awake).
    pub fn sleep(&mut self) {
        let shared = &*self.0;
        if shared.consumer_streams.load(Ordering::Relaxed) {
            shared.consumer_streams.store(false, Ordering::Relaxed);
            barrier::heavy();
        }
        shared.consumer_asleep.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Takes [`sleep`](Consumer::sleep) back.
    pub fn stay_awake(&mut self) {
        self.0.consumer_asleep.store(false, Ordering::Relaxed);
    }

    /// Says that the consumer is kept busy, and that the producer need not look whether it sleeps.
    pub fn stream(&mut self) {
        if barrier::is_available() {
            self.0.consumer_streams.store(true, Ordering::Relaxed);
        }
    }

    /// Whether [`stream`](Consumer::stream) is in force.
    #[cfg(all(test, not(loom)))]
    pub fn streams(&self) -> bool {
        self.0.consumer_streams.load(Ordering::Relaxed)
    }

    /// Gives credit for `messages` taken in all. Returns whether the producer waits for it and must be told.
    pub fn give_credit(&mut self, messages: usize) -> bool {
        self.0.credit.store(messages, Ordering::Release);
        fence(Ordering::SeqCst);
        self.0.producer_waits.load(Ordering::Relaxed) && self.0.producer_waits.swap(false, Ordering::SeqCst)
    }

    /// The limit of messages under way; 0: none.
    #[inline]
    pub fn limit(&self) -> u32 {
        self.0.limit.load(Ordering::Relaxed)
    }

    /// Changes the consumer's part of the limit.
    pub fn set_limit(&self, part: u32) {
        self.0.set_part(1, part);
    }

    /// Says that nothing more is taken.
    pub fn close(&self) {
        self.0.consumer_gone.store(true, Ordering::SeqCst);
    }

    /// Whether the producer has gone. Frames it published before may still be there.
    #[inline]
    pub fn producer_gone(&self) -> bool {
        self.0.producer_gone.load(Ordering::Acquire)
    }
}

/// Moves the consumer to the next block and keeps or frees the one it leaves.
///
/// # Safety
/// Called by the consumer only, when a published frame lies in the next block.
#[cold]
unsafe fn advance(shared: &Shared, position: &mut Position) {
    let old = position.block;
    let next = if old.is_null() {
        shared.first.load(Ordering::Acquire)
    } else {
        // SAFETY: the consumer owns its present block.
        unsafe { (*old).next.load(Ordering::Acquire) }
    };
    *position = Position { block: next, slot: 0 };
    if !old.is_null() {
        let surplus = shared.spare.swap(old, Ordering::AcqRel);
        if !surplus.is_null() {
            // SAFETY: whoever swaps a block out of `spare` owns it; its slots hold nothing.
            drop(unsafe { Box::from_raw(surplus) });
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Both ends are gone: what was written and not taken is dropped, published or not.
        // SAFETY: `&mut self` is exclusive.
        let written = self.tail.with(|tail| unsafe { (*tail).written });
        // SAFETY: as above; slots between taken and written hold frames, each dropped once; blocks from the
        // consumer's on are alive and linked.
        self.head.with_mut(|head| unsafe {
            let head = &mut *head;
            while head.taken != written {
                if head.position.slot == BLOCK {
                    advance(self, &mut head.position);
                }
                (*head.position.block).slots[head.position.slot].with_mut(|slot| (*slot).assume_init_drop());
                head.position.slot += 1;
                head.taken += 1;
            }
            // At most one block is left in the chain behind the consumer's: none, as blocks are made on demand.
            let last =
                if head.position.block.is_null() { self.first.load(Ordering::Acquire) } else { head.position.block };
            for block in [last, self.spare.load(Ordering::Acquire)] {
                if !block.is_null() {
                    drop(Box::from_raw(block));
                }
            }
        });
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn frame(number: u64) -> Msg {
        Msg::copy_of(&number.to_le_bytes()).unwrap()
    }

    fn number(msg: &Msg) -> u64 {
        u64::from_le_bytes(msg.data().try_into().unwrap())
    }

    #[test]
    fn frames_come_out_in_order_and_only_when_published() {
        let (mut producer, mut consumer) = queue(Limit::default());
        for i in 0..100 {
            producer.push(frame(i));
        }
        assert!(consumer.pop().is_none());
        producer.publish();
        for i in 0..100 {
            assert_eq!(number(&consumer.pop().unwrap()), i);
        }
        assert!(consumer.pop().is_none());
    }

    #[test]
    fn frames_left_behind_are_dropped_once() {
        let (mut producer, mut consumer) = queue(Limit::default());
        let payload = Msg::copy_of(&[1; 1000]).unwrap();
        for _ in 0..50 {
            producer.push(payload.duplicate());
        }
        producer.publish();
        for _ in 0..7 {
            consumer.pop().unwrap();
        }
        producer.push(payload.duplicate());
        producer.close();
        assert!(consumer.producer_gone());
    }

    #[test]
    fn a_sleeping_consumer_is_announced_once() {
        let (mut producer, mut consumer) = queue(Limit::default());
        consumer.sleep();
        assert!(!consumer.ready());
        producer.push(frame(1));
        assert!(producer.publish());
        producer.push(frame(2));
        assert!(!producer.publish());
        consumer.sleep();
        assert!(consumer.ready());
    }

    #[test]
    fn two_threads_pass_a_million_frames() {
        let (mut producer, mut consumer) = queue(Limit::default());
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for i in 0..1_000_000 {
                    producer.push(frame(i));
                    producer.publish();
                }
            });
            for expected in 0..1_000_000 {
                let msg = loop {
                    match consumer.pop() {
                        Some(msg) => break msg,
                        None => std::thread::yield_now(),
                    }
                };
                assert_eq!(number(&msg), expected);
            }
        });
    }
}

#[cfg(all(test, loom))]
mod loom_tests {
    use super::*;

    #[test]
    fn no_frame_is_lost_or_doubled() {
        loom::model(|| {
            let (mut producer, mut consumer) = queue(Limit::default());
            let thread = loom::thread::spawn(move || {
                for i in 0..3u8 {
                    producer.push(Msg::copy_of(&[i]).unwrap());
                    producer.publish();
                }
            });
            let mut next = 0;
            for _ in 0..2 {
                while let Some(msg) = consumer.pop() {
                    assert_eq!(msg.data(), [next]);
                    next += 1;
                }
                loom::thread::yield_now();
            }
            thread.join().unwrap();
            while let Some(msg) = consumer.pop() {
                assert_eq!(msg.data(), [next]);
                next += 1;
            }
            assert_eq!(next, 3);
        });
    }

    #[test]
    fn a_consumer_that_sleeps_is_told() {
        loom::model(|| {
            let (mut producer, mut consumer) = queue(Limit::default());
            let thread = loom::thread::spawn(move || {
                producer.push(Msg::new());
                producer.publish()
            });
            let slept = consumer.pop().is_none() && falls_asleep(&mut consumer);
            let told = thread.join().unwrap();
            assert!(!slept || told, "asleep and not told");
        });
    }

    fn falls_asleep(consumer: &mut Consumer) -> bool {
        consumer.sleep();
        !consumer.ready()
    }

    #[test]
    fn a_consumer_that_ceases_to_stream_is_told() {
        loom::model(|| {
            let (mut producer, mut consumer) = queue(Limit::default());
            producer.push(Msg::new());
            producer.publish();
            consumer.pop().unwrap();
            consumer.stream();
            let thread = loom::thread::spawn(move || {
                producer.push(Msg::new());
                producer.publish()
            });
            let slept = consumer.pop().is_none() && falls_asleep(&mut consumer);
            let told = thread.join().unwrap();
            assert!(!slept || told, "asleep and not told");
        });
    }

    #[test]
    fn a_producer_that_waits_for_credit_is_told() {
        loom::model(|| {
            let (producer, mut consumer) = queue(Limit { send: Some(1), receive: None });
            let thread = loom::thread::spawn(move || consumer.give_credit(1));
            producer.wait_for_credit();
            let waits = producer.credit() == 0;
            let told = thread.join().unwrap();
            assert!(!waits || told, "waits and not told");
        });
    }
}
