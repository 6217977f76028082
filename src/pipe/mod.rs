//! A pipe: a one-way queue of messages between a socket and a connection, or between two sockets (inproc).
//!
//! The writing end holds the frames of an unfinished message back, so the reader only ever sees whole messages. The
//! high-water mark counts messages, not frames: the writer counts what it wrote, the reader gives credit back in
//! steps of half the mark (the low-water mark), as libzmq does.
//!
//! An end that finds nothing to do says so, and is told through its [`Bell`] when that changes: the pipe knows its
//! owners only by the trait [`PipeOwner`].

mod queue;
mod reader;

use crate::error::{Error, Result};
use crate::message::Msg;
use crate::message::batch::Live;
pub use queue::Limit;
use queue::Producer;
pub use reader::{Bytes, Reader};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Whoever holds an end of a pipe and wants to know when it is worth looking at it again.
pub trait PipeOwner: Send + Sync {
    /// The pipe it reads, which it found empty, has messages, or its writer is gone.
    fn readable(&self);

    /// The pipe it writes, which it found full, has room, or its reader is gone.
    fn writable(&self);

    /// The peer behind the pipes was lost and is there again.
    fn reconnected(&self) {}
}

/// Where an end's owner is told. Set once: an inproc connection has its second owner only when the other side binds.
#[derive(Clone, Default)]
pub struct Bell(Arc<OnceLock<Arc<dyn PipeOwner>>>);

impl Bell {
    /// A bell that rings at `owner`.
    pub fn new(owner: Arc<dyn PipeOwner>) -> Bell {
        let bell = Bell::default();
        bell.set(owner);
        bell
    }

    /// Says who is told; the first call counts.
    pub fn set(&self, owner: Arc<dyn PipeOwner>) {
        let _ = self.0.set(owner);
    }

    /// Tells the owner that the peer is there again.
    pub fn reconnected(&self) {
        if let Some(owner) = self.0.get() {
            owner.reconnected();
        }
    }

    fn readable(&self) {
        if let Some(owner) = self.0.get() {
            owner.readable();
        }
    }

    fn writable(&self) {
        if let Some(owner) = self.0.get() {
            owner.writable();
        }
    }
}

/// Room in the first block of a live batch, and the most that a later one has: each has more than the one before.
const LIVE_MIN: usize = 512;
const LIVE_MAX: usize = 16 * 1024;
/// The most that the frames of one message take in it.
const LIVE_MESSAGE_MAX: usize = 1024 * 1024;
/// The newest message of a conflating pipe.
type Latest = Arc<Mutex<Option<Msg>>>;

/// The writing end.
pub struct Writer {
    queue: Producer,
    /// Frames of a message whose last frame was not written yet.
    open: Vec<Msg>,
    /// Messages written completely, in all; subscriptions count, too.
    written: usize,
    /// Of these, how many the reader has given credit for, when last looked at.
    credit: usize,
    /// The frames of the unfinished message were lost for want of memory: the rest of it is dropped, too.
    cut: bool,
    /// Written and not yet published.
    unpublished: bool,
    reader: Bell,
    latest: Option<Latest>,
    /// Small messages to another socket of this process, which is reading them where they are put.
    live: Option<Live>,
    /// Room in the next block of those.
    live_room: usize,
}

/// A new pipe. `limit`: of messages under way; `conflate`: keep only the newest message; the bells are
/// those of the two ends' owners.
pub fn pipe(limit: Limit, conflate: bool, reader: Bell, writer: Bell) -> (Writer, Reader) {
    let (producer, consumer) = queue::queue(if conflate { Limit::default() } else { limit });
    let latest = conflate.then(Latest::default);
    (
        Writer {
            queue: producer,
            open: Vec::new(),
            written: 0,
            credit: 0,
            cut: false,
            unpublished: false,
            reader,
            latest: latest.clone(),
            live: None,
            live_room: LIVE_MIN,
        },
        Reader::new(consumer, writer, latest),
    )
}

impl Writer {
    /// Whether one more message may be written. If not, the owner's [`PipeOwner::writable`] is called once when
    /// that changes.
    #[inline]
    pub fn has_room(&mut self) -> bool {
        if !self.is_full() {
            return !self.queue.consumer_gone();
        }
        self.credit = self.queue.credit();
        if !self.is_full() {
            return !self.queue.consumer_gone();
        }
        self.queue.wait_for_credit();
        self.credit = self.queue.credit();
        let full = self.is_full();
        if !full {
            self.queue.stop_waiting();
        }
        !full && !self.queue.consumer_gone()
    }

