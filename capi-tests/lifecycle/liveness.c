/* Peers that are mute: the time limits of connecting, of the handshake, and heartbeats afterwards. */
#include "../harness/raw.h"
#include "../harness/test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the handshake ---- */

static void a_client_that_never_greets_is_dropped_in_time (void)
{
    void *server = test_socket (ZMQ_REP), *client = test_socket (ZMQ_REQ);
    test_set_int (server, ZMQ_HANDSHAKE_IVL, 150);
    EXPECT_OK (zmq_bind (server, "tcp://127.0.0.1:*"));
    char endpoint[64];
    size_t size = sizeof endpoint;
    EXPECT_OK (zmq_getsockopt (server, ZMQ_LAST_ENDPOINT, endpoint, &size));
    test_connect (client, endpoint);
    SEND (client, "before");
    EXPECT_MSG (server, "before");
    SEND (server, "reply");
    EXPECT_MSG (client, "reply");
    long long start = test_now ();
    int mute = raw_connect (endpoint), half = raw_connect (endpoint);
    EXPECT (zmtp_send_greeting (half, 1)); /* and never READY */
    EXPECT (raw_closes (mute));
    EXPECT (test_now () - start >= 149);
    EXPECT (raw_closes (half));
    SEND (client, "after"); /* the connection that shook hands is not concerned */
    EXPECT_MSG (server, "after");
    raw_close (mute);
    raw_close (half);
}

static void a_server_that_never_greets_is_left_and_tried_again (void)
{
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint);
    void *client = test_socket (ZMQ_DEALER);
    test_set_int (client, ZMQ_HANDSHAKE_IVL, 150);
    long long start = test_now (); /* it begins to count when it has connected, before we accept */
    test_connect (client, endpoint);
    SEND (client, "kept");
    int mute = raw_accept (listener);
    EXPECT (raw_closes (mute));
    EXPECT (test_now () - start >= 149);
    int peer = raw_accept (listener);
    unsigned char flags, text[8];
    EXPECT (zmtp_handshake (peer, 1, "DEALER"));
    EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 4);
    raw_close (mute);
    raw_close (peer);
    raw_close (listener);
}

