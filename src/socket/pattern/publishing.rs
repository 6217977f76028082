//! What PUB and XPUB share: the peers' subscriptions, and sending to those whose subscriptions match.

use super::subscription::{self, Request, SUBSCRIBE, UNSUBSCRIBE};
use super::{Cx, Dropped, message};
use crate::error::{Error, Result};
use crate::message::Msg;
use crate::options::Options;
use crate::socket::pipes::{PipeId, Pipes};
use crate::socket::route::{Added, Distribution, Removed, Subscribers};
use std::collections::VecDeque;
use std::mem;

/// A peer, as someone remembers it who may look for it after it left and its pipe's number went to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    pipe: u32,
    serial: u32,
}

/// What the peers had to say, for the user of an XPUB.
pub(super) enum Notice {
    /// A frame of a message that is not a subscription.
    User(Msg),
    /// The frame for a peer's request.
    Request(Peer, Msg),
    /// The frame for the end of a subscription whose peer left.
    PeerLost(Msg),
}

/// The state of a publishing socket.
#[derive(Default)]
pub(super) struct Publisher {
    peers: Vec<PipeId>,
    /// The serial number of the peer behind each pipe; 0: none.
    serials: Vec<u32>,
    last_serial: u32,
    /// What decides who gets a message.
    subscribers: Subscribers,
    /// In manual mode: what the peers asked for, while the application decides what they get.
    requested: Subscribers,
    /// In manual mode: the peer that the application's decisions are about.
    answered: Option<Peer>,
    out: Distribution,
}

/// What is known while the frames of a peer are taken in.
struct TakingIn {
    peer: Peer,
    /// The next frame begins a message.
    first: bool,
    /// The message began with a frame that is no request.
    user_message: bool,
}

/// So many frames are read before the first of them is looked at: what they take is fetched for all at once.
const GROUP: usize = 8;

fn is_manual(options: &Options) -> bool {
    options.xpub_manual || options.xpub_manual_last_value
}

impl Publisher {
    /// Adds a peer and greets it.
    pub fn attach(&mut self, cx: &mut Cx<'_>, pipe: PipeId) {
        if self.serials.len() <= pipe {
            self.serials.resize(pipe + 1, 0);
        }
        self.last_serial = self.last_serial.checked_add(1).unwrap_or(1);
        self.serials[pipe] = self.last_serial;
        self.peers.push(pipe);
        let welcome = &cx.options.xpub_welcome_msg;
        if !welcome.is_empty()
            && let Ok(msg) = Msg::copy_of(welcome)
        {
            cx.pipes.write_beyond(pipe, msg);
            cx.pipes.flush(pipe);
        }
    }

    /// Forgets a peer and what it subscribed to.
    pub fn detach(&mut self, pipe: PipeId) {
        self.forget(pipe);
        self.subscribers.forget_pipe(pipe);
        self.requested.forget_pipe(pipe);
    }

    /// As [`detach`](Publisher::detach), telling the ends of subscriptions that this means.
    pub fn detach_with_notice(&mut self, options: &Options, pipe: PipeId, mut tell: impl FnMut(Notice)) {
        let mut tell_cancel = |topic: &[u8]| {
            if let Ok(msg) = subscription::as_data(Request::Cancel, topic) {
                tell(Notice::PeerLost(msg));
            }
        };
        if is_manual(options) {
            self.requested.remove_pipe(pipe, |topic, _| tell_cancel(topic));
        } else {
            let always = options.xpub_verboser;
            self.subscribers.remove_pipe(pipe, |topic, removed| {
                if always || removed == Removed::Last {
                    tell_cancel(topic);
                }
            });
        }
        self.detach(pipe);
    }

    fn forget(&mut self, pipe: PipeId) {
        self.out.detach(pipe);
        if let Some(serial) = self.serials.get_mut(pipe) {
            *serial = 0;
        }
        if let Some(place) = self.peers.iter().position(|&peer| peer == pipe) {
            self.peers.swap_remove(place);
        }
    }

