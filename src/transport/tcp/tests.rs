//! Addresses and what becomes of them; the values are libzmq's, observed.

use socket2::SockRef;

use super::super::tests::{accept, bind, connect, options, options_ipv6, pair, target};
use super::super::{Scheme, parse};
use super::*;
use crate::error::Error;

/// Whether this machine has IPv6 at all.
fn has_ipv6() -> bool {
    std::net::TcpListener::bind("[::1]:0").is_ok()
}

/// The endpoint without its port.
fn without_port(endpoint: &str) -> &str {
    endpoint.rsplit_once(':').unwrap().0
}

fn same(bound: &str, given: &str, options: &Options) -> bool {
    match parse(bound).unwrap().scheme {
        Scheme::Stream(transport) => transport.same_bound(bound, given, options),
        Scheme::Inproc => unreachable!(),
    }
}

#[test]
fn interfaces_are_resolved_as_libzmq_does() {
    const INVAL: &str = "EINVAL";
    const NODEV: &str = "ENODEV";
    // host, what becomes of it with IPv4, and with IPv6
    let cases = [
        ("*", "tcp://0.0.0.0", "tcp://[::]"),
        ("[*]", "tcp://0.0.0.0", "tcp://[::]"),
        ("0.0.0.0", "tcp://0.0.0.0", "tcp://[::ffff:0.0.0.0]"),
        ("127.0.0.1", "tcp://127.0.0.1", "tcp://[::ffff:127.0.0.1]"),
        ("[127.0.0.1]", "tcp://127.0.0.1", "tcp://[::ffff:127.0.0.1]"),
        ("127.1", "tcp://127.0.0.1", "tcp://[::ffff:127.0.0.1]"),
        ("0x7f.1", "tcp://127.0.0.1", "tcp://[::ffff:127.0.0.1]"),
        ("::ffff:127.0.0.1", "tcp://127.0.0.1", "tcp://[::ffff:127.0.0.1]"),
        ("[::1]", NODEV, "tcp://[::1]"),
        ("::1", NODEV, "tcp://[::1]"),
        ("::", NODEV, "tcp://[::]"),
        ("[::1%lo]", NODEV, "tcp://[::1]"),
        ("lo", "tcp://127.0.0.1", "tcp://[::1]"),
        ("[lo]", "tcp://127.0.0.1", "tcp://[::1]"),
        ("[::1%nosuch]", INVAL, INVAL),
        ("[::1", NODEV, NODEV),
        ("::1]", NODEV, NODEV),
        ("[", NODEV, NODEV),
        ("[]", NODEV, NODEV),
        ("", NODEV, NODEV),
        ("nosuch.invalid", NODEV, NODEV),
        ("127.0.0.1 ", NODEV, NODEV),
        ("198.51.100.1", "EADDRNOTAVAIL", "EADDRNOTAVAIL"),
        ("lo;127.0.0.1", INVAL, INVAL),
    ];
    for (host, ipv4, ipv6) in cases {
        for (options, expected) in [(options(), ipv4), (options_ipv6(), ipv6)] {
            if options.ipv6 && !has_ipv6() {
                continue;
            }
            let text = match bind(&format!("tcp://{host}:*"), &options) {
                Ok(listener) => without_port(listener.endpoint()).to_owned(),
                Err(Error::INVAL) => INVAL.to_owned(),
                Err(Error::NODEV) => NODEV.to_owned(),
                Err(Error::ADDRNOTAVAIL) => "EADDRNOTAVAIL".to_owned(),
                Err(error) => format!("{error:?}"),
            };
            assert_eq!(text, expected, "{host} ipv6: {}", options.ipv6);
        }
    }
}

#[test]
fn a_host_name_of_this_machine_can_be_bound() {
    let listener = bind("tcp://localhost:*", &options()).unwrap();
    assert_eq!(without_port(listener.endpoint()), "tcp://127.0.0.1");
}

