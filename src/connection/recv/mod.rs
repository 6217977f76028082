//! The receive half of a connection: from the descriptor to the incoming pipe, and the life cycle.
//!
//! States: `Idle` (connecting later, or over) → `Dialling` → `Opening` → `Open` → `Idle`. An accepted session
//! starts at `Opening` and is over when its connection is lost; a connecting one dials again, unless the peer
//! broke the protocol.
//!
//! While the handshake is under way the descriptor may belong to the I/O thread (see [`opening`]); after that it is in
//! the socket's [`ReadySet`](crate::reactor::readyset::ReadySet). Reading goes into the thread's block; a connection
//! keeps bytes only when they cannot be decoded yet because the incoming pipe is full.

mod liveness;
mod opening;

use super::envelope::ReplyCheck;
use super::send::Control;
use super::session::{
    CLOSE, CONNECT, DRAINED, HEARTBEAT, HEARTBEAT_TIMEOUT, INCOMING, LET_GO, LINGER, PEER_TTL, READ_TO_END,
    SEND_FAILED, Session,
};
use crate::message::Msg;
use crate::message::batch::Block;
use crate::pipe::{Bell, Writer};
use crate::protocol::{Decoded, Decoder, ProtocolError};
use crate::sys::cpu;
use crate::transport::Stream;
use mio::unix::SourceFd;
use opening::{Opening, Place};
use std::cell::Cell;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// After so many reads a visit ends, so that others get their turn; it goes on as if bytes had just come.
const READS_A_VISIT: u32 = 32;
/// A visit of the application's own thread ends when it has brought so many bytes: more would have to be stored, and
/// leave the processor's cache, before the application comes to take them.
const BYTES_A_VISIT: usize = 256 * 1024;
/// How many bytes are read together with the end of a large body. Enough for the header of the next one, which is
/// then read in place as well, and for a few small frames.
const BEHIND_BODY: usize = 512;

/// What comes goes on as a batch if it has so many bytes
const BATCH_BYTES: usize = 256;
/// and holds so many messages.
const BATCH_MESSAGES: u32 = 4;

thread_local! {
    /// What the thread reads into.
    static BUFFER: Cell<Option<Block>> = const { Cell::new(None) };
}

enum State {
    Idle,
    Dialling(Arc<Stream>),
    Opening(Opening),
    Open(Open),
}

/// An established connection.
struct Open {
    stream: Arc<Stream>,
    decoder: Decoder,
    place: Place,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// Closed by the peer, or by the network, or too slow: worth another attempt.
    Gone,
    /// Nobody listens at the address.
    Refused,
    /// The peer broke the protocol: no other attempt.
    Broken,
}

/// See the module's documentation.
pub(super) struct RecvHalf {
    state: State,
    writer: Option<Writer>,
    /// Where the socket is told, for pipes that outlive connections.
    bell: Option<Bell>,
    /// Bytes read and not decoded, from the number on, since the pipe is full.
    stash: Option<(Block, usize)>,
    /// The pipe is full: reading waits until the socket has taken messages.
    stalled: bool,
    /// The peer has closed: reading goes on to the end, as no further event will come.
    to_end: bool,
    /// Nothing can be sent any more: the connection is lost when all that came is read.
    send_failed: bool,
    /// The last visit ended before the descriptor was empty.
    unread: bool,
    connects: bool,
    /// What a REQ socket holds its peers to.
    reply_check: Option<ReplyCheck>,
    /// Not the first connection of a connecting session.
    again: bool,
    finished: bool,
    /// The socket has let go of the session: it ends with its pipe.
    let_go: bool,
    /// When the peer was last heard, if heartbeats or a peer's TTL make that matter.
    heard: Option<Instant>,
    ttl: Option<Duration>,
    awaits_pong: bool,
}

impl RecvHalf {
    pub(super) fn new(connects: bool) -> RecvHalf {
        RecvHalf {
            state: State::Idle,
            writer: None,
            bell: None,
            stash: None,
            stalled: false,
            to_end: false,
            send_failed: false,
            unread: false,
            connects,
            reply_check: None,
            again: false,
            finished: false,
            let_go: false,
            heard: None,
            ttl: None,
            awaits_pong: false,
        }
    }

    /// The pipe to deliver to, and where its other end is told of reconnects.
    pub(super) fn set_pipe(&mut self, writer: Writer, bell: Bell) {
        self.writer = Some(writer);
        self.bell = Some(bell);
    }

