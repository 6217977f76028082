//! A session: what stands between a socket and one peer. See the module above for the halves and their order.
//!
//! This file holds what both halves share: the settings, the flags by which news is left, dialling and timers.

use super::acquaintance::Acquaintances;
use super::outbox::Outbox;
use super::recv::RecvHalf;
use super::send::{Control, SendHalf};
use crate::error::Result;
use crate::options::Options;
use crate::pipe::{Bell, Limit, PipeOwner, Reader, Writer, pipe};
use crate::reactor::readyset::ReadySet;
use crate::reactor::{Drive, Handle, Id, Readiness, TimerKind};
use crate::sys::random;
use crate::sys::turn::Turn;
use crate::transport::{Dial, Stream, Target};
use std::cell::Cell;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Keeps the socket's slot in the context taken while it lives.
pub type Guard = Arc<dyn Send + Sync>;

/// The socket's ends of the two pipes to a peer.
pub struct Attachment {
    /// What the socket sends.
    pub writer: Writer,
    /// What it receives.
    pub reader: Reader,
    /// Where the socket wants to be told about either; it sets its owner.
    pub bell: Bell,
    /// The session behind the pipes; none between two sockets of one process.
    pub session: Option<Arc<Session>>,
}

/// A socket, as its sessions see it.
pub trait Plug: Send + Sync {
    /// A peer is there; its pipes are handed over. Called by any thread.
    fn attach(&self, attachment: Attachment, connected: bool);

    /// The socket's descriptors, made now if there are none.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    fn ready_set(&self, io: &Handle) -> Result<Arc<ReadySet>>;

    /// Whether the socket has its descriptors already.
    fn has_ready_set(&self) -> bool;

    /// Whether the socket is closed: nobody is going to wait for its connections.
    fn is_gone(&self) -> bool;
}

/// What a session is made from.
#[derive(Clone)]
pub struct Setup {
    /// The options as they were at bind or connect.
    pub options: Arc<Options>,
    /// The socket.
    pub plug: Arc<dyn Plug>,
    /// The I/O thread that looks after handshakes and timers.
    pub io: Handle,
    /// Held until the session is over.
    pub guard: Guard,
    /// Whom the context's sockets have met.
    pub acquaintances: Arc<Acquaintances>,
}

/// Timers of a session.
pub(super) const RECONNECT: TimerKind = 0;
pub(super) const HANDSHAKE: TimerKind = 1;
pub(super) const CONNECT: TimerKind = 2;
pub(super) const HEARTBEAT: TimerKind = 3;
pub(super) const HEARTBEAT_TIMEOUT: TimerKind = 4;
pub(super) const PEER_TTL: TimerKind = 5;
pub(super) const LINGER: TimerKind = 6;

/// News for the receive half, besides one bit a timer.
pub(super) const CLOSE: u32 = 1 << 8;
pub(super) const SEND_FAILED: u32 = 1 << 9;
pub(super) const DRAINED: u32 = 1 << 10;
pub(super) const READ_TO_END: u32 = 1 << 11;
pub(super) const LET_GO: u32 = 1 << 12;
pub(super) const INCOMING: u32 = 1 << 13;

