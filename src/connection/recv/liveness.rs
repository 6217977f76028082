//! Timers of a connection: attempts and handshakes that take too long, heartbeats, and peers that fell silent.

use super::{Loss, RecvHalf, State};
use crate::connection::send::Control;
use crate::connection::session::{CONNECT, HANDSHAKE, HEARTBEAT, HEARTBEAT_TIMEOUT, PEER_TTL, Session};
use std::time::{Duration, Instant};

impl RecvHalf {
    pub(super) fn handle_timers(&mut self, session: &Session, news: u32) -> Result<(), Loss> {
        if news & (1 << CONNECT) != 0 && matches!(self.state, State::Dialling(_)) {
            return Err(Loss::Gone);
        }
        if news & (1 << HANDSHAKE) != 0 && matches!(self.state, State::Opening(_)) {
            return Err(Loss::Gone);
        }
        if !matches!(self.state, State::Open(_)) {
            return Ok(());
        }
        if news & (1 << HEARTBEAT) != 0 {
            self.ping(session);
        }
        if news & (1 << HEARTBEAT_TIMEOUT) != 0 && self.awaits_pong {
            if !self.stalled {
                return Err(Loss::Gone);
            }
            // The answer may be among what is not read yet: the next PING asks again.
            self.awaits_pong = false;
        }
        if news & (1 << PEER_TTL) != 0
            && let (Some(ttl), Some(heard)) = (self.ttl, self.heard)
        {
            if heard.elapsed() >= ttl && !self.stalled {
                return Err(Loss::Gone);
            }
            let now = Instant::now();
            let next = if heard + ttl > now { heard } else { now };
            session.io.set_timer(session.id, PEER_TTL, next + ttl);
        }
        Ok(())
    }

    /// Sends a PING and expects to hear something soon.
    fn ping(&mut self, session: &Session) {
        let options = &session.setup.options;
        let now = Instant::now();
        session.outbox.push(Control::Ping((options.heartbeat_ttl.as_millis() / 100) as u16));
        session.drive_send();
        session.io.set_timer(session.id, HEARTBEAT, now + options.heartbeat_ivl);
        let timeout = options.heartbeat_timeout.unwrap_or(options.heartbeat_ivl);
        if !timeout.is_zero() && !self.awaits_pong {
            self.awaits_pong = true;
            session.io.set_timer(session.id, HEARTBEAT_TIMEOUT, now + timeout);
        }
    }

    /// The peer is alive.
    pub(super) fn note_heard(&mut self) {
        self.awaits_pong = false;
        if self.heard.is_some() {
            self.heard = Some(Instant::now());
        }
    }

    /// A PING asks to take its sender for lost after `ttl`, in steps of 100 ms, without a sign of it; 0: never.
    pub(super) fn note_ttl(&mut self, session: &Session, ttl: u16) {
        if ttl > 0 {
            let ttl = Duration::from_millis(u64::from(ttl) * 100);
            self.ttl = Some(ttl);
            self.heard = Some(Instant::now());
            session.io.set_timer(session.id, PEER_TTL, Instant::now() + ttl);
        }
    }
}
