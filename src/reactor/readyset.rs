//! The descriptors of one socket's connections, as a set that an application thread or the I/O thread waits on.
//!
//! The set is a poll of its own, whose descriptor is in turn watched by an I/O thread. Handing the socket's whole
//! traffic from the I/O thread to an application thread (*leasing* the set) is then one system call, however many
//! connections there are: the I/O thread stops watching the set, and the application thread waits on it directly,
//! without any other thread in between. When the application stays away, the I/O thread takes the set back.
//!
//! Readiness is edge-triggered: an event is reported once, to whoever polls first, and that one drives the
//! connection until it would block. So events are never lost by changing hands.
//!
//! Rules: taking events and driving their objects needs the inner lock, which is only tried for: a thread that finds
//! it taken leaves word, and the holder looks again. Sleeping and registering need no lock. The lease has its own
//! small lock, under which nothing is driven.

use super::io::{LEASE_TICK, readiness};
use super::{Drive, Handle, Id, Readiness};
use crate::error::{Error, Result};
use crate::sys::clock;
use crate::sys::poll::{entry, poll};
use crate::sys::signaler::Signaler;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};
use slab::Slab;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError, Weak};
use std::time::Duration;

/// How many events are taken at a time.
const EVENTS: usize = 64;

/// Two looks within this time are worth the lease, which is kept at least that long.
const OFTEN_NS: u64 = SILENT_TICKS as u64 * LEASE_TICK.as_nanos() as u64;

/// So many looks of the I/O thread in a row at which no interest was shown end a lease.
const SILENT_TICKS: u32 = 4;

/// No time.
const NEVER: u64 = 0;

/// Whether an application thread still has the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// It does.
    Held,
    /// The I/O thread has it again, or need not look after it for now.
    Returned,
}

/// Who watches the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Io,
    /// An application thread, and the I/O thread looks now and then whether it is still interested.
    Application,
    /// An application thread that has been sleeping on the set for long: no need to look.
    Sleeper,
}

/// A poll that contains the set's own poll and the signaler, and that nobody but the application's side clears.
struct Window {
    state: Mutex<State>,
    fd: RawFd,
}

impl Window {
    fn new(fds: [RawFd; 2]) -> Result<Window> {
        let poll = Poll::new()?;
        for (index, fd) in fds.iter().enumerate() {
            poll.registry().register(&mut SourceFd(fd), Token(index), Interest::READABLE)?;
        }
        let fd = poll.as_raw_fd();
        Ok(Window { state: Mutex::new(State { poll, events: Events::with_capacity(4) }), fd })
    }

    fn clear(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { poll, events } = &mut *state;
        let _ = poll.poll(events, Some(Duration::ZERO));
    }
}

/// What a sleep found.
pub enum Pending {
    /// No descriptor that is ready.
    Nothing,
    /// Something in the set.
    Set,
    /// The only connection.
    Sole(Arc<dyn Drive>, Readiness),
}

/// What to ask of a connection's own descriptor.
#[cfg(any(target_os = "linux", target_os = "android"))]
const BYTES_OR_END: i16 = libc::POLLIN | libc::POLLRDHUP;
/// What to ask of a connection's own descriptor.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const BYTES_OR_END: i16 = libc::POLLIN;

struct State {
    poll: Poll,
    events: Events,
}

/// A connection in the set.
struct Member {
    object: Arc<dyn Drive>,
    /// It waits for room to write, too.
    writes: bool,
}

fn interest(writes: bool) -> Interest {
    if writes { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE }
}

