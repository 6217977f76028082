//! The reading end of a pipe.
//!
//! What comes is frames one by one, or batches: frames side by side in one block. A batch is taken out of the queue as a
//! whole when its first frame is, and read from a cursor ([`Unread`]), so that a frame costs no look at the queue. Behind
//! a live batch nothing is taken from the queue until its writer has ended it.

use super::queue::Consumer;
use super::{Bell, Latest};
use crate::message::batch::{Unread, copy_cut};
use crate::message::{Msg, Role};
use crate::sys::{cpu, spin};
use std::sync::PoisonError;

/// So many messages since the pipe last ran empty make a stream: worth a moment's wait for the next one,
const STREAM: usize = 8;
/// and so many one in which the writer need not look whether the reader sleeps.
const LONG_STREAM: usize = 64;
/// How often the reader of a stream that ran dry looks again before it goes to sleep, and the pauses between looks: some
/// microseconds in all. Looking more often would take the writer's cache line away for each single message.
const PATIENCE: u32 = 3;
const PAUSES: u32 = 48;
/// The same where single messages come soon after the pipe ran empty, as answers do: each is expected by itself.
const ANSWER_PATIENCE: u32 = 24;
const ANSWER_PAUSES: u32 = 4;
/// So many times no answer is expected after one that did not come soon,
const DOUBT: u32 = 4;
/// and twice as many each time that this goes on, up to so many.
const DOUBT_MAX: u32 = 256;

/// The reading end.
pub struct Reader {
    pub(super) queue: Consumer,
    /// The batch that is being read. It comes before what is in the queue.
    unread: Unread,
    /// Messages read, in all.
    taken: usize,
    credited: usize,
    /// What `taken` was when the pipe last ran empty.
    asleep_at: usize,
    /// The writer is another thread for certain, not one that drives a connection on the reader's behalf.
    patient: bool,
    /// There is no other pipe that its owner could look at.
    alone: bool,
    answers: Answers,
    writer: Bell,
    latest: Option<Latest>,
}

/// Whether messages come soon after the pipe ran empty.
#[derive(Default)]
struct Answers {
    /// So many times none is expected,
    doubt: u32,
    /// and so many times it was lately; 0: the last one came.
    doubted: u32,
}

impl Answers {
    fn are_expected(&mut self) -> bool {
        let doubts = self.doubt > 0;
        self.doubt = self.doubt.saturating_sub(1);
        !doubts && spin::limit() > 0 && !cpu::is_background_thread()
    }

    fn learn(&mut self, came: bool) {
        self.doubted = if came { 0 } else { (2 * self.doubted).clamp(DOUBT, DOUBT_MAX) };
        self.doubt = self.doubted;
    }
}

/// What [`Reader::read_bytes`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bytes {
    /// A frame of so many bytes, and whether another one of its message follows.
    Frame {
        /// All its bytes, also those that were cut off.
        len: usize,
        /// Another frame follows.
        more: bool,
    },
    /// A frame that was not wanted; it is gone.
    Refused {
        /// Another frame of its message follows.
        more: bool,
    },
    /// Something else is next, for [`Reader::read_into`].
    Other,
    /// Nothing is there.
    None,
}

impl Reader {
    pub(super) fn new(queue: Consumer, writer: Bell, latest: Option<Latest>) -> Reader {
        let unread = Unread::default();
        let answers = Answers::default();
        Reader {
            queue,
            unread,
            taken: 0,
            credited: 0,
            asleep_at: 0,
            patient: false,
            alone: false,
            answers,
            writer,
            latest,
        }
    }

    /// Whether a frame is there now.
    #[inline]
    fn ready(&mut self) -> bool {
        !self.unread.is_empty() || self.unread.look() || self.queue_ready()
    }

    /// The same behind the batch that is being read. A live one is opened when it is next.
    #[inline]
    fn queue_ready(&mut self) -> bool {
        if self.unread.grows() {
            return false;
        }
        match self.queue.front() {
            Some(front) if front.is_live() => self.live_ready(),
            front => front.is_some(),
        }
    }

    /// The same where a live batch is next. One that is used up goes.
    #[inline(never)]
    fn live_ready(&mut self) -> bool {
        loop {
            self.open_next_batch();
            if self.unread.look() || self.unread.grows() {
                return !self.unread.is_empty();
            }
            match self.queue.front() {
                Some(front) if front.is_live() => {}
                front => return front.is_some(),
            }
        }
    }

    /// Whether a message is there. If not, the owner's [`PipeOwner::readable`] is called once when one came.
    #[inline]
    pub fn has_message(&mut self) -> bool {
        self.ready() || !self.sleep()
    }

    /// The next frame; the frames of a message are always all there. None as [`has_message`](Reader::has_message).
    #[inline]
    pub fn read(&mut self) -> Option<Msg> {
        if !self.has_message() {
            return None;
        }
        let mut msg = Msg::new();
        self.take(&mut msg);
        Some(msg)
    }

