//! REP: receives a request, then sends the reply to where it came from.

use super::subscription::recv_data;
use super::{Cx, Dropped, Origin, Pattern, probe};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::pipes::PipeId;
use crate::socket::route::FairQueue;
use std::mem;

/// Whose turn it is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// A request is to be received.
    #[default]
    Receiving,
    /// A part of a request was received.
    InRequest,
    /// A request was received and is to be answered.
    Replying,
    /// A part of the reply was sent.
    InReply,
}

#[derive(Default)]
pub(super) struct Rep {
    state: State,
    queue: FairQueue,
    /// Where the request came from; `None` if that peer left or had no room: the reply is dropped.
    requester: Option<PipeId>,
    /// The request's frames up to the empty one, which precede the reply.
    envelope: Vec<Msg>,
    /// The first frame of a request's body that was not asked for yet.
    pending: Option<Msg>,
}

impl Rep {
    /// Reads the envelope of the next request and its body's first frame. What has no envelope is dropped.
    fn next_request(&mut self, cx: &mut Cx<'_>) -> Option<Msg> {
        loop {
            self.envelope.clear();
            let pipe = loop {
                let (pipe, msg) = recv_data(&mut self.queue, cx.pipes)?;
                if !msg.more() {
                    cx.pipes.message_dropped(Some(pipe), Dropped::Unexpected);
                    break None;
                }
                let bottom = msg.is_empty();
                self.envelope.push(msg);
                if bottom {
                    break Some(pipe);
                }
            };
            if pipe.is_some() {
                self.requester = pipe;
                return recv_data(&mut self.queue, cx.pipes).map(|(_, msg)| msg);
            }
        }
    }

    /// Puts the envelope in front of the reply.
    fn begin_reply(&mut self, cx: &mut Cx<'_>) {
        let Some(pipe) = self.requester else {
            cx.pipes.message_dropped(None, Dropped::PeerLost);
            return;
        };
        for mut frame in self.envelope.drain(..) {
            frame.clear_metadata();
            if !cx.pipes.write(pipe, &mut frame) {
                self.requester = None;
                cx.pipes.message_dropped(Some(pipe), Dropped::HighWaterMark);
                return;
            }
        }
    }
}

impl Pattern for Rep {
    fn attached(&mut self, cx: &mut Cx<'_>, pipe: PipeId, _origin: Origin) {
        probe(cx, pipe);
        self.queue.attach(pipe);
    }

    fn detached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.detach(pipe);
        if self.requester == Some(pipe) {
            self.requester = None;
        }
    }

    fn readable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.readable(pipe);
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

    fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        match self.state {
            State::Receiving | State::InRequest => return Err(Error::FSM),
            State::Replying => self.begin_reply(cx),
            State::InReply => {}
        }
        let more = msg.more();
        if let Some(pipe) = self.requester {
            if !cx.pipes.write(pipe, msg) {
                cx.pipes.rollback(pipe);
                cx.pipes.message_dropped(Some(pipe), Dropped::PeerLost);
                self.requester = None;
            } else if !more {
                cx.pipes.flush(pipe);
            }
        }
        drop(mem::take(msg));
        self.state = if more { State::InReply } else { State::Receiving };
        Ok(())
    }

    fn recv(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        let next = match self.state {
            State::Replying | State::InReply => return Err(Error::FSM),
            State::InRequest => recv_data(&mut self.queue, cx.pipes).map(|(_, msg)| msg),
            State::Receiving => self.pending.take().or_else(|| self.next_request(cx)),
        };
        *msg = next.ok_or(Error::AGAIN)?;
        self.state = if msg.more() { State::InRequest } else { State::Replying };
        Ok(())
    }

    fn can_send(&mut self, _cx: &mut Cx<'_>) -> bool {
        matches!(self.state, State::Replying | State::InReply)
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        match self.state {
            State::Replying | State::InReply => false,
            State::InRequest => true,
            State::Receiving => {
                if self.pending.is_none() {
                    self.pending = self.next_request(cx);
                }
                self.pending.is_some()
            }
        }
    }
}
