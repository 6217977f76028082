//! SUB: receives the messages that begin with a topic it subscribed to.
//!
//! Publishers filter already. The filter here is for those that cannot (a PUSH over inproc, a peer of the oldest
//! protocol) and for messages that were under way when a subscription ended.

use super::subscription::{self, Request, SUBSCRIBE, UNSUBSCRIBE, recv_data};
use super::{Cx, Dropped, Origin, Pattern, announce_all, announce_topics};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::Received;
use crate::socket::pipes::{PipeId, Way};
use crate::socket::route::{FairQueue, Subscriptions};

#[derive(Default)]
pub(super) struct Sub {
    subscriptions: Subscriptions,
    peers: Vec<PipeId>,
    queue: FairQueue,
    /// The first frame of a message that passed the filter and was not asked for yet.
    pending: Option<Msg>,
}

impl Sub {
    /// The next frame that passes the filter. A message passes as a whole or not at all.
    #[inline]
    fn next(&mut self, cx: &mut Cx<'_>) -> Option<Msg> {
        loop {
            let first = !self.queue.in_message();
            let (pipe, msg) = recv_data(&mut self.queue, cx.pipes)?;
            if !first || self.subscriptions.matches(msg.data()) != cx.options.invert_matching {
                return Some(msg);
            }
            self.queue.skip_message(cx.pipes);
            cx.pipes.message_dropped(Some(pipe), Dropped::NotSubscribed);
        }
    }
}

impl Pattern for Sub {
    fn attached(&mut self, cx: &mut Cx<'_>, pipe: PipeId, _origin: Origin) {
        self.peers.push(pipe);
        self.queue.attach(pipe);
        announce_topics(cx, &mut self.subscriptions, pipe);
    }

    fn detached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.peers.retain(|&peer| peer != pipe);
        self.queue.detach(pipe);
    }

    fn readable(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.readable(pipe);
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

    fn reconnected(&mut self, cx: &mut Cx<'_>, pipe: PipeId) {
        announce_topics(cx, &mut self.subscriptions, pipe);
    }

    fn recv(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        *msg = match self.pending.take() {
            Some(next) => next,
            None => self.next(cx).ok_or(Error::AGAIN)?,
        };
        Ok(())
    }

    fn recv_bytes(&mut self, cx: &mut Cx<'_>, out: &mut [u8]) -> Result<Received> {
        if let Some(msg) = self.pending.take() {
            return Ok(Received { len: msg.copy_to(out), more: msg.more() });
        }
        let inverted = cx.options.invert_matching;
        let wants = |bytes: &[u8]| self.subscriptions.matches(bytes) != inverted;
        self.queue.recv_bytes(cx.pipes, out, wants).ok_or(Error::AGAIN)
    }

    /// If all are wanted there is nothing to choose.
    fn way_in(&mut self, cx: &Cx<'_>) -> Option<Way> {
        let all = self.pending.is_none() && !cx.options.invert_matching && self.subscriptions.matches(b"");
        self.queue.way().filter(|_| all)
    }

    fn fair_queue(&mut self) -> Option<&mut FairQueue> {
        Some(&mut self.queue)
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        if self.pending.is_none() && !self.queue.in_message() {
            self.pending = self.next(cx);
            return self.pending.is_some();
        }
        true
    }

    /// Each beginning of a subscription goes to the peers, of the ends of one topic only the last.
    fn set_option(&mut self, cx: &mut Cx<'_>, option: i32, topic: &[u8]) -> Option<Result<()>> {
        let request = match option {
            SUBSCRIBE => Request::Subscribe,
            UNSUBSCRIBE => Request::Cancel,
            _ => return None,
        };
        let msg = match subscription::as_command(request, topic) {
            Ok(msg) => msg,
            Err(error) => return Some(Err(error)),
        };
        let announce = match request {
            Request::Subscribe => {
                self.subscriptions.add(topic);
                true
            }
            Request::Cancel => self.subscriptions.remove(topic),
        };
        if announce {
            announce_all(cx, &self.peers, msg);
        }
        Some(Ok(()))
    }

    fn topics_count(&self) -> Option<usize> {
        Some(self.subscriptions.total())
    }
}
