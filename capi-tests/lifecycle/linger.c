/* What becomes of messages that are not sent yet when their socket is closed: LINGER says it. */
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/thread.h"
#include "../harness/wire.h"

#include <stdlib.h>

static long long terminate (void *context)
{
    return zmq_ctx_term (context);
}

/* A PUSH socket with three messages for an endpoint where nobody is yet. */
static void *push_to_nobody (void *context, const char *endpoint)
{
    void *push = zmq_socket (context, ZMQ_PUSH);
    test_connect (push, endpoint);
    SEND (push, "first");
    SEND (push, "second|part");
    SEND (push, "third");
    return push;
}

static void linger_0_discards_at_once (void)
{
    void *context = zmq_ctx_new ();
    void *push = push_to_nobody (context, wire_endpoint ());
    long long start = test_now ();
    test_set_int (push, ZMQ_LINGER, 0);
    EXPECT_OK (zmq_close (push));
    EXPECT_INT (zmq_ctx_term (context), 0);
    EXPECT (test_now () - start < test_patience () / 2);
}

static void linger_n_waits_that_long (void)
{
    void *context = zmq_ctx_new ();
    void *push = push_to_nobody (context, wire_endpoint ());
    test_set_int (push, ZMQ_LINGER, 200);
    long long start = test_now ();
    EXPECT_OK (zmq_close (push));
    EXPECT_INT (zmq_ctx_term (context), 0);
    EXPECT (test_now () - start >= 199);
    EXPECT (test_now () - start < test_patience () / 2);
}

/* The time that counts is the largest of the context's sockets. */
static void term_waits_for_the_most_patient_socket (void)
{
    void *context = zmq_ctx_new ();
    const char *endpoint = wire_endpoint ();
    void *brief = push_to_nobody (context, endpoint), *patient = push_to_nobody (context, endpoint);
    test_set_int (brief, ZMQ_LINGER, 0);
    test_set_int (patient, ZMQ_LINGER, 150);
    long long start = test_now ();
    EXPECT_OK (zmq_close (patient));
    EXPECT_OK (zmq_close (brief));
    EXPECT_INT (zmq_ctx_term (context), 0);
    EXPECT (test_now () - start >= 149);
}

static void without_a_limit_term_waits_until_the_peer_comes (void)
{
    void *context = zmq_ctx_new ();
    const char *endpoint = wire_endpoint ();
    void *push = push_to_nobody (context, endpoint);
    EXPECT_INT (test_get_int (push, ZMQ_LINGER), -1);
    EXPECT_OK (zmq_close (push));
    struct blocked *term = blocked_start (terminate, context);
    void *pull = test_socket (ZMQ_PULL);
    EXPECT_OK (zmq_bind (pull, endpoint));
    EXPECT_MSG (pull, "first");
    EXPECT_MSG (pull, "second|part");
    EXPECT_MSG (pull, "third");
    EXPECT_INT (blocked_join (term), 0);
}

/* More than all buffers on the way hold: closing must not cut it, however slowly the peer reads. */
static void term_waits_until_a_slow_peer_has_read_all (void)
{
    enum { MESSAGES = 120, SIZE = 200000 };
    void *context = zmq_ctx_new (), *push = zmq_socket (context, ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    char *bytes = test_keep (malloc (SIZE)), *got = test_keep (malloc (SIZE));
    const char *endpoint = wire_endpoint ();
    test_set_int (pull, ZMQ_RCVHWM, 2);
    EXPECT_OK (zmq_bind (pull, endpoint));
    test_connect (push, endpoint);
    for (int i = 0; i < MESSAGES; i++) {
        memset (bytes, 'A' + i % 26, SIZE);
        EXPECT_INT (zmq_send (push, bytes, SIZE, 0), SIZE);
    }
    EXPECT_OK (zmq_close (push));
    struct blocked *term = blocked_start (terminate, context);
    for (int i = 0; i < MESSAGES; i++) {
        memset (bytes, 'A' + i % 26, SIZE);
        EXPECT_INT (zmq_recv (pull, got, SIZE, 0), SIZE);
        EXPECT (memcmp (bytes, got, SIZE) == 0);
    }
    EXPECT_INT (blocked_join (term), 0);
}

/* The same for a socket that was closed long before its peer came. */
static void a_closed_socket_feeds_a_slow_peer_that_comes_later (void)
{
    enum { MESSAGES = 60, SIZE = 200000 };
    void *context = zmq_ctx_new (), *push = zmq_socket (context, ZMQ_PUSH);
    char *bytes = test_keep (malloc (SIZE)), *got = test_keep (malloc (SIZE));
    const char *endpoint = wire_endpoint ();
    test_connect (push, endpoint);
    for (int i = 0; i < MESSAGES; i++) {
        memset (bytes, 'A' + i % 26, SIZE);
        EXPECT_INT (zmq_send (push, bytes, SIZE, 0), SIZE);
    }
    EXPECT_OK (zmq_close (push));
    struct blocked *term = blocked_start (terminate, context);
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_RCVHWM, 2);
    EXPECT_OK (zmq_bind (pull, endpoint));
    for (int i = 0; i < MESSAGES; i++) {
        memset (bytes, 'A' + i % 26, SIZE);
        EXPECT_INT (zmq_recv (pull, got, SIZE, 0), SIZE);
        EXPECT (memcmp (bytes, got, SIZE) == 0);
    }
    EXPECT_INT (blocked_join (term), 0);
}

