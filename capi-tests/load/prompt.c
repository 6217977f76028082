/* What is sent leaves at once: an application that sends a burst, of a few messages or of many, and then computes
 * without a further call, has left nothing behind. */
#include "../harness/flood.h"
#include "../harness/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { ROUNDS = 11, SIZE = 16, PAUSE_US = 2000, PROMPT_US = 20000 };

static const int bursts[] = {1, 2, 3, 10, 100, 1000};

static const struct couple {
    const char *name;
    int from, to;
} couples[] = {{"push", ZMQ_PUSH, ZMQ_PULL},
               {"pub", ZMQ_PUB, ZMQ_SUB},
               {"dealer", ZMQ_DEALER, ZMQ_ROUTER},
               {"router", ZMQ_ROUTER, ZMQ_DEALER}};

static void *from, *to;
static atomic_long arrived; /* messages of this round */
static atomic_llong last_arrival;

static void *receive (void *nothing)
{
    const struct couple *couple = test_row ();
    char data[SIZE];
    for (;;) {
        if (couple->to == ZMQ_ROUTER)
            EXPECT (zmq_recv (to, data, SIZE, 0) > 0);
        int size = zmq_recv (to, data, SIZE, 0);
        EXPECT (size >= 0);
        while (test_get_int (to, ZMQ_RCVMORE))
            EXPECT (zmq_recv (to, data, SIZE, 0) >= 0);
        if (size == 1)
            return nothing;
        atomic_store (&last_arrival, flood_clock ());
        atomic_fetch_add (&arrived, 1);
    }
}

static void send_one (size_t size, bool has_two_frames)
{
    static const char data[SIZE] = "a small message";
    if (((const struct couple *) test_row ())->from == ZMQ_ROUTER)
        EXPECT_INT (zmq_send (from, "peer", 4, ZMQ_SNDMORE), 4);
    if (has_two_frames)
        EXPECT_INT (zmq_send (from, data, size, ZMQ_SNDMORE), size);
    EXPECT_INT (zmq_send (from, data, size, 0), size);
}

static void compute_for (long long microseconds)
{
    for (long long until = flood_clock () + microseconds; flood_clock () < until;)
        continue;
}

/* The time from the burst's beginning to the arrival of its last message, while the sender computes. */
static long long pass_burst (int messages)
{
    atomic_store (&arrived, 0);
    long long start = flood_clock (), until = start + test_patience () * 1000LL;
    for (int i = 0; i < messages; i++)
        send_one (SIZE, i % 4 == 1);
    while (atomic_load (&arrived) < messages)
        if (flood_clock () > until)
            test_fail (__FILE__, __LINE__, "of a burst of %d messages %ld arrived", messages, atomic_load (&arrived));
    return atomic_load (&last_arrival) - start;
}

static int by_size (const void *a, const void *b)
{
    long long left = *(const long long *) a, right = *(const long long *) b;
    return (left > right) - (left < right);
}

static void check_bursts_of (int messages)
{
    long long times[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        compute_for (i % 2 * PAUSE_US); /* after a pause, and right after the burst before */
        times[i] = pass_burst (messages);
    }
    qsort (times, ROUNDS, sizeof times[0], by_size);
    if (times[ROUNDS / 2] > flood_limit (PROMPT_US))
        test_fail (__FILE__, __LINE__, "a burst of %d messages took %lld us to arrive", messages, times[ROUNDS / 2]);
}

static void join (const struct couple *couple)
{
    from = test_socket (couple->from);
    to = test_socket (couple->to);
    test_set_int (from, ZMQ_SNDHWM, 0); /* of a PUB too, all are to arrive */
    test_set_int (to, ZMQ_RCVHWM, 0);
    if (couple->to == ZMQ_DEALER)
        test_set_text (to, ZMQ_ROUTING_ID, "peer");
    test_join (from, to);
    if (couple->to == ZMQ_SUB) {
        test_set_text (to, ZMQ_SUBSCRIBE, "");
        test_sync (from, to);
        return;
    }
    if (couple->from == ZMQ_ROUTER) { /* so that it knows its peer */
        SEND (to, "hello");
        EXPECT_MSG (from, "peer|hello");
    }
    WAIT_EVENTS (from, ZMQ_POLLOUT);
}

static void a_burst_arrives_although_its_sender_computes (void)
{
    pthread_t receiver;
    join (test_row ());
    EXPECT_INT (pthread_create (&receiver, NULL, receive, NULL), 0);
    for (size_t i = 0; i < sizeof bursts / sizeof bursts[0]; i++)
        check_bursts_of (bursts[i]);
    send_one (1, false);
    EXPECT_INT (pthread_join (receiver, NULL), 0);
}

/* ---- a sender that goes on with what it has received ---- */

enum { BACKLOG = 1500, BURST = 20, BURSTS = 3, WORK_US = 40, SOON_US = 8000 };

