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
/// A nap that ends so much too late has waited for a processor,
const LATE: u64 = 100_000;
/// which happens once in so many naps or more where too many threads want to run.
const LATE_ONE_IN: u32 = 24;
/// So many naps are remembered for that.
const LATE_MEMORY: u32 = 64;
/// What one late nap counts for.
const LATE_UNIT: u32 = 1 << 16;
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
    /// The share of late naps lately, of [`LATE_UNIT`].
    late: u32,
}

impl Naps {
    /// Naps.
    pub fn take(&mut self) {
        let length = self.length();
        let (began, before) = (clock::now(), clock::thread_time());
        std::thread::sleep(Duration::from_nanos(length));
        let late = (clock::now() - began).saturating_sub(length);
        self.learn(clock::thread_time().saturating_sub(before), late);
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
        self.late -= self.late.div_ceil(LATE_MEMORY);
        self.late += if late > LATE { LATE_UNIT / LATE_MEMORY } else { 0 };
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
    #[test]
    fn in_a_crowd_they_are_long() {
        let mut naps = Naps::default();
        let mut longest_after = |late_one_in: u64, count: u64| {
            (0..count).for_each(|nap| naps.learn(20_000, if nap % late_one_in == 0 { 2 * LATE } else { LATE / 2 }));
            naps.length()
        };
        assert_eq!(longest_after(100, 1000), TIMES_ITS_COST * 20_000);
        assert_eq!(longest_after(8, 1000), LONGEST_IN_CROWD);
        assert_eq!(longest_after(100, 400), TIMES_ITS_COST * 20_000, "the crowd is gone");
        (0..1000).for_each(|_| naps.learn(2_000, 2 * LATE));
        assert_eq!(naps.length(), TIMES_ITS_COST_IN_CROWD * 2_000);
        naps.interrupt();
        assert_eq!(naps.length(), TIMES_ITS_COST_IN_CROWD * 2_000);
        (0..1000).for_each(|_| naps.learn(20_000, 2 * LATE));
        naps.interrupt();
        assert_eq!(naps.length(), 4 * SHORTEST);
        naps.learn(20_000, 0);
        assert_eq!(naps.length(), 8 * SHORTEST);
    }
}
