//! What sockets need of the operating system beyond `socket2`: the contract is the functions' comments, and each
//! holds on every platform.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::sync::OnceLock;
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
mod flags {
    /// A lost peer is an error, not a signal; and a descriptor that somebody made blocking does not block us.
    pub const SEND_FLAGS: libc::c_int = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
}
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
mod flags {
    /// `socket2` has switched the signal off for the socket.
    pub const SEND_FLAGS: libc::c_int = libc::MSG_DONTWAIT;
}
pub use flags::SEND_FLAGS;

/// The most buffers that one vectored write takes, everywhere.
pub const MAX_IOV: usize = 1024;

/// The longest path of a local socket, without its final zero: 107 bytes on Linux, 103 on the BSDs.
pub const UNIX_PATH_MAX: usize = size_of::<libc::sockaddr_un>() - std::mem::offset_of!(libc::sockaddr_un, sun_path) - 1;

/// Who is at the other end of a local socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Process.
    pub pid: i32,
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// A stream socket: non-blocking, closed on exec.
///
/// # Errors
/// `EMFILE`, `ENFILE`, `ENOMEM`; `EAFNOSUPPORT`: the system does not know the family.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub fn stream_socket(domain: Domain, protocol: Option<Protocol>) -> io::Result<Socket> {
    Socket::new(domain, Type::STREAM.nonblocking(), protocol)
}

/// A stream socket: non-blocking, closed on exec.
///
/// # Errors
/// `EMFILE`, `ENFILE`, `ENOMEM`; `EAFNOSUPPORT`: the system does not know the family.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub fn stream_socket(domain: Domain, protocol: Option<Protocol>) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, protocol)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Accepts a connection: non-blocking, closed on exec; and tells where it comes from.
///
/// # Errors
/// As accept(2).
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub fn accept(listener: &Socket) -> io::Result<(Socket, SockAddr)> {
    listener.accept4(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK)
}

/// Accepts a connection: non-blocking, closed on exec; and tells where it comes from.
///
/// # Errors
/// As accept(2).
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub fn accept(listener: &Socket) -> io::Result<(Socket, SockAddr)> {
    let (socket, peer) = listener.accept()?;
    socket.set_nonblocking(true)?;
    Ok((socket, peer))
}

/// Whether an accepted connection has `TCP_NODELAY` from its listener.
pub const INHERITS_NODELAY: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Whether an error of accept concerns the one connection that was taken off the queue, so that the next may be well:
/// Linux reports there what the network said of it.
pub fn is_lost_before_accept(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::EINTR
                | libc::ECONNABORTED
                | libc::ECONNRESET
                | libc::ETIMEDOUT
                | libc::EPROTO
                | libc::ENETDOWN
                | libc::ENETUNREACH
                | libc::EHOSTDOWN
                | libc::EHOSTUNREACH
        )
    )
}

/// Takes a listening socket over that the caller of the library made, and makes it non-blocking and close-on-exec.
///
/// # Errors
/// `EBADF`: it is not open; `ENOTSOCK`: it is not a socket; `EINVAL`: it does not listen.
pub fn adopt_listener(fd: RawFd) -> io::Result<Socket> {
    if fd < 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    // SAFETY: F_GETFD takes no argument and touches no memory; it tells whether the descriptor is open.
    if unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open, and who sets ZMQ_USE_FD hands it over: nobody else closes it.
    let socket = Socket::from(unsafe { OwnedFd::from_raw_fd(fd) });
    match prepare_adopted(&socket) {
        Ok(()) => Ok(socket),
        Err(error) => {
            // not taken over after all: it stays the caller's
            let _ = socket.into_raw_fd();
            Err(error)
        }
    }
}

fn prepare_adopted(socket: &Socket) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    if !socket.is_listener()? {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    socket.set_nonblocking(true)?;
    socket.set_cloexec(true)
}

/// The number of a network interface, which scopes IPv6 addresses; `None`: there is none of that name.
pub fn interface_index(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: the name is a C string that outlives the call.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    (index != 0).then_some(index)
}

