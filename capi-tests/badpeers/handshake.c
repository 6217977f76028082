/* Peers that spoil the handshake: each is let go or left waiting, and no other connection of the socket notices. */
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/zmtp.h"

#include <stdio.h>
#include <stdlib.h>

/* What must become of the connection: it is closed; or nobody says. */
enum fate { CLOSES, ANY };

static const struct opening {
    const char *name, *bytes; /* sent to a PULL socket */
    enum fate fate;
} openings[] = {
    {"nothing", "", ANY},
    {"zeros", "<00*100>", CLOSES},
    {"ones", "<ff*100>", CLOSES},
    {"an HTTP request", "GET / HTTP/1.1<0d><0a>Host: localhost<0d><0a><0d><0a>", ANY},
    {"a long HTTP request", "POST / HTTP/1.1<0d><0a>X: <79*4000><0d><0a><0d><0a>", ANY},
    {"an SSH banner", "SSH-2.0-OpenSSH_9.2<0d><0a>", ANY},
    {"a TLS hello", "<16><03><01><02><00><01><00><01><fc><03><03><55*500>", ANY},
    {"half a signature", "<ff><00*4>", ANY},
    {"half a greeting", SIGNATURE "<03><01>NU", ANY},
    {"an unknown mechanism", GREETING_OF ("<03>", "<01>", "XYZ<00*17>"), CLOSES},
    {"a lower-case mechanism", GREETING_OF ("<03>", "<01>", "null<00*16>"), CLOSES},
    {"another mechanism", GREETING_OF ("<03>", "<01>", "PLAIN<00*15>"), CLOSES},
    {"no mechanism", GREETING_OF ("<03>", "<01>", "<00*20>"), CLOSES},
    {"a longer mechanism", GREETING_OF ("<03>", "<01>", "NULLX<00*15>"), CLOSES},
    {"a badly padded mechanism", GREETING_OF ("<03>", "<01>", "NULL<00*15>x"), CLOSES},
    {"a socket type that does not fit", GREETING READY_3 ("PUB"), CLOSES},
    {"its own socket type", GREETING READY_4 ("PULL"), CLOSES},
    {"an unknown socket type", GREETING READY_3 ("FOO"), CLOSES},
    {"a lower-case socket type", GREETING READY_4 ("push"), CLOSES},
    {"an empty socket type", GREETING "<04><16><05>READY<0b>Socket-Type<00*4>", CLOSES},
    {"a message before READY", GREETING "<00><05>hello", CLOSES},
    {"PING before READY", GREETING "<04><07><04>PING<00><00>", CLOSES},
    {"an unknown command", GREETING "<04><04><03>FOO", CLOSES},
    {"a command of another mechanism", GREETING "<04><08><05>HELLO<00><00>", CLOSES},
    {"an empty command", GREETING "<04><00>", CLOSES},
    {"a command whose name is longer than it", GREETING "<04><02><05>R", CLOSES},
    {"ERROR without a reason", GREETING "<04><06><05>ERROR", CLOSES},
    {"ERROR whose reason is longer than it", GREETING "<04><07><05>ERROR<09>", CLOSES},
    {"ERROR", GREETING "<04><0a><05>ERROR<03>400", ANY},
    {"a property name longer than the command", GREETING "<04><08><05>READY<ff>x", CLOSES},
    {"a property cut short", GREETING "<04><14><05>READY<0b>Socket-Type<00><00>", CLOSES},
    {"a property value longer than the command", GREETING "<04><16><05>READY<0b>Socket-Type<00*3><ff>", ANY},
    {"a property value of 4 GiB", GREETING "<04><16><05>READY<0b>Socket-Type<ff*4>", ANY},
    {"READY of a terabyte", GREETING "<06><00><00><01><00*5><05>READY", ANY},
    {"READY twice the wrong way", GREETING READY_3 ("PUB") READY_4 ("PUSH"), CLOSES},
};

/* A socket with a peer that behaves, and what they say to each other while others do not. */
struct healthy {
    void *pull, *push;
    const char *endpoint;
    int said;
};

/* Whatever strangers managed to have taken for a message is passed over. */
static void expect_well (struct healthy *healthy)
{
    char text[64];
    const char *got;
    snprintf (text, sizeof text, "healthy|%d", ++healthy->said);
    SEND (healthy->push, text);
    do {
        got = test_recv (healthy->pull, 0);
        EXPECT (got != NULL);
    } while (strcmp (got, text) != 0);
}

