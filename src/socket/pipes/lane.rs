//! The short way of a flood: the calls that follow do what the last one did, and ask nobody.
//!
//! In a flood nearly every call does the same: it adds a frame to the batch that is under way for a pipe, or takes the
//! next frame out of the batch that is being read from one. A call that went the whole way may find that the next ones
//! can do just that, and opens a *lane* for so many of them: there is room for that many messages, no credit falls due
//! meanwhile, and it is not time to look at the clock yet.
//!
//! What a lane has carried is known to the batches alone. Whoever comes to the socket for anything else first has the
//! lanes closed ([`close_lanes`](crate::socket::pattern::close_lanes)): then it is told to all that count.

use super::batching::BATCHED_BODY;
use super::{PipeId, Pipes, Slot};
use crate::message::batch::copy_cut;
use crate::message::{Metadata, Msg};
use crate::socket::Received;
use slab::Slab;
use std::sync::Arc;

/// A lane is for so many frames at most.
const FRAMES_MAX: u32 = 1024;

/// One way of a socket's traffic, where a pattern has but one pipe for what comes next.
#[derive(Default)]
pub(super) struct Lane {
    pipe: PipeId,
    /// Frames that it may still carry; 0 if it is not open.
    left: u32,
    /// Frames that it was opened for.
    opened: u32,
    /// More frames of the message of the last one follow.
    in_message: bool,
    /// It ends with the message.
    one_message: bool,
    /// Each message begins with the peer's routing id.
    named: bool,
    /// The batch is one that another socket of this process reads while it grows.
    live: bool,
    /// The most bytes that the batch may hold that is being made,
    room: usize,
    /// those that it held when the lane was opened,
    bytes: usize,
    /// and its messages.
    messages: u32,
}

/// Where a lane leads, by its pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// The pipe of the next frames.
    pub pipe: PipeId,
    /// More frames of the message of the last one follow.
    pub in_message: bool,
    /// What comes after this message goes another way.
    pub one_message: bool,
    /// The routing id of the pipe's peer is received as the first frame of each message.
    pub named: bool,
}

/// What tells at one look whether a call has to do with lanes.
#[derive(Clone, Copy, Default)]
pub(super) struct Hints(u8);

impl Hints {
    /// A lane is open.
    pub const OPEN: u8 = 1;
    /// A frame went into the batch of one pipe.
    pub const APPENDED: u8 = 2;
    /// The frame received last came out of a batch that has more, or may get more.
    pub const IN_BATCH: u8 = 4;

    #[inline]
    pub fn any(self, hints: u8) -> bool {
        self.0 & hints != 0
    }

    #[inline]
    pub fn set(&mut self, hint: u8, on: bool) {
        self.0 = if on { self.0 | hint } else { self.0 & !hint };
    }
}

impl Lane {
    /// Ends it: the frames that it has carried.
    fn close(&mut self) -> u32 {
        std::mem::take(&mut self.opened) - std::mem::take(&mut self.left)
    }

    /// It has carried one more frame.
    #[inline]
    fn carried(&mut self, more: bool) {
        self.left -= 1;
        self.in_message = more;
        if self.one_message && !more {
            self.opened -= std::mem::take(&mut self.left);
        }
    }
}

impl Pipes {
    /// Whether something waits in batches.
    #[inline]
    fn is_batching(&self) -> bool {
        !self.batched.is_empty()
    }

    /// So many calls may follow without a look at the clock. Only what waits in a batch needs it.
    fn calls_to_look(&self) -> u32 {
        if self.is_batching() { self.pace.calls_to_look() } else { FRAMES_MAX }
    }

    fn count_calls(&mut self, calls: u32) {
        if self.is_batching() {
            self.pace.count_calls(calls);
        }
    }

    /// Whether a lane is open.
    #[inline]
    pub fn has_lanes(&self) -> bool {
        self.hints.any(Hints::OPEN)
    }

    /// Whether a lane for what is sent is open: nothing else may touch its batch.
    pub(super) fn sends_on_lane(&self) -> bool {
        self.out.opened != 0
    }

    /// A frame was sent: whether there is something to do about lanes. Then [`limit_into`](Pipes::limit_into) is due, and
    /// if [`take_appended`](Pipes::take_appended) says so, a lane may be opened.
    #[inline]
    pub fn has_to_do_with_lanes(&self) -> bool {
        self.hints.any(Hints::OPEN | Hints::APPENDED)
    }

    /// Whether a frame went into the batch of one pipe since this was last asked.
    pub fn take_appended(&mut self) -> bool {
        let appended = self.hints.any(Hints::APPENDED);
        self.hints.set(Hints::APPENDED, false);
        appended
    }

    /// Whether a lane may be opened for what is received next: if the last frame came out of a batch that has more.
    #[inline]
    pub fn may_open_into(&self) -> bool {
        self.hints.any(Hints::IN_BATCH)
    }

    fn note_lanes(&mut self) {
        self.hints.set(Hints::OPEN, self.out.opened | self.into.opened != 0);
    }

