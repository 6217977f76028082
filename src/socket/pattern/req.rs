//! REQ: sends a request to the next peer in turn, then receives that peer's reply.

use super::subscription::recv_data;
use super::{Cx, Dropped, Origin, Pattern, probe};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::pipes::PipeId;
use crate::socket::route::{FairQueue, LoadBalancer, random};

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A request may be sent.
    Sending,
    /// A part of the request was sent.
    InRequest,
    /// The request was sent, the reply is to be received.
    Waiting,
    /// A part of the reply was received.
    InReply,
}

pub(super) struct Req {
    state: State,
    queue: FairQueue,
    out: LoadBalancer,
    /// Who got the request; `None` if it left: then no reply will come.
    replier: Option<PipeId>,
    last_id: u32,
    /// The number that the reply must bear, if requests are numbered.
    expected: Option<u32>,
    /// The first frame of the reply's body, if it came and was not asked for yet.
    pending: Option<Msg>,
}

impl Default for Req {
    fn default() -> Req {
        Req {
            state: State::Sending,
            queue: FairQueue::default(),
            out: LoadBalancer::default(),
            replier: None,
            last_id: random() as u32,
            expected: None,
            pending: None,
        }
    }
}

/// A message without the envelope that replies have.
struct Malformed;

impl Req {
    /// Sends what precedes a request's body. The first frame of it settles which peer gets the request.
    fn begin_request(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        if !self.out.can_send(cx.pipes) {
            return Err(Error::AGAIN);
        }
        self.forget_replies(cx);
        self.expected = None;
        if cx.options.req_correlate {
            self.last_id = self.last_id.wrapping_add(1);
            self.expected = Some(self.last_id);
            let mut id = Msg::copy_of(&self.last_id.to_ne_bytes())?;
            id.set_more(true);
            self.out.send(cx.pipes, &mut id)?;
        }
        let mut delimiter = Msg::new();
        delimiter.set_more(true);
        self.out.send(cx.pipes, &mut delimiter)?;
        self.replier = self.out.target();
        Ok(())
    }

    /// Drops all that came so far: whatever it is, it does not answer a request that is not sent yet.
    fn forget_replies(&mut self, cx: &mut Cx<'_>) {
        self.pending = None;
        self.queue.skip_message(cx.pipes);
        while let Some((pipe, _, _)) = self.read_reply(cx) {
            self.queue.skip_message(cx.pipes);
            cx.pipes.message_dropped(Some(pipe), Dropped::Unexpected);
        }
    }

    /// The next message from anyone: its number, if it bears one, and its body's first frame. A peer that sends
    /// something else than replies is sent away.
    fn read_reply(&mut self, cx: &mut Cx<'_>) -> Option<(PipeId, Option<u32>, Msg)> {
        loop {
            let (pipe, first) = recv_data(&mut self.queue, cx.pipes)?;
            match self.read_envelope(cx, first) {
                Ok((id, body)) => return Some((pipe, id, body)),
                Err(Malformed) => {
                    self.queue.skip_message(cx.pipes);
                    cx.pipes.message_dropped(Some(pipe), Dropped::Unexpected);
                    cx.pipes.protocol_error(pipe);
                }
            }
        }
    }

    /// Reads on from a message's first frame to its body's first: `[number] [empty] body`.
    fn read_envelope(&mut self, cx: &mut Cx<'_>, mut msg: Msg) -> std::result::Result<(Option<u32>, Msg), Malformed> {
        let id = msg.data().try_into().ok().map(u32::from_ne_bytes);
        if id.is_some() {
            msg = self.next_frame(cx, &msg)?;
        }
        if !msg.is_empty() {
            return Err(Malformed);
        }
        Ok((id, self.next_frame(cx, &msg)?))
    }

    fn next_frame(&mut self, cx: &mut Cx<'_>, previous: &Msg) -> std::result::Result<Msg, Malformed> {
        if !previous.more() {
            return Err(Malformed);
        }
        recv_data(&mut self.queue, cx.pipes).map(|(_, msg)| msg).ok_or(Malformed)
    }

    /// The first frame of the reply's body. Messages that are no reply to the request are dropped.
    fn next_reply(&mut self, cx: &mut Cx<'_>) -> Option<Msg> {
        loop {
            let (pipe, id, body) = self.read_reply(cx)?;
            if self.replier == Some(pipe) && self.expected == id {
                return Some(body);
            }
            self.queue.skip_message(cx.pipes);
            cx.pipes.message_dropped(Some(pipe), Dropped::Unexpected);
        }
    }
}

impl Pattern for Req {
    fn attached(&mut self, cx: &mut Cx<'_>, pipe: PipeId, _origin: Origin) {
        probe(cx, pipe);
        self.queue.attach(pipe);
        self.out.attach(pipe);
    }

    fn detached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.detach(pipe);
        self.out.detach(pipe);
        if self.replier == Some(pipe) {
            self.replier = None;
        }
    }

    fn readable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.readable(pipe);
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.out.writable(pipe);
    }

    fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        match self.state {
            State::Sending => self.begin_request(cx)?,
            State::InRequest => {}
            State::Waiting | State::InReply if cx.options.req_relaxed => self.begin_request(cx)?,
            State::Waiting | State::InReply => return Err(Error::FSM),
        }
        let more = msg.more();
        self.out.send(cx.pipes, msg)?;
        self.state = if more { State::InRequest } else { State::Waiting };
        Ok(())
    }

    fn recv(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        let next = match self.state {
            State::Sending | State::InRequest => return Err(Error::FSM),
            State::Waiting => self.pending.take().or_else(|| self.next_reply(cx)),
            State::InReply => recv_data(&mut self.queue, cx.pipes).map(|(_, msg)| msg),
        };
        *msg = next.ok_or(Error::AGAIN)?;
        self.state = if msg.more() { State::InReply } else { State::Sending };
        Ok(())
    }

    fn can_send(&mut self, cx: &mut Cx<'_>) -> bool {
        match self.state {
            State::Waiting | State::InReply if !cx.options.req_relaxed => false,
            _ => self.out.can_send(cx.pipes),
        }
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        match self.state {
            State::Sending | State::InRequest => false,
            State::InReply => true,
            State::Waiting => {
                if self.pending.is_none() {
                    self.pending = self.next_reply(cx);
                }
                self.pending.is_some()
            }
        }
    }
}
