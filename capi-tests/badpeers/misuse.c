/* A caller that errs, and a system that has nothing left: an errno each, and the process lives. */
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/wire.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- what is no socket ---- */

static void *nothing (void)
{
    return NULL;
}

static void *zeros (void)
{
    return test_keep (calloc (1, 8192));
}

static void *noise (void)
{
    unsigned char *memory = test_keep (malloc (8192));
    for (int i = 0; i < 8192; i++)
        memory[i] = (unsigned char) (i * 73 + 5);
    return memory;
}

static void *a_context (void)
{
    return test_context ();
}

static void *a_closed_socket (void)
{
    void *socket = zmq_socket (test_context (), ZMQ_PAIR);
    EXPECT_OK (zmq_close (socket));
    return socket;
}

static const struct handle {
    const char *name;
    void *(*make) (void);
} handles[] = {
    {"NULL", nothing}, {"zeros", zeros}, {"noise", noise}, {"context", a_context}, {"closed", a_closed_socket},
};

static void every_call_knows_what_is_no_socket (void)
{
    const struct handle *row = test_row ();
    void *bad = row->make ();
    char bytes[8] = "";
    int number = 0;
    size_t size = sizeof number, count = 1;
    struct iovec part = {bytes, 1};
    zmq_msg_t message;
    EXPECT_OK (zmq_msg_init (&message));
    EXPECT_ERRNO (zmq_send (bad, bytes, 1, ZMQ_DONTWAIT), ENOTSOCK);
    EXPECT_ERRNO (zmq_send_const (bad, bytes, 1, ZMQ_DONTWAIT), ENOTSOCK);
    EXPECT_ERRNO (zmq_msg_send (&message, bad, ZMQ_DONTWAIT), ENOTSOCK);
    EXPECT_ERRNO (zmq_sendmsg (bad, &message, ZMQ_DONTWAIT), ENOTSOCK);
    EXPECT_ERRNO (zmq_sendiov (bad, &part, 1, ZMQ_DONTWAIT), ENOTSOCK);
    EXPECT_ERRNO (zmq_recv (bad, bytes, 1, ZMQ_DONTWAIT), ENOTSOCK);
    EXPECT_ERRNO (zmq_msg_recv (&message, bad, ZMQ_DONTWAIT), ENOTSOCK);
    EXPECT_ERRNO (zmq_recvmsg (bad, &message, ZMQ_DONTWAIT), ENOTSOCK);
    EXPECT_ERRNO (zmq_recviov (bad, &part, &count, ZMQ_DONTWAIT), ENOTSOCK);
    EXPECT_ERRNO (zmq_setsockopt (bad, ZMQ_LINGER, &number, sizeof number), ENOTSOCK);
    EXPECT_ERRNO (zmq_getsockopt (bad, ZMQ_LINGER, &number, &size), ENOTSOCK);
    EXPECT_ERRNO (zmq_bind (bad, "inproc://x"), ENOTSOCK);
    EXPECT_ERRNO (zmq_connect (bad, "inproc://x"), ENOTSOCK);
    EXPECT_ERRNO (zmq_unbind (bad, "inproc://x"), ENOTSOCK);
    EXPECT_ERRNO (zmq_disconnect (bad, "inproc://x"), ENOTSOCK);
    EXPECT_ERRNO (zmq_socket_monitor (bad, "inproc://x", ZMQ_EVENT_ALL), ENOTSOCK);
    EXPECT_ERRNO (zmq_close (bad), ENOTSOCK);
    EXPECT_OK (zmq_msg_close (&message));
}

static void a_socket_is_closed_once (void)
{
    void *socket = zmq_socket (test_context (), ZMQ_PAIR);
    EXPECT_INT (zmq_close (socket), 0);
    EXPECT_ERRNO (zmq_close (socket), ENOTSOCK);
}

/* ---- one socket in several threads: undefined in libzmq, serialised in zmqrs ---- */

enum { THREADS = 4, EACH = 3000 };

static void send_many (void *socket)
{
    for (int i = 0; i < EACH; i++)
        EXPECT_INT (zmq_send (socket, "message", 7, 0), 7);
}

static void a_socket_used_by_several_threads_stays_whole (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL), *threads[THREADS];
    test_join (push, pull);
    for (int i = 0; i < THREADS; i++)
        threads[i] = zmq_threadstart (send_many, push);
    for (int i = 0; i < THREADS * EACH; i++)
        EXPECT_MSG (pull, "message");
    for (int i = 0; i < THREADS; i++)
        zmq_threadclose (threads[i]);
}

/* ---- no descriptor left ---- */

enum { FEW = 200 };

static int taken[FEW], taken_count;

/* Takes all descriptors that the process may have, but for so many. */
static void take_descriptors_but (int spare)
{
    struct rlimit limit;
    EXPECT_OK (getrlimit (RLIMIT_NOFILE, &limit));
    limit.rlim_cur = FEW;
    EXPECT_OK (setrlimit (RLIMIT_NOFILE, &limit));
    for (int fd; (fd = open ("/dev/null", O_RDONLY)) >= 0;)
        taken[taken_count++] = fd;
    EXPECT_INT (errno, EMFILE);
    while (spare-- > 0)
        close (taken[--taken_count]);
}

static void give_descriptors_back (void)
{
    while (taken_count > 0)
        close (taken[--taken_count]);
}

