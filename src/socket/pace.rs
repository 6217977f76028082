//! When a message is written at once, and when it is left for a batch.
//!
//! Thin traffic is written on the spot: a message after a pause, after a wait, or among the first of a burst. A thread
//! that keeps sending without a pause is flooding; its messages stay in the pipe and are pushed together after a
//! bounded number of bytes or microseconds, or when the thread has nothing else to do. Pushing costs time of its own,
//! more with many peers, and the batches grow with it, so that most of the time is spent on messages.

use crate::sys::clock;

/// A pause this long since the last write makes traffic thin again.
const THIN_GAP_NS: u64 = 5_000;
/// So many messages in a row without a pause are written at once before they are taken for a flood.
const THIN_STREAK: u32 = 2;
/// Batched messages are pushed on at this many bytes,
const PUSH_BYTES: usize = 60 * 1024;
/// or when they are this old,
const PUSH_AGE_NS: u64 = 40_000;
/// or older where pushing takes long: as many times as long as that,
const PUSH_AGE_FACTOR: u64 = 4;
/// but never older than this, while the sender goes on. If he stops, somebody else pushes in far less.
const PUSH_AGE_MAX_NS: u64 = 2_000_000;
/// So many batched messages are worth a push when the thread finds nothing to receive, before it looks for more. With fewer,
/// what comes next leads to more answers that can go together. But if all waited, everything under way between two peers
/// would travel as one group, and only one of the two would work at a time.
const GROUP: u32 = 16;
/// The time of a write that was not looked at.
const UNKNOWN: u64 = 0;
/// A message with a frame of this size is worth a write of its own, and is not left for a batch.
const LARGE: usize = 32 * 1024;
/// The clock is read once in so many calls.
const LOOK_AT_CLOCK: u32 = 32;

/// The pace of one socket's sending.
#[derive(Default)]
pub(super) struct Pace {
    /// Numbers the messages, so that all copies of one are treated alike.
    message: u64,
    /// The message that the decision below was made for.
    decided: u64,
    flood: bool,
    /// The last message with a large frame.
    large: Option<u64>,
    /// Messages in a row without a pause.
    streak: u32,
    /// The thread's count of waits at the last decision.
    waits: u32,
    /// When the last write ended.
    last_write: u64,
    bytes: usize,
    /// Messages that were batched since the last push.
    messages: u32,
    /// Calls while there was a batch.
    calls: u32,
    /// When the batch began; 0: there is none.
    since: u64,
    push_began: u64,
    /// How long the last push took.
    push_took: u64,
}

impl Pace {
    /// A new message begins.
    #[inline]
    pub fn begin(&mut self) {
        self.message += 1;
    }

    /// Whether the present message is part of a flood.
    pub fn is_flood(&mut self) -> bool {
        if self.is_large() {
            return false;
        }
        if self.decided != self.message {
            self.decided = self.message;
            let waits = clock::waits();
            let paused = waits != self.waits || self.has_paused();
            self.waits = waits;
            self.streak = if paused { 0 } else { self.streak.saturating_add(1) };
            self.flood = self.streak > THIN_STREAK;
        }
        self.flood
    }

    fn has_paused(&self) -> bool {
        self.last_write != UNKNOWN && clock::now().saturating_sub(self.last_write) > THIN_GAP_NS
    }

    /// The present message has a frame of so many bytes.
    #[inline]
    pub fn note_size(&mut self, size: usize) {
        if size >= LARGE {
            self.large = Some(self.message);
        }
    }

    /// Whether the present message has a large frame.
    #[inline]
    pub fn is_large(&self) -> bool {
        self.large == Some(self.message)
    }

    /// A message was written at once. The first one after a pause tells nothing about when the next one comes, and the
    /// clock is not looked at: so a thread that waits for an answer to each message never looks.
    #[inline]
    pub fn written(&mut self) {
        self.last_write = if self.streak == 0 { UNKNOWN } else { clock::now() };
    }

    /// A message of so many bytes was added to the batch.
    #[inline]
    pub fn count(&mut self, size: usize) {
        if self.since == 0 {
            self.since = clock::now();
        }
        self.bytes += size + 2;
        self.messages += 1;
    }

    /// Whether enough was batched that it is not to wait for more.
    pub fn is_group(&self) -> bool {
        self.messages >= GROUP
    }

    /// Bytes of a frame that belongs to a message that is counted later.
    #[inline]
    pub fn add_bytes(&mut self, size: usize) {
        self.bytes += size;
    }

    /// Whether the batch is large enough to be pushed.
    #[inline]
    pub fn is_due(&self) -> bool {
        self.bytes >= PUSH_BYTES
    }

    /// Whether the batch is old enough to be pushed; asked at every call, and looks at the clock now and then.
    #[inline]
    pub fn is_time_to_push(&mut self) -> bool {
        self.calls = self.calls.wrapping_add(1);
        self.calls.is_multiple_of(LOOK_AT_CLOCK) && self.is_old()
    }

    /// Whether the batch is as old as it may become.
    pub fn is_old(&self) -> bool {
        self.since != 0 && clock::now() - self.since >= self.age()
    }

    fn age(&self) -> u64 {
        (PUSH_AGE_FACTOR * self.push_took).clamp(PUSH_AGE_NS, PUSH_AGE_MAX_NS)
    }

    /// A push begins.
    pub fn pushing(&mut self) {
        self.push_began = clock::now();
    }

    /// A push has ended.
    pub fn pushed(&mut self) {
        let now = clock::now();
        self.push_took = now - self.push_began;
        self.last_write = now;
        self.bytes = 0;
        self.messages = 0;
        self.since = 0;
    }
}
