//! The options of a socket: their values as the rest of the library reads them, and the table that the C API's
//! `zmq_setsockopt` and `zmq_getsockopt` go through.

pub mod context;
mod document;
mod row;
mod table;

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::error::{Error, Result};

pub use context::ContextOptions;
pub use document::document;
pub use row::Row;
pub use table::TABLE;

/// The socket types, with the numbers of `zmq.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum SocketType {
    Pair = 0,
    Pub = 1,
    Sub = 2,
    Req = 3,
    Rep = 4,
    Dealer = 5,
    Router = 6,
    Pull = 7,
    Push = 8,
    Xpub = 9,
    Xsub = 10,
}

impl SocketType {
    /// The type with this number in `zmq.h`, if it is built in.
    pub fn from_number(number: i32) -> Option<SocketType> {
        use SocketType::{Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, Sub, Xpub, Xsub};
        [Pair, Pub, Sub, Req, Rep, Dealer, Router, Pull, Push, Xpub, Xsub]
            .into_iter()
            .find(|socket_type| *socket_type as i32 == number)
    }

    /// Whether several threads may use one socket of the type.
    pub fn is_thread_safe(self) -> bool {
        match self {
            SocketType::Pair
            | SocketType::Pub
            | SocketType::Sub
            | SocketType::Req
            | SocketType::Rep
            | SocketType::Dealer
            | SocketType::Router
            | SocketType::Pull
            | SocketType::Push
            | SocketType::Xpub
            | SocketType::Xsub => false,
        }
    }
}

/// The values of a socket's options. Names are those of the options; units and ranges are in the table.
#[derive(Clone, Debug)]
pub struct Options {
    pub socket_type: SocketType,
    pub affinity: u64,
    pub routing_id: Vec<u8>,
    pub rate: i32,
    pub recovery_ivl: i32,
    /// −1: the operating system's default.
    pub sndbuf: i32,
    pub rcvbuf: i32,
    /// None: wait for ever.
    pub linger: Option<Duration>,
    /// None (−1 or 0): never reconnect.
    pub reconnect_ivl: Option<Duration>,
    /// What was given for it: −1 and 0 mean the same, but are told apart when read.
    reconnect_ivl_given: i32,
    /// Zero: no exponential back-off.
    pub reconnect_ivl_max: Duration,
    pub reconnect_stop: i32,
    pub backlog: i32,
    /// None: unlimited.
    pub maxmsgsize: Option<u64>,
    /// In messages; 0: unlimited.
    pub sndhwm: u32,
    pub rcvhwm: u32,
    pub multicast_hops: i32,
    pub multicast_maxtpdu: i32,
    pub multicast_loop: bool,
    pub loopback_fastpath: bool,
    /// Bytes on disk, in the 2.1 generation of the API.
    pub swap: i64,
    /// None: wait for ever.
    pub rcvtimeo: Option<Duration>,
    pub sndtimeo: Option<Duration>,
    pub tcp_keepalive: i32,
    pub tcp_keepalive_cnt: i32,
    pub tcp_keepalive_idle: i32,
    pub tcp_keepalive_intvl: i32,
    /// Zero: the operating system's default.
    pub tcp_maxrt: Duration,
    pub tos: i32,
    pub priority: i32,
    /// Microseconds; 0 and below: not set.
    pub busy_poll: i32,
    pub bindtodevice: String,
    /// −1: none.
    pub use_fd: i32,
    pub immediate: bool,
    pub ipv6: bool,
    pub conflate: bool,
    /// Zero: no limit.
    pub handshake_ivl: Duration,
    /// Zero: off.
    pub heartbeat_ivl: Duration,
    /// Sent to the peer, in steps of 100 ms; zero: none.
    pub heartbeat_ttl: Duration,
    /// None: as heartbeat_ivl. Zero: never.
    pub heartbeat_timeout: Option<Duration>,
    /// Zero: the operating system's default.
    pub connect_timeout: Duration,
    pub router_mandatory: bool,
    pub router_handover: bool,
    pub probe_router: bool,
    /// Consumed by the next connect.
    pub connect_routing_id: Option<Vec<u8>>,
    pub req_correlate: bool,
    pub req_relaxed: bool,
    pub xpub_verbose: bool,
    pub xpub_verboser: bool,
    pub xpub_nodrop: bool,
    pub xpub_manual: bool,
    pub xpub_manual_last_value: bool,
    pub xpub_welcome_msg: Vec<u8>,
    pub only_first_subscribe: bool,
    pub xsub_verbose_unsubscribe: bool,
    pub invert_matching: bool,
    /// `X-…` properties announced in the handshake, in the order in which they were set.
    pub metadata: Vec<(String, String)>,
}

/// The options of a context that its sockets start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextDefaults {
    /// The default of `ZMQ_IPV6`.
    pub ipv6: bool,
    /// Whether closing waits: if not, `ZMQ_LINGER` is 0 from the start.
    pub blocky: bool,
}

impl Default for ContextDefaults {
    fn default() -> Self {
        ContextDefaults { ipv6: false, blocky: true }
    }
}

