//! The option tables against what the real library answers, and what is deliberately different.

use super::row::{Kind, Status};
use super::*;

const TYPES: [SocketType; 11] = [
    SocketType::Pair,
    SocketType::Pub,
    SocketType::Sub,
    SocketType::Req,
    SocketType::Rep,
    SocketType::Dealer,
    SocketType::Router,
    SocketType::Pull,
    SocketType::Push,
    SocketType::Xpub,
    SocketType::Xsub,
];

/// Options that libzmq 4.3.4 does not have, and zmqrs does.
const ADDED: [i32; 8] = [1, 3, 10, 20, 112, 113, 115, 116];

struct FakeSocket;

impl SocketState for FakeSocket {
    fn value(&mut self, which: Live) -> Result<i32> {
        Ok(match which {
            Live::Rcvmore => 1,
            Live::Fd => 77,
            Live::Events => 3,
            Live::TopicsCount => 5,
        })
    }

    fn last_endpoint(&self) -> &str {
        "tcp://127.0.0.1:5555"
    }
}

fn options(socket_type: SocketType) -> Options {
    Options::new(socket_type, &ContextDefaults::default())
}

fn number(name: &str) -> i32 {
    TABLE.iter().find(|row| row.name == name).expect("an option of that name").number
}

fn set_int(options: &mut Options, option: i32, value: i32) -> Result<Applied> {
    set(options, option, Some(&value.to_ne_bytes()))
}

/// Reads with a buffer of the size, which is full of ones; returns the value's size and the buffer.
fn read(options: &Options, option: i32, size: usize) -> Result<(usize, Vec<u8>)> {
    let mut out = vec![0xff; size];
    get(options, option, &mut FakeSocket, &mut out).map(|size| (size, out))
}

fn read_int(options: &Options, option: i32) -> Result<i32> {
    read(options, option, 4).map(|(_, out)| i32::from_ne_bytes(out.try_into().unwrap()))
}

fn read_long(options: &Options, name: &str) -> i64 {
    let (size, out) = read(options, number(name), 8).unwrap();
    assert_eq!(size, 8, "{name}");
    i64::from_ne_bytes(out.try_into().unwrap())
}

/// One line of observed.txt.
struct Observed<'a> {
    option: i32,
    types: Vec<SocketType>,
    ints: &'a str,
    sizes: Vec<&'a str>,
    reads: Vec<&'a str>,
}

fn observed() -> Vec<Observed<'static>> {
    include_str!("observed.txt").lines().filter(|line| !line.starts_with('#')).map(parse_observed).collect()
}

fn parse_observed(line: &str) -> Observed<'_> {
    let cells: Vec<&str> = line.split(" | ").collect();
    let types = TYPES.into_iter().filter(|socket_type| {
        let name = format!("{socket_type:?}").to_uppercase();
        cells[1] == "ALL" || cells[1].split(',').any(|cell| cell == name)
    });
    Observed {
        option: cells[0].parse().unwrap(),
        types: types.collect(),
        ints: cells[2],
        sizes: cells[3].split(' ').collect(),
        reads: cells[4].split(' ').collect(),
    }
}

#[test]
fn ints_are_accepted_and_read_back_as_by_libzmq() {
    for Observed { option, types, ints, .. } in observed() {
        let accepted: Vec<(i32, &str)> = ints
            .split(' ')
            .filter_map(|pair| pair.split_once('=').map(|(value, read)| (value.parse().unwrap(), read)))
            .collect();
        for socket_type in types {
            for value in [i32::MIN, -101, -99, -1, 0, 1, 2, 3, 101, 65_536, 6_553_599, 6_553_600, i32::MAX] {
                let mut options = options(socket_type);
                let result = set_int(&mut options, option, value);
                match accepted.iter().find(|(accepted, _)| *accepted == value) {
                    None => assert_eq!(result, Err(Error::INVAL), "{option} {socket_type:?} {value}"),
                    // bytes whose size happens to be 4
                    Some((_, "?")) => {}
                    Some((_, expected)) => {
                        assert!(result.is_ok(), "{option} {socket_type:?} {value}");
                        assert_eq!(read_int(&options, option).unwrap().to_string(), *expected, "{option} {value}");
                    }
                }
            }
        }
    }
}

