//! I/O threads: each waits for descriptors, timers and commands, and hands them to whoever registered, known here
//! only as [`Drive`].
//!
//! An I/O thread does what must go on while the application is busy elsewhere: dialling, accepting, handshakes,
//! heartbeats, and driving connections whose socket no application thread is waiting on. The same
//! [`Drive::ready`] is called by application threads too, through a [`ReadySet`](readyset::ReadySet); which of the
//! two is armed for a set is a *lease* (see there).
//!
//! [`Handle`] is the side that any thread may use; [`Io`](io::Io) is the thread itself.

mod io;
mod nap;
pub mod readyset;
mod timers;

use crate::error::{Error, Result};
use crossbeam_queue::SegQueue;
use mio::event::Source;
use mio::{Interest, Registry, Token};
use std::collections::HashMap;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// What a descriptor became ready for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// Bytes, a connection, or the end can be read.
    pub read: bool,
    /// Bytes can be written.
    pub write: bool,
    /// The peer has closed its side: reading must go on to the end, as no further event will come.
    pub closed: bool,
}

impl Readiness {
    /// Something may be there to read.
    pub const READ: Readiness = Readiness { read: true, write: false, closed: false };
}

/// Which of an object's timers; the object gives the numbers their meaning.
pub type TimerKind = u8;

/// An object that is driven by readiness and time, from any thread.
pub trait Drive: Send + Sync {
    /// A descriptor of the object is ready; handle it until it would block. Called by any thread.
    fn ready(self: Arc<Self>, readiness: Readiness);

    /// The object's descriptor, if bytes to read on it are all that the object waits for.
    fn readable_fd(&self) -> Option<RawFd> {
        None
    }

    /// A timer ran out. Called by the object's I/O thread.
    fn timer(self: Arc<Self>, _kind: TimerKind, _now: Instant) {}

    /// Whether it waits for room to write, which looking at it with [`Readiness::READ`] does not notice.
    fn awaits_room(&self) -> bool {
        false
    }

    /// Looks after work that an application thread left for a moment; called after each nap of the thread, of some tens
    /// or hundreds of microseconds, until it is over. Called by the object's I/O thread.
    fn watch(&self) -> Visit {
        Visit::Over
    }
}

/// What somebody found who looks after the work of an application thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// It goes on without a pause.
    Busy,
    /// It has paused.
    Quiet,
    /// Nobody needs to look any more.
    Over,
}

/// The name of a registered object, unique for the life of an I/O thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u64);

impl Id {
    /// The token under which the object's descriptor is registered.
    pub fn token(self) -> Token {
        Token(self.0 as usize)
    }
}

/// The waker's token; ids start above.
const WAKER: Token = Token(0);

enum Command {
    /// The object is gone, and its timers with it.
    Forget(Id),
    SetTimer(Id, TimerKind, Instant),
    ClearTimer(Id, TimerKind),
    Watch(Arc<dyn Drive>),
    Lease(Arc<readyset::ReadySet>),
    Call(Box<dyn FnOnce() + Send>),
}

/// When a thread that sleeps wakes by itself: never.
const NEVER: u64 = u64::MAX;

/// The most commands that may wait for a thread to wake by itself.
const QUIET_COMMANDS: usize = 64;

struct Shared {
    commands: SegQueue<Command>,
    /// What the thread looks after, kept alive by this. Nothing is dropped or driven while the lock is held.
    objects: Mutex<HashMap<Id, Arc<dyn Drive>>>,
    waker: mio::Waker,
    registry: Registry,
    /// The thread sleeps, or is about to: a command needs a wake-up.
    asleep: AtomicBool,
    /// When it wakes by itself, in nanoseconds since `start`; or [`NEVER`]. Means something while it is asleep.
    wakes_at: AtomicU64,
    start: Instant,
    stop: AtomicBool,
    next_id: AtomicU64,
    /// Objects that expect an answer within moments.
    expectant: AtomicUsize,
    /// Objects registered: the measure by which new ones choose among threads.
    load: AtomicUsize,
}

/// One I/O thread, as seen by others.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

/// The I/O thread itself, to be joined.
pub struct Thread {
    handle: Handle,
    join: Mutex<Option<JoinHandle<()>>>,
}

