//! Sending into a socket's pipes: at once, or by batches.
//!
//! Thin traffic is written to the kernel message by message, past the pipe where nothing is in it. A flood is encoded
//! into a batch that the socket keeps, and no other thread knows of it until it is pushed: so a message of a flood costs
//! neither an atomic operation nor a look at anything shared. There are two kinds:
//!
//! * a pipe's own batch, in its slot;
//! * the *fan*: one batch for several pipes that get the same messages. It is encoded once, and all connections write
//!   from the same block.
//!
//! To another socket of this process a message must be visible when the call returns. There the reader reads from the
//! batch while it grows, whether there is a flood or not ([`Writer::write_live`]), and nothing is left lying.
//!
//! A message must not overtake another one in its pipe, so whoever puts anything into a pipe seals first what lies in
//! front of it. A batch holds whole messages, but for the one that is being sent frame by frame.
//!
//! The bound on how long something lies here is kept by the sender, who looks at the clock now and then ([`Pace`]), and
//! when the sender does not come back, by a [`Lookout`].
//!
//! [`Pace`]: super::Pace

use super::lane::Hints;
use super::{Lookout, PipeId, Pipes, Slot};
use crate::connection::Session;
use crate::message::Msg;
use crate::message::batch::Batch;
use crate::pipe::Writer;
use crate::sys::clock;
use std::sync::Arc;

/// Larger bodies do not go into batches: where they lie they need no copy.
pub(super) const BATCHED_BODY: usize = 8 * 1024;

/// The most that the header of a frame takes on the wire.
const FRAME_HEADER: usize = 10;

/// When a fan was ended by a message for others so soon, it was not worth it.
const SHORT_FAN: u32 = 4;
/// After so many such in a row,
const SHORT_FANS: u32 = 4;
/// so many messages are distributed pipe by pipe before the next attempt.
const FAN_PAUSE: u32 = 256;

/// One batch for several pipes.
#[derive(Default)]
pub(super) struct Fan {
    batch: Batch,
    /// Who gets it.
    recipients: Vec<PipeId>,
    /// How many more messages all of them take.
    room: usize,
    /// Fans in a row that were too short.
    short: u32,
    /// Messages to go before the next attempt.
    pause: u32,
}

impl Fan {
    /// A pipe is gone.
    pub fn forget(&mut self, pipe: PipeId) {
        self.recipients.retain(|&other| other != pipe);
    }
}

impl Slot {
    /// Puts what was batched into the pipe, as a whole. The reader does not see it yet.
    pub(super) fn seal(&mut self) {
        if self.batch.is_under_way()
            && let (Some(batch), Some(writer)) = (self.batch.seal(), &mut self.writer)
        {
            writer.write_batch(batch);
        }
    }

    /// Adds a frame to what another socket of this process is reading, and tells it. As [`Pipes::append`].
    fn append_live(&mut self, body: &[u8], more: bool) -> bool {
        let Some(writer) = &mut self.writer else { return false };
        let begun = writer.in_message();
        if begun != writer.in_live_message() || !writer.takes_batches() || (!begun && !writer.has_room()) {
            return false;
        }
        if writer.write_live(body, more).is_err() {
            return false;
        }
        if !more && writer.announce() {
            writer.tell_reader();
        }
        true
    }

    /// Goes on with the message whose frames are in the batch outside of it. False without memory: it is lost then.
    fn take_open_out(&mut self) -> bool {
        self.seal();
        let mut batch = std::mem::take(&mut self.batch);
        let Some(writer) = &mut self.writer else { return false };
        batch.take_open(|frame| writer.hold_back(frame)).is_ok()
    }

    /// Whether batches may be made for this pipe.
    fn takes_batches(&self) -> bool {
        let takes = |writer: &Writer| writer.takes_batches() && !writer.in_message();
        self.session.is_some() && self.writer.as_ref().is_some_and(takes)
    }
}