/// The name of a network interface; `None`: there is none of that number.
pub fn interface_name(index: u32) -> Option<String> {
    let mut name = [0 as libc::c_char; libc::IF_NAMESIZE];
    // SAFETY: the buffer has the size that the call requires, IF_NAMESIZE.
    if unsafe { libc::if_indextoname(index, name.as_mut_ptr()) }.is_null() {
        return None;
    }
    // SAFETY: on success the buffer holds a C string.
    let name = unsafe { CStr::from_ptr(name.as_ptr()) };
    Some(name.to_string_lossy().into_owned())
}

/// Who is at the other end of a connected local socket; `None` where the system does not tell.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn peer_credentials(socket: &Socket) -> Option<Credentials> {
    let mut peer = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes to `peer`, which is that long and valid for any bytes.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut length,
        )
    };
    let whole = length as usize == size_of::<libc::ucred>();
    (result == 0 && whole).then_some(Credentials { pid: peer.pid, uid: peer.uid, gid: peer.gid })
}

/// Who is at the other end of a connected local socket; `None` where the system does not tell.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn peer_credentials(_socket: &Socket) -> Option<Credentials> {
    None
}

/// Sets the traffic class of an IPv6 socket's packets.
///
/// # Errors
/// What the system says.
pub fn set_traffic_class(socket: &Socket, class: u32) -> io::Result<()> {
    socket.set_tclass_v6(class)
}

/// Sets the priority of a socket's packets in the device's queue; does nothing where there is no such thing.
///
/// # Errors
/// `EPERM`: the priority is above 6, and the process is not privileged.
pub fn set_priority(socket: &Socket, priority: u32) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return socket.set_priority(priority);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    Ok(())
}

/// How many microseconds a blocking read or a poll of the socket asks the network device for packets before it sleeps.
/// Does nothing where there is no such thing.
///
/// # Errors
/// `EPERM`: it is more than the system's default, and the process is not privileged (CAP_NET_ADMIN).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn set_busy_poll(socket: &Socket, microseconds: i32) -> io::Result<()> {
    // SAFETY: the kernel reads an int, which is what the pointer and the size say, and keeps neither.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_BUSY_POLL,
            (&raw const microseconds).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// How many microseconds a blocking read or a poll of the socket asks the network device for packets before it sleeps.
/// Does nothing where there is no such thing.
///
/// # Errors
/// None.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn set_busy_poll(_socket: &Socket, _microseconds: i32) -> io::Result<()> {
    Ok(())
}

/// What [`set_busy_poll`] has set, or the system's default.
///
/// # Errors
/// What the system says.
#[cfg(all(test, target_os = "linux"))]
pub fn busy_poll(socket: &Socket) -> io::Result<i32> {
    let mut value: libc::c_int = -1;
    let mut size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `size` bytes to `value`, which is that long and valid for any bytes.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_BUSY_POLL,
            (&raw mut value).cast(),
            &raw mut size,
        )
    };
    if result == 0 { Ok(value) } else { Err(io::Error::last_os_error()) }
}

/// For a connection within the machine: where the system's congestion control spaces out in time what is sent (BBR), takes
/// Reno, which does not and which every process may use. There is no network whose congestion could be controlled, and
/// the timers that BBR sets take much of what the machine could move. A wish: what cannot be set is left.
pub fn send_without_pacing(socket: &Socket) {
    // Asked once: the choice hardly ever changes while a process runs, and Reno does no harm if it does.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        static PACES: OnceLock<bool> = OnceLock::new();
        let paces = || stream_socket(Domain::IPV4, Some(Protocol::TCP))?.tcp_congestion();
        if *PACES.get_or_init(|| paces().is_ok_and(|name| name.starts_with(b"bbr"))) {
            let _ = socket.set_tcp_congestion(b"reno");
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = socket;
}

/// Ties a socket to a network device, whatever the routing table says.
///
/// # Errors
/// `ENODEV`: there is no such device; `EPERM`; `ENOTSUP`: the system cannot.
pub fn bind_to_device(socket: &Socket, device: &str) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return socket.bind_device(Some(device.as_bytes()));
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    Err(io::Error::from_raw_os_error(libc::ENOTSUP))
}

/// How long written bytes may stay unacknowledged before the connection is lost; does nothing where the system has
/// no such limit.
///
/// # Errors
/// What the system says.
pub fn set_retransmission_limit(socket: &Socket, limit: Duration) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return socket.set_tcp_user_timeout(Some(limit));
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    Ok(())
}
