/* zmq_proxy, zmq_proxy_steerable and zmq_device: what goes through, what a capture sees, how they end. */
#include "../harness/test.h"
#include "../harness/thread.h"

#include <stdio.h>
#include <stdlib.h>

/* A proxy in a thread of its own. Its context is shut down to end it; the clients have another one. */
struct relay {
    void *context, *frontend, *backend, *capture, *control;
    const char *front, *back;
    struct blocked *blocked;
};

static long long run_proxy (void *argument)
{
    struct relay *relay = argument;
    return zmq_proxy (relay->frontend, relay->backend, relay->capture);
}

static long long run_steerable (void *argument)
{
    struct relay *relay = argument;
    return zmq_proxy_steerable (relay->frontend, relay->backend, relay->capture, relay->control);
}

static long long run_device (void *argument)
{
    struct relay *relay = argument;
    return zmq_device (ZMQ_QUEUE, relay->frontend, relay->backend);
}

/* Over inproc the clients have to be in the same context. */
static void *relay_socket (struct relay *relay, int type)
{
    if (!relay->context)
        relay->context = test_over ("inproc") ? test_context () : zmq_ctx_new ();
    void *socket = test_socket_in (relay->context, type);
    test_set_int (socket, ZMQ_SNDTIMEO, -1);
    test_set_int (socket, ZMQ_RCVTIMEO, -1);
    return socket;
}

static struct relay make_relay (int frontend, int backend)
{
    struct relay relay = {0};
    relay.frontend = relay_socket (&relay, frontend);
    relay.backend = relay_socket (&relay, backend);
    relay.front = test_bind (relay.frontend);
    relay.back = test_bind (relay.backend);
    return relay;
}

static void expect_end (struct relay *relay)
{
    EXPECT (blocked_still (relay->blocked));
    EXPECT_OK (zmq_ctx_shutdown (relay->context));
    EXPECT_ERRNO (blocked_join (relay->blocked), ETERM);
    test_close (relay->frontend);
    test_close (relay->backend);
    if (relay->capture)
        test_close (relay->capture);
    if (relay->control)
        test_close (relay->control);
    if (relay->context != test_context ())
        EXPECT_OK (zmq_ctx_term (relay->context));
}

static void *client (int type, const char *endpoint)
{
    void *socket = test_socket (type);
    test_connect (socket, endpoint);
    return socket;
}

/* ---- what goes through ---- */

static void exchange_requests (const struct relay *relay)
{
    enum { CLIENTS = 3, SERVERS = 2, ROUNDS = 20 };
    void *clients[CLIENTS], *servers[SERVERS];
    char text[64];
    for (int i = 0; i < SERVERS; i++)
        servers[i] = client (ZMQ_REP, relay->back);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = client (ZMQ_REQ, relay->front);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            snprintf (text, sizeof text, "%d||of %d", round, i);
            SEND (clients[i], text);
        }
        for (int answered = 0; answered < CLIENTS;) {
            zmq_pollitem_t items[SERVERS] = {{servers[0], 0, ZMQ_POLLIN, 0}, {servers[1], 0, ZMQ_POLLIN, 0}};
            EXPECT (zmq_poll (items, SERVERS, test_patience ()) > 0);
            for (int i = 0; i < SERVERS; i++)
                if (items[i].revents) {
                    SEND (servers[i], test_recv (servers[i], 0));
                    answered++;
                }
        }
        for (int i = 0; i < CLIENTS; i++) {
            snprintf (text, sizeof text, "%d||of %d", round, i);
            EXPECT_MSG (clients[i], text);
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        test_close (clients[i]);
    for (int i = 0; i < SERVERS; i++)
        test_close (servers[i]);
}

static const struct runner {
    const char *name;
    long long (*run) (void *);
} runners[] = {{"zmq_proxy", run_proxy}, {"zmq_proxy_steerable", run_steerable}, {"zmq_device", run_device}};

static void requests_and_replies_find_their_way (void)
{
    const struct runner *row = test_row ();
    struct relay relay = make_relay (ZMQ_ROUTER, ZMQ_DEALER);
    relay.blocked = blocked_start (row->run, &relay);
    exchange_requests (&relay);
    expect_end (&relay);
}

