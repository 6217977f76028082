//! XPUB: a PUB whose user sees the subscriptions, as messages, and what else the peers send.

use super::publishing::{Notice, Publisher};
use super::{Cx, Origin, Pattern};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::pipes::PipeId;
use std::collections::VecDeque;

#[derive(Default)]
pub(super) struct Xpub {
    publisher: Publisher,
    /// What the user has not read yet. Subscriptions must have effect at once, so pipes are read as messages come, and
    /// no high-water mark applies here.
    notices: VecDeque<Notice>,
}

impl Pattern for Xpub {
    fn attached(&mut self, cx: &mut Cx<'_>, pipe: PipeId, _origin: Origin) {
        self.publisher.attach(cx, pipe);
        self.readable(cx, pipe);
    }

    fn detached(&mut self, cx: &mut Cx<'_>, pipe: PipeId) {
        let notices = &mut self.notices;
        self.publisher.detach_with_notice(cx.options, pipe, |notice| notices.push_back(notice));
    }

    fn readable(&mut self, cx: &mut Cx<'_>, pipe: PipeId) {
        self.publisher.take_in(cx, pipe, Some(&mut self.notices));
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

    fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        self.publisher.send(cx, msg)
    }

    fn send_bytes(&mut self, cx: &mut Cx<'_>, bytes: &[u8], more: bool) -> Result<()> {
        self.publisher.send_bytes(cx, bytes, more)
    }

    fn recv(&mut self, _cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        let notice = self.notices.pop_front().ok_or(Error::AGAIN)?;
        *msg = notice.show(&mut self.publisher);
        Ok(())
    }

    fn can_send(&mut self, _cx: &mut Cx<'_>) -> bool {
        true
    }

    fn can_recv(&mut self, _cx: &mut Cx<'_>) -> bool {
        !self.notices.is_empty()
    }

    fn set_option(&mut self, cx: &mut Cx<'_>, option: i32, value: &[u8]) -> Option<Result<()>> {
        self.publisher.set_option(cx.options, option, value)
    }

    fn topics_count(&self) -> Option<usize> {
        Some(self.publisher.topics_count())
    }
}
