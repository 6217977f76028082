//! The two kinds of descriptor that transports hand out: a [`Listener`] that yields streams, and a [`Stream`] of bytes.
//!
//! What differs between the families of addresses is settled when one is made; reading and writing are the bare
//! system calls.

use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::path::PathBuf;
use std::sync::OnceLock;

use socket2::{SockAddr, Socket};

use super::{ipc, tcp};
use crate::options::Options;
use crate::sys::net;

/// Which kind of address a descriptor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Tcp,
    Ipc,
}

/// A descriptor that accepts connections, and what must be removed when it goes.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    family: Family,
    endpoint: String,
    /// A socket file and its directory, made for this listener alone.
    temporary: Option<PathBuf>,
}

impl Listener {
    pub(super) fn new(socket: Socket, family: Family, endpoint: String, temporary: Option<PathBuf>) -> Listener {
        Listener { socket, family, endpoint, temporary }
    }

    /// The endpoint that a peer can connect to: wildcards are replaced by what the system chose.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The next connection; `None`: none is waiting.
    ///
    /// A connection that was lost before it could be accepted is passed over.
    ///
    /// # Errors
    /// What the operating system says of the process or the listener: `EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`.
    pub fn accept(&self, options: &Options) -> io::Result<Option<Stream>> {
        loop {
            let (socket, peer) = match net::accept(&self.socket) {
                Ok(accepted) => accepted,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if net::is_lost_before_accept(&error) => continue,
                Err(error) => return Err(error),
            };
            // some systems refuse options when the peer is gone already
            if self.family == Family::Tcp && tcp::tune_accepted(&socket, &peer, options).is_err() {
                continue;
            }
            let stream = Stream::new(socket, self.family);
            stream.note_peer(&peer);
            return Ok(Some(stream));
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(path) = &self.temporary {
            ipc::remove_temporary(path);
        }
    }
}

impl AsRawFd for Listener {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// A connected, or connecting, stream of bytes.
#[derive(Debug)]
pub struct Stream {
    socket: Socket,
    family: Family,
    /// The peer of a tcp connection, once the system has told.
    peer: OnceLock<SocketAddr>,
}

impl Stream {
    pub(super) fn new(socket: Socket, family: Family) -> Stream {
        Stream { socket, family, peer: OnceLock::new() }
    }

    fn note_peer(&self, peer: &SockAddr) {
        if let (Family::Tcp, Some(peer)) = (self.family, peer.as_socket()) {
            let _ = self.peer.set(peer);
        }
    }

    /// How the connection attempt ended: to be asked right after it began, as a peer on the same machine may have
    /// answered already, and when the stream is writable.
    ///
    /// # Errors
    /// The reason of the failure; `EWOULDBLOCK`: not decided yet.
    pub fn finish_connect(&self) -> io::Result<()> {
        let peer = match self.socket.peer_addr() {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                return Err(self.socket.take_error()?.unwrap_or(io::ErrorKind::WouldBlock.into()));
            }
            peer => peer?,
        };
        // A connection to a free local port can meet itself: the system may choose that very port as the source.
        // It would talk to itself, and keep the port from whoever means to listen there.
        if self.family == Family::Tcp && self.socket.local_addr()? == peer {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        self.note_peer(&peer);
        Ok(())
    }

    /// Writes as much as the system takes. A lost peer raises no signal.
    ///
    /// # Errors
    /// `EWOULDBLOCK`: nothing is taken now; else the connection is lost.
    #[inline]
    pub fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.send_with_flags(bytes, net::SEND_FLAGS)
    }

    /// Writes as much of several buffers as the system takes. At most [`net::MAX_IOV`] buffers count.
    ///
    /// # Errors
    /// As [`Stream::send`].
    #[inline]
    pub fn send_vectored(&self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket.send_vectored_with_flags(&buffers[..buffers.len().min(net::MAX_IOV)], net::SEND_FLAGS)
    }

    /// Tells the peer that nothing more will be written.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn shutdown_write(&self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)
    }

    /// The endpoint of this side; empty when it is not known.
    pub fn local_endpoint(&self) -> String {
        self.socket.local_addr().map(|address| endpoint_text(self.family, &address)).unwrap_or_default()
    }

    /// The endpoint of the peer; empty when it is not known.
    pub fn remote_endpoint(&self) -> String {
        match self.peer.get() {
            Some(address) => tcp::endpoint_text(address),
            None => self.socket.peer_addr().map(|address| endpoint_text(self.family, &address)).unwrap_or_default(),
        }
    }

    /// Who the peer is, as messages tell by their `Peer-Address` property: over tcp the IP address, over ipc the
    /// user, group and process, where the system tells.
    pub fn peer_address(&self) -> Option<String> {
        match self.family {
            Family::Tcp => match self.peer.get() {
                Some(address) => Some(tcp::host_text(address)),
                None => self.socket.peer_addr().ok()?.as_socket().map(|address| tcp::host_text(&address)),
            },
            Family::Ipc => {
                let peer = net::peer_credentials(&self.socket)?;
                Some(format!("localhost:{}:{}:{}", peer.uid, peer.gid, peer.pid))
            }
        }
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The endpoint's text of an address of the operating system.
fn endpoint_text(family: Family, address: &SockAddr) -> String {
    match family {
        Family::Tcp => address.as_socket().as_ref().map(tcp::endpoint_text).unwrap_or_default(),
        Family::Ipc => ipc::endpoint_text(address),
    }
}

/// The address of a tcp socket.
pub(super) fn inet_address(socket: &Socket) -> io::Result<SocketAddr> {
    socket.local_addr()?.as_socket().ok_or_else(|| io::ErrorKind::InvalidInput.into())
}
