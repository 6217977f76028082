/* REQ and REP: strict turns, envelopes, and whose answer counts. */
#include "test.h"

#include <stdio.h>

static void *req, *rep;

static void join_req_rep (void)
{
    req = test_socket (ZMQ_REQ);
    rep = test_socket (ZMQ_REP);
    test_join (req, rep);
}

static void requests_and_replies_alternate (void)
{
    char text[16];
    join_req_rep ();
    for (int i = 0; i < 200; i++) {
        snprintf (text, sizeof text, "%d|x||", i);
        SEND (req, text);
        EXPECT_MSG (rep, text);
        SEND (rep, text);
        EXPECT_MSG (req, text);
    }
}

static void out_of_turn_is_efsm (void)
{
    char byte;
    join_req_rep ();
    EXPECT_ERRNO (zmq_recv (req, &byte, 1, 0), EFSM);
    EXPECT_ERRNO (zmq_send (rep, "x", 1, 0), EFSM);
    EXPECT_ERRNO (zmq_recv (req, &byte, 1, ZMQ_DONTWAIT), EFSM);
    EXPECT_ERRNO (zmq_send (rep, "x", 1, ZMQ_DONTWAIT), EFSM);
    SEND (req, "a");
    EXPECT_ERRNO (zmq_send (req, "x", 1, 0), EFSM);
    EXPECT_MSG (rep, "a");
    EXPECT_ERRNO (zmq_recv (rep, &byte, 1, 0), EFSM);
    SEND (rep, "b");
    EXPECT_ERRNO (zmq_send (rep, "x", 1, 0), EFSM);
    EXPECT_MSG (req, "b");
    EXPECT_ERRNO (zmq_recv (req, &byte, 1, 0), EFSM);
    SEND (req, "c");
    EXPECT_MSG (rep, "c");
}

static void a_turn_lasts_for_all_frames (void)
{
    char byte;
    join_req_rep ();
    SEND_START (req, "a");
    EXPECT_ERRNO (zmq_recv (req, &byte, 1, 0), EFSM);
    SEND (req, "b");
    EXPECT_INT (zmq_recv (rep, &byte, 1, 0), 1);
    EXPECT_ERRNO (zmq_send (rep, "x", 1, 0), EFSM);
    EXPECT_INT (zmq_recv (rep, &byte, 1, 0), 1);
    SEND_START (rep, "c");
    EXPECT_ERRNO (zmq_recv (rep, &byte, 1, 0), EFSM);
    SEND (rep, "d");
    EXPECT_INT (zmq_recv (req, &byte, 1, 0), 1);
    EXPECT_ERRNO (zmq_send (req, "x", 1, 0), EFSM);
    EXPECT_INT (zmq_recv (req, &byte, 1, 0), 1);
    SEND (req, "e");
}

static void events_follow_the_turns (void)
{
    join_req_rep ();
    WAIT_UNTIL (test_events (req) == ZMQ_POLLOUT);
    EXPECT_INT (test_events (rep), 0);
    SEND (req, "a|b");
    EXPECT_INT (test_events (req), 0);
    WAIT_UNTIL (test_events (rep) == ZMQ_POLLIN);
    EXPECT_OK (zmq_recv (rep, NULL, 0, 0));
    EXPECT_INT (test_events (rep), ZMQ_POLLIN);
    EXPECT_OK (zmq_recv (rep, NULL, 0, 0));
    EXPECT_INT (test_events (rep), ZMQ_POLLOUT);
    SEND (rep, "c|d");
    EXPECT_INT (test_events (rep), 0);
    WAIT_UNTIL (test_events (req) == ZMQ_POLLIN);
    EXPECT_MSG (req, "c|d");
    EXPECT_INT (test_events (req), ZMQ_POLLOUT);
}

static void requests_go_round (void)
{
    enum { SERVERS = 3 };
    void *reps[SERVERS];
    req = test_socket (ZMQ_REQ);
    for (int i = 0; i < SERVERS; i++) {
        reps[i] = test_socket (ZMQ_REP);
        test_connect (req, test_bind (reps[i]));
    }
    for (int i = 0; i < 3 * SERVERS; i++) {
        void *server = reps[i % SERVERS];
        SEND (req, "q");
        EXPECT_MSG (server, "q");
        SEND (server, "r");
        EXPECT_MSG (req, "r");
    }
}

