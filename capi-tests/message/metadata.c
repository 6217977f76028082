/* What a received message tells of its connection: zmq_msg_gets and ZMQ_SRCFD. */
#include "test.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void *dealer, *router;

static void join_with_identity (const char *identity)
{
    dealer = test_socket (ZMQ_DEALER);
    router = test_socket (ZMQ_ROUTER);
    if (identity)
        test_set_text (dealer, ZMQ_ROUTING_ID, identity);
    test_connect (dealer, test_bind (router));
}

static void expect_property (zmq_msg_t *message, const char *name, const char *value)
{
    EXPECT_STR (zmq_msg_gets (message, name), value);
}

static void expect_no_property (zmq_msg_t *message, const char *name)
{
    errno = 0;
    EXPECT (zmq_msg_gets (message, name) == NULL);
    EXPECT_INT (errno, EINVAL);
}

static void every_frame_tells_the_peer (void)
{
    zmq_msg_t frame;
    join_with_identity ("name");
    SEND (dealer, "a|b");
    EXPECT_OK (zmq_msg_init (&frame));
    for (int i = 0; i < 3; i++) {
        EXPECT_OK (zmq_msg_recv (&frame, router, 0));
        expect_property (&frame, "Socket-Type", "DEALER");
        expect_property (&frame, "Identity", "name");
        expect_no_property (&frame, "socket-type");
        expect_no_property (&frame, "X-None");
    }
    EXPECT_OK (zmq_msg_close (&frame));
}

static void the_peers_address_is_told (void)
{
    zmq_msg_t frame;
    char expected[80];
    snprintf (expected, sizeof expected, "localhost:%d:%d:%d", (int) getuid (), (int) getgid (), (int) getpid ());
    join_with_identity (NULL);
    SEND (dealer, "a");
    EXPECT_OK (zmq_msg_init (&frame));
    EXPECT_OK (zmq_msg_recv (&frame, router, 0));
    expect_property (&frame, "Peer-Address", test_over ("tcp") ? "127.0.0.1" : expected);
    EXPECT_OK (zmq_msg_close (&frame));
}

static void the_binding_sides_type_is_told_too (void)
{
    zmq_msg_t frame;
    join_with_identity ("name");
    SEND (dealer, "a");
    EXPECT_MSG (router, "name|a");
    SEND (router, "name|b");
    EXPECT_OK (zmq_msg_init (&frame));
    EXPECT_OK (zmq_msg_recv (&frame, dealer, 0));
    expect_property (&frame, "Socket-Type", "ROUTER");
    EXPECT_OK (zmq_msg_close (&frame));
}

static void metadata_survives_copy_and_move (void)
{
    zmq_msg_t frame, copy, moved;
    join_with_identity ("name");
    SEND (dealer, "a");
    EXPECT_OK (zmq_msg_init (&frame));
    EXPECT_OK (zmq_msg_init (&copy));
    EXPECT_OK (zmq_msg_init (&moved));
    EXPECT_OK (zmq_msg_recv (&frame, router, 0));
    EXPECT_OK (zmq_msg_copy (&copy, &frame));
    EXPECT_OK (zmq_msg_close (&frame));
    expect_property (&copy, "Identity", "name");
    EXPECT_OK (zmq_msg_move (&moved, &copy));
    expect_property (&moved, "Identity", "name");
    expect_no_property (&copy, "Identity");
    test_close (dealer);
    expect_property (&moved, "Identity", "name");
    EXPECT_OK (zmq_msg_close (&moved));
    EXPECT_OK (zmq_msg_close (&copy));
}

static void srcfd_is_the_connections_socket (void)
{
    zmq_msg_t frame;
    int type = 0;
    socklen_t size = sizeof type;
    join_with_identity (NULL);
    SEND (dealer, "a");
    EXPECT_OK (zmq_msg_init (&frame));
    EXPECT_OK (zmq_msg_recv (&frame, router, 0));
    int fd = zmq_msg_get (&frame, ZMQ_SRCFD);
    EXPECT_OK (fd);
    EXPECT_OK (getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size));
    EXPECT_INT (type, SOCK_STREAM);
    EXPECT_OK (zmq_msg_close (&frame));
}

static void inproc_tells_nothing (void)
{
    zmq_msg_t frame;
    join_with_identity ("name");
    SEND (dealer, "a");
    EXPECT_OK (zmq_msg_init (&frame));
    EXPECT_OK (zmq_msg_recv (&frame, router, 0));
    EXPECT_OK (zmq_msg_recv (&frame, router, 0));
    expect_no_property (&frame, "Socket-Type");
    expect_no_property (&frame, "Identity");
    expect_no_property (&frame, "Peer-Address");
    EXPECT_ERRNO (zmq_msg_get (&frame, ZMQ_SRCFD), EINVAL);
    EXPECT_OK (zmq_msg_close (&frame));
}


TESTS ({RUN (every_frame_tells_the_peer), EACH_NETWORK}, {RUN (the_peers_address_is_told), EACH_NETWORK},
       {RUN (the_binding_sides_type_is_told_too), EACH_NETWORK}, {RUN (metadata_survives_copy_and_move), EACH_NETWORK},
       {RUN (srcfd_is_the_connections_socket), EACH_NETWORK}, {RUN (inproc_tells_nothing)});