    /// As [`read`](Reader::read), over `msg`; in the middle of a stream it waits a moment for what comes next. What `msg`
    /// knew of a connection may be left in it, where the frame brings nothing of its own.
    #[inline]
    pub fn read_into(&mut self, msg: &mut Msg) -> bool {
        self.look() && {
            self.take(msg);
            true
        }
    }

    /// As [`read`](Reader::read), for who can handle a batch as a whole. A batch that was begun to be read frame by frame is
    /// to be read to its end that way first.
    #[inline]
    pub fn read_packed(&mut self) -> Option<Msg> {
        if !self.unread.is_empty() {
            return self.read();
        }
        let mut msg = Msg::new();
        if !self.queue.pop_into(&mut msg) && (self.sleep() || !self.queue.pop_into(&mut msg)) {
            return None;
        }
        if msg.is_batch() {
            self.taken += msg.batch_messages() as usize;
            self.count();
        } else {
            self.took(&mut msg);
        }
        Some(msg)
    }

    /// The next frame straight into the caller's memory, if it is user data that `accepts` wants; what does not fit is
    /// cut off. In the middle of a stream it waits a moment for what comes next.
    #[inline]
    pub fn read_bytes(&mut self, out: &mut [u8], accepts: impl FnOnce(&[u8]) -> bool) -> Bytes {
        if !self.look() {
            return Bytes::None;
        }
        self.open_batch();
        let deliver = |more: bool, body: &[u8]| {
            if !accepts(body) {
                return Bytes::Refused { more };
            }
            copy_cut(body, out);
            Bytes::Frame { len: body.len(), more }
        };
        if let Some((more, body)) = self.unread.take() {
            let bytes = deliver(more, body);
            self.count_frame(more);
            return bytes;
        }
        let newest_only = self.latest.is_some();
        let Some(front) = self.queue.front().filter(|front| front.is_data() && !newest_only) else {
            return Bytes::Other;
        };
        let (more, bytes) = (front.more(), deliver(front.more(), front.data()));
        self.queue.drop_front();
        self.count_frame(more);
        bytes
    }

    /// Whether a batch is being read that has more, or may get more.
    #[inline]
    pub fn is_in_batch(&self) -> bool {
        !self.unread.is_empty() || self.unread.grows()
    }

    /// So many frames of the batch that is being read may be taken by [`take_along`](Reader::take_along) before credit is
    /// due, or anything else.
    pub fn frames_along(&self) -> usize {
        if self.latest.is_some() || !self.is_in_batch() {
            return 0;
        }
        let to_credit = match self.queue.limit() as usize {
            0 => usize::MAX,
            limit => limit.div_ceil(2).saturating_sub(self.taken - self.credited + 1),
        };
        match (LONG_STREAM - 1).checked_sub(self.taken - self.asleep_at) {
            Some(to_stream) if self.patient => to_credit.min(to_stream),
            _ => to_credit,
        }
    }

    /// Whether there is more of the batch that is being read.
    #[inline]
    pub fn has_more_along(&mut self) -> bool {
        !self.unread.is_empty() || self.unread.look()
    }

    /// The next frame of the batch that is being read: whether more frames of its message follow, and its body.
    #[inline]
    pub fn take_along(&mut self) -> Option<(bool, &[u8])> {
        if !self.has_more_along() {
            return None;
        }
        let frame = self.unread.take()?;
        self.taken += usize::from(!frame.0);
        Some(frame)
    }

    /// A frame of user data was taken; the last one of a message counts.
    #[inline]
    fn count_frame(&mut self, more: bool) {
        if !more {
            self.taken += 1;
            self.count();
        }
    }

    /// Takes a batch out of the queue if one is next and none is being read.
    #[inline]
    fn open_batch(&mut self) {
        if self.unread.is_empty() && self.queue.front().is_some_and(|front| front.is_batch()) {
            self.open_next_batch();
        }
    }

    #[cold]
    fn open_next_batch(&mut self) {
        let mut batch = Msg::new();
        self.queue.pop_into(&mut batch);
        self.unread = Unread::of(batch);
    }

    /// The role of the next frame, if one is there.
    #[inline]
    pub fn next_role(&mut self) -> Option<Role> {
        if !self.ready() {
            return None;
        }
        if self.unread.is_empty() { self.queue.peek_role() } else { Some(Role::Batch) }
    }

    /// Whether a frame is there; in the middle of a stream it waits a moment for one. None as
    /// [`has_message`](Reader::has_message).
    #[inline]
    pub fn look(&mut self) -> bool {
        self.ready() || self.wait_briefly()
    }

    /// Takes the next frame, which is there.
    #[inline]
    fn take(&mut self, msg: &mut Msg) {
        self.open_batch();
        match self.unread.take() {
            Some((more, body)) => {
                msg.refill(body, more);
                self.count_frame(more);
            }
            None => {
                self.queue.pop_into(msg);
                self.took(msg);
            }
        }
    }

