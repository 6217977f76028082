//! `tcp://`: streams between machines, over IPv4 and IPv6.

mod address;
mod resolve;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, TcpKeepalive};

use super::stream::{self, Family, Listener, Stream};
use super::{Dial, Target, Transport};
use crate::error::Result;
use crate::options::Options;
use crate::sys::net;
use address::HostPort;

/// The scheme `tcp`.
pub(super) struct Tcp;

impl Transport for Tcp {
    fn bind(&self, address: &str, options: &Options) -> Result<Listener> {
        let local = resolve::local(&address::parse_local(address)?, options.ipv6)?;
        let socket = match options.use_fd {
            -1 => listen(local, options)?,
            fd => net::adopt_listener(fd)?,
        };
        let endpoint = endpoint_text(&stream::inet_address(&socket)?);
        if net::INHERITS_NODELAY {
            socket.set_tcp_nodelay(true)?;
        }
        Ok(Listener::new(socket, Family::Tcp, endpoint, None))
    }

    fn target(&self, address: &str, _options: &Options) -> Result<Box<dyn Target>> {
        let address = address::parse_connect(address)?;
        Ok(Box::new(TcpTarget { source: address.source, destination: address.destination }))
    }

    /// The text itself, or another one for the same address: `tcp://localhost:5555` was bound as
    /// `tcp://127.0.0.1:5555`. Wildcards and interfaces stand for what they were then, and so for nothing now.
    fn same_bound(&self, bound: &str, given: &str, options: &Options) -> bool {
        let resolved = || {
            let address = address::parse_remote(given.strip_prefix("tcp://")?).ok()?;
            let named = (address.host != "*").then_some(address)?;
            resolve::remote(&named, options.ipv6).ok()
        };
        bound == given || resolved().is_some_and(|address| endpoint_text(&address) == bound)
    }
}

/// Where to connect, resolved anew for each attempt.
struct TcpTarget {
    source: Option<String>,
    destination: String,
}

impl Target for TcpTarget {
    fn dial(&self, options: &Options) -> io::Result<Dial> {
        let destination = parsed(address::parse_remote(&self.destination))?;
        let destination = resolve::remote(&destination, options.ipv6)?;
        let (socket, destination) = open(destination, options)?;
        if let Some(source) = &self.source {
            bind_source(&socket, &parsed(address::parse_local(source))?, destination.is_ipv6())?;
        }
        tune(&socket, options)?;
        // No address at all stands for this machine, too.
        if is_here(destination) || destination.ip().is_unspecified() {
            net::send_without_pacing(&socket);
        }
        match socket.connect(&destination.into()) {
            Err(error) if !is_under_way(&error) => return Err(error),
            _ => {}
        }
        let stream = Stream::new(socket, Family::Tcp);
        match stream.finish_connect() {
            Ok(()) => Ok(Dial::Connected(stream)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Dial::InProgress(stream)),
            Err(error) => Err(error),
        }
    }

    fn is_at_hand(&self) -> bool {
        let host = parsed(address::parse_remote(&self.destination));
        self.source.is_none() && host.is_ok_and(|host| resolve::is_literal(&host))
    }
}

fn parsed(address: Result<HostPort>) -> io::Result<HostPort> {
    address.map_err(|error| io::Error::from_raw_os_error(error.0))
}

fn is_under_way(error: &io::Error) -> bool {
    // a signal does not stop the attempt
    matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR))
}

/// A fixed source port would else be taken for minutes by the connection before.
fn bind_source(socket: &Socket, source: &HostPort, ipv6: bool) -> io::Result<()> {
    let source = resolve::local(source, ipv6).map_err(|error| io::Error::from_raw_os_error(error.0))?;
    socket.set_reuse_address(true)?;
    socket.bind(&source.into())
}

fn listen(address: SocketAddr, options: &Options) -> Result<Socket> {
    let (socket, address) = open(address, options)?;
    // so that a port can be taken again while connections of its last owner linger in the system
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    // inherited by the connections, which would begin with the system's choice else
    if is_here(address) {
        net::send_without_pacing(&socket);
    }
    socket.listen(options.backlog)?;
    Ok(socket)
}

