//! Errors, context options, socket types, flags and poll events.

use std::ffi::c_int;

/// Where the library's own error codes begin: far above any errno of an operating system.
pub const ZMQ_HAUSNUMERO: c_int = 156384712;

/// The operation is not allowed in the socket's present state, such as two sends in a row on ZMQ_REQ.
pub const EFSM: c_int = ZMQ_HAUSNUMERO + 51;
/// The transport does not serve this type of socket.
pub const ENOCOMPATPROTO: c_int = ZMQ_HAUSNUMERO + 52;
/// The context was shut down or terminated.
pub const ETERM: c_int = ZMQ_HAUSNUMERO + 53;
/// The context has no I/O thread that could do it.
pub const EMTHREAD: c_int = ZMQ_HAUSNUMERO + 54;

/// Context option: number of I/O threads.
pub const ZMQ_IO_THREADS: c_int = 1;
/// Context option: how many sockets may be open at a time.
pub const ZMQ_MAX_SOCKETS: c_int = 2;
/// Context option, read only: the largest value that ZMQ_MAX_SOCKETS can take.
pub const ZMQ_SOCKET_LIMIT: c_int = 3;
/// Context option, write only: scheduling priority of the I/O threads.
pub const ZMQ_THREAD_PRIORITY: c_int = 3;
/// Context option: scheduling policy of the I/O threads.
pub const ZMQ_THREAD_SCHED_POLICY: c_int = 4;
/// Context option: the largest message, in bytes.
pub const ZMQ_MAX_MSGSZ: c_int = 5;
/// Context option, read only: size of zmq_msg_t in bytes.
pub const ZMQ_MSG_T_SIZE: c_int = 6;
/// Context option, write only: adds a processor to those that the I/O threads run on.
pub const ZMQ_THREAD_AFFINITY_CPU_ADD: c_int = 7;
/// Context option, write only: takes a processor away again.
pub const ZMQ_THREAD_AFFINITY_CPU_REMOVE: c_int = 8;
/// Context option: prefix of the names of the background threads.
pub const ZMQ_THREAD_NAME_PREFIX: c_int = 9;

/// I/O threads of a new context.
pub const ZMQ_IO_THREADS_DFLT: c_int = 1;
/// Sockets that a new context allows.
pub const ZMQ_MAX_SOCKETS_DFLT: c_int = 1023;
/// Priority of the I/O threads of a new context: the system's.
pub const ZMQ_THREAD_PRIORITY_DFLT: c_int = -1;
/// Scheduling policy of the I/O threads of a new context: the system's.
pub const ZMQ_THREAD_SCHED_POLICY_DFLT: c_int = -1;

/// Socket type: one peer, both directions.
pub const ZMQ_PAIR: c_int = 0;
/// Socket type: publishes to all subscribers.
pub const ZMQ_PUB: c_int = 1;
/// Socket type: receives what it subscribed to.
pub const ZMQ_SUB: c_int = 2;
/// Socket type: sends a request, waits for its reply.
pub const ZMQ_REQ: c_int = 3;
/// Socket type: receives a request, sends its reply.
pub const ZMQ_REP: c_int = 4;
/// Socket type: ZMQ_REQ without the turns; spreads over all peers.
pub const ZMQ_DEALER: c_int = 5;
/// Socket type: ZMQ_REP without the turns; addresses peers by routing id.
pub const ZMQ_ROUTER: c_int = 6;
/// Socket type: receiving end of a pipeline.
pub const ZMQ_PULL: c_int = 7;
/// Socket type: sending end of a pipeline.
pub const ZMQ_PUSH: c_int = 8;
/// Socket type: ZMQ_PUB that shows the subscriptions as messages.
pub const ZMQ_XPUB: c_int = 9;
/// Socket type: ZMQ_SUB that subscribes by sending messages.
pub const ZMQ_XSUB: c_int = 10;
/// Socket type: plain TCP peers that do not speak ZMTP.
pub const ZMQ_STREAM: c_int = 11;

/// Message property: more frames of the message follow.
pub const ZMQ_MORE: c_int = 1;
/// Message property: the content is shared with a copy, or was.
pub const ZMQ_SHARED: c_int = 3;

/// Flag of a send or receive: fail with EAGAIN rather than wait.
pub const ZMQ_DONTWAIT: c_int = 1;
/// Flag of a send: more frames of this message follow.
pub const ZMQ_SNDMORE: c_int = 2;

/// Security mechanism: none.
pub const ZMQ_NULL: c_int = 0;
/// Security mechanism: user name and password in the clear.
pub const ZMQ_PLAIN: c_int = 1;
/// Security mechanism: Curve25519 encryption and authentication.
pub const ZMQ_CURVE: c_int = 2;
/// Security mechanism: GSSAPI.
pub const ZMQ_GSSAPI: c_int = 3;

/// Longest name of a RADIO-DISH group, in bytes.
pub const ZMQ_GROUP_MAX_LENGTH: c_int = 255;

/// Poll event: a message can be received, or a descriptor read.
pub const ZMQ_POLLIN: c_int = 1;
/// Poll event: a message can be sent, or a descriptor written.
pub const ZMQ_POLLOUT: c_int = 2;
/// Poll event, descriptors only: an error or a hang-up.
pub const ZMQ_POLLERR: c_int = 4;
/// Poll event, descriptors only: urgent data.
pub const ZMQ_POLLPRI: c_int = 8;
/// A number of items that is worth a place on the stack; a hint for callers, no limit.
pub const ZMQ_POLLITEMS_DFLT: c_int = 16;

/// zmq_has() exists.
pub const ZMQ_HAS_CAPABILITIES: c_int = 1;
