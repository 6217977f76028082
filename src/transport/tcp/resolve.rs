//! From the text of a host or interface to an address of the operating system.
//!
//! A socket is of one family: IPv4 unless `ZMQ_IPV6` is set, else IPv6, where an IPv4 address appears in its mapped
//! form. Literals never ask the system's resolver.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs};

use if_addrs::{IfAddr, Interface};

use super::address::HostPort;
use crate::error::{Error, Result};
use crate::sys::net;

/// The address to listen on, or to connect from: `*`, a literal, the name of an interface, or a host name that
/// resolves to an address of this machine.
///
/// # Errors
/// `ENODEV`: there is none of that name or family; `EINVAL`: the scope is no interface.
pub(super) fn local(address: &HostPort, ipv6: bool) -> Result<SocketAddr> {
    let scope = scope_id(address.scope.as_deref())?;
    let any = if ipv6 { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) };
    let host = match address.host.as_str() {
        "" => None,
        "*" => Some(SocketAddr::new(any, 0)),
        name => literal(name)
            .and_then(|ip| in_family(SocketAddr::new(ip, 0), ipv6))
            .or_else(|| interface(name, ipv6))
            .or_else(|| names(name).ok().and_then(|found| first_in_family(found, ipv6))),
    };
    host.map(|host| with_port(host, scope, address.port)).ok_or(Error::NODEV)
}

/// The address to connect to: a literal or a host name.
///
/// # Errors
/// What the system's resolver says; `ENODEV`: it knows the name, but no address of the socket's family.
pub(super) fn remote(address: &HostPort, ipv6: bool) -> io::Result<SocketAddr> {
    let scope = scope_id(address.scope.as_deref()).map_err(|error| io::Error::from_raw_os_error(error.0))?;
    let host = match literal(&address.host) {
        Some(ip) => in_family(SocketAddr::new(ip, 0), ipv6),
        None => first_in_family(names(&address.host)?, ipv6),
    };
    host.map(|host| with_port(host, scope, address.port)).ok_or_else(|| io::Error::from_raw_os_error(libc::ENODEV))
}

/// Whether [`remote`] does not ask the system's resolver.
pub(super) fn is_literal(address: &HostPort) -> bool {
    literal(&address.host).is_some()
}

fn literal(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// Asks the system's resolver, which also knows the short forms of IPv4 addresses (`127.1`).
fn names(host: &str) -> io::Result<Vec<SocketAddr>> {
    if host.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok((host, 0).to_socket_addrs()?.collect())
}

fn first_in_family(found: Vec<SocketAddr>, ipv6: bool) -> Option<SocketAddr> {
    found.into_iter().find_map(|address| in_family(address, ipv6))
}

/// The address as a socket of the family sees it; `None`: it cannot.
fn in_family(address: SocketAddr, ipv6: bool) -> Option<SocketAddr> {
    match address {
        SocketAddr::V4(v4) if ipv6 => Some(SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port())),
        SocketAddr::V6(v6) if !ipv6 => v6.ip().to_ipv4_mapped().map(|ip| SocketAddr::new(ip.into(), v6.port())),
        same => Some(same),
    }
}

/// The first address of an interface in the family.
fn interface(name: &str, ipv6: bool) -> Option<SocketAddr> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    interfaces.into_iter().filter(|interface| interface.name == name).find_map(|Interface { addr, index, .. }| {
        match addr {
            IfAddr::V4(v4) if !ipv6 => Some(SocketAddr::new(v4.ip.into(), 0)),
            IfAddr::V6(v6) if ipv6 => {
                let scope = if v6.ip.is_unicast_link_local() { index.unwrap_or(0) } else { 0 };
                Some(SocketAddrV6::new(v6.ip, 0, 0, scope).into())
            }
            _ => None,
        }
    })
}

fn scope_id(scope: Option<&str>) -> Result<u32> {
    match scope {
        None => Ok(0),
        Some(scope) => net::interface_index(scope).or_else(|| scope.parse().ok()).ok_or(Error::INVAL),
    }
}

fn with_port(mut address: SocketAddr, scope: u32, port: u16) -> SocketAddr {
    address.set_port(port);
    if let (SocketAddr::V6(v6), true) = (&mut address, scope != 0) {
        v6.set_scope_id(scope);
    }
    address
}
