//! The option table: one row an option, in the order of the numbers of `zmq.h`.

use std::time::Duration;

use super::row::{Bytes, Reads, Row, Source};
use super::{Live, Options, SocketType};
use crate::error::{Error, Result};
use SocketType::{Dealer, Pub, Rep, Req, Router, Sub, Xpub, Xsub};

const ANY: (i32, i32) = (i32::MIN, i32::MAX);
const BOOL: (i32, i32) = (0, 1);
/// Any number counts as on, save zero.
const FLAG: (i32, i32) = at_least(0);
/// The wire has 16 bits for the heart-beat's time to live, in steps of 100 ms.
const TTL: (i32, i32) = (-99, 6_553_599);

const fn at_least(low: i32) -> (i32, i32) {
    (low, i32::MAX)
}

/// Every option that `zmq.h` names, and those of the 2.1 generation that still can mean something.
pub const TABLE: &[Row] = &[
    Row::int(1, "HWM", at_least(0), |o, v| set_marks(o, v as u32), |o| o.sndhwm as i32)
        .with_wide(set_wide_marks, |o| o.sndhwm.into())
        .reaches_pipes()
        .note("2.1; sets both high-water marks"),
    Row::int(3, "SWAP", at_least(0), |o, v| o.swap = v.into(), |o| i32::try_from(o.swap).unwrap_or(i32::MAX))
        .with_wide(|o, v| not_negative(v).map(|v| o.swap = v), |o| o.swap)
        .value_only()
        .note("2.1; messages are never swapped to disk"),
    Row::long(4, "AFFINITY", false, |o, v| o.affinity = v as u64, |o| o.affinity as i64),
    Row::bytes(5, "ROUTING_ID", bytes((1, 255), false, set_routing_id, Some(|o| &o.routing_id))),
    Row::action(6, "SUBSCRIBE", may_subscribe).only(&[Sub, Pub, Xpub]).note(SUBSCRIBE_NOTE),
    Row::action(7, "UNSUBSCRIBE", may_subscribe).only(&[Sub, Pub, Xpub]).note(SUBSCRIBE_NOTE),
    Row::int(8, "RATE", at_least(1), |o, v| o.rate = v, |o| o.rate)
        .with_wide(|o, v| positive(v).map(|v| o.rate = v), |o| o.rate.into())
        .value_only(),
    Row::int(9, "RECOVERY_IVL", at_least(0), |o, v| o.recovery_ivl = v, |o| o.recovery_ivl)
        .with_wide(set_recovery_seconds, |o| (o.recovery_ivl / 1000).into())
        .value_only()
        .note("ms; the 8-byte form of 2.1 counts seconds"),
    Row::int(10, "MCAST_LOOP", BOOL, |o, v| o.multicast_loop = v != 0, |o| o.multicast_loop.into())
        .with_wide(set_wide_loop, |o| o.multicast_loop.into())
        .value_only()
        .note("2.1; MULTICAST_LOOP"),
    Row::int(11, "SNDBUF", at_least(-1), |o, v| o.sndbuf = v, |o| o.sndbuf)
        .with_wide(|o, v| buffer_size(v).map(|v| o.sndbuf = v), |o| o.sndbuf.max(0).into())
        .note("-1: the system's default; the 8-byte form of 2.1 says 0 for that"),
    Row::int(12, "RCVBUF", at_least(-1), |o, v| o.rcvbuf = v, |o| o.rcvbuf)
        .with_wide(|o, v| buffer_size(v).map(|v| o.rcvbuf = v), |o| o.rcvbuf.max(0).into())
        .note("-1: the system's default; the 8-byte form of 2.1 says 0 for that"),
    Row::computed(13, "RCVMORE", Source::Socket(Live::Rcvmore)),
    Row::computed(14, "FD", Source::Socket(Live::Fd)),
    Row::computed(15, "EVENTS", Source::Socket(Live::Events)),
    Row::read_only(16, "TYPE", |o| o.socket_type as i32),
    Row::int(17, "LINGER", at_least(-1), |o, v| o.linger = limit(v), |o| limit_ms(o.linger))
        .note("ms; -1: for ever; 0 from the start on SUB and XSUB, and where the context is not BLOCKY"),
    Row::int(18, "RECONNECT_IVL", at_least(-1), set_reconnect_ivl, |o| o.reconnect_ivl_given)
        .note("ms; 0 and -1: never reconnect"),
    Row::int(19, "BACKLOG", at_least(0), |o, v| o.backlog = v, |o| o.backlog),
    Row::int(20, "RECOVERY_IVL_MSEC", at_least(-1), set_recovery_ms, |o| o.recovery_ivl)
        .with_wide(|o, v| fits(v, -1).map(|v| set_recovery_ms(o, v)), |o| o.recovery_ivl.into())
        .value_only()
        .note("2.1; -1: as RECOVERY_IVL says"),
    Row::int(21, "RECONNECT_IVL_MAX", at_least(0), |o, v| o.reconnect_ivl_max = ms(v), |o| as_ms(o.reconnect_ivl_max))
        .note("ms; 0: the delay does not grow"),
    Row::long(22, "MAXMSGSIZE", true, |o, v| o.maxmsgsize = v.try_into().ok(), max_message_size)
        .note("bytes; negative: no limit"),
    Row::int(23, "SNDHWM", at_least(0), |o, v| o.sndhwm = v as u32, |o| o.sndhwm as i32)
        .reaches_pipes()
        .note("messages; 0: no limit"),
    Row::int(24, "RCVHWM", at_least(0), |o, v| o.rcvhwm = v as u32, |o| o.rcvhwm as i32)
        .reaches_pipes()
        .note("messages; 0: no limit"),
    Row::int(25, "MULTICAST_HOPS", at_least(1), |o, v| o.multicast_hops = v, |o| o.multicast_hops).value_only(),
    Row::int(27, "RCVTIMEO", at_least(-1), |o, v| o.rcvtimeo = limit(v), |o| limit_ms(o.rcvtimeo))
        .note("ms; -1: for ever"),
    Row::int(28, "SNDTIMEO", at_least(-1), |o, v| o.sndtimeo = limit(v), |o| limit_ms(o.sndtimeo))
        .note("ms; -1: for ever"),
    Row::int(31, "IPV4ONLY", BOOL, |o, v| o.ipv6 = v == 0, |o| (!o.ipv6).into()).note("the opposite of IPV6"),
    Row::last_endpoint(32, "LAST_ENDPOINT"),
    Row::write_only(33, "ROUTER_MANDATORY", FLAG, |o, v| o.router_mandatory = v != 0).only(&[Router, Rep]),
    Row::int(34, "TCP_KEEPALIVE", (-1, 1), |o, v| o.tcp_keepalive = v, |o| o.tcp_keepalive).note(SYSTEM),
    Row::int(35, "TCP_KEEPALIVE_CNT", at_least(-1), |o, v| o.tcp_keepalive_cnt = v, |o| o.tcp_keepalive_cnt)
        .note(KEEPALIVE),
    Row::int(36, "TCP_KEEPALIVE_IDLE", at_least(-1), |o, v| o.tcp_keepalive_idle = v, |o| o.tcp_keepalive_idle)
        .note(KEEPALIVE),
    Row::int(37, "TCP_KEEPALIVE_INTVL", at_least(-1), |o, v| o.tcp_keepalive_intvl = v, |o| o.tcp_keepalive_intvl)
        .note(KEEPALIVE),
    Row::absent(38, "TCP_ACCEPT_FILTER", Reads::Nothing),
    Row::int(39, "IMMEDIATE", BOOL, |o, v| o.immediate = v != 0, |o| o.immediate.into()),
    Row::write_only(40, "XPUB_VERBOSE", FLAG, |o, v| o.xpub_verbose = v != 0).only(&[Xpub, Pub]),
    Row::absent(41, "ROUTER_RAW", Reads::Nothing),
    Row::int(42, "IPV6", BOOL, |o, v| o.ipv6 = v != 0, |o| o.ipv6.into()).note("starts with the context's value"),
    Row::read_only(43, "MECHANISM", |_| 0).note("0: NULL, the one mechanism built in"),
    Row::absent(44, "PLAIN_SERVER", Reads::Int(0)),
    Row::absent(45, "PLAIN_USERNAME", Reads::EmptyText),
    Row::absent(46, "PLAIN_PASSWORD", Reads::EmptyText),
    Row::absent(47, "CURVE_SERVER", Reads::Nothing),
    Row::absent(48, "CURVE_PUBLICKEY", Reads::Nothing),
    Row::absent(49, "CURVE_SECRETKEY", Reads::Nothing),
    Row::absent(50, "CURVE_SERVERKEY", Reads::Nothing),
    Row::write_only(51, "PROBE_ROUTER", FLAG, |o, v| o.probe_router = v != 0).only(&[Req, Rep, Dealer, Router]),
    Row::write_only(52, "REQ_CORRELATE", FLAG, |o, v| o.req_correlate = v != 0).only(&[Req]),
    Row::write_only(53, "REQ_RELAXED", FLAG, |o, v| o.req_relaxed = v != 0).only(&[Req]),
    Row::int(54, "CONFLATE", BOOL, |o, v| o.conflate = v != 0, |o| o.conflate.into())
        .note("acts on PUSH, PULL, PUB, SUB, DEALER"),
    Row::absent(55, "ZAP_DOMAIN", Reads::EmptyText),
    Row::write_only(56, "ROUTER_HANDOVER", FLAG, |o, v| o.router_handover = v != 0).only(&[Router, Rep]),
    Row::int(57, "TOS", at_least(0), |o, v| o.tos = v, |o| o.tos),
    Row::absent(58, "IPC_FILTER_PID", Reads::Nothing),
    Row::absent(59, "IPC_FILTER_UID", Reads::Nothing),
    Row::absent(60, "IPC_FILTER_GID", Reads::Nothing),
    Row::bytes(61, "CONNECT_ROUTING_ID", bytes((1, usize::MAX), false, set_connect_routing_id, None))
        .only(&[Router, Rep])
        .note("consumed by the next connect"),
    Row::absent(62, "GSSAPI_SERVER", Reads::Nothing),
    Row::absent(63, "GSSAPI_PRINCIPAL", Reads::Nothing),
    Row::absent(64, "GSSAPI_SERVICE_PRINCIPAL", Reads::Nothing),
    Row::absent(65, "GSSAPI_PLAINTEXT", Reads::Nothing),
    Row::int(66, "HANDSHAKE_IVL", at_least(0), |o, v| o.handshake_ivl = ms(v), |o| as_ms(o.handshake_ivl))
        .note("ms; 0: no limit"),
    Row::absent(68, "SOCKS_PROXY", Reads::EmptyText),
    Row::write_only(69, "XPUB_NODROP", FLAG, |o, v| o.xpub_nodrop = v != 0).only(&[Xpub, Pub]),
    Row::write_only(71, "XPUB_MANUAL", FLAG, |o, v| o.xpub_manual = v != 0).only(&[Xpub, Pub]),
    Row::bytes(72, "XPUB_WELCOME_MSG", bytes((0, usize::MAX), true, set_welcome, None)).only(&[Xpub, Pub]),
    Row::absent(73, "STREAM_NOTIFY", Reads::Nothing),
    Row::int(74, "INVERT_MATCHING", ANY, |o, v| o.invert_matching = v != 0, |o| o.invert_matching.into())
        .note("acts on PUB, XPUB, SUB"),
    Row::int(75, "HEARTBEAT_IVL", at_least(0), |o, v| o.heartbeat_ivl = ms(v), |o| as_ms(o.heartbeat_ivl))
        .note("ms; 0: off"),
    Row::int(76, "HEARTBEAT_TTL", TTL, |o, v| o.heartbeat_ttl = ms(v / 100 * 100), |o| as_ms(o.heartbeat_ttl))
        .note("ms, rounded down to 100"),
    Row::int(
        77,
        "HEARTBEAT_TIMEOUT",
        at_least(0),
        |o, v| o.heartbeat_timeout = limit(v),
        |o| limit_ms(o.heartbeat_timeout),
    )
    .note("ms; -1: as HEARTBEAT_IVL; 0: never"),
    Row::write_only(78, "XPUB_VERBOSER", FLAG, |o, v| o.xpub_verboser = v != 0).only(&[Xpub, Pub]),
    Row::int(79, "CONNECT_TIMEOUT", at_least(0), |o, v| o.connect_timeout = ms(v), |o| as_ms(o.connect_timeout))
        .note("ms; 0: the system's limit"),
    Row::int(80, "TCP_MAXRT", at_least(0), |o, v| o.tcp_maxrt = ms(v), |o| as_ms(o.tcp_maxrt))
        .note("ms; 0: the system's limit"),
    Row::computed(81, "THREAD_SAFE", Source::Options(|o| o.socket_type.is_thread_safe().into())),
    Row::int(84, "MULTICAST_MAXTPDU", at_least(1), |o, v| o.multicast_maxtpdu = v, |o| o.multicast_maxtpdu)
        .value_only(),
    Row::absent(85, "VMCI_BUFFER_SIZE", Reads::Nothing),
    Row::absent(86, "VMCI_BUFFER_MIN_SIZE", Reads::Nothing),
    Row::absent(87, "VMCI_BUFFER_MAX_SIZE", Reads::Nothing),
    Row::absent(88, "VMCI_CONNECT_TIMEOUT", Reads::Nothing),
    Row::int(89, "USE_FD", at_least(-1), |o, v| o.use_fd = v, |o| o.use_fd).note("taken over by bind; -1: none"),
    Row::absent(90, "GSSAPI_PRINCIPAL_NAMETYPE", Reads::Nothing),
    Row::absent(91, "GSSAPI_SERVICE_PRINCIPAL_NAMETYPE", Reads::Nothing),
    Row::bytes(92, "BINDTODEVICE", text((1, 16), true, set_device, Some(|o| o.bindtodevice.as_bytes()))),
    Row::absent(93, "ZAP_ENFORCE_DOMAIN", Reads::Int(0)),
    Row::int(94, "LOOPBACK_FASTPATH", ANY, |o, v| o.loopback_fastpath = v != 0, |o| o.loopback_fastpath.into())
        .value_only()
        .note("acts on Windows alone"),
    Row::bytes(95, "METADATA", text((0, usize::MAX), false, add_metadata, None))
        .note("`X-name:value`; adds; the first of two values for a name stays"),
    Row::int(96, "MULTICAST_LOOP", ANY, |o, v| o.multicast_loop = v != 0, |o| o.multicast_loop.into()).value_only(),
    Row::absent(97, "ROUTER_NOTIFY", Reads::Int(0)),
    Row::write_only(98, "XPUB_MANUAL_LAST_VALUE", FLAG, set_manual_last_value)
        .only(&[Xpub, Pub])
        .note("switches XPUB_MANUAL too"),
    Row::absent(99, "SOCKS_USERNAME", Reads::EmptyText),
    Row::absent(100, "SOCKS_PASSWORD", Reads::EmptyText),
    Row::absent(101, "IN_BATCH_SIZE", Reads::Nothing),
    Row::absent(102, "OUT_BATCH_SIZE", Reads::Nothing),
    Row::absent(103, "WSS_KEY_PEM", Reads::Nothing),
    Row::absent(104, "WSS_CERT_PEM", Reads::Nothing),
    Row::absent(105, "WSS_TRUST_PEM", Reads::Nothing),
    Row::absent(106, "WSS_HOSTNAME", Reads::Nothing),
    Row::absent(107, "WSS_TRUST_SYSTEM", Reads::Nothing),
    Row::write_only(108, "ONLY_FIRST_SUBSCRIBE", FLAG, |o, v| o.only_first_subscribe = v != 0).only(&[Xpub, Pub, Xsub]),
    Row::int(109, "RECONNECT_STOP", ANY, |o, v| o.reconnect_stop = v, |o| o.reconnect_stop)
        .note("bits: 1 refused, 2 handshake failed, 4 disconnected"),
    Row::absent(110, "HELLO_MSG", Reads::Nothing),
    Row::absent(111, "DISCONNECT_MSG", Reads::Nothing),
    Row::int(112, "PRIORITY", at_least(0), |o, v| o.priority = v, |o| o.priority),
    Row::write_only(113, "BUSY_POLL", ANY, |o, v| o.busy_poll = v)
        .reaches_waits()
        .note("us; how long waits spin, and on tcp SO_BUSY_POLL; 0 and below: as if not set"),
    Row::absent(114, "HICCUP_MSG", Reads::Nothing),
    Row::write_only(115, "XSUB_VERBOSE_UNSUBSCRIBE", ANY, |o, v| o.xsub_verbose_unsubscribe = v != 0).only(&[Xsub]),
    Row::computed(116, "TOPICS_COUNT", Source::Socket(Live::TopicsCount)).only(&[Pub, Sub, Xpub, Xsub]).restrict_read(),
    Row::absent(117, "NORM_MODE", Reads::Nothing),
    Row::absent(118, "NORM_UNICAST_NACK", Reads::Nothing),
    Row::absent(119, "NORM_BUFFER_SIZE", Reads::Nothing),
    Row::absent(120, "NORM_SEGMENT_SIZE", Reads::Nothing),
    Row::absent(121, "NORM_BLOCK_SIZE", Reads::Nothing),
    Row::absent(122, "NORM_NUM_PARITY", Reads::Nothing),
    Row::absent(123, "NORM_NUM_AUTOPARITY", Reads::Nothing),
    Row::absent(124, "NORM_PUSH", Reads::Nothing),
];