    /// Handles all news: flags, a new stream, and what can be read.
    pub(super) fn drive(&mut self, session: &Session) {
        // Who leaves news later drives this half later: it is seen then.
        let none = session.flags.load(Ordering::Relaxed) == 0;
        let news = if none { 0 } else { session.flags.swap(0, Ordering::Acquire) };
        if self.finished {
            return;
        }
        if news & CLOSE != 0 || news & (1 << LINGER) != 0 {
            return self.finish(session);
        }
        if news & DRAINED != 0 {
            return self.close_gracefully(session);
        }
        self.let_go |= news & LET_GO != 0;
        if self.let_go && self.writer.is_none() {
            return self.finish(session);
        }
        let incoming = if news & INCOMING != 0 { session.take_incoming() } else { None };
        let started = incoming.map(|(stream, in_progress)| self.start(session, stream, in_progress));
        // After a failed write, too, what the peer sent before it went can still be read.
        self.to_end |= news & (READ_TO_END | SEND_FAILED) != 0;
        let mut result = started.unwrap_or_else(|| self.read(session));
        self.send_failed |= news & SEND_FAILED != 0;
        if self.send_failed && result.is_ok() && !self.stalled && !self.unread {
            result = Err(Loss::Gone);
        }
        let result = result.and_then(|()| self.handle_timers(session, news));
        if let Err(loss) = result {
            self.lose(session, loss);
        }
    }

    /// Everything is sent and the socket is gone: says goodbye. Bytes that were not read would turn the goodbye
    /// into a reset, which could destroy what is still on its way to the peer; so they are read first.
    fn close_gracefully(&mut self, session: &Session) {
        if let State::Open(Open { stream, .. }) = &self.state {
            if let Some(mut buffer) = take_buffer() {
                let mut reads = 0;
                while reads < READS_A_VISIT && matches!(buffer.receive(&**stream), Ok((count, _)) if count > 0) {
                    reads += 1;
                }
                return_buffer(buffer);
            }
            let _ = stream.shutdown_write();
        }
        self.finish(session);
    }

    fn finish(&mut self, session: &Session) {
        self.drop_stream(session);
        self.writer = None;
        self.bell = None;
        self.finished = true;
        session.finish();
    }

