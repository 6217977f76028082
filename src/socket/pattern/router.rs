//! ROUTER: receives from its peers in turn, with the peer's routing id in front, and sends to the peer whose routing
//! id the message's first frame is.

use super::subscription::recv_data_into;
use super::{Cx, Dropped, Origin, Pattern, message};
use crate::error::{Error, Result};
use crate::message::{Msg, Role};
use crate::socket::Received;
use crate::socket::pipes::{PipeId, Way};
use crate::socket::route::{ByteMap, FairQueue, random};
use std::mem;

/// What is known of the peer behind a pipe.
#[derive(Default)]
enum Peer {
    /// There is none.
    #[default]
    Absent,
    /// It did not announce its routing id yet.
    Anonymous,
    /// It has a routing id: the frame, ready to be put before its messages.
    Known(Msg),
    /// It had a routing id that another peer took over. What it sent before is still delivered under that id.
    Replaced(Msg),
    /// It announced a routing id that another peer has, or it was replaced: nothing comes from it or goes to it.
    Ignored,
}

/// What happens to the frames that follow in a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sending {
    /// No message is under way: the next frame is a routing id.
    Between,
    To(PipeId),
    /// The frames are dropped.
    Nowhere,
}

pub(super) struct Router {
    peers: Vec<Peer>,
    routes: ByteMap,
    queue: FairQueue,
    /// The peer of the last message received: most messages sent are answers to it.
    recent: PipeId,
    sending: Sending,
    last_auto_id: u32,
}

impl Default for Router {
    fn default() -> Router {
        Router {
            peers: Vec::new(),
            routes: ByteMap::default(),
            queue: FairQueue::default(),
            recent: 0,
            sending: Sending::Between,
            last_auto_id: random() as u32,
        }
    }
}

impl Router {
    /// Reads the routing id that a peer announced, if it is there, and makes the peer known by it.
    fn identify(&mut self, cx: &mut Cx<'_>, pipe: PipeId) {
        self.peers[pipe] = Peer::Anonymous;
        if let Some(announced) = cx.pipes.read(pipe) {
            debug_assert_eq!(announced.role(), Role::RoutingId);
            self.introduce(cx, pipe, announced.data());
        }
    }

    /// Makes a peer known by a routing id, or by a new one if that is empty.
    fn introduce(&mut self, cx: &mut Cx<'_>, pipe: PipeId, id: &[u8]) {
        if id.is_empty() {
            let id = self.auto_id();
            return self.introduce(cx, pipe, &id);
        }
        let Ok(mut frame) = Msg::copy_of(id) else { return self.ignore(cx, pipe) };
        frame.set_more(true);
        let (route, new) = self.routes.insert(id, pipe as u32);
        if !new {
            if !cx.options.router_handover {
                return self.ignore(cx, pipe);
            }
            let holder = self.routes.value(route) as PipeId;
            if let Peer::Known(id) = mem::take(&mut self.peers[holder]) {
                self.peers[holder] = Peer::Replaced(id);
            }
            self.routes.set_value(route, pipe as u32);
        }
        cx.pipes.set_routing_id(pipe, id.to_vec());
        self.peers[pipe] = Peer::Known(frame);
        self.queue.attach(pipe);
    }

    /// Has nothing to do with a peer any more, and leaves it connected: as libzmq does it.
    fn ignore(&mut self, cx: &mut Cx<'_>, pipe: PipeId) {
        self.peers[pipe] = Peer::Ignored;
        self.queue.detach(pipe);
        cx.pipes.ignore(pipe);
    }

    /// A routing id that no peer has: a zero byte, which peers should not begin theirs with, and a number.
    fn auto_id(&mut self) -> [u8; 5] {
        loop {
            self.last_auto_id = self.last_auto_id.wrapping_add(1);
            let mut id = [0; 5];
            id[1..].copy_from_slice(&self.last_auto_id.to_be_bytes());
            if self.routes.find(&id).is_none() {
                return id;
            }
        }
    }

    /// The pipe of the peer that has a routing id.
    #[inline]
    fn route(&self, id: &[u8]) -> Option<PipeId> {
        match self.peers.get(self.recent) {
            Some(Peer::Known(recent)) if recent.data() == id => Some(self.recent),
            _ => self.routes.get(id).map(|pipe| pipe as PipeId),
        }
    }

    /// Decides where a message goes by its first frame.
    ///
    /// # Errors
    /// With `ZMQ_ROUTER_MANDATORY`: `EHOSTUNREACH` if there is no such peer, `EAGAIN` if it has no room.
    #[inline]
    fn address(&mut self, cx: &mut Cx<'_>, id: &[u8]) -> Result<Sending> {
        let pipe = self.route(id);
        let (error, reason) = match pipe {
            Some(pipe) if cx.pipes.can_write(pipe) => return Ok(Sending::To(pipe)),
            Some(_) => (Error::AGAIN, Dropped::HighWaterMark),
            None => (Error::HOSTUNREACH, Dropped::Unroutable),
        };
        if cx.options.router_mandatory {
            return Err(error);
        }
        cx.pipes.message_dropped(pipe, reason);
        Ok(Sending::Nowhere)
    }

