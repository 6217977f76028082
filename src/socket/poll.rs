//! `zmq_poll`: waits for several sockets and plain descriptors at once.
//!
//! Level-triggered: every round asks each socket what it could do now. Between rounds the thread waits as for a
//! single socket: it drives the connections itself, spins if that paid off lately, then sleeps on the sockets'
//! sets of descriptors and the plain descriptors together.

use super::blocking::SocketCell;
use super::mailbox::Mailbox;
use super::wait::{self, Deadline, deadline};
use super::{POLLIN, POLLOUT};
use crate::error::Result;
use crate::sys::poll::{PollFd, SignalMask, entry, poll, ppoll};
use crate::sys::{clock, poll as sys};
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `ZMQ_POLLERR`.
pub const POLLERR: i16 = 4;
/// `ZMQ_POLLPRI`.
pub const POLLPRI: i16 = 8;

/// What is waited for.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// A socket.
    Socket(&'a SocketCell),
    /// A descriptor of the operating system.
    Fd(RawFd),
}

/// One item of a poll.
pub struct Item<'a> {
    /// What is waited for.
    pub source: Source<'a>,
    /// The events asked for.
    pub events: i16,
    /// The events found.
    pub revents: i16,
}

/// Waits until an item has events, or the time is over (None: no limit); returns how many have. `mask` replaces the
/// thread's signal mask while it sleeps.
///
/// # Errors
/// `ETERM`, `ENOTSOCK`, `EINTR`; `EMFILE` if a socket cannot have a descriptor.
pub fn poll_items(items: &mut [Item<'_>], timeout: Option<Duration>, mask: Option<&SignalMask>) -> Result<usize> {
    let deadline = deadline(timeout);
    let mut looked = false;
    loop {
        let ready = check(items)?;
        if ready > 0 || (looked && is_over(timeout, deadline)) {
            return Ok(ready);
        }
        if looked {
            match wait_for(items, deadline, mask) {
                // One more check, which sees what came in the last moment.
                Err(crate::error::Error::AGAIN) => {}
                result => result?,
            }
        } else {
            looked = true;
            look(items)?;
        }
    }
}

fn is_over(timeout: Option<Duration>, deadline: Deadline) -> bool {
    timeout == Some(Duration::ZERO) || deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// Asks every item; returns how many have events.
fn check(items: &mut [Item<'_>]) -> Result<usize> {
    let mut ready = check_sockets(items)?;
    if items.iter().any(|item| matches!(item.source, Source::Fd(_))) {
        ready += check_fds(items)?;
    }
    Ok(ready)
}

fn check_sockets(items: &mut [Item<'_>]) -> Result<usize> {
    let mut ready = 0;
    for item in items {
        if let Source::Socket(cell) = item.source {
            let mut socket = cell.lock()?;
            socket.enter()?;
            item.revents = socket.events(item.events & (POLLIN | POLLOUT));
            ready += usize::from(item.revents != 0);
        }
    }
    Ok(ready)
}

/// poll(2)'s events for those asked of a descriptor.
fn asked(events: i16) -> i16 {
    let pairs = [(POLLIN, libc::POLLIN), (POLLOUT, libc::POLLOUT), (POLLPRI, libc::POLLPRI)];
    pairs.iter().filter(|(ours, _)| events & ours != 0).fold(0, |mask, (_, theirs)| mask | theirs)
}

/// What poll(2) found, in our events: whatever is not readable, writable or urgent is an error.
fn found(revents: i16) -> i16 {
    let pairs = [(POLLIN, libc::POLLIN), (POLLOUT, libc::POLLOUT), (POLLPRI, libc::POLLPRI)];
    let known = pairs.iter().filter(|(_, theirs)| revents & theirs != 0).fold(0, |mask, (ours, _)| mask | ours);
    let rest = revents & !(libc::POLLIN | libc::POLLOUT | libc::POLLPRI);
    if rest != 0 { known | POLLERR } else { known }
}

fn check_fds(items: &mut [Item<'_>]) -> Result<usize> {
    let mut fds: Vec<PollFd> = fd_entries(items);
    poll(&mut fds, Some(Duration::ZERO))?;
    let mut ready = 0;
    let plain = items.iter_mut().filter(|item| matches!(item.source, Source::Fd(_)));
    for (item, fd) in plain.zip(&fds) {
        item.revents = found(fd.revents);
        ready += usize::from(item.revents != 0);
    }
    Ok(ready)
}

fn fd_entries(items: &[Item<'_>]) -> Vec<PollFd> {
    let plain = items.iter().filter_map(|item| match item.source {
        Source::Fd(fd) => Some(entry(fd, asked(item.events))),
        Source::Socket(_) => None,
    });
    plain.collect()
}

/// The sockets among the items, each once, with what is batched sent.
fn mailboxes(items: &[Item<'_>]) -> Result<Vec<Arc<Mailbox>>> {
    let mut mailboxes: Vec<Arc<Mailbox>> = Vec::with_capacity(items.len());
    for item in items {
        if let Source::Socket(cell) = item.source {
            let mut socket = cell.lock()?;
            socket.push();
            mailboxes.push(socket.mailbox().clone());
        }
    }
    if mailboxes.len() > 1 {
        mailboxes.sort_unstable_by_key(Arc::as_ptr);
        mailboxes.dedup_by(|a, b| Arc::ptr_eq(a, b));
    }
    Ok(mailboxes)
}

/// Sends what is batched and looks at the connections once.
fn look(items: &[Item<'_>]) -> Result<()> {
    clock::count_wait();
    for mailbox in mailboxes(items)? {
        wait::look(&mailbox);
    }
    Ok(())
}

/// Waits until there may be something new.
fn wait_for(items: &mut [Item<'_>], deadline: Deadline, mask: Option<&SignalMask>) -> Result<()> {
    let mailboxes = mailboxes(items)?;
    // What another thread processes from here on is noticed; what it did before, the next check sees.
    let processed: Vec<u32> = mailboxes.iter().map(|mailbox| mailbox.processed()).collect();
    if check_sockets(items)? > 0 {
        return Ok(());
    }
    if let ([mailbox], 1, None) = (&mailboxes[..], items.len(), mask) {
        return wait::wait(mailbox, deadline, processed[0], false);
    }
    for item in &*items {
        if let Source::Socket(cell) = item.source {
            cell.lock()?.make_set()?;
        }
    }
    let mut fds = fd_entries(items);
    let plain = fds.len();
    for mailbox in &mailboxes {
        if let Some(set) = mailbox.set() {
            set.acquire();
            fds.extend(set.fds().map(|fd| entry(fd, libc::POLLIN)));
        }
    }
    if plain == 0 && wait::spin_any(&mailboxes, deadline) {
        return Ok(());
    }
    let sets = || mailboxes.iter().filter_map(|mailbox| mailbox.set());
    mailboxes.iter().for_each(|mailbox| mailbox.enter_wait());
    sets().for_each(|set| set.enter_sleep());
    let changed = mailboxes.iter().zip(&processed).any(|(mailbox, count)| mailbox.processed() != *count);
    let result = if changed { Ok(()) } else { sleep(&mailboxes, &mut fds, deadline, mask) };
    sets().for_each(|set| set.leave_sleep());
    // Before leaving, which may pass a wake-up on.
    sets().for_each(|set| set.clear_window());
    mailboxes.iter().for_each(|mailbox| mailbox.leave_wait());
    result?;
    for set in sets() {
        set.look()?;
    }
    Ok(())
}

fn sleep(mailboxes: &[Arc<Mailbox>], fds: &mut [PollFd], deadline: Deadline, mask: Option<&SignalMask>) -> Result<()> {
    if mailboxes.iter().any(|mailbox| mailbox.has_news()) {
        return Ok(());
    }
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    match mask {
        Some(mask) => ppoll(fds, left, mask)?,
        None => sys::poll(fds, left)?,
    };
    Ok(())
}
