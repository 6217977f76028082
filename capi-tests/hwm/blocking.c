/* Types that wait at the high-water mark: how much is taken without a reader, when a blocked call goes on, and that
 * nothing is lost or reordered on the way. */
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct types {
    const char *name;
    int from, to;
};

static const struct types pairs[] = {{"push-pull", ZMQ_PUSH, ZMQ_PULL},
                                     {"pair-pair", ZMQ_PAIR, ZMQ_PAIR},
                                     {"dealer-dealer", ZMQ_DEALER, ZMQ_DEALER},
                                     {"dealer-router", ZMQ_DEALER, ZMQ_ROUTER}};

static void *from, *to;

static void make_with_marks (int sndhwm, int rcvhwm)
{
    const struct types *types = test_row ();
    from = test_socket (types->from);
    to = test_socket (types->to);
    test_set_int (from, ZMQ_SNDHWM, sndhwm);
    test_set_int (to, ZMQ_RCVHWM, rcvhwm);
}

/* Before there is a peer exactly SNDHWM messages are taken. */
static void without_a_peer_the_senders_mark_counts (void)
{
    static const int marks[] = {1, 2, 7, 100, 1000};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        make_with_marks (marks[i], 1);
        test_connect (from, test_endpoint ());
        EXPECT_INT (test_fill (from, "x|y", 2000), marks[i]);
        EXPECT_INT (test_events (from), 0);
    }
    make_with_marks (0, 1);
    test_connect (from, test_endpoint ());
    EXPECT_INT (test_fill (from, "x", 5000), 5000);
}

static void a_mark_raised_later_counts_without_a_peer (void)
{
    make_with_marks (2, 1);
    test_connect (from, test_endpoint ());
    test_set_int (from, ZMQ_SNDHWM, 10);
    EXPECT_INT (test_fill (from, "x", 100), 10);
}

static void a_full_sender_times_out (void)
{
    make_with_marks (2, 2);
    test_connect (from, test_endpoint ());
    EXPECT_INT (test_fill (from, "x", 100), 2);
    test_set_int (from, ZMQ_SNDTIMEO, 30);
    long long before = test_now ();
    EXPECT_ERRNO (zmq_send (from, "x", 1, 0), EAGAIN);
    EXPECT (test_now () - before >= 29);
    EXPECT_ERRNO (zmq_send (from, "x", 1, ZMQ_DONTWAIT), EAGAIN);
}

static const char *payload (int number, size_t size)
{
    char *text = test_keep (malloc (size + 1));
    memset (text, '.', size);
    text[size] = '\0';
    snprintf (text, size, "%d", number);
    text[strlen (text)] = '.';
    return text;
}

/* With a reader that does not read, what is taken is bounded: by the marks and what the transport holds. */
static void a_reader_that_does_not_read_stops_the_sender (void)
{
    enum { SIZE = 65536, MOST = 4000 };
    const char *text = payload (0, SIZE);
    int accepted, more;
    make_with_marks (10, 10);
    test_join (to, from);
    WAIT_EVENTS (from, ZMQ_POLLOUT);
    accepted = 0;
    /* A tenth of a second, more where everything is slow. */
    test_set_int (from, ZMQ_SNDTIMEO, test_patience () / 100);
    while (accepted < MOST && zmq_send (from, text, SIZE, 0) == SIZE)
        accepted++;
    EXPECT (accepted >= 20);
    EXPECT (accepted < MOST);
    /* Reading all of it makes room for as much again, nothing is missing. */
    for (more = 0; more < accepted; more++)
        EXPECT (test_recv (to, 0) != NULL);
    EXPECT_INT (test_events (to) & ZMQ_POLLIN, 0);
    WAIT_EVENTS (from, ZMQ_POLLOUT);
}

enum { STREAM = 3000 };

static void *send_stream (void *unused)
{
    char text[16];
    (void) unused;
    for (int i = 0; i < STREAM; i++) {
        snprintf (text, sizeof text, "%d|x", i);
        SEND (from, text);
    }
    return NULL;
}

/* A fast sender against the smallest marks: it blocks and goes on, over and over. */
static void a_blocked_sender_goes_on_when_there_is_room (void)
{
    pthread_t sender;
    char expected[32];
    make_with_marks (1, 1);
    if (((const struct types *) test_row ())->to == ZMQ_ROUTER)
        test_set_text (from, ZMQ_ROUTING_ID, "D");
    test_join (to, from);
    EXPECT_INT (pthread_create (&sender, NULL, send_stream, NULL), 0);
    for (int i = 0; i < STREAM; i++) {
        bool router = ((const struct types *) test_row ())->to == ZMQ_ROUTER;
        snprintf (expected, sizeof expected, "%s%d|x", router ? "D|" : "", i);
        EXPECT_MSG (to, expected);
    }
    EXPECT_INT (pthread_join (sender, NULL), 0);
}

/* The frames of a message that has begun are taken even at the mark: the mark counts messages. */
static void a_message_that_has_begun_can_be_ended (void)
{
    make_with_marks (1, 1);
    test_connect (from, test_endpoint ());
    for (int i = 0; i < 50; i++)
        EXPECT_INT (zmq_send (from, "part", 4, ZMQ_SNDMORE | ZMQ_DONTWAIT), 4);
    EXPECT_INT (zmq_send (from, "end", 3, ZMQ_DONTWAIT), 3);
    EXPECT_INT (test_try_send (from, "next"), EAGAIN);
}

TESTS ({RUN (without_a_peer_the_senders_mark_counts), EACH_TRANSPORT, ROWS (pairs)},
       {RUN (a_mark_raised_later_counts_without_a_peer), EACH_NETWORK, ROWS (pairs)},
       {RUN (a_full_sender_times_out), EACH_TRANSPORT, ROWS (pairs)},
       {RUN (a_reader_that_does_not_read_stops_the_sender), EACH_NETWORK, ROWS (pairs)},
       {RUN (a_blocked_sender_goes_on_when_there_is_room), EACH_WAY, ROWS (pairs)},
       {RUN (a_message_that_has_begun_can_be_ended), EACH_TRANSPORT, ROWS (pairs)});