/// See the module's documentation.
pub struct Session {
    me: Weak<Session>,
    pub(super) setup: Setup,
    pub(super) io: Handle,
    pub(super) id: Id,
    /// Where to dial; none for an accepted connection.
    target: Option<Box<dyn Target>>,
    pub(super) send: Turn<SendHalf>,
    pub(super) recv: Turn<RecvHalf>,
    /// News for the send half.
    pub(super) outbox: Outbox,
    pub(super) flags: AtomicU32,
    /// The socket's descriptors, known since the first connection was established.
    ready_set: OnceLock<Arc<ReadySet>>,
    /// A stream that was dialled or accepted, for the receive half to take.
    incoming: Mutex<Option<(Stream, bool)>>,
    /// A connection is established: the send half has a stream and an encoder.
    pub(super) open: AtomicBool,
    /// The descriptor takes no more bytes for now; readiness will be reported.
    pub(super) blocked: AtomicBool,
    /// The socket has disconnected.
    abandoned: AtomicBool,
    /// The connection's descriptor while there are bytes to expect on it; else −1.
    pub(super) readable_fd: AtomicI32,
    over: AtomicBool,
    guard: Mutex<Option<Guard>>,
    backoff: Mutex<u32>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The two ends of a session's pipes.
pub(super) struct Ends {
    pub reader: Reader,
    pub writer: Writer,
    /// Where the socket is told.
    pub bell: Bell,
}

impl Session {
    fn new(setup: Setup, target: Option<Box<dyn Target>>) -> Arc<Session> {
        let io = setup.io.clone();
        let id = io.new_id();
        let guard = Mutex::new(Some(setup.guard.clone()));
        let recv = RecvHalf::new(target.is_some());
        Arc::new_cyclic(|me| Session {
            me: me.clone(),
            setup,
            io,
            id,
            target,
            send: Turn::new(SendHalf::default()),
            recv: Turn::new(recv),
            outbox: Outbox::default(),
            flags: AtomicU32::new(0),
            ready_set: OnceLock::new(),
            incoming: Mutex::new(None),
            open: AtomicBool::new(false),
            blocked: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
            readable_fd: AtomicI32::new(-1),
            over: AtomicBool::new(false),
            guard,
            backoff: Mutex::new(0),
        })
    }

    /// A session for an accepted connection; it attaches itself to the socket when the handshake is done.
    pub fn accepted(setup: Setup, stream: Stream) -> Arc<Session> {
        let session = Session::new(setup, None);
        session.io.add(session.id, session.clone());
        session.install(stream, false);
        session
    }

    /// A session for a connecting endpoint. The socket gets its pipes at once, unless `ZMQ_IMMEDIATE` wants them
    /// only while a peer is there.
    pub fn connect(setup: Setup, target: Box<dyn Target>) -> (Arc<Session>, Option<Attachment>) {
        let session = Session::new(setup, Some(target));
        let attachment = (!session.setup.options.immediate).then(|| session.make_pipes());
        let attachment = attachment.map(|(attachment, ends)| {
            session.give_ends(ends);
            attachment
        });
        session.io.add(session.id, session.clone());
        if session.target.as_ref().is_some_and(|target| target.is_at_hand()) {
            session.dial();
        } else {
            let dialler = session.clone();
            session.io.call(move || dialler.dial());
        }
        (session, attachment)
    }

    /// This session, counted. Methods run only while someone holds it.
    pub(super) fn arc(&self) -> Arc<Session> {
        self.me.upgrade().expect("a session that runs is alive")
    }

    fn give_ends(&self, ends: Ends) {
        self.outbox.push(Control::Pipe(ends.reader));
        self.drive_send();
        let mut pipe = Some((ends.writer, ends.bell));
        self.recv.take(|half| {
            if let Some((writer, bell)) = pipe.take() {
                half.set_pipe(writer, bell);
            }
        });
    }

    /// The socket loses its pipes, while the session goes on.
    pub(super) fn drop_pipe(&self) {
        self.outbox.push(Control::NoPipe);
        self.drive_send();
    }

    /// Makes the pipes between the socket and this session: the socket's ends, and the session's.
    pub(super) fn make_pipes(&self) -> (Attachment, Ends) {
        let options = &self.setup.options;
        let ours = Bell::new(self.arc());
        let theirs = Bell::default();
        let conflate = options.conflates();
        let (writer, out) =
            pipe(Limit { send: Some(options.sndhwm), receive: None }, conflate, ours.clone(), theirs.clone());
        let (into, reader) = pipe(Limit { send: None, receive: Some(options.rcvhwm) }, conflate, theirs.clone(), ours);
        let ends = Ends { reader: out, writer: into, bell: theirs.clone() };
        (Attachment { writer, reader, bell: theirs, session: Some(self.arc()) }, ends)
    }