const SUBSCRIBE_NOTE: &str = "on PUB and XPUB with XPUB_MANUAL alone";
const SYSTEM: &str = "-1: the system's default";
const KEEPALIVE: &str = "with TCP_KEEPALIVE 1; -1 and 0: the system's default";

type SetBytes = fn(&mut Options, &[u8]) -> Result<()>;

const fn bytes(sizes: (usize, usize), null_clears: bool, set: SetBytes, get: Option<fn(&Options) -> &[u8]>) -> Bytes {
    Bytes { sizes, null_clears, text: false, set, get }
}

const fn text(sizes: (usize, usize), null_clears: bool, set: SetBytes, get: Option<fn(&Options) -> &[u8]>) -> Bytes {
    Bytes { sizes, null_clears, text: true, set, get }
}

fn ms(value: i32) -> Duration {
    Duration::from_millis(value.max(0) as u64)
}

fn as_ms(value: Duration) -> i32 {
    i32::try_from(value.as_millis()).unwrap_or(i32::MAX)
}

/// A time limit, where a negative number means none.
fn limit(value: i32) -> Option<Duration> {
    u64::try_from(value).ok().map(Duration::from_millis)
}

fn limit_ms(value: Option<Duration>) -> i32 {
    value.map_or(-1, as_ms)
}

