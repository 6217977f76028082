//! Who pushes what a flood left behind, should the application not come back: an I/O thread that looks at the socket
//! now and then while it is being flooded.
//!
//! Whoever calls the socket looks at the clock every few calls, pushes when it is time, and leaves word of when the next
//! look can be expected. Until then the thread keeps away. After that it tries for the socket's lock, and only tries.

use super::blocking::SocketCell;
use super::mailbox::Mailbox;
use super::{Socket, pipes};
use crate::context::Context;
use crate::reactor::{Drive, Readiness, Visit};
use crate::sys::clock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
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
    /// Until when the application is expected back, doubled, and 1 more if it left something in a batch. A hint: what it
    /// says of this very moment may be late.
    expected: AtomicU64,
    /// Visits in a row at which nothing was left.
    idle: AtomicU32,
}

/// An application that has left nothing, and has been overdue for so many nanoseconds, has paused.
const PAUSE_NS: u64 = 250_000;
/// After so many visits at which nothing was left they end.
const IDLE_VISITS: u32 = 8;

impl Lookout {
    /// For the socket that is about to be put into `cell`.
    pub fn new(cell: &'static SocketCell, socket: &Socket) -> Lookout {
        let visits = Visits {
            cell,
            mailbox: Arc::downgrade(socket.mailbox()),
            expected: AtomicU64::new(0),
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

    fn expect(&self, until: u64, left: bool) {
        self.visits.expected.store(until << 1 | u64::from(left), Ordering::Relaxed);
    }
}

impl Drive for Visits {
    fn ready(self: Arc<Self>, _readiness: Readiness) {}

    fn watch(&self) -> Visit {
        let Some(mailbox) = self.mailbox.upgrade().filter(|mailbox| !mailbox.is_closed()) else { return Visit::Over };
        let expected = self.expected.load(Ordering::Relaxed);
        let overdue = clock::now().saturating_sub(expected >> 1);
        if overdue == 0 {
            self.idle.store(0, Ordering::Relaxed);
            return Visit::Busy;
        }
        let left = expected & 1 != 0;
        let idle = if left { 0 } else { self.idle.load(Ordering::Relaxed) + 1 };
        self.idle.store(idle, Ordering::Relaxed);
        // The last visit is one under the lock, which sees whatever was left before.
        let last = idle >= IDLE_VISITS;
        if !left && !last {
            return if overdue < PAUSE_NS { Visit::Busy } else { Visit::Quiet };
        }
        let Some(mut socket) = self.cell.try_lock() else { return Visit::Busy };
        if !Arc::ptr_eq(socket.mailbox(), &mailbox) {
            return Visit::Over;
        }
        let sessions = socket.visit(last);
        // Without the lock: what is sent may be freed by a function of the application's, which may wait for a thread that
        // waits for the socket.
        drop(socket);
        sessions.iter().for_each(|session| session.push());
        if last { Visit::Over } else { Visit::Busy }
    }
}
