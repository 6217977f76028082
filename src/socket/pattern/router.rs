//! ROUTER: receives from its peers in turn, with the peer's routing id in front, and sends to the peer whose routing
//! id the message's first frame is.

use super::{Cx, Dropped, Origin, Pattern};
use crate::error::{Error, Result};
use crate::message::{Msg, Role};
use crate::socket::pipes::PipeId;
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
    /// The routing id and the first frame of a message, as far as they were read and not asked for yet.
    id: Option<Msg>,
    body: Option<Msg>,
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
            id: None,
            body: None,
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

    /// Reads the first frame of the next message and finds its peer's routing id.
    #[inline]
    fn next(&mut self, cx: &mut Cx<'_>) -> Option<(Msg, Msg)> {
        loop {
            let (pipe, mut msg) = self.queue.recv(cx.pipes)?;
            match msg.role() {
                // A connection that was lost and is there again announces itself anew; the peer keeps its name.
                Role::RoutingId => continue,
                Role::Data => {}
                Role::Subscribe | Role::Cancel => msg.set_role(Role::Data),
            }
            if let Peer::Known(id) | Peer::Replaced(id) = &self.peers[pipe] {
                self.recent = pipe;
                let mut id = id.duplicate();
                id.set_metadata(msg.share_metadata());
                return Some((id, msg));
            }
            self.queue.skip_message(cx.pipes);
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

    fn recv(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        *msg = match self.id.take().or_else(|| self.body.take()) {
            Some(next) => next,
            None if self.queue.in_message() => {
                return self.queue.recv_into(cx.pipes, msg).map(|_| ()).ok_or(Error::AGAIN);
            }
            None => {
                let (id, body) = self.next(cx).ok_or(Error::AGAIN)?;
                self.body = Some(body);
                id
            }
        };
        Ok(())
    }

    fn can_send(&mut self, cx: &mut Cx<'_>) -> bool {
        !cx.options.router_mandatory
            || self.sending != Sending::Between
            || self.routes.iter().any(|(_, pipe)| cx.pipes.can_write(pipe as PipeId))
    }

    fn can_recv(&mut self, cx: &mut Cx<'_>) -> bool {
        if self.id.is_none() && self.body.is_none() && !self.queue.in_message() {
            let Some((id, body)) = self.next(cx) else { return false };
            self.id = Some(id);
            self.body = Some(body);
        }
        true
    }
}
