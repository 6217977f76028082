//! Who pushes what a flood left behind, should the application not come back: an I/O thread that looks at the socket
//! every few tens of microseconds while it is being flooded.
//!
//! It only ever tries for the socket's lock. If that is taken somebody is inside a call, and pushes himself when there
//! is nothing more to do.

use super::blocking::SocketCell;
use super::mailbox::Mailbox;
use super::{Socket, pipes};
use crate::context::Context;
use crate::reactor::Drive;
use std::sync::{Arc, Weak};

/// A way from an I/O thread to one socket.
pub(super) struct Lookout {
    visits: Arc<Visits>,
    context: Weak<Context>,
    affinity: u64,
}

struct Visits {
    cell: &'static SocketCell,
    /// Tells the socket from those that have its place after it.
    mailbox: Weak<Mailbox>,
}

impl Lookout {
    /// For the socket that is about to be put into `cell`.
    pub fn new(cell: &'static SocketCell, socket: &Socket) -> Lookout {
        Lookout {
            visits: Arc::new(Visits { cell, mailbox: Arc::downgrade(socket.mailbox()) }),
            context: Arc::downgrade(&socket.context),
            affinity: socket.options().affinity,
        }
    }
}

impl pipes::Lookout for Lookout {
    fn call(&self) -> bool {
        let Some(context) = self.context.upgrade() else { return false };
        let Ok(io) = context.choose_io(self.affinity).or_else(|_| context.choose_io(0)) else { return false };
        io.watch(self.visits.clone());
        true
    }
}

impl Drive for Visits {
    fn ready(self: Arc<Self>, _readiness: crate::reactor::Readiness) {}

    fn watch(&self) -> bool {
        let Some(mailbox) = self.mailbox.upgrade() else { return false };
        match self.cell.try_lock() {
            Some(mut socket) => Arc::ptr_eq(socket.mailbox(), &mailbox) && socket.watch(),
            None => !mailbox.is_closed(),
        }
    }
}
