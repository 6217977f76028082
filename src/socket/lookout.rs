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
    /// Visits in a row at which the application was overdue and had left nothing.
    idle: AtomicU32,
}

/// An application that has been overdue for so many nanoseconds has paused.
const PAUSE_NS: u64 = 250_000;
/// After so many visits at which it was overdue and had left nothing they end.
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

/// What a visit sees without the lock.
#[derive(Debug, PartialEq, Eq)]
struct Look {
    /// Visits in a row at which the application was overdue and had left nothing, this one included.
    idle: u32,
    /// What lies there is to be taken out, under the lock.
    enters: bool,
    visit: Visit,
}

impl Look {
    /// At the application's word, after so many visits of that kind.
    fn at(word: u64, now: u64, idle: u32) -> Look {
        let (until, left) = (word >> 1, word & 1 != 0);
        if now <= until {
            return Look { idle: 0, enters: false, visit: Visit::Busy };
        }
        let idle = if left { 0 } else { idle + 1 };
        // The last visit is one under the lock, which sees whatever was left before.
        let visit = match now - until {
            _ if idle >= IDLE_VISITS => Visit::Over,
            overdue if overdue < PAUSE_NS => Visit::Busy,
            _ => Visit::Quiet,
        };
        Look { idle, enters: left || visit == Visit::Over, visit }
    }
}

impl Drive for Visits {
    fn ready(self: Arc<Self>, _readiness: Readiness) {}

    fn watch(&self) -> Visit {
        let Some(mailbox) = self.mailbox.upgrade().filter(|mailbox| !mailbox.is_closed()) else { return Visit::Over };
        let look = Look::at(self.expected.load(Ordering::Relaxed), clock::now(), self.idle.load(Ordering::Relaxed));
        self.idle.store(look.idle, Ordering::Relaxed);
        if !look.enters {
            return look.visit;
        }
        let last = look.visit == Visit::Over;
        let Some(mut socket) = self.cell.try_lock() else { return Visit::Busy };
        if !Arc::ptr_eq(socket.mailbox(), &mailbox) {
            return Visit::Over;
        }
        let sessions = socket.visit(last);
        // Without the lock: what is sent may be freed by a function of the application's, which may wait for a thread that
        // waits for the socket.
        drop(socket);
        sessions.iter().for_each(|session| session.push());
        look.visit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000_000_000;

    /// A look at a word that was overdue for so long.
    fn look(overdue: u64, left: bool, idle: u32) -> (u32, bool, Visit) {
        let Look { idle, enters, visit } = Look::at((NOW - overdue) << 1 | u64::from(left), NOW, idle);
        (idle, enters, visit)
    }

    #[test]
    fn it_keeps_away_until_the_application_is_overdue() {
        for left in [false, true] {
            assert_eq!(look(0, left, IDLE_VISITS - 1), (0, false, Visit::Busy));
        }
        assert_eq!(Look::at((NOW + 50_000) << 1 | 1, NOW, 3), Look { idle: 0, enters: false, visit: Visit::Busy });
    }

    #[test]
    fn what_is_left_is_taken_out() {
        assert_eq!(look(1, true, IDLE_VISITS - 1), (0, true, Visit::Busy));
        assert_eq!(look(PAUSE_NS, true, 2), (0, true, Visit::Quiet));
    }

    #[test]
    fn it_ends_with_a_look_under_the_lock() {
        assert_eq!(look(1, false, 0), (1, false, Visit::Busy));
        assert_eq!(look(PAUSE_NS, false, 5), (6, false, Visit::Quiet));
        assert_eq!(look(1, false, IDLE_VISITS - 1), (IDLE_VISITS, true, Visit::Over));
        // Nobody has ever left a word.
        assert_eq!(Look::at(0, NOW, 0), Look { idle: 1, enters: false, visit: Visit::Quiet });
    }
}