    /// The peer whose message is the next one. What is nobody's message is dropped on the way.
    #[inline]
    fn next(&mut self, cx: &mut Cx<'_>) -> Option<PipeId> {
        loop {
            let pipe = self.queue.next_pipe(cx.pipes)?;
            // A connection that was lost and is there again announces itself anew; the peer keeps its name.
            let announces = cx.pipes.next_role(pipe) == Some(Role::RoutingId);
            if !announces && matches!(self.peers[pipe], Peer::Known(_) | Peer::Replaced(_)) {
                return Some(pipe);
            }
            self.queue.recv(cx.pipes);
            self.queue.skip_message(cx.pipes);
        }
    }

    /// The routing id of the next message's peer, which is the message's first frame. The others follow.
    #[inline]
    fn begin_message(&mut self, cx: &mut Cx<'_>) -> Result<(PipeId, &Msg)> {
        let pipe = self.next(cx).ok_or(Error::AGAIN)?;
        self.queue.begin_message(pipe);
        self.recent = pipe;
        match &self.peers[pipe] {
            Peer::Known(id) | Peer::Replaced(id) => Ok((pipe, id)),
            _ => Err(Error::AGAIN),
        }
    }
}

impl Pattern for Router {
    fn attached(&mut self, cx: &mut Cx<'_>, pipe: PipeId, origin: Origin) {
        super::probe(cx, pipe);
        if self.peers.len() <= pipe {
            self.peers.resize_with(pipe + 1, Peer::default);
        }
        let given = if origin == Origin::Connected { cx.options.connect_routing_id.take() } else { None };
        match given.filter(|id| !id.is_empty()) {
            Some(id) => self.introduce(cx, pipe, &id),
            None => self.identify(cx, pipe),
        }
    }

    fn detached(&mut self, _cx: &mut Cx<'_>, pipe: PipeId) {
        self.queue.detach(pipe);
        if let Peer::Known(id) = mem::take(&mut self.peers[pipe])
            && let Some(route) = self.routes.find(id.data())
        {
            self.routes.remove(route);
            self.routes.tidy();
        }
        if self.sending == Sending::To(pipe) {
            self.sending = Sending::Nowhere;
        }
    }

    fn readable(&mut self, cx: &mut Cx<'_>, pipe: PipeId) {
        match &self.peers[pipe] {
            Peer::Anonymous => self.identify(cx, pipe),
            // It was read empty since it was replaced: that was all of what it sent before.
            Peer::Replaced(_) => self.ignore(cx, pipe),
            _ => self.queue.readable(pipe),
        }
    }

    fn writable(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

    fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        let more = msg.more();
        match self.sending {
            // A routing id without anything to send there is no message.
            Sending::Between if !more => {}
            Sending::Between => self.sending = self.address(cx, msg.data())?,
            Sending::To(pipe) => {
                if !cx.pipes.write(pipe, msg) {
                    cx.pipes.rollback(pipe);
                    cx.pipes.message_dropped(Some(pipe), Dropped::PeerLost);
                    self.sending = Sending::Nowhere;
                } else if !more {
                    cx.pipes.flush(pipe);
                }
            }
            Sending::Nowhere => {}
        }
        if !more {
            self.sending = Sending::Between;
        }
        drop(mem::take(msg));
        Ok(())
    }

    fn send_bytes(&mut self, cx: &mut Cx<'_>, bytes: &[u8], more: bool) -> Result<()> {
        match self.sending {
            Sending::Between if more => self.sending = self.address(cx, bytes)?,
            Sending::To(pipe) if cx.pipes.append(pipe, bytes, more) => {
                if !more {
                    self.sending = Sending::Between;
                }
            }
            Sending::To(_) => return self.send(cx, &mut message(bytes, more)?),
            Sending::Between | Sending::Nowhere if !more => self.sending = Sending::Between,
            Sending::Between | Sending::Nowhere => {}
        }
        Ok(())
    }

    fn recv(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        if self.queue.in_message() {
            return recv_data_into(&mut self.queue, cx.pipes, msg);
        }
        let (pipe, id) = self.begin_message(cx)?;
        msg.assign_content(id.duplicate());
        msg.set_metadata_of(cx.pipes.metadata(pipe));
        Ok(())
    }

    fn recv_bytes(&mut self, cx: &mut Cx<'_>, out: &mut [u8]) -> Result<Received> {
        if self.queue.in_message() {
            return self.queue.recv_bytes(cx.pipes, out, |_| true).ok_or(Error::AGAIN);
        }
        let (_, id) = self.begin_message(cx)?;
        Ok(Received { len: id.copy_to(out), more: true })
    }

    fn way_in(&mut self, _cx: &Cx<'_>) -> Option<Way> {
        self.queue.named_way()
    }

    fn fair_queue(&mut self) -> Option<&mut FairQueue> {
        Some(&mut self.queue)
    }

    fn can_send(&mut self, cx: &mut Cx<'_>) -> bool {
        !cx.options.router_mandatory
            || self.sending != Sending::Between
            || self.routes.iter().any(|(_, pipe)| cx.pipes.can_write(pipe as PipeId))
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        self.queue.in_message() || self.next(cx).is_some()
    }
}
