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

/// Whether the system has such barriers. Where it has none, nobody may rely on [`light`].
#[inline]
pub fn is_available() -> bool {
    #[cfg(loom)]
    return true;
    #[cfg(not(loom))]
    imp::is_available()
}

#[cfg(all(not(loom), target_os = "linux"))]
mod imp {
    use std::sync::OnceLock;

    const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: the call takes numbers only and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    pub fn is_available() -> bool {
        static AVAILABLE: OnceLock<bool> = OnceLock::new();
        *AVAILABLE.get_or_init(|| membarrier(REGISTER_PRIVATE_EXPEDITED) && membarrier(PRIVATE_EXPEDITED))
    }

    pub fn heavy() {
        // It fails where the process is not registered, as the child of a fork may be.
        if !membarrier(PRIVATE_EXPEDITED) && membarrier(REGISTER_PRIVATE_EXPEDITED) {
            membarrier(PRIVATE_EXPEDITED);
        }
    }
}

#[cfg(all(not(loom), not(target_os = "linux")))]
mod imp {
    pub fn is_available() -> bool {
        false
    }

    pub fn heavy() {}
}
