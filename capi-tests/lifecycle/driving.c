/* Who drives a connection, and that somebody does: applications that never wait, that wait for something else, that
 * stop, that exit; and what becomes of a message when its connection ends in the middle of it. */
#include "../harness/raw.h"
#include "../harness/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BIG = 1 << 20 };

static void *zeros (size_t size)
{
    void *memory = test_keep (calloc (1, size));
    EXPECT (memory != NULL);
    return memory;
}

/* Reads all that has come so far. */
static void read_away (int fd)
{
    static char buffer[1 << 16];
    while (recv (fd, buffer, sizeof buffer, MSG_DONTWAIT) > 0)
        continue;
}

/* ---- applications that never wait ---- */

static int send_now (void *socket, const void *bytes, size_t size)
{
    return zmq_send (socket, bytes, size, ZMQ_DONTWAIT);
}

static int send_when_polled (void *socket, const void *bytes, size_t size)
{
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLOUT};
    return zmq_poll (&item, 1, 0) == 1 ? zmq_send (socket, bytes, size, 0) : -1;
}

struct attempt {
    const char *name;
    int (*send) (void *socket, const void *bytes, size_t size);
};

static const struct attempt attempts[] = {{"dontwait", send_now}, {"poll", send_when_polled}};

/* The peer is slow at first: the system takes no more, the queue fills. Then it reads. */
static void sends_that_do_not_wait_get_through_in_the_end (void)
{
    const struct attempt *attempt = test_row ();
    char endpoint[64];
    void *push = test_socket (ZMQ_PUSH), *bytes = zeros (BIG);
    test_set_int (push, ZMQ_SNDHWM, 2);
    int listener = raw_listen (endpoint, sizeof endpoint);
    test_connect (push, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    long long quiet = test_now () + 50; /* nothing was taken for so long: all is full */
    while (test_now () < quiet)
        if (attempt->send (push, bytes, BIG) != -1)
            quiet = test_now () + 50;
    long long until = test_now () + test_patience ();
    for (int taken = 0; taken < 30;) {
        EXPECT (test_now () < until);
        read_away (peer);
        taken += attempt->send (push, bytes, BIG) != -1;
    }
    raw_close (peer);
    raw_close (listener);
}

/* ---- applications that wait for something else, and then only send ---- */

static void *signal_later (void *fd)
{
    usleep (100 * 1000); /* long enough for the other thread to be a sleeper */
    EXPECT_INT (eventfd_write (*(int *) fd, 1), 0);
    return NULL;
}

static void a_publisher_that_was_polled_once_still_hears_of_subscriptions (void)
{
    void *publisher = test_socket (ZMQ_XPUB), *subscriber = test_socket (ZMQ_SUB);
    char text[8];
    test_join (publisher, subscriber);
    EXPECT_OK (zmq_setsockopt (subscriber, ZMQ_SUBSCRIBE, "old", 3));
    EXPECT_MSG (publisher, "<01>old");
    int fd = eventfd (0, EFD_CLOEXEC);
    zmq_pollitem_t items[] = {{.socket = publisher, .events = ZMQ_POLLIN}, {.fd = fd, .events = ZMQ_POLLIN}};
    pthread_t thread;
    EXPECT_INT (pthread_create (&thread, NULL, signal_later, &fd), 0);
    EXPECT_INT (zmq_poll (items, 2, test_patience ()), 1);
    EXPECT_INT (pthread_join (thread, NULL), 0);
    EXPECT_INT (items[1].revents, ZMQ_POLLIN);
    EXPECT_OK (zmq_setsockopt (subscriber, ZMQ_SUBSCRIBE, "new", 3));
    long long until = test_now () + test_patience ();
    while (zmq_recv (subscriber, text, sizeof text, ZMQ_DONTWAIT) == -1) {
        EXPECT (test_now () < until);
        EXPECT_INT (zmq_send (publisher, "news", 4, 0), 4);
        usleep (1000);
    }
    close (fd);
}

/* ---- applications that stop ---- */

static long switches (void)
{
    struct rusage usage;
    EXPECT_INT (getrusage (RUSAGE_SELF, &usage), 0);
    return usage.ru_nvcsw;
}

static long switches_of_a_pause (void)
{
    long before = switches ();
    usleep (100 * 1000);
    return switches () - before;
}

static void after_a_flood_the_threads_sleep (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_join (pull, push);
    for (int i = 0; i < 20000; i++) {
        EXPECT_INT (zmq_send (push, "x", 1, 0), 1);
        if (i % 100 == 99)
            for (int j = 0; j < 100; j++)
                EXPECT_MSG (pull, "x");
    }
    WAIT_UNTIL (switches_of_a_pause () < 100);
}

/* ---- applications that exit ---- */

static void *at_exit_context, *at_exit_push, *at_exit_pull;

static void send_and_receive (void)
{
    static char text[100000];
    for (int i = 0; i < 100; i++) {
        EXPECT_INT (zmq_send (at_exit_push, text, i * 1000, 0), i * 1000);
        EXPECT_INT (zmq_recv (at_exit_pull, text, sizeof text, 0), i * 1000);
    }
}

static void end_at_exit (void)
{
    send_and_receive ();
    EXPECT_INT (zmq_send (at_exit_push, "last", 4, 0), 4);
    EXPECT_OK (zmq_close (at_exit_push));
    EXPECT_OK (zmq_close (at_exit_pull));
    EXPECT_OK (zmq_ctx_term (at_exit_context));
    _exit (42);
}

static void a_handler_of_exit_may_use_sockets_and_end_them (void)
{
    pid_t child = fork ();
    EXPECT (child >= 0);
    if (child == 0) {
        char endpoint[64];
        size_t size = sizeof endpoint;
        EXPECT_INT (atexit (end_at_exit), 0);
        alarm (10);
        at_exit_context = zmq_ctx_new ();
        at_exit_push = zmq_socket (at_exit_context, ZMQ_PUSH);
        at_exit_pull = zmq_socket (at_exit_context, ZMQ_PULL);
        EXPECT_OK (zmq_bind (at_exit_pull, "tcp://127.0.0.1:*"));
        EXPECT_OK (zmq_getsockopt (at_exit_pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
        EXPECT_OK (zmq_connect (at_exit_push, endpoint));
        send_and_receive ();
        exit (0);
    }
    int status = 0;
    EXPECT_INT (waitpid (child, &status, 0), child);
    EXPECT (WIFEXITED (status));
    EXPECT_INT (WEXITSTATUS (status), 42);
}

/* ---- connections that end in the middle ---- */

/* The first frame is on its way when the peer goes: the frames behind it must not pass for a message. */
static void the_rest_of_a_message_is_not_sent_to_the_next_connection (void)
{
    char endpoint[64], text[16];
    unsigned char flags;
    void *push = test_socket (ZMQ_PUSH), *bytes = zeros (16 * BIG);
    int listener = raw_listen (endpoint, sizeof endpoint);
    test_connect (push, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    EXPECT_INT (zmq_send (push, bytes, 16 * BIG, ZMQ_SNDMORE), 16 * BIG);
    EXPECT_INT (zmq_send (push, "rest", 4, 0), 4);
    SEND (push, "whole");
    EXPECT (raw_read (peer, bytes, BIG));
    raw_close (peer);
    peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 5);
    EXPECT (memcmp (text, "whole", 5) == 0);
    EXPECT_INT (flags, 0);
    raw_close (peer);
    raw_close (listener);
}

/* With ZMQ_IMMEDIATE what waits for a peer goes with it: there is nothing to linger for. */
static void an_immediate_socket_does_not_linger_for_a_peer_that_is_lost (void)
{
    char endpoint[64];
    void *context = zmq_ctx_new (), *push = zmq_socket (context, ZMQ_PUSH), *bytes = zeros (16 * BIG);
    int listener = raw_listen (endpoint, sizeof endpoint);
    test_set_int (push, ZMQ_IMMEDIATE, 1);
    test_set_int (push, ZMQ_LINGER, -1);
    test_connect (push, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    EXPECT_INT (zmq_send (push, bytes, 16 * BIG, 0), 16 * BIG);
    SEND (push, "behind");
    EXPECT_OK (zmq_close (push));
    EXPECT (raw_read (peer, bytes, BIG));
    raw_close (listener);
    raw_close (peer);
    EXPECT_OK (zmq_ctx_term (context));
}

/* ---- marks that change ---- */

static void a_mark_below_what_went_through_is_no_obstacle (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_join (pull, push);
    for (int i = 0; i < 400; i++)
        SEND (push, "x");
    for (int i = 0; i < 400; i++)
        EXPECT_MSG (pull, "x");
    test_set_int (push, ZMQ_SNDHWM, 10);
    test_set_int (pull, ZMQ_RCVHWM, 10);
    for (int i = 0; i < 100; i++) {
        SEND (push, "y");
        EXPECT_MSG (pull, "y");
    }
}

/* ---- peers that ask without end ---- */

/* What a publisher has no time to look at stays with the peer: the mark holds for subscriptions, too. */
static void an_idle_publisher_takes_no_more_subscriptions_than_its_mark (void)
{
    enum { FRAME = 240, FRAMES = 256, ENOUGH = 32 << 20 };
    static unsigned char frames[FRAME * FRAMES];
    void *publisher = test_socket (ZMQ_PUB), *sentinel = test_socket (ZMQ_SUB);
    const char *endpoint = test_bind (publisher);
    int peer = raw_connect (endpoint);
    EXPECT (zmtp_handshake (peer, 1, "SUB"));
    EXPECT_OK (zmq_setsockopt (sentinel, ZMQ_SUBSCRIBE, "", 0));
    test_connect (sentinel, endpoint);
    for (int i = 0; i < FRAMES; i++) {
        unsigned char *frame = frames + i * FRAME;
        memset (frame, 'a' + i % 26, FRAME);
        memcpy (frame, "\4\356\11SUBSCRIBE", 12);
    }
    long long sent = 0, quiet = test_now () + 200;
    while (test_now () < quiet) {
        ssize_t count = send (peer, frames + sent % sizeof frames, sizeof frames - sent % sizeof frames, MSG_DONTWAIT);
        if (count > 0) {
            sent += count;
            quiet = test_now () + 200;
        }
        EXPECT (sent < ENOUGH);
    }
    char text[8];
    WAIT_UNTIL (zmq_send (publisher, "news", 4, 0) == 4 && zmq_recv (sentinel, text, sizeof text, ZMQ_DONTWAIT) == 4);
    raw_close (peer);
}

TESTS ({RUN (sends_that_do_not_wait_get_through_in_the_end), ROWS (attempts)},
       {RUN (a_publisher_that_was_polled_once_still_hears_of_subscriptions), EACH_NETWORK},
       {RUN (after_a_flood_the_threads_sleep), EACH_NETWORK},
       {RUN (a_handler_of_exit_may_use_sockets_and_end_them)},
       {RUN (the_rest_of_a_message_is_not_sent_to_the_next_connection)},
       {RUN (an_immediate_socket_does_not_linger_for_a_peer_that_is_lost)},
       {RUN (an_idle_publisher_takes_no_more_subscriptions_than_its_mark), OVER ("tcp")},
       {RUN (a_mark_below_what_went_through_is_no_obstacle), EACH_TRANSPORT,
        BETTER ("libzmq finds the queue full for good when the mark falls below half of it")});