    /// Whether the session connects, and so outlives the loss of its peer.
    pub fn connects(&self) -> bool {
        self.target.is_some()
    }

    /// Gives up at once what is not sent yet, and closes. Asynchronous, if another thread works on the connection.
    pub fn terminate(&self) {
        self.leave_word(CLOSE);
    }

    /// The socket is gone, or has disconnected. What it left in a pipe is still sent; but a session that has none, as
    /// `ZMQ_IMMEDIATE` has it while no peer is there, has nothing to stay for.
    pub fn let_go(&self) {
        self.leave_word(LET_GO);
    }

    /// The socket disconnected: the session goes on for what is not sent yet.
    pub fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
    }

    /// Closes at the latest after `time`, whatever is not sent until then.
    pub fn linger(&self, time: Duration) {
        self.io.set_timer(self.id, LINGER, Instant::now() + time);
    }

    /// Leaves news for the receive half; 0: there may be something to read.
    pub(super) fn leave_word(&self, news: u32) {
        if news != 0 {
            self.flags.fetch_or(news, Ordering::Release);
        }
        self.drive_recv();
    }

    /// Reads, decodes and does whatever else there is news for.
    pub fn drive_recv(&self) {
        self.recv.take(|half| half.drive(self));
    }

    /// Writes what is in the outgoing pipe.
    pub fn drive_send(&self) {
        let mut news = 0;
        self.send.take(|half| news |= half.drive(self));
        if news != 0 {
            self.leave_word(news);
        }
    }

