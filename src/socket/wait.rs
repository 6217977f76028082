//! How a thread waits for a socket: it drives the socket's connections itself, spins for a moment if that paid off
//! lately (see [`spin`](crate::sys::spin)), and then sleeps.

use super::mailbox::Mailbox;
use crate::error::{Error, Result};
use crate::reactor::Readiness;
use crate::reactor::readyset::Pending;
use crate::sys::clock;
use crate::sys::spin::{self, yield_alone};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A moment at which waiting ends; None: never.
pub type Deadline = Option<Instant>;

/// The moment `timeout` from now.
pub fn deadline(timeout: Option<Duration>) -> Deadline {
    timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}

/// Looks at the socket's connections once, without waiting.
pub fn look(mailbox: &Mailbox) {
    let Some(set) = mailbox.set() else { return };
    set.acquire();
    glance(mailbox);
}

/// As [`look`], by a thread that does not mean to wait: the connections stay with whom they are. With very many sockets
/// that are asked now and then, taking them and giving them back would cost more than it saves.
pub fn glance(mailbox: &Mailbox) {
    let Some(set) = mailbox.set() else { return };
    set.show_interest();
    if mailbox.is_exposed() {
        // Before anything is looked at: what comes later shows again.
        set.clear_window();
    }
    match set.sole() {
        Some(sole) if !mailbox.is_exposed() => sole.ready(Readiness::READ),
        // The application may wait on the descriptor elsewhere: what it saw must be taken from the set itself.
        _ => {
            let _ = set.look();
        }
    }
}

/// Waits until there is news for the socket, driving its connections. `looked`: they were just looked at. `processed` is
/// the mailbox's count when the socket was found to have nothing to do.
///
/// # Errors
/// `EAGAIN`: the time is over; `EINTR`: a signal handler ran; or what the system says.
pub fn wait(mailbox: &Mailbox, deadline: Deadline, processed: u32, looked: bool) -> Result<()> {
    if !looked {
        look(mailbox);
    }
    if mailbox.has_news() {
        return Ok(());
    }
    clock::count_wait();
    let limit = mailbox.spin.limit(spin::limit());
    let spins = limit > 0 && mailbox.spin.pays();
    let start = clock::now();
    if spins && spin(mailbox, start + limit, deadline) {
        mailbox.spin.won();
        return Ok(());
    }
    let result = sleep(mailbox, deadline, processed);
    if result.is_ok() {
        mailbox.spin.slept(clock::now() - start, limit, spins);
    }
    result
}

/// How many rounds of a spin pass between looks at the clock.
const ROUNDS_A_LOOK: u32 = 16;

/// Pauses between looks at descriptors, half a microsecond in all at most: a look takes the system's lock on a connection,
/// which whoever delivers to it needs as well.
const PAUSES: u32 = 8;

/// Spins until there is news; false if the time is over first.
fn spin(mailbox: &Mailbox, end: u64, deadline: Deadline) -> bool {
    let end = spin_end(end, deadline);
    let sole = mailbox.set().and_then(|set| set.sole());
    let pure = mailbox.set().is_none_or(|set| set.is_empty());
    for round in 1u32.. {
        for _ in 0..if pure { 1 } else { PAUSES } {
            std::hint::spin_loop();
        }
        match (&sole, mailbox.set()) {
            (Some(sole), _) => sole.clone().ready(Readiness::READ),
            (None, Some(set)) if !set.is_empty() => {
                let _ = set.look();
            }
            _ => {}
        }
        if mailbox.has_news() {
            return true;
        }
        if round.is_multiple_of(ROUNDS_A_LOOK) {
            if clock::now() >= end {
                return false;
            }
            // A round that asks the system takes longer: others get their turn every few microseconds either way.
            if (!pure || round.is_multiple_of(4 * ROUNDS_A_LOOK)) && !yield_alone() {
                return mailbox.has_news();
            }
        }
    }
    false
}

/// When a spin for several sockets is to end: the longest that one of them would spin. None if there is to be none,
/// since it did not pay off lately for all.
pub fn spin_end_for(mailboxes: &[Arc<Mailbox>], deadline: Deadline) -> Option<u64> {
    let usual = spin::limit();
    let limit = mailboxes.iter().map(|mailbox| mailbox.spin.limit(usual)).max().unwrap_or(0);
    if limit == 0 || mailboxes.is_empty() || !mailboxes.iter().all(|mailbox| mailbox.spin.pays()) {
        // A long sleep would never raise the score again; short ones are measured by single waits.
        mailboxes.iter().for_each(|mailbox| mailbox.spin.won());
        return None;
    }
    Some(spin_end(clock::now() + limit, deadline))
}

/// A spin for several sockets brought news, or did not.
pub fn note_spin(mailboxes: &[Arc<Mailbox>], success: bool) {
    mailboxes.iter().for_each(|mailbox| if success { mailbox.spin.won() } else { mailbox.spin.lost() });
}

/// The end of a spin, which no deadline may lie before.
fn spin_end(end: u64, deadline: Deadline) -> u64 {
    match deadline {
        Some(deadline) => {
            let left = deadline.saturating_duration_since(Instant::now()).as_nanos() as u64;
            end.min(clock::now() + left)
        }
        None => end,
    }
}

/// Sleeps until there is news, driving connections that become ready.
fn sleep(mailbox: &Mailbox, deadline: Deadline, processed: u32) -> Result<()> {
    loop {
        mailbox.enter_wait();
        let nap = nap(mailbox, deadline, processed);
        // Not a sleeper while it drives: what it finds itself need not wake it.
        mailbox.leave_wait();
        match (nap?, mailbox.set()) {
            (Nap::News, _) => return Ok(()),
            (Nap::Over(pending), Some(set)) => set.drive_pending(pending)?,
            _ => {}
        }
    }
}

/// How a sleep ended.
enum Nap {
    /// There is news.
    News,
    /// Not yet, but what is pending may bring it.
    Over(Pending),
}

fn nap(mailbox: &Mailbox, deadline: Deadline, processed: u32) -> Result<Nap> {
    // News that another thread has processed already is news for this one, too.
    if mailbox.has_news() || mailbox.is_closed() || mailbox.processed() != processed {
        return Ok(Nap::News);
    }
    let mut left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    if left == Some(Duration::ZERO) {
        return Err(Error::AGAIN);
    }
    if mailbox.has_several_waiters() {
        left = Some(left.map_or(SHARED_NAP, |left| left.min(SHARED_NAP)));
    }
    match mailbox.set() {
        Some(set) => {
            set.acquire();
            set.sleep(left).map(Nap::Over)
        }
        None => mailbox.sleep_on_word(left).map(|()| Nap::Over(Pending::Nothing)),
    }
}

/// How long each of several threads that wait on one socket sleeps at most: what wakes one may be for another.
const SHARED_NAP: Duration = Duration::from_millis(10);
