//! The errors of the library and their errno: one table.
//!
//! Every failure that can reach a caller is an [`Error`], which *is* an errno value: either one of the
//! operating system's or one of the native codes that `zmq.h` defines above `ZMQ_HAUSNUMERO`. What a code means
//! for a given call is told by that call's documentation.

use std::fmt;

/// An errno value, native or of the operating system.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Error(pub i32);

/// What a fallible function of the library returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Native error codes start here (`ZMQ_HAUSNUMERO` of `zmq.h`).
pub const HAUSNUMERO: i32 = 156_384_712;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $value:expr;)*) => {
        impl Error {
            $($(#[$doc])* pub const $name: Error = Error($value);)*
        }
        impl fmt::Debug for Error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(Error::$name => f.write_str(stringify!($name)),)*
                    Error(code) => write!(f, "errno {code}"),
                }
            }
        }
    };
}

errors! {
    /// The call would block, or the time-out ran out.
    AGAIN = libc::EAGAIN;
    /// An argument is out of range or malformed.
    INVAL = libc::EINVAL;
    /// A pointer or handle is invalid.
    FAULT = libc::EFAULT;
    /// A signal arrived while the call waited.
    INTR = libc::EINTR;
    /// The handle is not a socket.
    NOTSOCK = libc::ENOTSOCK;
    /// The operation is not supported by this socket type, or not built in.
    NOTSUP = libc::ENOTSUP;
    /// Memory could not be had.
    NOMEM = libc::ENOMEM;
    /// Too many sockets or descriptors.
    MFILE = libc::EMFILE;
    /// No such endpoint.
    NOENT = libc::ENOENT;
    /// The interface or name does not exist.
    NODEV = libc::ENODEV;
    /// The address is in use.
    ADDRINUSE = libc::EADDRINUSE;
    /// The address is not local.
    ADDRNOTAVAIL = libc::EADDRNOTAVAIL;
    /// The transport is not known.
    PROTONOSUPPORT = libc::EPROTONOSUPPORT;
    /// The path is longer than the system allows.
    NAMETOOLONG = libc::ENAMETOOLONG;
    /// No peer of that routing id can be reached.
    HOSTUNREACH = libc::EHOSTUNREACH;
    /// A message is larger than allowed.
    MSGSIZE = libc::EMSGSIZE;
    /// A descriptor is not valid.
    BADF = libc::EBADF;
    /// The operation is not allowed in the socket's current state (native code `EFSM`).
    FSM = HAUSNUMERO + 51;
    /// The transport does not serve this socket type (native code `ENOCOMPATPROTO`).
    NOCOMPATPROTO = HAUSNUMERO + 52;
    /// The context was terminated (native code `ETERM`).
    TERM = HAUSNUMERO + 53;
    /// No I/O thread is available (native code `EMTHREAD`).
    MTHREAD = HAUSNUMERO + 54;
}

impl Error {
    /// The calling thread's errno, as left by the last failed system call.
    pub fn last_os() -> Error {
        std::io::Error::last_os_error().into()
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        match error.raw_os_error() {
            Some(code) => Error(code),
            None if error.kind() == std::io::ErrorKind::OutOfMemory => Error::NOMEM,
            None => Error::INVAL,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::FSM => f.write_str("Operation cannot be accomplished in current state"),
            Error::NOCOMPATPROTO => f.write_str("The protocol is not compatible with the socket type"),
            Error::TERM => f.write_str("Context was terminated"),
            Error::MTHREAD => f.write_str("No thread available"),
            Error(code) => fmt::Display::fmt(&std::io::Error::from_raw_os_error(code), f),
        }
    }
}

impl std::error::Error for Error {}
