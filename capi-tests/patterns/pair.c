/* PAIR: exactly one peer. */
#include "test.h"

#include <stdio.h>

static void both_directions_work_at_once (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    char text[16];
    test_join (a, b);
    WAIT_EVENTS (a, ZMQ_POLLOUT);
    WAIT_EVENTS (b, ZMQ_POLLOUT);
    for (int i = 0; i < 100; i++) {
        snprintf (text, sizeof text, "%d|x", i);
        SEND (a, text);
        SEND (b, text);
    }
    for (int i = 0; i < 100; i++) {
        snprintf (text, sizeof text, "%d|x", i);
        EXPECT_MSG (b, text);
        EXPECT_MSG (a, text);
    }
}

static void without_a_peer_nothing_can_be_sent (void)
{
    void *a = test_socket (ZMQ_PAIR);
    EXPECT_INT (test_events (a), 0);
    EXPECT_INT (test_try_send (a, "x"), EAGAIN);
    test_bind (a);
    EXPECT_INT (test_events (a), 0);
    EXPECT_INT (test_try_send (a, "x"), EAGAIN);
}

/* The third party can send into the void; the two go on undisturbed. */
static void a_third_party_is_left_out (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR), *third = test_socket (ZMQ_PAIR);
    const char *endpoint = test_bind (a);
    test_connect (b, endpoint);
    SEND (b, "first");
    EXPECT_MSG (a, "first");
    test_connect (third, endpoint);
    SEND (third, "intruder");
    for (int i = 0; i < 20; i++) {
        SEND (b, "ping");
        EXPECT_MSG (a, "ping");
        SEND (a, "pong");
        EXPECT_MSG (b, "pong");
    }
    EXPECT_SILENCE (a);
    EXPECT_INT (test_events (third) & ZMQ_POLLIN, 0);
}

static void when_the_peer_leaves_the_binding_side_cannot_send (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    test_connect (b, test_bind (a));
    SEND (b, "x");
    EXPECT_MSG (a, "x");
    EXPECT_INT (test_events (a), ZMQ_POLLOUT);
    test_close (b);
    WAIT_UNTIL (test_events (a) == 0);
    EXPECT_INT (test_try_send (a, "x"), EAGAIN);
}

/* A new peer that comes before the old one is quite gone is refused for good, and cannot know: so it asks again. */
static void *taken_peer (void *a, const char *endpoint)
{
    void *peer = test_socket (ZMQ_PAIR);
    zmq_pollitem_t item = {.socket = a, .events = ZMQ_POLLIN};
    test_connect (peer, endpoint);
    SEND (peer, "y");
    if (zmq_poll (&item, 1, 200) == 1)
        return peer;
    test_close (peer);
    return NULL;
}

static void a_new_peer_is_taken_after_the_first_left (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR), *next;
    const char *endpoint = test_bind (a);
    test_connect (b, endpoint);
    SEND (b, "x");
    EXPECT_MSG (a, "x");
    test_close (b);
    WAIT_UNTIL (test_events (a) == 0);
    WAIT_UNTIL ((next = taken_peer (a, endpoint)));
    EXPECT_MSG (a, "y");
    SEND (a, "z");
    EXPECT_MSG (next, "z");
}

static void what_the_peer_sent_before_it_left_can_be_read (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    test_set_int (b, ZMQ_LINGER, -1);
    test_connect (b, test_bind (a));
    for (int i = 0; i < 10; i++)
        SEND (b, "last|words");
    test_close (b);
    for (int i = 0; i < 10; i++)
        EXPECT_MSG (a, "last|words");
}

static void conflate_has_no_effect (void)
{
    void *a = test_socket (ZMQ_PAIR), *b = test_socket (ZMQ_PAIR);
    test_set_int (a, ZMQ_CONFLATE, 1);
    test_set_int (b, ZMQ_CONFLATE, 1);
    test_join (a, b);
    SEND (a, "1");
    SEND (a, "2");
    EXPECT_MSG (b, "1");
    EXPECT_MSG (b, "2");
}

TESTS ({RUN (both_directions_work_at_once), EACH_WAY}, {RUN (without_a_peer_nothing_can_be_sent), EACH_TRANSPORT},
       {RUN (a_third_party_is_left_out), EACH_TRANSPORT},
       {RUN (when_the_peer_leaves_the_binding_side_cannot_send), EACH_TRANSPORT},
       {RUN (a_new_peer_is_taken_after_the_first_left), EACH_TRANSPORT},
       {RUN (what_the_peer_sent_before_it_left_can_be_read), EACH_TRANSPORT}, {RUN (conflate_has_no_effect), EACH_WAY});
