//! A list of timers that come again and again, for whoever calls `execute` (zmq_timers_*).
//!
//! It has no clock: the caller says what time it is, as the time since some moment of its own choice. The list serves
//! programs with a few timers; connections have their own in the reactor.

use std::collections::BTreeMap;
use std::time::Duration;

/// Timers by their numbers, each with something of the caller's.
#[derive(Debug)]
pub struct Timers<T> {
    last: i32,
    timers: BTreeMap<i32, Timer<T>>,
}

#[derive(Debug)]
struct Timer<T> {
    interval: Duration,
    due: Duration,
    payload: T,
}

/// There is no timer of that number, or not any more.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown;

impl<T> Default for Timers<T> {
    fn default() -> Timers<T> {
        Timers { last: 0, timers: BTreeMap::new() }
    }
}

impl<T: Clone> Timers<T> {
    /// Adds a timer that is due after `interval`, and then after each further one. Returns its number: 1, 2, 3 ...
    ///
    /// `None` when the numbers have run out.
    pub fn add(&mut self, now: Duration, interval: Duration, payload: T) -> Option<i32> {
        self.last = self.last.checked_add(1)?;
        self.timers.insert(self.last, Timer { interval, due: now.saturating_add(interval), payload });
        Some(self.last)
    }

    /// Takes a timer out.
    pub fn cancel(&mut self, id: i32) -> Result<(), Unknown> {
        self.timers.remove(&id).map(drop).ok_or(Unknown)
    }

    /// Gives a timer another interval, which begins now.
    pub fn set_interval(&mut self, now: Duration, id: i32, interval: Duration) -> Result<(), Unknown> {
        let timer = self.timers.get_mut(&id).ok_or(Unknown)?;
        timer.interval = interval;
        timer.due = now.saturating_add(interval);
        Ok(())
    }

    /// Lets a timer's interval begin now.
    pub fn reset(&mut self, now: Duration, id: i32) -> Result<(), Unknown> {
        let timer = self.timers.get_mut(&id).ok_or(Unknown)?;
        timer.due = now.saturating_add(timer.interval);
        Ok(())
    }

    /// How long it is until a timer is due: zero if one is, `None` if there is none.
    pub fn poll_timeout(&self, now: Duration) -> Option<Duration> {
        self.timers.values().map(|timer| timer.due.saturating_sub(now)).min()
    }

    /// The numbers of the timers that are due, in the order in which they became so.
    pub fn due(&self, now: Duration) -> Vec<i32> {
        let mut due: Vec<_> =
            self.timers.iter().filter(|(_, timer)| timer.due <= now).map(|(&id, timer)| (timer.due, id)).collect();
        due.sort_unstable();
        due.into_iter().map(|(_, id)| id).collect()
    }

    /// What to run for a timer of [`due`](Timers::due), which begins its next interval: periods that were missed are
    /// not made up for. `None` if it was cancelled or put off since.
    pub fn fire(&mut self, now: Duration, id: i32) -> Option<T> {
        let timer = self.timers.get_mut(&id).filter(|timer| timer.due <= now)?;
        timer.due = now.saturating_add(timer.interval);
        Some(timer.payload.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn fire_all(timers: &mut Timers<char>, now: Duration) -> String {
        timers.due(now).into_iter().filter_map(|id| timers.fire(now, id)).collect()
    }

    #[test]
    fn numbers_count_from_one_and_are_not_given_again() {
        let mut timers = Timers::default();
        assert_eq!(timers.add(ms(0), ms(10), 'a'), Some(1));
        assert_eq!(timers.cancel(1), Ok(()));
        assert_eq!(timers.add(ms(0), ms(10), 'b'), Some(2));
    }

    #[test]
    fn a_timer_is_due_after_its_interval_and_after_each_further_one() {
        let mut timers = Timers::default();
        timers.add(ms(5), ms(10), 'a');
        assert_eq!(timers.poll_timeout(ms(5)), Some(ms(10)));
        assert_eq!(fire_all(&mut timers, ms(14)), "");
        assert_eq!(timers.poll_timeout(ms(15)), Some(ms(0)));
        assert_eq!(fire_all(&mut timers, ms(15)), "a");
        assert_eq!(timers.poll_timeout(ms(15)), Some(ms(10)));
        assert_eq!(fire_all(&mut timers, ms(25)), "a");
    }

    #[test]
    fn missed_periods_become_one_call_and_the_next_is_counted_from_it() {
        let mut timers = Timers::default();
        timers.add(ms(0), ms(10), 'a');
        assert_eq!(fire_all(&mut timers, ms(57)), "a");
        assert_eq!(timers.poll_timeout(ms(57)), Some(ms(10)));
    }

    #[test]
    fn those_that_are_due_come_in_order_of_time() {
        let mut timers = Timers::default();
        timers.add(ms(0), ms(30), 'c');
        timers.add(ms(0), ms(10), 'a');
        timers.add(ms(0), ms(20), 'b');
        timers.add(ms(0), ms(40), 'd');
        assert_eq!(fire_all(&mut timers, ms(30)), "abc");
    }

    #[test]
    fn an_interval_of_zero_fires_once_a_visit() {
        let mut timers = Timers::default();
        timers.add(ms(0), ms(0), 'a');
        assert_eq!(fire_all(&mut timers, ms(0)), "a");
        assert_eq!(timers.poll_timeout(ms(0)), Some(ms(0)));
    }

    #[test]
    fn one_that_a_handler_cancels_or_resets_does_not_fire() {
        let mut timers = Timers::default();
        let (a, b) = (timers.add(ms(0), ms(10), 'a'), timers.add(ms(0), ms(10), 'b'));
        assert_eq!(timers.due(ms(10)).len(), 2);
        assert_eq!(timers.cancel(a.expect("a number")), Ok(()));
        assert_eq!(timers.reset(ms(10), b.expect("a number")), Ok(()));
        assert_eq!(timers.fire(ms(10), 1), None);
        assert_eq!(timers.fire(ms(10), 2), None);
    }

    #[test]
    fn a_new_interval_begins_now() {
        let mut timers = Timers::default();
        timers.add(ms(0), ms(10), 'a');
        assert_eq!(timers.set_interval(ms(8), 1, ms(50)), Ok(()));
        assert_eq!(timers.poll_timeout(ms(8)), Some(ms(50)));
        assert_eq!(timers.set_interval(ms(8), 1, Duration::MAX), Ok(()));
        assert_eq!(timers.due(ms(u64::MAX)), []);
    }

    #[test]
    fn an_unknown_number_is_told() {
        let mut timers = Timers::<()>::default();
        assert_eq!(timers.cancel(1), Err(Unknown));
        assert_eq!(timers.reset(ms(0), 0), Err(Unknown));
        assert_eq!(timers.set_interval(ms(0), -1, ms(1)), Err(Unknown));
        assert_eq!(timers.poll_timeout(ms(0)), None);
    }
}
