//! `zmq_poll`: waits for several sockets and plain descriptors at once.
//!
//! Level-triggered: every round asks each socket what it could do now. Between rounds the thread waits as for a
//! single socket: it drives the connections itself, spins if that paid off lately, then sleeps on the sockets'
//! sets of descriptors and the plain descriptors together.

use super::blocking::SocketCell;
use super::mailbox::Mailbox;
use super::wait::{self, Deadline, deadline};
use super::{POLLIN, POLLOUT};
use crate::error::{Error, Result};
use crate::reactor::readyset::ReadySet;
use crate::sys::clock;
use crate::sys::poll::{PollFd, SignalMask, entry, poll, ppoll};
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
    let mut watch: Option<Watch> = None;
    loop {
        if let Some(watch) = &mut watch {
            watch.note_processed();
        }
        let ready = check(items)?;
        if ready > 0 || (watch.is_some() && is_over(timeout, deadline)) {
            return Ok(ready);
        }
        match &mut watch {
            // Looks once before it waits, and also if it may not wait.
            None => watch.insert(Watch::new(items, mask.is_some())?).look()?,
            Some(watch) => {
                watch.push(items)?;
                match watch.wait(deadline, mask) {
                    // One more check, which sees what came in the last moment.
                    Err(Error::AGAIN) => {}
                    result => result?,
                }
            }
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

/// What a poll that found nothing watches.
struct Watch {
    /// The sockets, each once.
    mailboxes: Vec<Arc<Mailbox>>,
    /// Their counts before they were last found to have no events: what another thread processes after that is news.
    processed: Vec<u32>,
    /// The plain descriptors, and two for each socket that has any; empty for a single socket, which has a way of its
    /// own.
    fds: Vec<PollFd>,
    plain: usize,
}

impl Watch {
    /// `by_descriptor`: also a single socket is to be watched by its descriptors.
    fn new(items: &[Item<'_>], by_descriptor: bool) -> Result<Watch> {
        let mut mailboxes: Vec<Arc<Mailbox>> = Vec::with_capacity(items.len());
        let single = items.len() == 1 && !by_descriptor;
        for item in items {
            if let Source::Socket(cell) = item.source {
                let mut socket = cell.lock()?;
                socket.push();
                if !single {
                    socket.make_set()?;
                }
                mailboxes.push(socket.mailbox().clone());
            }
        }
        mailboxes.sort_unstable_by_key(Arc::as_ptr);
        mailboxes.dedup_by(|a, b| Arc::ptr_eq(a, b));
        let mut fds = fd_entries(items);
        let plain = fds.len();
        if by_descriptor || mailboxes.len() + plain > 1 {
            let sets = mailboxes.iter().filter_map(|mailbox| mailbox.set());
            fds.extend(sets.flat_map(|set| set.fds().map(|fd| entry(fd, libc::POLLIN))));
        }
        Ok(Watch { processed: vec![0; mailboxes.len()], mailboxes, fds, plain })
    }

    /// The only thing that is watched, if it is a socket.
    fn single(&self) -> Option<&Arc<Mailbox>> {
        match &self.mailboxes[..] {
            [mailbox] if self.fds.is_empty() => Some(mailbox),
            _ => None,
        }
    }

    fn note_processed(&mut self) {
        for (count, mailbox) in self.processed.iter_mut().zip(&self.mailboxes) {
            *count = mailbox.processed();
        }
    }

    /// Sends what is batched.
    fn push(&self, items: &[Item<'_>]) -> Result<()> {
        for item in items {
            if let Source::Socket(cell) = item.source {
                cell.lock()?.push();
            }
        }
        Ok(())
    }

    fn has_news(&self) -> bool {
        let changed = |(mailbox, count): (&Arc<Mailbox>, &u32)| mailbox.has_news() || mailbox.processed() != *count;
        self.mailboxes.iter().zip(&self.processed).any(changed)
    }

    /// Looks at the sockets' connections once.
    fn look(&mut self) -> Result<()> {
        self.note_processed();
        match self.single() {
            Some(mailbox) => wait::look(mailbox),
            None => {
                self.acquire();
                poll(&mut self.fds, Some(Duration::ZERO))?;
                self.drive_ready()?;
            }
        }
        Ok(())
    }

    /// Waits until there may be something new.
    fn wait(&mut self, deadline: Deadline, mask: Option<&SignalMask>) -> Result<()> {
        if let (Some(mailbox), None) = (self.single(), mask) {
            return wait::wait(mailbox, deadline, self.processed[0], false);
        }
        clock::count_wait();
        self.acquire();
        if self.plain == 0 && mask.is_none() && self.spin(deadline)? {
            return Ok(());
        }
        self.mailboxes.iter().for_each(|mailbox| mailbox.enter_wait());
        self.sets().for_each(|set| set.enter_sleep());
        let result = self.sleep(deadline, mask);
        self.sets().for_each(|set| set.leave_sleep());
        // Before leaving, which may pass a wake-up on.
        self.sets().for_each(|set| set.clear_window());
        self.mailboxes.iter().for_each(|mailbox| mailbox.leave_wait());
        result?;
        self.drive_ready()
    }

    fn sets(&self) -> impl Iterator<Item = &Arc<ReadySet>> {
        self.mailboxes.iter().filter_map(|mailbox| mailbox.set())
    }

    fn acquire(&self) {
        self.sets().for_each(ReadySet::acquire);
    }

    /// Asks the descriptors again and again for a moment, if that paid off lately; whether there is news.
    fn spin(&mut self, deadline: Deadline) -> Result<bool> {
        let Some(end) = wait::spin_end_for(&self.mailboxes, deadline) else { return Ok(self.has_news()) };
        loop {
            poll(&mut self.fds, Some(Duration::ZERO))?;
            self.drive_ready()?;
            if self.has_news() {
                wait::note_spin(&self.mailboxes, true);
                return Ok(true);
            }
            if clock::now() >= end {
                wait::note_spin(&self.mailboxes, false);
                return Ok(false);
            }
            std::thread::yield_now();
        }
    }

    fn sleep(&mut self, deadline: Deadline, mask: Option<&SignalMask>) -> Result<()> {
        if self.has_news() {
            return Ok(());
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match mask {
            Some(mask) => ppoll(&mut self.fds, left, mask)?,
            None => poll(&mut self.fds, left)?,
        };
        Ok(())
    }

    /// Drives the connections of the sockets whose descriptors were found ready.
    fn drive_ready(&self) -> Result<()> {
        let pairs = self.fds[self.plain..].chunks_exact(2);
        for (set, pair) in self.sets().zip(pairs) {
            if pair[0].revents != 0 {
                set.look()?;
            }
        }
        Ok(())
    }
}