fn fits(value: i64, low: i32) -> Result<i32> {
    i32::try_from(value).ok().filter(|&value| value >= low).ok_or(Error::INVAL)
}

fn positive(value: i64) -> Result<i32> {
    fits(value, 1)
}

fn not_negative(value: i64) -> Result<i64> {
    if value < 0 { Err(Error::INVAL) } else { Ok(value) }
}

/// A buffer's size in the 2.1 generation, where 0 stands for the system's default.
fn buffer_size(value: i64) -> Result<i32> {
    fits(value, 0).map(|size| if size == 0 { -1 } else { size })
}

fn set_marks(options: &mut Options, mark: u32) {
    options.sndhwm = mark;
    options.rcvhwm = mark;
}

/// The mark of the 2.1 generation is unsigned, and may be larger than today's can be.
fn set_wide_marks(options: &mut Options, mark: i64) -> Result<()> {
    set_marks(options, i32::try_from(mark as u64).unwrap_or(i32::MAX) as u32);
    Ok(())
}

fn set_wide_loop(options: &mut Options, on: i64) -> Result<()> {
    options.multicast_loop = on != 0;
    Ok(())
}

fn set_recovery_seconds(options: &mut Options, seconds: i64) -> Result<()> {
    let milliseconds = seconds.checked_mul(1000).ok_or(Error::INVAL)?;
    options.recovery_ivl = fits(milliseconds, 0)?;
    Ok(())
}