static void a_stream_goes_through_in_order (void)
{
    enum { MESSAGES = 3000 };
    struct relay relay = make_relay (ZMQ_PULL, ZMQ_PUSH);
    void *pull = client (ZMQ_PULL, relay.back), *push = client (ZMQ_PUSH, relay.front);
    relay.blocked = blocked_start (run_proxy, &relay);
    for (int sent = 0, received = 0; received < MESSAGES;) {
        int number;
        zmq_pollitem_t items[] = {{pull, 0, ZMQ_POLLIN, 0}, {push, 0, sent < MESSAGES ? ZMQ_POLLOUT : 0, 0}};
        EXPECT (zmq_poll (items, 2, test_patience ()) > 0);
        if (items[1].revents) {
            EXPECT_INT (zmq_send (push, &sent, sizeof sent, 0), sizeof sent);
            sent++;
        }
        if (items[0].revents) {
            EXPECT_INT (zmq_recv (pull, &number, sizeof number, 0), sizeof number);
            EXPECT_INT (number, received++);
        }
    }
    test_close (pull);
    test_close (push);
    expect_end (&relay);
}

static void subscriptions_go_up_and_news_come_down (void)
{
    struct relay relay = make_relay (ZMQ_XSUB, ZMQ_XPUB);
    void *pub = client (ZMQ_XPUB, relay.front), *sub = client (ZMQ_SUB, relay.back);
    relay.blocked = blocked_start (run_proxy, &relay);
    test_set_text (sub, ZMQ_SUBSCRIBE, "topic");
    EXPECT_MSG (pub, "<01>topic");
    SEND (pub, "other");
    SEND (pub, "topic|news");
    EXPECT_MSG (sub, "topic|news");
    test_set_text (sub, ZMQ_UNSUBSCRIBE, "topic");
    EXPECT_MSG (pub, "<00>topic");
    test_close (pub);
    test_close (sub);
    expect_end (&relay);
}

static void large_messages_go_through (void)
{
    enum { SIZE = 3000000 };
    struct relay relay = make_relay (ZMQ_PULL, ZMQ_PUSH);
    void *pull = client (ZMQ_PULL, relay.back), *push = client (ZMQ_PUSH, relay.front);
    char *sent = test_keep (malloc (SIZE)), *received = test_keep (malloc (SIZE));
    relay.blocked = blocked_start (run_proxy, &relay);
    for (int i = 0; i < SIZE; i++)
        sent[i] = (char) (i * 7 + i / 251);
    EXPECT_INT (zmq_send (push, sent, SIZE, ZMQ_SNDMORE), SIZE);
    EXPECT_INT (zmq_send (push, "", 0, 0), 0);
    EXPECT_INT (zmq_recv (pull, received, SIZE, 0), SIZE);
    EXPECT (memcmp (sent, received, SIZE) == 0);
    EXPECT_INT (test_get_int (pull, ZMQ_RCVMORE), 1);
    EXPECT_MSG (pull, "");
    test_close (pull);
    test_close (push);
    expect_end (&relay);
}

static void a_capture_sees_both_directions (void)
{
    struct relay relay = make_relay (ZMQ_ROUTER, ZMQ_DEALER);
    relay.capture = relay_socket (&relay, ZMQ_PUSH);
    void *capture = client (ZMQ_PULL, test_bind (relay.capture));
    void *req = test_socket (ZMQ_REQ), *rep = client (ZMQ_REP, relay.back);
    test_set_text (req, ZMQ_ROUTING_ID, "asker");
    test_connect (req, relay.front);
    relay.blocked = blocked_start (run_proxy, &relay);
    SEND (req, "question|more");
    EXPECT_MSG (rep, "question|more");
    EXPECT_MSG (capture, "asker||question|more");
    SEND (rep, "answer");
    EXPECT_MSG (req, "answer");
    EXPECT_MSG (capture, "asker||answer");
    test_close (capture);
    test_close (req);
    test_close (rep);
    expect_end (&relay);
}

/* One socket at both ends sends every message back where it came from. A REP cannot answer before it has received
 * the whole question, so that one frame is all that it can send back. */