impl Options {
    /// The options of a new socket.
    pub fn new(socket_type: SocketType, context: &ContextDefaults) -> Options {
        let waits = context.blocky && !matches!(socket_type, SocketType::Sub | SocketType::Xsub);
        Options {
            socket_type,
            affinity: 0,
            routing_id: Vec::new(),
            rate: 100,
            recovery_ivl: 10_000,
            sndbuf: -1,
            rcvbuf: -1,
            linger: if waits { None } else { Some(Duration::ZERO) },
            reconnect_ivl: Some(Duration::from_millis(100)),
            reconnect_ivl_given: 100,
            reconnect_ivl_max: Duration::ZERO,
            reconnect_stop: 0,
            backlog: 100,
            maxmsgsize: None,
            sndhwm: 1000,
            rcvhwm: 1000,
            multicast_hops: 1,
            multicast_maxtpdu: 1500,
            multicast_loop: true,
            loopback_fastpath: false,
            swap: 0,
            rcvtimeo: None,
            sndtimeo: None,
            tcp_keepalive: -1,
            tcp_keepalive_cnt: -1,
            tcp_keepalive_idle: -1,
            tcp_keepalive_intvl: -1,
            tcp_maxrt: Duration::ZERO,
            tos: 0,
            priority: 0,
            busy_poll: 0,
            bindtodevice: String::new(),
            use_fd: -1,
            immediate: false,
            ipv6: context.ipv6,
            conflate: false,
            handshake_ivl: Duration::from_secs(30),
            heartbeat_ivl: Duration::ZERO,
            heartbeat_ttl: Duration::ZERO,
            heartbeat_timeout: None,
            connect_timeout: Duration::ZERO,
            router_mandatory: false,
            router_handover: false,
            probe_router: false,
            connect_routing_id: None,
            req_correlate: false,
            req_relaxed: false,
            xpub_verbose: false,
            xpub_verboser: false,
            xpub_nodrop: false,
            xpub_manual: false,
            xpub_manual_last_value: false,
            xpub_welcome_msg: Vec::new(),
            only_first_subscribe: false,
            xsub_verbose_unsubscribe: false,
            invert_matching: false,
            metadata: Vec::new(),
        }
    }

    /// Whether the socket's pipes keep only the newest message (`ZMQ_CONFLATE`, on the types that have it).
    pub fn conflates(&self) -> bool {
        use SocketType::{Dealer, Pub, Pull, Push, Sub};
        self.conflate && matches!(self.socket_type, Dealer | Pub | Pull | Push | Sub)
    }
}

/// What is to be done after an option was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Nothing: who needs the value reads it, most at the next bind or connect.
    Stored,
    /// The attached pipes must take the new value too.
    Pipes,
    /// Threads that wait for the socket take the new value from their next wait on.
    Waits,
    /// Nothing was stored: the option is an action, and the pattern carries it out with the same value.
    Pattern,
}

/// Values that the socket knows, not its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// Whether the frame received last is followed by another.
    Rcvmore,
    /// The descriptor that becomes readable when there may be events.
    Fd,
    /// `ZMQ_POLLIN` and `ZMQ_POLLOUT`.
    Events,
    /// The number of subscriptions; only asked of types that have them.
    TopicsCount,
}

/// The socket, as far as reading options asks it.
pub trait SocketState {
    /// A number that only the socket knows.
    ///
    /// # Errors
    /// As `zmq_getsockopt`: the socket may find on the way that its context was terminated.
    fn value(&mut self, which: Live) -> Result<i32>;

    /// The endpoint of the last bind or connect; empty before.
    fn last_endpoint(&self) -> &str;
}

/// Sets an option: the rules of `zmq_setsockopt`. `value` is `None` for a null pointer.
///
/// # Errors
/// `EINVAL`: the option is unknown, not built in, cannot be set, or is not one of the socket's type; the value has the
/// wrong size or is out of range.
pub fn set(options: &mut Options, option: i32, value: Option<&[u8]>) -> Result<Applied> {
    row(option)?.set(options, value)
}

/// Reads an option to `out`, whose size is the one that the caller gave: the rules of `zmq_getsockopt`. Returns the
/// size of the value.
///
/// # Errors
/// `EINVAL`: the option is unknown, not built in, cannot be read, or is not one of the socket's type; `out` does not
/// have the value's size. And what the socket says.
pub fn get(options: &Options, option: i32, state: &mut dyn SocketState, out: &mut [u8]) -> Result<usize> {
    row(option)?.get(options, state, out)
}

/// Which of the socket's own values an option reads, if it reads one.
pub fn live(option: i32) -> Option<Live> {
    match row(option).ok()?.kind {
        row::Kind::Computed(row::Source::Socket(which)) => Some(which),
        _ => None,
    }
}

#[inline]
fn row(option: i32) -> Result<&'static Row> {
    /// Where the row of each number stands in the table; 0 for those that have none.
    static PLACES: [u8; 128] = {
        let mut places = [0; 128];
        let mut at = 0;
        while at < TABLE.len() {
            places[TABLE[at].number as usize] = at as u8;
            at += 1;
        }
        places
    };
    let place = usize::try_from(option).ok().and_then(|number| PLACES.get(number)).ok_or(Error::INVAL)?;
    Some(&TABLE[usize::from(*place)]).filter(|row| row.number == option).ok_or(Error::INVAL)
}