/// See the module's documentation.
pub struct ReadySet {
    state: Mutex<State>,
    registry: Registry,
    /// Written to by whoever has news for the waiting thread.
    signaler: Signaler,
    fd: RawFd,
    /// What is shown to the application as `ZMQ_FD`; made when it is asked for.
    window: OnceLock<Window>,
    members: Mutex<Slab<Member>>,
    count: AtomicUsize,
    /// How many of them wait for room.
    blocked: AtomicUsize,
    holder: Mutex<Holder>,
    /// Mirrors `holder != Io`, to be read without the lock.
    leased: AtomicBool,
    /// The I/O thread looks after the lease. Changed with the holder locked.
    listed: AtomicBool,
    /// Mirrors `holder == Sleeper`.
    forgotten: AtomicBool,
    /// Advanced by application threads each time they show interest.
    interest: AtomicU32,
    seen_interest: AtomicU32,
    /// Looks of the I/O thread in a row at which no interest was shown.
    silent_ticks: AtomicU32,
    /// When an application thread looked at the set without the lease; [`NEVER`] so far.
    looked_at: AtomicU64,
    /// Threads that sleep on the set.
    sleepers: AtomicU32,
    /// Someone had news while another thread held the inner lock: the holder looks again.
    missed: AtomicBool,
    io: Option<(Id, Handle)>,
    closed: AtomicBool,
}

