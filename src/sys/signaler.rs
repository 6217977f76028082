//! A descriptor that one thread makes readable to end another thread's poll(2): an eventfd on Linux, a pipe elsewhere.

use crate::error::{Error, Result};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// See the module's documentation.
#[derive(Debug)]
pub struct Signaler {
    read: OwnedFd,
    /// None where reading and writing share one descriptor.
    write: Option<OwnedFd>,
}

impl Signaler {
    /// A signaler that is not readable.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn new() -> Result<Signaler> {
        // SAFETY: eventfd takes plain numbers.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd < 0 {
            return Err(Error::last_os());
        }
        // SAFETY: a descriptor that was just made and that nobody else owns.
        Ok(Signaler { read: unsafe { OwnedFd::from_raw_fd(fd) }, write: None })
    }

    /// A signaler that is not readable.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub fn new() -> Result<Signaler> {
        let mut fds = [0; 2];
        // SAFETY: the array has room for two descriptors.
        if unsafe { libc::pipe(fds.as_mut_ptr()) } != 0 {
            return Err(Error::last_os());
        }
        // SAFETY: descriptors that were just made and that nobody else owns.
        let (read, write) = unsafe { (OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1])) };
        for fd in fds {
            // SAFETY: flags of a descriptor that is owned here.
            unsafe {
                libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC);
                libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK);
            }
        }
        Ok(Signaler { read, write: Some(write) })
    }

    /// Makes it readable. A signaler that cannot take more signals is readable already.
    pub fn signal(&self) {
        let one = 1u64.to_ne_bytes();
        let fd = self.write.as_ref().unwrap_or(&self.read).as_raw_fd();
        // SAFETY: eight bytes from a local array.
        unsafe { libc::write(fd, one.as_ptr().cast(), one.len()) };
    }

    /// Takes the signals back.
    pub fn clear(&self) {
        let mut taken = [0u8; 64];
        // SAFETY: into a local array. One read empties an eventfd; a pipe is read until it is empty.
        while unsafe { libc::read(self.read.as_raw_fd(), taken.as_mut_ptr().cast(), taken.len()) } > 0 {
            if self.write.is_none() {
                break;
            }
        }
    }
}

impl AsRawFd for Signaler {
    /// The descriptor to wait on.
    fn as_raw_fd(&self) -> RawFd {
        self.read.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::poll::{entry, poll};
    use std::time::Duration;

    #[test]
    fn readable_from_signal_to_clear() {
        let signaler = Signaler::new().unwrap();
        let readable = || poll(&mut [entry(signaler.as_raw_fd(), libc::POLLIN)], Some(Duration::ZERO)).unwrap() == 1;
        assert!(!readable());
        signaler.signal();
        signaler.signal();
        assert!(readable());
        signaler.clear();
        assert!(!readable());
    }
}
