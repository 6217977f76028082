//! The grammar of tcp addresses: `interface:port` for bind, `[source;]host:port` for connect.
//!
//! Syntax alone; what a name means is the resolver's business. Some leniency is libzmq's: a port is read like C's
//! `atoi` reads a number, so that what follows the digits is ignored.

use crate::error::{Error, Result};

/// Host and port of an address, not resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostPort {
    /// Without brackets and scope; `*`: any interface.
    pub host: String,
    /// The interface that an IPv6 address is scoped to (`%eth0`).
    pub scope: Option<String>,
    /// 0: any free port.
    pub port: u16,
}

/// What connect is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConnectAddress {
    /// Where to connect from, as given.
    pub source: Option<String>,
    /// Where to connect to, as given.
    pub destination: String,
}

/// Parses `interface:port`, where `*` stands for any interface or any port.
///
/// # Errors
/// `EINVAL`: there is no port, or it is not one.
pub(super) fn parse_local(address: &str) -> Result<HostPort> {
    parse(address, |port| match port {
        "*" | "0" => Ok(0),
        port => parse_port(port),
    })
}

/// Parses `host:port`, the destination of connect.
///
/// # Errors
/// `EINVAL`: there is no port, or it is not one.
pub(super) fn parse_remote(address: &str) -> Result<HostPort> {
    parse(address, parse_port)
}

/// Checks the syntax of `[source;]host:port`. As in libzmq this is a check of characters: a name that cannot exist,
/// and a port that is out of range, are found out when the address is resolved.
///
/// # Errors
/// `EINVAL`: a character is out of place, or there is no port.
pub(super) fn parse_connect(address: &str) -> Result<ConnectAddress> {
    let port = address.rsplit_once(':').map(|(_, port)| port).ok_or(Error::INVAL)?;
    let starts_well = address.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[' || c == ':');
    let inside = |c: char| c.is_ascii_alphanumeric() || "-._:%[];*".contains(c);
    if !starts_well || !address.chars().all(inside) || !port.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Error::INVAL);
    }
    Ok(match address.split_once(';') {
        Some((source, destination)) => {
            ConnectAddress { source: Some(source.to_owned()), destination: destination.to_owned() }
        }
        None => ConnectAddress { source: None, destination: address.to_owned() },
    })
}

fn parse(address: &str, port_of: impl Fn(&str) -> Result<u16>) -> Result<HostPort> {
    if address.contains(';') {
        return Err(Error::INVAL);
    }
    let (host, port) = address.rsplit_once(':').ok_or(Error::INVAL)?;
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    let (host, scope) = match host.split_once('%') {
        Some((host, scope)) => (host, Some(scope.to_owned())),
        None => (host, None),
    };
    Ok(HostPort { host: host.to_owned(), scope, port: port_of(port)? })
}

/// A port as C's `atoi` reads it. Negative ones count from the end, as in libzmq: -1 is 65535.
fn parse_port(text: &str) -> Result<u16> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let number: u16 = digits[..end].parse().map_err(|_| Error::INVAL)?;
    match if negative { number.wrapping_neg() } else { number } {
        0 => Err(Error::INVAL),
        port => Ok(port),
    }
}
