//! The messaging patterns: one file a socket type behind [`Pattern`], on top of the routing parts in
//! [`route`](crate::socket::route).
//!
//! A pattern decides which pipe a frame goes to or comes from. It never blocks and does no I/O: "not now" is
//! `EAGAIN`, and the socket around it waits and asks again. All methods run under the socket's lock.

mod awaited;
mod dealer;
mod pair;
mod pub_;
mod publishing;
mod pull;
mod push;
mod rep;
mod req;
mod router;
mod sub;
mod subscription;
mod xpub;
mod xsub;

#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use crate::message::Msg;
use crate::options::{Options, SocketType};
use crate::socket::Received;
use crate::socket::pipes::{PipeId, Pipes, Way};
use crate::socket::route::{FairQueue, LoadBalancer, Subscriptions};
use subscription::Request;

/// The pattern of a socket type, with no pipes yet.
pub fn new(socket_type: SocketType) -> Box<dyn Pattern> {
    match socket_type {
        SocketType::Pair => Box::<pair::Pair>::default(),
        SocketType::Pub => Box::<pub_::Pub>::default(),
        SocketType::Sub => Box::<sub::Sub>::default(),
        SocketType::Req => Box::<req::Req>::default(),
        SocketType::Rep => Box::<rep::Rep>::default(),
        SocketType::Dealer => Box::<dealer::Dealer>::default(),
        SocketType::Router => Box::<router::Router>::default(),
        SocketType::Pull => Box::<pull::Pull>::default(),
        SocketType::Push => Box::<push::Push>::default(),
        SocketType::Xpub => Box::<xpub::Xpub>::default(),
        SocketType::Xsub => Box::<xsub::Xsub>::default(),
    }
}

/// Why a message was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dropped {
    /// The peer's pipe was full.
    HighWaterMark,
    /// The message's peer left before all of it was sent.
    PeerLost,
    /// There was no peer at all.
    NoPeer,
    /// No peer has the routing id.
    Unroutable,
    /// Nobody subscribed to it.
    NotSubscribed,
    /// It is not what the pattern allows: no envelope, an answer to no request.
    Unexpected,
    /// There was no memory for it.
    OutOfMemory,
}

impl Dropped {
    /// How many reasons there are.
    pub const COUNT: usize = Dropped::OutOfMemory as usize + 1;
}

/// What a pattern works with: the socket's pipes and its options.
pub struct Cx<'a> {
    /// The socket's pipes, one a peer.
    pub pipes: &'a mut Pipes,
    /// The socket's options. A pattern may consume `connect_routing_id`.
    pub options: &'a mut Options,
}

/// How a pipe came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This socket connected; the pipe outlives the loss of the peer.
    Connected,
    /// A peer connected to this socket.
    Accepted,
}

