//! Constants that libzmq calls drafts: `zmq.h` shows them where ZMQ_BUILD_DRAFT_API is defined.

use std::ffi::c_int;

use super::events::ZMQ_EVENT_ALL;

/// Socket type: many clients, addressed by a number; thread-safe.
pub const ZMQ_SERVER: c_int = 12;
/// Socket type: talks to a ZMQ_SERVER; thread-safe.
pub const ZMQ_CLIENT: c_int = 13;
/// Socket type: publishes to groups; thread-safe.
pub const ZMQ_RADIO: c_int = 14;
/// Socket type: joins groups; thread-safe.
pub const ZMQ_DISH: c_int = 15;
/// Socket type: thread-safe ZMQ_PULL.
pub const ZMQ_GATHER: c_int = 16;
/// Socket type: thread-safe ZMQ_PUSH.
pub const ZMQ_SCATTER: c_int = 17;
/// Socket type: UDP datagrams.
pub const ZMQ_DGRAM: c_int = 18;
/// Socket type: peers among equals, addressed by a number; thread-safe.
pub const ZMQ_PEER: c_int = 19;
/// Socket type: thread-safe ZMQ_PAIR.
pub const ZMQ_CHANNEL: c_int = 20;

/// int: 1 asks the ZAP handler only when ZMQ_ZAP_DOMAIN is set, and insists on it.
pub const ZMQ_ZAP_ENFORCE_DOMAIN: c_int = 93;
/// int: 1 uses the fast path for loopback of Windows.
pub const ZMQ_LOOPBACK_FASTPATH: c_int = 94;
/// String, write only: X-name:value, sent to each peer in the handshake.
pub const ZMQ_METADATA: c_int = 95;
/// int: 0 keeps udp multicast from coming back to its sender.
pub const ZMQ_MULTICAST_LOOP: c_int = 96;
/// int: tells a ZMQ_ROUTER of peers that come and go: ZMQ_NOTIFY_CONNECT, ZMQ_NOTIFY_DISCONNECT.
pub const ZMQ_ROUTER_NOTIFY: c_int = 97;
/// int, write only: ZMQ_XPUB_MANUAL, and the next message goes to the newest subscriber alone.
pub const ZMQ_XPUB_MANUAL_LAST_VALUE: c_int = 98;
/// String: user name for the SOCKS5 proxy.
pub const ZMQ_SOCKS_USERNAME: c_int = 99;
/// String: password for the SOCKS5 proxy.
pub const ZMQ_SOCKS_PASSWORD: c_int = 100;
/// int: bytes that are read from a connection at a time.
pub const ZMQ_IN_BATCH_SIZE: c_int = 101;
/// int: bytes that are written to a connection at a time.
pub const ZMQ_OUT_BATCH_SIZE: c_int = 102;
/// String, write only: private key of a wss server, in PEM.
pub const ZMQ_WSS_KEY_PEM: c_int = 103;
/// String, write only: certificate of a wss server, in PEM.
pub const ZMQ_WSS_CERT_PEM: c_int = 104;
/// String, write only: certificates that a wss client trusts, in PEM.
pub const ZMQ_WSS_TRUST_PEM: c_int = 105;
/// String, write only: name that a wss server's certificate must show.
pub const ZMQ_WSS_HOSTNAME: c_int = 106;
/// int, write only: 1 makes a wss client trust the system's certificates.
pub const ZMQ_WSS_TRUST_SYSTEM: c_int = 107;
/// int, write only: 1 takes only the first frame of a message for a subscription.
pub const ZMQ_ONLY_FIRST_SUBSCRIBE: c_int = 108;
/// int: when to give up reconnecting: a mask of ZMQ_RECONNECT_STOP_*.
pub const ZMQ_RECONNECT_STOP: c_int = 109;
/// Bytes, write only: sent to each new peer.
pub const ZMQ_HELLO_MSG: c_int = 110;
/// Bytes, write only: received when a peer goes.
pub const ZMQ_DISCONNECT_MSG: c_int = 111;
/// int: priority of the packets, as SO_PRIORITY has it.
pub const ZMQ_PRIORITY: c_int = 112;
/// int, write only: microseconds that the kernel polls the device, as SO_BUSY_POLL has it.
pub const ZMQ_BUSY_POLL: c_int = 113;
/// Bytes, write only: received when a connection was lost and made again.
pub const ZMQ_HICCUP_MSG: c_int = 114;
/// int, write only: 1 makes a ZMQ_XSUB pass on each cancellation.
pub const ZMQ_XSUB_VERBOSE_UNSUBSCRIBE: c_int = 115;
/// int, read only: number of subscriptions.
pub const ZMQ_TOPICS_COUNT: c_int = 116;
/// int: congestion control of NORM.
pub const ZMQ_NORM_MODE: c_int = 117;
/// int: 1 makes NORM receivers answer by unicast.
pub const ZMQ_NORM_UNICAST_NACK: c_int = 118;
/// int: buffer of NORM, in kilobytes.
pub const ZMQ_NORM_BUFFER_SIZE: c_int = 119;
/// int: payload of a NORM packet, in bytes.
pub const ZMQ_NORM_SEGMENT_SIZE: c_int = 120;
/// int: packets in a block of NORM's error correction.
pub const ZMQ_NORM_BLOCK_SIZE: c_int = 121;
/// int: parity packets that NORM can compute for a block.
pub const ZMQ_NORM_NUM_PARITY: c_int = 122;
/// int: parity packets that NORM sends unasked.
pub const ZMQ_NORM_NUM_AUTOPARITY: c_int = 123;
/// int: 1 makes NORM push data to receivers that came late.
pub const ZMQ_NORM_PUSH: c_int = 124;