fn set_recovery_ms(options: &mut Options, milliseconds: i32) {
    if milliseconds >= 0 {
        options.recovery_ivl = milliseconds;
    }
}

fn set_reconnect_ivl(options: &mut Options, milliseconds: i32) {
    options.reconnect_ivl_given = milliseconds;
    options.reconnect_ivl = limit(milliseconds).filter(|interval| !interval.is_zero());
}

fn max_message_size(options: &Options) -> i64 {
    options.maxmsgsize.map_or(-1, |size| i64::try_from(size).unwrap_or(i64::MAX))
}

fn may_subscribe(options: &Options) -> bool {
    options.socket_type == Sub || options.xpub_manual
}

fn set_manual_last_value(options: &mut Options, value: i32) {
    options.xpub_manual = value != 0;
    options.xpub_manual_last_value = value != 0;
}

fn set_routing_id(options: &mut Options, id: &[u8]) -> Result<()> {
    options.routing_id = id.to_vec();
    Ok(())
}

fn set_connect_routing_id(options: &mut Options, id: &[u8]) -> Result<()> {
    options.connect_routing_id = Some(id.to_vec());
    Ok(())
}

fn set_welcome(options: &mut Options, message: &[u8]) -> Result<()> {
    options.xpub_welcome_msg = message.to_vec();
    Ok(())
}

fn set_device(options: &mut Options, name: &[u8]) -> Result<()> {
    options.bindtodevice = std::str::from_utf8(name).map_err(|_| Error::INVAL)?.to_owned();
    Ok(())
}

/// Adds an `X-name:value` property to the handshake. A name has 3 to 255 characters.
fn add_metadata(options: &mut Options, property: &[u8]) -> Result<()> {
    let property = std::str::from_utf8(property).map_err(|_| Error::INVAL)?;
    let (name, value) = property.split_once(':').ok_or(Error::INVAL)?;
    if !name.starts_with("X-") || !(3..=255).contains(&name.len()) || value.is_empty() {
        return Err(Error::INVAL);
    }
    if options.metadata.iter().all(|(known, _)| known != name) {
        options.metadata.push((name.to_owned(), value.to_owned()));
    }
    Ok(())
}
