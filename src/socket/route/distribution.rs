//! Distribution: gives a copy of each message to a set of pipes; those that are full go without.

use crate::message::Msg;
use crate::socket::pattern::Dropped;
use crate::socket::pipes::{PipeId, Pipes};
use std::mem;

/// Sends the frames of a message to the pipes chosen for its first frame.
#[derive(Default)]
pub struct Distribution {
    recipients: Vec<PipeId>,
    in_message: bool,
    /// The frames of the present message went into a batch for all recipients.
    fanned: bool,
}

impl Distribution {
    /// Whether the next frame belongs to the message of the last one.
    pub fn in_message(&self) -> bool {
        self.in_message
    }

    /// An empty list, to be filled with the pipes that the next message goes to, each once.
    pub fn choose(&mut self) -> &mut Vec<PipeId> {
        debug_assert!(!self.in_message);
        self.recipients.clear();
        &mut self.recipients
    }

    /// The pipes that the message goes to.
    pub fn recipients(&self) -> &[PipeId] {
        &self.recipients
    }

    /// Forgets a pipe: the rest of a message under way goes to the others.
    pub fn detach(&mut self, pipe: PipeId) {
        if let Some(place) = self.recipients.iter().position(|&other| other == pipe) {
            self.recipients.swap_remove(place);
        }
    }

    /// Sends the bytes as a frame to the chosen pipes, if no message need be made of them for that. False: nothing has changed.
    #[inline]
    pub fn append(&mut self, pipes: &mut Pipes, body: &[u8], more: bool) -> bool {
        let first = !self.in_message;
        let done = match self.recipients[..] {
            [] if !self.fanned => true,
            [pipe] if !self.fanned => pipes.append(pipe, body, more),
            _ if first || self.fanned => pipes.append_to_all(&self.recipients, body, more),
            _ => false,
        };
        if done {
            self.fanned = more && (self.fanned || self.recipients.len() > 1);
            self.in_message = more;
        }
        done
    }

    /// Sends a frame to the chosen pipes. A pipe that has no room for the first frame gets none of the message.
    #[inline]
    pub fn send(&mut self, pipes: &mut Pipes, msg: &mut Msg) {
        if msg.is_data() && self.append(pipes, msg.data(), msg.more()) {
            drop(mem::take(msg));
            return;
        }
        let first = !self.in_message;
        self.in_message = msg.more();
        if self.fanned {
            // The rest of a message that the batch does not take: its beginning goes the other way, too.
            self.unfan(pipes);
        } else if first && msg.is_data() && pipes.begin_for_all(&self.recipients, msg.data(), msg.more()) {
            self.fanned = msg.more();
            drop(mem::take(msg));
            return;
        }
        self.send_to_each(pipes, msg, first);
        drop(mem::take(msg));
    }

    /// Takes the frames of the present message out of the batch for all, and gives each pipe its own.
    #[cold]
    fn unfan(&mut self, pipes: &mut Pipes) {
        self.fanned = false;
        let mut first = true;
        let Some(frames) = pipes.take_from_all() else {
            // Nobody gets the rest of a message without its beginning.
            self.recipients.iter().for_each(|&pipe| pipes.message_dropped(Some(pipe), Dropped::OutOfMemory));
            self.recipients.clear();
            return;
        };
        for mut frame in frames {
            self.send_to_each(pipes, &mut frame, first);
            first = false;
        }
    }

    fn send_to_each(&mut self, pipes: &mut Pipes, msg: &mut Msg, first: bool) {
        let (more, mut place) = (msg.more(), 0);
        while let Some(&pipe) = self.recipients.get(place) {
            let last = place + 1 == self.recipients.len();
            let mut copy = if last { mem::take(msg) } else { msg.duplicate() };
            // One lookup does for a message of one frame.
            let written = if first && !more { pipes.send(pipe, &mut copy) } else { pipes.write(pipe, &mut copy) };
            if written {
                place += 1;
                if !first && !more {
                    pipes.flush(pipe);
                }
            } else {
                if last {
                    *msg = copy;
                }
                self.refused(pipes, place, first);
            }
        }
    }

    /// Sends a frame to the chosen pipes whether or not they have room.
    pub fn send_beyond(&mut self, pipes: &mut Pipes, msg: &mut Msg) {
        if self.fanned {
            self.unfan(pipes);
        }
        self.in_message = msg.more();
        for &pipe in &self.recipients {
            pipes.write_beyond(pipe, msg.duplicate());
            if !self.in_message {
                pipes.flush(pipe);
            }
        }
        drop(mem::take(msg));
    }

    /// The pipe did not take the frame: it gets no more of this message.
    #[cold]
    fn refused(&mut self, pipes: &mut Pipes, place: usize, first: bool) {
        let pipe = self.recipients.swap_remove(place);
        if first {
            pipes.message_dropped(Some(pipe), Dropped::HighWaterMark);
        } else {
            pipes.rollback(pipe);
            pipes.message_dropped(Some(pipe), Dropped::PeerLost);
        }
    }
}
