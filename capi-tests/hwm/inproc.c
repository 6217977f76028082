/* High-water marks over inproc, where they can be counted to the message: one queue for both sides, as long as the
 * sender's and the receiver's marks together, released in batches of half of it. */
#include "test.h"

struct types {
    const char *name;
    int from, to;
};

static const struct types pairs[] = {{"push-pull", ZMQ_PUSH, ZMQ_PULL},
                                     {"pair-pair", ZMQ_PAIR, ZMQ_PAIR},
                                     {"dealer-dealer", ZMQ_DEALER, ZMQ_DEALER}};

static void *from, *to;

static void join_with_marks (int type_from, int type_to, int sndhwm, int rcvhwm)
{
    from = test_socket (type_from);
    to = test_socket (type_to);
    test_set_int (from, ZMQ_SNDHWM, sndhwm);
    test_set_int (to, ZMQ_RCVHWM, rcvhwm);
    test_join (from, to);
    /* The binding side learns of its peer when it runs, and a change of the mark is for known peers. */
    test_events (from);
    test_events (to);
}

static void the_marks_of_both_sides_add_up (void)
{
    static const int marks[][3] = {{1, 1, 2}, {2, 3, 5}, {10, 20, 30}, {1, 100, 101}, {1000, 1000, 2000}};
    const struct types *types = test_row ();
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        join_with_marks (types->from, types->to, marks[i][0], marks[i][1]);
        EXPECT_INT (test_fill (from, "x", 3000), marks[i][2]);
        EXPECT_INT (test_events (from) & ZMQ_POLLOUT, 0);
        EXPECT_INT (test_drain (to), marks[i][2]);
    }
}

static void a_mark_of_zero_means_no_limit (void)
{
    const struct types *types = test_row ();
    join_with_marks (types->from, types->to, 0, 2);
    EXPECT_INT (test_fill (from, "x", 5000), 5000);
    join_with_marks (types->from, types->to, 2, 0);
    EXPECT_INT (test_fill (from, "x", 5000), 5000);
    EXPECT_INT (test_drain (to), 5000);
}

static void the_default_is_a_thousand_each (void)
{
    const struct types *types = test_row ();
    from = test_socket (types->from);
    to = test_socket (types->to);
    test_join (from, to);
    EXPECT_INT (test_fill (from, "x", 3000), 2000);
}

static void before_the_bind_the_senders_mark_counts_alone (void)
{
    const struct types *types = test_row ();
    const char *endpoint = test_endpoint ();
    from = test_socket (types->from);
    to = test_socket (types->to);
    test_set_int (from, ZMQ_SNDHWM, 7);
    test_set_int (to, ZMQ_RCVHWM, 5);
    test_connect (from, endpoint);
    EXPECT_INT (test_fill (from, "x", 100), 7);
    EXPECT_OK (zmq_bind (to, endpoint));
    EXPECT_INT (test_fill (from, "x", 100), 5);
    EXPECT_INT (test_drain (to), 12);
}

static void a_message_counts_once_whatever_its_frames (void)
{
    const struct types *types = test_row ();
    join_with_marks (types->from, types->to, 3, 2);
    EXPECT_INT (test_fill (from, "a|b|c|d|e|f|g|h", 100), 5);
    EXPECT_INT (test_drain (to), 5);
}

/* Full, then released only when half of the queue, rounded up, has been read. */
static void a_full_queue_is_released_in_halves (void)
{
    static const int marks[][3] = {{1, 1, 1}, {2, 1, 2}, {2, 2, 2}, {3, 2, 3}, {9, 9, 9}, {10, 11, 11}, {50, 50, 50}};
    const struct types *types = test_row ();
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        int total = marks[i][0] + marks[i][1], batch = marks[i][2];
        join_with_marks (types->from, types->to, marks[i][0], marks[i][1]);
        EXPECT_INT (test_fill (from, "x", 1000), total);
        for (int read = 1; read <= batch; read++) {
            EXPECT_INT (test_events (from) & ZMQ_POLLOUT, 0);
            EXPECT_MSG (to, "x");
        }
        EXPECT_INT (test_events (from) & ZMQ_POLLOUT, ZMQ_POLLOUT);
        EXPECT_INT (test_fill (from, "x", 1000), batch);
        EXPECT_INT (test_drain (to), total);
        EXPECT (test_fill (from, "x", 1000) >= batch);
    }
}

/* ---- changed later ---- */

static void a_senders_mark_raised_later_counts (void)
{
    const struct types *types = test_row ();
    join_with_marks (types->from, types->to, 2, 2);
    test_set_int (from, ZMQ_SNDHWM, 10);
    EXPECT_INT (test_fill (from, "x", 100), 12);
}

static void a_receivers_mark_raised_later_counts (void)
{
    const struct types *types = test_row ();
    join_with_marks (types->from, types->to, 2, 2);
    test_set_int (to, ZMQ_RCVHWM, 10);
    EXPECT_INT (test_fill (from, "x", 100), 12);
}

static void raising_the_mark_of_a_full_queue_frees_the_sender (void)
{
    const struct types *types = test_row ();
    join_with_marks (types->from, types->to, 2, 2);
    EXPECT_INT (test_fill (from, "x", 100), 4);
    test_set_int (from, ZMQ_SNDHWM, 10);
    EXPECT_INT (test_fill (from, "x", 100), 8);
    EXPECT_INT (test_drain (to), 12);
    EXPECT_INT (test_fill (from, "x", 100), 12);
}

/* What was read and not released yet is more than the new mark allows: no reply may be lost for that. */
static void a_mark_lowered_between_two_replies_costs_none (void)
{
    void *rep = test_socket (ZMQ_REP), *req = test_socket (ZMQ_REQ);
    test_set_int (req, ZMQ_RCVHWM, 1);
    test_join (rep, req);
    for (int round = 0; round < 20; round++) {
        if (round == 10)
            test_set_int (rep, ZMQ_SNDHWM, 1);
        SEND (req, "request");
        EXPECT_MSG (rep, "request");
        SEND (rep, "reply");
        EXPECT_MSG (req, "reply");
    }
}

TESTS ({RUN (the_marks_of_both_sides_add_up), EACH_BINDER, ROWS (pairs)},
       {RUN (a_mark_of_zero_means_no_limit), EACH_BINDER, ROWS (pairs)},
       {RUN (the_default_is_a_thousand_each), EACH_BINDER, ROWS (pairs)},
       {RUN (before_the_bind_the_senders_mark_counts_alone), ROWS (pairs)},
       {RUN (a_message_counts_once_whatever_its_frames), EACH_BINDER, ROWS (pairs)},
       {RUN (a_full_queue_is_released_in_halves), EACH_BINDER, ROWS (pairs)},
       {RUN (a_senders_mark_raised_later_counts), EACH_BINDER, ROWS (pairs)},
       {RUN (a_receivers_mark_raised_later_counts), EACH_BINDER, ROWS (pairs)},
       {RUN (raising_the_mark_of_a_full_queue_frees_the_sender), EACH_BINDER, ROWS (pairs),
        BETTER ("libzmq leaves the sender blocked for good")},
       {RUN (a_mark_lowered_between_two_replies_costs_none), BETTER ("libzmq drops the reply and leaves REQ waiting")});
