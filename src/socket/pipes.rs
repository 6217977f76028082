//! The pipes of one socket, each with the state that its pattern needs of it.
//!
//! This is where a pattern's frames meet the connections: a full pipe is given a chance to drain on the spot, and
//! what a flood brings is gathered in batches ([`batching`]), which are pushed on after a bounded number of bytes and
//! microseconds, or when the socket has nothing else to do.

mod batching;
mod lane;
mod watch;

use super::Received;
use super::ahead::Ahead;
use super::mailbox::{Mailbox, PipeEnd, PipeName};
use super::pace::Pace;
use super::pattern::Dropped;
use crate::connection::{Attachment, Session};
use crate::message::batch::Batch;
use crate::message::{Metadata, Msg, Role};
use crate::options::{Options, SocketType};
use crate::pipe::{Bytes, Reader, Writer};
use batching::Fan;
pub use lane::Way;
use lane::{Hints, Lane};
use slab::Slab;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
pub use watch::Lookout;
use watch::Watch;

/// Names a pipe of a socket.
pub type PipeId = usize;

struct Slot {
    /// None after the pattern has terminated the pipe.
    writer: Option<Writer>,
    reader: Option<Reader>,
    session: Option<Arc<Session>>,
    name: PipeName,
    routing_id: Vec<u8>,
    metadata: Option<Arc<Metadata>>,
    /// What a flood has brought since the last push.
    batch: Batch,
    /// Messages are left for the next push.
    batched: bool,
    /// The pattern reads nothing from it: it ends with its peer, whatever that has sent.
    ignored: bool,
}

/// The pipes of one socket.
pub struct Pipes {
    slots: Slab<Slot>,
    mailbox: Arc<Mailbox>,
    generation: u32,
    /// Whether the pattern is told the routing ids of its peers.
    wants_ids: bool,
    /// Whether the pattern reads at all.
    reads: bool,
    /// Whether received frames carry what is known of their connection.
    tells_metadata: bool,
    /// Pipes that have ended and are to be detached.
    ended: Vec<PipeName>,
    batched: Vec<PipeId>,
    fan: Fan,
    watch: Watch,
    pace: Pace,
    ahead: Ahead,
    /// Open lanes, for what is sent and for what is received.
    out: Lane,
    into: Lane,
    hints: Hints,
    dropped: [u64; Dropped::COUNT],
}

/// What [`Pipes::read_bytes`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBytes {
    /// A frame, which is in the caller's memory now.
    Frame(Received),
    /// A frame that was refused; it is gone.
    Refused {
        /// Another frame of its message follows.
        more: bool,
    },
    /// Nothing is there.
    None,
}

impl Pipes {
    /// No pipes yet, for a socket of this type.
    pub fn new(mailbox: Arc<Mailbox>, socket_type: SocketType) -> Pipes {
        Pipes {
            slots: Slab::new(),
            mailbox,
            generation: 0,
            wants_ids: socket_type == SocketType::Router,
            reads: socket_type != SocketType::Push,
            tells_metadata: true,
            ended: Vec::new(),
            batched: Vec::new(),
            fan: Fan::default(),
            watch: Watch::default(),
            pace: Pace::default(),
            ahead: Ahead::default(),
            out: Lane::default(),
            into: Lane::default(),
            hints: Hints::default(),
            dropped: [0; Dropped::COUNT],
        }
    }

    /// Adds the pipes to a peer.
    pub fn add(&mut self, attachment: Attachment) -> PipeName {
        debug_assert!(!self.has_lanes());
        let Attachment { writer, mut reader, bell, session } = attachment;
        if session.is_none() {
            reader.be_patient();
        }
        self.generation = self.generation.wrapping_add(1);
        let name = PipeName { id: self.slots.vacant_key(), generation: self.generation };
        self.slots.insert(Slot {
            writer: Some(writer),
            reader: Some(reader),
            session,
            name,
            routing_id: Vec::new(),
            metadata: None,
            batch: Batch::default(),
            batched: false,
            ignored: false,
        });
        self.note_number();
        bell.set(Arc::new(PipeEnd { mailbox: self.mailbox.clone(), name }));
        // Whoever goes after this moment rings the bell; whoever went before is seen by `has_ended`.
        fence(Ordering::SeqCst);
        self.skip_introduction(name.id);
        name
    }

    /// The first pipe is no longer alone when another comes, and the last one is again.
    fn note_number(&mut self) {
        let alone = self.slots.len() == 1;
        if self.slots.len() <= 2 {
            for (_, slot) in &mut self.slots {
                if let Some(reader) = &mut slot.reader {
                    reader.set_alone(alone);
                }
            }
        }
    }

    /// The pipe of that name, unless it is gone.
    pub fn find(&self, name: PipeName) -> Option<PipeId> {
        self.slots.get(name.id).filter(|slot| slot.name == name).map(|slot| slot.name.id)
    }

