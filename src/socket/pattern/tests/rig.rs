//! A pattern with pipes whose other ends the test holds. What a test needs of pipes and options is in this file, so that
//! the tests know of neither.

use crate::error::Result;
use crate::message::{Msg, Role};
use crate::options::{Options, SocketType};
use crate::socket::pattern::{self, Cx, Dropped, Origin, Pattern};
use crate::socket::pipes::{PipeId, Pipes};
use std::time::Duration;

/// A pattern under test.
pub struct Rig {
    pub pattern: Box<dyn Pattern>,
    pub pipes: Pipes,
    pub options: Options,
}

/// A message as the frames' contents.
pub type Frames = Vec<Vec<u8>>;

/// Calls a method of the rig's pattern.
macro_rules! call {
    ($rig:expr, $method:ident $(, $argument:expr)*) => {{
        let rig = &mut *$rig;
        rig.pattern.$method(&mut Cx { pipes: &mut rig.pipes, options: &mut rig.options } $(, $argument)*)
    }};
}

/// A frame.
pub fn frame(data: &[u8], more: bool) -> Msg {
    let mut msg = Msg::copy_of(data).unwrap();
    msg.set_more(more);
    msg
}

/// A message from what a test writes down.
pub fn frames(message: &[&[u8]]) -> Frames {
    message.iter().map(|data| data.to_vec()).collect()
}

impl Rig {
    pub fn new(socket_type: SocketType) -> Rig {
        Rig { pattern: pattern::new(socket_type), pipes: Pipes::default(), options: default_options(socket_type) }
    }

    /// A peer connects to the socket.
    pub fn accept(&mut self) -> PipeId {
        self.accept_with(1000, &[])
    }

    /// A peer connects that takes a number of messages until it reads, and has sent a frame already.
    pub fn accept_with(&mut self, high_water_mark: usize, first: &[Msg]) -> PipeId {
        let pipe = self.pipes.test_add(high_water_mark);
        for msg in first {
            self.pipes.test_push(pipe, msg.duplicate());
        }
        call!(self, attached, pipe, Origin::Accepted);
        pipe
    }

    /// The socket connects; nothing is known of the peer.
    pub fn connect(&mut self) -> PipeId {
        let pipe = self.pipes.test_add(1000);
        call!(self, attached, pipe, Origin::Connected);
        pipe
    }

    /// A peer that announces a routing id connects to the socket.
    pub fn accept_named(&mut self, id: &[u8]) -> PipeId {
        self.accept_with(1000, &[routing_id(id)])
    }

    /// The pipe is gone.
    pub fn lose(&mut self, pipe: PipeId) {
        self.pipes.test_remove(pipe);
        call!(self, detached, pipe);
    }

    /// The peer is lost and there again.
    pub fn reconnect(&mut self, pipe: PipeId) {
        call!(self, reconnected, pipe);
    }

    /// The peer sends a message.
    pub fn peer_send(&mut self, pipe: PipeId, message: &[&[u8]]) {
        let mut tell = false;
        for (place, data) in message.iter().enumerate() {
            tell |= self.pipes.test_push(pipe, frame(data, place + 1 < message.len()));
        }
        if tell {
            call!(self, readable, pipe);
        }
    }

    /// The peer sends a frame that is no user data.
    pub fn peer_send_role(&mut self, pipe: PipeId, role: Role, data: &[u8]) {
        let mut msg = frame(data, false);
        msg.set_role(role);
        if self.pipes.test_push(pipe, msg) {
            call!(self, readable, pipe);
        }
    }

    /// The peer receives a frame.
    pub fn peer_recv_msg(&mut self, pipe: PipeId) -> Option<Msg> {
        let (msg, room) = self.pipes.test_pop(pipe)?;
        if room {
            call!(self, writable, pipe);
        }
        Some(msg)
    }

    /// The peer receives a message; empty if there is none.
    pub fn peer_recv(&mut self, pipe: PipeId) -> Frames {
        let mut message = Frames::new();
        while let Some(msg) = self.peer_recv_msg(pipe) {
            message.push(msg.data().to_vec());
            if !msg.more() {
                break;
            }
        }
        message
    }

    /// All single-frame messages for a peer.
    pub fn peer_recv_all(&mut self, pipe: PipeId) -> Frames {
        std::iter::from_fn(|| self.peer_recv_msg(pipe)).map(|msg| msg.data().to_vec()).collect()
    }

