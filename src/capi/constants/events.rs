//! Events of the socket monitor and the reasons that go with them.

use std::ffi::c_int;

/// A connection was made; the value is its descriptor.
pub const ZMQ_EVENT_CONNECTED: c_int = 0x0001;
/// A connection is being made; the value is an errno.
pub const ZMQ_EVENT_CONNECT_DELAYED: c_int = 0x0002;
/// A connect will be tried again; the value is the pause in milliseconds.
pub const ZMQ_EVENT_CONNECT_RETRIED: c_int = 0x0004;
/// The socket listens; the value is the listening descriptor.
pub const ZMQ_EVENT_LISTENING: c_int = 0x0008;
/// A bind failed; the value is an errno.
pub const ZMQ_EVENT_BIND_FAILED: c_int = 0x0010;
/// A connection was accepted; the value is its descriptor.
pub const ZMQ_EVENT_ACCEPTED: c_int = 0x0020;
/// A connection was not accepted; the value is an errno.
pub const ZMQ_EVENT_ACCEPT_FAILED: c_int = 0x0040;
/// A connecting or listening descriptor, the value, was closed.
pub const ZMQ_EVENT_CLOSED: c_int = 0x0080;
/// A descriptor could not be closed; the value is an errno.
pub const ZMQ_EVENT_CLOSE_FAILED: c_int = 0x0100;
/// A connection, whose descriptor is the value, ended.
pub const ZMQ_EVENT_DISCONNECTED: c_int = 0x0200;
/// The last event of a monitor; no value.
pub const ZMQ_EVENT_MONITOR_STOPPED: c_int = 0x0400;
/// All events of version 1.
pub const ZMQ_EVENT_ALL: c_int = 0xFFFF;
/// A handshake failed for a reason that has no event of its own; the value is an errno.
pub const ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: c_int = 0x0800;
/// A handshake is done, and the peer may exchange messages; no value.
pub const ZMQ_EVENT_HANDSHAKE_SUCCEEDED: c_int = 0x1000;
/// The peer or the ZAP handler broke the protocol; the value is one of ZMQ_PROTOCOL_ERROR_*.
pub const ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: c_int = 0x2000;
/// The peer was turned away; the value is the status of ZAP: 300, 400 or 500.
pub const ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: c_int = 0x4000;

/// ZMTP: no closer reason.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED: c_int = 0x10000000;
/// ZMTP: a command that does not belong here.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND: c_int = 0x10000001;
/// ZMTP: a nonce that is not larger than the one before.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE: c_int = 0x10000002;
/// ZMTP: the exchange of keys failed.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE: c_int = 0x10000003;
/// ZMTP: a malformed command.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED: c_int = 0x10000011;
/// ZMTP: a malformed MESSAGE.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE: c_int = 0x10000012;
/// ZMTP: a malformed HELLO.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO: c_int = 0x10000013;
/// ZMTP: a malformed INITIATE.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE: c_int = 0x10000014;
/// ZMTP: a malformed ERROR.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR: c_int = 0x10000015;
/// ZMTP: a malformed READY.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY: c_int = 0x10000016;
/// ZMTP: a malformed WELCOME.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME: c_int = 0x10000017;
/// ZMTP: malformed metadata.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA: c_int = 0x10000018;
/// ZMTP: a box that does not open. The peers' keys may not fit.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC: c_int = 0x11000001;
/// ZMTP: the peers are set up for different mechanisms.
pub const ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH: c_int = 0x11000002;
/// ZAP: no closer reason.
pub const ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED: c_int = 0x20000000;
/// ZAP: a reply with a wrong number of frames.
pub const ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY: c_int = 0x20000001;
/// ZAP: a reply to another request.
pub const ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID: c_int = 0x20000002;
/// ZAP: a version other than 1.0.
pub const ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION: c_int = 0x20000003;
/// ZAP: a status that is none of 200, 300, 400 and 500.
pub const ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE: c_int = 0x20000004;
/// ZAP: malformed metadata.
pub const ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA: c_int = 0x20000005;
/// WebSocket: no closer reason.
pub const ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED: c_int = 0x30000000;
