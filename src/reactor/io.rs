//! The loop of an I/O thread.

use super::nap::Naps;
use super::readyset::{Lease, ReadySet};
use super::timers::Timers;
use super::{Command, Drive, Handle, Id, NEVER, Readiness, TimerKind, Visit, WAKER};
use crate::sys::clock;
use crate::sys::spin::{self, Spin, yield_alone};
use mio::event::Event;
use mio::{Events, Poll};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::time::{Duration, Instant};

/// Kinds of timers are below this.
const TIMER_KINDS: TimerKind = 8;

/// How often leases are looked at. Some looks in a row that find no interest end one: so long bytes wait, in the system,
/// for an application thread that took the lease and stays away.
pub(super) const LEASE_TICK: Duration = Duration::from_millis(5);

/// How many rounds of a spin pass between yields.
const ROUNDS_A_YIELD: u32 = 8;

/// An I/O thread's own side.
pub struct Io {
    handle: Handle,
    poll: Poll,
    timers: Timers,
    watched: Vec<Arc<dyn Drive>>,
    naps: Naps,
    leased: Vec<Arc<ReadySet>>,
    next_tick: Instant,
    /// The last wait brought an event for an object.
    active: bool,
    spin: Spin,
}

pub(super) fn readiness(event: &Event) -> Readiness {
    Readiness {
        read: event.is_readable() || event.is_read_closed() || event.is_error(),
        write: event.is_writable() || event.is_write_closed() || event.is_error(),
        closed: event.is_read_closed() || event.is_error(),
    }
}

/// Runs an object's work. A panic is a bug, told on stderr by the panic hook; the thread goes on for all others.
fn contained(work: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(work));
}

impl Io {
    pub(super) fn new(handle: Handle, poll: Poll) -> Io {
        Io {
            handle,
            poll,
            timers: Timers::default(),
            watched: Vec::new(),
            naps: Naps::default(),
            leased: Vec::new(),
            next_tick: Instant::now(),
            active: false,
            spin: Spin::default(),
        }
    }

    pub(super) fn run(&mut self) {
        let mut events = Events::with_capacity(256);
        while !self.handle.0.stop.load(Ordering::SeqCst) {
            self.run_commands();
            let now = Instant::now();
            self.run_timers(now);
            self.tick_leases(now);
            self.wait(&mut events);
            self.dispatch(&events);
            self.visit_watched();
        }
        // What is left must not outlive the context, and may post to this thread while it goes.
        let objects = std::mem::take(&mut *self.handle.0.objects());
        drop(objects);
        self.watched.clear();
        self.leased.clear();
        while let Some(command) = self.handle.0.commands.pop() {
            drop(command);
        }
    }

    /// Runs the commands that are there now. Those that they give rise to wait for their turn behind timers and
    /// descriptors: work that goes on and on is posted anew after each visit.
    fn run_commands(&mut self) {
        for _ in 0..self.handle.0.commands.len() {
            let Some(command) = self.handle.0.commands.pop() else { return };
            match command {
                Command::Forget(id) => self.timers.forget(id, TIMER_KINDS),
                Command::SetTimer(id, kind, at) => {
                    // Of one that is gone meanwhile, nobody would clear it.
                    if self.handle.0.objects().contains_key(&id) {
                        self.timers.set(id, kind, at);
                    }
                }
                Command::ClearTimer(id, kind) => self.timers.clear(id, kind),
                Command::Watch(object) => {
                    self.naps.interrupt();
                    self.watched.push(object);
                }
                Command::Lease(set) => {
                    if self.leased.is_empty() {
                        self.next_tick = Instant::now() + LEASE_TICK;
                    }
                    self.leased.push(set);
                }
                Command::Call(call) => contained(call),
            }
        }
    }

    /// Visits the objects that are watched over, after a nap.
    fn visit_watched(&mut self) {
        if self.watched.is_empty() {
            return;
        }
        self.naps.take();
        let mut busy = false;
        self.watched.retain(|object| {
            let mut visit = Visit::Over;
            contained(|| visit = object.watch());
            busy |= visit == Visit::Busy;
            visit != Visit::Over
        });
        if !busy || self.active {
            self.naps.interrupt();
        }
    }

    fn object(&self, id: Id) -> Option<Arc<dyn Drive>> {
        self.handle.0.objects().get(&id).cloned()
    }

    fn run_timers(&mut self, now: Instant) {
        while let Some((id, kind)) = self.timers.pop(now) {
            if let Some(object) = self.object(id) {
                contained(|| object.timer(kind, now));
            }
        }
    }

    fn tick_leases(&mut self, now: Instant) {
        if self.leased.is_empty() || now < self.next_tick {
            return;
        }
        self.next_tick = now + LEASE_TICK;
        self.leased.retain(|set| set.tick() == Lease::Held);
    }

    fn wait(&mut self, events: &mut Events) {
        let now = Instant::now();
        let mut timeout = self.timers.next(now);
        if !self.leased.is_empty() {
            let tick = self.next_tick.saturating_duration_since(now);
            timeout = Some(timeout.map_or(tick, |timeout| timeout.min(tick)));
        }
        let limit = if self.active && self.expects_answers() { spin::limit() } else { 0 };
        let spins = limit > 0 && self.spin.pays();
        let start = clock::now();
        if spins && self.spin(events, start + limit) {
            return self.spin.won();
        }
        let wakes_at = timeout.map_or(NEVER, |timeout| self.handle.0.moment(now + timeout));
        self.handle.0.wakes_at.store(wakes_at, Ordering::Relaxed);
        self.handle.0.asleep.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if !self.watched.is_empty() || !self.handle.0.commands.is_empty() {
            timeout = Some(Duration::ZERO);
        }
        // The only failure is an interruption, and this thread blocks signals; either way there are no events.
        if self.poll.poll(events, timeout).is_err() {
            events.clear();
        }
        self.handle.0.asleep.store(false, Ordering::SeqCst);
        self.active = false;
        if limit > 0 {
            self.spin.slept(clock::now() - start, limit, spins);
        }
    }

    fn expects_answers(&self) -> bool {
        self.handle.0.expectant.load(Ordering::Relaxed) > 0
    }

    /// Looks again and again, where an answer is under way; whether there was anything.
    fn spin(&mut self, events: &mut Events, end: u64) -> bool {
        for round in 1u32.. {
            if self.poll.poll(events, Some(Duration::ZERO)).is_err() {
                events.clear();
            }
            if !events.is_empty() || !self.handle.0.commands.is_empty() {
                return true;
            }
            if clock::now() >= end || (round.is_multiple_of(ROUNDS_A_YIELD) && !yield_alone()) {
                return false;
            }
        }
        false
    }

    fn dispatch(&mut self, events: &Events) {
        for event in events {
            if event.token() == WAKER {
                continue;
            }
            self.active = true;
            if let Some(object) = self.object(Id(event.token().0 as u64)) {
                contained(|| object.ready(readiness(event)));
            }
        }
    }
}