static void without_a_limit_the_handshake_may_take_its_time (void)
{
    void *pull = test_socket (ZMQ_PULL);
    test_set_int (pull, ZMQ_HANDSHAKE_IVL, 0);
    EXPECT_OK (zmq_bind (pull, "tcp://127.0.0.1:*"));
    char endpoint[64];
    size_t size = sizeof endpoint;
    EXPECT_OK (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
    int peer = raw_connect (endpoint);
    unsigned char signature[10], rest[54], flags, ready[256];
    EXPECT (raw_read (peer, signature, sizeof signature));
    EXPECT (raw_silent (peer, 250));
    EXPECT (zmtp_send_greeting (peer, 1) && zmtp_send_ready (peer, "PUSH", NULL));
    EXPECT (raw_read (peer, rest, sizeof rest));
    EXPECT (zmtp_read_frame (peer, &flags, ready, sizeof ready) > 0);
    EXPECT (zmtp_send_frame (peer, 0, "at last", 7));
    EXPECT_MSG (pull, "at last");
    raw_close (peer);
}

/* ---- connecting ---- */

/* The local port from which this machine tries to connect to `port` without an answer; 0: it does not. */
static unsigned calling_port (unsigned port)
{
    char line[256];
    unsigned local, remote, state, found = 0;
    FILE *table = fopen ("/proc/self/net/tcp", "r");
    EXPECT (table != NULL);
    while (fgets (line, sizeof line, table))
        if (sscanf (line, " %*d: %*x:%x %*x:%x %x", &local, &remote, &state) == 3 && state == 2 && remote == port)
            found = local;
    fclose (table);
    return found;
}

/* A listener whose queue is full does not answer at all, as a host that is switched off. */
static void a_connect_without_an_answer_is_given_up_in_time (void)
{
    enum { MOST = 16 };
    char endpoint[64];
    int listener = raw_listen (endpoint, sizeof endpoint), queued[MOST];
    unsigned port = (unsigned) atoi (strrchr (endpoint, ':') + 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons ((uint16_t) port)};
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    EXPECT_OK (listen (listener, 0));
    int count = 0;
    do {
        EXPECT (count < MOST);
        queued[count] = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect (queued[count++], (struct sockaddr *) &address, sizeof address);
    } while (!calling_port (port));
    close (queued[--count]); /* the one that got no answer */

    void *push = test_socket (ZMQ_PUSH);
    test_set_int (push, ZMQ_CONNECT_TIMEOUT, 100);
    test_set_int (push, ZMQ_RECONNECT_IVL, 20);
    test_connect (push, endpoint);
    unsigned first = 0, second = 0;
    WAIT_UNTIL ((first = calling_port (port)) != 0);
    WAIT_UNTIL ((second = calling_port (port)) != 0 && second != first);

    SEND (push, "through");
    while (count > 0) { /* now there is room */
        raw_close (raw_accept (listener));
        close (queued[--count]);
    }
    int peer = raw_accept (listener);
    unsigned char flags, text[8];
    EXPECT (zmtp_handshake (peer, 1, "PULL"));
    EXPECT_INT (zmtp_read_frame (peer, &flags, text, sizeof text), 7);
    raw_close (peer);
    raw_close (listener);
}

/* ---- heartbeats ---- */

static const struct direction {
    const char *name;
    bool library_binds;
} directions[] = {{"bound", true}, {"connected", false}};

/* A DEALER with these options, and a hand-made DEALER joined to it in the direction of this run. */
struct pulse {
    void *socket;
    int listener, peer;
};

static struct pulse join_by_hand (int interval, int timeout, int ttl)
{
    const struct direction *row = test_row ();
    struct pulse pulse = {test_socket (ZMQ_DEALER), -1, -1};
    char endpoint[64];
    size_t size = sizeof endpoint;
    test_set_int (pulse.socket, ZMQ_HEARTBEAT_IVL, interval);
    if (timeout >= 0)
        test_set_int (pulse.socket, ZMQ_HEARTBEAT_TIMEOUT, timeout);
    test_set_int (pulse.socket, ZMQ_HEARTBEAT_TTL, ttl);
    if (row->library_binds) {
        EXPECT_OK (zmq_bind (pulse.socket, "tcp://127.0.0.1:*"));
        EXPECT_OK (zmq_getsockopt (pulse.socket, ZMQ_LAST_ENDPOINT, endpoint, &size));
        pulse.peer = raw_connect (endpoint);
    } else {
        pulse.listener = raw_listen (endpoint, sizeof endpoint);
        test_connect (pulse.socket, endpoint);
        pulse.peer = raw_accept (pulse.listener);
    }
    EXPECT (zmtp_handshake (pulse.peer, 1, "DEALER"));
    return pulse;
}

static void part (const struct pulse *pulse)
{
    raw_close (pulse->peer);
    if (pulse->listener >= 0)
        raw_close (pulse->listener);
}

static void expect_ping (int peer, int ttl_in_tenths)
{
    unsigned char flags, body[64];
    EXPECT_INT (zmtp_read_frame (peer, &flags, body, sizeof body), 7);
    EXPECT_INT (flags, ZMTP_COMMAND);
    EXPECT (memcmp (body, "\4PING", 5) == 0);
    EXPECT_INT (body[5] << 8 | body[6], ttl_in_tenths);
}

static void a_peer_that_goes_mute_is_dropped (void)
{
    struct pulse pulse = join_by_hand (100, -1, 0);
    long long start = test_now ();
    expect_ping (pulse.peer, 0);
    EXPECT (raw_closes (pulse.peer));
    EXPECT (test_now () - start >= 100);
    if (pulse.listener >= 0) { /* the connecting side tries again, and is as good as new */
        raw_close (pulse.peer);
        pulse.peer = raw_accept (pulse.listener);
        EXPECT (zmtp_handshake (pulse.peer, 1, "DEALER"));
        EXPECT (zmtp_send_frame (pulse.peer, 0, "back", 4));
        EXPECT_MSG (pulse.socket, "back");
    }
    part (&pulse);
}

static void a_peer_that_answers_is_kept (void)
{
    struct pulse pulse = join_by_hand (40, 2000, 0);
    for (int i = 0; i < 8; i++) {
        expect_ping (pulse.peer, 0);
        EXPECT (zmtp_send_frame (pulse.peer, ZMTP_COMMAND, "\4PONG", 5));
    }
    EXPECT (zmtp_send_frame (pulse.peer, 0, "alive", 5));
    EXPECT_MSG (pulse.socket, "alive");
    part (&pulse);
}

static void the_time_to_live_is_announced (void)
{
    struct pulse pulse = join_by_hand (50, 5000, 3250);
    expect_ping (pulse.peer, 32); /* tenths of a second, rounded down */
    part (&pulse);
}

static void without_a_time_out_a_mute_peer_is_kept (void)
{
    struct pulse pulse = join_by_hand (40, 0, 0);
    for (int i = 0; i < 8; i++)
        expect_ping (pulse.peer, 0);
    EXPECT (zmtp_send_frame (pulse.peer, 0, "alive", 5));
    EXPECT_MSG (pulse.socket, "alive");
    part (&pulse);
}

/* The peer asked for it: silent longer than the time to live in its PING, it is taken for dead. */
static void the_peers_time_to_live_is_obeyed (void)
{
    struct pulse pulse = join_by_hand (0, -1, 0);
    unsigned char flags, body[64];
    EXPECT (zmtp_send_frame (pulse.peer, ZMTP_COMMAND, "\4PING\0\3", 7));
    long long start = test_now ();
    EXPECT_INT (zmtp_read_frame (pulse.peer, &flags, body, sizeof body), 5);
    EXPECT_INT (flags, ZMTP_COMMAND);
    EXPECT (memcmp (body, "\4PONG", 5) == 0);
    EXPECT (raw_closes (pulse.peer));
    EXPECT (test_now () - start >= 295);
    part (&pulse);
}

static void a_ping_is_answered_with_its_context (void)
{
    struct pulse pulse = join_by_hand (0, -1, 0);
    unsigned char flags, body[64];
    EXPECT (zmtp_send_frame (pulse.peer, ZMTP_COMMAND, "\4PING\0\0sixteen octets..", 23));
    EXPECT_INT (zmtp_read_frame (pulse.peer, &flags, body, sizeof body), 21);
    EXPECT_INT (flags, ZMTP_COMMAND);
    EXPECT (memcmp (body, "\4PONGsixteen octets..", 21) == 0);
    part (&pulse);
}

/* Both ends alive and idle for many intervals: nothing is lost and nothing is seen of the heartbeats. */
static void idle_peers_keep_each_other_alive (void)
{
    void *router = test_socket (ZMQ_ROUTER), *dealer = test_socket (ZMQ_DEALER);
    test_set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    for (int i = 0; i < 2; i++) {
        void *socket = i ? router : dealer;
        test_set_int (socket, ZMQ_HEARTBEAT_IVL, 20);
        test_set_int (socket, ZMQ_HEARTBEAT_TIMEOUT, 3000);
        test_set_int (socket, ZMQ_HEARTBEAT_TTL, 3000);
    }
    test_set_int (dealer, ZMQ_IMMEDIATE, 1); /* so that a lost connection would show as a lost POLLOUT */
    test_set_text (dealer, ZMQ_ROUTING_ID, "dealer");
    test_join (router, dealer);
    WAIT_EVENTS (dealer, ZMQ_POLLOUT);
    for (int i = 0; i < 3; i++) {
        EXPECT_SILENCE (dealer);
        EXPECT_INT (test_events (dealer), ZMQ_POLLOUT);
    }
    SEND (dealer, "ask");
    EXPECT_MSG (router, "dealer|ask");
    SEND (router, "dealer|answer");
    EXPECT_MSG (dealer, "answer");
    EXPECT_SILENCE (router);
}

TESTS ({RUN (a_client_that_never_greets_is_dropped_in_time)},
       {RUN (a_server_that_never_greets_is_left_and_tried_again)},
       {RUN (without_a_limit_the_handshake_may_take_its_time)}, {RUN (a_connect_without_an_answer_is_given_up_in_time)},
       {RUN (a_peer_that_goes_mute_is_dropped), ROWS (directions)},
       {RUN (a_peer_that_answers_is_kept), ROWS (directions)}, {RUN (the_time_to_live_is_announced), ROWS (directions)},
       {RUN (without_a_time_out_a_mute_peer_is_kept), ROWS (directions)},
       {RUN (the_peers_time_to_live_is_obeyed), ROWS (directions)},
       {RUN (a_ping_is_answered_with_its_context), ROWS (directions)},
       {RUN (idle_peers_keep_each_other_alive), EACH_WAY});
