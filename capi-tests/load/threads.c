/* Many pairs of threads at once: together they move about what a single pair moves. */
#include "../harness/flood.h"
#include "../harness/test.h"

#include <pthread.h>
#include <stdatomic.h>

/* The least that eight pairs may move, as a part of what one does. Over tcp it is less than elsewhere: a single pair has
 * a processor for each of its threads, and its bytes in their caches. Measured up to so many times, since whoever else
 * uses the processors takes more from the one than from the eight or the other way round. */
#define LEAST 0.85
#define LEAST_BY_TCP 0.75
enum { PAIRS = 8, TRIES = 6, SIZE = 64, MEASURED_MS = 250 };

struct pair {
    void *push, *pull;
    pthread_t sender, receiver;
    atomic_long received;
};

static struct pair pairs[PAIRS];
static atomic_bool stop;

static void *send_all_the_time (void *argument)
{
    struct pair *pair = argument;
    char message[SIZE] = "";
    while (!atomic_load_explicit (&stop, memory_order_relaxed))
        EXPECT_INT (zmq_send (pair->push, message, SIZE, 0), SIZE);
    EXPECT_INT (zmq_send (pair->push, "", 0, 0), 0);
    return NULL;
}

static void *receive_to_the_end (void *argument)
{
    struct pair *pair = argument;
    char message[SIZE];
    int size;
    while ((size = zmq_recv (pair->pull, message, SIZE, 0)) == SIZE)
        atomic_fetch_add_explicit (&pair->received, 1, memory_order_relaxed);
    EXPECT_INT (size, 0);
    return NULL;
}

static long received_by (int count)
{
    long sum = 0;
    for (int i = 0; i < count; i++)
        sum += atomic_load (&pairs[i].received);
    return sum;
}

/* Messages that so many pairs receive in the time measured. */
static double throughput (int count)
{
    atomic_store (&stop, false);
    for (int i = 0; i < count; i++) {
        EXPECT_INT (pthread_create (&pairs[i].receiver, NULL, receive_to_the_end, &pairs[i]), 0);
        EXPECT_INT (pthread_create (&pairs[i].sender, NULL, send_all_the_time, &pairs[i]), 0);
    }
    zmq_poll (NULL, 0, MEASURED_MS / 10); /* all have begun */
    long long start = flood_clock ();
    long before = received_by (count);
    zmq_poll (NULL, 0, MEASURED_MS);
    double rate = (double) (received_by (count) - before) / (double) (flood_clock () - start);
    atomic_store (&stop, true);
    for (int i = 0; i < count; i++) {
        EXPECT_INT (pthread_join (pairs[i].sender, NULL), 0);
        EXPECT_INT (pthread_join (pairs[i].receiver, NULL), 0);
    }
    return rate;
}

static void eight_pairs_move_about_what_one_does (void)
{
    double best = 0, least = test_over ("tcp") ? LEAST_BY_TCP : LEAST;
    for (int i = 0; i < PAIRS; i++) {
        pairs[i].push = test_socket (ZMQ_PUSH);
        pairs[i].pull = test_socket (ZMQ_PULL);
        test_join (pairs[i].pull, pairs[i].push);
    }
    for (int i = 0; i < TRIES && best < least; i++) {
        double one = throughput (1), all = throughput (PAIRS);
        best = all / one > best ? all / one : best;
        if (test_threads_take_turns ())
            return; /* two of them as well as sixteen */
    }
    if (best < least)
        test_fail (__FILE__, __LINE__, "eight pairs move %.2f times what one pair moves", best);
}

TESTS ({RUN (eight_pairs_move_about_what_one_does), EACH_TRANSPORT});
