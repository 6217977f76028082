/* What happens in the midst of a flood: peers that come between two frames, other calls on the socket, another thread.
 * Every message still arrives once, whole, and in its turn. */
#include "../harness/flood.h"
#include "../harness/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 24, FRAMES = 3, SEVERAL = 4 };

static const struct couple {
    const char *name;
    int from, to;
} couples[] = {{"push", ZMQ_PUSH, ZMQ_PULL}, {"dealer", ZMQ_DEALER, ZMQ_DEALER}, {"pair", ZMQ_PAIR, ZMQ_PAIR}},
  sharing[] = {{"push", ZMQ_PUSH, ZMQ_PULL}, {"dealer", ZMQ_DEALER, ZMQ_DEALER}};

static void *from, *to;
static long messages;

/* ---- messages of three frames that tell their number ---- */

static void write_frame (char *frame, long number, int place)
{
    memset (frame, '.', SIZE);
    snprintf (frame, SIZE, "%ld/%d", number, place);
}

static void send_frame (long number, int place)
{
    char frame[SIZE];
    write_frame (frame, number, place);
    EXPECT_INT (zmq_send (from, frame, SIZE, place + 1 < FRAMES ? ZMQ_SNDMORE : 0), SIZE);
}

static void send_whole (long number)
{
    for (int place = 0; place < FRAMES; place++)
        send_frame (number, place);
}

static void expect_frame (void *socket, long number, int place)
{
    char frame[SIZE], expected[SIZE];
    EXPECT_INT (zmq_recv (socket, frame, SIZE, 0), SIZE);
    write_frame (expected, number, place);
    if (memcmp (frame, expected, SIZE) != 0)
        test_fail (__FILE__, __LINE__, "\"%.*s\" in place of \"%s\"", SIZE, frame, expected);
}

/* The number of the next message, or -1. */
static long recv_whole (void *socket)
{
    char frame[SIZE];
    long number = -1;
    if (zmq_recv (socket, frame, SIZE, 0) < 0)
        return -1;
    EXPECT_INT (sscanf (frame, "%ld/0", &number), 1);
    for (int place = 1; place < FRAMES; place++)
        expect_frame (socket, number, place);
    EXPECT_INT (test_get_int (socket, ZMQ_RCVMORE), 0);
    return number;
}

/* ---- several who share the messages ---- */

struct reader {
    void *socket;
    pthread_t thread;
};

static atomic_long got;
static atomic_char *seen; /* for each message */

static void *share (void *argument)
{
    struct reader *reader = argument;
    long last = -1;
    test_set_int (reader->socket, ZMQ_RCVTIMEO, 20);
    while (atomic_load (&got) < messages) {
        long number = recv_whole (reader->socket);
        if (number < 0)
            continue;
        EXPECT (number > last && number < messages);
        last = number;
        atomic_fetch_add (&seen[number], 1);
        atomic_fetch_add (&got, 1);
    }
    return NULL;
}

static void start_reader (struct reader *reader, const char *endpoint)
{
    reader->socket = test_socket (((const struct couple *) test_row ())->to);
    test_connect (reader->socket, endpoint);
    EXPECT_INT (pthread_create (&reader->thread, NULL, share, reader), 0);
}

static void prepare (long usual_count)
{
    messages = flood_count (usual_count);
    from = test_socket (((const struct couple *) test_row ())->from);
    seen = test_keep (calloc ((size_t) messages, sizeof *seen));
    EXPECT (seen != NULL);
}

static void expect_all_seen_once (void)
{
    for (long number = 0; number < messages; number++)
        if (atomic_load (&seen[number]) != 1)
            test_fail (__FILE__, __LINE__, "message %ld came %d times", number, atomic_load (&seen[number]));
}

/* The newcomer is there when the next frame is sent. */
static void peers_that_come_amid_a_message_get_none_of_it (void)
{
    struct reader readers[SEVERAL];
    prepare (8000);
    const char *endpoint = test_bind (from);
    start_reader (&readers[0], endpoint);
    int present = 1;
    for (long number = 0; number < messages; number++)
        for (int place = 0; place < FRAMES; place++) {
            send_frame (number, place);
            if (present < SEVERAL && place == 0 && number == present * messages / SEVERAL) {
                start_reader (&readers[present++], endpoint);
                zmq_poll (NULL, 0, 20);
            }
        }
    for (int i = 0; i < SEVERAL; i++)
        EXPECT_INT (pthread_join (readers[i].thread, NULL), 0);
    expect_all_seen_once ();
}

