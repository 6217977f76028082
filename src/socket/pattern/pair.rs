//! PAIR: one peer, both ways. Further peers are left alone: nothing is read from them or sent to them.

use super::subscription::recv_data_into;
use super::{Cx, Origin, Pattern, message};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::Received;
use crate::socket::pipes::PipeId;
use crate::socket::route::{FairQueue, LoadBalancer};

/// A DEALER that takes one peer at a time.
#[derive(Default)]
pub(super) struct Pair {
    peer: Option<PipeId>,
    queue: FairQueue,
    out: LoadBalancer,
}

impl Pattern for Pair {
    fn attached(&mut self, cx: &mut Cx<'_>, pipe: PipeId, _origin: Origin) {
        if self.peer.is_some() {
            cx.pipes.ignore(pipe);
            return;
        }
        self.peer = Some(pipe);
        self.queue.attach(pipe);
        self.out.attach(pipe);
    }

    fn detached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        if self.peer == Some(pipe) {
            self.peer = None;
            self.queue.detach(pipe);
            self.out.detach(pipe);
        }
    }

    fn readable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.readable(pipe);
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.out.writable(pipe);
    }

    fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        self.out.send(cx.pipes, msg)
    }

    fn send_bytes(&mut self, cx: &mut Cx<'_>, bytes: &[u8], more: bool) -> Result<()> {
        if self.out.append(cx.pipes, bytes, more) {
            return Ok(());
        }
        self.out.send(cx.pipes, &mut message(bytes, more)?)
    }

    fn recv(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        recv_data_into(&mut self.queue, cx.pipes, msg)
    }

    fn recv_bytes(&mut self, cx: &mut Cx<'_>, out: &mut [u8]) -> Result<Received> {
        self.queue.recv_bytes(cx.pipes, out, |_| true).ok_or(Error::AGAIN)
    }

    fn balancer(&mut self) -> Option<&mut LoadBalancer> {
        Some(&mut self.out)
    }

    fn fair_queue(&mut self) -> Option<&mut FairQueue> {
        Some(&mut self.queue)
    }

    fn can_send(&mut self, cx: &mut Cx<'_>) -> bool {
        self.out.can_send(cx.pipes)
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        self.queue.can_recv(cx.pipes)
    }
}