/// ZMQ_RECONNECT_STOP: when the connection is refused.
pub const ZMQ_RECONNECT_STOP_CONN_REFUSED: c_int = 1;
/// ZMQ_RECONNECT_STOP: when the handshake fails.
pub const ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED: c_int = 2;
/// ZMQ_RECONNECT_STOP: after zmq_disconnect().
pub const ZMQ_RECONNECT_STOP_AFTER_DISCONNECT: c_int = 4;

/// ZMQ_NORM_MODE: a fixed rate.
pub const ZMQ_NORM_FIXED: c_int = 0;
/// ZMQ_NORM_MODE: congestion control.
pub const ZMQ_NORM_CC: c_int = 1;
/// ZMQ_NORM_MODE: congestion control that reacts to loss.
pub const ZMQ_NORM_CCL: c_int = 2;
/// ZMQ_NORM_MODE: congestion control that reacts to explicit notification.
pub const ZMQ_NORM_CCE: c_int = 3;
/// ZMQ_NORM_MODE: congestion control that reacts to explicit notification alone.
pub const ZMQ_NORM_CCE_ECNONLY: c_int = 4;

/// Context option: 0 copies received messages out of the read buffer.
pub const ZMQ_ZERO_COPY_RECV: c_int = 10;

/// ZMQ_ROUTER_NOTIFY: an empty message when a peer connects.
pub const ZMQ_NOTIFY_CONNECT: c_int = 1;
/// ZMQ_ROUTER_NOTIFY: an empty message when a peer goes.
pub const ZMQ_NOTIFY_DISCONNECT: c_int = 2;

/// Lengths of a connection's two queues, in messages: outbound, inbound. Version 2.
pub const ZMQ_EVENT_PIPES_STATS: c_int = 0x10000;
/// Newest stable version of the monitor's events.
pub const ZMQ_CURRENT_EVENT_VERSION: c_int = 1;
/// Newest version of the monitor's events.
pub const ZMQ_CURRENT_EVENT_VERSION_DRAFT: c_int = 2;
/// All events of version 1.
pub const ZMQ_EVENT_ALL_V1: c_int = ZMQ_EVENT_ALL;
/// All events of version 2.
pub const ZMQ_EVENT_ALL_V2: c_int = ZMQ_EVENT_ALL_V1 | ZMQ_EVENT_PIPES_STATS;
