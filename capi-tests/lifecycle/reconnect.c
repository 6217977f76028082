/* Peers that are not there yet, die, and come back: start order, queueing, reconnecting, IMMEDIATE. */
#include "../harness/process.h"
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- any start order ---- */

static const struct couple {
    const char *name;
    int early, late; /* the early one connects and speaks before the late one binds */
} couples[] = {
    {"PUSH before PULL", ZMQ_PUSH, ZMQ_PULL},       {"REQ before REP", ZMQ_REQ, ZMQ_REP},
    {"DEALER before DEALER", ZMQ_DEALER, ZMQ_DEALER}, {"PAIR before PAIR", ZMQ_PAIR, ZMQ_PAIR},
};

static void messages_wait_for_a_peer_that_binds_later (void)
{
    const struct couple *row = test_row ();
    void *early = test_socket (row->early), *late = test_socket (row->late);
    const char *endpoint = test_endpoint ();
    test_connect (early, endpoint);
    SEND (early, "early|bird");
    EXPECT_OK (zmq_bind (late, endpoint));
    EXPECT_MSG (late, "early|bird");
}

static void a_subscriber_may_be_there_first (void)
{
    void *sub = test_socket (ZMQ_SUB), *pub = test_socket (ZMQ_PUB);
    const char *endpoint = test_endpoint ();
    test_set_text (sub, ZMQ_SUBSCRIBE, "");
    test_connect (sub, endpoint);
    EXPECT_OK (zmq_bind (pub, endpoint));
    test_sync (pub, sub);
    SEND (pub, "news");
    EXPECT_MSG (sub, "news");
}

static void many_early_clients_find_one_late_server (void)
{
    enum { CLIENTS = 30 };
    void *clients[CLIENTS], *server = test_socket (ZMQ_REP);
    const char *endpoint = test_endpoint ();
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = test_socket (ZMQ_REQ);
        test_connect (clients[i], endpoint);
        SEND (clients[i], "hello");
    }
    EXPECT_OK (zmq_bind (server, endpoint));
    for (int i = 0; i < CLIENTS; i++) {
        EXPECT_MSG (server, "hello");
        SEND (server, "world");
    }
    for (int i = 0; i < CLIENTS; i++)
        EXPECT_MSG (clients[i], "world");
}

/* ---- a peer that is lost ---- */

/* A peer made by hand, so that each step of its absence is known: messages sent while it is away arrive. */
static void messages_sent_while_the_peer_is_away_arrive (void)
{
    char endpoint[64], text[64];
    unsigned char flags;
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *push = test_socket (ZMQ_PUSH);
    test_connect (push, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    SEND (push, "before");
    EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 6);
    raw_close (peer);

    peer = raw_accept (listener); /* so it has noticed, and tries again; this one never speaks */
    SEND (push, "while away");
    SEND (push, "and more");
    raw_close (peer);

    peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 10);
    EXPECT (memcmp (text, "while away", 10) == 0);
    EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 8);
    EXPECT (memcmp (text, "and more", 8) == 0);
    raw_close (peer);
    raw_close (listener);
}

/* The served endpoint is told to each of a server's lives; it greets its client, and echoes what it gets. */
static void serve_one_life (struct process *parent)
{
    const char *endpoint = process_hear (parent);
    void *router = test_socket (ZMQ_ROUTER);
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    test_set_int (router, ZMQ_RCVTIMEO, -1);
    EXPECT_OK (zmq_bind (router, endpoint));
    WAIT_UNTIL (test_try_send (router, "client|greeting") == 0);
    for (;;) {
        const char *request = test_recv (router, 0);
        EXPECT (request != NULL);
        SEND (router, request);
    }
}

static void a_client_survives_servers_that_are_killed (void)
{
    enum { LIVES = 3 };
    struct process lives[LIVES];
    for (int i = 0; i < LIVES; i++)
        lives[i] = process_fork (serve_one_life);
    const char *endpoint = wire_endpoint ();
    void *client = test_socket (ZMQ_DEALER);
    test_set_text (client, ZMQ_ROUTING_ID, "client");
    test_connect (client, endpoint);
    for (int i = 0; i < LIVES; i++) {
        process_tell (&lives[i], endpoint);
        EXPECT_MSG (client, "greeting");
        SEND (client, "question|and more");
        EXPECT_MSG (client, "question|and more");
        process_kill (&lives[i]);
    }
}