    /// The application sends a frame.
    pub fn send_frame(&mut self, data: &[u8], more: bool) -> Result<()> {
        let mut msg = frame(data, more);
        let result = call!(self, send, &mut msg);
        assert_eq!(msg.len(), if result.is_ok() { 0 } else { data.len() }, "a frame is taken, or left");
        result
    }

    /// The application sends a message.
    pub fn send(&mut self, message: &[&[u8]]) -> Result<()> {
        for (place, data) in message.iter().enumerate() {
            self.send_frame(data, place + 1 < message.len())?;
        }
        Ok(())
    }

    /// The application receives a frame.
    pub fn recv_frame(&mut self) -> Result<Msg> {
        call!(self, recv)
    }

    /// The application receives a message. What polling says must agree.
    pub fn recv(&mut self) -> Result<Frames> {
        let ready = call!(self, can_recv);
        let mut message = Frames::new();
        loop {
            let msg = self.recv_frame();
            assert_eq!(msg.is_ok(), ready || !message.is_empty());
            let msg = msg?;
            assert_eq!(msg.role(), Role::Data);
            message.push(msg.data().to_vec());
            if !msg.more() {
                return Ok(message);
            }
        }
    }

    pub fn can_send(&mut self) -> bool {
        call!(self, can_send)
    }

    pub fn can_recv(&mut self) -> bool {
        call!(self, can_recv)
    }

    pub fn set_option(&mut self, option: i32, value: &[u8]) -> Option<Result<()>> {
        call!(self, set_option, option, value)
    }

    /// All pipes.
    pub fn all_pipes(&self) -> Vec<PipeId> {
        self.pipes.ids().collect()
    }

    /// The pipe that holds a part of a message.
    pub fn pipe_in_message(&self) -> PipeId {
        self.pipes.test_unflushed()
    }

    /// Why messages were dropped since the last call.
    pub fn dropped(&mut self) -> Vec<Dropped> {
        self.pipes.test_dropped().into_iter().map(|(_, reason)| reason).collect()
    }

    /// Whether the pattern closed the connection.
    pub fn terminated(&self, pipe: PipeId) -> bool {
        self.pipes.test_terminated(pipe)
    }
}

/// The frame by which a peer announces its routing id.
pub fn routing_id(id: &[u8]) -> Msg {
    let mut msg = frame(id, false);
    msg.set_role(Role::RoutingId);
    msg
}

fn default_options(socket_type: SocketType) -> Options {
    Options {
        socket_type,
        affinity: 0,
        routing_id: Vec::new(),
        rate: 100,
        recovery_ivl: 10_000,
        sndbuf: -1,
        rcvbuf: -1,
        linger: None,
        reconnect_ivl: Some(Duration::from_millis(100)),
        reconnect_ivl_max: Duration::ZERO,
        reconnect_stop: 0,
        backlog: 100,
        maxmsgsize: None,
        sndhwm: 1000,
        rcvhwm: 1000,
        multicast_hops: 1,
        multicast_maxtpdu: 1500,
        multicast_loop: true,
        rcvtimeo: None,
        sndtimeo: None,
        tcp_keepalive: -1,
        tcp_keepalive_cnt: -1,
        tcp_keepalive_idle: -1,
        tcp_keepalive_intvl: -1,
        tcp_maxrt: Duration::ZERO,
        tos: 0,
        priority: 0,
        bindtodevice: String::new(),
        use_fd: -1,
        immediate: false,
        ipv6: false,
        conflate: false,
        handshake_ivl: Duration::from_secs(30),
        heartbeat_ivl: Duration::ZERO,
        heartbeat_ttl: Duration::ZERO,
        heartbeat_timeout: None,
        connect_timeout: Duration::ZERO,
        router_mandatory: false,
        router_handover: false,
        probe_router: false,
        connect_routing_id: None,
        req_correlate: false,
        req_relaxed: false,
        xpub_verbose: false,
        xpub_verboser: false,
        xpub_nodrop: false,
        xpub_manual: false,
        xpub_manual_last_value: false,
        xpub_welcome_msg: Vec::new(),
        only_first_subscribe: false,
        xsub_verbose_unsubscribe: false,
        invert_matching: false,
        metadata: Vec::new(),
    }
}