static void each_client_gets_its_own_reply (void)
{
    enum { CLIENTS = 4 };
    void *reqs[CLIENTS];
    const char *text;
    char name[] = "0";
    rep = test_socket (ZMQ_REP);
    const char *endpoint = test_bind (rep);
    for (int i = 0; i < CLIENTS; i++) {
        reqs[i] = test_socket (ZMQ_REQ);
        test_connect (reqs[i], endpoint);
        name[0] = (char) ('0' + i);
        SEND (reqs[i], name);
    }
    for (int i = 0; i < CLIENTS; i++) {
        EXPECT ((text = test_recv (rep, 0)) != NULL);
        SEND (rep, text);
    }
    for (int i = 0; i < CLIENTS; i++) {
        name[0] = (char) ('0' + i);
        EXPECT_MSG (reqs[i], name);
    }
}

static void without_a_peer_a_request_cannot_be_sent (void)
{
    req = test_socket (ZMQ_REQ);
    EXPECT_INT (test_events (req), 0);
    EXPECT_INT (test_try_send (req, "x"), EAGAIN);
    test_bind (req);
    EXPECT_INT (test_try_send (req, "x"), EAGAIN);
    rep = test_socket (ZMQ_REP);
    test_connect (req, test_bind (rep));
    SEND (req, "x");
    EXPECT_MSG (rep, "x");
}

/* ---- envelopes ---- */

/* A REQ that the routers here know as "R". */
static void *named_req (void)
{
    void *socket = test_socket (ZMQ_REQ);
    test_set_text (socket, ZMQ_ROUTING_ID, "R");
    return socket;
}

static void a_request_travels_with_an_empty_delimiter (void)
{
    void *router = test_socket (ZMQ_ROUTER);
    req = named_req ();
    test_join (router, req);
    SEND (req, "a|b");
    EXPECT_MSG (router, "R||a|b");
    SEND (router, "R||c|d");
    EXPECT_MSG (req, "c|d");
    SEND (req, "");
    EXPECT_MSG (router, "R||");
    SEND (router, "R||");
    EXPECT_MSG (req, "");
}

static void rep_returns_the_envelope (void)
{
    void *dealer = test_socket (ZMQ_DEALER);
    rep = test_socket (ZMQ_REP);
    test_join (dealer, rep);
    SEND (dealer, "|plain");
    EXPECT_MSG (rep, "plain");
    SEND (rep, "re|ply");
    EXPECT_MSG (dealer, "|re|ply");
    SEND (dealer, "id1|id2||body||tail");
    EXPECT_MSG (rep, "body||tail");
    SEND (rep, "reply");
    EXPECT_MSG (dealer, "id1|id2||reply");
    SEND (dealer, "|");
    EXPECT_MSG (rep, "");
    SEND (rep, "");
    EXPECT_MSG (dealer, "|");
}

static void a_request_without_a_delimiter_is_dropped (void)
{
    void *dealer = test_socket (ZMQ_DEALER);
    rep = test_socket (ZMQ_REP);
    test_join (dealer, rep);
    SEND (dealer, "no|delimiter");
    SEND (dealer, "none");
    SEND (dealer, "|good");
    EXPECT_MSG (rep, "good");
    SEND (rep, "reply");
    EXPECT_MSG (dealer, "|reply");
}

/* The Guide's broker: ROUTER in front, DEALER at the back. */
static void a_broker_may_stand_between (void)
{
    void *front = test_socket (ZMQ_ROUTER), *back = test_socket (ZMQ_DEALER);
    req = test_socket (ZMQ_REQ);
    rep = test_socket (ZMQ_REP);
    test_set_text (req, ZMQ_ROUTING_ID, "client");
    test_join (front, req);
    test_join (back, rep);
    for (int i = 0; i < 10; i++) {
        SEND (req, "q|x");
        EXPECT_MSG (front, "client||q|x");
        SEND (back, "client||q|x");
        EXPECT_MSG (rep, "q|x");
        SEND (rep, "r|y");
        EXPECT_MSG (back, "client||r|y");
        SEND (front, "client||r|y");
        EXPECT_MSG (req, "r|y");
    }
}

/* ---- whose answer counts ---- */

