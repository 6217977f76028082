//! REP: receives a request, then sends the reply to where it came from.

use super::awaited::Awaited;
use super::subscription::{recv_data, recv_data_into};
use super::{Cx, Dropped, Origin, Pattern, message, probe};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::Received;
use crate::socket::pipes::PipeId;
use crate::socket::route::FairQueue;
use std::mem;

/// Whose turn it is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// A request is to be received.
    #[default]
    Receiving,
    /// A request has come: its envelope was read.
    Requested,
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
    awaited: Awaited,
    /// The request's frames up to the empty one, which precede the reply.
    envelope: Vec<Msg>,
}

impl Rep {
    /// Goes on to the body of the next request, if one has come: reads its envelope. What has no envelope is dropped.
    fn find_request(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        self.envelope.clear();
        loop {
            let (pipe, msg) = recv_data(&mut self.queue, cx.pipes).ok_or(Error::AGAIN)?;
            if !msg.more() {
                self.envelope.clear();
                cx.pipes.message_dropped(Some(pipe), Dropped::Unexpected);
                continue;
            }
            let bottom = msg.is_empty();
            self.envelope.push(msg);
            if bottom {
                self.requester = Some(pipe);
                self.state = State::Requested;
                return Ok(());
            }
        }
    }

    /// A frame of a request is to be received: looks for one, if that was not done.
    fn prepare_recv(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        match self.state {
            State::Replying | State::InReply => Err(Error::FSM),
            State::Receiving => self.find_request(cx),
            State::Requested | State::InRequest => Ok(()),
        }
    }

    /// A frame of the reply is to be sent: whatever precedes it.
    fn prepare_send(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        match self.state {
            State::Receiving | State::Requested | State::InRequest => return Err(Error::FSM),
            State::Replying => self.begin_reply(cx),
            State::InReply => {}
        }
        self.state = State::InReply;
        Ok(())
    }

    fn sent(&mut self, cx: &mut Cx<'_>, more: bool) {
        self.state = if more { State::InReply } else { State::Receiving };
        self.awaited.tell(cx, more);
    }

    fn received(&mut self, cx: &mut Cx<'_>, more: bool) {
        self.state = if more { State::InRequest } else { State::Replying };
        self.awaited.tell(cx, more);
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
            if self.state == State::Requested {
                self.state = State::Receiving;
                self.queue.forget_cut();
            }
        }
    }

    fn readable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.readable(pipe);
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

    fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        self.prepare_send(cx)?;
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
        self.sent(cx, more);
        Ok(())
    }

    fn send_bytes(&mut self, cx: &mut Cx<'_>, bytes: &[u8], more: bool) -> Result<()> {
        self.prepare_send(cx)?;
        if self.requester.is_some_and(|pipe| cx.pipes.append(pipe, bytes, more)) {
            self.sent(cx, more);
            return Ok(());
        }
        self.send(cx, &mut message(bytes, more)?)
    }

    fn recv(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        self.prepare_recv(cx)?;
        recv_data_into(&mut self.queue, cx.pipes, msg)?;
        self.received(cx, msg.more());
        Ok(())
    }

    fn recv_bytes(&mut self, cx: &mut Cx<'_>, out: &mut [u8]) -> Result<Received> {
        self.prepare_recv(cx)?;
        let received = self.queue.recv_bytes(cx.pipes, out, |_| true).ok_or(Error::AGAIN)?;
        self.received(cx, received.more);
        Ok(received)
    }

    fn can_send(&mut self, _cx: &mut Cx<'_>) -> bool {
        self.awaited.note(matches!(self.state, State::Replying | State::InReply))
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        let turn = !matches!(self.state, State::Replying | State::InReply);
        self.awaited.note(turn) && self.prepare_recv(cx).is_ok()
    }
}
