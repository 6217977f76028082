//! The send half of a connection: from the outgoing pipe to the descriptor.
//!
//! One visit takes all that is there: small frames are encoded side by side into the thread's buffer and written
//! together; the body of a large frame, and a batch that a flood filled, go to the kernel from where they lie, in one
//! vectored write with what precedes them. What the kernel does not take stays with the connection until the descriptor is writable.

use super::session::{DRAINED, SEND_FAILED, Session};
use crate::message::Msg;
use crate::pipe::{Reader, Writer};
use crate::protocol::{Encoder, PingContext};
use crate::sys::patience::{Moment, Patience};
use crate::transport::Stream;
use mio::Interest;
use mio::unix::SourceFd;
use std::cell::Cell;
use std::io::{self, IoSlice};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// News for the send half, in order.
pub(super) enum Control {
    /// The pipe to send from.
    Pipe(Reader),
    /// The pipe is gone, and another one may come.
    NoPipe,
    /// A connection for the bytes of the handshake.
    Stream(Arc<Stream>),
    /// Bytes of the handshake.
    Transmit(Vec<u8>),
    /// The descriptor is in the socket's set now, where this is its name.
    Key(usize),
    /// The handshake is done.
    Start(Box<Encoder>),
    /// A PING came.
    Pong(PingContext),
    /// A PING is due, with this time to live in steps of 100 ms.
    Ping(u16),
    /// The connection is lost.
    Lost,
    /// The session is over.
    Finish,
}

/// A batch is written when it has this many bytes.
const BATCH: usize = 64 * 1024;
/// Bodies from this size on are not copied into the batch.
const LARGE_BODY: usize = 8 * 1024;
/// After so many writes a visit ends, and the I/O thread goes on, so that others get their turn.
const WRITES_A_VISIT: u32 = 32;

/// The most of a body that is offered to the system in one call. It takes less than that in any case; and tools that check
/// what a system call reads, like valgrind, look at all that is offered, each time.
const OFFER_MAX: usize = 4 * 1024 * 1024;

/// How long to wait for room in the middle of a large body, in times that a thread may spin.
const ROOM_MOMENT: u64 = 2;