/// Whether the frames that were held back of a message are better copied than written from where they lie.
#[inline]
fn is_small(held: &[Msg]) -> bool {
    held.iter().map(|frame| frame.len() + FRAME_HEADER).sum::<usize>() <= BATCHED_BODY
}

impl Pipes {
    /// Who visits the socket while it is flooded.
    pub fn set_lookout(&mut self, lookout: Box<dyn Lookout>) {
        self.watch.set_lookout(lookout);
    }

    /// A visit of the lookout: takes out what was batched, and returns the sessions that are to be driven. `last`: it comes
    /// no more until it is called again.
    pub fn visit(&mut self, last: bool) -> Vec<Arc<Session>> {
        if last {
            self.watch.ended();
        }
        self.publish_for_push()
    }

    /// Any call on the socket: what is batched does not wait for long while the application does something else with it.
    #[inline]
    pub fn push_if_old(&mut self) {
        if (!self.batched.is_empty() || self.fan.batch.is_under_way()) && self.pace.is_time_to_look() {
            self.look();
        }
    }

    /// Pushes what has become old, and leaves word that somebody looked.
    fn look(&mut self) {
        let now = clock::now();
        self.watch.looked(now, self.pace.since() != 0);
        if self.pace.is_old(now) {
            self.push();
        }
    }

    /// A message, or bytes of one, are left for the next push.
    #[inline]
    fn count(&mut self, size: usize) {
        if self.pace.count(size) {
            self.watch.begun(self.pace.since());
        }
    }

    /// Adds a frame to the batch that is under way for a pipe, or sends it at once if it is the last one of a thin message;
    /// false if neither is possible: then nothing has changed.
    #[inline]
    pub fn append(&mut self, pipe: PipeId, body: &[u8], more: bool) -> bool {
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        if body.len() > BATCHED_BODY {
            return false;
        }
        if !slot.batch.is_under_way() {
            if slot.session.is_some() {
                self.hints.set(Hints::APPENDED, false);
                return !more && self.send_directly(pipe, body);
            }
            let appended = slot.append_live(body, more);
            self.hints.set(Hints::APPENDED, appended);
            return appended;
        }
        let Some(writer) = &mut slot.writer else { return false };
        let begun = slot.batch.in_message();
        if (!begun && !writer.has_room()) || slot.batch.append(body, more).is_err() {
            return false;
        }
        self.hints.set(Hints::APPENDED, true);
        if more {
            self.pace.add_bytes(body.len());
        } else {
            writer.reserve(1);
            let first = slot.batch.messages() == 1;
            self.added(body.len(), first);
        }
        true
    }

    /// Thin traffic: sends the last frame of a message, and what was held back of it, to a connection that has nothing else
    /// to do. False: nothing has changed.
    #[inline]
    fn send_directly(&mut self, pipe: PipeId, body: &[u8]) -> bool {
        if self.fan.batch.is_under_way() || self.pace.is_flood() {
            return false;
        }
        let Some(Slot { session: Some(session), writer: Some(writer), .. }) = self.slots.get_mut(pipe) else {
            return false;
        };
        let sent = writer.held_alone().is_some_and(is_small) && session.send_directly(writer, body);
        if sent {
            writer.went_apart();
            self.pace.written();
        }
        sent
    }

    /// A message was added to a batch. The first one that is whole must not be left there unless someone comes by.
    #[inline]
    fn added(&mut self, size: usize, first: bool) {
        self.pace.count_message();
        self.count(size);
        if (first && !self.watch.ensure()) || self.pace.is_due() {
            self.push();
        }
    }

    /// Begins a batch for a pipe if there is a flood, and adds the frame.
    fn begin_batch(&mut self, pipe: PipeId, msg: &mut Msg) -> bool {
        let takes = self.slots.get(pipe).is_some_and(Slot::takes_batches);
        if msg.len() > BATCHED_BODY || !msg.is_data() || !takes || !self.pace.is_flood() || !self.watch.ensure() {
            return false;
        }
        let begun = self.slots.get_mut(pipe).is_some_and(|slot| slot.batch.begin().is_ok());
        if begun {
            self.note_batched(pipe);
        }
        begun && self.append_msg(pipe, msg)
    }

