//! A context: creates, counts and terminates sockets, owns the I/O threads and the names of inproc.
//!
//! Nothing starts before it is needed: the I/O threads start with the first endpoint that has descriptors. A closed
//! socket is gone when the last of its sessions is, which may be long after; the count of live sockets is what
//! termination waits for.

pub mod inproc;

use crate::connection::Acquaintances;
use crate::error::{Error, Result};
use crate::options::SocketType;
use crate::options::context::ContextOptions;
use crate::reactor::{Handle, Thread};
use crate::socket::{Mailbox, Socket};
use crate::sys::futex::{self, Wake};
use crate::sys::{barrier, cpu, fork};
use inproc::Registry;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The count of live sockets; outlives the context in the hands of the last session.
#[derive(Default)]
struct Live(AtomicU32);

/// One socket's share in the count.
struct Slot(Arc<Live>);

impl Slot {
    fn take(live: &Arc<Live>, most: u32) -> Result<Slot> {
        let step = |count| (count < most).then_some(count + 1);
        live.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step).map_err(|_| Error::MFILE)?;
        Ok(Slot(live.clone()))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
        futex::wake_all(&self.0.0);
    }
}

/// See the module's documentation.
pub struct Context {
    options: Mutex<ContextOptions>,
    /// What the sockets start with, besides: no high-water marks, as in 2.1.
    unlimited: bool,
    live: Arc<Live>,
    mailboxes: Mutex<Vec<Weak<Mailbox>>>,
    threads: Mutex<Vec<Thread>>,
    pub(crate) inproc: Registry,
    pub(crate) acquaintances: Arc<Acquaintances>,
    terminating: AtomicBool,
    fork_generation: u32,
}

impl Context {
    /// A context with the default options. `unlimited`: its sockets start without high-water marks.
    pub fn new(unlimited: bool) -> Arc<Context> {
        fork::watch();
        barrier::prepare();
        Arc::new(Context {
            options: Mutex::default(),
            unlimited,
            live: Arc::default(),
            mailboxes: Mutex::default(),
            threads: Mutex::default(),
            inproc: Registry::default(),
            acquaintances: Arc::default(),
            terminating: AtomicBool::new(false),
            fork_generation: fork::generation(),
        })
    }

    /// The options, to be read or set.
    pub fn options(&self) -> MutexGuard<'_, ContextOptions> {
        lock(&self.options)
    }

    /// Whether this process inherited the context by a fork, and must not touch what it shares with its parent.
    pub fn is_inherited(&self) -> bool {
        self.fork_generation != fork::generation()
    }

    /// Whether the context was shut down.
    pub fn is_terminating(&self) -> bool {
        self.terminating.load(Ordering::SeqCst)
    }

    /// A new socket.
    ///
    /// # Errors
    /// `ETERM`: the context was shut down; `EMFILE`: it has all the sockets it may have; `EINTR` in the child of a
    /// fork.
    pub fn socket(self: &Arc<Self>, socket_type: SocketType) -> Result<Socket> {
        if self.is_inherited() {
            return Err(Error::INTR);
        }
        if self.is_terminating() {
            return Err(Error::TERM);
        }
        let (most, defaults) = {
            let options = self.options();
            (options.max_sockets, options.defaults())
        };
        let slot = Slot::take(&self.live, most.unsigned_abs())?;
        let socket = Socket::new(self.clone(), socket_type, &defaults, self.unlimited, Arc::new(slot));
        let mut mailboxes = lock(&self.mailboxes);
        if mailboxes.len() == mailboxes.capacity() {
            mailboxes.retain(|mailbox| mailbox.strong_count() > 0);
        }
        mailboxes.push(Arc::downgrade(socket.mailbox()));
        drop(mailboxes);
        if self.is_terminating() {
            // Shut down meanwhile: perhaps before the mailbox was in the list.
            socket.mailbox().terminate();
        }
        Ok(socket)
    }

    /// Ends all blocking calls on the context's sockets, and makes later ones fail with `ETERM`.
    pub fn shutdown(&self) {
        if self.is_inherited() {
            return;
        }
        self.terminating.store(true, Ordering::SeqCst);
        let mailboxes: Vec<_> = lock(&self.mailboxes).iter().filter_map(Weak::upgrade).collect();
        for mailbox in mailboxes {
            mailbox.terminate();
        }
    }

    /// Shuts down and waits until all sockets are closed and what they had to send is sent or given up.
    ///
    /// # Errors
    /// `EINTR`: a signal arrived, or this is the child of a fork; call again to go on waiting.
    pub fn terminate(&self) -> Result<()> {
        if self.is_inherited() {
            return Err(Error::INTR);
        }
        self.shutdown();
        loop {
            let live = self.live.0.load(Ordering::SeqCst);
            if live == 0 {
                break;
            }
            if futex::wait(&self.live.0, live, None) == Wake::Interrupted {
                return Err(Error::INTR);
            }
        }
        for thread in lock(&self.threads).drain(..) {
            thread.stop();
        }
        Ok(())
    }

    /// The I/O thread with the least to do of those that `affinity` allows (bit n: thread n; 0: all). Starts the
    /// threads at the first call.
    ///
    /// # Errors
    /// `EMTHREAD`: there is none; `EMFILE`, `ENOMEM`, `EAGAIN`: they cannot be started.
    pub(crate) fn choose_io(&self, affinity: u64) -> Result<Handle> {
        let mut threads = lock(&self.threads);
        if threads.is_empty() {
            self.start_threads(&mut threads)?;
        }
        let allowed = |index: usize| affinity == 0 || (index < 64 && affinity & (1 << index) != 0);
        let candidates = threads.iter().enumerate().filter(|(index, _)| allowed(*index));
        let best = candidates.min_by_key(|(_, thread)| thread.handle().load());
        best.map(|(_, thread)| thread.handle().clone()).ok_or(Error::MTHREAD)
    }

    fn start_threads(&self, threads: &mut Vec<Thread>) -> Result<()> {
        let options = self.options().clone();
        for index in 0..options.io_threads {
            let prepare = {
                let options = options.clone();
                move || prepare_thread(&options, index)
            };
            match Thread::start(prepare) {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    threads.drain(..).for_each(|thread| thread.stop());
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if self.is_inherited() {
            // The threads are the parent's; nothing of them may be touched here.
            std::mem::forget(std::mem::take(&mut *lock(&self.threads)));
            return;
        }
        for thread in lock(&self.threads).drain(..) {
            thread.stop();
        }
    }
}

/// Gives an I/O thread its name, processors, policy and priority. What the system refuses is left as it is.
fn prepare_thread(options: &ContextOptions, index: i32) {
    let prefix = &options.thread_name_prefix;
    let slash = if prefix.is_empty() { "" } else { "/" };
    cpu::prepare_background_thread(&format!("{prefix}{slash}ZMQbg/IO/{index}"));
    cpu::schedule_background_thread(&options.thread_affinity, options.thread_sched_policy, options.thread_priority);
}
