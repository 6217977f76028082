//! REQ: sends a request to the next peer in turn, then receives that peer's reply.

use super::awaited::Awaited;
use super::subscription::{recv_data, recv_data_into};
use super::{Cx, Dropped, Origin, Pattern, message, probe};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::Received;
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
    /// The reply has come: what precedes its body was read.
    Replied,
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
    awaited: Awaited,
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
            awaited: Awaited::default(),
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
        if self.queue.is_silent(cx.pipes) {
            return;
        }
        self.queue.skip_message(cx.pipes);
        while let Some((pipe, _)) = self.read_envelope(cx) {
            self.queue.skip_message(cx.pipes);
            cx.pipes.message_dropped(Some(pipe), Dropped::Unexpected);
        }
    }

    /// Reads what precedes the body of the next message from anyone, which is left to be read: the peer, and the message's
    /// number, if it bears one. A peer that sends something else than replies is sent away.
    fn read_envelope(&mut self, cx: &mut Cx<'_>) -> Option<(PipeId, Option<u32>)> {
        loop {
            let (pipe, first) = recv_data(&mut self.queue, cx.pipes)?;
            match self.read_number(cx, &first) {
                Ok(number) => return Some((pipe, number)),
                Err(Malformed) => {
                    self.queue.skip_message(cx.pipes);
                    cx.pipes.message_dropped(Some(pipe), Dropped::Unexpected);
                    cx.pipes.protocol_error(pipe);
                }
            }
        }
    }

    /// Reads on from a message's first frame to where its body begins: `[number] [empty] body`.
    fn read_number(&mut self, cx: &mut Cx<'_>, first: &Msg) -> std::result::Result<Option<u32>, Malformed> {
        // An envelope without a body is none.
        let is_delimiter = |msg: &Msg| msg.is_empty() && msg.more();
        if is_delimiter(first) {
            return Ok(None);
        }
        let number = first.data().try_into().map(u32::from_ne_bytes).map_err(|_| Malformed)?;
        if !first.more() {
            return Err(Malformed);
        }
        let second = recv_data(&mut self.queue, cx.pipes);
        second.filter(|(_, msg)| is_delimiter(msg)).map(|_| Some(number)).ok_or(Malformed)
    }

    /// Goes on to the body of the reply, if it has come. Messages that are no reply to the request are dropped.
    fn find_reply(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        loop {
            let (pipe, number) = self.read_envelope(cx).ok_or(Error::AGAIN)?;
            if self.replier == Some(pipe) && self.expected == number {
                self.state = State::Replied;
                return Ok(());
            }
            self.queue.skip_message(cx.pipes);
            cx.pipes.message_dropped(Some(pipe), Dropped::Unexpected);
        }
    }

    /// A frame of the request is to be sent: whatever precedes it.
    fn prepare_send(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        match self.state {
            State::Sending => self.begin_request(cx)?,
            State::InRequest => {}
            _ if cx.options.req_relaxed => self.begin_request(cx)?,
            _ => return Err(Error::FSM),
        }
        self.state = State::InRequest;
        Ok(())
    }

    /// A frame of the reply is to be received: looks for it, if that was not done.
    fn prepare_recv(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        match self.state {
            State::Sending | State::InRequest => Err(Error::FSM),
            State::Waiting => self.find_reply(cx),
            State::Replied | State::InReply => Ok(()),
        }
    }

    fn sent(&mut self, cx: &mut Cx<'_>, more: bool) {
        self.state = if more { State::InRequest } else { State::Waiting };
        self.awaited.tell(cx, more);
    }

    fn received(&mut self, cx: &mut Cx<'_>, more: bool) {
        self.state = if more { State::InReply } else { State::Sending };
        self.awaited.tell(cx, more);
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
            if self.state == State::Replied {
                self.state = State::Waiting;
                self.queue.forget_cut();
            }
        }
    }

    fn readable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.readable(pipe);
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.out.writable(pipe);
    }

    fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        self.prepare_send(cx)?;
        let more = msg.more();
        self.out.send(cx.pipes, msg)?;
        self.sent(cx, more);
        Ok(())
    }

    fn send_bytes(&mut self, cx: &mut Cx<'_>, bytes: &[u8], more: bool) -> Result<()> {
        self.prepare_send(cx)?;
        if !self.out.append(cx.pipes, bytes, more) {
            self.out.send(cx.pipes, &mut message(bytes, more)?)?;
        }
        self.sent(cx, more);
        Ok(())
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

    fn can_send(&mut self, cx: &mut Cx<'_>) -> bool {
        let turn = matches!(self.state, State::Sending | State::InRequest) || cx.options.req_relaxed;
        self.awaited.note(turn) && self.out.can_send(cx.pipes)
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        let turn = !matches!(self.state, State::Sending | State::InRequest);
        self.awaited.note(turn) && self.prepare_recv(cx).is_ok()
    }
}
