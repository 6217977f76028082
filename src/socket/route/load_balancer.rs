//! Load balancer: sends to many pipes, a whole message to each in turn, past those that are full.

use super::active::ActiveRing;
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::socket::pattern::Dropped;
use crate::socket::pipes::{PipeId, Pipes, Way};
use std::mem;

/// What happens to the frames that follow in a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// No message is under way.
    Between,
    /// The frames follow the first one into this pipe.
    Into(PipeId),
    /// The pipe went away: the frames are dropped.
    Lost,
}

/// Sends whole messages to its pipes in turn. Pipes that are full are left out until they have room.
pub struct LoadBalancer {
    ring: ActiveRing,
    progress: Progress,
}

impl Default for LoadBalancer {
    fn default() -> LoadBalancer {
        LoadBalancer { ring: ActiveRing::default(), progress: Progress::Between }
    }
}

impl LoadBalancer {
    /// Adds a pipe.
    pub fn attach(&mut self, pipe: PipeId) {
        self.ring.insert(pipe);
    }

    /// Forgets a pipe; nothing happens if it is unknown.
    pub fn detach(&mut self, pipe: PipeId) {
        self.ring.remove(pipe);
        if self.progress == Progress::Into(pipe) {
            self.progress = Progress::Lost;
        }
    }

    /// A pipe has room again.
    pub fn writable(&mut self, pipe: PipeId) {
        self.ring.activate(pipe);
    }

    /// Sends a frame, to the pipe of the message's first frame if there was one.
    ///
    /// # Errors
    /// `EAGAIN` if no pipe takes a message now; only for the first frame of one.
    #[inline]
    pub fn send(&mut self, pipes: &mut Pipes, msg: &mut Msg) -> Result<()> {
        let more = msg.more();
        if self.progress != Progress::Between {
            self.send_rest(pipes, msg);
            return Ok(());
        }
        while let Some(pipe) = self.ring.current() {
            if !more && pipes.send(pipe, msg) {
                self.ring.advance();
                return Ok(());
            }
            if more && pipes.write(pipe, msg) {
                self.progress = Progress::Into(pipe);
                return Ok(());
            }
            self.ring.deactivate_current();
        }
        Err(Error::AGAIN)
    }

    /// Sends the bytes as a frame, if no message need be made of them for that. False: nothing has changed.
    #[inline]
    pub fn append(&mut self, pipes: &mut Pipes, body: &[u8], more: bool) -> bool {
        let pipe = match self.progress {
            Progress::Between => self.ring.current(),
            Progress::Into(pipe) => Some(pipe),
            Progress::Lost => None,
        };
        let Some(pipe) = pipe.filter(|&pipe| pipes.append(pipe, body, more)) else { return false };
        if more {
            self.progress = Progress::Into(pipe);
        } else {
            self.progress = Progress::Between;
            self.ring.advance();
        }
        true
    }

    /// Where all frames go that come next, if there is but one pipe for them.
    #[inline]
    pub fn way(&self) -> Option<Way> {
        let pipe = self.ring.sole()?;
        let in_message = match self.progress {
            Progress::Between => false,
            Progress::Into(target) if target == pipe => true,
            _ => return None,
        };
        Some(Way { pipe, in_message, one_message: false, named: false })
    }

    /// Frames went that [`way`](LoadBalancer::way); more of the last one's message follow, or not.
    pub fn went(&mut self, in_message: bool) {
        self.progress = match self.ring.current() {
            Some(pipe) if in_message => Progress::Into(pipe),
            _ => Progress::Between,
        };
    }

    /// Sends a frame that is not the first of its message, or drops it if the others cannot arrive.
    fn send_rest(&mut self, pipes: &mut Pipes, msg: &mut Msg) {
        let more = msg.more();
        if let Progress::Into(pipe) = self.progress
            && !pipes.write(pipe, msg)
        {
            pipes.rollback(pipe);
            self.progress = Progress::Lost;
        }
        if let Progress::Lost = self.progress {
            drop(mem::take(msg));
        }
        if more {
            return;
        }
        match mem::replace(&mut self.progress, Progress::Between) {
            Progress::Into(pipe) => {
                pipes.flush(pipe);
                self.ring.advance();
            }
            _ => pipes.message_dropped(None, Dropped::PeerLost),
        }
    }

    /// Whether [`send`](LoadBalancer::send) would take a frame.
    pub fn can_send(&mut self, pipes: &mut Pipes) -> bool {
        if self.progress != Progress::Between {
            return true;
        }
        while let Some(pipe) = self.ring.current() {
            if pipes.can_write(pipe) {
                return true;
            }
            self.ring.deactivate_current();
        }
        false
    }

    /// The pipe that the message under way goes to; `None` between messages, and when that pipe was lost.
    pub fn target(&self) -> Option<PipeId> {
        match self.progress {
            Progress::Into(pipe) => Some(pipe),
            _ => None,
        }
    }
}
