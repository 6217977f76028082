/* ROUTER: names of peers, routing by name, and what becomes of a message for a name nobody has. */
#include "test.h"

#include <stdlib.h>

static void *router, *dealer;

static void *named_dealer (const char *name)
{
    void *socket = test_socket (ZMQ_DEALER);
    if (name)
        test_set_text (socket, ZMQ_ROUTING_ID, name);
    return socket;
}

static void join_router_dealer (const char *name)
{
    router = test_socket (ZMQ_ROUTER);
    dealer = named_dealer (name);
    test_join (router, dealer);
}

/* A dealer is known to the router when a message of its has been read. */
static void introduce (void *peer, const char *message)
{
    SEND (peer, "hello");
    EXPECT_MSG (router, message);
}

static void a_message_is_prefixed_with_the_name (void)
{
    join_router_dealer ("name");
    SEND (dealer, "a|b");
    EXPECT_MSG (router, "name|a|b");
    SEND (dealer, "");
    EXPECT_MSG (router, "name|");
    SEND (dealer, "|x");
    EXPECT_MSG (router, "name||x");
}

static void the_first_frame_names_the_receiver (void)
{
    join_router_dealer ("name");
    introduce (dealer, "name|hello");
    SEND (router, "name|a|b");
    EXPECT_MSG (dealer, "a|b");
    SEND (router, "name|");
    EXPECT_MSG (dealer, "");
    SEND (router, "name||x|");
    EXPECT_MSG (dealer, "|x|");
}

static void a_nameless_peer_gets_five_bytes (void)
{
    unsigned char first[16], second[16];
    void *other = named_dealer (NULL);
    join_router_dealer (NULL);
    test_join (router, other);
    SEND (dealer, "one");
    EXPECT_INT (zmq_recv (router, first, sizeof first, 0), 5);
    EXPECT_MSG (router, "one");
    SEND (other, "two");
    EXPECT_INT (zmq_recv (router, second, sizeof second, 0), 5);
    EXPECT_MSG (router, "two");
    EXPECT_INT (first[0], 0);
    EXPECT_INT (second[0], 0);
    EXPECT (memcmp (first, second, 5) != 0);
    EXPECT_OK (zmq_send (router, second, 5, ZMQ_SNDMORE));
    SEND (router, "to two");
    EXPECT_OK (zmq_send (router, first, 5, ZMQ_SNDMORE));
    SEND (router, "to one");
    EXPECT_MSG (dealer, "to one");
    EXPECT_MSG (other, "to two");
    SEND (dealer, "again");
    EXPECT_INT (zmq_recv (router, second, sizeof second, 0), 5);
    EXPECT (memcmp (first, second, 5) == 0);
    EXPECT_MSG (router, "again");
}

static void a_name_may_be_255_bytes (void)
{
    char name[256], message[300], address[300];
    memset (name, 'n', 255);
    name[255] = '\0';
    strcat (strcpy (message, name), "|hello");
    strcat (strcpy (address, name), "|back");
    join_router_dealer (name);
    introduce (dealer, message);
    SEND (router, address);
    EXPECT_MSG (dealer, "back");
}

static void a_name_may_be_binary (void)
{
    router = test_socket (ZMQ_ROUTER);
    dealer = test_socket (ZMQ_DEALER);
    EXPECT_OK (zmq_setsockopt (dealer, ZMQ_ROUTING_ID, "a\0\xff", 3));
    test_join (router, dealer);
    introduce (dealer, "a<00><ff>|hello");
    SEND (router, "a<00><ff>|back");
    EXPECT_MSG (dealer, "back");
}

static void each_peer_gets_its_own (void)
{
    enum { PEERS = 10 };
    void *dealers[PEERS];
    char name[] = "0", message[] = "0|hello", back[] = "0|back|0";
    router = test_socket (ZMQ_ROUTER);
    const char *endpoint = test_bind (router);
    for (int i = 0; i < PEERS; i++) {
        name[0] = message[0] = (char) ('0' + i);
        dealers[i] = named_dealer (name);
        test_connect (dealers[i], endpoint);
        introduce (dealers[i], message);
    }
    for (int i = PEERS - 1; i >= 0; i--) {
        back[0] = back[7] = (char) ('0' + i);
        SEND (router, back);
    }
    for (int i = 0; i < PEERS; i++) {
        back[7] = (char) ('0' + i);
        EXPECT_MSG (dealers[i], back + 2);
    }
}

/* ---- nobody of that name ---- */

static void a_message_for_nobody_is_dropped (void)
{
    join_router_dealer ("name");
    introduce (dealer, "name|hello");
    EXPECT_INT (zmq_send (router, "nobody", 6, ZMQ_SNDMORE), 6);
    EXPECT_INT (zmq_send (router, "lost", 4, ZMQ_SNDMORE), 4);
    EXPECT_INT (zmq_send (router, "too", 3, 0), 3);
    SEND (router, "|nameless");
    SEND (router, "name");
    SEND (router, "name|found");
    EXPECT_MSG (dealer, "found");
}