/* The peer lives and does not read: the limit holds all the same. */
static void linger_n_holds_for_a_peer_that_does_not_read (void)
{
    enum { MESSAGES = 60, SIZE = 1000000 };
    char endpoint[64], *bytes = test_keep (calloc (1, SIZE));
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *context = zmq_ctx_new (), *push = zmq_socket (context, ZMQ_PUSH);
    test_connect (push, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    for (int i = 0; i < MESSAGES; i++)
        EXPECT_INT (zmq_send (push, bytes, SIZE, 0), SIZE);
    test_set_int (push, ZMQ_LINGER, 200);
    long long start = test_now ();
    EXPECT_OK (zmq_close (push));
    EXPECT_INT (zmq_ctx_term (context), 0);
    EXPECT (test_now () - start >= 199);
    EXPECT (test_now () - start < test_patience () / 2);
    raw_close (peer);
    raw_close (listener);
}

/* The accepting side too, and the reply that a server sends last. */
static void the_last_reply_arrives_although_the_server_ends (void)
{
    void *context, *server = wire_socket (ZMQ_REP, &context), *client = test_socket (ZMQ_REQ);
    const char *endpoint = wire_endpoint ();
    test_set_int (server, ZMQ_LINGER, -1);
    EXPECT_OK (zmq_bind (server, endpoint));
    test_connect (client, endpoint);
    SEND (client, "stop");
    EXPECT_MSG (server, "stop");
    SEND (server, "stopped");
    wire_close (server, context);
    EXPECT_MSG (client, "stopped");
}

static void close_never_blocks (void)
{
    void *context = zmq_ctx_new ();
    const char *endpoint = wire_endpoint ();
    void *push = push_to_nobody (context, endpoint);
    long long start = test_now ();
    EXPECT_OK (zmq_close (push));
    EXPECT (test_now () - start < test_patience () / 2);
    /* Let the messages go, so that the context can end. */
    void *pull = test_socket (ZMQ_PULL);
    EXPECT_OK (zmq_bind (pull, endpoint));
    EXPECT_INT (zmq_ctx_term (context), 0);
}

static void an_unfinished_message_is_dropped_at_close (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH), *other = test_socket (ZMQ_PUSH);
    const char *endpoint = test_bind (pull);
    test_connect (push, endpoint);
    test_set_int (push, ZMQ_LINGER, -1);
    SEND (push, "whole");
    SEND_START (push, "begun");
    test_close (push);
    EXPECT_MSG (pull, "whole");
    test_connect (other, endpoint);
    SEND (other, "other");
    EXPECT_MSG (pull, "other");
}

static void a_message_to_an_inproc_name_nobody_bound_does_not_block (void)
{
    void *context = zmq_ctx_new ();
    void *push = push_to_nobody (context, "inproc://never-bound");
    EXPECT_OK (zmq_close (push));
    EXPECT_INT (zmq_ctx_term (context), 0);
}

static void messages_received_and_not_read_do_not_block (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    test_join (pull, push);
    test_set_int (pull, ZMQ_LINGER, -1);
    for (int i = 0; i < 10; i++)
        SEND (push, "unread");
    WAIT_EVENTS (pull, ZMQ_POLLIN);
    test_teardown ();
}

/* disconnect lets the socket forget the peer at once, and what was queued for it goes on in the background. */
static void linger_holds_for_disconnect_too (void)
{
    void *context = zmq_ctx_new ();
    const char *endpoint = wire_endpoint ();
    void *push = push_to_nobody (context, endpoint), *pull = test_socket (ZMQ_PULL);
    EXPECT_OK (zmq_disconnect (push, endpoint));
    EXPECT_ERRNO (zmq_send (push, "", 0, ZMQ_DONTWAIT), EAGAIN);
    EXPECT_OK (zmq_bind (pull, endpoint));
    EXPECT_MSG (pull, "first");
    EXPECT_MSG (pull, "second|part");
    EXPECT_MSG (pull, "third");
    EXPECT_OK (zmq_close (push));
    EXPECT_INT (zmq_ctx_term (context), 0);
}

TESTS ({RUN (linger_0_discards_at_once), ROWS (wires)}, {RUN (linger_n_waits_that_long), ROWS (wires)},
       {RUN (term_waits_for_the_most_patient_socket), ROWS (wires)},
       {RUN (without_a_limit_term_waits_until_the_peer_comes), ROWS (wires)},
       {RUN (term_waits_until_a_slow_peer_has_read_all), ROWS (wires)},
       {RUN (a_closed_socket_feeds_a_slow_peer_that_comes_later), ROWS (wires)},
       {RUN (linger_n_holds_for_a_peer_that_does_not_read)},
       {RUN (the_last_reply_arrives_although_the_server_ends), ROWS (wires)}, {RUN (close_never_blocks), ROWS (wires)},
       {RUN (an_unfinished_message_is_dropped_at_close), EACH_TRANSPORT},
       {RUN (a_message_to_an_inproc_name_nobody_bound_does_not_block)},
       {RUN (messages_received_and_not_read_do_not_block), EACH_WAY},
       {RUN (linger_holds_for_disconnect_too), ROWS (wires)});
