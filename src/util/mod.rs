//! Small things that belong to no layer: Z85 text, lists of timers, random numbers. No sockets, no threads, no clock.

pub mod random;
pub mod timers;
pub mod z85;
