/* PUSH and PULL: each message to one peer in turn, queued while nobody is there, blocking when nobody takes it. */
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { PULLERS = 3 };

static const char *number (int i)
{
    char *text = test_keep (malloc (16));
    snprintf (text, 16, "%d", i);
    return text;
}

static void messages_keep_their_order (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_join (push, pull);
    for (int i = 0; i < 1000; i++)
        SEND (push, number (i));
    for (int i = 0; i < 1000; i++)
        EXPECT_MSG (pull, number (i));
}

static void expect_rotation (void *push, void **pulls)
{
    int first;
    for (int i = 0; i < 3 * PULLERS; i++)
        SEND (push, number (i));
    for (int p = 0; p < PULLERS; p++) {
        const char *text = test_recv (pulls[p], 0);
        EXPECT (text != NULL);
        first = atoi (text);
        EXPECT (first < PULLERS);
        for (int round = 1; round < 3; round++)
            EXPECT_MSG (pulls[p], number (first + round * PULLERS));
    }
}

static void pullers_that_bind_take_turns (void)
{
    void *push = test_socket (ZMQ_PUSH), *pulls[PULLERS];
    for (int p = 0; p < PULLERS; p++) {
        pulls[p] = test_socket (ZMQ_PULL);
        test_connect (push, test_bind (pulls[p]));
    }
    expect_rotation (push, pulls);
}

/* Each puller is known to be attached once a message has reached it; the first round after that ends the start-up. */
static void pullers_that_connect_take_turns (void)
{
    void *push = test_socket (ZMQ_PUSH), *pulls[PULLERS];
    const char *endpoint = test_bind (push), *text;
    for (int p = 0; p < PULLERS; p++) {
        pulls[p] = test_socket (ZMQ_PULL);
        test_connect (pulls[p], endpoint);
    }
    for (int p = 0; p < PULLERS; p++)
        WAIT_UNTIL ((SEND (push, "start"), test_events (pulls[p]) & ZMQ_POLLIN));
    for (int p = 0; p < PULLERS; p++)
        SEND (push, "end");
    for (int p = 0; p < PULLERS; p++)
        do
            EXPECT ((text = test_recv (pulls[p], 0)) != NULL);
        while (strcmp (text, "end") != 0);
    expect_rotation (push, pulls);
}

static void the_frames_of_a_message_stay_together (void)
{
    void *push = test_socket (ZMQ_PUSH), *pulls[PULLERS];
    for (int p = 0; p < PULLERS; p++) {
        pulls[p] = test_socket (ZMQ_PULL);
        test_connect (push, test_bind (pulls[p]));
    }
    for (int i = 0; i < 2 * PULLERS; i++)
        SEND (push, "a|b|c|d");
    for (int i = 0; i < 2; i++)
        for (int p = 0; p < PULLERS; p++)
            EXPECT_MSG (pulls[p], "a|b|c|d");
}

static void without_a_peer_nothing_can_be_sent (void)
{
    void *push = test_socket (ZMQ_PUSH);
    EXPECT_INT (test_events (push), 0);
    EXPECT_INT (test_try_send (push, "x"), EAGAIN);
    test_bind (push);
    EXPECT_INT (test_events (push), 0);
    EXPECT_INT (test_try_send (push, "x"), EAGAIN);
    test_set_int (push, ZMQ_SNDTIMEO, 20);
    EXPECT_ERRNO (zmq_send (push, "x", 1, 0), EAGAIN);
    test_set_int (push, ZMQ_SNDTIMEO, 0);
    EXPECT_ERRNO (zmq_send (push, "x", 1, 0), EAGAIN);
}

static void what_is_sent_before_the_peer_binds_arrives (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_endpoint ();
    test_set_int (push, ZMQ_RECONNECT_IVL, 10);
    test_connect (push, endpoint);
    EXPECT_INT (test_events (push), ZMQ_POLLOUT);
    SEND (push, "1");
    SEND (push, "2|3");
    EXPECT_OK (zmq_bind (pull, endpoint));
    EXPECT_MSG (pull, "1");
    EXPECT_MSG (pull, "2|3");
}

