/* What options do: time-outs, limits, when a connection counts, and what reaches the operating system's sockets. */
#define _GNU_SOURCE /* RUSAGE_THREAD, CPU_COUNT */
#include "test.h"

#include <limits.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- time-outs ---- */

static void rcvtimeo_is_how_long_a_receive_waits (void)
{
    void *pull = test_socket (ZMQ_PULL);
    test_bind (pull);
    test_set_int (pull, ZMQ_RCVTIMEO, 50);
    long long before = test_now ();
    EXPECT_ERRNO (zmq_recv (pull, NULL, 0, 0), EAGAIN);
    EXPECT (test_now () - before >= 49);
    test_set_int (pull, ZMQ_RCVTIMEO, test_patience ());
    before = test_now ();
    EXPECT_ERRNO (zmq_recv (pull, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    test_set_int (pull, ZMQ_RCVTIMEO, 0);
    EXPECT_ERRNO (zmq_recv (pull, NULL, 0, 0), EAGAIN);
    EXPECT (test_now () - before < test_patience () / 2);
}

static void sndtimeo_is_how_long_a_send_waits (void)
{
    void *push = test_socket (ZMQ_PUSH);
    test_bind (push);
    test_set_int (push, ZMQ_SNDTIMEO, 50);
    long long before = test_now ();
    EXPECT_ERRNO (zmq_send (push, "x", 1, 0), EAGAIN);
    EXPECT (test_now () - before >= 49);
    test_set_int (push, ZMQ_SNDTIMEO, test_patience ());
    before = test_now ();
    EXPECT_ERRNO (zmq_send (push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    test_set_int (push, ZMQ_SNDTIMEO, 0);
    EXPECT_ERRNO (zmq_send (push, "x", 1, 0), EAGAIN);
    EXPECT (test_now () - before < test_patience () / 2);
}

/* ---- MAXMSGSIZE ---- */

static void a_frame_over_maxmsgsize_ends_the_connection (void)
{
    void *pull = test_socket (ZMQ_PULL), *bad = test_socket (ZMQ_PUSH), *good = test_socket (ZMQ_PUSH);
    int64_t most = 64;
    char frame[66];
    memset (frame, 'x', 65);
    frame[65] = '\0';
    EXPECT_OK (zmq_setsockopt (pull, ZMQ_MAXMSGSIZE, &most, sizeof most));
    const char *endpoint = test_bind (pull);
    test_set_int (bad, ZMQ_RECONNECT_IVL, -1);
    test_connect (bad, endpoint);
    SEND (bad, "small");
    EXPECT_MSG (pull, "small");
    SEND (bad, frame);
    test_connect (good, endpoint);
    frame[64] = '\0';
    /* Just within the limit, and two such frames are within it as well. */
    SEND (good, frame);
    EXPECT_MSG (pull, frame);
    EXPECT_INT (zmq_send (good, frame, 64, ZMQ_SNDMORE), 64);
    SEND (good, frame);
    EXPECT_INT (zmq_recv (pull, NULL, 0, 0), 64);
    EXPECT_MSG (pull, frame);
    /* The one that broke the limit has been cut off. */
    WAIT_UNTIL (test_events (bad) == 0);
    EXPECT_INT (test_events (pull), 0);
}

/* ---- IMMEDIATE ---- */

static void without_immediate_a_message_may_go_to_a_peer_that_is_not_there (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_connect (push, test_endpoint ());
    test_connect (push, test_bind (pull));
    SEND (push, "lost");
    SEND (push, "1");
    SEND (push, "lost");
    SEND (push, "2");
    EXPECT_MSG (pull, "1");
    EXPECT_MSG (pull, "2");
}

static void immediate_sends_only_to_peers_that_are_there (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_set_int (push, ZMQ_IMMEDIATE, 1);
    test_connect (push, test_endpoint ());
    EXPECT_INT (test_events (push), 0);
    EXPECT_INT (test_try_send (push, "x"), EAGAIN);
    test_connect (push, test_bind (pull));
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    for (int i = 0; i < 10; i++)
        SEND (push, "x");
    for (int i = 0; i < 10; i++)
        EXPECT_MSG (pull, "x");
}

static void immediate_notices_that_the_peer_left (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_set_int (push, ZMQ_IMMEDIATE, 1);
    test_set_int (push, ZMQ_RECONNECT_IVL, 10);
    const char *endpoint = test_bind (pull);
    test_connect (push, endpoint);
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    test_close (pull);
    WAIT_UNTIL (test_events (push) == 0);
    EXPECT_INT (test_try_send (push, "x"), EAGAIN);
    pull = test_socket (ZMQ_PULL);
    WAIT_UNTIL (zmq_bind (pull, endpoint) == 0);
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    SEND (push, "back");
    EXPECT_MSG (pull, "back");
}

/* ---- what the operating system is told ---- */

/* The descriptor of an accepted connection, from a message that came over it. */
static int accepted_descriptor (void *pull)
{
    void *push = test_socket (ZMQ_PUSH);
    zmq_msg_t message;
    test_connect (push, test_bind (pull));
    SEND (push, "x");
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_OK (zmq_msg_recv (&message, pull, 0));
    int fd = zmq_msg_get (&message, ZMQ_SRCFD);
    EXPECT_OK (fd);
    EXPECT_OK (zmq_msg_close (&message));
    return fd;
}

static int system_option (int fd, int level, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    EXPECT_OK (getsockopt (fd, level, option, &value, &size));
    return value;
}

static void tcp_does_not_delay (void)
{
    EXPECT (system_option (accepted_descriptor (test_socket (ZMQ_PULL)), IPPROTO_TCP, TCP_NODELAY) != 0);
}

static void keepalive_is_set_on_the_connection (void)
{
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_TCP_KEEPALIVE, 1);
    test_set_int (pull, ZMQ_TCP_KEEPALIVE_CNT, 3);
    test_set_int (pull, ZMQ_TCP_KEEPALIVE_IDLE, 40);
    test_set_int (pull, ZMQ_TCP_KEEPALIVE_INTVL, 5);
    int fd = accepted_descriptor (pull);
    EXPECT (system_option (fd, SOL_SOCKET, SO_KEEPALIVE) != 0);
    EXPECT_INT (system_option (fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
    EXPECT_INT (system_option (fd, IPPROTO_TCP, TCP_KEEPIDLE), 40);
    EXPECT_INT (system_option (fd, IPPROTO_TCP, TCP_KEEPINTVL), 5);
}

static void by_default_keepalive_is_left_alone (void)
{
    int fresh = socket (AF_INET, SOCK_STREAM, 0);
    int fd = accepted_descriptor (test_socket (ZMQ_PULL));
    EXPECT_INT (system_option (fd, SOL_SOCKET, SO_KEEPALIVE), system_option (fresh, SOL_SOCKET, SO_KEEPALIVE));
}

static void type_of_service_is_set_on_the_connection (void)
{
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_TOS, 0x28);
    EXPECT_INT (system_option (accepted_descriptor (pull), IPPROTO_IP, IP_TOS), 0x28);
}

static void maxrt_is_set_on_the_connection (void)
{
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_TCP_MAXRT, 4321);
    EXPECT_INT (system_option (accepted_descriptor (pull), IPPROTO_TCP, TCP_USER_TIMEOUT), 4321);
}

/* The system doubles what it is asked for. */
static void buffer_sizes_are_set_on_the_connection (void)
{
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_SNDBUF, 40000);
    test_set_int (pull, ZMQ_RCVBUF, 50000);
    int fd = accepted_descriptor (pull);
    EXPECT_INT (system_option (fd, SOL_SOCKET, SO_SNDBUF), 80000);
    EXPECT_INT (system_option (fd, SOL_SOCKET, SO_RCVBUF), 100000);
}

/* ---- BUSY_POLL ---- */

#ifndef ZMQ_BUSY_POLL
#define ZMQ_BUSY_POLL 113 /* a draft in libzmq's header */
#endif

enum { MESSAGES = 100 };

static void *send_now_and_then (void *push)
{
    for (int i = 0; i < MESSAGES; i++) {
        usleep (1000);
        EXPECT_INT (zmq_send (push, "x", 1, 0), 1);
    }
    return NULL;
}

/* How often this thread goes to sleep while it receives messages that take a millisecond each to come. */
static long sleeps_of_a_receiver (void *pull, void *push)
{
    pthread_t sender;
    char byte;
    struct rusage before, after;
    EXPECT_INT (pthread_create (&sender, NULL, send_now_and_then, push), 0);
    EXPECT_OK (getrusage (RUSAGE_THREAD, &before));
    for (int i = 0; i < MESSAGES; i++)
        EXPECT_INT (zmq_recv (pull, &byte, 1, 0), 1);
    EXPECT_OK (getrusage (RUSAGE_THREAD, &after));
    EXPECT_INT (pthread_join (sender, NULL), 0);
    return after.ru_nvcsw - before.ru_nvcsw;
}

static bool has_several_processors (void)
{
    cpu_set_t processors;
    EXPECT_OK (sched_getaffinity (0, sizeof processors, &processors));
    return CPU_COUNT (&processors) > 1;
}

/* Where others compete for the processors a thread that spins gives way, and sleeps then; and one that does not spin finds
 * its messages there already, and need not sleep. Not always, though. */
static bool sleeps_between (void *pull, void *push, long least, long most)
{
    enum { TRIES = 10 };
    for (int i = 0; i < TRIES; i++) {
        long sleeps = sleeps_of_a_receiver (pull, push);
        if (least <= sleeps && sleeps <= most)
            return true;
    }
    return false;
}

static void busy_poll_keeps_a_waiting_thread_awake (void)
{
    enum { LONG_US = 8000 };
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    test_join (pull, push);
    if (test_threads_take_turns ())
        return; /* and sleep while it is another's */
    EXPECT (sleeps_between (pull, push, MESSAGES / 2, LONG_MAX));
    test_set_int (pull, ZMQ_BUSY_POLL, LONG_US);
    if (has_several_processors ())
        EXPECT (sleeps_between (pull, push, 0, MESSAGES / 4));
    test_set_int (pull, ZMQ_BUSY_POLL, 0);
    EXPECT (sleeps_between (pull, push, MESSAGES / 2, LONG_MAX));
}

TESTS ({RUN (rcvtimeo_is_how_long_a_receive_waits), EACH_TRANSPORT},
       {RUN (sndtimeo_is_how_long_a_send_waits), EACH_TRANSPORT},
       {RUN (a_frame_over_maxmsgsize_ends_the_connection), EACH_NETWORK},
       {RUN (without_immediate_a_message_may_go_to_a_peer_that_is_not_there), EACH_TRANSPORT},
       {RUN (immediate_sends_only_to_peers_that_are_there), EACH_NETWORK},
       {RUN (immediate_notices_that_the_peer_left), EACH_NETWORK}, {RUN (tcp_does_not_delay), OVER ("tcp")},
       {RUN (keepalive_is_set_on_the_connection), OVER ("tcp")},
       {RUN (by_default_keepalive_is_left_alone), OVER ("tcp")},
       {RUN (type_of_service_is_set_on_the_connection), OVER ("tcp")},
       {RUN (maxrt_is_set_on_the_connection), OVER ("tcp")},
       {RUN (buffer_sizes_are_set_on_the_connection), OVER ("tcp")},
       {RUN (busy_poll_keeps_a_waiting_thread_awake), EACH_TRANSPORT,
        BETTER ("libzmq has the option in builds with drafts only, and its threads always sleep")});
