//! Sockets: one pattern, its pipes, its endpoints, and the calls that block.
//!
//! [`Socket`] is what a call works on while it holds the socket's lock; nothing in it ever waits. The blocking calls
//! are in [`blocking`]: they try, let go of the lock, wait (see [`wait`]), and try again. Other threads reach a
//! socket only through its [`Mailbox`].

mod ahead;
pub mod blocking;
mod endpoints;
mod inbox;
mod lookout;
mod mailbox;
mod pace;
pub mod pattern;
pub mod pipes;
pub mod poll;
pub mod proxy;
pub mod route;
pub mod wait;

pub use blocking::SocketCell;
pub use mailbox::{Command, Mailbox};

use crate::connection::{Guard, Session};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::options::{self, Applied, ContextDefaults, Live, Options, SocketState, SocketType};
use crate::reactor::readyset::ReadySet;
use endpoints::Endpoints;
use mailbox::PipeName;
use pattern::{Cx, Dropped, Origin, Pattern};
use pipes::Pipes;
use std::sync::Arc;
use std::time::Duration;

/// `ZMQ_POLLIN`: a receive would succeed now.
pub const POLLIN: i16 = 1;
/// `ZMQ_POLLOUT`: a send would succeed now.
pub const POLLOUT: i16 = 2;

/// So many frames make a group: more than a message of some frames.
const GROUP: u32 = 8;

/// Room for so many commands is kept.
const COMMANDS_KEPT: usize = 64;

/// A frame that was received into the caller's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its bytes, those included that were cut off.
    pub len: usize,
    /// Another frame of its message follows.
    pub more: bool,
}

/// See the module's documentation.
pub struct Socket {
    pattern: Box<dyn Pattern>,
    pipes: Pipes,
    options: Options,
    /// A copy for the sessions to refer to, as long as no option is set.
    shared_options: Option<Arc<Options>>,
    endpoints: Endpoints,
    /// Whether the frame received last is followed by another.
    rcvmore: bool,
    /// Frames received since the socket was last found to have none.
    received: u32,
    mailbox: Arc<Mailbox>,
    /// Room for commands that are taken out of the mailbox.
    commands: Vec<Command>,
    context: Arc<Context>,
    guard: Guard,
}

/// Calls a method of the socket's pattern.
macro_rules! pattern {
    ($socket:expr, $method:ident $(, $argument:expr)*) => {{
        let socket = &mut *$socket;
        let mut cx = Cx { pipes: &mut socket.pipes, options: &mut socket.options };
        socket.pattern.$method(&mut cx $(, $argument)*)
    }};
}

impl Socket {
    /// A new socket. `unlimited`: it starts without high-water marks, as in 2.1. `guard` is its slot in the context.
    pub(crate) fn new(
        context: Arc<Context>,
        socket_type: SocketType,
        defaults: &ContextDefaults,
        unlimited: bool,
        guard: Guard,
    ) -> Socket {
        let mailbox = Arc::new(Mailbox::default());
        let mut options = Options::new(socket_type, defaults);
        if unlimited {
            options.sndhwm = 0;
            options.rcvhwm = 0;
        }
        Socket {
            pattern: pattern::new(socket_type),
            pipes: Pipes::new(mailbox.clone(), socket_type),
            options,
            shared_options: None,
            endpoints: Endpoints::default(),
            rcvmore: false,
            received: 0,
            mailbox,
            commands: Vec::new(),
            context,
            guard,
        }
    }

    /// What other threads may touch.
    pub fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    /// The options' values.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How many messages were dropped for this reason since the socket was made.
    pub fn dropped(&self, reason: Dropped) -> u64 {
        self.pipes.dropped(reason)
    }

    /// Starts a call: checks that the socket may be used, and handles what its mailbox holds.
    ///
    /// # Errors
    /// `ETERM`: the context was shut down; `EINTR`: this is the child of a fork.
    #[inline(always)]
    pub fn enter(&mut self) -> Result<()> {
        if self.context.is_inherited() || self.mailbox.has_news() {
            self.enter_with_news()?;
        }
        self.pipes.push_if_old();
        Ok(())
    }

    #[inline(never)]
    fn enter_with_news(&mut self) -> Result<()> {
        if self.context.is_inherited() {
            return Err(Error::INTR);
        }
        if self.mailbox.is_terminated() {
            return Err(Error::TERM);
        }
        self.process();
        Ok(())
    }

