//! A pattern with pipes whose other ends the test holds. What a test needs of pipes and options is in this file, so that
//! the tests know of neither.

use crate::connection::Attachment;
use crate::error::Result;
use crate::message::{Msg, Role};
use crate::options::{ContextDefaults, Options, SocketType};
use crate::pipe::{Bell, Limit, Reader, Writer, pipe};
use crate::socket::Received;
use crate::socket::mailbox::{Command, Mailbox};
use crate::socket::pattern::{self, Cx, Dropped, Origin, Pattern, close_lanes};
use crate::socket::pipes::{PipeId, Pipes};
use std::collections::HashMap;
use std::sync::Arc;

/// A pattern under test.
pub struct Rig {
    pub pattern: Box<dyn Pattern>,
    pub pipes: Pipes,
    pub options: Options,
    mailbox: Arc<Mailbox>,
    /// The peers' ends of the pipes.
    peers: HashMap<PipeId, (Writer, Reader)>,
    /// How many messages had been dropped, by reason, at the last look.
    dropped: [u64; Dropped::COUNT],
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
        let mailbox = Arc::new(Mailbox::default());
        Rig {
            pattern: pattern::new(socket_type),
            pipes: Pipes::new(mailbox.clone(), socket_type),
            options: Options::new(socket_type, &ContextDefaults { ipv6: false, blocky: true }),
            mailbox,
            peers: HashMap::new(),
            dropped: [0; Dropped::COUNT],
        }
    }

    /// A peer connects to the socket.
    pub fn accept(&mut self) -> PipeId {
        self.accept_with(1000, &[])
    }

    /// A peer connects that takes a number of messages until it reads, and has sent some frames already.
    pub fn accept_with(&mut self, high_water_mark: u32, first: &[Msg]) -> PipeId {
        let pipe = self.add(high_water_mark, first);
        call!(self, attached, pipe, Origin::Accepted);
        pipe
    }

    /// The socket connects; nothing is known of the peer.
    pub fn connect(&mut self) -> PipeId {
        let pipe = self.add(1000, &[]);
        call!(self, attached, pipe, Origin::Connected);
        pipe
    }

    fn add(&mut self, high_water_mark: u32, first: &[Msg]) -> PipeId {
        let bell = Bell::default();
        let limit = Limit { send: Some(high_water_mark), receive: None };
        let (writer, far_reader) = pipe(limit, false, Bell::default(), bell.clone());
        let (mut far_writer, reader) = pipe(Limit::default(), false, bell.clone(), Bell::default());
        for msg in first {
            far_writer.write_beyond(msg.duplicate());
        }
        far_writer.flush();
        let name = self.pipes.add(Attachment { writer, reader, bell, session: None });
        self.peers.insert(name.id, (far_writer, far_reader));
        name.id
    }

    /// Tells the pattern what the pipes have to say.
    fn pump(&mut self) {
        let mut commands = Vec::new();
        while self.mailbox.take(&mut commands) {
            for command in commands.drain(..) {
                match command {
                    Command::Readable(name) if self.pipes.find(name).is_some() => call!(self, readable, name.id),
                    Command::Writable(name) if self.pipes.find(name).is_some() => call!(self, writable, name.id),
                    _ => {}
                }
            }
        }
    }

    /// A peer that announces a routing id connects to the socket.
    pub fn accept_named(&mut self, id: &[u8]) -> PipeId {
        self.accept_with(1000, &[routing_id(id)])
    }

    /// The pipe is gone.
    pub fn lose(&mut self, pipe: PipeId) {
        call!(self, detached, pipe);
        self.pipes.remove(pipe);
        self.peers.remove(&pipe);
    }

    /// The peer leaves. Whether its pipe is gone with that: else there is something to be read yet.
    pub fn peer_leaves(&mut self, pipe: PipeId) -> bool {
        self.peers.remove(&pipe);
        let ended = self.pipes.has_ended(pipe);
        self.pump();
        if ended {
            self.lose(pipe);
        }
        ended
    }

    /// The peer is lost and there again.
    pub fn reconnect(&mut self, pipe: PipeId) {
        call!(self, reconnected, pipe);
    }

    /// The peer sends a message.
    pub fn peer_send(&mut self, pipe: PipeId, message: &[&[u8]]) {
        for (place, data) in message.iter().enumerate() {
            self.peer_send_msg(pipe, frame(data, place + 1 < message.len()));
        }
    }

    /// The peer sends a frame that is no user data.
    pub fn peer_send_role(&mut self, pipe: PipeId, role: Role, data: &[u8]) {
        let mut msg = frame(data, false);
        msg.set_role(role);
        self.peer_send_msg(pipe, msg);
    }

    fn peer_send_msg(&mut self, pipe: PipeId, msg: Msg) {
        let (writer, _) = self.peers.get_mut(&pipe).unwrap();
        writer.write_beyond(msg);
        writer.flush();
        self.pump();
    }

    /// The peer sends a message that is read while it is written.
    pub fn peer_send_live(&mut self, pipe: PipeId, message: &[&[u8]]) {
        let (writer, _) = self.peers.get_mut(&pipe).unwrap();
        for (place, data) in message.iter().enumerate() {
            writer.write_live(data, place + 1 < message.len()).unwrap();
        }
        if writer.announce() {
            writer.tell_reader();
        }
        self.pump();
    }

    /// Opens the lanes that the pattern allows.
    pub fn open_lanes(&mut self) {
        if let Some(way) = pattern::way_out(&mut *self.pattern) {
            self.pipes.open_out(way);
        }
        if let Some(way) = call!(self, way_in) {
            self.pipes.open_into(way);
        }
    }

    /// Sends a frame on the lane.
    pub fn send_along(&mut self, data: &[u8], more: bool) -> bool {
        self.pipes.send_along(data, more)
    }

    /// Receives a frame on the lane.
    pub fn recv_along(&mut self) -> Option<(Vec<u8>, bool)> {
        let mut out = [0; 64];
        let received = self.pipes.recv_along(&mut out)?;
        Some((out[..received.len].to_vec(), received.more))
    }

    /// Ends the lanes.
    pub fn close_lanes(&mut self) {
        close_lanes(&mut *self.pattern, &mut self.pipes);
    }

    /// The application sends bytes as a frame.
    pub fn send_bytes(&mut self, data: &[u8], more: bool) -> Result<()> {
        call!(self, send_bytes, data, more)
    }

    /// Receives a frame into memory, as `zmq_recv` does.
    pub fn recv_bytes(&mut self, out: &mut [u8]) -> Result<Received> {
        self.pump();
        call!(self, recv_bytes, out)
    }

    /// The peer receives a frame.
    pub fn peer_recv_msg(&mut self, pipe: PipeId) -> Option<Msg> {
        let (_, reader) = self.peers.get_mut(&pipe).unwrap();
        let msg = reader.read();
        self.pump();
        msg
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
        let mut msg = Msg::new();
        call!(self, recv, &mut msg).map(|()| msg)
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

    /// Why messages were dropped since the last call.
    pub fn dropped(&mut self) -> Vec<Dropped> {
        use Dropped::{HighWaterMark, NoPeer, NotSubscribed, PeerLost, Unexpected, Unroutable};
        let mut dropped = Vec::new();
        for reason in [HighWaterMark, PeerLost, NoPeer, Unroutable, NotSubscribed, Unexpected] {
            let total = self.pipes.dropped(reason);
            let before = std::mem::replace(&mut self.dropped[reason as usize], total);
            dropped.extend((before..total).map(|_| reason));
        }
        dropped
    }

    /// Whether the pattern closed the connection.
    pub fn terminated(&self, pipe: PipeId) -> bool {
        self.peers[&pipe].0.reader_gone()
    }
}

/// The frame by which a peer announces its routing id.
pub fn routing_id(id: &[u8]) -> Msg {
    let mut msg = frame(id, false);
    msg.set_role(Role::RoutingId);
    msg
}
