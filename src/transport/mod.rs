//! Byte streams by scheme: an endpoint's text becomes an [`Endpoint`] once, and its [`Transport`] listens, dials and
//! hands out [`Stream`]s that all behave alike.
//!
//! One file a scheme, one row in [`SCHEMES`]. Nothing here knows the protocol that the bytes carry, nor who waits for
//! readiness: every descriptor is non-blocking, close-on-exec, and returned to the layer above. `inproc` has a row but
//! no file, since it never leaves the process: the socket layer joins the two pipes itself.

mod ipc;
mod stream;
mod tcp;

#[cfg(test)]
mod tests;

use std::io;

use crate::error::{Error, Result};
use crate::options::{Options, SocketType};

pub use stream::{Listener, Stream};

/// What stands before `://`.
#[derive(Clone, Copy)]
pub enum Scheme {
    /// Within the context: no descriptor, no bytes.
    Inproc,
    /// A byte stream between processes.
    Stream(&'static dyn Transport),
}

/// An endpoint whose scheme is known; the address is judged by the scheme.
#[derive(Clone, Copy)]
pub struct Endpoint<'a> {
    /// Who serves it.
    pub scheme: Scheme,
    /// What follows `://`; never empty.
    pub address: &'a str,
    /// The whole text.
    pub text: &'a str,
}

/// A way to move bytes between processes.
pub trait Transport: Sync {
    /// Starts to listen. Everything is done before it returns: names are resolved, the port or path is taken.
    ///
    /// # Errors
    /// `EINVAL`: the address is malformed; `ENODEV`: the interface or name does not exist; else what the operating
    /// system says: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `ENOENT`, `ENAMETOOLONG`, `EMFILE` and so on.
    fn bind(&self, address: &str, options: &Options) -> Result<Listener>;

    /// Checks the syntax of an address to connect to. Nothing is resolved yet, so that a name that will exist later
    /// can be connected to now.
    ///
    /// # Errors
    /// `EINVAL`: the address is malformed; `ENAMETOOLONG`: no peer can have such an address.
    fn target(&self, address: &str, options: &Options) -> Result<Box<dyn Target>>;

    /// Whether `given`, an endpoint's text as passed to unbind, means the listener whose endpoint is `bound`.
    fn same_bound(&self, bound: &str, given: &str, _options: &Options) -> bool {
        bound == given
    }

    /// Whether sockets of this type can use the transport.
    fn serves(&self, _socket_type: SocketType) -> bool {
        true
    }
}

/// Where a connecting endpoint goes to. Dialled anew for each attempt, since names change their meaning.
pub trait Target: Send + Sync {
    /// Resolves the address and starts to connect. A name may take its time to resolve; literals do not.
    ///
    /// # Errors
    /// The attempt failed at once, and can be repeated: no such name, nobody there, no descriptors left.
    fn dial(&self, options: &Options) -> io::Result<Dial>;

    /// Whether dialling takes no longer than some system calls, so that the caller of connect can do it.
    fn is_at_hand(&self) -> bool;
}

/// A connection attempt that did not fail at once.
#[derive(Debug)]
pub enum Dial {
    /// The peer is there.
    Connected(Stream),
    /// Under way: when the stream is writable, [`Stream::finish_connect`] tells.
    InProgress(Stream),
}

/// The schemes that are built in.
const SCHEMES: &[(&str, Scheme)] = &[
    ("inproc", Scheme::Inproc),
    ("ipc", Scheme::Stream(&ipc::Ipc)),
    ("tcp", Scheme::Stream(&tcp::Tcp)),
    ("udp", Scheme::Stream(&NoType)),
];

/// A scheme that none of the socket types that are built in can use: udp, which is for RADIO, DISH and DGRAM.
struct NoType;

impl Transport for NoType {
    fn bind(&self, _address: &str, _options: &Options) -> Result<Listener> {
        Err(Error::NOCOMPATPROTO)
    }

    fn target(&self, _address: &str, _options: &Options) -> Result<Box<dyn Target>> {
        Err(Error::NOCOMPATPROTO)
    }

    fn serves(&self, _socket_type: SocketType) -> bool {
        false
    }
}

/// Splits an endpoint into its scheme and its address.
///
/// # Errors
/// `EINVAL`: it is not of the form `scheme://address`, or a part is empty, or it is not UTF-8.
/// `EPROTONOSUPPORT`: the scheme is unknown or not built in. Schemes are case-sensitive.
pub fn parse<T: AsRef<[u8]> + ?Sized>(endpoint: &T) -> Result<Endpoint<'_>> {
    let text = std::str::from_utf8(endpoint.as_ref()).map_err(|_| Error::INVAL)?;
    let (name, address) = text.split_once("://").ok_or(Error::INVAL)?;
    if name.is_empty() || address.is_empty() || text.contains('\0') {
        return Err(Error::INVAL);
    }
    let &(_, scheme) = SCHEMES.iter().find(|(known, _)| *known == name).ok_or(Error::PROTONOSUPPORT)?;
    Ok(Endpoint { scheme, address, text })
}

/// Whether a scheme is built in (`zmq_has`).
pub fn has(scheme: &str) -> bool {
    let usable = |scheme: &Scheme| !matches!(scheme, Scheme::Stream(transport) if !transport.serves(SocketType::Pair));
    SCHEMES.iter().any(|(known, row)| *known == scheme && usable(row))
}

impl Endpoint<'_> {
    /// Checks that sockets of this type can use the endpoint's scheme.
    ///
    /// # Errors
    /// `ENOCOMPATPROTO`: they cannot.
    pub fn check(&self, socket_type: SocketType) -> Result<()> {
        match self.scheme {
            Scheme::Stream(transport) if !transport.serves(socket_type) => Err(Error::NOCOMPATPROTO),
            _ => Ok(()),
        }
    }
}