impl ReadySet {
    /// A new set, watched by an I/O thread; without one it can only be waited on and woken.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn new(io: Option<Handle>) -> Result<Arc<ReadySet>> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let fd = poll.as_raw_fd();
        let io = io.map(|handle| (handle.new_id(), handle));
        let set = Arc::new(ReadySet {
            state: Mutex::new(State { poll, events: Events::with_capacity(EVENTS) }),
            registry,
            signaler: Signaler::new()?,
            fd,
            window: OnceLock::new(),
            members: Mutex::new(Slab::new()),
            count: AtomicUsize::new(0),
            blocked: AtomicUsize::new(0),
            holder: Mutex::new(Holder::Io),
            leased: AtomicBool::new(io.is_none()),
            listed: AtomicBool::new(false),
            forgotten: AtomicBool::new(false),
            interest: AtomicU32::new(0),
            seen_interest: AtomicU32::new(0),
            silent_ticks: AtomicU32::new(0),
            looked_at: AtomicU64::new(NEVER),
            sleepers: AtomicU32::new(0),
            missed: AtomicBool::new(false),
            io,
            closed: AtomicBool::new(false),
        });
        if let Some((id, handle)) = &set.io {
            handle.add(*id, Arc::new(Watched(Arc::downgrade(&set))));
            if let Err(error) = handle.register(&mut SourceFd(&fd), *id, Interest::READABLE) {
                set.close();
                return Err(error);
            }
        }
        Ok(set)
    }

    /// The descriptors to wait on with poll(2): one is readable while an event is pending in the set, the other
    /// after [`wake`](ReadySet::wake). Follow with [`look`](ReadySet::look).
    ///
    /// The second is not in the set: the I/O thread takes events out of the set too, and a wake-up that is meant for
    /// the application must not be swallowed there.
    pub fn fds(&self) -> [RawFd; 2] {
        [self.fd, self.signaler.as_raw_fd()]
    }

    /// Both of [`fds`](ReadySet::fds) as one descriptor, for `ZMQ_FD`. It stays readable until
    /// [`clear_window`](ReadySet::clear_window).
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn window_fd(&self) -> Result<RawFd> {
        if let Some(window) = self.window.get() {
            return Ok(window.fd);
        }
        let window = Window::new(self.fds())?;
        Ok(self.window.get_or_init(|| window).fd)
    }

    /// Takes back what the window shows; what is pending in the set still is.
    pub fn clear_window(&self) {
        if let Some(window) = self.window.get() {
            window.clear();
        }
        self.signaler.clear();
    }

    /// A thread is about to sleep on the descriptors: the set is not taken from it meanwhile.
    pub fn enter_sleep(&self) {
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// It no longer does. After a long sleep the I/O thread looks after the lease again from now on.
    pub fn leave_sleep(self: &Arc<Self>) {
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        if self.forgotten.load(Ordering::SeqCst) {
            self.acquire();
        }
    }

    fn has_sleepers(&self) -> bool {
        self.sleepers.load(Ordering::SeqCst) > 0
    }

    /// Whether an application thread has the set.
    pub fn is_leased(&self) -> bool {
        self.leased.load(Ordering::Acquire)
    }

    /// Takes the set away from the I/O thread for good.
    pub fn close(&self) {
        let _holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        if let (false, Some((id, handle))) = (self.closed.swap(true, Ordering::SeqCst), &self.io) {
            handle.deregister(&mut SourceFd(&self.fd));
            handle.remove(*id);
        }
    }

    /// Adds a connection's descriptor.
    ///
    /// # Errors
    /// `ENOMEM`, `ENOSPC`.
    pub fn add(&self, fd: RawFd, object: Arc<dyn Drive>) -> Result<usize> {
        let (key, others) = {
            let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
            let others = members.len();
            let key = members.insert(Member { object, writes: false });
            self.count.store(members.len(), Ordering::SeqCst);
            (key, others)
        };
        // The lock is not held across the registration: an event may come at once, on another thread.
        if let Err(error) = self.registry.register(&mut SourceFd(&fd), Token(key), Interest::READABLE) {
            self.forget(key);
            return Err(error.into());
        }
        // A sleeper that found no connection, or several, sleeps on the set.
        if others == 1 {
            self.rouse();
        }
        Ok(key)
    }

    /// What a sleeper sleeps on may be the wrong descriptor from now on: the connections changed, or one waits for
    /// room, too. To be called after the change.
    pub fn rouse(&self) {
        if self.has_sleepers() {
            self.signaler.signal();
        }
    }

    /// Also waits for room to write, or no longer does.
    ///
    /// # Errors
    /// As the system has it.
    pub fn want_write(&self, fd: RawFd, key: usize, write: bool) -> Result<()> {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        self.registry.reregister(&mut SourceFd(&fd), Token(key), interest(write))?;
        if let Some(member) = members.get_mut(key) {
            self.count_blocked(member.writes, write);
            member.writes = write;
        }
        drop(members);
        if write {
            self.rouse();
        }
        Ok(())
    }

    /// A connection waited for room before, or did not, and does now, or does not.
    fn count_blocked(&self, before: bool, now: bool) {
        match (before, now) {
            (false, true) => _ = self.blocked.fetch_add(1, Ordering::SeqCst),
            (true, false) => _ = self.blocked.fetch_sub(1, Ordering::SeqCst),
            _ => {}
        }
    }

    /// Reports once more that the descriptor is ready, if it still is: its object was driven, but not to the end.
    ///
    /// # Errors
    /// As the system has it.
    pub fn report_again(&self, fd: RawFd, key: usize) -> Result<()> {
        // Under the lock, lest the interest in room, which may change at any time, is overwritten.
        let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let writes = members.get(key).is_some_and(|member| member.writes);
        Ok(self.registry.reregister(&mut SourceFd(&fd), Token(key), interest(writes))?)
    }

    /// Removes a connection's descriptor, before it is closed.
    pub fn remove(&self, fd: RawFd, key: usize) {
        let _ = self.registry.deregister(&mut SourceFd(&fd));
        self.forget(key);
    }

    fn forget(&self, key: usize) {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        let member = members.try_remove(key);
        self.count_blocked(member.as_ref().is_some_and(|member| member.writes), false);
        let left = members.len();
        self.count.store(left, Ordering::SeqCst);
        drop(members);
        drop(member);
        // A sleeper may sleep on the descriptor of what was the only connection.
        if left == 0 {
            self.rouse();
        }
    }

    /// The only connection, if there is just one and it waits for nothing but bytes to read: it can be tried without
    /// asking the set.
    pub fn sole(&self) -> Option<Arc<dyn Drive>> {
        if self.count.load(Ordering::SeqCst) != 1 {
            return None;
        }
        let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        members.iter().next().map(|(_, member)| member.object.clone()).filter(|object| !object.awaits_room())
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// Whether there is any connection.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ends the wait of the thread that sleeps on the set, or makes its descriptor readable.
    pub fn wake(&self) {
        self.signaler.signal();
    }

    /// Whether a connection waits for room: then the I/O thread has something to do when the application stays away.
    fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::SeqCst) > 0
    }

    /// An application thread looks at the set and may not come back soon: who has the lease keeps it for now. One that looks
    /// so often that it would keep the lease gets it.
    pub fn show_interest(self: &Arc<Self>) {
        if self.leased.load(Ordering::Acquire) {
            self.interest.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let now = clock::now();
        let last = self.looked_at.swap(now, Ordering::Relaxed);
        if last != NEVER && now.saturating_sub(last) < OFTEN_NS && !self.is_blocked() {
            self.acquire();
        }
    }

    /// An application thread is about to wait on the set, or to drive it: makes sure that the I/O thread keeps out.
    pub fn acquire(self: &Arc<Self>) {
        self.interest.fetch_add(1, Ordering::Relaxed);
        if self.leased.load(Ordering::Acquire) && !self.forgotten.load(Ordering::Acquire) {
            return;
        }
        let Some((_, handle)) = &self.io else { return };
        let mut holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        match *holder {
            Holder::Application => return,
            Holder::Io => handle.deregister(&mut SourceFd(&self.fd)),
            Holder::Sleeper => self.forgotten.store(false, Ordering::Release),
        }
        *holder = Holder::Application;
        self.leased.store(true, Ordering::Release);
        let listed = self.listed.swap(true, Ordering::Relaxed);
        drop(holder);
        if !listed {
            handle.lease(self.clone());
        }
    }

    /// Gives the set back to the I/O thread at once, since it has work while the application is away.
    pub fn release(&self) {
        if self.io.is_some() && self.leased.load(Ordering::Acquire) && !self.has_sleepers() {
            let mut holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner);
            if *holder != Holder::Io {
                self.give_back(&mut holder);
            }
        }
    }

    fn give_back(&self, holder: &mut Holder) {
        *holder = Holder::Io;
        self.forgotten.store(false, Ordering::Release);
        self.leased.store(false, Ordering::Release);
        if let (false, Some((id, handle))) = (self.closed.load(Ordering::SeqCst), &self.io) {
            // Registering reports what is pending already. A failure (no memory) leaves the set to the application.
            let _ = handle.register(&mut SourceFd(&self.fd), *id, Interest::READABLE);
        }
    }

    /// Called by the I/O thread now and then while the set is leased.
    pub(super) fn tick(&self) -> Lease {
        let mut holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        let lease = self.tick_held(&mut holder);
        if lease == Lease::Returned {
            self.silent_ticks.store(0, Ordering::Relaxed);
            self.listed.store(false, Ordering::Relaxed);
        }
        lease
    }

    /// The same with the holder locked.
    fn tick_held(&self, holder: &mut Holder) -> Lease {
        if *holder != Holder::Application {
            return Lease::Returned;
        }
        let interest = self.interest.load(Ordering::Relaxed);
        if interest != self.seen_interest.swap(interest, Ordering::Relaxed) {
            self.silent_ticks.store(0, Ordering::Relaxed);
            return Lease::Held;
        }
        let silent = self.silent_ticks.fetch_add(1, Ordering::Relaxed) + 1;
        if self.has_sleepers() {
            *holder = Holder::Sleeper;
            self.forgotten.store(true, Ordering::SeqCst);
            // A thread that wakes in this moment looks at `forgotten` after it left: one of the two sees the other.
            if !self.has_sleepers() {
                *holder = Holder::Application;
                self.forgotten.store(false, Ordering::SeqCst);
                return Lease::Held;
            }
        } else if self.is_blocked() || silent >= SILENT_TICKS {
            self.give_back(holder);
        } else {
            return Lease::Held;
        }
        Lease::Returned
    }

    /// Sleeps until something is pending in the set, or [`wake`](ReadySet::wake), a signal, or the time is over (None:
    /// no limit). What is pending is for [`drive_pending`](ReadySet::drive_pending).
    ///
    /// poll(2) sleeps, not epoll: a process that is stopped and continued is not to notice, and epoll_wait would. The
    /// only connection's own descriptor is slept on, where there is only one: the system wakes a sleeper on a socket
    /// more cheaply than one on a set.
    ///
    /// # Errors
    /// `EINTR`: a signal handler ran; or what else the system says.
    pub fn sleep(self: &Arc<Self>, timeout: Option<Duration>) -> Result<Pending> {
        self.enter_sleep();
        let sole = self.sole().and_then(|object| object.readable_fd().map(|fd| (fd, object)));
        let [set, signaler] = self.fds();
        let first = sole.as_ref().map_or(entry(set, libc::POLLIN), |(fd, _)| entry(*fd, BYTES_OR_END));
        let mut fds = [first, entry(signaler, libc::POLLIN)];
        let result = poll(&mut fds, timeout);
        self.leave_sleep();
        result?;
        if fds[1].revents != 0 {
            self.signaler.clear();
        }
        Ok(match (fds[0].revents, sole) {
            (0, _) => Pending::Nothing,
            (_, None) => Pending::Set,
            (events, Some((_, object))) => {
                Pending::Sole(object, Readiness { read: true, write: false, closed: events & !libc::POLLIN != 0 })
            }
        })
    }

    /// Drives what a sleep found.
    ///
    /// # Errors
    /// As the system has it.
    pub fn drive_pending(self: &Arc<Self>, pending: Pending) -> Result<()> {
        match pending {
            Pending::Nothing => {}
            Pending::Set => {
                self.look()?;
            }
            Pending::Sole(object, readiness) => object.ready(readiness),
        }
        Ok(())
    }

    /// Drives what is ready, without waiting; whether anything was. If another thread is at it, that one looks again.
    ///
    /// # Errors
    /// As the system has it.
    pub fn look(self: &Arc<Self>) -> Result<bool> {
        let mut any = false;
        let Some(mut state) = self.try_lock() else { return Ok(false) };
        loop {
            any |= self.take_events(&mut state)?;
            drop(state);
            if !self.missed.swap(false, Ordering::SeqCst) {
                return Ok(any);
            }
            match self.try_lock() {
                Some(again) => state = again,
                None => return Ok(any),
            }
        }
    }

    /// The inner lock; or word left for its holder.
    fn try_lock(&self) -> Option<MutexGuard<'_, State>> {
        for _ in 0..2 {
            match self.state.try_lock() {
                Ok(state) => return Some(state),
                Err(TryLockError::Poisoned(state)) => return Some(state.into_inner()),
                // Tried once more after leaving word, lest the holder has just looked for it and gone.
                Err(TryLockError::WouldBlock) => self.missed.store(true, Ordering::SeqCst),
            }
        }
        None
    }

    /// Takes what is pending, and drives it; whether there was anything.
    fn take_events(&self, state: &mut State) -> Result<bool> {
        let State { poll, events } = state;
        let mut any = false;
        // A full batch may not be all: then what is left raises no edge any more, neither here nor in the window.
        for _ in 0..=self.count.load(Ordering::Relaxed) / EVENTS {
            match poll.poll(events, Some(Duration::ZERO)) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => break,
                Err(error) => return Err(Error::from(error)),
            }
            for event in events.iter() {
                any = true;
                self.drive(event.token().0, readiness(event));
            }
            if events.iter().count() < EVENTS {
                break;
            }
        }
        Ok(any)
    }

    fn drive(&self, key: usize, readiness: Readiness) {
        let object = {
            let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
            members.get(key).map(|member| member.object.clone())
        };
        if let Some(object) = object {
            object.ready(readiness);
        }
    }
}

/// What the I/O thread holds of a set that it watches: no more than a way to it.
struct Watched(Weak<ReadySet>);

impl Drive for Watched {
    /// The I/O thread sees that the set has events. One look takes all of them, and what comes later raises an edge of its
    /// own. They must be taken out of the set, also where there is but one connection: they tell what a mere attempt to
    /// read does not, that there is room or that the peer has closed.
    fn ready(self: Arc<Self>, _readiness: Readiness) {
        let Some(set) = self.0.upgrade() else { return };
        // An application thread that has taken the set looks itself, and the set comes back with what is pending.
        if !set.is_leased() {
            let _ = set.look();
        }
    }
}
