//! Routing without I/O: who is next, who gets a copy, who asked for it. Reused by the patterns.
//!
//! | part | question it answers | used by |
//! |---|---|---|
//! | [`FairQueue`] | which pipe is read next | all that receive |
//! | [`LoadBalancer`] | which pipe takes the next message | PAIR, PUSH, DEALER, REQ |
//! | [`Distribution`] | gives a copy to each of a set of pipes | PUB, XPUB, XSUB |
//! | [`Subscribers`] | which pipes asked for a message | PUB, XPUB |
//! | [`Subscriptions`] | did this socket ask for a message | SUB, XSUB |
//! | [`ByteMap`] | byte string to number | the two above, ROUTER |
//!
//! A frame that cannot go on or come on "now" is the business of the caller: nothing here waits.

mod active;
mod arena;
mod byte_map;
mod distribution;
mod fair_queue;
mod few;
mod hash;
mod load_balancer;
mod pipe_set;
mod subscribers;
mod subscriptions;
mod topics;

pub use byte_map::ByteMap;
pub use distribution::Distribution;
pub use fair_queue::FairQueue;
pub use hash::random;
pub use load_balancer::LoadBalancer;
pub use subscribers::{Added, Removed, Subscribers};
pub use subscriptions::Subscriptions;

#[cfg(test)]
mod tests;
