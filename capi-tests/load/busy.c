/* What goes on while the application does not call: heartbeats, reconnects and what lingers, while it computes for
 * seconds, or while it does nothing but flood somebody else. */
#include "../harness/flood.h"
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/wire.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { COMPUTING_MS = 1200, HEARTBEAT_MS = 100, MISSED_MS = 500 };

/* ---- two ways to be busy ---- */

static atomic_bool stop;

static void compute (void)
{
    while (!atomic_load (&stop))
        continue;
}

static void *drain (void *pull)
{
    char message[64];
    while (zmq_recv (pull, message, sizeof message, 0) > 0)
        continue;
    return NULL;
}

/* Floods another peer of the same context, which reads it all. */
static void flood (void)
{
    void *push = test_socket (ZMQ_PUSH), *pull = test_socket (ZMQ_PULL);
    char message[64] = "";
    pthread_t reader;
    EXPECT_OK (zmq_bind (pull, "tcp://127.0.0.1:*"));
    char endpoint[64];
    size_t size = sizeof endpoint;
    EXPECT_OK (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
    test_connect (push, endpoint);
    EXPECT_INT (pthread_create (&reader, NULL, drain, pull), 0);
    while (!atomic_load (&stop))
        EXPECT_INT (zmq_send (push, message, sizeof message, 0), sizeof message);
    EXPECT_INT (zmq_send (push, "", 0, 0), 0);
    EXPECT_INT (pthread_join (reader, NULL), 0);
}

static const struct business {
    const char *name;
    void (*run) (void);
} businesses[] = {{"computing", compute}, {"flooding", flood}};

/* In a thread of its own: what happens elsewhere in the meantime. It ends the business. */
static void be_busy_while (void *(*happens) (void *), void *argument)
{
    pthread_t thread;
    EXPECT_INT (pthread_create (&thread, NULL, happens, argument), 0);
    ((const struct business *) test_row ())->run ();
    EXPECT_INT (pthread_join (thread, NULL), 0);
}

/* ---- heartbeats ---- */

/* A peer that wants to hear, and to be answered. */
static void *exchange_heartbeats (void *fd)
{
    int peer = *(int *) fd;
    unsigned char flags, body[64];
    int heard = 0, answered = 0;
    long long last = test_now ();
    for (long long end = last + COMPUTING_MS; test_now () < end;) {
        long size = zmtp_read_frame (peer, &flags, body, sizeof body);
        EXPECT (size >= 5 && flags == ZMTP_COMMAND);
        bool asks = memcmp (body, "\4PING", 5) == 0;
        EXPECT (asks || memcmp (body, "\4PONG", 5) == 0);
        EXPECT (test_now () - last < flood_limit (MISSED_MS));
        last = test_now ();
        heard += asks;
        answered += !asks;
        if (asks) {
            EXPECT (zmtp_send_frame (peer, ZMTP_COMMAND, "\4PONG", 5));
            EXPECT (zmtp_send_frame (peer, ZMTP_COMMAND, "\4PING\0\0", 7));
        }
    }
    EXPECT (heard >= COMPUTING_MS / MISSED_MS && answered >= COMPUTING_MS / MISSED_MS);
    atomic_store (&stop, true);
    return NULL;
}

static void heartbeats_go_on_while_the_application_is_busy (void)
{
    void *dealer = test_socket (ZMQ_DEALER);
    test_set_int (dealer, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    test_set_int (dealer, ZMQ_HEARTBEAT_TIMEOUT, test_patience ());
    int peer = raw_connect (test_bind (dealer));
    EXPECT (zmtp_handshake (peer, 1, "DEALER"));
    be_busy_while (exchange_heartbeats, &peer);
    EXPECT (zmtp_send_frame (peer, 0, "alive", 5));
    EXPECT_MSG (dealer, "alive");
    raw_close (peer);
}

/* Many frames go to the peer itself, and what is to be heard of the library goes between them. */
static void *expect_answers_in_a_flood (void *fd)
{
    enum { PINGS = 10 };
    int peer = *(int *) fd;
    unsigned char flags, body[1024];
    for (int i = 0; i < PINGS; i++) {
        long long start = test_now ();
        EXPECT (zmtp_send_frame (peer, ZMTP_COMMAND, "\4PING\0\0context", 14));
        do
            EXPECT (zmtp_read_frame (peer, &flags, body, sizeof body) > 0);
        while (!(flags & ZMTP_COMMAND));
        EXPECT (memcmp (body, "\4PONGcontext", 12) == 0);
        EXPECT (test_now () - start < test_patience () / 2);
    }
    atomic_store (&stop, true);
    while (zmtp_read_frame (peer, &flags, body, sizeof body) != 3) /* the end of the flood */
        continue;
    return NULL;
}

static void a_ping_is_answered_within_a_flood (void)
{
    void *dealer = test_socket (ZMQ_DEALER);
    char message[1000] = "";
    pthread_t thread;
    int peer = raw_connect (test_bind (dealer));
    EXPECT (zmtp_handshake (peer, 1, "DEALER"));
    WAIT_EVENTS (dealer, ZMQ_POLLOUT);
    EXPECT_INT (pthread_create (&thread, NULL, expect_answers_in_a_flood, &peer), 0);
    while (!atomic_load (&stop))
        EXPECT_INT (zmq_send (dealer, message, sizeof message, 0), sizeof message);
    SEND (dealer, "end");
    EXPECT_INT (pthread_join (thread, NULL), 0);
    raw_close (peer);
}

/* Two ends of the library, both without a call for many times the time-out: they are still joined afterwards. */
static void busy_peers_keep_each_other_alive (void)
{
    enum { TIMEOUT_MS = 450 };
    void *router = test_socket (ZMQ_ROUTER), *dealer = test_socket (ZMQ_DEALER);
    for (int i = 0; i < 2; i++) {
        test_set_int (i ? router : dealer, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
        test_set_int (i ? router : dealer, ZMQ_HEARTBEAT_TIMEOUT, TIMEOUT_MS);
        test_set_int (i ? router : dealer, ZMQ_HEARTBEAT_TTL, TIMEOUT_MS);
    }
    test_join (router, dealer);
    SEND (dealer, "before");
    const char *before = test_recv (router, 0), *after;
    EXPECT (before != NULL);
    for (long long until = test_now () + 3 * TIMEOUT_MS; test_now () < until;)
        continue;
    SEND (dealer, "before");
    after = test_recv (router, 0);
    EXPECT_STR (after, before); /* a new connection would have a new routing id */
}

/* ---- reconnects ---- */

/* A peer that hangs up some times before it speaks. */
static void *be_lost_and_found (void *argument)
{
    enum { LOST = 4 };
    int listener = *(int *) argument;
    unsigned char flags, text[8];
    for (int i = 0; i < LOST; i++)
        raw_close (raw_accept (listener));
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 4);
    EXPECT (memcmp (text, "kept", 4) == 0);
    atomic_store (&stop, true);
    raw_close (peer);
    return NULL;
}

static void reconnects_go_on_while_the_application_is_busy (void)
{
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *push = test_socket (ZMQ_PUSH);
    test_set_int (push, ZMQ_RECONNECT_IVL, 50);
    test_connect (push, endpoint);
    SEND (push, "kept");
    be_busy_while (be_lost_and_found, &listener);
    raw_close (listener);
}

/* ---- what lingers ---- */

enum { PIECES = 60, PIECE = 1000000 };

static void send_pieces_and_close (const char *endpoint, int linger)
{
    void *push = test_socket (ZMQ_PUSH), *bytes = test_keep (calloc (1, PIECE));
    test_connect (push, endpoint);
    for (int i = 0; i < PIECES; i++)
        EXPECT_INT (zmq_send (push, bytes, PIECE, 0), PIECE);
    test_set_int (push, ZMQ_LINGER, linger);
    test_close (push);
}

/* Takes its time: most of it is still to be sent when it begins. */
static void *read_slowly (void *pull)
{
    zmq_msg_t message;
    for (int i = 0; i < PIECES; i++) {
        EXPECT_OK (zmq_msg_init (&message));
        EXPECT_INT (zmq_msg_recv (&message, pull, 0), PIECE);
        EXPECT_OK (zmq_msg_close (&message));
        zmq_poll (NULL, 0, 2);
    }
    atomic_store (&stop, true);
    return NULL;
}

static void what_lingers_is_sent_while_the_application_is_busy (void)
{
    void *context, *pull = wire_socket (ZMQ_PULL, &context);
    test_set_int (pull, ZMQ_RCVHWM, 2);
    const char *endpoint = test_bind (pull);
    send_pieces_and_close (endpoint, -1);
    be_busy_while (read_slowly, pull);
    wire_close (pull, context);
}

/* A peer that begins to read when the time is over: the rest is gone, and so is the connection. */
static void *read_too_late (void *fd)
{
    static char buffer[1 << 16];
    int peer = *(int *) fd;
    ssize_t size;
    long long sum = 0;
    zmq_poll (NULL, 0, 500);
    while ((size = recv (peer, buffer, sizeof buffer, 0)) > 0)
        sum += size;
    EXPECT (sum < (long long) PIECES * PIECE);
    atomic_store (&stop, true);
    return NULL;
}

static void lingering_ends_in_time_while_the_application_is_busy (void)
{
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    send_pieces_and_close (endpoint, 200);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    be_busy_while (read_too_late, &peer);
    raw_close (peer);
    raw_close (listener);
}

TESTS ({RUN (heartbeats_go_on_while_the_application_is_busy), ROWS (businesses), OVER ("tcp")},
       {RUN (a_ping_is_answered_within_a_flood), EACH_NETWORK}, {RUN (busy_peers_keep_each_other_alive), EACH_NETWORK},
       {RUN (reconnects_go_on_while_the_application_is_busy), ROWS (businesses)},
       {RUN (what_lingers_is_sent_while_the_application_is_busy), ROWS (businesses), EACH_NETWORK},
       {RUN (lingering_ends_in_time_while_the_application_is_busy), ROWS (businesses)});
