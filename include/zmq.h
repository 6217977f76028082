/*
 * zmq.h - the ZeroMQ messaging library in C, as libzmq 4.3.5 has it.
 *
 * This is the header of zmqrs. It serves C from C89 and C++ from C++98 on, and programs written for 2.1 as well as for
 * 3.x and 4.x: see the end of the file.
 *
 * Functions that return an int return -1 on error, those that return a pointer NULL; errno then tells why.
 * All of them may fail with ETERM, ENOTSOCK or EFAULT as their handle deserves.
 *
 * Generated from src/capi by cbindgen; not to be edited.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */

#ifndef __ZMQ_H_INCLUDED__
#define __ZMQ_H_INCLUDED__


#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#ifdef ZMQ_BUILD_DRAFT_API
/* For sigset_t, which signal.h hides from strict C. */
#include <sys/select.h>
#endif

/* The version of libzmq whose API this is. */
#define ZMQ_VERSION_MAJOR 4
#define ZMQ_VERSION_MINOR 3
#define ZMQ_VERSION_PATCH 5
#define ZMQ_MAKE_VERSION(major, minor, patch) ((major) * 10000 + (minor) * 100 + (patch))
#define ZMQ_VERSION ZMQ_MAKE_VERSION (ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH)

/* The integer types of stdint.h are there. */
#define ZMQ_DEFINED_STDINT 1
/* zmq_timers_new() and its kin are there. */
#define ZMQ_HAVE_TIMERS
#ifdef ZMQ_BUILD_DRAFT_API
/* zmq_poller_new() and its kin are there. */
#define ZMQ_HAVE_POLLER
#endif

/* Errors that a system may lack. */
#ifndef ENOTSUP
#define ENOTSUP (ZMQ_HAUSNUMERO + 1)
#endif
#ifndef EPROTONOSUPPORT
#define EPROTONOSUPPORT (ZMQ_HAUSNUMERO + 2)
#endif
#ifndef ENOBUFS
#define ENOBUFS (ZMQ_HAUSNUMERO + 3)
#endif
#ifndef ENETDOWN
#define ENETDOWN (ZMQ_HAUSNUMERO + 4)
#endif
#ifndef EADDRINUSE
#define EADDRINUSE (ZMQ_HAUSNUMERO + 5)
#endif
#ifndef EADDRNOTAVAIL
#define EADDRNOTAVAIL (ZMQ_HAUSNUMERO + 6)
#endif
#ifndef ECONNREFUSED
#define ECONNREFUSED (ZMQ_HAUSNUMERO + 7)
#endif
#ifndef EINPROGRESS
#define EINPROGRESS (ZMQ_HAUSNUMERO + 8)
#endif
#ifndef ENOTSOCK
#define ENOTSOCK (ZMQ_HAUSNUMERO + 9)
#endif
#ifndef EMSGSIZE
#define EMSGSIZE (ZMQ_HAUSNUMERO + 10)
#endif
#ifndef EAFNOSUPPORT
#define EAFNOSUPPORT (ZMQ_HAUSNUMERO + 11)
#endif
#ifndef ENETUNREACH
#define ENETUNREACH (ZMQ_HAUSNUMERO + 12)
#endif
#ifndef ECONNABORTED
#define ECONNABORTED (ZMQ_HAUSNUMERO + 13)
#endif
#ifndef ECONNRESET
#define ECONNRESET (ZMQ_HAUSNUMERO + 14)
#endif
#ifndef ENOTCONN
#define ENOTCONN (ZMQ_HAUSNUMERO + 15)
#endif
#ifndef ETIMEDOUT
#define ETIMEDOUT (ZMQ_HAUSNUMERO + 16)
#endif
#ifndef EHOSTUNREACH
#define EHOSTUNREACH (ZMQ_HAUSNUMERO + 17)
#endif
#ifndef ENETRESET
#define ENETRESET (ZMQ_HAUSNUMERO + 18)
#endif

#ifdef ZMQ_BUILD_DRAFT_API
/* Names for zmq_msg_gets(). */
#define ZMQ_MSG_PROPERTY_ROUTING_ID "Routing-Id"
#define ZMQ_MSG_PROPERTY_SOCKET_TYPE "Socket-Type"
#define ZMQ_MSG_PROPERTY_USER_ID "User-Id"
#define ZMQ_MSG_PROPERTY_PEER_ADDRESS "Peer-Address"
#endif

/* What stands before each function. The C++ linkage of all else is spelt out so that this file can be included inside
   of extern "C", as old programs do. */
#ifdef __cplusplus
#define ZMQRS_LINKAGE extern "C"
#else
#define ZMQRS_LINKAGE
#endif
#ifdef __GNUC__
#define ZMQ_EXPORT ZMQRS_LINKAGE __attribute__ ((visibility ("default")))
#else
#define ZMQ_EXPORT ZMQRS_LINKAGE
#endif

/* Gives a function another name in the library. */
#ifdef __GNUC__
#define ZMQRS_STRING(text) #text
#define ZMQRS_STRING_OF(macro) ZMQRS_STRING (macro)
#define ZMQRS_NAMED(name) __asm__(ZMQRS_STRING_OF (__USER_LABEL_PREFIX__) name)
#else
#define ZMQRS_NAMED(name)
#endif

/* zmq_msg_t, the one type that needs it, is aligned as a pointer. */
#ifdef __GNUC__
#define ZMQRS_ALIGNED(bytes) __attribute__ ((aligned (sizeof (void *))))
#else
#define ZMQRS_ALIGNED(bytes)
#endif

