//! Socket options that are stable in libzmq, by number.

use std::ffi::c_int;

/// uint64_t: the I/O threads that may serve new connections, one bit each; 0 is all.
pub const ZMQ_AFFINITY: c_int = 4;
/// Bytes: the name by which a ZMQ_ROUTER peer addresses this socket, 1 to 255 bytes.
pub const ZMQ_ROUTING_ID: c_int = 5;
/// Bytes, write only: adds a prefix to what a ZMQ_SUB receives.
pub const ZMQ_SUBSCRIBE: c_int = 6;
/// Bytes, write only: takes one subscription back.
pub const ZMQ_UNSUBSCRIBE: c_int = 7;
/// int: rate of multicast, in kilobits a second.
pub const ZMQ_RATE: c_int = 8;
/// int: how long a multicast receiver can be away and still recover, in milliseconds.
pub const ZMQ_RECOVERY_IVL: c_int = 9;
/// int: the kernel's send buffer, in bytes; -1 is the system's own.
pub const ZMQ_SNDBUF: c_int = 11;
/// int: the kernel's receive buffer, in bytes; -1 is the system's own.
pub const ZMQ_RCVBUF: c_int = 12;
/// int, read only: 1 when the frame received last is followed by another one.
pub const ZMQ_RCVMORE: c_int = 13;
/// zmq_fd_t, read only: becomes readable when ZMQ_EVENTS may have changed.
pub const ZMQ_FD: c_int = 14;
/// int, read only: ZMQ_POLLIN and ZMQ_POLLOUT as they are now.
pub const ZMQ_EVENTS: c_int = 15;
/// int, read only: the type of the socket.
pub const ZMQ_TYPE: c_int = 16;
/// int: how long unsent messages are kept after zmq_close(), in milliseconds; -1 is for ever.
pub const ZMQ_LINGER: c_int = 17;
/// int: pause before a connection is made again, in milliseconds; -1 is never.
pub const ZMQ_RECONNECT_IVL: c_int = 18;
/// int: connections that wait to be accepted.
pub const ZMQ_BACKLOG: c_int = 19;
/// int: upper end of the growing pause between reconnects, in milliseconds; 0 is no growth.
pub const ZMQ_RECONNECT_IVL_MAX: c_int = 21;
/// int64_t: the largest frame that a peer may send, in bytes; -1 is no limit.
pub const ZMQ_MAXMSGSIZE: c_int = 22;
/// int: messages queued for sending, a peer; 0 is no limit.
pub const ZMQ_SNDHWM: c_int = 23;
/// int: messages queued after reception, a peer; 0 is no limit.
pub const ZMQ_RCVHWM: c_int = 24;
/// int: how many networks a multicast message crosses.
pub const ZMQ_MULTICAST_HOPS: c_int = 25;
/// int: how long a receive waits, in milliseconds; -1 is for ever.
pub const ZMQ_RCVTIMEO: c_int = 27;
/// int: how long a send waits, in milliseconds; -1 is for ever.
pub const ZMQ_SNDTIMEO: c_int = 28;
/// String, read only: the endpoint bound or connected last, with its real port.
pub const ZMQ_LAST_ENDPOINT: c_int = 32;
/// int, write only: 1 makes a ZMQ_ROUTER fail with EHOSTUNREACH rather than drop.
pub const ZMQ_ROUTER_MANDATORY: c_int = 33;
/// int: 1 and 0 turn TCP keep-alive on and off; -1 is the system's own.
pub const ZMQ_TCP_KEEPALIVE: c_int = 34;
/// int: keep-alive probes without an answer before the connection is given up.
pub const ZMQ_TCP_KEEPALIVE_CNT: c_int = 35;
/// int: seconds of silence before the first keep-alive probe.
pub const ZMQ_TCP_KEEPALIVE_IDLE: c_int = 36;
/// int: seconds between keep-alive probes.
pub const ZMQ_TCP_KEEPALIVE_INTVL: c_int = 37;
/// int: 1 queues messages for connected peers only.
pub const ZMQ_IMMEDIATE: c_int = 39;
/// int, write only: 1 makes a ZMQ_XPUB show repeated subscriptions too.
pub const ZMQ_XPUB_VERBOSE: c_int = 40;
/// int, write only: 1 makes a ZMQ_ROUTER speak plain TCP; use ZMQ_STREAM instead.
pub const ZMQ_ROUTER_RAW: c_int = 41;
/// int: 1 allows IPv6 beside IPv4. Also a context option, for sockets created afterwards.
pub const ZMQ_IPV6: c_int = 42;
/// int, read only: the security mechanism in use.
pub const ZMQ_MECHANISM: c_int = 43;
/// int: 1 makes this side check the names and passwords of PLAIN.
pub const ZMQ_PLAIN_SERVER: c_int = 44;
/// String: the user name for PLAIN.
pub const ZMQ_PLAIN_USERNAME: c_int = 45;
/// String: the password for PLAIN.
pub const ZMQ_PLAIN_PASSWORD: c_int = 46;
/// int: 1 makes this side the server of CURVE.
pub const ZMQ_CURVE_SERVER: c_int = 47;
/// 32 bytes, or 40 characters of Z85: this side's public key.
pub const ZMQ_CURVE_PUBLICKEY: c_int = 48;
/// 32 bytes, or 40 characters of Z85: this side's secret key.
pub const ZMQ_CURVE_SECRETKEY: c_int = 49;
/// 32 bytes, or 40 characters of Z85: the public key of the server.
pub const ZMQ_CURVE_SERVERKEY: c_int = 50;
/// int, write only: 1 sends an empty message to each new ZMQ_ROUTER peer.
pub const ZMQ_PROBE_ROUTER: c_int = 51;
/// int, write only: 1 gives each request of a ZMQ_REQ a number that its reply must carry.
pub const ZMQ_REQ_CORRELATE: c_int = 52;
/// int, write only: 1 lets a ZMQ_REQ send again without having received.
pub const ZMQ_REQ_RELAXED: c_int = 53;
/// int: 1 keeps the newest message only.
pub const ZMQ_CONFLATE: c_int = 54;
/// String: domain under which the ZAP handler is asked.
pub const ZMQ_ZAP_DOMAIN: c_int = 55;
/// int, write only: 1 lets a new peer take the routing id of an old one.
pub const ZMQ_ROUTER_HANDOVER: c_int = 56;
/// int: the type-of-service byte of IP packets.
pub const ZMQ_TOS: c_int = 57;
/// Bytes, write only: routing id of the peer that is connected next.
pub const ZMQ_CONNECT_ROUTING_ID: c_int = 61;
/// int: 1 makes this side the server of GSSAPI.
pub const ZMQ_GSSAPI_SERVER: c_int = 62;
/// String: this side's principal of GSSAPI.
pub const ZMQ_GSSAPI_PRINCIPAL: c_int = 63;
/// String: the server's principal of GSSAPI.
pub const ZMQ_GSSAPI_SERVICE_PRINCIPAL: c_int = 64;
/// int: 1 leaves out the encryption of GSSAPI.
pub const ZMQ_GSSAPI_PLAINTEXT: c_int = 65;
/// int: how long a handshake may take, in milliseconds; 0 is for ever.
pub const ZMQ_HANDSHAKE_IVL: c_int = 66;
/// String: the SOCKS5 proxy to connect through, as host:port.
pub const ZMQ_SOCKS_PROXY: c_int = 68;
/// int, write only: 1 makes a ZMQ_XPUB fail with EAGAIN at the high-water mark rather than drop.
pub const ZMQ_XPUB_NODROP: c_int = 69;
/// Context option: 0 lets zmq_ctx_term() end without waiting for unsent messages.
pub const ZMQ_BLOCKY: c_int = 70;
/// int, write only: 1 leaves it to the caller which subscriptions of a ZMQ_XPUB take effect.
pub const ZMQ_XPUB_MANUAL: c_int = 71;
/// Bytes, write only: sent to each new subscriber of a ZMQ_XPUB.
pub const ZMQ_XPUB_WELCOME_MSG: c_int = 72;
/// int, write only: 0 leaves out the empty messages by which a ZMQ_STREAM tells of connects and disconnects.
pub const ZMQ_STREAM_NOTIFY: c_int = 73;
/// int: 1 sends what does not match a subscription; on both ends.
pub const ZMQ_INVERT_MATCHING: c_int = 74;
/// int: milliseconds between heartbeats; 0 is none.
pub const ZMQ_HEARTBEAT_IVL: c_int = 75;
/// int: after how many milliseconds of silence the peer is to give this side up.
pub const ZMQ_HEARTBEAT_TTL: c_int = 76;
/// int: how long the answer to a heartbeat may take, in milliseconds.
pub const ZMQ_HEARTBEAT_TIMEOUT: c_int = 77;
/// int, write only: as ZMQ_XPUB_VERBOSE, and repeated cancellations too.
pub const ZMQ_XPUB_VERBOSER: c_int = 78;
/// int: how long a connect may take, in milliseconds; 0 is the system's own limit.
pub const ZMQ_CONNECT_TIMEOUT: c_int = 79;
/// int: how long TCP retransmits before it gives up, in milliseconds; 0 is the system's own.
pub const ZMQ_TCP_MAXRT: c_int = 80;
/// int, read only: 1 for the types of socket that several threads may use at once.
pub const ZMQ_THREAD_SAFE: c_int = 81;
/// int: largest packet of multicast, in bytes.
pub const ZMQ_MULTICAST_MAXTPDU: c_int = 84;
/// uint64_t: buffer of a VMCI connection, in bytes.
pub const ZMQ_VMCI_BUFFER_SIZE: c_int = 85;
/// uint64_t: least buffer of a VMCI connection, in bytes.
pub const ZMQ_VMCI_BUFFER_MIN_SIZE: c_int = 86;
/// uint64_t: largest buffer of a VMCI connection, in bytes.
pub const ZMQ_VMCI_BUFFER_MAX_SIZE: c_int = 87;
/// int: how long a VMCI connect may take, in milliseconds.
pub const ZMQ_VMCI_CONNECT_TIMEOUT: c_int = 88;
/// int: a descriptor, already bound and listening, to use instead of a new one.
pub const ZMQ_USE_FD: c_int = 89;
/// int: kind of name in ZMQ_GSSAPI_PRINCIPAL.
pub const ZMQ_GSSAPI_PRINCIPAL_NAMETYPE: c_int = 90;
/// int: kind of name in ZMQ_GSSAPI_SERVICE_PRINCIPAL.
pub const ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE: c_int = 91;
/// String: the network interface that connections are tied to.
pub const ZMQ_BINDTODEVICE: c_int = 92;