    /// Whether a call may go on without looking at anything else first: no news, and no fork.
    #[inline]
    fn is_undisturbed(&self) -> bool {
        !self.context.is_inherited() && !self.mailbox.has_news()
    }

    /// Sends a frame on the lane that an earlier call has opened; false: it must go the whole way.
    #[inline]
    fn send_along(&mut self, bytes: &[u8], more: bool) -> bool {
        self.is_undisturbed() && self.pipes.send_along(bytes, more)
    }

    /// As [`send_along`](Socket::send_along), without taking the frame out of `msg`.
    #[inline]
    fn send_msg_along(&mut self, msg: &Msg, more: bool) -> bool {
        self.is_undisturbed() && self.pipes.send_msg_along(msg, more)
    }

    /// Receives a frame on the lane that an earlier call has opened; none: it must go the whole way.
    #[inline]
    fn recv_along(&mut self, out: &mut [u8]) -> Option<Received> {
        if !self.is_undisturbed() {
            return None;
        }
        let received = self.pipes.recv_along(out)?;
        self.note_received(received.more);
        Some(received)
    }

    /// As [`recv_along`](Socket::recv_along), over `msg`.
    #[inline]
    fn recv_msg_along(&mut self, msg: &mut Msg) -> bool {
        let received = self.is_undisturbed() && self.pipes.recv_msg_along(msg);
        if received {
            self.note_received(msg.more());
        }
        received
    }

    /// A frame was sent: opens a lane for the next ones, if there is one.
    #[inline(always)]
    fn open_lane_out(&mut self) {
        if self.pipes.has_to_do_with_lanes() {
            self.open_lane_out_now();
        }
    }

    #[inline(never)]
    fn open_lane_out_now(&mut self) {
        self.pipes.limit_into();
        if self.pipes.take_appended()
            && let Some(way) = pattern::way_out(&mut *self.pattern)
        {
            self.pipes.open_out(way);
        }
    }

    /// A frame was received: opens a lane for the next ones, if there is one.
    #[inline(always)]
    fn open_lane_in(&mut self) {
        if self.pipes.may_open_into() {
            self.open_lane_in_now();
        }
    }

    #[inline(never)]
    fn open_lane_in_now(&mut self) {
        if let Some(way) = pattern!(self, way_in) {
            self.pipes.open_into(way);
        }
    }

    /// Ends the lanes that are in the way of sending: without news a frame that is sent does not concern those received.
    #[inline(never)]
    fn close_lanes_to_send(&mut self) {
        if self.is_undisturbed() {
            pattern::close_lane_out(&mut *self.pattern, &mut self.pipes);
        } else {
            self.close_lanes();
        }
    }

    /// Counts what the lanes have carried, and ends them. Due before anything is done with the socket but by way of a lane.
    #[inline(always)]
    fn close_lanes(&mut self) {
        if self.pipes.has_lanes() {
            pattern::close_lanes(&mut *self.pattern, &mut self.pipes);
        }
    }

    /// Handles commands, and pipes that have ended.
    pub fn process(&mut self) {
        // They may be open still where a frame is to be sent, and the news came only now.
        self.close_lanes();
        let mut any = false;
        let mut commands = std::mem::take(&mut self.commands);
        while self.mailbox.take(&mut commands) {
            for command in commands.drain(..) {
                self.handle(command);
            }
            any = true;
        }
        // After a crowd has come or gone the room is given back.
        if commands.capacity() <= COMMANDS_KEPT {
            self.commands = commands;
        }
        self.detach_ended();
        if any {
            self.mailbox.note_processed();
        }
    }

    fn handle(&mut self, command: Command) {
        match command {
            Command::Attach(attachment, connected) => {
                let origin = if connected { Origin::Connected } else { Origin::Accepted };
                let name = self.pipes.add(*attachment);
                self.attach(name, origin);
            }
            Command::Readable(name) => {
                let Some(pipe) = self.pipes.find(name) else { return };
                if self.pipes.has_ended(pipe) {
                    self.detach(name);
                } else {
                    pattern!(self, readable, pipe);
                }
            }
            Command::Writable(name) => {
                let Some(pipe) = self.pipes.find(name) else { return };
                if self.pipes.has_ended(pipe) {
                    self.detach(name);
                } else {
                    pattern!(self, writable, pipe);
                }
            }
            Command::Reconnected(name) => {
                if let Some(pipe) = self.pipes.find(name) {
                    pattern!(self, reconnected, pipe);
                }
            }
        }
    }

