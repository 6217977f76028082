//! Threads that wait for a turn: of REQ and REP, which send and receive by turns.

use super::Cx;

/// Whether somebody asked if the socket could do what it is not its turn to do, and may be waiting for that: another thread
/// can bring it about.
#[derive(Default)]
pub(super) struct Awaited(bool);

impl Awaited {
    /// Somebody asks for something whose turn it is, or not, which is returned.
    #[inline]
    pub fn note(&mut self, turn: bool) -> bool {
        self.0 |= !turn;
        turn
    }

    /// A frame was sent or received. Unless there is `more` of its message it is the other's turn now, and whoever waits for
    /// that is to look again.
    #[inline]
    pub fn tell(&mut self, cx: &mut Cx<'_>, more: bool) {
        if !more && std::mem::take(&mut self.0) {
            cx.pipes.tell_waiters();
        }
    }
}
