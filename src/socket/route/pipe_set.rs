//! Sets of pipes, each told by one number: since most topics have one subscriber, the number mostly is that pipe.

use crate::socket::pipes::PipeId;

/// The set that has no pipe.
pub(super) const EMPTY: u32 = u32::MAX;
/// This and the number of a list: two or more pipes.
const MANY: u32 = 1 << 31;

/// The sets that have two or more pipes.
#[derive(Default)]
pub(super) struct PipeSets {
    /// Pipes in rising order, each once.
    lists: Vec<Vec<u32>>,
    free: Vec<u32>,
}

impl PipeSets {
    /// The pipes of a set.
    #[inline]
    pub fn pipes<'a>(&'a self, set: &'a u32) -> &'a [u32] {
        match *set {
            EMPTY => &[],
            one if one < MANY => std::slice::from_ref(set),
            many => &self.lists[(many - MANY) as usize],
        }
    }

    /// Whether the pipe is in the set.
    pub fn contains(&self, set: u32, pipe: PipeId) -> bool {
        self.pipes(&set).binary_search(&(pipe as u32)).is_ok()
    }

    /// Adds a pipe; false if it was in the set.
    pub fn insert(&mut self, set: &mut u32, pipe: PipeId) -> bool {
        let pipe = pipe as u32;
        let Err(place) = self.pipes(set).binary_search(&pipe) else { return false };
        match *set {
            EMPTY => *set = pipe,
            one if one < MANY => {
                let mut pipes = vec![one];
                pipes.insert(place, pipe);
                *set = MANY + self.keep(pipes);
            }
            many => self.lists[(many - MANY) as usize].insert(place, pipe),
        }
        true
    }

    /// Removes a pipe; false if it was not in the set.
    pub fn remove(&mut self, set: &mut u32, pipe: PipeId) -> bool {
        let Ok(place) = self.pipes(set).binary_search(&(pipe as u32)) else { return false };
        if *set < MANY {
            *set = EMPTY;
            return true;
        }
        let list = *set - MANY;
        let pipes = &mut self.lists[list as usize];
        pipes.remove(place);
        if let [last] = pipes[..] {
            *set = last;
            *pipes = Vec::new();
            self.free.push(list);
        }
        true
    }

    /// Keeps a list; returns its number.
    fn keep(&mut self, pipes: Vec<u32>) -> u32 {
        if let Some(list) = self.free.pop() {
            self.lists[list as usize] = pipes;
            return list;
        }
        self.lists.push(pipes);
        (self.lists.len() - 1) as u32
    }
}
