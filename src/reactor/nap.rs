//! How long an I/O thread naps between two looks at the sockets that are being flooded.
//!
//! What a flood leaves behind waits for the next look, so a nap is short. But to be woken by a timer costs processor time,
//! some two microseconds where the system programs its timer itself, and thirty where a hypervisor has to: naps of 80
//! microseconds took a fifth of a processor there, from the very threads that flood. So the naps are measured, and grow
//! until they cost no more than a small share of a processor. They grow slowly, so that a short burst is ended as soon
//! as on any machine, and are short again when the flood pauses, or the thread has something else to do: connections that it
//! drives itself wait for the end of a nap, and so do commands and timers.
//!
//! Where more threads want to run than there are processors, each nap's end takes the processor from one that floods, and
//! whoever is to receive waits for milliseconds until it is its turn. A thread notices that by how often it wakes late, and
//! naps for longer then.

use crate::sys::clock;
use std::time::Duration;

/// The first naps, and all where a nap costs little.
const SHORTEST: u64 = 80_000;
/// The longest.
const LONGEST: u64 = 400_000;
/// A nap is to take so many times as long as it costs.
const TIMES_ITS_COST: u64 = 16;
/// The same two where too many threads want to run.
const LONGEST_IN_CROWD: u64 = 2_000_000;
const TIMES_ITS_COST_IN_CROWD: u64 = 128;
/// There the first nap is twice as long so many times, and so is each that follows.
const FIRST_STEPS_IN_CROWD: u32 = 2;
/// A nap that ends so much later than the most punctual ones has waited for a processor,
const LATE: u64 = 100_000;
/// which happens once in so many naps or more where too many threads want to run.
const LATE_ONE_IN: u32 = 24;
/// So many naps are remembered for that.
const LATE_MEMORY: u32 = 64;
/// What is most punctual is forgotten in about so many.
const USUAL_MEMORY: u64 = 256;
/// All naps, in shares of late ones.
const LATE_UNIT: u32 = 1 << 16;
/// After so long without naps nothing is known of a crowd.
const FORGOTTEN: u64 = 200_000_000;
/// After so many naps the next ones may be twice as long.
const NAPS_A_STEP: u32 = 4;
/// The weight of what was known of the cost in what is known of it after the next nap, which counts one.
const MEMORY: u64 = 7;

/// The naps of one thread. All times are in nanoseconds.
#[derive(Default)]
pub(super) struct Naps {
    /// What a nap costs lately; 0: not known.
    cost: u64,
    /// Naps in a row.
    taken: u32,
    /// How much too late a nap ends here in any case; none: not known.
    usual: Option<u64>,
    /// The share of naps lately that ended later still, of [`LATE_UNIT`].
    late: u32,
    /// When the last nap ended.
    last: u64,
}

impl Naps {
    /// Naps.
    pub fn take(&mut self) {
        let began = clock::now();
        self.begin(began);
        let (length, before) = (self.length(), clock::thread_time());
        std::thread::sleep(Duration::from_nanos(length));
        self.last = clock::now();
        self.learn(clock::thread_time().saturating_sub(before), (self.last - began).saturating_sub(length));
    }

    /// A nap begins. How many threads want to run may have changed since the last one, if that was long ago.
    fn begin(&mut self, now: u64) {
        if now.saturating_sub(self.last) > FORGOTTEN {
            self.late = 0;
        }
    }

    /// The floods have paused, or there is something else to do as well: the next naps are short.
    pub fn interrupt(&mut self) {
        self.taken = 0;
    }

    fn length(&self) -> u64 {
        let crowd = self.late > LATE_UNIT / LATE_ONE_IN;
        let (times, longest, steps) = if crowd {
            (TIMES_ITS_COST_IN_CROWD, LONGEST_IN_CROWD, FIRST_STEPS_IN_CROWD + self.taken)
        } else {
            (TIMES_ITS_COST, LONGEST, self.taken / NAPS_A_STEP)
        };
        (SHORTEST << steps.min(8)).min((times * self.cost).clamp(SHORTEST, longest))
    }

