/* Types that drop at the high-water mark: the newest goes, for the full peer alone, and always a whole message.
 * XPUB_NODROP and ROUTER_MANDATORY turn dropping into waiting. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

static void *subscriber (void *xpub, const char *endpoint, int rcvhwm)
{
    void *sub = test_socket (ZMQ_SUB);
    test_set_int (sub, ZMQ_RCVHWM, rcvhwm);
    test_set_int (sub, ZMQ_RCVBUF, 65536);
    test_set_text (sub, ZMQ_SUBSCRIBE, "");
    test_connect (sub, endpoint);
    EXPECT_MSG (xpub, "<01>");
    return sub;
}

static void *publisher (int sndhwm)
{
    void *xpub = test_socket (ZMQ_XPUB);
    test_set_int (xpub, ZMQ_SNDHWM, sndhwm);
    test_set_int (xpub, ZMQ_SNDBUF, 65536);
    test_set_int (xpub, ZMQ_XPUB_VERBOSE, 1);
    return xpub;
}

/* The library may put off looking whether there is room again; reading the events makes it look. */
static void publish (void *xpub, const char *text)
{
    test_events (xpub);
    SEND (xpub, text);
}

static const char *numbered (int number)
{
    char *text = test_keep (malloc (32));
    snprintf (text, 32, "%d|rest|of|it", number);
    return text;
}

/* ---- publishing ---- */

static void a_full_subscriber_misses_the_newest (void)
{
    void *xpub = publisher (2);
    void *sub = subscriber (xpub, test_bind (xpub), 3);
    for (int i = 0; i < 10; i++)
        SEND (xpub, numbered (i));
    EXPECT_INT (test_events (xpub), ZMQ_POLLOUT);
    for (int i = 0; i < 5; i++)
        EXPECT_MSG (sub, numbered (i));
    EXPECT_INT (test_events (sub), 0);
    publish (xpub, "later");
    EXPECT_MSG (sub, "later");
}

static void one_full_subscriber_does_not_hold_up_another (void)
{
    void *xpub = publisher (1);
    const char *endpoint = test_bind (xpub);
    void *full = subscriber (xpub, endpoint, 1), *empty = subscriber (xpub, endpoint, 1);
    for (int i = 0; i < 100; i++) {
        publish (xpub, numbered (i));
        EXPECT_MSG (empty, numbered (i));
    }
    EXPECT_MSG (full, numbered (0));
    EXPECT_MSG (full, numbered (1));
    EXPECT_INT (test_events (full), 0);
}

/* Over the network: what the slow one gets is a part of the messages, each of them whole, in their order. */
static void a_slow_subscriber_gets_whole_messages_in_order (void)
{
    enum { COUNT = 3000, SIZE = 4096 };
    char body[SIZE + 1], text[SIZE + 32];
    void *xpub = publisher (10);
    const char *endpoint = test_bind (xpub), *got;
    void *slow = subscriber (xpub, endpoint, 10), *fast = subscriber (xpub, endpoint, 10);
    int last = -1, received = 0;
    memset (body, 'b', SIZE);
    body[SIZE] = '\0';
    for (int i = 0; i < COUNT; i++) {
        snprintf (text, sizeof text, "%d|%s", i, body);
        publish (xpub, text);
        EXPECT_MSG (fast, text);
    }
    while (last < COUNT) {
        /* The publisher has dropped its share long ago; this one is sent until it gets through. */
        if (!(test_events (slow) & ZMQ_POLLIN)) {
            publish (xpub, "3000|end");
            test_drain (fast);
        }
        if (!(got = test_recv (slow, 0)))
            break;
        int number = atoi (got);
        EXPECT (number > last);
        EXPECT_STR (strchr (got, '|') + 1, number < COUNT ? body : "end");
        last = number;
        received++;
    }
    EXPECT_INT (last, COUNT);
    EXPECT (received < COUNT);
}