    /// Lets go of the descriptor.
    fn drop_stream(&mut self, session: &Session) {
        session.readable_fd.store(-1, Ordering::SeqCst);
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => {
                // A connection that failed as it was established may have left these.
                self.to_end = false;
                self.send_failed = false;
                return;
            }
            State::Dialling(stream) => {
                session.io.deregister(&mut SourceFd(&stream.as_raw_fd()));
                session.io.clear_timer(session.id, CONNECT);
            }
            State::Opening(opening) => opening.abandon(session),
            State::Open(Open { stream, place, .. }) => place.leave(session, &stream),
        }
        session.outbox.push(Control::Lost);
        session.drive_send();
        self.stash = None;
        self.stalled = false;
        self.to_end = false;
        self.send_failed = false;
        self.unread = false;
        if self.heard.is_some() {
            for kind in [HEARTBEAT, HEARTBEAT_TIMEOUT, PEER_TTL] {
                session.io.clear_timer(session.id, kind);
            }
        }
        self.heard = None;
        self.ttl = None;
        self.awaits_pong = false;
    }

    /// The connection is lost: dials again, or ends the session.
    fn lose(&mut self, session: &Session, loss: Loss) {
        const STOP_AFTER_HANDSHAKE_FAILED: i32 = 2;
        let misjudged = matches!(&self.state, State::Opening(opening) if opening.forget_if_misjudged(session));
        // What the peer was told may have been beyond it: the next attempt is another matter.
        let loss = if misjudged { Loss::Gone } else { loss };
        let handshaking = matches!(self.state, State::Opening(_)) && !misjudged;
        let was_open = matches!(self.state, State::Open(_));
        self.drop_stream(session);
        if let Some(writer) = &mut self.writer {
            writer.rollback();
        }
        let stopped = handshaking && session.setup.options.reconnect_stop & STOP_AFTER_HANDSHAKE_FAILED != 0;
        if !self.connects || loss == Loss::Broken || stopped {
            return self.finish(session);
        }
        if session.setup.options.immediate {
            // The socket forgets a peer that is not there; the next connection brings new pipes.
            self.writer = None;
            session.drop_pipe();
            if self.let_go {
                return self.finish(session);
            }
        }
        if !session.retry(loss == Loss::Refused) && was_open {
            self.finish(session);
        }
    }

    /// Reads what is there, until it would block.
    fn read(&mut self, session: &Session) -> Result<(), Loss> {
        if let State::Dialling(stream) = &self.state {
            let stream = stream.clone();
            match stream.finish_connect() {
                Ok(()) => self.connected(session, stream)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Err(Loss::Refused),
                Err(_) => return Err(Loss::Gone),
            }
        }
        if matches!(self.state, State::Idle) {
            return Ok(());
        }
        self.unread = false;
        let mut buffer = take_buffer().ok_or(Loss::Gone)?;
        let result = self.read_into(session, &mut buffer);
        return_buffer(buffer);
        result
    }

    fn read_into(&mut self, session: &Session, buffer: &mut Block) -> Result<(), Loss> {
        if !self.unstash(session)? {
            return Ok(());
        }
        let mut bytes = 0;
        for _ in 0..READS_A_VISIT {
            let Some((count, emptied)) = self.read_once(buffer)? else { return Ok(()) };
            let taken = self.consume(session, buffer);
            // Whether or not the bytes can be delivered, the peer is alive.
            self.note_heard();
            if !taken? {
                return Ok(());
            }
            // A short read emptied the descriptor: what comes later raises an event.
            if emptied && !self.to_end {
                return Ok(());
            }
            bytes += count;
            if bytes >= BYTES_A_VISIT && !cpu::is_background_thread() {
                break;
            }
        }
        self.unread = true;
        self.go_on_later(session);
        Ok(())
    }

    /// The visit ends before the descriptor is empty. While the application has the set, whoever looks at it next finds the
    /// descriptor ready again; else the I/O thread goes on. (An application thread may be here without having taken the
    /// event out of the set: then it cannot be raised anew, and is there for whoever gets the set next.)
    fn go_on_later(&self, session: &Session) {
        if let (State::Open(Open { stream, place: Place::Set(key), .. }), Some(set)) =
            (&self.state, session.ready_set())
            && set.is_leased()
            && !cpu::is_background_thread()
            && set.report_again(stream.as_raw_fd(), *key).is_ok()
        {
            return;
        }
        let again = session.arc();
        session.io.call(move || again.drive_recv());
    }

    /// One system call: into the large body that is under way, or into the buffer. How many bytes came, and whether there
    /// was room for more; none: it would block.
    fn read_once(&mut self, buffer: &mut Block) -> Result<Option<(usize, bool)>, Loss> {
        let result = match &mut self.state {
            State::Open(open) => match open.decoder.large_body() {
                Some(body) => body
                    .receive(&*open.stream, buffer, BEHIND_BODY)
                    .map(|(here, behind, emptied)| (here + behind, emptied)),
                None => buffer.receive(&*open.stream),
            },
            State::Opening(opening) => buffer.receive(&*opening.stream),
            State::Idle | State::Dialling(_) => return Ok(None),
        };
        match result {
            Ok((0, _)) => Err(Loss::Gone),
            Ok(read) => Ok(Some(read)),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(None),
            Err(_) => Err(Loss::Gone),
        }
    }

    /// Goes on with bytes that had to wait. False if they still have to.
    fn unstash(&mut self, session: &Session) -> Result<bool, Loss> {
        if !self.stalled {
            return Ok(true);
        }
        let Some((block, at)) = self.stash.take() else { return Ok(true) };
        let mut input = &block.bytes()[at..];
        let result = self.decode(session, &block, &mut input);
        let at = block.bytes().len() - input.len();
        if self.stalled {
            self.stash = Some((block, at));
        }
        result
    }

    /// Takes bytes that were just read. False if some have to wait, which are kept.
    fn consume(&mut self, session: &Session, block: &Block) -> Result<bool, Loss> {
        let mut input = block.bytes();
        if let State::Opening(opening) = &mut self.state {
            let result = opening.handshake.handle_bytes(input);
            let established = opening.handshake.poll_established();
            let says = self.hand_over(session);
            let Some(established) = established else {
                if says {
                    session.drive_send();
                }
                return result.map(|_| true).map_err(|_| Loss::Broken);
            };
            input = &input[result.map_err(|_| Loss::Broken)?..];
            self.establish(session, established)?;
        }
        if self.decode(session, block, &mut input)? {
            return Ok(true);
        }
        self.stash = Some(block.keep(block.bytes().len() - input.len()).map_err(|_| Loss::Gone)?);
        Ok(false)
    }

    /// Decodes frames into the pipe. False if it is full, whether `input` has more or not. `input` is part of `block`.
    fn decode(&mut self, session: &Session, block: &Block, input: &mut &[u8]) -> Result<bool, Loss> {
        let State::Open(open) = &mut self.state else { return Ok(true) };
        let Some(writer) = &mut self.writer else { return Ok(true) };
        let mut controls = false;
        let mut time_to_live = 0;
        self.stalled = false;
        let broken = Cell::new(false);
        let check = &mut self.reply_check;
        let batches = check.is_none() && writer.takes_batches();
        let mut accepts = |msg: &Msg| {
            broken.set(broken.get() || check.as_mut().is_some_and(|check| !check.accepts(msg)));
            !broken.get()
        };
        let result = loop {
            if !may_deliver(writer) {
                self.stalled = true;
                break Ok(false);
            }
            if batches && gather(&open.decoder, writer, block, input) {
                continue;
            }
            // The rest of a message that began in another read; what follows it can be a batch again.
            let rest = batches && writer.in_message();
            open.decoder.whole_frames(input, |mut msg| {
                accepts(&msg) && {
                    writer.write(&mut msg);
                    (!rest || writer.in_message()) && may_deliver(writer)
                }
            });
            if broken.get() {
                break Err(Loss::Broken);
            }
            if !may_deliver(writer) {
                self.stalled = true;
                break Ok(false);
            }
            if rest && !writer.in_message() {
                continue;
            }
            match open.decoder.decode(input) {
                Ok(Some(Decoded::Frame(msg))) if accepts(&msg) => deliver(writer, msg),
                Ok(Some(Decoded::Frame(_))) => break Err(Loss::Broken),
                Ok(Some(Decoded::Ping { ttl, context })) => {
                    controls = true;
                    session.outbox.push(Control::Pong(context));
                    time_to_live = if ttl > 0 { ttl } else { time_to_live };
                }
                Ok(Some(Decoded::Pong | Decoded::Ignored)) => {}
                Ok(None) => break Ok(true),
                Err(error) => break Err(loss_of(error)),
            }
        };
        let readable_fd = if self.stalled { -1 } else { open.stream.as_raw_fd() };
        if session.readable_fd.load(Ordering::Relaxed) != readable_fd {
            session.readable_fd.store(readable_fd, Ordering::SeqCst);
        }
        writer.flush();
        if controls {
            self.note_ttl(session, time_to_live);
            session.drive_send();
        }
        result
    }
}

