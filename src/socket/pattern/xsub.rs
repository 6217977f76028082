//! XSUB: a SUB whose user subscribes by sending messages, receives unfiltered, and may send other messages upstream.

use super::subscription::{self, Request, recv_data_into};
use super::{Cx, Origin, Pattern, announce_topics};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::Received;
use crate::socket::pipes::PipeId;
use crate::socket::route::{Distribution, FairQueue, Subscriptions};
use std::mem;

#[derive(Default)]
pub(super) struct Xsub {
    subscriptions: Subscriptions,
    peers: Vec<PipeId>,
    queue: FairQueue,
    out: Distribution,
    /// The user sent a part of a message so far.
    in_message: bool,
    /// That message began with a frame that is no request.
    user_message: bool,
}

impl Xsub {
    /// Reads a frame that the user sends: a request that concerns the peers or not, or else a user's message.
    fn apply(&mut self, cx: &Cx<'_>, msg: &Msg) -> Frame {
        let only_first = cx.options.only_first_subscribe;
        let request = if only_first && self.user_message { None } else { subscription::parse(msg) };
        match request {
            None => Frame::User,
            Some((Request::Subscribe, topic)) => {
                self.subscriptions.add(topic);
                Frame::Request
            }
            Some((Request::Cancel, topic)) => {
                let last = self.subscriptions.remove(topic);
                if last || cx.options.xsub_verbose_unsubscribe { Frame::Request } else { Frame::Superfluous }
            }
        }
    }
}

/// What a frame sent by the user is.
#[derive(PartialEq, Eq)]
enum Frame {
    User,
    Request,
    /// The end of one of several subscriptions to a topic, or of none.
    Superfluous,
}

impl Pattern for Xsub {
    fn attached(&mut self, cx: &mut Cx<'_>, pipe: PipeId, _origin: Origin) {
        self.peers.push(pipe);
        self.queue.attach(pipe);
        announce_topics(cx, &mut self.subscriptions, pipe);
    }

    fn detached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.peers.retain(|&peer| peer != pipe);
        self.queue.detach(pipe);
        self.out.detach(pipe);
    }

    fn readable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.readable(pipe);
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

    fn reconnected(&mut self, cx: &mut Cx<'_>, pipe: PipeId) {
        announce_topics(cx, &mut self.subscriptions, pipe);
    }

    fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        let more = msg.more();
        self.user_message &= self.in_message;
        let frame = self.apply(cx, msg);
        self.user_message |= !self.in_message && frame == Frame::User;
        self.in_message = more;
        if frame == Frame::Superfluous {
            // If this was to be the end of a message, its other frames wait for the next one: as libzmq does it.
            drop(mem::take(msg));
            return Ok(());
        }
        if !self.out.in_message() {
            self.out.choose().extend_from_slice(&self.peers);
        }
        match frame {
            Frame::Request => self.out.send_beyond(cx.pipes, msg),
            _ => self.out.send(cx.pipes, msg),
        }
        Ok(())
    }

    fn recv(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        recv_data_into(&mut self.queue, cx.pipes, msg)
    }

    fn recv_bytes(&mut self, cx: &mut Cx<'_>, out: &mut [u8]) -> Result<Received> {
        self.queue.recv_bytes(cx.pipes, out, |_| true).ok_or(Error::AGAIN)
    }

    fn can_send(&mut self, _cx: &mut Cx<'_>) -> bool {
        true
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        self.queue.can_recv(cx.pipes)
    }

    fn topics_count(&self) -> Option<usize> {
        Some(self.subscriptions.total())
    }
}
