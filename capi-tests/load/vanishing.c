/* Peers that vanish in the middle of a flood and come back: messages may be lost then, but none is cut, doubled or put
 * before its turn, none of several frames comes in part, and no other peer notices. */
#include "../harness/flood.h"
#include "../harness/process.h"
#include "../harness/test.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { LIVES = 6, LONGEST_ENDPOINT = 160 };

static const struct flood flood = {.seed = 3, .labelled = true};

/* Receives so many messages, each of a higher number than the one before. Returns the last number. */
static long receive (void *socket, long messages, long last)
{
    while (messages-- > 0) {
        long number = flood_recv (socket, &flood, 0);
        if (number <= last)
            test_fail (__FILE__, __LINE__, "message %ld came after %ld", number, last);
        last = number;
    }
    return last;
}

/* ---- a receiver that closes, with a flood on its way to it ---- */

static atomic_bool stop;

/* Sends until it is told to stop. What finds nobody to go to waits for the next life. */
static void *send_on (void *socket)
{
    long number = 0;
    while (!atomic_load (&stop)) {
        int error = flood_send (socket, &flood, number, 0);
        EXPECT (error == 0 || error == EAGAIN);
        number += error == 0;
    }
    return NULL;
}

/* In libzmq an endpoint is free some time after its socket was closed. */
static void bind_again (void *socket, const char *endpoint)
{
    WAIT_UNTIL (zmq_bind (socket, endpoint) == 0);
}

static void receive_through_lives (bool sender_binds)
{
    void *push = test_socket (ZMQ_PUSH);
    pthread_t sender;
    long last = -1;
    test_set_int (push, ZMQ_SNDTIMEO, 20);
    test_set_int (push, ZMQ_RECONNECT_IVL, 10);
    const char *endpoint = sender_binds ? test_bind (push) : test_endpoint ();
    if (!sender_binds)
        test_connect (push, endpoint);
    EXPECT_INT (pthread_create (&sender, NULL, send_on, push), 0);
    for (int life = 0; life < LIVES; life++) {
        void *pull = test_socket (ZMQ_PULL);
        test_set_int (pull, ZMQ_RCVHWM, life % 2 ? 1000 : 10);
        if (sender_binds)
            test_connect (pull, endpoint);
        else
            bind_again (pull, endpoint);
        last = receive (pull, flood_count (2000) + life, last);
        test_close (pull);
    }
    atomic_store (&stop, true);
    EXPECT_INT (pthread_join (sender, NULL), 0);
}

static void a_receiver_that_connects_again_gets_whole_messages_in_order (void)
{
    receive_through_lives (true);
}

static void a_receiver_that_binds_again_gets_whole_messages_in_order (void)
{
    receive_through_lives (false);
}

/* ---- senders that are killed ---- */

enum { LIFE = 1000000 }; /* numbers that a life has for itself */

/* Told its life and the endpoint, it floods until it dies. */
static void flood_until_death (struct process *parent)
{
    char endpoint[LONGEST_ENDPOINT];
    long life;
    EXPECT_INT (sscanf (process_hear (parent), "%ld %159s", &life, endpoint), 2);
    void *push = test_socket (ZMQ_PUSH);
    test_connect (push, endpoint);
    for (long number = life * LIFE;; number++)
        EXPECT_INT (flood_send (push, &flood, number, 0), 0);
}

/* Receives until there are enough messages of this life; what is left of the lives before comes in between. */
static void receive_life (void *pull, long life, long *last)
{
    long enough = life * LIFE + flood_count (1000);
    while (last[life] < enough) {
        long number = flood_recv (pull, &flood, 0);
        EXPECT (number >= 0 && number / LIFE <= life);
        if (last[number / LIFE] && number != last[number / LIFE] + 1)
            test_fail (__FILE__, __LINE__, "message %ld came after %ld", number, last[number / LIFE]);
        last[number / LIFE] = number;
    }
}

static void a_flood_that_is_cut_by_a_crash_leaves_no_part_of_a_message (void)
{
    struct process lives[LIVES];
    long last[LIVES] = {0};
    for (int life = 0; life < LIVES; life++)
        lives[life] = process_fork (flood_until_death);
    void *pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (pull);
    for (int life = 0; life < LIVES; life++) {
        char cue[LONGEST_ENDPOINT + 16];
        snprintf (cue, sizeof cue, "%d %s", life, endpoint);
        process_tell (&lives[life], cue);
        receive_life (pull, life, last);
        process_kill (&lives[life]);
    }
}

/* ---- subscribers that come and go beside one that stays ---- */

static atomic_long end; /* the number after the last message, once that is known */

/* In the thread of the one that stays: from its first message to the last none is missing. */
static void *follow_to_the_end (void *socket)
{
    long last = flood_recv (socket, &flood, 0);
    EXPECT (last >= 0);
    while (last + 1 < atomic_load (&end)) {
        long number = flood_recv (socket, &flood, 0);
        if (number != last + 1)
            test_fail (__FILE__, __LINE__, "message %ld came after %ld", number, last);
        last = number;
    }
    return NULL;
}

static void *publish_on (void *socket)
{
    for (long number = 0; number < atomic_load (&end); number++) {
        if (atomic_load (&stop))
            atomic_store (&end, number + 1);
        EXPECT_INT (flood_send (socket, &flood, number, 0), 0);
        if (number % 50 == 49)
            zmq_poll (NULL, 0, 1); /* nobody holds a publisher back: the readers are to keep up */
    }
    return NULL;
}

static void *unlimited (int type)
{
    void *socket = test_socket (type);
    test_set_int (socket, ZMQ_SNDHWM, 0);
    test_set_int (socket, ZMQ_RCVHWM, 0);
    return socket;
}

static void a_subscriber_that_comes_and_goes_disturbs_no_other (void)
{
    pthread_t publisher, stayer;
    void *pub = unlimited (ZMQ_PUB), *staying = unlimited (ZMQ_SUB);
    const char *endpoint = test_bind (pub);
    test_connect (staying, endpoint);
    test_set_text (staying, ZMQ_SUBSCRIBE, "");
    atomic_store (&end, LONG_MAX);
    EXPECT_INT (pthread_create (&stayer, NULL, follow_to_the_end, staying), 0);
    EXPECT_INT (pthread_create (&publisher, NULL, publish_on, pub), 0);
    long last = -1;
    for (int life = 0; life < LIVES; life++) {
        void *passing = unlimited (ZMQ_SUB);
        test_set_text (passing, ZMQ_SUBSCRIBE, life % 2 ? "" : "B");
        test_connect (passing, endpoint);
        last = receive (passing, flood_count (300), last);
        test_close (passing);
    }
    atomic_store (&stop, true);
    EXPECT_INT (pthread_join (publisher, NULL), 0);
    EXPECT_INT (pthread_join (stayer, NULL), 0);
}

TESTS ({RUN (a_receiver_that_connects_again_gets_whole_messages_in_order), EACH_NETWORK,
        BETTER ("libzmq aborts now and then over ipc, when its peer goes within a message of several frames")},
       {RUN (a_receiver_that_binds_again_gets_whole_messages_in_order), EACH_NETWORK,
        BETTER ("the sending libzmq aborts now and then, when it reconnects within a message of several frames")},
       {RUN (a_flood_that_is_cut_by_a_crash_leaves_no_part_of_a_message), EACH_NETWORK},
       {RUN (a_subscriber_that_comes_and_goes_disturbs_no_other), EACH_TRANSPORT});