#[test]
fn a_long_or_odd_name_is_an_error_and_no_more() {
    let long = "x".repeat(100_000);
    let scope = format!("[::1%{long}]");
    for host in [long.as_str(), scope.as_str(), "é", "a b", "\u{1}", "%", "::1%", "%%", "[%lo]"] {
        assert!(bind(&format!("tcp://{host}:*"), &options()).is_err(), "{host}");
    }
}

#[test]
fn ports_to_listen_on_are_read_as_libzmq_does() {
    let cases = [
        ("*", Some(0)),
        ("0", Some(0)),
        ("80", Some(80)),
        ("080", Some(80)),
        (" 80", Some(80)),
        ("\t80", Some(80)),
        ("80 ", Some(80)),
        ("80abc", Some(80)),
        ("80/", Some(80)),
        ("+7777", Some(7777)),
        ("-1", Some(65_535)),
        ("-65535", Some(1)),
        ("65535", Some(65_535)),
        ("", None),
        ("00000", None),
        (" 0", None),
        ("0x10", None),
        ("0abc", None),
        ("abc", None),
        ("*1", None),
        (" *", None),
        ("65536", None),
        ("-65536", None),
        ("99999999999999999999", None),
        ("0/path", None),
        ("80;", None),
        ("--1", None),
    ];
    for (text, expected) in cases {
        let port = address::parse_local(&format!("127.0.0.1:{text}")).map(|address| address.port);
        assert_eq!(port, expected.ok_or(Error::INVAL), "{text:?}");
    }
    assert_eq!(address::parse_local("127.0.0.1"), Err(Error::INVAL));
}

#[test]
fn addresses_to_connect_to_are_accepted_as_libzmq_does() {
    let accepted = [
        "localhost:5",
        "127.0.0.1:5",
        "[127.0.0.1]:5",
        "256.1.1.1:5",
        "1.2.3:5",
        "1:5",
        ":5555",
        "lo:5",
        "a_b:5",
        "a-:5",
        "a.:5",
        "a..b:5",
        "a%b:5",
        "[::1]:5",
        "[::1%lo]:5",
        "::1:5",
        "::5",
        ":::5",
        "[:5",
        "[]:5",
        "[::1:5",
        "::1]:5",
        "a[b:5",
        "a*b:5",
        "h:0",
        "h:05",
        "h:65535",
        "h:65536",
        "h:99999999999999999999",
        "h:5abc",
        "h:5-",
        "h:5.1",
        "h:5*",
        "h:5:6",
        "127.0.0.1:0;h:5",
        "127.0.0.1:*;h:5",
        "127.0.0.1:abc;h:5",
        "127.0.0.1;h:5",
        "lo:0;h:5",
        "lo:*;h:5",
        "lo:0;*:5",
        "[::1]:0;h:5",
        "[*]:0;h:5",
        "nosuch:0;h:5",
        "h:5;",
        "h:5;x",
        "h;:5",
        "a;b;c:5",
        "a:1;b:1;c:5",
    ];
    let refused = [
        "h",
        "h:",
        "h:*",
        "h:abc",
        "h: 5",
        "h:+5",
        "h:-5",
        "h:5 ",
        "h:5/p",
        "h:5:",
        "h:٥",
        "*:5",
        "*:*;h:5",
        "*:0;h:5",
        ";h:5",
        "a;b;c",
        "h:5;/",
        "h:5;x:",
        "h:5;x:y",
        "lo:0;h:*",
        "a b:5",
        "a,b:5",
        "a/b:5",
        "a@b:5",
        "a?b:5",
        "a+b:5",
        "a#b:5",
        "é:5",
        "-a:5",
        "_a:5",
        ".a:5",
        "%a:5",
        "]:5",
        "a,b;c:5",
        " 127.0.0.1:0",
    ];
    for address in accepted {
        assert!(target(&format!("tcp://{address}"), &options()).is_ok(), "{address}");
    }
    for address in refused {
        assert_eq!(target(&format!("tcp://{address}"), &options()).err(), Some(Error::INVAL), "{address}");
    }
}