#[test]
fn sizes_are_accepted_as_by_libzmq() {
    for Observed { option, types, sizes, .. } in observed() {
        let row = row(option).unwrap();
        for socket_type in types {
            for size in [None, Some(0), Some(1), Some(3), Some(8), Some(16), Some(17), Some(255), Some(256)] {
                if row.wide.is_some() && size == Some(8) {
                    continue;
                }
                let value = size.map(|size| vec![b'x'; size]);
                let accepted = set(&mut options(socket_type), option, value.as_deref()).is_ok();
                let name = size.map_or("NULL".to_owned(), |size| size.to_string());
                assert_eq!(accepted, sizes.contains(&name.as_str()), "{option} {socket_type:?} {name}");
            }
        }
    }
}

#[test]
fn buffers_are_filled_as_by_libzmq() {
    for Observed { option, types, reads, .. } in observed() {
        let is_int = matches!(row(option).unwrap().kind, Kind::Int { .. } | Kind::Computed(_));
        for socket_type in types {
            for size in [0, 1, 3, 4, 5, 8, 9, 255] {
                let expected =
                    reads.iter().filter_map(|read| read.split_once('>')).find(|(room, _)| *room == size.to_string());
                // an int is read into 8 bytes too; LAST_ENDPOINT was observed while it was empty
                if (is_int && size == 8) || row(option).unwrap().name == "LAST_ENDPOINT" {
                    continue;
                }
                let length = read(&options(socket_type), option, size).map(|(length, _)| length.to_string());
                assert_eq!(
                    length.ok().as_deref(),
                    expected.map(|(_, length)| length),
                    "{option} {socket_type:?} {size}"
                );
            }
        }
    }
}