    /// Takes in all that a peer has sent. `notices`: what the user of an XPUB is to know; no one else is told.
    pub fn take_in(&mut self, cx: &mut Cx<'_>, pipe: PipeId, mut notices: Option<&mut VecDeque<Notice>>) {
        // Only users who are shown messages may ask where they came from.
        cx.pipes.set_tells_metadata(notices.is_some());
        let serial = self.serials.get(pipe).copied().unwrap_or(0);
        let mut state = TakingIn { peer: Peer { pipe: pipe as u32, serial }, first: true, user_message: false };
        let mut group = [const { Msg::new() }; GROUP];
        loop {
            let mut count = 0;
            while count < GROUP && cx.pipes.read_into(pipe, &mut group[count]) {
                count += 1;
            }
            let frames = &mut group[..count];
            if count > 1 {
                self.subscribers.expect(frames.iter().filter_map(subscription::parse).map(|(_, topic)| topic));
            }
            for frame in frames {
                self.take_frame(cx.options, &mut state, frame, notices.as_deref_mut());
            }
            if count < GROUP {
                break;
            }
        }
    }

    fn take_frame(
        &mut self,
        options: &Options,
        state: &mut TakingIn,
        msg: &mut Msg,
        notices: Option<&mut VecDeque<Notice>>,
    ) {
        let more = msg.more();
        let request = if state.user_message && options.only_first_subscribe { None } else { subscription::parse(msg) };
        if let Some((request, topic)) = request {
            let tells = self.apply(options, request, topic, state.peer.pipe as PipeId);
            if tells && let Some(notices) = notices {
                if msg.is_data() {
                    msg.set_more(false);
                    notices.push_back(Notice::Request(state.peer, mem::take(msg)));
                } else if let Ok(shown) = subscription::as_data(request, topic) {
                    notices.push_back(Notice::Request(state.peer, shown));
                }
            }
        } else {
            state.user_message |= state.first;
            if let Some(notices) = notices {
                notices.push_back(Notice::User(mem::take(msg)));
            }
        }
        state.first = !more;
        state.user_message &= more;
    }

    /// Carries out a peer's request. Whether the user of an XPUB is to know of it.
    fn apply(&mut self, options: &Options, request: Request, topic: &[u8], pipe: PipeId) -> bool {
        match request {
            _ if is_manual(options) => {
                match request {
                    Request::Subscribe => drop(self.requested.add(topic, pipe)),
                    Request::Cancel => drop(self.requested.remove(topic, pipe)),
                }
                true
            }
            Request::Subscribe => {
                self.subscribers.add(topic, pipe) == Added::First || options.xpub_verbose || options.xpub_verboser
            }
            // A peer that ends what it never began is shown, too: as libzmq does it.
            Request::Cancel => self.subscribers.remove(topic, pipe) != Removed::Others || options.xpub_verboser,
        }
    }

    /// `ZMQ_SUBSCRIBE` and `ZMQ_UNSUBSCRIBE`: the application's decisions in manual mode.
    pub fn set_option(&mut self, options: &Options, option: i32, topic: &[u8]) -> Option<Result<()>> {
        if option != SUBSCRIBE && option != UNSUBSCRIBE {
            return None;
        }
        if !is_manual(options) {
            return Some(Err(Error::INVAL));
        }
        if let Some(pipe) = self.answered_pipe() {
            if option == SUBSCRIBE {
                self.subscribers.add(topic, pipe);
            } else {
                self.subscribers.remove(topic, pipe);
            }
        }
        Some(Ok(()))
    }

    /// The pipe of the peer that decisions are about, if it is still there.
    fn answered_pipe(&self) -> Option<PipeId> {
        let peer = self.answered?;
        (self.serials[peer.pipe as usize] == peer.serial).then_some(peer.pipe as PipeId)
    }