    /// A nap has cost so much, and ended so much too late.
    fn learn(&mut self, cost: u64, late: u64) {
        self.cost = if self.cost == 0 { cost } else { (MEMORY * self.cost + cost) / (MEMORY + 1) };
        // Timers may be coarse. The least that was seen counts, and is slowly forgotten.
        let usual = match self.usual {
            Some(usual) if late > usual => usual + (late - usual) / USUAL_MEMORY,
            _ => late,
        };
        self.usual = Some(usual);
        self.late -= self.late.div_ceil(LATE_MEMORY);
        self.late += if late > usual + LATE { LATE_UNIT / LATE_MEMORY } else { 0 };
        self.taken = self.taken.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lengths of so many naps, each of which costs so much.
    fn lengths(count: usize, cost: u64) -> Vec<u64> {
        let mut naps = Naps::default();
        let nap = |_| {
            let length = naps.length();
            naps.learn(cost, 0);
            length
        };
        (0..count).map(nap).collect()
    }

    #[test]
    fn cheap_naps_stay_short() {
        assert!(lengths(100, 0).iter().all(|&length| length == SHORTEST));
        assert!(lengths(100, 3_000).iter().all(|&length| length == SHORTEST));
    }

    #[test]
    fn dear_naps_grow_until_they_cost_a_small_share() {
        let naps = lengths(100, 20_000);
        assert!(naps[..NAPS_A_STEP as usize].iter().all(|&length| length == SHORTEST));
        assert!(naps.is_sorted());
        assert_eq!(naps[99], TIMES_ITS_COST * 20_000);
        assert_eq!(lengths(100, 10_000_000)[99], LONGEST);
    }

    #[test]
    fn other_work_makes_them_short_and_one_dear_nap_is_forgotten() {
        let mut naps = Naps::default();
        (0..100).for_each(|_| naps.learn(20_000, 0));
        naps.interrupt();
        assert_eq!(naps.length(), SHORTEST);
        naps.learn(5_000_000, 0);
        (0..100).for_each(|_| naps.learn(2_000, 0));
        assert_eq!(naps.length(), SHORTEST);
    }

    /// So many naps more of this cost, one in so many of which ends late.
    fn learn_some(naps: &mut Naps, count: u64, cost: u64, late_one_in: u64) {
        (1..=count).for_each(|nap| naps.learn(cost, if nap % late_one_in == 0 { 2 * LATE } else { LATE / 2 }));
    }

    #[test]
    fn in_a_crowd_they_are_long() {
        let mut naps = Naps::default();
        let mut length_after = |cost: u64, late_one_in: u64| {
            learn_some(&mut naps, 400, cost, late_one_in);
            naps.length()
        };
        assert_eq!(length_after(20_000, 100), TIMES_ITS_COST * 20_000);
        assert_eq!(length_after(20_000, 8), LONGEST_IN_CROWD);
        assert_eq!(length_after(20_000, 100), TIMES_ITS_COST * 20_000, "the crowd is gone");
        assert_eq!(length_after(2_000, 8), TIMES_ITS_COST_IN_CROWD * 2_000);
    }

    #[test]
    fn in_a_crowd_they_are_long_soon_as_long_as_it_is_known() {
        let mut naps = Naps::default();
        learn_some(&mut naps, 400, 20_000, 8);
        naps.interrupt();
        assert_eq!(naps.length(), 4 * SHORTEST);
        naps.learn(20_000, 0);
        assert_eq!(naps.length(), 8 * SHORTEST);
        naps.last = 1_000_000_000;
        naps.begin(naps.last + FORGOTTEN);
        assert_eq!(naps.length(), 8 * SHORTEST);
        naps.begin(naps.last + FORGOTTEN + 1);
        assert_eq!(naps.length(), SHORTEST);
    }

    #[test]
    fn coarse_timers_are_no_crowd() {
        let mut naps = Naps::default();
        (0..1000).for_each(|nap| naps.learn(20_000, 4_000_000 + nap % 10 * 5_000));
        assert_eq!(naps.length(), TIMES_ITS_COST * 20_000);
    }
}
