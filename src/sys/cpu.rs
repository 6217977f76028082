//! Processors: how many the calling thread may use, and how background threads are set up.

use std::cell::Cell;

thread_local! {
    /// (calls until the next look, processors seen at the last look)
    static SEEN: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
    static BACKGROUND: Cell<bool> = const { Cell::new(false) };
}

/// How often [`processors`] asks the system again: a thread may be pinned while it runs.
const LOOK_AGAIN: u32 = 256;

/// The number of processors that the calling thread may run on, at least 1; a value up to 256 calls old.
pub fn processors() -> u32 {
    let (left, seen) = SEEN.get();
    if left > 0 {
        SEEN.set((left - 1, seen));
        return seen;
    }
    let now = std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
    SEEN.set((LOOK_AGAIN, now));
    now
}

/// Whether the calling thread is one of the library's own, which works for all and waits for nobody.
pub fn is_background_thread() -> bool {
    BACKGROUND.get()
}

/// Names the calling thread for `ps`, `top` and debuggers, cut to the system's 15 characters, and asks for exact
/// short sleeps.
pub fn prepare_background_thread(name: &str) {
    BACKGROUND.set(true);
    #[cfg(target_os = "linux")]
    {
        let mut bytes = [0u8; 16];
        let len = name.len().min(15);
        bytes[..len].copy_from_slice(&name.as_bytes()[..len]);
        // SAFETY: the name is a terminated string of at most 16 bytes; a time slack of 1 ns is a plain number.
        unsafe {
            libc::prctl(libc::PR_SET_NAME, bytes.as_ptr());
            libc::prctl(libc::PR_SET_TIMERSLACK, 1);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = name;
    // SAFETY: sigfillset and pthread_sigmask write to and read from a local set only. Signals are for the
    // application's threads.
    unsafe {
        let mut all = std::mem::zeroed::<libc::sigset_t>();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, std::ptr::null_mut());
    }
}

/// Runs `work` while the calling thread takes no signals: threads that it starts take none, ever. Signals are for the
/// application's threads.
pub fn without_signals<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: sigfillset and pthread_sigmask write to and read from local sets only.
    unsafe {
        let mut all = std::mem::zeroed::<libc::sigset_t>();
        let mut before = std::mem::zeroed::<libc::sigset_t>();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, &raw mut before);
        let result = work();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        result
    }
}

/// Restricts the calling thread to some processors (none named: all), and sets its scheduling policy and priority
/// (negative: as they are).
#[cfg(target_os = "linux")]
pub fn schedule_background_thread(processors: &std::collections::BTreeSet<i32>, policy: i32, priority: i32) {
    // SAFETY: the set and the parameters are local, initialised, and of the size that is passed.
    unsafe {
        if !processors.is_empty() {
            let mut set = std::mem::zeroed::<libc::cpu_set_t>();
            for &processor in processors {
                if (processor as usize) < libc::CPU_SETSIZE as usize {
                    libc::CPU_SET(processor as usize, &mut set);
                }
            }
            libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set);
        }
        if policy >= 0 || priority >= 0 {
            let mut now = std::mem::zeroed::<libc::sched_param>();
            let mut now_policy = 0;
            let thread = libc::pthread_self();
            if libc::pthread_getschedparam(thread, &raw mut now_policy, &raw mut now) == 0 {
                if priority >= 0 {
                    now.sched_priority = priority;
                }
                let policy = if policy >= 0 { policy } else { now_policy };
                libc::pthread_setschedparam(thread, policy, &raw const now);
            }
        }
    }
}

/// Scheduling is left to the system where it is not Linux.
#[cfg(not(target_os = "linux"))]
pub fn schedule_background_thread(_processors: &std::collections::BTreeSet<i32>, _policy: i32, _priority: i32) {}
