/* Peers of ZMTP 1.0 and 2.0 made by hand, as libzmq 2 and early libzmq 3 speak it: each is answered in its version. */
#include "../harness/raw.h"
#include "../harness/test.h"
#include "../harness/zmtp.h"

#include <stdlib.h>
#include <string.h>

static const struct direction {
    const char *name;
    bool library_binds;
} directions[] = {{"bound", true}, {"connected", false}};

/* Joins the socket to a hand-made peer in the direction of this run; nothing is said yet. */
static int join_by_hand (void *socket)
{
    const struct direction *row = test_row ();
    char endpoint[64];
    size_t size = sizeof endpoint;
    if (row->library_binds) {
        EXPECT_OK (zmq_bind (socket, "tcp://127.0.0.1:*"));
        EXPECT_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size));
        return raw_connect (endpoint);
    }
    int listener = raw_listen (endpoint, sizeof endpoint);
    test_connect (socket, endpoint);
    int peer = raw_accept (listener);
    raw_close (listener);
    return peer;
}

/* ---- ZMTP 1.0: the length counts the flags, the first frame is the identity ---- */

static void version_1_the_signature_stands_for_the_identity (void)
{
    void *dealer = test_socket (ZMQ_DEALER);
    test_set_text (dealer, ZMQ_ROUTING_ID, "me");
    int peer = join_by_hand (dealer);
    EXPECT (raw_say (peer, "<01><00>"));
    RAW_EXPECT (peer, "<ff><00*7><03><7f>me"); /* a long frame to the old eye */
    EXPECT (raw_say (peer, "<02><01>a<02><00>b"));
    EXPECT_MSG (dealer, "a|b");
    SEND (dealer, "c||d");
    RAW_EXPECT (peer, "<02><01>c<01><01><02><00>d");
    raw_close (peer);
}

static void version_1_a_router_learns_the_identity (void)
{
    void *router = test_socket (ZMQ_ROUTER);
    int peer = join_by_hand (router);
    EXPECT (raw_say (peer, "<05><00>them<01><01><06><00>hello"));
    RAW_EXPECT (peer, "<ff><00*7><01><7f>");
    EXPECT_MSG (router, "them||hello");
    SEND (router, "them||back");
    RAW_EXPECT (peer, "<01><01><05><00>back");
    raw_close (peer);
}

static void version_1_long_frames (void)
{
    void *dealer = test_socket (ZMQ_DEALER);
    char text[301] = "";
    int peer = join_by_hand (dealer);
    EXPECT (raw_say (peer, "<ff><00*7><04><00>abc")); /* even the identity may be in the long form */
    RAW_EXPECT (peer, "<ff><00*7><01><7f>");
    EXPECT (raw_say (peer, "<ff><00*6><01><2d><00><79*300>"));
    memset (text, 'y', 300);
    EXPECT_MSG (dealer, text);
    SEND (dealer, text);
    RAW_EXPECT (peer, "<ff><00*6><01><2d><00><79*300>");
    raw_close (peer);
}

static void version_1_subscribers_get_everything (void)
{
    void *xpub = test_socket (ZMQ_XPUB);
    int peer = join_by_hand (xpub);
    EXPECT (raw_say (peer, "<01><00>"));
    RAW_EXPECT (peer, "<ff><00*7><01><7f>");
    EXPECT_MSG (xpub, "<01>");
    SEND (xpub, "anything|at all");
    RAW_EXPECT (peer, "<09><01>anything<07><00>at all");
    raw_close (peer);
}

static void version_1_byte_by_byte (void)
{
    void *pull = test_socket (ZMQ_PULL);
    unsigned char bytes[64];
    int peer = join_by_hand (pull);
    size_t size = raw_bytes ("<01><00><02><01>a<ff><00*7><03><00>bc", bytes, sizeof bytes);
    for (size_t i = 0; i < size; i++)
        EXPECT (raw_send (peer, bytes + i, 1));
    EXPECT_MSG (pull, "a|bc");
    raw_close (peer);
}

