//! `ipc://`: streams within the machine, over Unix domain sockets. An address is a path, `@name` in Linux's abstract
//! namespace, or for bind `*`, a fresh path in the directory for temporary files.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket};

use super::stream::{Family, Listener, Stream};
use super::{Dial, Target, Transport, tcp};
use crate::error::{Error, Result};
use crate::options::Options;
use crate::sys::net;

#[cfg(test)]
mod tests;

/// The scheme `ipc`.
pub(super) struct Ipc;

/// The longest path that the system takes, without its final zero.
const PATH_MAX: usize = net::UNIX_PATH_MAX;

impl Transport for Ipc {
    fn bind(&self, address: &str, options: &Options) -> Result<Listener> {
        if options.use_fd != -1 {
            // who hands over a listening socket has bound it, and keeps its file
            socket_address(address)?;
            let socket = net::adopt_listener(options.use_fd)?;
            let endpoint = endpoint_text(&socket.local_addr()?);
            return Ok(Listener::new(socket, Family::Ipc, endpoint, None));
        }
        if address == "*" {
            return bind_temporary(options);
        }
        let listening = listen(address, options)?;
        Ok(Listener::new(listening, Family::Ipc, format!("ipc://{address}"), None))
    }

    fn target(&self, address: &str, _options: &Options) -> Result<Box<dyn Target>> {
        Ok(Box::new(IpcTarget { address: socket_address(address)? }))
    }
}

struct IpcTarget {
    address: SockAddr,
}

impl Target for IpcTarget {
    fn dial(&self, options: &Options) -> io::Result<Dial> {
        let socket = net::stream_socket(Domain::UNIX, None)?;
        tcp::set_buffers(&socket, options)?;
        match socket.connect(&self.address) {
            Ok(()) => Ok(Dial::Connected(Stream::new(socket, Family::Ipc))),
            Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => {
                Ok(Dial::InProgress(Stream::new(socket, Family::Ipc)))
            }
            Err(error) => Err(error),
        }
    }

    fn is_at_hand(&self) -> bool {
        true
    }
}

fn listen(address: &str, options: &Options) -> Result<Socket> {
    let local = socket_address(address)?;
    let socket = net::stream_socket(Domain::UNIX, None)?;
    tcp::set_buffers(&socket, options)?;
    if !address.starts_with('@') {
        // A socket file outlives its socket: without this a server could not start a second time. What cannot be
        // removed, bind complains of.
        let _ = fs::remove_file(address);
    }
    socket.bind(&local)?;
    socket.listen(options.backlog)?;
    Ok(socket)
}

/// The address as the operating system wants it.
///
/// # Errors
/// `EINVAL`: a name is missing; `ENAMETOOLONG`.
fn socket_address(address: &str) -> Result<SockAddr> {
    if address.len() > PATH_MAX {
        return Err(Error::NAMETOOLONG);
    }
    match address.strip_prefix('@') {
        Some("") => Err(Error::INVAL),
        Some(name) => Ok(SockAddr::unix(format!("\0{name}"))?),
        None => Ok(SockAddr::unix(address)?),
    }
}

/// The endpoint's text of an address of the operating system; that of a client has no name.
pub(super) fn endpoint_text(address: &SockAddr) -> String {
    let name = match (address.as_pathname(), address.as_abstract_namespace()) {
        (Some(path), _) => path.to_string_lossy().into_owned(),
        (None, Some(name)) => format!("@{}", String::from_utf8_lossy(name)),
        (None, None) => String::new(),
    };
    format!("ipc://{name}")
}

/// Binds a socket in a fresh directory, which others cannot enter.
fn bind_temporary(options: &Options) -> Result<Listener> {
    let directory = make_directory(&temporary_root(std::env::var_os))?;
    let path = directory.join("socket");
    let bound = match path.to_str() {
        Some(text) => listen(text, options).map(|socket| (socket, format!("ipc://{text}"))),
        None => Err(Error::INVAL),
    };
    match bound {
        Ok((socket, endpoint)) => Ok(Listener::new(socket, Family::Ipc, endpoint, Some(path))),
        Err(error) => {
            remove_temporary(&path);
            Err(error)
        }
    }
}

/// Removes what [`bind_temporary`] made.
pub(super) fn remove_temporary(path: &Path) {
    // Others may have removed them before; and nobody is left to hear of a failure.
    let _ = fs::remove_file(path);
    if let Some(directory) = path.parent() {
        let _ = fs::remove_dir(directory);
    }
}

/// The directory for temporary files, as the environment has it; else the current one.
fn temporary_root(environment: impl FnMut(&'static str) -> Option<OsString>) -> PathBuf {
    let mut named = ["TMPDIR", "TEMPDIR", "TMP"].into_iter().filter_map(environment).map(PathBuf::from);
    named.find(|path| path.is_dir()).unwrap_or_default()
}

/// Makes a directory of a new name.
fn make_directory(root: &Path) -> Result<PathBuf> {
    loop {
        let path = root.join(format!("tmp{}", random_letters()));
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Six letters or digits. That nobody guesses them is not needed: who takes the name first makes the other try again.
fn random_letters() -> String {
    const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut random = RandomState::new().build_hasher().finish();
    let mut letters = String::new();
    for _ in 0..6 {
        letters.push(char::from(LETTERS[(random % 62) as usize]));
        random /= 62;
    }
    letters
}