/// The behaviour of one socket type.
pub trait Pattern: Send {
    /// A pipe to a peer was added.
    fn attached(&mut self, cx: &mut Cx<'_>, pipe: PipeId, origin: Origin);

    /// A pipe is gone; its id may be used again afterwards.
    fn detached(&mut self, cx: &mut Cx<'_>, pipe: PipeId);

    /// A pipe that was found empty has a message again.
    fn readable(&mut self, cx: &mut Cx<'_>, pipe: PipeId);

    /// A pipe that was found full takes messages again.
    fn writable(&mut self, cx: &mut Cx<'_>, pipe: PipeId);

    /// The peer of a pipe was lost and is there again: it knows nothing of what was said before.
    fn reconnected(&mut self, _cx: &mut Cx<'_>, _pipe: PipeId) {}

    /// Sends one frame: takes it out of `msg`, or leaves `msg` as it was and returns an error. `EAGAIN`: not now.
    ///
    /// # Errors
    /// As `zmq_msg_send` for the socket type.
    fn send(&mut self, _cx: &mut Cx<'_>, _msg: &mut Msg) -> Result<()> {
        Err(Error::NOTSUP)
    }

    /// Sends the bytes as one frame, without making a message of them where a batch is under way.
    ///
    /// # Errors
    /// As [`send`](Pattern::send); `ENOMEM`.
    fn send_bytes(&mut self, cx: &mut Cx<'_>, bytes: &[u8], more: bool) -> Result<()> {
        self.send(cx, &mut message(bytes, more)?)
    }

    /// The next frame, into the caller's memory; what does not fit is cut off. `EAGAIN`: none now.
    ///
    /// # Errors
    /// As [`recv`](Pattern::recv).
    fn recv_bytes(&mut self, cx: &mut Cx<'_>, out: &mut [u8]) -> Result<Received> {
        let mut msg = Msg::new();
        self.recv(cx, &mut msg)?;
        Ok(Received { len: msg.copy_to(out), more: msg.more() })
    }

    /// The next frame, over `msg`, which is empty or holds what may be dropped. `EAGAIN`: none now.
    ///
    /// # Errors
    /// As `zmq_msg_recv` for the socket type.
    fn recv(&mut self, _cx: &mut Cx<'_>, _msg: &mut Msg) -> Result<()> {
        Err(Error::NOTSUP)
    }

    /// What sends all frames, if the pattern need not see them; then a lane may take its place while it has but one pipe.
    fn balancer(&mut self) -> Option<&mut LoadBalancer> {
        None
    }

    /// What all received frames come from, or all behind a routing id, if the pattern need not see them.
    fn fair_queue(&mut self) -> Option<&mut FairQueue> {
        None
    }

    /// The way of the frames that are received next, if the pattern has no choice and need not see them.
    fn way_in(&mut self, _cx: &Cx<'_>) -> Option<Way> {
        self.fair_queue()?.way()
    }

    /// `ZMQ_POLLOUT`: a send would succeed now.
    fn can_send(&mut self, _cx: &mut Cx<'_>) -> bool {
        false
    }

    /// `ZMQ_POLLIN`: a receive would succeed now.
    fn can_recv(&mut self, _cx: &mut Cx<'_>) -> bool {
        false
    }

    /// Options that are actions on the pattern's state (`ZMQ_SUBSCRIBE`, `ZMQ_UNSUBSCRIBE`); `None`: not one of
    /// this type's.
    fn set_option(&mut self, _cx: &mut Cx<'_>, _option: i32, _value: &[u8]) -> Option<Result<()>> {
        None
    }

    /// Number of topics (`ZMQ_TOPICS_COUNT`); `None` for types without subscriptions.
    fn topics_count(&self) -> Option<usize> {
        None
    }
}

/// The way of the frames that are sent next, if the pattern has no choice and need not see them.
pub fn way_out(pattern: &mut dyn Pattern) -> Option<Way> {
    pattern.balancer()?.way()
}

/// Counts what the lane for what is sent has carried, and ends it.
#[inline(never)]
pub fn close_lane_out(pattern: &mut dyn Pattern, pipes: &mut Pipes) {
    if let Some(in_message) = pipes.close_out()
        && let Some(balancer) = pattern.balancer()
    {
        balancer.went(in_message);
    }
}

/// Counts what the lanes have carried, and ends them.
#[inline(never)]
pub fn close_lanes(pattern: &mut dyn Pattern, pipes: &mut Pipes) {
    close_lane_out(pattern, pipes);
    if let Some(in_message) = pipes.close_into()
        && let Some(queue) = pattern.fair_queue()
    {
        queue.went(in_message);
    }
}

/// The bytes as a message, for where no batch takes them.
///
/// # Errors
/// `ENOMEM`.
#[inline(never)]
fn message(bytes: &[u8], more: bool) -> Result<Msg> {
    Msg::frame_of(bytes, more)
}

/// `ZMQ_PROBE_ROUTER`: tells a new peer of us by an empty message, so that a ROUTER learns the way back.
fn probe(cx: &mut Cx<'_>, pipe: PipeId) {
    if cx.options.probe_router {
        cx.pipes.write_beyond(pipe, Msg::new());
        cx.pipes.flush(pipe);
    }
}

/// Tells one peer all that this socket subscribed to, each topic once.
fn announce_topics(cx: &mut Cx<'_>, subscriptions: &mut Subscriptions, pipe: PipeId) {
    for topic in subscriptions.sorted() {
        // Without memory for a topic there is nothing to be done but to go on with the others.
        if let Ok(msg) = subscription::as_command(Request::Subscribe, topic) {
            cx.pipes.write_beyond(pipe, msg);
        }
    }
    cx.pipes.flush(pipe);
}

/// Gives a copy of a subscription to each peer, room or not: what is not asked for never comes.
fn announce_all(cx: &mut Cx<'_>, peers: &[PipeId], msg: Msg) {
    let Some((&last, others)) = peers.split_last() else { return };
    for &pipe in others {
        cx.pipes.write_beyond(pipe, msg.duplicate());
        cx.pipes.flush(pipe);
    }
    cx.pipes.write_beyond(last, msg);
    cx.pipes.flush(last);
}