static void without_any_peer_sending_succeeds (void)
{
    router = test_socket (ZMQ_ROUTER);
    EXPECT_INT (test_events (router), ZMQ_POLLOUT);
    SEND (router, "nobody|x");
    test_bind (router);
    SEND (router, "nobody|x");
    EXPECT_INT (test_events (router), ZMQ_POLLOUT);
}

static void mandatory_refuses_a_message_for_nobody (void)
{
    join_router_dealer ("name");
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    introduce (dealer, "name|hello");
    EXPECT_ERRNO (zmq_send (router, "nobody", 6, ZMQ_SNDMORE), EHOSTUNREACH);
    EXPECT_ERRNO (zmq_send (router, "nobody", 6, ZMQ_SNDMORE | ZMQ_DONTWAIT), EHOSTUNREACH);
    EXPECT_ERRNO (zmq_send (router, "", 0, ZMQ_SNDMORE), EHOSTUNREACH);
    SEND (router, "name|found");
    EXPECT_MSG (dealer, "found");
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 0);
    SEND (router, "nobody|lost");
    SEND (router, "name|found");
    EXPECT_MSG (dealer, "found");
}

static void mandatory_without_a_peer_is_not_writable (void)
{
    router = test_socket (ZMQ_ROUTER);
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    EXPECT_INT (test_events (router), 0);
    dealer = named_dealer ("name");
    test_join (router, dealer);
    introduce (dealer, "name|hello");
    EXPECT_INT (test_events (router), ZMQ_POLLOUT);
}

static void a_peer_that_left_is_unreachable (void)
{
    router = test_socket (ZMQ_ROUTER);
    dealer = named_dealer ("name");
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    test_connect (dealer, test_bind (router));
    introduce (dealer, "name|hello");
    SEND (router, "name|x");
    EXPECT_MSG (dealer, "x");
    test_close (dealer);
    WAIT_UNTIL (test_try_send (router, "name|x") == EHOSTUNREACH);
    WAIT_UNTIL (test_events (router) == 0);
}

/* Who claims a name before its owner is quite gone is ignored for good, and cannot know: so it claims it again. */
static void *heir (const char *endpoint)
{
    void *peer = named_dealer ("name");
    zmq_pollitem_t item = {.socket = router, .events = ZMQ_POLLIN};
    test_connect (peer, endpoint);
    SEND (peer, "hello");
    if (zmq_poll (&item, 1, 200) == 1)
        return peer;
    test_close (peer);
    return NULL;
}

static void a_name_can_be_used_again_after_its_owner_left (void)
{
    router = test_socket (ZMQ_ROUTER);
    dealer = named_dealer ("name");
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    const char *endpoint = test_bind (router);
    test_connect (dealer, endpoint);
    introduce (dealer, "name|hello");
    test_close (dealer);
    WAIT_UNTIL (test_try_send (router, "name|x") == EHOSTUNREACH);
    WAIT_UNTIL ((dealer = heir (endpoint)));
    EXPECT_MSG (router, "name|hello");
    SEND (router, "name|back");
    EXPECT_MSG (dealer, "back");
}

/* ---- frames and messages ---- */

static void a_message_is_not_mixed_with_another_peers (void)
{
    void *other = named_dealer ("other");
    join_router_dealer ("name");
    test_join (router, other);
    SEND_START (dealer, "a");
    SEND (other, "whole|message");
    EXPECT_MSG (router, "other|whole|message");
    SEND (dealer, "b");
    EXPECT_MSG (router, "name|a|b");
}

static void the_name_frame_has_more_and_events_last_for_the_message (void)
{
    join_router_dealer ("name");
    SEND (dealer, "body");
    EXPECT_INT (zmq_recv (router, NULL, 0, 0), 4);
    EXPECT_INT (test_get_int (router, ZMQ_RCVMORE), 1);
    EXPECT_INT (test_events (router) & ZMQ_POLLIN, ZMQ_POLLIN);
    EXPECT_INT (zmq_recv (router, NULL, 0, 0), 4);
    EXPECT_INT (test_get_int (router, ZMQ_RCVMORE), 0);
    EXPECT_INT (test_events (router) & ZMQ_POLLIN, 0);
}

TESTS ({RUN (a_message_is_prefixed_with_the_name), EACH_WAY}, {RUN (the_first_frame_names_the_receiver), EACH_WAY},
       {RUN (a_nameless_peer_gets_five_bytes), EACH_WAY}, {RUN (a_name_may_be_255_bytes), EACH_TRANSPORT},
       {RUN (a_name_may_be_binary), EACH_TRANSPORT}, {RUN (each_peer_gets_its_own), EACH_TRANSPORT},
       {RUN (a_message_for_nobody_is_dropped), EACH_WAY}, {RUN (without_any_peer_sending_succeeds), EACH_TRANSPORT},
       {RUN (mandatory_refuses_a_message_for_nobody), EACH_WAY},
       {RUN (mandatory_without_a_peer_is_not_writable), EACH_WAY},
       {RUN (a_peer_that_left_is_unreachable), EACH_TRANSPORT},
       {RUN (a_name_can_be_used_again_after_its_owner_left), EACH_TRANSPORT},
       {RUN (a_message_is_not_mixed_with_another_peers), EACH_WAY},
       {RUN (the_name_frame_has_more_and_events_last_for_the_message), EACH_TRANSPORT});
