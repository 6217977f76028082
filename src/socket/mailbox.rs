//! What other threads may touch of a socket: its mailbox, and how its waiting thread is woken.
//!
//! Commands are rare: a peer came, a pipe has messages again. They are processed by whatever thread is inside a call
//! on the socket. How none of them is lost, or slept through, is the matter of the [`Inbox`].

use super::inbox::{Inbox, PENDING};
use crate::connection::{Attachment, Plug};
use crate::error::{Error, Result};
use crate::pipe::PipeOwner;
use crate::reactor::Handle;
use crate::reactor::readyset::ReadySet;
use crate::sys::futex::Wake;
use crate::sys::spin::Spin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// A pipe of a socket, and which of the pipes that had this number over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PipeName {
    pub id: usize,
    pub generation: u32,
}

/// What a socket is told.
pub enum Command {
    /// A peer came; true: this socket connected. Boxed, as most commands are names.
    Attach(Box<Attachment>, bool),
    /// A pipe has messages again, or its peer is gone.
    Readable(PipeName),
    /// A pipe has room again, or its peer is gone.
    Writable(PipeName),
    /// The peer of a pipe was lost and is there again.
    Reconnected(PipeName),
}

/// The context was shut down.
const TERMINATED: u32 = PENDING << 1;

/// See the module's documentation.
pub struct Mailbox {
    inbox: Inbox<Command>,
    /// Waiters that sleep on the signal word, for want of descriptors.
    word_waiters: AtomicU32,
    /// Advances when commands are processed: what a thread waits for may have been processed by another.
    processed: AtomicU32,
    set: OnceLock<Arc<ReadySet>>,
    making_set: Mutex<()>,
    /// The application has the descriptor (`ZMQ_FD`), and may be waiting on it unseen.
    exposed: AtomicBool,
    /// How well spinning did lately.
    pub(super) spin: Spin,
}

impl Default for Mailbox {
    fn default() -> Mailbox {
        Mailbox {
            inbox: Inbox::default(),
            word_waiters: AtomicU32::new(0),
            processed: AtomicU32::new(0),
            set: OnceLock::new(),
            making_set: Mutex::new(()),
            exposed: AtomicBool::new(false),
            spin: Spin::default(),
        }
    }
}

impl Mailbox {
    /// Puts a command in and wakes whoever waits. When the socket is closed the command is dropped.
    pub fn push(&self, command: Command) {
        if matches!(self.inbox.push(command), Ok(true)) {
            self.wake();
        }
    }

    /// Wakes whoever waits on the socket, or has its descriptor.
    fn wake(&self) {
        let waiters = self.inbox.waiters() > 0;
        if let Some(set) = self.set.get()
            && (waiters || self.exposed.load(Ordering::SeqCst))
        {
            set.wake();
        }
        if waiters && self.word_waiters.load(Ordering::SeqCst) > 0 {
            self.inbox.wake_sleepers();
        }
    }

    /// Sleeps, as a thread that has entered the wait and has no descriptors to sleep on, until there is news.
    ///
    /// # Errors
    /// `EINTR`: a signal handler ran.
    pub fn sleep_on_word(&self, timeout: Option<Duration>) -> Result<()> {
        self.word_waiters.fetch_add(1, Ordering::SeqCst);
        let wake = self.inbox.sleep(timeout);
        self.word_waiters.fetch_sub(1, Ordering::SeqCst);
        if wake == Wake::Interrupted { Err(Error::INTR) } else { Ok(()) }
    }

    /// The context is shut down: every call fails from now on.
    pub fn terminate(&self) {
        if self.inbox.raise(TERMINATED) {
            self.wake();
        }
    }

    /// Whether the context was shut down.
    #[inline]
    pub fn is_terminated(&self) -> bool {
        self.inbox.is_raised(TERMINATED)
    }

    /// Whether something is to be looked at: commands, or the end.
    #[inline]
    pub fn has_news(&self) -> bool {
        self.inbox.has_news()
    }