/// A socket for the address, with the options that must be in force before it is bound or connected; and the address
/// that it really takes, since a system without IPv6 serves mapped and wildcard addresses over IPv4.
fn open(address: SocketAddr, options: &Options) -> io::Result<(Socket, SocketAddr)> {
    let (socket, address) = match net::stream_socket(Domain::for_address(address), Some(Protocol::TCP)) {
        Err(error) if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => {
            let plain = without_ipv6(address).ok_or(error)?;
            (net::stream_socket(Domain::IPV4, Some(Protocol::TCP))?, plain)
        }
        socket => (socket?, address),
    };
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    set_buffers(&socket, options)?;
    set_service(&socket, address.is_ipv6(), options)?;
    Ok((socket, address))
}

/// Whether the address is of this machine and of nobody else's, as far as it tells by itself.
fn is_here(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn without_ipv6(address: SocketAddr) -> Option<SocketAddr> {
    match address.ip() {
        IpAddr::V6(ip) if ip.is_unspecified() => Some(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port())),
        IpAddr::V6(ip) => ip.to_ipv4_mapped().map(|ip| SocketAddr::new(ip.into(), address.port())),
        IpAddr::V4(_) => None,
    }
}

/// The sizes of the system's buffers: before listen and connect, so that the window's scale is agreed with them.
pub(super) fn set_buffers(socket: &Socket, options: &Options) -> io::Result<()> {
    if let Ok(size) = usize::try_from(options.sndbuf) {
        socket.set_send_buffer_size(size)?;
    }
    if let Ok(size) = usize::try_from(options.rcvbuf) {
        socket.set_recv_buffer_size(size)?;
    }
    Ok(())
}

/// How the network treats the packets, and which device they use. Accepted connections inherit it.
fn set_service(socket: &Socket, ipv6: bool, options: &Options) -> io::Result<()> {
    if options.tos > 0 {
        let tos = options.tos as u32;
        socket.set_tos_v4(tos)?;
        if ipv6 {
            net::set_traffic_class(socket, tos)?;
        }
    }
    if options.priority > 0 {
        net::set_priority(socket, options.priority as u32)?;
    }
    if !options.bindtodevice.is_empty() {
        net::bind_to_device(socket, &options.bindtodevice)?;
    }
    Ok(())
}

/// What holds for a connection that connects.
fn tune(socket: &Socket, options: &Options) -> io::Result<()> {
    // messages are put together before they are written: the system must not hold them back
    socket.set_tcp_nodelay(true)?;
    tune_both(socket, options)
}

/// The same for a connection that was accepted, which has some of it from its listener.
pub(super) fn tune_accepted(socket: &Socket, peer: &SockAddr, options: &Options) -> io::Result<()> {
    if peer.as_socket().is_some_and(is_here) {
        net::send_without_pacing(socket);
    }
    if net::INHERITS_NODELAY { tune_both(socket, options) } else { tune(socket, options) }
}

fn tune_both(socket: &Socket, options: &Options) -> io::Result<()> {
    match options.tcp_keepalive {
        1 => socket.set_tcp_keepalive(&keepalive(options))?,
        0 => socket.set_keepalive(false)?,
        _ => {}
    }
    if options.busy_poll > 0 {
        // A wish: not every process may have it, and the connection works without.
        let _ = net::set_busy_poll(socket, options.busy_poll);
    }
    if !options.tcp_maxrt.is_zero() {
        net::set_retransmission_limit(socket, options.tcp_maxrt)?;
    }
    Ok(())
}

fn keepalive(options: &Options) -> TcpKeepalive {
    let positive = |value: i32| u32::try_from(value).ok().filter(|&value| value > 0);
    let seconds = |value: i32| positive(value).map(|value| Duration::from_secs(value.into()));
    let mut keepalive = TcpKeepalive::new();
    if let Some(idle) = seconds(options.tcp_keepalive_idle) {
        keepalive = keepalive.with_time(idle);
    }
    if let Some(interval) = seconds(options.tcp_keepalive_intvl) {
        keepalive = keepalive.with_interval(interval);
    }
    match positive(options.tcp_keepalive_cnt) {
        Some(count) => keepalive.with_retries(count),
        None => keepalive,
    }
}

/// The endpoint's text: IPv6 addresses stand in brackets, a scope is named.
pub(super) fn endpoint_text(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => format!("tcp://{address}"),
        SocketAddr::V6(_) => format!("tcp://[{}]:{}", host_text(address), address.port()),
    }
}

/// The IP address as text, without port and brackets.
pub(super) fn host_text(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => {
            let scope = net::interface_name(v6.scope_id()).unwrap_or_else(|| v6.scope_id().to_string());
            format!("{}%{scope}", v6.ip())
        }
        address => address.ip().to_string(),
    }
}