static void publish_one_life (struct process *parent)
{
    const char *endpoint = process_hear (parent), *news = process_hear (parent);
    void *pub = test_socket (ZMQ_XPUB);
    EXPECT_OK (zmq_bind (pub, endpoint));
    EXPECT_MSG (pub, "<01>topic");
    SEND (pub, "other");
    SEND (pub, news);
    for (;;)
        pause ();
}

static void a_subscriber_subscribes_again_at_a_restarted_publisher (void)
{
    struct process first = process_fork (publish_one_life), second = process_fork (publish_one_life);
    const char *endpoint = wire_endpoint ();
    void *sub = test_socket (ZMQ_SUB);
    test_set_text (sub, ZMQ_SUBSCRIBE, "topic");
    test_connect (sub, endpoint);
    process_tell (&first, endpoint);
    process_tell (&first, "topic of the first");
    EXPECT_MSG (sub, "topic of the first");
    process_kill (&first);
    process_tell (&second, endpoint);
    process_tell (&second, "topic of the second");
    EXPECT_MSG (sub, "topic of the second");
    process_kill (&second);
}

static void ask_and_wait_for_death (struct process *parent)
{
    void *client = test_socket (ZMQ_REQ);
    test_connect (client, process_hear (parent));
    SEND (client, "from the dying");
    for (;;)
        pause ();
}

static void a_server_survives_clients_that_are_killed (void)
{
    enum { CLIENTS = 5 };
    struct process dying[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        dying[i] = process_fork (ask_and_wait_for_death);
    void *server = test_socket (ZMQ_REP), *client = test_socket (ZMQ_REQ);
    const char *endpoint = wire_endpoint ();
    EXPECT_OK (zmq_bind (server, endpoint));
    test_connect (client, endpoint);
    for (int i = 0; i < CLIENTS; i++) {
        process_tell (&dying[i], endpoint);
        EXPECT_MSG (server, "from the dying");
        process_kill (&dying[i]);
        SEND (server, "nobody hears it");
        SEND (client, "from the living");
        EXPECT_MSG (server, "from the living");
        SEND (server, "heard");
        EXPECT_MSG (client, "heard");
    }
}

static void half_a_message_of_a_lost_peer_is_never_seen (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    const char *endpoint = wire_endpoint ();
    EXPECT_OK (zmq_bind (pull, endpoint));
    int peer = raw_connect (endpoint);
    EXPECT (zmtp_handshake (peer, 1, "PUSH"));
    EXPECT (zmtp_send_frame (peer, 0, "whole", 5));
    EXPECT (zmtp_send_frame (peer, ZMTP_MORE, "first part", 10));
    EXPECT (zmtp_send_frame (peer, ZMTP_MORE, "second part", 11));
    EXPECT_MSG (pull, "whole");
    raw_close (peer);
    test_connect (push, endpoint);
    SEND (push, "from|another");
    EXPECT_MSG (pull, "from|another");
    EXPECT_SILENCE (pull);
}

/* ---- how often it tries ---- */

static void it_tries_again_after_the_interval (void)
{
    enum { INTERVAL = 100, TRIES = 4 };
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *push = test_socket (ZMQ_PUSH);
    test_set_int (push, ZMQ_RECONNECT_IVL, INTERVAL);
    test_connect (push, endpoint);
    for (int i = 0; i < TRIES; i++) {
        raw_close (raw_accept (listener));
        long long lost = test_now ();
        EXPECT (raw_is_called (listener, test_patience ()));
        EXPECT (test_now () - lost >= INTERVAL - 2);
    }
    raw_close (listener);
}

static const struct interval {
    const char *name;
    int milliseconds;
} never[] = {{"0", 0}, {"-1", -1}};

static void without_an_interval_it_never_tries_again (void)
{
    const struct interval *row = test_row ();
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *push = test_socket (ZMQ_PUSH);
    test_set_int (push, ZMQ_RECONNECT_IVL, row->milliseconds);
    test_connect (push, endpoint);
    raw_close (raw_accept (listener));
    EXPECT (!raw_is_called (listener, 300));
    raw_close (listener);
}

/* The longest interval bounds the wait, however long the peer was away. */
static void the_longest_interval_bounds_the_backoff (void)
{
    const char *endpoint = wire_endpoint ();
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    test_set_int (push, ZMQ_RECONNECT_IVL, 10);
    test_set_int (push, ZMQ_RECONNECT_IVL_MAX, 80);
    test_connect (push, endpoint);
    SEND (push, "patient");
    EXPECT_SILENCE (pull); /* time for some vain attempts */
    EXPECT_OK (zmq_bind (pull, endpoint));
    EXPECT_MSG (pull, "patient");
}

/* ---- IMMEDIATE ---- */

static void a_socket_queues_for_a_peer_that_is_not_there_unless_immediate (void)
{
    const char *endpoint = wire_endpoint ();
    void *eager = test_socket (ZMQ_PUSH), *immediate = test_socket (ZMQ_PUSH);
    test_set_int (immediate, ZMQ_IMMEDIATE, 1);
    test_connect (eager, endpoint);
    test_connect (immediate, endpoint);
    EXPECT_INT (test_events (eager), ZMQ_POLLOUT);
    EXPECT_INT (test_try_send (eager, "queued"), 0);
    EXPECT_INT (test_events (immediate), 0);
    EXPECT_INT (test_try_send (immediate, "not queued"), EAGAIN);
    test_set_int (immediate, ZMQ_SNDTIMEO, 50);
    EXPECT_ERRNO (zmq_send (immediate, "", 0, 0), EAGAIN);
}

static void with_immediate_a_peer_counts_while_it_is_there (void)
{
    const char *endpoint = wire_endpoint ();
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL), *next = test_socket (ZMQ_PULL);
    test_set_int (push, ZMQ_IMMEDIATE, 1);
    test_connect (push, endpoint);
    EXPECT_OK (zmq_bind (pull, endpoint));
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    SEND (push, "to the first");
    EXPECT_MSG (pull, "to the first");
    test_close (pull);
    WAIT_UNTIL (test_events (push) == 0);
    WAIT_UNTIL (zmq_bind (next, endpoint) == 0); /* the closed socket gives its endpoint back in the background */
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    SEND (push, "to the next");
    EXPECT_MSG (next, "to the next");
}

