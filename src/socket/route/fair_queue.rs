//! Fair queue: receives from many pipes, a whole message from each in turn.

use super::active::ActiveRing;
use crate::message::Msg;
use crate::socket::Received;
use crate::socket::pattern::Dropped;
use crate::socket::pipes::{PipeId, Pipes, ReadBytes, Way};

/// Receives whole messages from its pipes in turn. Pipes that ran empty are left out until they have something.
#[derive(Default)]
pub struct FairQueue {
    ring: ActiveRing,
    /// The pipe whose message was read in part: its other frames come next.
    partial: Option<PipeId>,
    /// The pipe of a message read in part went away. The reader was promised another frame and gets an empty one, so
    /// that the next message is not taken for the rest of this one.
    cut: Option<PipeId>,
}

impl FairQueue {
    /// Adds a pipe.
    pub fn attach(&mut self, pipe: PipeId) {
        self.ring.insert(pipe);
    }

    /// Forgets a pipe; nothing happens if it is unknown.
    pub fn detach(&mut self, pipe: PipeId) {
        self.ring.remove(pipe);
        if self.partial == Some(pipe) {
            self.partial = None;
            self.cut = Some(pipe);
        }
    }

    /// The reader knows nothing yet of the message that was read in part and [lost](FairQueue::detach).
    pub fn forget_cut(&mut self) {
        self.cut = None;
    }

    /// A pipe has messages again.
    pub fn readable(&mut self, pipe: PipeId) {
        self.ring.activate(pipe);
    }

    /// Whether a glance tells that nothing is there, since all but one of the pipes have stopped anyway. That one does not
    /// stop for that: see [`Pipes::is_silent`].
    #[inline]
    pub fn is_silent(&self, pipes: &mut Pipes) -> bool {
        self.cut.is_none() && self.partial.is_none() && self.ring.sole().is_some_and(|pipe| pipes.is_silent(pipe))
    }

    /// The next frame and where it came from.
    #[inline]
    pub fn recv(&mut self, pipes: &mut Pipes) -> Option<(PipeId, Msg)> {
        let mut msg = Msg::new();
        let pipe = self.recv_into(pipes, &mut msg)?;
        Some((pipe, msg))
    }

    /// As [`recv`](FairQueue::recv), over `msg`.
    #[inline]
    pub fn recv_into(&mut self, pipes: &mut Pipes, msg: &mut Msg) -> Option<PipeId> {
        if let Some(pipe) = self.cut.take() {
            *msg = Msg::new();
            return Some(pipe);
        }
        while let Some(pipe) = self.ring.current() {
            if pipes.read_into(pipe, msg) {
                if msg.more() {
                    self.partial = Some(pipe);
                } else {
                    self.partial = None;
                    self.ring.advance();
                }
                return Some(pipe);
            }
            self.ring.deactivate_current();
            if self.partial.take().is_some() {
                *msg = Msg::new();
                return Some(pipe);
            }
        }
        None
    }

    /// The next frame, into the caller's memory. `accepts` is asked of the first frame of each message; one that it
    /// refuses is dropped as a whole.
    #[inline]
    pub fn recv_bytes(
        &mut self,
        pipes: &mut Pipes,
        out: &mut [u8],
        mut accepts: impl FnMut(&[u8]) -> bool,
    ) -> Option<Received> {
        if self.cut.take().is_some() {
            return Some(Received { len: 0, more: false });
        }
        while let Some(pipe) = self.ring.current() {
            let first = self.partial.is_none();
            match pipes.read_bytes(pipe, out, |bytes| !first || accepts(bytes)) {
                ReadBytes::Frame(received) => {
                    if received.more {
                        self.partial = Some(pipe);
                    } else {
                        self.partial = None;
                        self.ring.advance();
                    }
                    return Some(received);
                }
                ReadBytes::Refused { more } => {
                    pipes.message_dropped(Some(pipe), Dropped::NotSubscribed);
                    if more {
                        self.partial = Some(pipe);
                        self.skip_message(pipes);
                    } else {
                        self.ring.advance();
                    }
                }
                ReadBytes::None => {
                    self.ring.deactivate_current();
                    if self.partial.take().is_some() {
                        return Some(Received { len: 0, more: false });
                    }
                }
            }
        }
        None
    }

    /// Where all frames come from that are next, if it is one pipe.
    #[inline]
    pub fn way(&self) -> Option<Way> {
        let pipe = self.ring.sole().filter(|_| self.cut.is_none())?;
        Some(Way { pipe, in_message: self.partial.is_some(), one_message: false, named: false })
    }

    /// The same where each message is preceded by the routing id of its peer, which was read for the one that is next or has
    /// begun. With several peers all that is known is where the rest of this message comes from.
    #[inline]
    pub fn named_way(&self) -> Option<Way> {
        let pipe = self.partial?;
        let sole = self.ring.sole() == Some(pipe);
        Some(Way { pipe, in_message: true, one_message: !sole, named: sole })
    }

    /// Frames came that [`way`](FairQueue::way); more of the last one's message follow, or not.
    pub fn went(&mut self, in_message: bool) {
        if in_message {
            self.partial = self.ring.current();
        } else {
            self.partial = None;
            self.ring.advance();
        }
    }

    /// The pipe whose message is the next one, between messages.
    #[inline]
    pub fn next_pipe(&mut self, pipes: &mut Pipes) -> Option<PipeId> {
        while let Some(pipe) = self.ring.current() {
            if pipes.has_frame(pipe) {
                return Some(pipe);
            }
            self.ring.deactivate_current();
        }
        None
    }

    /// The reader was given something that precedes the next message, which comes from [`next_pipe`](Self::next_pipe):
    /// the message counts as begun.
    #[inline]
    pub fn begin_message(&mut self, pipe: PipeId) {
        debug_assert_eq!(self.ring.current(), Some(pipe));
        self.partial = Some(pipe);
    }

    /// Whether [`recv`](FairQueue::recv) would give a frame.
    pub fn can_recv(&mut self, pipes: &mut Pipes) -> bool {
        if self.in_message() {
            return true;
        }
        while let Some(pipe) = self.ring.current() {
            if pipes.can_read(pipe) {
                return true;
            }
            self.ring.deactivate_current();
        }
        false
    }

    /// Whether the next frame belongs to the message of the last one.
    pub fn in_message(&self) -> bool {
        self.partial.is_some() || self.cut.is_some()
    }

    /// Reads the rest of the message of the last frame and drops it.
    pub fn skip_message(&mut self, pipes: &mut Pipes) {
        while self.in_message() {
            self.recv(pipes);
        }
    }
}
