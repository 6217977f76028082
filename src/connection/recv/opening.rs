//! How a connection begins: from a stream to an established connection.
//!
//! A handshake is a matter of the I/O thread, or of the socket's [`ReadySet`]: there a thread that waits for the socket's
//! messages drives it itself, and the descriptor need not move when it is done. Moving costs two system calls, and a
//! thread that is woken in between more than that.
//!
//! [`ReadySet`]: crate::reactor::readyset::ReadySet

use super::{Loss, Open, RecvHalf, State};
use crate::connection::acquaintance::Acquaintance;
use crate::connection::envelope::ReplyCheck;
use crate::connection::send::Control;
use crate::connection::session::{CONNECT, Ends, HANDSHAKE, HEARTBEAT, Session};
use crate::message::{Metadata, Msg, Role};
use crate::options::SocketType;
use crate::protocol::{Established, Handshake, HandshakeConfig, Version};
use crate::reactor::readyset::ReadySet;
use crate::transport::Stream;
use mio::Interest;
use mio::unix::SourceFd;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Who watches a connection's descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Nobody,
    /// The session's I/O thread.
    Io,
    /// The socket's set, where it has this name.
    Set(usize),
}

/// A connection whose handshake is under way.
pub(super) struct Opening {
    pub(super) stream: Arc<Stream>,
    pub(super) handshake: Box<Handshake>,
    place: Place,
    /// The peer that was dialled, to be known again.
    peer: Option<Acquaintance>,
    /// There is a timer.
    timed: bool,
    /// The I/O thread stays awake for what the peer says next.
    expects: bool,
}

impl Opening {
    /// It is over: nobody waits for anything of it any more, but for readiness.
    fn settle_accounts(&self, session: &Session) {
        if self.timed {
            session.io.clear_timer(session.id, HANDSHAKE);
        }
        if self.expects {
            session.io.expects_no_more();
        }
    }

    /// Lets go of the descriptor.
    pub(super) fn abandon(self, session: &Session) {
        self.settle_accounts(session);
        self.place.leave(session, &self.stream);
    }

    /// The handshake failed. If that may be due to what the peer was taken for, it is not taken for it any more: true.
    pub(super) fn forget_if_misjudged(&self, session: &Session) -> bool {
        let misjudged = self.handshake.presumed_too_much();
        if let (true, Some(peer)) = (misjudged, self.peer) {
            session.setup.acquaintances.forget(peer);
        }
        misjudged
    }
}

impl Place {
    /// Ends the watch.
    pub(super) fn leave(self, session: &Session, stream: &Stream) {
        match self {
            Place::Nobody => {}
            Place::Io => session.io.deregister(&mut SourceFd(&stream.as_raw_fd())),
            Place::Set(key) => {
                if let Some(set) = session.ready_set() {
                    set.remove(stream.as_raw_fd(), key);
                }
            }
        }
    }

    /// The name in the socket's set.
    pub(super) fn key(self) -> Option<usize> {
        match self {
            Place::Set(key) => Some(key),
            Place::Nobody | Place::Io => None,
        }
    }
}

impl RecvHalf {
    /// A stream was dialled or accepted.
    pub(super) fn start(&mut self, session: &Session, stream: Stream, in_progress: bool) -> Result<(), Loss> {
        self.drop_stream(session);
        let stream = Arc::new(stream);
        let fd = stream.as_raw_fd();
        let options = &session.setup.options;
        if in_progress {
            if !options.connect_timeout.is_zero() {
                session.io.set_timer(session.id, CONNECT, Instant::now() + options.connect_timeout);
            }
            self.state = State::Dialling(stream);
            return register(session, fd, Interest::READABLE | Interest::WRITABLE);
        }
        self.greet(session, stream, Place::Nobody);
        if !self.connects {
            // The peer's greeting may be there already: the answer goes with ours.
            self.read(session)?;
        }
        self.settle(session)
    }

    /// The attempt to connect has succeeded; the I/O thread watches the descriptor.
    pub(super) fn connected(&mut self, session: &Session, stream: Arc<Stream>) -> Result<(), Loss> {
        session.io.clear_timer(session.id, CONNECT);
        self.greet(session, stream, Place::Io);
        self.settle(session)
    }

    /// The bytes flow: starts the handshake. What it wants to say goes out when it has [settled](RecvHalf::settle).
    fn greet(&mut self, session: &Session, stream: Arc<Stream>, place: Place) {
        let options = &session.setup.options;
        // An attempt that fails is to be followed by another one.
        let repeats = self.connects && options.reconnect_ivl.is_some();
        let peer = repeats.then(|| stream.remote_endpoint()).filter(|text| !text.is_empty());
        let met = &session.setup.acquaintances;
        let peer = peer.map(|text| met.at(&text));
        let handshake = Handshake::new(HandshakeConfig {
            socket_type: options.socket_type,
            routing_id: options.routing_id.clone(),
            metadata: options.metadata.clone(),
            max_msg_size: options.maxmsgsize,
            presumes_v3: peer.is_some_and(|peer| met.know(peer)),
        });
        session.outbox.push(Control::Stream(stream.clone()));
        let handshake = Box::new(handshake);
        self.state = State::Opening(Opening { stream, handshake, place, peer, timed: false, expects: false });
    }

