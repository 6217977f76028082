/* A message of several frames arrives whole or not at all, and is taken whole. */
#include "test.h"

#include <stdlib.h>

struct types {
    const char *name;
    int from, to;
    const char *envelope; /* what the receiver sees before the frames */
};

static const struct types pairs[] = {{"pair", ZMQ_PAIR, ZMQ_PAIR, ""},
                                     {"push-pull", ZMQ_PUSH, ZMQ_PULL, ""},
                                     {"dealer-dealer", ZMQ_DEALER, ZMQ_DEALER, ""},
                                     {"dealer-router", ZMQ_DEALER, ZMQ_ROUTER, "D|"},
                                     {"req-rep", ZMQ_REQ, ZMQ_REP, ""},
                                     {"req-router", ZMQ_REQ, ZMQ_ROUTER, "D||"}};

static void *from, *to;

static void join (void)
{
    const struct types *types = test_row ();
    from = test_socket (types->from);
    to = test_socket (types->to);
    if (types->from == ZMQ_DEALER || types->from == ZMQ_REQ)
        test_set_text (from, ZMQ_ROUTING_ID, "D");
    test_join (to, from);
    WAIT_EVENTS (from, ZMQ_POLLOUT);
}

static void expect_enveloped (const char *text)
{
    const struct types *types = test_row ();
    char expected[64] = "";
    strcat (strcat (expected, types->envelope), text);
    EXPECT_MSG (to, expected);
}

static void nothing_is_seen_before_the_last_frame_was_sent (void)
{
    join ();
    for (int i = 0; i < 3; i++)
        SEND_START (from, "part");
    EXPECT_SILENCE (to);
    SEND (from, "end");
    expect_enveloped ("part|part|part|end");
}

static void the_start_of_a_message_dies_with_the_socket (void)
{
    const struct types *types = test_row ();
    void *next = test_socket (types->from);
    from = test_socket (types->from);
    to = test_socket (types->to);
    if (types->from == ZMQ_DEALER || types->from == ZMQ_REQ)
        test_set_text (next, ZMQ_ROUTING_ID, "D");
    test_set_int (from, ZMQ_LINGER, -1);
    const char *endpoint = test_bind (to);
    test_connect (from, endpoint);
    SEND_START (from, "never");
    SEND_START (from, "ends");
    test_close (from);
    if (types->to == ZMQ_PAIR) {
        /* PAIR takes the next peer only when it has lost the first. */
        WAIT_UNTIL (test_events (to) == 0);
        test_close (next);
        return;
    }
    test_connect (next, endpoint);
    SEND (next, "whole|message");
    expect_enveloped ("whole|message");
    EXPECT_INT (test_events (to) & ZMQ_POLLIN, 0);
}

/* The receiver looks away in the middle of a message. */
static void a_message_half_read_can_be_read_on (void)
{
    join ();
    SEND (from, "a|b|c");
    EXPECT_OK (zmq_recv (to, NULL, 0, 0));
    while (test_get_int (to, ZMQ_RCVMORE)) {
        EXPECT_INT (test_events (to) & ZMQ_POLLIN, ZMQ_POLLIN);
        EXPECT_OK (zmq_recv (to, NULL, 0, ZMQ_DONTWAIT));
    }
    EXPECT_INT (test_events (to) & ZMQ_POLLIN, 0);
}

static void many_empty_frames_are_kept (void)
{
    join ();
    SEND (from, "|||||");
    expect_enveloped ("|||||");
}

/* Two senders interleave their frames; the receiver gets one message, then the other. */
static void messages_of_two_senders_do_not_mix (void)
{
    void *push = test_socket (ZMQ_PUSH), *other = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (pull), *text;
    bool one = false, two = false;
    test_connect (push, endpoint);
    test_connect (other, endpoint);
    for (int i = 0; i < 3; i++) {
        SEND_START (push, "1");
        SEND_START (other, "2");
    }
    SEND (other, "2");
    SEND (push, "1");
    for (int i = 0; i < 2; i++) {
        EXPECT ((text = test_recv (pull, 0)) != NULL);
        one = one || strcmp (text, "1|1|1|1") == 0;
        two = two || strcmp (text, "2|2|2|2") == 0;
    }
    EXPECT (one && two);
}

static void publishing_is_whole_for_each_subscriber (void)
{
    void *pub = test_socket (ZMQ_XPUB), *a = test_socket (ZMQ_SUB), *b = test_socket (ZMQ_SUB);
    const char *endpoint = test_bind (pub);
    test_set_text (a, ZMQ_SUBSCRIBE, "A");
    test_set_text (b, ZMQ_SUBSCRIBE, "B");
    test_set_int (pub, ZMQ_XPUB_VERBOSE, 1);
    test_connect (a, endpoint);
    EXPECT_MSG (pub, "<01>A");
    test_connect (b, endpoint);
    EXPECT_MSG (pub, "<01>B");
    /* Subscribing in the middle of a message, whose first frame decided. */
    SEND_START (pub, "A");
    test_set_text (b, ZMQ_SUBSCRIBE, "A");
    EXPECT_MSG (pub, "<01>A");
    SEND (pub, "rest|of|it");
    SEND (pub, "B|x");
    SEND (pub, "A|y");
    EXPECT_MSG (a, "A|rest|of|it");
    EXPECT_MSG (a, "A|y");
    EXPECT_MSG (b, "B|x");
    EXPECT_MSG (b, "A|y");
}

TESTS ({RUN (nothing_is_seen_before_the_last_frame_was_sent), ROWS (pairs)},
       {RUN (the_start_of_a_message_dies_with_the_socket), EACH_TRANSPORT, ROWS (pairs)},
       {RUN (a_message_half_read_can_be_read_on), EACH_TRANSPORT, ROWS (pairs)},
       {RUN (many_empty_frames_are_kept), EACH_TRANSPORT, ROWS (pairs)},
       {RUN (messages_of_two_senders_do_not_mix), EACH_TRANSPORT},
       {RUN (publishing_is_whole_for_each_subscriber), EACH_TRANSPORT});
