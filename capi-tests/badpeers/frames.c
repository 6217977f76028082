/* Peers that behave until the handshake is done and not afterwards; and strange ones that must be borne with. */
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/zmtp.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- a socket with one peer made by hand and one that behaves ---- */

struct scene {
    void *pull, *push;
    int peer;
    char endpoint[64];
};

static struct scene make_scene (void)
{
    struct scene scene = {.pull = test_socket (ZMQ_PULL), .push = test_socket (ZMQ_PUSH)};
    size_t size = sizeof scene.endpoint;
    EXPECT_OK (zmq_bind (scene.pull, "tcp://127.0.0.1:*"));
    EXPECT_OK (zmq_getsockopt (scene.pull, ZMQ_LAST_ENDPOINT, scene.endpoint, &size));
    scene.peer = raw_connect (scene.endpoint);
    EXPECT (zmtp_handshake (scene.peer, 1, "PUSH"));
    test_connect (scene.push, scene.endpoint);
    SEND (scene.push, "healthy");
    EXPECT_MSG (scene.pull, "healthy");
    return scene;
}

static void expect_the_other_peer_well (const struct scene *scene)
{
    SEND (scene->push, "still|healthy");
    EXPECT_MSG (scene->pull, "still|healthy");
}

/* The same when nobody says what comes of the strange one's frames: they are passed over. */
static void expect_well_among_strange_messages (const struct scene *scene)
{
    const char *got;
    SEND (scene->push, "still|healthy");
    do
        EXPECT ((got = test_recv (scene->pull, 0)) != NULL);
    while (strcmp (got, "still|healthy") != 0);
}

/* ---- what is borne and what is not ---- */

enum fate { CLOSES, GOES_ON, ANY };

static const struct remark {
    const char *name, *bytes;
    enum fate fate; /* GOES_ON: the message that follows arrives */
} remarks[] = {
    {"an unknown command", "<04><04><03>FOO", GOES_ON},
    {"an unknown command in the long form", "<06><00*7><04><03>FOO", GOES_ON},
    {"a second READY", READY_4 ("PUSH"), GOES_ON},
    {"a late ERROR", "<04><0a><05>ERROR<03>400", GOES_ON},
    {"PONG unasked for", "<04><05><04>PONG", GOES_ON},
    {"PING", "<04><07><04>PING<00><00>", GOES_ON},
    {"a reserved flag", "<08><01>!", ANY},
    {"all reserved flags", "<f8><01>!", ANY},
    {"an empty command", "<04><00>", ANY},
    {"a command whose name is longer than it", "<04><02><ff>R", ANY},
    {"a PING without time to live", "<04><05><04>PING", ANY},
    {"a command with MORE", "<05><04><03>FOO", ANY},
    {"a subscription", "<04><0b><09>SUBSCRIBEx", ANY},
    {"a negative length", "<02><ff*8>", CLOSES},
    {"the most negative length", "<02><80><00*7>", CLOSES},
    {"a length of 2^63 - 1", "<02><7f><ff*7>", ANY},
    {"a length of a terabyte", "<02><00><00><01><00*5>", ANY},
    {"a command of a terabyte", "<06><00><00><01><00*5><03>FOO", ANY},
    {"a frame cut short", "<00><09>half", ANY},
    {"a long frame cut short", "<02><00*6><09><00>half", ANY},
    {"a message cut short", "<01><04>half", ANY},
    {"a length cut short", "<02><00*3>", ANY},
};

static void a_bad_frame_harms_nobody_else (void)
{
    const struct remark *row = test_row ();
    struct scene scene = make_scene ();
    raw_say (scene.peer, row->bytes);
    if (row->fate == CLOSES)
        EXPECT (raw_closes (scene.peer));
    if (row->fate == GOES_ON) {
        EXPECT (raw_say (scene.peer, "<01><03>and<00><02>on"));
        EXPECT_MSG (scene.pull, "and|on");
    }
    void (*expect_well) (const struct scene *) = expect_the_other_peer_well;
    if (row->fate == ANY)
        expect_well = expect_well_among_strange_messages;
    expect_well (&scene);
    raw_close (scene.peer);
    expect_well (&scene);
}

