/* ROUTER: one name claimed twice, names given by the connecting side, probes, and routers among themselves. */
#include "test.h"

static void *named (int type, const char *name)
{
    void *socket = test_socket (type);
    test_set_text (socket, ZMQ_ROUTING_ID, name);
    return socket;
}

/* ---- one name twice ---- */

static void the_first_keeps_the_name (void)
{
    void *router = test_socket (ZMQ_ROUTER), *first = named (ZMQ_DEALER, "name"), *second = named (ZMQ_DEALER, "name");
    const char *endpoint = test_bind (router);
    test_connect (first, endpoint);
    SEND (first, "1");
    EXPECT_MSG (router, "name|1");
    test_connect (second, endpoint);
    SEND (second, "intruder");
    for (int i = 0; i < 20; i++) {
        SEND (first, "2");
        EXPECT_MSG (router, "name|2");
        SEND (router, "name|x");
        EXPECT_MSG (first, "x");
    }
    EXPECT_SILENCE (router);
    EXPECT_INT (test_events (second) & ZMQ_POLLIN, 0);
}

static void with_handover_the_newest_gets_the_name (void)
{
    void *router = test_socket (ZMQ_ROUTER), *first = named (ZMQ_DEALER, "name"), *second = named (ZMQ_DEALER, "name");
    test_set_int (router, ZMQ_ROUTER_HANDOVER, 1);
    const char *endpoint = test_bind (router);
    test_connect (first, endpoint);
    SEND (first, "1");
    EXPECT_MSG (router, "name|1");
    test_connect (second, endpoint);
    SEND (second, "2");
    EXPECT_MSG (router, "name|2");
    SEND (router, "name|x");
    EXPECT_MSG (second, "x");
    EXPECT_INT (test_events (first) & ZMQ_POLLIN, 0);
}

/* ---- names given by the connecting side ---- */

static void a_connection_can_be_given_a_name (void)
{
    void *router = test_socket (ZMQ_ROUTER), *a = test_socket (ZMQ_DEALER), *b = test_socket (ZMQ_DEALER);
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    const char *endpoint_a = test_bind (a), *endpoint_b = test_bind (b);
    test_set_text (router, ZMQ_CONNECT_ROUTING_ID, "A");
    test_connect (router, endpoint_a);
    test_set_text (router, ZMQ_CONNECT_ROUTING_ID, "B");
    test_connect (router, endpoint_b);
    /* Usable at once, before the peers have been heard of. */
    SEND (router, "B|to|b");
    SEND (router, "A|to|a");
    EXPECT_MSG (a, "to|a");
    EXPECT_MSG (b, "to|b");
    SEND (a, "from a");
    EXPECT_MSG (router, "A|from a");
    SEND (b, "from b");
    EXPECT_MSG (router, "B|from b");
}

static void a_given_name_overrides_the_peers_own (void)
{
    void *router = test_socket (ZMQ_ROUTER), *dealer = named (ZMQ_DEALER, "own");
    const char *endpoint = test_bind (dealer);
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    test_set_text (router, ZMQ_CONNECT_ROUTING_ID, "given");
    test_connect (router, endpoint);
    SEND (router, "given|x");
    EXPECT_MSG (dealer, "x");
    SEND (dealer, "y");
    EXPECT_MSG (router, "given|y");
    EXPECT_INT (test_try_send (router, "own|x"), EHOSTUNREACH);
}

static void a_given_name_is_for_one_connection (void)
{
    void *router = test_socket (ZMQ_ROUTER), *a = named (ZMQ_DEALER, "a"), *b = named (ZMQ_DEALER, "b");
    const char *endpoint_a = test_bind (a), *endpoint_b = test_bind (b);
    test_set_text (router, ZMQ_CONNECT_ROUTING_ID, "given");
    test_connect (router, endpoint_a);
    test_connect (router, endpoint_b);
    WAIT_EVENTS (b, ZMQ_POLLOUT);
    SEND (b, "x");
    EXPECT_MSG (router, "b|x");
    WAIT_EVENTS (a, ZMQ_POLLOUT);
    SEND (a, "x");
    EXPECT_MSG (router, "given|x");
}