#[test]
fn addresses_that_are_no_addresses_fail_when_they_are_dialled() {
    let listener = bind("tcp://127.0.0.1:*", &options()).unwrap();
    let port = listener.endpoint().rsplit_once(':').unwrap().1;
    let addresses = [
        "127.0.0.1:0".to_owned(),
        "127.0.0.1:65536".to_owned(),
        format!(":{port}"),
        format!("[::1]:{port}"),
        format!("a..b:{port}"),
        format!("[:{port}"),
        format!("127.0.0.1:{port};"),
        format!("127.0.0.1;127.0.0.1:{port}"),
        format!("127.0.0.1:x;127.0.0.1:{port}"),
        format!("127.0.0.1:*;127.0.0.1:*;127.0.0.1:{port}"),
        format!("198.51.100.1:*;127.0.0.1:{port}"),
        format!("127.0.0.1:{port}:{port}"),
    ];
    for address in addresses {
        assert!(connect(&format!("tcp://{address}"), &options()).is_err(), "{address}");
    }
    assert!(listener.accept(&options()).unwrap().is_none());
}

#[test]
fn names_literals_and_short_forms_connect() {
    let listener = bind("tcp://127.0.0.1:*", &options()).unwrap();
    let port = listener.endpoint().rsplit_once(':').unwrap().1;
    for host in ["127.0.0.1", "localhost", "127.1", "[127.0.0.1]"] {
        connect(&format!("tcp://{host}:{port}"), &options()).unwrap();
        accept(&listener, &options());
    }
}

#[test]
fn a_dual_stack_listener_takes_both_families() {
    if !has_ipv6() {
        return;
    }
    let listener = bind("tcp://*:*", &options_ipv6()).unwrap();
    let port = listener.endpoint().rsplit_once(':').unwrap().1.to_owned();
    let peer = |host: &str, options: &Options| {
        let _client = connect(&format!("tcp://{host}:{port}"), options).unwrap();
        accept(&listener, options).peer_address().unwrap()
    };
    assert_eq!(peer("127.0.0.1", &options()), "::ffff:127.0.0.1");
    assert_eq!(peer("127.0.0.1", &options_ipv6()), "::ffff:127.0.0.1");
    assert_eq!(peer("[::1]", &options_ipv6()), "::1");
    assert!(connect(&format!("tcp://[::1]:{port}"), &options()).is_err());
}

#[test]
// elsewhere 127.0.0.2 is not local
#[cfg(target_os = "linux")]
fn the_source_address_is_bound_before_connecting() {
    let listener = bind("tcp://127.0.0.1:*", &options()).unwrap();
    let address = listener.endpoint().strip_prefix("tcp://").unwrap();
    let client = connect(&format!("tcp://127.0.0.2:0;{address}"), &options()).unwrap();
    let server = accept(&listener, &options());
    assert_eq!(server.peer_address().as_deref(), Some("127.0.0.2"));
    assert_eq!(without_port(&client.local_endpoint()), "tcp://127.0.0.2");
    for source in ["lo:*", "localhost:0", "[127.0.0.1]:*"] {
        connect(&format!("tcp://{source};{address}"), &options()).unwrap();
        assert_eq!(accept(&listener, &options()).peer_address().as_deref(), Some("127.0.0.1"));
    }
}

#[test]
fn a_fixed_source_port_can_be_used_again_at_once() {
    let listener = bind("tcp://127.0.0.1:*", &options()).unwrap();
    let address = listener.endpoint().strip_prefix("tcp://").unwrap();
    let free = bind("tcp://127.0.0.1:*", &options()).unwrap();
    let source = free.endpoint().strip_prefix("tcp://").unwrap().to_owned();
    drop(free);
    for _ in 0..2 {
        let client = connect(&format!("tcp://{source};{address}"), &options()).unwrap();
        let server = accept(&listener, &options());
        assert_eq!(server.remote_endpoint(), format!("tcp://{source}"));
        // who closes first keeps the port waiting in the system; let the peer be last
        drop(server);
        drop(client);
    }
}

