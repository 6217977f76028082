//! Addresses whose peer is known to speak today's version of the protocol, since it did so before.
//!
//! A greeting is exchanged in three steps, because a peer may be too old for more than the one before (RFC 37). With a
//! peer that was met before they can be one, and its answer then ends the handshake. What is remembered is no more than
//! a hint: a peer that has become older makes one attempt to connect fail, which takes the hint away.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many addresses are remembered at most; a new one takes the place of an old one.
const PLACES: usize = 256;

/// The peers that the sockets of one context have met.
pub struct Acquaintances {
    keys: RandomState,
    places: [AtomicU64; PLACES],
}

/// The address of a peer, as far as it takes to know it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Acquaintance(u64);

impl Default for Acquaintances {
    fn default() -> Acquaintances {
        Acquaintances { keys: RandomState::new(), places: [const { AtomicU64::new(0) }; PLACES] }
    }
}

impl Acquaintances {
    /// The peer at an address. Nobody can choose one that passes for another, as the keys are random.
    pub(super) fn at(&self, address: &str) -> Acquaintance {
        Acquaintance(self.keys.hash_one(address) | 1)
    }

    fn place(&self, peer: Acquaintance) -> &AtomicU64 {
        &self.places[(peer.0 >> 1) as usize % PLACES]
    }

    /// Whether the peer spoke today's version when it was met last.
    pub(super) fn know(&self, peer: Acquaintance) -> bool {
        self.place(peer).load(Ordering::Relaxed) == peer.0
    }

    /// The peer speaks today's version.
    pub(super) fn remember(&self, peer: Acquaintance) {
        if !self.know(peer) {
            self.place(peer).store(peer.0, Ordering::Relaxed);
        }
    }

    /// The peer may not speak it any more.
    pub(super) fn forget(&self, peer: Acquaintance) {
        let _ = self.place(peer).compare_exchange(peer.0, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_known_from_when_it_was_met_until_it_changes() {
        let met = Acquaintances::default();
        let (here, there) = (met.at("ipc://here"), met.at("ipc://there"));
        assert!(!met.know(here));
        met.remember(here);
        assert!(met.know(here) && met.know(met.at("ipc://here")) && !met.know(there));
        met.forget(there);
        assert!(met.know(here));
        met.forget(here);
        assert!(!met.know(here));
        assert!(!Acquaintances::default().know(here));
    }
}