    #[inline]
    fn is_full(&self) -> bool {
        let limit = self.queue.limit();
        // Messages written beyond the mark can put the credit ahead for a moment: hence the signed difference.
        limit != 0 && self.written.wrapping_sub(self.credit) as isize >= limit as isize
    }

    /// Writes a frame, leaving `msg` empty. False, and nothing changed, if a new message has no room.
    #[inline]
    pub fn write(&mut self, msg: &mut Msg) -> bool {
        if self.open.is_empty() && !self.cut && !self.has_room() {
            return false;
        }
        self.append(std::mem::take(msg));
        true
    }

    /// Writes the bytes as a frame into a batch that the reader reads from while it grows; a message counts with its last
    /// frame, for which [`announce`](Writer::announce) is due. There must be room for a new message, and no frames of one
    /// that came by [`write`](Writer::write).
    ///
    /// # Errors
    /// `ENOMEM`, also where a message of very many frames does not belong here; nothing was written.
    #[inline]
    pub fn write_live(&mut self, body: &[u8], more: bool) -> Result<()> {
        debug_assert!(self.open.is_empty() && self.takes_batches());
        if !self.live.as_mut().is_some_and(|live| live.append(body, more)) {
            self.begin_live(body, more)?;
        }
        self.written += usize::from(!more);
        Ok(())
    }

    /// As [`write_live`](Writer::write_live) and [`announce`](Writer::announce), if there is a live batch with room for the
    /// frame; else nothing has changed. There must be room for a new message.
    #[inline]
    pub fn write_along(&mut self, body: &[u8], more: bool) -> bool {
        if !self.live.as_mut().is_some_and(|live| live.append(body, more)) {
            return false;
        }
        if !more {
            self.written += 1;
            if self.queue.announce() {
                self.reader.readable();
            }
        }
        true
    }

    /// Whether there is a live batch, and frames may be added to it.
    #[inline]
    pub fn is_live(&self) -> bool {
        self.live.is_some() && self.open.is_empty() && !self.cut
    }

    /// The frame does not fit into the live batch, or there is none: begins the next one.
    #[cold]
    fn begin_live(&mut self, body: &[u8], more: bool) -> Result<()> {
        let open: usize = self.live.iter().flat_map(Live::open_frames).map(|(_, body)| body.len() + 16).sum();
        if open > LIVE_MESSAGE_MAX {
            return Err(Error::NOMEM);
        }
        let (mut live, msg) = Live::begin(self.live_room.max(2 * (open + body.len() + 16)))?;
        self.live_room = (2 * self.live_room).min(LIVE_MAX);
        if let Some(old) = &mut self.live {
            for (more, body) in old.open_frames() {
                live.append(body, more);
            }
            old.rollback();
        }
        live.append(body, more);
        self.live = Some(live);
        self.queue.push(msg);
        self.queue.publish_quietly();
        Ok(())
    }

    /// A message was written by [`write_live`](Writer::write_live): whether the reader was asleep, and must be told.
    #[inline]
    pub fn announce(&mut self) -> bool {
        self.queue.announce()
    }

    /// Ends the live batch, as something else follows in the pipe. Frames of an unfinished message in it are held back from
    /// now on like those of [`write`](Writer::write), which goes on with them. False: without memory they are lost.
    pub fn end_live(&mut self) -> bool {
        let Some(mut live) = self.live.take() else { return true };
        let copies: Result<Vec<Msg>> = live.open_frames().map(|(more, body)| Msg::frame_of(body, more)).collect();
        live.rollback();
        match copies {
            Ok(mut frames) => {
                self.open.append(&mut frames);
                true
            }
            Err(_) => false,
        }
    }

    /// Whether frames of an unfinished message are in the live batch.
    #[inline]
    pub fn in_live_message(&self) -> bool {
        self.live.as_ref().is_some_and(Live::in_message)
    }

    /// How many more messages may be written; [`usize::MAX`] without a limit. If there is room for none, the owner is
    /// told as by [`has_room`](Writer::has_room).
    pub fn room(&mut self) -> usize {
        if !self.has_room() {
            return 0;
        }
        self.known_room()
    }

    /// How many more messages may be written for all that is known without looking; nobody is told if that is none.
    pub fn known_room(&self) -> usize {
        match self.queue.limit() {
            0 => usize::MAX,
            limit => (limit as isize - self.written.wrapping_sub(self.credit) as isize).max(0) as usize,
        }
    }

    /// Counts messages that were put into a batch, which is written when it is complete.
    #[inline]
    pub fn reserve(&mut self, messages: usize) {
        self.written += messages;
    }

