/* Every pair of socket types that may talk: an exchange over each transport, whichever side binds, whichever is
 * first. */
#include "test.h"

/* What a sends and b gets, and the answer. A null text: that type does not send. */
struct exchange {
    const char *name;
    int type_a, type_b;
    const char *a_sends, *b_gets, *b_sends, *a_gets;
};

static const struct exchange exchanges[] = {
    {"pair-pair", ZMQ_PAIR, ZMQ_PAIR, "to|b", "to|b", "to|a", "to|a"},
    {"push-pull", ZMQ_PUSH, ZMQ_PULL, "to|b", "to|b", NULL, NULL},
    {"pub-sub", ZMQ_PUB, ZMQ_SUB, "to|b", "to|b", NULL, NULL},
    {"pub-xsub", ZMQ_PUB, ZMQ_XSUB, "to|b", "to|b", NULL, NULL},
    {"xpub-sub", ZMQ_XPUB, ZMQ_SUB, "to|b", "to|b", NULL, NULL},
    {"xpub-xsub", ZMQ_XPUB, ZMQ_XSUB, "to|b", "to|b", "up|a", "up|a"},
    {"req-rep", ZMQ_REQ, ZMQ_REP, "to|b", "to|b", "to|a", "to|a"},
    {"req-router", ZMQ_REQ, ZMQ_ROUTER, "to|b", "A||to|b", "A||to|a", "to|a"},
    {"dealer-rep", ZMQ_DEALER, ZMQ_REP, "|to|b", "to|b", "to|a", "|to|a"},
    {"dealer-dealer", ZMQ_DEALER, ZMQ_DEALER, "to|b", "to|b", "to|a", "to|a"},
    {"dealer-router", ZMQ_DEALER, ZMQ_ROUTER, "to|b", "A|to|b", "A|to|a", "to|a"},
    {"router-router", ZMQ_ROUTER, ZMQ_ROUTER, "B|to|b", "A|to|b", "A|to|a", "B|to|a"},
};

static void *make_socket (int type, const char *identity)
{
    void *socket = test_socket (type);
    test_set_int (socket, ZMQ_RECONNECT_IVL, 10);
    if (type == ZMQ_REQ || type == ZMQ_DEALER || type == ZMQ_ROUTER)
        test_set_text (socket, ZMQ_ROUTING_ID, identity);
    if (type == ZMQ_ROUTER)
        test_set_int (socket, ZMQ_ROUTER_MANDATORY, 1);
    if (type == ZMQ_SUB)
        test_set_text (socket, ZMQ_SUBSCRIBE, "to");
    if (type == ZMQ_XSUB)
        SEND (socket, "<01>to");
    return socket;
}

/* A message that can be lost until the peers know each other is sent until it arrives. */
static void publish (void *a, void *b, const char *text)
{
    WAIT_UNTIL ((test_events (a), SEND (a, text), test_events (b) & ZMQ_POLLIN));
}

static bool knows_its_peer (void *socket, const char *text)
{
    int error = test_try_send (socket, text);
    EXPECT (error == 0 || error == EHOSTUNREACH);
    return error == 0;
}

static void talk (const struct exchange *exchange, void *a, void *b)
{
    if (exchange->type_a == ZMQ_PUB || exchange->type_a == ZMQ_XPUB)
        publish (a, b, exchange->a_sends);
    else if (exchange->type_a == ZMQ_ROUTER)
        WAIT_UNTIL (knows_its_peer (a, exchange->a_sends));
    else
        SEND (a, exchange->a_sends);
    EXPECT_MSG (b, exchange->b_gets);
    if (!exchange->b_sends)
        return;
    SEND (b, exchange->b_sends);
    if (exchange->type_a == ZMQ_XPUB)
        EXPECT_MSG (a, "<01>to");
    EXPECT_MSG (a, exchange->a_gets);
}

static void an_exchange_after_bind_and_connect (void)
{
    const struct exchange *exchange = test_row ();
    void *a = make_socket (exchange->type_a, "A"), *b = make_socket (exchange->type_b, "B");
    test_join (a, b);
    talk (exchange, a, b);
}

static void an_exchange_when_connecting_came_first (void)
{
    const struct exchange *exchange = test_row ();
    void *a = make_socket (exchange->type_a, "A"), *b = make_socket (exchange->type_b, "B");
    const char *endpoint = test_endpoint ();
    test_connect (test_first_binds () ? b : a, endpoint);
    EXPECT_OK (zmq_bind (test_first_binds () ? a : b, endpoint));
    talk (exchange, a, b);
}

/* Over the wire the peers tell their types, and refuse each other. */
static void incompatible_types_do_not_talk (void)
{
    void *pull = test_socket (ZMQ_PULL), *good = test_socket (ZMQ_PUSH), *bad = test_socket (ZMQ_PAIR);
    const char *endpoint = test_bind (pull);
    test_connect (bad, endpoint);
    SEND (bad, "bad");
    test_connect (good, endpoint);
    SEND (good, "good");
    EXPECT_MSG (pull, "good");
    EXPECT_SILENCE (pull);
}

TESTS ({RUN (an_exchange_after_bind_and_connect), EACH_WAY, ROWS (exchanges)},
       {RUN (an_exchange_when_connecting_came_first), EACH_WAY, ROWS (exchanges)},
       {RUN (incompatible_types_do_not_talk), EACH_NETWORK});
