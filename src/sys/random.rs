//! Random numbers for delays, first ids and the like: unpredictable enough to differ between processes, not secret.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

thread_local! {
    static STATE: Cell<u64> = Cell::new(RandomState::new().hash_one(std::process::id()) | 1);
}

/// 64 random bits (xorshift64*, seeded by the operating system once a thread).
pub fn bits() -> u64 {
    let mut state = STATE.get();
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    STATE.set(state);
    state.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

/// A number from 0 up to, not including, 1.
pub fn fraction() -> f64 {
    (bits() >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    #[test]
    fn fractions_are_in_range_and_spread() {
        let mut buckets = [0; 10];
        for _ in 0..10_000 {
            buckets[(super::fraction() * 10.0) as usize] += 1;
        }
        assert!(buckets.iter().all(|&count| (700..1300).contains(&count)), "{buckets:?}");
    }
}