    #[inline]
    fn append_msg(&mut self, pipe: PipeId, msg: &mut Msg) -> bool {
        // Between two sockets a large content is better passed on than copied.
        let apart = !msg.is_short() && self.slots.get(pipe).is_some_and(|slot| slot.session.is_none());
        let appended = msg.is_data() && !apart && self.append(pipe, msg.data(), msg.more());
        if appended {
            drop(std::mem::take(msg));
        }
        appended
    }

    fn note_batched(&mut self, pipe: PipeId) {
        if let Some(slot) = self.slots.get_mut(pipe)
            && !slot.batched
        {
            slot.batched = true;
            self.batched.push(pipe);
            self.pace.count_pipe();
        }
    }

    /// Writes a frame and leaves `msg` empty; or returns false, if a new message has no room.
    /// [`flush`](Pipes::flush) follows the last frame.
    #[inline]
    pub fn write(&mut self, pipe: PipeId, msg: &mut Msg) -> bool {
        if self.append_msg(pipe, msg) {
            return true;
        }
        self.write_apart(pipe, msg)
    }

    /// A frame that does not go into the batch under way.
    fn write_apart(&mut self, pipe: PipeId, msg: &mut Msg) -> bool {
        self.seal_fan();
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        let Some(writer) = &mut slot.writer else { return false };
        if writer.in_live_message() {
            if !writer.end_live() {
                return false;
            }
        } else if slot.batch.in_message() {
            // Too large for the batch: the message goes on outside of it.
            if !slot.take_open_out() {
                return false;
            }
        } else if !writer.in_message() {
            if !writer.has_room() {
                return self.make_room(pipe) && self.write(pipe, msg);
            }
            if self.begin_batch(pipe, msg) {
                return true;
            }
            self.slots[pipe].seal();
        }
        let size = msg.len();
        let written = self.slots[pipe].writer.as_mut().is_some_and(|writer| writer.write(msg));
        if written {
            self.pace.note_size(size);
            self.pace.add_bytes(size);
        }
        written
    }

    /// Writes a frame whatever the high-water mark says.
    pub fn write_beyond(&mut self, pipe: PipeId, msg: Msg) {
        self.seal_fan();
        if let Some(slot) = self.slots.get_mut(pipe) {
            // A frame of user data goes on with the message that is being sent; others may get in front of it.
            if msg.is_data() && slot.batch.in_message() && !slot.take_open_out() {
                return;
            }
            slot.seal();
            if let Some(writer) = &mut slot.writer {
                writer.write_beyond(msg);
            }
        }
    }

    /// A message of one frame: writes and flushes it, or returns false, as [`write`](Pipes::write).
    #[inline]
    pub fn send(&mut self, pipe: PipeId, msg: &mut Msg) -> bool {
        let size = msg.len();
        if self.append_msg(pipe, msg) {
            return true;
        }
        // What lies there for several pipes is not counted in any of them yet.
        self.seal_fan();
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        let Some(writer) = &mut slot.writer else { return false };
        if !writer.has_room() {
            return self.make_room(pipe) && self.send(pipe, msg);
        }
        if self.begin_batch(pipe, msg) {
            return true;
        }
        let slot = &mut self.slots[pipe];
        slot.seal();
        let written = slot.writer.as_mut().is_some_and(|writer| writer.write(msg));
        if written {
            self.pace.note_size(size);
            self.publish(pipe, size);
        }
        written
    }

    /// Shows complete messages to the peer and gets them on their way.
    #[inline]
    pub fn flush(&mut self, pipe: PipeId) {
        self.publish(pipe, 0);
    }

    /// Sees to it that a sender of large messages does not run far ahead of their reader.
    #[cold]
    fn keep_step(&mut self, pipe: PipeId) {
        match self.slots.get(pipe).map(|slot| &slot.session) {
            Some(Some(session)) => session.help(),
            Some(None) => self.ahead.wait(),
            None => {}
        }
    }