static void a_socket_without_a_descriptor_is_emfile (void)
{
    void *first = test_socket (ZMQ_PAIR), *second = NULL;
    take_descriptors_but (0);
    errno = 0;
    /* A library that takes a descriptor only when one is needed has the socket all the same. */
    second = zmq_socket (test_context (), ZMQ_PAIR);
    EXPECT_INT (second ? EMFILE : errno, EMFILE);
    give_descriptors_back ();
    if (second)
        EXPECT_OK (zmq_close (second));
    second = test_socket (ZMQ_PAIR);
    test_join (first, second);
    SEND (first, "as good as new");
    EXPECT_MSG (second, "as good as new");
}

/* However few are left when a context starts its threads: the first socket works or is EMFILE. */
static void a_context_without_descriptors_is_emfile (void)
{
    for (int spare = 0; spare < 12; spare++) {
        take_descriptors_but (spare);
        errno = 0;
        void *context = zmq_ctx_new ();
        void *socket = context ? zmq_socket (context, ZMQ_PAIR) : NULL;
        if (!socket)
            EXPECT_INT (errno, EMFILE);
        give_descriptors_back ();
        if (socket)
            EXPECT_OK (zmq_close (socket));
        if (context) {
            EXPECT ((socket = zmq_socket (context, ZMQ_PAIR)) != NULL);
            EXPECT_OK (zmq_close (socket));
            EXPECT_OK (zmq_ctx_term (context));
        }
    }
}

static void bind_without_a_descriptor_is_emfile (void)
{
    void *socket = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    char endpoint[160];
    snprintf (endpoint, sizeof endpoint, "ipc://%s/socket", test_directory ());
    take_descriptors_but (0);
    EXPECT_ERRNO (zmq_bind (socket, "tcp://127.0.0.1:*"), EMFILE);
    EXPECT_ERRNO (zmq_bind (socket, endpoint), EMFILE);
    give_descriptors_back ();
    EXPECT_OK (zmq_bind (socket, endpoint));
    test_connect (push, endpoint);
    SEND (push, "bound");
    EXPECT_MSG (socket, "bound");
}

static void connect_without_a_descriptor_is_tried_again (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    const char *endpoint = wire_endpoint ();
    EXPECT_OK (zmq_bind (pull, endpoint));
    take_descriptors_but (0);
    test_connect (push, endpoint);
    SEND (push, "patient");
    EXPECT_SILENCE (pull);
    give_descriptors_back ();
    EXPECT_MSG (pull, "patient");
}

/* Whether a connection that accept(2) had no descriptor for waits for the next accept. valgrind counts descriptors
 * itself, after the system has handed one out: there the connection is gone. */
static bool connections_wait_for_a_descriptor (void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), peer = socket (AF_INET, SOCK_STREAM, 0);
    EXPECT_OK (bind (listener, (struct sockaddr *) &address, size));
    EXPECT_OK (listen (listener, 1));
    EXPECT_OK (getsockname (listener, (struct sockaddr *) &address, &size));
    EXPECT_OK (connect (peer, (struct sockaddr *) &address, size));
    take_descriptors_but (0);
    EXPECT_ERRNO (accept (listener, NULL, NULL), EMFILE);
    give_descriptors_back ();
    int accepted = accept (listener, NULL, NULL);
    if (accepted >= 0)
        close (accepted);
    close (peer);
    close (listener);
    return accepted >= 0;
}

/* The peer's connection is there for the system, and waits until the library can take it. */
static void accept_without_a_descriptor_harms_nobody (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    const char *endpoint = wire_endpoint ();
    EXPECT_OK (zmq_bind (pull, endpoint));
    test_connect (push, endpoint);
    SEND (push, "before");
    EXPECT_MSG (pull, "before");
    bool waits = connections_wait_for_a_descriptor ();
    take_descriptors_but (1);
    int late = raw_connect (endpoint);
    EXPECT (raw_say (late, "<ff><00*8><7f><03><01>NULL<00*48>") || !waits);
    for (int i = 0; i < 20; i++) {
        SEND (push, "meanwhile");
        EXPECT_MSG (pull, "meanwhile");
    }
    give_descriptors_back ();
    if (waits) {
        EXPECT (zmtp_send_ready (late, "PUSH", NULL));
        EXPECT (zmtp_read_handshake (late));
        EXPECT (zmtp_send_frame (late, 0, "let in", 6));
        EXPECT_MSG (pull, "let in");
    }
    raw_close (late);
}

#define ONE_WIRE(index) .rows = &wires[index], .row_size = sizeof wires[index], .row_count = 1

TESTS ({RUN (every_call_knows_what_is_no_socket), ROWS (handles)}, {RUN (a_socket_is_closed_once)},
       {RUN (a_socket_used_by_several_threads_stays_whole), EACH_WAY,
        BETTER ("libzmq leaves the use of one socket by several threads undefined")},
       {RUN (a_socket_without_a_descriptor_is_emfile)},
       {RUN (a_context_without_descriptors_is_emfile), BETTER ("libzmq aborts")},
       {RUN (bind_without_a_descriptor_is_emfile), BETTER ("libzmq aborts")},
       {RUN (connect_without_a_descriptor_is_tried_again), ROWS (wires)},
       {RUN (accept_without_a_descriptor_harms_nobody), ONE_WIRE (0)},
       {RUN (accept_without_a_descriptor_harms_nobody), ONE_WIRE (1), BETTER ("libzmq aborts over ipc")});