/// String, write only: an address, with or without /bits, that may connect. Deprecated: use ZAP.
pub const ZMQ_TCP_ACCEPT_FILTER: c_int = 38;
/// pid_t, write only: a process that may connect over ipc. Deprecated: use ZAP.
pub const ZMQ_IPC_FILTER_PID: c_int = 58;
/// uid_t, write only: a user who may connect over ipc. Deprecated: use ZAP.
pub const ZMQ_IPC_FILTER_UID: c_int = 59;
/// gid_t, write only: a group that may connect over ipc. Deprecated: use ZAP.
pub const ZMQ_IPC_FILTER_GID: c_int = 60;
/// int: the opposite of ZMQ_IPV6, which replaces it.
pub const ZMQ_IPV4ONLY: c_int = 31;

/// Older name of ZMQ_CONNECT_ROUTING_ID.
pub const ZMQ_CONNECT_RID: c_int = ZMQ_CONNECT_ROUTING_ID;
/// Older name of ZMQ_IMMEDIATE.
pub const ZMQ_DELAY_ATTACH_ON_CONNECT: c_int = ZMQ_IMMEDIATE;
/// Older name of ZMQ_ROUTER_MANDATORY.
pub const ZMQ_FAIL_UNROUTABLE: c_int = ZMQ_ROUTER_MANDATORY;
/// Older name of ZMQ_ROUTER_MANDATORY.
pub const ZMQ_ROUTER_BEHAVIOR: c_int = ZMQ_ROUTER_MANDATORY;

/// Message property, deprecated: descriptor of the connection that the message came by.
pub const ZMQ_SRCFD: c_int = 2;

/// Kind of GSSAPI name: a service on a host.
pub const ZMQ_GSSAPI_NT_HOSTBASED: c_int = 0;
/// Kind of GSSAPI name: a local user.
pub const ZMQ_GSSAPI_NT_USER_NAME: c_int = 1;
/// Kind of GSSAPI name: a principal of Kerberos 5.
pub const ZMQ_GSSAPI_NT_KRB5_PRINCIPAL: c_int = 2;
