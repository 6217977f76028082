<<<<<<< HEAD
//! What differs by platform or needs `unsafe` below the rest of the library. The contract:
//!
//! * [`sync`]: the atomics the lock-free parts are written with; loom's under `--cfg loom`;
//! * [`turn`]: exclusive access that is handed over instead of waited for;
//! * [`futex`]: sleep until a word changes, with time-out, interrupted by signals;
//! * [`fork`]: notice that this process is a fork's child;
//! * [`cpu`]: how many processors the calling thread may use, giving way to others, naming threads.

pub mod cpu;
pub mod fork;
pub mod futex;
pub mod sync;
pub mod turn;
=======
//! What differs by platform, with the contract stated on top of each file.

pub mod net;
>>>>>>> w-transport