    /// The pipes whose session this is.
    pub fn of_session(&self, session: &Arc<Session>) -> Option<PipeName> {
        let belongs = |slot: &Slot| slot.session.as_ref().is_some_and(|other| Arc::ptr_eq(other, session));
        self.slots.iter().find(|(_, slot)| belongs(slot)).map(|(_, slot)| slot.name)
    }

    /// Whether the peer is gone and all it sent was read, or no one will read it.
    pub fn has_ended(&mut self, pipe: PipeId) -> bool {
        self.skip_introduction(pipe);
        let reads = self.reads;
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        let Some(reader) = &mut slot.reader else { return true };
        reader.ended() || (reader.writer_gone() && (!reads || slot.ignored))
    }

    /// Pipes found ended since the last call.
    pub fn take_ended(&mut self) -> Option<PipeName> {
        self.ended.pop()
    }

    /// Takes a pipe away. What was written and not yet sent is still sent, if there is a session to do it.
    pub fn remove(&mut self, pipe: PipeId) -> Option<Arc<Session>> {
        debug_assert!(!self.has_lanes());
        self.fan.forget(pipe);
        let mut slot = self.slots.try_remove(pipe)?;
        self.note_number();
        slot.batch.rollback();
        slot.seal();
        self.batched.retain(|&id| id != pipe);
        slot.session
    }

    /// Applies the high-water marks of the options to all pipes.
    pub fn update_limits(&mut self, options: &Options) {
        debug_assert!(!self.has_lanes());
        self.seal_fan();
        for (_, slot) in &mut self.slots {
            if let Some(writer) = &mut slot.writer {
                writer.set_limit(options.sndhwm);
            }
            if let Some(reader) = &mut slot.reader {
                reader.set_limit(options.rcvhwm);
            }
        }
        let ids: Vec<PipeName> = self.slots.iter().map(|(_, slot)| slot.name).collect();
        for name in ids {
            self.mailbox.push(super::mailbox::Command::Writable(name));
        }
    }

    /// Whether there is room for one more message. If not, `Pattern::writable` is called when there is.
    #[inline]
    pub fn can_write(&mut self, pipe: PipeId) -> bool {
        // What lies there for several pipes is not counted in any of them yet.
        self.seal_full_fan();
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        let Some(writer) = &mut slot.writer else { return false };
        if writer.has_room() {
            return true;
        }
        self.make_room(pipe)
    }

    /// Takes back the frames of an incomplete message.
    pub fn rollback(&mut self, pipe: PipeId) {
        if let Some(slot) = self.slots.get_mut(pipe) {
            slot.batch.rollback();
            if let Some(writer) = &mut slot.writer {
                writer.rollback();
            }
        }
    }

    /// Whether a message is there. If not, `Pattern::readable` is called when one came.
    pub fn can_read(&mut self, pipe: PipeId) -> bool {
        self.skip_introduction(pipe);
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        let Some(reader) = &mut slot.reader else { return false };
        if reader.has_message() {
            // An introduction may be all that came since.
            return self.wants_ids || !self.skip_introduction(pipe) || self.can_read(pipe);
        }
        self.note_ended(pipe);
        false
    }

    /// Whether any frame is there, perhaps after a moment. If not, `Pattern::readable` is called when one came.
    #[inline]
    pub fn has_frame(&mut self, pipe: PipeId) -> bool {
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        let Some(reader) = &mut slot.reader else { return false };
        let there = reader.look();
        if !there {
            self.note_ended(pipe);
        }
        there
    }

    /// What the socket can do has changed by itself: threads that wait for it are to look again.
    pub fn tell_waiters(&self) {
        self.mailbox.note_processed();
    }

    /// Whether nothing is there for now. The pattern is not told when something came: that is due when it is looked for in
    /// vain. False where the application may wait on the descriptor, which is not to miss anything.
    #[inline]
    pub fn is_silent(&mut self, pipe: PipeId) -> bool {
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        !self.mailbox.is_exposed() && slot.reader.as_mut().is_some_and(Reader::is_empty)
    }

    /// The role of the next frame, if one is there.
    #[inline]
    pub fn next_role(&mut self, pipe: PipeId) -> Option<Role> {
        self.slots.get_mut(pipe)?.reader.as_mut()?.next_role()
    }

    /// What is known of the connection behind a pipe.
    pub fn metadata(&self, pipe: PipeId) -> Option<&Arc<Metadata>> {
        let slot = self.slots.get(pipe).filter(|_| self.tells_metadata)?;
        slot.metadata.as_ref()
    }

    /// Takes what is said of the peer ahead of its messages, if the pattern does not want it. Whether there was any.
    fn skip_introduction(&mut self, pipe: PipeId) -> bool {
        if self.wants_ids {
            return false;
        }
        let Some(slot) = self.slots.get_mut(pipe) else { return false };
        let Some(reader) = &mut slot.reader else { return false };
        let mut any = false;
        while let Some(msg) = reader.read_role(Role::RoutingId) {
            slot.metadata = msg.share_metadata();
            any = true;
        }
        any
    }

