//! Small things that belong to no layer: Z85 text, lists of timers. No sockets, no threads, no clock.

pub mod timers;
pub mod z85;
