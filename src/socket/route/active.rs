//! A ring of pipes of which some are active: the bookkeeping that fair queue and load balancer share.
//!
//! The active pipes stand in front of the others in one vector, so that every change is a swap and the next pipe is
//! an increment, however many peers there are.

use crate::socket::pipes::PipeId;

/// Marks a pipe that is not in the ring.
const ABSENT: u32 = u32::MAX;

/// Pipes in two groups, active ones first, and a cursor that goes round the active ones.
#[derive(Default)]
pub(super) struct ActiveRing {
    order: Vec<PipeId>,
    /// Place in `order`, by pipe.
    places: Vec<u32>,
    active: usize,
    /// Below `active`, or 0.
    cursor: usize,
}

impl ActiveRing {
    /// Adds a pipe, as the last of the active ones.
    pub fn insert(&mut self, pipe: PipeId) {
        if self.places.len() <= pipe {
            self.places.resize(pipe + 1, ABSENT);
        }
        debug_assert_eq!(self.places[pipe], ABSENT);
        self.places[pipe] = self.order.len() as u32;
        self.order.push(pipe);
        self.activate(pipe);
    }

    /// Takes a pipe out, if it is in.
    pub fn remove(&mut self, pipe: PipeId) {
        let Some(place) = self.place(pipe) else { return };
        if place < self.active {
            self.deactivate_at(place);
        }
        let place = self.places[pipe] as usize;
        self.order.swap_remove(place);
        if let Some(&moved) = self.order.get(place) {
            self.places[moved] = place as u32;
        }
        self.places[pipe] = ABSENT;
    }

    /// Makes a pipe of the ring an active one.
    pub fn activate(&mut self, pipe: PipeId) {
        if let Some(place) = self.place(pipe)
            && place >= self.active
        {
            self.swap(place, self.active);
            self.active += 1;
        }
    }

    /// The active pipe whose turn it is.
    #[inline]
    pub fn current(&self) -> Option<PipeId> {
        if self.active == 0 { None } else { Some(self.order[self.cursor]) }
    }

    /// The active pipe, if there is just one.
    #[inline]
    pub fn sole(&self) -> Option<PipeId> {
        if self.active == 1 { Some(self.order[0]) } else { None }
    }

    /// Gives the turn to the next active pipe.
    #[inline]
    pub fn advance(&mut self) {
        self.cursor += 1;
        if self.cursor >= self.active {
            self.cursor = 0;
        }
    }

    /// Puts the current pipe among those that are not active; another one becomes the current.
    pub fn deactivate_current(&mut self) {
        debug_assert!(self.active > 0);
        self.deactivate_at(self.cursor);
    }

    fn place(&self, pipe: PipeId) -> Option<usize> {
        self.places.get(pipe).filter(|&&place| place != ABSENT).map(|&place| place as usize)
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.order.swap(a, b);
        self.places[self.order[a]] = a as u32;
        self.places[self.order[b]] = b as u32;
    }

    /// The last active pipe takes the place that becomes free. If that one has the turn, it keeps it.
    fn deactivate_at(&mut self, place: usize) {
        let last = self.active - 1;
        self.swap(place, last);
        self.active = last;
        if self.cursor == last {
            self.cursor = if place == last { 0 } else { place };
        }
    }
}
