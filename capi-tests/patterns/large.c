/* Messages larger than what the system holds for a connection: they arrive whole and in order, from several peers at
 * once, whatever frames stand before and behind them, and however the receiver waits.
 */
#include "../harness/test.h"
#include "../harness/thread.h"

#include <poll.h>

enum { MESSAGES = 12, PEERS = 2, LARGEST = 5000000, STEP = 4099 };

/* Sizes around those of buffers, and far beyond. */
static const size_t sizes[] = {300000, 65536, 7, LARGEST, 65527, 131072, 8191, 1048576, 65, 32768, 262145, 12000};

static size_t size_of (int number)
{
    return sizes[(size_t) number % (sizeof sizes / sizeof sizes[0])];
}

/* What a large frame holds: a part of a sequence that repeats itself after a number of bytes that no buffer has. */
static const unsigned char *content_of (int number)
{
    static unsigned char sequence[LARGEST + 2 * STEP];
    if (sequence[1] == 0) {
        for (size_t at = 0; at < STEP; at++)
            sequence[at] = (unsigned char) (at * 7 + at / 256);
        for (size_t at = STEP; at < sizeof sequence - STEP; at += STEP)
            memcpy (sequence + at, sequence, STEP);
    }
    return sequence + number;
}

static void send_large (void *socket, int peer, int number)
{
    zmq_msg_t body;
    size_t size = size_of (number);
    int head[2] = {peer, number};
    EXPECT_OK (zmq_send (socket, head, sizeof head, ZMQ_SNDMORE));
    EXPECT_OK (zmq_msg_init_size (&body, size));
    memcpy (zmq_msg_data (&body), content_of (number), size);
    EXPECT_INT (zmq_msg_send (&body, socket, ZMQ_SNDMORE), (long long) size);
    EXPECT_OK (zmq_send (socket, "end", 3, 0));
}

/* Receives one message, which must be there, and checks all of it; counts it for its peer. */
static void expect_large (void *socket, int next[PEERS])
{
    int head[2];
    char tail[4];
    zmq_msg_t body;
    EXPECT_INT (zmq_recv (socket, head, sizeof head, ZMQ_DONTWAIT), sizeof head);
    EXPECT (head[0] >= 0 && head[0] < PEERS);
    EXPECT_INT (head[1], next[head[0]]++);
    EXPECT_OK (zmq_msg_init (&body));
    EXPECT_INT (zmq_msg_recv (&body, socket, ZMQ_DONTWAIT), (long long) size_of (head[1]));
    EXPECT (memcmp (zmq_msg_data (&body), content_of (head[1]), zmq_msg_size (&body)) == 0);
    EXPECT_OK (zmq_msg_close (&body));
    EXPECT_INT (zmq_recv (socket, tail, sizeof tail, ZMQ_DONTWAIT), 3);
    EXPECT_INT (test_get_int (socket, ZMQ_RCVMORE), 0);
}

static bool is_done (const int next[PEERS])
{
    for (int peer = 0; peer < PEERS; peer++)
        if (next[peer] < MESSAGES)
            return false;
    return true;
}

static void *pull, *push[PEERS];

static void join_all (void)
{
    pull = test_socket (ZMQ_PULL);
    const char *endpoint = test_bind (pull);
    for (int peer = 0; peer < PEERS; peer++)
        test_connect (push[peer] = test_socket (ZMQ_PUSH), endpoint);
}

static void send_all (void)
{
    for (int number = 0; number < MESSAGES; number++)
        for (int peer = 0; peer < PEERS; peer++)
            send_large (push[peer], peer, number);
}

static long long receive_all (void *unused)
{
    int next[PEERS] = {0};
    (void) unused;
    while (!is_done (next)) {
        zmq_pollitem_t item = {pull, 0, ZMQ_POLLIN, 0};
        EXPECT_INT (zmq_poll (&item, 1, test_patience ()), 1);
        expect_large (pull, next);
    }
    return 0;
}

/* All is sent before anything is received: most of it waits in the library until the receiver comes. */
static void they_arrive_whole_at_one_who_polls (void)
{
    join_all ();
    send_all ();
    receive_all (NULL);
}

/* The descriptor is waited for only after ZMQ_EVENTS said that nothing is left. */
static void they_arrive_whole_at_an_event_loop (void)
{
    int next[PEERS] = {0};
    join_all ();
    send_all ();
    int fd = test_get_int (pull, ZMQ_FD);
    while (!is_done (next)) {
        struct pollfd item = {fd, POLLIN, 0};
        if (test_events (pull) & ZMQ_POLLIN)
            expect_large (pull, next);
        else
            EXPECT_INT (poll (&item, 1, test_patience ()), 1);
    }
}

/* Sender and receiver at work at the same time, where each may wait for the other in the middle of a message. */
static void they_arrive_whole_at_another_thread (void)
{
    join_all ();
    struct blocked *receiver = blocked_start (receive_all, NULL);
    send_all ();
    EXPECT_INT (blocked_join (receiver), 0);
}

/* A peer that does not read is no reason to wait: the sender goes on up to its high-water mark. */
static void a_peer_that_does_not_read_does_not_hold_up_the_sender (void)
{
    void *sender = test_socket (ZMQ_PUSH), *receiver = test_socket (ZMQ_PULL);
    static char bytes[1000000];
    enum { MANY = 40 };
    test_join (receiver, sender);
    WAIT_EVENTS (sender, ZMQ_POLLOUT);
    for (int number = 0; number < MANY; number++)
        EXPECT_INT (zmq_send (sender, bytes, sizeof bytes, ZMQ_DONTWAIT), sizeof bytes);
    for (int number = 0; number < MANY; number++)
        EXPECT_INT (zmq_recv (receiver, bytes, sizeof bytes, 0), sizeof bytes);
}

TESTS ({RUN (they_arrive_whole_at_one_who_polls), EACH_TRANSPORT},
       {RUN (they_arrive_whole_at_an_event_loop), EACH_TRANSPORT},
       {RUN (they_arrive_whole_at_another_thread), EACH_TRANSPORT},
       {RUN (a_peer_that_does_not_read_does_not_hold_up_the_sender), EACH_WAY});
