//! Whether a thread that could go on with something else waits a moment for what is expected to come at once.
//!
//! A sender of large messages waits for room so, and for its reader. It goes on without when a moment was in vain, and
//! then does not wait for some time, unless it sees that waiting pays again.

use super::{clock, cpu, spin};

/// After a moment in vain no other begins for so many nanoseconds,
const PAUSE_NS: u64 = 1_000_000;
/// after several in a row for this long. Much longer, and a sender whose reader stood still for a moment would run far
/// ahead of it before it waits again.
const PAUSE_MAX_NS: u64 = 2_000_000;
/// So many tries pass between looks at the clock, and yields.
const TRIES_A_LOOK: u32 = 8;
/// The time between two tries, in rounds of some ten nanoseconds.
const ROUNDS_A_TRY: u32 = 40;

/// What was learned about waiting.
#[derive(Default)]
pub struct Patience {
    /// No moment begins before this time.
    until: u64,
    /// How long the last pause was; 0: waiting paid since.
    pause: u64,
}

/// One moment of waiting.
pub struct Moment {
    /// When it ends; 0: it has not begun.
    end: u64,
    tries: u32,
    /// How long it is, in times that a thread may spin.
    length: u64,
}

impl Moment {
    /// A moment as long as a thread may spin for anything, or so many times as long.
    pub fn new(length: u64) -> Moment {
        Moment { end: 0, tries: 0, length }
    }
}

impl Patience {
    /// What may have been waited for came; the next moment begins.
    #[inline]
    pub fn rewarded(&mut self, moment: &mut Moment) {
        if moment.end != 0 {
            self.pause = 0;
            *moment = Moment::new(moment.length);
        }
    }

    /// It did not come yet: passes some time, and says whether to try again.
    pub fn lasts(&mut self, moment: &mut Moment) -> bool {
        if moment.end == 0 && !self.begin(moment) {
            return false;
        }
        for _ in 0..ROUNDS_A_TRY {
            std::hint::spin_loop();
        }
        moment.tries += 1;
        if moment.tries.is_multiple_of(TRIES_A_LOOK) && (clock::now() >= moment.end || !spin::yield_alone()) {
            self.pause = (2 * self.pause).clamp(PAUSE_NS, PAUSE_MAX_NS);
            self.until = clock::now() + self.pause;
            return false;
        }
        true
    }

    #[cold]
    fn begin(&self, moment: &mut Moment) -> bool {
        let limit = if cpu::is_background_thread() { 0 } else { moment.length * spin::limit() };
        let now = clock::now();
        moment.end = now + limit;
        limit > 0 && now >= self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often one moment is used.
    fn tries(patience: &mut Patience) -> u32 {
        let mut moment = Moment::new(1);
        let mut tries = 0;
        while patience.lasts(&mut moment) {
            tries += 1;
        }
        tries
    }

    #[test]
    fn a_moment_in_vain_is_the_last_one_for_some_time() {
        if spin::limit() == 0 {
            return;
        }
        let mut patience = Patience::default();
        assert!(tries(&mut patience) > 0);
        assert_eq!(patience.pause, PAUSE_NS);
        patience.until += 60_000_000_000;
        assert_eq!(tries(&mut patience), 0);
        for pause in [2, 2, 2] {
            patience.until = clock::now();
            assert!(tries(&mut patience) > 0, "after some time");
            assert_eq!(patience.pause, pause * PAUSE_NS);
        }
        patience.until = clock::now();
        let mut moment = Moment::new(1);
        patience.rewarded(&mut moment);
        assert_eq!(patience.pause, PAUSE_MAX_NS, "nobody has waited");
        assert!(patience.lasts(&mut moment));
        patience.rewarded(&mut moment);
        assert!(tries(&mut patience) > 0);
        assert_eq!(patience.pause, PAUSE_NS);
    }

    #[test]
    fn threads_that_work_for_all_never_wait() {
        std::thread::spawn(|| {
            cpu::prepare_background_thread("test");
            assert_eq!(tries(&mut Patience::default()), 0);
        })
        .join()
        .unwrap();
    }
}
