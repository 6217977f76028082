//! A memory barrier of which one side pays all: for a hand-over that one thread does all the time and another one
//! hardly ever.
//!
//! Dekker's hand-over needs a full fence on both sides: store mine, fence, look at yours. With [`light`] on the frequent
//! side, which costs nothing at run time, and [`heavy`] on the rare one, which makes the system run a fence on every
//! processor that runs a thread of this process (membarrier(2)), the pair orders as two full fences do: a frequent side
//! that had not yet stored when the heavy fence ran loads after it, and sees what the rare side stored before.

/// Keeps the compiler from moving memory accesses across; the processor is held to it by [`heavy`].
#[inline]
pub fn light() {
    #[cfg(loom)]
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
    #[cfg(not(loom))]
    std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
}

/// A full fence here, and on every processor that runs a thread of this process.
pub fn heavy() {
    #[cfg(loom)]
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
    #[cfg(not(loom))]
    {
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
        imp::heavy();
    }
}

/// Sees to it that such barriers are available soon, if the system has them. Call it early, best while the process has
/// a single thread.
pub fn prepare() {
    #[cfg(not(loom))]
    imp::prepare();
}

/// Waits a moment for such barriers, where a test asks for what they make possible.
#[cfg(all(test, not(loom)))]
pub fn await_available() {
    prepare();
    let begun = std::time::Instant::now();
    while !is_available() && begun.elapsed().as_secs() < 1 {
        std::thread::yield_now();
    }
}

/// Whether there are such barriers by now. As long as there are none, nobody may rely on [`light`].
#[inline]
pub fn is_available() -> bool {
    #[cfg(loom)]
    return true;
    #[cfg(not(loom))]
    imp::is_available()
}

#[cfg(all(not(loom), target_os = "linux"))]
mod imp {
    use crate::sys::cpu;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, Once, PoisonError};

    const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

    static AVAILABLE: AtomicBool = AtomicBool::new(false);

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: the call takes numbers only and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    fn register() {
        let registered = membarrier(REGISTER_PRIVATE_EXPEDITED) && membarrier(PRIVATE_EXPEDITED);
        AVAILABLE.store(registered, Ordering::Release);
    }

    /// Registering takes no time in a process of one thread. With more threads the system waits until it is sure that all
    /// processors know, some ten milliseconds, for which no caller of ours is to wait.
    pub fn prepare() {
        static PREPARED: Once = Once::new();
        PREPARED.call_once(|| {
            let alone = std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() == 1);
            if alone {
                register();
            } else {
                // Without a thread for it there are no barriers, and nothing else is amiss.
                let _ = cpu::without_signals(|| std::thread::Builder::new().stack_size(64 * 1024).spawn(register));
            }
        });
    }

    #[inline]
    pub fn is_available() -> bool {
        AVAILABLE.load(Ordering::Acquire)
    }

    pub fn heavy() {
        // It fails where the process is not registered, as the child of a fork may be; and where a filter of system calls
        // was installed after all.
        let done =
            membarrier(PRIVATE_EXPEDITED) || (membarrier(REGISTER_PRIVATE_EXPEDITED) && membarrier(PRIVATE_EXPEDITED));
        if !done {
            AVAILABLE.store(false, Ordering::Release);
            by_page();
        }
    }

    /// A page that is in use everywhere becomes unwritable: the system interrupts all processors that run the process, to
    /// have them forget what they know of it, which is a barrier as well.
    #[cold]
    fn by_page() {
        static PAGE: Mutex<usize> = Mutex::new(0);
        let mut page = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: a page of our own, which nobody else uses, is mapped, written to, and protected, under a lock.
        unsafe {
            if *page == 0 {
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
                let mapped = libc::mmap(std::ptr::null_mut(), 1, libc::PROT_WRITE, flags, -1, 0);
                if mapped == libc::MAP_FAILED {
                    return;
                }
                *page = mapped.expose_provenance();
            }
            let mapped = std::ptr::with_exposed_provenance_mut::<u8>(*page);
            libc::mprotect(mapped.cast(), 1, libc::PROT_READ | libc::PROT_WRITE);
            mapped.write_volatile(1);
            libc::mprotect(mapped.cast(), 1, libc::PROT_READ);
        }
    }
}

#[cfg(all(not(loom), not(target_os = "linux")))]
mod imp {
    pub fn prepare() {}

    pub fn is_available() -> bool {
        false
    }

    pub fn heavy() {}
}