    /// Whether several threads wait on the socket.
    pub fn has_several_waiters(&self) -> bool {
        self.inbox.waiters() > 1
    }

    /// Takes all commands, in exchange for an empty list. False if there were none.
    #[inline]
    pub fn take(&self, commands: &mut Vec<Command>) -> bool {
        self.inbox.take(commands)
    }

    /// The socket is closed: commands are dropped from now on.
    pub fn close(&self) {
        drop(self.inbox.close());
        self.wake();
    }

    /// Whether the socket is closed.
    pub fn is_closed(&self) -> bool {
        self.inbox.is_closed()
    }

    /// A thread is about to sleep on the socket.
    pub fn enter_wait(&self) {
        if self.inbox.enter_wait() > 0 {
            // The others are to notice that they no longer sleep alone.
            self.wake();
        }
    }

    /// It no longer does. A signal wakes one of several sleepers for certain, the one that takes it back: that one
    /// passes it on.
    pub fn leave_wait(&self) {
        if self.inbox.leave_wait() > 0 {
            self.wake();
        }
    }

    /// Commands were processed: other threads that wait on the socket are to look again.
    pub fn note_processed(&self) {
        self.processed.fetch_add(1, Ordering::SeqCst);
        if self.inbox.waiters() > 0 {
            self.wake();
        }
    }

    /// Changes whenever commands are processed. Read it under the socket's lock, before the lock is let go to wait.
    pub fn processed(&self) -> u32 {
        self.processed.load(Ordering::SeqCst)
    }

    /// The socket's descriptors, if it has any.
    #[inline]
    pub fn set(&self) -> Option<&Arc<ReadySet>> {
        self.set.get()
    }

    /// The socket's descriptors, made now if there are none.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn make_set(&self, io: impl FnOnce() -> Option<Handle>) -> Result<&Arc<ReadySet>> {
        let _making = self.making_set.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(set) = self.set.get() {
            return Ok(set);
        }
        let set = ReadySet::new(io())?;
        let set = self.set.get_or_init(|| set);
        if self.has_news() {
            set.wake();
        }
        Ok(set)
    }

    /// The application gets the descriptor: from now on it is made readable whenever there is news. It starts
    /// readable if there is news already, or if there was some (`past`) that no descriptor could show.
    pub fn expose(&self, past: bool) {
        let first = !self.exposed.swap(true, Ordering::SeqCst);
        if let Some(set) = self.set.get()
            && (self.has_news() || (first && past))
        {
            set.wake();
        }
    }

    /// What the socket could do has changed within a call: the application's descriptor says so.
    pub fn show(&self) {
        if let (true, Some(set)) = (self.is_exposed(), self.set.get()) {
            set.wake();
        }
    }

    /// Whether the application has the descriptor.
    pub fn is_exposed(&self) -> bool {
        self.exposed.load(Ordering::Relaxed)
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        if let Some(set) = self.set.get() {
            set.close();
        }
    }
}

impl Plug for Mailbox {
    fn attach(&self, attachment: Attachment, connected: bool) {
        self.push(Command::Attach(Box::new(attachment), connected));
    }

    fn ready_set(&self, io: &Handle) -> Result<Arc<ReadySet>> {
        self.make_set(|| Some(io.clone())).cloned()
    }

    fn has_ready_set(&self) -> bool {
        self.set().is_some()
    }

    fn is_gone(&self) -> bool {
        self.is_closed()
    }
}

/// A pipe's owner: the socket, reached through its mailbox.
pub struct PipeEnd {
    pub mailbox: Arc<Mailbox>,
    pub name: PipeName,
}

impl PipeOwner for PipeEnd {
    fn readable(&self) {
        self.mailbox.push(Command::Readable(self.name));
    }

    fn writable(&self) {
        self.mailbox.push(Command::Writable(self.name));
    }

    fn reconnected(&self) {
        self.mailbox.push(Command::Reconnected(self.name));
    }
}