    fn attach(&mut self, name: PipeName, origin: Origin) {
        // An application that waits on the descriptor may send now.
        self.mailbox.show();
        pattern!(self, attached, name.id, origin);
        if self.pipes.find(name).is_some() && self.pipes.has_ended(name.id) {
            self.detach(name);
        }
    }

    fn detach_ended(&mut self) {
        while let Some(name) = self.pipes.take_ended() {
            self.detach(name);
        }
    }

    fn detach(&mut self, name: PipeName) {
        if let Some(pipe) = self.pipes.find(name) {
            pattern!(self, detached, pipe);
            self.pipes.remove(pipe);
            self.endpoints.forget_pipe(name);
        }
    }

    /// Sends one frame if that is possible now.
    ///
    /// # Errors
    /// `EAGAIN`: not now; else as `zmq_msg_send`.
    #[inline]
    pub fn try_send(&mut self, msg: &mut Msg) -> Result<()> {
        self.pipes.begin_message();
        pattern!(self, send, msg)
    }

    /// Sends the bytes as one frame if that is possible now.
    ///
    /// # Errors
    /// `EAGAIN`: not now; else as `zmq_send`.
    #[inline]
    pub fn try_send_bytes(&mut self, bytes: &[u8], more: bool) -> Result<()> {
        self.pipes.begin_message();
        pattern!(self, send_bytes, bytes, more)
    }

    /// Receives one frame over `msg` if there is one.
    ///
    /// # Errors
    /// `EAGAIN`: not now; else as `zmq_msg_recv`.
    #[inline]
    pub fn try_recv(&mut self, msg: &mut Msg) -> Result<()> {
        self.pipes.set_tells_metadata(true);
        self.try_recv_next(msg)
    }

    /// As [`try_recv`](Socket::try_recv), for a message that is sent on: nobody asks what is known of its connection.
    ///
    /// # Errors
    /// As [`try_recv`](Socket::try_recv).
    pub fn try_recv_plain(&mut self, msg: &mut Msg) -> Result<()> {
        self.pipes.set_tells_metadata(false);
        self.try_recv_next(msg)
    }

    #[inline]
    fn try_recv_next(&mut self, msg: &mut Msg) -> Result<()> {
        let result = pattern!(self, recv, msg);
        match result {
            Ok(()) => self.note_received(msg.more()),
            Err(_) => self.detach_ended(),
        }
        result
    }

    /// Receives one frame into the caller's memory if there is one.
    ///
    /// # Errors
    /// `EAGAIN`: not now; else as `zmq_recv`.
    #[inline]
    pub fn try_recv_bytes(&mut self, out: &mut [u8]) -> Result<Received> {
        self.pipes.set_tells_metadata(false);
        let result = pattern!(self, recv_bytes, out);
        match &result {
            Ok(received) => self.note_received(received.more),
            Err(_) => self.detach_ended(),
        }
        result
    }

    #[inline]
    fn note_received(&mut self, more: bool) {
        self.rcvmore = more;
        self.received = self.received.wrapping_add(1);
    }

    /// The socket has nothing to receive. Whether several messages came since that was last so: then more is under way
    /// at once, and the thread does not send one message and wait for the answer to it.
    fn is_fed_in_groups(&mut self) -> bool {
        std::mem::take(&mut self.received) >= GROUP
    }

    /// What can be done now without waiting, of the `wanted` events.
    pub fn events(&mut self, wanted: i16) -> i16 {
        let mut events = 0;
        self.pipes.set_tells_metadata(true);
        if wanted & POLLIN != 0 && pattern!(self, can_recv) {
            events |= POLLIN;
        }
        if wanted & POLLOUT != 0 && pattern!(self, can_send) {
            events |= POLLOUT;
        }
        self.detach_ended();
        events
    }

