/* Who is served while somebody floods: of many that flood one socket none starves, and one that asks now and then is
 * answered as if it were alone. */
#include "../harness/flood.h"
#include "../harness/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { TRIES = 5 }; /* a machine that is busy otherwise spoils some of them, but hardly all */

static atomic_bool stop;

/* ---- a hundred that flood one ---- */

enum { PEERS = 100, SENDERS = 4, SIZE = 64, VISIT = 50, MEASURED_MS = 1000 };

static void *pushes[PEERS];

/* Keeps the queues of its share of the peers full. */
static void *keep_full (void *first)
{
    char message[SIZE] = "";
    while (!atomic_load (&stop))
        for (int peer = (int) ((void **) first - pushes); peer < PEERS; peer += SENDERS) {
            memcpy (message, &peer, sizeof peer);
            for (int i = 0; i < VISIT && zmq_send (pushes[peer], message, SIZE, ZMQ_DONTWAIT) == SIZE; i++)
                continue;
        }
    return NULL;
}

static int receive_from (void *pull)
{
    char message[SIZE];
    int peer;
    EXPECT_INT (zmq_recv (pull, message, SIZE, 0), SIZE);
    memcpy (&peer, message, sizeof peer);
    EXPECT (peer >= 0 && peer < PEERS);
    return peer;
}

/* All have been heard once, and whatever is particular to the start is over. */
static void await_all (void *pull)
{
    bool heard[PEERS] = {false};
    for (int missing = PEERS; missing > 0;) {
        int peer = receive_from (pull);
        missing -= !heard[peer];
        heard[peer] = true;
    }
}

/* How many times more messages were taken of one peer than of another, at most. */
static double count_messages (void *pull)
{
    long counts[PEERS] = {0}, most = 0, least;
    for (long long until = test_now () + MEASURED_MS * test_patience () / 10000; test_now () < until;)
        for (int i = 0; i < 100; i++)
            counts[receive_from (pull)]++;
    least = counts[0];
    for (int peer = 0; peer < PEERS; peer++) {
        most = counts[peer] > most ? counts[peer] : most;
        least = counts[peer] < least ? counts[peer] : least;
    }
    EXPECT (least > 0);
    return (double) most / (double) least;
}

static void of_a_hundred_that_flood_one_none_is_preferred (void)
{
    void *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (pull);
    pthread_t threads[SENDERS];
    for (int peer = 0; peer < PEERS; peer++)
        test_connect (pushes[peer] = test_socket (ZMQ_PUSH), endpoint);
    for (int i = 0; i < SENDERS; i++)
        EXPECT_INT (pthread_create (&threads[i], NULL, keep_full, &pushes[i]), 0);
    await_all (pull);
    double ratio = count_messages (pull);
    for (int i = 1; i < TRIES && ratio >= 2; i++)
        ratio = count_messages (pull);
    atomic_store (&stop, true);
    for (int i = 0; i < SENDERS; i++)
        EXPECT_INT (pthread_join (threads[i], NULL), 0);
    if (ratio >= 2)
        test_fail (__FILE__, __LINE__, "of one peer %.2f times as much was taken as of another", ratio);
}

/* ---- one that asks, beside one that floods ---- */

enum { TRIPS = 200 };

static void *router;

/* Answers questions and drops the flood, until the end of the questions. */
static void *serve (void *nothing)
{
    char id[16], text[SIZE];
    for (;;) {
        int id_size = zmq_recv (router, id, sizeof id, 0);
        int size = zmq_recv (router, text, sizeof text, 0);
        EXPECT (id_size > 0 && size >= 0);
        if (memcmp (id, "flood", 5) == 0)
            continue;
        EXPECT_INT (zmq_send (router, id, (size_t) id_size, ZMQ_SNDMORE), id_size);
        EXPECT_INT (zmq_send (router, text, (size_t) size, 0), size);
        if (size == 0)
            return nothing;
    }
}

static void *flood (void *dealer)
{
    char message[SIZE] = "";
    while (!atomic_load (&stop))
        zmq_send (dealer, message, SIZE, 0);
    return NULL;
}

static int by_size (const void *a, const void *b)
{
    long long left = *(const long long *) a, right = *(const long long *) b;
    return (left > right) - (left < right);
}

/* Microseconds from question to answer. */
static long long median_trip (void *client)
{
    long long trips[TRIPS];
    char text[SIZE];
    for (int i = 0; i < TRIPS; i++) {
        long long start = flood_clock ();
        EXPECT_INT (zmq_send (client, "question", 8, 0), 8);
        EXPECT_INT (zmq_recv (client, text, sizeof text, 0), 8);
        trips[i] = flood_clock () - start;
    }
    qsort (trips, TRIPS, sizeof trips[0], by_size);
    return trips[TRIPS / 2];
}

static void a_flood_does_not_delay_the_answers_to_another_client (void)
{
    void *client = test_socket (ZMQ_DEALER), *flooder = test_socket (ZMQ_DEALER);
    pthread_t server, flooding;
    router = test_socket (ZMQ_ROUTER);
    const char *endpoint = test_bind (router);
    test_set_text (flooder, ZMQ_ROUTING_ID, "flood");
    test_set_text (client, ZMQ_ROUTING_ID, "client");
    test_set_int (flooder, ZMQ_SNDTIMEO, 20); /* it looks whether it is to stop */
    test_connect (client, endpoint);
    test_connect (flooder, endpoint);
    EXPECT_INT (pthread_create (&server, NULL, serve, NULL), 0);
    long long alone = median_trip (client);
    EXPECT_INT (pthread_create (&flooding, NULL, flood, flooder), 0);
    long long beside = median_trip (client), allowed = alone + flood_limit (1000);
    for (int i = 1; i < TRIES && beside > allowed; i++)
        beside = median_trip (client);
    atomic_store (&stop, true);
    EXPECT_INT (pthread_join (flooding, NULL), 0);
    EXPECT_OK (zmq_send (client, "", 0, 0));
    EXPECT_INT (pthread_join (server, NULL), 0);
    if (beside > allowed)
        test_fail (__FILE__, __LINE__, "an answer took %lld us, beside the flood %lld us", alone, beside);
}

TESTS ({RUN (of_a_hundred_that_flood_one_none_is_preferred), EACH_NETWORK},
       {RUN (a_flood_does_not_delay_the_answers_to_another_client), EACH_TRANSPORT});
