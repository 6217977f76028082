//! The socket's side of the visits that it gets while it is flooded: calling for them, and leaving word of when the
//! application can be expected back.

/// Somebody who visits the socket now and then while it is flooded, and pushes what the application leaves behind.
pub trait Lookout: Send {
    /// Begins the visits. False: nobody can be had, and nothing must be left lying.
    fn call(&self) -> bool;

    /// The application is expected to be back at this time, of the monotonic clock; whether it left something in a batch.
    fn expect(&self, until: u64, left: bool);
}

/// The state of the visits.
#[derive(Default)]
pub(super) struct Watch {
    lookout: Option<Box<dyn Lookout>>,
    /// Visits are under way.
    called: bool,
    /// When the clock was looked at last, while something lay in a batch.
    looked: u64,
    /// How long the application took between two looks.
    gap: u64,
}

/// Who sends without a pause looks at the clock again within so many nanoseconds.
const PATIENCE_NS: u64 = 50_000;
/// Who takes longer is given twice as long as he took, but no more than this.
const PATIENCE_MAX_NS: u64 = 200_000;

impl Watch {
    /// Who visits the socket from now on.
    pub fn set_lookout(&mut self, lookout: Box<dyn Lookout>) {
        self.lookout = Some(lookout);
    }

    /// The last of the visits is under way: whoever leaves something has to call again.
    pub fn ended(&mut self) {
        self.called = false;
    }

    /// Something is about to be left in a batch: sees to it that someone comes by.
    pub fn ensure(&mut self) -> bool {
        let Some(lookout) = &self.lookout else { return false };
        self.called = self.called || lookout.call();
        self.called
    }

    /// Something was left in an empty batch.
    pub fn begun(&mut self, now: u64) {
        self.looked = now;
        self.expect(now, true);
    }

    /// The application has looked at the clock again; whether something whole is still left.
    pub fn looked(&mut self, now: u64, left: bool) {
        if left {
            self.gap = now.saturating_sub(self.looked);
            self.looked = now;
        }
        self.expect(now, left);
    }

    /// The application has pushed everything.
    pub fn pushed(&self, now: u64) {
        self.expect(now, false);
    }

    /// The lookout has pushed everything. What the application does next tells whether it goes on.
    pub fn visited(&mut self) {
        self.gap = 0;
        self.leave_word(0, false);
    }

    fn expect(&self, now: u64, left: bool) {
        self.leave_word(now + (2 * self.gap).clamp(PATIENCE_NS, PATIENCE_MAX_NS), left);
    }

    fn leave_word(&self, until: u64, left: bool) {
        if let Some(lookout) = &self.lookout {
            lookout.expect(until, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Default)]
    struct Word {
        calls: u32,
        until: u64,
        left: bool,
    }

    struct Recorder(Arc<Mutex<Word>>);

    impl Lookout for Recorder {
        fn call(&self) -> bool {
            self.0.lock().unwrap().calls += 1;
            true
        }

        fn expect(&self, until: u64, left: bool) {
            let mut word = self.0.lock().unwrap();
            (word.until, word.left) = (until, left);
        }
    }

    fn watch() -> (Watch, Arc<Mutex<Word>>) {
        let (mut watch, word) = (Watch::default(), Arc::new(Mutex::new(Word::default())));
        watch.set_lookout(Box::new(Recorder(word.clone())));
        (watch, word)
    }

    #[test]
    fn the_lookout_is_called_once_until_its_visits_have_ended() {
        assert!(!Watch::default().ensure(), "nobody to call");
        let (mut watch, word) = watch();
        assert!(watch.ensure() && watch.ensure());
        assert_eq!(word.lock().unwrap().calls, 1);
        watch.ended();
        assert!(watch.ensure());
        assert_eq!(word.lock().unwrap().calls, 2);
    }

    #[test]
    fn a_slow_sender_is_given_twice_the_time_that_he_takes() {
        let (mut watch, word) = watch();
        let patience = |now| word.lock().unwrap().until - now;
        watch.begun(1_000);
        assert_eq!(patience(1_000), PATIENCE_NS);
        watch.looked(3_000, true);
        assert_eq!(patience(3_000), PATIENCE_NS);
        watch.looked(63_000, true);
        assert_eq!(patience(63_000), 120_000);
        assert!(word.lock().unwrap().left);
        watch.pushed(70_000);
        assert_eq!(patience(70_000), 120_000);
        assert!(!word.lock().unwrap().left);
        // What passes between two batches is a pause, which tells nothing of how often he looks.
        watch.begun(9_000_000);
        assert_eq!(patience(9_000_000), 120_000);
        watch.looked(99_000_000, true);
        assert_eq!(patience(99_000_000), PATIENCE_MAX_NS);
        watch.looked(99_001_000, true);
        assert_eq!(patience(99_001_000), PATIENCE_NS);
        // Who was overdue is not given more time for it.
        watch.looked(99_061_000, true);
        watch.visited();
        assert_eq!(word.lock().unwrap().until, 0);
        watch.begun(99_300_000);
        assert_eq!(patience(99_300_000), PATIENCE_NS);
    }
}
