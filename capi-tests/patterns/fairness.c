/* Who is served next: types that send to one peer at a time take the peers in turn, types that receive from several
 * read one message of each in turn, and a peer that takes no more is passed over until it does. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

enum { PEERS = 3, ROUNDS = 10 };

struct types {
    const char *name;
    int one, many;
};

static void *one, *many[PEERS];

static const struct types *types (void)
{
    return test_row ();
}

/* The one connects to each of the many, who bind. */
static void join_all (void)
{
    one = test_socket (types ()->one);
    for (int i = 0; i < PEERS; i++) {
        many[i] = test_socket (types ()->many);
        test_connect (one, test_bind (many[i]));
    }
}

static const char *numbered (int peer, int number)
{
    char *text = test_keep (malloc (24));
    snprintf (text, 24, "%d|%d", peer, number);
    return text;
}

static const struct types balancing[] = {{"push", ZMQ_PUSH, ZMQ_PULL}, {"dealer", ZMQ_DEALER, ZMQ_DEALER}};

static void peers_are_sent_to_in_turn (void)
{
    join_all ();
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < PEERS; i++)
            SEND (one, numbered (i, round));
    for (int i = 0; i < PEERS; i++)
        for (int round = 0; round < ROUNDS; round++)
            EXPECT_MSG (many[i], numbered (i, round));
}

/* Over inproc, where the marks of both sides add up and nothing else holds messages. */
static void a_full_peer_is_passed_over (void)
{
    join_all ();
    int accepted = test_fill (one, "x", 100000);
    int room = accepted / PEERS;
    EXPECT_INT (accepted, room * PEERS);
    EXPECT_INT (room, 2000);
    EXPECT_INT (test_events (one) & ZMQ_POLLOUT, 0);
    for (int i = 0; i < room; i++)
        EXPECT_MSG (many[1], "x");
    for (int i = 0; i < 10; i++)
        SEND (one, "y");
    for (int i = 0; i < 10; i++)
        EXPECT_MSG (many[1], "y");
}

/* ---- receiving ---- */

static const struct types receiving[] = {{"pull", ZMQ_PULL, ZMQ_PUSH},
                                         {"dealer", ZMQ_DEALER, ZMQ_DEALER},
                                         {"router", ZMQ_ROUTER, ZMQ_DEALER},
                                         {"rep", ZMQ_REP, ZMQ_DEALER},
                                         {"sub", ZMQ_SUB, ZMQ_XPUB},
                                         {"xsub", ZMQ_XSUB, ZMQ_XPUB}};

static void subscribe_to_all (void)
{
    if (types ()->one == ZMQ_SUB)
        test_set_text (one, ZMQ_SUBSCRIBE, "");
    else if (types ()->one == ZMQ_XSUB)
        SEND (one, "<01>");
    else
        return;
    for (int i = 0; i < PEERS; i++)
        EXPECT_MSG (many[i], "<01>");
}

/* The number of the peer whose message comes next. */
static int receive_from (void)
{
    const char *text = test_recv (one, 0);
    EXPECT (text != NULL);
    if (types ()->one == ZMQ_ROUTER)
        text = strchr (text, '|') + 1;
    if (types ()->one == ZMQ_REP)
        SEND (one, "reply");
    return atoi (text);
}

static void send_numbered (int peer, int number)
{
    char text[24];
    snprintf (text, sizeof text, "%s%d|%d", types ()->one == ZMQ_REP ? "|" : "", peer, number);
    SEND (many[peer], text);
}

/* Over inproc, where a message sent is there to be read. */
static void peers_are_read_in_turn (void)
{
    join_all ();
    subscribe_to_all ();
    for (int i = 0; i < PEERS; i++)
        for (int round = 0; round < ROUNDS; round++)
            send_numbered (i, round);
    for (int round = 0; round < ROUNDS; round++) {
        bool seen[PEERS] = {false};
        for (int i = 0; i < PEERS; i++)
            seen[receive_from ()] = true;
        for (int i = 0; i < PEERS; i++)
            EXPECT (seen[i]);
    }
}

static void every_message_of_every_peer_arrives_once (void)
{
    int counts[PEERS] = {0};
    join_all ();
    subscribe_to_all ();
    for (int i = 0; i < PEERS; i++)
        WAIT_EVENTS (many[i], ZMQ_POLLOUT);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < PEERS; i++)
            send_numbered (i, round);
    for (int i = 0; i < PEERS * ROUNDS; i++)
        counts[receive_from ()]++;
    for (int i = 0; i < PEERS; i++)
        EXPECT_INT (counts[i], ROUNDS);
    EXPECT_ERRNO (zmq_recv (one, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
}

/* One that always has something to say does not keep another from being heard. */
static void a_flood_does_not_drown_the_others (void)
{
    join_all ();
    subscribe_to_all ();
    WAIT_EVENTS (many[0], ZMQ_POLLOUT);
    WAIT_EVENTS (many[1], ZMQ_POLLOUT);
    for (int number = 0; number < 500; number++)
        send_numbered (0, number);
    EXPECT_INT (receive_from (), 0);
    send_numbered (1, 0);
    int before = 1;
    while (receive_from () != 1)
        before++;
    EXPECT (before < 500);
}

TESTS ({RUN (peers_are_sent_to_in_turn), EACH_TRANSPORT, ROWS (balancing)},
       {RUN (a_full_peer_is_passed_over), ROWS (balancing)}, {RUN (peers_are_read_in_turn), ROWS (receiving)},
       {RUN (every_message_of_every_peer_arrives_once), EACH_TRANSPORT, ROWS (receiving)},
       {RUN (a_flood_does_not_drown_the_others), ROWS (receiving)});
