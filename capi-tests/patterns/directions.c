/* What each type may not do: send or receive at all (ENOTSUP), now (EFSM), or with nobody there (EAGAIN). */
#include "test.h"

struct type_row {
    const char *name;
    int type;
    int send_error, recv_error; /* of a fresh socket, 0 for success */
    int events;                 /* of a fresh socket */
    int connected_events;       /* after connecting to where nobody is */
};

static const struct type_row types[] = {
    {"pair", ZMQ_PAIR, EAGAIN, EAGAIN, 0, ZMQ_POLLOUT},
    {"pub", ZMQ_PUB, 0, ENOTSUP, ZMQ_POLLOUT, ZMQ_POLLOUT},
    {"sub", ZMQ_SUB, ENOTSUP, EAGAIN, 0, 0},
    {"req", ZMQ_REQ, EAGAIN, EFSM, 0, ZMQ_POLLOUT},
    {"rep", ZMQ_REP, EFSM, EAGAIN, 0, 0},
    {"dealer", ZMQ_DEALER, EAGAIN, EAGAIN, 0, ZMQ_POLLOUT},
    {"router", ZMQ_ROUTER, 0, EAGAIN, ZMQ_POLLOUT, ZMQ_POLLOUT},
    {"pull", ZMQ_PULL, ENOTSUP, EAGAIN, 0, 0},
    {"push", ZMQ_PUSH, EAGAIN, ENOTSUP, 0, ZMQ_POLLOUT},
    {"xpub", ZMQ_XPUB, 0, EAGAIN, ZMQ_POLLOUT, ZMQ_POLLOUT},
    {"xsub", ZMQ_XSUB, 0, EAGAIN, ZMQ_POLLOUT, ZMQ_POLLOUT},
};

static const struct type_row *row (void)
{
    return test_row ();
}

static void try_both (void *socket, int flags)
{
    char byte;
    zmq_msg_t message;
    errno = 0;
    int result = zmq_send (socket, "x", 1, flags);
    EXPECT_INT (result == -1 ? errno : 0, row ()->send_error);
    errno = 0;
    result = zmq_recv (socket, &byte, 1, flags);
    EXPECT_INT (result == -1 ? errno : 0, row ()->recv_error);
    EXPECT_OK (zmq_msg_init_size (&message, 1));
    errno = 0;
    result = zmq_msg_send (&message, socket, flags);
    EXPECT_INT (result == -1 ? errno : 0, row ()->send_error);
    errno = 0;
    result = zmq_msg_recv (&message, socket, flags);
    EXPECT_INT (result == -1 ? errno : 0, row ()->recv_error);
    EXPECT_OK (zmq_msg_close (&message));
}

static void a_fresh_socket_refuses_what_it_cannot_do (void)
{
    void *socket = test_socket (row ()->type);
    try_both (socket, ZMQ_DONTWAIT);
    test_bind (socket);
    try_both (socket, ZMQ_DONTWAIT);
}

/* A call that can never succeed does not wait; one that could waits for the time-out. */
static void a_refusal_does_not_wait (void)
{
    void *socket = test_socket (row ()->type);
    test_set_int (socket, ZMQ_SNDTIMEO, row ()->send_error == EAGAIN ? 10 : -1);
    test_set_int (socket, ZMQ_RCVTIMEO, row ()->recv_error == EAGAIN ? 10 : -1);
    try_both (socket, 0);
}

static void events_of_a_fresh_socket (void)
{
    void *socket = test_socket (row ()->type);
    EXPECT_INT (test_events (socket), row ()->events);
    test_bind (socket);
    EXPECT_INT (test_events (socket), row ()->events);
}

static void events_after_connecting_to_nobody (void)
{
    void *socket = test_socket (row ()->type);
    test_connect (socket, test_endpoint ());
    EXPECT_INT (test_events (socket), row ()->connected_events);
}

static void poll_agrees_with_events (void)
{
    void *socket = test_socket (row ()->type);
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN | ZMQ_POLLOUT};
    test_connect (socket, test_endpoint ());
    EXPECT_INT (zmq_poll (&item, 1, 0), row ()->connected_events != 0);
    EXPECT_INT (item.revents, row ()->connected_events);
}

static void type_is_told (void)
{
    EXPECT_INT (test_get_int (test_socket (row ()->type), ZMQ_TYPE), row ()->type);
}

static void bad_handles_are_enotsock (void)
{
    static const char zeros[4096];
    void *const bad[] = {NULL, (void *) zeros, test_context ()};
    char byte;
    size_t size = 1;
    for (int i = 0; i < 3; i++) {
        EXPECT_ERRNO (zmq_send (bad[i], "x", 1, ZMQ_DONTWAIT), ENOTSOCK);
        EXPECT_ERRNO (zmq_send_const (bad[i], "x", 1, ZMQ_DONTWAIT), ENOTSOCK);
        EXPECT_ERRNO (zmq_recv (bad[i], &byte, 1, ZMQ_DONTWAIT), ENOTSOCK);
        EXPECT_ERRNO (zmq_setsockopt (bad[i], ZMQ_LINGER, &byte, 1), ENOTSOCK);
        EXPECT_ERRNO (zmq_getsockopt (bad[i], ZMQ_LINGER, &byte, &size), ENOTSOCK);
        EXPECT_ERRNO (zmq_bind (bad[i], "inproc://a"), ENOTSOCK);
        EXPECT_ERRNO (zmq_connect (bad[i], "inproc://a"), ENOTSOCK);
        EXPECT_ERRNO (zmq_unbind (bad[i], "inproc://a"), ENOTSOCK);
        EXPECT_ERRNO (zmq_disconnect (bad[i], "inproc://a"), ENOTSOCK);
        EXPECT_ERRNO (zmq_close (bad[i]), ENOTSOCK);
    }
}

static void unknown_types_are_einval (void)
{
    static const int bad[] = {-1, 21, 100, 1 << 30};
    for (int i = 0; i < 4; i++) {
        errno = 0;
        EXPECT (zmq_socket (test_context (), bad[i]) == NULL);
        EXPECT_INT (errno, EINVAL);
    }
    errno = 0;
    EXPECT (zmq_socket (NULL, ZMQ_PAIR) == NULL);
    EXPECT_INT (errno, EFAULT);
}

TESTS ({RUN (a_fresh_socket_refuses_what_it_cannot_do), EACH_TRANSPORT, ROWS (types)},
       {RUN (a_refusal_does_not_wait), ROWS (types)}, {RUN (events_of_a_fresh_socket), EACH_TRANSPORT, ROWS (types)},
       {RUN (events_after_connecting_to_nobody), EACH_TRANSPORT, ROWS (types)},
       {RUN (poll_agrees_with_events), EACH_TRANSPORT, ROWS (types)}, {RUN (type_is_told), ROWS (types)},
       {RUN (bad_handles_are_enotsock)}, {RUN (unknown_types_are_einval)});