    fn publish(&mut self, pipe: PipeId, size: usize) {
        let Some(slot) = self.slots.get_mut(pipe) else { return };
        let Some(writer) = &mut slot.writer else { return };
        if writer.publish() {
            self.tell(pipe, size);
        } else if slot.batched {
            self.count(size);
            self.push_if_due();
        } else {
            self.pace.written();
        }
        if self.pace.is_large() {
            self.keep_step(pipe);
        }
    }

    /// The reader of a pipe was asleep: has the message sent now, or leaves it for the next push if there is a flood.
    fn tell(&mut self, pipe: PipeId, size: usize) {
        let Some(slot) = self.slots.get_mut(pipe) else { return };
        let Some(writer) = &slot.writer else { return };
        let open = slot.session.as_ref().is_some_and(|session| session.is_open());
        if !open || !self.pace.is_flood() || !self.watch.ensure() {
            writer.tell_reader();
            self.pace.written();
        } else {
            self.note_batched(pipe);
            self.pace.count_message();
            self.count(size);
            self.push_if_due();
        }
    }

    /// Makes room in a full pipe, if its connection can take something now.
    #[cold]
    pub(super) fn make_room(&mut self, pipe: PipeId) -> bool {
        self.seal_fan();
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        slot.seal();
        let Some(writer) = &mut slot.writer else { return false };
        let told = writer.publish();
        match &slot.session {
            Some(session) if session.is_open() => session.make_room(),
            _ if told => writer.tell_reader(),
            _ => {}
        }
        writer.has_room()
    }

    /// Adds a frame to the batch that is under way for these very pipes; false if there is none or it does not take this
    /// frame: then nothing has changed.
    #[inline]
    pub fn append_to_all(&mut self, recipients: &[PipeId], body: &[u8], more: bool) -> bool {
        let fan = &mut self.fan;
        if !fan.batch.is_under_way() || body.len() > BATCHED_BODY {
            return false;
        }
        let begun = fan.batch.in_message();
        if (!begun && fan.room == 0) || fan.recipients != recipients || fan.batch.append(body, more).is_err() {
            return false;
        }
        if more {
            self.pace.add_bytes(body.len());
        } else {
            fan.room -= 1;
            let first = fan.batch.messages() == 1;
            self.added(body.len(), first);
        }
        true
    }

    /// Begins a batch for several pipes if there is a flood, and adds the first frame of a message; else nothing has
    /// changed but that the batch under way has ended.
    pub fn begin_for_all(&mut self, recipients: &[PipeId], body: &[u8], more: bool) -> bool {
        if recipients.len() < 2 || body.len() > BATCHED_BODY || self.fan.batch.in_message() || !self.pace.is_flood() {
            return false;
        }
        if self.fan.pause > 0 {
            self.fan.pause -= 1;
            return false;
        }
        if self.fan.batch.is_under_way() {
            let short = self.fan.batch.messages() < SHORT_FAN;
            self.fan.short = if short { self.fan.short + 1 } else { 0 };
            if self.fan.short >= SHORT_FANS {
                self.fan.short = 0;
                self.fan.pause = FAN_PAUSE;
                return false;
            }
            self.seal_fan();
        }
        let Some(room) = self.common_room(recipients) else { return false };
        if !self.watch.ensure() || self.fan.batch.begin().is_err() {
            return false;
        }
        for &pipe in recipients {
            self.slots[pipe].seal();
        }
        self.fan.room = room;
        self.fan.recipients.clear();
        self.fan.recipients.extend_from_slice(recipients);
        self.append_to_all(recipients, body, more)
    }