thread_local! {
    /// The thread's batch buffer, lent to the connection that is being driven. A thread that ends, and one in exit(3),
    /// may have lost it already when the application closes its last sockets.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// See the module's documentation.
#[derive(Default)]
pub(super) struct SendHalf {
    stream: Option<Arc<Stream>>,
    encoder: Option<Box<Encoder>>,
    key: Option<usize>,
    reader: Option<Reader>,
    /// Encoded bytes that wait, from `at` on.
    bytes: Vec<u8>,
    at: usize,
    /// A large body that follows `bytes`, and how much of it is sent.
    body: Option<(Msg, usize)>,
    /// Commands that follow `body`.
    behind: Vec<u8>,
    /// The frame taken last from the pipe is not the last one of its message.
    in_message: bool,
    /// The descriptor is watched for room.
    blocked: bool,
    /// The first messages go out together with the last of the handshake.
    starts: bool,
    /// Whether it pays off to wait a moment for room.
    patience: Patience,
    finished: bool,
}

/// What a write came to.
enum Written {
    All,
    Blocked,
    Failed,
}

impl SendHalf {
    /// Does all that can be done now. Returns news for the receive half.
    pub(super) fn drive(&mut self, session: &Session) -> u32 {
        for control in session.outbox.take() {
            self.handle(session, control);
        }
        if self.finished {
            return 0;
        }
        let news = if self.stream.is_some() { self.write(session) } else { 0 };
        if news == 0 && self.is_drained() { DRAINED } else { news }
    }

    /// Sends a message at once, past the pipe, in which there is nothing: the frames that its writer holds back and a last
    /// one, none of them large. Returns news for the receive half; none, and nothing has changed, if that is not possible
    /// now. What the system does not take waits as if it had come out of the pipe.
    #[inline]
    pub fn send_directly(&mut self, session: &Session, pipe: &Writer, body: &[u8]) -> Option<u32> {
        // Whatever waits to be handled, or to be written, comes first.
        let idle = !self.finished && !self.starts && !self.blocked && !self.has_pending() && !self.in_message;
        if !idle || self.reader.is_none() || self.stream.is_none() || !session.outbox.is_empty() {
            return None;
        }
        // Asked with the turn: it is this half that reads from the pipe.
        let held = pipe.held_alone()?;
        let encoder = self.encoder.as_mut()?;
        let mut bytes = BUFFER.try_with(Cell::take).unwrap_or_default();
        bytes.clear();
        for frame in held {
            encoder.encode(frame, &mut bytes);
        }
        encoder.encode_data(body, false, &mut bytes);
        (self.bytes, self.at) = (bytes, 0);
        Some(match self.write_pending() {
            Written::All => {
                self.return_buffer();
                0
            }
            Written::Blocked => {
                self.wait_for_room(session);
                0
            }
            Written::Failed => SEND_FAILED,
        })
    }

    fn handle(&mut self, session: &Session, control: Control) {
        match control {
            Control::Pipe(reader) => self.reader = Some(reader),
            Control::NoPipe => self.reader = None,
            Control::Stream(stream) => {
                self.reset();
                self.stream = Some(stream);
            }
            Control::Transmit(bytes) => self.bytes.extend_from_slice(&bytes),
            Control::Key(key) => self.key = Some(key),
            Control::Start(encoder) => {
                self.encoder = Some(encoder);
                self.starts = true;
            }
            Control::Pong(context) => {
                self.command(|encoder, bytes| encoder.pong(context.as_slice(), bytes));
            }
            Control::Ping(ttl) => self.command(|encoder, bytes| encoder.ping(ttl, bytes)),
            Control::Lost => {
                session.open.store(false, Ordering::Release);
                session.blocked.store(false, Ordering::Relaxed);
                self.reset();
            }
            Control::Finish => {
                self.reset();
                self.reader = None;
                self.finished = true;
            }
        }
    }

    /// Adds a command to what waits; behind a large body that is under way.
    fn command(&mut self, encode: impl FnOnce(&mut Encoder, &mut Vec<u8>)) {
        if let Some(encoder) = &mut self.encoder {
            encode(encoder, if self.body.is_some() { &mut self.behind } else { &mut self.bytes });
        }
    }

    /// Forgets a connection and what was on its way over it.
    fn reset(&mut self) {
        self.stream = None;
        self.encoder = None;
        self.bytes = Vec::new();
        self.at = 0;
        self.body = None;
        self.behind = Vec::new();
        self.key = None;
        self.blocked = false;
        self.starts = false;
        self.skip_rest();
    }

    /// The beginning of a message went with a connection: the next one is not to get the rest. It is all there, as
    /// messages are shown to the reader as a whole.
    fn skip_rest(&mut self) {
        while self.in_message {
            self.in_message = self.reader.as_mut().and_then(Reader::read).is_some_and(|msg| msg.more());
        }
    }

    /// Whether the socket closed the pipe and everything in it was written.
    fn is_drained(&mut self) -> bool {
        !self.has_pending() && self.reader.as_mut().is_some_and(Reader::ended)
    }

    /// Whether encoded bytes wait to be written.
    fn has_pending(&self) -> bool {
        self.at < self.bytes.len() || self.body.is_some()
    }

    fn write(&mut self, session: &Session) -> u32 {
        if std::mem::take(&mut self.starts) {
            self.fill();
        }
        for round in 0.. {
            match self.write_pending() {
                // Said before the pipe is found empty: whoever fills it then must not rely on readiness.
                Written::All if self.blocked => session.blocked.store(false, Ordering::Relaxed),
                Written::All => {}
                Written::Blocked => {
                    self.wait_for_room(session);
                    return 0;
                }
                Written::Failed => return SEND_FAILED,
            }
            if !self.fill() {
                break;
            }
            if round >= WRITES_A_VISIT {
                let again = session.arc();
                session.io.call(move || again.drive_send());
                break;
            }
        }
        self.room_again(session);
        0
    }

    /// Encodes the next batch, behind what waits of a handshake. False if there is nothing to send.
    fn fill(&mut self) -> bool {
        let pending = self.has_pending();
        let (Some(encoder), Some(reader)) = (&mut self.encoder, &mut self.reader) else { return false };
        if self.bytes.capacity() == 0 {
            self.bytes = BUFFER.try_with(Cell::take).unwrap_or_default();
        }
        if !pending {
            self.bytes.clear();
            self.at = 0;
        }
        while self.bytes.len() < BATCH {
            let Some(msg) = reader.read_packed() else { break };
            self.in_message = msg.more();
            if msg.len() >= LARGE_BODY {
                if msg.is_data() && encoder.is_transparent() {
                    encoder.header(&msg, &mut self.bytes);
                    self.body = Some((msg, 0));
                    break;
                }
                if msg.is_batch() && encoder.takes_batches() {
                    self.body = Some((msg, 0));
                    break;
                }
            }
            encoder.encode(&msg, &mut self.bytes);
        }
        if self.bytes.is_empty() && self.body.is_none() {
            self.return_buffer();
            return false;
        }
        true
    }

    /// Gives the buffer back to the thread: an idle connection holds none.
    fn return_buffer(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        self.at = 0;
        let _ = BUFFER.try_with(|buffer| {
            if bytes.capacity() >= buffer.take().capacity() && bytes.capacity() <= 4 * BATCH {
                buffer.set(bytes);
            }
        });
    }

    /// Writes what is encoded.
    fn write_pending(&mut self) -> Written {
        let Some(stream) = self.stream.clone() else { return Written::Failed };
        let mut moment = Moment::new(ROOM_MOMENT);
        while self.has_pending() {
            let head = &self.bytes[self.at..];
            let body = self.body.as_ref().map(|(msg, sent)| {
                let rest = &msg.data()[*sent..];
                &rest[..rest.len().min(OFFER_MAX)]
            });
            let result = match body {
                Some(body) if head.is_empty() => stream.send(body),
                Some(body) => stream.send_vectored(&[IoSlice::new(head), IoSlice::new(body)]),
                None => stream.send(head),
            };
            match result {
                Ok(count) => {
                    self.patience.rewarded(&mut moment);
                    self.sent(count);
                }
                // A large body is larger than what the system holds for a connection; while the peer reads, there is
                // room for more within microseconds. Going to sleep, or leaving the rest to another thread, takes
                // several times as long, and what is sent meanwhile has left the cache when it is written.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let large = self.body.as_ref().is_some_and(|(msg, _)| msg.is_data());
                    if !large || !self.patience.lasts(&mut moment) {
                        return Written::Blocked;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Written::Failed,
            }
        }
        Written::All
    }

    fn sent(&mut self, count: usize) {
        let head = count.min(self.bytes.len() - self.at);
        self.at += head;
        if let Some((msg, sent)) = &mut self.body {
            *sent += count - head;
            if *sent == msg.len() {
                self.body = None;
                self.bytes.truncate(self.at);
                self.bytes.append(&mut self.behind);
            }
        }
    }

    /// Watches for room. While the application is away, the I/O thread does. Before the handshake is done, and when
    /// the socket is closed, the descriptor is not in the socket's set, but with the I/O thread.
    fn wait_for_room(&mut self, session: &Session) {
        if let (Some(stream), None) = (&self.stream, self.key) {
            let both = Interest::READABLE | Interest::WRITABLE;
            return session.io.reregister(&mut SourceFd(&stream.as_raw_fd()), session.id, both);
        }
        if self.watch(session, true) {
            self.blocked = true;
            session.blocked.store(true, Ordering::SeqCst);
            if let Some(set) = session.ready_set() {
                set.rouse();
                set.release();
            }
        }
    }

    fn room_again(&mut self, session: &Session) {
        if self.blocked {
            self.blocked = false;
            self.watch(session, false);
        }
    }

    fn watch(&self, session: &Session, write: bool) -> bool {
        let (Some(stream), Some(key), Some(set)) = (&self.stream, self.key, session.ready_set()) else { return false };
        (write && self.blocked) || set.want_write(stream.as_raw_fd(), key, write).is_ok()
    }
}
