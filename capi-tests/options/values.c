/* Options that are not a plain int: names, endpoints, 64-bit numbers, and those that only report. */
#include "test.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>

/* ---- ROUTING_ID ---- */

static void a_routing_id_is_empty_at_first (void)
{
    char name[256];
    size_t size = sizeof name;
    EXPECT_INT (zmq_getsockopt (test_socket (ZMQ_DEALER), ZMQ_ROUTING_ID, name, &size), 0);
    EXPECT_INT (size, 0);
}

static void a_routing_id_is_read_back_without_a_terminator (void)
{
    static const size_t lengths[] = {1, 2, 5, 32, 254, 255};
    char name[255], read[256];
    void *socket = test_socket (ZMQ_DEALER);
    for (int i = 0; i < 255; i++)
        name[i] = (char) (255 - i);
    for (int i = 0; i < 6; i++) {
        size_t size = sizeof read;
        EXPECT_INT (zmq_setsockopt (socket, ZMQ_ROUTING_ID, name, lengths[i]), 0);
        EXPECT_INT (zmq_getsockopt (socket, ZMQ_ROUTING_ID, read, &size), 0);
        EXPECT_INT (size, lengths[i]);
        EXPECT (memcmp (read, name, size) == 0);
    }
}

static void a_routing_id_has_1_to_255_bytes (void)
{
    char name[300] = "x";
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_ROUTING_ID, name, 0), EINVAL);
    EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_ROUTING_ID, NULL, 0), EINVAL);
    EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_ROUTING_ID, name, 256), EINVAL);
    EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_ROUTING_ID, name, 300), EINVAL);
}

static void a_routing_id_needs_room (void)
{
    char read[4];
    size_t size = 4;
    void *socket = test_socket (ZMQ_DEALER);
    test_set_text (socket, ZMQ_ROUTING_ID, "12345");
    EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_ROUTING_ID, read, &size), EINVAL);
}

/* ---- LAST_ENDPOINT ---- */

static void expect_last_endpoint (void *socket, const char *expected)
{
    char text[256];
    size_t size = sizeof text;
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size));
    EXPECT_STR (text, expected);
    EXPECT_INT (size, strlen (expected) + 1);
}

static void the_last_endpoint_is_empty_at_first (void)
{
    expect_last_endpoint (test_socket (ZMQ_PAIR), "");
}

static void the_last_endpoint_follows_binds_and_connects (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    const char *first = test_endpoint (), *second = test_endpoint ();
    EXPECT_OK (zmq_bind (socket, first));
    expect_last_endpoint (socket, first);
    test_connect (socket, second);
    expect_last_endpoint (socket, second);
    EXPECT_ERRNO (zmq_bind (socket, "nonsense"), EINVAL);
    EXPECT_ERRNO (zmq_connect (socket, "nonsense://x"), EPROTONOSUPPORT);
    expect_last_endpoint (socket, second);
}

static void the_last_endpoint_needs_room_for_its_terminator (void)
{
    char text[64];
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_OK (zmq_bind (socket, "inproc://12345"));
    for (size_t room = 0; room < 15; room++) {
        size_t size = room;
        EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size), EINVAL);
    }
    size_t size = 15;
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, text, &size));
    EXPECT_STR (text, "inproc://12345");
}

/* ---- 64-bit options ---- */

static void maxmsgsize_is_a_signed_64_bit_number (void)
{
    static const int64_t values[] = {-1, 0, 1, 1000, INT64_MAX};
    void *socket = test_socket (ZMQ_PULL);
    int64_t value;
    size_t size = sizeof value;
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &value, &size));
    EXPECT_INT (value, -1);
    for (int i = 0; i < 5; i++) {
        EXPECT_OK (zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &values[i], sizeof value));
        EXPECT_OK (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &value, &size));
        EXPECT_INT (value, values[i]);
        EXPECT_INT (size, sizeof value);
    }
    EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &value, 4), EINVAL);
    size = 4;
    EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &value, &size), EINVAL);
}

