/* unbind and disconnect: what stops, what stays, and what is refused. */
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/wire.h"

static void after_unbind_nobody_can_connect (void)
{
    const char *endpoint = wire_endpoint ();
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    test_set_int (push, ZMQ_IMMEDIATE, 1);
    EXPECT_OK (zmq_bind (pull, endpoint));
    EXPECT_OK (zmq_unbind (pull, endpoint));
    test_events (pull);
    test_connect (push, endpoint);
    EXPECT_SILENCE (pull);
    EXPECT_INT (test_events (push), 0);
    EXPECT_OK (zmq_bind (pull, endpoint));
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    SEND (push, "bound again");
    EXPECT_MSG (pull, "bound again");
}

static void unbind_closes_the_connections_it_accepted (void)
{
    const char *endpoint = wire_endpoint ();
    void *pull = test_socket (ZMQ_PULL);
    EXPECT_OK (zmq_bind (pull, endpoint));
    int peer = raw_connect (endpoint);
    EXPECT (zmtp_handshake (peer, 1, "PUSH"));
    EXPECT (zmtp_send_frame (peer, 0, "received before", 15));
    WAIT_EVENTS (pull, ZMQ_POLLIN);
    EXPECT_OK (zmq_unbind (pull, endpoint));
    EXPECT_MSG (pull, "received before");
    WAIT_UNTIL ((test_events (pull), !raw_silent (peer, 0))); /* the owner's turns complete the unbind */
    EXPECT (raw_closes (peer));
    raw_close (peer);
}

static void unbind_of_inproc_leaves_connections_alone (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH), *late = test_socket (ZMQ_PUSH);
    EXPECT_OK (zmq_bind (pull, "inproc://here"));
    test_connect (push, "inproc://here");
    EXPECT_OK (zmq_unbind (pull, "inproc://here"));
    SEND (push, "still joined");
    EXPECT_MSG (pull, "still joined");
    test_connect (late, "inproc://here"); /* waits for the next that binds the name */
    SEND (late, "for the next");
    EXPECT_SILENCE (pull);
    EXPECT_OK (zmq_bind (pull, "inproc://here"));
    EXPECT_MSG (pull, "for the next");
}

static void one_endpoint_of_several_can_be_unbound (void)
{
    const char *first = wire_endpoint (), *second = wire_endpoint ();
    void *pull = test_socket (ZMQ_PULL), *a = test_socket (ZMQ_PUSH), *b = test_socket (ZMQ_PUSH);
    EXPECT_OK (zmq_bind (pull, first));
    EXPECT_OK (zmq_bind (pull, second));
    test_connect (a, first);
    test_connect (b, second);
    SEND (a, "a");
    EXPECT_MSG (pull, "a");
    SEND (b, "b");
    EXPECT_MSG (pull, "b");
    EXPECT_OK (zmq_unbind (pull, first));
    SEND (b, "b again");
    EXPECT_MSG (pull, "b again");
    EXPECT_ERRNO (zmq_unbind (pull, first), ENOENT);
}

static void disconnect_closes_the_connection (void)
{
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *dealer = test_socket (ZMQ_DEALER);
    test_connect (dealer, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "DEALER"));
    EXPECT_INT (test_events (dealer), ZMQ_POLLOUT);
    EXPECT_OK (zmq_disconnect (dealer, endpoint));
    EXPECT_INT (test_try_send (dealer, "nobody"), EAGAIN);
    WAIT_UNTIL ((test_events (dealer), !raw_silent (peer, 0)));
    EXPECT (raw_closes (peer));
    EXPECT (!raw_is_called (listener, 250)); /* and it does not come back */
    EXPECT_ERRNO (zmq_disconnect (dealer, endpoint), ENOENT);
    raw_close (peer);
    raw_close (listener);
}

static void disconnect_takes_the_peer_out_of_the_round (void)
{
    void *push = test_socket (ZMQ_PUSH), *a = test_socket (ZMQ_PULL), *b = test_socket (ZMQ_PULL);
    const char *to_a = test_bind (a), *to_b = test_bind (b);
    test_connect (push, to_a);
    test_connect (push, to_b);
    SEND (push, "one");
    SEND (push, "two");
    EXPECT_MSG (a, "one");
    EXPECT_MSG (b, "two");
    EXPECT_OK (zmq_disconnect (push, to_a));
    SEND (push, "three");
    SEND (push, "four");
    EXPECT_MSG (b, "three");
    EXPECT_MSG (b, "four");
    test_connect (push, to_a);
    SEND (push, "five");
    SEND (push, "six");
    EXPECT (test_recv (a, 0) != NULL);
    EXPECT (test_recv (b, 0) != NULL);
}