static struct healthy make_healthy (void)
{
    struct healthy healthy = {test_socket (ZMQ_PULL), test_socket (ZMQ_PUSH), NULL, 0};
    char *endpoint = test_keep (malloc (64));
    size_t size = 64;
    EXPECT_OK (zmq_bind (healthy.pull, "tcp://127.0.0.1:*"));
    EXPECT_OK (zmq_getsockopt (healthy.pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
    healthy.endpoint = endpoint;
    test_connect (healthy.push, endpoint);
    expect_well (&healthy);
    return healthy;
}

static void a_bad_beginning_harms_nobody_else (void)
{
    const struct opening *row = test_row ();
    struct healthy healthy = make_healthy ();
    int peer = raw_connect (healthy.endpoint);
    raw_say (peer, row->bytes); /* it may be closed before all is said */
    if (row->fate == CLOSES)
        EXPECT (raw_closes (peer));
    expect_well (&healthy);
    raw_close (peer);
    expect_well (&healthy);
    test_connect (healthy.push, healthy.endpoint); /* newcomers are welcome still */
    expect_well (&healthy);
    expect_well (&healthy);
}

static void many_bad_peers_at_once_harm_nobody_else (void)
{
    enum { ROWS_COUNT = sizeof openings / sizeof *openings };
    struct healthy healthy = make_healthy ();
    int peers[ROWS_COUNT];
    for (size_t i = 0; i < ROWS_COUNT; i++) {
        peers[i] = raw_connect (healthy.endpoint);
        raw_say (peers[i], openings[i].bytes);
        expect_well (&healthy);
    }
    for (size_t i = 0; i < ROWS_COUNT; i++)
        if (openings[i].fate == CLOSES)
            EXPECT (raw_closes (peers[i]));
    for (size_t i = 0; i < ROWS_COUNT; i++) {
        raw_close (peers[i]);
        expect_well (&healthy);
    }
}

static void peers_that_hang_up_at_any_byte_harm_nobody_else (void)
{
    struct healthy healthy = make_healthy ();
    unsigned char bytes[256];
    size_t size = raw_bytes (GREETING READY_4 ("PUSH") "<00><05>hello", bytes, sizeof bytes);
    for (size_t i = 0; i <= size; i++) {
        int peer = raw_connect (healthy.endpoint);
        EXPECT (raw_send (peer, bytes, i));
        raw_close (peer);
    }
    expect_well (&healthy);
}

/* Numbers that look random and are the same in every run. */
static unsigned next_random (unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void noise_harms_nobody_else (void)
{
    struct healthy healthy = make_healthy ();
    unsigned state = 1;
    for (int i = 0; i < 150; i++) {
        unsigned char bytes[512];
        size_t size = 0;
        if (i % 3 > 0)
            size = raw_bytes (i % 3 == 1 ? GREETING : GREETING READY_4 ("PUSH"), bytes, sizeof bytes);
        size_t kept = size, end = size + next_random (&state) % (sizeof bytes - size);
        while (size < end)
            bytes[size++] = (unsigned char) next_random (&state);
        if (i % 2 && kept > 0) /* every other one has a single byte of its beginning changed */
            bytes[next_random (&state) % kept] ^= (unsigned char) (1 << next_random (&state) % 8);
        int peer = raw_connect (healthy.endpoint);
        raw_send (peer, bytes, size);
        raw_close (peer);
        if (i % 10 == 0)
            expect_well (&healthy);
    }
    expect_well (&healthy);
}

/* ---- the same with the socket connecting ---- */

static void a_bad_server_harms_nobody_else (void)
{
    const struct opening *row = test_row ();
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    struct healthy healthy = make_healthy ();
    test_connect (healthy.pull, endpoint);
    int peer = raw_accept (listener);
    raw_say (peer, row->bytes);
    if (row->fate == CLOSES)
        EXPECT (raw_closes (peer));
    expect_well (&healthy);
    raw_close (peer);
    expect_well (&healthy);
    raw_close (listener);
}

/* A server that closes is tried again; one that breaks the protocol would only break it again. */
static void a_server_that_breaks_the_protocol_is_not_tried_again (void)
{
    const struct opening *row = test_row ();
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_RECONNECT_IVL, 10);
    test_connect (pull, endpoint);
    raw_close (raw_accept (listener));
    int peer = raw_accept (listener);
    EXPECT (raw_say (peer, row->bytes));
    EXPECT (raw_closes (peer));
    EXPECT (!raw_is_called (listener, 150));
    EXPECT_OK (zmq_disconnect (pull, endpoint));
    raw_close (peer);
    raw_close (listener);
}

static const struct opening breaches[] = {
    {"mechanism", GREETING_OF ("<03>", "<01>", "PLAIN<00*15>"), CLOSES},
    {"socket type", GREETING READY_3 ("PUB"), CLOSES},
    {"command", GREETING "<04><04><03>FOO", CLOSES},
    {"message before READY", GREETING "<00><05>hello", CLOSES},
};

TESTS ({RUN (a_bad_beginning_harms_nobody_else), ROWS (openings)}, {RUN (many_bad_peers_at_once_harm_nobody_else)},
       {RUN (peers_that_hang_up_at_any_byte_harm_nobody_else)}, {RUN (noise_harms_nobody_else)},
       {RUN (a_bad_server_harms_nobody_else), ROWS (openings)},
       {RUN (a_server_that_breaks_the_protocol_is_not_tried_again), ROWS (breaches)});
