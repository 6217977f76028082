//! PUSH: sends to its peers in turn, past those that are full.

use super::{Cx, Origin, Pattern, message};
use crate::error::Result;
use crate::message::Msg;
use crate::socket::pipes::PipeId;
use crate::socket::route::LoadBalancer;

#[derive(Default)]
pub(super) struct Push {
    out: LoadBalancer,
}

impl Pattern for Push {
    fn attached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId, _origin: Origin) {
        self.out.attach(pipe);
    }

    fn detached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.out.detach(pipe);
    }

    fn readable(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

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

    fn balancer(&mut self) -> Option<&mut LoadBalancer> {
        Some(&mut self.out)
    }

    fn can_send(&mut self, cx: &mut Cx<'_>) -> bool {
        self.out.can_send(cx.pipes)
    }
}