    /// Sees to it that what the peer says next is noticed, and in time; and says what is to be said. Nothing is left to do
    /// for a handshake that was over at once.
    fn settle(&mut self, session: &Session) -> Result<(), Loss> {
        let State::Opening(opening) = &mut self.state else { return Ok(()) };
        let ivl = session.setup.options.handshake_ivl;
        if !ivl.is_zero() {
            opening.timed = true;
            session.io.set_timer(session.id, HANDSHAKE, Instant::now() + ivl);
        }
        if opening.place == Place::Nobody {
            let fd = opening.stream.as_raw_fd();
            opening.place = match set_for_handshakes(session, self.connects) {
                Some(set) => enter_set(session, set, fd).map_err(|_| Loss::Gone)?,
                None => register(session, fd, Interest::READABLE).map(|()| Place::Io)?,
            };
        }
        // A thread that has the set spins itself; else it is the I/O thread that drives the handshake.
        let leased = session.ready_set().is_some_and(|set| set.is_leased());
        opening.expects = opening.place == Place::Io || !leased;
        if opening.expects {
            session.io.expects_answers();
        }
        self.hand_over(session);
        // Also what could not be written before there was somebody to tell of room.
        session.drive_send();
        Ok(())
    }

    /// Passes what the handshake wants to say to the send half, which is to be driven then; false if that is nothing.
    pub(super) fn hand_over(&mut self, session: &Session) -> bool {
        let State::Opening(Opening { handshake, .. }) = &mut self.state else { return false };
        let mut bytes = Vec::new();
        let any = handshake.poll_transmit(&mut bytes);
        if any {
            session.outbox.push(Control::Transmit(bytes));
        }
        any
    }

    /// Traffic may start: moves the descriptor to the socket's set, if it is not there yet, and tells the socket.
    pub(super) fn establish(&mut self, session: &Session, established: Established) -> Result<(), Loss> {
        let State::Opening(opening) = std::mem::replace(&mut self.state, State::Idle) else { return Ok(()) };
        opening.settle_accounts(session);
        let Opening { stream, place, peer, .. } = opening;
        session.reset_backoff();
        if let (Some(peer), true) = (peer, established.version >= Version::V3_0) {
            session.setup.acquaintances.remember(peer);
        }
        let fd = stream.as_raw_fd();
        let lost = || {
            session.outbox.push(Control::Lost);
            session.drive_send();
            Loss::Gone
        };
        // A closed socket waits for nothing: what it left is sent, and the I/O thread does that.
        let stays = place.key().is_some() || session.setup.plug.is_gone();
        if !stays {
            place.leave(session, &stream);
        }
        let set = if stays { None } else { Some(session.make_ready_set().map_err(|_| lost())?) };
        let attachment = if self.writer.is_none() {
            let (attachment, Ends { reader, writer, bell }) = session.make_pipes();
            session.outbox.push(Control::Pipe(reader));
            self.set_pipe(writer, bell);
            Some(attachment)
        } else {
            None
        };
        self.introduce(&stream, &established);
        let is_req = session.setup.options.socket_type == SocketType::Req;
        self.reply_check = is_req.then(ReplyCheck::default);
        let place = match (set, place) {
            (Some(set), _) => enter_set(session, set, fd).map_err(|_| lost())?,
            (None, Place::Nobody) => {
                register(session, fd, Interest::READABLE).map_err(|_| lost())?;
                Place::Io
            }
            (None, place) => place,
        };
        self.state = State::Open(Open { stream, decoder: established.decoder, place });
        session.outbox.push(Control::Start(Box::new(established.encoder)));
        session.open.store(true, Ordering::Release);
        session.readable_fd.store(fd, Ordering::SeqCst);
        let ivl = session.setup.options.heartbeat_ivl;
        if !ivl.is_zero() {
            self.heard = Some(Instant::now());
            session.io.set_timer(session.id, HEARTBEAT, Instant::now() + ivl);
        }
        match attachment {
            Some(attachment) => session.setup.plug.attach(attachment, self.connects),
            None if self.again => {
                if let Some(bell) = &self.bell {
                    bell.reconnected();
                }
            }
            None => {}
        }
        self.again = true;
        session.drive_send();
        Ok(())
    }

    /// Puts what is known of the peer into the pipe, ahead of its messages.
    fn introduce(&mut self, stream: &Stream, established: &Established) {
        let Some(writer) = &mut self.writer else { return };
        let mut metadata = Metadata::of_connection(stream.as_raw_fd());
        for (name, value) in established.peer.properties.iter() {
            metadata.insert(name, value);
        }
        if let Some(address) = stream.peer_address() {
            metadata.insert(b"Peer-Address", address.as_bytes());
        }
        // A routing id is at most 256 bytes: copying it does not fail but for lack of all memory.
        let mut msg = Msg::copy_of(&established.peer.routing_id).unwrap_or_default();
        msg.set_role(Role::RoutingId);
        msg.set_metadata(Some(Arc::new(metadata)));
        writer.write_beyond(msg);
        if established.subscribe_all {
            let mut all = Msg::new();
            all.set_role(Role::Subscribe);
            writer.write_beyond(all);
        }
        writer.flush();
    }
}

/// The socket's set, if handshakes are to be there: it exists, or is going to be needed in any case, and has not just one
/// connection, which can be tried without asking the set as long as it is the only one.
fn set_for_handshakes(session: &Session, connects: bool) -> Option<&Arc<ReadySet>> {
    let plug = &session.setup.plug;
    if plug.is_gone() || (connects && !plug.has_ready_set()) {
        return None;
    }
    session.make_ready_set().ok().filter(|set| set.len() != 1)
}

fn enter_set(session: &Session, set: &ReadySet, fd: RawFd) -> crate::error::Result<Place> {
    let key = set.add(fd, session.arc())?;
    session.outbox.push(Control::Key(key));
    session.readable_fd.store(fd, Ordering::SeqCst);
    Ok(Place::Set(key))
}

fn register(session: &Session, fd: RawFd, interest: Interest) -> Result<(), Loss> {
    session.io.register(&mut SourceFd(&fd), session.id, interest).map_err(|_| Loss::Gone)
}