static void with_immediate_messages_go_to_the_living_only (void)
{
    const char *dead = wire_endpoint (), *living = wire_endpoint ();
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    char text[16];
    test_set_int (push, ZMQ_IMMEDIATE, 1);
    EXPECT_OK (zmq_bind (pull, living));
    test_connect (push, dead);
    test_connect (push, living);
    for (int i = 0; i < 20; i++) {
        snprintf (text, sizeof text, "%d", i);
        SEND (push, text);
    }
    for (int i = 0; i < 20; i++) {
        snprintf (text, sizeof text, "%d", i);
        EXPECT_MSG (pull, text);
    }
}

/* Attached means spoken to: a connection whose handshake is not done does not count. */
static void with_immediate_a_mute_peer_does_not_count (void)
{
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *push = test_socket (ZMQ_PUSH);
    test_set_int (push, ZMQ_IMMEDIATE, 1);
    test_connect (push, endpoint);
    int peer = raw_accept (listener);
    unsigned char start[10];
    EXPECT (raw_read (peer, start, sizeof start));
    EXPECT_INT (test_try_send (push, "too early"), EAGAIN);
    EXPECT (zmtp_send_greeting (peer, 1));
    EXPECT_INT (test_try_send (push, "too early"), EAGAIN);
    EXPECT (zmtp_send_ready (peer, "PULL", NULL));
    WAIT_EVENTS (push, ZMQ_POLLOUT);
    raw_close (peer);
    WAIT_UNTIL (test_events (push) == 0);
    raw_close (listener);
}

TESTS ({RUN (messages_wait_for_a_peer_that_binds_later), ROWS (couples), EACH_TRANSPORT},
       {RUN (a_subscriber_may_be_there_first), EACH_TRANSPORT},
       {RUN (many_early_clients_find_one_late_server), EACH_TRANSPORT},
       {RUN (messages_sent_while_the_peer_is_away_arrive)},
       {RUN (a_client_survives_servers_that_are_killed), ROWS (wires)},
       {RUN (a_subscriber_subscribes_again_at_a_restarted_publisher), ROWS (wires)},
       {RUN (a_server_survives_clients_that_are_killed), ROWS (wires)},
       {RUN (half_a_message_of_a_lost_peer_is_never_seen), ROWS (wires)}, {RUN (it_tries_again_after_the_interval)},
       {RUN (without_an_interval_it_never_tries_again), ROWS (never)},
       {RUN (the_longest_interval_bounds_the_backoff), ROWS (wires)},
       {RUN (a_socket_queues_for_a_peer_that_is_not_there_unless_immediate), ROWS (wires)},
       {RUN (with_immediate_a_peer_counts_while_it_is_there), ROWS (wires)},
       {RUN (with_immediate_messages_go_to_the_living_only), ROWS (wires)},
       {RUN (with_immediate_a_mute_peer_does_not_count)});
