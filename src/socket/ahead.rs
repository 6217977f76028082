//! How far a sender of large messages runs ahead of readers in the same process.
//!
//! Within a process nothing but the high-water mark keeps a sender back, and a thousand messages of a megabyte lie
//! under way when the sender is a little faster than the reader: fresh memory, which takes longer to fault in than to
//! copy to, and has left every cache when it is read. So the sender waits a moment when much is under way, as long as
//! the reader goes on meanwhile.

use crate::message::Msg;
use crate::sys::patience::{Moment, Patience};

/// Up to so many bytes in large messages nobody waits.
const FREELY: usize = 4 * 1024 * 1024;

/// So much less must be under way, or no more than that, before the sender goes on. It is more than most messages, so
/// that in the long run what is under way becomes less.
const LESS: usize = 256 * 1024;
/// How long a wait may be, in times that a thread may spin: the reader may have just begun with a large message.
const MOMENT: u64 = 4;

/// What a socket has learned about waiting for readers.
#[derive(Default)]
pub(super) struct Ahead(Patience);

impl Ahead {
    /// A large message was sent: waits a moment if much is under way, until some of it is read.
    pub fn wait(&mut self) {
        let used = Msg::large_in_use();
        if used <= FREELY {
            return;
        }
        let mut moment = Moment::new(MOMENT);
        let enough = FREELY.max(used - LESS);
        while self.0.lasts(&mut moment) {
            if Msg::large_in_use() <= enough {
                return self.0.rewarded(&mut moment);
            }
        }
    }
}
