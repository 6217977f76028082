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
/// A push to so many pipes with less than two messages for each, and no message for several of them, has shown that what
/// comes is spread over many peers: batches save no write then, and only delay what could be on its way.
const SPREAD_PIPES: u32 = 4;
/// So many messages are written at once before batches get another chance,
const SPREAD_PAUSE: u32 = 512;
/// and twice as many each time that they did not use it, up to this.
const SPREAD_PAUSE_MAX: u32 = 8192;
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
    /// Messages that were batched since the last push, counted once for each pipe,
    messages: u32,
    /// and the pipes.
    pipes: u32,
    /// The message that was the last one then.
    pushed_message: u64,
    /// Messages to be written at once, as they are spread over many peers,
    spread: u32,
    /// and how many it were the last time; 0 after a batch that was worth it.
    spread_pause: u32,
    /// Calls while there was a batch, since the clock was looked at.
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
            self.flood = self.streak > THIN_STREAK && self.spread == 0;
            self.spread = self.spread.saturating_sub(1);
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

    /// A message of so many bytes was added to the batch; whether it is the first since the last push.
    #[inline]
    pub fn count(&mut self, size: usize) -> bool {
        let first = self.since == 0;
        if first {
            self.since = clock::now();
        }
        self.bytes += size + 2;
        first
    }

    /// When the first message was added to the batch; 0: there is none.
    pub fn since(&self) -> u64 {
        self.since
    }

    /// A message is left for the next push.
    #[inline]
    pub fn count_message(&mut self) {
        self.messages += 1;
    }

    /// A pipe got its first message since the last push.
    #[inline]
    pub fn count_pipe(&mut self) {
        self.pipes += 1;
    }

    /// Messages that were counted are for so many more pipes.
    pub fn count_copies(&mut self, copies: usize) {
        self.messages = self.messages.saturating_add(copies as u32);
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

    /// So many bytes may be added before the batch is to be pushed.
    #[inline]
    pub fn bytes_to_push(&self) -> usize {
        PUSH_BYTES.saturating_sub(self.bytes)
    }

    /// Whether the clock is to be looked at; asked at every call.
    #[inline]
    pub fn is_time_to_look(&mut self) -> bool {
        self.calls += 1;
        let look = self.calls >= LOOK_AT_CLOCK;
        if look {
            self.calls = 0;
        }
        look
    }

    /// So many calls may follow before the clock is to be looked at.
    #[inline]
    pub fn calls_to_look(&self) -> u32 {
        LOOK_AT_CLOCK.saturating_sub(self.calls + 1)
    }

    /// There were calls that did not ask whether it is time.
    #[inline]
    pub fn count_calls(&mut self, calls: u32) {
        self.calls += calls;
    }

    /// So many frames were sent that nothing was asked for; those of a flood with so many whole messages and bytes.
    pub fn count_along(&mut self, frames: u32, messages: u32, bytes: usize) {
        self.message += u64::from(frames);
        self.messages += messages;
        self.bytes += bytes;
    }

    /// Whether the batch is as old as it may become.
    pub fn is_old(&self, now: u64) -> bool {
        self.since != 0 && now - self.since >= self.age()
    }

    fn age(&self) -> u64 {
        (PUSH_AGE_FACTOR * self.push_took).clamp(PUSH_AGE_NS, PUSH_AGE_MAX_NS)
    }

    /// A push begins.
    pub fn pushing(&mut self) {
        self.push_began = clock::now();
    }

    /// A push has ended.
    pub fn pushed(&mut self, now: u64) {
        self.push_took = now - self.push_began;
        self.last_write = now;
        self.bytes = 0;
        let sent = self.message - self.pushed_message;
        let paid = self.messages >= 2 * self.pipes || u64::from(self.messages) > sent;
        if paid && self.pipes > 0 {
            self.spread_pause = 0;
        } else if !paid && self.pipes >= SPREAD_PIPES {
            self.spread_pause = (2 * self.spread_pause).clamp(SPREAD_PAUSE, SPREAD_PAUSE_MAX);
            self.spread = self.spread_pause;
        }
        self.pushed_message = self.message;
        self.messages = 0;
        self.pipes = 0;
        self.since = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A flood of `messages`, each for `copies` of the `pipes`, up to a push; whether it goes on as a flood.
    fn goes_on(messages: u32, copies: u32, pipes: u32) -> bool {
        let mut pace = Pace::default();
        for _ in 0..messages {
            pace.begin();
            for _ in 0..copies {
                pace.count_message();
            }
        }
        (0..pipes).for_each(|_| pace.count_pipe());
        pace.pushed(clock::now());
        // Without a pause in between.
        pace.last_write = UNKNOWN;
        (0..THIN_STREAK + 2).all(|_| {
            pace.begin();
            pace.is_flood() || pace.streak <= THIN_STREAK
        })
    }

    #[test]
    fn what_is_spread_over_many_peers_is_no_flood() {
        assert!(goes_on(100, 1, 1));
        assert!(goes_on(3, 1, 3));
        assert!(!goes_on(100, 1, 100) && !goes_on(4, 1, 4) && !goes_on(150, 1, 100));
        assert!(goes_on(200, 1, 100));
        // Copies of one message are written together.
        assert!(goes_on(1, 100, 100));
    }

    #[test]
    fn batches_get_another_chance() {
        let mut pace = Pace { spread: SPREAD_PAUSE, ..Pace::default() };
        let calls = (1..2 * SPREAD_PAUSE).take_while(|_| {
            pace.begin();
            !pace.is_flood()
        });
        assert_eq!(calls.count() as u32, SPREAD_PAUSE);
    }

    #[test]
    fn the_chances_become_rare_until_one_is_used() {
        let mut pace = Pace::default();
        let mut push = |messages: u32, pipes: u32| {
            (pace.pipes, pace.messages) = (pipes, messages);
            pace.message += u64::from(messages);
            pace.pushed(clock::now());
            pace.spread
        };
        let spread = [push(100, 100), push(100, 100), push(100, 100)];
        assert_eq!(spread, [SPREAD_PAUSE, 2 * SPREAD_PAUSE, 4 * SPREAD_PAUSE]);
        // Nothing is told by a push of nothing, of the end of a message whose pipe was counted before, or to few pipes.
        let other = [push(0, 0), push(1, 0), push(1, 1)];
        assert_eq!(other, [4 * SPREAD_PAUSE; 3]);
        assert_eq!(push(100, 100), 8 * SPREAD_PAUSE);
        assert_eq!((0..20).map(|_| push(100, 100)).max(), Some(SPREAD_PAUSE_MAX));
        push(300, 100);
        assert_eq!(push(100, 100), SPREAD_PAUSE);
    }
}