static void only_the_asked_peer_may_answer (void)
{
    void *asked = test_socket (ZMQ_ROUTER), *other = test_socket (ZMQ_ROUTER);
    req = named_req ();
    test_set_int (other, ZMQ_ROUTER_MANDATORY, 1);
    test_connect (req, test_bind (asked));
    test_connect (req, test_bind (other));
    SEND (req, "1");
    EXPECT_MSG (asked, "R||1");
    /* Not asked; it speaks as soon as it knows the client, and before the one that was asked. */
    WAIT_UNTIL (test_try_send (other, "R||wrong") == 0);
    SEND (asked, "R||right");
    EXPECT_MSG (req, "right");
}

/* Over inproc, where what was said unasked is there, and thrown away, before the next request goes out. Over the
 * network it may arrive after that, and then nothing tells it from the reply (REQ_CORRELATE does). */
static void an_unasked_answer_is_not_the_reply_to_the_next_request (void)
{
    void *router = test_socket (ZMQ_ROUTER);
    req = named_req ();
    test_join (router, req);
    SEND (req, "1");
    EXPECT_MSG (router, "R||1");
    SEND (router, "R||first");
    SEND (router, "R||unasked");
    EXPECT_MSG (req, "first");
    SEND (req, "2");
    EXPECT_MSG (router, "R||2");
    SEND (router, "R||second");
    EXPECT_MSG (req, "second");
}

/* A reply without the empty delimiter breaks the protocol: the connection it came by is given up. */
static void a_malformed_reply_ends_the_connection (void)
{
    void *router = test_socket (ZMQ_ROUTER);
    req = named_req ();
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    test_set_int (req, ZMQ_RECONNECT_IVL, -1);
    test_connect (req, test_bind (router));
    SEND (req, "q");
    EXPECT_MSG (router, "R||q");
    SEND (router, "R|no|delimiter");
    WAIT_UNTIL (test_try_send (router, "R||late") == EHOSTUNREACH);
    EXPECT_INT (test_events (req) & ZMQ_POLLIN, 0);
}

static void the_reply_to_a_client_that_left_is_discarded (void)
{
    void *next = test_socket (ZMQ_REQ);
    req = test_socket (ZMQ_REQ);
    rep = test_socket (ZMQ_REP);
    const char *endpoint = test_bind (rep);
    test_connect (req, endpoint);
    SEND (req, "bye");
    EXPECT_MSG (rep, "bye");
    test_close (req);
    test_connect (next, endpoint);
    SEND (next, "hi");
    SEND (rep, "to nobody|x");
    EXPECT_MSG (rep, "hi");
    SEND (rep, "ok");
    EXPECT_MSG (next, "ok");
}

/* The server leaves; the client stays in its turn to receive. */
static void a_client_whose_server_left_waits_on (void)
{
    req = test_socket (ZMQ_REQ);
    rep = test_socket (ZMQ_REP);
    test_connect (req, test_bind (rep));
    SEND (req, "q");
    EXPECT_MSG (rep, "q");
    test_close (rep);
    EXPECT_ERRNO (zmq_send (req, "again", 5, 0), EFSM);
    test_set_int (req, ZMQ_RCVTIMEO, 50);
    EXPECT_ERRNO (zmq_recv (req, NULL, 0, 0), EAGAIN);
    EXPECT_ERRNO (zmq_send (req, "again", 5, 0), EFSM);
}

TESTS ({RUN (requests_and_replies_alternate), EACH_WAY}, {RUN (out_of_turn_is_efsm), EACH_TRANSPORT},
       {RUN (a_turn_lasts_for_all_frames), EACH_TRANSPORT}, {RUN (events_follow_the_turns), EACH_WAY},
       {RUN (requests_go_round), EACH_TRANSPORT}, {RUN (each_client_gets_its_own_reply), EACH_TRANSPORT},
       {RUN (without_a_peer_a_request_cannot_be_sent), EACH_TRANSPORT},
       {RUN (a_request_travels_with_an_empty_delimiter), EACH_WAY}, {RUN (rep_returns_the_envelope), EACH_WAY},
       {RUN (a_request_without_a_delimiter_is_dropped), EACH_WAY}, {RUN (a_broker_may_stand_between), EACH_WAY},
       {RUN (only_the_asked_peer_may_answer), EACH_TRANSPORT},
       {RUN (an_unasked_answer_is_not_the_reply_to_the_next_request), EACH_BINDER},
       {RUN (a_malformed_reply_ends_the_connection), EACH_NETWORK},
       {RUN (the_reply_to_a_client_that_left_is_discarded), EACH_TRANSPORT},
       {RUN (a_client_whose_server_left_waits_on), EACH_TRANSPORT});
