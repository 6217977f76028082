//! What holds for every transport, with real sockets on this machine: one body, and a table of endpoints.

use std::io::{self, IoSlice, Read};
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use socket2::SockRef;

use super::*;
use crate::options::ContextDefaults;

/// The options of a socket that nobody has touched.
pub(super) fn options() -> Options {
    Options::new(SocketType::Dealer, &ContextDefaults::default())
}

/// The same, with IPv6.
pub(super) fn options_ipv6() -> Options {
    Options::new(SocketType::Dealer, &ContextDefaults { ipv6: true, blocky: true })
}

/// A directory of its own for a test, removed at its end.
pub(super) struct Directory(pub PathBuf);

impl Directory {
    pub fn new(name: &str) -> Directory {
        let path = std::env::temp_dir().join(format!("zmqrs-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    pub fn endpoint(&self, file: &str) -> String {
        format!("ipc://{}", self.0.join(file).display())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn transport(endpoint: &str) -> Result<(&'static dyn Transport, &str)> {
    match parse(endpoint)? {
        Endpoint { scheme: Scheme::Stream(transport), address, .. } => Ok((transport, address)),
        Endpoint { scheme: Scheme::Inproc, .. } => panic!("{endpoint} has no transport"),
    }
}

pub(super) fn bind(endpoint: &str, options: &Options) -> Result<Listener> {
    let (transport, address) = transport(endpoint)?;
    transport.bind(address, options)
}

pub(super) fn target(endpoint: &str, options: &Options) -> Result<Box<dyn Target>> {
    let (transport, address) = transport(endpoint)?;
    transport.target(address, options)
}

/// Waits until the descriptor is ready.
fn wait(fd: &impl AsRawFd, interest: mio::Interest) {
    let mut poll = mio::Poll::new().unwrap();
    let fd = fd.as_raw_fd();
    poll.registry().register(&mut mio::unix::SourceFd(&fd), mio::Token(0), interest).unwrap();
    poll.poll(&mut mio::Events::with_capacity(1), None).unwrap();
}

pub(super) fn connect(endpoint: &str, options: &Options) -> io::Result<Stream> {
    let target = target(endpoint, options).expect("a well-formed endpoint");
    match target.dial(options)? {
        Dial::Connected(stream) => Ok(stream),
        Dial::InProgress(stream) => {
            wait(&stream, mio::Interest::WRITABLE);
            stream.finish_connect().map(|()| stream)
        }
    }
}

pub(super) fn accept(listener: &Listener, options: &Options) -> Stream {
    wait(listener, mio::Interest::READABLE);
    listener.accept(options).unwrap().expect("a connection waits")
}

/// A connection: the connecting and the accepting end.
pub(super) fn pair(listener: &Listener, options: &Options) -> (Stream, Stream) {
    let client = connect(listener.endpoint(), options).unwrap();
    (client, accept(listener, options))
}

fn receive(stream: &Stream, length: usize) -> Vec<u8> {
    let mut received = Vec::with_capacity(length);
    while received.len() < length {
        wait(stream, mio::Interest::READABLE);
        assert_ne!(receive_some(stream, &mut received).unwrap(), 0, "the peer has closed");
    }
    received
}

/// Reads what is there, as far as there is capacity.
fn receive_some(stream: &Stream, received: &mut Vec<u8>) -> io::Result<usize> {
    let mut buffer = vec![0; received.capacity() - received.len()];
    let count = (&*SockRef::from(stream)).read(&mut buffer)?;
    received.extend_from_slice(&buffer[..count]);
    Ok(count)
}

fn is_again<T>(result: io::Result<T>) -> bool {
    result.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

/// Runs a test with a listener of each kind.
fn with_each(test: impl Fn(Listener, Options)) {
    let directory = Directory::new(std::thread::current().name().unwrap().rsplit(':').next().unwrap());
    let path = directory.endpoint("socket");
    for endpoint in ["tcp://127.0.0.1:*", path.as_str(), "ipc://*"] {
        test(bind(endpoint, &options()).unwrap(), options());
    }
    #[cfg(target_os = "linux")]
    {
        let name = format!("ipc://@{}", path.replace('/', "-"));
        test(bind(&name, &options()).unwrap(), options());
    }
}

#[test]
fn endpoints_are_split_or_refused_as_libzmq_does() {
    let cases: [(&str, std::result::Result<&str, Error>); 17] = [
        ("tcp://127.0.0.1:5555", Ok("127.0.0.1:5555")),
        ("ipc:///tmp/a", Ok("/tmp/a")),
        ("inproc://a://b", Ok("a://b")),
        ("", Err(Error::INVAL)),
        ("tcp", Err(Error::INVAL)),
        ("://", Err(Error::INVAL)),
        ("://x", Err(Error::INVAL)),
        ("tcp:/127", Err(Error::INVAL)),
        ("tcp://", Err(Error::INVAL)),
        ("ipc://", Err(Error::INVAL)),
        ("inproc://", Err(Error::INVAL)),
        ("foo://", Err(Error::INVAL)),
        ("tcp://a\0b:1", Err(Error::INVAL)),
        ("TCP://127.0.0.1:5555", Err(Error::PROTONOSUPPORT)),
        ("foo://x", Err(Error::PROTONOSUPPORT)),
        ("a://b://c", Err(Error::PROTONOSUPPORT)),
        (" tcp://127.0.0.1:1", Err(Error::PROTONOSUPPORT)),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text).map(|endpoint| endpoint.address), expected, "{text}");
    }
    assert_eq!(parse(b"ipc:///\xff").map(|endpoint| endpoint.address), Err(Error::INVAL));
    assert!(matches!(parse("inproc://a").unwrap().scheme, Scheme::Inproc));
    assert_eq!(parse("tcp://*:1").unwrap().text, "tcp://*:1");
}

#[test]
fn built_in_schemes_are_known_and_serve_every_type() {
    assert!(has("tcp") && has("ipc") && has("inproc"));
    assert!(!has("pgm") && !has(""));
    assert_eq!(parse("tcp://*:1").unwrap().check(SocketType::Pub), Ok(()));
}

#[test]
fn bytes_go_both_ways_and_the_end_is_seen() {
    with_each(|listener, options| {
        assert!(listener.accept(&options).unwrap().is_none());
        let (client, server) = pair(&listener, &options);
        assert!(client.finish_connect().is_ok());
        assert!(is_again(receive_some(&server, &mut Vec::with_capacity(1))));
        assert_eq!(client.send(b"hello").unwrap(), 5);
        assert_eq!(receive(&server, 5), b"hello");
        let parts = [IoSlice::new(b"wo"), IoSlice::new(b""), IoSlice::new(b"rld")];
        assert_eq!(server.send_vectored(&parts).unwrap(), 5);
        assert_eq!(receive(&client, 5), b"world");
        client.shutdown_write().unwrap();
        wait(&server, mio::Interest::READABLE);
        assert_eq!(receive_some(&server, &mut Vec::with_capacity(1)).unwrap(), 0);
        assert_eq!(server.send(b"bye").unwrap(), 3);
        assert_eq!(receive(&client, 3), b"bye");
    });
}

#[test]
fn a_full_stream_says_so_and_takes_more_when_it_was_read() {
    with_each(|listener, options| {
        let (client, server) = pair(&listener, &options);
        let block = vec![7; 1 << 16];
        let mut sent = 0;
        while let Ok(length) = client.send(&block) {
            sent += length;
        }
        assert!(is_again(client.send(&block)));
        assert!(is_again(client.send_vectored(&[IoSlice::new(&block)])));
        assert!(receive(&server, sent).iter().all(|&byte| byte == 7));
        wait(&client, mio::Interest::WRITABLE);
        assert!(client.send(&block).unwrap() > 0);
    });
}

#[test]
fn more_buffers_than_the_system_takes_are_no_error() {
    with_each(|listener, options| {
        let (client, server) = pair(&listener, &options);
        let parts = vec![IoSlice::new(b"x"); 3000];
        let sent = client.send_vectored(&parts).unwrap();
        assert!((1..=3000).contains(&sent));
        assert_eq!(receive(&server, sent).len(), sent);
    });
}

/// Without `MSG_NOSIGNAL` this would end the process.
#[test]
fn writing_to_a_peer_that_is_gone_is_an_error_not_a_signal() {
    with_each(|listener, options| {
        let (client, server) = pair(&listener, &options);
        drop(server);
        let lost = loop {
            wait(&client, mio::Interest::WRITABLE);
            match client.send(b"x") {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert!(matches!(lost.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset), "{lost}");
    });
}

#[test]
fn every_descriptor_is_non_blocking_and_close_on_exec() {
    with_each(|listener, options| {
        let (client, server) = pair(&listener, &options);
        for socket in [SockRef::from(&listener), SockRef::from(&client), SockRef::from(&server)] {
            assert!(socket.nonblocking().unwrap());
        }
        #[cfg(target_os = "linux")]
        for fd in [listener.as_raw_fd(), client.as_raw_fd(), server.as_raw_fd()] {
            let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).unwrap();
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
            let flags = i32::from_str_radix(flags.trim(), 8).unwrap();
            assert_ne!(flags & libc::O_CLOEXEC, 0, "{info}");
        }
    });
}

#[test]
fn the_ends_know_their_endpoints() {
    with_each(|listener, options| {
        let (client, server) = pair(&listener, &options);
        assert_eq!(client.remote_endpoint(), listener.endpoint());
        assert_eq!(server.local_endpoint(), listener.endpoint());
        assert_eq!(server.remote_endpoint(), client.local_endpoint());
    });
}

#[test]
fn buffer_sizes_are_those_of_the_options() {
    with_each(|listener, _| {
        let mut sized = options();
        (sized.sndbuf, sized.rcvbuf) = (20_000, 30_000);
        let plain = connect(listener.endpoint(), &options()).unwrap();
        let small = connect(listener.endpoint(), &sized).unwrap();
        // the system may count its own needs in, which doubles them
        let within = |size: usize, asked: usize| (asked..=2 * asked).contains(&size);
        assert!(within(SockRef::from(&small).send_buffer_size().unwrap(), 20_000));
        assert!(within(SockRef::from(&small).recv_buffer_size().unwrap(), 30_000));
        assert!(!within(SockRef::from(&plain).send_buffer_size().unwrap(), 20_000));
    });
}

#[test]
fn a_listening_descriptor_of_the_caller_is_taken_over() {
    let directory = Directory::new("use_fd");
    let mut options = options();
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = tcp.local_addr().unwrap();
    options.use_fd = std::os::fd::IntoRawFd::into_raw_fd(tcp);
    let listener = bind("tcp://127.0.0.1:1", &options).unwrap();
    assert_eq!(listener.endpoint(), format!("tcp://{address}"));
    pair(&listener, &self::options());

    let path = directory.0.join("given");
    let unix = std::os::unix::net::UnixListener::bind(&path).unwrap();
    options.use_fd = std::os::fd::IntoRawFd::into_raw_fd(unix);
    let listener = bind("ipc:///elsewhere", &options).unwrap();
    assert_eq!(listener.endpoint(), format!("ipc://{}", path.display()));
    assert!(SockRef::from(&listener).nonblocking().unwrap());
    pair(&listener, &self::options());
}

#[test]
fn a_descriptor_that_cannot_listen_is_refused_and_stays_the_callers() {
    let stream = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut options = options();
    for (fd, expected) in [(stream.as_raw_fd(), Error::INVAL), (i32::MAX, Error::BADF)] {
        options.use_fd = fd;
        assert_eq!(bind("tcp://127.0.0.1:1", &options).err(), Some(expected));
        assert_eq!(bind("ipc://@x", &options).err(), Some(expected));
    }
    assert!(stream.local_addr().is_ok());
}