    /// A frame was taken out of the queue.
    #[inline]
    fn took(&mut self, msg: &mut Msg) {
        if self.latest.is_some() && msg.is_data() {
            *msg = self.take_latest().unwrap_or_default();
        } else if msg.counts() {
            self.taken += 1;
            self.count();
        }
    }

    /// Stops looking until told, unless a frame came meanwhile. The limit may have become so low that what was read
    /// since the last credit is all that the writer waits for.
    fn sleep(&mut self) -> bool {
        self.unread.release();
        self.queue.sleep();
        self.asleep_at = self.taken;
        if self.ready() {
            self.queue.stay_awake();
            return false;
        }
        self.count();
        true
    }

    /// Takes the next frame only if it has this role.
    pub fn read_role(&mut self, role: Role) -> Option<Msg> {
        if self.next_role() == Some(role) { self.read() } else { None }
    }

    /// The writer is another socket: it is worth a moment's wait when the pipe runs empty in the middle of a stream. Where
    /// a connection is the writer, the reader itself may have to drive it.
    pub fn be_patient(&mut self) {
        self.patient = true;
    }

    /// Whether this is the only pipe that its owner reads from: then it is worth a moment's wait for an answer.
    pub fn set_alone(&mut self, alone: bool) {
        self.alone = alone;
    }

    /// The pipe ran empty. In the middle of a stream the next messages are a moment away, and so may an answer be: waiting
    /// for them here costs less than going to sleep and being told, for both sides, and lets more than one come together.
    #[cold]
    fn wait_briefly(&mut self) -> bool {
        if self.patient && self.taken - self.asleep_at >= STREAM {
            if self.looks(PATIENCE, PAUSES) {
                return true;
            }
        } else if self.patient && self.alone && self.answers.are_expected() {
            let came = self.looks(ANSWER_PATIENCE, ANSWER_PAUSES);
            self.answers.learn(came);
            if came {
                self.asleep_at = self.taken;
                return true;
            }
        }
        !self.sleep()
    }

    /// Looks so many times whether a frame is there, after so many pauses each time.
    fn looks(&mut self, looks: u32, pauses: u32) -> bool {
        (0..looks).any(|_| {
            (0..pauses).for_each(|_| std::hint::spin_loop());
            self.ready()
        })
    }

    /// Whether nothing is there, for who does not stop looking if so. The limit may have become so low that what was read
    /// since the last credit is all that the writer waits for.
    #[inline]
    pub fn is_empty(&mut self) -> bool {
        let empty = !self.ready();
        if empty {
            self.count();
        }
        empty
    }

    fn take_latest(&mut self) -> Option<Msg> {
        let latest = self.latest.as_ref()?;
        latest.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Gives credit back at the low-water mark.
    #[inline]
    fn count(&mut self) {
        if self.patient && self.taken - self.asleep_at == LONG_STREAM {
            self.queue.stream();
        }
        let limit = self.queue.limit() as usize;
        if limit != 0 && self.taken - self.credited >= limit.div_ceil(2) {
            self.credited = self.taken;
            if self.queue.give_credit(self.taken) {
                self.writer.writable();
            }
        }
    }

    /// Whether the writer is gone and everything it wrote was read.
    pub fn ended(&mut self) -> bool {
        self.queue.producer_gone() && !self.ready()
    }

    /// Whether it has told the writer that it is kept busy.
    #[cfg(all(test, not(loom)))]
    pub(super) fn streams(&self) -> bool {
        self.queue.streams()
    }

    /// Whether the writer is gone; messages may still be there.
    pub fn writer_gone(&self) -> bool {
        self.queue.producer_gone()
    }

    /// Changes the reader's part of the limit of messages under way (0: none), and tells a writer that waits.
    pub fn set_limit(&mut self, limit: u32) {
        if self.latest.is_none() {
            self.queue.set_limit(limit);
            self.credited = self.taken;
            self.queue.give_credit(self.taken);
            self.writer.writable();
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.queue.close();
        self.writer.writable();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// How often no answer is expected before the next one is.
    fn doubts(answers: &mut Answers) -> usize {
        (0..2 * DOUBT_MAX).take_while(|_| !answers.are_expected()).count()
    }

    #[test]
    fn answers_are_expected_until_they_stay_away() {
        let mut answers = Answers::default();
        if !answers.are_expected() {
            return assert_eq!(spin::limit(), 0, "only one thread can run at a time");
        }
        answers.learn(true);
        assert_eq!(doubts(&mut answers), 0);
        for doubt in [DOUBT, 2 * DOUBT, 4 * DOUBT] {
            answers.learn(false);
            assert_eq!(doubts(&mut answers) as u32, doubt);
        }
        (0..10).for_each(|_| answers.learn(false));
        assert_eq!(doubts(&mut answers) as u32, DOUBT_MAX);
        answers.learn(true);
        assert_eq!(doubts(&mut answers), 0);
        answers.learn(false);
        assert_eq!(doubts(&mut answers) as u32, DOUBT);
    }
}