/// The thread's buffer; or another one where that is lent, or gone already since the thread ends. None without memory.
fn take_buffer() -> Option<Block> {
    BUFFER.try_with(Cell::take).ok().flatten().or_else(|| Block::new().ok())
}

fn return_buffer(buffer: Block) {
    let _ = BUFFER.try_with(|place| place.set(Some(buffer)));
}

/// Whether the next frame may come: in the middle of a message always; and when the socket no longer reads, since
/// what comes then is dropped.
#[inline]
fn may_deliver(writer: &mut Writer) -> bool {
    writer.in_message() || writer.has_room() || writer.reader_gone()
}

/// Puts a frame into the pipe. The pipe refuses only when the socket no longer reads: then the frame is dropped.
#[inline]
fn deliver(writer: &mut Writer, mut msg: Msg) {
    if msg.is_data() {
        writer.write(&mut msg);
    } else {
        writer.write_beyond(msg);
    }
}

/// Puts the whole messages at the start of `input` into the pipe as a batch, if they are many.
fn gather(decoder: &Decoder, writer: &mut Writer, block: &Block, input: &mut &[u8]) -> bool {
    if input.len() < BATCH_BYTES || writer.in_message() {
        return false;
    }
    let (bytes, messages) = decoder.whole_messages(input, writer.room());
    if messages < BATCH_MESSAGES {
        return false;
    }
    // Without memory for all of them, perhaps there is some for one after the other.
    let Ok(batch) = block.batch(&input[..bytes], messages) else { return false };
    writer.reserve(messages as usize);
    writer.write_batch(batch);
    *input = &input[bytes..];
    true
}

fn loss_of(error: ProtocolError) -> Loss {
    match error {
        ProtocolError::OutOfMemory => Loss::Gone,
        _ => Loss::Broken,
    }
}
