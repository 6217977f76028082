//! `zmq_proxy` and its steerable form: passes whole messages between two sockets, frame by frame, and copies them to
//! a third.
//!
//! One side is read only while the other can be written, so that back-pressure reaches the senders.

use super::blocking::{DONTWAIT, Entered, SNDMORE, SocketCell};
use super::poll::{Item, Source, poll_items};
use super::{POLLIN, POLLOUT};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::options::SocketType;

/// How many messages go one way before the other way is looked at.
const BURST: u32 = 256;

/// Frames and bytes that went through one side.
#[derive(Clone, Copy, Default)]
struct Traffic {
    frames_in: u64,
    bytes_in: u64,
    frames_out: u64,
    bytes_out: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Paused,
    Terminated,
}

/// The sockets of a proxy.
pub struct Proxy<'a> {
    /// Towards the clients.
    pub frontend: &'a SocketCell,
    /// Towards the services; may be the same socket.
    pub backend: &'a SocketCell,
    /// Gets a copy of every frame.
    pub capture: Option<&'a SocketCell>,
    /// Steers: PAUSE, RESUME, TERMINATE, STATISTICS.
    pub control: Option<&'a SocketCell>,
}

impl Proxy<'_> {
    /// Runs until the control socket says TERMINATE.
    ///
    /// # Errors
    /// `ETERM` when the context is shut down, `EINTR` on a signal, or what a socket says.
    pub fn run(&self) -> Result<()> {
        let mut state = State::Active;
        let mut traffic = [Traffic::default(); 2];
        let same = self.has_one_socket();
        while state != State::Terminated {
            self.wait(state)?;
            if let Some(control) = self.control {
                self.obey(control, &mut state, &traffic)?;
            }
            if state == State::Active {
                self.forward(self.frontend, self.backend, &mut traffic, 0)?;
                if !same {
                    self.forward(self.backend, self.frontend, &mut traffic, 1)?;
                }
            }
        }
        Ok(())
    }

    fn has_one_socket(&self) -> bool {
        std::ptr::eq(self.frontend, self.backend)
    }

    /// Whether the only socket is a REP: it takes an answer once it has given the question, never before.
    fn answers(&self) -> Result<bool> {
        Ok(self.has_one_socket() && socket_type(self.frontend)? == SocketType::Rep)
    }

    /// Waits until something can be done.
    fn wait(&self, state: State) -> Result<()> {
        let item = |cell, events| Item { source: Source::Socket(cell), events, revents: 0 };
        let mut items = Vec::with_capacity(3);
        if let Some(control) = self.control {
            items.push(item(control, POLLIN));
        }
        if state == State::Active {
            items.push(item(self.frontend, POLLIN));
            items.push(item(self.backend, POLLIN));
        }
        poll_items(&mut items, None, None)?;
        let commanded = self.control.is_some() && items[0].revents != 0;
        if state != State::Active || commanded || self.answers()? { Ok(()) } else { self.wait_for_room(&items) }
    }

    /// Messages wait: unless some can be passed on now, waits until a side that has none to give takes some.
    fn wait_for_room(&self, found: &[Item<'_>]) -> Result<()> {
        let has = |wanted: &SocketCell| {
            found.iter().any(|item| item.revents & POLLIN != 0 && std::ptr::eq(cell(item), wanted))
        };
        let item = |cell, events| Item { source: Source::Socket(cell), events, revents: 0 };
        let mut items = Vec::with_capacity(3);
        if let Some(control) = self.control {
            items.push(item(control, POLLIN));
        }
        items.push(item(self.backend, if has(self.frontend) { POLLOUT } else { POLLIN }));
        items.push(item(self.frontend, if has(self.backend) { POLLOUT } else { POLLIN }));
        poll_items(&mut items, None, None)?;
        Ok(())
    }

    /// Passes messages one way while there are some and they are taken.
    fn forward(&self, from: &SocketCell, to: &SocketCell, traffic: &mut [Traffic; 2], side: usize) -> Result<()> {
        // With a capture, or with one socket at both ends, message by message; else many under one lock of each.
        if self.capture.is_none() && !std::ptr::eq(from, to) {
            return forward_burst(from, to, traffic, side);
        }
        let answers = self.answers()?;
        for _ in 0..BURST {
            if !(answers || can_send(to)?) || !self.forward_message(from, to, traffic, side)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Passes one message. False if there is none.
    fn forward_message(
        &self,
        from: &SocketCell,
        to: &SocketCell,
        traffic: &mut [Traffic; 2],
        side: usize,
    ) -> Result<bool> {
        let mut flags = DONTWAIT;
        loop {
            let mut msg = match from.recv(flags) {
                Ok(msg) => msg,
                Err(Error::AGAIN) => return Ok(false),
                Err(error) => return Err(error),
            };
            flags = 0;
            let more = msg.more();
            let send_flags = if more { SNDMORE } else { 0 };
            if let Some(capture) = self.capture {
                capture.send(&mut msg.duplicate(), send_flags)?;
            }
            count(traffic, side, msg.len());
            to.send(&mut msg, send_flags)?;
            if !more {
                return Ok(true);
            }
        }
    }

    /// Carries out what the control socket says, and answers where an answer is expected.
    fn obey(&self, control: &SocketCell, state: &mut State, traffic: &[Traffic; 2]) -> Result<()> {
        let msg = match control.recv(DONTWAIT) {
            Ok(msg) => msg,
            Err(Error::AGAIN) => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut more = msg.more();
        while more {
            more = control.recv(0)?.more();
        }
        match msg.data() {
            b"PAUSE" => *state = State::Paused,
            b"RESUME" => *state = State::Active,
            b"TERMINATE" => *state = State::Terminated,
            b"STATISTICS" => return report(control, traffic),
            _ => {}
        }
        if socket_type(control)? == SocketType::Rep {
            control.send(&mut Msg::new(), 0)?;
        }
        Ok(())
    }
}

/// A frame of so many bytes went through.
fn count(traffic: &mut [Traffic; 2], side: usize, bytes: usize) {
    let (here, there) = (side, 1 - side);
    traffic[here].frames_in += 1;
    traffic[here].bytes_in += bytes as u64;
    traffic[there].frames_out += 1;
    traffic[there].bytes_out += bytes as u64;
}

/// Locks two sockets, always in the same order, so that two proxies in opposite directions do not wait for each other.
fn lock_both<'a>(from: &'a SocketCell, to: &'a SocketCell) -> Result<(Entered<'a>, Entered<'a>)> {
    if std::ptr::from_ref(from) < std::ptr::from_ref(to) {
        let from = from.lock()?;
        Ok((from, to.lock()?))
    } else {
        let to = to.lock()?;
        Ok((from.lock()?, to))
    }
}

/// Passes a frame that could not be sent at once, and the rest of its message, waiting for room.
#[cold]
fn forward_slowly(
    from: &SocketCell,
    to: &SocketCell,
    mut msg: Msg,
    traffic: &mut [Traffic; 2],
    side: usize,
) -> Result<()> {
    loop {
        let more = msg.more();
        to.send(&mut msg, if more { SNDMORE } else { 0 })?;
        if !more {
            return Ok(());
        }
        msg = from.recv(0)?;
        count(traffic, side, msg.len());
    }
}

/// Passes up to a burst of messages while there are some and they are taken.
fn forward_burst(from: &SocketCell, to: &SocketCell, traffic: &mut [Traffic; 2], side: usize) -> Result<()> {
    let (mut source, mut target) = lock_both(from, to)?;
    source.enter()?;
    target.enter()?;
    for _ in 0..BURST {
        if target.events(POLLOUT) == 0 {
            return Ok(());
        }
        let mut more = true;
        while more {
            let mut msg = Msg::new();
            match source.try_recv_plain(&mut msg) {
                Ok(()) => {}
                Err(Error::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            }
            more = msg.more();
            msg.clear_metadata();
            count(traffic, side, msg.len());
            match target.try_send(&mut msg) {
                Ok(()) => {}
                // Not all that can be sent can be sent to whom this is for.
                Err(Error::AGAIN) => {
                    drop((source, target));
                    return forward_slowly(from, to, msg, traffic, side);
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn cell<'a>(item: &Item<'a>) -> *const SocketCell {
    match item.source {
        Source::Socket(cell) => cell,
        Source::Fd(_) => std::ptr::null(),
    }
}

fn socket_type(cell: &SocketCell) -> Result<SocketType> {
    Ok(cell.lock()?.options().socket_type)
}

fn can_send(cell: &SocketCell) -> Result<bool> {
    let mut socket = cell.lock()?;
    socket.enter()?;
    Ok(socket.events(POLLOUT) != 0)
}

/// Eight frames of eight bytes each, in the machine's byte order: frames and bytes received and sent, of the front
/// and of the back.
fn report(control: &SocketCell, traffic: &[Traffic; 2]) -> Result<()> {
    let numbers = traffic.map(|side| [side.frames_in, side.bytes_in, side.frames_out, side.bytes_out]);
    let numbers = numbers.concat();
    for (index, number) in numbers.iter().enumerate() {
        let flags = if index + 1 < numbers.len() { SNDMORE } else { 0 };
        control.send(&mut Msg::copy_of(&number.to_ne_bytes())?, flags)?;
    }
    Ok(())
}
