/* REQ_CORRELATE and REQ_RELAXED: replies matched by a number, and requests that may be given up. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

static void *req, *router;

/* A REQ whose requests a ROUTER sees with their envelope. */
static void join_req_router (int correlate, int relaxed)
{
    req = test_socket (ZMQ_REQ);
    router = test_socket (ZMQ_ROUTER);
    test_set_text (req, ZMQ_ROUTING_ID, "R");
    test_set_int (req, ZMQ_REQ_CORRELATE, correlate);
    test_set_int (req, ZMQ_REQ_RELAXED, relaxed);
    test_join (router, req);
}

/* Takes a correlated request; returns its number, the four bytes as they are. */
static unsigned expect_numbered (const char *text)
{
    unsigned number;
    EXPECT_INT (zmq_recv (router, NULL, 0, 0), 1);
    EXPECT_INT (zmq_recv (router, &number, sizeof number, 0), sizeof number);
    EXPECT_MSG (router, text);
    return number;
}

static void reply_numbered (unsigned number, const char *text)
{
    SEND_START (router, "R");
    EXPECT_INT (zmq_send (router, &number, sizeof number, ZMQ_SNDMORE), sizeof number);
    SEND (router, text);
}

static void correlate_numbers_the_requests (void)
{
    join_req_router (1, 0);
    SEND (req, "1");
    unsigned first = expect_numbered ("|1");
    reply_numbered (first, "|one");
    EXPECT_MSG (req, "one");
    for (unsigned i = 1; i < 5; i++) {
        SEND (req, "n|x");
        unsigned number = expect_numbered ("|n|x");
        EXPECT_INT (number, first + i);
        reply_numbered (number, "|m|y");
        EXPECT_MSG (req, "m|y");
    }
}

static void a_reply_with_another_number_is_skipped (void)
{
    join_req_router (1, 0);
    SEND (req, "1");
    unsigned number = expect_numbered ("|1");
    reply_numbered (number + 1, "|wrong");
    reply_numbered (number - 1, "|wrong|too");
    reply_numbered (number, "|right");
    EXPECT_MSG (req, "right");
}

static void a_correlated_request_works_with_rep (void)
{
    void *rep = test_socket (ZMQ_REP);
    req = test_socket (ZMQ_REQ);
    test_set_int (req, ZMQ_REQ_CORRELATE, 1);
    test_join (req, rep);
    for (int i = 0; i < 10; i++) {
        SEND (req, "q|x");
        EXPECT_MSG (rep, "q|x");
        SEND (rep, "r|y");
        EXPECT_MSG (req, "r|y");
    }
}

static void relaxed_may_send_again (void)
{
    join_req_router (1, 1);
    SEND (req, "1");
    unsigned first = expect_numbered ("|1");
    SEND (req, "2");
    unsigned second = expect_numbered ("|2");
    EXPECT_INT (second, first + 1);
    reply_numbered (first, "|late");
    reply_numbered (second, "|good");
    EXPECT_MSG (req, "good");
    EXPECT_ERRNO (zmq_recv (req, NULL, 0, 0), EFSM);
}

static void relaxed_can_always_send (void)
{
    join_req_router (1, 1);
    WAIT_UNTIL (test_events (req) == ZMQ_POLLOUT);
    SEND (req, "1");
    EXPECT_INT (test_events (req), ZMQ_POLLOUT);
    unsigned number = expect_numbered ("|1");
    reply_numbered (number, "|one");
    WAIT_UNTIL (test_events (req) == (ZMQ_POLLIN | ZMQ_POLLOUT));
    SEND (req, "2");
    number = expect_numbered ("|2");
    reply_numbered (number, "|two");
    EXPECT_MSG (req, "two");
}

static void relaxed_may_abandon_a_reply_half_read (void)
{
    join_req_router (1, 1);
    SEND (req, "1");
    unsigned number = expect_numbered ("|1");
    reply_numbered (number, "|a|b|c");
    EXPECT_INT (zmq_recv (req, NULL, 0, 0), 1);
    SEND (req, "2");
    number = expect_numbered ("|2");
    reply_numbered (number, "|two");
    EXPECT_MSG (req, "two");
}

/* A server that does not answer is left for the next. */
static void relaxed_goes_on_to_another_server (void)
{
    void *mute = test_socket (ZMQ_REP), *good = test_socket (ZMQ_REP);
    req = test_socket (ZMQ_REQ);
    test_set_int (req, ZMQ_REQ_RELAXED, 1);
    test_set_int (req, ZMQ_REQ_CORRELATE, 1);
    test_connect (req, test_bind (mute));
    test_connect (req, test_bind (good));
    SEND (req, "1");
    EXPECT_MSG (mute, "1");
    SEND (req, "2");
    EXPECT_MSG (good, "2");
    SEND (good, "two");
    EXPECT_MSG (req, "two");
}

/* The Guide's lazy pirate without closing the socket: the server dies with the request and comes back. */
static void relaxed_asks_again_after_the_server_was_lost (void)
{
    void *rep = test_socket (ZMQ_REP);
    req = test_socket (ZMQ_REQ);
    test_set_int (req, ZMQ_REQ_RELAXED, 1);
    test_set_int (req, ZMQ_REQ_CORRELATE, 1);
    test_set_int (req, ZMQ_RECONNECT_IVL, 10);
    const char *endpoint = test_bind (rep);
    test_connect (req, endpoint);
    SEND (req, "lost");
    EXPECT_MSG (rep, "lost");
    test_close (rep);
    rep = test_socket (ZMQ_REP);
    WAIT_UNTIL (zmq_bind (rep, endpoint) == 0);
    /* A request that goes out before the loss is noticed is lost as well, and asked again. */
    WAIT_UNTIL ((SEND (req, "again"), test_events (rep) & ZMQ_POLLIN));
    EXPECT_MSG (rep, "again");
    SEND (rep, "here");
    test_set_int (req, ZMQ_RCVTIMEO, 20);
    for (const char *text = NULL; !text; text = test_recv (req, 0))
        if (test_events (rep) & ZMQ_POLLIN) {
            EXPECT_MSG (rep, "again");
            SEND (rep, "here");
        }
}

static void without_relaxed_a_second_request_is_efsm (void)
{
    join_req_router (1, 0);
    SEND (req, "1");
    EXPECT_ERRNO (zmq_send (req, "2", 1, 0), EFSM);
    unsigned number = expect_numbered ("|1");
    reply_numbered (number, "|one");
    EXPECT_MSG (req, "one");
}

TESTS ({RUN (correlate_numbers_the_requests), EACH_WAY}, {RUN (a_reply_with_another_number_is_skipped), EACH_WAY},
       {RUN (a_correlated_request_works_with_rep), EACH_WAY}, {RUN (relaxed_may_send_again), EACH_WAY},
       {RUN (relaxed_can_always_send), EACH_WAY}, {RUN (relaxed_may_abandon_a_reply_half_read), EACH_TRANSPORT},
       {RUN (relaxed_goes_on_to_another_server), EACH_TRANSPORT},
       {RUN (relaxed_asks_again_after_the_server_was_lost), EACH_NETWORK},
       {RUN (without_relaxed_a_second_request_is_efsm), EACH_TRANSPORT});
