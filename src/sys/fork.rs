//! Notices that this process is the child of a fork.
//!
//! A child inherits descriptors, but not the I/O threads; and its epoll sets are the parent's own. So a context that
//! was made before the fork must not touch anything in the child. A counter that the child's side of each fork
//! advances makes the check one relaxed load.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The number of forks between the first process of the program and this one.
#[inline]
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Starts counting; call it before the generation is remembered for the first time.
pub fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        unsafe extern "C" fn in_child() {
            GENERATION.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: the handler only changes an atomic, which is async-signal-safe.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}