/* ---- ZMTP 2.0: revision 1 after the signature, the socket type in a byte, then the identity ---- */

static void version_2_is_answered_in_version_2 (void)
{
    void *router = test_socket (ZMQ_ROUTER);
    test_set_text (router, ZMQ_ROUTING_ID, "me");
    int peer = join_by_hand (router);
    RAW_EXPECT (peer, "<ff><00*7><03><7f>");
    EXPECT (raw_say (peer, SIGNATURE "<01><05><00><04>them"));
    RAW_EXPECT (peer, "<03><06><00><02>me");
    EXPECT (raw_say (peer, "<01><00><00><05>hello"));
    EXPECT_MSG (router, "them||hello");
    SEND (router, "them|back|x");
    RAW_EXPECT (peer, "<01><04>back<00><01>x");
    raw_close (peer);
}

static void version_2_long_frames (void)
{
    void *dealer = test_socket (ZMQ_DEALER);
    char text[301] = "";
    int peer = join_by_hand (dealer);
    EXPECT (raw_say (peer, SIGNATURE "<01><05><00><00>"));
    RAW_EXPECT (peer, "<ff><00*7><01><7f><03><05><00><00>");
    EXPECT (raw_say (peer, "<02><00*6><01><2c><79*300>"));
    memset (text, 'y', 300);
    EXPECT_MSG (dealer, text);
    SEND (dealer, text);
    RAW_EXPECT (peer, "<02><00*6><01><2c><79*300>");
    raw_close (peer);
}

static void version_2_subscriptions_are_messages (void)
{
    void *xpub = test_socket (ZMQ_XPUB);
    int peer = join_by_hand (xpub);
    EXPECT (raw_say (peer, SIGNATURE "<01><02><00><00>"));
    RAW_EXPECT (peer, "<ff><00*7><01><7f><03><09><00><00>");
    EXPECT (raw_say (peer, "<00><02><01>A"));
    EXPECT_MSG (xpub, "<01>A");
    SEND (xpub, "B");
    SEND (xpub, "A1");
    RAW_EXPECT (peer, "<00><02>A1");
    raw_close (peer);
}

static void version_2_a_subscriber_sends_messages (void)
{
    void *sub = test_socket (ZMQ_SUB);
    test_set_text (sub, ZMQ_SUBSCRIBE, "A");
    int peer = join_by_hand (sub);
    EXPECT (raw_say (peer, SIGNATURE "<01><01><00><00>"));
    RAW_EXPECT (peer, "<ff><00*7><01><7f><03><02><00><00>");
    WAIT_UNTIL ((test_events (sub), !raw_silent (peer, 0))); /* one that is bound sends when its owner takes a turn */
    RAW_EXPECT (peer, "<00><02><01>A");
    EXPECT (raw_say (peer, "<01><01>A<00><04>news"));
    EXPECT_MSG (sub, "A|news");
    raw_close (peer);
}

/* ---- beside newer peers ---- */

