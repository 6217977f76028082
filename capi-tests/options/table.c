/* The options that every socket type has: default, values taken and refused, sizes taken and refused. One row an
 * option; each run of a case goes through all socket types. */
#include "test.h"

#include <limits.h>
#include <stdint.h>

static const int all_types[] = {ZMQ_PAIR,   ZMQ_PUB,  ZMQ_SUB,  ZMQ_REQ,  ZMQ_REP, ZMQ_DEALER,
                                ZMQ_ROUTER, ZMQ_PULL, ZMQ_PUSH, ZMQ_XPUB, ZMQ_XSUB};
enum { TYPES = sizeof all_types / sizeof all_types[0], END = INT_MIN };

struct option {
    const char *name;
    int option;
    int initial; /* END: differs by type, see there */
    int good[8]; /* ends with END */
    int bad[5];
    bool was_wide; /* an int64_t in 2.1, which zmqrs takes as well */
};

static const struct option options[] = {
    {"LINGER", ZMQ_LINGER, END, {-1, 0, 1, 5000, INT_MAX, END}, {-2, -1000, END}, false},
    {"SNDHWM", ZMQ_SNDHWM, 1000, {0, 1, 50000, INT_MAX, END}, {-1, -1000, END}, false},
    {"RCVHWM", ZMQ_RCVHWM, 1000, {0, 1, 50000, INT_MAX, END}, {-1, -1000, END}, false},
    {"RCVTIMEO", ZMQ_RCVTIMEO, -1, {-1, 0, 1, 5000, END}, {-2, -1000, END}, false},
    {"SNDTIMEO", ZMQ_SNDTIMEO, -1, {-1, 0, 1, 5000, END}, {-2, -1000, END}, false},
    {"RECONNECT_IVL", ZMQ_RECONNECT_IVL, 100, {-1, 0, 1, 5000, END}, {-2, -1000, END}, false},
    {"RECONNECT_IVL_MAX", ZMQ_RECONNECT_IVL_MAX, 0, {0, 1, 5000, END}, {-1, -1000, END}, false},
    {"BACKLOG", ZMQ_BACKLOG, 100, {0, 1, 5000, END}, {-1, -1000, END}, false},
    {"IPV6", ZMQ_IPV6, 0, {0, 1, END}, {-1, 2, 100, END}, false},
    {"IPV4ONLY", ZMQ_IPV4ONLY, 1, {0, 1, END}, {-1, 2, 100, END}, false},
    {"IMMEDIATE", ZMQ_IMMEDIATE, 0, {0, 1, END}, {-1, 2, 100, END}, false},
    {"CONFLATE", ZMQ_CONFLATE, 0, {0, 1, END}, {-1, 2, 100, END}, false},
    {"SNDBUF", ZMQ_SNDBUF, -1, {-1, 0, 4096, 1 << 20, END}, {-2, -1000, END}, true},
    {"RCVBUF", ZMQ_RCVBUF, -1, {-1, 0, 4096, 1 << 20, END}, {-2, -1000, END}, true},
    {"TOS", ZMQ_TOS, 0, {0, 0x10, 0x28, END}, {-1, -1000, END}, false},
    {"RATE", ZMQ_RATE, 100, {1, 200, 1000000, END}, {0, -1, END}, true},
    {"RECOVERY_IVL", ZMQ_RECOVERY_IVL, 10000, {0, 1, 60000, END}, {-1, -1000, END}, true},
    {"MULTICAST_HOPS", ZMQ_MULTICAST_HOPS, 1, {1, 2, 255, END}, {0, -1, END}, false},
    {"MULTICAST_MAXTPDU", ZMQ_MULTICAST_MAXTPDU, 1500, {1, 1400, 9000, END}, {0, -1, END}, false},
    {"TCP_KEEPALIVE", ZMQ_TCP_KEEPALIVE, -1, {-1, 0, 1, END}, {-2, 2, END}, false},
    {"TCP_KEEPALIVE_CNT", ZMQ_TCP_KEEPALIVE_CNT, -1, {-1, 1, 10, END}, {-2, END}, false},
    {"TCP_KEEPALIVE_IDLE", ZMQ_TCP_KEEPALIVE_IDLE, -1, {-1, 1, 100, END}, {-2, END}, false},
    {"TCP_KEEPALIVE_INTVL", ZMQ_TCP_KEEPALIVE_INTVL, -1, {-1, 1, 100, END}, {-2, END}, false},
    {"TCP_MAXRT", ZMQ_TCP_MAXRT, 0, {0, 1, 5000, END}, {-1, END}, false},
    {"HANDSHAKE_IVL", ZMQ_HANDSHAKE_IVL, 30000, {0, 1, 5000, END}, {-1, END}, false},
    {"HEARTBEAT_IVL", ZMQ_HEARTBEAT_IVL, 0, {0, 1, 5000, END}, {-1, END}, false},
    {"HEARTBEAT_TTL", ZMQ_HEARTBEAT_TTL, 0, {0, 100, 5000, 6553500, END}, {6553600, INT_MAX, END}, false},
    {"HEARTBEAT_TIMEOUT", ZMQ_HEARTBEAT_TIMEOUT, -1, {0, 1, 5000, END}, {-1, -2, END}, false},
    {"CONNECT_TIMEOUT", ZMQ_CONNECT_TIMEOUT, 0, {0, 1, 5000, END}, {-1, END}, false},
};

static const struct option *option (void)
{
    return test_row ();
}

/* A socket as the library makes it; the harness's own changes some options. */
static void *plain_socket (int type)
{
    void *socket = zmq_socket (test_context (), type);
    EXPECT (socket != NULL);
    return socket;
}