    /// The next frame; the frames of a message are always all there. None as [`can_read`](Pipes::can_read).
    #[inline]
    pub fn read(&mut self, pipe: PipeId) -> Option<Msg> {
        let mut msg = Msg::new();
        self.read_into(pipe, &mut msg).then_some(msg)
    }

    /// As [`read`](Pipes::read), over `msg`.
    #[inline]
    pub fn read_into(&mut self, pipe: PipeId, msg: &mut Msg) -> bool {
        loop {
            let Some(slot) = self.slots.get_mut(pipe) else { return false };
            let Some(reader) = &mut slot.reader else { return false };
            if !reader.read_into(msg) {
                self.note_ended(pipe);
                return false;
            }
            self.hints.set(Hints::IN_BATCH, reader.is_in_batch());
            if msg.role() == Role::RoutingId {
                slot.metadata = msg.share_metadata();
                if !self.wants_ids {
                    // Not the user's, who gets to see `msg` even if nothing follows.
                    *msg = Msg::new();
                    continue;
                }
            } else {
                msg.set_metadata_of(slot.metadata.as_ref().filter(|_| self.tells_metadata));
            }
            return true;
        }
    }

    /// Whether received frames are to carry what is known of their connection. Not needed where only their bytes
    /// are asked for.
    #[inline]
    pub fn set_tells_metadata(&mut self, tells: bool) {
        self.tells_metadata = tells;
    }

    /// The next frame straight into the caller's memory. `accepts` is asked of the bytes of frames of user data; what it
    /// refuses is dropped. None as [`can_read`](Pipes::can_read).
    #[inline]
    pub fn read_bytes(&mut self, pipe: PipeId, out: &mut [u8], mut accepts: impl FnMut(&[u8]) -> bool) -> ReadBytes {
        let Some(slot) = self.slots.get_mut(pipe) else { return ReadBytes::None };
        let Some(reader) = &mut slot.reader else { return ReadBytes::None };
        let bytes = reader.read_bytes(out, &mut accepts);
        self.hints.set(Hints::IN_BATCH, reader.is_in_batch());
        match bytes {
            Bytes::Frame { len, more } => ReadBytes::Frame(Received { len, more }),
            Bytes::Refused { more } => ReadBytes::Refused { more },
            Bytes::None => {
                self.note_ended(pipe);
                ReadBytes::None
            }
            Bytes::Other => self.read_other(pipe, out, accepts),
        }
    }

    /// What is next is no plain frame of user data.
    #[cold]
    fn read_other(&mut self, pipe: PipeId, out: &mut [u8], mut accepts: impl FnMut(&[u8]) -> bool) -> ReadBytes {
        let Some(msg) = self.read(pipe) else { return ReadBytes::None };
        let more = msg.more();
        if !accepts(msg.data()) {
            return ReadBytes::Refused { more };
        }
        ReadBytes::Frame(Received { len: msg.copy_to(out), more })
    }

    #[cold]
    fn note_ended(&mut self, pipe: PipeId) {
        if let Some(slot) = self.slots.get_mut(pipe)
            && slot.reader.as_mut().is_some_and(Reader::ended)
        {
            self.ended.push(slot.name);
        }
    }

    /// The pattern does not want this peer: closes the connection without lingering.
    pub fn terminate(&mut self, pipe: PipeId) {
        if let Some(slot) = self.slots.get_mut(pipe) {
            slot.writer = None;
            slot.reader = None;
            slot.batch = Batch::default();
            self.ended.push(slot.name);
            if let Some(session) = &slot.session {
                session.terminate();
            }
        }
    }

    /// Nothing is going to be read from the pipe: it ends with its peer, whatever that has sent.
    pub fn ignore(&mut self, pipe: PipeId) {
        if let Some(slot) = self.slots.get_mut(pipe) {
            slot.ignored = true;
        }
    }

    /// The peer said what its role does not allow: the connection is closed as after any other error of the
    /// protocol, and the pipe goes with it. A socket of this process is let be.
    pub fn protocol_error(&mut self, pipe: PipeId) {
        if self.slots.get(pipe).is_some_and(|slot| slot.session.is_some()) {
            self.terminate(pipe);
        }
    }

    /// The routing id stored for a pipe.
    pub fn routing_id(&self, pipe: PipeId) -> &[u8] {
        self.slots.get(pipe).map_or(&[], |slot| &slot.routing_id)
    }

    /// Stores the routing id of a pipe.
    pub fn set_routing_id(&mut self, pipe: PipeId, id: Vec<u8>) {
        if let Some(slot) = self.slots.get_mut(pipe) {
            slot.routing_id = id;
        }
    }

    /// The number of pipes.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no pipe.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The pipes.
    pub fn ids(&self) -> impl Iterator<Item = PipeId> {
        self.slots.iter().map(|(id, _)| id)
    }

    /// Counts a dropped message.
    pub fn message_dropped(&mut self, _pipe: Option<PipeId>, reason: Dropped) {
        self.dropped[reason as usize] += 1;
    }

    /// How many messages were dropped for this reason.
    pub fn dropped(&self, reason: Dropped) -> u64 {
        self.dropped[reason as usize]
    }
}