    /// How many messages all of the pipes take; none if one of them takes nothing, or no batches.
    fn common_room(&mut self, recipients: &[PipeId]) -> Option<usize> {
        let mut common = usize::MAX;
        for &pipe in recipients {
            let slot = self.slots.get_mut(pipe).filter(|slot| slot.takes_batches())?;
            common = common.min(slot.writer.as_mut()?.room());
        }
        (common > 0).then_some(common)
    }

    /// Takes the frames of the message that is being sent to several pipes out of their batch, which ends. None: without
    /// memory they are lost.
    pub fn take_from_all(&mut self) -> Option<Vec<Msg>> {
        let mut frames = Vec::new();
        self.seal_fan();
        std::mem::take(&mut self.fan.batch).take_open(|frame| frames.push(frame)).ok().map(|()| frames)
    }

    /// Puts what was batched for several pipes into each of them.
    pub(super) fn seal_fan(&mut self) {
        if self.fan.batch.is_under_way() {
            self.seal_fan_now();
        }
    }

    /// Ends the batch for several pipes if one of them takes no more than it holds.
    #[inline]
    pub(super) fn seal_full_fan(&mut self) {
        if self.fan.room == 0 {
            self.seal_fan();
        }
    }

    #[cold]
    fn seal_fan_now(&mut self) {
        let Some(batch) = self.fan.batch.seal() else { return };
        let messages = batch.batch_messages() as usize;
        self.pace.count_copies(messages * self.fan.recipients.len().saturating_sub(1));
        for place in 0..self.fan.recipients.len() {
            let pipe = self.fan.recipients[place];
            if let Some(slot) = self.slots.get_mut(pipe)
                && let Some(writer) = &mut slot.writer
            {
                writer.reserve(messages);
                writer.write_batch(batch.duplicate());
                self.note_batched(pipe);
            }
        }
    }

    #[inline]
    fn push_if_due(&mut self) {
        if self.pace.is_due() {
            self.push();
        }
    }

    /// A new message is about to be sent.
    #[inline]
    pub fn begin_message(&mut self) {
        self.pace.begin();
    }

    /// Pushes batched messages on.
    #[inline]
    pub fn push(&mut self) {
        if !self.batched.is_empty() || self.fan.batch.is_under_way() {
            self.push_all();
        }
    }

    #[cold]
    fn push_all(&mut self) {
        self.pace.pushing();
        self.publish_batched(|session| session.push());
        let now = clock::now();
        self.pace.pushed(now);
        self.watch.pushed(now);
    }

    /// As [`push`](Pipes::push), but leaves it to the caller to drive the sessions, which needs no lock of the socket.
    fn publish_for_push(&mut self) -> Vec<Arc<Session>> {
        let mut sessions = Vec::new();
        self.pace.pushing();
        self.publish_batched(|session| sessions.push(session.clone()));
        self.pace.pushed(clock::now());
        self.watch.visited();
        sessions
    }

    /// Puts all batches into their pipes and shows them to the readers; has `drive` drive those that are sessions.
    fn publish_batched(&mut self, mut drive: impl FnMut(&Arc<Session>)) {
        debug_assert!(!self.sends_on_lane());
        self.seal_fan();
        let mut place = 0;
        while let Some(&pipe) = self.batched.get(place) {
            let Some(slot) = self.slots.get_mut(pipe) else {
                self.batched.swap_remove(place);
                continue;
            };
            slot.seal();
            // The beginning of a message stays, and its end is still to be pushed.
            slot.batched = slot.batch.is_under_way();
            if slot.batched {
                place += 1;
            } else {
                self.batched.swap_remove(place);
            }
            let Some(writer) = &mut slot.writer else { continue };
            let asleep = writer.publish();
            match &slot.session {
                Some(session) => drive(session),
                None if asleep => writer.tell_reader(),
                None => {}
            }
        }
    }

    /// Whether batched messages have waited so long, or are so many, that a thread that looks for more to do must push them
    /// first.
    pub fn must_push(&self) -> bool {
        (!self.batched.is_empty() || self.fan.batch.is_under_way())
            && (self.pace.is_group() || self.pace.is_old(clock::now()))
    }
}