/* ---- other calls ---- */

/* Now and then something that is not a part of the flood. */
static void do_something_else (void *socket, unsigned *luck, bool in_message)
{
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN | ZMQ_POLLOUT};
    *luck = *luck * 1103515245u + 12345u;
    switch (*luck >> 16 & 127) {
    case 0:
        EXPECT (test_events (socket) >= 0);
        break;
    case 1:
        EXPECT (zmq_poll (&item, 1, 0) >= 0);
        break;
    case 2:
        test_set_int (socket, ZMQ_LINGER, 0);
        break;
    case 3:
        test_set_int (socket, ZMQ_SNDHWM, 1000);
        break;
    case 4:
        EXPECT_ERRNO (zmq_connect (socket, "nowhere"), EINVAL);
        break;
    default:
        if (*luck >> 24 & 1 && socket == to)
            EXPECT_INT (test_get_int (socket, ZMQ_RCVMORE), in_message);
    }
}

static void *send_with_distractions (void *nothing)
{
    unsigned luck = 1;
    for (long number = 0; number < messages; number++)
        for (int place = 0; place < FRAMES; place++) {
            send_frame (number, place);
            do_something_else (from, &luck, place + 1 < FRAMES);
        }
    return nothing;
}

static void other_calls_do_not_disturb_a_flood (void)
{
    pthread_t sender;
    unsigned luck = 2;
    prepare (20000);
    to = test_socket (((const struct couple *) test_row ())->to);
    test_join (to, from);
    EXPECT_INT (pthread_create (&sender, NULL, send_with_distractions, NULL), 0);
    for (long number = 0; number < messages; number++)
        for (int place = 0; place < FRAMES; place++) {
            expect_frame (to, number, place);
            do_something_else (to, &luck, place + 1 < FRAMES);
        }
    EXPECT_INT (pthread_join (sender, NULL), 0);
}

/* ---- threads that take turns ---- */

static pthread_mutex_t sending = PTHREAD_MUTEX_INITIALIZER, receiving = PTHREAD_MUTEX_INITIALIZER;
static long next_sent, next_received;

/* One to some hundred messages at a time. */
static void take_turns (pthread_mutex_t *mutex, long *next, void (*pass) (long number), unsigned luck)
{
    for (bool over = false; !over;) {
        luck = luck * 1103515245u + 12345u;
        EXPECT_INT (pthread_mutex_lock (mutex), 0);
        for (unsigned turn = luck >> 16 & 255; *next < messages; (*next)++, turn--) {
            if (turn == 0)
                break;
            pass (*next);
        }
        over = *next >= messages;
        EXPECT_INT (pthread_mutex_unlock (mutex), 0);
    }
}

static void receive_whole (long number)
{
    EXPECT_INT (recv_whole (to), number);
}

static void *send_in_turn (void *luck)
{
    take_turns (&sending, &next_sent, send_whole, *(unsigned *) luck);
    return NULL;
}

static void *receive_in_turn (void *luck)
{
    take_turns (&receiving, &next_received, receive_whole, *(unsigned *) luck);
    return NULL;
}

static void threads_may_take_turns_at_a_socket (void)
{
    pthread_t threads[SEVERAL];
    unsigned luck[SEVERAL] = {1, 2, 3, 4};
    prepare (20000);
    to = test_socket (((const struct couple *) test_row ())->to);
    test_join (to, from);
    for (int i = 0; i < SEVERAL; i++)
        EXPECT_INT (pthread_create (&threads[i], NULL, i % 2 ? send_in_turn : receive_in_turn, &luck[i]), 0);
    for (int i = 0; i < SEVERAL; i++)
        EXPECT_INT (pthread_join (threads[i], NULL), 0);
}


TESTS (
    {RUN (peers_that_come_amid_a_message_get_none_of_it), EACH_TRANSPORT, ROWS (sharing)},
    {RUN (other_calls_do_not_disturb_a_flood), EACH_WAY, ROWS (couples)},
    {RUN (threads_may_take_turns_at_a_socket), EACH_WAY, ROWS (couples)}, );