    /// The socket's descriptors, for a connection that is established.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    pub(super) fn make_ready_set(&self) -> Result<&Arc<ReadySet>> {
        if let Some(set) = self.ready_set.get() {
            return Ok(set);
        }
        let set = self.setup.plug.ready_set(&self.io)?;
        Ok(self.ready_set.get_or_init(|| set))
    }

    /// The socket's descriptors, if a connection was ever established.
    pub(super) fn ready_set(&self) -> Option<&Arc<ReadySet>> {
        self.ready_set.get()
    }

    /// The socket's push: writes what was left, unless the descriptor is known to take nothing.
    pub fn push(&self) {
        if !self.blocked.load(Ordering::Relaxed) {
            self.drive_send();
        }
    }

    /// Sends a message at once, past the outgoing pipe: the frames that its writer holds back and a last one. False: nothing
    /// has changed, and it is to go through the pipe.
    #[inline]
    pub fn send_directly(&self, pipe: &Writer, body: &[u8]) -> bool {
        if !self.is_open() || self.blocked.load(Ordering::Relaxed) {
            return false;
        }
        let news = Cell::new(0);
        let add = |more: u32| news.set(news.get() | more);
        let sent = self
            .send
            .try_take(|half| half.send_directly(self, pipe, body).map(add).is_some(), |half| add(half.drive(self)));
        if news.get() != 0 {
            self.leave_word(news.get());
        }
        sent == Some(true)
    }

    /// Tries to make room in the outgoing pipe.
    pub fn make_room(&self) {
        if self.is_open() && !self.blocked.load(Ordering::Relaxed) {
            self.drive_send();
        }
    }

    /// A large message was put behind others that the system had no room for: writes what goes now, so that the thread
    /// that sends does not run far ahead of the connection.
    pub fn help(&self) {
        if self.blocked.load(Ordering::Relaxed) && self.is_open() {
            self.drive_send();
        }
    }

    /// Hands a new stream to the receive half.
    fn install(&self, stream: Stream, in_progress: bool) {
        *lock(&self.incoming) = Some((stream, in_progress));
        self.leave_word(INCOMING);
    }

    /// The stream that was installed, if the receive half did not take it yet.
    pub(super) fn take_incoming(&self) -> Option<(Stream, bool)> {
        lock(&self.incoming).take()
    }

    /// Starts an attempt to connect. Runs on the I/O thread where a name is to be resolved, which may take long.
    fn dial(&self) {
        let Some(target) = &self.target else { return };
        if self.over.load(Ordering::Acquire) {
            return;
        }
        match target.dial(&self.setup.options) {
            Ok(Dial::Connected(stream)) => self.install(stream, false),
            Ok(Dial::InProgress(stream)) => self.install(stream, true),
            Err(error) => {
                // Without another attempt the pipe stays, as if nobody had come yet.
                self.retry(error.kind() == std::io::ErrorKind::ConnectionRefused);
            }
        }
    }

    /// Sets the time for the next attempt; false if there is to be none. `refused`: nobody listens at the address.
    pub(super) fn retry(&self, refused: bool) -> bool {
        const STOP_WHEN_REFUSED: i32 = 1;
        const STOP_AFTER_DISCONNECT: i32 = 4;
        let options = &self.setup.options;
        let abandoned = self.abandoned.load(Ordering::Acquire) && options.reconnect_stop & STOP_AFTER_DISCONNECT != 0;
        if abandoned {
            self.leave_word(CLOSE);
        }
        let stop = abandoned || (refused && options.reconnect_stop & STOP_WHEN_REFUSED != 0);
        match options.reconnect_ivl {
            Some(base) if !stop => {
                let delay = self.next_delay(base, options.reconnect_ivl_max);
                self.io.set_timer(self.id, RECONNECT, Instant::now() + delay);
                true
            }
            _ => false,
        }
    }

    /// `ZMQ_RECONNECT_IVL` with a random share of it on top; or, with `ZMQ_RECONNECT_IVL_MAX`, doubled each time.
    fn next_delay(&self, base: Duration, max: Duration) -> Duration {
        if max.is_zero() {
            return base + base.mul_f64(random::fraction());
        }
        let mut attempts = lock(&self.backoff);
        let delay = base.saturating_mul(1u32.checked_shl(*attempts).unwrap_or(u32::MAX)).min(max);
        *attempts = attempts.saturating_add(1);
        delay
    }

    /// A connection was made: attempts start from the shortest delay again.
    pub(super) fn reset_backoff(&self) {
        *lock(&self.backoff) = 0;
    }

    /// The session is over: lets go of all that it holds.
    pub(super) fn finish(&self) {
        if !self.over.swap(true, Ordering::AcqRel) {
            self.outbox.push(Control::Finish);
            self.drive_send();
            self.io.remove(self.id);
            drop(lock(&self.incoming).take());
            drop(lock(&self.guard).take());
        }
    }

    /// Whether a peer is there and its handshake done.
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Whether the session is over.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

impl PipeOwner for Session {
    fn readable(&self) {
        // A blocked descriptor will be reported ready, and whoever sees that writes.
        if !self.blocked.load(Ordering::Relaxed) || self.is_over() {
            self.drive_send();
        }
    }

    fn writable(&self) {
        self.drive_recv();
    }
}

impl Drive for Session {
    fn ready(self: Arc<Self>, readiness: Readiness) {
        let mut news = 0;
        if readiness.closed {
            news |= READ_TO_END;
        }
        if readiness.write {
            self.blocked.store(false, Ordering::Relaxed);
            self.drive_send();
        }
        // A dialled stream becomes writable when it is connected, which is for the receive half to see.
        if readiness.read || readiness.closed || !self.open.load(Ordering::Acquire) {
            self.leave_word(news);
        }
    }

    fn readable_fd(&self) -> Option<RawFd> {
        let fd = self.readable_fd.load(Ordering::SeqCst);
        (fd >= 0).then_some(fd)
    }

    fn timer(self: Arc<Self>, kind: TimerKind, _now: Instant) {
        if kind == RECONNECT {
            self.dial();
        } else {
            self.leave_word(1 << kind);
        }
    }

    fn awaits_room(&self) -> bool {
        self.blocked.load(Ordering::SeqCst)
    }
}
