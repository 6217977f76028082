//! PULL: receives from its peers in turn.

use super::subscription::recv_data;
use super::{Cx, Origin, Pattern};
use crate::error::{Error, Result};
use crate::message::Msg;
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

    fn recv(&mut self, cx: &mut Cx<'_>) -> Result<Msg> {
        recv_data(&mut self.queue, cx.pipes).map(|(_, msg)| msg).ok_or(Error::AGAIN)
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        self.queue.can_recv(cx.pipes)
    }
}