#[test]
fn what_libzmq_refuses_is_refused() {
    let known = observed();
    for option in -1..200 {
        for socket_type in TYPES {
            let listed = known.iter().any(|line| line.option == option && line.types.contains(&socket_type));
            let absent = row(option).is_ok_and(|row| row.status == Status::NotBuiltIn);
            if listed || (ADDED.contains(&option) && !absent) {
                continue;
            }
            for value in [None, Some(&[][..]), Some(&[1]), Some(&[1, 0, 0, 0]), Some(&[0; 8]), Some(&[b'x'; 40])] {
                assert_eq!(
                    set(&mut options(socket_type), option, value),
                    Err(Error::INVAL),
                    "{option} {socket_type:?}"
                );
            }
            if !absent {
                for size in [0, 4, 8, 255] {
                    assert_eq!(
                        read(&options(socket_type), option, size),
                        Err(Error::INVAL),
                        "{option} {socket_type:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_table_is_in_the_order_of_numbers() {
    assert!(TABLE.is_sorted_by(|one, next| one.number < next.number));
}

#[test]
fn a_new_socket_has_the_documented_defaults() {
    for socket_type in TYPES {
        let linger = if matches!(socket_type, SocketType::Sub | SocketType::Xsub) { 0 } else { -1 };
        assert_eq!(read_int(&options(socket_type), number("LINGER")), Ok(linger), "{socket_type:?}");
        assert_eq!(read_int(&options(socket_type), number("TYPE")), Ok(socket_type as i32));
    }
    let context = ContextDefaults { ipv6: true, blocky: false };
    let options = Options::new(SocketType::Push, &context);
    assert_eq!(read_int(&options, number("LINGER")), Ok(0));
    assert_eq!(read_int(&options, number("IPV6")), Ok(1));
    let expected = [
        ("RATE", 100),
        ("RECOVERY_IVL", 10_000),
        ("SNDBUF", -1),
        ("RECONNECT_IVL", 100),
        ("BACKLOG", 100),
        ("SNDHWM", 1000),
        ("RCVHWM", 1000),
        ("RCVTIMEO", -1),
        ("IPV4ONLY", 0),
        ("TCP_KEEPALIVE", -1),
        ("MECHANISM", 0),
        ("HANDSHAKE_IVL", 30_000),
        ("HEARTBEAT_TIMEOUT", -1),
        ("MULTICAST_MAXTPDU", 1500),
        ("USE_FD", -1),
        ("MULTICAST_LOOP", 1),
        ("PRIORITY", 0),
    ];
    for (name, value) in expected {
        assert_eq!(read_int(&options, number(name)), Ok(value), "{name}");
    }
    assert_eq!(read_long(&options, "MAXMSGSIZE"), -1);
}

#[test]
fn texts_are_read_with_their_zero_and_ids_without() {
    let mut options = options(SocketType::Dealer);
    set(&mut options, number("ROUTING_ID"), Some(b"id")).unwrap();
    set(&mut options, number("BINDTODEVICE"), Some(b"eth0")).unwrap();
    assert_eq!(read(&options, number("ROUTING_ID"), 1), Err(Error::INVAL));
    assert_eq!(read(&options, number("ROUTING_ID"), 2), Ok((2, b"id".to_vec())));
    assert_eq!(read(&options, number("ROUTING_ID"), 5), Ok((2, b"id\0\0\0".to_vec())));
    assert_eq!(read(&options, number("BINDTODEVICE"), 4), Err(Error::INVAL));
    assert_eq!(read(&options, number("BINDTODEVICE"), 5), Ok((5, b"eth0\0".to_vec())));
    assert_eq!(read(&options, number("BINDTODEVICE"), 7), Ok((5, b"eth0\0\0\0".to_vec())));
    set(&mut options, number("BINDTODEVICE"), None).unwrap();
    assert_eq!(read(&options, number("BINDTODEVICE"), 1), Ok((1, b"\0".to_vec())));
    assert_eq!(read(&options, number("LAST_ENDPOINT"), 20), Err(Error::INVAL));
    assert_eq!(read(&options, number("LAST_ENDPOINT"), 21), Ok((21, b"tcp://127.0.0.1:5555\0".to_vec())));
}

#[test]
fn any_int_fills_the_8_bytes_of_the_first_generation() {
    let options = options(SocketType::Sub);
    assert_eq!(read_long(&options, "RCVMORE"), 1);
    assert_eq!(read_long(&options, "FD"), 77);
    assert_eq!(read_long(&options, "TOPICS_COUNT"), 5);
    assert_eq!(read_long(&options, "TYPE"), 2);
    assert_eq!(read_long(&options, "RCVTIMEO"), -1);
    for row in TABLE.iter().filter(|row| matches!(row.kind, Kind::Int { get: Some(_), .. } | Kind::Computed(_))) {
        assert_eq!(read(&options, row.number, 8).map(|(size, _)| size), Ok(8), "{}", row.name);
    }
    // a larger buffer than any integer: the int, and zeros
    assert_eq!(read(&options, number("EVENTS"), 9), Ok((4, vec![3, 0, 0, 0, 0, 0, 0, 0, 0])));
}

#[test]
fn the_first_generations_options_take_8_bytes() {
    let cases: [(&str, i64, &str, i32); 14] = [
        ("HWM", 7, "SNDHWM", 7),
        ("HWM", 7, "RCVHWM", 7),
        ("HWM", 0, "SNDHWM", 0),
        ("HWM", 1 << 40, "SNDHWM", i32::MAX),
        ("HWM", -1, "RCVHWM", i32::MAX),
        ("RATE", 500, "RATE", 500),
        ("RECOVERY_IVL", 20, "RECOVERY_IVL", 20_000),
        ("RECOVERY_IVL_MSEC", 250, "RECOVERY_IVL", 250),
        ("RECOVERY_IVL_MSEC", -1, "RECOVERY_IVL", 10_000),
        ("SNDBUF", 4096, "SNDBUF", 4096),
        ("SNDBUF", 0, "SNDBUF", -1),
        ("RCVBUF", 4096, "RCVBUF", 4096),
        ("MCAST_LOOP", 0, "MULTICAST_LOOP", 0),
        ("SWAP", 25_000_000, "SWAP", 25_000_000),
    ];
    for (name, value, then, expected) in cases {
        let mut options = options(SocketType::Pub);
        assert!(set(&mut options, number(name), Some(&value.to_ne_bytes())).is_ok(), "{name} {value}");
        assert_eq!(read_int(&options, number(then)), Ok(expected), "{name} {value}");
    }
    for (name, value) in [("RATE", 0), ("RATE", 1 << 33), ("SNDBUF", -1), ("RECOVERY_IVL", i64::MAX), ("SWAP", -1)] {
        let value = Some(i64::to_ne_bytes(value));
        let result = set(&mut options(SocketType::Pub), number(name), value.as_ref().map(|bytes| &bytes[..]));
        assert_eq!(result, Err(Error::INVAL), "{name}");
    }
}

#[test]
fn the_first_generations_options_are_read_as_it_counted() {
    let options = options(SocketType::Pub);
    let expected =
        [("HWM", 1000), ("RECOVERY_IVL", 10), ("RECOVERY_IVL_MSEC", 10_000), ("SNDBUF", 0), ("MCAST_LOOP", 1)];
    for (name, value) in expected {
        assert_eq!(read_long(&options, name), value, "{name}");
    }
}

#[test]
fn marks_reach_attached_pipes_and_subscriptions_the_pattern() {
    let mut sub = options(SocketType::Sub);
    assert_eq!(set_int(&mut sub, number("SNDHWM"), 1), Ok(Applied::Pipes));
    assert_eq!(set_int(&mut sub, number("HWM"), 1), Ok(Applied::Pipes));
    assert_eq!(set_int(&mut sub, number("LINGER"), 1), Ok(Applied::Stored));
    assert_eq!(set(&mut sub, number("SUBSCRIBE"), None), Ok(Applied::Pattern));
    let mut publisher = options(SocketType::Xpub);
    assert_eq!(set(&mut publisher, number("SUBSCRIBE"), Some(b"a")), Err(Error::INVAL));
    set_int(&mut publisher, number("XPUB_MANUAL"), 1).unwrap();
    assert_eq!(set(&mut publisher, number("UNSUBSCRIBE"), Some(b"a")), Ok(Applied::Pattern));
    set_int(&mut publisher, number("XPUB_MANUAL_LAST_VALUE"), 0).unwrap();
    assert_eq!(set(&mut publisher, number("SUBSCRIBE"), Some(b"a")), Err(Error::INVAL));
}

#[test]
fn any_number_is_a_time_to_poll_for_and_none_is_read() {
    let mut options = options(SocketType::Pull);
    for value in [i32::MIN, -1, 0, 1, i32::MAX] {
        assert_eq!(set_int(&mut options, number("BUSY_POLL"), value), Ok(Applied::Waits));
        assert_eq!(options.busy_poll, value);
    }
    assert_eq!(set(&mut options, number("BUSY_POLL"), Some(&[0; 8])), Err(Error::INVAL));
    assert_eq!(read(&options, number("BUSY_POLL"), 4), Err(Error::INVAL));
}

#[test]
fn metadata_keeps_the_first_value_of_a_name() {
    let mut options = options(SocketType::Dealer);
    let option = number("METADATA");
    let longest = format!("X-{}:v", "n".repeat(253));
    for accepted in ["X-a:1", "X-a:2", "X-b:c:d", longest.as_str()] {
        assert!(set(&mut options, option, Some(accepted.as_bytes())).is_ok(), "{accepted}");
    }
    let too_long = format!("X-{}:v", "n".repeat(254));
    for refused in ["", "X-:b", "X-a:", "x-a:b", "X-abc", "a:b", ":b", too_long.as_str()] {
        assert_eq!(set(&mut options, option, Some(refused.as_bytes())), Err(Error::INVAL), "{refused}");
    }
    let pairs: Vec<(&str, &str)> =
        options.metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs[..2], [("X-a", "1"), ("X-b", "c:d")]);
    assert_eq!(pairs.len(), 3);
}

#[test]
fn times_become_durations_where_the_rest_of_the_library_reads_them() {
    let mut options = options(SocketType::Dealer);
    for (value, expected) in [(-1, None), (0, None), (7, Some(Duration::from_millis(7)))] {
        set_int(&mut options, number("RECONNECT_IVL"), value).unwrap();
        assert_eq!(options.reconnect_ivl, expected);
    }
    set_int(&mut options, number("HEARTBEAT_TTL"), 250).unwrap();
    assert_eq!(options.heartbeat_ttl, Duration::from_millis(200));
    set_int(&mut options, number("LINGER"), 0).unwrap();
    assert_eq!(options.linger, Some(Duration::ZERO));
    set(&mut options, number("MAXMSGSIZE"), Some(&5i64.to_ne_bytes())).unwrap();
    assert_eq!(options.maxmsgsize, Some(5));
    set(&mut options, number("MAXMSGSIZE"), Some(&(-1i64).to_ne_bytes())).unwrap();
    assert_eq!(options.maxmsgsize, None);
}

/// The values are what libzmq 4.3.4 answers.
#[test]
fn context_options_have_libzmqs_ranges() {
    // option, (value set, value then read), values refused
    type Case = (i32, &'static [(i32, i32)], &'static [i32]);
    let cases: [Case; 7] = [
        (1, &[(0, 0), (7, 7), (i32::MAX, i32::MAX)], &[-1]),
        (2, &[(1, 1), (65_536, 65_536)], &[-1, 0]),
        (3, &[(0, 65_535), (7, 65_535)], &[-1]),
        (4, &[(0, 0), (2, 2)], &[-1]),
        (5, &[(0, 0), (1023, 1023)], &[-1]),
        (10, &[(0, 0), (7, 1)], &[-2]),
        (70, &[(0, 0), (7, 1)], &[-1]),
    ];
    for (option, accepted, refused) in cases {
        for &(value, expected) in accepted {
            let mut context = ContextOptions::default();
            assert_eq!(context.set_int(option, value), Ok(()), "{option} {value}");
            assert_eq!(context.get_int(option), Ok(expected), "{option} {value}");
        }
        for &value in refused {
            assert_eq!(ContextOptions::default().set_int(option, value), Err(Error::INVAL), "{option} {value}");
        }
    }
    let mut context = ContextOptions::default();
    for option in [-1, 0, 11, 12, 71] {
        assert_eq!((context.set_int(option, 1), context.get_int(option)), (Err(Error::INVAL), Err(Error::INVAL)));
    }
    assert_eq!(context.get_int(4), Err(Error::INVAL));
    assert_eq!((context.set_int(6, 64), context.get_int(6)), (Err(Error::INVAL), Ok(64)));
    assert_eq!(context.get_int(7), Err(Error::INVAL));
    assert_eq!(
        (context.set_int(8, 3), context.set_int(7, 3), context.set_int(8, 3)),
        (Err(Error::INVAL), Ok(()), Ok(()))
    );
}

#[test]
fn context_options_of_any_size() {
    let mut context = ContextOptions::default();
    let mut out = [0xff; 20];
    assert_eq!(context.set(1, Some(&4i32.to_ne_bytes())), Ok(()));
    assert_eq!(context.get(1, &mut out[..4]), Ok(4));
    assert_eq!(out[..4], 4i32.to_ne_bytes());
    assert_eq!((context.set(1, Some(&[1])), context.set(1, None)), (Err(Error::INVAL), Err(Error::INVAL)));
    assert_eq!(context.get(1, &mut out[..8]), Err(Error::INVAL));
    for refused in [None, Some(&b""[..]), Some(&[b'x'; 17])] {
        assert_eq!(context.set(9, refused), Err(Error::INVAL));
    }
    assert_eq!(context.set(9, Some(b"name")), Ok(()));
    assert_eq!(context.get_int(9), Ok(0));
    assert_eq!(context.get(9, &mut out[..4]), Err(Error::INVAL));
    assert_eq!(context.get(9, &mut out), Ok(20));
    assert_eq!(&out, b"name\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    assert_eq!(context.set_int(9, 12), Ok(()));
    assert_eq!((context.get_int(9), context.thread_name_prefix.as_str()), (Ok(12), "12"));
}

/// Run with `ZMQRS_WRITE_DOCS=1` to bring the page up to date.
#[test]
fn the_documented_list_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/options.md");
    if std::env::var_os("ZMQRS_WRITE_DOCS").is_some() {
        std::fs::write(path, document()).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap() == document(), "docs/options.md is out of date");
}