static const struct echo {
    const char *name;
    int relay, client;
    const char *message;
} echoes[] = {{"dealer", ZMQ_DEALER, ZMQ_DEALER, "echo|me"},
              {"pair", ZMQ_PAIR, ZMQ_PAIR, "echo|me"},
              {"router", ZMQ_ROUTER, ZMQ_REQ, "echo|me"},
              {"rep", ZMQ_REP, ZMQ_REQ, "echo"}};

static void one_socket_may_be_both_ends (void)
{
    const struct echo *row = test_row ();
    struct relay relay = {0};
    relay.frontend = relay.backend = relay_socket (&relay, row->relay);
    relay.front = test_bind (relay.frontend);
    void *socket = client (row->client, relay.front);
    relay.blocked = blocked_start (run_proxy, &relay);
    for (int round = 0; round < 3; round++) {
        SEND (socket, row->message);
        EXPECT_MSG (socket, row->message);
    }
    test_close (socket);
    EXPECT_OK (zmq_ctx_shutdown (relay.context));
    EXPECT_ERRNO (blocked_join (relay.blocked), ETERM);
    test_close (relay.frontend);
    if (relay.context != test_context ())
        EXPECT_OK (zmq_ctx_term (relay.context));
}

/* ---- steering ---- */

static void terminate_ends_a_steerable_proxy (void)
{
    struct relay relay = make_relay (ZMQ_ROUTER, ZMQ_DEALER);
    relay.control = relay_socket (&relay, ZMQ_PAIR);
    void *control = client (ZMQ_PAIR, test_bind (relay.control));
    relay.blocked = blocked_start (run_steerable, &relay);
    exchange_requests (&relay);
    EXPECT (blocked_still (relay.blocked));
    SEND (control, "TERMINATE");
    EXPECT_INT (blocked_join (relay.blocked), 0);
    void *dealer = client (ZMQ_DEALER, relay.back); /* the sockets live on */
    SEND (dealer, "to the backend");
    EXPECT_MSG (relay.backend, "to the backend");
    test_close (dealer);
    test_close (control);
    test_close (relay.frontend);
    test_close (relay.backend);
    test_close (relay.control);
    if (relay.context != test_context ())
        EXPECT_OK (zmq_ctx_term (relay.context));
}

/* ---- what is refused ---- */

static void a_proxy_needs_both_ends (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_ERRNO (zmq_proxy (NULL, socket, NULL), EFAULT);
    EXPECT_ERRNO (zmq_proxy (socket, NULL, NULL), EFAULT);
    EXPECT_ERRNO (zmq_proxy (NULL, NULL, NULL), EFAULT);
    EXPECT_ERRNO (zmq_proxy_steerable (NULL, socket, NULL, NULL), EFAULT);
    EXPECT_ERRNO (zmq_proxy_steerable (socket, NULL, NULL, NULL), EFAULT);
}

static void a_device_needs_both_ends (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_ERRNO (zmq_device (ZMQ_QUEUE, NULL, socket), EFAULT);
    EXPECT_ERRNO (zmq_device (ZMQ_QUEUE, socket, NULL), EFAULT);
}

static void a_proxy_of_an_ended_context_returns_at_once (void)
{
    void *a = test_socket (ZMQ_ROUTER), *b = test_socket (ZMQ_DEALER);
    EXPECT_OK (zmq_ctx_shutdown (test_context ()));
    EXPECT_ERRNO (zmq_proxy (a, b, NULL), ETERM);
    EXPECT_ERRNO (zmq_device (ZMQ_QUEUE, a, b), ETERM);
}

TESTS ({RUN (requests_and_replies_find_their_way), ROWS (runners), EACH_TRANSPORT},
       {RUN (a_stream_goes_through_in_order), EACH_TRANSPORT},
       {RUN (subscriptions_go_up_and_news_come_down), EACH_TRANSPORT},
       {RUN (large_messages_go_through), EACH_TRANSPORT}, {RUN (a_capture_sees_both_directions), EACH_TRANSPORT},
       {RUN (one_socket_may_be_both_ends), ROWS (echoes), EACH_TRANSPORT},
       {RUN (terminate_ends_a_steerable_proxy), EACH_TRANSPORT},
       {RUN (a_proxy_needs_both_ends)},
       {RUN (a_device_needs_both_ends), BETTER ("libzmq's zmq_device hangs or crashes without a socket")},
       {RUN (a_proxy_of_an_ended_context_returns_at_once)});
