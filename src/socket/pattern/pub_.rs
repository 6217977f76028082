//! PUB: sends each message to those who subscribed to what it begins with. Never waits: who has no room goes without.

use super::publishing::Publisher;
use super::{Cx, Origin, Pattern};
use crate::error::Result;
use crate::message::Msg;
use crate::socket::pipes::PipeId;

#[derive(Default)]
pub(super) struct Pub {
    publisher: Publisher,
}

impl Pattern for Pub {
    fn attached(&mut self, cx: &mut Cx<'_>, pipe: PipeId, _origin: Origin) {
        self.publisher.attach(cx, pipe);
        self.publisher.take_in(cx, pipe, None);
    }

    fn detached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.publisher.detach(pipe);
    }

    fn readable(&mut self, cx: &mut Cx<'_>, pipe: PipeId) {
        self.publisher.take_in(cx, pipe, None);
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

    fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        self.publisher.send(cx, msg)
    }

    fn send_bytes(&mut self, cx: &mut Cx<'_>, bytes: &[u8], more: bool) -> Result<()> {
        self.publisher.send_bytes(cx, bytes, more)
    }

    fn can_send(&mut self, _cx: &mut Cx<'_>) -> bool {
        true
    }

    fn set_option(&mut self, cx: &mut Cx<'_>, option: i32, value: &[u8]) -> Option<Result<()>> {
        self.publisher.set_option(cx.options, option, value)
    }

    fn topics_count(&self) -> Option<usize> {
        Some(self.publisher.topics_count())
    }
}