static void nodrop_refuses_when_a_subscriber_is_full (void)
{
    void *xpub = publisher (2);
    void *sub = subscriber (xpub, test_bind (xpub), 4);
    test_set_int (xpub, ZMQ_XPUB_NODROP, 1);
    EXPECT_INT (test_fill (xpub, "x|y", 100), 6);
    EXPECT_ERRNO (zmq_send (xpub, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    test_set_int (xpub, ZMQ_SNDTIMEO, 20);
    EXPECT_ERRNO (zmq_send (xpub, "x", 1, 0), EAGAIN);
    EXPECT_INT (test_drain (sub), 6);
    EXPECT_INT (test_fill (xpub, "x|y", 100), 6);
    test_set_int (xpub, ZMQ_XPUB_NODROP, 0);
    EXPECT_INT (test_fill (xpub, "x|y", 100), 100);
    EXPECT_INT (test_drain (sub), 6);
}

/* ---- routing ---- */

static void *router, *dealer;

static void join_router_dealer (int mandatory)
{
    router = test_socket (ZMQ_ROUTER);
    dealer = test_socket (ZMQ_DEALER);
    test_set_int (router, ZMQ_ROUTER_MANDATORY, mandatory);
    test_set_int (router, ZMQ_SNDHWM, 2);
    test_set_int (dealer, ZMQ_RCVHWM, 4);
    test_set_text (dealer, ZMQ_ROUTING_ID, "D");
    test_join (router, dealer);
    SEND (dealer, "hello");
    EXPECT_MSG (router, "D|hello");
}

static void router_drops_for_a_full_peer (void)
{
    join_router_dealer (0);
    EXPECT_INT (test_events (router), ZMQ_POLLOUT);
    EXPECT_INT (test_fill (router, "D|x|y", 20), 20);
    EXPECT_INT (test_events (router), ZMQ_POLLOUT);
    EXPECT_INT (test_drain (dealer), 6);
    EXPECT_INT (test_try_send (router, "D|z"), 0);
    EXPECT_MSG (dealer, "z");
}

static void mandatory_refuses_for_a_full_peer (void)
{
    join_router_dealer (1);
    EXPECT_INT (test_fill (router, "D|x|y", 20), 6);
    EXPECT_INT (test_events (router), 0);
    test_set_int (router, ZMQ_SNDTIMEO, 20);
    EXPECT_ERRNO (zmq_send (router, "D", 1, ZMQ_SNDMORE), EAGAIN);
    EXPECT_INT (test_drain (dealer), 6);
    EXPECT_INT (test_events (router), ZMQ_POLLOUT);
    EXPECT_INT (test_fill (router, "D|x|y", 20), 6);
}

static void mandatory_with_one_peer_full_serves_another (void)
{
    void *other = test_socket (ZMQ_DEALER);
    test_set_text (other, ZMQ_ROUTING_ID, "E");
    test_set_int (other, ZMQ_RCVHWM, 4);
    join_router_dealer (1);
    test_join (router, other);
    SEND (other, "hello");
    EXPECT_MSG (router, "E|hello");
    EXPECT_INT (test_fill (router, "D|x", 20), 6);
    EXPECT_INT (test_events (router), ZMQ_POLLOUT);
    EXPECT_INT (test_fill (router, "E|x", 20), 6);
    EXPECT_INT (test_events (router), 0);
}

/* A server's reply to a client that does not read goes the way of ROUTER's messages. */
static void rep_never_waits_for_its_client (void)
{
    void *rep = test_socket (ZMQ_REP);
    dealer = test_socket (ZMQ_DEALER);
    test_set_int (rep, ZMQ_SNDHWM, 1);
    test_set_int (dealer, ZMQ_RCVHWM, 1);
    test_join (rep, dealer);
    for (int i = 0; i < 20; i++) {
        SEND (dealer, "|q");
        EXPECT_MSG (rep, "q");
        SEND (rep, "r");
    }
    EXPECT_INT (test_drain (dealer), 2);
}

TESTS ({RUN (a_full_subscriber_misses_the_newest)}, {RUN (one_full_subscriber_does_not_hold_up_another)},
       {RUN (a_slow_subscriber_gets_whole_messages_in_order), EACH_NETWORK},
       {RUN (nodrop_refuses_when_a_subscriber_is_full)}, {RUN (router_drops_for_a_full_peer), EACH_BINDER},
       {RUN (mandatory_refuses_for_a_full_peer), EACH_BINDER},
       {RUN (mandatory_with_one_peer_full_serves_another), EACH_BINDER},
       {RUN (rep_never_waits_for_its_client), EACH_BINDER});
