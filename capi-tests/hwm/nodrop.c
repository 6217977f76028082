/* ZMQ_XPUB_NODROP in a flood: a publisher that must not drop says EAGAIN when one of its subscribers takes no more, and
 * what it took before arrives, all of it and in order, at each. */
#include "../harness/test.h"

#include <stdint.h>

enum { MARK = 100, SUBSCRIBERS = 2 };

static void *xpub, *subs[SUBSCRIBERS];

static void join_all (void)
{
    char request;
    xpub = test_socket (ZMQ_XPUB);
    test_set_int (xpub, ZMQ_XPUB_NODROP, 1);
    test_set_int (xpub, ZMQ_XPUB_VERBOSE, 1);
    test_set_int (xpub, ZMQ_SNDHWM, MARK);
    const char *endpoint = test_bind (xpub);
    for (int i = 0; i < SUBSCRIBERS; i++) {
        subs[i] = test_socket (ZMQ_SUB);
        test_set_int (subs[i], ZMQ_RCVHWM, MARK);
        EXPECT_OK (zmq_setsockopt (subs[i], ZMQ_SUBSCRIBE, "", 0));
        test_connect (subs[i], endpoint);
        EXPECT_INT (zmq_recv (xpub, &request, 1, 0), 1);
    }
}

/* Sends numbers until there is no room. Returns the first one that was not taken. */
static uint64_t flood (uint64_t from)
{
    for (uint64_t number = from;; number++) {
        if (zmq_send (xpub, &number, sizeof number, ZMQ_DONTWAIT) == -1) {
            EXPECT_INT (zmq_errno (), EAGAIN);
            return number;
        }
    }
}

static void expect_numbers (void *sub, uint64_t from, uint64_t to)
{
    for (uint64_t expected = from; expected < to; expected++) {
        uint64_t number;
        EXPECT_INT (zmq_recv (sub, &number, sizeof number, 0), (int) sizeof number);
        EXPECT_INT (number, expected);
    }
}

static void nothing_that_was_taken_is_dropped (void)
{
    join_all ();
    uint64_t taken = flood (0);
    EXPECT (taken >= MARK);
    for (int i = 0; i < SUBSCRIBERS; i++)
        expect_numbers (subs[i], 0, taken);
}

/* One subscriber reads on and the other one does not: what the slow one has no room for is taken for neither. */
static void the_slowest_subscriber_counts (void)
{
    join_all ();
    uint64_t seen = 0, taken = 0;
    for (int round = 0; round < 20; round++) {
        taken = flood (taken);
        expect_numbers (subs[0], seen, taken);
        seen = taken;
    }
    expect_numbers (subs[1], 0, taken);
    WAIT_EVENTS (xpub, ZMQ_POLLOUT);
    EXPECT_INT (zmq_send (xpub, &taken, sizeof taken, 0), (int) sizeof taken);
    for (int i = 0; i < SUBSCRIBERS; i++)
        expect_numbers (subs[i], taken, taken + 1);
}

TESTS ({RUN (nothing_that_was_taken_is_dropped), EACH_NETWORK}, {RUN (the_slowest_subscriber_counts), EACH_NETWORK});