/* The peer is silent in the middle of a message: nobody waits for it, and its part is never delivered. */
static void half_a_message_and_silence_delay_nobody (void)
{
    struct scene scene = make_scene ();
    EXPECT (raw_say (scene.peer, "<01><05>first<00><06>sec"));
    for (int i = 0; i < 20; i++)
        expect_the_other_peer_well (&scene);
    EXPECT (raw_say (scene.peer, "ond"));
    EXPECT_MSG (scene.pull, "first|second");
    EXPECT (raw_say (scene.peer, "<01><05>never<02><00*7><ff>ending"));
    raw_close (scene.peer);
    for (int i = 0; i < 20; i++)
        expect_the_other_peer_well (&scene);
    EXPECT_SILENCE (scene.pull);
}

/* ---- bytes one at a time ---- */

static void send_byte_by_byte (int peer, const char *text)
{
    static unsigned char bytes[2048];
    size_t size = raw_bytes (text, bytes, sizeof bytes);
    for (size_t i = 0; i < size; i++)
        EXPECT (raw_send (peer, bytes + i, 1));
}

static void bytes_one_at_a_time_are_as_good (void)
{
    struct scene scene = make_scene ();
    int slow = raw_connect (scene.endpoint);
    send_byte_by_byte (slow, GREETING READY_4 ("PUSH"));
    EXPECT (zmtp_read_handshake (slow));
    send_byte_by_byte (slow, "<00><03>one<01><01>a<01><00><00><01>b");
    send_byte_by_byte (slow, "<02><00*6><01><00><78*256><04><04><03>FOO<00><03>end");
    EXPECT_MSG (scene.pull, "one");
    EXPECT_MSG (scene.pull, "a||b");
    char large[257] = "";
    memset (large, 'x', 256);
    EXPECT_MSG (scene.pull, large);
    EXPECT_MSG (scene.pull, "end");
    expect_the_other_peer_well (&scene);
    raw_close (slow);
}

/* Every place where one packet can be cut from the next. */
static void two_packets_cut_anywhere_are_as_good (void)
{
    struct scene scene = make_scene ();
    unsigned char bytes[512];
    size_t size = raw_bytes ("<01><01>a<02><00*6><01><2c><62*300><04><04><03>FOO<00><00>", bytes, sizeof bytes);
    char whole[400] = "a|";
    memset (whole + 2, 'b', 300);
    for (size_t cut = 1; cut < size; cut += cut < 12 || cut > size - 12 ? 1 : 37) {
        EXPECT (raw_send (scene.peer, bytes, cut));
        expect_the_other_peer_well (&scene); /* so the first packet was read alone */
        EXPECT (raw_send (scene.peer, bytes + cut, size - cut));
        EXPECT_MSG (scene.pull, whole);
        EXPECT_MSG (scene.pull, "");
    }
}

/* ---- sizes ---- */