static void close_plain (void *socket)
{
    int zero = 0;
    EXPECT_OK (zmq_setsockopt (socket, ZMQ_LINGER, &zero, sizeof zero));
    EXPECT_OK (zmq_close (socket));
}

static void has_its_default (void)
{
    for (int i = 0; i < TYPES; i++) {
        void *socket = plain_socket (all_types[i]);
        int initial = option ()->initial;
        if (option ()->option == ZMQ_LINGER)
            initial = all_types[i] == ZMQ_SUB || all_types[i] == ZMQ_XSUB ? 0 : -1;
        EXPECT_INT (test_get_int (socket, option ()->option), initial);
        close_plain (socket);
    }
}

static void takes_good_values (void)
{
    for (int i = 0; i < TYPES; i++) {
        void *socket = plain_socket (all_types[i]);
        for (const int *value = option ()->good; *value != END; value++) {
            test_set_int (socket, option ()->option, *value);
            EXPECT_INT (test_get_int (socket, option ()->option), *value);
        }
        close_plain (socket);
    }
}

static void refuses_bad_values_and_keeps_the_old (void)
{
    for (int i = 0; i < TYPES; i++) {
        void *socket = plain_socket (all_types[i]);
        for (const int *good = option ()->good; *good != END; good++) {
            test_set_int (socket, option ()->option, *good);
            for (const int *bad = option ()->bad; *bad != END; bad++) {
                EXPECT_ERRNO (zmq_setsockopt (socket, option ()->option, bad, sizeof *bad), EINVAL);
                EXPECT_INT (test_get_int (socket, option ()->option), *good);
            }
        }
        close_plain (socket);
    }
}

static void refuses_bad_sizes (void)
{
    static const size_t sizes[] = {0, 1, 2, 3, 5, 7, 16};
    const char bytes[16] = {0};
    char room[16];
    void *socket = plain_socket (ZMQ_DEALER);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        EXPECT_ERRNO (zmq_setsockopt (socket, option ()->option, bytes, sizes[i]), EINVAL);
    if (!option ()->was_wide)
        EXPECT_ERRNO (zmq_setsockopt (socket, option ()->option, bytes, 8), EINVAL);
    for (size_t size = 0; size < 4; size++) {
        size_t left = size;
        EXPECT_ERRNO (zmq_getsockopt (socket, option ()->option, room, &left), EINVAL);
        EXPECT_INT (left, size);
    }
    close_plain (socket);
}

/* IPV6 and IPV4ONLY are one setting. */
static void ipv4only_is_the_inverse_of_ipv6 (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    test_set_int (socket, ZMQ_IPV6, 1);
    EXPECT_INT (test_get_int (socket, ZMQ_IPV4ONLY), 0);
    test_set_int (socket, ZMQ_IPV4ONLY, 1);
    EXPECT_INT (test_get_int (socket, ZMQ_IPV6), 0);
}

static void heartbeat_ttl_is_kept_in_tenths_of_a_second (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    test_set_int (socket, ZMQ_HEARTBEAT_TTL, 199);
    EXPECT_INT (test_get_int (socket, ZMQ_HEARTBEAT_TTL), 100);
    test_set_int (socket, ZMQ_HEARTBEAT_TTL, 99);
    EXPECT_INT (test_get_int (socket, ZMQ_HEARTBEAT_TTL), 0);
    test_set_int (socket, ZMQ_HEARTBEAT_TTL, 6553599);
    EXPECT_INT (test_get_int (socket, ZMQ_HEARTBEAT_TTL), 6553500);
}

static void options_of_one_socket_are_not_another_sockets (void)
{
    void *a = test_socket (ZMQ_PUSH), *b = test_socket (ZMQ_PUSH);
    test_set_int (a, ZMQ_SNDHWM, 5);
    EXPECT_INT (test_get_int (b, ZMQ_SNDHWM), 1000);
}

static void unknown_options_are_einval (void)
{
    static const int unknown[] = {26, 29, 82, 83, 1000, -1, INT_MAX};
    for (int t = 0; t < TYPES; t++) {
        void *socket = test_socket (all_types[t]);
        for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
            int value = 1;
            size_t size = sizeof value;
            EXPECT_ERRNO (zmq_setsockopt (socket, unknown[i], &value, sizeof value), EINVAL);
            EXPECT_ERRNO (zmq_getsockopt (socket, unknown[i], &value, &size), EINVAL);
        }
    }
}

static void what_is_only_read_cannot_be_set (void)
{
    static const int read_only[] = {ZMQ_RCVMORE, ZMQ_FD, ZMQ_EVENTS, ZMQ_TYPE, ZMQ_LAST_ENDPOINT};
    void *socket = test_socket (ZMQ_DEALER);
    int value = 1;
    for (size_t i = 0; i < sizeof read_only / sizeof read_only[0]; i++)
        EXPECT_ERRNO (zmq_setsockopt (socket, read_only[i], &value, sizeof value), EINVAL);
}

TESTS ({RUN (has_its_default), ROWS (options)}, {RUN (takes_good_values), ROWS (options)},
       {RUN (refuses_bad_values_and_keeps_the_old), ROWS (options)}, {RUN (refuses_bad_sizes), ROWS (options)},
       {RUN (ipv4only_is_the_inverse_of_ipv6)}, {RUN (heartbeat_ttl_is_kept_in_tenths_of_a_second)},
       {RUN (options_of_one_socket_are_not_another_sockets)}, {RUN (unknown_options_are_einval)},
       {RUN (what_is_only_read_cannot_be_set)});