impl Thread {
    /// Starts an I/O thread. `prepare` runs first in it (name, priority, affinity).
    ///
    /// # Errors
    /// As the system has it: `EMFILE`, `ENOMEM`, `EAGAIN`.
    pub fn start(prepare: impl FnOnce() + Send + 'static) -> Result<Thread> {
        let poll = mio::Poll::new()?;
        let shared = Arc::new(Shared {
            commands: SegQueue::new(),
            objects: Mutex::default(),
            waker: mio::Waker::new(poll.registry(), WAKER)?,
            registry: poll.registry().try_clone()?,
            asleep: AtomicBool::new(false),
            wakes_at: AtomicU64::new(NEVER),
            start: Instant::now(),
            stop: AtomicBool::new(false),
            next_id: AtomicU64::new(1),
            expectant: AtomicUsize::new(0),
            load: AtomicUsize::new(0),
        });
        let handle = Handle(shared);
        let mut io = io::Io::new(handle.clone(), poll);
        let join = std::thread::Builder::new()
            .stack_size(512 * 1024)
            .spawn(move || {
                prepare();
                io.run();
            })
            .map_err(Error::from)?;
        Ok(Thread { handle, join: Mutex::new(Some(join)) })
    }

    /// The side for other threads.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Ends the thread and waits for it.
    pub fn stop(&self) {
        self.handle.0.stop.store(true, Ordering::SeqCst);
        let _ = self.handle.0.waker.wake();
        let join = self.join.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(join) = join {
            let _ = join.join();
        }
    }
}

impl Shared {
    fn objects(&self) -> MutexGuard<'_, HashMap<Id, Arc<dyn Drive>>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A moment as a number that fits [`wakes_at`](Shared::wakes_at).
    fn moment(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.start).as_nanos()).unwrap_or(NEVER)
    }

    /// Leaves a command that is to be handled now.
    fn post(&self, command: Command) {
        self.commands.push(command);
        fence(Ordering::SeqCst);
        if self.asleep.load(Ordering::Relaxed) {
            self.wake();
        }
    }

    /// Leaves a command that has time until the thread wakes by itself, if it does so by `latest`.
    ///
    /// The number of commands that wait is bounded, since the thread may sleep for long.
    fn post_quietly(&self, command: Command, latest: u64) {
        self.commands.push(command);
        fence(Ordering::SeqCst);
        let asleep = self.asleep.load(Ordering::Acquire);
        if asleep && (latest < self.wakes_at.load(Ordering::Relaxed) || self.commands.len() >= QUIET_COMMANDS) {
            self.wake();
        }
    }

    fn wake(&self) {
        if self.asleep.swap(false, Ordering::SeqCst) {
            // Failing to wake would need the counter of the event descriptor to overflow, which mio handles.
            let _ = self.waker.wake();
        }
    }
}

impl Handle {
    /// How much the thread has to look after.
    pub fn load(&self) -> usize {
        self.0.load.load(Ordering::Relaxed)
    }

    /// Gives an object a name; follow with [`add`](Handle::add).
    pub fn new_id(&self) -> Id {
        Id(self.0.next_id.fetch_add(1, Ordering::Relaxed))
    }

    /// Registers an object: the thread keeps it alive until [`remove`](Handle::remove).
    pub fn add(&self, id: Id, object: Arc<dyn Drive>) {
        self.0.load.fetch_add(1, Ordering::Relaxed);
        self.0.objects().insert(id, object);
    }

    /// Forgets an object and its timers.
    pub fn remove(&self, id: Id) {
        self.0.load.fetch_sub(1, Ordering::Relaxed);
        let object = self.0.objects().remove(&id);
        self.0.post_quietly(Command::Forget(id), NEVER);
        drop(object);
    }

    /// An object is in a conversation, in which answers come within moments: it may pay for the thread to stay awake
    /// for them. Until [`expects_no_more`](Handle::expects_no_more).
    pub fn expects_answers(&self) {
        self.0.expectant.fetch_add(1, Ordering::Relaxed);
    }

    /// The conversation is over.
    pub fn expects_no_more(&self) {
        self.0.expectant.fetch_sub(1, Ordering::Relaxed);
    }

    /// Starts watching a descriptor for a registered object.
    ///
    /// # Errors
    /// As the system has it: `ENOMEM`, `ENOSPC`.
    pub fn register(&self, source: &mut impl Source, id: Id, interest: Interest) -> Result<()> {
        Ok(self.0.registry.register(source, id.token(), interest)?)
    }

