//! What differs by platform, with the contract stated on top of each file.

pub mod net;