static const struct couple talkers[] = {{"dealer", ZMQ_DEALER, ZMQ_DEALER},
                                        {"pair", ZMQ_PAIR, ZMQ_PAIR},
                                        {"router", ZMQ_ROUTER, ZMQ_DEALER}};

static void handle (int messages)
{
    char data[SIZE];
    for (int i = 0; i < messages; i++) {
        if (((const struct couple *) test_row ())->from == ZMQ_ROUTER)
            EXPECT_INT (zmq_recv (from, data, SIZE, 0), 4);
        EXPECT_INT (zmq_recv (from, data, SIZE, 0), SIZE);
        compute_for (WORK_US);
    }
}

static void send_backlog (void)
{
    static const char data[SIZE] = "to be handled";
    for (int i = 0; i < BACKLOG; i++)
        EXPECT_INT (zmq_send (to, data, SIZE, 0), SIZE);
    WAIT_EVENTS (from, ZMQ_POLLIN);
    zmq_poll (NULL, 0, 100); /* all of it, which nothing tells */
}

static void a_burst_arrives_although_its_sender_goes_on_receiving (void)
{
    pthread_t receiver;
    long long times[BURSTS];
    join (test_row ());
    send_backlog ();
    EXPECT_INT (pthread_create (&receiver, NULL, receive, NULL), 0);
    for (int burst = 0; burst < BURSTS; burst++) {
        handle (10);
        atomic_store (&arrived, 0);
        long long start = flood_clock ();
        for (int i = 0; i < BURST; i++)
            send_one (SIZE, false);
        handle (BACKLOG / BURSTS - 10);
        WAIT_UNTIL (atomic_load (&arrived) == BURST);
        times[burst] = atomic_load (&last_arrival) - start;
    }
    qsort (times, BURSTS, sizeof times[0], by_size);
    if (times[BURSTS / 2] > flood_limit (SOON_US))
        test_fail (__FILE__, __LINE__, "a burst took %lld us to arrive", times[BURSTS / 2]);
    send_one (1, false);
    EXPECT_INT (pthread_join (receiver, NULL), 0);
}

/* ---- more than the connection holds ---- */

enum { LARGE = 20000, MANY = 1500, TRIALS = 9, AWAY_US = 100000, GAP_US = 14000 };

static atomic_llong longest_gap;

static void *receive_many (void *nothing)
{
    static char data[LARGE];
    long long before = 0;
    for (int i = 0; i < TRIALS * MANY; i++) {
        EXPECT_INT (zmq_recv (to, data, LARGE, 0), LARGE);
        long long now = flood_clock (), gap = i % MANY ? now - before : 0;
        if (gap > atomic_load (&longest_gap))
            atomic_store (&longest_gap, gap);
        before = now;
        atomic_fetch_add (&arrived, 1);
    }
    return nothing;
}

/* Sends more than the connection holds at once, looks for an answer once, and computes. */
static long long send_and_go_away (int trial)
{
    static char data[LARGE];
    atomic_store (&longest_gap, 0);
    for (int i = 0; i < MANY; i++)
        EXPECT_INT (zmq_send (from, data, LARGE, 0), LARGE);
    EXPECT_ERRNO (zmq_recv (from, data, LARGE, ZMQ_DONTWAIT), EAGAIN);
    compute_for (AWAY_US);
    WAIT_UNTIL (atomic_load (&arrived) == (trial + 1) * MANY);
    return atomic_load (&longest_gap);
}

/* What waits for room goes on when there is some, whoever looked at the socket last. */
static void what_waits_for_room_goes_on_although_its_sender_computes (void)
{
    pthread_t receiver;
    long long gaps[TRIALS];
    join (test_row ());
    atomic_store (&arrived, 0);
    EXPECT_INT (pthread_create (&receiver, NULL, receive_many, NULL), 0);
    for (int trial = 0; trial < TRIALS; trial++)
        gaps[trial] = send_and_go_away (trial);
    EXPECT_INT (pthread_join (receiver, NULL), 0);
    qsort (gaps, TRIALS, sizeof gaps[0], by_size);
    if (gaps[TRIALS / 2] > flood_limit (GAP_US))
        test_fail (__FILE__, __LINE__, "for %lld us nothing arrived", gaps[TRIALS / 2]);
}

static const struct couple blocked[] = {{"dealer", ZMQ_DEALER, ZMQ_DEALER}, {"pair", ZMQ_PAIR, ZMQ_PAIR}};

TESTS ({RUN (a_burst_arrives_although_its_sender_computes), ROWS (couples), EACH_TRANSPORT},
       {RUN (a_burst_arrives_although_its_sender_goes_on_receiving), ROWS (talkers), EACH_TRANSPORT},
       {RUN (what_waits_for_room_goes_on_although_its_sender_computes), ROWS (blocked), EACH_NETWORK, LIMIT (60)});
