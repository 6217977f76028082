//! What subscriptions look like between sockets, and frames that are not user data.
//!
//! A subscription travels as a frame of role [`Role::Subscribe`] or [`Role::Cancel`] with the topic as content, or, in
//! the older form that XSUB users send and XPUB users receive, as user data: a byte 1 or 0, then the topic.

use crate::error::{Error, Result};
use crate::message::{Msg, Role};
use crate::socket::pipes::{PipeId, Pipes};
use crate::socket::route::FairQueue;

/// `ZMQ_SUBSCRIBE`
pub(super) const SUBSCRIBE: i32 = 6;
/// `ZMQ_UNSUBSCRIBE`
pub(super) const UNSUBSCRIBE: i32 = 7;

/// The beginning or the end of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    Subscribe,
    Cancel,
}

/// Reads a frame as a request for a topic; `None` if it is a user's.
pub(super) fn parse(msg: &Msg) -> Option<(Request, &[u8])> {
    match msg.role() {
        Role::Subscribe => Some((Request::Subscribe, msg.data())),
        Role::Cancel => Some((Request::Cancel, msg.data())),
        Role::RoutingId | Role::Batch | Role::Live => None,
        Role::Data => match msg.data() {
            [1, topic @ ..] => Some((Request::Subscribe, topic)),
            [0, topic @ ..] => Some((Request::Cancel, topic)),
            _ => None,
        },
    }
}

/// The request in the form that users see.
///
/// # Errors
/// `ENOMEM`.
pub(super) fn as_data(request: Request, topic: &[u8]) -> Result<Msg> {
    let mut msg = Msg::with_size(topic.len() + 1)?;
    let data = msg.data_mut();
    data[0] = u8::from(request == Request::Subscribe);
    data[1..].copy_from_slice(topic);
    Ok(msg)
}

/// The request in the form that connections take.
///
/// # Errors
/// `ENOMEM`.
pub(super) fn as_command(request: Request, topic: &[u8]) -> Result<Msg> {
    let mut msg = Msg::copy_of(topic)?;
    msg.set_role(match request {
        Request::Subscribe => Role::Subscribe,
        Request::Cancel => Role::Cancel,
    });
    Ok(msg)
}

/// The next frame for a socket type that knows user data only. Since sockets of any type meet over inproc, it may come
/// upon a subscription; its user then receives the topic.
#[inline]
pub(super) fn recv_data(queue: &mut FairQueue, pipes: &mut Pipes) -> Option<(PipeId, Msg)> {
    let (pipe, mut msg) = queue.recv(pipes)?;
    if !msg.is_data() {
        msg.set_role(Role::Data);
    }
    Some((pipe, msg))
}

/// As [`recv_data`], over `msg`.
///
/// # Errors
/// `EAGAIN`: there is none.
#[inline]
pub(super) fn recv_data_into(queue: &mut FairQueue, pipes: &mut Pipes, msg: &mut Msg) -> Result<()> {
    queue.recv_into(pipes, msg).ok_or(Error::AGAIN)?;
    if !msg.is_data() {
        msg.set_role(Role::Data);
    }
    Ok(())
}