static void a_frame_larger_than_allowed_closes_its_connection (void)
{
    void *pull = test_socket (ZMQ_PULL), *push = test_socket (ZMQ_PUSH);
    int64_t limit = 1000;
    char endpoint[64], largest[1001] = "";
    size_t size = sizeof endpoint;
    EXPECT_OK (zmq_setsockopt (pull, ZMQ_MAXMSGSIZE, &limit, sizeof limit));
    EXPECT_OK (zmq_bind (pull, "tcp://127.0.0.1:*"));
    EXPECT_OK (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
    test_connect (push, endpoint);
    int peer = raw_connect (endpoint);
    EXPECT (zmtp_handshake (peer, 1, "PUSH"));
    EXPECT (raw_say (peer, "<02><00*6><03><e8><79*1000>"));
    memset (largest, 'y', 1000);
    EXPECT_MSG (pull, largest);
    EXPECT (raw_say (peer, "<03><00*6><03><e8><79*1000><00><01>z")); /* the limit is for each frame alone */
    const char *parts = test_recv (pull, 0);
    EXPECT (parts != NULL && strlen (parts) == 1002);
    EXPECT (raw_say (peer, "<02><00*6><03><e9>")); /* the length alone is too much */
    EXPECT (raw_closes (peer));
    SEND (push, "healthy");
    EXPECT_MSG (pull, "healthy");
    raw_close (peer);
}

static long resident_kib (void)
{
    long pages = 0;
    FILE *file = fopen ("/proc/self/statm", "r");
    EXPECT (file != NULL);
    EXPECT_INT (fscanf (file, "%*d %ld", &pages), 1);
    fclose (file);
    return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

/* A length is a claim: memory comes with the bytes, not with it. */
static void memory_does_not_follow_a_claimed_length (void)
{
    enum { PEERS = 20 };
    struct scene scene = make_scene ();
    int peers[PEERS];
    long before = resident_kib ();
    for (int i = 0; i < PEERS; i++) {
        peers[i] = raw_connect (scene.endpoint);
        EXPECT (zmtp_handshake (peers[i], 1, "PUSH"));
        EXPECT (raw_say (peers[i], "<02><00*4><40><00*3><78*10000>")); /* a gigabyte, of which 10 kB come */
        expect_the_other_peer_well (&scene);
    }
    EXPECT (resident_kib () - before < 20000);
    for (int i = 0; i < PEERS; i++)
        raw_close (peers[i]);
    expect_the_other_peer_well (&scene);
}

/* Before the handshake is done a peer can hold next to nothing. */
static void memory_does_not_follow_strangers (void)
{
    enum { PEERS = 20 };
    struct scene scene = make_scene ();
    int peers[PEERS];
    long before = resident_kib ();
    for (int i = 0; i < PEERS; i++) {
        peers[i] = raw_connect (scene.endpoint);
        raw_say (peers[i], GREETING "<06><00*4><40><00*3><05>READY<78*10000>"); /* a READY of a gigabyte */
        expect_the_other_peer_well (&scene);
    }
    EXPECT (resident_kib () - before < 20000);
    for (int i = 0; i < PEERS; i++)
        raw_close (peers[i]);
    expect_the_other_peer_well (&scene);
}

/* ---- peers that do not read ---- */

static void a_subscriber_that_does_not_read_delays_nobody (void)
{
    enum { MESSAGES = 400, SIZE = 20000 };
    void *pub = test_socket (ZMQ_XPUB), *sub = test_socket (ZMQ_SUB);
    char endpoint[64], *bytes = test_keep (calloc (1, SIZE));
    size_t size = sizeof endpoint;
    test_set_int (pub, ZMQ_SNDHWM, 10);
    EXPECT_OK (zmq_bind (pub, "tcp://127.0.0.1:*"));
    EXPECT_OK (zmq_getsockopt (pub, ZMQ_LAST_ENDPOINT, endpoint, &size));
    int deaf = raw_connect (endpoint);
    EXPECT (zmtp_handshake (deaf, 1, "SUB"));
    EXPECT (raw_say (deaf, "<00><01><01>"));
    EXPECT_MSG (pub, "<01>");
    test_set_text (sub, ZMQ_SUBSCRIBE, "");
    test_set_int (sub, ZMQ_RCVHWM, 0);
    test_connect (sub, endpoint);
    test_sync (pub, sub);
    for (int i = 0; i < MESSAGES; i++) { /* far more than the deaf one's queue and buffers hold */
        test_events (pub); /* makes it notice what the good one has taken */
        EXPECT_INT (zmq_send (pub, bytes, SIZE, 0), SIZE);
        EXPECT_INT (zmq_recv (sub, bytes, SIZE, 0), SIZE);
    }
    raw_close (deaf);
    SEND (pub, "healthy");
    EXPECT_MSG (sub, "healthy");
}

static void a_reader_of_single_bytes_gets_them_all (void)
{
    void *push = test_socket (ZMQ_PUSH);
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    test_connect (push, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    for (int i = 0; i < 50; i++)
        SEND (push, "abc||d");
    for (int i = 0; i < 50; i++) {
        static const unsigned char expected[] = "\1\3abc\1\0\0\1d";
        for (size_t j = 0; j < sizeof expected - 1; j++) {
            unsigned char byte;
            EXPECT (raw_read (peer, &byte, 1));
            EXPECT_INT (byte, expected[j]);
        }
    }
    raw_close (peer);
    raw_close (listener);
}

TESTS ({RUN (a_bad_frame_harms_nobody_else), ROWS (remarks)}, {RUN (half_a_message_and_silence_delay_nobody)},
       {RUN (bytes_one_at_a_time_are_as_good)}, {RUN (two_packets_cut_anywhere_are_as_good)},
       {RUN (a_frame_larger_than_allowed_closes_its_connection)}, {RUN (memory_does_not_follow_a_claimed_length)},
       {RUN (memory_does_not_follow_strangers)}, {RUN (a_subscriber_that_does_not_read_delays_nobody)},
       {RUN (a_reader_of_single_bytes_gets_them_all)});
