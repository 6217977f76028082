//! A bound endpoint: accepts connections and makes sessions of them.

use super::session::{Session, Setup};
use crate::error::Result;
use crate::reactor::{Drive, Handle, Id, Readiness, TimerKind};
use crate::transport::Listener;
use mio::Interest;
use mio::unix::SourceFd;
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// When the process is out of descriptors, the next try to accept is this much later.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// A listener in the care of an I/O thread.
pub struct Listening {
    setup: Setup,
    io: Handle,
    id: Id,
    listener: Mutex<Option<Listener>>,
    /// The sessions that came from here, to be ended with it.
    sessions: Mutex<Vec<Weak<Session>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Listening {
    /// Starts accepting.
    ///
    /// # Errors
    /// As the system has it: `ENOMEM`, `ENOSPC`.
    pub fn start(setup: Setup, listener: Listener) -> Result<Arc<Listening>> {
        let io = setup.io.clone();
        let id = io.new_id();
        let fd = listener.as_raw_fd();
        let listening = Arc::new(Listening {
            setup,
            io,
            id,
            listener: Mutex::new(Some(listener)),
            sessions: Mutex::new(Vec::new()),
        });
        listening.io.add(id, listening.clone());
        if let Err(error) = listening.io.register(&mut SourceFd(&fd), id, Interest::READABLE) {
            listening.stop();
            return Err(error);
        }
        Ok(listening)
    }

    /// Stops listening: the address is free when this returns. Sessions go on.
    pub fn stop(&self) {
        if let Some(listener) = lock(&self.listener).take() {
            self.io.deregister(&mut SourceFd(&listener.as_raw_fd()));
            self.io.remove(self.id);
        }
    }

    /// Ends the sessions that came from here.
    pub fn terminate_sessions(&self) {
        let sessions = std::mem::take(&mut *lock(&self.sessions));
        for session in sessions.iter().filter_map(Weak::upgrade) {
            session.drive_send();
            session.terminate();
        }
    }

    /// Ends the sessions that came from here and have not attached to the socket yet.
    pub fn terminate_handshakes(&self) {
        for session in lock(&self.sessions).iter().filter_map(Weak::upgrade) {
            if !session.is_open() {
                session.terminate();
            }
        }
    }

    fn remember(&self, session: &Arc<Session>) {
        let mut sessions = lock(&self.sessions);
        // Forgets those that are gone whenever the list would have to grow: amortised over as many accepts.
        if sessions.len() == sessions.capacity() {
            sessions.retain(|session| session.strong_count() > 0);
        }
        sessions.push(Arc::downgrade(session));
        drop(sessions);
        if lock(&self.listener).is_none() {
            // Accepted in the moment in which listening stopped: whoever ends the sessions may have been there before.
            session.terminate();
        }
    }
}

impl Drive for Listening {
    fn ready(self: Arc<Self>, _readiness: Readiness) {
        loop {
            let accepted = match &*lock(&self.listener) {
                Some(listener) => listener.accept(&self.setup.options),
                None => return,
            };
            match accepted {
                Ok(Some(stream)) => self.remember(&Session::accepted(self.setup.clone(), stream)),
                Ok(None) => return,
                Err(_) => {
                    // No descriptors or memory: readiness is not reported again, so try again later.
                    self.io.set_timer(self.id, 0, Instant::now() + ACCEPT_AGAIN);
                    return;
                }
            }
        }
    }

    fn timer(self: Arc<Self>, _kind: TimerKind, _now: Instant) {
        self.ready(Readiness::READ);
    }
}
