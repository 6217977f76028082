//! A set of pipes in 16 bytes, since most topics have one subscriber.

use crate::socket::pipes::PipeId;

/// Pipes, in rising order, each once.
#[derive(Default)]
pub(super) enum PipeSet {
    #[default]
    None,
    One(u32),
    /// Two or more.
    #[allow(clippy::box_collection, reason = "the vector itself would make each topic larger")]
    Many(Box<Vec<u32>>),
}

impl PipeSet {
    /// The pipes.
    #[inline]
    pub fn as_slice(&self) -> &[u32] {
        match self {
            PipeSet::None => &[],
            PipeSet::One(pipe) => std::slice::from_ref(pipe),
            PipeSet::Many(pipes) => pipes,
        }
    }

    /// Whether there is no pipe.
    pub fn is_empty(&self) -> bool {
        matches!(self, PipeSet::None)
    }

    /// Whether the pipe is in the set.
    pub fn contains(&self, pipe: PipeId) -> bool {
        self.as_slice().binary_search(&(pipe as u32)).is_ok()
    }

    /// Adds a pipe; false if it was in the set.
    pub fn insert(&mut self, pipe: PipeId) -> bool {
        let pipe = pipe as u32;
        let Err(place) = self.as_slice().binary_search(&pipe) else { return false };
        match self {
            PipeSet::None => *self = PipeSet::One(pipe),
            PipeSet::One(other) => {
                let mut pipes = vec![*other];
                pipes.insert(place, pipe);
                *self = PipeSet::Many(Box::new(pipes));
            }
            PipeSet::Many(pipes) => pipes.insert(place, pipe),
        }
        true
    }

    /// Removes a pipe; false if it was not in the set.
    pub fn remove(&mut self, pipe: PipeId) -> bool {
        let Ok(place) = self.as_slice().binary_search(&(pipe as u32)) else { return false };
        match self {
            PipeSet::Many(pipes) => {
                pipes.remove(place);
                if let [last] = pipes[..] {
                    *self = PipeSet::One(last);
                }
            }
            _ => *self = PipeSet::None,
        }
        true
    }
}