/// Nobody listens, and the source is the destination: the system would connect the socket to itself.
#[test]
fn a_connection_does_not_meet_itself() {
    let free = bind("tcp://127.0.0.1:*", &options()).unwrap();
    let address = free.endpoint().strip_prefix("tcp://").unwrap().to_owned();
    drop(free);
    let refused = connect(&format!("tcp://{address};{address}"), &options()).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn nobody_listening_is_an_attempt_that_failed() {
    let listener = bind("tcp://127.0.0.1:*", &options()).unwrap();
    let endpoint = listener.endpoint().to_owned();
    drop(listener);
    assert_eq!(connect(&endpoint, &options()).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn a_port_has_one_listener_and_can_be_taken_again_after_it() {
    let listener = bind("tcp://127.0.0.1:*", &options()).unwrap();
    let endpoint = listener.endpoint().to_owned();
    assert_eq!(bind(&endpoint, &options()).err(), Some(Error::ADDRINUSE));
    let (_client, server) = pair(&listener, &options());
    // closed first by this side: the connection lingers in the system
    drop(server);
    drop(listener);
    assert_eq!(bind(&endpoint, &options()).unwrap().endpoint(), endpoint);
}

#[test]
fn unbind_finds_the_listener_by_any_name_of_its_address() {
    let cases = [
        ("tcp://127.0.0.1:5", "tcp://127.0.0.1:5", true),
        ("tcp://127.0.0.1:5", "tcp://localhost:5", true),
        ("tcp://127.0.0.1:5", "tcp://127.1:5", true),
        ("tcp://127.0.0.1:5", "tcp://[127.0.0.1]:5", true),
        ("tcp://127.0.0.1:5", "tcp://127.0.0.1:05", true),
        ("tcp://0.0.0.0:5", "tcp://0.0.0.0:5", true),
        ("tcp://0.0.0.0:5", "tcp://*:5", false),
        ("tcp://127.0.0.1:5", "tcp://lo:5", false),
        ("tcp://127.0.0.1:5", "tcp://127.0.0.1:*", false),
        ("tcp://127.0.0.1:5", "tcp://127.0.0.1:6", false),
        ("tcp://127.0.0.1:5", "tcp://x", false),
        ("tcp://127.0.0.1:5", "ipc://127.0.0.1:5", false),
    ];
    for (bound, given, expected) in cases {
        assert_eq!(same(bound, given, &options()), expected, "{given}");
    }
    assert!(same("tcp://[::ffff:127.0.0.1]:5", "tcp://127.0.0.1:5", &options_ipv6()));
    assert!(!same("tcp://[::]:5", "tcp://*:5", &options_ipv6()));
}

#[test]
fn delay_is_switched_off_at_both_ends() {
    let listener = bind("tcp://127.0.0.1:*", &options()).unwrap();
    let (client, server) = pair(&listener, &options());
    for stream in [&client, &server] {
        assert!(SockRef::from(stream).tcp_nodelay().unwrap());
        assert!(!SockRef::from(stream).keepalive().unwrap());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_is_paced_within_the_machine() {
    let paced = |socket: &Socket| socket.tcp_congestion().unwrap().starts_with(b"bbr");
    for endpoint in ["tcp://127.0.0.1:*", "tcp://*:*", "tcp://[::1]:*"] {
        let options = options_ipv6();
        let listener = match bind(endpoint, &options) {
            Err(_) if endpoint.contains("::1") => continue, // a system without IPv6
            bound => bound.unwrap(),
        };
        let (client, server) = pair(&listener, &options);
        assert!(!paced(&SockRef::from(&client)) && !paced(&SockRef::from(&server)), "{endpoint}");
    }
    // The system's choice is left where it does not pace, and for other machines.
    let (socket, _) = open("192.0.2.1:0".parse().unwrap(), &options()).unwrap();
    let choice = socket.tcp_congestion().unwrap();
    assert_eq!(SockRef::from(&bind("tcp://0.0.0.0:*", &options()).unwrap()).tcp_congestion().unwrap(), choice);
    if !paced(&socket) {
        assert_eq!(SockRef::from(&bind("tcp://127.0.0.1:*", &options()).unwrap()).tcp_congestion().unwrap(), choice);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn options_reach_the_sockets_at_both_ends() {
    let mut options = options();
    options.tcp_keepalive = 1;
    options.tcp_keepalive_idle = 11;
    options.tcp_keepalive_intvl = 12;
    options.tcp_keepalive_cnt = 13;
    options.tcp_maxrt = Duration::from_millis(14_000);
    options.tos = 0x28;
    options.priority = 4;
    options.rcvbuf = 40_000;
    let listener = bind("tcp://127.0.0.1:*", &options).unwrap();
    let (client, server) = pair(&listener, &options);
    for stream in [&client, &server] {
        let socket = SockRef::from(stream);
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(11));
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(12));
        assert_eq!(socket.tcp_keepalive_retries().unwrap(), 13);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_millis(14_000)));
        assert_eq!(socket.tos_v4().unwrap(), 0x28);
        assert_eq!(socket.recv_buffer_size().unwrap(), 80_000);
    }
    assert_eq!(SockRef::from(&client).priority().unwrap(), 4);
}

/// The system lets a process have it or not: the connection comes about either way, and has it if that is possible.
#[test]
#[cfg(target_os = "linux")]
fn busy_polling_is_asked_for_at_both_ends() {
    let mut options = options();
    options.busy_poll = 123;
    let listener = bind("tcp://127.0.0.1:*", &options).unwrap();
    let (client, server) = pair(&listener, &options);
    let probe = net::stream_socket(Domain::IPV4, None).unwrap();
    let _ = net::set_busy_poll(&probe, 123);
    for stream in [&client, &server] {
        assert_eq!(net::busy_poll(&SockRef::from(stream)).unwrap(), net::busy_poll(&probe).unwrap());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn keepalive_without_numbers_leaves_the_systems() {
    let mut options = options();
    options.tcp_keepalive = 1;
    options.tcp_keepalive_cnt = 0;
    let listener = bind("tcp://127.0.0.1:*", &options).unwrap();
    let (client, server) = pair(&listener, &options);
    let retries = SockRef::from(&server).tcp_keepalive_retries().unwrap();
    assert!(retries > 0);
    options.tcp_keepalive = 0;
    let (plain, _) = pair(&listener, &options);
    assert!(!SockRef::from(&plain).keepalive().unwrap());
    assert!(SockRef::from(&client).keepalive().unwrap());
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_that_does_not_exist_is_found_out_at_bind() {
    let mut options = options();
    options.bindtodevice = "nosuchdevice".to_owned();
    assert_eq!(bind("tcp://127.0.0.1:*", &options).err(), Some(Error::NODEV));
    assert!(connect("tcp://127.0.0.1:5", &options).is_err());
}

#[test]
fn endpoints_name_the_scope_of_an_address() {
    let scoped: SocketAddr = "[fe80::1]:7".parse().unwrap();
    assert_eq!(endpoint_text(&scoped), "tcp://[fe80::1]:7");
    let Some(index) = net::interface_index("lo") else { return };
    let SocketAddr::V6(mut scoped) = scoped else { unreachable!() };
    scoped.set_scope_id(index);
    assert_eq!(endpoint_text(&scoped.into()), "tcp://[fe80::1%lo]:7");
    scoped.set_scope_id(u32::MAX);
    assert_eq!(endpoint_text(&scoped.into()), format!("tcp://[fe80::1%{}]:7", u32::MAX));
}

#[test]
fn a_system_without_ipv6_serves_what_ipv4_can() {
    let cases = [("[::]:5", Some("0.0.0.0:5")), ("[::ffff:127.0.0.1]:5", Some("127.0.0.1:5")), ("[::1]:5", None)];
    for (address, expected) in cases {
        let plain = without_ipv6(address.parse().unwrap()).map(|address| address.to_string());
        assert_eq!(plain.as_deref(), expected, "{address}");
    }
}
