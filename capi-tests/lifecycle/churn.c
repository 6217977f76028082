/* Coming and going in numbers: sockets, contexts, connections; nothing may be left behind. */
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/wire.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static int open_descriptors (void)
{
    int count = 0;
    DIR *directory = opendir ("/proc/self/fd");
    EXPECT (directory != NULL);
    while (readdir (directory))
        count++;
    closedir (directory);
    return count;
}

static int threads (void)
{
    int count = 0;
    DIR *directory = opendir ("/proc/self/task");
    EXPECT (directory != NULL);
    while (readdir (directory))
        count++;
    closedir (directory);
    return count;
}

static void more_sockets_than_there_is_room_for_may_come_and_go (void)
{
    enum { SOCKETS = 1500 }; /* more than MAX_SOCKETS, one at a time */
    for (int i = 0; i < SOCKETS; i++) {
        void *socket = NULL;
        WAIT_UNTIL ((socket = zmq_socket (test_context (), i % 11)) != NULL); /* the reaper may be behind */
        EXPECT_OK (zmq_close (socket));
    }
}

static void as_many_sockets_as_documented_at_once (void)
{
    enum { SOCKETS = 1000 };
    for (int i = 0; i < SOCKETS; i++)
        test_socket (ZMQ_DEALER);
}

static void contexts_leave_nothing_behind (void)
{
    void *pull, *push, *context;
    const char *endpoint = wire_endpoint ();
    int descriptors = 0, running = 0;
    for (int i = 0; i < 60; i++) {
        if (i == 1) { /* the first may set up what lives as long as the process */
            descriptors = open_descriptors ();
            running = threads ();
        }
        pull = wire_socket (ZMQ_PULL, &context);
        push = test_socket_in (context, ZMQ_PUSH);
        EXPECT_OK (zmq_bind (pull, endpoint));
        test_connect (push, endpoint);
        SEND (push, "x|y");
        EXPECT_MSG (pull, "x|y");
        test_close (push);
        wire_close (pull, context);
    }
    EXPECT_INT (open_descriptors (), descriptors);
    EXPECT (threads () <= running); /* what prepared something once in the background may have ended */
}

static void an_endpoint_is_free_again_after_term (void)
{
    void *pull, *push, *context, *push_context;
    const char *endpoint = wire_endpoint ();
    for (int i = 0; i < 20; i++) {
        pull = wire_socket (ZMQ_PULL, &context);
        push = wire_socket (ZMQ_PUSH, &push_context);
        EXPECT_OK (zmq_bind (pull, endpoint));
        test_connect (push, endpoint);
        SEND (push, "x");
        EXPECT_MSG (pull, "x");
        if (i % 2) { /* which side leaves first decides who keeps the connection's remains */
            wire_close (pull, context);
            wire_close (push, push_context);
        } else {
            wire_close (push, push_context);
            wire_close (pull, context);
        }
    }
}

static void a_closed_socket_closes_its_connections (void)
{
    int before = 0;
    void *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (pull);
    for (int i = 0; i < 200; i++) {
        void *push = test_socket (ZMQ_PUSH);
        if (i == 1)
            before = open_descriptors ();
        test_connect (push, endpoint);
        SEND (push, "x");
        EXPECT_MSG (pull, "x");
        test_close (push);
        test_events (pull);
    }
    test_socket (ZMQ_PUSH); /* stands for the one that was open when the descriptors were counted */
    WAIT_UNTIL ((test_events (pull), open_descriptors ()) <= before);
}

/* Peers that connect, say something and go: the socket keeps none of them. */
static void a_bound_socket_forgets_peers_that_left (void)
{
    enum { PEERS = 300 };
    void *pull = test_socket (ZMQ_PULL);
    const char *endpoint = wire_endpoint ();
    EXPECT_OK (zmq_bind (pull, endpoint));
    int before = 0;
    for (int i = 0; i < PEERS; i++) {
        if (i == 1)
            before = open_descriptors (); /* the first peer's, and what the socket needed for it, included */
        int peer = raw_connect (endpoint);
        EXPECT (zmtp_handshake (peer, 1, "PUSH"));
        EXPECT (zmtp_send_frame (peer, 0, "x", 1));
        EXPECT_MSG (pull, "x");
        raw_close (peer);
    }
    WAIT_UNTIL ((test_events (pull), open_descriptors ()) <= before);
}

static void many_peers_at_once_are_served (void)
{
    enum { PEERS = 150 };
    void *router = test_socket (ZMQ_ROUTER), *dealers[PEERS];
    const char *endpoint = test_bind (router);
    char text[64];
    for (int i = 0; i < PEERS; i++) {
        dealers[i] = test_socket (ZMQ_DEALER);
        snprintf (text, sizeof text, "dealer-%d", i);
        test_set_text (dealers[i], ZMQ_ROUTING_ID, text);
        test_connect (dealers[i], endpoint);
        SEND (dealers[i], "hello");
    }
    for (int i = 0; i < PEERS; i++)
        SEND (router, test_recv (router, 0));
    for (int i = 0; i < PEERS; i++)
        EXPECT_MSG (dealers[i], "hello");
}

static void a_socket_may_bind_and_connect_many_times (void)
{
    enum { ENDPOINTS = 50 };
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    for (int i = 0; i < ENDPOINTS; i++)
        test_connect (push, test_bind (pull));
    for (int i = 0; i < ENDPOINTS * 2; i++)
        SEND (push, "round");
    for (int i = 0; i < ENDPOINTS * 2; i++)
        EXPECT_MSG (pull, "round");
}

TESTS ({RUN (more_sockets_than_there_is_room_for_may_come_and_go)}, {RUN (as_many_sockets_as_documented_at_once)},
       {RUN (contexts_leave_nothing_behind), ROWS (wires)}, {RUN (an_endpoint_is_free_again_after_term), ROWS (wires)},
       {RUN (a_closed_socket_closes_its_connections), EACH_TRANSPORT},
       {RUN (a_bound_socket_forgets_peers_that_left), ROWS (wires)},
       {RUN (many_peers_at_once_are_served), EACH_TRANSPORT},
       {RUN (a_socket_may_bind_and_connect_many_times), EACH_TRANSPORT});
