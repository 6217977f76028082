//! Sockets: patterns, routing, pipes.

pub mod pattern;
pub mod pipes;
pub mod route;
