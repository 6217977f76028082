//! Who pushes what a flood left behind, should the application not come back: an I/O thread that looks at the socket
//! every few tens of microseconds while it is being flooded.
//!
//! As long as there are calls on the socket it keeps away: whoever is inside a call pushes himself when it is time. When
//! there was none for a while it tries for the socket's lock, and only tries.

use super::blocking::SocketCell;
use super::mailbox::Mailbox;
use super::{Socket, pipes};
use crate::context::Context;
use crate::reactor::{Drive, Readiness};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
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
    /// Something lies in a batch. A hint: what it says of this very moment may be late.
    left: AtomicBool,
    /// The count of calls at the last visit.
    calls: AtomicU32,
    /// Visits in a row at which nothing was left.
    idle: AtomicU32,
}

/// After so many visits at which nothing was left they end.
const IDLE_VISITS: u32 = 8;

impl Lookout {
    /// For the socket that is about to be put into `cell`.
    pub fn new(cell: &'static SocketCell, socket: &Socket) -> Lookout {
        let visits = Visits {
            cell,
            mailbox: Arc::downgrade(socket.mailbox()),
            left: AtomicBool::new(false),
            calls: AtomicU32::new(0),
            idle: AtomicU32::new(0),
        };
        Lookout {
            visits: Arc::new(visits),
            context: Arc::downgrade(&socket.context),
            affinity: socket.options().affinity,
        }
    }
}

impl pipes::Lookout for Lookout {
    fn call(&self) -> bool {
        let Some(context) = self.context.upgrade() else { return false };
        let Ok(io) = context.choose_io(self.affinity).or_else(|_| context.choose_io(0)) else { return false };
        self.visits.idle.store(0, Ordering::Relaxed);
        io.watch(self.visits.clone());
        true
    }

    fn mark(&self, left: bool) {
        self.visits.left.store(left, Ordering::Relaxed);
    }
}

impl Drive for Visits {
    fn ready(self: Arc<Self>, _readiness: Readiness) {}

    fn watch(&self) -> bool {
        let Some(mailbox) = self.mailbox.upgrade().filter(|mailbox| !mailbox.is_closed()) else { return false };
        let left = self.left.load(Ordering::Relaxed);
        let idle = if left { 0 } else { self.idle.load(Ordering::Relaxed) + 1 };
        self.idle.store(idle, Ordering::Relaxed);
        let calls = self.cell.calls();
        let silent = calls == self.calls.swap(calls, Ordering::Relaxed);
        // The last visit is one under the lock, which sees whatever was left before.
        let last = idle >= IDLE_VISITS;
        let must_look = last || (left && silent);
        if !must_look {
            return true;
        }
        let Some(mut socket) = self.cell.try_lock() else { return true };
        if !Arc::ptr_eq(socket.mailbox(), &mailbox) {
            return false;
        }
        let sessions = socket.visit(last);
        // Without the lock: what is sent may be freed by a function of the application's, which may wait for a thread that
        // waits for the socket.
        drop(socket);
        sessions.iter().for_each(|session| session.push());
        !last
    }
}