    /// Writes a batch whose messages were counted by [`reserve`](Writer::reserve). Not into the middle of a message.
    pub fn write_batch(&mut self, batch: Msg) {
        debug_assert!(batch.is_batch() && self.open.is_empty() && self.live.is_none() && self.takes_batches());
        self.queue.push(batch);
        self.unpublished = true;
    }

    /// Whether the pipe can take batches: one that keeps only the newest message cannot.
    #[inline]
    pub fn takes_batches(&self) -> bool {
        self.latest.is_none()
    }

    /// Takes a frame of a message for which there was room when it began, and holds it back like those of
    /// [`write`](Writer::write).
    pub fn hold_back(&mut self, frame: Msg) {
        debug_assert!(frame.more());
        self.open.push(frame);
    }

    /// Writes a frame whatever the high-water mark says.
    pub fn write_beyond(&mut self, msg: Msg) {
        if !self.queue.consumer_gone() {
            self.append(msg);
        }
    }

    #[inline]
    fn append(&mut self, msg: Msg) {
        if self.live.is_some() && !self.end_live() {
            self.cut = true;
        }
        if !msg.is_single() || !self.open.is_empty() || self.latest.is_some() || self.cut {
            return self.append_other(msg);
        }
        self.written += 1;
        self.queue.push(msg);
        self.unpublished = true;
    }

    /// Everything but a message of one frame.
    #[inline(never)]
    fn append_other(&mut self, msg: Msg) {
        if let Some(latest) = &self.latest
            && msg.is_data()
        {
            let mut slot = latest.lock().unwrap_or_else(PoisonError::into_inner);
            // A marker in the queue stands for "look at the newest".
            if slot.replace(msg).is_none() {
                self.queue.push(Msg::new());
            }
            self.unpublished = true;
            return;
        }
        if self.cut && msg.is_data() {
            self.cut = msg.more();
            return;
        }
        if msg.more() {
            self.open.push(msg);
            return;
        }
        if !msg.is_data() {
            // A subscription, say: it neither ends the message that is being written nor gets into it.
            self.written += usize::from(msg.counts());
            self.queue.push(msg);
            self.unpublished = true;
            return;
        }
        for frame in self.open.drain(..) {
            self.queue.push(frame);
        }
        self.written += 1;
        self.queue.push(msg);
        self.unpublished = true;
    }

    /// The frames of the unfinished message, if its next one is the next that the reader has to look at: nothing is in the
    /// pipe, and it has stopped looking. None also where messages cannot take another way than the pipe.
    #[inline]
    pub fn held_alone(&self) -> Option<&[Msg]> {
        let alone = !self.unpublished && !self.cut && self.latest.is_none() && self.live.is_none();
        (alone && self.queue.consumer_sleeps() && !self.queue.consumer_gone()).then_some(&self.open)
    }

    /// The message whose frames were held back went another way.
    #[inline]
    pub fn went_apart(&mut self) {
        self.open.clear();
    }

    /// Whether frames of an unfinished message are held back.
    pub fn in_message(&self) -> bool {
        !self.open.is_empty() || self.cut || self.in_live_message()
    }

    /// Makes complete messages visible to the reader, and tells it if it was asleep.
    #[inline]
    pub fn flush(&mut self) {
        if self.publish() {
            self.reader.readable();
        }
    }

    /// Makes complete messages visible to the reader. Whether it was asleep, and must be told: it counts as awake
    /// from now on.
    #[inline]
    pub fn publish(&mut self) -> bool {
        std::mem::take(&mut self.unpublished) && self.queue.publish()
    }

    /// Tells the reader that there is something to read.
    pub fn tell_reader(&self) {
        self.reader.readable();
    }

    /// Drops the frames of an unfinished message.
    pub fn rollback(&mut self) {
        self.open.clear();
        self.cut = false;
        if let Some(live) = &mut self.live {
            live.rollback();
        }
    }

    /// Whether no one reads any more.
    pub fn reader_gone(&self) -> bool {
        self.queue.consumer_gone()
    }

    /// Changes the writer's part of the limit of messages under way (0: none). A writer that waits for room is told by
    /// its own caller; the reader looks at what it owes under the new limit.
    pub fn set_limit(&mut self, limit: u32) {
        if self.latest.is_none() {
            self.queue.set_limit(limit);
            self.reader.readable();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.open.clear();
        if let Some(mut live) = self.live.take() {
            live.rollback();
        }
        if self.unpublished {
            self.queue.publish();
        }
        self.queue.close();
        self.reader.readable();
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
