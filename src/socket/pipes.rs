//! The pipes of one socket, each with the state that its pattern needs of it.
