//! Handshakes that fail: each malformed input with the code that a monitor shows for it.

use super::*;

struct Case {
    name: &'static str,
    input: Vec<u8>,
    error: ProtocolError,
    code: u32,
    silent: bool,
}

fn case(name: &'static str, input: Vec<u8>, error: ProtocolError, code: u32, silent: bool) -> Case {
    Case { name, input, error, code, silent }
}

/// What a peer may send where READY is awaited.
fn instead_of_ready() -> Vec<Case> {
    use ProtocolError as E;
    let error = |data: &[u8]| frame(4, &[b"\x05ERROR", data].concat());
    let wrong_type = |name: &[u8]| ready(&property("Socket-Type", name));
    let two_types = |a: &[u8], b: &[u8]| ready(&[property("Socket-Type", a), property("Socket-Type", b)].concat());
    vec![
        case("message", frame(0, b"hi"), E::UnexpectedMessage, 0x1000_0001, false),
        case("message with MORE", frame(1, b"hi"), E::UnexpectedMessage, 0x1000_0001, false),
        case("unknown command", frame(4, b"\x03FOO"), E::UnexpectedCommand, 0x1000_0001, false),
        case("PING", frame(4, b"\x04PING\0\0"), E::UnexpectedCommand, 0x1000_0001, false),
        case("ready", frame(4, b"\x05ready"), E::UnexpectedCommand, 0x1000_0001, false),
        case("READYX", frame(4, b"\x06READYX"), E::UnexpectedCommand, 0x1000_0001, false),
        case("no name", frame(4, b""), E::UnexpectedCommand, 0x1000_0001, false),
        case("name beyond the command", frame(4, b"\x09READY"), E::UnexpectedCommand, 0x1000_0001, false),
        case("ERROR 300", error(b"\x03300"), E::Refused(300), 0x1000_0000, false),
        case("ERROR 400", error(b"\x03400"), E::Refused(400), 0x1000_0000, false),
        case("ERROR 500", error(b"\x03500"), E::Refused(500), 0x1000_0000, false),
        case("ERROR 400 and more", error(b"\x03400xx"), E::Refused(400), 0x1000_0000, false),
        case("ERROR 200", error(b"\x03200"), E::Refused(0), 0x1000_0000, true),
        case("ERROR in words", error(b"\x05hello"), E::Refused(0), 0x1000_0000, true),
        case("ERROR, reason cut", error(b"\x0540"), E::MalformedError, 0x1000_0015, false),
        case("ERROR without reason", error(b""), E::MalformedError, 0x1000_0015, false),
        case("property name cut", ready(b"\x05abc"), E::InvalidMetadata, 0x1000_0018, true),
        case("property without value", ready(b"\x03abc"), E::InvalidMetadata, 0x1000_0018, true),
        case("property length cut", ready(b"\x03abc\0\0\0"), E::InvalidMetadata, 0x1000_0018, true),
        case("property value cut", ready(b"\x01a\0\0\0\x05b"), E::InvalidMetadata, 0x1000_0018, true),
        case("property value huge", ready(b"\x01a\xff\xff\xff\xffb"), E::InvalidMetadata, 0x1000_0018, true),
        case("wrong type", wrong_type(b"PUB"), E::IncompatibleSocketType, 0x1000_0000, true),
        case("unknown type", wrong_type(b"FOO"), E::IncompatibleSocketType, 0x1000_0000, true),
        case("type in lower case", wrong_type(b"push"), E::IncompatibleSocketType, 0x1000_0000, true),
        case("empty type", wrong_type(b""), E::IncompatibleSocketType, 0x1000_0000, true),
        case("right, wrong type", two_types(b"PUSH", b"PUB"), E::IncompatibleSocketType, 0x1000_0000, true),
        case("wrong, right type", two_types(b"PUB", b"PUSH"), E::IncompatibleSocketType, 0x1000_0000, true),
        case("length with the top bit", b"\x06\x80\0\0\0\0\0\0\0".to_vec(), E::BadLength, 0x1000_0000, true),
        case("length of gigabytes", b"\x06\0\0\0\x01\0\0\0\0".to_vec(), E::FrameTooLarge, 0x1000_0000, true),
    ]
}

/// What a peer may send where a greeting is awaited.
fn instead_of_a_greeting() -> Vec<Case> {
    use ProtocolError as E;
    let signature = b"\xff\0\0\0\0\0\0\0\x01\x7f";
    vec![
        case("mechanism PLAIN", greeting(3, 1, "PLAIN"), E::MechanismMismatch, 0x1100_0002, false),
        case("mechanism in lower case", greeting(3, 1, "null"), E::MechanismMismatch, 0x1100_0002, false),
        case("mechanism not padded by zeros", greeting(3, 1, "NULL\0X"), E::MechanismMismatch, 0x1100_0002, false),
        case("no mechanism", greeting(3, 1, ""), E::MechanismMismatch, 0x1100_0002, false),
        case("1.0, length 0", b"\0\0".to_vec(), E::BadLength, 0x1000_0000, true),
        case("1.0, long length 0", b"\xff\0\0\0\0\0\0\0\0\0".to_vec(), E::BadLength, 0x1000_0000, true),
        case("1.0, top bit", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\0".to_vec(), E::BadLength, 0x1000_0000, true),
        case("1.0, large identity", b"\xff\0\0\0\0\0\0\xff\xff\0".to_vec(), E::FrameTooLarge, 0x1000_0000, true),
        case(
            "2.0, large identity",
            [&signature[..], b"\x01\x05\x02\0\0\0\0\0\0\xff\xff"].concat(),
            E::FrameTooLarge,
            0x1000_0000,
            true,
        ),
    ]
}

#[test]
fn malformed_handshakes_end_with_the_code_that_a_monitor_shows() {
    let commands = instead_of_ready().into_iter();
    let commands = commands.map(|case| Case { input: [greeting(3, 1, "NULL"), case.input].concat(), ..case });
    for Case { name, input, error, code, silent } in instead_of_a_greeting().into_iter().chain(commands) {
        for cut in [input.len(), 1, 3, 11] {
            let mut handshake = Handshake::new(config(SocketType::Pull));
            let results: Vec<_> = input.chunks(cut).map(|part| handshake.handle_bytes(part)).collect();
            assert_eq!(results.last(), Some(&Err(error)), "{name}, in pieces of {cut}");
            assert_eq!((error.code(), error.is_silent()), (code, silent), "{name}");
            assert_eq!(handshake.handle_bytes(b"more"), Err(error), "{name}");
            assert!(handshake.poll_established().is_none(), "{name}");
            assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn the_size_limit_of_messages_holds_for_ready_too() {
    let ready = ready(&property("Socket-Type", b"PUSH"));
    let len = ready.len() as u64 - 2;
    for (max_msg_size, expected) in [(len, Ok(64 + ready.len())), (len - 1, Err(ProtocolError::FrameTooLarge))] {
        let max_msg_size = Some(max_msg_size);
        let mut handshake = Handshake::new(HandshakeConfig { max_msg_size, ..config(SocketType::Pull) });
        assert_eq!(handshake.handle_bytes(&[greeting(3, 1, "NULL"), ready.clone()].concat()), expected);
    }
}

#[test]
fn a_failed_handshake_says_nothing_more_than_it_had_to_say() {
    let mut handshake = Handshake::new(config(SocketType::Pull));
    transmit(&mut handshake);
    handshake.handle_bytes(&greeting(3, 1, "PLAIN")).unwrap_err();
    assert_eq!(transmit(&mut handshake).len(), 54);
    assert_eq!(transmit(&mut handshake), b"");
}