    /// Watches a registered descriptor for something else.
    pub fn reregister(&self, source: &mut impl Source, id: Id, interest: Interest) {
        // Fails only if it is no longer registered: then nobody waits for it any more.
        let _ = self.0.registry.reregister(source, id.token(), interest);
    }

    /// Stops watching a descriptor.
    pub fn deregister(&self, source: &mut impl Source) {
        // Fails only if it is not registered, which is what is wanted.
        let _ = self.0.registry.deregister(source);
    }

    /// (Re)sets one of an object's timers.
    pub fn set_timer(&self, id: Id, kind: TimerKind, at: Instant) {
        self.0.post_quietly(Command::SetTimer(id, kind, at), self.0.moment(at));
    }

    /// Stops one of an object's timers.
    pub fn clear_timer(&self, id: Id, kind: TimerKind) {
        // In time whenever the thread sees it: commands come before timers.
        self.0.post_quietly(Command::ClearTimer(id, kind), NEVER);
    }

    /// Has [`Drive::watch`] called for a while.
    pub fn watch(&self, object: Arc<dyn Drive>) {
        self.0.post(Command::Watch(object));
    }

    /// Has the thread look after a set that is leased to application threads.
    fn lease(&self, set: Arc<readyset::ReadySet>) {
        self.0.post(Command::Lease(set));
    }

    /// Runs `call` on the thread.
    pub fn call(&self, call: impl FnOnce() + Send + 'static) {
        self.0.post(Command::Call(Box::new(call)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    struct Nothing(mpsc::Sender<TimerKind>);

    impl Drive for Nothing {
        fn ready(self: Arc<Self>, _readiness: Readiness) {}

        fn timer(self: Arc<Self>, kind: TimerKind, _now: Instant) {
            let _ = self.0.send(kind);
        }
    }

    /// Posts itself again, as a connection does whose peer sends without end.
    fn go_on(handle: Handle) {
        let again = handle.clone();
        handle.call(move || go_on(again));
    }

    #[test]
    fn work_without_end_leaves_others_their_turn() {
        let thread = Thread::start(|| ()).unwrap();
        let handle = thread.handle().clone();
        let (sender, receiver) = mpsc::channel();
        let id = handle.new_id();
        handle.add(id, Arc::new(Nothing(sender)));
        go_on(handle.clone());
        handle.set_timer(id, 3, Instant::now() + Duration::from_millis(1));
        assert_eq!(receiver.recv_timeout(Duration::from_secs(20)), Ok(3));
        thread.stop();
    }

    #[test]
    fn a_timer_before_the_one_that_the_thread_sleeps_for_is_in_time() {
        let thread = Thread::start(|| ()).unwrap();
        let handle = thread.handle();
        let (sender, receiver) = mpsc::channel();
        let id = handle.new_id();
        handle.add(id, Arc::new(Nothing(sender)));
        let start = Instant::now();
        for (kind, seconds) in [(1, 500), (2, 400), (3, 0), (4, 300), (5, 0)] {
            handle.set_timer(id, kind, start + Duration::from_secs(seconds));
            if seconds == 0 {
                assert_eq!(receiver.recv_timeout(Duration::from_secs(20)), Ok(kind));
            }
        }
        thread.stop();
    }

    #[test]
    fn what_is_removed_is_dropped_at_once_whatever_the_thread_does() {
        let thread = Thread::start(|| ()).unwrap();
        let (sender, _receiver) = mpsc::channel();
        let object = Arc::new(Nothing(sender));
        let id = thread.handle().new_id();
        thread.handle().add(id, object.clone());
        assert_eq!(Arc::strong_count(&object), 2);
        thread.handle().remove(id);
        assert_eq!(Arc::strong_count(&object), 1);
        thread.stop();
    }

    #[test]
    fn a_panic_in_one_object_leaves_the_thread_to_the_others() {
        let thread = Thread::start(|| ()).unwrap();
        let (sender, receiver) = mpsc::channel();
        let id = thread.handle().new_id();
        thread.handle().add(id, Arc::new(Nothing(sender)));
        thread.handle().call(|| panic!("on purpose"));
        thread.handle().set_timer(id, 3, Instant::now());
        assert_eq!(receiver.recv_timeout(Duration::from_secs(20)), Ok(3));
        thread.stop();
    }
}