static void *send_one (void *push)
{
    SEND (push, "late");
    return NULL;
}

static void a_blocked_sender_goes_on_when_a_peer_connects (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (push);
    pthread_t sender;
    EXPECT_INT (pthread_create (&sender, NULL, send_one, push), 0);
    test_connect (pull, endpoint);
    EXPECT_MSG (pull, "late");
    EXPECT_INT (pthread_join (sender, NULL), 0);
}

static void *receive_one (void *pull)
{
    EXPECT_MSG (pull, "awaited");
    return NULL;
}

static void a_blocked_receiver_goes_on_when_a_message_comes (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    pthread_t receiver;
    test_join (push, pull);
    EXPECT_INT (pthread_create (&receiver, NULL, receive_one, pull), 0);
    SEND (push, "awaited");
    EXPECT_INT (pthread_join (receiver, NULL), 0);
}

static void a_disconnected_puller_gets_no_more (void)
{
    void *push = test_socket (ZMQ_PUSH), *gone = test_socket (ZMQ_PULL), *stays = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (gone);
    test_connect (push, endpoint);
    test_connect (push, test_bind (stays));
    SEND (push, "1");
    EXPECT_MSG (gone, "1");
    SEND (push, "2");
    EXPECT_MSG (stays, "2");
    EXPECT_OK (zmq_disconnect (push, endpoint));
    for (int i = 0; i < 10; i++)
        SEND (push, number (i));
    for (int i = 0; i < 10; i++)
        EXPECT_MSG (stays, number (i));
}

static void a_puller_that_left_gets_no_more (void)
{
    void *push = test_socket (ZMQ_PUSH), *gone = test_socket (ZMQ_PULL), *stays = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (push);
    test_connect (gone, endpoint);
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    SEND (push, "1");
    EXPECT_MSG (gone, "1");
    test_close (gone);
    WAIT_UNTIL (!(test_events (push) & ZMQ_POLLOUT));
    test_connect (stays, endpoint);
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    for (int i = 0; i < 10; i++)
        SEND (push, number (i));
    for (int i = 0; i < 10; i++)
        EXPECT_MSG (stays, number (i));
}

static void one_puller_may_bind_and_connect_over_all_transports (void)
{
    static const char *const transports[] = {"tcp://127.0.0.1:*", "inproc://mixed", "ipc://*"};
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH), *bound = test_socket (ZMQ_PUSH);
    char endpoint[200];
    size_t size;
    /* A wildcard of ipc makes its file in the directory that TMPDIR names. */
    EXPECT_OK (setenv ("TMPDIR", test_directory (), 1));
    for (int i = 0; i < 3; i++) {
        EXPECT_OK (zmq_bind (pull, transports[i]));
        size = sizeof endpoint;
        EXPECT_OK (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
        test_connect (push, endpoint);
    }
    test_connect (pull, test_bind (bound));
    WAIT_EVENTS (bound, ZMQ_POLLOUT);
    SEND (bound, "bound");
    EXPECT_MSG (pull, "bound");
    for (int i = 0; i < 30; i++)
        SEND (push, "x");
    for (int i = 0; i < 30; i++)
        EXPECT_MSG (pull, "x");
}

TESTS ({RUN (messages_keep_their_order), EACH_WAY}, {RUN (pullers_that_bind_take_turns), EACH_TRANSPORT},
       {RUN (pullers_that_connect_take_turns), EACH_TRANSPORT},
       {RUN (the_frames_of_a_message_stay_together), EACH_TRANSPORT},
       {RUN (without_a_peer_nothing_can_be_sent), EACH_TRANSPORT},
       {RUN (what_is_sent_before_the_peer_binds_arrives), EACH_TRANSPORT},
       {RUN (a_blocked_sender_goes_on_when_a_peer_connects), EACH_TRANSPORT},
       {RUN (a_blocked_receiver_goes_on_when_a_message_comes), EACH_WAY},
       {RUN (a_disconnected_puller_gets_no_more), EACH_TRANSPORT},
       {RUN (a_puller_that_left_gets_no_more), EACH_TRANSPORT},
       {RUN (one_puller_may_bind_and_connect_over_all_transports)});