static void a_message_to_a_named_connection_waits_for_the_peer (void)
{
    void *router = test_socket (ZMQ_ROUTER), *dealer = test_socket (ZMQ_DEALER);
    const char *endpoint = test_endpoint ();
    test_set_int (router, ZMQ_RECONNECT_IVL, 10);
    test_set_text (router, ZMQ_CONNECT_ROUTING_ID, "later");
    test_connect (router, endpoint);
    SEND (router, "later|x");
    EXPECT_OK (zmq_bind (dealer, endpoint));
    EXPECT_MSG (dealer, "x");
}

/* ---- probes ---- */

struct prober {
    const char *name;
    int type;
};

static const struct prober probers[] = {{"dealer", ZMQ_DEALER}, {"req", ZMQ_REQ}, {"router", ZMQ_ROUTER}};

/* The connecting side speaks first, an empty message, so that the router learns its name. */
static void a_probe_makes_the_peer_known (void)
{
    int type = ((const struct prober *) test_row ())->type;
    void *router = test_socket (ZMQ_ROUTER), *peer = named (type, "name");
    test_set_int (peer, ZMQ_PROBE_ROUTER, 1);
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    test_connect (peer, test_bind (router));
    EXPECT_MSG (router, "name|");
    SEND (router, type == ZMQ_REQ ? "name||x" : "name|x");
    if (type == ZMQ_DEALER)
        EXPECT_MSG (peer, "x");
}

static void a_probe_comes_before_what_is_sent (void)
{
    void *router = test_socket (ZMQ_ROUTER), *dealer = named (ZMQ_DEALER, "name");
    test_set_int (dealer, ZMQ_PROBE_ROUTER, 1);
    test_connect (dealer, test_bind (router));
    SEND (dealer, "x|y");
    EXPECT_MSG (router, "name|");
    EXPECT_MSG (router, "name|x|y");
}

/* ---- routers among themselves ---- */

static void routers_talk_by_their_names (void)
{
    void *a = named (ZMQ_ROUTER, "A"), *b = named (ZMQ_ROUTER, "B");
    test_set_int (a, ZMQ_ROUTER_MANDATORY, 1);
    test_join (a, b);
    WAIT_UNTIL (test_try_send (a, "B|hello|b") == 0);
    EXPECT_MSG (b, "A|hello|b");
    SEND (b, "A|hello|a");
    EXPECT_MSG (a, "B|hello|a");
}

static void a_router_knows_its_peer_after_a_probe (void)
{
    void *a = named (ZMQ_ROUTER, "A"), *b = named (ZMQ_ROUTER, "B");
    test_set_int (a, ZMQ_PROBE_ROUTER, 1);
    test_set_int (b, ZMQ_PROBE_ROUTER, 1);
    test_join (a, b);
    /* A binding router probes when its own thread learns of the peer. */
    WAIT_UNTIL ((test_events (a), test_events (b)) & ZMQ_POLLIN);
    EXPECT_MSG (b, "A|");
    EXPECT_MSG (a, "B|");
    SEND (a, "B|x");
    EXPECT_MSG (b, "A|x");
}

TESTS ({RUN (the_first_keeps_the_name), EACH_TRANSPORT}, {RUN (with_handover_the_newest_gets_the_name), EACH_TRANSPORT},
       {RUN (a_connection_can_be_given_a_name), EACH_TRANSPORT},
       {RUN (a_given_name_overrides_the_peers_own), EACH_TRANSPORT},
       {RUN (a_given_name_is_for_one_connection), EACH_TRANSPORT},
       {RUN (a_message_to_a_named_connection_waits_for_the_peer), EACH_TRANSPORT},
       {RUN (a_probe_makes_the_peer_known), EACH_TRANSPORT, ROWS (probers)},
       {RUN (a_probe_comes_before_what_is_sent), EACH_TRANSPORT}, {RUN (routers_talk_by_their_names), EACH_WAY},
       {RUN (a_router_knows_its_peer_after_a_probe), EACH_WAY});
