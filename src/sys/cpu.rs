//! Processors: how many the calling thread may use, and giving way to others.

use std::cell::Cell;

thread_local! {
    /// (calls until the next look, processors seen at the last look)
    static SEEN: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
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

/// Names the calling thread for `ps`, `top` and debuggers, cut to the system's 15 characters, and asks for exact
/// short sleeps.
pub fn prepare_background_thread(name: &str) {
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