static void affinity_is_an_unsigned_64_bit_mask (void)
{
    static const uint64_t values[] = {0, 1, 1ULL << 63, UINT64_MAX};
    void *socket = test_socket (ZMQ_PULL);
    uint64_t value;
    size_t size = sizeof value;
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_AFFINITY, &value, &size));
    EXPECT (value == 0);
    for (int i = 0; i < 4; i++) {
        EXPECT_OK (zmq_setsockopt (socket, ZMQ_AFFINITY, &values[i], sizeof value));
        EXPECT_OK (zmq_getsockopt (socket, ZMQ_AFFINITY, &value, &size));
        EXPECT (value == values[i]);
    }
    EXPECT_ERRNO (zmq_setsockopt (socket, ZMQ_AFFINITY, &value, 4), EINVAL);
}

static void an_affinity_to_no_thread_is_emthread (void)
{
    uint64_t none = 1ULL << 40;
    void *socket = test_socket (ZMQ_PULL);
    EXPECT_OK (zmq_setsockopt (socket, ZMQ_AFFINITY, &none, sizeof none));
    EXPECT_ERRNO (zmq_bind (socket, "tcp://127.0.0.1:*"), EMTHREAD);
    EXPECT_ERRNO (zmq_connect (socket, "tcp://127.0.0.1:9"), EMTHREAD);
    EXPECT_OK (zmq_bind (socket, "inproc://needs-no-thread"));
}

/* ---- RCVMORE, FD, EVENTS ---- */

static void rcvmore_is_clear_at_first (void)
{
    for (int type = ZMQ_PAIR; type <= ZMQ_XSUB; type++)
        EXPECT_INT (test_get_int (test_socket (type), ZMQ_RCVMORE), 0);
}

static void rcvmore_needs_room (void)
{
    int value;
    void *socket = test_socket (ZMQ_PULL);
    for (size_t room = 0; room < sizeof value; room++) {
        size_t size = room;
        EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_RCVMORE, &value, &size), EINVAL);
        size = room;
        EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_EVENTS, &value, &size), EINVAL);
        size = room;
        EXPECT_ERRNO (zmq_getsockopt (socket, ZMQ_FD, &value, &size), EINVAL);
    }
}

static void the_descriptor_stays_the_same (void)
{
    void *socket = test_socket (ZMQ_PULL);
    int fd = test_get_int (socket, ZMQ_FD);
    EXPECT (fd >= 0);
    test_bind (socket);
    EXPECT_INT (test_get_int (socket, ZMQ_FD), fd);
    EXPECT (test_get_int (test_socket (ZMQ_PULL), ZMQ_FD) != fd);
}

static bool is_readable (int fd, int timeout)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};
    return poll (&item, 1, timeout) == 1;
}

/* The contract of event loops: the descriptor tells of a change once; ZMQ_EVENTS tells the state. */
static void the_descriptor_signals_that_events_changed (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    int fd = test_get_int (pull, ZMQ_FD);
    test_join (push, pull);
    for (int i = 0; i < 20; i++) {
        SEND (push, "x|y");
        while (!(test_events (pull) & ZMQ_POLLIN))
            EXPECT (is_readable (fd, test_patience ()));
        EXPECT_MSG (pull, "x|y");
        EXPECT_INT (test_events (pull), 0);
    }
    EXPECT (!is_readable (fd, 20));
}

TESTS ({RUN (a_routing_id_is_empty_at_first)}, {RUN (a_routing_id_is_read_back_without_a_terminator)},
       {RUN (a_routing_id_has_1_to_255_bytes)}, {RUN (a_routing_id_needs_room)},
       {RUN (the_last_endpoint_is_empty_at_first)},
       {RUN (the_last_endpoint_follows_binds_and_connects), EACH_TRANSPORT},
       {RUN (the_last_endpoint_needs_room_for_its_terminator)}, {RUN (maxmsgsize_is_a_signed_64_bit_number)},
       {RUN (affinity_is_an_unsigned_64_bit_mask)}, {RUN (an_affinity_to_no_thread_is_emthread)},
       {RUN (rcvmore_is_clear_at_first)}, {RUN (rcvmore_needs_room)}, {RUN (the_descriptor_stays_the_same)},
       {RUN (the_descriptor_signals_that_events_changed), EACH_WAY});
