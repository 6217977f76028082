/* CONFLATE: a queue of one message, the newest, on either side of PUSH, PULL, PUB, SUB and DEALER. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

enum { COUNT = 50 };

struct types {
    const char *name;
    int from, to;
};

static const struct types pairs[] = {{"push-pull", ZMQ_PUSH, ZMQ_PULL}, {"dealer-dealer", ZMQ_DEALER, ZMQ_DEALER}};

static void send_numbers (void *socket)
{
    char text[16];
    for (int i = 1; i <= COUNT; i++) {
        snprintf (text, sizeof text, "%d", i);
        SEND (socket, text);
    }
}

/* Reads until the last number; what came before must rise, and nothing may follow. */
static void expect_newest (void *socket)
{
    int before = 0;
    while (before != COUNT) {
        const char *text = test_recv (socket, 0);
        EXPECT (text != NULL);
        EXPECT (atoi (text) > before);
        before = atoi (text);
    }
    EXPECT_INT (test_events (socket) & ZMQ_POLLIN, 0);
}

/* Nobody to send to yet: of all that is sent only the last is kept. */
static void an_unsent_message_is_replaced_by_the_next (void)
{
    const struct types *types = test_row ();
    void *from = test_socket (types->from), *to = test_socket (types->to);
    const char *endpoint = test_endpoint ();
    test_set_int (from, ZMQ_CONFLATE, 1);
    test_set_int (from, ZMQ_RECONNECT_IVL, 10);
    test_connect (from, endpoint);
    send_numbers (from);
    EXPECT_INT (test_events (from) & ZMQ_POLLOUT, ZMQ_POLLOUT);
    EXPECT_OK (zmq_bind (to, endpoint));
    EXPECT_MSG (to, "50");
    SEND (from, "next");
    EXPECT_MSG (to, "next");
}

static void an_unread_message_is_replaced_by_the_next (void)
{
    const struct types *types = test_row ();
    void *from = test_socket (types->from), *to = test_socket (types->to);
    test_set_int (to, ZMQ_CONFLATE, 1);
    test_join (to, from);
    WAIT_EVENTS (from, ZMQ_POLLOUT);
    send_numbers (from);
    expect_newest (to);
    SEND (from, "next");
    EXPECT_MSG (to, "next");
}

static void over_inproc_exactly_one_is_left (void)
{
    const struct types *types = test_row ();
    void *from = test_socket (types->from), *to = test_socket (types->to);
    test_set_int (from, ZMQ_CONFLATE, 1);
    test_set_int (to, ZMQ_CONFLATE, 1);
    test_join (to, from);
    send_numbers (from);
    EXPECT_MSG (to, "50");
    EXPECT_INT (test_events (to) & ZMQ_POLLIN, 0);
    EXPECT_INT (test_events (from) & ZMQ_POLLOUT, ZMQ_POLLOUT);
}

/* High-water marks do not limit it: a sender that conflates never has to wait. */
static void a_conflating_sender_is_always_writable (void)
{
    const struct types *types = test_row ();
    void *from = test_socket (types->from);
    test_set_int (from, ZMQ_CONFLATE, 1);
    test_set_int (from, ZMQ_SNDHWM, 1);
    test_connect (from, test_endpoint ());
    EXPECT_INT (test_fill (from, "x", 100), 100);
}

static void a_conflating_dealer_may_end_before_its_inproc_peer_came (void)
{
    void *dealer = test_socket (ZMQ_DEALER);
    test_set_int (dealer, ZMQ_CONFLATE, 1);
    test_connect (dealer, test_endpoint ());
    EXPECT_INT (test_fill (dealer, "x", 100), 100);
    test_teardown ();
}

static void a_conflating_subscriber_gets_the_newest (void)
{
    void *pub = test_socket (ZMQ_XPUB), *sub = test_socket (ZMQ_SUB);
    test_set_int (sub, ZMQ_CONFLATE, 1);
    test_set_text (sub, ZMQ_SUBSCRIBE, "");
    test_connect (sub, test_bind (pub));
    EXPECT_MSG (pub, "<01>");
    send_numbers (pub);
    expect_newest (sub);
}

/* As the Guide has it: the slow subscriber reads now and then, and sees what is current. */
static void a_subscriber_that_pauses_skips_what_is_old (void)
{
    void *pub = test_socket (ZMQ_XPUB), *sub = test_socket (ZMQ_SUB);
    test_set_int (sub, ZMQ_CONFLATE, 1);
    test_set_text (sub, ZMQ_SUBSCRIBE, "");
    test_connect (sub, test_bind (pub));
    EXPECT_MSG (pub, "<01>");
    for (int i = 0; i < 3; i++) {
        send_numbers (pub);
        EXPECT_MSG (sub, "50");
        EXPECT_INT (test_events (sub), 0);
    }
}

static void the_option_is_ignored_by_other_types (void)
{
    void *req = test_socket (ZMQ_ROUTER), *dealer = test_socket (ZMQ_DEALER);
    test_set_int (req, ZMQ_CONFLATE, 1);
    test_set_text (dealer, ZMQ_ROUTING_ID, "D");
    test_join (req, dealer);
    SEND (dealer, "1|a");
    SEND (dealer, "2|b");
    EXPECT_MSG (req, "D|1|a");
    EXPECT_MSG (req, "D|2|b");
}

TESTS ({RUN (an_unsent_message_is_replaced_by_the_next), EACH_NETWORK, ROWS (pairs)},
       {RUN (an_unread_message_is_replaced_by_the_next), EACH_WAY, ROWS (pairs)},
       {RUN (over_inproc_exactly_one_is_left), ROWS (pairs)},
       {RUN (a_conflating_sender_is_always_writable), EACH_NETWORK, ROWS (pairs)},
       {RUN (a_conflating_dealer_may_end_before_its_inproc_peer_came), BETTER ("libzmq aborts")},
       {RUN (a_conflating_subscriber_gets_the_newest), EACH_TRANSPORT},
       {RUN (a_subscriber_that_pauses_skips_what_is_old)},
       {RUN (the_option_is_ignored_by_other_types), EACH_WAY});
