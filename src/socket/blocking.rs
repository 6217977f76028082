//! The calls that may wait: send and receive, with the socket's lock held only while something is done.

use super::wait::{self, deadline};
use super::{Mailbox, Socket};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::sys::clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// `ZMQ_DONTWAIT`.
pub const DONTWAIT: i32 = 1;
/// `ZMQ_SNDMORE`.
pub const SNDMORE: i32 = 2;

/// A socket behind its lock; empty when it was closed.
#[derive(Default)]
pub struct SocketCell(Mutex<Option<Socket>>);

/// A socket while a call works on it.
pub struct Entered<'a>(MutexGuard<'a, Option<Socket>>);

impl std::ops::Deref for Entered<'_> {
    type Target = Socket;
    fn deref(&self) -> &Socket {
        self.0.as_ref().expect("checked when it was locked")
    }
}

impl std::ops::DerefMut for Entered<'_> {
    fn deref_mut(&mut self) -> &mut Socket {
        self.0.as_mut().expect("checked when it was locked")
    }
}

impl SocketCell {
    fn guard(&self) -> MutexGuard<'_, Option<Socket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a socket in.
    pub fn put(&self, socket: Socket) {
        *self.guard() = Some(socket);
    }

    /// Takes the socket out, to be closed.
    ///
    /// # Errors
    /// `ENOTSOCK`: there is none.
    pub fn take(&self) -> Result<Socket> {
        self.guard().take().ok_or(Error::NOTSOCK)
    }

    /// Locks the socket.
    ///
    /// # Errors
    /// `ENOTSOCK`: there is none.
    #[inline]
    pub fn lock(&self) -> Result<Entered<'_>> {
        let guard = self.guard();
        if guard.is_some() { Ok(Entered(guard)) } else { Err(Error::NOTSOCK) }
    }

    /// Sends one frame; takes it out of `msg`, or leaves it there and fails.
    ///
    /// # Errors
    /// As `zmq_msg_send`.
    #[inline]
    pub fn send(&self, msg: &mut Msg, flags: i32) -> Result<()> {
        let mut socket = self.lock()?;
        socket.enter()?;
        msg.set_more(flags & SNDMORE != 0);
        msg.clear_metadata();
        match socket.try_send(msg) {
            Err(Error::AGAIN) => self.wait_until(socket, flags, Direction::Send, |socket| socket.try_send(msg)),
            result => result,
        }
    }

    /// Receives one frame.
    ///
    /// # Errors
    /// As `zmq_msg_recv`.
    pub fn recv(&self, flags: i32) -> Result<Msg> {
        let mut msg = Msg::new();
        self.recv_into(&mut msg, flags, false)?;
        Ok(msg)
    }

    /// Receives one frame over `msg`. `bytes_only`: what is known of the connection is not asked for.
    ///
    /// # Errors
    /// As `zmq_msg_recv`.
    #[inline]
    pub fn recv_into(&self, msg: &mut Msg, flags: i32, bytes_only: bool) -> Result<()> {
        let mut socket = self.lock()?;
        socket.enter()?;
        match socket.try_recv(msg, bytes_only) {
            Err(Error::AGAIN) => {
                self.wait_until(socket, flags, Direction::Receive, |socket| socket.try_recv(msg, bytes_only))
            }
            result => result,
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
        let mailbox = socket.mailbox().clone();
        let mut looked = false;
        // What was batched can wait while there is more to receive, as that may lead to more to send.
        if let Direction::Receive = direction
            && !socket.must_push()
        {
            wait::look(&mailbox);
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
