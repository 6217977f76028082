//! PULL: receives from its peers in turn.

use super::subscription::recv_data_into;
use super::{Cx, Origin, Pattern};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::Received;
use crate::socket::pipes::PipeId;
use crate::socket::route::FairQueue;

#[derive(Default)]
pub(super) struct Pull {
    queue: FairQueue,
}

impl Pattern for Pull {
    fn attached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId, _origin: Origin) {
        self.queue.attach(pipe);
    }

    fn detached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.detach(pipe);
    }

    fn readable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.readable(pipe);
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

    fn recv(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        recv_data_into(&mut self.queue, cx.pipes, msg)
    }

    fn recv_bytes(&mut self, cx: &mut Cx<'_>, out: &mut [u8]) -> Result<Received> {
        self.queue.recv_bytes(cx.pipes, out, |_| true).ok_or(Error::AGAIN)
    }

    fn fair_queue(&mut self) -> Option<&mut FairQueue> {
        Some(&mut self.queue)
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        self.queue.can_recv(cx.pipes)
    }
}