static void peers_of_all_versions_share_a_socket (void)
{
    void *pull = test_socket (ZMQ_PULL);
    char endpoint[64];
    size_t size = sizeof endpoint;
    EXPECT_OK (zmq_bind (pull, "tcp://127.0.0.1:*"));
    EXPECT_OK (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
    static const char *const beginnings[] = {"<01><00>", SIGNATURE "<01><08><00><00>", GREETING_3_0 READY_4 ("PUSH"),
                                             GREETING READY_4 ("PUSH")};
    enum { PEERS = 4 };
    int peers[PEERS];
    for (int i = 0; i < PEERS; i++) {
        peers[i] = raw_connect (endpoint);
        EXPECT (raw_say (peers[i], beginnings[i]));
        if (i >= 2)
            EXPECT (zmtp_read_handshake (peers[i]));
    }
    for (int round = 0; round < 10; round++)
        for (int i = 0; i < PEERS; i++) {
            EXPECT (raw_say (peers[i], i == 0 ? "<06><01>hello<03><00>v1" : "<01><05>hello<00><02>v2"));
            EXPECT_MSG (pull, i == 0 ? "hello|v1" : "hello|v2");
        }
    for (int i = 0; i < PEERS; i++)
        raw_close (peers[i]);
}

/* What an old PULL says and is answered by a PUSH, up to the message "later". */
static const struct old_pull {
    const char *name, *says, *hears;
} old_pulls[] = {{"1.0", "<01><00>", "<ff><00*7><01><7f><06><00>later"},
                 {"2.0", SIGNATURE "<01><07><00><00>", "<ff><00*7><01><7f><03><08><00><00><00><05>later"}};

static bool hears (int peer, const char *text)
{
    unsigned char expected[128], heard[128];
    size_t size = raw_bytes (text, expected, sizeof expected);
    return raw_read (peer, heard, size) && memcmp (heard, expected, size) == 0;
}

/* A library may take a server for what it was at the last connection, and find out only when that fails. */
static void a_server_may_be_replaced_by_an_older_one (void)
{
    const struct old_pull *row = test_row ();
    char endpoint[64];
    unsigned char flags, text[8];
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *push = test_socket (ZMQ_PUSH);
    test_set_int (push, ZMQ_RECONNECT_IVL, 10);
    test_connect (push, endpoint);
    int peer = raw_accept (listener);
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    SEND (push, "now");
    EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 3);
    raw_close (peer);
    peer = raw_accept (listener);
    SEND (push, "later");
    EXPECT (raw_say (peer, row->says));
    if (!hears (peer, row->hears)) {
        raw_close (peer);
        peer = raw_accept (listener);
        EXPECT (raw_say (peer, row->says));
        RAW_EXPECT (peer, row->hears);
    }
    raw_close (peer);
    raw_close (listener);
}

/* The same server again, as new as before: whatever it is told at once, in one piece or byte by byte. */
static void a_server_that_was_met_before_is_greeted_as_well (void)
{
    char endpoint[64];
    unsigned char flags, text[8];
    int listener = raw_listen (endpoint, sizeof endpoint);
    for (int round = 0; round < 3; round++) {
        void *push = test_socket (ZMQ_PUSH);
        test_connect (push, endpoint);
        SEND (push, "hello");
        int peer = raw_accept (listener);
        unsigned char bytes[128];
        size_t size = raw_bytes (GREETING READY_4 ("PULL"), bytes, sizeof bytes);
        for (size_t i = 0; i < size; i += round == 1 ? 1 : size)
            EXPECT (raw_send (peer, bytes + i, round == 1 ? 1 : size));
        RAW_EXPECT (peer, "<ff><00*7><01><7f><03><01>" NO_SECURITY "<00*32>");
        EXPECT (zmtp_read_frame (peer, &flags, bytes, sizeof bytes) > 0);
        EXPECT_INT (flags, 4);
        EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 5);
        raw_close (peer);
        test_close (push);
    }
    raw_close (listener);
}

TESTS ({RUN (version_1_the_signature_stands_for_the_identity), ROWS (directions)},
       {RUN (version_1_a_router_learns_the_identity), ROWS (directions)},
       {RUN (version_1_long_frames), ROWS (directions)},
       {RUN (version_1_subscribers_get_everything), ROWS (directions)},
       {RUN (version_1_byte_by_byte), ROWS (directions)},
       {RUN (version_2_is_answered_in_version_2), ROWS (directions)},
       {RUN (version_2_long_frames), ROWS (directions)},
       {RUN (version_2_subscriptions_are_messages), ROWS (directions)},
       {RUN (version_2_a_subscriber_sends_messages), ROWS (directions)},
       {RUN (peers_of_all_versions_share_a_socket)}, {RUN (a_server_may_be_replaced_by_an_older_one), ROWS (old_pulls)},
       {RUN (a_server_that_was_met_before_is_greeted_as_well)});
