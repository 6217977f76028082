//! The calls that may wait: send and receive, with the socket's lock held only while something is done.

use super::lookout::Lookout;
use super::wait::{self, deadline};
use super::{Mailbox, Received, Socket};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::sys::lock::{Lock, Locked};
use crate::sys::{clock, fork};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// `ZMQ_DONTWAIT`.
pub const DONTWAIT: i32 = 1;
/// `ZMQ_SNDMORE`.
pub const SNDMORE: i32 = 2;

/// A socket behind its lock; empty when it was closed.
#[derive(Default)]
pub struct SocketCell {
    socket: Lock<Option<Socket>>,
    /// The process that the socket belongs to, by the number of forks before it.
    generation: AtomicU32,
}

/// A socket while a call works on it. Its lanes are closed, but for the one of what is received while something is sent.
pub struct Entered<'a>(Locked<'a, Option<Socket>>);

impl<'a> Entered<'a> {
    /// None if the socket was closed.
    #[inline(always)]
    fn new(mut guard: Locked<'a, Option<Socket>>) -> Option<Entered<'a>> {
        guard.as_mut()?.close_lanes();
        Some(Entered(guard))
    }
}

impl std::ops::Deref for Entered<'_> {
    type Target = Socket;
    #[inline]
    fn deref(&self) -> &Socket {
        self.0.as_ref().expect("checked when it was locked")
    }
}

impl std::ops::DerefMut for Entered<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Socket {
        self.0.as_mut().expect("checked when it was locked")
    }
}