    /// Sends a frame to those who want its message.
    ///
    /// # Errors
    /// `EAGAIN` if the socket must not drop messages and one of the peers has no room.
    #[inline]
    pub fn send(&mut self, cx: &mut Cx<'_>, msg: &mut Msg) -> Result<()> {
        if !self.out.in_message() {
            if !msg.more() && self.interests_nobody(cx.options, msg.data()) {
                self.count_unwanted(cx.pipes);
                drop(mem::take(msg));
                return Ok(());
            }
            self.address(cx, msg.data())?;
        }
        self.out.send(cx.pipes, msg);
        Ok(())
    }

    /// Sends the bytes as a frame to those who want its message.
    ///
    /// # Errors
    /// As [`send`](Publisher::send); `ENOMEM`.
    #[inline]
    pub fn send_bytes(&mut self, cx: &mut Cx<'_>, bytes: &[u8], more: bool) -> Result<()> {
        if !self.out.in_message() {
            if !more && self.interests_nobody(cx.options, bytes) {
                self.count_unwanted(cx.pipes);
                return Ok(());
            }
            self.address(cx, bytes)?;
        }
        if !self.out.append(cx.pipes, bytes, more) {
            self.out.send(cx.pipes, &mut message(bytes, more)?);
        }
        Ok(())
    }

    /// Finds out whom the message that begins with this frame goes to.
    ///
    /// # Errors
    /// As [`send`](Publisher::send).
    #[inline]
    fn address(&mut self, cx: &mut Cx<'_>, frame: &[u8]) -> Result<()> {
        self.choose(cx.options, frame);
        if cx.options.xpub_nodrop && !self.out.recipients().iter().all(|&pipe| cx.pipes.can_write(pipe)) {
            return Err(Error::AGAIN);
        }
        if cx.options.xpub_manual_last_value {
            self.answered = None;
        }
        if self.out.recipients().is_empty() {
            self.count_unwanted(cx.pipes);
        }
        Ok(())
    }

    /// Whether a glance tells that a message which begins with this frame goes to no one: most messages of many
    /// publishers do.
    #[inline]
    fn interests_nobody(&self, options: &Options, frame: &[u8]) -> bool {
        !options.invert_matching && !options.xpub_manual_last_value && self.subscribers.match_nobody(frame)
    }

    fn count_unwanted(&self, pipes: &mut Pipes) {
        let reason = if self.peers.is_empty() { Dropped::NoPeer } else { Dropped::NotSubscribed };
        pipes.message_dropped(None, reason);
    }

    /// Chooses whom the message that begins with this frame goes to.
    #[inline]
    fn choose(&mut self, options: &Options, frame: &[u8]) {
        if options.invert_matching || options.xpub_manual_last_value {
            self.choose_special(options, frame);
        } else {
            self.subscribers.find(frame, self.peers.len(), self.out.choose());
        }
    }

    /// In last-value mode, what is sent after a request was shown is the answer to it and goes to that peer alone.
    fn choose_special(&mut self, options: &Options, frame: &[u8]) {
        let answered = if options.xpub_manual_last_value { self.answered_pipe() } else { None };
        let candidates = match &answered {
            Some(pipe) => std::slice::from_ref(pipe),
            None => &self.peers,
        };
        let wants = |pipe: &&PipeId| self.subscribers.matches(frame, **pipe) != options.invert_matching;
        self.out.choose().extend(candidates.iter().filter(wants));
    }

    /// The number of distinct topics.
    pub fn topics_count(&self) -> usize {
        self.subscribers.len()
    }
}

impl Notice {
    /// The frame that the user receives, and in `publisher` what follows from its having been read.
    pub fn show(self, publisher: &mut Publisher) -> Msg {
        match self {
            Notice::User(msg) => msg,
            Notice::Request(peer, msg) => {
                publisher.answered = Some(peer);
                msg
            }
            Notice::PeerLost(msg) => {
                publisher.answered = None;
                msg
            }
        }
    }
}