static void a_disconnected_socket_can_go_elsewhere (void)
{
    void *req = test_socket (ZMQ_REQ), *a = test_socket (ZMQ_REP), *b = test_socket (ZMQ_REP);
    const char *to_a = test_bind (a), *to_b = test_bind (b);
    test_connect (req, to_a);
    SEND (req, "to a");
    EXPECT_MSG (a, "to a");
    SEND (a, "from a");
    EXPECT_MSG (req, "from a");
    EXPECT_OK (zmq_disconnect (req, to_a));
    test_connect (req, to_b);
    SEND (req, "to b");
    EXPECT_MSG (b, "to b");
    SEND (b, "from b");
    EXPECT_MSG (req, "from b");
}

static void disconnect_before_the_peer_was_there (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_endpoint ();
    test_set_int (push, ZMQ_LINGER, 0);
    test_connect (push, endpoint);
    EXPECT_OK (zmq_disconnect (push, endpoint));
    EXPECT_INT (test_events (push), 0);
    EXPECT_ERRNO (zmq_disconnect (push, endpoint), ENOENT);
    EXPECT_OK (zmq_bind (pull, endpoint));
    EXPECT_SILENCE (pull);
}

/* ---- what is refused ---- */

static const struct refusal {
    const char *name, *endpoint;
    int error;
} refusals[] = {
    {"empty", "", EINVAL},
    {"without a scheme", "127.0.0.1:5555", EINVAL},
    {"without an address", "tcp://", EINVAL},
    {"unknown scheme", "carrier-pigeon://roof", EPROTONOSUPPORT},
    {"tcp that is not there", "tcp://127.0.0.1:1", ENOENT},
    {"ipc that is not there", "ipc:///nowhere", ENOENT},
    {"inproc that is not there", "inproc://nowhere", ENOENT},
};

static void what_is_not_attached_cannot_be_detached (void)
{
    const struct refusal *row = test_row ();
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_ERRNO (zmq_unbind (socket, row->endpoint), row->error);
    EXPECT_ERRNO (zmq_disconnect (socket, row->endpoint), row->error);
}

static void the_wildcard_of_a_bind_does_not_name_it (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_OK (zmq_bind (socket, "tcp://127.0.0.1:*"));
    EXPECT_ERRNO (zmq_unbind (socket, "tcp://127.0.0.1:*"), ENOENT);
    char endpoint[64];
    size_t size = sizeof endpoint;
    EXPECT_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size));
    EXPECT_OK (zmq_unbind (socket, endpoint));
    EXPECT_ERRNO (zmq_unbind (socket, endpoint), ENOENT);
}

static void neither_takes_nothing_for_an_endpoint (void)
{
    void *socket = test_socket (ZMQ_DEALER);
    EXPECT_ERRNO (zmq_unbind (socket, NULL), EINVAL);
    EXPECT_ERRNO (zmq_disconnect (socket, NULL), EINVAL);
    EXPECT_ERRNO (zmq_unbind (NULL, "tcp://127.0.0.1:1"), ENOTSOCK);
    EXPECT_ERRNO (zmq_disconnect (NULL, "tcp://127.0.0.1:1"), ENOTSOCK);
}

TESTS ({RUN (after_unbind_nobody_can_connect), ROWS (wires)},
       {RUN (unbind_closes_the_connections_it_accepted), ROWS (wires)},
       {RUN (unbind_of_inproc_leaves_connections_alone)}, {RUN (one_endpoint_of_several_can_be_unbound), ROWS (wires)},
       {RUN (disconnect_closes_the_connection)}, {RUN (disconnect_takes_the_peer_out_of_the_round), EACH_TRANSPORT},
       {RUN (a_disconnected_socket_can_go_elsewhere), EACH_TRANSPORT},
       {RUN (disconnect_before_the_peer_was_there), EACH_TRANSPORT},
       {RUN (what_is_not_attached_cannot_be_detached), ROWS (refusals)},
       {RUN (the_wildcard_of_a_bind_does_not_name_it)}, {RUN (neither_takes_nothing_for_an_endpoint)});
