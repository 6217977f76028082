//! The pipes of one socket, in memory: a stand-in with the interface that the patterns work with.

use crate::message::Msg;
use crate::socket::pattern::Dropped;
use std::collections::VecDeque;

/// Names a pipe of a socket.
pub type PipeId = usize;

#[derive(Default)]
struct Pipe {
    /// Flushed frames for the peer.
    outgoing: VecDeque<Msg>,
    unflushed: VecDeque<Msg>,
    incoming: VecDeque<Msg>,
    high_water_mark: usize,
    terminated: bool,
    ignored: bool,
    starved: bool,
    blocked: bool,
    writing: bool,
    routing_id: Vec<u8>,
}

impl Pipe {
    fn full(&self) -> bool {
        let messages = self.outgoing.iter().chain(&self.unflushed).filter(|msg| !msg.more()).count();
        messages >= self.high_water_mark
    }
}

/// The pipes of one socket.
#[derive(Default)]
pub struct Pipes {
    pipes: Vec<Option<Pipe>>,
    dropped: Vec<(Option<PipeId>, Dropped)>,
}

impl Pipes {
    fn live(&mut self, pipe: PipeId) -> Option<&mut Pipe> {
        self.pipes.get_mut(pipe)?.as_mut().filter(|pipe| !pipe.terminated)
    }

    /// Whether there is room for one more message.
    pub fn can_write(&mut self, pipe: PipeId) -> bool {
        let Some(pipe) = self.live(pipe) else { return false };
        pipe.blocked = pipe.full();
        !pipe.blocked
    }

    /// Writes a frame, or returns false.
    pub fn write(&mut self, pipe: PipeId, msg: &mut Msg) -> bool {
        let Some(pipe) = self.live(pipe) else { return false };
        if !pipe.writing && pipe.full() {
            pipe.blocked = true;
            return false;
        }
        pipe.writing = msg.more();
        pipe.unflushed.push_back(std::mem::take(msg));
        true
    }

    /// Writes a frame whether or not there is room.
    pub fn write_beyond(&mut self, pipe: PipeId, msg: Msg) {
        if let Some(pipe) = self.live(pipe) {
            pipe.writing = msg.more();
            pipe.unflushed.push_back(msg);
        }
    }

    /// Shows complete messages to the peer.
    pub fn flush(&mut self, pipe: PipeId) {
        if let Some(pipe) = self.live(pipe) {
            assert!(!pipe.writing, "flush within a message");
            pipe.outgoing.append(&mut pipe.unflushed);
        }
    }

    /// Takes back an incomplete message.
    pub fn rollback(&mut self, pipe: PipeId) {
        if let Some(pipe) = self.live(pipe) {
            while pipe.unflushed.back().is_some_and(Msg::more) {
                pipe.unflushed.pop_back();
            }
            pipe.writing = false;
        }
    }

    /// Whether a message is there.
    pub fn can_read(&mut self, pipe: PipeId) -> bool {
        let Some(pipe) = self.live(pipe) else { return false };
        pipe.starved = pipe.incoming.is_empty();
        !pipe.starved
    }

    /// The next frame.
    pub fn read(&mut self, pipe: PipeId) -> Option<Msg> {
        let pipe = self.live(pipe)?;
        let msg = pipe.incoming.pop_front();
        pipe.starved = msg.is_none();
        msg
    }

    /// Closes the connection.
    pub fn terminate(&mut self, pipe: PipeId) {
        if let Some(pipe) = self.live(pipe) {
            pipe.terminated = true;
        }
    }

    /// Nothing is going to be read from the pipe: it ends with its peer, whatever that has sent.
    pub fn ignore(&mut self, pipe: PipeId) {
        if let Some(pipe) = self.live(pipe) {
            pipe.ignored = true;
        }
    }

    /// The peer broke the rules of its socket type: a connection is closed; over inproc nothing happens.
    pub fn protocol_error(&mut self, _pipe: PipeId) {}

    /// The routing id stored for a pipe.
    pub fn routing_id(&self, pipe: PipeId) -> &[u8] {
        self.pipes.get(pipe).and_then(Option::as_ref).map_or(&[], |pipe| &pipe.routing_id)
    }

    /// Stores the routing id of a pipe.
    pub fn set_routing_id(&mut self, pipe: PipeId, id: Vec<u8>) {
        if let Some(pipe) = self.live(pipe) {
            pipe.routing_id = id;
        }
    }

    /// The number of pipes.
    pub fn len(&self) -> usize {
        self.ids().count()
    }

    /// Whether there is no pipe.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pipes.
    pub fn ids(&self) -> impl Iterator<Item = PipeId> {
        self.pipes.iter().enumerate().filter(|(_, pipe)| pipe.is_some()).map(|(id, _)| id)
    }

    /// Counts a dropped message.
    pub fn message_dropped(&mut self, pipe: Option<PipeId>, reason: Dropped) {
        self.dropped.push((pipe, reason));
    }
}

/// The peer's side, for tests.
#[cfg(test)]
impl Pipes {
    /// A new pipe with room for that many messages.
    pub fn test_add(&mut self, high_water_mark: usize) -> PipeId {
        let pipe = Pipe { high_water_mark, ..Pipe::default() };
        let free = self.pipes.iter().position(Option::is_none);
        let id = free.unwrap_or_else(|| {
            self.pipes.push(None);
            self.pipes.len() - 1
        });
        self.pipes[id] = Some(pipe);
        id
    }

    /// The peer leaves. Whether the pipe has ended: nothing is there that may still be read.
    pub fn test_leave(&mut self, pipe: PipeId) -> bool {
        self.live(pipe).is_some_and(|pipe| pipe.ignored || pipe.incoming.is_empty())
    }

    /// Takes a pipe away.
    pub fn test_remove(&mut self, pipe: PipeId) {
        self.pipes[pipe] = None;
    }

    /// The peer sends a frame. Whether the pattern is to be told.
    pub fn test_push(&mut self, pipe: PipeId, msg: Msg) -> bool {
        let Some(pipe) = self.live(pipe) else { return false };
        pipe.incoming.push_back(msg);
        std::mem::take(&mut pipe.starved)
    }

    /// The peer receives a frame. The flag: whether the pattern is to be told that there is room.
    pub fn test_pop(&mut self, pipe: PipeId) -> Option<(Msg, bool)> {
        let pipe = self.live(pipe)?;
        let msg = pipe.outgoing.pop_front()?;
        let room = pipe.blocked && !pipe.full();
        pipe.blocked &= !room;
        Some((msg, room))
    }

    /// Whether the pattern closed the pipe.
    pub fn test_terminated(&self, pipe: PipeId) -> bool {
        self.pipes[pipe].as_ref().is_some_and(|pipe| pipe.terminated)
    }

    /// The dropped messages so far.
    pub fn test_dropped(&mut self) -> Vec<(Option<PipeId>, Dropped)> {
        std::mem::take(&mut self.dropped)
    }
}
