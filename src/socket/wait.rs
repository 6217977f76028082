//! How a thread waits for a socket: it drives the socket's connections itself, spins for a moment if that paid off
//! lately, and then sleeps.
//!
//! Spinning is learned. A wait that ended while spinning raises the score, one that had to sleep lowers it; when
//! the score is used up the thread sleeps at once, and short sleeps raise the score again. On a socket that has
//! `ZMQ_BUSY_POLL` set there is nothing to learn: every wait spins, for as long as the option says. No spinning happens
//! where the thread may use one processor only, or `ZMQRS_SPIN_US=0` is in the environment.

use super::mailbox::Mailbox;
use crate::error::{Error, Result};
use crate::reactor::Readiness;
use crate::reactor::readyset::Pending;
use crate::sys::{clock, cpu};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How long a wait spins at most, in nanoseconds, unless the environment says otherwise.
const SPIN_NS: u64 = 50_000;
/// The longest spin that can be asked for.
const SPIN_MAX_US: u64 = 10_000;
/// A sleep that is longer than a spin by at most this many nanoseconds could have been a spin: waking alone takes some
/// ten thousands.
const WAKE_NS: u64 = 100_000;
/// The highest score, and what a failed spin costs of it.
const SCORE_MAX: i32 = 8;
const SCORE_LOSS: i32 = 3;

/// How well spinning did on a socket, and what the application has asked for.
#[derive(Default)]
pub struct Spin {
    score: AtomicI32,
    /// Nanoseconds; 0: nothing was asked for.
    asked: AtomicU64,
}

impl Spin {
    /// Takes a value of `ZMQ_BUSY_POLL`, in microseconds; 0 and below: as the library decides.
    pub fn ask(&self, microseconds: i32) {
        let microseconds = u64::try_from(microseconds).unwrap_or(0).min(SPIN_MAX_US);
        self.asked.store(microseconds * 1000, Ordering::Relaxed);
    }

    /// How long the next wait spins at most, in nanoseconds, if it may spin for `usual`.
    fn limit(&self, usual: u64) -> u64 {
        match self.asked.load(Ordering::Relaxed) {
            0 => usual,
            asked if usual > 0 => asked,
            _ => 0,
        }
    }

    fn pays(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > 0 || self.score.load(Ordering::Relaxed) >= 0
    }

    fn learn(&self, gain: i32) {
        let score = self.score.load(Ordering::Relaxed);
        self.score.store((score + gain).clamp(-SCORE_MAX, SCORE_MAX), Ordering::Relaxed);
    }

    fn slept(&self, nanoseconds: u64, limit: u64, after_spinning: bool) {
        if after_spinning {
            self.learn(-SCORE_LOSS);
        } else if nanoseconds < limit + WAKE_NS {
            self.learn(2);
        }
    }
}

/// The limit of a spin that the application says nothing about, in nanoseconds; 0: nobody spins.
fn spin_limit() -> u64 {
    static LIMIT: OnceLock<u64> = OnceLock::new();
    let limit = *LIMIT.get_or_init(|| {
        let asked = std::env::var("ZMQRS_SPIN_US").ok().and_then(|value| value.parse::<u64>().ok());
        asked.map_or(SPIN_NS, |us| us.min(SPIN_MAX_US) * 1000)
    });
    if limit > 0 && cpu::processors() > 1 { limit } else { 0 }
}

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

/// Waits until there is news for the socket, driving its connections. `looked`: they were just looked at. `processed` is the mailbox's count when the
/// socket was found to have nothing to do.
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
    let limit = mailbox.spin.limit(spin_limit());
    let spins = limit > 0 && mailbox.spin.pays();
    let start = clock::now();
    if spins && spin(mailbox, start + limit, deadline) {
        mailbox.spin.learn(1);
        return Ok(());
    }
    let result = sleep(mailbox, deadline, processed);
    if result.is_ok() {
        mailbox.spin.slept(clock::now() - start, limit, spins);
    }
    result
}

/// Gives way to other threads. False if one used that: there are more threads than processors, and a spin would only
/// keep them from what it waits for.
fn yield_alone() -> bool {
    let before = clock::now();
    std::thread::yield_now();
    clock::now() - before < CONTENDED_NS
}

/// A yield that takes this long let somebody else run.
const CONTENDED_NS: u64 = 4_000;

/// How many rounds of a spin pass between looks at the clock.
const ROUNDS_A_LOOK: u32 = 16;

/// Spins until there is news; false if the time is over first.
fn spin(mailbox: &Mailbox, end: u64, deadline: Deadline) -> bool {
    let end = spin_end(end, deadline);
    let sole = mailbox.set().and_then(|set| set.sole());
    let pure = mailbox.set().is_none_or(|set| set.is_empty());
    for round in 1u32.. {
        match (&sole, mailbox.set()) {
            (Some(sole), _) => sole.clone().ready(Readiness::READ),
            (None, Some(set)) if !set.is_empty() => {
                let _ = set.look();
            }
            _ => std::hint::spin_loop(),
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
    let usual = spin_limit();
    let limit = mailboxes.iter().map(|mailbox| mailbox.spin.limit(usual)).max().unwrap_or(0);
    if limit == 0 || mailboxes.is_empty() || !mailboxes.iter().all(|mailbox| mailbox.spin.pays()) {
        // A long sleep would never raise the score again; short ones are measured by single waits.
        mailboxes.iter().for_each(|mailbox| mailbox.spin.learn(1));
        return None;
    }
    Some(spin_end(clock::now() + limit, deadline))
}

/// A spin for several sockets brought news, or did not.
pub fn note_spin(mailboxes: &[Arc<Mailbox>], success: bool) {
    mailboxes.iter().for_each(|mailbox| mailbox.spin.learn(if success { 1 } else { -SCORE_LOSS }));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_the_limit_unless_nobody_spins() {
        let spin = Spin::default();
        assert_eq!((spin.limit(50_000), spin.limit(0)), (50_000, 0));
        for (asked, limit) in [(200, 200_000), (i32::MAX, 10_000_000), (0, 50_000), (1, 1000), (-1, 50_000)] {
            spin.ask(asked);
            assert_eq!((spin.limit(50_000), spin.limit(0)), (limit, 0), "{asked}");
        }
    }

    #[test]
    fn a_socket_without_the_option_learns_and_one_with_it_does_not() {
        let spin = Spin::default();
        spin.slept(1_000_000, 50_000, true);
        assert!(!spin.pays());
        spin.ask(100);
        assert!(spin.pays());
        spin.ask(0);
        assert!(!spin.pays());
        spin.slept(200_000, 50_000, false);
        spin.slept(200_000, 50_000, false);
        assert!(!spin.pays(), "longer than any spin");
        spin.slept(100_000, 50_000, false);
        spin.slept(200_000, 200_000, false);
        assert!(spin.pays());
    }
}