#ifdef __cplusplus
extern "C++" {
struct zmq_msg_t;
ZMQ_EXPORT int zmqrs_send21 (void *socket, zmq_msg_t *msg, int flags);
ZMQ_EXPORT int zmqrs_recv21 (void *socket, zmq_msg_t *msg, int flags);
extern "C" {
#endif

/* Frees the memory of a message: gets the data and hint of zmq_msg_init_data(). */
typedef void (zmq_free_fn) (void *data, void *hint);

/* Called by zmq_timers_execute() with the timer's number and the argument of zmq_timers_add(). */
typedef void (zmq_timer_fn) (int timer_id, void *arg);

/* Run by zmq_threadstart(). */
typedef void (zmq_thread_fn) (void *arg);

#ifdef __cplusplus
}
#endif

struct iovec;


/* Where the library's own error codes begin: far above any errno of an operating system. */
#define ZMQ_HAUSNUMERO 156384712
/* The operation is not allowed in the socket's present state, such as two sends in a row on ZMQ_REQ. */
#define EFSM (ZMQ_HAUSNUMERO + 51)
/* The transport does not serve this type of socket. */
#define ENOCOMPATPROTO (ZMQ_HAUSNUMERO + 52)
/* The context was shut down or terminated. */
#define ETERM (ZMQ_HAUSNUMERO + 53)
/* The context has no I/O thread that could do it. */
#define EMTHREAD (ZMQ_HAUSNUMERO + 54)
/* Context option: number of I/O threads. */
#define ZMQ_IO_THREADS 1
/* Context option: how many sockets may be open at a time. */
#define ZMQ_MAX_SOCKETS 2
/* Context option, read only: the largest value that ZMQ_MAX_SOCKETS can take. */
#define ZMQ_SOCKET_LIMIT 3
/* Context option, write only: scheduling priority of the I/O threads. */
#define ZMQ_THREAD_PRIORITY 3
/* Context option: scheduling policy of the I/O threads. */
#define ZMQ_THREAD_SCHED_POLICY 4
/* Context option: the largest message, in bytes. */
#define ZMQ_MAX_MSGSZ 5
/* Context option, read only: size of zmq_msg_t in bytes. */
#define ZMQ_MSG_T_SIZE 6
/* Context option, write only: adds a processor to those that the I/O threads run on. */
#define ZMQ_THREAD_AFFINITY_CPU_ADD 7
/* Context option, write only: takes a processor away again. */
#define ZMQ_THREAD_AFFINITY_CPU_REMOVE 8
/* Context option: prefix of the names of the background threads. */
#define ZMQ_THREAD_NAME_PREFIX 9
/* I/O threads of a new context. */
#define ZMQ_IO_THREADS_DFLT 1
/* Sockets that a new context allows. */
#define ZMQ_MAX_SOCKETS_DFLT 1023
/* Priority of the I/O threads of a new context: the system's. */
#define ZMQ_THREAD_PRIORITY_DFLT -1
/* Scheduling policy of the I/O threads of a new context: the system's. */
#define ZMQ_THREAD_SCHED_POLICY_DFLT -1
/* Socket type: one peer, both directions. */
#define ZMQ_PAIR 0
/* Socket type: publishes to all subscribers. */
#define ZMQ_PUB 1
/* Socket type: receives what it subscribed to. */
#define ZMQ_SUB 2
/* Socket type: sends a request, waits for its reply. */
#define ZMQ_REQ 3
/* Socket type: receives a request, sends its reply. */
#define ZMQ_REP 4
/* Socket type: ZMQ_REQ without the turns; spreads over all peers. */
#define ZMQ_DEALER 5
/* Socket type: ZMQ_REP without the turns; addresses peers by routing id. */
#define ZMQ_ROUTER 6
/* Socket type: receiving end of a pipeline. */
#define ZMQ_PULL 7
/* Socket type: sending end of a pipeline. */
#define ZMQ_PUSH 8
/* Socket type: ZMQ_PUB that shows the subscriptions as messages. */
#define ZMQ_XPUB 9
/* Socket type: ZMQ_SUB that subscribes by sending messages. */
#define ZMQ_XSUB 10
/* Socket type: plain TCP peers that do not speak ZMTP. */
#define ZMQ_STREAM 11
/* Message property: more frames of the message follow. */
#define ZMQ_MORE 1
/* Message property: the content is shared with a copy, or was. */
#define ZMQ_SHARED 3
/* Flag of a send or receive: fail with EAGAIN rather than wait. */
#define ZMQ_DONTWAIT 1
/* Flag of a send: more frames of this message follow. */
#define ZMQ_SNDMORE 2
/* Security mechanism: none. */
#define ZMQ_NULL 0
/* Security mechanism: user name and password in the clear. */
#define ZMQ_PLAIN 1
/* Security mechanism: Curve25519 encryption and authentication. */
#define ZMQ_CURVE 2
/* Security mechanism: GSSAPI. */
#define ZMQ_GSSAPI 3
/* Longest name of a RADIO-DISH group, in bytes. */
#define ZMQ_GROUP_MAX_LENGTH 255
/* Poll event: a message can be received, or a descriptor read. */
#define ZMQ_POLLIN 1
/* Poll event: a message can be sent, or a descriptor written. */
#define ZMQ_POLLOUT 2
/* Poll event, descriptors only: an error or a hang-up. */
#define ZMQ_POLLERR 4
/* Poll event, descriptors only: urgent data. */
#define ZMQ_POLLPRI 8
/* A number of items that is worth a place on the stack; a hint for callers, no limit. */
#define ZMQ_POLLITEMS_DFLT 16
/* zmq_has() exists. */
#define ZMQ_HAS_CAPABILITIES 1
/* A connection was made; the value is its descriptor. */
#define ZMQ_EVENT_CONNECTED 1
/* A connection is being made; the value is an errno. */
#define ZMQ_EVENT_CONNECT_DELAYED 2
/* A connect will be tried again; the value is the pause in milliseconds. */
#define ZMQ_EVENT_CONNECT_RETRIED 4
/* The socket listens; the value is the listening descriptor. */
#define ZMQ_EVENT_LISTENING 8
/* A bind failed; the value is an errno. */
#define ZMQ_EVENT_BIND_FAILED 16
/* A connection was accepted; the value is its descriptor. */
#define ZMQ_EVENT_ACCEPTED 32
/* A connection was not accepted; the value is an errno. */
#define ZMQ_EVENT_ACCEPT_FAILED 64
/* A connecting or listening descriptor, the value, was closed. */
#define ZMQ_EVENT_CLOSED 128
/* A descriptor could not be closed; the value is an errno. */
#define ZMQ_EVENT_CLOSE_FAILED 256
/* A connection, whose descriptor is the value, ended. */
#define ZMQ_EVENT_DISCONNECTED 512
/* The last event of a monitor; no value. */
#define ZMQ_EVENT_MONITOR_STOPPED 1024
/* All events of version 1. */
#define ZMQ_EVENT_ALL 65535
/* A handshake failed for a reason that has no event of its own; the value is an errno. */
#define ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL 2048
/* A handshake is done, and the peer may exchange messages; no value. */
#define ZMQ_EVENT_HANDSHAKE_SUCCEEDED 4096
/* The peer or the ZAP handler broke the protocol; the value is one of ZMQ_PROTOCOL_ERROR_*. */
#define ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL 8192
/* The peer was turned away; the value is the status of ZAP: 300, 400 or 500. */
#define ZMQ_EVENT_HANDSHAKE_FAILED_AUTH 16384
/* ZMTP: no closer reason. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED 268435456
/* ZMTP: a command that does not belong here. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND 268435457
/* ZMTP: a nonce that is not larger than the one before. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE 268435458
/* ZMTP: the exchange of keys failed. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE 268435459
/* ZMTP: a malformed command. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED 268435473
/* ZMTP: a malformed MESSAGE. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE 268435474
/* ZMTP: a malformed HELLO. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO 268435475
/* ZMTP: a malformed INITIATE. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE 268435476
/* ZMTP: a malformed ERROR. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR 268435477
/* ZMTP: a malformed READY. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY 268435478
/* ZMTP: a malformed WELCOME. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME 268435479
/* ZMTP: malformed metadata. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA 268435480
/* ZMTP: a box that does not open. The peers' keys may not fit. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC 285212673
/* ZMTP: the peers are set up for different mechanisms. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH 285212674
/* ZAP: no closer reason. */
#define ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED 536870912
/* ZAP: a reply with a wrong number of frames. */
#define ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY 536870913
/* ZAP: a reply to another request. */
#define ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID 536870914
/* ZAP: a version other than 1.0. */
#define ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION 536870915
/* ZAP: a status that is none of 200, 300, 400 and 500. */
#define ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE 536870916
/* ZAP: malformed metadata. */
#define ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA 536870917
/* WebSocket: no closer reason. */
#define ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED 805306368
/* uint64_t: the I/O threads that may serve new connections, one bit each; 0 is all. */
#define ZMQ_AFFINITY 4
/* Bytes: the name by which a ZMQ_ROUTER peer addresses this socket, 1 to 255 bytes. */
#define ZMQ_ROUTING_ID 5
/* Bytes, write only: adds a prefix to what a ZMQ_SUB receives. */
#define ZMQ_SUBSCRIBE 6
/* Bytes, write only: takes one subscription back. */
#define ZMQ_UNSUBSCRIBE 7
/* int: rate of multicast, in kilobits a second. */
#define ZMQ_RATE 8
/* int: how long a multicast receiver can be away and still recover, in milliseconds. */
#define ZMQ_RECOVERY_IVL 9
/* int: the kernel's send buffer, in bytes; -1 is the system's own. */
#define ZMQ_SNDBUF 11
/* int: the kernel's receive buffer, in bytes; -1 is the system's own. */
#define ZMQ_RCVBUF 12
/* int, read only: 1 when the frame received last is followed by another one. */
#define ZMQ_RCVMORE 13
/* zmq_fd_t, read only: becomes readable when ZMQ_EVENTS may have changed. */
#define ZMQ_FD 14
/* int, read only: ZMQ_POLLIN and ZMQ_POLLOUT as they are now. */
#define ZMQ_EVENTS 15
/* int, read only: the type of the socket. */
#define ZMQ_TYPE 16
/* int: how long unsent messages are kept after zmq_close(), in milliseconds; -1 is for ever. */
#define ZMQ_LINGER 17
/* int: pause before a connection is made again, in milliseconds; -1 is never. */
#define ZMQ_RECONNECT_IVL 18
/* int: connections that wait to be accepted. */
#define ZMQ_BACKLOG 19
/* int: upper end of the growing pause between reconnects, in milliseconds; 0 is no growth. */
#define ZMQ_RECONNECT_IVL_MAX 21
/* int64_t: the largest frame that a peer may send, in bytes; -1 is no limit. */
#define ZMQ_MAXMSGSIZE 22
/* int: messages queued for sending, a peer; 0 is no limit. */
#define ZMQ_SNDHWM 23
/* int: messages queued after reception, a peer; 0 is no limit. */
#define ZMQ_RCVHWM 24
/* int: how many networks a multicast message crosses. */
#define ZMQ_MULTICAST_HOPS 25
/* int: how long a receive waits, in milliseconds; -1 is for ever. */
#define ZMQ_RCVTIMEO 27
/* int: how long a send waits, in milliseconds; -1 is for ever. */
#define ZMQ_SNDTIMEO 28
/* String, read only: the endpoint bound or connected last, with its real port. */
#define ZMQ_LAST_ENDPOINT 32
/* int, write only: 1 makes a ZMQ_ROUTER fail with EHOSTUNREACH rather than drop. */
#define ZMQ_ROUTER_MANDATORY 33
/* int: 1 and 0 turn TCP keep-alive on and off; -1 is the system's own. */
#define ZMQ_TCP_KEEPALIVE 34
/* int: keep-alive probes without an answer before the connection is given up. */
#define ZMQ_TCP_KEEPALIVE_CNT 35
/* int: seconds of silence before the first keep-alive probe. */
#define ZMQ_TCP_KEEPALIVE_IDLE 36
/* int: seconds between keep-alive probes. */
#define ZMQ_TCP_KEEPALIVE_INTVL 37
/* int: 1 queues messages for connected peers only. */
#define ZMQ_IMMEDIATE 39
/* int, write only: 1 makes a ZMQ_XPUB show repeated subscriptions too. */
#define ZMQ_XPUB_VERBOSE 40
/* int, write only: 1 makes a ZMQ_ROUTER speak plain TCP; use ZMQ_STREAM instead. */
#define ZMQ_ROUTER_RAW 41
/* int: 1 allows IPv6 beside IPv4. Also a context option, for sockets created afterwards. */
#define ZMQ_IPV6 42
/* int, read only: the security mechanism in use. */
#define ZMQ_MECHANISM 43
/* int: 1 makes this side check the names and passwords of PLAIN. */
#define ZMQ_PLAIN_SERVER 44
/* String: the user name for PLAIN. */
#define ZMQ_PLAIN_USERNAME 45
/* String: the password for PLAIN. */
#define ZMQ_PLAIN_PASSWORD 46
/* int: 1 makes this side the server of CURVE. */
#define ZMQ_CURVE_SERVER 47
/* 32 bytes, or 40 characters of Z85: this side's public key. */
#define ZMQ_CURVE_PUBLICKEY 48
/* 32 bytes, or 40 characters of Z85: this side's secret key. */
#define ZMQ_CURVE_SECRETKEY 49
/* 32 bytes, or 40 characters of Z85: the public key of the server. */
#define ZMQ_CURVE_SERVERKEY 50
/* int, write only: 1 sends an empty message to each new ZMQ_ROUTER peer. */
#define ZMQ_PROBE_ROUTER 51
/* int, write only: 1 gives each request of a ZMQ_REQ a number that its reply must carry. */
#define ZMQ_REQ_CORRELATE 52
/* int, write only: 1 lets a ZMQ_REQ send again without having received. */
#define ZMQ_REQ_RELAXED 53
/* int: 1 keeps the newest message only. */
#define ZMQ_CONFLATE 54
/* String: domain under which the ZAP handler is asked. */
#define ZMQ_ZAP_DOMAIN 55
/* int, write only: 1 lets a new peer take the routing id of an old one. */
#define ZMQ_ROUTER_HANDOVER 56
/* int: the type-of-service byte of IP packets. */
#define ZMQ_TOS 57
/* Bytes, write only: routing id of the peer that is connected next. */
#define ZMQ_CONNECT_ROUTING_ID 61
/* int: 1 makes this side the server of GSSAPI. */
#define ZMQ_GSSAPI_SERVER 62
/* String: this side's principal of GSSAPI. */
#define ZMQ_GSSAPI_PRINCIPAL 63
/* String: the server's principal of GSSAPI. */
#define ZMQ_GSSAPI_SERVICE_PRINCIPAL 64
/* int: 1 leaves out the encryption of GSSAPI. */
#define ZMQ_GSSAPI_PLAINTEXT 65
/* int: how long a handshake may take, in milliseconds; 0 is for ever. */
#define ZMQ_HANDSHAKE_IVL 66
/* String: the SOCKS5 proxy to connect through, as host:port. */
#define ZMQ_SOCKS_PROXY 68
/* int, write only: 1 makes a ZMQ_XPUB fail with EAGAIN at the high-water mark rather than drop. */
#define ZMQ_XPUB_NODROP 69
/* Context option: 0 lets zmq_ctx_term() end without waiting for unsent messages. */
#define ZMQ_BLOCKY 70
/* int, write only: 1 leaves it to the caller which subscriptions of a ZMQ_XPUB take effect. */
#define ZMQ_XPUB_MANUAL 71
/* Bytes, write only: sent to each new subscriber of a ZMQ_XPUB. */
#define ZMQ_XPUB_WELCOME_MSG 72
/* int, write only: 0 leaves out the empty messages by which a ZMQ_STREAM tells of connects and disconnects. */
#define ZMQ_STREAM_NOTIFY 73
/* int: 1 sends what does not match a subscription; on both ends. */
#define ZMQ_INVERT_MATCHING 74
/* int: milliseconds between heartbeats; 0 is none. */
#define ZMQ_HEARTBEAT_IVL 75
/* int: after how many milliseconds of silence the peer is to give this side up. */
#define ZMQ_HEARTBEAT_TTL 76
/* int: how long the answer to a heartbeat may take, in milliseconds. */
#define ZMQ_HEARTBEAT_TIMEOUT 77
/* int, write only: as ZMQ_XPUB_VERBOSE, and repeated cancellations too. */
#define ZMQ_XPUB_VERBOSER 78
/* int: how long a connect may take, in milliseconds; 0 is the system's own limit. */
#define ZMQ_CONNECT_TIMEOUT 79
/* int: how long TCP retransmits before it gives up, in milliseconds; 0 is the system's own. */
#define ZMQ_TCP_MAXRT 80
/* int, read only: 1 for the types of socket that several threads may use at once. */
#define ZMQ_THREAD_SAFE 81
/* int: largest packet of multicast, in bytes. */
#define ZMQ_MULTICAST_MAXTPDU 84
/* uint64_t: buffer of a VMCI connection, in bytes. */
#define ZMQ_VMCI_BUFFER_SIZE 85
/* uint64_t: least buffer of a VMCI connection, in bytes. */
#define ZMQ_VMCI_BUFFER_MIN_SIZE 86
/* uint64_t: largest buffer of a VMCI connection, in bytes. */
#define ZMQ_VMCI_BUFFER_MAX_SIZE 87
/* int: how long a VMCI connect may take, in milliseconds. */
#define ZMQ_VMCI_CONNECT_TIMEOUT 88
/* int: a descriptor, already bound and listening, to use instead of a new one. */
#define ZMQ_USE_FD 89
/* int: kind of name in ZMQ_GSSAPI_PRINCIPAL. */
#define ZMQ_GSSAPI_PRINCIPAL_NAMETYPE 90
/* int: kind of name in ZMQ_GSSAPI_SERVICE_PRINCIPAL. */
#define ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE 91
/* String: the network interface that connections are tied to. */
#define ZMQ_BINDTODEVICE 92
/* String, write only: an address, with or without /bits, that may connect. Deprecated: use ZAP. */
#define ZMQ_TCP_ACCEPT_FILTER 38
/* pid_t, write only: a process that may connect over ipc. Deprecated: use ZAP. */
#define ZMQ_IPC_FILTER_PID 58
/* uid_t, write only: a user who may connect over ipc. Deprecated: use ZAP. */
#define ZMQ_IPC_FILTER_UID 59
/* gid_t, write only: a group that may connect over ipc. Deprecated: use ZAP. */
#define ZMQ_IPC_FILTER_GID 60
/* int: the opposite of ZMQ_IPV6, which replaces it. */
#define ZMQ_IPV4ONLY 31
/* Older name of ZMQ_CONNECT_ROUTING_ID. */
#define ZMQ_CONNECT_RID ZMQ_CONNECT_ROUTING_ID
/* Older name of ZMQ_IMMEDIATE. */
#define ZMQ_DELAY_ATTACH_ON_CONNECT ZMQ_IMMEDIATE
/* Older name of ZMQ_ROUTER_MANDATORY. */
#define ZMQ_FAIL_UNROUTABLE ZMQ_ROUTER_MANDATORY
/* Older name of ZMQ_ROUTER_MANDATORY. */
#define ZMQ_ROUTER_BEHAVIOR ZMQ_ROUTER_MANDATORY
/* Message property, deprecated: descriptor of the connection that the message came by. */
#define ZMQ_SRCFD 2
/* Kind of GSSAPI name: a service on a host. */
#define ZMQ_GSSAPI_NT_HOSTBASED 0
/* Kind of GSSAPI name: a local user. */
#define ZMQ_GSSAPI_NT_USER_NAME 1
/* Kind of GSSAPI name: a principal of Kerberos 5. */
#define ZMQ_GSSAPI_NT_KRB5_PRINCIPAL 2
/* Name of ZMQ_DEALER in 2.x. */
#define ZMQ_XREQ ZMQ_DEALER
/* Name of ZMQ_ROUTER in 2.x. */
#define ZMQ_XREP ZMQ_ROUTER
/* Name of ZMQ_PULL in 2.0. */
#define ZMQ_UPSTREAM ZMQ_PULL
/* Name of ZMQ_PUSH in 2.0. */
#define ZMQ_DOWNSTREAM ZMQ_PUSH
/* Name of ZMQ_ROUTING_ID before 4.2. */
#define ZMQ_IDENTITY ZMQ_ROUTING_ID
/* Name of ZMQ_DONTWAIT in 2.x. */
#define ZMQ_NOBLOCK ZMQ_DONTWAIT
/* Socket option of 2.x, uint64_t or int: sets ZMQ_SNDHWM and ZMQ_RCVHWM. */
#define ZMQ_HWM 1
/* Socket option of 2.x, int64_t: bytes of disk for messages past the high-water mark. Taken, and without effect. */
#define ZMQ_SWAP 3
/* Socket option of 2.x, int64_t: whether multicast comes back to its sender. Taken, and without effect. */
#define ZMQ_MCAST_LOOP 10
/* Socket option of 2.x, int64_t: ZMQ_RECOVERY_IVL in milliseconds, where that of 2.x is in seconds. */
#define ZMQ_RECOVERY_IVL_MSEC 20
/* Units of zmq_poll()'s time-out in a millisecond. */
#define ZMQ_POLL_MSEC 1
/* Largest message that 2.x kept inside zmq_msg_t, in bytes. For programs that size by it; no limit here. */
#define ZMQ_MAX_VSM_SIZE 30
/* Kind of content in 2.x: the mark between envelope and body. */
#define ZMQ_DELIMITER 31
/* Kind of content in 2.x: a message that is kept inside zmq_msg_t. */
#define ZMQ_VSM 32
/* Message flag of 2.x: more frames follow. zmq_msg_more() tells. */
#define ZMQ_MSG_MORE 1
/* Message flag of 2.x: the content is shared. zmq_msg_get() tells, by ZMQ_SHARED. */
#define ZMQ_MSG_SHARED 128
/* The message flags of 2.x together. */
#define ZMQ_MSG_MASK 129
/* Type of device for zmq_device(): a pipeline's middle. */
#define ZMQ_STREAMER 1
/* Type of device for zmq_device(): between publishers and subscribers. */
#define ZMQ_FORWARDER 2
/* Type of device for zmq_device(): between requests and replies. */
#define ZMQ_QUEUE 3

#if defined(ZMQ_BUILD_DRAFT_API)
/* Socket type: many clients, addressed by a number; thread-safe. */
#define ZMQ_SERVER 12
/* Socket type: talks to a ZMQ_SERVER; thread-safe. */
#define ZMQ_CLIENT 13
/* Socket type: publishes to groups; thread-safe. */
#define ZMQ_RADIO 14
/* Socket type: joins groups; thread-safe. */
#define ZMQ_DISH 15
/* Socket type: thread-safe ZMQ_PULL. */
#define ZMQ_GATHER 16
/* Socket type: thread-safe ZMQ_PUSH. */
#define ZMQ_SCATTER 17
/* Socket type: UDP datagrams. */
#define ZMQ_DGRAM 18
/* Socket type: peers among equals, addressed by a number; thread-safe. */
#define ZMQ_PEER 19
/* Socket type: thread-safe ZMQ_PAIR. */
#define ZMQ_CHANNEL 20
/* int: 1 asks the ZAP handler only when ZMQ_ZAP_DOMAIN is set, and insists on it. */
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
/* int: 1 uses the fast path for loopback of Windows. */
#define ZMQ_LOOPBACK_FASTPATH 94
/* String, write only: X-name:value, sent to each peer in the handshake. */
#define ZMQ_METADATA 95
/* int: 0 keeps udp multicast from coming back to its sender. */
#define ZMQ_MULTICAST_LOOP 96
/* int: tells a ZMQ_ROUTER of peers that come and go: ZMQ_NOTIFY_CONNECT, ZMQ_NOTIFY_DISCONNECT. */
#define ZMQ_ROUTER_NOTIFY 97
/* int, write only: ZMQ_XPUB_MANUAL, and the next message goes to the newest subscriber alone. */
#define ZMQ_XPUB_MANUAL_LAST_VALUE 98
/* String: user name for the SOCKS5 proxy. */
#define ZMQ_SOCKS_USERNAME 99
/* String: password for the SOCKS5 proxy. */
#define ZMQ_SOCKS_PASSWORD 100
/* int: bytes that are read from a connection at a time. */
#define ZMQ_IN_BATCH_SIZE 101
/* int: bytes that are written to a connection at a time. */
#define ZMQ_OUT_BATCH_SIZE 102
/* String, write only: private key of a wss server, in PEM. */
#define ZMQ_WSS_KEY_PEM 103
/* String, write only: certificate of a wss server, in PEM. */
#define ZMQ_WSS_CERT_PEM 104
/* String, write only: certificates that a wss client trusts, in PEM. */
#define ZMQ_WSS_TRUST_PEM 105
/* String, write only: name that a wss server's certificate must show. */
#define ZMQ_WSS_HOSTNAME 106
/* int, write only: 1 makes a wss client trust the system's certificates. */
#define ZMQ_WSS_TRUST_SYSTEM 107
/* int, write only: 1 takes only the first frame of a message for a subscription. */
#define ZMQ_ONLY_FIRST_SUBSCRIBE 108
/* int: when to give up reconnecting: a mask of ZMQ_RECONNECT_STOP_*. */
#define ZMQ_RECONNECT_STOP 109
/* Bytes, write only: sent to each new peer. */
#define ZMQ_HELLO_MSG 110
/* Bytes, write only: received when a peer goes. */
#define ZMQ_DISCONNECT_MSG 111
/* int: priority of the packets, as SO_PRIORITY has it. */
#define ZMQ_PRIORITY 112
/* int, write only: microseconds that the kernel polls the device, as SO_BUSY_POLL has it. */
#define ZMQ_BUSY_POLL 113
/* Bytes, write only: received when a connection was lost and made again. */
#define ZMQ_HICCUP_MSG 114
/* int, write only: 1 makes a ZMQ_XSUB pass on each cancellation. */
#define ZMQ_XSUB_VERBOSE_UNSUBSCRIBE 115
/* int, read only: number of subscriptions. */
#define ZMQ_TOPICS_COUNT 116
/* int: congestion control of NORM. */
#define ZMQ_NORM_MODE 117
/* int: 1 makes NORM receivers answer by unicast. */
#define ZMQ_NORM_UNICAST_NACK 118
/* int: buffer of NORM, in kilobytes. */
#define ZMQ_NORM_BUFFER_SIZE 119
/* int: payload of a NORM packet, in bytes. */
#define ZMQ_NORM_SEGMENT_SIZE 120
/* int: packets in a block of NORM's error correction. */
#define ZMQ_NORM_BLOCK_SIZE 121
/* int: parity packets that NORM can compute for a block. */
#define ZMQ_NORM_NUM_PARITY 122
/* int: parity packets that NORM sends unasked. */
#define ZMQ_NORM_NUM_AUTOPARITY 123
/* int: 1 makes NORM push data to receivers that came late. */
#define ZMQ_NORM_PUSH 124
/* ZMQ_RECONNECT_STOP: when the connection is refused. */
#define ZMQ_RECONNECT_STOP_CONN_REFUSED 1
/* ZMQ_RECONNECT_STOP: when the handshake fails. */
#define ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED 2
/* ZMQ_RECONNECT_STOP: after zmq_disconnect(). */
#define ZMQ_RECONNECT_STOP_AFTER_DISCONNECT 4
/* ZMQ_NORM_MODE: a fixed rate. */
#define ZMQ_NORM_FIXED 0
/* ZMQ_NORM_MODE: congestion control. */
#define ZMQ_NORM_CC 1
/* ZMQ_NORM_MODE: congestion control that reacts to loss. */
#define ZMQ_NORM_CCL 2
/* ZMQ_NORM_MODE: congestion control that reacts to explicit notification. */
#define ZMQ_NORM_CCE 3
/* ZMQ_NORM_MODE: congestion control that reacts to explicit notification alone. */
#define ZMQ_NORM_CCE_ECNONLY 4
/* Context option: 0 copies received messages out of the read buffer. */
#define ZMQ_ZERO_COPY_RECV 10
/* ZMQ_ROUTER_NOTIFY: an empty message when a peer connects. */
#define ZMQ_NOTIFY_CONNECT 1
/* ZMQ_ROUTER_NOTIFY: an empty message when a peer goes. */
#define ZMQ_NOTIFY_DISCONNECT 2
/* Lengths of a connection's two queues, in messages: outbound, inbound. Version 2. */
#define ZMQ_EVENT_PIPES_STATS 65536
/* Newest stable version of the monitor's events. */
#define ZMQ_CURRENT_EVENT_VERSION 1
/* Newest version of the monitor's events. */
#define ZMQ_CURRENT_EVENT_VERSION_DRAFT 2
/* All events of version 1. */
#define ZMQ_EVENT_ALL_V1 ZMQ_EVENT_ALL
/* All events of version 2. */
#define ZMQ_EVENT_ALL_V2 (ZMQ_EVENT_ALL_V1 | ZMQ_EVENT_PIPES_STATS)
#endif

/* A message, or a frame of one: opaque, and to be initialised by one of zmq_msg_init(), zmq_msg_init_size(),
   zmq_msg_init_data() and zmq_msg_init_buffer() before any other use. May be moved in memory by zmq_msg_move() only. */
typedef struct ZMQRS_ALIGNED(8) zmq_msg_t {
    unsigned char _[64];
#ifdef __cplusplus
    /* The calls of 2.1. As friends they are found only by a zmq_msg_t among the arguments. */
    friend inline int zmq_send (void *socket, zmq_msg_t *msg, int flags)
    {
        return zmqrs_send21 (socket, msg, flags);
    }
    friend inline int zmq_recv (void *socket, zmq_msg_t *msg, int flags)
    {
        return zmqrs_recv21 (socket, msg, flags);
    }
#endif
} zmq_msg_t;

/* A descriptor of the operating system. */
typedef int zmq_fd_t;

/* What zmq_poll() waits for: a socket or, where socket is NULL, a descriptor. */
typedef struct zmq_pollitem_t {
    /* The socket, or NULL. */
    void *socket;
    /* The descriptor; of no meaning beside a socket. */
    zmq_fd_t fd;
    /* The events asked for: a mask of ZMQ_POLLIN, ZMQ_POLLOUT, ZMQ_POLLERR, ZMQ_POLLPRI. */
    short events;
    /* Written by zmq_poll(): the events that are there. */
    short revents;
} zmq_pollitem_t;

#if defined(ZMQ_BUILD_DRAFT_API)
/* What zmq_poller_wait() tells of a socket or a descriptor that is ready. */
typedef struct zmq_poller_event_t {
    /* The socket, or NULL for a descriptor. */
    void *socket;
    /* The descriptor, or -1 for a socket. */
    zmq_fd_t fd;
    /* What was given to zmq_poller_add() or zmq_poller_add_fd(). */
    void *user_data;
    /* The events that are there. */
    short events;
} zmq_poller_event_t;
#endif

/* The error number that the last failed call on this thread left behind; the same as errno.

   A call that succeeds leaves it alone. */
ZMQ_EXPORT int zmq_errno(void);

/* Says in words what an error number means, of this library's own or of the system's.

   Never NULL. The text is not to be freed, and stays as it is until the next call on this thread. */
ZMQ_EXPORT const char *zmq_strerror(int errnum);

/* Tells the version of libzmq whose API and behaviour this library has: 4, 3, 5.

   Each of the three is written where its pointer is not NULL. */
ZMQ_EXPORT void zmq_version(int *major, int *minor, int *patch);

/* Tells the version of zmqrs itself.

   Each of the three is written where its pointer is not NULL. */
ZMQ_EXPORT void zmqrs_version(int *major, int *minor, int *patch);

/* Whether the library has a capability: "ipc", "pgm", "tipc", "norm", "curve", "gssapi", "vmci", "vsock", "WS", "WSS"
   or "draft". The names are case-sensitive.

   Returns 1 if it has, 0 if not, and for a name that it does not know. */
ZMQ_EXPORT
int zmq_has(const char *capability);

/* Makes a context: what sockets live in, and what inproc endpoints are known to.

   It starts no thread yet; the first endpoint of a socket that needs one does. Returns NULL on error. Errors: EMFILE. */
ZMQ_EXPORT
void *zmq_ctx_new(void);

/* Ends a context: wakes blocked calls with ETERM, waits until each socket is closed and its messages are sent or
   given up as ZMQ_LINGER says, and frees the context.

   Returns 0, or -1. Errors: EFAULT (not a context), EINTR (a signal came; call again to go on waiting). */
ZMQ_EXPORT
int zmq_ctx_term(void *context);

/* Makes blocked and later calls on the context's sockets fail with ETERM, except zmq_close(), and returns at once.

   The context still wants zmq_ctx_term(). Returns 0, or -1. Errors: EFAULT (not a context). */
ZMQ_EXPORT
int zmq_ctx_shutdown(void *context);

/* Sets an option of a context, best before its first socket.

   Returns 0, or -1. Errors: EINVAL (no such option, or not such a value), EFAULT (not a context). */
ZMQ_EXPORT int zmq_ctx_set(void *context, int option, int value);

/* The value of an option of a context.

   Returns it, or -1. Errors: EINVAL (no such option), EFAULT (not a context). */
ZMQ_EXPORT int zmq_ctx_get(void *context, int option);

/* Makes a context with `io_threads` I/O threads, 0 or more; with none, only inproc works.

   Returns NULL on error. Errors: EINVAL (less than 0).

   A program compiled with this header gets a context as 2.1 made it, whose sockets have no high-water mark until they
   set one: programs that call zmq_init() were written for that. The symbol zmq_init, which programs compiled with
   another header call, sets the marks of zmq_ctx_new(). */
ZMQ_EXPORT
void *zmq_init(int io_threads)
ZMQRS_NAMED("zmqrs_init21");

/* What zmq_init() is in a program compiled with this header. */
ZMQ_EXPORT void *zmqrs_init21(int io_threads);

/* The name of zmq_ctx_term() in 2.x. */
ZMQ_EXPORT int zmq_term(void *context);

/* The name of zmq_ctx_term() in 3.x. */
ZMQ_EXPORT int zmq_ctx_destroy(void *context);

#if defined(ZMQ_BUILD_DRAFT_API)
/* Sets an option of a context whose value need not be an int: `size` bytes at `value`.

   Options that are an int want a size of 4; ZMQ_THREAD_NAME_PREFIX also takes a string of 1 to 16 bytes.
   Returns 0, or -1. Errors: EINVAL (no such option, size or value), EFAULT (not a context, or `value` is NULL). */
ZMQ_EXPORT int zmq_ctx_set_ext(void *context, int option, const void *value, size_t size);

/* Reads an option of a context whose value need not be an int into the `*size` bytes at `value`.

   Options that are an int want a size of 4; a string wants room for its NUL.
   Returns 0, or -1. Errors: EINVAL (no such option or size), EFAULT (not a context, or a pointer is NULL). */
ZMQ_EXPORT int zmq_ctx_get_ext(void *context, int option, void *value, size_t *size);
#endif

/* Makes an empty message. Always returns 0. */
ZMQ_EXPORT int zmq_msg_init(struct zmq_msg_t *msg);

/* Makes a message of `size` bytes, whose content is left as it happens to be.

   Returns 0, or -1. Errors: ENOMEM. */
ZMQ_EXPORT int zmq_msg_init_size(struct zmq_msg_t *msg, size_t size);

/* Makes a message of the `size` bytes at `data`, without a copy.

   When nobody needs them any more, `ffn` is called once with `data` and `hint`, from any thread. Without `ffn` the
   bytes must stay valid for ever. Returns 0, or -1. Errors: ENOMEM. */
ZMQ_EXPORT
int zmq_msg_init_data(struct zmq_msg_t *msg,
                      void *data,
                      size_t size,
                      zmq_free_fn *ffn,
                      void *hint);

/* Sends a message as one frame, and leaves an empty one behind; on failure it stays as it is.

   Flags: ZMQ_DONTWAIT, ZMQ_SNDMORE. Returns the size of the message in bytes, or -1. Errors: those of zmq_send(), and
   EFAULT (not a message). */
ZMQ_EXPORT
int zmq_msg_send(struct zmq_msg_t *msg,
                 void *socket,
                 int flags);

/* Receives one frame into a message, whose earlier content is released.

   Flags: ZMQ_DONTWAIT. Returns the size of the message in bytes, or -1. Errors: those of zmq_recv(), and EFAULT (not
   a message). */
ZMQ_EXPORT
int zmq_msg_recv(struct zmq_msg_t *msg,
                 void *socket,
                 int flags);

/* Releases a message. Not needed after it was sent.

   Returns 0, or -1. Errors: EFAULT (not a message, or closed before). */
ZMQ_EXPORT int zmq_msg_close(struct zmq_msg_t *msg);

/* Moves the content of `src` to `dest`, whose earlier content is released; `src` is empty afterwards.

   Returns 0, or -1. Errors: EFAULT (one of them is not a message). */
ZMQ_EXPORT int zmq_msg_move(struct zmq_msg_t *dest, struct zmq_msg_t *src);

/* Makes `dest` a message of the same content, and releases what it had. Large contents are shared, so that neither
   may be written to any more.

   Returns 0, or -1. Errors: EFAULT (one of them is not a message). */
ZMQ_EXPORT
int zmq_msg_copy(struct zmq_msg_t *dest,
                 struct zmq_msg_t *src);

/* The content of a message; not NULL even when it is empty. */
ZMQ_EXPORT void *zmq_msg_data(struct zmq_msg_t *msg);

/* The size of a message, in bytes. */
ZMQ_EXPORT size_t zmq_msg_size(const struct zmq_msg_t *msg);

/* 1 if the message was received and more frames follow, else 0. */
ZMQ_EXPORT int zmq_msg_more(const struct zmq_msg_t *msg);

/* A property of a message: ZMQ_MORE, ZMQ_SHARED or ZMQ_SRCFD.

   Returns it, or -1. Errors: EINVAL (no such property, or not of this message). */
ZMQ_EXPORT int zmq_msg_get(const struct zmq_msg_t *msg, int property);

/* Sets a property of a message. There is none that can be set.

   Returns -1. Errors: EINVAL. */
ZMQ_EXPORT int zmq_msg_set(struct zmq_msg_t *msg, int property, int value);

/* What is known of the peer that a message came from, by name: "Socket-Type", "Identity", "User-Id", "Peer-Address",
   and what else the peer or the ZAP handler said.

   The text lives as long as the message. Returns NULL if there is no such property. Errors: EINVAL. */
ZMQ_EXPORT
const char *zmq_msg_gets(const struct zmq_msg_t *msg,
                         const char *property);

#if defined(ZMQ_BUILD_DRAFT_API)
/* Addresses a message to one peer of a ZMQ_SERVER or ZMQ_PEER.

   Returns 0, or -1. Errors: EINVAL (0 is nobody), EFAULT (not a message). */
ZMQ_EXPORT int zmq_msg_set_routing_id(struct zmq_msg_t *msg, uint32_t routing_id);

/* The peer that a message of a ZMQ_SERVER or ZMQ_PEER came from; 0 if it has none. */
ZMQ_EXPORT uint32_t zmq_msg_routing_id(struct zmq_msg_t *msg);

/* Addresses a message of a ZMQ_RADIO to a group, of at most ZMQ_GROUP_MAX_LENGTH bytes.

   Returns 0, or -1. Errors: EINVAL (too long), EFAULT (not a message). */
ZMQ_EXPORT int zmq_msg_set_group(struct zmq_msg_t *msg, const char *group);

/* The group of a message; an empty string if it has none. The text lives as long as the message. */
ZMQ_EXPORT const char *zmq_msg_group(struct zmq_msg_t *msg);

/* Makes a message with a copy of the `size` bytes at `data`.

   Returns 0, or -1. Errors: ENOMEM. */
ZMQ_EXPORT int zmq_msg_init_buffer(struct zmq_msg_t *msg, const void *data, size_t size);
#endif

/* Makes a socket of a type, ZMQ_PAIR and so on, in a context.

   Returns NULL on error. Errors: EINVAL (no such type), EFAULT (not a context), EMFILE (ZMQ_MAX_SOCKETS are open, or
   the system has no descriptor left), ETERM. */
ZMQ_EXPORT
void *zmq_socket(void *context,
                 int type_);

/* Closes a socket. Messages that are not sent yet go on being sent in the background, as ZMQ_LINGER says.

   Returns 0 at once, or -1. Errors: ENOTSOCK. */
ZMQ_EXPORT int zmq_close(void *socket);

/* Sets an option of a socket from the `size` bytes at `value`.

   Returns 0, or -1. Errors: EINVAL (no such option, not for this type of socket, or not such a size or value),
   ETERM, ENOTSOCK. */
ZMQ_EXPORT int zmq_setsockopt(void *socket, int option, const void *value, size_t size);

/* Reads an option of a socket into the `*size` bytes at `value`, and sets `*size` to how many were written.

   Returns 0, or -1. Errors: EINVAL (no such option, not such a size, or `size` is NULL), ETERM, ENOTSOCK. */
ZMQ_EXPORT int zmq_getsockopt(void *socket, int option, void *value, size_t *size);

/* Lets peers connect to an endpoint, such as "tcp://127.0.0.1:5555". A socket can be bound to many.

   Returns 0, or -1. Errors: EINVAL (malformed), EPROTONOSUPPORT, ENOCOMPATPROTO, EADDRINUSE, EADDRNOTAVAIL, ENODEV,
   ENAMETOOLONG, EMTHREAD, ETERM, ENOTSOCK, and what the system says of a path. */
ZMQ_EXPORT
int zmq_bind(void *socket,
             const char *endpoint);

/* Connects to an endpoint, in the background; nobody needs to be there yet. A socket can be connected to many.

   Returns 0, or -1. Errors: EINVAL (malformed), EPROTONOSUPPORT, ENOCOMPATPROTO, EMTHREAD, ETERM, ENOTSOCK. */
ZMQ_EXPORT int zmq_connect(void *socket, const char *endpoint);

/* Takes back a zmq_bind(), by the text that ZMQ_LAST_ENDPOINT told.

   Returns 0, or -1. Errors: EINVAL (malformed), EPROTONOSUPPORT, ENOENT (not bound to it), ETERM, ENOTSOCK. */
ZMQ_EXPORT int zmq_unbind(void *socket, const char *endpoint);

/* Takes back each zmq_connect() that was made with this text.

   Returns 0, or -1. Errors: EINVAL (malformed), EPROTONOSUPPORT, ENOENT (not connected to it), ETERM, ENOTSOCK. */
ZMQ_EXPORT int zmq_disconnect(void *socket, const char *endpoint);

#if defined(ZMQ_BUILD_DRAFT_API)
/* Lets a ZMQ_DISH receive what is sent to a group, of at most ZMQ_GROUP_MAX_LENGTH bytes.

   Returns 0, or -1. Errors: ENOTSUP (another type of socket), EINVAL (too long, or joined before), ETERM, ENOTSOCK. */
ZMQ_EXPORT
int zmq_join(void *socket,
             const char *group);

/* Takes back a zmq_join().

   Returns 0, or -1. Errors: ENOTSUP (another type of socket), EINVAL (too long, or not joined), ETERM, ENOTSOCK. */
ZMQ_EXPORT
int zmq_leave(void *socket,
              const char *group);

/* Connects a ZMQ_PEER to an endpoint, and tells the routing id of the peer there, which can be used at once.

   Returns 0 on error. Errors: ENOTSUP (another type of socket), EFAULT (ZMQ_IMMEDIATE is set), and those of
   zmq_connect(). */
ZMQ_EXPORT uint32_t zmq_connect_peer(void *socket, const char *endpoint);

/* Drops the connection to one peer of a ZMQ_SERVER or ZMQ_PEER.

   Returns 0, or -1. Errors: EHOSTUNREACH (no such peer), ENOTSUP (another type of socket), ETERM, ENOTSOCK. */
ZMQ_EXPORT int zmq_disconnect_peer(void *socket, uint32_t routing_id);

/* Whether one peer of a ZMQ_ROUTER, by its routing id of `size` bytes, can be sent to.

   Returns a mask of ZMQ_POLLIN and ZMQ_POLLOUT, or -1. Errors: EHOSTUNREACH (no such peer), ENOTSUP (another type of
   socket), ENOTSOCK. */
ZMQ_EXPORT
int zmq_socket_get_peer_state(void *socket,
                              const void *routing_id,
                              size_t size);
#endif

/* Sends the `size` bytes at `data` as one frame.

   Flags: ZMQ_DONTWAIT, ZMQ_SNDMORE. Waits at most ZMQ_SNDTIMEO. Returns `size`, or -1. Errors: EAGAIN (it would have
   to wait longer), ENOTSUP (the type of socket cannot send), EFSM (not its turn), EHOSTUNREACH (no such peer), EINVAL,
   ETERM, ENOTSOCK, EINTR.

   With three arguments, (socket, zmq_msg_t *, flags), it is the function of 2.1, which returns 0 rather than the size. */
ZMQ_EXPORT
int zmq_send(void *socket,
             const void *data,
             size_t size,
             int flags);

/* Sends the `size` bytes at `data` as one frame, without a copy: they must stay as they are for ever.

   Otherwise as zmq_send(). */
ZMQ_EXPORT int zmq_send_const(void *socket, const void *data, size_t size, int flags);

/* Receives one frame into the `size` bytes at `data`; what is longer is cut off. No NUL is added.

   Flags: ZMQ_DONTWAIT. Waits at most ZMQ_RCVTIMEO. Returns the size of the whole frame, or -1. Errors: EAGAIN (nothing
   came), ENOTSUP (the type of socket cannot receive), EFSM (not its turn), ETERM, ENOTSOCK, EINTR.

   With three arguments, (socket, zmq_msg_t *, flags), it is the function of 2.1, which returns 0 rather than the size. */
ZMQ_EXPORT
int zmq_recv(void *socket,
             void *data,
             size_t size,
             int flags);

/* zmq_msg_send() with its arguments in another order. Deprecated. */
ZMQ_EXPORT int zmq_sendmsg(void *socket, struct zmq_msg_t *msg, int flags);

/* zmq_msg_recv() with its arguments in another order. Deprecated. */
ZMQ_EXPORT int zmq_recvmsg(void *socket, struct zmq_msg_t *msg, int flags);

/* Sends `count` buffers: with ZMQ_SNDMORE as the frames of one message, which ends with the last, without it as
   messages of one frame each.

   Returns the size of the last one, or -1. Errors: EINVAL (no buffer), and those of zmq_send(). */
ZMQ_EXPORT int zmq_sendiov(void *socket, struct iovec *iov, size_t count, int flags);

/* Receives up to `*count` frames of one message, each into memory from malloc() that the caller frees, and sets
   `*count` to how many there were.

   Returns that number, or -1. Errors: EINVAL (room for no frame), and those of zmq_recv(). */
ZMQ_EXPORT int zmq_recviov(void *socket, struct iovec *iov, size_t *count, int flags);

/* Tells what happens to a socket's connections, as messages of a ZMQ_PAIR socket bound to `endpoint`, which is of
   inproc. Each has two frames: the event as uint16_t with its value as uint32_t, and the endpoint concerned.

   `events` is a mask of ZMQ_EVENT_*. NULL for `endpoint` ends it. Returns 0, or -1. Errors: EINVAL, EPROTONOSUPPORT
   (not inproc), EADDRINUSE, ETERM, ENOTSOCK. */
ZMQ_EXPORT
int zmq_socket_monitor(void *socket,
                       const char *endpoint,
                       int events);

#if defined(ZMQ_BUILD_DRAFT_API)
/* zmq_socket_monitor() with a choice of version, 1 or 2, and of the monitor's type: ZMQ_PAIR, ZMQ_PUB or ZMQ_PUSH.

   Returns 0, or -1. Errors: those of zmq_socket_monitor(), and EINVAL (such a type, or events that version 1 lacks). */
ZMQ_EXPORT
int zmq_socket_monitor_versioned(void *socket,
                                 const char *endpoint,
                                 uint64_t events,
                                 int event_version,
                                 int type_);

/* Asks a monitored socket for a ZMQ_EVENT_PIPES_STATS of each connection.

   Returns 0, or -1. Errors: EINVAL (no monitor of version 2), EAGAIN (no connection), ENOTSOCK. */
ZMQ_EXPORT int zmq_socket_monitor_pipes_stats(void *socket);
#endif

/* Waits until one of `count` sockets or descriptors is ready, at most `timeout` milliseconds; -1 is for ever, 0 not
   at all.

   Returns how many are ready, by their `revents`, or -1. Errors: EFAULT (no items), EINVAL (less than 0 of them),
   ETERM, ENOTSOCK, EINTR. */
ZMQ_EXPORT
int zmq_poll(struct zmq_pollitem_t *items,
             int count,
             long timeout);

#if defined(ZMQ_BUILD_DRAFT_API)
/* zmq_poll() that waits with another signal mask, as ppoll() does; NULL leaves the mask as it is. */
ZMQ_EXPORT int zmq_ppoll(struct zmq_pollitem_t *items, int count, long timeout, const sigset_t *sigmask);

/* Makes an empty poller. Returns NULL on error. Errors: ENOMEM. */
ZMQ_EXPORT void *zmq_poller_new(void);

/* Frees a poller and sets the pointer to it to NULL.

   Returns 0, or -1. Errors: EFAULT (not a poller). */
ZMQ_EXPORT int zmq_poller_destroy(void **poller_p);

/* How many sockets and descriptors a poller has.

   Returns that, or -1. Errors: EFAULT (not a poller). */
ZMQ_EXPORT int zmq_poller_size(void *poller);

/* Adds a socket to a poller. `events` is a mask of ZMQ_POLLIN, ZMQ_POLLOUT, ZMQ_POLLERR and ZMQ_POLLPRI, or 0;
   `user_data` comes back with its events.

   Returns 0, or -1. Errors: EINVAL (it is there, or no such events), ENOTSOCK, ETERM, ENOMEM, EFAULT (not a poller). */
ZMQ_EXPORT
int zmq_poller_add(void *poller,
                   void *socket,
                   void *user_data,
                   short events);

/* Changes the events that a poller waits for on a socket.

   Returns 0, or -1. Errors: EINVAL (it is not there, or no such events), ENOTSOCK, EFAULT (not a poller). */
ZMQ_EXPORT int zmq_poller_modify(void *poller, void *socket, short events);

/* Takes a socket out of a poller, which is to be done before it is closed.

   Returns 0, or -1. Errors: EINVAL (it is not there), ENOTSOCK, EFAULT (not a poller). */
ZMQ_EXPORT int zmq_poller_remove(void *poller, void *socket);

/* Waits until a socket or descriptor of a poller is ready, at most `timeout` milliseconds; -1 is for ever.

   Returns 0 and tells of one by `event`, or -1. Errors: EAGAIN (none became ready), EFAULT (not a poller, no place for
   an event, or nothing to wait for, for ever), ETERM, EINTR, ENOTSOCK. */
ZMQ_EXPORT
int zmq_poller_wait(void *poller,
                    struct zmq_poller_event_t *event,
                    long timeout);

/* zmq_poller_wait() that tells of up to `count` of those that are ready.

   Returns how many, or -1. Errors: those of zmq_poller_wait(), and EINVAL (`count` is less than 0). */
ZMQ_EXPORT int zmq_poller_wait_all(void *poller, struct zmq_poller_event_t *events, int count, long timeout);

/* A descriptor that becomes readable when a socket of the poller may be ready; thread-safe sockets alone have that.

   Returns 0, or -1. Errors: EINVAL (it has no thread-safe socket), EFAULT (not a poller, or no place for it). */
ZMQ_EXPORT
int zmq_poller_fd(void *poller,
                  zmq_fd_t *fd);

/* zmq_poller_add() for a descriptor. Errors also: EBADF (-1 is none). */
ZMQ_EXPORT int zmq_poller_add_fd(void *poller, zmq_fd_t fd, void *user_data, short events);

/* zmq_poller_modify() for a descriptor. Errors also: EBADF (-1 is none). */
ZMQ_EXPORT int zmq_poller_modify_fd(void *poller, zmq_fd_t fd, short events);

/* zmq_poller_remove() for a descriptor. Errors also: EBADF (-1 is none). */
ZMQ_EXPORT int zmq_poller_remove_fd(void *poller, zmq_fd_t fd);
#endif

/* Passes messages on between two sockets, both ways, until the context ends; the two may be the same. Each message
   also goes to `capture`, unless it is NULL.

   Returns -1. Errors: ETERM, EINTR, EFAULT (a socket is NULL), ENOTSOCK. */
ZMQ_EXPORT
int zmq_proxy(void *frontend,
              void *backend,
              void *capture);

/* zmq_proxy() that obeys the messages "PAUSE", "RESUME", "TERMINATE" and "STATISTICS" from a fourth socket.

   Returns 0 after "TERMINATE", or -1. Errors: those of zmq_proxy(). */
ZMQ_EXPORT int zmq_proxy_steerable(void *frontend, void *backend, void *capture, void *control);

/* zmq_proxy() by its name of 2.x. The type, ZMQ_QUEUE or another, makes no difference. */
ZMQ_EXPORT int zmq_device(int type_, void *frontend, void *backend);

/* Writes `size` bytes as Z85 text to `dest`, which has room for `size` * 5 / 4 characters and a NUL.

   Returns `dest`, or NULL. Errors: EINVAL (`size` is not a multiple of 4), EFAULT (NULL). */
ZMQ_EXPORT char *zmq_z85_encode(char *dest, const uint8_t *data, size_t size);

/* Writes the bytes that a Z85 text stands for to `dest`, which has room for its length * 4 / 5.

   Returns `dest`, or NULL. Errors: EINVAL (the length is 0 or not a multiple of 5, or the text is not Z85), EFAULT
   (NULL). */
ZMQ_EXPORT
uint8_t *zmq_z85_decode(uint8_t *dest,
                        const char *text);

/* Makes a new pair of keys for CURVE, each as 40 characters of Z85 and a NUL.

   Returns 0, or -1. Errors: ENOTSUP (CURVE is not built in), EFAULT (NULL). */
ZMQ_EXPORT int zmq_curve_keypair(char *public_key, char *secret_key);

/* Computes the public key that belongs to a secret one, both in Z85.

   Returns 0, or -1. Errors: ENOTSUP (CURVE is not built in), EINVAL (not a key), EFAULT (NULL). */
ZMQ_EXPORT int zmq_curve_public(char *public_key, const char *secret_key);

/* Makes an empty list of timers. Never fails. */
ZMQ_EXPORT void *zmq_timers_new(void);

/* Frees a list of timers and sets the pointer to it to NULL.

   Returns 0, or -1. Errors: EFAULT (not a list of timers). */
ZMQ_EXPORT int zmq_timers_destroy(void **timers_p);

/* Adds a timer that calls `handler` with its number and `arg` each `interval` milliseconds.

   Returns its number, 1 or more, or -1. Errors: EFAULT (not a list of timers, or no handler), ENOMEM (all numbers are
   used up). */
ZMQ_EXPORT
int zmq_timers_add(void *timers,
                   size_t interval,
                   zmq_timer_fn *handler,
                   void *arg);

/* Takes a timer out of its list.

   Returns 0, or -1. Errors: EINVAL (no such timer), EFAULT (not a list of timers). */
ZMQ_EXPORT int zmq_timers_cancel(void *timers, int timer_id);

/* Gives a timer another interval, in milliseconds, which begins now.

   Returns 0, or -1. Errors: EINVAL (no such timer), EFAULT (not a list of timers). */
ZMQ_EXPORT int zmq_timers_set_interval(void *timers, int timer_id, size_t interval);

/* Lets a timer's interval begin anew now.

   Returns 0, or -1. Errors: EINVAL (no such timer), EFAULT (not a list of timers). */
ZMQ_EXPORT int zmq_timers_reset(void *timers, int timer_id);

/* How many milliseconds it is until a timer is due: a time-out for zmq_poll().

   Returns 0 if one is due, -1 if there is none, or on error. Errors: EFAULT (not a list of timers). */
ZMQ_EXPORT long zmq_timers_timeout(void *timers);

/* Calls the handlers of all timers that are due, each once, however late it is. A handler may change the list.

   Returns 0, or -1. Errors: EFAULT (not a list of timers). */
ZMQ_EXPORT int zmq_timers_execute(void *timers);

/* Makes a counter that stands at 0. */
ZMQ_EXPORT void *zmq_atomic_counter_new(void);

/* Sets a counter. */
ZMQ_EXPORT void zmq_atomic_counter_set(void *counter, int value);

/* Adds 1 to a counter, past the largest number to the smallest. Returns what it was before. */
ZMQ_EXPORT int zmq_atomic_counter_inc(void *counter);

/* Takes 1 from a counter. Returns 0 if that makes it 0, else 1. */
ZMQ_EXPORT int zmq_atomic_counter_dec(void *counter);

/* The value of a counter. */
ZMQ_EXPORT int zmq_atomic_counter_value(void *counter);

/* Frees a counter and sets the pointer to it to NULL. */
ZMQ_EXPORT void zmq_atomic_counter_destroy(void **counter_p);

/* Starts a stopwatch. */
ZMQ_EXPORT void *zmq_stopwatch_start(void);

/* The microseconds since a stopwatch was started; it goes on. 0 if it is none. */
ZMQ_EXPORT unsigned long zmq_stopwatch_intermediate(void *watch);

/* The microseconds since a stopwatch was started; it is freed. 0 if it is none. */
ZMQ_EXPORT unsigned long zmq_stopwatch_stop(void *watch);

/* Sleeps for a number of seconds, or until a signal comes. */
ZMQ_EXPORT void zmq_sleep(int seconds);

/* Starts a thread that runs a function. Returns its handle, or NULL. Errors: EAGAIN, EFAULT (no function). */
ZMQ_EXPORT void *zmq_threadstart(zmq_thread_fn *function, void *arg);

/* Waits until a thread of zmq_threadstart() has ended, and frees its handle. What is no such handle is ignored. */
ZMQ_EXPORT void zmq_threadclose(void *thread);

/* zmq_send() of 2.1: sends a message as one frame, and leaves an empty one behind.

   Flags: ZMQ_NOBLOCK, ZMQ_SNDMORE. Returns 0, or -1. Errors: those of zmq_msg_send(). */
ZMQ_EXPORT int zmqrs_send21(void *socket, struct zmq_msg_t *msg, int flags);

/* zmq_recv() of 2.1: receives one frame into a message.

   Flags: ZMQ_NOBLOCK. Returns 0, or -1. Errors: those of zmq_msg_recv(). */
ZMQ_EXPORT int zmqrs_recv21(void *socket, struct zmq_msg_t *msg, int flags);

/* The size of zmq_msg_t is part of the ABI. */
typedef char zmqrs_zmq_msg_t_has_64_bytes[sizeof (zmq_msg_t) == 64 ? 1 : -1];

/*
 * Two generations of calls.
 *
 * Until 2.1, zmq_send() and zmq_recv() had three arguments: a socket, a zmq_msg_t and flags; and they returned 0 or -1.
 * Since 3.0 they have four. Both can be used here, also side by side. In C the number of arguments tells which is
 * meant. In C++ it is an overload that belongs to zmq_msg_t (see there) and is found by its argument. What is not a
 * call, such as &zmq_send or (zmq_send), is the function of four arguments.
 */
#ifndef __cplusplus
#if defined __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvariadic-macros"
#endif
#if defined __GNUC__ || (defined __STDC_VERSION__ && __STDC_VERSION__ >= 199901L)
#define ZMQRS_SIXTH(a, b, c, d, e, f, ...) f
#define zmq_send(...) ZMQRS_SIXTH (__VA_ARGS__, zmq_send, zmq_send, zmqrs_send21, zmq_send, zmq_send, 0) (__VA_ARGS__)
#define zmq_recv(...) ZMQRS_SIXTH (__VA_ARGS__, zmq_recv, zmq_recv, zmqrs_recv21, zmq_recv, zmq_recv, 0) (__VA_ARGS__)
#endif
#if defined __GNUC__
#pragma GCC diagnostic pop
#else
/* Elsewhere ZMQRS_NAMED does that. */
#define zmq_init(io_threads) zmqrs_init21 (io_threads)
#endif
#endif

#ifdef __cplusplus
}
#endif

#undef ZMQ_EXPORT
#undef ZMQRS_LINKAGE

#endif