    /// Makes sure that the socket has a descriptor to wait on. Without I/O threads it works for inproc all the same.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn make_set(&mut self) -> Result<&Arc<ReadySet>> {
        let io = || self.context.choose_io(self.options.affinity).or_else(|_| self.context.choose_io(0)).ok();
        self.mailbox.make_set(io)
    }

    /// Who pushes what the application leaves behind.
    fn set_lookout(&mut self, lookout: lookout::Lookout) {
        self.pipes.set_lookout(Box::new(lookout));
    }

    /// A visit of the lookout: takes out what was batched, and returns the sessions that are to be driven. `last`: it comes
    /// no more until it is called again.
    fn visit(&mut self, last: bool) -> Vec<Arc<Session>> {
        self.pipes.visit(last)
    }

    /// Whether what was batched can wait no longer.
    pub fn must_push(&self) -> bool {
        self.pipes.must_push()
    }

    /// The socket has nothing more to do for now: what was batched goes out.
    #[inline]
    pub fn push(&mut self) {
        self.pipes.push();
    }

    /// Sets an option (`zmq_setsockopt`); `None` for a null pointer.
    ///
    /// # Errors
    /// As `zmq_setsockopt`.
    pub fn set_option(&mut self, option: i32, value: Option<&[u8]>) -> Result<()> {
        self.enter()?;
        self.shared_options = None;
        match options::set(&mut self.options, option, value)? {
            Applied::Stored => Ok(()),
            Applied::Pipes => {
                self.pipes.update_limits(&self.options);
                self.process();
                Ok(())
            }
            Applied::Waits => {
                self.mailbox.spin.ask(self.options.busy_poll);
                Ok(())
            }
            Applied::Pattern => {
                self.pipes.begin_message();
                let result = pattern!(self, set_option, option, value.unwrap_or_default());
                result.unwrap_or(Err(Error::INVAL))
            }
        }
    }

    /// Reads an option (`zmq_getsockopt`); returns the size of the value.
    ///
    /// # Errors
    /// As `zmq_getsockopt`.
    pub fn get_option(&mut self, option: i32, out: &mut [u8]) -> Result<usize> {
        self.enter()?;
        let value = options::live(option).map(|which| self.live_value(which)).transpose()?;
        let mut state = Known { value: value.unwrap_or_default(), last_endpoint: self.endpoints.last() };
        options::get(&self.options, option, &mut state, out)
    }

    /// A value that only the socket knows.
    fn live_value(&mut self, which: Live) -> Result<i32> {
        match which {
            Live::Rcvmore => Ok(self.rcvmore.into()),
            Live::Fd => {
                let fd = self.make_set()?.window_fd()?;
                // What peers did so far, this very call may have taken from the mailbox.
                self.mailbox.expose(self.pipes.ids().next().is_some());
                Ok(fd)
            }
            Live::Events => {
                self.push();
                wait::look(&self.mailbox);
                self.enter()?;
                Ok(self.events(POLLIN | POLLOUT).into())
            }
            Live::TopicsCount => {
                let count = self.pattern.topics_count().ok_or(Error::INVAL)?;
                Ok(i32::try_from(count).unwrap_or(i32::MAX))
            }
        }
    }

    /// Closes the socket: what is under way is sent as `ZMQ_LINGER` says, by the I/O threads.
    pub fn close(mut self) {
        if self.context.is_inherited() {
            // The descriptors, and what the I/O threads know, are the parent's: nothing may be touched.
            std::mem::forget(self);
            return;
        }
        self.pipes.push();
        self.context.inproc.forget(&self.mailbox);
        self.mailbox.close();
        let linger = self.options.linger;
        self.endpoints.close(linger);
        let ids: Vec<usize> = self.pipes.ids().collect();
        for id in ids {
            self.pipes.rollback(id);
            if let Some(session) = self.pipes.remove(id) {
                end_session(&session, linger);
            }
        }
    }
}

/// The socket has let go of a session: it ends when all is sent, at the latest after the linger time.
fn end_session(session: &Arc<crate::connection::Session>, linger: Option<Duration>) {
    if session.is_over() {
        return;
    }
    match linger {
        None => {}
        Some(Duration::ZERO) => session.terminate(),
        Some(time) => session.linger(time),
    }
}

/// What reading an option may ask of the socket, found out beforehand.
struct Known<'a> {
    value: i32,
    last_endpoint: &'a str,
}

impl SocketState for Known<'_> {
    fn value(&mut self, _which: Live) -> Result<i32> {
        Ok(self.value)
    }

    fn last_endpoint(&self) -> &str {
        self.last_endpoint
    }
}