impl SocketCell {
    /// In the child of a fork a thread of the parent may have the lock for ever: then it is not to be had.
    #[inline]
    fn guard(&self) -> Result<Locked<'_, Option<Socket>>> {
        let inherited = || self.generation.load(Ordering::Relaxed) != fork::generation();
        self.socket.lock_unless(inherited).ok_or(Error::INTR)
    }

    /// Puts a socket in. From now on an I/O thread can push what the application leaves behind in it.
    ///
    /// # Errors
    /// `EINTR` in the child of a fork.
    pub fn put(&'static self, mut socket: Socket) -> Result<()> {
        let mut guard = self.guard()?;
        self.generation.store(fork::generation(), Ordering::Relaxed);
        socket.set_lookout(Lookout::new(self, &socket));
        *guard = Some(socket);
        Ok(())
    }

    /// Takes the socket out, to be closed.
    ///
    /// # Errors
    /// `ENOTSOCK`: there is none; `EINTR`: this is the child of a fork, which cannot have it.
    pub fn take(&self) -> Result<Socket> {
        let mut socket = self.guard()?.take().ok_or(Error::NOTSOCK)?;
        socket.close_lanes();
        Ok(socket)
    }

    /// Locks the socket.
    ///
    /// # Errors
    /// `ENOTSOCK`: there is none; `EINTR`: this is the child of a fork, which cannot have it.
    #[inline]
    pub fn lock(&self) -> Result<Entered<'_>> {
        Entered::new(self.guard()?).ok_or(Error::NOTSOCK)
    }

    /// Locks the socket unless another thread is inside a call on it, or there is none.
    pub(super) fn try_lock(&self) -> Option<Entered<'_>> {
        self.socket.try_lock().and_then(Entered::new)
    }

    /// Sends the bytes as one frame.
    ///
    /// # Errors
    /// As `zmq_send`.
    #[inline]
    pub fn send_bytes(&self, bytes: &[u8], flags: i32) -> Result<()> {
        let more = flags & SNDMORE != 0;
        let mut guard = self.guard()?;
        let socket = guard.as_mut().ok_or(Error::NOTSOCK)?;
        if socket.pipes.has_lanes() {
            if socket.send_along(bytes, more) {
                return Ok(());
            }
            socket.close_lanes_to_send();
        }
        let mut socket = Entered(guard);
        socket.enter()?;
        match socket.try_send_bytes(bytes, more) {
            Err(Error::AGAIN) => {
                self.wait_until(socket, flags, Direction::Send, |socket| socket.try_send_bytes(bytes, more))
            }
            result => {
                socket.open_lane_out();
                result
            }
        }
    }

    /// Receives one frame into the caller's memory; what does not fit is cut off.
    ///
    /// # Errors
    /// As `zmq_recv`.
    #[inline]
    pub fn recv_bytes(&self, out: &mut [u8], flags: i32) -> Result<Received> {
        let mut guard = self.guard()?;
        let socket = guard.as_mut().ok_or(Error::NOTSOCK)?;
        if socket.pipes.has_lanes() {
            if let Some(received) = socket.recv_along(out) {
                return Ok(received);
            }
            socket.close_lanes();
        }
        let mut socket = Entered(guard);
        socket.enter()?;
        match socket.try_recv_bytes(out) {
            Err(Error::AGAIN) => {
                self.wait_until(socket, flags, Direction::Receive, |socket| socket.try_recv_bytes(out))
            }
            result => {
                socket.open_lane_in();
                result
            }
        }
    }

    /// Sends one frame; takes it out of `msg`, or leaves it there and fails.
    ///
    /// # Errors
    /// As `zmq_msg_send`.
    #[inline]
    pub fn send(&self, msg: &mut Msg, flags: i32) -> Result<()> {
        let more = flags & SNDMORE != 0;
        let mut guard = self.guard()?;
        let socket = guard.as_mut().ok_or(Error::NOTSOCK)?;
        if socket.pipes.has_lanes() {
            if socket.send_msg_along(msg, more) {
                // Its content may be freed by a function of the caller's: not under the lock.
                drop(guard);
                *msg = Msg::new();
                return Ok(());
            }
            socket.close_lanes_to_send();
        }
        let mut socket = Entered(guard);
        socket.enter()?;
        msg.set_more(more);
        msg.clear_metadata();
        match socket.try_send(msg) {
            Err(Error::AGAIN) => self.wait_until(socket, flags, Direction::Send, |socket| socket.try_send(msg)),
            result => {
                socket.open_lane_out();
                result
            }
        }
    }

    /// Receives one frame.
    ///
    /// # Errors
    /// As `zmq_msg_recv`.
    pub fn recv(&self, flags: i32) -> Result<Msg> {
        let mut msg = Msg::new();
        self.recv_into(&mut msg, flags)?;
        Ok(msg)
    }

    /// Receives one frame over `msg`, which is empty if there was none.
    ///
    /// # Errors
    /// As `zmq_msg_recv`.
    #[inline]
    pub fn recv_into(&self, msg: &mut Msg, flags: i32) -> Result<()> {
        let mut guard = self.guard()?;
        let socket = guard.as_mut().ok_or(Error::NOTSOCK)?;
        if socket.pipes.has_lanes() {
            if socket.recv_msg_along(msg) {
                return Ok(());
            }
            socket.close_lanes();
        }
        let mut socket = Entered(guard);
        socket.enter()?;
        match socket.try_recv(msg) {
            Err(Error::AGAIN) => {
                // What it held is gone even if nothing comes: as libzmq does it.
                *msg = Msg::new();
                self.wait_until(socket, flags, Direction::Receive, |socket| socket.try_recv(msg))
            }
            result => {
                socket.open_lane_in();
                result
            }
        }
    }

    /// Repeats `attempt` until it is not `EAGAIN`, or the time is over.
    #[cold]
    fn wait_until<'a, T>(
        &'a self,
        mut socket: Entered<'a>,
        flags: i32,
        direction: Direction,
        mut attempt: impl FnMut(&mut Socket) -> Result<T>,
    ) -> Result<T> {
        socket.close_lanes();
        let mailbox = socket.mailbox().clone();
        let mut looked = false;
        // What was batched can wait while there is more to receive, as that may lead to more to send.
        if let Direction::Receive = direction
            && !socket.must_push()
        {
            if !socket.is_fed_in_groups() {
                clock::count_wait();
            }
            wait::glance(&mailbox);
            looked = true;
            if mailbox.has_news() {
                looked = false;
                socket.enter()?;
                match attempt(&mut socket) {
                    Err(Error::AGAIN) => {}
                    result => return result,
                }
            }
        }
        socket.push();
        let timeout = match direction {
            Direction::Send => socket.options().sndtimeo,
            Direction::Receive => socket.options().rcvtimeo,
        };
        if flags & DONTWAIT != 0 || timeout == Some(Duration::ZERO) {
            return look_once(socket, &mailbox, attempt);
        }
        let deadline = deadline(timeout);
        loop {
            let processed = mailbox.processed();
            drop(socket);
            wait::wait(&mailbox, deadline, processed, looked)?;
            looked = false;
            socket = self.lock()?;
            if !Arc::ptr_eq(socket.mailbox(), &mailbox) {
                // Closed by another thread meanwhile, and the handle is another socket's already.
                return Err(Error::NOTSOCK);
            }
            socket.enter()?;
            match attempt(&mut socket) {
                Err(Error::AGAIN) => socket.push(),
                result => return result,
            }
        }
    }
}

/// One more attempt after a look at the connections.
fn look_once<T>(
    mut socket: Entered<'_>,
    mailbox: &Arc<Mailbox>,
    mut attempt: impl FnMut(&mut Socket) -> Result<T>,
) -> Result<T> {
    clock::count_wait();
    wait::look(mailbox);
    if !mailbox.has_news() {
        return Err(Error::AGAIN);
    }
    socket.enter()?;
    attempt(&mut socket)
}

#[derive(Clone, Copy)]
enum Direction {
    Send,
    Receive,
}