    /// Opens a lane for the frames that are sent next, if they can go into the batch that is under way for a pipe.
    pub fn open_out(&mut self, way: Way) {
        let (calls, bytes_to_push) = (self.calls_to_look(), self.pace.bytes_to_push());
        let Some(slot) = self.slots.get_mut(way.pipe) else { return };
        let Some(writer) = &mut slot.writer else { return };
        let live = !slot.batch.is_under_way();
        // The first whole message of a batch has called the lookout; outside of a batch a message goes on there.
        let suits = if live {
            writer.is_live() && writer.in_live_message() == way.in_message
        } else {
            slot.batch.messages() > 0 && slot.batch.in_message() == way.in_message && !writer.in_message()
        };
        if !suits {
            return;
        }
        let frames = writer.known_room().min(calls as usize) as u32;
        self.out = Lane {
            pipe: way.pipe,
            left: frames,
            opened: frames,
            in_message: way.in_message,
            one_message: way.one_message,
            named: false,
            live,
            room: slot.batch.bytes() + bytes_to_push,
            bytes: slot.batch.bytes(),
            messages: slot.batch.messages(),
        };
        self.note_lanes();
    }

    /// Something was sent: if it waits in a batch, the frames on the lane for what is received are calls that must look at
    /// the clock in time.
    #[inline]
    pub fn limit_into(&mut self) {
        let calls = self.calls_to_look();
        if let Some(excess) = self.into.left.checked_sub(calls) {
            self.into.left = calls;
            self.into.opened -= excess;
        }
    }

    /// Opens a lane for the frames that are received next, if they are in the batch that is being read from a pipe.
    pub fn open_into(&mut self, way: Way) {
        let Some(reader) = self.slots.get(way.pipe).and_then(|slot| slot.reader.as_ref()) else { return };
        let frames = reader.frames_along().min(self.calls_to_look() as usize) as u32;
        self.into = Lane {
            pipe: way.pipe,
            left: frames,
            opened: frames,
            in_message: way.in_message,
            one_message: way.one_message,
            named: way.named,
            ..Lane::default()
        };
        self.note_lanes();
    }

    /// Sends a frame on the lane; false if that is not open, or has no room for it.
    #[inline]
    pub fn send_along(&mut self, body: &[u8], more: bool) -> bool {
        if self.out.left == 0 || body.len() > BATCHED_BODY {
            return false;
        }
        let Some(slot) = self.slots.get_mut(self.out.pipe) else { return false };
        let added = if self.out.live {
            slot.writer.as_mut().is_some_and(|writer| writer.write_along(body, more))
        } else {
            slot.batch.bytes() + body.len() <= self.out.room && slot.batch.append_in_room(body, more)
        };
        if added {
            self.out.carried(more);
        }
        added
    }

    /// The same of a message. To another socket of this process a large content is better passed on than copied.
    #[inline]
    pub fn send_msg_along(&mut self, msg: &Msg, more: bool) -> bool {
        msg.is_data() && (msg.is_short() || !self.out.live) && self.send_along(msg.data(), more)
    }

    /// The next frame of the lane, into the caller's memory.
    #[inline]
    pub fn recv_along(&mut self, out: &mut [u8]) -> Option<Received> {
        let frame = next_along(&mut self.slots, &mut self.into)?;
        copy_cut(frame.body, out);
        Some(Received { len: frame.body.len(), more: frame.more })
    }

    /// The next frame of the lane, over `msg`.
    #[inline]
    pub fn recv_msg_along(&mut self, msg: &mut Msg) -> bool {
        let Some(frame) = next_along(&mut self.slots, &mut self.into) else { return false };
        msg.refill(frame.body, frame.more);
        msg.set_metadata_of(frame.metadata);
        true
    }

    /// Ends the lane of what is sent, and counts what it has carried. If that was anything: whether more frames of the last
    /// message follow.
    pub fn close_out(&mut self) -> Option<bool> {
        let frames = self.out.close();
        self.note_lanes();
        if frames == 0 {
            return None;
        }
        self.count_calls(frames);
        let slot = self.slots.get_mut(self.out.pipe)?;
        // A live batch has counted for itself.
        let messages = slot.batch.messages() - self.out.messages;
        if let Some(writer) = &mut slot.writer {
            writer.reserve(messages as usize);
        }
        self.pace.count_along(frames, messages, slot.batch.bytes() - self.out.bytes);
        Some(self.out.in_message)
    }

    /// The same of what is received.
    pub fn close_into(&mut self) -> Option<bool> {
        let frames = self.into.close();
        self.note_lanes();
        self.count_calls(frames);
        (frames > 0).then_some(self.into.in_message)
    }
}

/// A frame where it lies.
struct Frame<'a> {
    body: &'a [u8],
    more: bool,
    /// What is known of its connection.
    metadata: Option<&'a Arc<Metadata>>,
}

/// Takes the next frame of the lane for what is received.
#[inline]
fn next_along<'a>(slots: &'a mut Slab<Slot>, lane: &mut Lane) -> Option<Frame<'a>> {
    if lane.left == 0 {
        return None;
    }
    let slot = slots.get_mut(lane.pipe)?;
    let reader = slot.reader.as_mut()?;
    let metadata = slot.metadata.as_ref();
    if lane.named && !lane.in_message {
        // The first frame of a message that is there.
        let there = reader.has_more_along();
        return there.then(|| {
            lane.carried(true);
            Frame { body: &slot.routing_id, more: true, metadata }
        });
    }
    let (more, body) = reader.take_along()?;
    lane.carried(more);
    Some(Frame { body, more, metadata })
}
