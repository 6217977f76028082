//! Which thread this is, as a number that costs an instruction.

/// A number that no other living thread of the process has; never 0. A thread that starts may get that of one that has
/// ended.
#[inline]
pub fn token() -> usize {
    imp::token()
}

#[cfg(all(not(loom), target_os = "linux", target_arch = "x86_64"))]
mod imp {
    #[inline]
    pub fn token() -> usize {
        let token: usize;
        // SAFETY: the ABI has the thread's control block begin with its own address, which fs refers to. Reads only.
        unsafe { std::arch::asm!("mov {}, fs:[0]", out(reg) token, options(pure, readonly, nostack, preserves_flags)) };
        token
    }
}

#[cfg(all(not(loom), target_os = "linux", target_arch = "aarch64"))]
mod imp {
    #[inline]
    pub fn token() -> usize {
        let token: usize;
        // SAFETY: the register holds the address of the thread's control block. Reads only.
        unsafe { std::arch::asm!("mrs {}, tpidr_el0", out(reg) token, options(pure, nomem, nostack, preserves_flags)) };
        token
    }
}

#[cfg(all(not(loom), not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))))]
mod imp {
    pub fn token() -> usize {
        thread_local!(static MARK: u8 = const { 1 });
        MARK.with(|mark| std::ptr::from_ref(mark).addr())
    }
}

#[cfg(loom)]
mod imp {
    pub fn token() -> usize {
        // Models have few threads, whose names are numbers.
        let id = format!("{:?}", loom::thread::current().id());
        1 + id.bytes().filter(u8::is_ascii_digit).fold(0, |number, digit| 10 * number + usize::from(digit - b'0'))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::token;

    #[test]
    fn threads_have_different_tokens_and_keep_them() {
        let mine = token();
        assert_ne!(mine, 0);
        let other = std::thread::scope(|scope| scope.spawn(token).join().unwrap());
        assert_ne!(mine, other);
        assert_eq!(mine, token());
    }
}
