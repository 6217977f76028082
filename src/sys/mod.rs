//! What differs by platform or needs `unsafe` below the rest of the library. The contract:
//!
//! * [`cache`]: hints to the processor's cache;
//! * [`sync`]: the atomics the lock-free parts are written with; loom's under `--cfg loom`;
//! * [`turn`]: exclusive access that is handed over instead of waited for;
//! * [`lock`]: a lock for what one thread uses nearly always, who comes and goes without an atomic operation;
//! * [`barrier`]: a fence of which one side pays all;
//! * [`thread`]: which thread this is;
//! * [`futex`]: sleep until a word changes, with time-out, interrupted by signals;
//! * [`fork`]: notice that this process is a fork's child;
//! * [`clock`]: monotonic time as a number, and what the calling thread has been doing;
//! * [`cpu`]: how many processors the calling thread may use, giving way to others, naming threads;
//! * [`patience`]: waiting a moment for what is expected at once, as long as that pays;
//! * [`poll`]: waiting for plain descriptors;
//! * [`random`]: numbers that need not be secret;
//! * [`signaler`]: a descriptor that ends another thread's wait;
//! * [`spin`]: whether to spin before a sleep, and for how long;
//! * [`net`]: what sockets need beyond `socket2`.

pub mod barrier;
pub mod cache;
pub mod clock;
pub mod cpu;
pub mod fork;
pub mod futex;
pub mod lock;
pub mod net;
pub mod patience;
pub mod poll;
pub mod random;
pub mod signaler;
pub mod spin;
pub mod sync;
pub mod thread;
pub mod turn;
